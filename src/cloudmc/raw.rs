//! The fields of an object, as the API sent them.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Number;
use serde_json::value::RawValue;

/// The fields of an object, for rules that depend on the exact form of a reply.
///
/// [`Fields`](crate::http::fields::Fields) is lenient: null reads as absent and a number as a string. Here an object
/// with `"data": null` differs from one without `data`, and `"taskId": 5` does not start a task.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct RawFields(HashMap<String, Box<RawValue>>);

impl RawFields {
    /// The fields of a JSON value; empty if it is not an object.
    pub(crate) fn new(value: &RawValue) -> Self {
        serde_json::from_str(value.get()).unwrap_or_default()
    }

    /// A field, which may be null.
    pub(crate) fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.get(name).map(|value| &**value)
    }

    /// A field that is not null.
    pub(super) fn non_null(&self, name: &str) -> Option<&RawValue> {
        self.get(name).filter(|value| value.get() != "null")
    }

    /// A string field.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.non_null(name)?.get()).ok()
    }

    /// An id: a string or a number.
    pub(super) fn id(&self, name: &str) -> Option<String> {
        self.text(name).or_else(|| Some(serde_json::from_str::<Number>(self.get(name)?.get()).ok()?.to_string()))
    }
}
