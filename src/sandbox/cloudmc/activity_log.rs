//! The activity log: the operations, their users, and their results.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::objects::{Change, text};
use super::reply::{ApiError, ApiResult, data};
use crate::sandbox::clock::iso_with_millis;

/// The collection of the log; newest entry first.
const LOG: &str = "activity";
/// Number of stored entries.
const MAX_ENTRIES: usize = 200;

/// An operation to log.
pub(super) struct ActivityEvent {
    /// Such as `instances.stop`.
    pub(super) code: String,
    /// Its environment, if any.
    pub(super) environment: Option<Value>,
    /// Its target.
    pub(super) context: Value,
}

/// Adds an entry for an operation that starts now; returns its ID.
pub(super) fn start(state: &mut State, call: &Call, event: &ActivityEvent) -> String {
    let (id, correlation, now) = (state.new_id(), state.new_id(), iso_with_millis(call.clock.now));
    let (user, organization) = (&call.caller.user, &call.caller.organization);
    let mut entry = json!({
        "id": id,
        "correlationId": correlation,
        "eventCode": event.code,
        "category": if event.environment.is_some() { "SERVICE" } else { "SYSTEM" },
        "status": "PENDING",
        "created": now,
        "updated": now,
        "userId": user["id"],
        "username": user["userName"],
        "userFirstname": user["firstName"],
        "userLastname": user["lastName"],
        "userEmail": user["email"],
        "userOrganizationId": user["organization"]["id"],
        "userOrganizationName": user["organization"]["name"],
        "organizationId": organization["id"],
        "organizationName": organization["name"],
        "requesterIp": call.request.caller_address,
        "eventContext": event.context.to_string(),
    });
    if let Some(environment) = &event.environment {
        entry["environmentId"] = environment["id"].clone();
        entry["environmentName"] = environment["name"].clone();
        entry["serviceConnectionId"] = environment["serviceConnection"]["id"].clone();
    }
    state.add_first(LOG, entry);
    if let Some(oldest) = state.collection(LOG).get(MAX_ENTRIES).map(|entry| text(entry, "id").to_owned()) {
        state.apply(Change::remove(LOG, &oldest));
    }
    id
}

/// Sets the status of an entry.
pub(super) fn finish(state: &mut State, id: &str, status: &str, at: Timestamp) {
    state.apply(Change::set(LOG, id, &json!({ "status": status, "updated": iso_with_millis(at) })));
}

/// `GET /activity_log`
pub(super) fn answer(state: &State, call: &Call, rest: &[&str]) -> ApiResult {
    match (call.method(), rest) {
        ("GET", []) => {}
        (_, []) => return Err(call.method_not_allowed()),
        _ => return Err(call.endpoint_not_found()),
    }
    let (start, end) = (moment(call, "start")?, moment(call, "end")?);
    let organization = call.query("organizationId").unwrap_or_else(|| text(&call.caller.organization, "id"));
    let below = call.flag("includeSubOrgs");
    let fits = |entry: &&Value| {
        let same = |parameter, field| call.query(parameter).is_none_or(|wanted| text(entry, field) == wanted);
        let created = text(entry, "created").parse::<Timestamp>().ok();
        (text(entry, "organizationId") == organization || below)
            && (!call.flag("only_mine") || entry["userId"] == call.caller.user["id"])
            && same("environmentId", "environmentId")
            && same("serviceConnectionId", "serviceConnectionId")
            && same("userId", "userId")
            && same("category", "category")
            && same("eventCode", "eventCode")
            && same("status", "status")
            && start.is_none_or(|start| created >= Some(start))
            && end.is_none_or(|end| created < Some(end))
    };
    Ok(data(state.collection(LOG).iter().filter(fits).cloned().collect()))
}

fn moment(call: &Call, name: &str) -> Result<Option<Timestamp>, ApiError> {
    let refuse = |_| ApiError::bad_request(format!("{name} must be a date and time of RFC 3339"));
    call.query(name).map(|text| text.parse().map_err(refuse)).transpose()
}
