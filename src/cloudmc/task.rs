//! Tasks: work that goes on after the reply, told in two forms and with more words than the documents have.

use serde_json::value::RawValue;

use super::api_error::{ApiError, errors_of};
use super::raw::RawFields;
use crate::http::document::Document;

/// How a task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It goes on.
    Pending,
    /// It has ended well.
    Success,
    /// It has ended badly: `FAILED`, or `FAILURE` of other servers.
    Failed,
    /// A word that nobody documents; the task is taken to go on.
    Unknown(String),
}

impl Status {
    /// The status of that word, whatever its case.
    pub(crate) fn of(word: &str) -> Self {
        match word.to_ascii_uppercase().as_str() {
            "PENDING" => Self::Pending,
            "SUCCESS" => Self::Success,
            "FAILED" | "FAILURE" => Self::Failed,
            _ => Self::Unknown(word.to_owned()),
        }
    }

    /// Its word.
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
    /// Its id; empty where a server left it out.
    pub(crate) id: String,
    /// How it stands.
    pub(crate) status: Status,
    /// What came of it, as the server sent it; of one that was just begun, what it is about.
    pub(crate) result: Option<Document>,
    /// The whole of it, as the server sent it.
    pub(crate) document: Document,
    /// Why it failed, as far as the server says.
    pub(crate) reasons: Vec<ApiError>,
}

impl Task {
    /// The task in a reply to the question for one: flat with `taskStatus`, or wrapped in `data` with `status`.
    pub(super) fn asked_for(whole: &RawValue, fields: &RawFields) -> Option<Self> {
        if let Some(status) = fields.text("taskStatus") {
            return Some(Self::made(whole, fields, fields.id("taskId"), &status));
        }
        let wrapped = fields.non_null("data")?;
        let inner = RawFields::new(wrapped);
        let status = inner.text("status")?;
        Some(Self::made(wrapped, &inner, inner.id("id"), &status))
    }

    fn made(whole: &RawValue, fields: &RawFields, id: Option<String>, status: &str) -> Self {
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

/// Why a task failed. Nothing documents where that stands: the errors beside the status come first, then those in the
/// result, then any words.
fn reasons(fields: &RawFields, result: Option<&RawValue>) -> Vec<ApiError> {
    let inner = result.map(RawFields::new).unwrap_or_default();
    let places = [fields, &inner];
    if let Some(errors) = places.into_iter().find_map(|place| place.non_null("errors")) {
        return errors_of(errors);
    }
    let words = places.into_iter().find_map(|place| place.text("error").or_else(|| place.text("message")));
    words.into_iter().map(|message| ApiError { message, ..ApiError::default() }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::envelope::{ParsedReply, parse};

    #[test]
    fn the_reason_of_a_failure_is_found_wherever_it_stands() {
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
