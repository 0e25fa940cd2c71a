//! Sends writes that start a stack action, and waits for it.

use std::time::Instant;

use super::Actions;
use crate::args::{ConfirmArgs, ListArgs, PollArgs, ShowArgs, WaitArgs, WriteArgs};
use crate::cloud66::Cloud66;
use crate::cloud66::actions::{Action, RunState};
use crate::cloud66::endpoints::STACK_ACTIONS_SHOW;
use crate::cloud66::envelope::Document;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::commands::context::{ACTION_TIMEOUT, Context};
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::http::error::failed_request;
use crate::http::fields::Fields;
use crate::output::Format;
use crate::resource::list::Listing;
use crate::resource::show;
use crate::resource::write::acknowledge;
use crate::text::format::past_tense;
use crate::wait::{Operation, Poll};

/// What a write does, for the prompt and for its result.
pub(crate) struct WritePhrase {
    /// An imperative with its object, such as `Restart shop@staging`.
    pub(crate) prompt: String,
    /// What then holds, if that is not the prompt in the past tense.
    pub(crate) done: Option<String>,
}

impl WritePhrase {
    /// A phrase from its imperative.
    pub(crate) fn new(prompt: String) -> Self {
        Self { prompt, done: None }
    }

    /// The result, as a sentence without its full stop.
    pub(crate) fn sentence(&self) -> String {
        self.done.clone().unwrap_or_else(|| past_tense(&self.prompt))
    }
}

/// Sends a write that starts a stack action, waits for it unless told otherwise, and prints it.
pub(crate) async fn perform(
    context: &Context,
    target: &StackRef,
    request: Request,
    prompt: &str,
    write: &WriteArgs,
    wait: &WaitArgs,
) -> Result<()> {
    perform_as(context, target, request, &WritePhrase::new(prompt.to_owned()), write, wait).await
}

/// The same with a phrase for the result.
pub(crate) async fn perform_as(
    context: &Context,
    target: &StackRef,
    request: Request,
    phrase: &WritePhrase,
    write: &WriteArgs,
    wait: &WaitArgs,
) -> Result<()> {
    if !context.confirm_write(target, &phrase.prompt, std::slice::from_ref(&request), write).await? {
        return Ok(());
    }
    carry_out(context, target, &request, phrase, wait).await
}

/// The same for a write that asks for the name of the stack; `why` is what it destroys.
pub(crate) async fn perform_by_name(
    context: &Context,
    target: &StackRef,
    request: &Request,
    (phrase, why): (&WritePhrase, &str),
    (write, confirm): (&WriteArgs, &ConfirmArgs),
    wait: &WaitArgs,
) -> Result<()> {
    if context.confirm_write_by_name(target, why, std::slice::from_ref(request), write, confirm).await? {
        carry_out(context, target, request, phrase, wait).await?;
    }
    Ok(())
}

/// Sends a confirmed write that starts a stack action, waits for it unless told otherwise, and prints it.
pub(crate) async fn carry_out(
    context: &Context,
    target: &StackRef,
    request: &Request,
    phrase: &WritePhrase,
    wait: &WaitArgs,
) -> Result<()> {
    let began = Instant::now();
    match send(context, target, request, wait).await? {
        Some(document) => {
            let action: Action = document.view()?;
            // The error says what failed; a script gets it without a result.
            if let Err(error) = verdict(&action) {
                return Err(error.hint(format!("for details, run: c66 actions show {}", action.id.unwrap_or_default())));
            }
            print_actions(context, target, vec![document], true, &phrase.sentence(), began).await
        }
        None => {
            acknowledge(context.cloud66().await?.transport(), None, "Accepted; the reply has no action to wait for.")
        }
    }
}

/// Sends a write that starts a stack action and returns the action: at its end, or with `--no-wait` at its start.
/// Returns `None` for a reply without one (some are documented as empty).
pub(crate) async fn send(
    context: &Context,
    target: &StackRef,
    request: &Request,
    wait: &WaitArgs,
) -> Result<Option<Document>> {
    // The guard must be held from here to the end of the wait: a signal in between must not end the program silently.
    let _guard = context.signals.guard()?;
    match start(context, target, request, wait).await? {
        Some(started) => started.finish(context, target, wait).await.map(Some),
        None => Ok(None),
    }
}

