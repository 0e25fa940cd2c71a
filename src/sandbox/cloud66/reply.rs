//! What the sandbox answers: the documented envelopes and errors, and how they become HTTP.

use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::http::StatusCode;
use serde_json::{Value, json};

use crate::sandbox::body::ReplyBody;

/// Requests an hour, as the documented headers have it.
pub(in crate::sandbox) const RATE_LIMIT: u32 = 3600;

const PER_PAGE: usize = 30;
const RATE_LIMIT_HEADER: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const RATE_REMAINING_HEADER: HeaderName = HeaderName::from_static("x-ratelimit-remaining");

/// A good answer of the API.
#[derive(Debug)]
pub(in crate::sandbox) enum Payload {
    /// A JSON body.
    Json(Value),
    /// No body.
    Empty,
}

/// What an operation comes to.
pub(in crate::sandbox) type ApiResult = Result<Payload, ApiError>;

/// One object in its envelope.
#[expect(clippy::needless_pass_by_value, reason = "the caller builds it for this")]
pub(in crate::sandbox) fn object(item: Value) -> Payload {
    Payload::Json(json!({ "response": item }))
}

/// `{ok, message}` in its envelope: taken, with nothing to poll.
pub(in crate::sandbox) fn acknowledgement(message: &str) -> Payload {
    object(json!({ "ok": true, "message": message }))
}

/// Page `page` (from 1) of a list in its envelope; past the end it is empty.
pub(in crate::sandbox) fn list<T>(items: &[T], page: usize, render: impl Fn(&T) -> Value) -> Payload {
    let shown: Vec<Value> = items.iter().skip((page - 1).saturating_mul(PER_PAGE)).take(PER_PAGE).map(render).collect();
    let pages = items.len().div_ceil(PER_PAGE).max(1);
    let count = shown.len();
    Payload::Json(json!({
        "response": shown,
        "count": count,
        "pagination": {
            "previous": (page > 1).then(|| page - 1),
            "next": (page < pages).then(|| page + 1),
            "current": page,
            "per_page": PER_PAGE,
            "count": items.len(),
            "pages": pages,
        },
    }))
}

/// An error of the documented kinds.
#[derive(Debug)]
pub(in crate::sandbox) struct ApiError {
    pub(in crate::sandbox) status: StatusCode,
    /// The documented word for it.
    pub(in crate::sandbox) id: &'static str,
    description: &'static str,
    pub(in crate::sandbox) details: String,
}

impl ApiError {
    pub(in crate::sandbox) fn bad_request(details: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", "The request cannot be understood.", details)
    }

    pub(in crate::sandbox) fn unauthenticated(details: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "A valid token is needed.", details)
    }

    pub(in crate::sandbox) fn trial_expired() -> Self {
        let details = "The trial period of this account has expired.";
        Self::new(StatusCode::PAYMENT_REQUIRED, "trial_expired", "The trial period is over.", details)
    }

    pub(in crate::sandbox) fn forbidden(scope: &str) -> Self {
        let details = format!("This call needs the scope `{scope}`, which the token does not have.");
        Self::new(StatusCode::FORBIDDEN, "forbidden", "The token does not allow this.", details)
    }

    pub(in crate::sandbox) fn not_found(details: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such thing.", details)
    }

    pub(in crate::sandbox) fn conflict(details: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "Something else is in the way.", details)
    }

    pub(in crate::sandbox) fn not_implemented() -> Self {
        let details = "The sandbox does not play this part of the API.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_implemented", "This call is not implemented.", details)
    }

    pub(in crate::sandbox) fn throttled() -> Self {
        let details = "The request limit is used up; try again in the next hourly interval.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "throttled", "Too many requests.", details)
    }

    /// The state of the sandbox itself cannot be used.
    pub(in crate::sandbox) fn broken(details: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The sandbox itself has failed.", details)
    }

    fn new(status: StatusCode, id: &'static str, description: &'static str, details: impl Into<String>) -> Self {
        Self { status, id, description, details: details.into() }
    }
}

/// The HTTP form of an answer of the API.
pub(in crate::sandbox) fn respond(answer: ApiResult, remaining: u32) -> Response<ReplyBody> {
    let mut response = match answer {
        Ok(Payload::Json(body)) => with_body(StatusCode::OK, "application/json", body.to_string()),
        Ok(Payload::Empty) => Response::new(ReplyBody::empty()),
        Err(error) => {
            let body = json!({
                "error": error.id, "error_description": error.description, "details": error.details,
            });
            with_body(error.status, "application/json", body.to_string())
        }
    };
    response.headers_mut().insert(RATE_LIMIT_HEADER, HeaderValue::from(RATE_LIMIT));
    response.headers_mut().insert(RATE_REMAINING_HEADER, HeaderValue::from(remaining));
    response
}

/// A reply of one piece.
pub(in crate::sandbox) fn with_body(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Vec<u8>>,
) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::whole(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(items: usize, page: usize) -> Value {
        let items: Vec<usize> = (1..=items).collect();
        match list(&items, page, |item| json!(item)) {
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
    }

    #[test]
    fn beyond_the_end_a_list_is_empty() {
        assert_eq!(page(61, 4)["response"], json!([]));
        assert_eq!(page(61, usize::MAX)["response"], json!([]));
        assert_eq!(page(0, 1)["pagination"]["pages"], 1);
    }
}
