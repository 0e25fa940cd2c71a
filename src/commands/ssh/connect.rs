//! One way onto a server, for every command that needs one: pick it, reach it, know its host key, hold its private key.

use std::ffi::OsString;

use tokio::process::Command;

use super::known::host_keys;
use super::login::{LoginArgs, destination, key_request, sandbox_proxy};
use super::reach::reach;
use crate::child::{self, Terminal};
use crate::cloud66::servers::Server;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::error::{Error, Result};
use crate::files::private::open_private;
use crate::signals::Protection;
use crate::ssh::arguments::{Login, bastion_config};
use crate::ssh::first_contact::{Contact, Refusal, changed_key, ensure_known};
use crate::ssh::host_keys::{HostKey, HostKeyStore};
use crate::ssh::keys::{HeldKey, KeyStore};
use crate::ssh::program::Programs;
use crate::ssh::{Destination, SSH_FAILED};
use crate::text::quote::shell_quote;
use crate::text::sanitize::sanitize;

/// A server that one can log in to now.
pub(crate) struct Connected<'c> {
    /// How to log in.
    pub(crate) login: Login,
    programs: Programs,
    store: HostKeyStore,
    /// On disk until this is dropped.
    _key: Option<HeldKey>,
    _bastion_folder: Option<tempfile::TempDir>,
    /// Dropped last, so that no signal leaves the key behind.
    _protection: Protection<'c>,
}

/// How an attempt to connect ended.
pub(crate) enum Attempt<'c> {
    /// One can log in.
    Connected(Box<Connected<'c>>),
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
    verbosity: u8,
    is_silent: bool,
    may_ask: bool,
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
            verbosity: context.printer.options().debug,
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

    /// Lets ssh say at least so much about its connections.
    pub(crate) fn verbose(self, verbosity: u8) -> Self {
        Self { verbosity: self.verbosity.max(verbosity), ..self }
    }

    /// Whether ssh uses only the key of the server, which has no passphrase.
    pub(crate) fn needs_no_passphrase(&self, server: &Server) -> bool {
        self.args.identity.is_none() && server.has_gateway != Some(true)
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
    pub(crate) async fn connect(&self, server: &Server) -> Result<Attempt<'c>> {
        let guard = self.context.signals.guard()?;
        tokio::select! {
            biased;
            attempt = self.prepare(server) => attempt,
            signal = guard.signal() => Ok(Attempt::Ended(signal.kind().exit().code())),
        }
    }

    async fn prepare(&self, server: &Server) -> Result<Attempt<'c>> {
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
            verbosity: self.verbosity,
            destination,
        };
        let contact = ensure_known(&self.programs, &login, &self.host_keys, args.host_key.as_deref()).await?;
        if let Some(code) = self.report(&contact, &login.destination) {
            return Ok(Attempt::Ended(code));
        }
        let protection = context.signals.protect()?;
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
            _protection: protection,
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

impl Connected<'_> {
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
