//! `c66 run`: a command on a server or in a container, with the variables of the stack.

use std::ffi::OsString;

use clap::{Args, ValueHint};

use super::connect::{Attempt, Connector};
use super::lines::{self, Prefix, worst_of};
use super::login::{LoginArgs, check};
use super::pick::{Picked, pick};
use super::{command_line, dry_run, in_session};
use crate::args::StackArgs;
use crate::cloud66::containers::Container;
use crate::cloud66::endpoints::{CONTAINERS_LIST, FIREWALLS_CREATE, SERVERS_LIST, SERVERS_SHOW};
use crate::cloud66::servers::Server;
use crate::commands::containers::{Containers, choose_container, containers};
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::servers::Servers;
use crate::commands::services::Services;
use crate::error::{Error, Kind, Result};
use crate::resource::Resource;
use crate::resource::find::folded;
use crate::resource::verb::Verb;
use crate::text::quote::remote_word;
use crate::text::sanitize::sanitize;

/// `c66 run`
#[derive(Args, Debug)]
#[command(
    after_help = "On a server, the variables of the stack are set. The exit code is that of the command.\n\nExamples:\n  c66 run --server caribou -s awesome-app@production --dry-run -- bin/rails about\n  c66 run --service web -i -s awesome-app@production -- bin/rails console\n  c66 run --server web --all -s awesome-app@production -- uptime"
)]
#[command(add = Verb::calls(&[&SERVERS_LIST, &CONTAINERS_LIST, &SERVERS_SHOW, &FIREWALLS_CREATE]))]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Use a terminal, for consoles; without a command, start a shell
    #[arg(short, long)]
    pub(crate) interactive: bool,
    /// Join the words with spaces and let the shell there interpret them
    #[arg(long)]
    pub(crate) raw: bool,
    /// Forward your SSH agent to the server, whose administrators can then use it
    #[arg(short = 'A', long)]
    pub(crate) forward_agent: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) login: LoginArgs,
    /// Command to run; each word arrives as it is
    #[arg(trailing_var_arg = true, required_unless_present = "interactive", value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
}

/// Where to run it.
#[derive(Args, Debug)]
pub(crate) struct TargetArgs {
    /// On this server: name, UID, address, unique prefix or role
    #[arg(long, value_name = "SERVER", required_unless_present_any = ["service", "container", "all"])]
    #[arg(add = Servers::NOUN.names())]
    pub(crate) server: Option<String>,
    /// In a container of this service
    #[arg(long, value_name = "SERVICE", conflicts_with = "container")]
    #[arg(add = Services::NOUN.names())]
    pub(crate) service: Option<String>,
    /// In this container: its UID, or a unique prefix
    #[arg(long, value_name = "UID", conflicts_with = "server")]
    #[arg(add = Containers::NOUN.names())]
    pub(crate) container: Option<String>,
    /// On every server, or on every one that --server or --service matches
    #[arg(long, conflicts_with_all = ["container", "interactive"])]
    pub(crate) all: bool,
    /// Take the first server if several match
    #[arg(long, conflicts_with = "all")]
    pub(crate) first: bool,
}

/// A server, and perhaps a container on it.
pub(crate) struct Place {
    /// The server.
    pub(crate) server: Server,
    /// The UID of the container.
    pub(crate) container: Option<String>,
    /// Name for the output.
    pub(crate) name: String,
}

/// Makes a shell of a server know the variables of its stack.
const LOAD_VARIABLES: &str = "if [ -r /var/.cloud66_env ]; then . /var/.cloud66_env >/dev/null 2>&1; fi; ";
/// The best shell of a container.
const CONTAINER_SHELL: &str = "sh -c 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi'";

