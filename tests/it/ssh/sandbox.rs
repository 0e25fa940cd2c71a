//! The servers of the sandbox, entered with the real OpenSSH: everything happens in a folder, and nothing is dialled.

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::Command;

use rustix::process::Signal;

use crate::ssh::files_below;
use crate::support::process::{Running, command, connect, is_installed, wait_until};
use crate::support::pty::Terminal;
use crate::support::sshd::Sshd;
use crate::support::test_env::{Run, TestEnv, finish, finish_with_input};

const STACK: &str = "awesome-app@production";
/// Caribou in the configuration of ssh.
const HOST: &str = "c66-caribou.awesome-app.production";
const CARIBOU: &str = "f8468fc145ea49bac474b30a8fea888d";

/// A home with a sandbox.
struct Place {
    test_env: TestEnv,
}

impl Place {
    /// `None` where OpenSSH is not installed, which is said aloud.
    fn new() -> Option<Self> {
        if !Sshd::is_there() {
            return None;
        }
        let test_env = TestEnv::new();
        fs::create_dir(test_env.home().join("run")).expect("a folder");
        Some(Self { test_env })
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.test_env.command();
        command
            .env("XDG_RUNTIME_DIR", self.test_env.home().join("run"))
            .env("XDG_STATE_HOME", self.test_env.home().join("state"))
            .env("C66_STACK", STACK)
            .arg("--sandbox")
            .args(words);
        command
    }

    fn run(&self, words: &[&str]) -> Run {
        finish(&mut self.command(words))
    }

    /// A command on Caribou, as a line for its shell.
    fn shell(&self, line: &str) -> Run {
        self.run(&["ssh", "caribou", "--raw", "--", line])
    }

    /// A file of Caribou on this machine.
    fn on_caribou(&self, path: &str) -> PathBuf {
        self.test_env.home().join("sandbox.servers").join(CARIBOU).join("root").join(path)
    }

    fn keys_on_disk(&self) -> Vec<PathBuf> {
        files_below(&self.test_env.home().join("run")).into_iter().filter(|path| path.ends_with("key")).collect()
    }
}

#[test]
fn a_command_has_its_streams_its_exit_code_and_the_files_of_the_server() {
    let Some(place) = Place::new() else { return };
    let first = place.run(&["ssh", "caribou", "--", "cat", "/etc/hostname"]).code(0);
    assert_eq!(first.stdout, "Caribou\n");
    assert!(first.stderr.contains("Connecting to Caribou of Awesome App@production (sandbox)"), "{}", first.stderr);
    assert!(first.stderr.contains("its host key is now known: SHA256:"), "{}", first.stderr);
    for code in [0, 1, 127] {
        assert_eq!(place.shell(&format!("exit {code}")).code, code);
    }
    let run = finish_with_input(&mut place.command(&["ssh", "caribou", "--", "cat"]), "sentinel\u{0}\r\n").code(0);
    assert_eq!(run.stdout, "sentinel\u{0}\r\n");
    let run = place.run(&["run", "--server", "caribou", "--", "sh", "-c", "echo $STACK_PATH"]).code(0);
    assert_eq!(run.stdout, "/var/deploy/test-elastic-1/web_head/current\n");
    assert_eq!(place.run(&["run", "--container", "cba44fa6", "--", "echo", "inside"]).code(0).stdout, "inside\n");
    assert_eq!(
        place.shell("sudo -u deploy echo as root; systemctl reboot").code(0).stdout,
        "as root\nsandbox: would run systemctl reboot\n"
    );
    let leased = place.run(&["ssh", "caribou", "--lease", "always", "--", "true"]).code(0);
    assert!(leased.stderr.contains("Opening port 22 of Caribou"), "{}", leased.stderr);
    assert_eq!(place.keys_on_disk(), Vec::<PathBuf>::new());
}

#[test]
fn pods_of_a_kubernetes_stack_run_commands_and_have_logs() {
    let Some(place) = Place::new() else { return };
    let run = |words: &[&str]| finish(place.command(words).env("C66_STACK", "garnet-admin"));
    let pods = run(&["containers", "list", "--filter", "service=web", "-o", "name"]).code(0).stdout;
    let pod = pods.lines().next().expect("a pod");
    assert!(pod.starts_with("web-"), "{pods}");
    let inside = run(&["run", "--container", pod, "--", "printf", "%s|", "it's", "--x", "$HOME"]).code(0);
    assert_eq!(inside.stdout, "it's|--x|$HOME|");
    assert_eq!(run(&["run", "--service", "web", "--raw", "--", "exit 7"]).code, 7);
    let log = run(&["tail", "--container", pod, "-n", "1", "--no-follow", "--since", "2026-01-31"]).code(0);
    assert!(log.stdout.contains("cron"), "{}", log.stdout);
    let session = run(&["sessions", "show", "web", "--jq", ".pod_name"]).code(0).stdout;
    let inside = run(&["run", "--container", session.trim(), "--", "echo", "inside"]).code(0);
    assert_eq!(inside.stdout, "inside\n");
    assert_eq!(
        run(&["ssh", "--first", "web", "--", "kubectl", "get", "pods"]).code(0).stdout,
        "sandbox: would run kubectl get pods\n"
    );
}

