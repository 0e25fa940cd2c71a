//! `c66 cloudmc tasks`: shows tasks, waits for them, and prints their results.

use std::time::Duration;

use clap::Subcommand;

use super::super::context::Context;
use super::args::{OrgArgs, RevealArgs};
use super::cells::{first_text, noun, time};
use super::entities::print::print_entity;
use crate::args::{PollArgs, ShowArgs};
use crate::cloudmc::endpoints::TASKS_SHOW;
use crate::cloudmc::task::{Status, Task};
use crate::cloudmc::{CloudMc, failure};
use crate::error::Result;
use crate::http::fields::Fields;
use crate::output::cell::{Cell, Tone};
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show_revealing};
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key, wide};
use crate::wait::{Operation, Poll};

/// Default timeout for a task; the API keeps no task longer.
const TASK_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// Longest pause between two polls of a task.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// `c66 cloudmc tasks …`
#[derive(Debug, Subcommand)]
pub(crate) enum TasksCommand {
    /// Show a task
    #[command(after_help = "Example:\n  c66 cloudmc tasks show fbc5d4f6-c099-4868-92b0-52e3ad35b5e3")]
    #[command(add = Verb::show(Tasks::NOUN))]
    Show {
        /// Id of the task
        id: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        show: ShowArgs,
        #[command(flatten)]
        reveal: RevealArgs,
    },
    /// Wait for a task and print its result
    #[command(after_help = "Example:\n  c66 cloudmc tasks wait fbc5d4f6-c099-4868-92b0-52e3ad35b5e3 --timeout 10m")]
    #[command(add = Verb::calls(&[&TASKS_SHOW]))]
    Wait {
        /// Id of the task
        id: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        reveal: RevealArgs,
        #[command(flatten)]
        poll_args: PollArgs,
    },
}

/// Tasks, in two forms: flat with `taskId` and `taskStatus`, or wrapped with `id` and `status`.
struct Tasks;

impl Resource for Tasks {
    type View = Fields;
    const NOUN: &'static Noun = &noun::<Self>("task", "tasks").shown_by(&TASKS_SHOW);
    const COLUMNS: &'static [Column<Fields>] = &[
        key(Column::text("id", "id for other commands", |task| first_text(task, &["taskId", "id"]).into())),
        Column::text("status", "pending, succeeded or failed", |task| {
            let Some(word) = first_text(task, &["taskStatus", "status"]) else { return Cell::Empty };
            let tone = match Status::of(&word) {
                Status::Pending => Tone::Busy,
                Status::Success => Tone::Good,
                Status::Failed => Tone::Bad,
                Status::Unknown(_) => Tone::Plain,
            };
            Cell::State(word, tone)
        }),
        Column::time("created", "when it was created", |task| time(task, "created")),
        Column::text("result_id", "id of the created or changed resource", |task| {
            task.object("result").text("id").into()
        }),
        wide(Column::text("result", "created or changed resource, as JSON", |task| task.text("result").into())),
    ];

    fn id(task: &Fields) -> Option<String> {
        first_text(task, &["id", "name"])
    }
}

/// Runs `c66 cloudmc tasks …`.
pub(super) async fn run(context: &Context, command: TasksCommand) -> Result<()> {
    match command {
        TasksCommand::Show { id, org, show, reveal } => {
            if print_column_help_if_asked::<Tasks>(&context.printer, &show)? {
                return Ok(());
            }
            let task = context.cloudmc(&org).await?.task(&id).await?;
            show_revealing::<Tasks>(&context.printer, &show, task.document, reveal.reveal)
        }
        TasksCommand::Wait { id, org, reveal, poll_args } => {
            let client = context.cloudmc(&org).await?;
            let label = format!("task {id}");
            let ended = wait(context, client, &id, &label, &poll_args, true).await?;
            print_verdict(context, ended, &label, reveal.reveal)
        }
    }
}

/// Waits for a task that has just started. If the task has no result, that of the first reply is used.
pub(super) async fn follow(
    context: &Context,
    client: &CloudMc,
    begun: Task,
    label: &str,
    poll_args: &PollArgs,
) -> Result<Task> {
    if matches!(begun.status, Status::Success | Status::Failed) {
        return Ok(begun);
    }
    let ended = wait(context, client, &begun.id, label, poll_args, false).await?;
    Ok(Task { result: ended.result.or(begun.result), ..ended })
}

/// Waits for the task with that id.
async fn wait(
    context: &Context,
    client: &CloudMc,
    id: &str,
    label: &str,
    poll_args: &PollArgs,
    poll_immediately: bool,
) -> Result<Task> {
    let operation = Operation {
        label: label.to_owned(),
        attach: attach_command(context, client, id),
        cancel: None,
        action_id: None,
        deployment_id: None,
        // A task that is not found has expired, whoever started it.
        follows_write: false,
    };
    let mut waiter = context.waiter_over(client.transport(), poll_args, TASK_TIMEOUT)?;
    waiter.options.poll_interval.longest = MAX_PAUSE;
    if waiter.options.timeout.is_none_or(|timeout| timeout > TASK_TIMEOUT) {
        context.printer.warn("tasks expire after about 30 minutes; the result of a longer one is lost");
    }
    waiter.wait_for(&operation, poll_immediately, || poll(context, client, id)).await
}

/// The command that waits for a task.
pub(super) fn attach_command(context: &Context, client: &CloudMc, id: &str) -> String {
    context.cloudmc_command(client, &format!("tasks wait {id}"))
}

async fn poll(context: &Context, client: &CloudMc, id: &str) -> Result<Poll<Task>> {
    let task = client.task(id).await?;
    Ok(match &task.status {
        Status::Pending => Poll::Running("pending".to_owned()),
        Status::Unknown(word) => {
            let said = format!("unknown task status `{word}`; treating it as running");
            context.printer.warn_once("task status", &said);
            Poll::Running(word.to_lowercase())
        }
        Status::Success => Poll::Done(task, "succeeded".to_owned()),
        Status::Failed => Poll::Done(task, "failed".to_owned()),
    })
}

/// Prints the result of a task, or returns its failure.
pub(super) fn print_verdict(context: &Context, task: Task, label: &str, reveal: bool) -> Result<()> {
    if task.status == Status::Failed {
        return Err(failure::of_task(&task, label));
    }
    print_result(context, task, reveal)
}

/// Prints the result of a task, or the task itself if it has none.
pub(super) fn print_result(context: &Context, task: Task, reveal: bool) -> Result<()> {
    if let Some(result) = task.result {
        return print_entity(context, result, &ShowArgs::default(), reveal);
    }
    // Without a result, people need only the outcome.
    let columns = if context.printer.is_for_people() { vec!["id".to_owned(), "status".to_owned()] } else { Vec::new() };
    let show = ShowArgs { columns, ..ShowArgs::default() };
    show_revealing::<Tasks>(&context.printer, &show, task.document, reveal)
}
