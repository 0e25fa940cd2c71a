//! The activity log: what was done, by whom, and how it went.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::objects::{Change, text};
use super::reply::{ApiError, ApiResult, data};
use crate::sandbox::clock::iso_with_millis;

/// The collection of the log; the newest entry comes first.
const LOG: &str = "activity";
/// How many entries are kept.
const MAX_ENTRIES: usize = 200;

/// Something that is logged.
pub(super) struct ActivityEvent {
    /// Such as `instances.stop`.
    pub(super) code: String,
    /// The environment in which it happens, if it happens in one.
    pub(super) environment: Option<Value>,
    /// What it is about.
    pub(super) context: Value,
}

/// Adds an entry for something that starts now; gives its ID.
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
