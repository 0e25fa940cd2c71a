//! Types of values, and conversions between them.

use super::Row;
use crate::jq::json_read;
use crate::jq::json_write;
use crate::jq::number::Number;
use crate::jq::operators::{negate, unfit};
use crate::jq::value::{Fault, Value};

pub(super) const BUILTINS: &[Row] = &[
    ("type", 0, |value, _| Ok(Value::from(value.kind()))),
    ("tostring", 0, |value, _| json_write::to_text(&value).map(Value::String)),
    ("tojson", 0, |value, _| json_write::write(&value).map(Value::from)),
    ("fromjson", 0, fromjson),
    ("tonumber", 0, tonumber),
    ("toboolean", 0, |value, _| match (&value, value.as_str()) {
        (Value::Bool(_), _) => Ok(value),
        (_, Some("true")) => Ok(Value::Bool(true)),
        (_, Some("false")) => Ok(Value::Bool(false)),
        _ => Err(unfit(&value, "cannot be parsed as a boolean")),
    }),
    ("abs", 0, |value, _| match &value {
        Value::Number(number) if number.as_f64() >= 0.0 || number.as_f64().is_nan() => Ok(value),
        Value::String(_) | Value::Array(_) | Value::Object(_) => Ok(value),
        other => negate(other),
    }),
    ("infinite", 0, |_, _| Ok(Value::from(f64::INFINITY))),
    ("nan", 0, |_, _| Ok(Value::from(f64::NAN))),
    ("isinfinite", 0, |value, _| float(&value).map(|float| Value::Bool(float.is_infinite()))),
    ("isnan", 0, |value, _| float(&value).map(|float| Value::Bool(float.is_nan()))),
    ("isnormal", 0, |value, _| float(&value).map(|float| Value::Bool(float.is_normal()))),
    ("isfinite", 0, |value, _| Ok(Value::Bool(value.as_f64().is_some_and(|float| !float.is_infinite())))),
    ("have_literal_numbers", 0, |_, _| Ok(Value::Bool(true))),
    ("have_decnum", 0, |_, _| Ok(Value::Bool(true))),
    ("input_filename", 0, |_, _| Ok(Value::Null)),
];

fn float(value: &Value) -> Result<f64, Fault> {
    value.as_f64().ok_or_else(|| unfit(value, "number required"))
}

fn fromjson(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    let Some(text) = value.as_str() else { return Err(unfit(&value, "cannot be parsed as JSON")) };
    match text.trim_matches([' ', '\t', '\n', '\r']) {
        "nan" | "NaN" => return Ok(Value::from(f64::NAN)),
        _ => {}
    }
    json_read::read(text).map_err(|fault| match fault {
        Fault::Error(message) => {
            let quoted = json_write::quote(&value);
            Fault::error(format!("{} (while parsing {quoted})", message.as_str().unwrap_or_default()))
        }
        limit @ Fault::Limit(_) => limit,
    })
}

fn tonumber(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    let number = match &value {
        Value::Number(_) => return Ok(value),
        Value::String(text) => parse_number(text),
        _ => None,
    };
    number.map(Value::Number).ok_or_else(|| unfit(&value, "cannot be parsed as a number"))
}

/// A number, also one with a plus sign, with zeros before it, or with digits on one side of the point only.
fn parse_number(text: &str) -> Option<Number> {
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (if text.starts_with('-') { "-" } else { "" }, digits),
        None => ("", text),
    };
    if digits == "nan" {
        return Some(Number::Float(f64::NAN));
    }
    let (mantissa, exponent) = digits.find(['e', 'E']).map_or((digits, ""), |at| digits.split_at(at));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let significant = whole.trim_start_matches('0');
    let significant = if significant.is_empty() { "0" } else { significant };
    let point = if fraction.is_empty() { "" } else { "." };
    let json = format!("{sign}{significant}{point}{fraction}{exponent}");
    let is_number = whole.bytes().all(|byte| byte.is_ascii_digit())
        && json_read::number_length(json.as_bytes()) == Some(json.len());
    is_number.then(|| Number::parse(&json))
}
