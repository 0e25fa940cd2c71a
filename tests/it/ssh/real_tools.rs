//! Tools that use ssh, through `c66 ssh config`; and tunnels.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;

use rustix::process::Signal;

use crate::ssh::{World, files_below};
use crate::support::process::{Running, accept_each, command, connect, is_installed, wait_until};
use crate::support::sshd::Sshd;
use crate::support::test_env::finish;

const HOST: &str = "c66-web-one.shop.production";

/// The configuration of ssh, and tools that use it as they would at home.
struct Tools<'t> {
    world: &'t World,
    config: PathBuf,
}

impl<'t> Tools<'t> {
    fn new(world: &'t World) -> Self {
        let port = world.port.to_string();
        let run = finish(&mut world.command(&["ssh", "config", "--port", &port])).code(0);
        let config = world.test_env.home().join("ssh config");
        std::fs::write(&config, run.stdout).expect("a file");
        Self { world, config }
    }

    fn tool(&self, program: &str) -> Command {
        let mut tool = command(program);
        // ssh hands its environment on to the proxy.
        for (name, value) in self.world.command(&[]).get_envs() {
            tool.env(name, value.unwrap_or_default());
        }
        tool.current_dir(self.world.test_env.home());
        tool
    }

    fn ssh(&self, words: &[&str]) -> Command {
        let mut ssh = self.tool("ssh");
        ssh.arg("-F").arg(&self.config).arg(HOST).args(words);
        ssh
    }
}

fn world(sshd: &Sshd) -> World {
    World::new(sshd.port, &sshd.user, &sshd.key())
}

#[test]
fn ten_ssh_an_rsync_and_an_sftp_at_once_work_through_the_configuration() {
    let Some(sshd) = Sshd::start() else { return };
    let world = world(&sshd);
    let tools = Tools::new(&world);
    let mut running: Vec<(String, Running)> = Vec::new();
    for number in 0..10 {
        let mut ssh = tools.ssh(&["echo", &format!("number {number}")]);
        running.push((format!("number {number}\n"), Running::start(&mut ssh)));
    }
    let home = world.test_env.home();
    std::fs::write(home.join("a file"), "content").expect("a file");
    let target = sshd.folder();
    let quoted = format!("ssh -F '{}'", tools.config.display());
    if is_installed("rsync", "--version") {
        let mut rsync = tools.tool("rsync");
        rsync.args(["-a", "-e", &quoted, "a file", &format!("{HOST}:{}/", target.display())]);
        running.push((String::new(), Running::start(&mut rsync)));
    }
    let batch = home.join("batch");
    std::fs::write(&batch, format!("put \"a file\" \"{}/by sftp\"\n", target.display())).expect("a file");
    let mut sftp = tools.tool("sftp");
    sftp.arg("-q").arg("-F").arg(&tools.config).arg("-b").arg(&batch).arg(HOST);
    let sftp = Running::start(&mut sftp);
    let count = running.len();
    for (expected, running) in running {
        let run = running.end().code(0);
        assert_eq!(run.stdout, expected);
    }
    sftp.end().code(0);
    assert_eq!(std::fs::read_to_string(target.join("by sftp")).expect("a file"), "content");
    assert!(count == 10 || target.join("a file").exists());
    wait_until("the last proxy has removed the key", || world.keys_on_disk().is_empty());
    let known = finish(&mut world.command(&["ssh", "known", "--jq", ".[].stack"])).code(0).stdout;
    assert_eq!(known, "Shop@production\n");
    assert_eq!(std::fs::read_dir(world.known_hosts("x").parent().expect("a folder")).expect("a folder").count(), 2);
}

#[test]
fn the_configuration_refuses_a_changed_key_and_has_the_codes_of_ssh() {
    let Some(mut sshd) = Sshd::start() else { return };
    let world = world(&sshd);
    let tools = Tools::new(&world);
    assert_eq!(finish(&mut tools.ssh(&["exit", "42"])).code, 42);
    sshd.rebuild();
    let run = finish(&mut tools.ssh(&["echo", "in"])).code(255);
    assert!(run.stdout.is_empty() && run.stderr.contains("IDENTIFICATION HAS CHANGED"), "{}", run.stderr);
}

#[test]
fn the_configuration_is_written_to_a_file_of_its_own_once_per_stack() {
    let world = World::new(22, "root", "x");
    let first = finish(&mut world.command(&["ssh", "config", "--write"])).code(0);
    let path = PathBuf::from(first.stdout.trim());
    let text = std::fs::read_to_string(&path).expect("the file");
    assert!(text.contains(&format!("Host {HOST}\n")) && text.contains("StrictHostKeyChecking yes"), "{text}");
    assert!(first.stderr.contains("Include "), "{}", first.stderr);
    finish(&mut world.command(&["ssh", "config", "--write"])).code(0);
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), text);
}

