//! Replies of the Cloud 66 API, for scripted servers.

use serde_json::{Value, json};

/// The stack of scripted servers: a full UID, so that nothing is looked up.
pub const UID: &str = "0123456789abcdef0123456789abcdef";

/// A successful reply with `value` under `response`.
pub fn good(value: &Value) -> (u16, String) {
    (200, json!({ "response": value }).to_string())
}

/// A successful reply with one page of a list.
pub fn list(items: &[Value]) -> (u16, String) {
    let pagination =
        json!({ "previous": null, "next": null, "current": 1, "per_page": 30, "count": items.len(), "pages": 1 });
    (200, json!({ "response": items, "count": items.len(), "pagination": pagination }).to_string())
}

/// A refusal in the documented form.
pub fn refusal(status: u16, error: &str, details: &str) -> (u16, String) {
    (status, json!({ "error": error, "error_description": details, "details": details }).to_string())
}

/// A deployment as the API shows it; without an outcome it is still running.
pub fn deployment(id: u64, via: &str, outcome: Option<&str>) -> Value {
    json!({
        "id": id, "triggered_by": "test@cloud66.com", "triggered_via": { "code": 2, "meaning": via },
        "started_at": "2026-01-01T00:00:00Z", "finished_at": outcome.map(|_| "2026-01-01T00:00:09Z"),
        "outcome": { "code": 0, "meaning": outcome.unwrap_or("in progress") },
        "git_hash": "5675fcd8f9e6dc534ecf1410c0661c066097e310", "deploy_type": { "code": 0, "meaning": "build" },
        "is_live": outcome == Some("success"), "is_deploying": outcome.is_none(),
        "commit_url": format!("https://github.com/o/r/commit/{id}"),
    })
}

/// An action as the API shows it; without a finish time it is still running.
pub fn action(id: u64, finished: bool, success: Option<bool>, message: Option<&str>) -> Value {
    json!({
        "id": id, "user": "test@cloud66.com", "resource_type": "stack", "action": "redeploy", "resource_id": "283",
        "started_via": "api", "started_at": "2026-01-01T00:00:00Z",
        "finished_at": finished.then_some("2026-01-01T00:00:09Z"), "finished_success": success, "finished_message": message,
    })
}
