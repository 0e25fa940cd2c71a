//! One way onto a server, for every command that needs one: pick it, reach it, know its host key, hold its private key.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use tokio::process::Command;

use super::known::host_keys;
use super::pick::Picked;
use super::reach::{Lease, reach};
use crate::child::{self, Terminal};
use crate::cloud66::servers::Server;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::sandbox::sshd;
use crate::commands::servers::show_request;
use crate::error::{Error, Kind, Result};
use crate::files::private::open_private;
use crate::http::Request;
use crate::ssh::arguments::{Login, bastion_config};
use crate::ssh::first_contact::{Contact, Refusal, changed_key, ensure_known};
use crate::ssh::host_keys::{HostKey, HostKeyStore};
use crate::ssh::keys::{HeldKey, KeyStore};
use crate::ssh::program::Programs;
use crate::ssh::{Bastion, Destination, SSH_FAILED, SSH_PORT, is_user};
use crate::text::quote::shell_quote;
use crate::text::sanitize::sanitize;

/// The address of every server of the sandbox, which only its proxy reaches.
const LOOPBACK: &str = "127.0.0.1";

/// How to log in.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Login")]
pub(crate) struct LoginArgs {
    /// User to log in as [default: that of the server]
    #[arg(short = 'l', long, value_name = "USER")]
    pub(crate) user: Option<String>,
    /// Port of the SSH server
    #[arg(short, long, value_name = "PORT", default_value_t = SSH_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: u16,
    /// Your own private key instead of the server's
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) identity: Option<PathBuf>,
    /// Open the port to you: auto (if shut), always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub(crate) lease: Lease,
    /// Required host key, such as SHA256:…
    #[arg(long, value_name = "FINGERPRINT", value_parser = parse_fingerprint)]
    pub(crate) host_key: Option<String>,
    /// Private key for the bastion [default: your ssh's]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) gateway_key: Option<PathBuf>,
    /// Show the requests and the ssh command only
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Parses a fingerprint.
fn parse_fingerprint(text: &str) -> Result<String, String> {
    let hash = text.strip_prefix("SHA256:").unwrap_or_default().trim_end_matches('=');
    let is_base64 = hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte));
    if hash.len() == 43 && is_base64 {
        return Ok(format!("SHA256:{hash}"));
    }
    Err("expected SHA256: and 43 characters, as in the output of ssh-keygen -l".to_owned())
}

/// A server that one can log in to now.
pub(crate) struct Connected {
    /// How to log in.
    pub(crate) login: Login,
    programs: Programs,
    store: HostKeyStore,
    /// On disk until this is dropped.
    _key: Option<HeldKey>,
    _bastion_folder: Option<tempfile::TempDir>,
}

/// How an attempt to connect ended.
pub(crate) enum Attempt {
    /// One can log in.
    Connected(Box<Connected>),
    /// ssh refused, and has said why: its exit code.
    Ended(u8),
}

/// What is the same for all servers of a command.
pub(crate) struct Connector<'c> {
    context: &'c Context,
    stack: &'c StackRef,
    args: &'c LoginArgs,
    programs: Programs,
    host_keys: HostKeyStore,
    keys: KeyStore,
    /// Ports of this machine that a connection to the sandbox may be forwarded to.
    ports: Vec<u16>,
    forward_agent: bool,
    is_silent: bool,
    may_ask: bool,
}

/// Refuses what may not be done at all, before the first request.
pub(crate) fn check(context: &Context, args: &LoginArgs) -> Result<()> {
    if !args.dry_run {
        context.refuse_if_read_only("a connection to a server")?;
    }
    if !args.dry_run {
        Programs::find(context.settings.variables())?;
        if context.sandboxed {
            sshd::find_sshd(context.settings.variables())?;
        }
    }
    if let Some(user) = args.user.as_deref().filter(|user| !is_user(user)) {
        return Err(Error::usage(format!("invalid user `{user}`")));
    }
    for file in [&args.identity, &args.gateway_key].into_iter().flatten() {
        std::fs::File::open(file).map_err(|error| Error::local_file(format!("read {}", file.display()), &error))?;
    }
    Ok(())
}

