//! `c66 deployments`.
mod follow;
pub(crate) mod redeploy;
mod redeployed;
pub(crate) mod rollback;
mod user_reference;

use clap::Subcommand;

use crate::args::{IdOrReference, ListArgs, PollArgs, ShowArgs, StackArgs, WriteArgs};
use crate::cloud66::Cloud66;
use crate::cloud66::actions::{Action, RunState};
use crate::cloud66::deployments::Deployment;
use crate::cloud66::endpoints::{DEPLOYMENTS_CANCEL, DEPLOYMENTS_LIST, DEPLOYMENTS_SHOW};
use crate::cloud66::envelope::Document;
use crate::commands::actions::{self, state_cell};
use crate::commands::by_reference;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{list_in_stack, request_in_stack, show_in_stack};
use crate::commands::context::{Context, DEPLOYMENT_TIMEOUT};
use crate::commands::deferred::Deferred;
use crate::commands::deployments::redeploy::RedeployArgs;
use crate::commands::deployments::rollback::RollbackArgs;
use crate::commands::newest::{Thoroughness, visit_newest};
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::output::cell::{Cell, Tone};
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
use crate::resource::{Column, Resource, key, minor, show, wide};
use crate::text::quote::shell_quote;
use crate::wait::{Operation, Poll};