/// A service on the loopback of the server that answers each line with another.
fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    accept_each(listener, |mut stream| {
        let mut buffer = [0; 64];
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            let _ = stream.write_all(&buffer[..length].to_ascii_uppercase());
        }
    });
    port
}

fn ask(mut stream: TcpStream) -> String {
    stream.write_all(b"hello").expect("a connection");
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_tunnel_leads_to_the_loopback_of_the_server_until_ctrl_c() {
    let Some(sshd) = Sshd::start() else { return };
    let (world, port, service) = (world(&sshd), sshd.port.to_string(), echo());
    let words =
        ["tunnel", "web-one", &format!("0:{service}"), "--port", &port, "-o", "json", "--jq", ".ports[0].local_port"];
    let mut tunnel = Running::start(&mut world.command(&words));
    let local: u16 = tunnel.first_lines(1)[0].parse().expect("a port");
    assert_eq!(ask(connect(("127.0.0.1", local))), "HELLO");
    tunnel.signal(Signal::INT);
    tunnel.end().code(130);
    wait_until("the port is closed", || TcpStream::connect(("127.0.0.1", local)).is_err());
    assert!(world.keys_on_disk().is_empty());
}

#[test]
fn a_tunnel_ends_with_the_code_of_its_command() {
    let Some(sshd) = Sshd::start() else { return };
    let (world, port, service) = (world(&sshd), sshd.port.to_string(), echo());
    let words = ["tunnel", "web-one", &service.to_string(), "--port", &port, "--", "sh", "-c", "echo {port}; exit 9"];
    let run = finish(&mut world.command(&words)).code(9);
    let local: u16 = run.stdout.trim().parse().expect("a port");
    assert_ne!(local, service);
    wait_until("the port is closed", || TcpStream::connect(("127.0.0.1", local)).is_err());
}

#[test]
fn a_tunnel_to_a_taken_port_is_refused_before_anything_is_sent() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let world = World::new(22, "root", "x");
    let run = world.fake(&["tunnel", "web-one", &format!("{port}:5432"), "--lease", "never"], 0).code(2);
    assert!(run.stderr.contains(&format!("cannot listen on port {port}")), "{}", run.stderr);
    assert!(run.stderr.contains("0:5432"), "{}", run.stderr);
    assert!(world.logins().is_empty());
}

#[test]
fn a_tunnel_reconnects_and_goes_with_its_process_even_if_that_is_killed() {
    let Some(sshd) = Sshd::start() else { return };
    let (world, port, service) = (world(&sshd), sshd.port.to_string(), echo());
    let pids = sshd.folder().join("pids");
    // Writes down which ssh runs, so that one of them can be ended as a lost connection ends it.
    let script = world.test_env.home().join("ssh-wrapper");
    let text = format!("#!/bin/sh\necho $$ >> '{}'\nexec ssh \"$@\"\n", pids.display());
    std::fs::write(&script, text).expect("a script");
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
    let mut tunnel = world.command(&["tunnel", "web-one", &format!("0:{service}"), "--port", &port, "-o", "json"]);
    let mut tunnel = Running::start(tunnel.env("C66_SSH", &script).args(["--jq", ".ports[0].local_port"]));
    let local: u16 = tunnel.first_lines(1)[0].parse().expect("a port");
    let last = || -> i32 {
        let text = std::fs::read_to_string(&pids).unwrap_or_default();
        text.lines().last().and_then(|line| line.parse().ok()).expect("an id")
    };
    let killed = last();
    rustix::process::kill_process(rustix::process::Pid::from_raw(killed).expect("an id"), Signal::KILL)
        .expect("a process");
    tunnel.run_until("there is another ssh", || last() != killed);
    tunnel.run_until("the port is open again", || TcpStream::connect(("127.0.0.1", local)).is_ok());
    assert_eq!(ask(connect(("127.0.0.1", local))), "HELLO");
    tunnel.kill();
    drop(tunnel);
    wait_until("ssh has ended too", || TcpStream::connect(("127.0.0.1", local)).is_err());
    // The next start removes what was left.
    world.fake(&["ssh", "nobody"], 0);
    finish(&mut world.command(&["ssh", "web-one", "--port", &port, "--", "true"])).code(0);
    assert!(world.keys_on_disk().is_empty(), "{:?}", files_below(&world.runtime()));
}
