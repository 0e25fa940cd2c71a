//! Stack actions: work that one request starts and others poll until it ends.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::Call;
use super::firewall_rule::FirewallRule;
use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult, Payload, object};
use super::users::API_USER;
use super::{NextIds, Stack, State, take_id};
use crate::sandbox::clock::{Clock, date_time, iso};

/// How long a command takes, in seconds at normal speed.
const COMMAND_DURATION: f64 = 3.0;
/// How long changed settings and variables take to reach the servers, in seconds at normal speed.
const WRITE_DURATION: f64 = 2.0;
/// A value that cannot be written to the servers.
const FAILING_VALUE: &str = "fail";

/// The commands of the reference, and those of later documentation.
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
    user: String,
    /// The command, in the API's words.
    name: String,
    /// Its target: a stack, or one of its servers.
    pub(super) resource_type: String,
    /// The ID of the target.
    pub(super) resource_id: u64,
    started_via: String,
    pub(super) started_at: Timestamp,
    /// When it finishes.
    pub(super) due: Timestamp,
    finished: bool,
    /// Why it fails, if it does.
    pub(super) failure: Option<String>,
    /// Its effect if it succeeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effect: Option<Effect>,
    /// Its deployment, which finishes at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deployment: Option<u64>,
    /// The reference of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user_reference: Option<String>,
}

/// The effect of an action.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Effect {
    /// Switches maintenance mode on or off.
    MaintenanceMode(bool),
    /// Sets the number of a service's containers on each of these servers, by UID.
    Scale { service: String, counts: Vec<(String, u64)> },
    /// Removes these containers.
    Stop(ContainerFilter),
    /// Restarts these containers.
    Restart(ContainerFilter),
    /// Sets how many of a process run on each of these servers, by UID.
    ScaleProcess { process: String, counts: Vec<(String, u64)> },
    /// Pauses or resumes one process or all, on one server or on all.
    PauseProcess { process: Option<String>, server_uid: Option<String>, paused: bool },
    /// Ends the run of a job.
    JobRun { uid: String },
    /// Suspends or resumes the schedule of a job, or of all jobs.
    PauseJobs { uid: Option<String>, paused: bool },
    /// Adds servers to a group.
    AddServers { group: u64, names: Vec<String> },
    /// Sets the content of a configuration file.
    ConfigFile { kind: String, body: String, comments: Option<String> },
    /// Deletes servers of a group until this many are left.
    KeepServers { group: u64, count: usize },
    /// Adds a session in a container of a service.
    OpenSession { service: String },
    /// Adds a database; these users may log in to it.
    AddDatabase { group: u64, name: String, users: Vec<String> },
    /// Adds a database user.
    AddDatabaseUser { group: u64, username: String, user_type: String, databases: Vec<String> },
    /// Puts a firewall rule in force.
    OpenLease(Box<FirewallRule>),
}

/// Some of a stack's containers; all if nothing is set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct ContainerFilter {
    pub(super) service: Option<String>,
    pub(super) server_uid: Option<String>,
    pub(super) container: Option<String>,
}

impl Action {
    /// An action on `stack` that starts now and takes `seconds` at normal speed.
    pub(super) fn start(ids: &mut NextIds, stack: &Stack, name: &str, clock: &Clock, seconds: f64) -> Self {
        Self {
            id: take_id(&mut ids.action),
            user: API_USER.into(),
            name: name.into(),
            resource_type: "stack".into(),
            resource_id: stack.number,
            started_via: "api".into(),
            started_at: clock.now,
            due: clock.in_seconds(seconds),
            finished: false,
            failure: stack.failure(),
            effect: None,
            deployment: None,
            user_reference: None,
        }
    }

    /// Whether it has not finished.
    pub(super) fn is_running(&self) -> bool {
        !self.finished
    }

    /// An action that writes changed values to the servers; `what` is used in the error.
    pub(super) fn start_write(
        ids: &mut NextIds,
        stack: &Stack,
        name: &str,
        what: &str,
        values: &[&str],
        clock: &Clock,
    ) -> Self {
        let mut action = Self::start(ids, stack, name, clock, WRITE_DURATION);
        if values.contains(&FAILING_VALUE) {
            action.failure = Some(format!("cannot write the {what} to the servers"));
        }
        action
    }

    /// The same action with an effect.
    pub(super) fn with_effect(self, effect: Effect) -> Self {
        Self { effect: Some(effect), ..self }
    }

    /// Adds it to the actions of `stack`; the reply shows it as just started.
    pub(super) fn add_to(self, stack: &mut Stack) -> Payload {
        let started = self.render();
        stack.touch(self.started_at);
        stack.actions.push(self);
        object(started)
    }

    /// The same action, failing if one of `values` says so; `what` is used in the error.
    pub(super) fn failing_on(mut self, what: &str, values: &[String]) -> Self {
        if values.iter().any(|value| value == FAILING_VALUE) {
            self.failure = Some(what.to_owned());
        }
        self
    }

