//! `c66 redeploy`: a deployment, from the request to its true outcome.
//!
//! The documented reply names no deployment, so the newest one is noted before the request, and the first newer one of
//! ours is followed after it. Newer servers name an action, which is followed first. If the reply is lost, the action
//! is found by the reference in the request; nothing is ever sent twice.

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::Value;

use crate::args::{BulkArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::actions::Action;
use crate::cloud66::endpoints::{DEPLOY_STRATEGIES, DEPLOYMENTS_CREATE, ROLLOUT_STRATEGIES};
use crate::cloud66::envelope::Document;
use crate::cloud66::with_field;
use crate::commands::bulk::{self, NamedRequest, WriteResult};
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::commands::context::{Context, DEPLOYMENT_TIMEOUT};
use crate::commands::deployments::follow::{DeployReply, FollowResult, Follower};
use crate::commands::deployments::redeployed::{Redeployment, done, done_with, print_started};
use crate::commands::deployments::user_reference::UserReference;
use crate::commands::newest::Thoroughness;
use crate::commands::services::Services;
use crate::commands::{actions, deployments};
use crate::error::{Error, Result};
use crate::http::Request;
use crate::resource::Resource;
use crate::resource::show::print_verdict;
use crate::resource::verb::{Asks, Verb};
use crate::wait::WaitError;

/// `c66 redeploy`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 redeploy -s awesome-app@production --yes\n  c66 redeploy -s awesome-app@staging --git-ref v1.4.2\n  c66 redeploy -s shop --service web --service worker:v2 --timeout 1h -o json\n  c66 stacks list -o name --filter environment=staging | c66 redeploy --stacks-from - --continue-on-error"
)]
#[command(add = Verb::calls(&[&DEPLOYMENTS_CREATE]).asks(Asks::OnProduction))]
pub(crate) struct RedeployArgs {
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    /// Branch, tag or commit (not for Docker stacks)
    #[arg(long, value_name = "REF")]
    pub(crate) git_ref: Option<String>,
    /// Only this service, at this tag (Docker); repeatable
    #[arg(long = "service", value_name = "NAME[:REF]")]
    #[arg(add = Services::NOUN.names())]
    pub(crate) services: Vec<String>,
    /// Reference by which other commands find it
    #[arg(long, value_name = "TEXT")]
    pub(crate) reference: Option<String>,
    /// Cancel the deployment on Ctrl-C
    #[arg(long)]
    pub(crate) cancel_on_interrupt: bool,
    /// Ignored: c66 always waits
    #[arg(long, hide = true, conflicts_with = "no_wait")]
    pub(crate) listen: bool,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) strategy: StrategyArgs,
    #[command(flatten)]
    pub(crate) bulk: BulkArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// How a deployment is carried out: options that Cloud 66 documents only for its own client.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Strategy")]
pub(crate) struct StrategyArgs {
    /// Order of the servers
    #[arg(long, value_name = "STRATEGY", value_parser = PossibleValuesParser::new(DEPLOY_STRATEGIES))]
    pub(crate) deploy_strategy: Option<String>,
    /// How visitors get to the new deployment
    #[arg(long, value_name = "STRATEGY", value_parser = PossibleValuesParser::new(ROLLOUT_STRATEGIES))]
    pub(crate) rollout_strategy: Option<String>,
    /// Percentage of the visitors who get it (--rollout-strategy canary)
    #[arg(long, value_name = "N", requires = "rollout_strategy", value_parser = clap::value_parser!(u64).range(1..=100))]
    pub(crate) canary_percentage: Option<u64>,
    /// Name of a deployment profile
    #[arg(long, value_name = "NAME")]
    pub(crate) deployment_profile: Option<String>,
}

impl StrategyArgs {
    fn fill(&self, mut request: Request) -> Request {
        for (name, value) in [
            ("deployment_profile", &self.deployment_profile),
            ("deploy_strategy", &self.deploy_strategy),
            ("rollout_strategy", &self.rollout_strategy),
        ] {
            if let Some(value) = value {
                request = with_field(request, name, value.as_str());
            }
        }
        match self.canary_percentage {
            Some(percentage) => with_field(request, "canary_percentage", percentage),
            None => request,
        }
    }
}

