//! Sending a write, waiting for its task, and printing what came of it.

use std::time::Duration;

use super::super::context::Context;
use super::resources::{Tasks, print_entity};
use crate::args::{PollArgs, ShowArgs, WriteArgs};
use crate::cloudmc::task::{Status, Task};
use crate::cloudmc::{CloudMc, WriteReply, failure};
use crate::commands::cloudmc::args::CloudMcWriteArgs;
use crate::error::Result;
use crate::http::Request;
use crate::resource::show::show_revealing;
use crate::resource::write::acknowledge;
use crate::wait::{Operation, Poll, Waiter};

/// How long tasks are waited for, unless the user says otherwise; they are not kept for longer.
const TASK_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// Longest pause between two looks at a task.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// A write, in words.
pub(super) struct WriteLabels {
    /// An imperative with its object, such as `Stop instances web-1 in compute/prod`.
    pub(super) prompt: String,
    /// The same as the name of work, such as `stop of instances web-1 in compute/prod`.
    pub(super) label: String,
    /// Whether something is lost for good.
    pub(super) is_destructive: bool,
}

/// Sends a write, waits for its task if that is wanted, and prints what came of it.
pub(super) async fn perform(
    context: &Context,
    client: &CloudMc,
    request: Request,
    labels: &WriteLabels,
    write_args: &CloudMcWriteArgs,
) -> Result<()> {
    let request = client.with_organization(request);
    if !confirm(context, client, &request, labels, &write_args.write).await? {
        return Ok(());
    }
    // From here to the end of the wait: in no moment between may a signal end the program without a word.
    let _guard = context.signals.guard()?;
    let reply = send(context, client, &request).await?;
    match reply {
        WriteReply::Nothing => acknowledge(client.transport(), None, "done"),
        WriteReply::Done(document) => print_entity(context, document, &ShowArgs::default(), write_args.reveal.reveal),
        WriteReply::Task(task) if write_args.wait.no_wait => {
            leave(context, client, task, labels, write_args.reveal.reveal)
        }
        WriteReply::Task(task) => {
            let ended = follow(context, client, task, &labels.label, &write_args.wait.poll_args).await?;
            print_verdict(context, ended, &labels.label, write_args.reveal.reveal)
        }
    }
}

/// Settles whether a write goes out.
async fn confirm(
    context: &Context,
    client: &CloudMc,
    request: &Request,
    labels: &WriteLabels,
    write: &WriteArgs,
) -> Result<bool> {
    context
        .confirm_write_over(
            client.transport(),
            &labels.prompt,
            std::slice::from_ref(request),
            write,
            labels.is_destructive,
        )
        .await
}

async fn send(context: &Context, client: &CloudMc, request: &Request) -> Result<WriteReply> {
    let look = format!("look with: {}", context.cloudmc_command(client, "activity list --mine"));
    context.or_interrupted(request, &[look], client.write(request)).await
}

/// Prints what is known of a task that nobody waits for: what it is about, else the task.
fn leave(context: &Context, client: &CloudMc, task: Task, labels: &WriteLabels, reveal: bool) -> Result<()> {
    match task.status {
        Status::Failed => return Err(failure::of_task(&task, &labels.label)),
        Status::Success => {}
        Status::Pending | Status::Unknown(_) => {
            let attach = context.cloudmc_command(client, &format!("tasks wait {}", task.id));
            let (id, status) = (&task.id, task.status.word());
            context.printer.progress(&format!("task {id} {status}: {attach} (kept about 30 minutes)"));
        }
    }
    print(context, task, reveal)
}

/// Prints how a task ended, and gives its verdict: what came of it, else the task itself.
pub(super) fn print_verdict(context: &Context, task: Task, label: &str, reveal: bool) -> Result<()> {
    if task.status == Status::Failed { Err(failure::of_task(&task, label)) } else { print(context, task, reveal) }
}

fn print(context: &Context, task: Task, reveal: bool) -> Result<()> {
    if let Some(result) = task.result {
        return print_entity(context, result, &ShowArgs::default(), reveal);
    }
    // For people nothing but how it ended is left to tell.
    let columns = if context.printer.is_for_people() { vec!["id".to_owned(), "status".to_owned()] } else { Vec::new() };
    let show = ShowArgs { columns, no_headers: false };
    show_revealing::<Tasks>(&context.printer, &show, task.document, reveal)
}

/// Waits until a task that was just begun has ended; what the reply said it is about stands in for a missing result.
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

/// Waits until the task of that id has ended.
pub(super) async fn wait(
    context: &Context,
    client: &CloudMc,
    id: &str,
    label: &str,
    poll_args: &PollArgs,
    poll_immediately: bool,
) -> Result<Task> {
    let operation = Operation {
        label: label.to_owned(),
        attach: context.cloudmc_command(client, &format!("tasks wait {id}")),
        cancel: None,
        action_id: None,
        // A task that is not found has expired, whoever began it.
        follows_write: false,
    };
    let mut waiter: Waiter<'_> = context.waiter_over(client.transport(), poll_args, TASK_TIMEOUT)?;
    waiter.options.poll_interval.longest = MAX_PAUSE;
    if waiter.options.timeout.is_none_or(|timeout| timeout > TASK_TIMEOUT) {
        context.printer.warn("tasks are kept for about 30 minutes; what came of a longer one cannot be seen");
    }
    waiter.wait_for(&operation, poll_immediately, || poll(context, client, id)).await
}

async fn poll(context: &Context, client: &CloudMc, id: &str) -> Result<Poll<Task>> {
    let task = client.task(id).await?;
    Ok(match &task.status {
        Status::Pending => Poll::Running("pending".to_owned()),
        Status::Unknown(word) => {
            let said = format!("the task has the status `{word}`, which nobody documents; it is taken to go on");
            context.printer.warn_once("task status", &said);
            Poll::Running(word.to_lowercase())
        }
        Status::Success => Poll::Done(task, "succeeded".to_owned()),
        Status::Failed => Poll::Done(task, "failed".to_owned()),
    })
}
