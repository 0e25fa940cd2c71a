//! Objects and their keys.

use super::{Row, items, next};
use crate::jq::compare;
use crate::jq::operators::{object_key, unfit};
use crate::jq::paths;
use crate::jq::value::{Fault, List, Map, Value};

pub(super) const BUILTINS: &[Row] = &[
    ("keys", 0, |value, _| keys(&value, true)),
    ("keys_unsorted", 0, |value, _| keys(&value, false)),
    ("has", 1, has),
    ("to_entries", 0, to_entries),
    ("from_entries", 0, from_entries),
    ("indices", 1, |value, mut arguments| indices(&value, &next(&mut arguments))),
    ("_indices", 1, |value, mut arguments| indices(&value, &next(&mut arguments))),
    ("index", 1, |value, mut arguments| {
        let found = indices(&value, &next(&mut arguments))?;
        paths::index(&found, &Value::from(0_i64))
    }),
    ("rindex", 1, |value, mut arguments| {
        let found = indices(&value, &next(&mut arguments))?;
        paths::index(&found, &Value::from(-1_i64))
    }),
];

fn keys(value: &Value, sorted: bool) -> Result<Value, Fault> {
    match value {
        Value::Object(map) if sorted => {
            Value::array(map.sorted_keys().into_iter().map(|key| Value::String(key.clone())).collect())
        }
        Value::Object(map) => Value::array(map.entries().keys().map(|key| Value::String(key.clone())).collect()),
        Value::Array(list) => Value::array((0..list.items().len()).map(Value::from).collect()),
        other => Err(unfit(other, "has no keys")),
    }
}

fn has(value: Value, mut arguments: Vec<Value>) -> Result<Value, Fault> {
    let key = next(&mut arguments);
    Ok(Value::Bool(match (&value, &key) {
        (Value::Object(map), Value::String(key)) => map.get(key).is_some(),
        (Value::Array(list), Value::Number(at)) => {
            let at = at.as_f64();
            at >= 0.0
                && usize::try_from(crate::jq::number::Number::Float(at).truncated())
                    .is_ok_and(|at| at < list.items().len())
        }
        _ => {
            let message = format!("Cannot check whether {} has a {} key", value.kind(), key.kind());
            return Err(Fault::error(message));
        }
    }))
}

fn to_entries(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    let mut entries = List::default();
    let mut add = |key: Value, value: &Value| {
        let mut entry = Map::default();
        entry.insert("key".into(), key)?;
        entry.insert("value".into(), value.clone())?;
        entries.push(entry.into())
    };
    match &value {
        Value::Object(map) => {
            map.entries().iter().try_for_each(|(key, value)| add(Value::String(key.clone()), value))?;
        }
        Value::Array(list) => {
            list.items().iter().enumerate().try_for_each(|(at, value)| add(Value::from(at), value))?;
        }
        other => return Err(unfit(other, "has no keys")),
    }
    Ok(entries.into())
}

fn from_entries(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    let entries = match &value {
        Value::Object(map) => map.entries().values().cloned().collect(),
        Value::Array(list) => list.items().to_vec(),
        other => return Err(crate::jq::operators::cannot("Cannot iterate over", other)),
    };
    let mut map = Map::default();
    for entry in entries {
        let field = |name: &str| paths::index(&entry, &Value::from(name));
        let mut key = Value::Null;
        for name in ["key", "Key", "name", "Name"] {
            let found = field(name)?;
            // As with `//`, the last one counts if none is true.
            key = found;
            if key.is_truthy() {
                break;
            }
        }
        let has_value = matches!(&entry, Value::Object(map) if map.get("value").is_some());
        map.insert(object_key(key)?, field(if has_value { "value" } else { "Value" })?)?;
    }
    Ok(map.into())
}

/// The positions of a part: in characters of a string, or items of an array.
fn indices(value: &Value, sought: &Value) -> Result<Value, Fault> {
    match (value, sought) {
        (Value::String(text), Value::String(part)) => {
            let mut found = List::default();
            let mut rest = &**text;
            let mut at = 0_usize;
            while !part.is_empty() && !rest.is_empty() {
                if rest.starts_with(&**part) {
                    found.push(Value::from(at))?;
                }
                let width = rest.chars().next().map_or(1, char::len_utf8);
                rest = &rest[width..];
                at += 1;
            }
            Ok(found.into())
        }
        (Value::Array(_), Value::Array(_)) => paths::index(value, sought),
        (Value::Array(_), _) => {
            let items = items(value, "")?;
            let found = items.iter().enumerate().filter(|(_, item)| compare::equal(item, sought));
            Value::array(found.map(|(at, _)| Value::from(at)).collect())
        }
        _ => paths::index(value, sought),
    }
}
