//! How a failure reads: for people, and as the JSON object that scripts take apart.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::error::Error;
use crate::text::sanitize::sanitize;

/// `error:`, `cause:` and `hint:` lines, without a final newline; `paint` colours a label with an SGR code.
pub(crate) fn text(error: &Error, paint: impl for<'t> Fn(&str, &'t str) -> Cow<'t, str>) -> String {
    let mut text = format!("{} {}", paint("1;31", "error:"), lines(error.message()));
    if let Some(cause) = error.cause_text() {
        let _ = write!(text, "\n  {} {}", paint("1", "cause:"), lines(cause));
    }
    for hint in error.hints() {
        let _ = write!(text, "\n  {} {}", paint("36", "hint:"), lines(hint));
    }
    text
}

/// The error object, on one line.
pub(crate) fn json(error: &Error) -> String {
    json!({ "error": value(error) }).to_string()
}

/// What stands in the error object.
pub(crate) fn value(error: &Error) -> Value {
    let request = error.failed_request();
    let hints = error.hints();
    let mut report = json!({
        "code": error.kind().code(),
        "message": error.message(),
        "cause": error.cause_text(),
        "hint": (!hints.is_empty()).then(|| hints.join("\n")),
        "exit_code": error.kind().exit().code(),
        "http_status": request.and_then(|request| request.status),
        "request": request.map(|request| &request.request),
        "request_id": request.and_then(|request| request.request_id.as_deref()),
        "retryable": error.retryable(),
        "action_id": error.action_id(),
    });
    // Only where there are any: the documented object has no such key.
    if let Some(details) = error.details() {
        report["details"] = details.clone();
    }
    report
}

/// Our own line breaks stay, indented; what the server put between them is made harmless.
fn lines(text: &str) -> String {
    let mut lines = text.lines().map(sanitize);
    let mut out = lines.next().unwrap_or_default().into_owned();
    for line in lines {
        let _ = write!(out, "\n        {line}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{FailedRequest, Kind};

    fn sample() -> Error {
        Error::new(Kind::NotFound, "there is no stack `shop\u{1b}[2J`")
            .cause("the server answered 404")
            .hint("did you mean `shop-front`?")
            .hint("c66 stacks list")
            .with_request(FailedRequest { request: "GET /stacks/shop".into(), status: Some(404), request_id: None })
    }

    #[test]
    fn people_read_lines() {
        let plain = |_: &str, text: &'_ str| -> Cow<'_, str> { Cow::Owned(text.to_owned()) };
        insta::assert_snapshot!(text(&sample(), |code, label| { let _ = plain(code, label); Cow::Borrowed(label) }), @r"
        error: there is no stack `shop\u{1b}[2J`
          cause: the server answered 404
          hint: did you mean `shop-front`?
          hint: c66 stacks list
        ");
    }

    #[test]
    fn scripts_read_an_object() {
        let value: serde_json::Value = serde_json::from_str(&json(&sample())).unwrap_or_default();
        assert_eq!(value["error"]["code"], "not_found");
        assert_eq!(value["error"]["exit_code"], 4);
        assert_eq!(value["error"]["http_status"], 404);
        assert_eq!(value["error"]["hint"], "did you mean `shop-front`?\nc66 stacks list");
        assert_eq!(value["error"]["retryable"], false);
    }
}
