//! Kubernetes clusters of the account: only one, which is never changed.

use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::reply::{ApiError, ApiResult, object};
use crate::sandbox::pseudorandom;

const ID: u64 = 1;

/// `clusters_list`
pub(super) fn clusters_list(_: &mut State, call: &Call) -> ApiResult {
    call.list(&[cluster()], Value::clone)
}

/// `clusters_show`, by ID or UID: the documentation does not say which one
pub(super) fn clusters_show(_: &mut State, call: &Call) -> ApiResult {
    let (wanted, cluster) = (call.path_param("cluster_id"), cluster());
    if wanted == ID.to_string() || cluster["uid"] == wanted {
        return Ok(object(cluster));
    }
    Err(ApiError::not_found(format!("The account has no cluster `{wanted}`.")))
}

fn cluster() -> Value {
    let node = |number: u64| json!({ "name": format!("node-{number}"), "status": "ready", "instance_type": "m3.medium", "capacity": null });
    json!({
        "id": ID,
        "uid": pseudorandom::hex("the cluster", 32),
        "name": "Main Cluster",
        "environment": "production",
        "cloud": "AWS",
        "region": "us-east-1",
        "status": "active",
        "health": "healthy",
        "kubernetes_version": "1.29.4",
        "node_count": 2,
        "nodes": [node(1), node(2)],
        "created_at": "2023-01-15 10:00:00 UTC",
        "created_at_iso": "2023-01-15T10:00:00Z",
        "updated_at": "2023-01-15 10:20:00 UTC",
        "updated_at_iso": "2023-01-15T10:20:00Z",
    })
}
