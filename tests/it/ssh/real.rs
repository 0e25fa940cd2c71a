//! Logging in with the real OpenSSH to a real server on this machine.

use rustix::process::Signal;

use crate::ssh::{SERVER, World};
use crate::support::process::Running;
use crate::support::pty::Terminal;
use crate::support::scripted_server::free_port;
use crate::support::sshd::Sshd;
use crate::support::test_env::{finish, finish_with_input};

/// The program against an API whose server is that sshd, and its words up to those of a test.
fn world(sshd: &Sshd) -> World {
    World::new(sshd.port, &sshd.user, &sshd.key())
}

fn words<'w>(port: &'w str, command: &[&'w str]) -> Vec<&'w str> {
    [&["ssh", "web-one", "--port", port, "--"], command].concat()
}

#[test]
fn a_command_on_a_real_server_has_its_streams_and_its_exit_code() {
    let Some(sshd) = Sshd::start() else { return };
    let (world, port) = (world(&sshd), sshd.port.to_string());
    for code in [0, 1, 127, 255] {
        let exit = format!("exit {code}");
        let run = finish(&mut world.command(&words(&port, &["sh", "-c", &exit])));
        assert_eq!(run.code, code, "{}", run.stderr);
    }
    let run = finish(&mut world.command(&words(&port, &["printf", "%s|", "it's", "a b", "$HOME", "*", ""]))).code(0);
    assert_eq!(run.stdout, "it's|a b|$HOME|*||");
    let run = finish_with_input(&mut world.command(&words(&port, &["cat"])), "through stdin\u{0}\u{1b}\r\n").code(0);
    assert_eq!(run.stdout, "through stdin\u{0}\u{1b}\r\n");
    let run = finish(&mut world.command(&words(&port, &["sh", "-c", "echo out; echo err >&2"]))).code(0);
    assert_eq!(run.stdout, "out\n");
    assert!(run.stderr.contains("err\n"), "{}", run.stderr);
    let killed = finish(&mut world.command(&words(&port, &["sh", "-c", "kill -TERM $$"])));
    assert_eq!(killed.code, 255, "what ssh itself says of a signal: {}", killed.stderr);
    assert!(world.keys_on_disk().is_empty());
}

#[test]
fn binary_output_arrives_byte_for_byte() {
    let Some(sshd) = Sshd::start() else { return };
    let (world, port) = (world(&sshd), sshd.port.to_string());
    let every_byte: Vec<u8> = (0..=255).cycle().take(1 << 18).collect();
    let file = sshd.folder().join("every byte");
    std::fs::write(&file, &every_byte).expect("a file");
    let path = file.to_str().expect("a path");
    let output = Running::start(&mut world.command(&words(&port, &["cat", path]))).output();
    assert!(output.status.success());
    assert!(output.stdout == every_byte, "{} bytes", output.stdout.len());
}

#[test]
fn the_fingerprint_is_that_of_ssh_keygen_and_a_changed_key_is_refused() {
    let Some(mut sshd) = Sshd::start() else { return };
    let (world, port) = (world(&sshd), sshd.port.to_string());
    let first = finish(&mut world.command(&words(&port, &["true"]))).code(0);
    let old = sshd.fingerprint();
    assert!(first.stderr.contains(&format!("its host key is now known: {old} (ED25519)")), "{}", first.stderr);
    sshd.rebuild();
    let new = sshd.fingerprint();
    let run = finish(&mut world.command(&words(&port, &["echo", "logged in"]))).code(255);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("REMOTE HOST IDENTIFICATION HAS CHANGED"), "{}", run.stderr);
    for text in [old.as_str(), new.as_str(), &format!("c66 ssh forget {SERVER}")] {
        assert!(run.stderr.contains(text), "{text} is missing: {}", run.stderr);
    }
    finish(&mut world.command(&["ssh", "forget", SERVER])).code(0);
    finish(&mut world.command(&words(&port, &["true"]))).code(0);
}

#[test]
fn every_command_refuses_a_changed_key_in_the_same_way() {
    let Some(mut sshd) = Sshd::start() else { return };
    let (world, port) = (world(&sshd), sshd.port.to_string());
    finish(&mut world.command(&words(&port, &["true"]))).code(0);
    sshd.rebuild();
    std::fs::write(world.test_env.home().join("file"), "content").expect("a file");
    for line in [
        "ssh web-one",
        "run --server web-one -- echo in",
        "run --all -- echo in",
        "tail web-one /etc/hostname --no-follow",
        "tail web-one /etc/hostname",
        "tunnel web-one 0:5432",
        "tunnel web-one 5432 -- echo in",
        "upload web-one file",
        "download web-one /etc/hostname",
        "cp file web-one:/tmp/file",
    ] {
        let (own, after) = line.split_once(" -- ").unwrap_or((line, ""));
        let mut typed: Vec<&str> = own.split(' ').chain(["--port", &port]).collect();
        if !after.is_empty() {
            typed.extend(["--"].into_iter().chain(after.split(' ')));
        }
        let run = finish(&mut world.command(&typed)).code(255);
        assert_eq!(run.stdout, "", "{line}");
        for text in ["REMOTE HOST IDENTIFICATION HAS CHANGED", "the host key of Web One has changed", "c66 ssh forget"]
        {
            assert_eq!(run.stderr.matches(text).count(), 1, "{line}: {text}: {}", run.stderr);
        }
    }
    assert!(world.keys_on_disk().is_empty());
}

