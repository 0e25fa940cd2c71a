//! Reading fields that come in more than one form: numbers as text, text as numbers, two forms of time, or null.
//!
//! A field of another type than expected reads as absent: one odd field must not hide all the others. Whoever needs
//! it says that it is missing.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::output::words::parse_time;

/// The fields of an object, for a typed view to be made from (`#[serde(from = "Fields")]`).
#[derive(Clone, Debug, Default)]
pub struct Fields(Map<String, Value>);

impl<'d> Deserialize<'d> for Fields {
    fn deserialize<D: serde::Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        match serde_json::from_str(text.get()) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(_) => Err(serde::de::Error::custom("it is no object")),
            // One value that cannot be held, such as 1e400 or a thousand lists in each other, hides no other.
            Err(_) => {
                let fields: HashMap<String, &RawValue> =
                    serde_json::from_str(text.get()).map_err(serde::de::Error::custom)?;
                let held = |(name, raw): (String, &RawValue)| Some((name, serde_json::from_str(raw.get()).ok()?));
                Ok(Self(fields.into_iter().filter_map(held).collect()))
            }
        }
    }
}

impl Fields {
    /// Text; a number or a truth value gives its JSON text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).and_then(text_of)
    }

    /// Any value, as it is.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The fields of an object within; none where there is no such object.
    #[must_use]
    pub fn within(&self, name: &str) -> Self {
        Self(self.0.get(name).and_then(Value::as_object).cloned().unwrap_or_default())
    }

    /// A count or number of something, which may come as text.
    #[must_use]
    pub fn count(&self, name: &str) -> Option<u64> {
        match self.0.get(name)? {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A code or another whole number, which may come as text.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A truth value, also as 0 and 1 or as text.
    #[must_use]
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.0.get(name)? {
            Value::Bool(value) => Some(*value),
            Value::Number(number) => number.as_i64().map(|number| number != 0),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// A time in any of the documented forms, under the first of `names` that has one.
    #[must_use]
    pub fn time(&self, names: &[&str]) -> Option<Timestamp> {
        names.iter().find_map(|name| parse_time(self.0.get(*name)?.as_str()?))
    }

    /// A `{code, meaning}` pair; a bare number or text is the one or the other.
    #[must_use]
    pub fn coded(&self, name: &str) -> Coded {
        match self.0.get(name) {
            Some(Value::Number(number)) => Coded { code: number.as_i64(), meaning: None },
            Some(Value::String(meaning)) => Coded { code: None, meaning: Some(meaning.clone()) },
            Some(Value::Object(map)) => {
                let fields = Fields(map.clone());
                Coded { code: fields.integer("code"), meaning: fields.text("meaning") }
            }
            _ => Coded::default(),
        }
    }

    /// The texts of a list.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(text_of).collect()
    }

    /// The objects of a list.
    #[must_use]
    pub fn objects<V: From<Fields>>(&self, name: &str) -> Vec<V> {
        let items = self.0.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_object).map(|map| Fields(map.clone()).into()).collect()
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// A `{code, meaning}` pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coded {
    /// Number of the state.
    pub code: Option<i64>,
    /// Its word.
    pub meaning: Option<String>,
}

impl Coded {
    /// The word, else the number, else nothing.
    #[must_use]
    pub fn text(&self) -> String {
        match (&self.meaning, self.code) {
            (Some(meaning), _) => meaning.clone(),
            (None, Some(code)) => code.to_string(),
            (None, None) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Fields {
        serde_json::from_str(json).unwrap_or_default()
    }

    #[test]
    fn each_field_is_read_in_every_form_it_comes_in() {
        let fields = fields(
            r#"{"id": "10", "count": 4, "name": 7, "on": 1, "off": "false", "null": null, "list": [1, "b", null],
                "at": "never", "at_iso": "2014-08-14T00:38:14Z", "outcome": {"code": 1, "meaning": "success"}}"#,
        );
        assert_eq!(fields.count("id"), Some(10));
        assert_eq!(fields.integer("count"), Some(4));
        assert_eq!(fields.text("name").as_deref(), Some("7"));
        assert_eq!((fields.boolean("on"), fields.boolean("off")), (Some(true), Some(false)));
        assert_eq!((fields.text("null"), fields.count("null"), fields.text("absent")), (None, None, None));
        assert_eq!(fields.texts("list"), ["1", "b"]);
        assert!(fields.time(&["at", "at_iso"]).is_some());
        assert_eq!(fields.coded("outcome").text(), "success");
        assert_eq!(fields.coded("count").text(), "4");
    }
}
