//! Environment variables of a stack.

use serde::Deserialize;
use serde_json::Value;

use super::fields::{ApiTime, Fields};

/// What stands where a password was.
pub(super) const MASK: &str = "********";

/// The fields of an environment variable that are used.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Variable {
    /// Number; it is shown by number, but changed and deleted by key.
    pub(crate) id: Option<u64>,
    /// Name.
    pub(crate) key: Option<String>,
    /// Value; a later API sends other types than text, which give their JSON text.
    pub(crate) value: Option<String>,
    /// Whether it can not be changed.
    pub(crate) readonly: Option<bool>,
    /// Whether its value is a password.
    pub(crate) is_password: Option<bool>,
    /// Whether Cloud 66 made it.
    pub(crate) is_generated: Option<bool>,
    /// When it was made.
    pub(crate) created_at: Option<ApiTime>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for Variable {
    fn from(fields: Fields) -> Self {
        Self {
            id: fields.unsigned("id"),
            key: fields.text("key"),
            value: fields.text("value"),
            readonly: fields.boolean("readonly"),
            is_password: fields.boolean("is_password"),
            is_generated: fields.boolean("is_generated"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
            updated_at: fields.time(&["updated_at_iso", "updated_at"]),
        }
    }
}

impl Variable {
    /// Its name, for messages.
    pub(crate) fn key(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }
}

/// One earlier value of a variable.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct HistoryEntry {
    /// Number of the entry; the API calls it `key`.
    pub(crate) key: Option<u64>,
    /// The value it had.
    pub(crate) value: Option<String>,
    /// When it got that value.
    pub(crate) created_at: Option<ApiTime>,
    /// When the entry was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for HistoryEntry {
    fn from(fields: Fields) -> Self {
        Self {
            key: fields.unsigned("key"),
            value: fields.text("value"),
            created_at: fields.time(&["created_at"]),
            updated_at: fields.time(&["updated_at"]),
        }
    }
}

/// Strikes out the values of a variable that is a password, those of its history too.
pub(crate) fn redact(variable: &mut Value) {
    let Value::Object(map) = variable else { return };
    if !map.get("is_password").and_then(Value::as_bool).unwrap_or(false) {
        return;
    }
    if let Some(value) = map.get_mut("value") {
        *value = Value::from(MASK);
    }
    for earlier in map.get_mut("history").and_then(Value::as_array_mut).into_iter().flatten() {
        redact_value(earlier);
    }
}

/// Strikes out the `value` of an object.
pub(crate) fn redact_value(object: &mut Value) {
    if let Some(value) = object.get_mut("value") {
        *value = Value::from(MASK);
    }
}
