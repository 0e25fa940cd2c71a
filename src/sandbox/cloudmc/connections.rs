//! Service connections.

use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::objects::text;
use super::reply::{ApiError, ApiResult, data};
use crate::sandbox::pseudorandom;

/// `/services/connections`
pub(super) fn answer(state: &State, call: &Call, rest: &[&str]) -> ApiResult {
    let organization = call.query("organizationId").unwrap_or_else(|| call.organization());
    let organization = state.get("organizations", organization, "Organization")?;
    let granted = organization["serviceConnections"].as_array().map_or(&[][..], Vec::as_slice);
    let visible = |item: &&Value| granted.iter().any(|connection| connection["id"] == item["id"]);
    let find = |id: &str| {
        let found = state.find("connections", id).filter(visible);
        found.ok_or_else(|| ApiError::not_found("Service connection", id, "connections"))
    };
    match (call.method(), rest) {
        ("GET", []) => Ok(data(state.collection("connections").iter().filter(visible).cloned().collect())),
        // A single connection is a list of one too.
        ("GET", [id]) => Ok(data(json!([find(id)?]))),
        ("GET", [_, "apiInfo"]) if !call.caller.may_write => Err(ApiError::forbidden()),
        ("GET", [id, "apiInfo"]) => {
            let connection = find(id)?;
            let Some(environment) = call.query("environmentId") else {
                return Err(ApiError::bad_field("environmentId", "is required"));
            };
            state.get("environments", environment, "Environment")?;
            Ok(data(api_info(text(connection, "serviceCode"), environment)))
        }
        (_, [] | [_] | [_, "apiInfo"]) => Err(call.method_not_allowed()),
        _ => Err(call.endpoint_not_found()),
    }
}

/// The credentials for the API of the cloud of a connection.
fn api_info(code: &str, environment: &str) -> Value {
    let field = |key: &str, value: String, sensitive: bool, environment_specific: bool| {
        json!({
            "key": key,
            "value": value,
            "sensitive": sensitive,
            "environmentSpecific": environment_specific,
        })
    };
    let secret = |name: &str| pseudorandom::alphanumeric(&format!("{code} {name}"), 32);
    json!({
        "canRegenerateCredentials": true,
        "fields": [
            field("endpoint", format!("https://{code}.backend.example/client/api"), false, false),
            field("api_key", secret("key"), true, false),
            field("secret_key", secret("secret"), true, false),
            field("project_id", environment.to_owned(), false, true),
        ],
    })
}
