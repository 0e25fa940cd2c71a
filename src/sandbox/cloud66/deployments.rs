//! Deployments: they queue, run one at a time, and take the stack through its states.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::actions::{Action, ContainerFilter};
use super::call::Call;
use super::reply::{ApiError, ApiResult, acknowledgement, object};
use super::status::{BROKEN, BUILDING, DEPLOYED, DEPLOYING, FAILED, HEALTHY, QUEUED, UNKNOWN};
use super::users::API_USER;
use super::{NextIds, Stack, State, containers, documented_addresses, git, take_id};
use crate::sandbox::clock::{Clock, date_time, iso};
use crate::sandbox::pseudorandom;

/// How long a stack is queued before it is deployed, in seconds at normal speed.
pub(super) const QUEUE_DURATION: f64 = 2.0;
/// How long deploying takes, in seconds at normal speed.
pub(super) const DEPLOY_DURATION: f64 = 4.0;
/// How long cancelling takes, in seconds at normal speed.
const CANCEL_DURATION: f64 = 1.0;

/// The parameters by which a call of the official client is known: it always sends them, even empty.
const OFFICIAL_PARAMETERS: [&str; 3] = ["deploy_strategy", "rollout_strategy", "deployment_profile"];

/// The outcome of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum DeploymentOutcome {
    InProgress,
    Success,
    Failed,
    Cancelled,
}

impl DeploymentOutcome {
    fn render(self) -> Value {
        let (code, meaning) = match self {
            Self::InProgress => (0, "in progress"),
            Self::Success => (1, "success"),
            Self::Failed => (2, "failed"),
            Self::Cancelled => (3, "cancelled"),
        };
        json!({ "code": code, "meaning": meaning })
    }
}

/// The trigger of a deployment.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Trigger {
    Web,
    Api,
}

impl Trigger {
    fn render(self) -> Value {
        match self {
            Self::Web => json!({ "code": 0, "meaning": "web" }),
            Self::Api => json!({ "code": 2, "meaning": "api" }),
        }
    }
}

/// A deployment: waiting, running or finished.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Deployment {
    pub(super) id: u64,
    triggered_via: Trigger,
    pub(super) started_at: Timestamp,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) outcome: DeploymentOutcome,
    git_hash: String,
    deploy_session: String,
    commit_url: String,
    /// Whether it is live.
    pub(super) live: bool,
    /// Whether it will fail.
    fails: bool,
    /// Its times, once its turn has come.
    #[serde(rename = "run")]
    timing: Option<Timing>,
    /// When it stops after a cancellation.
    cancelled_at: Option<Timestamp>,
}

/// The times of a deployment whose turn has come.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Timing {
    deploys_at: Timestamp,
    ends_at: Timestamp,
    /// The state of the stack before it, for a cancellation.
    status_before: u8,
}

impl Deployment {
    fn render(&self) -> Value {
        json!({
            "id": self.id,
            "triggered_by": API_USER,
            "triggered_via": self.triggered_via.render(),
            "started_at": iso(self.started_at),
            "finished_at": self.finished_at.map(iso),
            "outcome": self.outcome.render(),
            "git_hash": self.git_hash,
            "deploy_session": self.deploy_session,
            "deploy_type": { "code": 0, "meaning": "build" },
            "is_head": self.live,
            "is_live": self.live,
            "reverted": null,
            "reverted_by": null,
            "reverted_at": null,
            "is_deploying": self.finished_at.is_none(),
            "commit_url": self.commit_url,
        })
    }

    /// Whether it has run to its end, successfully or not.
    pub(super) fn has_run(&self) -> bool {
        matches!(self.outcome, DeploymentOutcome::Success | DeploymentOutcome::Failed)
    }

    /// Why it failed.
    fn failure(&self) -> Option<String> {
        match self.outcome {
            DeploymentOutcome::Failed => Some("the deployment failed".to_owned()),
            DeploymentOutcome::Cancelled => Some("the deployment was cancelled".to_owned()),
            DeploymentOutcome::InProgress | DeploymentOutcome::Success => None,
        }
    }

