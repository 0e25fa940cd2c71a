//! Formats errors: as text for people, and as a JSON object for scripts.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::error::Error;
use crate::text::sanitize::{escape_in_json, sanitize_marked};

/// `error:`, `cause:` and `hint:` lines, without a final newline; `paint` colours a label with an SGR code. The later
/// lines of a text have a mark in front.
pub(crate) fn text(error: &Error, paint: impl for<'t> Fn(&str, &'t str) -> Cow<'t, str>) -> String {
    let mut text = format!("{} {}", paint("1;31", "error:"), sanitize_marked(error.message(), "     | "));
    if let Some(cause) = error.cause_text().filter(|cause| !is_same(cause, error.message())) {
        let _ = write!(text, "\n  {} {}", paint("1", "cause:"), sanitize_marked(cause, "       | "));
    }
    for hint in error.hints() {
        let _ = write!(text, "\n  {} {}", paint("36", "hint:"), sanitize_marked(hint, "      | "));
    }
    text
}

/// Whether two sentences differ at most in capitals, backticks and the full stop.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.trim_end_matches('.').replace('`', "").to_lowercase();
    plain(one) == plain(other)
}

/// The error object, on one line; `redact` removes secrets from its strings.
pub(crate) fn json(error: &Error, redact: impl Fn(&str) -> String) -> String {
    let text = json!({ "error": value(error, redact) }).to_string();
    // CI systems recognize such commands anywhere in a line.
    escape_in_json(&text).replace("##", "#\\u0023")
}

/// The content of the error object; `redact` removes secrets from its strings, and leaves numbers alone.
pub(crate) fn value(error: &Error, redact: impl Fn(&str) -> String) -> Value {
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
        "stack": error.stack(),
        "action_id": error.action_id(),
        "deployment_id": error.deployment_id(),
        "attach": (!error.attach().is_empty()).then(|| error.attach()),
    });
    // Only if there are any: the documented object has no such key.
    if let Some(details) = error.details() {
        report["details"] = details.clone();
    }
    redact_texts(&mut report, &redact);
    report
}

fn redact_texts(value: &mut Value, redact: &impl Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = redact(text),
        Value::Array(items) => items.iter_mut().for_each(|item| redact_texts(item, redact)),
        Value::Object(members) => members.values_mut().for_each(|member| redact_texts(member, redact)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{FailedRequest, Kind};

    #[test]
    fn a_cause_that_repeats_the_message_is_left_out() {
        let lines = |cause: &str| {
            let error = Error::new(Kind::NotFound, "account `7` not found").cause(cause);
            text(&error, |_, label| Cow::Borrowed(label))
        };
        assert_eq!(lines("Account 7 not found."), "error: account `7` not found");
        assert_eq!(lines("No account."), "error: account `7` not found\n  cause: No account.");
    }

    #[test]
    fn a_redacted_object_stays_json() {
        let error =
            sample().with_request(FailedRequest { request: "GET /a".into(), status: Some(4040), request_id: None });
        let redact = |text: &str| text.replace("4040", "[redacted]").replace("404", "[redacted]");
        let value: Value = serde_json::from_str(&json(&error.cause("4040 ##[x]\u{9b}"), redact)).unwrap_or_default();
        assert_eq!(value["error"]["http_status"], 4040);
        assert_eq!(value["error"]["cause"], "[redacted] ##[x]\u{9b}");
    }

    #[test]
    fn later_lines_have_a_mark() {
        let error = Error::new(Kind::Refused, "no\nerror: forged").cause("a\n::add-mask::b").hint("c\nd");
        let text = text(&error, |_, label| Cow::Borrowed(label));
        assert_eq!(text, "error: no\n     | error: forged\n  cause: a\n       | ::add-mask::b\n  hint: c\n      | d");
    }

    fn sample() -> Error {
        Error::new(Kind::NotFound, "stack `shop\u{1b}[2J` not found")
            .cause("the server answered 404")
            .hint("did you mean `shop-front`?")
            .hint("c66 stacks list")
            .with_request(FailedRequest { request: "GET /stacks/shop".into(), status: Some(404), request_id: None })
    }

    #[test]
    fn people_get_lines() {
        let plain = |_: &str, text: &'_ str| -> Cow<'_, str> { Cow::Owned(text.to_owned()) };
        insta::assert_snapshot!(text(&sample(), |code, label| { let _ = plain(code, label); Cow::Borrowed(label) }), @r"
        error: stack `shop\u{1b}[2J` not found
          cause: the server answered 404
          hint: did you mean `shop-front`?
          hint: c66 stacks list
        ");
    }

    #[test]
    fn scripts_get_an_object() {
        let value: serde_json::Value = serde_json::from_str(&json(&sample(), str::to_owned)).unwrap_or_default();
        assert_eq!(value["error"]["code"], "not_found");
        assert_eq!(value["error"]["exit_code"], 4);
        assert_eq!(value["error"]["http_status"], 404);
        assert_eq!(value["error"]["hint"], "did you mean `shop-front`?\nc66 stacks list");
        assert_eq!(value["error"]["retryable"], false);
    }
}