impl<'c> Connector<'c> {
    /// Prepares connections; also removes the keys that killed runs left.
    pub(crate) fn new(context: &'c Context, stack: &'c StackRef, args: &'c LoginArgs) -> Result<Self> {
        let variables = context.settings.variables();
        let keys = KeyStore::of(variables);
        keys.sweep()?;
        let (programs, host_keys) = (Programs::find(variables)?, host_keys(context)?);
        Ok(Self {
            context,
            stack,
            args,
            programs,
            host_keys,
            keys,
            ports: Vec::new(),
            forward_agent: false,
            is_silent: false,
            may_ask: context.printer.can_ask(),
        })
    }

    /// The programs of OpenSSH.
    pub(crate) fn programs(&self) -> &Programs {
        &self.programs
    }

    /// Forwards the agent, or not.
    pub(crate) fn forwarding_agent(self, forward_agent: bool) -> Self {
        Self { forward_agent, ..self }
    }

    /// Lets a connection to the sandbox be forwarded to these ports of this machine.
    pub(crate) fn forwarding_to(self, ports: Vec<u16>) -> Self {
        Self { ports, ..self }
    }

    /// Does not announce connections.
    pub(crate) fn silent(self) -> Self {
        Self { is_silent: true, ..self }
    }

    /// Does not let ssh ask for the passphrase of a key.
    pub(crate) fn without_prompts(self) -> Self {
        Self { may_ask: false, ..self }
    }

    /// Makes a server ready for logging in. A signal ends it in an orderly way: there may be a key on disk by then.
    pub(crate) async fn connect(&self, server: &Server) -> Result<Attempt> {
        let guard = self.context.signals.guard()?;
        tokio::select! {
            biased;
            attempt = self.prepare(server) => attempt,
            signal = guard.signal() => Ok(Attempt::Ended(signal.kind().exit().code())),
        }
    }

    async fn prepare(&self, server: &Server) -> Result<Attempt> {
        let (context, args) = (self.context, self.args);
        let destination = destination(context, self.stack, server, args)?;
        reach(context, self.stack, server, &destination, args.lease).await?;
        if !self.is_silent {
            let Destination { name, stack, user, address, .. } = &destination;
            let place = if context.sandboxed { "sandbox".to_owned() } else { format!("{user}@{address}") };
            context.printer.note(&format!("Connecting to {name} of {stack} ({place})"));
        }
        let bastion_folder = self.bastion_folder(&destination)?;
        let mut login = Login {
            known_hosts: self.host_keys.path(&destination.uid),
            identity: args.identity.clone(),
            bastion_config: bastion_folder.as_ref().map(|folder| folder.path().join("config")),
            proxy: sandbox_proxy(context, &destination, &self.ports)?,
            forward_agent: self.forward_agent,
            may_ask: self.may_ask,
            verbosity: context.printer.options().debug,
            destination,
        };
        let contact = ensure_known(&self.programs, &login, &self.host_keys, args.host_key.as_deref()).await?;
        if let Some(code) = self.report(&contact, &login.destination) {
            return Ok(Attempt::Ended(code));
        }
        let key = match &args.identity {
            Some(_) => None,
            None => Some(self.hold_key(server).await?),
        };
        if let Some(key) = &key {
            login.identity = Some(key.path());
        }
        Ok(Attempt::Connected(Box::new(Connected {
            login,
            programs: self.programs.clone(),
            store: self.host_keys.clone(),
            _key: key,
            _bastion_folder: bastion_folder,
        })))
    }

    /// Fetches the private key of the server and writes it down.
    async fn hold_key(&self, server: &Server) -> Result<HeldKey> {
        let context = self.context;
        let fetched: Server = context.cloud66().await?.fetch(&key_request(self.stack, server)?).await?.view()?;
        let mut key = fetched.private_key.clone().ok_or_else(|| {
            Error::not_found(format!("the API returned no private key for {} of {}", server.name(), self.stack.label()))
                .hint("pass your own with --identity FILE")
        })?;
        context.printer.add_secret(&key);
        if !key.ends_with('\n') {
            // Without it, ssh does not recognize the file as a key.
            key.push('\n');
        }
        self.keys.hold(server.uid(), &key)
    }

