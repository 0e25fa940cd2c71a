//! A JSON value of a reply, in two forms.
//!
//! Tables show a typed view of the fields in use; JSON output has the text that the API sent.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::error::{Error, Kind, Result};

/// A JSON value as the API sent it.
#[derive(Clone, Debug)]
pub(crate) struct Document(Box<RawValue>);

impl AsRef<str> for Document {
    fn as_ref(&self) -> &str {
        self.text()
    }
}

impl Document {
    /// Keeps the text of a JSON value.
    pub(crate) fn new(raw: Box<RawValue>) -> Self {
        Self(raw)
    }

    /// Makes a document of our own.
    pub(crate) fn from_value(value: &Value) -> Self {
        // A `Value` has no keys or numbers that could fail to serialize.
        Self(to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }

    /// Joins documents, each with its original text.
    pub(crate) fn from_serialize(value: &impl serde::Serialize) -> Result<Self> {
        to_raw_value(value).map(Self).map_err(|error| Error::internal(error.to_string()))
    }

    /// The value, to be part of another document.
    pub(crate) fn raw(&self) -> &RawValue {
        &self.0
    }

    /// The text of the value.
    pub(crate) fn text(&self) -> &str {
        self.0.get()
    }

    /// The fields in use, typed.
    pub(crate) fn view<V: DeserializeOwned>(&self) -> Result<V> {
        if self.text().starts_with('[') {
            return Err(self.unexpected_shape(&serde::de::Error::custom("expected an object, got a list")));
        }
        serde_json::from_str(self.text()).map_err(|error| self.unexpected_shape(&error))
    }

    /// Checks that it is an object, without parsing it.
    pub(crate) fn check_object(&self) -> Result<()> {
        if self.text().starts_with('{') {
            return Ok(());
        }
        Err(self.unexpected_shape(&serde::de::Error::custom("expected an object")))
    }

    /// Its items, unchanged, if it is a list.
    pub(crate) fn items(&self) -> Option<Vec<Document>> {
        let items: Vec<Box<RawValue>> = serde_json::from_str(self.text()).ok()?;
        Some(items.into_iter().map(Self).collect())
    }

    /// Whether it is nested deeper than most JSON parsers, serde's included, allow.
    pub(crate) fn is_too_deep(&self) -> bool {
        const MAX: usize = 127;
        let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
        self.text().bytes().any(|byte| {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'[' | b'{' if !in_text => depth += 1,
                b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth > MAX
        })
    }

    /// The whole value, parsed.
    pub(crate) fn value(&self) -> Result<Value> {
        serde_json::from_str(self.text()).map_err(|error| self.unexpected_shape(&error))
    }

    /// The members of the object, each with its text.
    pub(crate) fn members(&self) -> Result<HashMap<String, &RawValue>> {
        serde_json::from_str(self.text()).map_err(|error| self.unexpected_shape(&error))
    }

    /// The items of the list under `key`, unchanged; empty without a list.
    pub(crate) fn list(&self, key: &str) -> Result<Vec<Document>> {
        let fields = self.members()?;
        let items: Vec<Box<RawValue>> =
            fields.get(key).and_then(|list| serde_json::from_str(list.get()).ok()).unwrap_or_default();
        Ok(items.into_iter().map(Self).collect())
    }

    fn unexpected_shape(&self, error: &serde_json::Error) -> Error {
        let quoted = match serde_json::from_str::<Value>(self.text()) {
            Ok(mut value) => {
                crate::http::trace::mask(&mut value, &[]);
                crate::text::sanitize::excerpt(&value.to_string(), 200)
            }
            // What cannot be parsed cannot be redacted.
            Err(_) => format!("({} unreadable bytes)", self.text().len()),
        };
        Error::new(Kind::BadReply, format!("unexpected reply from the API: {error}"))
            .cause(quoted)
            .hint("use -o json to see the raw reply")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn nesting_is_counted_outside_strings() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        for (text, too_deep) in [
            (nested(127), false),
            (nested(128), true),
            (format!("[{}]", [nested(100), nested(100)].join(",")), false),
            (format!("[\"\\\"{}\"]", "[".repeat(200)), false),
            (format!("{{\"a\":{}}}", nested(127)), true),
        ] {
            let document = Document::new(RawValue::from_string(text.clone()).unwrap());
            assert_eq!(document.is_too_deep(), too_deep, "{text}");
            assert_eq!(document.value().is_err(), too_deep, "serde's limit is the same: {text}");
        }
    }
}
