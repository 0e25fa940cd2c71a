//! A request to the small `CloudMC`: as it arrives, and as a call of a known caller.

use serde_json::Value;

use super::objects::text;
use super::reply::ApiError;
use crate::sandbox::clock::Clock;

/// The parts of a request that the small `CloudMC` needs.
#[derive(Clone, Copy, Debug)]
pub(in crate::sandbox) struct Request<'r> {
    /// HTTP method, in upper case.
    pub(in crate::sandbox) method: &'r str,
    /// Path below the root, unchanged.
    pub(in crate::sandbox) path: &'r str,
    /// Query string without its `?`.
    pub(in crate::sandbox) query: &'r str,
    /// The header `MC-Api-Key`.
    pub(in crate::sandbox) key: Option<&'r str>,
    pub(in crate::sandbox) content_type: &'r str,
    pub(in crate::sandbox) accept: &'r str,
    pub(in crate::sandbox) body: &'r [u8],
    /// The caller's address.
    pub(in crate::sandbox) caller_address: &'r str,
}

/// The caller and its organization.
pub(super) struct Caller {
    pub(super) user: Value,
    pub(super) organization: Value,
    /// Whether the role allows changes.
    pub(super) may_write: bool,
}

/// A request of a known caller.
pub(super) struct Call<'r> {
    pub(super) request: &'r Request<'r>,
    pub(super) clock: &'r Clock,
    pub(super) caller: Caller,
    pub(super) query: Vec<(String, String)>,
    /// The body; null if there is none.
    pub(super) body: Value,
}

impl Call<'_> {
    pub(super) fn method(&self) -> &str {
        self.request.method
    }

    /// A query parameter; an empty one counts as missing.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().rfind(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Whether a query parameter is `true`.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.query(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The ID of the organization of the call.
    pub(super) fn organization(&self) -> &str {
        text(&self.caller.organization, "id")
    }

    /// Refuses a body that lacks one of these fields; `parent.id` is a field of an object.
    pub(super) fn require_fields(&self, fields: &[&str]) -> Result<(), ApiError> {
        let missing = |field: &&&str| {
            let value = self.body.pointer(&format!("/{}", field.replace('.', "/"))).unwrap_or(&Value::Null);
            value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
        };
        let missing: Vec<&str> = fields.iter().filter(missing).copied().collect();
        if missing.is_empty() { Ok(()) } else { Err(ApiError::missing_fields(&missing)) }
    }

    pub(super) fn method_not_allowed(&self) -> ApiError {
        ApiError::method_not_allowed(self.request.method)
    }

    pub(super) fn endpoint_not_found(&self) -> ApiError {
        ApiError::endpoint_not_found(self.request.path)
    }
}
