//! `c66 redeploy`: a deployment from the request to its true verdict.
//!
//! The documented reply names no deployment, so the newest one is noted before the call, and the first newer one of
//! ours is followed after it. Later servers name an action, which is followed first.

use std::cell::{Cell as Slot, RefCell};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::actions;
use super::context::{Context, DEPLOYMENT_TIMEOUT};
use super::deployments::{self, cancel_request, going_words, newest_page, show_request};
use super::verbs::request_in_stack;
use crate::cli::stack::Redeploy;
use crate::cloud66::actions::{Action, State};
use crate::cloud66::deployments::Deployment;
use crate::cloud66::endpoints::DEPLOYMENTS_CREATE;
use crate::cloud66::envelope::Document;
use crate::cloud66::fields::Fields;
use crate::cloud66::{Cloud66, with_field};
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::output::cell::{Cell, Tone};
use crate::resource::find::Target;
use crate::resource::show::conclude;
use crate::resource::{Column, Resource};
use crate::wait::interrupt::Signal;
use crate::wait::{Left, Look, Subject, interrupted, still_running};

/// How long a deployment that names the API as its origin is preferred over another newer one.
const OURS: Duration = Duration::from_secs(10);
/// How many looks an ended action is given for its deployment to show up in the list.
const LOOKS_AFTER_ACTION: u32 = 3;

/// What the API answers to the request.
#[derive(Default, Deserialize)]
#[serde(from = "Fields")]
struct Reply {
    message: Option<String>,
    queued: Option<bool>,
    async_action_id: Option<u64>,
}

impl From<Fields> for Reply {
    fn from(fields: Fields) -> Self {
        Self {
            message: fields.text("message"),
            queued: fields.boolean("queued"),
            async_action_id: fields.count("async_action_id"),
        }
    }
}

/// The result, as JSON output has it.
#[derive(Serialize)]
struct Outcome<'d> {
    ok: bool,
    message: Option<&'d str>,
    action: Option<&'d RawValue>,
    deployment: Option<&'d RawValue>,
}

/// The result, as people see it.
struct Redeployment;

#[derive(Deserialize)]
struct Redeployed {
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
    const SINGULAR: &'static str = "redeployment";
    const PLURAL: &'static str = "redeployments";
    const COLUMNS: &'static [Column<Redeployed>] = &[
        Column::new("deployment", |result| result.of(|deployment| deployment.id)),
        Column::new("commit", |result| result.of(|deployment| deployment.git_hash.clone())),
        Column::new("url", |result| result.of(|deployment| deployment.commit_url.clone())),
        Column::new("outcome", |result| match &result.deployment {
            Some(deployment) if deployment.state() != State::Running => Cell::Word(
                deployment.outcome.text(),
                if deployment.state() == State::Succeeded { Tone::Good } else { Tone::Bad },
            ),
            _ => result.action.as_ref().map_or(Cell::Empty, |action| actions::state_cell(action.state())),
        }),
        Column::new("duration", |result| result.of(|deployment| deployment.duration(jiff::Timestamp::now()))),
        Column::new("message", |result| result.message.clone().into()),
    ];

    fn id(view: &Redeployed) -> Option<String> {
        view.deployment.as_ref()?.id.map(|id| id.to_string())
    }
}

/// Carries out `c66 redeploy`.
///
/// # Errors
/// It was not taken, could not be followed, or did not succeed.
pub async fn run(context: &Context, args: &Redeploy) -> Result<()> {
    let target = context.stack_to_change(&args.stack, &args.write).await?;
    let request = redeploy_request(&target, args)?;
    let deed = format!("Redeploy {}", target.label());
    if !context.may_send(&target, &deed, std::slice::from_ref(&request), &args.write, false).await? {
        return Ok(());
    }
    let client = context.cloud66().await?;
    let before = if args.wait.no_wait {
        None
    } else {
        deployments::newest(client, &target).await?.and_then(|deployment| deployment.id)
    };
    let reply = context.send(&target, &request).await;
    let reply = match reply {
        // A server that knows only the documented parameters has refused the newer name, and so has done nothing.
        Err(error) if error.kind() == Kind::Refused && !args.services.is_empty() => {
            context.send(&target, &documented_only(request)).await?
        }
        reply => reply?,
    };
    let reply: Reply = reply.map(|document| document.view()).transpose()?.unwrap_or_default();
    if args.wait.no_wait {
        return started(context, &target, &reply).await;
    }
    let follower = Follower::new(client, &target, before, &reply);
    let waiter = context.waiter(&args.wait.patience, DEPLOYMENT_TIMEOUT).await?;
    let subject = follower.subject(context);
    match waiter.until_ended_or_left(&subject, false, || follower.look()).await {
        Ok(End { action, deployment }) => print(context, &reply, action.as_ref(), deployment.as_ref()),
        Err(Left::Signal(signal)) if args.cancel_on_interrupt => Err(follower.cancel(context, signal).await),
        Err(Left::Signal(signal)) => Err(interrupted(&follower.subject(context), signal)),
        // The number of the deployment has been learnt while it was followed.
        Err(Left::Failed(error)) if error.kind() == Kind::StillRunning && follower.deployment.get().is_some() => {
            Err(still_running(&follower.subject(context), waiter.patience.timeout.unwrap_or_default()))
        }
        Err(Left::Failed(error)) => Err(error),
    }
}

