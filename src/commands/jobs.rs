//! `c66 jobs`: commands of a stack that run on a schedule, or when asked.

use clap::{Args, Subcommand};

use super::actions::perform;
use super::context::Context;
use super::servers::{ServerArgs, on_server};
use crate::args::{ListArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{
    JOBS_LIST, JOBS_PAUSE, JOBS_PAUSE_ALL, JOBS_RUN, JOBS_SHOW, JOBS_UNPAUSE, JOBS_UNPAUSE_ALL,
};
use crate::cloud66::jobs::{Job, status_name};
use crate::cloud66::with_field;
use crate::commands::cells::code_cell;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{all_in_stack, list_with_request, request_in_stack, show_with_fetch};
use crate::commands::deferred::Deferred;
use crate::error::{Error, Kind, Result};
use crate::http::endpoint::Endpoint;
use crate::output::cell::{Cell, Tone};
use crate::resource::find::is_uid;
use crate::resource::find::named::{self, ItemNames, LookupLabels};
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor, wide};
use crate::text::quote::shell_quote;
use crate::text::sanitize::sanitize;

/// `c66 jobs …`
#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// List the jobs of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Example:\n  c66 jobs list -s awesome-app@production --filter status=failed"
    )]
    #[command(add = Verb::list(Jobs::NOUN))]
    List {
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one job
    #[command(after_help = "Example:\n  c66 jobs show pies -s awesome-app@production")]
    #[command(add = Verb::show(Jobs::NOUN))]
    Show {
        /// Name or UID of the job
        #[arg(add = Jobs::NOUN.names())]
        job: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Run a job now and wait for its outcome
    #[command(
        after_help = "Examples:\n  c66 jobs run pies -s awesome-app@production\n  c66 jobs run pies -s awesome-app@production -- --since yesterday\n\nExits with 5 if the job fails. Arguments are passed to the command of the job, quoted for a shell."
    )]
    #[command(add = Verb::calls(&[&JOBS_RUN, &JOBS_LIST]).asks(Asks::OnProduction))]
    Run {
        /// Name or UID of the job
        #[arg(add = Jobs::NOUN.names())]
        job: String,
        /// Arguments for the command of the job
        #[arg(last = true)]
        arguments: Vec<String>,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        write: WriteArgs,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Suspend the schedule of a job, or of all jobs
    #[command(
        after_help = "Examples:\n  c66 jobs pause pies -s awesome-app@production\n  c66 jobs pause --all -s awesome-app@production"
    )]
    #[command(add = Verb::calls(&[&JOBS_PAUSE, &JOBS_PAUSE_ALL, &JOBS_LIST]).asks(Asks::OnProduction))]
    Pause(Deferred<PauseArgs>),
    /// Resume the schedule of a job, or of all jobs
    #[command(
        alias = "resume",
        after_help = "Examples:\n  c66 jobs unpause pies -s awesome-app@production\n  c66 jobs unpause --all -s awesome-app@production"
    )]
    #[command(add = Verb::calls(&[&JOBS_UNPAUSE, &JOBS_UNPAUSE_ALL, &JOBS_LIST]).asks(Asks::OnProduction))]
    Unpause(Deferred<PauseArgs>),
}

/// A job, or all of them.
#[derive(Args, Debug)]
pub(crate) struct PauseArgs {
    /// Name or UID of the job
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    #[arg(add = Jobs::NOUN.names())]
    pub(crate) job: Option<String>,
    /// Every job of the stack
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Jobs.
pub(crate) struct Jobs;

impl Resource for Jobs {
    type View = Job;
    const NOUN: &'static Noun = &Noun::new::<Self>("job", "jobs")
        .listed_by(&JOBS_LIST)
        .shown_by(&JOBS_SHOW)
        .named_by(&["name", "uid"])
        .told_apart_by(&["cron"])
        .folded();
    const COLUMNS: &'static [Column<Job>] = &[
        key(Column::text("name", "name for other commands", |job| job.name.clone().into())),
        Column::text("schedule", "when it runs, as cron fields", |job| job.cron.clone().into()),
        Column::text("status", "outcome of its last run", status_cell),
        minor(Column::flag("paused", "whether its schedule is suspended", |job| job.paused.into())),
        minor(Column::text("command", "what it runs", |job| job.command.clone().into())),
        Column::uid("uid", "UID for other commands", |job| job.uid.clone().into()),
        wide(Column::text("type", "kind of job", |job| job.kind.clone().into())),
        wide(Column::text("service", "service it runs in", |job| job.service.clone().into())),
        wide(Column::time("created", "when it was created", |job| job.created_at.clone().into())),
        wide(Column::time("updated", "when it was last changed", |job| job.updated_at.clone().into())),
    ];

