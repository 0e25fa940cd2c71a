//! Turns an error reply into an [`Error`].

use std::ops::RangeInclusive;

use serde::de::IgnoredAny;

use crate::error::{Error, Kind};
use crate::http::error::{failed_request, maybe_done_unless_read, quote, uncertain_outcome};
use crate::http::fields::Fields;
use crate::http::retry::RetryReason;
use crate::http::{Request, Response};
use crate::text::sanitize::excerpt;

/// Maximum length of a quote from a body that is not JSON, in characters.
const MAX_QUOTED: usize = 200;

/// The statuses that say that the request was refused, and so not done. Any other 4xx may come from something between
/// the API and here, after the API has done the work.
const REFUSALS: [u16; 2] = [400, 422];

/// When the same request may be retried.
#[derive(Clone, Copy, Debug)]
enum Retry {
    /// Never: it would fail again.
    Never,
    /// If it is a read.
    Reads,
    /// Always: the API did not accept it.
    Always,
    /// In the next hour: the API did not accept it.
    NextHour,
}

/// One meaning of a reply: its statuses, the error id in its body where it matters, and the consequences.
struct Failure(RangeInclusive<u16>, Option<&'static str>, Kind, Retry);

/// Every reply outside 2xx; the first match counts.
const FAILURES: &[Failure] = &[
    Failure(0..=199, None, Kind::BadReply, Retry::Never),
    Failure(300..=399, None, Kind::BadReply, Retry::Never),
    Failure(401..=401, None, Kind::Auth, Retry::Never),
    Failure(402..=402, None, Kind::TrialExpired, Retry::Never),
    Failure(403..=403, None, Kind::ScopeMissing, Retry::Never),
    Failure(404..=404, None, Kind::NotFound, Retry::Never),
    Failure(408..=408, None, Kind::TimedOut, Retry::Reads),
    Failure(409..=409, None, Kind::Conflict, Retry::Never),
    Failure(429..=429, None, Kind::Throttled, Retry::Always),
    Failure(503..=503, Some("throttled"), Kind::Throttled, Retry::NextHour),
    Failure(503..=503, Some("not_implemented"), Kind::NotImplemented, Retry::Never),
    Failure(500..=500, None, Kind::Unavailable, Retry::Reads),
    Failure(502..=504, None, Kind::Unavailable, Retry::Reads),
    Failure(500..=u16::MAX, None, Kind::Unavailable, Retry::Never),
    Failure(0..=499, None, Kind::Refused, Retry::Never),
];

fn find(response: &Response) -> (Kind, Retry) {
    let fits = |Failure(statuses, id, ..): &&Failure| {
        statuses.contains(&response.status) && id.is_none_or(|id| has_error_id(response, id))
    };
    FAILURES.iter().find(fits).map_or((Kind::Refused, Retry::Never), |Failure(_, _, kind, retry)| (*kind, *retry))
}

/// Why the request of this reply may be retried, if it may.
pub(super) fn retry_reason(response: &Response) -> Option<RetryReason> {
    if response.is_success() {
        return None;
    }
    match find(response).1 {
        Retry::Always | Retry::NextHour if says_taken(&response.body) => None,
        Retry::Never => None,
        Retry::Reads => Some(RetryReason::Status(response.status)),
        Retry::Always => Some(RetryReason::TooManyRequests),
        Retry::NextHour => Some(RetryReason::Throttled),
    }
}

/// The error for a reply outside 2xx.
pub(crate) fn from_response(request: &Request, response: &Response) -> Error {
    let said = server_message(&response.body).unwrap_or_else(|| "no reason given".to_owned());
    let (what, status) = (request.describe(), response.status);
    let kind = find(response).0;
    let error = |message: String| Error::new(kind, message);
    let error = match kind {
        Kind::BadReply if status < 300 => {
            maybe_done_unless_read(request, error(format!("unexpected status {status} for {what}")))
        }
        Kind::BadReply => maybe_done_unless_read(
            request,
            error(format!("{what} was redirected to another host or path"))
                .cause(response.location().unwrap_or_else(|| "the reply has no Location header".to_owned()))
                .hint("c66 does not send the token to another host; check api_url with c66 config list --show-origin"),
        ),
        Kind::Auth => error(format!("the API token was rejected: {said}")).hint("c66 auth login"),
        Kind::TrialExpired => error(format!("the trial has expired: {said}")).hint("see https://app.cloud66.com"),
        Kind::ScopeMissing => {
            let scope = match request.scope {
                Some(scope) => format!("the `{scope}` scope"),
                None => "a required scope".to_owned(),
            };
            let wanted = request.scope.map(|scope| format!(" with the `{scope}` scope")).unwrap_or_default();
            error(format!("the token lacks {scope} for {what}"))
                .cause(said)
                .hint(format!("create a token{wanted} at https://app.cloud66.com/personal_tokens/new"))
                .hint("then c66 auth login; or c66 auth login --oauth, which asks for every scope")
        }
        Kind::NotFound => error(format!("not found: {what}")).cause(said),
        Kind::TimedOut => uncertain_outcome(request, error(format!("the API timed out on {what}")).cause(said)),
        Kind::Conflict => error(format!("conflict on {what}: {said}"))
            .hint("if something is running there, see it with c66 actions list and c66 deployments list"),
        Kind::Throttled => error(format!("hourly request limit reached: {said}"))
            .hint("try again in the next hour, or pass --wait-if-throttled"),
        Kind::NotImplemented => error(format!("the API does not implement {what}")).cause(said),
        Kind::Unavailable => {
            uncertain_outcome(request, error(format!("the API failed with {status} on {what}")).cause(said))
        }
        _ => {
            let error =
                error(format!("the API refused {what} ({status}): {said}")).with_refusal(refusal(&response.body));
            if REFUSALS.contains(&status) { error } else { maybe_done_unless_read(request, error) }
        }
    };
    let error = if !request.method.is_read() && says_taken(&response.body) { error.maybe_done() } else { error };
    error.with_retry_after(response.retry_after()).with_request(failed_request(request, Some(status)))
}

/// The fields of a body, none if it is another JSON value; `None` if it is not JSON.
///
/// They are parsed on access: an error may be as long as any reply.
fn fields_of(body: &[u8]) -> Option<Fields> {
    let is_json = || serde_json::from_slice::<IgnoredAny>(body).is_ok();
    serde_json::from_slice(body).ok().or_else(|| is_json().then(Fields::default))
}

/// Whether a body says that the request was accepted: it acknowledges it, or has the action that it began.
fn says_taken(body: &[u8]) -> bool {
    let taken = |reply: &Fields| {
        let has = |key: &str| reply.names().any(|name| name == key);
        reply.boolean("ok") == Some(true) || has("async_action_id") || (has("id") && has("started_at"))
    };
    fields_of(body).is_some_and(|fields| taken(&fields) || taken(&fields.object("response")))
}

/// Everything that a body says against a request; `None` if it also says that the request was accepted.
fn refusal(body: &[u8]) -> Option<String> {
    let Some(fields) = fields_of(body) else {
        return Some(String::from_utf8_lossy(body).into_owned());
    };
    if says_taken(body) {
        return None;
    }
    let words = ["details", "error_description", "error", "errors", "message"];
    Some(words.into_iter().filter_map(|key| fields.text(key)).collect::<Vec<_>>().join(" "))
}

/// Whether this error reply is of that kind, by its `error` field or else by its text.
fn has_error_id(response: &Response, id: &str) -> bool {
    match error_id(&response.body) {
        Some(given) => given == id,
        None => server_message(&response.body).is_some_and(|words| words.contains(id)),
    }
}

/// The API's own message, in any of its forms.
///
/// `details`, else `error_description`, else `error`, else `message`, else `response.message`.
pub(crate) fn server_message(body: &[u8]) -> Option<String> {
    let Some(fields) = fields_of(body) else {
        let text = quote(body, &[], MAX_QUOTED);
        return (!text.is_empty()).then_some(text);
    };
    let text = |fields: &Fields, key: &str| {
        let is_words = |text: &String| !matches!(text.trim(), "" | "true" | "false");
        Some(fields.text(key).filter(is_words)?.trim().to_owned())
    };
    ["details", "error_description", "error", "message"]
        .into_iter()
        .find_map(|key| text(&fields, key))
        .or_else(|| text(&fields.object("response"), "message"))
        .map(|words| excerpt(&words, 1_000))
}

/// The machine-readable id of an error reply, such as `throttled`.
fn error_id(body: &[u8]) -> Option<String> {
    fields_of(body)?.string("error")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Response {
        Response { status, headers: reqwest::header::HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn only_temporary_failures_are_retried() {
        let throttled = r#"{"error":"throttled"}"#;
        for (status, body, expected) in [
            (200, throttled, None),
            (204, "", None),
            (302, "", None),
            (400, "", None),
            (401, "", None),
            (404, "", None),
            (408, "", Some(RetryReason::Status(408))),
            (429, "", Some(RetryReason::TooManyRequests)),
            (500, "", Some(RetryReason::Status(500))),
            (501, "", None),
            (502, "", Some(RetryReason::Status(502))),
            (503, "", Some(RetryReason::Status(503))),
            (503, throttled, Some(RetryReason::Throttled)),
            (503, "you are throttled", Some(RetryReason::Throttled)),
            (503, r#"{"error":"not_implemented"}"#, None),
            (504, "", Some(RetryReason::Status(504))),
            (505, "", None),
        ] {
            assert_eq!(retry_reason(&reply(status, body)), expected, "{status} {body}");
        }
    }

    #[test]
    fn each_status_has_its_kind() {
        for (status, body, kind) in [
            (301, "", Kind::BadReply),
            (400, "", Kind::Refused),
            (402, "", Kind::TrialExpired),
            (418, "", Kind::Refused),
            (422, r#"{"error":"throttled"}"#, Kind::Refused),
            (503, r#"{"error":"throttled"}"#, Kind::Throttled),
            (503, r#"{"error":"not_implemented"}"#, Kind::NotImplemented),
            (503, "", Kind::Unavailable),
            (599, "", Kind::Unavailable),
            (999, "", Kind::Unavailable),
        ] {
            let request = Request::new(crate::http::endpoint::Method::Get, "/stacks.json".to_owned());
            assert_eq!(from_response(&request, &reply(status, body)).kind(), kind, "{status} {body}");
        }
    }

    #[test]
    fn the_most_detailed_message_wins() {
        for (body, expected) in [
            (r#"{"error":"bad_request","error_description":"b","details":"c"}"#, Some("c")),
            (r#"{"error":"bad_request","error_description":"b","details":""}"#, Some("b")),
            (r#"{"error":"bad_request","details":null}"#, Some("bad_request")),
            (r#"{"message":"m"}"#, Some("m")),
            (r#"{"response":{"ok":false,"message":"deep"}}"#, Some("deep")),
            (r#"{"details":["a","b"]}"#, Some(r#"["a","b"]"#)),
            ("<html>\n <b>oops</b>", Some("<html> <b>oops</b>")),
            ("", None),
            ("{}", None),
        ] {
            assert_eq!(server_message(body.as_bytes()).as_deref(), expected, "{body}");
        }
    }
}