/// Prints what was started and leaves. The deployment is under way: not to see its action is no failure.
async fn started(context: &Context, target: &Target, reply: &Reply) -> Result<()> {
    let Some(id) = reply.async_action_id else { return print(context, reply, None, None) };
    let shown = context.cloud66().await?.fetch(&actions::show_request(target, id)?).await;
    let action = shown.unwrap_or_else(|error| {
        context.console.warn(&format!("the action cannot be shown: {}", error.message()));
        Document::of(&serde_json::json!({ "id": id }))
    });
    print(context, reply, Some(&action), None)
}

/// The same request without the name that only later documents have.
fn documented_only(mut request: Request) -> Request {
    if let Some(body) = request.body.as_mut().and_then(Value::as_object_mut) {
        body.shift_remove("services");
    }
    request
}

fn redeploy_request(target: &Target, args: &Redeploy) -> Result<Request> {
    let mut request = request_in_stack(target, &DEPLOYMENTS_CREATE, &[])?;
    if let Some(git_ref) = &args.git_ref {
        request = with_field(request, "git_ref", git_ref.as_str());
    }
    if let Some(empty) = args.services.iter().find(|service| service.trim().is_empty() || service.contains(',')) {
        return Err(Error::usage(format!("`{empty}` is no service"))
            .hint("--service NAME or --service NAME:REF, once for each"));
    }
    if !args.services.is_empty() {
        // The older name for older servers, the newer for newer ones; each leaves out the one it does not know.
        let services = args.services.join(",");
        request = with_field(with_field(request, "services_filter", services.as_str()), "services", services.as_str());
    }
    if let Some(reference) = &args.reference {
        request = with_field(request, "user_reference", reference.as_str());
    }
    request.body.get_or_insert_with(|| Value::Object(serde_json::Map::new()));
    Ok(request)
}

/// Prints the result and gives the verdict.
fn print(context: &Context, reply: &Reply, action: Option<&Document>, deployment: Option<&Document>) -> Result<()> {
    let verdict = verdict(action, deployment)?;
    let document = Document::compose(&Outcome {
        ok: verdict.is_ok(),
        message: reply.message.as_deref(),
        action: action.map(Document::raw),
        deployment: deployment.map(Document::raw),
    })?;
    conclude::<Redeployment>(&context.console, &context.plan, document, verdict)
}

/// The outer result is whether there is a verdict, the inner one the verdict. A deployment that did not succeed is no
/// success whatever its action says, and the other way round.
fn verdict(action: Option<&Document>, deployment: Option<&Document>) -> Result<Result<()>> {
    let action: Option<Action> = action.map(Document::view).transpose()?;
    let of_action = action.as_ref().map_or(Ok(()), actions::verdict);
    let deployment: Option<Deployment> = deployment.map(Document::view).transpose()?;
    let of_deployment = deployment.as_ref().map_or(Ok(()), deployments::verdict);
    // The action's message says more than the outcome's one word.
    Ok(of_action.and(of_deployment))
}

/// What there is at the end.
struct End {
    action: Option<Document>,
    deployment: Option<Document>,
}

/// Follows the action, where one is named, and the deployment.
struct Follower<'f> {
    client: &'f Cloud66,
    target: &'f Target,
    before: Option<u64>,
    queued: bool,
    action_id: Option<u64>,
    began: Instant,
    looks_after_action: Slot<u32>,
    action: RefCell<Option<Document>>,
    deployment: Slot<Option<u64>>,
}

impl<'f> Follower<'f> {
    fn new(client: &'f Cloud66, target: &'f Target, before: Option<u64>, reply: &Reply) -> Self {
        Self {
            client,
            target,
            before,
            queued: reply.queued.unwrap_or(false),
            action_id: reply.async_action_id,
            began: Instant::now(),
            looks_after_action: Slot::new(0),
            action: RefCell::new(None),
            deployment: Slot::new(None),
        }
    }