#[test]
fn a_command_can_have_a_new_container() {
    let Some(place) = Place::new() else { return };
    let run = |stack: &str, words: &[&str]| finish(place.command(words).env("C66_STACK", stack));
    let new = ["run", "--service", "web", "--new"];
    let docker = run("voting-app", &[&new[..], &["--", "echo", "it's", "a b"]].concat()).code(0);
    assert_eq!(docker.stdout, "sandbox: would run docker run --rm -i quay.io/cloud66/sample-rails echo it's a b\n");
    let pods = || run("garnet-admin", &["sessions", "show", "web", "--jq", ".pod_name"]).code(0).stdout;
    let before = pods();
    let plan = run("garnet-admin", &[&new[..], &["--dry-run", "-o", "json", "--", "id"]].concat()).code(0).json();
    let last = plan["requests"].as_array().and_then(|requests| requests.last()).expect("requests");
    assert!(last["path"].as_str().is_some_and(|path| path.ends_with("/sessions.json")), "{plan}");
    assert_eq!(pods(), before);
    // No session is opened if the login fails.
    let pin = format!("SHA256:{}", "A".repeat(43));
    run("garnet-admin", &[&new[..], &["--host-key", &pin, "--", "id"]].concat()).code(255);
    assert_eq!(pods(), before);
    let pod = run("garnet-admin", &[&new[..], &["--", "echo", "it's"]].concat()).code(0);
    assert_eq!(pod.stdout, "it's\n");
    assert!(pod.stderr.contains("Opening a session of web of garnet-admin@production"), "{}", pod.stderr);
    assert_ne!(pods(), before);
    run("voting-app", &["run", "--service", "nope", "--new", "--", "id"]).code(4);
    run("voting-app", &["run", "--server", "wren", "--new", "--", "id"]).code(2);
}

#[test]
fn nothing_of_the_machine_is_read_or_written_on_a_server() {
    let Some(place) = Place::new() else { return };
    let own = "root:x:0:0:root of the sandbox:/root:/bin/sh\n";
    assert_eq!(place.run(&["ssh", "caribou", "--", "cat", "/etc/passwd"]).code(0).stdout, own);
    let secret = place.test_env.home().join("secret");
    fs::write(&secret, "of the machine").expect("a file");
    let path = secret.to_str().expect("a path");
    place.shell(&format!("cat {path}")).code(1);
    place.run(&["ssh", "caribou", "--", "sh", "-c", &format!("echo x > {path}")]).code(2);
    place.run(&["download", "caribou", path, "got"]).code(1);
    place.run(&["download", "caribou", &format!("../../../../../../../../../..{path}"), "got"]).code(1);
    place.run(&["ssh", "caribou", "--", "ln", "-s", "/../../../secret", "/tmp/link"]).code(0);
    place.run(&["download", "caribou", "/tmp/link", "got"]).code(1);
    place.run(&["upload", "caribou", path, "/tmp/link"]).code(1);
    assert_eq!(fs::read_to_string(&secret).expect("a file"), "of the machine");
    // What a connection writes on the server does not follow links either.
    let outside = place.test_env.home().join("outside");
    fs::create_dir(&outside).expect("a folder");
    place.shell("rm -rf /etc /var/log; ln -s ../../../outside /etc; ln -s ../../../../outside /var/log").code(0);
    place.shell("sleep 2").code(0);
    assert_eq!(files_below(&outside), Vec::<PathBuf>::new());
    place.shell("rm /etc /var/log").code(0);
    place.shell("sudo rm -rf /var /etc/nginx").code(0);
    assert!(!place.on_caribou("etc/nginx").exists() && std::path::Path::new("/etc/passwd").exists());
    place.run(&["ssh", "caribou", "--", "echo", "still there"]).code(0);
}

