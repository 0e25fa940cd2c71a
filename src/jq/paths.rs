//! Elements of values: reading, setting and deleting them by key, slice and path.

use super::compare;
use super::json_write::describe;
use super::operators::{own, own_map};
use super::value::{Fault, List, Map, Value};

/// The largest index that can be set in an array.
const MAX_INDEX: usize = 1 << 29;

/// Longest path: no value is deeper.
const MAX_LENGTH: usize = super::value::MAX_DEPTH as usize;

/// An element; null if there is none.
pub(super) fn index(value: &Value, key: &Value) -> Result<Value, Fault> {
    match (value, key) {
        (Value::Object(map), Value::String(key)) => Ok(map.get(key).cloned().unwrap_or(Value::Null)),
        (Value::Array(list), Value::Number(number)) => {
            let at = position(number.as_f64(), list.items().len());
            Ok(at.and_then(|at| list.items().get(at)).cloned().unwrap_or(Value::Null))
        }
        (Value::Array(list), Value::Object(bounds)) => {
            let range = slice(bounds, list.items().len())?;
            Value::array(list.items()[range].to_vec())
        }
        (Value::String(text), Value::Object(bounds)) => {
            let range = slice(bounds, text.chars().count())?;
            let offset = |count: usize| text.char_indices().nth(count).map_or(text.len(), |(offset, _)| offset);
            Ok(Value::from(&text[offset(range.start)..offset(range.end)]))
        }
        (Value::Null, Value::String(_) | Value::Number(_) | Value::Object(_)) => Ok(Value::Null),
        (Value::Array(list), Value::Array(sought)) => {
            let (items, sought) = (list.items(), sought.items());
            if sought.is_empty() {
                return Ok(Value::Null);
            }
            let matches = |window: &[Value]| window.iter().zip(sought).all(|(one, other)| compare::equal(one, other));
            let found = items.windows(sought.len()).enumerate().filter(|(_, window)| matches(window));
            Value::array(found.map(|(at, _)| Value::from(at)).collect())
        }
        _ => Err(cannot_index(value, key)),
    }
}

fn cannot_index(value: &Value, key: &Value) -> Fault {
    Fault::error(format!("Cannot index {} with {}", value.kind(), describe(key)))
}

/// The position of an index, which counts from the end if it is negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "checked")]
fn position(number: f64, length: usize) -> Option<usize> {
    let number = number.floor();
    let number = if number < 0.0 { number + length as f64 } else { number };
    (number >= 0.0).then_some(number as usize)
}

/// The bounds of a slice within a length.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "clamped")]
fn slice(bounds: &Map, length: usize) -> Result<std::ops::Range<usize>, Fault> {
    let bound = |key: &str, default: f64| match bounds.get(key) {
        None | Some(Value::Null) => Ok(default),
        Some(Value::Number(number)) => Ok(number.as_f64()),
        Some(_) => Err(Fault::error("Array/string slice indices must be integers")),
    };
    let whole = length as f64;
    if bounds.entries().keys().any(|key| &**key != "start" && &**key != "end") || bounds.entries().is_empty() {
        return Err(Fault::error("Array/string slice indices must be integers"));
    }
    let clamp = |number: f64| if number < 0.0 { (number + whole).max(0.0) } else { number.min(whole) };
    let start = clamp(bound("start", 0.0)?.floor()) as usize;
    let end = clamp(bound("end", whole)?.ceil()) as usize;
    Ok(start..end.max(start))
}

fn keys(path: &Value) -> Result<&[Value], Fault> {
    match path {
        Value::Array(keys) if keys.items().len() > MAX_LENGTH => Err(Fault::error("Path too deep")),
        Value::Array(keys) => Ok(keys.items()),
        _ => Err(Fault::error("Path must be specified as an array")),
    }
}

/// The element at a path; null if it does not exist.
pub(super) fn get(value: &Value, path: &Value) -> Result<Value, Fault> {
    let mut value = value.clone();
    for key in keys(path)? {
        if matches!(value, Value::Null) {
            return Ok(Value::Null);
        }
        value = index(&value, key)?;
    }
    Ok(value)
}

/// Takes the element at a path; the caller must set it again.
pub(super) fn take(mut value: Value, path: &Value) -> Result<(Value, Value), Fault> {
    let element = take_inner(&mut value, keys(path)?)?;
    Ok((value, element))
}

fn take_inner(value: &mut Value, keys: &[Value]) -> Result<Value, Fault> {
    let Some((key, rest)) = keys.split_first() else { return Ok(std::mem::replace(value, Value::Null)) };
    match (value, key) {
        (Value::Object(map), Value::String(key)) => {
            if map.get(key).is_none() {
                return Ok(Value::Null);
            }
            let map = own_map(map)?;
            let mut inner = map.take(key);
            let element = take_inner(&mut inner, rest);
            map.insert(key.clone(), inner)?;
            element
        }
        (Value::Array(list), Value::Number(number)) => {
            let Some(at) = position(number.as_f64(), list.items().len()).filter(|at| *at < list.items().len()) else {
                return Ok(Value::Null);
            };
            let list = own(list)?;
            let mut inner = list.take(at);
            let element = take_inner(&mut inner, rest);
            list.set(at, inner)?;
            element
        }
        (value, key) => {
            let inner = index(value, key)?;
            rest.iter().try_fold(inner, |inner, key| index(&inner, key))
        }
    }
}

