//! Descriptors: a plugin's description of its entity types.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::entities::types::{self, EntityType};
use super::reply::{ApiError, ApiResult, data};

/// `GET /services/descriptors/:type`
pub(super) fn answer(call: &Call, rest: &[&str]) -> ApiResult {
    let [plugin] = rest else { return Err(call.endpoint_not_found()) };
    if call.method() != "GET" {
        return Err(call.method_not_allowed());
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
