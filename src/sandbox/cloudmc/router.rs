//! Routes a request below the root of the small `CloudMC`: key, organization, body, path.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::call::{Call, Caller, Request};
use super::entities::EntityPath;
use super::objects::text;
use super::reply::{ApiError, ApiResult, Payload};
use super::{
    KEY, READER_KEY, State, activity_log, connections, descriptors, entities, environments, organizations, quotas,
    roles, tasks, usage, users,
};
use crate::sandbox::clock::Clock;

/// Answers a request after everything that was due has been applied.
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
        ["organizations", rest @ ..] => organizations::answer(state, call, rest),
        ["users", rest @ ..] => users::answer(state, call, rest),
        ["roles", rest @ ..] => roles::answer(state, call, rest),
        ["quotas", rest @ ..] => quotas::answer(state, call, rest),
        ["environments", rest @ ..] => environments::answer(state, call, rest),
        ["services", "connections", rest @ ..] => connections::answer(state, call, rest),
        ["services", "descriptors", rest @ ..] => descriptors::answer(call, rest),
        ["services", code, environment, kind, rest @ ..] => {
            entities::answer(state, call, &EntityPath { code, environment, kind }, &rest.join("/"))
        }
        ["tasks", rest @ ..] => tasks::answer(state, call, rest),
        ["activity_log", rest @ ..] => activity_log::answer(state, call, rest),
        ["usage_summary", "organizations", rest @ ..] => usage::answer(state, call, rest),
        ["cache", "fetcher"] if call.method() == "DELETE" => Ok(Payload::Empty),
        ["cache", "fetcher"] => Err(call.method_not_allowed()),
        _ => Err(call.endpoint_not_found()),
    }
}

/// The segments of a path; a slash in an ID separates two of them.
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
        return Err(ApiError::bad_request("The body must be JSON with a JSON Content-Type header"));
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
    fn a_path_is_split_at_its_slashes() {
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
