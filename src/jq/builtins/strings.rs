//! Strings.

use super::{Row, items, next};
use crate::jq::json_write::{TextBuilder, describe};
use crate::jq::memory;
use crate::jq::operators::{self, unfit};
use crate::jq::value::{Fault, List, Value};

pub(super) const BUILTINS: &[Row] = &[
    ("utf8bytelength", 0, |value, _| match &value {
        Value::String(text) => Ok(Value::from(text.len())),
        other => Err(unfit(other, "only strings have UTF-8 byte length")),
    }),
    ("ascii_downcase", 0, |value, _| case(&value, str::to_ascii_lowercase)),
    ("ascii_upcase", 0, |value, _| case(&value, str::to_ascii_uppercase)),
    ("explode", 0, explode),
    ("implode", 0, implode),
    ("split", 1, |value, mut arguments| match (&value, &next(&mut arguments)) {
        (Value::String(text), Value::String(separator)) => operators::split(text, separator),
        _ => Err(Fault::error("split input and separator must be strings")),
    }),
    ("startswith", 1, |value, mut arguments| match (&value, &next(&mut arguments)) {
        (Value::String(text), Value::String(part)) => Ok(Value::Bool(text.starts_with(&**part))),
        _ => Err(Fault::error("startswith() requires string inputs")),
    }),
    ("endswith", 1, |value, mut arguments| match (&value, &next(&mut arguments)) {
        (Value::String(text), Value::String(part)) => Ok(Value::Bool(text.ends_with(&**part))),
        _ => Err(Fault::error("endswith() requires string inputs")),
    }),
    ("ltrimstr", 1, |value, mut arguments| {
        Ok(strip(value, &next(&mut arguments), |text, part| text.strip_prefix(part)))
    }),
    ("rtrimstr", 1, |value, mut arguments| {
        Ok(strip(value, &next(&mut arguments), |text, part| text.strip_suffix(part)))
    }),
    ("trimstr", 1, |value, mut arguments| {
        let part = next(&mut arguments);
        Ok(strip(strip(value, &part, |text, part| text.strip_prefix(part)), &part, |text, part| {
            text.strip_suffix(part)
        }))
    }),
    ("trim", 0, |value, _| trimmed(&value, str::trim)),
    ("ltrim", 0, |value, _| trimmed(&value, str::trim_start)),
    ("rtrim", 0, |value, _| trimmed(&value, str::trim_end)),
];

fn case(value: &Value, change: fn(&str) -> String) -> Result<Value, Fault> {
    match value {
        Value::String(text) => Ok(change(text).into()),
        _ => Err(Fault::error("explode input must be a string")),
    }
}

/// A string without a prefix or suffix; other values stay unchanged.
fn strip(value: Value, part: &Value, cut: for<'t> fn(&'t str, &str) -> Option<&'t str>) -> Value {
    match (&value, part) {
        (Value::String(text), Value::String(part)) => match cut(text, part) {
            Some(rest) => Value::from(rest),
            None => value,
        },
        _ => value,
    }
}

fn trimmed(value: &Value, trim: fn(&str) -> &str) -> Result<Value, Fault> {
    match value {
        Value::String(text) => Ok(Value::from(trim(text))),
        _ => Err(Fault::error("trim input must be a string")),
    }
}

fn explode(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    let Some(text) = value.as_str() else { return Err(Fault::error("explode input must be a string")) };
    let mut codes = List::default();
    for character in text.chars() {
        codes.push(Value::from(i64::from(u32::from(character))))?;
    }
    Ok(codes.into())
}

fn implode(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    if !matches!(value, Value::Array(_)) {
        return Err(Fault::error("implode input must be an array"));
    }
    let mut text = TextBuilder::default();
    for item in items(&value, "")? {
        let Value::Number(code) = item else {
            let message = format!("{} can't be imploded, unicode codepoint needs to be numeric", describe(item));
            return Err(Fault::error(message));
        };
        let code = u32::try_from(code.truncated()).ok().and_then(char::from_u32);
        text.push(code.unwrap_or(char::REPLACEMENT_CHARACTER))?;
    }
    memory::check(0)?;
    Ok(text.finish().into())
}
