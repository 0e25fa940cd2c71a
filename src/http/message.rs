//! What goes out and what comes back: one request, one reply, and who is asking.

use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::endpoint::Method;
use super::retry::RetryReason;
use super::{error, trace};
use crate::error::{Error, Kind, Result};

/// No wait is longer; a server that asks for more is asked again anyway, or not at all.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// One request below the API root.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Method.
    pub(crate) method: Method,
    /// Path below the API root, escaped, with its suffix.
    pub(crate) path: String,
    /// Query parameters, unescaped.
    pub(crate) query: Vec<(String, String)>,
    /// JSON body.
    pub(crate) body: Option<Value>,
    /// Whether the fields of the body go out as a form instead of as JSON.
    pub(crate) as_form: bool,
    /// Further headers, name and value.
    pub(crate) headers: Vec<(String, String)>,
    /// Keys of the body whose values must never be shown.
    pub(crate) secrets: Vec<&'static str>,
    /// Scope the call needs, where it is known.
    pub(crate) scope: Option<&'static str>,
    /// Whether it is sent once and never again, whatever becomes of it.
    pub(crate) never_retry: bool,
    /// The `Request-Id` sent along: a random UUID.
    pub(crate) id: String,
}

impl Request {
    /// A request without query or body.
    pub(crate) fn new(method: Method, path: String) -> Self {
        Self {
            method,
            path,
            query: Vec::new(),
            body: None,
            as_form: false,
            headers: Vec::new(),
            secrets: Vec::new(),
            scope: None,
            never_retry: false,
            id: uuid(),
        }
    }

    /// The same for another page of the list: a request of its own, and so with an id of its own.
    pub(crate) fn for_page(&self, number: u64) -> Self {
        let mut request = Self { id: uuid(), ..self.clone() };
        request.query.push(("page".to_owned(), number.to_string()));
        request
    }

    /// Method and path as messages name them.
    pub(crate) fn describe(&self) -> String {
        format!("{} {}", self.method, self.path.strip_suffix(".json").unwrap_or(&self.path))
    }

    /// The body as it may be shown.
    pub(crate) fn masked_body(&self) -> Option<Value> {
        let mut body = self.body.clone()?;
        trace::mask(&mut body, &self.secrets);
        Some(body)
    }
}

/// One reply, read to its end.
#[derive(Debug)]
pub(crate) struct Response {
    /// HTTP status.
    pub(crate) status: u16,
    /// Headers.
    pub(crate) headers: HeaderMap,
    /// Body.
    pub(crate) body: Vec<u8>,
}

/// The fields of an object as a form; what is no text goes as its JSON.
pub(super) fn form(body: &Value) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in body.as_object().into_iter().flatten() {
        match value.as_str() {
            Some(text) => form.append_pair(name, text),
            None => form.append_pair(name, &value.to_string()),
        };
    }
    form.finish()
}

impl Response {
    /// Whether it is one of 2xx.
    pub(crate) fn is_success(&self) -> bool {
        (200..=299).contains(&self.status)
    }

    /// Whether this error reply is of that kind, by its `error` field or by its words.
    pub(crate) fn has_error_id(&self, id: &str) -> bool {
        match error::error_id(&self.body) {
            Some(given) => given == id,
            None => error::server_message(&self.body).is_some_and(|words| words.contains(id)),
        }
    }

    /// Where a redirect leads.
    pub(crate) fn location(&self) -> Option<String> {
        self.headers.get(header::LOCATION)?.to_str().ok().map(str::to_owned)
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER));
        }
        let then = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Some(then.duration_since(jiff::Timestamp::now()).try_into().unwrap_or_default())
            .map(|pause: Duration| pause.min(MAX_RETRY_AFTER))
    }

    pub(super) fn retry_reason(&self) -> Option<RetryReason> {
        match self.status {
            200..=399 => None,
            429 => Some(RetryReason::TooManyRequests),
            503 if self.has_error_id("throttled") => Some(RetryReason::Throttled),
            503 if self.has_error_id("not_implemented") => Some(RetryReason::NotImplemented),
            status => Some(RetryReason::Status(status)),
        }
    }
}

/// The header that says who is asking; its value never shows.
#[derive(Clone)]
pub(crate) struct Credential {
    pub(super) name: HeaderName,
    pub(super) value: HeaderValue,
}

impl Credential {
    /// `Authorization: Bearer TOKEN`.
    pub(crate) fn bearer(token: &str) -> Result<Self> {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Error::new(Kind::Auth, "the API token holds characters that no token has"))?;
        value.set_sensitive(true);
        Ok(Self { name: header::AUTHORIZATION, value })
    }

    /// `NAME: KEY`, for an API that has a header of its own; `name` is in lower case.
    pub(crate) fn header(name: &'static str, key: &str) -> Result<Self> {
        let mut value = HeaderValue::from_str(key)
            .map_err(|_| Error::new(Kind::Auth, "the API key holds characters that no key has"))?;
        value.set_sensitive(true);
        Ok(Self { name: HeaderName::from_static(name), value })
    }
}

/// A random (version 4) UUID.
fn uuid() -> String {
    let bits = fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_text::text_from;

    #[test]
    fn request_ids_are_version_4_uuids() {
        let id = uuid();
        let parts: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]));
        assert_ne!(uuid(), id);
    }

    proptest! {
        #[test]
        fn no_header_asks_for_more_patience_than_there_is(
            text in text_from(&["Thu, ", "14 Aug ", "2014 ", "9999 ", "01:46:52", "23:59:60", " GMT", " +9999", "-", "0", "18446744073709551615", "1e9"])
        ) {
            let Ok(value) = HeaderValue::from_str(&text) else { return Ok(()) };
            let mut headers = HeaderMap::new();
            for name in ["retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "location"] {
                headers.insert(name, value.clone());
            }
            let budget = crate::http::rate_limit::RateLimiter::default().observe(&headers);
            prop_assert!(budget.is_none_or(|budget| (1.0..=6.0).contains(&budget.poll_slowdown())));
            let response = Response { status: 503, headers, body: text.into_bytes() };
            prop_assert!(response.retry_after().is_none_or(|pause| pause <= MAX_RETRY_AFTER));
            let _ = (response.retry_reason(), response.location());
        }
    }
}