/// Sets the element at a path; missing parents are created.
pub(super) fn set(mut value: Value, path: &Value, element: Value) -> Result<Value, Fault> {
    set_inner(&mut value, keys(path)?, element)?;
    Ok(value)
}

fn set_inner(value: &mut Value, keys: &[Value], element: Value) -> Result<(), Fault> {
    let Some((key, rest)) = keys.split_first() else {
        *value = element;
        return Ok(());
    };
    if matches!(value, Value::Null) {
        *value = match key {
            Value::String(_) => Map::default().into(),
            Value::Number(_) | Value::Object(_) => List::default().into(),
            _ => return Err(cannot_index(value, key)),
        };
    }
    match (value, key) {
        (Value::Object(map), Value::String(key)) => {
            let map = own_map(map)?;
            let mut inner = map.take(key);
            set_inner(&mut inner, rest, element)?;
            map.insert(key.clone(), inner)
        }
        (Value::Array(list), Value::Number(number)) => {
            let Some(at) = position(number.as_f64(), list.items().len()) else {
                return Err(Fault::error("Out of bounds negative array index"));
            };
            if at >= MAX_INDEX {
                return Err(Fault::error("Array index too large"));
            }
            let list = own(list)?;
            let mut inner = list.take(at);
            set_inner(&mut inner, rest, element)?;
            list.set(at, inner)
        }
        (Value::Array(list), Value::Object(bounds)) => {
            let range = slice(bounds, list.items().len())?;
            let mut inner =
                if rest.is_empty() { Value::Null } else { Value::array(list.items()[range.clone()].to_vec())? };
            set_inner(&mut inner, rest, element)?;
            match inner {
                Value::Array(with) => own(list)?.splice(range.start, range.end, with.items()),
                _ => Err(Fault::error("A slice of an array can only be assigned another array")),
            }
        }
        (Value::String(_), Value::Object(_)) => Err(Fault::error("Cannot update string slices")),
        (value, key) => Err(cannot_update(value, key)),
    }
}

fn cannot_update(value: &Value, key: &Value) -> Fault {
    match (value, key) {
        (Value::Array(_), Value::Array(_)) => Fault::error("Cannot update field at array index of array"),
        _ => cannot_index(value, key),
    }
}

/// The value without the elements at these paths.
pub(super) fn delete(mut value: Value, mut paths: Vec<Value>) -> Result<Value, Fault> {
    for path in &paths {
        keys(path)?;
    }
    paths.sort_by(compare::order);
    let paths: Vec<&[Value]> = paths.iter().map(keys).collect::<Result<_, _>>()?;
    if paths.first().is_some_and(|path| path.is_empty()) {
        return Ok(Value::Null);
    }
    delete_inner(&mut value, &paths)?;
    Ok(value)
}

/// Deletes paths, none of which is empty.
fn delete_inner(value: &mut Value, paths: &[&[Value]]) -> Result<(), Fault> {
    // Deeper paths first; then siblings together, so that positions stay valid.
    let mut whole = Vec::new();
    let mut rest = paths;
    while let Some((first, _)) = rest.split_first() {
        let key = &first[0];
        let count = rest.iter().take_while(|path| compare::order(&path[0], key).is_eq()).count();
        let (same, others) = rest.split_at(count);
        rest = others;
        if same.iter().any(|path| path.len() == 1) {
            whole.push(key);
            continue;
        }
        let below: Vec<&[Value]> = same.iter().map(|path| &path[1..]).collect();
        let mut inner = index(value, key)?;
        if matches!(inner, Value::Null) {
            continue;
        }
        delete_inner(&mut inner, &below)?;
        set_inner(value, std::slice::from_ref(key), inner)?;
    }
    if whole.is_empty() { Ok(()) } else { delete_keys(value, &whole) }
}

fn delete_keys(value: &mut Value, keys: &[&Value]) -> Result<(), Fault> {
    match value {
        Value::Null => Ok(()),
        Value::Object(map) => {
            let mut names = std::collections::HashSet::new();
            for key in keys {
                match key {
                    Value::String(name) => names.insert(name.clone()),
                    other => {
                        return Err(Fault::error(format!("Cannot delete field at object index of {}", other.kind())));
                    }
                };
            }
            own_map(map)?.remove_all(|key| names.contains(key));
            Ok(())
        }
        Value::Array(list) => {
            let length = list.items().len();
            let mut removed = vec![false; length];
            for key in keys {
                match key {
                    Value::Number(number) => {
                        if let Some(at) = position(number.as_f64(), length).filter(|at| *at < length) {
                            removed[at] = true;
                        }
                    }
                    Value::Object(bounds) => removed[slice(bounds, length)?].fill(true),
                    Value::String(_) => return Err(cannot_index(value, key)),
                    other => {
                        return Err(Fault::error(format!("Cannot delete field at array index of {}", other.kind())));
                    }
                }
            }
            own(list)?.remove_all(|at| removed[at]);
            Ok(())
        }
        other => Err(Fault::error(format!("Cannot delete field of {}", describe(other)))),
    }
}
