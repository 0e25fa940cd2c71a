//! The order of values.

use std::cmp::Ordering;
use std::rc::Rc;

use super::value::Value;

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(false) => 1,
        Value::Bool(true) => 2,
        Value::Number(_) => 3,
        Value::String(_) => 4,
        Value::Array(_) => 5,
        Value::Object(_) => 6,
    }
}

/// The order of values: null, false, true, numbers, strings, arrays, objects.
pub(super) fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.order(other),
        (Value::String(one), Value::String(other)) => (**one).cmp(&**other),
        (Value::Array(one), Value::Array(other)) => {
            if Rc::ptr_eq(one, other) {
                return Ordering::Equal;
            }
            one.items()
                .iter()
                .zip(other.items())
                .map(|(one, other)| order(one, other))
                .find(|order| order.is_ne())
                .unwrap_or_else(|| one.items().len().cmp(&other.items().len()))
        }
        (Value::Object(one), Value::Object(other)) => {
            if Rc::ptr_eq(one, other) {
                return Ordering::Equal;
            }
            let (keys, other_keys) = (one.sorted_keys(), other.sorted_keys());
            keys.iter().map(|key| &***key).cmp(other_keys.iter().map(|key| &***key)).then_with(|| {
                keys.iter()
                    .filter_map(|key| Some(order(one.get(key)?, other.get(key)?)))
                    .find(|order| order.is_ne())
                    .unwrap_or(Ordering::Equal)
            })
        }
        _ => rank(one).cmp(&rank(other)),
    }
}

/// Whether one value is less than another; NaN is less than every number, itself included.
pub(super) fn less(one: &Value, other: &Value) -> bool {
    is_nan(one) && is_nan(other) || order(one, other).is_lt()
}

fn is_nan(value: &Value) -> bool {
    value.as_f64().is_some_and(f64::is_nan)
}

/// Whether two values are equal; NaN equals nothing.
pub(super) fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            Rc::ptr_eq(one, other)
                || one.entries().len() == other.entries().len()
                    && one.entries().iter().all(|(key, value)| other.get(key).is_some_and(|other| equal(value, other)))
        }
        (Value::Array(one), Value::Array(other)) => {
            Rc::ptr_eq(one, other)
                || one.items().len() == other.items().len()
                    && one.items().iter().zip(other.items()).all(|(one, other)| equal(one, other))
        }
        (Value::String(one), Value::String(other)) => one == other,
        _ => !is_nan(one) && order(one, other).is_eq(),
    }
}
