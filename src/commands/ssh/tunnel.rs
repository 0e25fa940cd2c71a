//! `c66 tunnel`: ports of this machine that lead to what listens on a server, or behind it.

use std::ffi::OsString;
use std::fmt;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueHint};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStdin, Command};

use super::connect::{Attempt, Connected, Connector};
use super::dry_run::{self, Runs};
use super::lines::{ended_by, or_signal};
use super::login::{LoginArgs, check};
use super::pick::{Picked, pick};
use crate::args::StackArgs;
use crate::child::{self, Terminal, exit_code};
use crate::cloud66::endpoints::{FIREWALLS_CREATE, SERVERS_LIST, SERVERS_SHOW};
use crate::cloud66::envelope::Document;
use crate::cloud66::servers::Server;
use crate::commands::context::Context;
use crate::commands::servers::Servers;
use crate::config::program::find_program;
use crate::error::{Error, Kind, Result};
use crate::resource::Resource;
use crate::resource::verb::Verb;
use crate::ssh::{SSH_FAILED, is_host};

/// `c66 tunnel`
#[derive(Args, Debug)]
#[command(
    after_help = "{port} in COMMAND is the first local port, {port2} the second.\n\nExamples:\n  c66 tunnel caribou 5432 -s awesome-app@production --dry-run\n  c66 tunnel caribou 0:5432 8080:10.0.0.7:80 -s awesome-app@production\n  c66 tunnel caribou 5432 -s awesome-app@production -- psql -h 127.0.0.1 -p {port}"
)]
#[command(add = Verb::calls(&[&SERVERS_LIST, &SERVERS_SHOW, &FIREWALLS_CREATE]))]
pub(crate) struct TunnelArgs {
    /// Server: name, UID, address, unique prefix or role
    #[arg(add = Servers::NOUN.names())]
    pub(crate) server: String,
    /// Port on the server, with a local one before it (0 for any free one) and a host as the server sees it
    #[arg(required = true, value_name = "[LOCAL:[HOST:]]PORT")]
    pub(crate) ports: Vec<Forward>,
    /// Command to run here while the tunnel is open; its exit code is the result
    #[arg(last = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
    /// Take the first server if several match
    #[arg(long)]
    pub(crate) first: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) login: LoginArgs,
}

/// A port of this machine and where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forward {
    /// The local port; 0 for a free one, `None` if it was not given.
    local: Option<u16>,
    host: String,
    remote: u16,
}

impl FromStr for Forward {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || format!("invalid port `{text}`: expected PORT, LOCAL:PORT or LOCAL:HOST:PORT");
        let port = |text: &str| text.parse::<u16>().map_err(|_| invalid());
        let (before, remote) = text.rsplit_once(':').map_or((None, text), |(before, port)| (Some(before), port));
        let remote = port(remote)?;
        let (local, host) = match before {
            None => (None, None),
            Some(before) => match before.split_once(':') {
                None => (Some(port(before)?), None),
                Some((local, host)) => (Some(port(local)?), Some(host.trim_matches(['[', ']']))),
            },
        };
        let host = host.unwrap_or("127.0.0.1");
        if remote == 0 || !is_host(host) {
            return Err(invalid());
        }
        Ok(Self { local, host: host.to_owned(), remote })
    }
}

impl fmt::Display for Forward {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        write!(formatter, "127.0.0.1:{}:{host}:{}", self.local.unwrap_or_default(), self.remote)
    }
}

/// What the server runs: it says when the tunnel is open, and ends when this process does, even if that is killed.
const HOLD: &str = "echo open; exec cat >/dev/null";
const SAID: &[u8] = b"open\n";

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// Runs `c66 tunnel`; returns the exit code.
pub(crate) async fn run(context: &Context, args: &TunnelArgs) -> Result<u8> {
    check(context, &args.login)?;
    let stack = context.stack(&args.stack, true).await?;
    let servers = pick(context, &stack, &args.server, Picked::first(args.first)).await?;
    let server = servers.first().ok_or_else(|| Error::internal("no server was picked"))?;
    if args.login.dry_run {
        let login = dry_run::login(context, &stack, server, &args.login, false)?;
        let words = login.ssh(&options(&args.ports), Some(HOLD));
        return dry_run::show(context, &stack, std::slice::from_ref(server), &args.login, Runs::of_ssh(vec![words]))
            .await;
    }
    let ports = local_ports(&args.ports, !args.command.is_empty())?;
    let has_command = !args.command.is_empty();
    let connector = Connector::new(context, &stack, &args.login)?;
    let connector = if has_command { connector.without_prompts() } else { connector };
    let (forwards, stand_ins) = if context.sandboxed { stand_ins(&ports).await? } else { (ports.clone(), Vec::new()) };
    let connector = connector.forwarding_to(stand_ins);
    let tunnel = Tunnel { context, connector: &connector, server, ports: &ports, forwards: &forwards, has_command };
    let guard = context.signals.guard()?;
    let open = tokio::select! {
        biased;
        signal = guard.signal() => Err(ended_by(context, signal).await),
        open = tunnel.open() => open?,
    };
    let open = match open {
        Ok(open) => open,
        Err(code) => return Ok(code),
    };
    if args.command.is_empty() {
        tunnel.announce()?;
        return or_signal(context, tunnel.keep_open(open)).await;
    }
    let mut command = local_command(&args.command, &ports)?;
    let terminal = if context.printer.stdin_is_terminal() { Terminal::Shared } else { Terminal::None };
    let program = args.command[0].display().to_string();
    tokio::select! {
        code = child::run(&context.signals, terminal, &mut command) => {
            code.map_err(|error| Error::local_file(format!("run {program}"), &error))
        }
        // The command goes on without the tunnel only if that ends for good.
        code = tunnel.keep_open(open) => code,
    }
}