    fn finish(&mut self, at: Timestamp, outcome: DeploymentOutcome) {
        self.finished_at = Some(at);
        self.outcome = outcome;
    }
}

/// Brings the deployments of a stack up to date, with the stack and their actions.
pub(super) fn advance(stack: &mut Stack, clock: &Clock) {
    while let Some(position) = stack.deployments.iter().position(|deployment| deployment.finished_at.is_none()) {
        if !advance_first(stack, position, clock) {
            break;
        }
    }
    // Queued deployments can be cancelled too.
    for deployment in stack.deployments.iter_mut().filter(|deployment| deployment.timing.is_none()) {
        if let Some(at) = deployment.cancelled_at.filter(|at| *at <= clock.now && deployment.finished_at.is_none()) {
            deployment.finish(at, DeploymentOutcome::Cancelled);
        }
    }
    for action in &mut stack.actions {
        if let Some(id) = action.deployment
            && let Some(deployment) = stack.deployments.iter().find(|deployment| deployment.id == id)
        {
            action.due = deployment.finished_at.unwrap_or(Timestamp::MAX);
            action.failure = deployment.failure();
        }
    }
}

/// Brings the first unfinished deployment up to date; `true` if it has finished.
fn advance_first(stack: &mut Stack, position: usize, clock: &Clock) -> bool {
    let previous_end = stack.deployments[..position].iter().filter_map(|previous| previous.finished_at).max();
    let deployment = &mut stack.deployments[position];
    let cancelled_at = deployment.cancelled_at;
    let turn = previous_end.map_or(deployment.started_at, |end| end.max(deployment.started_at));
    if let Some(at) = cancelled_at.filter(|at| deployment.timing.is_none() && *at <= turn) {
        deployment.finish(at, DeploymentOutcome::Cancelled);
        return true;
    }
    let timing = *deployment.timing.get_or_insert_with(|| {
        let deploys_at = clock.after(turn, QUEUE_DURATION);
        Timing { deploys_at, ends_at: clock.after(deploys_at, DEPLOY_DURATION), status_before: stack.status }
    });
    let (end, outcome) = match cancelled_at {
        Some(at) => (at, DeploymentOutcome::Cancelled),
        None if deployment.fails => (timing.ends_at, DeploymentOutcome::Failed),
        None => (timing.ends_at, DeploymentOutcome::Success),
    };
    if clock.now < end {
        stack.status = if clock.now < timing.deploys_at { QUEUED } else { DEPLOYING };
        return false;
    }
    deployment.finish(end, outcome);
    (stack.status, stack.health) = match (outcome, stack.health) {
        (DeploymentOutcome::Success, UNKNOWN | BUILDING) => (DEPLOYED, HEALTHY),
        (DeploymentOutcome::Success, health) => (DEPLOYED, health),
        (DeploymentOutcome::Failed, UNKNOWN | BUILDING) => (FAILED, BROKEN),
        (DeploymentOutcome::Failed, health) => (FAILED, health),
        (DeploymentOutcome::Cancelled | DeploymentOutcome::InProgress, health) => (timing.status_before, health),
    };
    if outcome == DeploymentOutcome::Success {
        for (other, deployment) in stack.deployments.iter_mut().enumerate() {
            deployment.live = other == position;
        }
        containers::restart(stack, &ContainerFilter::default(), end);
    }
    stack.touch(end);
    true
}

/// The initial deployment of a stack, of its branch.
pub(super) fn initial(stack: &Stack, id: u64, identity: &str) -> Deployment {
    let git_hash = git::commit(&stack.git, &stack.git_branch);
    Deployment {
        id,
        started_at: stack.created_at,
        finished_at: Some(stack.created_at),
        deploy_session: pseudorandom::alphanumeric(identity, 10),
        commit_url: git::commit_url(&stack.git, &git_hash),
        git_hash,
        ..documented()
    }
}

