//! Environment variables: a change is visible at once, while an action applies it on the servers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::actions::Action;
use super::call::Call;
use super::reply::{ApiError, ApiResult, Payload, object};
use super::{DOCUMENTED_STACK, NextIds, Stack, State, documented_addresses, take_id, variable_file};
use crate::sandbox::clock::{Clock, date_time, iso};
use crate::sandbox::pseudorandom;

/// An environment variable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Variable {
    id: u64,
    key: String,
    value: String,
    readonly: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    is_password: bool,
    is_generated: bool,
    history: Vec<PreviousValue>,
}

/// An earlier value of a variable.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct PreviousValue {
    /// A number, although the documentation calls it a key.
    key: u64,
    value: String,
    created_at: Timestamp,
}

impl Variable {
    fn new(id: u64, key: &str, value: impl Into<String>, now: Timestamp) -> Self {
        Self {
            id,
            key: key.to_owned(),
            value: value.into(),
            readonly: false,
            created_at: now,
            updated_at: now,
            is_password: key.contains("PASSWORD"),
            is_generated: false,
            history: Vec::new(),
        }
    }

    /// Its name and value.
    #[cfg(unix)]
    pub(super) fn pair(&self) -> (String, String) {
        (self.key.clone(), self.value.clone())
    }

    /// Whether it is of this type, as the official client asks for it.
    fn is_of_type(&self, kind: &str) -> bool {
        match kind {
            "user" => !self.is_generated && !self.readonly,
            "generated" => self.is_generated,
            "locked" => self.readonly,
            _ => true,
        }
    }

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
                    "created_at_iso": iso(entry.created_at),
                    "updated_at_iso": iso(entry.created_at),
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
            // The names of the official client, here and in the history.
            "created_at_iso": iso(self.created_at),
            "updated_at_iso": iso(self.updated_at),
        })
    }
}

/// The initial variables of a stack.
pub(super) fn initial(ids: &mut NextIds, environment: &str, slug: &str, now: Timestamp) -> Vec<Variable> {
    let mut variable = |key: &str, value: String| Variable::new(take_id(&mut ids.variable), key, value, now);
    let path = variable("STACK_PATH", format!("/var/deploy/{slug}/web_head/current"));
    let rails_env = variable("RAILS_ENV", environment.to_owned());
    let password = variable("MYSQL_PASSWORD", pseudorandom::alphanumeric(slug, 12));
    let support = variable("SUPPORT_ADDRESS", format!("support@{slug}.example"));
    vec![
        Variable { readonly: true, is_generated: true, ..path },
        Variable { is_generated: true, ..rails_env },
        Variable { is_generated: true, ..password },
        support,
    ]
}

/// The documented variables.
pub(super) fn documented() -> Vec<Variable> {
    let previous = |(key, value, created_at): &(u64, &str, &str)| PreviousValue {
        key: *key,
        value: (*value).into(),
        created_at: date_time(created_at),
    };
    let variable = |id, key: &str, value: &str, readonly, created_at, history: &[(u64, &str, &str)]| Variable {
        readonly,
        is_generated: true,
        history: history.iter().map(previous).collect(),
        ..Variable::new(id, key, value, date_time(created_at))
    };
    let path = "/var/deploy/test-elastic-1/web_head";
    let old_path = format!("{path}/somethingold");
    vec![
        variable(
            4152,
            "STACK_GIT_BRANCH",
            "master",
            true,
            "2014-08-29T17:21:25Z",
            &[(1, "develop", "2015-05-08T15:09:50Z")],
        ),
        variable(
            4153,
            "STACK_PATH",
            &format!("{path}/current"),
            true,
            "2014-08-29T17:21:25Z",
            &[(2, &old_path, "2015-05-08T14:01:50Z")],
        ),
        variable(
            4167,
            "POSTGRESQL_USERNAME",
            "tja",
            false,
            "2014-08-29T17:21:26Z",
            &[(5, "xyz", "2015-05-08T14:01:50Z"), (6, "123", "2015-05-08T14:02:50Z")],
        ),
        variable(4168, "POSTGRESQL_PASSWORD", "tjena", false, "2014-08-29T17:21:26Z", &[]),
    ]
}

/// `environments_list`; on request only some types of variables, or the text of a file in the reply
pub(super) fn environments_list(state: &mut State, call: &Call) -> ApiResult {
    let variables = &state.stack(call)?.variables;
    let parameters = call.parameters()?;
    let types = parameters.list("requested_types");
    let is_wanted = |variable: &&Variable| types.is_empty() || types.iter().any(|kind| variable.is_of_type(kind));
    let wanted: Vec<&Variable> = variables.iter().filter(is_wanted).collect();
    let pairs = wanted.iter().map(|variable| (variable.key.as_str(), variable.value.as_str()));
    match parameters.text("environments_format").as_deref() {
        Some("json") => Ok(object(json!({ "contents": variable_file::to_json(pairs) }))),
        Some(_) => Ok(object(json!({ "contents": variable_file::to_dotenv(pairs) }))),
        None => call.list(&wanted, |variable| variable.render()),
    }
}

/// `environments_show`, by ID
pub(super) fn environments_show(state: &mut State, call: &Call) -> ApiResult {
    let variables = &state.stack(call)?.variables;
    let variable = call.find("environment_id", "environment variable", variables, |variable| variable.id)?;
    Ok(object(variable.render()))
}

