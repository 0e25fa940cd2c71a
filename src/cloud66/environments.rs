//! Environment variables of a stack.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::lenient;

/// What stands where a password was.
const MASK: &str = "********";

/// The fields of an environment variable that are used.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Variable {
    /// Number; it is shown by number, but changed and deleted by key.
    #[serde(deserialize_with = "lenient::count")]
    pub id: Option<u64>,
    /// Name.
    #[serde(deserialize_with = "lenient::text")]
    pub key: Option<String>,
    /// Value; a later API sends other types than text, which give their JSON text.
    #[serde(deserialize_with = "lenient::text")]
    pub value: Option<String>,
    /// Whether it can not be changed.
    #[serde(deserialize_with = "lenient::boolean")]
    pub readonly: Option<bool>,
    /// Whether its value is a password.
    #[serde(deserialize_with = "lenient::boolean")]
    pub is_password: Option<bool>,
    /// Whether Cloud 66 made it.
    #[serde(deserialize_with = "lenient::boolean")]
    pub is_generated: Option<bool>,
    #[serde(deserialize_with = "lenient::time")]
    created_at: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::time")]
    created_at_iso: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::time")]
    updated_at: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::time")]
    updated_at_iso: Option<Timestamp>,
}

impl Variable {
    /// When it was made.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        self.created_at_iso.or(self.created_at)
    }

    /// When it was last changed.
    #[must_use]
    pub fn updated_at(&self) -> Option<Timestamp> {
        self.updated_at_iso.or(self.updated_at)
    }

    /// Its name, for messages.
    #[must_use]
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }
}

/// One earlier value of a variable.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Earlier {
    /// Number of the entry; the API calls it `key`.
    #[serde(deserialize_with = "lenient::count")]
    pub key: Option<u64>,
    /// The value it had.
    #[serde(deserialize_with = "lenient::text")]
    pub value: Option<String>,
    /// When it got that value.
    #[serde(deserialize_with = "lenient::time")]
    pub created_at: Option<Timestamp>,
    /// When the entry was last changed.
    #[serde(deserialize_with = "lenient::time")]
    pub updated_at: Option<Timestamp>,
}

/// Strikes out the values of a variable that is a password, those of its history too.
pub fn conceal(variable: &mut Value) {
    let Value::Object(map) = variable else { return };
    if !map.get("is_password").and_then(Value::as_bool).unwrap_or(false) {
        return;
    }
    if let Some(value) = map.get_mut("value") {
        *value = Value::from(MASK);
    }
    for earlier in map.get_mut("history").and_then(Value::as_array_mut).into_iter().flatten() {
        conceal_value(earlier);
    }
}

/// Strikes out the `value` of an object.
pub fn conceal_value(object: &mut Value) {
    if let Some(value) = object.get_mut("value") {
        *value = Value::from(MASK);
    }
}
