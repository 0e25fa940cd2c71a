//! The program against the documented replies, which are in `tests/examples/`, one file each.

mod examples;
mod parameters;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use httpmock::{Method, Mock, MockServer};
use serde_json::Value;

/// The stack of the examples.
pub const STACK: &str = "5999b763474b0eafa5fafb64bff0ba80";

/// The documented replies by operation.
pub fn examples() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples");
    fs::read_dir(folder)
        .expect("the examples")
        .map(|entry| entry.expect("an example").path())
        .map(|path| {
            let text = fs::read_to_string(&path).expect("an example");
            let id = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (id, serde_json::from_str(&text).expect("JSON"))
        })
        .collect()
}

/// The documented reply of an operation.
pub fn example(id: &str) -> Value {
    let path = format!("{}/tests/examples/{id}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).expect("an example is JSON")
}

/// A server that answers one request below the stack, as documented.
pub fn answers<'s>(
    server: &'s MockServer,
    method: Method,
    path: &str,
    body: Option<&Value>,
    reply: &Value,
) -> Mock<'s> {
    server.mock(|when, then| {
        let when = when.method(method).path(format!("/api/3/stacks/{STACK}{path}.json"));
        if let Some(body) = body {
            _ = when.json_body(body.clone());
        }
        then.status(200).header("content-type", "application/json").body(reply.to_string());
    })
}
