//! One request and its credential.

use reqwest::header::{self, HeaderName, HeaderValue};
use serde_json::Value;

use super::endpoint::Method;
use super::trace;
use crate::error::{Error, Kind, Result};

/// A request below the API root.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property of its own")]
pub(crate) struct Request {
    /// Method.
    pub(crate) method: Method,
    /// Path below the API root, escaped, with its suffix.
    pub(crate) path: String,
    /// Query parameters, unescaped.
    pub(crate) query: Vec<(String, String)>,
    /// JSON body.
    pub(crate) body: Option<Value>,
    /// The key of the object in the body that has the fields; `None` if they are at the top level.
    pub(crate) wrapper: Option<&'static str>,
    /// Whether the body is sent as a form instead of JSON.
    pub(crate) as_form: bool,
    /// Additional headers: name and value.
    pub(crate) headers: Vec<(String, String)>,
    /// Keys of the body whose values are secrets.
    pub(crate) secrets: Vec<&'static str>,
    /// The item that the reply must be about: the name and value of the last variable path segment.
    pub(crate) asked: Option<(&'static str, String)>,
    /// Scope that the request needs, if known.
    pub(crate) scope: Option<&'static str>,
    /// Whether the documented reply has an action to wait for.
    pub(crate) begins_action: bool,
    /// Whether it changes something.
    pub(crate) is_write: bool,
    /// Whether it is sent at most once.
    pub(crate) never_retry: bool,
    /// The `Request-Id` header: a random UUID.
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
            wrapper: None,
            as_form: false,
            headers: Vec::new(),
            secrets: Vec::new(),
            asked: None,
            scope: None,
            begins_action: false,
            is_write: !method.is_read(),
            never_retry: false,
            id: uuid(),
        }
    }

    /// The same request for another page of the list, with its own id.
    pub(crate) fn for_page(&self, number: u64) -> Self {
        let mut request = Self { id: uuid(), ..self.clone() };
        request.query.push(("page".to_owned(), number.to_string()));
        request
    }

    /// Number of the requested page, from 1.
    pub(crate) fn page(&self) -> u64 {
        let named = self.query.iter().rev().find(|(name, _)| name == "page");
        named.and_then(|(_, number)| number.parse().ok()).unwrap_or(1)
    }

    /// Method and path for messages.
    pub(crate) fn describe(&self) -> String {
        format!("{} {}", self.method, self.path.strip_suffix(".json").unwrap_or(&self.path))
    }

    /// The body, redacted.
    pub(crate) fn masked_body(&self) -> Option<Value> {
        let mut body = self.body.clone()?;
        trace::mask(&mut body, &self.secrets);
        Some(body)
    }
}

/// The fields of an object as form data; non-string values as JSON.
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

/// The header with the credential; its value is never shown.
#[derive(Clone)]
pub(crate) struct Credential {
    pub(super) name: HeaderName,
    pub(super) value: HeaderValue,
}

impl Credential {
    /// `Authorization: Bearer TOKEN`.
    pub(crate) fn bearer(token: &str) -> Result<Self> {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Error::new(Kind::Auth, "the API token contains invalid characters"))?;
        value.set_sensitive(true);
        Ok(Self { name: header::AUTHORIZATION, value })
    }

    /// `NAME: KEY`, for an API with its own header; `name` is in lower case.
    pub(crate) fn header(name: &'static str, key: &str) -> Result<Self> {
        let mut value = HeaderValue::from_str(key)
            .map_err(|_| Error::new(Kind::Auth, "the API key contains invalid characters"))?;
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
    use super::*;

    #[test]
    fn request_ids_are_version_4_uuids() {
        let id = uuid();
        let parts: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]));
        assert_ne!(uuid(), id);
    }
}
