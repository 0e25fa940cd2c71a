//! Tasks: work that continues after the reply. They have two forms, and more status words than documented.

use serde_json::value::RawValue;

use super::api_error::{ApiError, errors_of};
use super::raw::RawFields;
use crate::http::document::Document;

/// The status of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Still running.
    Pending,
    /// Succeeded.
    Success,
    /// Failed: `FAILED`, or `FAILURE` on some servers.
    Failed,
    /// An undocumented word; the task is treated as running.
    Unknown(String),
}

impl Status {
    /// Parses a status word, case-insensitively.
    pub(crate) fn of(word: &str) -> Self {
        match word.to_ascii_uppercase().as_str() {
            "PENDING" => Self::Pending,
            "SUCCESS" => Self::Success,
            "FAILED" | "FAILURE" => Self::Failed,
            _ => Self::Unknown(word.to_owned()),
        }
    }

    /// The word of the API.
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::Pending => "PENDING",
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
            Self::Unknown(word) => word,
        }
    }
}

/// A task.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    /// Its id; empty if missing.
    pub(crate) id: String,
    /// Its status.
    pub(crate) status: Status,
    /// The created or changed resource, as the API sent it; of a task that was just started, its target.
    pub(crate) result: Option<Document>,
    /// The whole task, as the API sent it.
    pub(crate) document: Document,
    /// Why it failed; empty if unknown.
    pub(crate) reasons: Vec<ApiError>,
}

impl Task {
    /// The task in a reply: flat with `taskStatus`, or wrapped in `data` with `status`.
    pub(super) fn from_reply(whole: &RawValue, fields: &RawFields) -> Option<Self> {
        if let Some(status) = fields.text("taskStatus") {
            return Some(Self::new(whole, fields, fields.id("taskId"), &status));
        }
        let wrapped = fields.non_null("data")?;
        let inner = RawFields::new(wrapped);
        let status = inner.text("status")?;
        Some(Self::new(wrapped, &inner, inner.id("id"), &status))
    }

    fn new(whole: &RawValue, fields: &RawFields, id: Option<String>, status: &str) -> Self {
        let status = Status::of(status);
        let result = fields.non_null("result");
        Self {
            reasons: if status == Status::Failed { reasons(fields, result) } else { Vec::new() },
            id: id.unwrap_or_default(),
            status,
            result: result.map(|result| Document::new(result.to_owned())),
            document: Document::new(whole.to_owned()),
        }
    }
}

/// Why a task failed. The documentation does not say where that is: the errors beside the status come first, then those
/// in the result, then any message.
fn reasons(fields: &RawFields, result: Option<&RawValue>) -> Vec<ApiError> {
    let inner = result.map(RawFields::new).unwrap_or_default();
    let places = [fields, &inner];
    if let Some(errors) = places.into_iter().find_map(|place| place.non_null("errors")) {
        return errors_of(errors);
    }
    let message = places.into_iter().find_map(|place| place.text("error").or_else(|| place.text("message")));
    message.into_iter().map(|message| ApiError { message, ..ApiError::default() }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::envelope::{ParsedReply, parse};

    #[test]
    fn the_reason_of_a_failure_is_found_in_every_place() {
        for body in [
            r#"{"data": {"id": "t", "status": "failed", "errors": [{"code": 1, "message": "m"}]}}"#,
            r#"{"data": {"id": "t", "status": "FAILURE", "result": {"errors": [{"errorCode": "1", "message": "m"}]}}}"#,
            r#"{"taskId": "t", "taskStatus": "FAILED", "result": {"error": "m"}}"#,
            r#"{"taskId": "t", "taskStatus": "FAILED", "message": "m"}"#,
        ] {
            let ParsedReply::Task(task) = parse(200, body.as_bytes(), true) else { panic!("{body}") };
            let said: Vec<&str> = task.reasons.iter().map(|reason| reason.message.as_str()).collect();
            assert_eq!(said, ["m"], "{body}");
        }
    }
}