/// `environments_create`
pub(super) fn environments_create(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let parameters = call.parameters()?;
    let key = parameters.text("key").unwrap_or_default();
    let value = parameters.text("value").unwrap_or_default();
    check_name(&key)?;
    if stack.variables.iter().any(|variable| variable.key == key) {
        return Err(ApiError::conflict(format!("The environment variable `{key}` already exists.")));
    }
    put(stack, ids, &key, &value, call.clock.now);
    Ok(write(ids, stack, "env-var-new", &[&value], call.clock))
}

/// `environments_update`
pub(super) fn environments_update(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let key = call.path_param("key");
    check_name(key)?;
    if !is_documented(call) {
        position(stack, key)?;
    }
    let value = call.parameters()?.text("value").unwrap_or_default();
    refuse_readonly(stack, key)?;
    put(stack, ids, key, &value, call.clock.now);
    Ok(write(ids, stack, "env-var-update", &[&value], call.clock))
}

/// `environments_delete`
pub(super) fn environments_delete(state: &mut State, call: &Call) -> ApiResult {
    let (stack, _) = state.stack_mut(call)?;
    let position = match position(stack, call.path_param("key")) {
        Err(_) if is_documented(call) => return Ok(Payload::Empty),
        position => position?,
    };
    refuse_readonly(stack, call.path_param("key"))?;
    let variable = &stack.variables[position];
    if variable.is_generated {
        return Err(ApiError::conflict(format!(
            "The environment variable `{}` is generated by Cloud 66 and cannot be deleted.",
            variable.key
        )));
    }
    stack.variables.remove(position);
    stack.touch(call.clock.now);
    Ok(Payload::Empty)
}

/// Whether the documentation changes and deletes this variable, which none of its lists has.
fn is_documented(call: &Call) -> bool {
    call.path_param("stack_id") == DOCUMENTED_STACK && call.path_param("key") == documented_addresses::VARIABLE
}

/// Refuses a name that Cloud 66 does not accept.
fn check_name(key: &str) -> Result<(), ApiError> {
    if key.contains('-') {
        let fault = format!("The name of an environment variable must not have a hyphen, but `{key}` has one.");
        return Err(ApiError::bad_request(fault));
    }
    Ok(())
}

fn position(stack: &Stack, key: &str) -> Result<usize, ApiError> {
    let position = stack.variables.iter().position(|variable| variable.key == key);
    position.ok_or_else(|| ApiError::not_found(format!("The stack has no environment variable `{key}`.")))
}

/// Refuses to change the variable if it is read-only.
fn refuse_readonly(stack: &Stack, key: &str) -> Result<(), ApiError> {
    let readonly = stack.variables.iter().any(|variable| variable.key == key && variable.readonly);
    if readonly { Err(ApiError::conflict(format!("The environment variable `{key}` is read-only."))) } else { Ok(()) }
}

/// `environments_bulk_update`: one action for all of them, or an error without any change
pub(super) fn environments_bulk_update(state: &mut State, call: &Call) -> ApiResult {
    change_many(state, call, false)
}

/// `environments_bulk_replace`: the same, and the stack's own variables that are not among them are deleted
pub(super) fn environments_bulk_replace(state: &mut State, call: &Call) -> ApiResult {
    change_many(state, call, true)
}

fn change_many(state: &mut State, call: &Call, replaces: bool) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let parameters = call.parameters()?;
    let contents = parameters.text("contents").unwrap_or_default();
    let variables = match parameters.text("environments_format").as_deref() {
        Some("json") => variable_file::parse_json(&contents)?,
        _ => variable_file::parse_dotenv(&contents)?,
    };
    if variables.is_empty() {
        return Err(ApiError::bad_request("The parameter `contents` has no environment variable."));
    }
    for (key, _) in &variables {
        check_name(key)?;
    }
    // The official client downloads read-only variables too, and sends them back.
    let is_unchanged = |(key, value): &&(String, String)| {
        stack.variables.iter().any(|variable| variable.readonly && variable.key == *key && variable.value == *value)
    };
    let changed: Vec<&(String, String)> = variables.iter().filter(|pair| !is_unchanged(pair)).collect();
    for (key, _) in &changed {
        refuse_readonly(stack, key)?;
    }
    if replaces {
        let is_kept = |variable: &Variable| variables.iter().any(|(key, _)| *key == variable.key);
        stack.variables.retain(|variable| !variable.is_of_type("user") || is_kept(variable));
    }
    for (key, value) in &changed {
        put(stack, ids, key, value, call.clock.now);
    }
    let values: Vec<&str> = variables.iter().map(|(_, value)| value.as_str()).collect();
    Ok(write(ids, stack, "env-var-update", &values, call.clock))
}

/// Adds a variable, or changes its value.
fn put(stack: &mut Stack, ids: &mut NextIds, key: &str, value: &str, now: Timestamp) {
    if let Some(variable) = stack.variables.iter_mut().find(|variable| variable.key == key) {
        let value = std::mem::replace(&mut variable.value, value.to_owned());
        variable.history.push(PreviousValue { key: take_id(&mut ids.history), value, created_at: now });
        variable.updated_at = now;
    } else {
        stack.variables.push(Variable::new(take_id(&mut ids.variable), key, value, now));
    }
}

/// Starts the action that applies changed values on the servers.
fn write(ids: &mut NextIds, stack: &mut Stack, name: &str, values: &[&str], clock: &Clock) -> Payload {
    Action::start_write(ids, stack, name, "environment variables", values, clock).add_to(stack)
}