    /// The folder with the configuration of a bastion that needs a key of its own.
    fn bastion_folder(&self, destination: &Destination) -> Result<Option<tempfile::TempDir>> {
        let Some(key) = &self.args.gateway_key else { return Ok(None) };
        if destination.bastion.is_none() {
            return Err(Error::usage(format!("{} has no bastion", destination.name)).hint("omit --gateway-key"));
        }
        let failed = |error| Error::local_file("write the configuration of the bastion", &error);
        let key = std::path::absolute(key).map_err(failed)?;
        let user_config = dirs::home_dir().map(|home| home.join(".ssh").join("config")).filter(|path| path.is_file());
        let text = bastion_config(destination, &key, user_config.as_deref()).unwrap_or_default();
        let folder = tempfile::tempdir().map_err(failed)?;
        let mut options = std::fs::OpenOptions::new();
        open_private(options.write(true).create_new(true), &folder.path().join("config"))
            .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
            .map_err(failed)?;
        Ok(Some(folder))
    }

    /// Says what is new about the host key; returns the exit code if the login must not go on.
    fn report(&self, contact: &Contact, destination: &Destination) -> Option<u8> {
        let printer = &self.context.printer;
        match contact {
            Contact::Known => None,
            Contact::First(keys) => {
                let prints: Vec<String> = keys.iter().map(described).collect();
                let name = sanitize(&destination.name);
                printer.note(&format!("First contact with {name}; its host key is now known: {}", prints.join(", ")));
                if self.forward_agent {
                    printer.warn(&format!("the agent is forwarded to {name}, which you have not connected to before"));
                }
                None
            }
            Contact::Refused(Refusal::NoKey(words, code)) => {
                printer.print_to_stderr(words.trim_end());
                Some(*code)
            }
            Contact::Refused(Refusal::Pinned(keys)) => {
                let pin = self.args.host_key.as_deref().unwrap_or_default();
                let prints: Vec<String> = keys.iter().map(described).collect();
                printer.warn(&format!(
                    "the host key of {} is not the expected one; no connection was made\nexpected: {pin}\nfound:    {}\n{}",
                    sanitize(&destination.name),
                    prints.join(", "),
                    forget_hint(destination)
                ));
                Some(SSH_FAILED)
            }
        }
    }
}

fn described(key: &HostKey) -> String {
    format!("{} ({})", key.fingerprint(), key.short_kind())
}

fn forget_hint(destination: &Destination) -> String {
    format!("if the server was rebuilt, run: c66 ssh forget {}", shell_quote(&destination.uid))
}

/// The request for the private key of a server.
pub(crate) fn key_request(stack: &StackRef, server: &Server) -> Result<Request> {
    let mut request = show_request(stack, server)?;
    request.query.push(("include_private_key".to_owned(), "1".to_owned()));
    Ok(request)
}

/// What ssh runs to reach a server of the sandbox, and must run: the addresses of those servers are made up.
pub(crate) fn sandbox_proxy(context: &Context, destination: &Destination, ports: &[u16]) -> Result<Option<String>> {
    if context.sandboxed { sshd::proxy_command(&destination.uid, ports).map(Some) } else { Ok(None) }
}