/// The options of ssh for the ports.
fn options(ports: &[Forward]) -> Vec<OsString> {
    let mut options: Vec<OsString> = ["-T", "-o", "ExitOnForwardFailure=yes"].map(OsString::from).to_vec();
    for port in ports {
        options.extend([OsString::from("-L"), port.to_string().into()]);
    }
    options
}

/// Chooses the local ports: as given, else a free one for a command that is told, else the same as on the server.
fn local_ports(ports: &[Forward], has_command: bool) -> Result<Vec<Forward>> {
    // All of them are bound until the last one is chosen, so that none is chosen twice.
    let mut bound = Vec::new();
    let mut chosen = Vec::new();
    for port in ports {
        let wanted = port.local.unwrap_or(if has_command { 0 } else { port.remote });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).map_err(|error| {
            Error::new(Kind::LocalFile, format!("cannot listen on port {wanted} of this machine"))
                .cause(error.to_string())
                .hint(format!("choose another with LOCAL:{}, or any free one with 0:{}", port.remote, port.remote))
        })?;
        let local = listener.local_addr().map_err(|error| Error::local_file("choose a port", &error))?.port();
        bound.push(listener);
        chosen.push(Forward { local: Some(local), ..port.clone() });
    }
    Ok(chosen)
}

/// The command with the ports in it.
fn local_command(words: &[OsString], ports: &[Forward]) -> Result<Command> {
    let (program, arguments) = words.split_first().ok_or_else(|| Error::usage("no command specified"))?;
    let path =
        find_program(program).map_err(|error| Error::local_file(format!("run {}", program.display()), &error))?;
    let fill = |word: &OsString| match word.to_str() {
        Some(text) => OsString::from(fill_in(text, ports)),
        None => word.clone(),
    };
    let mut command = Command::new(path);
    command.args(arguments.iter().map(fill));
    Ok(command)
}

fn fill_in(text: &str, ports: &[Forward]) -> String {
    let mut text = text.to_owned();
    for (index, port) in ports.iter().enumerate() {
        let local = port.local.unwrap_or_default().to_string();
        if index == 0 {
            text = text.replace("{port}", &local);
        }
        text = text.replace(&format!("{{port{}}}", index + 1), &local);
    }
    text
}

/// Stand-ins of the sandbox for what would listen on the server, until this process ends: the same local ports lead to
/// them, and never to what listens on this machine.
#[cfg(unix)]
async fn stand_ins(ports: &[Forward]) -> Result<(Vec<Forward>, Vec<u16>)> {
    let failed = |error| Error::local_file("listen for the sandbox", &error);
    let (mut forwards, mut own) = (Vec::new(), Vec::new());
    for port in ports {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let remote = listener.local_addr().map_err(failed)?.port();
        tokio::spawn(crate::sandbox::host::answer(listener, port.remote));
        forwards.push(Forward { local: port.local, host: Ipv4Addr::LOCALHOST.to_string(), remote });
        own.push(remote);
    }
    Ok((forwards, own))
}

#[cfg(not(unix))]
#[expect(clippy::unused_async, reason = "its counterpart waits")]
async fn stand_ins(ports: &[Forward]) -> Result<(Vec<Forward>, Vec<u16>)> {
    Ok((ports.to_vec(), Vec::new()))
}

struct Tunnel<'t> {
    context: &'t Context,
    connector: &'t Connector<'t>,
    server: &'t Server,
    ports: &'t [Forward],
    /// Where ssh leads them: in the sandbox, to what stands in for the services of the server.
    forwards: &'t [Forward],
    has_command: bool,
}

/// Lets Ctrl-C at the terminal not reach the program.
#[cfg(unix)]
fn keep_from_ctrl_c(command: &mut Command) {
    command.process_group(0);
}

/// The same by what Windows has for it.
#[cfg(windows)]
fn keep_from_ctrl_c(command: &mut Command) {
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
    command.creation_flags(CREATE_NEW_PROCESS_GROUP);
}

/// A running ssh with open ports.
struct Open<'c> {
    ssh: Child,
    /// The server's command ends when this is closed, which waiting for a child does with the stdin it has.
    _stdin: Option<ChildStdin>,
    _connected: Box<Connected<'c>>,
}

