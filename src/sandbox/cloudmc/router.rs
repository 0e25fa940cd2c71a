//! From a request below the root of the small `CloudMC` to what answers it: key, organization, body, and then its part.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::reply::{ApiError, ApiResult};
use super::state::{State, text};
use super::{KEY, READER_KEY, activity_log, administration, connections, entities, environments, tasks, usage};
use crate::sandbox::clock::Clock;

/// What the small `CloudMC` needs to know of a request.
#[derive(Clone, Copy, Debug)]
pub(in crate::sandbox) struct Request<'r> {
    /// HTTP method, in capitals.
    pub(in crate::sandbox) method: &'r str,
    /// Path below the root, as it came.
    pub(in crate::sandbox) path: &'r str,
    /// Query string without its `?`.
    pub(in crate::sandbox) query: &'r str,
    /// The header `MC-Api-Key`.
    pub(in crate::sandbox) key: Option<&'r str>,
    pub(in crate::sandbox) content_type: &'r str,
    pub(in crate::sandbox) accept: &'r str,
    pub(in crate::sandbox) body: &'r [u8],
    /// The address that the request comes from.
    pub(in crate::sandbox) caller_address: &'r str,
}

/// Who is calling, and in which organization.
pub(super) struct Caller {
    pub(super) user: Value,
    pub(super) organization: Value,
    /// Whether the role allows to change anything.
    pub(super) may_write: bool,
}

/// A request whose sender is known.
pub(super) struct Call<'r> {
    pub(super) request: &'r Request<'r>,
    pub(super) clock: &'r Clock,
    pub(super) caller: Caller,
    query: Vec<(String, String)>,
    /// The body; null when there is none.
    pub(super) body: Value,
}

impl Call<'_> {
    pub(super) fn method(&self) -> &str {
        self.request.method
    }

    /// A parameter of the query; an empty one counts as not given.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().rfind(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter of the query is `true`.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.query(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The id of the organization in which the call is made.
    pub(super) fn organization(&self) -> &str {
        text(&self.caller.organization, "id")
    }

    /// Refuses a body that lacks one of these fields; `parent.id` is a field of an object.
    pub(super) fn require_fields(&self, fields: &[&str]) -> Result<(), ApiError> {
        let missing = |field: &&&str| {
            let value = self.body.pointer(&format!("/{}", field.replace('.', "/"))).unwrap_or(&Value::Null);
            value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
        };
        let missing: Vec<_> = fields.iter().filter(missing).map(|field| invalid_field(field, "is required")).collect();
        if missing.is_empty() { Ok(()) } else { Err(ApiError::bad_fields(missing)) }
    }

    pub(super) fn no_method(&self) -> ApiError {
        ApiError::no_method(self.request.method)
    }

    pub(super) fn no_endpoint(&self) -> ApiError {
        ApiError::no_endpoint(self.request.path)
    }
}

/// What is wrong with a field, for [`ApiError::bad_fields`].
pub(super) fn invalid_field(field: &str, fault: &str) -> (String, String) {
    (field.to_owned(), format!("The field {field} {fault}"))
}

/// Answers a request in a state that has been brought up to date.
pub(super) fn answer(state: &mut State, request: &Request, clock: &Clock) -> ApiResult {
    let query: Vec<(String, String)> = form_urlencoded::parse(request.query.as_bytes()).into_owned().collect();
    let caller = identify(state, request.key, &query)?;
    let body = read_body(request)?;
    let parts = segments(request.path)?;
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let call = &Call { request, clock, caller, query, body };
    if call.method() != "GET" && !call.caller.may_write {
        return Err(ApiError::forbidden());
    }
    match parts.as_slice() {
        ["organizations", rest @ ..] => administration::organizations(state, call, rest),
        ["users", rest @ ..] => administration::users(state, call, rest),
        ["roles", rest @ ..] => administration::roles(state, call, rest),
        ["quotas", rest @ ..] => administration::quotas(state, call, rest),
        ["environments", rest @ ..] => environments::answer(state, call, rest),
        ["services", "connections", rest @ ..] => connections::answer(state, call, rest),
        ["services", "descriptors", rest @ ..] => connections::descriptor(call, rest),
        ["services", code, environment, kind, rest @ ..] => {
            entities::answer(state, call, &entities::EntityPath { code, environment, kind }, &rest.join("/"))
        }
        ["tasks", rest @ ..] => tasks::answer(state, call, rest),
        ["activity_log", rest @ ..] => activity_log::answer(state, call, rest),
        ["usage_summary", "organizations", rest @ ..] => usage::answer(state, call, rest),
        ["cache", "fetcher"] if call.method() == "DELETE" => Ok(crate::sandbox::cloudmc::reply::Payload::Empty),
        ["cache", "fetcher"] => Err(call.no_method()),
        _ => Err(call.no_endpoint()),
    }
}

/// The parts of a path; a slash within an id is one between two parts.
fn segments(path: &str) -> Result<Vec<String>, ApiError> {
    if path.to_ascii_uppercase().contains("%2F") {
        return Err(ApiError::bad_request("The path has an encoded slash"));
    }
    let decode = |part: &str| percent_decode_str(part).decode_utf8().map(std::borrow::Cow::into_owned);
    path.trim_start_matches('/')
        .split('/')
        .map(|part| decode(part).map_err(|_| ApiError::bad_request("The path is not UTF-8")))
        .collect()
}

fn identify(state: &State, key: Option<&str>, query: &[(String, String)]) -> Result<Caller, ApiError> {
    let name = match key {
        Some(KEY) => "mira",
        Some(READER_KEY) => "ines",
        _ => return Err(ApiError::unauthenticated()),
    };
    let user = state.collection("users").iter().find(|user| user["userName"] == name && user["status"] == "ACTIVE");
    let user = user.ok_or_else(ApiError::unauthenticated)?;
    let home = text(&user["organization"], "id");
    let may_write = name == "mira";
    let wanted =
        query.iter().rfind(|(name, id)| name == "org_id" && !id.is_empty()).map_or(home, |(_, id)| id.as_str());
    if wanted != home && !may_write {
        return Err(ApiError::forbidden());
    }
    let organization = state.get("organizations", wanted, "Organization")?;
    Ok(Caller { user: user.clone(), organization: organization.clone(), may_write })
}

fn read_body(request: &Request) -> Result<Value, ApiError> {
    if request.body.trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    if !request.content_type.contains("json") {
        return Err(ApiError::bad_request("The body must be JSON, and the header Content-Type must say so"));
    }
    match serde_json::from_slice(request.body) {
        Ok(body @ Value::Object(_)) => Ok(body),
        Ok(_) => Err(ApiError::bad_request("The body must be a JSON object")),
        Err(error) => Err(ApiError::bad_request(format!("The body is not JSON: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_apart_at_its_slashes() {
        let parts = |path| segments(path).unwrap_or_default();
        assert_eq!(parts("/users"), ["users"]);
        assert_eq!(parts("/services/a/b/sshkeys/my%20key"), ["services", "a", "b", "sshkeys", "my key"]);
        assert_eq!(
            parts("/services/a/b/objects/east/photos/"),
            ["services", "a", "b", "objects", "east", "photos", ""]
        );
        assert!(segments("/services/a/b/instances/x%2fy").is_err());
    }
}
