//! `c66 ssh`, and what all commands that log in to servers share.

pub(crate) mod config;
pub(crate) mod connect;
pub(crate) mod copy;
pub(crate) mod dry_run;
pub(crate) mod known;
pub(crate) mod lines;
pub(crate) mod login;
mod new_container;
pub(crate) mod pick;
pub(crate) mod places;
pub(crate) mod proxy;
pub(crate) mod reach;
pub(crate) mod run;
pub(crate) mod tail;
pub(crate) mod tunnel;

use std::ffi::OsString;

use clap::{Args, Subcommand, ValueHint};

use self::connect::{Attempt, Connector};
use self::dry_run::Runs;
use self::login::{LoginArgs, check};
use self::pick::{Picked, pick};
use crate::args::StackArgs;
use crate::args::candidates::Candidates;
use crate::cloud66::endpoints::{FIREWALLS_CREATE, SERVERS_LIST, SERVERS_SHOW};
use crate::cloud66::servers::Server;
use crate::commands::context::Context;
use crate::commands::servers::Servers;
use crate::error::{Error, Result};
use crate::resource::Resource;
use crate::resource::verb::Verb;
use crate::text::quote::remote_line;

/// `c66 ssh`
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    mut_arg("identity", |identity| identity.short('i')),
    after_help = "The exit code is that of the command on the server, or 255 if ssh cannot connect.\n\nExamples:\n  c66 ssh caribou -s awesome-app@production --dry-run\n  c66 ssh caribou -s awesome-app@production -- uptime\n  tar -c . | c66 ssh caribou -s awesome-app@production -- tar -x -C /tmp"
)]
#[command(add = Verb::calls(&[&SERVERS_LIST, &SERVERS_SHOW, &FIREWALLS_CREATE]))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct SshArgs {
    #[command(subcommand)]
    pub(crate) verb: Option<SshCommand>,
    /// Server: name, UID, address, unique prefix or role
    #[arg(required = true)]
    #[arg(add = Servers::NOUN.names())]
    pub(crate) server: Option<String>,
    /// Command instead of a login shell; words arrive as they are
    #[arg(trailing_var_arg = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
    /// Let the shell of the server interpret the command
    #[arg(long)]
    pub(crate) raw: bool,
    /// Take the first server if several match
    #[arg(long)]
    pub(crate) first: bool,
    /// Forward your SSH agent (root there can use it)
    #[arg(short = 'A', long)]
    pub(crate) forward_agent: bool,
    /// Allocate a terminal, also for a command
    #[arg(short = 't', long, conflicts_with = "no_tty")]
    pub(crate) tty: bool,
    /// Allocate no terminal
    #[arg(short = 'T', long)]
    pub(crate) no_tty: bool,
    /// Show how ssh connects; -vv, -vvv for more
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) login: LoginArgs,
}

/// `c66 ssh …`
#[derive(Debug, Subcommand)]
pub(crate) enum SshCommand {
    /// Print a configuration for ssh, scp, rsync and others
    Config(config::ConfigArgs),
    /// Connect stdin and stdout to a server, as a proxy of ssh
    Proxy(proxy::ProxyArgs),
    /// List the servers whose host keys are known
    #[command(after_help = "Example:\n  c66 ssh known")]
    #[command(add = Verb::default().prints(known::HostKeys::NOUN))]
    Known {
        #[command(flatten)]
        list: crate::args::ListArgs,
    },
    /// Forget the host key of a server, such as after a rebuild
    #[command(after_help = "Example:\n  c66 ssh forget caribou")]
    Forget {
        /// Server: UID, name or unique prefix
        #[arg(add = Candidates::KnownServers)]
        server: String,
    },
}

/// Runs `c66 ssh …`; returns the exit code.
pub(crate) async fn run(context: &Context, args: &SshArgs) -> Result<u8> {
    match &args.verb {
        None => login(context, args).await,
        Some(SshCommand::Config(args)) => config::run(context, args).await.map(|()| 0),
        Some(SshCommand::Proxy(args)) => proxy::run(context, args).await,
        Some(SshCommand::Known { list }) => known::list(context, list).await.map(|()| 0),
        Some(SshCommand::Forget { server }) => known::forget(context, server).map(|()| 0),
    }
}

async fn login(context: &Context, args: &SshArgs) -> Result<u8> {
    let wanted = args.server.as_deref().unwrap_or_default();
    check(context, &args.login)?;
    let command = match args.command.as_slice() {
        [] => None,
        words => Some(command_line(words, args.raw)?),
    };
    let mut options: Vec<OsString> = Vec::new();
    if args.tty {
        options.push("-t".into());
    }
    if args.no_tty {
        options.push("-T".into());
    }
    let stack = context.stack(&args.stack, true).await?;
    let servers = pick(context, &stack, wanted, Picked::first(args.first)).await?;
    let server = servers.first().ok_or_else(|| Error::internal("no server was picked"))?;
    if args.login.dry_run {
        let mut login = dry_run::login(context, &stack, server, &args.login, args.forward_agent)?;
        login.verbosity = login.verbosity.max(verbosity(args));
        let words = login.ssh(&options, command.as_deref());
        return dry_run::show(context, &stack, std::slice::from_ref(server), &args.login, Runs::of_ssh(vec![words]))
            .await;
    }
    let connector = Connector::new(context, &stack, &args.login)?;
    let connector = connector.forwarding_agent(args.forward_agent).verbose(verbosity(args));
    let code = in_session(context, &connector, server, &options, command.as_deref()).await?;
    hint_at_raw(context, code, args.raw, &args.command);
    Ok(code)
}

/// `ssh -v` is one more than `--debug`, which also traces the requests.
fn verbosity(args: &SshArgs) -> u8 {
    if args.verbose == 0 { 0 } else { args.verbose.saturating_add(1) }
}

/// Says how a whole line is typed, if no command has its name.
pub(crate) fn hint_at_raw(context: &Context, code: u8, is_raw: bool, command: &[OsString]) {
    if code == COMMAND_NOT_FOUND && !is_raw && is_a_line(command) {
        context.printer.note("to let the shell there interpret the command, pass --raw");
    }
}

/// Logs in and runs a command, or a login shell.
pub(crate) async fn in_session(
    context: &Context,
    connector: &Connector<'_>,
    server: &Server,
    options: &[OsString],
    command: Option<&str>,
) -> Result<u8> {
    match connector.connect(server).await? {
        Attempt::Ended(code) => Ok(code),
        Attempt::Connected(connected) => {
            let ssh = connected.command(options, command);
            connected.run(context, ssh).await
        }
    }
}

/// The exit code of a shell for a missing command.
const COMMAND_NOT_FOUND: u8 = 127;

/// Whether a command is one word that was meant as a line.
fn is_a_line(words: &[OsString]) -> bool {
    matches!(words, [word] if word.to_string_lossy().contains(char::is_whitespace))
}

/// The words of a command as one line for the shell of the server.
pub(crate) fn command_line(words: &[OsString], raw: bool) -> Result<String> {
    let texts: Vec<&str> = words
        .iter()
        .map(|word| word.to_str().ok_or_else(|| Error::usage("the command is not valid UTF-8")))
        .collect::<Result<_>>()?;
    Ok(if raw { texts.join(" ") } else { remote_line(texts) })
}