/// Runs `c66 run`; returns the exit code.
pub(crate) async fn run(context: &Context, args: &RunArgs) -> Result<u8> {
    check(context, &args.login)?;
    let stack = context.stack(&args.stack, true).await?;
    let places = places(context, &stack, &args.target).await?;
    let commands: Vec<String> = places
        .iter()
        .map(|place| remote_command(place, args, context.printer.stdin_is_terminal()))
        .collect::<Result<_>>()?;
    let options: &[OsString] = if args.interactive { &["-t".into()] } else { &["-T".into()] };
    if args.login.dry_run {
        let servers: Vec<Server> = places.iter().map(|place| place.server.clone()).collect();
        let plans = servers.iter().zip(&commands).map(|(server, command)| {
            Ok(dry_run::login(context, &stack, server, &args.login, args.forward_agent)?.ssh(options, Some(command)))
        });
        return dry_run::show(context, &stack, &servers, &args.login, "ssh", &plans.collect::<Result<Vec<_>>>()?).await;
    }
    if let ([place], [command], false) = (places.as_slice(), commands.as_slice(), args.target.all) {
        let command = Some(command.as_str());
        return in_session(context, &stack, &place.server, &args.login, args.forward_agent, options, command).await;
    }
    let connector = Connector::new(context, &stack, &args.login)?.forwarding_agent(args.forward_agent);
    let names: Vec<String> = places.iter().map(|place| place.name.clone()).collect();
    let runs = places.iter().zip(&commands).zip(Prefix::of(&names)).map(|((place, command), prefix)| {
        let connector = &connector;
        async move {
            match connector.connect(&place.server).await? {
                Attempt::Ended(code) => Ok(code),
                Attempt::Connected(connected) => {
                    let mut ssh = connected.command(options, Some(command));
                    lines::run(&context.printer, &mut ssh, &prefix, None).await.map(|ended| ended.code)
                }
            }
        }
    });
    let guard = context.signals.guard()?;
    tokio::select! {
        code = worst_of(&context.printer, runs) => code,
        signal = guard.signal() => Ok(signal.kind().exit().code()),
    }
}

/// The command for the shell of the server.
fn remote_command(place: &Place, args: &RunArgs, has_terminal: bool) -> Result<String> {
    let given = match args.command.as_slice() {
        [] => None,
        words => Some(command_line(words, args.raw)?),
    };
    let Some(container) = &place.container else {
        return Ok(format!("{LOAD_VARIABLES}{}", given.as_deref().unwrap_or("exec \"${SHELL:-/bin/sh}\" -l")));
    };
    let terminal = if args.interactive && has_terminal { " -t" } else { "" };
    let inside = match given {
        Some(line) if args.raw => format!("sh -c {}", remote_word(&line)),
        Some(line) => line,
        None => CONTAINER_SHELL.to_owned(),
    };
    Ok(format!("sudo docker exec -i{terminal} {container} {inside}"))
}

/// Where the command runs.
pub(crate) async fn places(context: &Context, stack: &StackRef, target: &TargetArgs) -> Result<Vec<Place>> {
    let picking = if target.all { Picked::All } else { Picked::first(target.first) };
    if target.container.is_none() && target.service.is_none() {
        let servers = match &target.server {
            Some(wanted) => pick(context, stack, wanted, picking).await?,
            None => super::pick::servers(context, stack).await?,
        };
        let place = |server: Server| Place { name: server.name().to_owned(), server, container: None };
        return Ok(servers.into_iter().map(place).collect());
    }
    let servers = super::pick::servers(context, stack).await?;
    let allowed = match &target.server {
        Some(wanted) => super::pick::choose(&servers, &stack.label(), wanted, Picked::All)?,
        None => servers,
    };
    let all = containers(context, stack).await?;
    if let Some(wanted) = &target.container {
        let container = choose_container(&all, stack, wanted)?;
        return Ok(vec![place_of(container, &allowed)?]);
    }
    let wanted = target.service.as_deref().unwrap_or_default();
    let of_service =
        |container: &&Container| container.service_name.as_deref().is_some_and(|name| folded(name) == folded(wanted));
    let found: Vec<&Container> = all.iter().filter(of_service).collect();
    let mut places: Vec<Place> = found.iter().filter_map(|container| place_of(container, &allowed).ok()).collect();
    if places.is_empty() {
        let (globals, flag) = (&context.global_flags, stack.flag());
        return Err(Error::not_found(format!(
            "no container of service `{}` found on {}",
            sanitize(wanted),
            stack.label()
        ))
        .hint(format!("c66{globals} containers list {flag}")));
    }
    if !target.all {
        if places.len() > 1 {
            let name = &places[0].name;
            context.printer.note(&format!("{} containers of {} run; using {name}", places.len(), sanitize(wanted)));
        }
        places.truncate(1);
    }
    Ok(places)
}

/// The container on its server.
fn place_of(container: &Container, servers: &[Server]) -> Result<Place> {
    let uid = container.uid.as_deref().unwrap_or_default();
    let is_plain = !uid.is_empty() && uid.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let server = servers.iter().find(|server| server.uid.is_some() && server.uid == container.server_uid);
    let server = server.filter(|_| is_plain).ok_or_else(|| {
        Error::new(Kind::Refused, format!("container {} is on no server that one can log in to", sanitize(uid)))
            .hint("containers of a Kubernetes cluster are reached with kubectl on its master: c66 ssh MASTER")
    })?;
    let short: String = uid.chars().take(12).collect();
    let service = container.service_name.as_deref().unwrap_or("container");
    Ok(Place { server: server.clone(), container: Some(uid.to_owned()), name: format!("{service}.{short}") })
}