    fn id(view: &Job) -> Option<String> {
        view.uid.clone()
    }
}

fn status_cell(job: &Job) -> Cell {
    if job.status.code.is_none() {
        return job.status.meaning.clone().into();
    }
    code_cell(job.status.code, status_name, |code| match code {
        1 => Tone::Busy,
        2 => Tone::Good,
        3 => Tone::Bad,
        _ => Tone::Dim,
    })
}

/// Runs `c66 jobs …`.
pub(crate) async fn run(context: &Context, command: JobsCommand) -> Result<()> {
    match command {
        JobsCommand::List { server, stack, list } => {
            list_with_request::<Jobs>(context, &stack, &list, async |target| {
                on_server(context, target, request_in_stack(target, &JOBS_LIST, &[])?, &server).await
            })
            .await
        }
        JobsCommand::Show { job, stack, show } => {
            show_with_fetch::<Jobs>(context, &stack, &show, async |target| {
                let (uid, _) = find(context, target, &job).await?;
                context.cloud66().await?.fetch(&request_in_stack(target, &JOBS_SHOW, &[("job_id", &uid)])?).await
            })
            .await
        }
        JobsCommand::Run { job, arguments, stack, write, wait } => {
            let target = context.stack_for_write(&stack, &write).await?;
            let (uid, label) = find(context, &target, &job).await?;
            let mut request = request_in_stack(&target, &JOBS_RUN, &[("job_id", &uid)])?;
            let quoted: Vec<_> = arguments.iter().map(|argument| shell_quote(argument)).collect();
            if !quoted.is_empty() {
                request = with_field(request, "job_args", quoted.join(" "));
            }
            let prompt = format!("Run job {label} of {}", target.label());
            perform(context, &target, request, &prompt, &write, &wait).await
        }
        JobsCommand::Pause(Deferred(args)) => switch(context, "Pause", &[&JOBS_PAUSE, &JOBS_PAUSE_ALL], &args).await,
        JobsCommand::Unpause(Deferred(args)) => {
            switch(context, "Unpause", &[&JOBS_UNPAUSE, &JOBS_UNPAUSE_ALL], &args).await
        }
    }
}

/// Pauses or unpauses one job by the first operation, or all by the second.
async fn switch(context: &Context, verb: &str, [one, all]: &[&'static Endpoint; 2], args: &PauseArgs) -> Result<()> {
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let (request, what) = match &args.job {
        Some(job) => {
            let (uid, label) = find(context, &target, job).await?;
            (request_in_stack(&target, one, &[("job_id", &uid)])?, format!("job {label}"))
        }
        None => (request_in_stack(&target, all, &[])?, "all jobs".to_owned()),
    };
    perform(context, &target, request, &format!("{verb} {what} of {}", target.label()), &args.write, &args.wait).await
}

/// The UID and the name of a job: a UID is used unchanged, a name or a prefix is looked up.
async fn find(context: &Context, target: &StackRef, wanted: &str) -> Result<(String, String)> {
    if is_uid(wanted) {
        return Ok((wanted.to_owned(), wanted.to_owned()));
    }
    let jobs = all_in_stack::<Jobs>(context, target).await?;
    let owner = target.label();
    let job = named::choose(LookupLabels::of(Jobs::NOUN, &owner), &jobs, wanted, |job| {
        ItemNames::of(job.uid.as_deref().unwrap_or_default(), job.name.as_deref().unwrap_or_default())
    })?;
    let uid = job.uid.clone().ok_or_else(|| Error::new(Kind::BadReply, "the API returned a job without a UID"))?;
    let label = job.name.as_deref().map_or_else(|| uid.clone(), |name| sanitize(name).into_owned());
    Ok((uid, label))
}
