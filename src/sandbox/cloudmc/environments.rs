//! Environments and their members.

use serde_json::{Value, json};

use super::State;
use super::activity_log::ActivityEvent;
use super::call::Call;
use super::objects::{Change, pick, text};
use super::reply::{ApiError, ApiResult, ErrorObject, data};
use super::tasks::{NewTask, TaskForm, is_meant_to_fail};
use crate::sandbox::clock::iso_with_millis;

/// How long it takes to provision or purge an environment, in seconds at normal speed.
const DURATION: f64 = 4.0;

/// `/environments`
pub(super) fn answer(state: &mut State, call: &Call, rest: &[&str]) -> ApiResult {
    match (call.method(), rest) {
        ("GET", []) => {
            let mut shown = state.collection("environments").to_vec();
            shown.retain(|item| item["organization"]["id"] == call.caller.organization["id"]);
            Ok(data(shown.into()))
        }
        ("GET", [id]) => Ok(data(environment(state, call, id)?)),
        ("POST", []) => create(state, call),
        ("PUT", [id]) => {
            environment(state, call, id)?;
            let fields = pick(&call.body, &["name", "description", "membership"]);
            state.apply(Change::set("environments", id, &fields));
            let item = environment(state, call, id)?;
            let started = state.start_task(call, task("environments.updated", &item, Vec::new(), Ok(None)));
            Ok(started.reply(Some(item)))
        }
        ("DELETE", [id]) => delete(state, call, id),
        (_, [] | [_]) => Err(call.method_not_allowed()),
        (_, [id, "members", rest @ ..]) => members(state, call, id, rest),
        _ => Err(call.endpoint_not_found()),
    }
}

/// The environment with that ID in the organization of the call.
pub(super) fn environment(state: &State, call: &Call, id: &str) -> Result<Value, ApiError> {
    let found = state.get("environments", id, "Environment")?;
    if text(&found["organization"], "id") == call.organization() {
        Ok(found.clone())
    } else {
        Err(ApiError::not_found("Environment", id, "environments"))
    }
}

fn create(state: &mut State, call: &Call) -> ApiResult {
    call.require_fields(&["name", "serviceConnection.id"])?;
    let name = text(&call.body, "name");
    if !name.chars().all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '-' | '_')) {
        return Err(ApiError::bad_field("name", "may have lower-case letters, digits, - and _"));
    }
    let connection = text(&call.body["serviceConnection"], "id");
    let connection = state.get("connections", connection, "Service connection")?;
    let connection = pick(connection, &["id", "name", "serviceCode", "type"]);
    let taken = |other: &Value| text(other, "name") == name && other["serviceConnection"]["id"] == connection["id"];
    if state.collection("environments").iter().any(taken) {
        return Err(ApiError::bad_field("name", "is already taken in this service connection"));
    }
    let membership = call.body["membership"].as_str().unwrap_or("MANY_USERS");
    if !["MANY_USERS", "ALL_ORG_USERS"].contains(&membership) {
        return Err(ApiError::bad_field("membership", "must be MANY_USERS or ALL_ORG_USERS"));
    }
    let organization = call.body["organization"]["id"].as_str().unwrap_or_else(|| call.organization());
    let organization = pick(state.get("organizations", organization, "Organization")?, &["id", "name", "entryPoint"]);
    let owner = state.collection("roles").iter().find(|role| role["name"] == "Owner").cloned().unwrap_or_default();
    let fields = ["id", "name", "isSystem", "isDefault", "deleted", "isFixed", "defaultScope", "creationDate"];
    let (id, member) = (state.new_id(), state.new_id());
    let item = json!({
        "id": id,
        "name": name,
        "description": call.body["description"].as_str().unwrap_or_default(),
        "metadata": { "mode": "project" },
        "defaultRole": pick(&owner, &fields),
        "membership": membership,
        "creationDate": iso_with_millis(call.clock.now),
        "deleted": false,
        "organization": organization,
        "allowExternalMembers": false,
        "state": "PROVISIONING",
        "serviceConnection": connection,
    });
    state.apply(Change::add("environments", item.clone()));
    let founder = new_member(call, &member, &owner, &call.caller.user, &id);
    state.apply(Change::add(&members_of(&id), founder));
    let doomed = is_meant_to_fail(name);
    let after = if doomed { "ERROR_PROVISIONING" } else { "PROVISIONED" };
    let changes = vec![Change::set("environments", &id, &json!({ "state": after }))];
    let outcome = if doomed {
        Err(ErrorObject::intended("The environment cannot be provisioned", "environments", &id))
    } else {
        Ok(Some(pick(&item, &["id", "name"])))
    };
    let started = state.start_task(call, task("environments.created", &item, changes, outcome));
    Ok(started.reply_with_status(Some(item)))
}