impl<'t> Tunnel<'t> {
    /// Connects and waits until the ports are open; returns the exit code of ssh if they are not.
    async fn open(&self) -> Result<Result<Open<'t>, u8>> {
        let connected = match self.connector.connect(self.server).await? {
            Attempt::Ended(code) => return Ok(Err(code)),
            Attempt::Connected(connected) => connected,
        };
        let failed = |error| Error::local_file("run ssh", &error);
        let mut command = connected.command(&options(self.forwards), Some(HOLD));
        // The pipe to the server's command stays open for as long as this process lives.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        // Ctrl-C at the terminal is for the command, or for this process. But only in the foreground, ssh can ask for the
        // passphrase of a key.
        if self.has_command || self.connector.needs_no_passphrase(self.server) {
            keep_from_ctrl_c(&mut command);
        }
        let mut ssh = command.spawn().map_err(failed)?;
        let mut said = [0; SAID.len()];
        let is_open = match &mut ssh.stdout {
            Some(stdout) => stdout.read_exact(&mut said).await.is_ok() && said == SAID,
            None => false,
        };
        if is_open {
            return Ok(Ok(Open { _stdin: ssh.stdin.take(), ssh, _connected: connected }));
        }
        let code = exit_code(ssh.wait().await.map_err(failed)?);
        if code == SSH_FAILED {
            connected.explain_failure(self.context).await?;
        }
        Ok(Err(if code == 0 { SSH_FAILED } else { code }))
    }

    /// Reconnects whenever the connection is lost; ends only if that is refused.
    async fn keep_open(&self, mut open: Open<'t>) -> Result<u8> {
        loop {
            let ended = open.ssh.wait().await.map_err(|error| Error::local_file("wait for ssh", &error))?;
            drop(open);
            // Ctrl-C ends ssh too; the connection is not lost.
            if let Some(signal) = self.context.signals.received() {
                return Ok(ended_by(self.context, signal).await);
            }
            let printer = &self.context.printer;
            printer.note(&format!(
                "lost the connection to {} (ssh ended with {}); reconnecting",
                self.server.name(),
                exit_code(ended)
            ));
            let mut pause = FIRST_PAUSE;
            open = loop {
                tokio::time::sleep(pause).await;
                match self.open().await {
                    Ok(Ok(open)) => break open,
                    Ok(Err(_)) => {}
                    Err(error) if error.retryable() => printer.note(error.message()),
                    Err(error) => return Err(error),
                }
                pause = (pause * 2).min(MAX_PAUSE);
            };
            printer.note("reconnected");
        }
    }

    /// Says that the ports are open: one line, or one document.
    fn announce(&self) -> Result<()> {
        let printer = &self.context.printer;
        if printer.is_structured() {
            let port = |port: &Forward| {
                json!({ "local_address": "127.0.0.1", "local_port": port.local, "remote_host": port.host,
                    "remote_port": port.remote })
            };
            let ports: Vec<_> = self.ports.iter().map(port).collect();
            printer
                .document(Document::from_value(&json!({ "ok": true, "server": self.server.uid(), "ports": ports })))?;
        } else {
            let port = |port: &Forward| {
                format!("127.0.0.1:{} -> {}:{}", port.local.unwrap_or_default(), port.host, port.remote)
            };
            let ports: Vec<String> = self.ports.iter().map(port).collect();
            printer.write_lines(&format!("{}\n", ports.join(", ")))?;
        }
        printer.flush()?;
        printer.note("open until Ctrl-C");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn ports_are_written_as_for_ssh() {
        for (text, expected) in [
            ("5432", (None, "127.0.0.1", 5432)),
            ("0:5432", (Some(0), "127.0.0.1", 5432)),
            ("15432:5432", (Some(15432), "127.0.0.1", 5432)),
            ("80:10.0.0.7:8080", (Some(80), "10.0.0.7", 8080)),
            ("80:[2001:db8::1]:8080", (Some(80), "2001:db8::1", 8080)),
        ] {
            let (local, host, remote) = expected;
            assert_eq!(text.parse(), Ok(Forward { local, host: host.to_owned(), remote }), "{text}");
        }
        for bad in ["", "x", "0", "70000", "1:0", "a:1", "1::2", "1:a b:2", "1:-x:2"] {
            assert!(bad.parse::<Forward>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_command_is_told_its_ports() {
        let ports = local_ports(&["5432".parse().unwrap(), "0:80".parse().unwrap()], true).unwrap();
        let [first, second] = [0, 1].map(|index| ports[index].local.unwrap());
        assert!(first != second && first != 0);
        assert_eq!(fill_in("{port} {port1} {port2} {port3}", &ports), format!("{first} {first} {second} {{port3}}"));
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let text = format!("{}:80", taken.local_addr().unwrap().port());
        assert!(local_ports(&[text.parse().unwrap()], false).is_err());
    }
}
