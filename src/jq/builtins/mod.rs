//! Builtins that are functions of values.

#![expect(clippy::needless_pass_by_value, reason = "all builtins have one signature")]

mod collections;
mod conversions;
mod entries;
pub(super) mod formats;
mod math;
mod regexes;
mod strings;
mod times;

use super::syntax::Native;
use super::value::{Fault, Value};

/// A builtin with its name and the number of its arguments.
type Row = (&'static str, usize, Native);

/// The builtin of a name and a number of arguments.
pub(super) fn find(name: &str, arity: usize) -> Option<Native> {
    let tables = [
        collections::BUILTINS,
        conversions::BUILTINS,
        entries::BUILTINS,
        formats::BUILTINS,
        math::BUILTINS,
        regexes::BUILTINS,
        strings::BUILTINS,
        times::BUILTINS,
    ];
    let mut rows = tables.into_iter().flatten();
    rows.find(|(known, takes, _)| *known == name && *takes == arity).map(|(_, _, native)| *native)
}

/// The next argument; there are as many as the table says.
fn next(arguments: &mut Vec<Value>) -> Value {
    if arguments.is_empty() { Value::Null } else { arguments.remove(0) }
}

/// The items of an array, or an error that names the builtin.
fn items<'v>(value: &'v Value, otherwise: &str) -> Result<&'v [Value], Fault> {
    match value {
        Value::Array(list) => Ok(list.items()),
        other => Err(super::operators::unfit(other, otherwise)),
    }
}
