//! Parses a reply of CloudMC, in all forms that the API has for the same thing.
//!
//! The order of the rules matters. An `errors` field is a failure whatever the status; a task is flat or wrapped;
//! `data` is unwrapped once, because its content may have fields `data`, `status` or `metadata` of its own.

use serde_json::value::RawValue;

use super::api_error::{ApiError, errors_of};
use super::raw::RawFields;
use super::task::{Status, Task};
use crate::http::document::Document;
use crate::http::error::quote;
use crate::http::fields::Fields;

/// Maximum length of a quoted body, in characters.
const MAX_QUOTED: usize = 200;

/// The meaning of a reply.
#[derive(Debug)]
pub(crate) enum ParsedReply {
    /// A success without a body.
    Empty,
    /// A success whose body is not JSON: a table as CSV, or a file.
    Raw,
    /// The API reports errors, whatever the HTTP status.
    Errors(Vec<ApiError>),
    /// An unexplained failure: the beginning of its body, which may be empty.
    Failed(String),
    /// The requested task.
    Task(Task),
    /// A task that the request started, and that may have ended already.
    Started(Task),
    /// The requested data.
    Data(Data),
}

/// The requested data: an object, a list, a scalar or null.
#[derive(Debug)]
pub(crate) struct Data {
    /// The JSON as the API sent it.
    pub(crate) payload: Document,
    /// `metadata.recordCount`: the number of items, of which the API may have sent only some.
    pub(crate) total: Option<u64>,
}

impl Data {
    /// The items of a list, as the API sent them; `None` if the payload is not a list.
    pub(crate) fn items(&self) -> Option<Vec<Document>> {
        let items: Vec<Box<RawValue>> = serde_json::from_str(self.payload.text()).ok()?;
        Some(items.into_iter().map(Document::new).collect())
    }

    /// The requested item: the element of a list of one, else the payload.
    pub(crate) fn one(self) -> Document {
        match self.items() {
            Some(mut rows) if rows.len() == 1 => rows.remove(0),
            _ => self.payload,
        }
    }
}

