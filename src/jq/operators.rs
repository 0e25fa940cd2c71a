//! Operators on values.

use std::rc::Rc;

use super::compare;
use super::json_write::{TextBuilder, describe};
use super::memory;
use super::number::Number;
use super::syntax::Operator;
use super::value::{Fault, Map, Text, Value};

/// An error about one value.
pub(super) fn cannot(what: &str, value: &Value) -> Fault {
    Fault::error(format!("{what} {}", describe(value)))
}

/// An error about a value: the value and the problem.
pub(super) fn unfit(value: &Value, what: &str) -> Fault {
    Fault::error(format!("{} {what}", describe(value)))
}

fn between(left: &Value, right: &Value, what: &str) -> Fault {
    Fault::error(format!("{} and {} cannot be {what}", describe(left), describe(right)))
}

pub(super) fn apply(operator: Operator, left: Value, right: Value) -> Result<Value, Fault> {
    match operator {
        Operator::Add => add(left, right),
        Operator::Subtract => subtract(&left, &right),
        Operator::Multiply => multiply(left, right),
        Operator::Divide => divide(&left, &right),
        Operator::Remainder => remainder(&left, &right),
        Operator::Equal => Ok(Value::Bool(compare::equal(&left, &right))),
        Operator::Unequal => Ok(Value::Bool(!compare::equal(&left, &right))),
        Operator::Less => Ok(Value::Bool(compare::less(&left, &right))),
        Operator::Greater => Ok(Value::Bool(compare::order(&left, &right).is_gt())),
        Operator::LessOrEqual => Ok(Value::Bool(compare::order(&left, &right).is_le())),
        Operator::GreaterOrEqual => Ok(Value::Bool(!compare::less(&left, &right))),
        Operator::Alternative => Ok(if left.is_truthy() { left } else { right }),
    }
}

pub(super) fn negate(value: &Value) -> Result<Value, Fault> {
    match value {
        Value::Number(number) => Ok(Value::Number(number.negate())),
        other => Err(unfit(other, "cannot be negated")),
    }
}

/// The key of an object: a string.
pub(super) fn object_key(value: Value) -> Result<Text, Fault> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(Fault::error(format!("Cannot use {} as object key", describe(&other)))),
    }
}

pub(super) fn add(left: Value, right: Value) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Null, other) | (other, Value::Null) => Ok(other),
        (Value::Number(left), Value::Number(right)) => Ok(Value::Number(left.add(&right))),
        (Value::String(left), Value::String(right)) => {
            let mut text = TextBuilder::default();
            text.reserve(left.len() + right.len())?;
            text.push_str(&left)?;
            text.push_str(&right)?;
            Ok(text.finish().into())
        }
        (Value::Array(mut left), Value::Array(right)) => {
            own(&mut left)?.extend(right.items())?;
            Ok(Value::Array(left))
        }
        (Value::Object(mut left), Value::Object(right)) => {
            let map = own_map(&mut left)?;
            for (key, value) in right.entries() {
                map.insert(key.clone(), value.clone())?;
            }
            Ok(Value::Object(left))
        }
        (left, right) => Err(between(&left, &right, "added")),
    }
}

/// The list itself, copied if it is shared.
pub(super) fn own(list: &mut Rc<super::value::List>) -> Result<&mut super::value::List, Fault> {
    if Rc::get_mut(list).is_none() {
        memory::check(size_of_val(list.items()))?;
    }
    Ok(Rc::make_mut(list))
}

/// The object itself, copied if it is shared.
pub(super) fn own_map(map: &mut Rc<Map>) -> Result<&mut Map, Fault> {
    if Rc::get_mut(map).is_none() {
        memory::check(map.entries().len() * 2 * size_of::<(Text, Value)>())?;
    }
    Ok(Rc::make_mut(map))
}

fn subtract(left: &Value, right: &Value) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Ok(Value::Number(left.subtract(right))),
        (Value::Array(left), Value::Array(right)) => {
            let mut removed: Vec<&Value> = right.items().iter().collect();
            removed.sort_unstable_by(|one, other| compare::order(one, other));
            let is_removed = |item: &&Value| {
                let found = removed.binary_search_by(|removed| compare::order(removed, item));
                found.is_ok_and(|at| compare::equal(removed[at], item))
            };
            Value::array(left.items().iter().filter(|item| !is_removed(item)).cloned().collect())
        }
        _ => Err(between(left, right, "subtracted")),
    }
}

fn multiply(left: Value, right: Value) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Ok(Value::Number(left.multiply(&right))),
        (Value::String(text), Value::Number(times)) | (Value::Number(times), Value::String(text)) => {
            repeat(&text, &times)
        }
        (Value::Object(left), Value::Object(right)) => merge(left, &right).map(Value::Object),
        (left, right) => Err(between(&left, &right, "multiplied")),
    }
}

/// Repeats a string; null if the count is negative.
fn repeat(text: &str, times: &Number) -> Result<Value, Fault> {
    if times.as_f64().is_nan() || times.as_f64() < 0.0 {
        return Ok(Value::Null);
    }
    let times = usize::try_from(times.truncated()).unwrap_or(usize::MAX);
    let Some(bytes) = text.len().checked_mul(times) else { return Err(memory::OutOfMemory::Text.into()) };
    memory::check_text(bytes)?;
    Ok(Value::from(text.repeat(if text.is_empty() { 0 } else { times })))
}

/// Merges two objects, and recursively the objects in both.
fn merge(mut left: Rc<Map>, right: &Map) -> Result<Rc<Map>, Fault> {
    let map = own_map(&mut left)?;
    for (key, value) in right.entries() {
        let merged = match (map.get(key), value) {
            (Some(Value::Object(_)), Value::Object(with)) => match map.take(key) {
                Value::Object(inner) => Value::Object(merge(inner, with)?),
                other => other,
            },
            _ => value.clone(),
        };
        map.insert(key.clone(), merged)?;
    }
    Ok(left)
}

fn divide(left: &Value, right: &Value) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Number(_), Value::Number(divisor)) if divisor.as_f64() == 0.0 => {
            Err(between(left, right, "divided because the divisor is zero"))
        }
        (Value::Number(left), Value::Number(right)) => Ok(Value::Number(left.divide(right))),
        (Value::String(text), Value::String(separator)) => split(text, separator),
        _ => Err(between(left, right, "divided")),
    }
}

/// Splits a string; an empty separator splits it into characters.
pub(super) fn split(text: &str, separator: &str) -> Result<Value, Fault> {
    if text.is_empty() {
        return Value::array(Vec::new());
    }
    if separator.is_empty() {
        let mut buffer = [0; 4];
        let mut list = super::value::List::default();
        for character in text.chars() {
            list.push(Value::from(&*character.encode_utf8(&mut buffer)))?;
            memory::check(0)?;
        }
        return Ok(list.into());
    }
    let mut list = super::value::List::default();
    for part in text.split(separator) {
        list.push(Value::from(part))?;
        memory::check(0)?;
    }
    Ok(list.into())
}

fn remainder(left: &Value, right: &Value) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Number(dividend), Value::Number(divisor)) => dividend
            .remainder(divisor)
            .map(Value::Number)
            .ok_or_else(|| between(left, right, "divided (remainder) because the divisor is zero")),
        _ => Err(between(left, right, "divided (remainder)")),
    }
}
