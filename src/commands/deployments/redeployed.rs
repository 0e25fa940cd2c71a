//! What `c66 redeploy` prints: the action and the deployment it started, and their outcome.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::args::ShowArgs;
use crate::cloud66::actions::{Action, RunState};
use crate::cloud66::deployments::Deployment;
use crate::cloud66::envelope::Document;
use crate::commands::bulk::WriteResult;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::deployments::follow::DeployReply;
use crate::commands::deployments::wait_command;
use crate::commands::{actions, deployments};
use crate::error::Result;
use crate::output::Format;
use crate::output::cell::{Cell, Tone};
use crate::resource::noun::Noun;
use crate::resource::show::show;
use crate::resource::{Column, Resource};

/// The result as JSON.
#[derive(Serialize)]
struct RedeployJson<'d> {
    ok: bool,
    message: Option<&'d str>,
    action: Option<&'d RawValue>,
    deployment: Option<&'d RawValue>,
}

/// The result for people.
pub(super) struct Redeployment;

#[derive(Deserialize)]
pub(super) struct Redeployed {
    message: Option<String>,
    action: Option<Action>,
    deployment: Option<Deployment>,
}

impl Redeployed {
    fn of<T>(&self, field: impl Fn(&Deployment) -> Option<T>) -> Cell
    where
        Cell: From<Option<T>>,
    {
        self.deployment.as_ref().and_then(field).into()
    }
}

impl Resource for Redeployment {
    type View = Redeployed;
    const NOUN: &'static Noun = &Noun::new::<Self>("redeployment", "redeployments");
    const COLUMNS: &'static [Column<Redeployed>] = &[
        Column::number("deployment", "number of the deployment", |result| result.of(|deployment| deployment.id)),
        Column::text("commit", "git commit", |result| result.of(|deployment| deployment.git_hash.clone())),
        Column::text("url", "page of the commit", |result| result.of(|deployment| deployment.commit_url.clone())),
        Column::text("outcome", "outcome, or current state", |result| match &result.deployment {
            Some(deployment) if deployment.state() != RunState::Running => Cell::State(
                deployment.outcome.text(),
                if deployment.state() == RunState::Succeeded { Tone::Good } else { Tone::Bad },
            ),
            _ => result.action.as_ref().map_or(Cell::Empty, |action| actions::state_cell(action.state())),
        }),
        Column::duration("duration", "duration so far, or in total", |result| {
            result.of(|deployment| deployment.duration(jiff::Timestamp::now()))
        }),
        Column::text("message", "message about the outcome", |result| result.message.clone().into()),
    ];

    fn id(view: &Redeployed) -> Option<String> {
        view.deployment.as_ref()?.id.map(|id| id.to_string())
    }
}

/// Prints what was started: what is known of it, and how to find the rest.
pub(super) fn print_started(context: &Context, target: &StackRef, reference: &str, document: Document) -> Result<()> {
    if context.printer.format() == Format::Name {
        context.printer.write(|out| writeln!(out, "{reference}"))?;
        return context.printer.flush();
    }
    let mut args = ShowArgs::default();
    if context.printer.is_for_people() {
        let command = wait_command(context, target, reference);
        context.printer.note(&format!("Follow it with: {command}"));
        // The other fields have no values yet.
        let known =
            if document.view::<Redeployed>()?.action.is_some() { &["outcome", "message"][..] } else { &["message"] };
        args.columns = known.iter().map(|column| (*column).to_owned()).collect();
    }
    show::<Redeployment>(&context.printer, &args, document)
}

/// The result with its outcome.
pub(super) fn done(
    reply: &DeployReply,
    action: Option<&Document>,
    deployment: Option<&Document>,
) -> Result<WriteResult> {
    done_with(verdict(action, deployment)?, reply, action, deployment)
}

pub(super) fn done_with(
    verdict: Result<()>,
    reply: &DeployReply,
    action: Option<&Document>,
    deployment: Option<&Document>,
) -> Result<WriteResult> {
    let document = Document::from_serialize(&RedeployJson {
        ok: verdict.is_ok(),
        message: reply.message.as_deref(),
        action: action.map(Document::raw),
        deployment: deployment.map(Document::raw),
    })?;
    let id = document.view::<Redeployed>()?.deployment.and_then(|deployment| deployment.id);
    let summary = match id {
        Some(id) => format!("deployment {id}"),
        None => reply.message.clone().unwrap_or_else(|| "started".to_owned()),
    };
    Ok(WriteResult { document: Some(document), verdict, summary })
}

/// The outer result says whether there is an outcome, the inner one is the outcome. It is a success only if both
/// deployment and action succeeded.
fn verdict(action: Option<&Document>, deployment: Option<&Document>) -> Result<Result<()>> {
    let action: Option<Action> = action.map(Document::view).transpose()?;
    let of_action = action.as_ref().map_or(Ok(()), actions::verdict);
    let deployment: Option<Deployment> = deployment.map(Document::view).transpose()?;
    let of_deployment = deployment.as_ref().map_or(Ok(()), deployments::verdict);
    // The message of the action has more details than the outcome.
    Ok(of_action.and(of_deployment))
}
