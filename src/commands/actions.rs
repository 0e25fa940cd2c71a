//! `c66 actions`, and the wait of every write that starts a stack action.

use clap::Subcommand;
use serde_json::Value;

use super::bulk::{self, NamedRequest, WriteResult};
use super::context::{ACTION_TIMEOUT, Context};
use crate::args::candidates::Candidates;
use crate::args::{BulkArgs, IdOrReference, ListArgs, PollArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::actions::{Action, RunState};
use crate::cloud66::deployments::time_between;
use crate::cloud66::endpoints::{STACK_ACTIONS_LIST, STACK_ACTIONS_RUN, STACK_ACTIONS_SHOW};
use crate::cloud66::envelope::Document;
use crate::cloud66::{Cloud66, with_field};
use crate::commands::by_reference;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{list_in_stack, list_kept_in_stack, request_in_stack, show_in_stack};
use crate::commands::newest::{Thoroughness, visit_newest};
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::http::endpoint::ParamType;
use crate::http::error::failed_request;
use crate::http::fields::ApiTime;
use crate::http::fields::Fields;
use crate::output::cell::{Cell, Tone};
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::write::acknowledge;
use crate::resource::{Column, Resource, show, wide};
use crate::wait::{Operation, Poll};

/// `c66 actions …`
#[derive(Debug, Subcommand)]
pub(crate) enum ActionsCommand {
    /// List the actions of a stack
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 actions list -s awesome-app --filter state=failed")]
    #[command(add = Verb::list(Actions::NOUN))]
    List {
        /// Only those of redeployments with this reference
        #[arg(long, value_name = "TEXT")]
        reference: Option<String>,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one action
    #[command(after_help = "Example:\n  c66 actions show 10 -s awesome-app")]
    #[command(add = Verb::show(Actions::NOUN))]
    Show {
        /// ID of the action
        #[arg(add = Actions::NOUN.names())]
        id: u64,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Run any stack command that the API knows
    #[command(
        after_help = "Examples:\n  c66 actions run service_restart service_name=web -s shop\n  c66 actions run maintenance_mode value=1 -s awesome-app"
    )]
    #[command(add = Verb::calls(&[&STACK_ACTIONS_RUN]))]
    Run {
        /// Command to run, such as restart
        #[arg(add = Candidates::ActionCommands)]
        command: String,
        /// Parameters of the command
        #[arg(value_name = "KEY=VALUE")]
        parameters: Vec<String>,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        bulk: BulkArgs,
        #[command(flatten)]
        write: WriteArgs,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Wait for an action and report its outcome
    #[command(after_help = "Example:\n  c66 actions wait 10 -s awesome-app --timeout 10m")]
    #[command(add = Verb::show(Actions::NOUN))]
    Wait {
        #[command(flatten)]
        which: IdOrReference,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        poll_args: PollArgs,
    },
}

/// Stack actions.
pub(crate) struct Actions;

impl Resource for Actions {
    type View = Action;
    const NOUN: &'static Noun = &Noun::new::<Self>("action", "actions")
        .listed_by(&STACK_ACTIONS_LIST)
        .shown_by(&STACK_ACTIONS_SHOW)
        .named_by(&["id"])
        .told_apart_by(&["action", "started_at"]);
    const COLUMNS: &'static [Column<Action>] = &[
        Column::number("id", "id for other commands", |action| action.id.into()),
        Column::text("action", "command, for `actions run`", |action| action.action.clone().into()),
        Column::text("state", "running, succeeded or failed", |action| state_cell(action.state())),
        Column::text("by", "who started it", |action| action.user.clone().into()),
        Column::text("via", "how it was started, such as api or web", |action| action.started_via.clone().into()),
        Column::time("started", "start time", |action| action.started_at.clone().into()),
        Column::duration("duration", "duration so far, or in total", |action| {
            time_between(action.started_at.as_ref().and_then(ApiTime::known), action.finished_at()).into()
        }),
        Column::text("message", "message about the outcome", |action| action.finished_message.clone().into()),
        wide(Column::time("finished", "end time", |action| action.finished_at().into())),
        wide(Column::text("resource", "target", |action| {
            let parts = [action.resource_type.as_deref(), action.resource_id.as_deref()];
            Cell::Text(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
        })),
    ];

    fn id(view: &Action) -> Option<String> {
        view.id.map(|id| id.to_string())
    }
}

/// A state as a cell.
pub(crate) fn state_cell(state: RunState) -> Cell {
    let tone = match state {
        RunState::Running => Tone::Busy,
        RunState::Succeeded => Tone::Good,
        RunState::Failed => Tone::Bad,
    };
    Cell::State(state.as_str().to_owned(), tone)
}

/// Runs `c66 actions …`.
pub(crate) async fn run(context: &Context, command: ActionsCommand) -> Result<()> {
    match command {
        ActionsCommand::List { reference: None, stack, list } => {
            list_in_stack::<Actions>(context, &stack, &list, &[]).await
        }
        ActionsCommand::List { reference: Some(reference), stack, list } => {
            let request = async |target: &StackRef| by_reference::request(target, &reference);
            let keep = |action: &Action| by_reference::has(action, &reference);
            list_kept_in_stack::<Actions>(context, &stack, &list, request, keep).await
        }
        ActionsCommand::Show { id, stack, show } => {
            let parts = [("action_id", &*id.to_string())];
            show_in_stack::<Actions>(context, &stack, &show, &parts).await
        }
        ActionsCommand::Run { command, parameters, stack, bulk, write, wait } => {
            let mut fields = vec![("command".to_owned(), Value::from(command.as_str()))];
            for parameter in &parameters {
                let (key, value) = parameter.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(|| {
                    Error::usage(format!("invalid parameter `{parameter}`: expected KEY=VALUE"))
                        .hint("a parameter is KEY=VALUE")
                })?;
                fields.push((key.to_owned(), typed_parameter(key, value)));
            }
            let run_action = RunAction { phrase: format!("Run {command} on"), fields, wait: &wait };
            run_action.run(context, &stack, &bulk, &write).await
        }
        ActionsCommand::Wait { which, stack, poll_args } => {
            let target = context.stack(&stack, false).await?;
            let client = context.cloud66().await?;
            let id = match (which.id, which.reference) {
                (Some(id), _) => id,
                (None, Some(reference)) => by_reference::newest(client, &target, &reference).await?,
                (None, None) => newest(client, &target).await?,
            };
            let document = follow(context, &target, id, None, &poll_args, false).await?;
            print_verdict(context, document)
        }
    }
}

/// A command for one or several stacks.
pub(crate) struct RunAction<'a> {
    /// The action, such as `Restart`: an imperative that precedes a stack.
    pub(crate) phrase: String,
    /// The fields of the request.
    pub(crate) fields: Vec<(String, Value)>,
    /// How to wait for it.
    pub(crate) wait: &'a WaitArgs,
}

impl RunAction<'_> {
    /// Runs it on the chosen stack, or on each listed one.
    pub(crate) async fn run(
        &self,
        context: &Context,
        stack: &StackArgs,
        bulk: &BulkArgs,
        write: &WriteArgs,
    ) -> Result<()> {
        if bulk.stacks_from.is_some() {
            return bulk::run(context, self, stack, bulk, write).await;
        }
        let target = context.stack_for_write(stack, write).await?;
        let prompt = format!("{} {}", self.phrase, target.label());
        perform(context, &target, self.request(&target)?, &prompt, write, self.wait).await
    }

    fn request(&self, target: &StackRef) -> Result<Request> {
        let request = request_in_stack(target, &STACK_ACTIONS_RUN, &[])?;
        let fields = self.fields.iter();
        Ok(fields.fold(request, |request, (name, value)| with_field(request, name, value.clone())))
    }
}