/// Runs `c66 redeploy`.
pub(crate) async fn run(context: &Context, args: &RedeployArgs) -> Result<()> {
    if args.bulk.stacks_from.is_some() {
        let redeployment = RedeployStack::new(args)?;
        return bulk::run(context, &redeployment, &args.stack, &args.bulk, &args.write).await;
    }
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    redeploy_stack(context, args, &target, &format!("Redeploy {}", target.label())).await
}

/// Redeploys a stack that was looked up before.
pub(super) async fn redeploy_stack(
    context: &Context,
    args: &RedeployArgs,
    target: &StackRef,
    prompt: &str,
) -> Result<()> {
    let redeployment = RedeployStack::new(args)?;
    let request = redeployment.request(target)?;
    if !context.confirm_write(target, prompt, std::slice::from_ref(&request), &args.write).await? {
        return Ok(());
    }
    let WriteResult { document, verdict, .. } = redeployment.deploy(context, target, request).await?;
    match document {
        Some(document) if args.wait.no_wait => {
            print_started(context, target, redeployment.reference.text(), document).and(verdict)
        }
        Some(document) => print_verdict::<Redeployment>(&context.printer, document, verdict),
        None => verdict,
    }
}

/// Redeploys a stack, or each of several.
struct RedeployStack<'a> {
    args: &'a RedeployArgs,
    reference: UserReference,
}

impl bulk::BulkWrite for RedeployStack<'_> {
    fn phrase(&self) -> String {
        "Redeploy".to_owned()
    }

    async fn changes(&self, _: &Context, target: &StackRef) -> Result<Vec<NamedRequest>> {
        Ok(vec![(String::new(), self.request(target)?)])
    }

    async fn carry_out(&self, context: &Context, target: &StackRef, changes: Vec<NamedRequest>) -> Result<WriteResult> {
        match changes.into_iter().next() {
            Some((_, request)) => self.deploy(context, target, request).await,
            None => Ok(WriteResult::nothing("nothing to deploy")),
        }
    }
}

impl<'a> RedeployStack<'a> {
    fn new(args: &'a RedeployArgs) -> Result<Self> {
        Ok(Self { args, reference: UserReference::of(args.reference.as_deref())? })
    }

    /// Sends the request, follows what it starts, and returns the final state with its outcome.
    async fn deploy(&self, context: &Context, target: &StackRef, request: Request) -> Result<WriteResult> {
        let wait = &self.args.wait;
        let client = context.cloud66().await?;
        // Report invalid wait settings before anything is sent.
        let waiter = context.waiter(&wait.poll_args, DEPLOYMENT_TIMEOUT).await?;
        let before = if wait.no_wait && self.args.services.is_empty() {
            None
        } else {
            deployments::newest(client, target, Thoroughness::Often).await?
        };
        let reference = self.reference.with_last_action(client, target).await?;
        // The guard must be held from here to the end of the wait: a signal in between must not end the program
        // silently.
        let _guard = context.signals.guard()?;
        let reply = match self.send(context, target, request, before, &reference).await {
            Err(error) if error.may_have_been_done() => {
                let found = reference.after_lost_reply(context, target, before, error, waiter.timeout()).await?;
                DeployReply::of_action(found)
            }
            reply => reply?,
        };
        if wait.no_wait {
            return started(context, target, &reply, &reference).await;
        }
        let follower = Follower::new(client, target, before, &reply, &reference);
        let operation = follower.operation(context);
        // The list is read soon after the reply, so that few other deployments can have started.
        let poll_immediately = reply.async_action_id.is_none();
        match waiter.until_ended_or_wait_error(&operation, poll_immediately, || follower.poll()).await {
            Ok(FollowResult { action, deployment }) => done(&reply, action.as_ref(), deployment.as_ref()),
            Err(WaitError::Signal(signal)) if self.args.cancel_on_interrupt => {
                Err(follower.cancel(context, signal).await)
            }
            // The label has become known while following.
            Err(wait_error) => Err(wait_error.error(&follower.operation(context))),
        }
    }

