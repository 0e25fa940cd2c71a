//! Environment variables: seen at once when changed, while an action takes the change to the servers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::actions::Action;
use super::reply::{ApiError, ApiResult, Payload, list, object};
use super::router::Call;
use super::{NextIds, Stack, State, take_id};
use crate::sandbox::clock::{Clock, iso};

/// How long a change takes to reach the servers, in seconds of life.
const DURATION: f64 = 2.0;
/// The value that is agreed to fail.
const FAILING_VALUE: &str = "fail";

/// An environment variable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sandbox) struct Variable {
    pub(in crate::sandbox) id: u64,
    pub(in crate::sandbox) key: String,
    pub(in crate::sandbox) value: String,
    pub(in crate::sandbox) readonly: bool,
    pub(in crate::sandbox) created_at: Timestamp,
    pub(in crate::sandbox) updated_at: Timestamp,
    pub(in crate::sandbox) is_password: bool,
    pub(in crate::sandbox) is_generated: bool,
    pub(in crate::sandbox) history: Vec<PreviousValue>,
}

/// A value that a variable had.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sandbox) struct PreviousValue {
    /// A number, although the documents call it a key.
    pub(in crate::sandbox) key: u64,
    pub(in crate::sandbox) value: String,
    pub(in crate::sandbox) created_at: Timestamp,
}

impl Variable {
    fn render(&self) -> Value {
        let history: Vec<Value> = self
            .history
            .iter()
            .map(|entry| {
                json!({
                    "key": entry.key,
                    "value": entry.value,
                    "created_at": iso(entry.created_at),
                    "updated_at": iso(entry.created_at),
                })
            })
            .collect();
        json!({
            "id": self.id,
            "key": self.key,
            "value": self.value,
            "readonly": self.readonly,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "is_password": self.is_password,
            "is_generated": self.is_generated,
            "history": history,
        })
    }
}

/// `environments_list`
pub(in crate::sandbox) fn environments_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    Ok(list(&stack.variables, call.parameters()?.page()?, Variable::render))
}

/// `environments_show`, by number
pub(in crate::sandbox) fn environments_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let number = call.number("environment_id", "environment variable")?;
    let variable = stack.variables.iter().find(|variable| variable.id == number);
    let variable =
        variable.ok_or_else(|| ApiError::not_found(format!("The stack has no environment variable {number}.")))?;
    Ok(object(variable.render()))
}

/// `environments_create`
pub(in crate::sandbox) fn environments_create(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call.path_param("stack_id"))?;
    let parameters = call.parameters()?;
    let key = parameters.text("key").unwrap_or_default();
    let value = parameters.text("value").unwrap_or_default();
    if stack.variables.iter().any(|variable| variable.key == key) {
        return Err(ApiError::conflict(format!("The environment variable `{key}` exists already.")));
    }
    put(stack, ids, &key, &value, call.clock.now);
    Ok(start(take_id(&mut ids.action), stack, "env-var-new", &[&value], call.clock))
}

/// `environments_update`
pub(in crate::sandbox) fn environments_update(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call.path_param("stack_id"))?;
    let key = call.path_param("key");
    position(stack, key)?;
    let value = call.parameters()?.text("value").unwrap_or_default();
    refuse_readonly(stack, key)?;
    put(stack, ids, key, &value, call.clock.now);
    Ok(start(take_id(&mut ids.action), stack, "env-var-update", &[&value], call.clock))
}

/// Gives the stack a variable, or the variable it has another value.
pub(in crate::sandbox) fn put(stack: &mut Stack, ids: &mut NextIds, key: &str, value: &str, now: Timestamp) {
    if let Some(variable) = stack.variables.iter_mut().find(|variable| variable.key == key) {
        let before = std::mem::replace(&mut variable.value, value.to_owned());
        variable.history.push(PreviousValue { key: take_id(&mut ids.history), value: before, created_at: now });
        variable.updated_at = now;
        return;
    }
    stack.variables.push(Variable {
        id: take_id(&mut ids.variable),
        key: key.to_owned(),
        value: value.to_owned(),
        readonly: false,
        created_at: now,
        updated_at: now,
        is_password: key.contains("PASSWORD"),
        is_generated: false,
        history: Vec::new(),
    });
}

/// `environments_delete`
pub(in crate::sandbox) fn environments_delete(state: &mut State, call: &Call) -> ApiResult {
    let (stack, _) = state.stack_mut(call.path_param("stack_id"))?;
    let position = position(stack, call.path_param("key"))?;
    refuse_readonly(stack, call.path_param("key"))?;
    let variable = &stack.variables[position];
    if variable.is_generated {
        return Err(ApiError::bad_request(format!(
            "The environment variable `{}` is generated by Cloud 66 and cannot be deleted.",
            variable.key
        )));
    }
    stack.variables.remove(position);
    stack.touch(call.clock.now);
    Ok(Payload::Empty)
}

fn position(stack: &Stack, key: &str) -> Result<usize, ApiError> {
    let position = stack.variables.iter().position(|variable| variable.key == key);
    position.ok_or_else(|| ApiError::not_found(format!("The stack has no environment variable `{key}`.")))
}

/// Refuses what would change the variable, if the stack has it and it is readonly.
pub(in crate::sandbox) fn refuse_readonly(stack: &Stack, key: &str) -> Result<(), ApiError> {
    let readonly = stack.variables.iter().any(|variable| variable.key == key && variable.readonly);
    if readonly { Err(ApiError::bad_request(format!("The environment variable `{key}` is readonly."))) } else { Ok(()) }
}

/// Starts the action that takes changed values to the servers, and shows it as it has just been started.
pub(in crate::sandbox) fn start(id: u64, stack: &mut Stack, name: &str, values: &[&str], clock: &Clock) -> Payload {
    let mut action = Action::start(id, stack, name, clock, DURATION);
    if values.contains(&FAILING_VALUE) {
        action.failure = Some("the environment variables could not be written to the servers".into());
    }
    action.enter(stack)
}
