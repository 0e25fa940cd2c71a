//! Stack actions: work that is started by one call and looked at by others until it has finished.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::effects::{ContainerFilter, Effect};
use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult, Payload, list, object};
use super::router::Call;
use super::{Stack, State, USER, containers, services, take_id};
use crate::sandbox::clock::{Clock, iso};

/// How long an action of a stack takes, in seconds of life.
const DURATION: f64 = 3.0;

/// The commands of the reference, and those that later documents add.
const COMMANDS: [&str; 13] = [
    "restart",
    "clear_caches",
    "maintenance_mode",
    "container_restart",
    "service_restart",
    "service_pause",
    "service_resume",
    "process_restart",
    "process_pause",
    "process_resume",
    "promote_slave_db",
    "resync_slave_db",
    "disable_replication_slave_db",
];

/// An action, running or finished.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sandbox) struct Action {
    pub(in crate::sandbox) id: u64,
    pub(in crate::sandbox) user: String,
    /// What is done, in the words of the API.
    pub(in crate::sandbox) name: String,
    /// What it works on: a stack, or one of its servers.
    pub(in crate::sandbox) resource_type: String,
    /// The number of that.
    pub(in crate::sandbox) resource_id: u64,
    pub(in crate::sandbox) started_via: String,
    pub(in crate::sandbox) started_at: Timestamp,
    /// When it is over.
    pub(in crate::sandbox) due: Timestamp,
    pub(in crate::sandbox) finished: bool,
    /// Why it fails; it works when there is no reason.
    pub(in crate::sandbox) failure: Option<String>,
    /// What it changes when it has worked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) effect: Option<Effect>,
    /// The deployment it stands for: it is over when that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) deployment: Option<u64>,
    /// The text by which who started it means to find it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) user_reference: Option<String>,
}

impl Action {
    /// An action on `stack` that is started now and takes `seconds` of life.
    pub(in crate::sandbox) fn start(id: u64, stack: &Stack, name: &str, clock: &Clock, seconds: f64) -> Self {
        Self {
            id,
            user: USER.into(),
            name: name.into(),
            resource_type: "stack".into(),
            resource_id: stack.number,
            started_via: "api".into(),
            started_at: clock.now,
            due: clock.in_seconds(seconds),
            finished: false,
            failure: stack.always_fails.then(|| format!("no server of {} can be reached over SSH", stack.name)),
            effect: None,
            deployment: None,
            user_reference: None,
        }
    }

    /// The same, which changes something when it has worked.
    pub(in crate::sandbox) fn with(self, effect: Effect) -> Self {
        Self { effect: Some(effect), ..self }
    }

    /// Enters it in the list of `stack`, and shows it as it has just been started.
    pub(in crate::sandbox) fn enter(self, stack: &mut Stack) -> Payload {
        let started = self.render();
        stack.touch(self.started_at);
        stack.actions.push(self);
        object(started)
    }

    /// The documented form.
    pub(in crate::sandbox) fn render(&self) -> Value {
        let mut action = json!({
            "id": self.id,
            "user": self.user,
            "resource_type": self.resource_type,
            "action": self.name,
            "resource_id": self.resource_id.to_string(),
            "started_via": self.started_via,
            "started_at": iso(self.started_at),
            "finished_at": self.finished.then(|| iso(self.due)),
            "finished_success": self.finished.then_some(self.failure.is_none()),
            "finished_message": self.failure.as_ref().filter(|_| self.finished),
        });
        // Later documents have it: who gives a reference knows them.
        if let Some(reference) = &self.user_reference {
            action["metadata"] = json!({ "user_reference": reference });
        }
        action
    }
}

/// Finishes the actions that are due.
pub(in crate::sandbox) fn advance(stack: &mut Stack, clock: &Clock) {
    for position in 0..stack.actions.len() {
        let action = &mut stack.actions[position];
        if let Some(number) = action.deployment
            && let Some(deployment) = stack.deployments.iter().find(|deployment| deployment.id == number)
        {
            action.due = deployment.finished_at.unwrap_or(Timestamp::MAX);
            action.failure = deployment.failure();
        }
        if action.finished || action.due > clock.now {
            continue;
        }
        action.finished = true;
        let (id, due, worked) = (action.id, action.due, action.failure.is_none());
        if let Some(effect) = action.effect.take().filter(|_| worked) {
            effect.apply(stack, &format!("action {id}"), due);
        }
        stack.touch(due);
    }
}

/// `stack_actions_list`
pub(in crate::sandbox) fn stack_actions_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let parameters = call.parameters()?;
    let wanted = parameters.text("user_reference");
    let is_wanted = |action: &&Action| wanted.is_none() || action.user_reference == wanted;
    let newest_first: Vec<&Action> = stack.actions.iter().rev().filter(is_wanted).collect();
    Ok(list(&newest_first, parameters.page()?, |action| action.render()))
}

/// `stack_actions_show`, by number or, as the blog does it, by `resource_id`
pub(in crate::sandbox) fn stack_actions_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let number = call.number("action_id", "action")?;
    let action = stack
        .actions
        .iter()
        .find(|action| action.id == number)
        .or_else(|| stack.actions.iter().rfind(|action| action.resource_id == number))
        .ok_or_else(|| ApiError::not_found(format!("The stack has no action {number}.")))?;
    Ok(object(action.render()))
}

/// `stack_actions_run`
pub(in crate::sandbox) fn stack_actions_run(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call.path_param("stack_id"))?;
    let parameters = call.parameters()?;
    let command = parameters.text("command").unwrap_or_default();
    if !COMMANDS.contains(&command.as_str()) {
        return Err(ApiError::bad_request(format!(
            "The parameter `command` must be one of {}, not `{command}`.",
            COMMANDS.join(", ")
        )));
    }
    let effect = effect(stack, &command, &parameters)?;
    let action = Action::start(take_id(&mut ids.action), stack, &command, call.clock, DURATION);
    Ok(Action { effect, ..action }.enter(stack))
}

/// What a command changes; most only take their time.
fn effect(stack: &Stack, command: &str, parameters: &Parameters) -> Result<Option<Effect>, ApiError> {
    // The documents and the official client have different names for two of these.
    let either = |one: &str, other: &str| parameters.text(one).or_else(|| parameters.text(other));
    Ok(match command {
        "maintenance_mode" => match parameters.integer("value") {
            Some(value @ (0 | 1)) => Some(Effect::MaintenanceMode(value == 1)),
            _ => {
                return Err(ApiError::bad_request(
                    "The parameter `value` must be 1 (on) or 0 (off) for maintenance_mode.",
                ));
            }
        },
        "restart" => Some(Effect::Restart(ContainerFilter::default())),
        // Without a name all services are meant, as in the blog.
        "service_restart" | "service_pause" | "service_resume" => {
            let service = parameters.text("service_name");
            if let Some(service) = &service {
                services::known(stack, service)?;
            }
            let server_uid = either("server_uid", "server_id_filter");
            let filter = ContainerFilter { service, server_uid, container: None };
            (command == "service_restart").then_some(Effect::Restart(filter))
        }
        "container_restart" => {
            let uid = either("container_id", "container").ok_or_else(|| {
                ApiError::bad_request("The parameter `container_id` (or `container`) is missing for container_restart.")
            })?;
            let container = Some(containers::find(&stack.infrastructure(), &uid)?.uid.clone());
            Some(Effect::Restart(ContainerFilter { container, ..ContainerFilter::default() }))
        }
        _ => None,
    })
}
