//! Stack actions: work that is started by one call and looked at by others until it has finished.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::clock::{Clock, iso};
use super::reply::{Answer, Refusal, list, object};
use super::router::Call;
use super::world::{Stack, USER, World, next};

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
pub(super) struct Action {
    pub(super) id: u64,
    pub(super) user: String,
    /// What is done, in the words of the API.
    pub(super) name: String,
    /// The number of the stack it works on.
    pub(super) resource_id: u64,
    pub(super) started_via: String,
    pub(super) started_at: Timestamp,
    /// When it is over.
    pub(super) due: Timestamp,
    pub(super) finished: bool,
    /// Why it fails; it works when there is no reason.
    pub(super) failure: Option<String>,
    /// Whether maintenance mode is on afterwards; nothing when it stays as it is.
    pub(super) maintenance_mode: Option<bool>,
}

impl Action {
    /// An action on `stack` that is started now and takes `seconds` of life.
    pub(super) fn start(id: u64, stack: &Stack, name: &str, clock: &Clock, seconds: f64) -> Self {
        Self {
            id,
            user: USER.into(),
            name: name.into(),
            resource_id: stack.number,
            started_via: "api".into(),
            started_at: clock.now,
            due: clock.in_seconds(seconds),
            finished: false,
            failure: stack.doomed.then(|| format!("no server of {} can be reached over SSH", stack.name)),
            maintenance_mode: None,
        }
    }

    /// The documented form.
    pub(super) fn render(&self) -> Value {
        json!({
            "id": self.id,
            "user": self.user,
            "resource_type": "stack",
            "action": self.name,
            "resource_id": self.resource_id.to_string(),
            "started_via": self.started_via,
            "started_at": iso(self.started_at),
            "finished_at": self.finished.then(|| iso(self.due)),
            "finished_success": self.finished.then_some(self.failure.is_none()),
            "finished_message": self.failure.as_ref().filter(|_| self.finished),
        })
    }
}

/// Finishes the actions that are due.
pub(super) fn advance(stack: &mut Stack, clock: &Clock) {
    for position in 0..stack.actions.len() {
        let action = &mut stack.actions[position];
        if action.finished || action.due > clock.now {
            continue;
        }
        action.finished = true;
        let (due, worked, maintenance_mode) = (action.due, action.failure.is_none(), action.maintenance_mode);
        if let Some(mode) = maintenance_mode.filter(|_| worked) {
            stack.maintenance_mode = mode;
        }
        stack.touch(due);
    }
}

/// `stack_actions_list`
pub(super) fn stack_actions_list(world: &mut World, call: &Call) -> Answer {
    let stack = world.stack(call.part("stack_id"))?;
    let newest_first: Vec<&Action> = stack.actions.iter().rev().collect();
    Ok(list(&newest_first, call.parameters()?.page()?, |action| action.render()))
}

/// `stack_actions_show`, by number or, as the blog does it, by `resource_id`
pub(super) fn stack_actions_show(world: &mut World, call: &Call) -> Answer {
    let stack = world.stack(call.part("stack_id"))?;
    let number = call.number("action_id", "action")?;
    let action = stack
        .actions
        .iter()
        .find(|action| action.id == number)
        .or_else(|| stack.actions.iter().rfind(|action| action.resource_id == number))
        .ok_or_else(|| Refusal::not_found(format!("The stack has no action {number}.")))?;
    Ok(object(action.render()))
}

/// `stack_actions_run`
pub(super) fn stack_actions_run(world: &mut World, call: &Call) -> Answer {
    let (stack, numbers) = world.stack_mut(call.part("stack_id"))?;
    let parameters = call.parameters()?;
    let command = parameters.text("command").unwrap_or_default();
    if !COMMANDS.contains(&command.as_str()) {
        return Err(Refusal::bad_request(format!(
            "The parameter `command` must be one of {}, not `{command}`.",
            COMMANDS.join(", ")
        )));
    }
    let maintenance_mode = match (command.as_str(), parameters.integer("value")) {
        ("maintenance_mode", Some(value @ (0 | 1))) => Some(value == 1),
        ("maintenance_mode", _) => {
            return Err(Refusal::bad_request("The parameter `value` must be 1 (on) or 0 (off) for maintenance_mode."));
        }
        _ => None,
    };
    let mut action = Action::start(next(&mut numbers.action), stack, &command, call.clock, DURATION);
    action.maintenance_mode = maintenance_mode;
    let started = action.render();
    stack.actions.push(action);
    stack.touch(call.clock.now);
    Ok(object(started))
}