/// Parses a reply; `expects_task` means that a task was requested.
pub(crate) fn parse(status: u16, body: &[u8], expects_task: bool) -> ParsedReply {
    let good = (200..=299).contains(&status);
    if body.iter().all(u8::is_ascii_whitespace) {
        return if good { ParsedReply::Empty } else { ParsedReply::Failed(String::new()) };
    }
    let Ok(whole) = serde_json::from_slice::<Box<RawValue>>(body) else {
        return if good { ParsedReply::Raw } else { ParsedReply::Failed(quote(body, &[], MAX_QUOTED)) };
    };
    let fields = RawFields::new(&whole);
    if let Some(errors) = fields.non_null("errors") {
        return ParsedReply::Errors(errors_of(errors));
    }
    if !good {
        return ParsedReply::Failed(quote(body, &[], MAX_QUOTED));
    }
    if let Some(task) = expects_task.then(|| Task::from_reply(&whole, &fields)).flatten() {
        return ParsedReply::Task(task);
    }
    if let Some(id) = fields.text("taskId").filter(|id| !id.is_empty()) {
        let status = fields.text("taskStatus").or_else(|| fields.text("status"));
        let result = fields.non_null("data").map(|data| Document::new(data.to_owned()));
        let status = status.map_or(Status::Pending, |word| Status::of(&word));
        return ParsedReply::Started(Task { id, status, result, document: Document::new(whole), reasons: Vec::new() });
    }
    let total = || {
        let metadata: Fields = serde_json::from_str(fields.get("metadata")?.get()).ok()?;
        metadata.unsigned("recordCount")
    };
    let total = total();
    let payload = fields.get("data").map(RawValue::to_owned).unwrap_or(whole);
    ParsedReply::Data(Data { payload: Document::new(payload), total })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::path::Path;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::test_text::{JSON_FRAGMENTS, json_value, text_from};

    fn codes(errors: &[ApiError]) -> Vec<&str> {
        errors.iter().filter_map(|error| error.code.as_deref()).collect()
    }

    /// The parsed reply, in the words of `tests/cloudmc_expected.json`.
    fn outcome(status: u16, body: &[u8], expects_task: bool) -> Value {
        match parse(status, body, expects_task) {
            ParsedReply::Empty => json!({ "kind": "empty" }),
            ParsedReply::Raw => json!({ "kind": "raw" }),
            ParsedReply::Errors(errors) => json!({ "kind": "api_error", "status": status, "errors": codes(&errors) }),
            ParsedReply::Failed(_) => json!({ "kind": "http_error", "status": status }),
            ParsedReply::Started(task) => {
                json!({ "kind": "async", "task": task.id, "status": task.status.word(), "has_data": task.result.is_some() })
            }
            ParsedReply::Task(task) => {
                let mut outcome = json!({
                    "kind": "task", "id": task.id, "status": task.status.word(), "has_result": task.result.is_some(),
                });
                if task.status == Status::Failed {
                    outcome["reasons"] = json!(codes(&task.reasons));
                }
                outcome
            }
            ParsedReply::Data(data) => match (data.items(), data.total) {
                (Some(rows), Some(total)) => {
                    json!({ "kind": "data", "type": "list", "rows": rows.len(), "total": total })
                }
                (Some(rows), None) => json!({ "kind": "data", "type": "list", "rows": rows.len() }),
                (None, _) => json!({ "kind": "data", "type": "dict" }),
            },
        }
    }

    #[test]
    fn every_example_means_what_it_should() {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        let text = std::fs::read_to_string(tests.join("cloudmc_expected.json")).unwrap();
        let expected: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
        let examples = std::fs::read_dir(tests.join("cloudmc_examples")).unwrap().count();
        assert_eq!(expected.len(), examples);
        for (name, expected) in expected {
            let body = std::fs::read(tests.join("cloudmc_examples").join(&name)).unwrap();
            let status = u16::try_from(expected["http_status"].as_u64().unwrap()).unwrap();
            let expects_task = expected["task_endpoint"].as_bool().unwrap();
            assert_eq!(outcome(status, &body, expects_task), expected["outcome"], "{name}");
        }
    }

    #[test]
    fn the_rules_apply_in_order() {
        for (status, body, expects_task, expected) in [
            (204, "", false, json!({ "kind": "empty" })),
            (200, " \n", false, json!({ "kind": "empty" })),
            (500, "", false, json!({ "kind": "http_error", "status": 500 })),
            (200, "a,b\n1,2\n", false, json!({ "kind": "raw" })),
            (502, "<html>", false, json!({ "kind": "http_error", "status": 502 })),
            (200, r#"{"errors": []}"#, false, json!({ "kind": "api_error", "status": 200, "errors": [] })),
            (200, r#"{"errors": null, "data": {}}"#, false, json!({ "kind": "data", "type": "dict" })),
            (200, r#"{"errors": "no"}"#, true, json!({ "kind": "api_error", "status": 200, "errors": [] })),
            (400, r#"{"data": {}}"#, false, json!({ "kind": "http_error", "status": 400 })),
            (
                200,
                r#"{"taskId": "t", "taskStatus": "success", "data": null}"#,
                false,
                json!({ "kind": "async", "task": "t", "status": "SUCCESS", "has_data": false }),
            ),
            (
                200,
                r#"{"taskId": "t"}"#,
                false,
                json!({ "kind": "async", "task": "t", "status": "PENDING", "has_data": false }),
            ),
            (200, r#"{"taskId": "", "status": "PENDING"}"#, false, json!({ "kind": "data", "type": "dict" })),
            (200, r#"{"taskId": 5, "status": "PENDING"}"#, false, json!({ "kind": "data", "type": "dict" })),
            // A trial has a status of its own, and a DNS record a field `data`.
            (200, r#"{"data": {"status": "PENDING"}}"#, false, json!({ "kind": "data", "type": "dict" })),
            (
                200,
                r#"{"data": [{"data": "x"}], "metadata": {}}"#,
                false,
                json!({ "kind": "data", "type": "list", "rows": 1 }),
            ),
            (200, "[1]", false, json!({ "kind": "data", "type": "list", "rows": 1 })),
            (
                200,
                r#"{"data": {"id": "t", "status": "Queued"}}"#,
                true,
                json!({ "kind": "task", "id": "t", "status": "Queued", "has_result": false }),
            ),
            (200, r#"{"data": [1]}"#, true, json!({ "kind": "data", "type": "list", "rows": 1 })),
        ] {
            assert_eq!(outcome(status, body.as_bytes(), expects_task), expected, "{body}");
        }
    }

    #[test]
    fn data_is_kept_unchanged() {
        let payload = |body: &str| match parse(200, body.as_bytes(), false) {
            ParsedReply::Data(data) => data.payload.text().to_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(payload(r#"{"data": {"b": 1.50, "a": 1e2} }"#), r#"{"b": 1.50, "a": 1e2}"#);
        assert_eq!(payload(r#"{"data": 10}"#), "10");
        assert_eq!(payload(r#"{"data": null}"#), "null");
        assert_eq!(payload(r#"{"a": 1}"#), r#"{"a": 1}"#);
    }

    proptest! {
        #[test]
        fn no_body_upsets_it(text in text_from(JSON_FRAGMENTS), value in json_value(), status in 100_u16..600, expects_task in any::<bool>()) {
            for body in [text, value.to_string(), json!({ "data": value, "errors": value, "taskId": "t" }).to_string()] {
                match parse(status, body.as_bytes(), expects_task) {
                    ParsedReply::Errors(errors) => errors.iter().for_each(|error| assert!(!error.line().contains('\n'))),
                    ParsedReply::Failed(quoted) => prop_assert!(quoted.chars().count() <= MAX_QUOTED),
                    ParsedReply::Data(data) => drop((data.items().map(|rows| rows.len()), data.one())),
                    _ => {}
                }
            }
        }
    }
}
