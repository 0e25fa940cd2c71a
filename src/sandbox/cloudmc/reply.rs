//! Replies of the small `CloudMC`: the documented envelopes and errors, and their HTTP form.

use hyper::Response;
use hyper::header::{HeaderValue, RETRY_AFTER};
use hyper::http::StatusCode;
use serde_json::{Value, json};

use crate::sandbox::body::{ReplyBody, with_body};

/// The documented code of an object in the wrong state.
const WRONG_STATE: u32 = 2012;
/// The code of an exceeded quota.
const QUOTA: u32 = 2100;

/// A version of the API; the versions differ in the form of errors.
#[derive(Clone, Copy, Debug)]
pub(in crate::sandbox) enum Version {
    /// The older one, whose error codes are words.
    V1,
    V2,
}

/// The result of a successful call.
#[derive(Debug)]
pub(super) enum Payload {
    /// A JSON body.
    Json(Value),
    /// A table as CSV.
    Csv(String),
    /// No body (204).
    Empty,
}

/// The result of a handler.
pub(super) type ApiResult = Result<Payload, ApiError>;

/// One or several objects in the envelope.
#[expect(clippy::needless_pass_by_value, reason = "the caller builds it for this")]
pub(super) fn data(data: Value) -> Payload {
    Payload::Json(json!({ "data": data }))
}

/// One error of the documented form.
#[derive(Debug)]
pub(super) struct ErrorObject {
    code: u32,
    message: String,
    context: Value,
}

impl ErrorObject {
    /// An object of that type is in the wrong state.
    pub(super) fn wrong_state(message: &str, kind: &str, id: &str, current: &str, expected: &[&str]) -> Self {
        let context = json!({ "id": id, "currentState": current, "expectedStates": expected, "type": kind });
        Self { code: WRONG_STATE, message: message.to_owned(), context }
    }

    fn bad_field(field: &str, fault: &str) -> Self {
        Self { code: 400, message: format!("The field {field} {fault}"), context: json!({ "field": field }) }
    }

    /// An intended failure.
    pub(super) fn intended(message: &str, kind: &str, id: &str) -> Self {
        Self::wrong_state(message, kind, id, "Unknown", &[])
    }

    /// Its form in version 2.
    pub(super) fn to_json(&self) -> Value {
        json!({ "code": self.code, "message": self.message, "context": self.context })
    }

    /// Its form in version 1, where the code is a word.
    fn to_legacy_json(&self) -> Value {
        let code = if self.code == 404 { "ENTITY_NOT_FOUND".to_owned() } else { self.code.to_string() };
        json!({ "errorCode": code, "message": self.message, "context": self.context })
    }
}

/// A failed call: HTTP status and errors.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    errors: Vec<ErrorObject>,
}

impl ApiError {
    /// The request is invalid.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message, json!({}))
    }

    /// A field of the body or the query is invalid.
    pub(super) fn bad_field(field: &str, fault: &str) -> Self {
        ErrorObject::bad_field(field, fault).into()
    }

    /// Fields of the body are missing.
    pub(super) fn missing_fields(fields: &[&str]) -> Self {
        let errors = fields.iter().map(|field| ErrorObject::bad_field(field, "is required")).collect();
        Self { status: StatusCode::BAD_REQUEST, errors }
    }

    /// The request exceeds a quota.
    pub(super) fn quota(what: &str, limit: u64, used: u64, requested: u64) -> Self {
        let context = json!({ "limit": limit, "used": used, "requested": requested });
        ErrorObject { code: QUOTA, message: format!("Quota exceeded for {what}"), context }.into()
    }

    /// The key is missing, invalid or deleted.
    pub(super) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Invalid credentials", json!({}))
    }

    /// The role of the caller does not allow it.
    pub(super) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Not authorized to perform this request", json!({}))
    }

    /// Not found; `what` begins a sentence.
    pub(super) fn not_found(what: &str, id: &str, kind: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} not found"), json!({ "id": id, "type": kind }))
    }

    /// Unknown endpoint.
    pub(super) fn endpoint_not_found(path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "Cannot locate the specified endpoint", json!({ "path": path }))
    }

    /// The endpoint does not support the method.
    pub(super) fn method_not_allowed(method: &str) -> Self {
        let message = "Cannot use that HTTP verb on the specified endpoint";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, message, json!({ "method": method }))
    }

    /// Too many requests, in the words of a gateway.
    pub(super) fn throttled() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests", json!({}))
    }

    /// Internal error of the sandbox.
    pub(super) fn internal(message: String) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message, json!({}))
    }

    fn new(status: StatusCode, message: impl Into<String>, context: Value) -> Self {
        let fault = ErrorObject { code: u32::from(status.as_u16()), message: message.into(), context };
        Self { status, errors: vec![fault] }
    }
}

impl From<ErrorObject> for ApiError {
    fn from(error: ErrorObject) -> Self {
        Self { status: StatusCode::BAD_REQUEST, errors: vec![error] }
    }
}

/// The HTTP form of a reply.
pub(super) fn respond(result: ApiResult, version: Version) -> Response<ReplyBody> {
    let error = match result {
        Ok(Payload::Json(body)) => return with_body(StatusCode::OK, "application/json", body.to_string()),
        Ok(Payload::Csv(table)) => return with_body(StatusCode::OK, "text/csv", table),
        Ok(Payload::Empty) => {
            let mut response = Response::new(ReplyBody::empty());
            *response.status_mut() = StatusCode::NO_CONTENT;
            return response;
        }
        Err(error) => error,
    };
    let form = match version {
        Version::V1 => ErrorObject::to_legacy_json,
        Version::V2 => ErrorObject::to_json,
    };
    let errors: Vec<Value> = error.errors.iter().map(form).collect();
    let mut response = with_body(error.status, "application/json", json!({ "errors": errors }).to_string());
    if error.status == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
