//! Deployments: they queue up, timing one at a time, and take the stack through its states.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::actions::Action;
use super::effects::{ContainerFilter, Effect};
use super::reply::{ApiError, ApiResult, acknowledgement, list, object};
use super::router::Call;
use super::stacks::{BROKEN, BUILDING, DEPLOYED, DEPLOYING, FAILED, HEALTHY, QUEUED, UNKNOWN};
use super::{NextIds, Stack, State, USER, take_id};
use crate::sandbox::clock::{Clock, iso};
use crate::sandbox::pseudorandom;

/// How long a stack is queued before it is deployed, in seconds of life.
pub(in crate::sandbox) const QUEUE_DURATION: f64 = 2.0;
/// How long deploying takes, in seconds of life.
pub(in crate::sandbox) const DEPLOY_DURATION: f64 = 4.0;
/// How long cancelling takes, in seconds of life.
const CANCEL_DURATION: f64 = 1.0;

/// What came of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) enum DeploymentOutcome {
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

/// Where a deployment was started.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(in crate::sandbox) enum Trigger {
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
pub(in crate::sandbox) struct Deployment {
    pub(in crate::sandbox) id: u64,
    pub(in crate::sandbox) triggered_via: Trigger,
    pub(in crate::sandbox) started_at: Timestamp,
    pub(in crate::sandbox) finished_at: Option<Timestamp>,
    pub(in crate::sandbox) outcome: DeploymentOutcome,
    pub(in crate::sandbox) git_hash: String,
    pub(in crate::sandbox) deploy_session: String,
    pub(in crate::sandbox) commit_url: String,
    /// Whether it is what the servers timing now.
    pub(in crate::sandbox) live: bool,
    /// Whether it is going to fail.
    pub(in crate::sandbox) fails: bool,
    /// Its times, once its turn has come.
    #[serde(rename = "run")]
    pub(in crate::sandbox) timing: Option<Timing>,
    /// When it stops because somebody cancelled it.
    pub(in crate::sandbox) cancelled_at: Option<Timestamp>,
}

/// The times of a deployment whose turn has come.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(in crate::sandbox) struct Timing {
    deploys_at: Timestamp,
    ends_at: Timestamp,
    /// What the stack goes back to when the deployment is cancelled.
    status_before: u8,
}