    fn render(&self) -> Value {
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
        // Only in later documentation: callers that send a reference know them.
        if let Some(reference) = &self.user_reference {
            action["metadata"] = json!({ "user_reference": reference });
        }
        action
    }
}

/// The documented action.
pub(super) fn documented() -> Action {
    Action {
        id: 10,
        user: API_USER.into(),
        name: "clear_caches".into(),
        resource_type: "stack".into(),
        resource_id: 283,
        started_via: "api".into(),
        started_at: date_time("2014-09-01T19:08:05Z"),
        due: date_time("2014-09-01T19:08:09Z"),
        finished: true,
        failure: None,
        effect: None,
        deployment: None,
        user_reference: None,
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
        let (id, due, succeeded) = (action.id, action.due, action.failure.is_none());
        match action.effect.take() {
            Some(effect) if succeeded => stack.apply(&effect, &format!("action {id}"), due),
            Some(effect) => stack.fail(&effect, due),
            None => {}
        }
        stack.touch(due);
    }
}

/// `stack_actions_list`
pub(super) fn stack_actions_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let wanted = call.parameters()?.text("user_reference");
    let is_wanted = |action: &&Action| wanted.is_none() || action.user_reference == wanted;
    let newest_first: Vec<&Action> = stack.actions.iter().rev().filter(is_wanted).collect();
    call.list(&newest_first, |action| action.render())
}

/// `stack_actions_show`, by ID or, as in the blog, by `resource_id`
pub(super) fn stack_actions_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let resource = call.id("action_id", "action")?;
    let action = call
        .find("action_id", "action", &stack.actions, |action| action.id)
        .or_else(|error| stack.actions.iter().rfind(|action| action.resource_id == resource).ok_or(error))?;
    Ok(object(action.render()))
}

/// `stack_actions_run`
pub(super) fn stack_actions_run(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let parameters = call.parameters()?;
    let command = parameters.text("command").unwrap_or_default();
    if !COMMANDS.contains(&command.as_str()) {
        return Err(ApiError::bad_request(format!(
            "The parameter `command` must be one of {}, not `{command}`.",
            COMMANDS.join(", ")
        )));
    }
    let effect = command_effect(stack, &command, &parameters)?;
    let action = Action::start(ids, stack, &command, call.clock, COMMAND_DURATION);
    Ok(Action { effect, ..action }.add_to(stack))
}

/// The effect of a command; most only take time.
fn command_effect(stack: &Stack, command: &str, parameters: &Parameters) -> Result<Option<Effect>, ApiError> {
    // The documentation and the official client use different names for two of these.
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
        // Without a name, all services are restarted, as in the blog.
        "service_restart" | "service_pause" | "service_resume" => {
            let service = parameters.text("service_name");
            if let Some(service) = &service {
                stack.service(service)?;
            }
            let server_uid = either("server_uid", "server_id_filter");
            let filter = ContainerFilter { service, server_uid, container: None };
            (command == "service_restart").then_some(Effect::Restart(filter))
        }
        "container_restart" => {
            let uid = either("container_id", "container").ok_or_else(|| {
                ApiError::bad_request("The parameter `container_id` (or `container`) is missing for container_restart.")
            })?;
            let container = Some(stack.infrastructure().container(&uid)?.uid.clone());
            Some(Effect::Restart(ContainerFilter { container, ..ContainerFilter::default() }))
        }
        "process_restart" | "process_pause" | "process_resume" => {
            let (process, server_uid) = (either("process_name", "process-name"), parameters.text("server_uid"));
            match (&process, &server_uid) {
                (Some(process), _) => stack.check_process(process)?,
                // The official client sends just a server for all of its processes.
                (None, Some(uid)) if stack.infrastructure().server(uid).is_some() => {}
                (None, Some(uid)) => {
                    return Err(ApiError::not_found(format!(
                        "Server `{uid}` in `server_uid` is not part of the stack."
                    )));
                }
                (None, None) => {
                    return Err(ApiError::bad_request(format!(
                        "The parameter `process_name` (or `process-name`) is missing for {command}."
                    )));
                }
            }
            let paused = command == "process_pause";
            (command != "process_restart").then_some(Effect::PauseProcess { process, server_uid, paused })
        }
        "promote_slave_db" | "resync_slave_db" | "disable_replication_slave_db" => {
            let uid = either("server_uid", "server").ok_or_else(|| {
                ApiError::bad_request(format!("The parameter `server_uid` (or `server`) is missing for {command}."))
            })?;
            let infrastructure = stack.infrastructure();
            let server = infrastructure.server(&uid).ok_or_else(|| {
                ApiError::not_found(format!("Server `{uid}` in `server_uid` is not part of the stack."))
            })?;
            if !server.roles.iter().any(|role| role == "db") {
                return Err(ApiError::conflict(format!("Server `{uid}` is not a database server of the stack.")));
            }
            None
        }
        _ => None,
    })
}
