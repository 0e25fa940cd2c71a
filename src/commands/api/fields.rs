//! Fields of `c66 api`: `KEY=VALUE`, where a key may name a place: `a[b]` is a field of an object, `a[]` a new item of a
//! list, and `a[][b]` a field of the last item, or of a new one if that has it already.

use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::files::input;

/// A field with a text; `KEY[]` alone is an empty list.
pub(super) fn text(field: &str) -> Result<(&str, Value)> {
    if is_empty_list(field) {
        return Ok((field, Value::Array(Vec::new())));
    }
    pair(field).map(|(key, value)| (key, Value::from(value)))
}

/// A field with JSON, from the argument, a file or stdin.
pub(super) fn json(field: &str) -> Result<(&str, Value)> {
    if is_empty_list(field) { text(field) } else { json_field(field) }
}

fn is_empty_list(field: &str) -> bool {
    field.ends_with("[]") && !field.contains('=')
}

/// Splits `KEY=VALUE`.
pub(in crate::commands) fn pair(field: &str) -> Result<(&str, &str)> {
    field
        .split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| Error::usage(format!("invalid field `{field}`: expected KEY=VALUE")))
}

/// Parses `KEY=JSON`, `KEY=@FILE` and `KEY=-`.
pub(in crate::commands) fn json_field(field: &str) -> Result<(&str, Value)> {
    let (key, source) = pair(field)?;
    if source == "-" {
        return Ok((key, parsed_or_text(&input::read(Path::new("-"))?)));
    }
    if let Some(path) = source.strip_prefix('@') {
        return Ok((key, parsed_or_text(&input::read(Path::new(path))?)));
    }
    let value = serde_json::from_str(source).map_err(|error| {
        Error::usage(format!("the value of `{key}` is not JSON"))
            .cause(error.to_string())
            .hint(format!("-f {key}=… sends text"))
    })?;
    Ok((key, value))
}

/// The content of a file as JSON if it parses, else as a string.
fn parsed_or_text(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// The innermost name of a key.
pub(super) fn last_name(key: &str) -> &str {
    key.split(['[', ']']).rfind(|name| !name.is_empty()).unwrap_or(key)
}

/// Puts a value in its place in a body.
pub(super) fn insert(body: &mut Value, key: &str, value: Value) -> Result<()> {
    let invalid = || Error::usage(format!("invalid field name `{key}`: expected a, a[b], a[] or a[][b]"));
    let (first, rest) = key.split_once('[').unwrap_or((key, ""));
    let mut steps = vec![first];
    if key.contains('[') {
        let inner = rest.strip_suffix(']').ok_or_else(invalid)?;
        steps.extend(inner.split("]["));
    }
    if first.is_empty() || steps.iter().any(|step| step.contains(['[', ']'])) {
        return Err(invalid());
    }
    let is_list = value.as_array().is_some_and(Vec::is_empty) && steps.last() == Some(&"");
    if is_list {
        steps.pop();
    }
    let clash = || Error::usage(format!("`{key}` does not fit the fields before it: a list is not an object"));
    place(body, &steps, value).ok_or_else(clash)
}

/// Follows the steps into a value and sets what is there; an empty step is an item of a list. `None` if a value on the
/// way has another shape.
fn place(at: &mut Value, steps: &[&str], value: Value) -> Option<()> {
    let Some((step, rest)) = steps.split_first() else {
        *at = value;
        return Some(());
    };
    if step.is_empty() {
        if at.is_null() {
            *at = Value::Array(Vec::new());
        }
        let items = at.as_array_mut()?;
        let is_taken = |item: &Value| match rest.first() {
            Some(name) if !name.is_empty() => item.get(*name).is_some(),
            _ => true,
        };
        if items.last().is_none_or(is_taken) {
            items.push(Value::Null);
        }
        return place(items.last_mut()?, rest, value);
    }
    if at.is_null() {
        *at = Value::Object(Map::new());
    }
    let field = at.as_object_mut()?.entry(*step).or_insert(Value::Null);
    // The last one given wins.
    if rest.is_empty() {
        *field = Value::Null;
    }
    place(field, rest, value)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    fn body(fields: &[&str]) -> Result<Value> {
        let mut body = json!({});
        for field in fields {
            let (key, value) = text(field)?;
            insert(&mut body, key, value)?;
        }
        Ok(body)
    }

    #[test]
    fn a_key_names_a_place() {
        for (fields, expected) in [
            (&["a=1", "b=x=y"][..], json!({ "a": "1", "b": "x=y" })),
            (&["a=1", "a=2"], json!({ "a": "2" })),
            (&["a[b]=1", "a[c]=2"], json!({ "a": { "b": "1", "c": "2" } })),
            (&["a[b][c]=1"], json!({ "a": { "b": { "c": "1" } } })),
            (&["a[]=1", "a[]=2"], json!({ "a": ["1", "2"] })),
            (&["a[]"], json!({ "a": [] })),
            (&["a[][b]=1", "a[][c]=2", "a[][b]=3"], json!({ "a": [{ "b": "1", "c": "2" }, { "b": "3" }] })),
            (&["a[b][]=1", "a[b][]=2"], json!({ "a": { "b": ["1", "2"] } })),
        ] {
            assert_eq!(body(fields).unwrap(), expected, "{fields:?}");
        }
    }

    #[test]
    fn what_names_no_place_is_refused() {
        for fields in
            [&["a[b=1"][..], &["[a]=1"], &["a]b=1"], &["a[b]c=1"], &["a=1", "a[b]=2"], &["a[]=1", "a[b]=2"], &["a"]]
        {
            assert!(body(fields).is_err(), "{fields:?}");
        }
        assert_eq!((last_name("a[password]"), last_name("a[]"), last_name("a")), ("password", "a", "a"));
    }
}
