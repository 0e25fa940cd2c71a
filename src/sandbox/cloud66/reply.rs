//! Replies of the API: the documented envelopes and errors, and their HTTP form.

use hyper::Response;
use hyper::header::{ALLOW, HeaderName, HeaderValue};
use hyper::http::StatusCode;
use serde_json::{Value, json};

use crate::sandbox::body::{ReplyBody, with_body};

/// The largest number of a page: no list has more.
pub(super) const MAX_PAGE: usize = 1_000_000;
/// The size of a page unless the call asks for another, and the largest.
pub(super) const PER_PAGE: usize = 30;
pub(super) const MAX_PER_PAGE: usize = 100;
const RATE_LIMIT_HEADER: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const WARNING_HEADER: HeaderName = HeaderName::from_static("x-cloud66-warning");
const RATE_REMAINING_HEADER: HeaderName = HeaderName::from_static("x-ratelimit-remaining");

/// The result of a successful call.
#[derive(Debug)]
pub(super) enum Payload {
    /// A JSON body.
    Json(Value),
    /// No body.
    Empty,
}

/// The result of a handler.
pub(super) type ApiResult = Result<Payload, ApiError>;

/// An object in its envelope.
#[expect(clippy::needless_pass_by_value, reason = "the caller builds it for this")]
pub(super) fn object(item: Value) -> Payload {
    Payload::Json(json!({ "response": item }))
}

/// `{ok, message}` in its envelope: accepted, with nothing to poll.
pub(super) fn acknowledgement(message: &str) -> Payload {
    object(json!({ "ok": true, "message": message }))
}

/// A page of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageWanted {
    /// From 1.
    pub(super) number: usize,
    /// How many items it has at most.
    pub(super) size: usize,
}

/// A page of a list in its envelope; past the end it is empty.
pub(super) fn list<T>(items: &[T], page: PageWanted, render: impl Fn(&T) -> Value) -> Payload {
    let PageWanted { number: page, size } = page;
    let shown: Vec<Value> = items.iter().skip((page - 1).saturating_mul(size)).take(size).map(render).collect();
    let pages = items.len().div_ceil(size).max(1);
    let count = shown.len();
    Payload::Json(json!({
        "response": shown,
        "count": count,
        "pagination": {
            "previous": (page > 1).then(|| page - 1),
            "next": (page < pages).then(|| page + 1),
            "current": page,
            "per_page": size,
            "count": items.len(),
            "pages": pages,
        },
    }))
}

/// An error of the documented form.
#[derive(Debug)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    /// The documented word for the error.
    pub(super) id: &'static str,
    description: &'static str,
    pub(super) details: String,
}

impl ApiError {
    pub(super) fn bad_request(details: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", "The request is invalid.", details)
    }

    pub(super) fn unauthenticated(details: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "A valid token is needed.", details)
    }

    pub(super) fn trial_expired() -> Self {
        let details = "The trial period of this account has expired.";
        Self::new(StatusCode::PAYMENT_REQUIRED, "trial_expired", "The trial has expired.", details)
    }

    pub(super) fn forbidden(scope: &str) -> Self {
        let details = format!("The token lacks the scope `{scope}`.");
        Self::new(StatusCode::FORBIDDEN, "forbidden", "The token does not allow this.", details)
    }

    pub(super) fn not_found(details: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not found.", details)
    }

    pub(super) fn method_not_allowed(details: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "The path lacks this method.", details)
    }

    pub(super) fn conflict(details: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "Conflict with the resource.", details)
    }

    pub(super) fn not_implemented() -> Self {
        let details = "The sandbox does not implement this operation.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_implemented", "This operation is not implemented.", details)
    }

    pub(super) fn throttled() -> Self {
        let details = "The request limit is reached; try again in the next hour.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "throttled", "Too many requests.", details)
    }

    /// Internal error of the sandbox.
    pub(super) fn internal(details: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error of the sandbox.", details)
    }

    fn new(status: StatusCode, id: &'static str, description: &'static str, details: impl Into<String>) -> Self {
        Self { status, id, description, details: details.into() }
    }
}

/// What the headers of a reply say.
#[derive(Debug)]
pub(super) struct Notes {
    /// The requests an hour, and how many are left of them.
    pub(super) rate_limit: u32,
    pub(super) remaining: u32,
    /// A warning, which the official client prints.
    pub(super) warning: Option<String>,
    /// The methods of the path, if it lacks the one of the call.
    pub(super) allow: Option<String>,
}

impl Notes {
    pub(super) fn new(rate_limit: u32) -> Self {
        Self { rate_limit, remaining: rate_limit, warning: None, allow: None }
    }
}

/// The HTTP form of a reply.
pub(super) fn respond(result: ApiResult, notes: &Notes) -> Response<ReplyBody> {
    let mut response = match result {
        Ok(Payload::Json(body)) => with_body(StatusCode::OK, "application/json", body.to_string()),
        Ok(Payload::Empty) => Response::new(ReplyBody::empty()),
        Err(error) => {
            let body = json!({
                "error": error.id, "error_description": error.description, "details": error.details,
            });
            with_body(error.status, "application/json", body.to_string())
        }
    };
    let headers = response.headers_mut();
    headers.insert(RATE_LIMIT_HEADER, HeaderValue::from(notes.rate_limit));
    headers.insert(RATE_REMAINING_HEADER, HeaderValue::from(notes.remaining));
    for (name, value) in [(WARNING_HEADER, &notes.warning), (ALLOW, &notes.allow)] {
        if let Some(Ok(value)) = value.as_ref().map(HeaderValue::try_from) {
            headers.insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(items: usize, number: usize) -> Value {
        page_of(PER_PAGE, items, number)
    }

    fn page_of(size: usize, items: usize, number: usize) -> Value {
        let items: Vec<usize> = (1..=items).collect();
        match list(&items, PageWanted { number, size }, |item| json!(item)) {
            Payload::Json(body) => body,
            Payload::Empty => Value::Null,
        }
    }

    #[test]
    fn a_list_is_cut_into_pages() {
        let first = page(61, 1);
        assert_eq!(first["count"], 30);
        assert_eq!(
            first["pagination"],
            json!({ "previous": null, "next": 2, "current": 1, "per_page": 30, "count": 61, "pages": 3 })
        );
        let last = page(61, 3);
        assert_eq!(last["response"], json!([61]));
        assert_eq!(last["pagination"]["next"], Value::Null);
        assert_eq!(last["pagination"]["previous"], 2);
        let small = page_of(2, 5, 3);
        assert_eq!(small["response"], json!([5]));
        assert_eq!((&small["pagination"]["per_page"], &small["pagination"]["pages"]), (&json!(2), &json!(3)));
    }

    #[test]
    fn beyond_the_end_a_list_is_empty() {
        assert_eq!(page(61, 4)["response"], json!([]));
        assert_eq!(page(61, usize::MAX)["response"], json!([]));
        assert_eq!(page(0, 1)["pagination"]["pages"], 1);
    }
}