/// The documented deployment.
pub(super) fn documented() -> Deployment {
    let git_hash = "5675fcd8f9e6dc534ecf1410c0661c066097e310";
    Deployment {
        id: 107,
        triggered_via: Trigger::Web,
        started_at: date_time("2014-08-29T17:46:16Z"),
        finished_at: Some(date_time("2014-08-29T17:58:23Z")),
        outcome: DeploymentOutcome::Success,
        git_hash: git_hash.into(),
        deploy_session: "OhBHNzkXSl".into(),
        commit_url: git::commit_url("http://github.com/cloud66-samples/rails-test.git", git_hash),
        live: true,
        fails: false,
        timing: None,
        cancelled_at: None,
    }
}

/// `deployments_list`
pub(super) fn deployments_list(state: &mut State, call: &Call) -> ApiResult {
    let newest_first: Vec<&Deployment> = state.stack(call)?.deployments.iter().rev().collect();
    call.list(&newest_first, |deployment| deployment.render())
}

/// `deployments_show`
pub(super) fn deployments_show(state: &mut State, call: &Call) -> ApiResult {
    let deployments = &state.stack(call)?.deployments;
    Ok(object(deployments[position(deployments, call)?].render()))
}

/// `deployments_create`
pub(super) fn deployments_create(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let parameters = call.parameters()?;
    for name in ["services_filter", "services"] {
        check_services(stack, name, &parameters.list(name))?;
    }
    let git_ref = parameters.text("git_ref");
    let is_queued = stack.deployments.iter().any(|deployment| deployment.finished_at.is_none());
    let deployment = queue(stack, ids, git_ref.as_deref(), call.clock.now);
    // The action is of later documentation: callers that send a reference know it, and the official client needs it.
    let reference = parameters.text("user_reference");
    let knows_action = OFFICIAL_PARAMETERS.iter().any(|name| parameters.has(name));
    let mut accepted = json!({ "ok": true, "message": "Stack queued for redeployment" });
    if reference.is_some() || knows_action {
        let mut action = Action::start(ids, stack, "application_deployment", call.clock, 0.0);
        action.deployment = Some(deployment);
        action.user_reference = reference;
        if knows_action {
            accepted["async_action_id"] = action.id.into();
            accepted["queued"] = is_queued.into();
        }
        stack.actions.push(action);
    }
    if is_queued {
        accepted["queued"] = true.into();
    }
    advance(stack, call.clock);
    Ok(object(accepted))
}

/// Queues a deployment of `git_ref`, or of the branch of the stack; returns its ID.
pub(super) fn queue(stack: &mut Stack, ids: &mut NextIds, git_ref: Option<&str>, now: Timestamp) -> u64 {
    let id = take_id(&mut ids.deployment);
    let git_hash = git::commit(&stack.git, git_ref.unwrap_or(&stack.git_branch));
    stack.deployments.push(Deployment {
        id,
        triggered_via: Trigger::Api,
        started_at: now,
        finished_at: None,
        outcome: DeploymentOutcome::InProgress,
        deploy_session: pseudorandom::alphanumeric(&format!("deployment {id}"), 10),
        commit_url: git::commit_url(&stack.git, &git_hash),
        git_hash,
        live: false,
        fails: stack.always_fails || git_ref == Some("fail"),
        timing: None,
        cancelled_at: None,
    });
    stack.touch(now);
    id
}

/// `deployments_cancel`
pub(super) fn deployments_cancel(state: &mut State, call: &Call) -> ApiResult {
    let (stack, _) = state.stack_mut(call)?;
    let accepted = acknowledgement("Cancelling deployment");
    let position = match position(&stack.deployments, call) {
        // What runs is not that one.
        Err(_)
            if stack.is_documented() && call.id("deployment_id", "deployment")? == documented_addresses::DEPLOYMENT =>
        {
            return Ok(accepted);
        }
        position => position?,
    };
    let deployment = &mut stack.deployments[position];
    if deployment.finished_at.is_some() {
        return Err(ApiError::conflict(format!(
            "Cannot cancel deployment {}: it has already finished.",
            deployment.id
        )));
    }
    deployment.cancelled_at.get_or_insert_with(|| call.clock.in_seconds(CANCEL_DURATION));
    Ok(accepted)
}

fn position(deployments: &[Deployment], call: &Call) -> Result<usize, ApiError> {
    call.position("deployment_id", "deployment", deployments, |deployment| deployment.id)
}

