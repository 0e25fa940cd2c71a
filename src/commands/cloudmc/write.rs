//! Writes: confirms, sends, waits for the task, and prints the result.

use super::super::context::Context;
use super::args::CloudMcWriteArgs;
use super::entities::print::print_entity;
use super::tasks::{attach_command, follow, print_result, print_verdict};
use crate::args::ShowArgs;
use crate::cloudmc::task::{Status, Task};
use crate::cloudmc::{CloudMc, WriteReply, failure};
use crate::error::{Kind, Result};
use crate::http::Request;
use crate::resource::verb::Asks;
use crate::resource::write::acknowledge;
use crate::text::format::snake_case;

/// Parts of the names of destructive operations.
const DESTRUCTIVE_WORDS: [&str; 10] =
    ["delete", "destroy", "expunge", "purge", "release", "remove", "terminate", "uninstall", "wipe", "erase"];

/// The labels of a write.
pub(super) struct WriteLabels {
    /// An imperative with its object, such as `Stop instances web-1 in compute/prod`.
    pub(super) prompt: String,
    /// The work, such as `stop of instances web-1 in compute/prod`.
    pub(super) label: String,
}

/// Whether an operation of that name is destructive.
pub(super) fn is_destructive(operation: &str) -> bool {
    snake_case(operation).split(['_', '-']).any(|word| DESTRUCTIVE_WORDS.contains(&word))
}

/// Sends a write after asking as the command declares, waits for its task unless told otherwise, and prints the result.
pub(super) async fn perform(
    context: &Context,
    client: &CloudMc,
    request: Request,
    labels: &WriteLabels,
    write_args: &CloudMcWriteArgs,
) -> Result<()> {
    perform_as(context, Asks::Never, client, request, labels, write_args).await
}

/// The same for a case in which the command asks more than it declares.
pub(super) async fn perform_as(
    context: &Context,
    asks: Asks,
    client: &CloudMc,
    request: Request,
    labels: &WriteLabels,
    write_args: &CloudMcWriteArgs,
) -> Result<()> {
    let request = client.with_organization(request);
    let (prompt, requests) = (&labels.prompt, std::slice::from_ref(&request));
    let ask = context.must_ask(asks, false);
    if !context.confirm_write_over(client.transport(), prompt, requests, &write_args.write, ask).await? {
        return Ok(());
    }
    // Held until the wait is over: a signal in between must not end the program silently.
    let _guard = context.signals.guard()?;
    let look = format!("check with: {}", context.cloudmc_command(client, "activity list --mine"));
    let reply = context.or_interrupted(&request, &[look], client.write(&request)).await?;
    let reveal = write_args.reveal.reveal;
    match reply {
        WriteReply::Nothing => acknowledge(client.transport(), None, "Done."),
        WriteReply::Done(document) => print_entity(context, document, &ShowArgs::default(), reveal),
        WriteReply::Task(task) if write_args.wait.no_wait => print_begun(context, client, task, labels, reveal),
        WriteReply::Task(task) => {
            let ended = follow(context, client, task, &labels.label, &write_args.wait.poll_args).await?;
            print_verdict(context, ended, &labels.label, reveal)
        }
    }
}

/// Prints what is known of a task without waiting for it.
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

/// The outcome of a delete; with `--if-exists` a missing resource is fine.
pub(super) fn accept_missing(context: &Context, client: &CloudMc, if_exists: bool, outcome: Result<()>) -> Result<()> {
    match outcome {
        Err(error) if if_exists && error.kind() == Kind::NotFound => {
            context.printer.progress(error.message());
            acknowledge(client.transport(), None, "Already deleted.")
        }
        outcome => outcome,
    }
}
