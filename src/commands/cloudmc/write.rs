//! Writes: asking first, sending, waiting for the task, and printing what came of it.

use super::super::context::Context;
use super::args::CloudMcWriteArgs;
use super::entities::print::print_entity;
use super::tasks::{attach_command, follow, print_result, print_verdict};
use crate::args::ShowArgs;
use crate::cloudmc::task::{Status, Task};
use crate::cloudmc::{CloudMc, WriteReply, failure};
use crate::error::{Kind, Result};
use crate::http::Request;
use crate::resource::write::acknowledge;
use crate::text::format::snake_case;

/// Words in the names of operations that destroy something.
const DESTRUCTIVE_WORDS: [&str; 10] =
    ["delete", "destroy", "expunge", "purge", "release", "remove", "terminate", "uninstall", "wipe", "erase"];

/// A write, in words.
pub(super) struct WriteLabels {
    /// An imperative with its object, such as `Stop instances web-1 in compute/prod`.
    pub(super) prompt: String,
    /// The same as the name of work, such as `stop of instances web-1 in compute/prod`.
    pub(super) label: String,
    /// Whether it destroys something for good.
    pub(super) is_destructive: bool,
}

/// Whether an operation of that name destroys something.
pub(super) fn is_destructive(operation: &str) -> bool {
    snake_case(operation).split(['_', '-']).any(|word| DESTRUCTIVE_WORDS.contains(&word))
}

/// Sends a write once it is confirmed, waits for its task unless the user does not want to, and prints what came of it.
pub(super) async fn perform(
    context: &Context,
    client: &CloudMc,
    request: Request,
    labels: &WriteLabels,
    write_args: &CloudMcWriteArgs,
) -> Result<()> {
    let request = client.with_organization(request);
    let (prompt, requests, ask) = (&labels.prompt, std::slice::from_ref(&request), labels.is_destructive);
    if !context.confirm_write_over(client.transport(), prompt, requests, &write_args.write, ask).await? {
        return Ok(());
    }
    // Held until the wait is over: no signal may end the program in between without a word.
    let _guard = context.signals.guard()?;
    let look = format!("look with: {}", context.cloudmc_command(client, "activity list --mine"));
    let reply = context.or_interrupted(&request, &[look], client.write(&request)).await?;
    let reveal = write_args.reveal.reveal;
    match reply {
        WriteReply::Nothing => acknowledge(client.transport(), None, "done"),
        WriteReply::Done(document) => print_entity(context, document, &ShowArgs::default(), reveal),
        WriteReply::Task(task) if write_args.wait.no_wait => print_begun(context, client, task, labels, reveal),
        WriteReply::Task(task) => {
            let ended = follow(context, client, task, &labels.label, &write_args.wait.poll_args).await?;
            print_verdict(context, ended, &labels.label, reveal)
        }
    }
}

/// Prints what is known of a task that the user does not wait for.
fn print_begun(context: &Context, client: &CloudMc, task: Task, labels: &WriteLabels, reveal: bool) -> Result<()> {
    match task.status {
        Status::Failed => return Err(failure::of_task(&task, &labels.label)),
        Status::Success => {}
        Status::Pending | Status::Unknown(_) => {
            let attach = attach_command(context, client, &task.id);
            let (id, status) = (&task.id, task.status.word());
            context.printer.progress(&format!("task {id} {status}: {attach} (kept about 30 minutes)"));
        }
    }
    print_result(context, task, reveal)
}

/// The outcome of a delete; with `--if-exists` it succeeds when there was nothing to delete.
pub(super) fn accept_missing(context: &Context, client: &CloudMc, if_exists: bool, outcome: Result<()>) -> Result<()> {
    match outcome {
        Err(error) if if_exists && error.kind() == Kind::NotFound => {
            context.printer.progress(error.message());
            acknowledge(client.transport(), None, "there was nothing to delete")
        }
        outcome => outcome,
    }
}