impl Deployment {
    fn render(&self) -> Value {
        json!({
            "id": self.id,
            "triggered_by": USER,
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

    /// Why it did not succeed, once it has ended so.
    pub(in crate::sandbox) fn failure(&self) -> Option<String> {
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

/// Takes the deployments of a stack, and the stack with them, to where they are now.
pub(in crate::sandbox) fn advance(stack: &mut Stack, clock: &Clock) {
    while let Some(position) = stack.deployments.iter().position(|deployment| deployment.finished_at.is_none()) {
        if !advance_first(stack, position, clock) {
            break;
        }
    }
    // Those that wait behind a running one can be cancelled all the same.
    for deployment in stack.deployments.iter_mut().filter(|deployment| deployment.timing.is_none()) {
        if let Some(at) = deployment.cancelled_at.filter(|at| *at <= clock.now && deployment.finished_at.is_none()) {
            deployment.finish(at, DeploymentOutcome::Cancelled);
        }
    }
}

/// Takes the first unfinished deployment to where it is now; true when it has finished.
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
        Effect::Restart(ContainerFilter::default()).apply(stack, "", end);
    }
    stack.touch(end);
    true
}

/// `deployments_list`
pub(in crate::sandbox) fn deployments_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let newest_first: Vec<&Deployment> = stack.deployments.iter().rev().collect();
    Ok(list(&newest_first, call.parameters()?.page()?, |deployment| deployment.render()))
}

/// `deployments_show`
pub(in crate::sandbox) fn deployments_show(state: &mut State, call: &Call) -> ApiResult {
    let (stack, _) = state.stack_mut(call.path_param("stack_id"))?;
    Ok(object(find(stack, call)?.render()))
}

/// `deployments_create`
pub(in crate::sandbox) fn deployments_create(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call.path_param("stack_id"))?;
    let parameters = call.parameters()?;
    for name in ["services_filter", "services"] {
        check_services(stack, name, &parameters.words(name))?;
    }
    let git_ref = parameters.text("git_ref");
    let deployment = queue(stack, ids, git_ref.as_deref(), call.clock.now);
    // The action that later documents have beside it is kept for who gives it a reference, and so knows them.
    if let Some(reference) = parameters.text("user_reference") {
        let action = Action::start(take_id(&mut ids.action), stack, "application_deployment", call.clock, 0.0);
        stack.actions.push(Action {
            deployment: Some(deployment),
            user_reference: Some(reference),
            due: Timestamp::MAX,
            failure: None,
            ..action
        });
    }
    advance(stack, call.clock);
    Ok(acknowledgement("Stack queued for redeployment"))
}

/// Queues a deployment of `git_ref`, or of what the stack always deploys; gives its number.
pub(in crate::sandbox) fn queue(stack: &mut Stack, ids: &mut NextIds, git_ref: Option<&str>, now: Timestamp) -> u64 {
    let id = take_id(&mut ids.deployment);
    let git_hash = git_hash(stack, git_ref);
    stack.deployments.push(Deployment {
        id,
        triggered_via: Trigger::Api,
        started_at: now,
        finished_at: None,
        outcome: DeploymentOutcome::InProgress,
        deploy_session: pseudorandom::alphanumeric(&format!("deployment {id}"), 10),
        commit_url: commit_url(&stack.git, &git_hash),
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
pub(in crate::sandbox) fn deployments_cancel(state: &mut State, call: &Call) -> ApiResult {
    let (stack, _) = state.stack_mut(call.path_param("stack_id"))?;
    let deployment = find(stack, call)?;
    if deployment.finished_at.is_some() {
        return Err(ApiError::conflict(format!(
            "Deployment {} has finished; there is nothing to cancel.",
            deployment.id
        )));
    }
    deployment.cancelled_at.get_or_insert_with(|| call.clock.in_seconds(CANCEL_DURATION));
    Ok(acknowledgement("Cancelling deployment"))
}

fn find<'s>(stack: &'s mut Stack, call: &Call) -> Result<&'s mut Deployment, ApiError> {
    let number = call.number("deployment_id", "deployment")?;
    let deployment = stack.deployments.iter_mut().find(|deployment| deployment.id == number);
    deployment.ok_or_else(|| ApiError::not_found(format!("The stack has no deployment {number}.")))
}

/// Refuses services that a docker stack does not have; other stacks have none to choose from.
fn check_services(stack: &Stack, parameter: &str, services: &[String]) -> Result<(), ApiError> {
    if stack.framework != "docker" {
        return Ok(());
    }
    let name = |service: &String| service.split(':').next().unwrap_or_default().to_owned();
    match services.iter().map(name).find(|name| !stack.services.contains(name)) {
        None => Ok(()),
        Some(unknown) => Err(ApiError::bad_request(format!(
            "The parameter `{parameter}` names the service `{unknown}`; the stack has {}.",
            stack.services.join(", ")
        ))),
    }
}

/// The commit that `git_ref` stands for: itself when it is a whole hash.
pub(in crate::sandbox) fn git_hash(stack: &Stack, git_ref: Option<&str>) -> String {
    let git_ref = git_ref.unwrap_or(&stack.git_branch);
    if git_ref.len() == 40 && git_ref.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return git_ref.to_owned();
    }
    pseudorandom::hex(&format!("{} at {git_ref}", stack.git), 40)
}

/// Where a commit can be looked at.
pub(in crate::sandbox) fn commit_url(git: &str, git_hash: &str) -> String {
    let place = match git.split_once("://") {
        Some((_, place)) => place.to_owned(),
        None => git.rsplit('@').next().unwrap_or(git).replacen(':', "/", 1),
    };
    format!("https://{}/commit/{git_hash}", place.strip_suffix(".git").unwrap_or(&place))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::sandbox::cloud66::seed;

    fn waiting(id: u64, started_at: Timestamp) -> Deployment {
        Deployment {
            id,
            triggered_via: Trigger::Api,
            started_at,
            finished_at: None,
            outcome: DeploymentOutcome::InProgress,
            git_hash: String::new(),
            deploy_session: String::new(),
            commit_url: String::new(),
            live: false,
            fails: false,
            timing: None,
            cancelled_at: None,
        }
    }

    fn second(seconds: i64) -> Timestamp {
        Timestamp::from_second(2_000_000_000 + seconds).unwrap()
    }

    fn advance_to(stack: &mut Stack, seconds: i64) -> (u8, Vec<DeploymentOutcome>) {
        advance(stack, &Clock::at(second(seconds), 1.0));
        (stack.status, stack.deployments.iter().map(|deployment| deployment.outcome).collect())
    }

    fn stack_with(deployments: Vec<Deployment>) -> Stack {
        let mut stack = seed::state().stacks.remove(0);
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
    fn time_that_nobody_watched_has_passed_all_the_same() {
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

    #[test]
    fn a_commit_is_looked_at_where_its_repository_is() {
        for git in
            ["http://github.com/o/r.git", "git@github.com:o/r.git", "ssh://github.com/o/r", "https://github.com/o/r"]
        {
            assert_eq!(commit_url(git, "abc"), "https://github.com/o/r/commit/abc", "{git}");
        }
    }
}
