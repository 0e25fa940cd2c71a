//! `c66 actions`.

mod wait;

pub(crate) use wait::{
    WritePhrase, carry_out, follow, perform, perform_as, perform_by_name, poll, print_actions, print_unchanged,
    print_verdict, send, send_all, send_all_and_print, show_request, start, verdict,
};

use clap::Subcommand;
use serde_json::Value;

use super::bulk::{self, NamedRequest, WriteResult};
use super::context::Context;
use crate::args::candidates::Candidates;
use crate::args::{BulkArgs, IdOrReference, ListArgs, PollArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::actions::{Action, RunState};
use crate::cloud66::deployments::time_between;
use crate::cloud66::endpoints::{STACK_ACTIONS_LIST, STACK_ACTIONS_RUN, STACK_ACTIONS_SHOW};
use crate::cloud66::{Cloud66, with_field};
use crate::commands::by_reference;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{list_in_stack, list_kept_in_stack, request_in_stack, show_in_stack};
use crate::commands::newest::{Thoroughness, visit_newest};
use crate::error::{Error, Result};
use crate::http::Request;
use crate::http::endpoint::ParamType;
use crate::http::fields::ApiTime;
use crate::output::cell::{Cell, Tone};
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 actions …`
#[derive(Debug, Subcommand)]
pub(crate) enum ActionsCommand {
    /// List the actions of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Example:\n  c66 actions list -s awesome-app@production --filter state=failed"
    )]
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
    #[command(after_help = "Example:\n  c66 actions show 10 -s awesome-app@production")]
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
        after_help = "Examples:\n  c66 actions run service_restart service_name=web -s shop\n  c66 actions run maintenance_mode value=1 -s awesome-app@production"
    )]
    #[command(add = Verb::calls(&[&STACK_ACTIONS_RUN]).asks(Asks::OnProduction))]
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
    #[command(after_help = "Example:\n  c66 actions wait 10 -s awesome-app@production --timeout 10m")]
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
        key(Column::number("id", "id for other commands", |action| action.id.into())),
        Column::text("action", "command, for `actions run`", |action| action.action.clone().into()),
        Column::text("state", "running, succeeded or failed", |action| state_cell(action.state())),
        minor(Column::text("by", "who started it", |action| action.user.clone().into())),
        minor(Column::text("via", "how it was started, such as api or web", |action| {
            action.started_via.clone().into()
        })),
        Column::time("started", "start time", |action| action.started_at.clone().into()),
        minor(Column::duration("duration", "duration so far, or in total", |action| {
            time_between(action.started_at.as_ref().and_then(ApiTime::known), action.finished_at()).into()
        })),
        minor(Column::text("message", "message about the outcome", |action| action.finished_message.clone().into())),
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
            let run_action = RunAction { phrase: format!("Run {command} on"), done: None, fields, wait: &wait };
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
    /// What then holds, such as `Maintenance mode is on for`, if that is not the phrase in the past tense.
    pub(crate) done: Option<String>,
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
        let phrase = WritePhrase {
            prompt: format!("{} {}", self.phrase, target.label()),
            done: self.done.as_ref().map(|done| format!("{done} {}", target.label())),
        };
        perform_as(context, &target, self.request(&target)?, &phrase, write, self.wait).await
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

async fn newest(client: &Cloud66, target: &StackRef) -> Result<u64> {
    let request = request_in_stack(target, &STACK_ACTIONS_LIST, &[])?;
    let id = |action: &Action| action.id;
    let mut newest = None;
    visit_newest(client, request, Thoroughness::Once, id, |action, _| newest = newest.max(action.id)).await?;
    newest.ok_or_else(|| Error::not_found(format!("{} has no actions", target.label())))
}

/// A parameter of the documented type; undocumented ones are strings.
fn typed_parameter(key: &str, value: &str) -> Value {
    match (STACK_ACTIONS_RUN.param(key).map(|param| param.kind), value.parse::<i64>()) {
        (Some(ParamType::Integer), Ok(number)) => Value::from(number),
        _ => Value::from(value),
    }
}
