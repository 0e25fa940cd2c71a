//! Settings of stacks and of servers: seen at once when changed, as environment variables are, while an action takes
//! the change to the servers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::actions::Action;
use super::reply::{ApiError, ApiResult, list, object};
use super::router::Call;
use super::{Stack, State, documented, servers, take_id};
use crate::sandbox::clock::Clock;

/// Values of settings by their keys.
pub(in crate::sandbox) type Settings = BTreeMap<String, Value>;

/// How long a change takes to reach the servers, in seconds of life.
const DURATION: f64 = 2.0;
/// The value that is agreed to fail.
const FAILING_VALUE: &str = "fail";
const DNS_WARNING: &str = "Warning! Changing this value will also modify your Cloud 66 *.c66.me DNS values";
/// The one setting of a server.
const SERVER_NAME: &str = "server.name";

/// What a value can be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Truth,
    /// Text that cannot be changed.
    Readonly,
}

/// The documented settings of a stack, in their order.
const STACK_SETTINGS: [(&str, Kind); 6] = [
    ("allowed.web.source", Kind::Text),
    ("asset.prefix", Kind::Text),
    ("git.branch", Kind::Text),
    ("reconfigure.nginx", Kind::Truth),
    ("stack.name", Kind::Readonly),
    ("maintenance.mode", Kind::Truth),
];

/// `settings_list`
pub(in crate::sandbox) fn settings_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    Ok(list(&STACK_SETTINGS, call.parameters()?.page()?, |(key, kind)| {
        json!({
            "id": key.replace('.', "-"),
            "key": key,
            "value": value(stack, key),
            "readonly": *kind == Kind::Readonly,
            "warning_text": if *key == "stack.name" { DNS_WARNING } else { "" },
        })
    }))
}

/// `settings_show`, with the two fields that the documents show
pub(in crate::sandbox) fn settings_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let (key, _) = find(call.path_param("setting_id"))?;
    Ok(object(json!({ "key": key, "value": value(stack, key) })))
}

/// `settings_update`
pub(in crate::sandbox) fn settings_update(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call.path_param("stack_id"))?;
    let (key, kind) = find(call.path_param("setting_id"))?;
    let text = call.parameters()?.text("value").unwrap_or_default();
    let value = match kind {
        Kind::Readonly => return Err(ApiError::bad_request(format!("The setting `{key}` is readonly."))),
        Kind::Text => Value::from(text.as_str()),
        Kind::Truth => match text.as_str() {
            "true" | "1" => Value::from(true),
            "false" | "0" => Value::from(false),
            _ => {
                return Err(ApiError::bad_request(format!(
                    "The parameter `value` must be true or false for `{key}`, not `{text}`."
                )));
            }
        },
    };
    match key {
        "maintenance.mode" => stack.maintenance_mode = value == json!(true),
        "git.branch" => {
            stack.git_branch.clone_from(&text);
            stack.parts.settings.insert(key.into(), value);
        }
        _ => {
            stack.parts.settings.insert(key.into(), value);
        }
    }
    let action = start(take_id(&mut ids.action), stack, &format!("stack-set: {key}"), &text, call.clock);
    Ok(action.enter(stack))
}

/// `server_settings_list`
pub(in crate::sandbox) fn server_settings_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let infrastructure = stack.infrastructure();
    let server = servers::find(&infrastructure, call)?;
    let setting = json!({
        "key": SERVER_NAME,
        "value": server.name,
        // So the documents say, which then change it in their example.
        "readonly": true,
        "warning_text": DNS_WARNING,
    });
    Ok(list(&[setting], call.parameters()?.page()?, Value::clone))
}

/// `server_settings_show`
pub(in crate::sandbox) fn server_settings_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let infrastructure = stack.infrastructure();
    let server = servers::find(&infrastructure, call)?;
    must_be_the_name(call)?;
    Ok(object(json!({ "key": SERVER_NAME, "value": server.name })))
}

/// `server_settings_update`: the name is changed although it is listed as readonly, for that is the documented example
pub(in crate::sandbox) fn server_settings_update(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call.path_param("stack_id"))?;
    let server = servers::find(&stack.infrastructure(), call)?.clone();
    must_be_the_name(call)?;
    let name = call.parameters()?.text("value").unwrap_or_default();
    if let Some(server) = stack.infrastructure_mut().servers.iter_mut().find(|known| known.uid == server.uid) {
        server.rename(&name, call.clock.now);
    }
    let mut action = start(take_id(&mut ids.action), stack, &format!("server-set: {SERVER_NAME}"), &name, call.clock);
    "server".clone_into(&mut action.resource_type);
    action.resource_id = server.number;
    Ok(action.enter(stack))
}

/// The setting of that id, or of that key.
fn find(id: &str) -> Result<(&'static str, Kind), ApiError> {
    let setting = STACK_SETTINGS.into_iter().find(|(key, _)| is_named(key, id));
    setting.ok_or_else(|| {
        let ids = STACK_SETTINGS.map(|(key, _)| key.replace('.', "-")).join(", ");
        ApiError::not_found(format!("There is no setting `{id}`; there are {ids}."))
    })
}

fn must_be_the_name(call: &Call) -> Result<(), ApiError> {
    let id = call.path_param("setting_id");
    if is_named(SERVER_NAME, id) {
        return Ok(());
    }
    Err(ApiError::not_found(format!("There is no setting `{id}` of a server; there is server-name.")))
}

/// Whether `id` is the key, or the key with dashes for its dots.
fn is_named(key: &str, id: &str) -> bool {
    id == key || id == key.replace('.', "-")
}

fn value(stack: &Stack, key: &str) -> Value {
    if let Some(value) = stack.parts.settings.get(key) {
        return value.clone();
    }
    match key {
        "asset.prefix" => "assets".into(),
        "git.branch" if stack.is_documented() => documented::GIT_BRANCH_SETTING.into(),
        "git.branch" => stack.git_branch.as_str().into(),
        "reconfigure.nginx" => false.into(),
        "stack.name" if stack.is_documented() => documented::STACK_NAME_SETTING.into(),
        "stack.name" => stack.name.as_str().into(),
        "maintenance.mode" => stack.maintenance_mode.into(),
        _ => Value::Null,
    }
}

fn start(id: u64, stack: &Stack, name: &str, value: &str, clock: &Clock) -> Action {
    let mut action = Action::start(id, stack, name, clock, DURATION);
    if value == FAILING_VALUE {
        action.failure = Some("the setting could not be written to the servers".into());
    }
    action
}
