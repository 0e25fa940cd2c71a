//! One request, and the credential that goes with it.

use reqwest::header::{self, HeaderName, HeaderValue};
use serde_json::Value;

use super::endpoint::Method;
use super::trace;
use crate::error::{Error, Kind, Result};

/// One request below the API root.
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
    /// The key of the object in the body that holds its fields, where the body itself does not.
    pub(crate) wrapper: Option<&'static str>,
    /// Whether the fields of the body go out as a form instead of as JSON.
    pub(crate) as_form: bool,
    /// Further headers, name and value.
    pub(crate) headers: Vec<(String, String)>,
    /// Keys of the body whose values must never be shown.
    pub(crate) secrets: Vec<&'static str>,
    /// What the reply must be about: the name of the last variable part of the path and its value.
    pub(crate) asked: Option<(&'static str, String)>,
    /// Scope the call needs, where it is known.
    pub(crate) scope: Option<&'static str>,
    /// Whether the documents promise an action in the reply, to be waited for.
    pub(crate) begins_action: bool,
    /// Whether it changes something.
    pub(crate) is_write: bool,
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

    /// The same for another page of the list: a request of its own, and so with an id of its own.
    pub(crate) fn for_page(&self, number: u64) -> Self {
        let mut request = Self { id: uuid(), ..self.clone() };
        request.query.push(("page".to_owned(), number.to_string()));
        request
    }

    /// Number of the page that it asks for, from 1.
    pub(crate) fn page(&self) -> u64 {
        let named = self.query.iter().rev().find(|(name, _)| name == "page");
        named.and_then(|(_, number)| number.parse().ok()).unwrap_or(1)
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