/// Deletes an environment; one that could not be purged the first time is removed the second time.
fn delete(state: &mut State, call: &Call, id: &str) -> ApiResult {
    let item = environment(state, call, id)?;
    if item["state"] == "PURGING" {
        let fault = "Cannot delete an environment that is being purged";
        let expected = ["PROVISIONED", "ERROR_PROVISIONING", "ERROR_PURGING"];
        return Err(ErrorObject::wrong_state(fault, "environments", id, "PURGING", &expected).into());
    }
    let fails = is_meant_to_fail(text(&item, "name")) && item["state"] != "ERROR_PURGING";
    let (change, outcome) = if fails {
        let failed = Change::set("environments", id, &json!({ "state": "ERROR_PURGING" }));
        (failed, Err(ErrorObject::intended("The environment cannot be purged", "environments", id)))
    } else {
        (Change::RemoveEnvironment { id: id.to_owned() }, Ok(None))
    };
    state.apply(Change::set("environments", id, &json!({ "state": "PURGING" })));
    Ok(state.start_task(call, task("environments.deleted", &item, vec![change], outcome)).reply(None))
}

/// `/environments/:id/members`
fn members(state: &mut State, call: &Call, id: &str, rest: &[&str]) -> ApiResult {
    let item = environment(state, call, id)?;
    let collection = members_of(id);
    let of_user = |state: &State, user: &str| {
        let found = state.collection(&collection).iter().find(|member| text(&member["user"], "id") == user);
        found.map(|member| text(member, "id").to_owned()).ok_or_else(|| ApiError::not_found("Member", user, "members"))
    };
    match (call.method(), rest) {
        ("GET", []) => Ok(data(state.collection(&collection).into())),
        ("POST", []) => {
            call.require_fields(&["user.id", "role.id"])?;
            let user = state.get("users", text(&call.body["user"], "id"), "User")?.clone();
            let role = state.get("roles", text(&call.body["role"], "id"), "Role")?.clone();
            if of_user(state, text(&user, "id")).is_ok() {
                return Err(ApiError::bad_field("user", "is already a member"));
            }
            let member = state.new_id();
            let object = new_member(call, &member, &role, &user, id);
            let changes = vec![Change::add(&collection, object)];
            Ok(state
                .start_task(call, task("environments.member_added", &item, changes, Ok(None)))
                .reply_with_status(None))
        }
        ("PUT", [user]) => {
            call.require_fields(&["role.id"])?;
            let member = of_user(state, user)?;
            let role = pick(state.get("roles", text(&call.body["role"], "id"), "Role")?, &["id", "name"]);
            state.apply(Change::set(&collection, &member, &json!({ "role": role })));
            Ok(data(state.get(&collection, &member, "Member")?.clone()))
        }
        ("DELETE", [user]) => {
            let changes = vec![Change::remove(&collection, &of_user(state, user)?)];
            Ok(state
                .start_task(call, task("environments.member_removed", &item, changes, Ok(None)))
                .reply_with_status(None))
        }
        (_, [] | [_]) => Err(call.method_not_allowed()),
        _ => Err(call.endpoint_not_found()),
    }
}

fn members_of(environment: &str) -> String {
    format!("{environment}/members")
}

fn new_member(call: &Call, id: &str, role: &Value, user: &Value, environment: &str) -> Value {
    json!({
        "id": id,
        "creationDate": iso_with_millis(call.clock.now),
        "state": "PROVISIONED",
        "role": pick(role, &["id", "name"]),
        "user": pick(user, &["id", "firstName", "lastName", "userName", "email"]),
        "metadata": { "membership": "Many" },
        "environment": { "id": environment },
        "scopeQualifier": "ENV",
    })
}

/// A change of an environment.
fn task(code: &str, item: &Value, changes: Vec<Change>, outcome: Result<Option<Value>, ErrorObject>) -> NewTask {
    let event =
        ActivityEvent { code: code.to_owned(), environment: Some(item.clone()), context: pick(item, &["name"]) };
    NewTask { seconds: DURATION, form: TaskForm::Flat, changes, outcome, event }
}