/// What no path shows, the kernel refuses, where it can.
#[cfg(target_os = "linux")]
#[test]
#[expect(clippy::print_stdout, reason = "what is skipped is said aloud")]
fn the_kernel_keeps_commands_in_the_folder() {
    let Some(place) = Place::new() else { return };
    let secret = place.test_env.home().join("secret");
    fs::write(&secret, "of the machine").expect("a file");
    let typed = format!("cat \"$(printf /){}\"", secret.to_str().expect("a path").trim_start_matches('/'));
    let run = place.shell("cat ../../../../secret");
    if run.stdout.contains("of the machine") {
        println!("SKIPPED: this kernel has no Landlock");
        return;
    }
    assert!(run.code(1).stderr.contains("Permission denied"));
    assert_eq!(place.shell(&typed).code(1).stdout, "");
    place.shell("cd ../../../..; rm -rf secret; echo x > new; kill -TERM 1").code(1);
    // Programs of the machine run by their paths, which tools find out first.
    let which = place.shell("command -v expr").code(0).stdout;
    assert_eq!(place.run(&["ssh", "caribou", "--", which.trim(), "40", "+", "2"]).code(0).stdout, "42\n");
    let piped = finish_with_input(&mut place.command(&["ssh", "caribou"]), &format!("echo in; {typed}\n")).code(1);
    assert_eq!(piped.stdout, "in\n");
    assert!(secret.exists() && !place.test_env.home().join("new").exists());
}

#[test]
fn files_are_copied_to_and_from_the_folder_of_the_server() {
    let Some(place) = Place::new() else { return };
    let home = place.test_env.home();
    let every_byte: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    fs::write(home.join("a file"), &every_byte).expect("a file");
    place.run(&["upload", "caribou", "a file", "/tmp/x"]).code(0);
    assert!(fs::read(place.on_caribou("tmp/x")).expect("a file") == every_byte);
    place.run(&["download", "caribou", "/tmp/x", "back"]).code(0);
    assert!(fs::read(home.join("back")).expect("a file") == every_byte);
    fs::create_dir_all(home.join("site/deep")).expect("a folder");
    for number in 0..150 {
        fs::write(home.join(format!("site/deep/{number}")), "page").expect("a file");
    }
    place.run(&["cp", "-r", "site", "caribou:/var/"]).code(0);
    place.run(&["cp", "-r", "caribou:/var/site", "copied"]).code(0);
    assert_eq!(fs::read_dir(home.join("copied/deep")).expect("a folder").count(), 150);
    let tar = place.run(&["ssh", "caribou", "--", "ls", "/var/site/deep"]).code(0);
    assert_eq!(tar.stdout.lines().count(), 150);
}

#[test]
fn a_log_grows_while_tail_follows_it() {
    let Some(place) = Place::new() else { return };
    let mut tail = Running::start(&mut place.command(&["tail", "caribou", "production.log", "-n", "1"]));
    let lines = tail.first_lines(3);
    assert!(lines.iter().all(|line| line.contains("INFO")), "{lines:?}");
    tail.signal(Signal::INT);
    tail.end().code(130);
    assert_eq!(place.keys_on_disk(), Vec::<PathBuf>::new());
}

#[test]
fn a_tunnel_leads_to_a_stand_in_and_not_to_this_machine() {
    let Some(place) = Place::new() else { return };
    let own = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = own.local_addr().expect("an address").port();
    own.set_nonblocking(true).expect("a listener");
    let words =
        ["tunnel", "caribou", &format!("0:{port}"), "0:10.0.0.7:5432", "-o", "json", "--jq", ".ports[].local_port"];
    let mut tunnel = Running::start(&mut place.command(&words));
    let local: Vec<u16> = tunnel.first_lines(2).iter().map(|line| line.parse().expect("a port")).collect();
    let mut said = String::new();
    connect(("127.0.0.1", local[0])).read_to_string(&mut said).expect("a line");
    assert_eq!(said, format!("sandbox: nothing but this line is on port {port}\n"));
    let mut database = connect(("127.0.0.1", local[1]));
    database.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).expect("a request for TLS");
    let mut answer = [0];
    database.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"N");
    database.write_all(b"\0\0\0\x10\0\x03\0\0user\0me\0").expect("a start");
    let mut error = Vec::new();
    database.read_to_end(&mut error).expect("an error");
    assert!(error.starts_with(b"E") && String::from_utf8_lossy(&error).contains("on port 5432"), "{error:?}");
    assert!(own.accept().is_err(), "what listens on this machine was reached");
    tunnel.signal(Signal::INT);
    tunnel.end().code(130);
}

