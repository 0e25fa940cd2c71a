//! `c66 processes`: the background processes of a stack without containers.

mod scale;

use clap::{Args, Subcommand};

use super::actions::{perform, run_action_request};
use super::context::Context;
use super::servers::{ServerArgs, find, on_server};
use crate::args::{ListArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{PROCESSES_LIST, PROCESSES_SHOW, STACK_ACTIONS_RUN};
use crate::cloud66::envelope::Document;
use crate::cloud66::processes::Process;
use crate::cloud66::with_field;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{all_in_stack, list_with_request, request_in_stack, show_with_fetch};
use crate::commands::deferred::Deferred;
use crate::error::{Error, Kind, Result};
use crate::output::cell::Cell;
use crate::resource::find::named::{ItemNames, LookupLabels, not_found_error};
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 processes …`
#[derive(Debug, Subcommand)]
pub(crate) enum ProcessesCommand {
    /// List the background processes of a stack
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 processes list -s awesome-app@production")]
    #[command(add = Verb::list(Processes::NOUN))]
    List {
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one background process
    #[command(after_help = "Example:\n  c66 processes show worker -s awesome-app@production")]
    #[command(add = Verb::show(Processes::NOUN))]
    Show {
        /// Name of the process
        #[arg(add = Processes::NOUN.names())]
        name: String,
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Set how many of a process run on a server
    #[command(
        after_help = "Examples:\n  c66 processes scale worker=3 -s awesome-app@production\n  c66 processes scale worker=+1 scheduler=1 --server caribou -s awesome-app@production\n  c66 processes scale worker=2 --all-servers -s awesome-app@production"
    )]
    Scale(Deferred<scale::ScaleProcessesArgs>),
    /// Restart a process
    #[command(after_help = "Example:\n  c66 processes restart worker -s awesome-app@production")]
    Restart(Deferred<ProcessActionArgs>),
    /// Pause a process
    #[command(after_help = "Example:\n  c66 processes pause worker --server caribou -s awesome-app@production")]
    Pause(Deferred<ProcessActionArgs>),
    /// Resume a paused process
    #[command(after_help = "Example:\n  c66 processes resume worker -s awesome-app@production")]
    Resume(Deferred<ProcessActionArgs>),
}

/// An action on one process.
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&STACK_ACTIONS_RUN, &PROCESSES_LIST]).asks(Asks::OnProduction))]
pub(crate) struct ProcessActionArgs {
    /// Name of the process
    #[arg(add = Processes::NOUN.names())]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Background processes.
pub(crate) struct Processes;

impl Resource for Processes {
    type View = Process;
    const NOUN: &'static Noun = &Noun::new::<Self>("process", "processes")
        .listed_by(&PROCESSES_LIST)
        .shown_by(&PROCESSES_SHOW)
        .named_by(&["name"])
        .told_apart_by(&["command"]);
    const COLUMNS: &'static [Column<Process>] = &[
        key(Column::text("name", "name for other commands", |process| process.name.clone().into())),
        Column::number("count", "how many run in all", |process| Cell::from(process.total())),
        Column::text("servers", "how many run on each server", |process| by_server(&process.servers)),
        minor(Column::text("command", "command", |process| process.command.clone().into())),
        wide(Column::text("paused", "how many are paused on each server", |process| by_server(&process.paused))),
        wide(Column::text("md5", "checksum of its definition", |process| process.md5.clone().into())),
    ];

    fn id(view: &Process) -> Option<String> {
        view.name.clone()
    }
}

fn by_server(counts: &[(String, u64)]) -> Cell {
    let counts: Vec<String> = counts.iter().map(|(server, count)| format!("{server}:{count}")).collect();
    if counts.is_empty() { Cell::Empty } else { Cell::Text(counts.join(" ")) }
}

/// Runs `c66 processes …`.
pub(crate) async fn run(context: &Context, command: ProcessesCommand) -> Result<()> {
    match command {
        ProcessesCommand::List { server, stack, list } => {
            list_with_request::<Processes>(context, &stack, &list, async |target| {
                on_server(context, target, request_in_stack(target, &PROCESSES_LIST, &[])?, &server).await
            })
            .await
        }
        ProcessesCommand::Show { name, server, stack, show } => {
            show_with_fetch::<Processes>(context, &stack, &show, async |target| {
                fetch(context, target, &name, &server).await
            })
            .await
        }
        ProcessesCommand::Scale(Deferred(args)) => scale::scale(context, &args).await,
        ProcessesCommand::Restart(Deferred(args)) => act(context, "Restart", "process_restart", &args).await,
        ProcessesCommand::Pause(Deferred(args)) => act(context, "Pause", "process_pause", &args).await,
        ProcessesCommand::Resume(Deferred(args)) => act(context, "Resume", "process_resume", &args).await,
    }
}

/// One process. The documented reply is a list of all of them, the official client reads one object.
async fn fetch(context: &Context, target: &StackRef, name: &str, server: &ServerArgs) -> Result<Document> {
    let request = request_in_stack(target, &PROCESSES_SHOW, &[("process_name", name)])?;
    let request = on_server(context, target, request, server).await?;
    let reply = match context.cloud66().await?.fetch(&request).await {
        Err(error) if error.kind() == Kind::NotFound => {
            let processes = all_in_stack::<Processes>(context, target).await?;
            let is_there = processes.iter().any(|process| process.name() == name);
            return Err(if is_there { error } else { no_process(target, &processes, name) });
        }
        reply => reply?,
    };
    let Some(items) = reply.items() else { return Ok(reply) };
    let mut processes = Vec::new();
    for item in items {
        let process: Process = item.view()?;
        if process.name() == name {
            return Ok(item);
        }
        processes.push(process);
    }
    Err(no_process(target, &processes, name))
}

/// Runs a command on a process that exists: the API accepts one for a missing process, and does nothing.
async fn act(context: &Context, verb: &str, command: &str, args: &ProcessActionArgs) -> Result<()> {
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let processes = all_in_stack::<Processes>(context, &target).await?;
    let process = choose(&target, &processes, &args.name)?;
    let mut request = run_action_request(&target, command)?;
    // The documentation and the official client use different names for the parameter.
    for parameter in ["process-name", "process_name"] {
        request = with_field(request, parameter, process.name());
    }
    let mut place = String::new();
    if let Some(server) = &args.server.server {
        let server = find(context, &target, server).await?;
        request = with_field(request, "server_uid", server.uid());
        place = format!(" on {}", server.name());
    }
    let prompt = format!("{verb} process {}{place} of {}", process.name(), target.label());
    perform(context, &target, request, &prompt, &args.write, &args.wait).await
}

/// Finds a process by its exact name.
fn choose<'p>(target: &StackRef, processes: &'p [Process], name: &str) -> Result<&'p Process> {
    processes.iter().find(|process| process.name() == name).ok_or_else(|| no_process(target, processes, name))
}

/// The error for an unknown process, with the existing ones.
fn no_process(target: &StackRef, processes: &[Process], name: &str) -> Error {
    let names: Vec<ItemNames<'_>> = processes.iter().map(|process| ItemNames::only(process.name())).collect();
    let owner = target.label();
    not_found_error(LookupLabels::of(Processes::NOUN, &owner), name, &names)
}
