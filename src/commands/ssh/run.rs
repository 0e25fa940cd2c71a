//! `c66 run`: a command on a server or in a container, with the variables of the stack.

use std::ffi::OsString;

use clap::{Args, ValueHint};

use super::connect::{Attempt, Connector};
use super::dry_run::Runs;
use super::lines::{self, Prefix, or_signal, worst_of};
use super::login::{LoginArgs, check};
use super::new_container::{Inner, NewContainer};
use super::places::{Place, TargetArgs, places};
use super::{command_line, dry_run, hint_at_raw, in_session};
use crate::args::StackArgs;
use crate::cloud66::endpoints::{CONTAINERS_LIST, FIREWALLS_CREATE, SERVERS_LIST, SERVERS_SHOW, SESSIONS_CREATE};
use crate::cloud66::servers::Server;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::error::Result;
use crate::resource::verb::Verb;
use crate::ssh::SSH_FAILED;
use crate::text::quote::remote_word;

/// `c66 run`
#[derive(Args, Debug)]
#[command(
    after_help = "On a server, the variables of the stack are set. The exit code is that of the command.\n\nExamples:\n  c66 run --server caribou -s awesome-app@production --dry-run -- bin/rails about\n  c66 run --service web -i -s awesome-app@production -- bin/rails console\n  c66 run --server web --all -s awesome-app@production -- uptime"
)]
#[command(add = Verb::calls(&[&SERVERS_LIST, &CONTAINERS_LIST, &SERVERS_SHOW, &FIREWALLS_CREATE, &SESSIONS_CREATE]))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// In a new container, with the image of the service
    #[arg(long, requires = "service", conflicts_with_all = ["all", "first"])]
    pub(crate) new: bool,
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

/// Makes a shell of a server know the variables of its stack.
const LOAD_VARIABLES: &str = "if [ -r /var/.cloud66_env ]; then . /var/.cloud66_env >/dev/null 2>&1; fi; ";
/// The best shell of a container.
const CONTAINER_SHELL: &str = "sh -c 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi'";

/// Runs `c66 run`; returns the exit code.
pub(crate) async fn run(context: &Context, args: &RunArgs) -> Result<u8> {
    check(context, &args.login)?;
    let stack = context.stack(&args.stack, true).await?;
    let with_terminal = args.interactive && context.printer.stdin_is_terminal();
    let options: &[OsString] = if args.interactive { &["-t".into()] } else { &["-T".into()] };
    if args.new {
        return in_new_container(context, &stack, args, options, with_terminal).await;
    }
    let places = places(context, &stack, &args.target).await?;
    let commands: Result<Vec<String>> = places.iter().map(|place| remote_command(place, args, with_terminal)).collect();
    let commands = commands?;
    if args.login.dry_run {
        let servers: Vec<Server> = places.iter().map(|place| place.server.clone()).collect();
        let plans = servers.iter().zip(&commands).map(|(server, command)| {
            Ok(dry_run::login(context, &stack, server, &args.login, args.forward_agent)?.ssh(options, Some(command)))
        });
        let commands = plans.collect::<Result<_>>()?;
        return dry_run::show(context, &stack, &servers, &args.login, Runs::of_ssh(commands)).await;
    }
    let connector = Connector::new(context, &stack, &args.login)?.forwarding_agent(args.forward_agent);
    if let ([place], [command], false) = (places.as_slice(), commands.as_slice(), args.target.all) {
        let code = in_session(context, &connector, &place.server, options, Some(command)).await?;
        hint_at_raw(context, code, args.raw, &args.command);
        return Ok(code);
    }
    let names: Vec<String> = places.iter().map(|place| place.name.clone()).collect();
    let runs = places.iter().zip(&commands).zip(Prefix::of(&names)).map(|((place, command), prefix)| {
        let connector = &connector;
        async move {
            match connector.connect(&place.server).await? {
                Attempt::Ended(code) => Ok(code),
                Attempt::Connected(connected) => {
                    let mut ssh = connected.command(options, Some(command));
                    let ended = lines::run(&context.printer, &mut ssh, &prefix, None).await?;
                    if ended.code == SSH_FAILED && !ended.has_spoken {
                        connected.explain_failure(context).await?;
                    }
                    Ok(ended.code)
                }
            }
        }
    });
    or_signal(context, worst_of(&context.printer, runs)).await
}

/// Runs the command in a new container, which starts only when one has logged in to its server.
async fn in_new_container(
    context: &Context,
    stack: &StackRef,
    args: &RunArgs,
    options: &[OsString],
    with_terminal: bool,
) -> Result<u8> {
    let command = inside(args)?;
    let service = args.target.service.as_deref().unwrap_or_default();
    let inner = Inner { service, command: &command, with_terminal };
    let new = NewContainer::of(context, stack, &args.target, inner).await?;
    if args.login.dry_run {
        let (request, line) = new.planned(inner);
        let login = dry_run::login(context, stack, &new.server, &args.login, args.forward_agent)?;
        let runs = Runs { after: request, ..Runs::of_ssh(vec![login.ssh(options, Some(&line))]) };
        return dry_run::show(context, stack, std::slice::from_ref(&new.server), &args.login, runs).await;
    }
    let connector = Connector::new(context, stack, &args.login)?.forwarding_agent(args.forward_agent);
    match connector.connect(&new.server).await? {
        Attempt::Ended(code) => Ok(code),
        Attempt::Connected(connected) => {
            let line = new.start(context, stack, inner).await?;
            let code = connected.run(context, connected.command(options, Some(&line))).await?;
            hint_at_raw(context, code, args.raw, &args.command);
            Ok(code)
        }
    }
}

/// The command for the shell of the server.
fn remote_command(place: &Place, args: &RunArgs, with_terminal: bool) -> Result<String> {
    if let Some(container) = &place.container {
        return Ok(container.exec(with_terminal, &inside(args)?));
    }
    let given = given(args)?;
    Ok(format!("{LOAD_VARIABLES}{}", given.as_deref().unwrap_or("exec \"${SHELL:-/bin/sh}\" -l")))
}

/// The command for a container.
fn inside(args: &RunArgs) -> Result<String> {
    Ok(match given(args)? {
        Some(line) if args.raw => format!("sh -c {}", remote_word(&line)),
        Some(line) => line,
        None => CONTAINER_SHELL.to_owned(),
    })
}

fn given(args: &RunArgs) -> Result<Option<String>> {
    if args.command.is_empty() { Ok(None) } else { command_line(&args.command, args.raw).map(Some) }
}