    fn subject(&self, context: &Context) -> Subject {
        let (prefix, flag) = (&context.same_place, self.target.flag());
        match (self.deployment.get(), self.action_id) {
            (Some(id), action_id) => Subject { action_id, ..deployments::subject(context, self.target, id) },
            (None, Some(id)) => Subject {
                label: format!("redeployment of {}", self.target.label()),
                attach: format!("c66{prefix} actions wait {id} {flag}"),
                cancel: None,
                action_id: Some(id),
            },
            (None, None) => Subject {
                label: format!("redeployment of {}", self.target.label()),
                attach: format!("c66{prefix} deployments wait --latest {flag}"),
                cancel: None,
                action_id: None,
            },
        }
    }

    async fn look(&self) -> Result<Look<End>> {
        if let Some(id) = self.action_id
            && self.action.borrow().is_none()
        {
            let document = self.client.fetch(&actions::show_request(self.target, id)?).await?;
            let action: Action = document.view()?;
            if action.state() == State::Running {
                return Ok(Look::Going(if self.queued { "queued" } else { "deploying" }.to_owned()));
            }
            self.action.replace(Some(document));
        }
        match self.look_at_deployment().await? {
            Some((deployment, _)) if deployment.state() == State::Running => {
                let id = deployment.id.unwrap_or_default();
                Ok(Look::Going(format!("deployment {id} {}", going_words(&deployment))))
            }
            Some((deployment, document)) => Ok(self.ended(Some(document), deployment.state())),
            // The action has given the verdict; a list that lags behind must not hold it up for ever.
            None if self.action.borrow().is_some() => {
                self.looks_after_action.set(self.looks_after_action.get() + 1);
                if self.looks_after_action.get() < LOOKS_AFTER_ACTION {
                    return Ok(Look::Going("looking for the deployment".to_owned()));
                }
                Ok(self.ended(None, State::Succeeded))
            }
            None => Ok(Look::Going("queued".to_owned())),
        }
    }

    fn ended(&self, deployment: Option<Document>, state: State) -> Look<End> {
        let action = self.action.borrow().clone();
        let failed = action
            .as_ref()
            .is_some_and(|action| action.view::<Action>().is_ok_and(|action| action.state() == State::Failed));
        let state = if failed { State::Failed } else { state };
        Look::Ended(End { action, deployment }, state.word().to_owned())
    }

    async fn look_at_deployment(&self) -> Result<Option<(Deployment, Document)>> {
        if let Some(id) = self.deployment.get() {
            let document = self.client.fetch(&show_request(self.target, id)?).await?;
            return Ok(Some((document.view()?, document)));
        }
        let page = newest_page(self.client, self.target).await?;
        let mut newer: Vec<_> =
            page.into_iter().filter(|(deployment, _)| deployment.id.is_some() && deployment.id > self.before).collect();
        newer.sort_by_key(|(deployment, _)| deployment.id);
        // Somebody may press the button in the dashboard in the same moment: theirs says so, ours says `api`. What
        // else servers write there is not documented, so after a while the first newer one is it.
        let ours = newer.iter().position(|(deployment, _)| is_by_api(deployment));
        let chosen = ours.or_else(|| (!newer.is_empty() && self.began.elapsed() >= OURS).then_some(0));
        let chosen = chosen.or_else(|| newer.first().filter(|(first, _)| !is_by_web(first)).map(|_| 0));
        let found = chosen.map(|index| newer.swap_remove(index));
        self.deployment.set(found.as_ref().and_then(|(deployment, _)| deployment.id));
        Ok(found)
    }

    /// Cancels what was followed and gives the error to end with.
    async fn cancel(&self, context: &Context, signal: Signal) -> Error {
        if self.deployment.get().is_none()
            && let Err(error) = self.look_at_deployment().await
        {
            context.console.warn(error.message());
        }
        let Some(id) = self.deployment.get() else {
            return interrupted(&self.subject(context), signal)
                .cause("there is no deployment yet that could be cancelled");
        };
        let cancelled = match cancel_request(self.target, id) {
            Ok(request) => self.client.call(&request).await.map(|_| ()),
            Err(error) => Err(error),
        };
        match cancelled {
            Ok(()) => {
                let attach = self.subject(context).attach;
                signal
                    .error(format!("interrupted; deployment {id} is being cancelled"))
                    .hint(format!("see its end with: {attach}"))
            }
            Err(error) => interrupted(&self.subject(context), signal)
                .cause(format!("it could not be cancelled: {}", error.message())),
        }
    }
}

fn is_by_api(deployment: &Deployment) -> bool {
    deployment.triggered_via.meaning.as_deref().is_some_and(|meaning| meaning.eq_ignore_ascii_case("api"))
}

fn is_by_web(deployment: &Deployment) -> bool {
    deployment.triggered_via.meaning.as_deref().is_some_and(|meaning| meaning.eq_ignore_ascii_case("web"))
}
