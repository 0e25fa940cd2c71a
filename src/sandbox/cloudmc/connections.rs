//! Service connections, and what their plugins say of themselves.

use serde_json::{Map, Value, json};

use super::entities::types;
use super::entities::types::EntityType;
use super::reply::{ApiError, ApiResult, data};
use super::router::{Call, invalid_field};
use super::state::{State, text};
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
        // One connection comes as a list of one.
        ("GET", [id]) => Ok(data(json!([find(id)?]))),
        ("GET", [_, "apiInfo"]) if !call.caller.may_write => Err(ApiError::forbidden()),
        ("GET", [id, "apiInfo"]) => {
            let connection = find(id)?;
            let Some(environment) = call.query("environmentId") else {
                return Err(ApiError::bad_fields(vec![invalid_field("environmentId", "is required")]));
            };
            state.get("environments", environment, "Environment")?;
            Ok(data(api_info(text(connection, "serviceCode"), environment)))
        }
        (_, [] | [_] | [_, "apiInfo"]) => Err(call.no_method()),
        _ => Err(call.no_endpoint()),
    }
}

/// What is needed to speak to the cloud behind a connection.
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

/// `GET /services/descriptors/:type`
pub(super) fn descriptor(call: &Call, rest: &[&str]) -> ApiResult {
    let [plugin] = rest else { return Err(call.no_endpoint()) };
    if call.method() != "GET" {
        return Err(call.no_method());
    }
    let kinds = types::of(plugin);
    if kinds.is_empty() {
        return Err(ApiError::not_found("Plugin", plugin, "descriptors"));
    }
    let entities: Vec<Value> = kinds.iter().map(|kind| entity(plugin, kind)).collect();
    let computes = kinds.iter().any(|kind| kind.name == "instances");
    Ok(data(json!({
        "type": plugin,
        "entityDescriptors": entities,
        "infraEntityDescriptors": [],
        "supportsInfra": false,
        "supportsBrownfield": true,
        "supportedWidgets": [],
        "hasPluginEnvironmentRoles": false,
        "quotaMetricIdentifiers": if computes { vec!["instance.cpu.reserved_cores"] } else { vec![] },
        "supportsQuota": computes,
        "supportsEnvironmentMetrics": false,
        "supportsApiCredentials": true,
        "supportsPolicies": true,
        "supportsUsage": true,
        "supportsPricingV2": true,
        "supportsCaching": false,
        "supportsMetric": false,
        "metricDescriptors": [],
        "entityRelationships": if computes {
            json!({ "volumes": [{ "entityType": "instances", "relationshipType": "PARENT" }] })
        } else {
            json!({})
        },
        "extensions": {},
    })))
}

fn entity(plugin: &str, kind: &EntityType) -> Value {
    let operations: Map<String, Value> = kind
        .operations()
        .map(|(name, default)| {
            let mut operation = json!({
                "name": name,
                "serviceType": plugin,
                "immediateAction": false,
                "isDownload": false,
            });
            if let Some(default) = default {
                operation["defaultOperationType"] = default.into();
            }
            operation["permissionLevel"] = "BASE".into();
            (name.to_owned(), operation)
        })
        .collect();
    let view = json!({
        "serviceType": plugin,
        "view": "LIST",
        "defaultView": false,
        "defaultSpecificView": false,
    });
    json!({
        "type": kind.name,
        "serviceType": plugin,
        "system": false,
        "operations": operations,
        "costEstimators": [],
        "viewBuilders": [view],
    })
}