/// Refuses services that a Docker stack does not have; other stacks have none to choose from.
fn check_services(stack: &Stack, parameter: &str, services: &[String]) -> Result<(), ApiError> {
    if stack.framework != "docker" {
        return Ok(());
    }
    let name = |service: &String| service.split(':').next().unwrap_or_default().to_owned();
    match services.iter().map(name).find(|name| !stack.services.contains(name)) {
        None => Ok(()),
        Some(unknown) => Err(ApiError::not_found(format!(
            "The parameter `{parameter}` names the service `{unknown}`; the stack has {}.",
            stack.services.join(", ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn waiting(id: u64, started_at: Timestamp) -> Deployment {
        let outcome = DeploymentOutcome::InProgress;
        Deployment { id, started_at, finished_at: None, outcome, live: false, ..documented() }
    }

    fn second(seconds: i64) -> Timestamp {
        Timestamp::from_second(2_000_000_000 + seconds).unwrap()
    }

    fn advance_to(stack: &mut Stack, seconds: i64) -> (u8, Vec<DeploymentOutcome>) {
        advance(stack, &Clock::at(second(seconds), 1.0));
        (stack.status, stack.deployments.iter().map(|deployment| deployment.outcome).collect())
    }

    fn stack_with(deployments: Vec<Deployment>) -> Stack {
        let mut stack = State::initial().stacks.remove(0);
        stack.deployments = deployments;
        stack
    }

    #[test]
    fn a_deployment_takes_the_stack_through_its_states() {
        use DeploymentOutcome::{InProgress, Success};
        let mut stack = stack_with(vec![waiting(1, second(0))]);
        assert_eq!(advance_to(&mut stack, 0), (QUEUED, vec![InProgress]));
        assert_eq!(advance_to(&mut stack, 2), (DEPLOYING, vec![InProgress]));
        assert_eq!(advance_to(&mut stack, 6), (DEPLOYED, vec![Success]));
        assert!(stack.deployments[0].live);
        assert_eq!(stack.deployments[0].finished_at, Some(second(6)));
    }

    #[test]
    fn a_second_one_waits_for_the_first() {
        use DeploymentOutcome::{Failed, InProgress, Success};
        let mut stack = stack_with(vec![waiting(1, second(0)), waiting(2, second(1))]);
        stack.deployments[0].fails = true;
        assert_eq!(advance_to(&mut stack, 5), (DEPLOYING, vec![InProgress, InProgress]));
        assert_eq!(advance_to(&mut stack, 7), (QUEUED, vec![Failed, InProgress]));
        assert_eq!(advance_to(&mut stack, 12), (DEPLOYED, vec![Failed, Success]));
        assert_eq!(stack.deployments[1].finished_at, Some(second(12)));
    }

    #[test]
    fn time_passes_between_requests() {
        use DeploymentOutcome::{Failed, Success};
        let mut stack = stack_with(vec![waiting(1, second(0)), waiting(2, second(1))]);
        stack.deployments[1].fails = true;
        assert_eq!(advance_to(&mut stack, 3600), (FAILED, vec![Success, Failed]));
        assert_eq!(stack.deployments[1].finished_at, Some(second(12)));
        assert!(stack.deployments[0].live && !stack.deployments[1].live);
    }

    #[test]
    fn a_cancelled_one_leaves_the_stack_as_it_was() {
        use DeploymentOutcome::{Cancelled, InProgress};
        let mut stack = stack_with(vec![waiting(1, second(0)), waiting(2, second(0))]);
        stack.status = FAILED;
        advance_to(&mut stack, 1);
        stack.deployments[1].cancelled_at = Some(second(2));
        assert_eq!(advance_to(&mut stack, 3), (DEPLOYING, vec![InProgress, Cancelled]));
        stack.deployments[0].cancelled_at = Some(second(4));
        assert_eq!(advance_to(&mut stack, 4), (FAILED, vec![Cancelled, Cancelled]));
        assert_eq!(stack.deployments[0].finished_at, Some(second(4)));
    }
}
