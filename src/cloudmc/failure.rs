//! From a reply that reports a failure to an error that says what to do.

use serde_json::{Value, json};

use super::api_error::ApiError;
use super::task::Task;
use crate::error::{Error, Kind};
use crate::http::error::{failed_request, maybe_done_unless_read, uncertain_outcome};
use crate::http::retry::RetryReason;
use crate::http::{Request, Response, trace};

/// Why the request that got this reply may be sent again; `None` where it may not. After a 500 it may not: the server may
/// have done part of it before it failed.
pub(super) fn retry_reason(response: &Response) -> Option<RetryReason> {
    match response.status {
        429 => Some(RetryReason::TooManyRequests),
        status @ (408 | 502..=504) => Some(RetryReason::Status(status)),
        _ => None,
    }
}

/// The error that a reply reports: `errors` are those it names, `body` is its beginning where it names none.
pub(crate) fn from_response(request: &Request, response: &Response, errors: &[ApiError], body: &str) -> Error {
    let what = request.describe();
    let (first, others) = lines(errors, body);
    let error = match response.status {
        200..=299 => Error::new(Kind::RemoteFailed, format!("{what} failed: {first}")),
        status @ 0..=199 => {
            let message = format!("the server answered {what} with {status}, which is no answer");
            maybe_done_unless_read(request, Error::new(Kind::BadReply, message))
        }
        300..=399 => maybe_done_unless_read(
            request,
            Error::new(Kind::BadReply, format!("the server redirects {what} to another address"))
                .cause(response.location().unwrap_or_else(|| "without saying where to".to_owned()))
                .hint("c66 does not follow: the API key would go along; check the endpoint with c66 cloudmc status"),
        ),
        401 => {
            Error::new(Kind::Auth, format!("the server does not accept the API key: {first}")).hint("c66 cloudmc login")
        }
        403 => Error::new(Kind::ScopeMissing, format!("your role does not allow {what}: {first}"))
            .hint("c66 cloudmc roles list shows the roles; an administrator of the organization assigns them"),
        404 => Error::not_found(format!("not found: {what}: {first}")),
        405 => Error::new(Kind::Refused, format!("the server does not take {what}: {first}"))
            .hint("another method may be the right one: --method, or c66 cloudmc api"),
        408 | 504 => {
            uncertain_outcome(request, Error::new(Kind::TimedOut, format!("{what} did not end in time: {first}")))
        }
        429 => Error::new(Kind::Throttled, format!("too many requests: {first}")).hint("try again in a while"),
        status @ 500.. => uncertain_outcome(
            request,
            Error::new(Kind::Unavailable, format!("the server failed with {status} at {what}: {first}")),
        ),
        status => Error::new(Kind::Refused, format!("the server refused {what} ({status}): {first}")),
    };
    let error = error.with_retry_after(response.retry_after());
    with_errors(error, errors, others).with_request(failed_request(request, Some(response.status)))
}

/// The error of a task that failed.
pub(crate) fn of_task(task: &Task, label: &str) -> Error {
    let (first, others) = lines(&task.reasons, "the API gave no reason");
    let error = with_errors(Error::new(Kind::RemoteFailed, format!("{label} failed: {first}")), &task.reasons, others);
    if task.reasons.is_empty() { error.hint("c66 cloudmc activity list may know more") } else { error }
}

/// The first error as a line, `otherwise` where there is none; and the other errors, a line each.
fn lines(errors: &[ApiError], otherwise: &str) -> (String, String) {
    let mut lines = errors.iter().map(ApiError::line);
    let first = lines.next().unwrap_or_else(|| {
        let reason = if otherwise.is_empty() { "the server gave no reason" } else { otherwise };
        reason.to_owned()
    });
    (first, lines.collect::<Vec<_>>().join("\n"))
}

/// Adds the errors of the API to an error: the others as its cause, all of them as its details, with secrets masked.
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