/// Where to log in, checked.
pub(crate) fn destination(
    context: &Context,
    stack: &StackRef,
    server: &Server,
    args: &LoginArgs,
) -> Result<Destination> {
    let name = sanitize(server.name()).into_owned();
    let address = server.address.clone().or_else(|| server.ext_ipv4.clone()).ok_or_else(|| {
        Error::new(Kind::Refused, format!("{name} of {} has no address yet", stack.label())).hint(format!(
            "c66{} servers list {}",
            context.global_flags,
            stack.flag()
        ))
    })?;
    let bastion = server.gateway_address.clone().filter(|_| server.has_gateway == Some(true) && !context.sandboxed);
    let mut user = args.user.clone().or_else(|| server.user_name.clone()).unwrap_or_else(|| "root".to_owned());
    let mut address = address;
    if context.sandboxed {
        // Whatever the API says: nothing else is dialled, and sshd accepts only this user.
        LOOPBACK.clone_into(&mut address);
        user = sshd::own_user().unwrap_or(user);
    }
    Destination {
        uid: server.uid().to_owned(),
        name,
        stack: stack.label(),
        address,
        port: args.port,
        user,
        bastion: bastion.map(|address| Bastion { address, user: server.gateway_user.clone() }),
    }
    .checked()
}

impl Connected {
    /// A run of ssh with more of its options and a command for the server.
    pub(crate) fn command(&self, options: &[OsString], command: Option<&str>) -> Command {
        let mut ssh = Command::new(&self.programs.ssh);
        ssh.args(self.login.ssh(options, command));
        ssh
    }

    /// A run of ssh that connects its standard streams to the server, through its bastion.
    pub(crate) fn through_bastion(&self) -> Command {
        let mut ssh = Command::new(&self.programs.ssh);
        ssh.args(self.login.forward());
        ssh
    }

    /// Runs it with the streams of this process and returns its exit code.
    pub(crate) async fn run(&self, context: &Context, mut ssh: Command) -> Result<u8> {
        let began = std::time::Instant::now();
        let terminal = if context.printer.stdin_is_terminal() { Terminal::Shared } else { Terminal::None };
        let failed = |error| Error::local_file(format!("run {}", self.programs.ssh.display()), &error);
        let code = child::run(&context.signals, terminal, &mut ssh).await.map_err(failed)?;
        if code == SSH_FAILED && began.elapsed() < FAILURE_TIME {
            self.explain_failure(context).await?;
        }
        Ok(code)
    }

    /// Adds to what ssh has said about a changed host key: the known fingerprint beside the new one, and what to do.
    pub(crate) async fn explain_failure(&self, context: &Context) -> Result<()> {
        if context.signals.received().is_some() {
            return Ok(());
        }
        let destination = &self.login.destination;
        let known = self.store.keys(&destination.uid)?;
        if let Some(shown) = changed_key(&self.programs, &self.login, &known).await? {
            let known: Vec<String> = known.iter().map(described).collect();
            context.printer.warn(&format!(
                "the host key of {} has changed; no connection was made\nknown: {}\nnow:   {}\n{}",
                sanitize(&destination.name),
                known.join(", "),
                described(&shown),
                forget_hint(destination)
            ));
        }
        Ok(())
    }
}

/// A connection that was refused ends sooner than this; a session is longer.
const FAILURE_TIME: std::time::Duration = std::time::Duration::from_secs(60);

/// The servers of a command, picked by name; also checks what may be dialled.
pub(crate) async fn pick(context: &Context, stack: &StackRef, wanted: &str, picking: Picked) -> Result<Vec<Server>> {
    let servers = super::pick::servers(context, stack).await?;
    super::pick::choose(&servers, &stack.label(), wanted, picking)
}

impl ValueEnum for Lease {
    fn value_variants<'a>() -> &'a [Self] {
        &[Lease::Auto, Lease::Always, Lease::Never]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(match self {
            Lease::Auto => "auto",
            Lease::Always => "always",
            Lease::Never => "never",
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::parse_fingerprint;

    #[test]
    fn a_fingerprint_is_that_of_ssh_keygen() {
        let good = format!("SHA256:{}", "a/B+".repeat(11).split_at(43).0);
        assert_eq!(parse_fingerprint(&good), Ok(good.clone()));
        assert_eq!(parse_fingerprint(&format!("{good}=")), Ok(good.clone()));
        for bad in ["", "SHA256:", "MD5:00:11", "SHA256:abc", &good[7..], &format!("{good}a"), "SHA256:\u{e9}"] {
            assert!(parse_fingerprint(bad).is_err(), "{bad}");
        }
    }
}