impl bulk::BulkWrite for RunAction<'_> {
    fn phrase(&self) -> String {
        self.phrase.clone()
    }

    async fn changes(&self, _: &Context, target: &StackRef) -> Result<Vec<NamedRequest>> {
        Ok(vec![(String::new(), self.request(target)?)])
    }

    async fn carry_out(&self, context: &Context, target: &StackRef, changes: Vec<NamedRequest>) -> Result<WriteResult> {
        let mut done = WriteResult::nothing("done");
        for (_, request) in changes {
            let Some(document) = send(context, target, &request, self.wait).await? else { continue };
            let action: Action = document.view()?;
            let said = action.id.map_or_else(|| action.name().to_owned(), |id| format!("action {id}"));
            done = WriteResult { verdict: verdict(&action), document: Some(document), summary: said };
        }
        Ok(done)
    }
}

/// A request to run `command` on a stack.
pub(crate) fn run_action_request(target: &StackRef, command: &str) -> Result<Request> {
    Ok(with_field(request_in_stack(target, &STACK_ACTIONS_RUN, &[])?, "command", command))
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
    if !context.confirm_write(target, prompt, std::slice::from_ref(&request), write, false).await? {
        return Ok(());
    }
    match send(context, target, &request, wait).await? {
        Some(document) => print_verdict(context, document),
        None => {
            acknowledge(context.cloud66().await?.transport(), None, "accepted; the reply has no action to wait for")
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

/// Sends named changes and prints their outcome.
pub(crate) async fn send_all_and_print(
    context: &Context,
    target: &StackRef,
    changes: &[(String, Request)],
    wait: &WaitArgs,
    single: bool,
) -> Result<()> {
    let done = send_all(context, target, changes, wait).await?;
    print_actions(context, done, single, "done").await
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

/// Prints the started actions: one object for a single change, a list otherwise, even if some were unnecessary.
pub(crate) async fn print_actions(context: &Context, mut done: Vec<Document>, single: bool, said: &str) -> Result<()> {
    match (done.pop(), single) {
        (Some(document), true) => show::show::<Actions>(&context.printer, &ShowArgs::default(), document),
        (None, true) => acknowledge(context.cloud66().await?.transport(), None, said),
        (None, false) if context.printer.is_for_people() => {
            acknowledge(context.cloud66().await?.transport(), None, said)
        }
        (last, false) => {
            done.extend(last);
            match Listing::of::<Actions>(&context.printer, &ListArgs::default())? {
                Some(listing) => listing.print_documents(done).await,
                None => Ok(()),
            }
        }
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
        follows_write,
    };
    let waiter = context.waiter(poll_args, ACTION_TIMEOUT).await?;
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

async fn newest(client: &Cloud66, target: &StackRef) -> Result<u64> {
    let request = request_in_stack(target, &STACK_ACTIONS_LIST, &[])?;
    let id = |action: &Action| action.id;
    let mut newest = None;
    visit_newest(client, request, Thoroughness::Once, id, |action, _| newest = newest.max(action.id)).await?;
    newest.ok_or_else(|| Error::not_found(format!("{} has no actions", target.label())))
}

/// The request for one action.
pub(crate) fn show_request(target: &StackRef, id: u64) -> Result<Request> {
    request_in_stack(target, &STACK_ACTIONS_SHOW, &[("action_id", &id.to_string())])
}

/// A parameter of the documented type; undocumented ones are strings.
fn typed_parameter(key: &str, value: &str) -> Value {
    match (STACK_ACTIONS_RUN.param(key).map(|param| param.kind), value.parse::<i64>()) {
        (Some(ParamType::Integer), Ok(number)) => Value::from(number),
        _ => Value::from(value),
    }
}
