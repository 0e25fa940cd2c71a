//! Arrays, and what arrays and objects have in common.

use std::cmp::Ordering;

use super::{Row, items, next};
use crate::jq::compare::{self, order};
use crate::jq::json_write::{self, TextBuilder};
use crate::jq::memory;
use crate::jq::operators::{add as plus, unfit};
use crate::jq::paths;
use crate::jq::value::{Fault, List, Value};

pub(super) const BUILTINS: &[Row] = &[
    ("length", 0, length),
    ("not", 0, |value, _| Ok(Value::Bool(!value.is_truthy()))),
    ("add", 0, add),
    ("join", 1, join),
    ("flatten", 0, |value, _| flatten(&value, f64::INFINITY)),
    ("flatten", 1, |value, mut arguments| match next(&mut arguments).as_f64() {
        Some(depth) if depth >= 0.0 => flatten(&value, depth),
        _ => Err(Fault::error("flatten depth must not be negative")),
    }),
    ("reverse", 0, reverse),
    ("sort", 0, |value, _| {
        let mut sorted = items(&value, "cannot be sorted, as it is not an array")?.to_vec();
        sorted.sort_by(order);
        Value::array(sorted)
    }),
    ("_sort_by", 1, |value, arguments| {
        let keyed = keyed(&value, arguments, "cannot be sorted, as it is not an array")?;
        Value::array(keyed.into_iter().map(|(_, item)| item).collect())
    }),
    ("_group_by", 1, |value, arguments| {
        let keyed = keyed(&value, arguments, "cannot be grouped, as it is not an array")?;
        Value::array(groups(keyed).into_iter().map(Value::array).collect::<Result<_, _>>()?)
    }),
    ("unique", 0, |value, _| {
        let mut sorted = items(&value, "cannot be sorted, as it is not an array")?.to_vec();
        sorted.sort_by(order);
        sorted.dedup_by(|one, other| compare::equal(one, other));
        Value::array(sorted)
    }),
    ("_unique_by", 1, |value, arguments| {
        let keyed = keyed(&value, arguments, "cannot be grouped, as it is not an array")?;
        Value::array(groups(keyed).into_iter().filter_map(|group| group.into_iter().next()).collect())
    }),
    ("min", 0, |value, _| extreme(&value, None, Ordering::Less)),
    ("max", 0, |value, _| extreme(&value, None, Ordering::Greater)),
    ("_min_by", 1, |value, mut arguments| extreme(&value, Some(&next(&mut arguments)), Ordering::Less)),
    ("_max_by", 1, |value, mut arguments| extreme(&value, Some(&next(&mut arguments)), Ordering::Greater)),
    ("transpose", 0, transpose),
    ("first", 0, |value, _| paths::index(&value, &Value::from(0_i64))),
    ("last", 0, |value, _| paths::index(&value, &Value::from(-1_i64))),
    ("nth", 1, |value, mut arguments| paths::index(&value, &next(&mut arguments))),
    ("contains", 1, |value, mut arguments| contains(&value, &next(&mut arguments)).map(Value::Bool)),
    ("bsearch", 1, bsearch),
    ("setpath", 2, |value, mut arguments| {
        let path = next(&mut arguments);
        paths::set(value, &path, next(&mut arguments))
    }),
    ("delpaths", 1, |value, mut arguments| match next(&mut arguments) {
        Value::Array(list) => paths::delete(value, list.items().to_vec()),
        _ => Err(Fault::error("Paths must be specified as an array")),
    }),
    ("toarray", 0, |value, _| if matches!(value, Value::Array(_)) { Ok(value) } else { Value::array(vec![value]) }),
];

fn length(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    Ok(match &value {
        Value::Null => Value::from(0_i64),
        Value::Number(number) if number.as_f64() < 0.0 => Value::Number(number.negate()),
        Value::Number(_) => value,
        Value::String(text) => Value::from(text.chars().count()),
        Value::Array(list) => Value::from(list.items().len()),
        Value::Object(map) => Value::from(map.entries().len()),
        Value::Bool(_) => return Err(unfit(&value, "has no length")),
    })
}

fn values(value: &Value) -> Result<Vec<Value>, Fault> {
    match value {
        Value::Array(list) => Ok(list.items().to_vec()),
        Value::Object(map) => Ok(map.entries().values().cloned().collect()),
        other => Err(crate::jq::operators::cannot("Cannot iterate over", other)),
    }
}

fn add(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    let mut all = values(&value)?;
    drop(value);
    // Strings are joined at once, since each sum would be a copy.
    if all.len() > 1 && all.iter().all(|item| matches!(item, Value::String(_))) {
        let mut text = TextBuilder::default();
        all.iter().filter_map(Value::as_str).try_for_each(|part| text.push_str(part))?;
        return Ok(text.finish().into());
    }
    let mut sum = Value::Null;
    for item in all.drain(..) {
        sum = plus(sum, item)?;
    }
    Ok(sum)
}