/// An action that a write started. Later failures say nothing about the write, which was accepted.
pub(crate) struct Started {
    document: Document,
    action: Action,
}

/// Sends a write and returns the action that it started, or `None` if the reply has none.
///
/// An error is about the write itself. The caller holds a signal guard until the wait is over.
pub(crate) async fn start(
    context: &Context,
    target: &StackRef,
    request: &Request,
    wait: &WaitArgs,
) -> Result<Option<Started>> {
    // Report invalid wait settings before anything is sent.
    context.waiter(&wait.poll_args, ACTION_TIMEOUT).await?;
    let Some(document) = context.send(target, request).await? else {
        if request.begins_action {
            let look = format!("c66{} actions list {}", context.global_flags, target.flag());
            let said = format!(
                "the reply to {} is empty: the API accepted it without an action to wait for",
                request.describe()
            );
            context.printer.warn(&format!("{said}; check with: {look}"));
        }
        return Ok(None);
    };
    let action: Action = document.view()?;
    let is_named = action.id.is_some() || action.state() != RunState::Running;
    // `ok` means that it was accepted, with nothing to wait for.
    if request.begins_action && !is_named && document.view::<Fields>()?.boolean("ok") != Some(true) {
        let message = format!("the reply to {} has no action; the request may have been done", request.describe());
        return Err(Error::new(Kind::BadReply, message).maybe_done().with_request(failed_request(request, None)));
    }
    Ok(Some(Started { document, action }))
}

impl Started {
    /// Returns the action at its end, or with `--no-wait` at its start.
    pub(crate) async fn finish(self, context: &Context, target: &StackRef, wait: &WaitArgs) -> Result<Document> {
        match self.action.id {
            Some(id) if !wait.no_wait && self.action.state() == RunState::Running => {
                follow(context, target, id, Some(self.action.name()), &wait.poll_args, true).await
            }
            _ => Ok(self.document),
        }
    }
}

/// Sends named changes and prints their outcome; `sentence` is the result, without its full stop.
pub(crate) async fn send_all_and_print(
    context: &Context,
    target: &StackRef,
    changes: &[(String, Request)],
    wait: &WaitArgs,
    single: bool,
    sentence: &str,
) -> Result<()> {
    let began = Instant::now();
    let done = send_all(context, target, changes, wait).await?;
    print_actions(context, target, done, single, sentence, began).await
}

/// Sends named changes one after the other (parallel ones would conflict on the stack), and returns their actions. The
/// first failure ends it, with a report of what was done and what was not.
pub(crate) async fn send_all(
    context: &Context,
    target: &StackRef,
    changes: &[(String, Request)],
    wait: &WaitArgs,
) -> Result<Vec<Document>> {
    let mut done = Vec::new();
    for (index, (_, request)) in changes.iter().enumerate() {
        let _guard = context.signals.guard()?;
        let mut taken = false;
        let outcome = async {
            let Some(started) = start(context, target, request, wait).await? else { return Ok(()) };
            taken = true;
            let document = started.finish(context, target, wait).await?;
            let verdict = verdict(&document.view()?);
            done.push(document);
            verdict
        };
        if let Err(error) = outcome.await {
            let is_open = (taken && error.kind() != Kind::RemoteFailed) || error.may_have_been_done();
            return Err(match changes.len() {
                1 => error,
                _ => error.hint(progress_hint(changes, index, is_open)),
            });
        }
    }
    Ok(done)
}

/// Which changes were done when the one at `index` failed; `is_open` means that it may have been done too.
fn progress_hint(changes: &[(String, Request)], index: usize, is_open: bool) -> String {
    let names = |changes: &[(String, Request)]| match changes {
        [] => "nothing".to_owned(),
        changes => changes.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(", "),
    };
    let (key, before, after) = (&changes[index].0, names(&changes[..index]), names(&changes[index + 1..]));
    let open = if is_open { format!("{key} may be done or still running; ") } else { String::new() };
    format!("{open}done before {key}: {before}; not sent: {after}; run the same command again to do the rest")
}

/// Prints that there was nothing to change: a sentence, or what [`print_actions`] prints without actions.
pub(crate) async fn print_unchanged(context: &Context, single: bool, sentence: &str) -> Result<()> {
    if single || context.printer.is_for_people() {
        return acknowledge(context.cloud66().await?.transport(), None, sentence);
    }
    list_actions(context, Vec::new()).await
}

