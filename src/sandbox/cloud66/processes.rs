//! Background processes of stacks without containers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::actions::{Action, Effect};
use super::call::Call;
use super::parameters::whole_count;
use super::reply::{ApiError, ApiResult, object};
use super::{Infrastructure, Stack, State, servers};
use crate::sandbox::pseudorandom;

/// How long scaling takes, in seconds at normal speed.
const SCALE_DURATION: f64 = 4.0;
/// Maximum number of one process on one server.
const MAX_PROCESSES: u64 = 100;

/// The documented processes: name, command and checksum.
const DOCUMENTED: [(&str, &str, &str); 2] = [
    ("worker", "bundle exec rake jobs:work", "5999b763474b0eafa5fafb64bff0ba80"),
    ("scheduler", "bundle exec rake jobs:schedule", "1230fd91f8c9e4e56c1b14dd0391702"),
];

/// A process, with how many of it run on each server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Process {
    name: String,
    command: String,
    md5: String,
    /// By the UID of the server.
    counts: BTreeMap<String, u64>,
    /// UIDs of the servers where it is paused.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    paused: BTreeSet<String>,
}

impl Process {
    fn render(&self, infrastructure: &Infrastructure, server_uid: Option<&str>) -> Value {
        let shown = |uid: &&String| server_uid.is_none_or(|wanted| wanted == uid.as_str());
        let by_name = |uid: &String, count: u64| {
            infrastructure.server(uid).map(|server| (server.name.clone(), Value::from(count)))
        };
        let servers: Map<String, Value> =
            self.counts.iter().filter(|(uid, _)| shown(uid)).filter_map(|(uid, count)| by_name(uid, *count)).collect();
        let mut process = json!({ "md5": self.md5, "name": self.name, "command": self.command, "servers": servers });
        // Only the official client knows them.
        if !self.paused.is_empty() {
            let paused = self.paused.iter().filter(shown);
            let count = |uid: &String| self.counts.get(uid).copied().unwrap_or_default();
            process["servers_pauses"] = paused.filter_map(|uid| by_name(uid, count(uid))).collect::<Map<_, _>>().into();
        }
        process
    }
}

/// The processes of a stack; one with containers has none.
fn processes(stack: &Stack) -> Vec<Process> {
    if let Some(processes) = &stack.parts.processes {
        return processes.clone();
    }
    if stack.framework == "docker" {
        return Vec::new();
    }
    let infrastructure = stack.infrastructure();
    let [application, _] = servers::groups(stack).map(|group| group.id);
    let Some(first) = infrastructure.servers.iter().find(|server| server.group == application) else {
        return Vec::new();
    };
    let process = |(name, command, md5): (&str, &str, &str)| Process {
        name: name.into(),
        command: command.into(),
        md5: if stack.is_documented() {
            md5.into()
        } else {
            pseudorandom::hex(&format!("{name} of {}", stack.uid), 32)
        },
        counts: BTreeMap::from([(first.uid.clone(), 1)]),
        paused: BTreeSet::new(),
    };
    DOCUMENTED.map(process).into()
}

/// Refuses a name that no process of the stack has.
pub(super) fn check(stack: &Stack, name: &str) -> Result<(), ApiError> {
    let processes = processes(stack);
    if processes.iter().any(|process| process.name == name) {
        return Ok(());
    }
    let names: Vec<&str> = processes.iter().map(|process| process.name.as_str()).collect();
    Err(ApiError::not_found(match names.as_slice() {
        [] => format!("The stack has no process `{name}`, nor any other."),
        names => format!("The stack has no process `{name}`; it has {}.", names.join(", ")),
    }))
}

/// Changes one process, or all.
fn change(stack: &mut Stack, name: Option<&str>, change: impl Fn(&mut Process)) {
    let mut processes = processes(stack);
    for process in processes.iter_mut().filter(|process| name.is_none_or(|name| name == process.name)) {
        change(process);
    }
    stack.parts.processes = Some(processes);
}

/// Sets how many of a process run on each of these servers.
pub(super) fn scale(stack: &mut Stack, name: &str, counts: &[(String, u64)]) {
    change(stack, Some(name), |process| process.counts.extend(counts.iter().cloned()));
}

/// Pauses or resumes one process or all, on one server or on all.
pub(super) fn pause(stack: &mut Stack, name: Option<&str>, server_uid: Option<&str>, paused: bool) {
    change(stack, name, |process| {
        let uids: Vec<String> =
            process.counts.keys().filter(|uid| server_uid.is_none_or(|one| one == *uid)).cloned().collect();
        for uid in uids {
            if paused {
                process.paused.insert(uid);
            } else {
                process.paused.remove(&uid);
            }
        }
    });
}

/// `processes_list`
pub(super) fn processes_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let server_uid = call.parameters()?.text("server_uid");
    let infrastructure = stack.infrastructure();
    let mut processes = processes(stack);
    processes.retain(|process| server_uid.as_ref().is_none_or(|uid| process.counts.contains_key(uid)));
    call.list(&processes, |process| process.render(&infrastructure, server_uid.as_deref()))
}

/// `processes_show`, by name; an object, as the official client reads it, not the documented list
pub(super) fn processes_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let name = call.path_param("process_name");
    check(stack, name)?;
    let server_uid = call.parameters()?.text("server_uid");
    let infrastructure = stack.infrastructure();
    let process = processes(stack).into_iter().find(|process| process.name == name);
    Ok(object(process.map(|process| process.render(&infrastructure, server_uid.as_deref())).unwrap_or_default()))
}

/// `processes_scale`
pub(super) fn processes_scale(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let parameters = call.parameters()?;
    let process = parameters.text("process_name").unwrap_or_default();
    check(stack, &process)?;
    let mut counts = Vec::new();
    for (uid, count) in parameters.object("server_count").unwrap_or_default() {
        let refuse = |fault: String| Err(ApiError::bad_request(format!("The parameter `server_count` {fault}.")));
        if stack.infrastructure().server(&uid).is_none() {
            return Err(ApiError::not_found(format!("Server `{uid}` in `server_count` is not part of the stack.")));
        }
        match whole_count(&count) {
            Some(count @ ..=MAX_PROCESSES) => counts.push((uid, count)),
            _ => return refuse(format!("must have a number from 0 to {MAX_PROCESSES} for `{uid}`, not {count}")),
        }
    }
    let action = Action::start(ids, stack, "process_scale", call.clock, SCALE_DURATION);
    Ok(action.with_effect(Effect::ScaleProcess { process, counts }).add_to(stack))
}
