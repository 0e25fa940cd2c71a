//! Environment variables of a stack.

use serde::Deserialize;
use serde_json::Value;

use super::fields::{ApiTime, Fields};

/// Replaces a password.
pub(crate) const MASK: &str = "********";

/// The fields of an environment variable in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Variable {
    /// Id; a variable is shown by id, but changed and deleted by key.
    pub(crate) id: Option<u64>,
    /// Name.
    pub(crate) key: Option<String>,
    /// Value; newer servers also send other types than strings, which give their JSON text.
    pub(crate) value: Option<String>,
    /// Whether it is read-only.
    pub(crate) readonly: Option<bool>,
    /// Whether its value is a password.
    pub(crate) is_password: Option<bool>,
    /// Whether Cloud 66 generated it.
    pub(crate) is_generated: Option<bool>,
    /// When it was created.
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
    /// Id of the entry; the API calls it `key`.
    pub(crate) key: Option<u64>,
    /// The earlier value.
    pub(crate) value: Option<String>,
    /// When it was set.
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

/// Whether a name says that the value is a secret.
fn is_named_like_a_secret(key: &str) -> bool {
    let key = key.to_uppercase();
    ["PASSWORD", "SECRET", "TOKEN"].iter().any(|part| key.contains(part)) || key.ends_with("_KEY")
}

/// Masks the values of a password variable, also in its history. If the reply does not say whether it is one, its name
/// decides.
pub(crate) fn redact(variable: &mut Value) {
    let Value::Object(map) = variable else { return };
    let named = || map.get("key").and_then(Value::as_str).is_some_and(is_named_like_a_secret);
    if !map.get("is_password").and_then(Value::as_bool).unwrap_or_else(named) {
        return;
    }
    if let Some(value) = map.get_mut("value") {
        *value = Value::from(MASK);
    }
    for earlier in map.get_mut("history").and_then(Value::as_array_mut).into_iter().flatten() {
        redact_value(earlier);
    }
}

/// Masks the `value` of an object.
pub(crate) fn redact_value(object: &mut Value) {
    if let Some(value) = object.get_mut("value") {
        *value = Value::from(MASK);
    }
}