#[test]
fn an_expected_fingerprint_of_any_type_of_key_lets_in() {
    let Some(sshd) = Sshd::start() else { return };
    let (world, port) = (world(&sshd), sshd.port.to_string());
    let pinned = |pin: &str| {
        finish(&mut world.command(&["ssh", "web-one", "--port", &port, "--host-key", pin, "--", "echo", "in"]))
    };
    let wrong = pinned(&format!("SHA256:{}", "A".repeat(43))).code(255);
    assert_eq!(wrong.stdout, "");
    assert!(wrong.stderr.contains(&sshd.fingerprint()), "{}", wrong.stderr);
    assert_eq!(pinned(&sshd.fingerprint()).code(0).stdout, "in\n");
}

#[test]
fn a_key_that_is_refused_ends_with_the_words_of_ssh_and_no_prompt() {
    let Some(sshd) = Sshd::start() else { return };
    let world = World::new(sshd.port, &sshd.user, &sshd.other_key());
    let run = finish(&mut world.command(&words(&sshd.port.to_string(), &["true"]))).code(255);
    assert!(run.stderr.contains("Permission denied"), "{}", run.stderr);
    assert!(!run.stderr.contains("has changed"), "{}", run.stderr);
    assert!(world.keys_on_disk().is_empty());
}

#[test]
fn a_server_that_is_silent_ends_with_255() {
    if Sshd::start().is_none() {
        return;
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    // It accepts, and never says a word.
    std::thread::spawn(move || listener.incoming().collect::<Vec<_>>());
    let world = World::new(port, "root", "x");
    let run = finish(&mut world.command(&words(&port.to_string(), &["true"]))).code(255);
    assert!(run.stderr.contains("timed out"), "{}", run.stderr);
}

#[test]
fn a_port_where_nobody_listens_ends_with_255_without_a_lease() {
    if Sshd::start().is_none() {
        return;
    }
    let port = free_port();
    let world = World::new(port, "root", "x");
    let port = port.to_string();
    let run = finish(&mut world.command(&["ssh", "web-one", "--port", &port, "--lease", "never"])).code(255);
    assert!(run.stderr.contains("Connection refused"), "{}", run.stderr);
}

#[test]
fn the_agent_is_forwarded_only_when_asked() {
    let Some(sshd) = Sshd::start() else { return };
    let (world, port) = (world(&sshd), sshd.port.to_string());
    let socket = sshd.folder().join("agent");
    let agent = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    // It answers nothing, and does not let anybody wait either.
    std::thread::spawn(move || agent.incoming().map_while(Result::ok).for_each(drop));
    for (flags, expected) in [(&[][..], "none\n"), (&["-A"], "some\n")] {
        let command = ["--", "sh", "-c", "test -n \"$SSH_AUTH_SOCK\" && echo some || echo none"];
        let words = [&["ssh", "web-one", "--port", &port], flags, &command].concat();
        let run = finish(world.command(&words).env("SSH_AUTH_SOCK", &socket)).code(0);
        assert_eq!(run.stdout, expected, "{flags:?}");
    }
}

#[test]
fn a_shell_on_a_terminal_gets_ctrl_c_and_ends_with_its_code() {
    let Some(sshd) = Sshd::start() else { return };
    let (world, port) = (world(&sshd), sshd.port.to_string());
    let script = "trap 'echo caught-$((40+2)); exit 7' INT; echo ready-$((40+2)); read line; echo got-$line; \
                  while :; do sleep 1; done";
    let words = ["ssh", "web-one", "--port", &port, "-t", "--", "sh", "-c", script];
    let mut terminal = Terminal::start(world.command(&words), 80);
    terminal.expect("ready-42");
    terminal.press("hello\r");
    terminal.expect("got-hello");
    terminal.press("\u{3}");
    terminal.expect("caught-42");
    assert_eq!(terminal.end().0, 7);
    assert!(world.keys_on_disk().is_empty());
}

#[test]
fn tail_follows_through_rotation_and_a_lost_connection_until_ctrl_c() {
    let Some(sshd) = Sshd::start() else { return };
    let (world, port) = (world(&sshd), sshd.port.to_string());
    let log = sshd.folder().join("it's a.log");
    let append = |text: &str| {
        use std::io::Write;
        let mut file = std::fs::File::options().append(true).create(true).open(&log).expect("a file");
        writeln!(file, "{text}").expect("a line");
    };
    append("old\nfirst error\nquiet");
    let path = log.to_str().expect("a path");
    let mut tail =
        Running::start(&mut world.command(&["tail", "web-one", path, "-n", "2", "--grep", "error", "--port", &port]));
    assert_eq!(tail.first_lines(1), ["first error"]);
    append("quiet\nsecond error");
    assert_eq!(tail.first_lines(2)[1], "second error");
    std::fs::rename(&log, sshd.folder().join("rotated")).expect("a rotation");
    append("third error");
    assert_eq!(tail.first_lines(3)[2], "third error");
    tail.signal(Signal::INT);
    tail.end().code(130);
    assert!(world.keys_on_disk().is_empty());
    let once = finish(&mut world.command(&["tail", "web-one", path, "--no-follow", "--port", &port])).code(0);
    assert_eq!(once.stdout, "third error\n");
    finish(&mut world.command(&["tail", "web-one", "/no/such/log", "--no-follow", "--port", &port])).code(1);
}

#[test]
fn run_on_every_server_and_its_variables() {
    let Some(sshd) = Sshd::start() else { return };
    let (world, port) = (world(&sshd), sshd.port.to_string());
    let run =
        finish(&mut world.command(&["run", "--server", "web", "--port", &port, "--", "sh", "-c", "echo $0; exit 3"]));
    assert_eq!(run.code(3).stdout, "sh\n");
    let all = finish(&mut world.command(&["run", "--all", "--port", &port, "--", "echo", "one"])).code(0);
    assert_eq!(all.stdout, "one\n");
}
