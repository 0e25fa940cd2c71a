//! Users.

use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::objects::{Change, pick, text};
use super::reply::{ApiError, ApiResult, ErrorObject, data};
use super::tasks::{NewTask, is_meant_to_fail};
use crate::sandbox::clock::iso_with_millis;

/// `/users`
pub(super) fn answer(state: &mut State, call: &Call, rest: &[&str]) -> ApiResult {
    // Callers without access to users see only themselves.
    let visible = |user: &Value| {
        user["organization"]["id"] == call.caller.organization["id"]
            && (call.caller.may_write || user["id"] == call.caller.user["id"])
    };
    let find = |state: &State, id: &str| {
        let found = state.find("users", id).filter(|user| visible(user));
        found.cloned().ok_or_else(|| ApiError::not_found("User", id, "users"))
    };
    match (call.method(), rest) {
        ("GET", []) => {
            let mut shown = state.collection("users").to_vec();
            shown.retain(visible);
            for user in shown.iter_mut().filter_map(Value::as_object_mut) {
                user.shift_remove("serviceConnections");
            }
            Ok(data(shown.into()))
        }
        ("GET", [id]) => Ok(data(find(state, id)?)),
        ("POST", []) => create(state, call),
        ("PUT", [id]) => {
            find(state, id)?;
            let fields = pick(&call.body, &["userName", "firstName", "lastName", "email"]);
            state.apply(Change::set("users", id, &fields));
            Ok(data(find(state, id)?))
        }
        ("DELETE", [id]) => {
            let user = find(state, id)?;
            if user["id"] == call.caller.user["id"] {
                return Err(ApiError::bad_request("You cannot delete yourself"));
            }
            // The second time, the user is removed in any case.
            let fails = is_meant_to_fail(text(&user, "userName")) && user["status"] != "DISABLED";
            state.apply(Change::set("users", id, &json!({ "status": "DISABLED" })));
            let (changes, outcome) = if fails {
                (Vec::new(), Err(ErrorObject::intended("The user cannot be removed from every service", "users", id)))
            } else {
                (vec![Change::remove("users", id)], Ok(None))
            };
            Ok(state
                .start_task(call, NewTask::for_system("users.deleted", changes, outcome, pick(&user, &["userName"])))
                .reply(None))
        }
        (_, [] | [_]) => Err(call.method_not_allowed()),
        _ => Err(call.endpoint_not_found()),
    }
}

fn create(state: &mut State, call: &Call) -> ApiResult {
    call.require_fields(&["userName", "firstName", "lastName", "email", "primaryRoleBinding.role.id"])?;
    let role = text(&call.body["primaryRoleBinding"]["role"], "id");
    let role = pick(state.get("roles", role, "Role")?, &["isSystem", "name", "id", "isFixed"]);
    let name = text(&call.body, "userName");
    if state.collection("users").iter().any(|user| text(user, "userName") == name) {
        return Err(ApiError::bad_field("userName", "is already taken"));
    }
    let organization = call.body["organization"]["id"].as_str().unwrap_or_else(|| call.organization());
    let organization = pick(state.get("organizations", organization, "Organization")?, &["id", "name"]);
    let (id, binding) = (state.new_id(), state.new_id());
    let user = json!({
        "id": id,
        "userName": name,
        "firstName": call.body["firstName"],
        "lastName": call.body["lastName"],
        "email": call.body["email"],
        "creationDate": iso_with_millis(call.clock.now),
        "status": "ACTIVE",
        "locale": "en",
        "organization": organization,
        "serviceConnections": [],
        "lastLogin": null,
        "lastFailedLogin": null,
        "loginCount": 0,
        "failedLoginCount": 0,
        "isBusinessContact": false,
        "isTechnicalContact": false,
        "tfaEnabled": false,
        "deleted": false,
        "receivesEmailNotifications": true,
        "canResendUserCreationEmail": true,
        "backupCodesRemaining": 0,
        "primaryRoleBinding": { "id": binding, "role": role },
    });
    state.apply(Change::add("users", user.clone()));
    let result = Ok(Some(pick(&user, &["id", "userName"])));
    let started =
        state.start_task(call, NewTask::for_system("users.created", Vec::new(), result, pick(&user, &["userName"])));
    Ok(started.reply(Some(user)))
}