    /// Sends the request. If the API refuses parameters that only newer servers know, and no deployment has started, it
    /// is sent once more without them.
    async fn send(
        &self,
        context: &Context,
        target: &StackRef,
        request: Request,
        before: Option<u64>,
        reference: &UserReference,
    ) -> Result<DeployReply> {
        let refused = match context.send(target, &request).await {
            Err(error) if !self.args.services.is_empty() && refuses_later_field(&error) => error,
            reply => return read(reply?),
        };
        let client = context.cloud66().await?;
        let Ok(started) = reference.find_action(client, target).await else { return Err(refused) };
        if let Some(id) = started {
            return Ok(DeployReply::of_action(id));
        }
        let Ok(newer) = deployments::newer(client, target, before).await else { return Err(refused) };
        if !newer.is_empty() {
            let message = format!("{}; but a deployment started", refused.message());
            return Err(refused.after_write(message));
        }
        read(context.send(target, &self.documented_only(request)).await?)
    }

    /// The request without parameters that older APIs reject; keeps a reference from `--reference`.
    fn documented_only(&self, mut request: Request) -> Request {
        if let Some(body) = request.body.as_mut().and_then(Value::as_object_mut) {
            body.shift_remove("services");
            if self.args.reference.is_none() {
                body.shift_remove("user_reference");
            }
        }
        request
    }

    fn request(&self, target: &StackRef) -> Result<Request> {
        let mut request = request_in_stack(target, &DEPLOYMENTS_CREATE, &[])?;
        if let Some(git_ref) = &self.args.git_ref {
            request = with_field(request, "git_ref", git_ref.as_str());
        }
        let services = &self.args.services;
        if let Some(empty) = services.iter().find(|service| service.trim().is_empty() || service.contains(',')) {
            return Err(
                Error::usage(format!("invalid service `{empty}`")).hint("pass --service NAME or --service NAME:REF")
            );
        }
        if !services.is_empty() {
            // The old name for older servers, the new one for newer ones; each ignores the one it does not know.
            let services = services.join(",");
            request = with_field(with_field(request, "services_filter", services.as_str()), "services", services);
        }
        let request = self.args.strategy.fill(request);
        Ok(with_field(request, "user_reference", self.reference.text()))
    }
}

/// What was started without a wait: one look-up of the action, which may not exist yet. The deployment is running, so a
/// failure to show its action does not matter.
async fn started(
    context: &Context,
    target: &StackRef,
    reply: &DeployReply,
    reference: &UserReference,
) -> Result<WriteResult> {
    let client = context.cloud66().await?;
    let shown = match reply.async_action_id {
        Some(id) => client.fetch(&actions::show_request(target, id)?).await.map(Some),
        None => reference.look_once(client, target).await,
    };
    let shown = shown.and_then(|found| match found {
        Some(document) => document.view::<Action>().map(|_| Some(document)),
        None => Ok(None),
    });
    let action = shown.unwrap_or_else(|error| {
        context.printer.warn(&format!("cannot show the action: {}", error.message()));
        reply.async_action_id.map(|id| Document::from_value(&serde_json::json!({ "id": id })))
    });
    // That it was accepted is all that a command without a wait says.
    done_with(Ok(()), reply, action.as_ref(), None)
}

/// The fields of a reply; `None` if it is empty.
fn read(reply: Option<Document>) -> Result<DeployReply> {
    Ok(reply.map(|document| document.view()).transpose()?.unwrap_or_default())
}

/// Whether the API refused a parameter from later documentation: by the status of an invalid request, and the name of
/// the parameter. Any other refusal says nothing about a request without it.
fn refuses_later_field(error: &Error) -> bool {
    let status = error.failed_request().and_then(|request| request.status);
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut words = error.refusal().unwrap_or_default().split(|letter| !is_word(letter));
    matches!(status, Some(400 | 422)) && words.any(|word| matches!(word, "services" | "user_reference"))
}
