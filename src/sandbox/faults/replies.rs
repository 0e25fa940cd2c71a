//! The replies of faults: another reply, or the call's own, corrupted.

use hyper::Response;
use hyper::header::{CONTENT_TYPE, DATE, HeaderValue, LOCATION};
use hyper::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::FaultKind;
use crate::sandbox::body::{ConnectionClosed, ReplyBody, with_body};
use crate::sandbox::clock::http_date;

/// Nesting depth of the deep reply.
const DEPTH: usize = 1000;
/// Size of the huge reply in bytes.
const HUGE: u64 = 300 * 1024 * 1024;
/// How far the clock is ahead, in hours.
const SKEW: i64 = 365 * 24;

/// The reply that replaces the call's own; nothing is done then.
pub(in crate::sandbox) fn replacement(fault: FaultKind) -> Option<Response<ReplyBody>> {
    let json = |body: Vec<u8>| with_body(StatusCode::OK, "application/json", body);
    Some(match fault {
        FaultKind::Garbage => json(b"\x1f\x8b{\"response\": [\xff\xfe".to_vec()),
        FaultKind::Error500 => error500(),
        FaultKind::Html => page(StatusCode::OK, "Welcome to our network"),
        FaultKind::Redirect => {
            let mut response = page(StatusCode::FOUND, "Found");
            response.headers_mut().insert(LOCATION, HeaderValue::from_static("https://elsewhere.invalid/login"));
            response
        }
        FaultKind::Deep => json(format!("{{\"response\": {}{}}}", "[".repeat(DEPTH), "]".repeat(DEPTH)).into_bytes()),
        FaultKind::Huge => {
            let mut response = json(Vec::new());
            *response.body_mut() = ReplyBody::Spaces(HUGE);
            response
        }
        _ => return None,
    })
}

/// The call's own reply, corrupted.
pub(in crate::sandbox) fn corrupt(
    fault: FaultKind,
    mut response: Response<ReplyBody>,
) -> Result<Response<ReplyBody>, ConnectionClosed> {
    let whole = response.body().bytes().to_vec();
    match fault {
        FaultKind::LostReply => return Err(ConnectionClosed),
        FaultKind::Cut => {
            *response.body_mut() = ReplyBody::truncated(&whole[..whole.len() / 2], whole.len() as u64);
        }
        FaultKind::WrongLength => {
            let announced = whole.len() as u64 + 10;
            *response.body_mut() = ReplyBody::truncated(whole, announced);
        }
        FaultKind::Empty => {
            response.headers_mut().remove(CONTENT_TYPE);
            *response.body_mut() = ReplyBody::empty();
        }
        FaultKind::PageLoop => {
            if let Some(endless) = endless(&whole) {
                *response.body_mut() = ReplyBody::whole(endless);
            }
        }
        FaultKind::ClockSkew => {
            let then = Timestamp::now().checked_add(SignedDuration::from_hours(SKEW)).unwrap_or(Timestamp::MAX);
            if let Ok(then) = HeaderValue::try_from(http_date(then)) {
                response.headers_mut().insert(DATE, then);
            }
        }
        _ => {}
    }
    Ok(response)
}

/// The same page of a list with a next one, and without the number of pages.
fn endless(body: &[u8]) -> Option<String> {
    let mut list: Value = serde_json::from_slice(body).ok()?;
    let pagination = list.get_mut("pagination")?;
    let next = pagination.get("current")?.as_u64()? + 1;
    pagination["next"] = json!(next);
    pagination["pages"] = Value::Null;
    Some(list.to_string())
}

/// An internal server error.
pub(in crate::sandbox) fn error500() -> Response<ReplyBody> {
    page(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

/// An HTML page.
fn page(status: StatusCode, title: &str) -> Response<ReplyBody> {
    let page = format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n");
    with_body(status, "text/html; charset=utf-8", page)
}