fn join(value: Value, mut arguments: Vec<Value>) -> Result<Value, Fault> {
    let separator = next(&mut arguments);
    let mut text = TextBuilder::default();
    for (at, item) in values(&value)?.iter().enumerate() {
        if at > 0 {
            match &separator {
                Value::String(separator) => text.push_str(separator)?,
                Value::Null => {}
                other => return plus(Value::from(text.finish()), other.clone()),
            }
        }
        match item {
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) | Value::String(_) => text.push_str(&json_write::to_text(item)?)?,
            other => return plus(Value::from(text.finish()), other.clone()),
        }
    }
    Ok(text.finish().into())
}

fn flatten(value: &Value, depth: f64) -> Result<Value, Fault> {
    fn into(list: &mut List, items: &[Value], depth: f64) -> Result<(), Fault> {
        for item in items {
            match item {
                Value::Array(inner) if depth > 0.0 => into(list, inner.items(), depth - 1.0)?,
                other => list.push(other.clone())?,
            }
        }
        Ok(())
    }
    let mut list = List::default();
    into(&mut list, &values(value)?, depth)?;
    Ok(list.into())
}

fn reverse(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    match &value {
        Value::Array(list) => Value::array(list.items().iter().rev().cloned().collect()),
        Value::String(text) => Ok(text.chars().rev().collect::<String>().into()),
        Value::Null => Value::array(Vec::new()),
        other => Err(unfit(other, "cannot be reversed, as it is not an array")),
    }
}

/// Items with their keys, sorted by these.
fn keyed(value: &Value, mut arguments: Vec<Value>, otherwise: &str) -> Result<Vec<(Value, Value)>, Fault> {
    let keys = next(&mut arguments);
    let items = items(value, otherwise)?;
    let keys = match &keys {
        Value::Array(keys) => keys.items().iter().cloned(),
        _ => return Ok(Vec::new()),
    };
    let mut keyed: Vec<(Value, Value)> = keys.zip(items.iter().cloned()).collect();
    keyed.sort_by(|one, other| order(&one.0, &other.0));
    Ok(keyed)
}

fn groups(keyed: Vec<(Value, Value)>) -> Vec<Vec<Value>> {
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for (key, item) in keyed {
        match groups.last_mut() {
            Some((last, group)) if order(last, &key).is_eq() => group.push(item),
            _ => groups.push((key, vec![item])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The first minimum or the last maximum.
fn extreme(value: &Value, keys: Option<&Value>, wanted: Ordering) -> Result<Value, Fault> {
    let all = items(value, "cannot be compared, as it is not an array")?;
    let keys = match keys {
        Some(Value::Array(keys)) => keys.items(),
        _ => all,
    };
    let mut best: Option<(&Value, &Value)> = None;
    for (key, item) in keys.iter().zip(all) {
        let is_better = best.is_none_or(|(best, _)| {
            let order = order(key, best);
            order == wanted || (wanted.is_gt() && order.is_eq())
        });
        if is_better {
            best = Some((key, item));
        }
    }
    Ok(best.map_or(Value::Null, |(_, item)| item.clone()))
}

fn transpose(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    let rows = items(&value, "cannot be transposed, as it is not an array")?;
    let width = |row: &Value| match row {
        Value::Array(list) => Ok(list.items().len()),
        other => Err(crate::jq::operators::cannot("Cannot index", other)),
    };
    let widths: Vec<usize> = rows.iter().map(width).collect::<Result<_, _>>()?;
    let mut columns = List::default();
    for at in 0..widths.into_iter().max().unwrap_or(0) {
        let mut column = List::default();
        for row in rows {
            column.push(paths::index(row, &Value::from(at))?)?;
        }
        memory::check(0)?;
        columns.push(column.into())?;
    }
    Ok(columns.into())
}

fn contains(value: &Value, part: &Value) -> Result<bool, Fault> {
    match (value, part) {
        (Value::Object(map), Value::Object(part)) => {
            for (key, part) in part.entries() {
                let Some(value) = map.get(key) else { return Ok(false) };
                if !contains(value, part)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Array(list), Value::Array(part)) => {
            for part in part.items() {
                let has_it = |item: &Value| {
                    // Types that cannot be compared count as different here.
                    item.kind() == part.kind() && contains(item, part).unwrap_or(false)
                };
                if !list.items().iter().any(has_it) {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::String(text), Value::String(part)) => Ok(text.contains(&**part)),
        _ if value.kind() == part.kind() => Ok(compare::equal(value, part)),
        _ => Err(Fault::error(format!(
            "{} and {} cannot have their containment checked",
            json_write::describe(value),
            json_write::describe(part)
        ))),
    }
}

fn bsearch(value: Value, mut arguments: Vec<Value>) -> Result<Value, Fault> {
    let sought = next(&mut arguments);
    let items = items(&value, "cannot be searched from")?;
    Ok(match items.binary_search_by(|item| order(item, &sought)) {
        Ok(at) => Value::from(at),
        Err(at) => Value::from(-1 - i64::try_from(at).unwrap_or(i64::MAX)),
    })
}
