//! What the user adds to a request: a JSON body, its fields, and query parameters.

use std::path::Path;

use serde_json::{Map, Value};

use super::super::api::fields::{json_field, pair};
use super::args::{BodyArgs, QueryArgs};
use crate::error::{Error, Result};
use crate::files::input;
use crate::http::{Request, trace};
use crate::output::Printer;

/// Adds the parameters of `--query`.
pub(super) fn with_query(mut request: Request, query: &QueryArgs) -> Result<Request> {
    for parameter in &query.query {
        let (name, value) = pair(parameter)?;
        request.query.push((name.to_owned(), value.to_owned()));
    }
    Ok(request)
}

/// Adds the parameters of `--query`, and the body of `--data` and the fields; without those there is no body.
pub(super) fn with_body(printer: &Printer, request: Request, body: &BodyArgs, query: &QueryArgs) -> Result<Request> {
    let mut request = with_query(request, query)?;
    let mut value = body.data.as_deref().map(data).transpose()?;
    let texts = body.fields.iter().map(|field| pair(field).map(|(key, text)| (key, Value::from(text))));
    let values = body.json_fields.iter().map(|field| json_field(field));
    for field in texts.chain(values) {
        let (key, field) = field?;
        match value.get_or_insert_with(|| Value::Object(Map::new())) {
            Value::Object(map) => _ = map.insert(key.to_owned(), field),
            _ => return Err(Error::usage("fields can only be added to a JSON object").hint("omit --data")),
        }
    }
    if let Some(value) = &value {
        add_secrets(printer, value);
    }
    request.body = value;
    Ok(request)
}

/// A body from the argument, a file, or stdin.
fn data(source: &str) -> Result<Value> {
    let text = read(source)?;
    serde_json::from_str(&text).map_err(|error| {
        Error::usage("the body is not JSON").cause(error.to_string()).hint("pass -f KEY=VALUE to build it from fields")
    })
}

/// The argument itself; with `@` the content of a file, with `-` that of stdin.
fn read(source: &str) -> Result<String> {
    if source == "-" {
        return input::read(Path::new("-"));
    }
    match source.strip_prefix('@') {
        Some(path) => input::read(Path::new(path)),
        None => Ok(source.to_owned()),
    }
}

/// Redacts the passwords and keys of a body in traces and errors.
fn add_secrets(printer: &Printer, value: &Value) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match inner.as_str() {
                    Some(secret) if trace::is_secret(key, &[]) => printer.add_secret(secret),
                    _ => add_secrets(printer, inner),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| add_secrets(printer, item)),
        _ => {}
    }
}
