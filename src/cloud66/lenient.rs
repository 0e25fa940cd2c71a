//! Reading fields that come in more than one form: numbers as text, text as numbers, two forms of time, or null.
//!
//! A field of another type than expected reads as absent: one odd field must not hide all the others. Whoever needs
//! it says that it is missing.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::output::words::parse_time;

/// A count that may come as text.
///
/// # Errors
/// The JSON itself is broken.
pub fn count<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// A whole number that may come as text.
///
/// # Errors
/// The JSON itself is broken.
pub fn integer<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// Text; a number or a truth value gives its JSON text.
///
/// # Errors
/// The JSON itself is broken.
pub fn text<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Null => None,
        other => Some(other.to_string()),
    })
}

/// A truth value, also as 0 and 1 or as text.
///
/// # Errors
/// The JSON itself is broken.
pub fn boolean<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(value) => Some(value),
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        Value::String(text) => text.parse().ok(),
        _ => None,
    })
}

/// A time in any of the documented forms.
///
/// # Errors
/// The JSON itself is broken.
pub fn time<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_str().and_then(parse_time))
}

/// A `{code, meaning}` pair; a bare number or text is the one or the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coded {
    /// Number of the state.
    pub code: Option<i64>,
    /// Its word.
    pub meaning: Option<String>,
}

impl<'d> Deserialize<'d> for Coded {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(match value {
            Value::Number(number) => Self { code: number.as_i64(), meaning: None },
            Value::String(meaning) => Self { code: None, meaning: Some(meaning) },
            Value::Object(map) => Self {
                code: map.get("code").and_then(Value::as_i64),
                meaning: map.get("meaning").and_then(Value::as_str).map(str::to_owned),
            },
            _ => Self::default(),
        })
    }
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
