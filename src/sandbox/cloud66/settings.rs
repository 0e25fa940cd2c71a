//! Settings of stacks and servers: as with environment variables, a change is visible at once, while an action applies
//! it on the servers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::actions::Action;
use super::call::Call;
use super::reply::{ApiError, ApiResult, object};
use super::{Stack, State, servers};

/// Values of settings by their keys.
pub(super) type Settings = BTreeMap<String, Value>;

const DNS_WARNING: &str = "Warning! Changing this value will also modify your Cloud 66 *.c66.me DNS values";
// The documented settings belong to another stack than the other documented resources.
const DOCUMENTED_GIT_BRANCH: &str = "master";
const DOCUMENTED_STACK_NAME: &str = "test-elastic-1";
/// The only setting of a server.
const SERVER_NAME: &str = "server.name";

/// The type of a setting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ValueType {
    Text,
    Boolean,
    /// Text that cannot be changed.
    Readonly,
}

/// The documented settings of a stack, in order.
const STACK_SETTINGS: [(&str, ValueType); 6] = [
    ("allowed.web.source", ValueType::Text),
    ("asset.prefix", ValueType::Text),
    ("git.branch", ValueType::Text),
    ("reconfigure.nginx", ValueType::Boolean),
    ("stack.name", ValueType::Readonly),
    ("maintenance.mode", ValueType::Boolean),
];

/// `settings_list`
pub(super) fn settings_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    call.list(&STACK_SETTINGS, |(key, value_type)| {
        json!({
            "id": key.replace('.', "-"),
            "key": key,
            "value": value(stack, key),
            "readonly": *value_type == ValueType::Readonly,
            "warning_text": if *key == "stack.name" { DNS_WARNING } else { "" },
            // Only the official client knows it, here and for servers.
            "hidden": false,
        })
    })
}

/// `settings_show`, with the two documented fields
pub(super) fn settings_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let (key, _) = find(call.path_param("setting_id"))?;
    Ok(object(json!({ "key": key, "value": value(stack, key) })))
}

/// `settings_update`
pub(super) fn settings_update(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let (key, value_type) = find(call.path_param("setting_id"))?;
    let text = call.parameters()?.text("value").unwrap_or_default();
    let value = match value_type {
        ValueType::Readonly => return Err(ApiError::conflict(format!("The setting `{key}` is read-only."))),
        ValueType::Text => Value::from(text.as_str()),
        ValueType::Boolean => match text.as_str() {
            "true" | "1" => Value::from(true),
            "false" | "0" => Value::from(false),
            _ => {
                return Err(ApiError::bad_request(format!(
                    "The parameter `value` must be true or false for `{key}`, not `{text}`."
                )));
            }
        },
    };
    if key == "maintenance.mode" {
        stack.maintenance_mode = value == json!(true);
    } else {
        stack.parts.settings.insert(key.into(), value);
    }
    if key == "git.branch" {
        stack.git_branch.clone_from(&text);
    }
    let action = Action::start_write(ids, stack, &format!("stack-set: {key}"), "setting", &[&text], call.clock);
    Ok(action.add_to(stack))
}

/// `server_settings_list`
pub(super) fn server_settings_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let infrastructure = stack.infrastructure();
    let server = servers::find(&infrastructure, call)?;
    let setting = json!({
        "key": SERVER_NAME,
        "value": server.name,
        // Listed as readonly in the documentation, which changes it in its example.
        "readonly": true,
        "warning_text": DNS_WARNING,
        "hidden": false,
    });
    call.list(&[setting], Value::clone)
}

/// `server_settings_show`
pub(super) fn server_settings_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let infrastructure = stack.infrastructure();
    let server = servers::find(&infrastructure, call)?;
    require_server_name(call)?;
    Ok(object(json!({ "key": SERVER_NAME, "value": server.name })))
}

/// `server_settings_update`: the name changes although it is listed as readonly, as in the documented example
pub(super) fn server_settings_update(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let server = servers::find(&stack.infrastructure(), call)?.clone();
    require_server_name(call)?;
    let name = call.parameters()?.text("value").unwrap_or_default();
    if let Some(server) = stack.infrastructure_mut().servers.iter_mut().find(|known| known.uid == server.uid) {
        server.rename(&name, call.clock.now);
    }
    let mut action =
        Action::start_write(ids, stack, &format!("server-set: {SERVER_NAME}"), "setting", &[&name], call.clock);
    "server".clone_into(&mut action.resource_type);
    action.resource_id = server.number;
    Ok(action.add_to(stack))
}

/// The setting of that ID or key.
fn find(id: &str) -> Result<(&'static str, ValueType), ApiError> {
    let setting = STACK_SETTINGS.into_iter().find(|(key, _)| is_named(key, id));
    setting.ok_or_else(|| {
        let ids = STACK_SETTINGS.map(|(key, _)| key.replace('.', "-")).join(", ");
        ApiError::not_found(format!("Setting `{id}` not found. Available: {ids}."))
    })
}

fn require_server_name(call: &Call) -> Result<(), ApiError> {
    let id = call.path_param("setting_id");
    if is_named(SERVER_NAME, id) {
        return Ok(());
    }
    Err(ApiError::not_found(format!("Setting `{id}` not found. Available: server-name.")))
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
        "git.branch" if stack.is_documented() => DOCUMENTED_GIT_BRANCH.into(),
        "git.branch" => stack.git_branch.as_str().into(),
        "reconfigure.nginx" => false.into(),
        "stack.name" if stack.is_documented() => DOCUMENTED_STACK_NAME.into(),
        "stack.name" => stack.name.as_str().into(),
        "maintenance.mode" => stack.maintenance_mode.into(),
        _ => Value::Null,
    }
}