/// Prints the started actions: a sentence in a table; otherwise one object for a single change, and a list for several,
/// even if some were unnecessary.
pub(crate) async fn print_actions(
    context: &Context,
    target: &StackRef,
    mut done: Vec<Document>,
    single: bool,
    sentence: &str,
    began: Instant,
) -> Result<()> {
    let printer = &context.printer;
    if printer.is_for_people() && (printer.format() == Format::Table || done.is_empty()) {
        let running = done.iter().rev().find_map(|document| {
            let action: Action = document.view().ok()?;
            action.id.filter(|_| action.state() == RunState::Running).map(|id| (id, action.name().to_owned()))
        });
        match running {
            Some((id, name)) => {
                printer.success(&format!("Started {name} on {} (action {id})", target.label()), began.elapsed())?;
                let globals = &context.global_flags;
                printer.note(&format!("follow it with: c66{globals} actions wait {id} {}", target.flag()));
            }
            None => printer.success(sentence, began.elapsed())?,
        }
        return printer.flush();
    }
    match done.pop() {
        Some(document) if single => show::show::<Actions>(printer, &ShowArgs::default(), document),
        None if single => acknowledge(context.cloud66().await?.transport(), None, &format!("{sentence}.")),
        last => {
            done.extend(last);
            list_actions(context, done).await
        }
    }
}

async fn list_actions(context: &Context, actions: Vec<Document>) -> Result<()> {
    match Listing::of::<Actions>(&context.printer, &ListArgs::default())? {
        Some(listing) => listing.print_documents(actions).await,
        None => Ok(()),
    }
}

/// Waits for an action and returns it at its end, succeeded or failed; `follows_write` means that a write of ours has
/// just started it.
pub(crate) async fn follow(
    context: &Context,
    target: &StackRef,
    id: u64,
    name: Option<&str>,
    poll_args: &PollArgs,
    follows_write: bool,
) -> Result<Document> {
    let client = context.cloud66().await?;
    let request = show_request(target, id)?;
    let label = match name {
        Some(name) => format!("{name} on {} (action {id})", target.label()),
        None => format!("action {id} on {}", target.label()),
    };
    let operation = Operation {
        label,
        attach: format!("c66{} actions wait {id} {}", context.global_flags, target.flag()),
        cancel: None,
        action_id: Some(id),
        deployment_id: None,
        follows_write,
    };
    let mut waiter = context.waiter(poll_args, ACTION_TIMEOUT).await?;
    waiter.is_reported = follows_write && context.printer.format() == Format::Table && !context.printer.has_jq();
    // A resumed wait may be for an action that ended long ago.
    waiter.wait_for(&operation, !follows_write, || poll(client, &request)).await
}

/// One poll of an action.
pub(crate) async fn poll(client: &Cloud66, request: &Request) -> Result<Poll<Document>> {
    let document = client.fetch(request).await?;
    let action: Action = document.view()?;
    Ok(match action.state() {
        RunState::Running => Poll::Running("running".to_owned()),
        ended => Poll::Done(document, ended.as_str().to_owned()),
    })
}

/// Prints an action and returns its outcome.
///
/// # Errors
/// If it failed ([`Kind::RemoteFailed`]), or stdout cannot be written.
pub(crate) fn print_verdict(context: &Context, document: Document) -> Result<()> {
    let action: Action = document.view()?;
    show::print_verdict::<Actions>(&context.printer, document, verdict(&action))
}

/// The outcome of an action.
pub(crate) fn verdict(action: &Action) -> Result<()> {
    if action.state() != RunState::Failed {
        return Ok(());
    }
    let id = action.id.unwrap_or_default();
    let why = match (&action.finished_message, action.finished_success) {
        (Some(message), _) => message.clone(),
        (None, Some(_)) => "no reason given".to_owned(),
        (None, None) => "it ended without an outcome".to_owned(),
    };
    Err(Error::new(Kind::RemoteFailed, format!("{} failed: {why}", action.name())).with_action(id))
}

/// The request for one action.
pub(crate) fn show_request(target: &StackRef, id: u64) -> Result<Request> {
    request_in_stack(target, &STACK_ACTIONS_SHOW, &[("action_id", &id.to_string())])
}
