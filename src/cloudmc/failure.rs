//! Turns an error reply into an [`Error`].

use serde_json::{Value, json};

use super::api_error::ApiError;
use super::raw::RawFields;
use super::task::Task;
use crate::error::{Error, Kind};
use crate::http::error::{failed_request, maybe_done_unless_read, uncertain_outcome};
use crate::http::retry::RetryReason;
use crate::http::{Request, Response, trace};

/// The statuses that say that the request was refused, beside those with a meaning of their own. Any other 4xx may come
/// from something between the API and here, after the API has done the work.
const REFUSALS: [u16; 3] = [400, 409, 422];

/// Why the request of this reply may be retried, if it may. Not after a 500: the API may have done part of it before it
/// failed.
pub(super) fn retry_reason(response: &Response) -> Option<RetryReason> {
    match response.status {
        429 if !says_taken(&response.body) => Some(RetryReason::TooManyRequests),
        status @ (408 | 502..=504) => Some(RetryReason::Status(status)),
        _ => None,
    }
}

/// The error for a reply: `errors` are those it has, `body` is its beginning if it has none.
pub(crate) fn from_response(request: &Request, response: &Response, errors: &[ApiError], body: &str) -> Error {
    let what = request.describe();
    let (first, others) = lines(errors, body);
    let error = match response.status {
        200..=299 => Error::new(Kind::RemoteFailed, format!("{what} failed: {first}")),
        status @ 0..=199 => {
            let message = format!("unexpected status {status} for {what}");
            maybe_done_unless_read(request, Error::new(Kind::BadReply, message))
        }
        300..=399 => maybe_done_unless_read(
            request,
            Error::new(Kind::BadReply, format!("{what} was redirected to another host"))
                .cause(response.location().unwrap_or_else(|| "the reply has no Location header".to_owned()))
                .hint("c66 does not send the API key to another host; check the endpoint with c66 cloudmc status"),
        ),
        401 => Error::new(Kind::Auth, format!("the API key was rejected: {first}")).hint("c66 cloudmc login"),
        403 => Error::new(Kind::ScopeMissing, format!("your role does not allow {what}: {first}"))
            .hint("see c66 cloudmc roles list; an administrator of the organization assigns roles"),
        404 => Error::not_found(format!("not found: {what}: {first}")),
        405 => Error::new(Kind::Refused, format!("the API does not accept {what}: {first}"))
            .hint("try another method: --method, or c66 cloudmc api"),
        408 | 504 => {
            uncertain_outcome(request, Error::new(Kind::TimedOut, format!("the API timed out on {what}: {first}")))
        }
        429 => Error::new(Kind::Throttled, format!("too many requests: {first}")).hint("try again later"),
        status @ 500.. => uncertain_outcome(
            request,
            Error::new(Kind::Unavailable, format!("the API failed with {status} on {what}: {first}")),
        ),
        status => {
            let error = Error::new(Kind::Refused, format!("the API refused {what} ({status}): {first}"));
            if REFUSALS.contains(&status) { error } else { maybe_done_unless_read(request, error) }
        }
    };
    let error = if !request.method.is_read() && says_taken(&response.body) { error.maybe_done() } else { error };
    let error = error.with_retry_after(response.retry_after());
    with_errors(error, errors, others).with_request(failed_request(request, Some(response.status)))
}

/// Whether the body of a failure has a task, so that the request was accepted.
fn says_taken(body: &[u8]) -> bool {
    serde_json::from_slice::<RawFields>(body).is_ok_and(|fields| fields.text("taskId").is_some_and(|id| !id.is_empty()))
}

/// The error for a failed task.
pub(crate) fn of_task(task: &Task, label: &str) -> Error {
    let (first, others) = lines(&task.reasons, "no reason given");
    let error = with_errors(Error::new(Kind::RemoteFailed, format!("{label} failed: {first}")), &task.reasons, others);
    if task.reasons.is_empty() { error.hint("for details, run: c66 cloudmc activity list") } else { error }
}

/// The first error as a line, or `otherwise`; and the other errors, one per line.
fn lines(errors: &[ApiError], otherwise: &str) -> (String, String) {
    let mut lines = errors.iter().map(ApiError::line);
    let first = lines.next().unwrap_or_else(|| {
        let reason = if otherwise.is_empty() { "no reason given" } else { otherwise };
        reason.to_owned()
    });
    (first, lines.collect::<Vec<_>>().join("\n"))
}

/// Adds the errors of the API: the others as the cause, all of them as details, redacted.
fn with_errors(error: Error, errors: &[ApiError], others: String) -> Error {
    let error = if others.is_empty() { error } else { error.cause(others) };
    if errors.is_empty() {
        return error;
    }
    let one = |error: &ApiError| json!({ "code": error.code, "message": error.message, "context": error.context });
    let mut details = Value::Array(errors.iter().map(one).collect());
    for context in details.as_array_mut().into_iter().flatten().filter_map(|error| error.get_mut("context")) {
        trace::mask(context, &[]);
    }
    error.with_details(details)
}
