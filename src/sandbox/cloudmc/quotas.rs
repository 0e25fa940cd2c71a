//! Quotas, which are enforced when instances are created or resized.

use serde_json::Value;

use super::State;
use super::call::Call;
use super::objects::text;
use super::reply::{ApiError, ApiResult, data};

/// `GET /quotas` and `GET /quotas/:id`
pub(super) fn answer(state: &State, call: &Call, rest: &[&str]) -> ApiResult {
    match (call.method(), rest) {
        ("GET", []) => Ok(data(state.collection("quotas").into())),
        ("GET", [id]) => Ok(data(state.get("quotas", id, "Quota")?.clone())),
        (_, [] | [_]) => Err(call.method_not_allowed()),
        _ => Err(call.endpoint_not_found()),
    }
}

/// Refuses `requested` cores in a collection of instances if they exceed the quota of the connection; `except` is the
/// instance that is resized.
pub(super) fn check(
    state: &State,
    connection: &Value,
    instances: &str,
    requested: u64,
    except: Option<&str>,
) -> Result<(), ApiError> {
    let mut quotas = state.collection("quotas").iter().filter(|quota| quota["serviceConnection"]["id"] == *connection);
    let Some(limit) = quotas.find_map(|quota| quota["quotaDetails"][0]["ceiling"].as_u64()) else { return Ok(()) };
    let others = state.collection(instances).iter().filter(|instance| Some(text(instance, "id")) != except);
    let used: u64 = others.filter_map(|instance| instance["cpuCount"].as_u64()).sum();
    if used + requested > limit { Err(ApiError::quota("vCPUs", limit, used, requested)) } else { Ok(()) }
}
