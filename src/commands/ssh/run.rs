//! `c66 run`: a command on a server or in a container, with the variables of the stack.

use std::ffi::OsString;

use clap::{Args, ValueHint};

use super::connect::{Attempt, Connector};
use super::lines::{self, Prefix, or_signal, worst_of};
use super::login::{LoginArgs, check};
use super::new_container::{self, Mode};
use super::places::{Place, TargetArgs, places};
use super::{command_line, dry_run, hint_at_raw, in_session};
use crate::args::StackArgs;
use crate::cloud66::endpoints::{CONTAINERS_LIST, FIREWALLS_CREATE, SERVERS_LIST, SERVERS_SHOW, SESSIONS_CREATE};
use crate::cloud66::servers::Server;
use crate::commands::context::Context;
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
    let (places, commands, first) = if args.new {
        let mode = Mode { with_terminal, is_dry_run: args.login.dry_run };
        let new = new_container::prepare(context, &stack, &args.target, &inside(args)?, mode).await?;
        (vec![new.place], vec![new.line], new.request)
    } else {
        let places = places(context, &stack, &args.target).await?;
        let commands: Result<_> = places.iter().map(|place| remote_command(place, args, with_terminal)).collect();
        (places, commands?, None)
    };
    let options: &[OsString] = if args.interactive { &["-t".into()] } else { &["-T".into()] };
    if args.login.dry_run {
        let servers: Vec<Server> = places.iter().map(|place| place.server.clone()).collect();
        let plans = servers.iter().zip(&commands).map(|(server, command)| {
            Ok(dry_run::login(context, &stack, server, &args.login, args.forward_agent)?.ssh(options, Some(command)))
        });
        let plans = plans.collect::<Result<Vec<_>>>()?;
        return dry_run::show_after(context, &stack, &servers, &args.login, "ssh", &plans, first).await;
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