/// `c66 deployments …`
#[derive(Debug, Subcommand)]
pub(crate) enum DeploymentsCommand {
    /// List the deployments of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Example:\n  c66 deployments list -s awesome-app@production --limit 10"
    )]
    #[command(add = Verb::list(Deployments::NOUN))]
    List {
        /// Only those of redeployments with this reference
        #[arg(long, value_name = "TEXT")]
        reference: Option<String>,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one deployment
    #[command(after_help = "Example:\n  c66 deployments show 107 -s awesome-app@production")]
    #[command(add = Verb::show(Deployments::NOUN))]
    Show {
        /// ID of the deployment
        #[arg(add = Deployments::NOUN.names())]
        id: u64,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Cancel a running deployment
    #[command(after_help = "Example:\n  c66 deployments cancel 112 -s awesome-app@production --yes")]
    #[command(add = Verb::calls(&[&DEPLOYMENTS_CANCEL]).asks(Asks::OnProduction))]
    Cancel {
        /// ID of the deployment
        #[arg(add = Deployments::NOUN.names())]
        id: u64,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Wait for a deployment and report its outcome
    #[command(after_help = "Example:\n  c66 deployments wait --latest -s awesome-app@production")]
    #[command(add = Verb::show(Deployments::NOUN))]
    Wait {
        #[command(flatten)]
        which: IdOrReference,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        poll_args: PollArgs,
    },
    /// Deploy the commit of an earlier deployment again
    Rollback(Deferred<RollbackArgs>),
    /// Redeploy a stack and wait for the outcome
    #[command(hide = true)]
    Create(Deferred<RedeployArgs>),
}

/// Deployments.
pub(crate) struct Deployments;

impl Resource for Deployments {
    type View = Deployment;
    const NOUN: &'static Noun = &Noun::new::<Self>("deployment", "deployments")
        .listed_by(&DEPLOYMENTS_LIST)
        .shown_by(&DEPLOYMENTS_SHOW)
        .named_by(&["id"])
        .told_apart_by(&["started_at", "triggered_by"]);
    const COLUMNS: &'static [Column<Deployment>] = &[
        key(Column::number("id", "id for other commands", |deployment| deployment.id.into())),
        Column::text("outcome", "outcome, or current state", outcome_cell),
        minor(Column::text("type", "type, such as build", |deployment| Cell::Text(deployment.deploy_type.text()))),
        Column::text("by", "who started it", |deployment| deployment.triggered_by.clone().into()),
        minor(Column::text("via", "how it was started, such as api or web", |deployment| {
            Cell::Text(deployment.triggered_via.text())
        })),
        Column::text("commit", "git commit", |deployment| deployment.short_commit().into()),
        Column::time("started", "start time", |deployment| deployment.started_at.clone().into()),
        Column::duration("duration", "duration so far, or in total", |deployment| {
            deployment.duration(jiff::Timestamp::now()).into()
        }),
        Column::flag("live", "whether it is live", |deployment| deployment.is_live.into()),
        wide(Column::time("finished", "end time", |deployment| deployment.finished_at().into())),
        wide(Column::text("url", "page of the commit", |deployment| deployment.commit_url.clone().into())),
    ];

    fn id(view: &Deployment) -> Option<String> {
        view.id.map(|id| id.to_string())
    }
}

fn outcome_cell(deployment: &Deployment) -> Cell {
    match deployment.state() {
        // Before the end, this field is not an outcome yet.
        RunState::Running => state_cell(RunState::Running),
        ended => {
            let text = deployment.outcome.text();
            let text = if text.is_empty() { ended.as_str().to_owned() } else { text };
            Cell::State(text, if ended == RunState::Succeeded { Tone::Good } else { Tone::Bad })
        }
    }
}

/// Runs `c66 deployments …`.
pub(crate) async fn run(context: &Context, command: DeploymentsCommand) -> Result<()> {
    match command {
        DeploymentsCommand::List { reference: None, stack, list } => {
            list_in_stack::<Deployments>(context, &stack, &list, &[]).await
        }
        DeploymentsCommand::List { reference: Some(reference), stack, list } => {
            list_of_reference(context, &reference, &stack, &list).await
        }
        DeploymentsCommand::Show { id, stack, show } => {
            let parts = [("deployment_id", &*id.to_string())];
            show_in_stack::<Deployments>(context, &stack, &show, &parts).await
        }
        DeploymentsCommand::Cancel { id, stack, write } => {
            let target = context.stack_for_write(&stack, &write).await?;
            let request = cancel_request(&target, id)?;
            let prompt = format!("Cancel deployment {id} of {}", target.label());
            if !context.confirm_write(&target, &prompt, std::slice::from_ref(&request), &write).await? {
                return Ok(());
            }
            let client = context.cloud66().await?;
            let reply = context.send(&target, &request).await?;
            context.printer.note(&format!(
                "follow it with: c66{} deployments wait {id} {}",
                context.global_flags,
                target.flag()
            ));
            acknowledge(client.transport(), reply, "Cancellation requested.")
        }
        DeploymentsCommand::Wait { which, stack, poll_args } => {
            let target = context.stack(&stack, false).await?;
            if let Some(reference) = &which.reference {
                return wait_for_reference(context, &target, reference, &poll_args).await;
            }
            let id = match which.id {
                Some(id) => id,
                None => newest(context.cloud66().await?, &target, Thoroughness::Once)
                    .await?
                    .ok_or_else(|| Error::not_found(format!("{} has no deployments", target.label())))?,
            };
            let document = follow(context, &target, id, &poll_args).await?;
            print_verdict(context, document)
        }
        DeploymentsCommand::Rollback(Deferred(args)) => rollback::run(context, args).await,
        DeploymentsCommand::Create(Deferred(args)) => redeploy::run(context, &args).await,
    }
}

/// Lists the deployments of the actions with a reference.
async fn list_of_reference(context: &Context, reference: &str, stack: &StackArgs, list: &ListArgs) -> Result<()> {
    let Some(listing) = Listing::of::<Deployments>(&context.printer, list)? else { return Ok(()) };
    let read = async |target: &StackRef| {
        let client = context.cloud66().await?;
        let actions = by_reference::actions(client, target, reference).await?;
        let documents = client.fetch_all(list_request(target)?).await?;
        let deployments: Vec<Deployment> = documents.iter().map(Document::view).collect::<Result<_>>()?;
        let of_action = |action: &Action| by_reference::deployment_of(action, &deployments)?.id;
        let ids: Vec<u64> = actions.iter().filter_map(of_action).collect();
        let is_one = |deployment: &Deployment| deployment.id.is_some_and(|id| ids.contains(&id));
        let kept = documents.into_iter().zip(&deployments).filter(|(_, deployment)| is_one(deployment));
        listing.print_documents(kept.map(|(document, _)| document).collect()).await
    };
    context.read_in_stack(stack, read).await
}

/// Waits for the newest redeployment with a reference: its action, then its deployment.
async fn wait_for_reference(context: &Context, target: &StackRef, reference: &str, poll_args: &PollArgs) -> Result<()> {
    let client = context.cloud66().await?;
    let waiter = context.waiter(poll_args, DEPLOYMENT_TIMEOUT).await?;
    let id = by_reference::newest(client, target, reference).await?;
    let operation = Operation {
        label: format!("redeployment of {}", target.label()),
        attach: wait_command(context, target, reference),
        cancel: None,
        action_id: Some(id),
        deployment_id: None,
        follows_write: false,
    };
    let request = actions::show_request(target, id)?;
    let document = waiter.wait_for(&operation, true, || actions::poll(client, &request)).await?;
    let action: Action = document.view()?;
    let deployments = client.fetch_all(list_request(target)?).await?;
    let deployments: Vec<Deployment> = deployments.iter().map(Document::view).collect::<Result<_>>()?;
    let Some(id) = by_reference::deployment_of(&action, &deployments).and_then(|deployment| deployment.id) else {
        return actions::print_verdict(context, document);
    };
    let document = follow(context, target, id, poll_args).await?;
    let verdict = verdict(&document.view()?).and_then(|()| actions::verdict(&action));
    show::print_verdict::<Deployments>(&context.printer, document, verdict)
}

/// The command that waits for a redeployment by its reference.
fn wait_command(context: &Context, target: &StackRef, reference: &str) -> String {
    let (globals, flag) = (&context.global_flags, target.flag());
    format!("c66{globals} deployments wait --reference {} {flag}", shell_quote(reference))
}

async fn follow(context: &Context, target: &StackRef, id: u64, poll_args: &PollArgs) -> Result<Document> {
    let client = context.cloud66().await?;
    let request = show_request(target, id)?;
    let operation = operation(context, target, id);
    let waiter = context.waiter(poll_args, DEPLOYMENT_TIMEOUT).await?;
    waiter.wait_for(&operation, true, || poll(client, &request)).await
}

async fn poll(client: &Cloud66, request: &Request) -> Result<Poll<Document>> {
    let document = client.fetch(request).await?;
    let deployment: Deployment = document.view()?;
    Ok(match deployment.state() {
        RunState::Running => Poll::Running(progress_label(&deployment)),
        ended => Poll::Done(document, ended.as_str().to_owned()),
    })
}

/// The state of a deployment that has not ended.
pub(crate) fn progress_label(deployment: &Deployment) -> String {
    if deployment.is_deploying == Some(false) { "queued".to_owned() } else { "deploying".to_owned() }
}

/// A deployment as an operation to wait for.
pub(crate) fn operation(context: &Context, target: &StackRef, id: u64) -> Operation {
    let (globals, flag) = (&context.global_flags, target.flag());
    Operation {
        label: format!("deployment {id} of {}", target.label()),
        attach: format!("c66{globals} deployments wait {id} {flag}"),
        cancel: Some(format!("c66{globals} deployments cancel {id} {flag}")),
        action_id: None,
        deployment_id: Some(id),
        follows_write: false,
    }
}

fn print_verdict(context: &Context, document: Document) -> Result<()> {
    let deployment: Deployment = document.view()?;
    show::print_verdict::<Deployments>(&context.printer, document, verdict(&deployment))
}

/// The outcome of a deployment.
pub(crate) fn verdict(deployment: &Deployment) -> Result<()> {
    if deployment.state() != RunState::Failed {
        return Ok(());
    }
    let id = deployment.id.unwrap_or_default();
    let outcome = deployment.outcome.text();
    let outcome = if outcome.is_empty() { "no outcome".to_owned() } else { outcome };
    let message = format!("deployment {id} failed (outcome: {outcome})");
    let error = Error::new(Kind::RemoteFailed, message).with_deployment(deployment.id);
    Err(error.hint(format!("for details, run: c66 deployments show {id}")))
}

/// The id of the newest deployment of a stack, if there is one.
pub(crate) async fn newest(client: &Cloud66, target: &StackRef, thoroughness: Thoroughness) -> Result<Option<u64>> {
    let mut newest = None;
    let visit = |deployment: Deployment, _| newest = newest.max(deployment.id);
    visit_newest(client, list_request(target)?, thoroughness, |deployment| deployment.id, visit).await?;
    Ok(newest)
}

/// The deployments of a stack after the one with that id, oldest first.
pub(crate) async fn newer(
    client: &Cloud66,
    target: &StackRef,
    before: Option<u64>,
) -> Result<Vec<(Deployment, Document)>> {
    let mut newer: Vec<(Deployment, Document)> = Vec::new();
    let visit = |deployment: Deployment, document| {
        let is_new = deployment.id > before && newer.iter().all(|(known, _)| known.id != deployment.id);
        if is_new {
            newer.push((deployment, document));
        }
    };
    visit_newest(client, list_request(target)?, Thoroughness::Often, |deployment| deployment.id, visit).await?;
    newer.sort_by_key(|(deployment, _)| deployment.id);
    Ok(newer)
}

fn list_request(target: &StackRef) -> Result<Request> {
    request_in_stack(target, &DEPLOYMENTS_LIST, &[])
}

/// The request for one deployment.
pub(crate) fn show_request(target: &StackRef, id: u64) -> Result<Request> {
    request_in_stack(target, &DEPLOYMENTS_SHOW, &[("deployment_id", &id.to_string())])
}

/// The request to cancel one deployment.
pub(crate) fn cancel_request(target: &StackRef, id: u64) -> Result<Request> {
    request_in_stack(target, &DEPLOYMENTS_CANCEL, &[("deployment_id", &id.to_string())])
}