#[test]
fn ssh_sftp_and_rsync_work_through_the_configuration_and_cannot_leave_the_folder() {
    let Some(place) = Place::new() else { return };
    let home = place.test_env.home();
    let config = home.join("ssh config");
    fs::write(&config, place.run(&["ssh", "config"]).code(0).stdout).expect("a file");
    let tool = |program: &str| {
        let mut tool = command(program);
        for (name, value) in place.command(&[]).get_envs() {
            tool.env(name, value.unwrap_or_default());
        }
        tool.current_dir(home);
        tool
    };
    let ssh = |words: &[&str]| finish(tool("ssh").arg("-F").arg(&config).args(words));
    assert_eq!(ssh(&[HOST, "cat /etc/hostname; exit 42"]).code(42).stdout, "Caribou\n");
    let refused = ssh(&["-W", "127.0.0.1:22", HOST]);
    assert!(refused.code == 255 && refused.stderr.contains("prohibited"), "{}", refused.stderr);
    let batch = home.join("batch");
    fs::write(home.join("file"), "content").expect("a file");
    fs::write(&batch, "put file /tmp/by-sftp\nrename /tmp/by-sftp /tmp/renamed\nls -l /tmp\n").expect("a file");
    let sftp = |batch: &PathBuf| finish(tool("sftp").arg("-F").arg(&config).arg("-b").arg(batch).arg(HOST));
    let listed = sftp(&batch).code(0);
    assert!(listed.stdout.contains("/tmp/renamed"), "{}", listed.stdout);
    assert_eq!(fs::read_to_string(place.on_caribou("tmp/renamed")).expect("a file"), "content");
    // Tools copy to where a shell of the server says that its files are.
    let remote = ssh(&[HOST, "echo ~"]).code(0).stdout;
    let remote = remote.trim();
    fs::write(&batch, format!("put file {remote}/by-path\nput file {remote}/../../outside\n")).expect("a file");
    sftp(&batch).code(0);
    assert_eq!(ssh(&[HOST, &format!("cat {remote}/by-path /outside")]).code(0).stdout, "contentcontent");
    assert!(!place.on_caribou("../outside").exists());
    fs::write(&batch, format!("get {}\n", home.join("file").display())).expect("a file");
    assert!(sftp(&batch).code(1).stderr.contains("not found"));
    if is_installed("rsync", "--version") {
        let mut rsync = tool("rsync");
        rsync.args(["-a", "-e", &format!("ssh -F '{}'", config.display()), "file", &format!("{HOST}:/tmp/by-rsync")]);
        finish(&mut rsync).code(0);
        assert_eq!(fs::read_to_string(place.on_caribou("tmp/by-rsync")).expect("a file"), "content");
    }
    wait_until("the last proxy has removed the key", || place.keys_on_disk().is_empty());
}

#[test]
fn a_shell_on_a_terminal_is_announced_as_one_of_this_machine() {
    let Some(place) = Place::new() else { return };
    let mut terminal = Terminal::start(place.command(&["ssh", "caribou"]), 80);
    terminal.expect("this is a shell of this machine");
    terminal.press("echo in-$((40+2)); exit 7\r");
    terminal.expect("in-42");
    assert_eq!(terminal.end().0, 7);
}

#[test]
fn the_key_of_the_api_is_one_of_openssh_and_differs_between_servers() {
    let Some(place) = Place::new() else { return };
    let public = |server: &str| {
        place.run(&["servers", "key", server, "--out", server]).code(0);
        let mut keygen = command("ssh-keygen");
        finish(keygen.arg("-y").arg("-f").arg(place.test_env.home().join(server))).code(0).stdout
    };
    let (caribou, gazelle) = (public("caribou"), public("gazelle"));
    assert!(caribou.starts_with("ssh-ed25519 ") && gazelle.starts_with("ssh-ed25519 "), "{caribou}{gazelle}");
    assert_ne!(caribou, gazelle);
}

#[test]
fn a_reset_removes_the_files_of_the_servers() {
    let Some(place) = Place::new() else { return };
    place.shell("echo mine > /etc/mine").code(0);
    assert!(place.on_caribou("etc/mine").exists());
    place.run(&["sandbox", "reset"]).code(0);
    assert!(!place.test_env.home().join("sandbox.servers").exists());
}

#[test]
fn without_sshd_the_error_says_what_is_missing_and_a_dry_run_works() {
    let test_env = TestEnv::new();
    let words = |words: &[&'static str]| {
        let mut command = test_env.command();
        // Any program: it must not be started.
        let ssh = std::env::current_exe().expect("this program");
        command.env("C66_SSH", ssh).env("C66_SSHD", test_env.home().join("no-sshd")).arg("--sandbox").args(words);
        finish(&mut command)
    };
    for line in [
        &["ssh", "caribou", "-s", STACK][..],
        &["ssh", "proxy", "caribou", "-s", STACK],
        &["tunnel", "caribou", "0:5432", "-s", STACK],
        &["download", "caribou", "/etc/hostname", "-s", STACK],
    ] {
        let run = words(line).code(8);
        assert!(run.stderr.contains("sshd not found"), "{line:?}: {}", run.stderr);
        assert!(run.stderr.contains("C66_SSHD names ") && run.stderr.contains("--dry-run"), "{line:?}: {}", run.stderr);
    }
    let plan = words(&["ssh", "caribou", "-s", STACK, "--dry-run", "-o", "json"]).code(0).json();
    let words = plan["commands"][0].to_string();
    assert!(words.contains("ProxyCommand=") && words.contains("127.0.0.1") && !words.contains("146.185"), "{words}");
    assert!(!test_env.home().join("sandbox.servers").exists());
}
