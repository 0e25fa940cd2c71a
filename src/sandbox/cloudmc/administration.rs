//! Organizations, users, roles and quotas.

use serde_json::{Value, json};

use super::activity_log::{ActivityEvent, exact};
use super::reply::{ApiError, ApiResult, ErrorObject, data};
use super::router::{Call, invalid_field};
use super::state::{Change, State, pick, text};
use super::tasks::{NewTask, TaskForm};

/// How long a change of this kind takes, in seconds of life.
const SECONDS: f64 = 2.0;

/// What is agreed to fail: whatever is tried on something whose name begins so.
pub(super) fn is_meant_to_fail(name: &str) -> bool {
    name.starts_with("doomed")
}

/// Why something of this kind fails, that is agreed to.
pub(super) fn intended_failure(message: &str, kind: &str, id: &str) -> ErrorObject {
    ErrorObject::wrong_state(message, kind, id, "Unknown", &[])
}

/// `/organizations`
pub(super) fn organizations(state: &mut State, call: &Call, rest: &[&str]) -> ApiResult {
    let own = call.organization();
    let visible = |item: &&Value| text(item, "lineage").contains(own);
    match (call.method(), rest) {
        ("GET", []) => {
            let shown = state.collection("organizations").iter().filter(visible);
            Ok(data(shown.map(|item| organization(state, item)).collect()))
        }
        ("GET", [id]) => {
            let found = state.get("organizations", id, "Organization")?;
            let mut shown = organization(state, Some(found).filter(visible).ok_or_else(ApiError::forbidden)?);
            for (field, value) in [("notes", json!("")), ("quotas", json!([])), ("customFieldDefinitions", json!([]))] {
                shown[field] = value;
            }
            Ok(data(shown))
        }
        ("POST", []) => create_organization(state, call),
        ("PUT", [id]) => {
            state.get("organizations", id, "Organization")?;
            let fields = pick(&call.body, &["name", "entryPoint", "isBillable", "billingMode"]);
            state.apply(Change::set("organizations", id, &fields));
            let shown = organization(state, state.get("organizations", id, "Organization")?);
            let started =
                state.start(call, work("organizations.updated", Vec::new(), Ok(None), pick(&shown, &["name"])));
            Ok(started.reply(Some(shown)))
        }
        ("DELETE", [id]) => delete_organization(state, call, id),
        (_, [] | [_]) => Err(call.no_method()),
        _ => Err(call.no_endpoint()),
    }
}

/// An organization with what belongs to it by now.
fn organization(state: &State, item: &Value) -> Value {
    let of = |collection: &str| {
        let mut things = state.collection(collection).to_vec();
        things.retain(|thing| thing["organization"]["id"] == item["id"]);
        things
    };
    let mut shown = item.clone();
    shown["environments"] = of("environments").iter().map(|thing| pick(thing, &["id", "deleted"])).collect();
    shown["users"] = of("users").iter().map(|thing| pick(thing, &["id", "userName", "deleted"])).collect();
    shown
}

fn create_organization(state: &mut State, call: &Call) -> ApiResult {
    call.require_fields(&["name", "entryPoint"])?;
    let (name, entry_point) = (text(&call.body, "name"), text(&call.body, "entryPoint"));
    if !(2..=50).contains(&name.chars().count()) {
        return Err(ApiError::bad_fields(vec![invalid_field("name", "must have 2 to 50 characters")]));
    }
    if state.collection("organizations").iter().any(|known| text(known, "entryPoint").eq_ignore_ascii_case(entry_point))
    {
        return Err(ApiError::bad_fields(vec![invalid_field("entryPoint", "is taken already")]));
    }
    let above = call.body["parent"]["id"].as_str().unwrap_or_else(|| call.organization());
    let above = state.get("organizations", above, "Organization")?.clone();
    let id = state.new_id();
    let now = exact(call.clock.now);
    let mut item = above.clone();
    let lineage = format!("{}, {id}", text(&above, "lineage"));
    for (field, value) in [
        ("id", json!(id)),
        ("lineage", json!(lineage)),
        ("name", json!(name)),
        ("entryPoint", json!(entry_point)),
        ("billableStartDate", json!(now)),
        ("creationDate", json!(now)),
        ("serviceConnections", json!([])),
        ("parent", pick(&above, &["id", "name"])),
    ] {
        item[field] = value;
    }
    let connections = call.body["serviceConnections"].as_array().into_iter().flatten();
    item["serviceConnections"] = connections
        .map(|wanted| {
            let connection = state.get("connections", text(wanted, "id"), "Service connection")?;
            Ok(json!({ "id": connection["id"], "serviceCode": connection["serviceCode"], "state": "PROVISIONED" }))
        })
        .collect::<Result<Vec<Value>, ApiError>>()?
        .into();
    state.apply(Change::Add { collection: "organizations".into(), object: item.clone() });
    let shown = organization(state, &item);
    let result = Ok(Some(pick(&item, &["id", "name"])));
    let started = state.start(call, work("organizations.created", Vec::new(), result, pick(&item, &["name"])));
    Ok(started.reply(Some(shown)))
}

fn delete_organization(state: &mut State, call: &Call, id: &str) -> ApiResult {
    let item = organization(state, state.get("organizations", id, "Organization")?);
    let has_below = state.collection("organizations").iter().any(|other| other["parent"]["id"] == item["id"]);
    if item["id"] == call.caller.user["organization"]["id"] || has_below {
        return Err(ApiError::bad_request(
            "Your own organization and one that has sub-organizations cannot be deleted",
        ));
    }
    if !item["environments"].as_array().is_none_or(Vec::is_empty) {
        return Err(ApiError::bad_request("The organization still has environments"));
    }
    let changes = vec![Change::remove("organizations", id)];
    Ok(state.start(call, work("organizations.deleted", changes, Ok(None), pick(&item, &["name"]))).reply(None))
}

/// `/users`
pub(super) fn users(state: &mut State, call: &Call, rest: &[&str]) -> ApiResult {
    // Without the permission to read users, one sees only oneself.
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
        ("POST", []) => create_user(state, call),
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
            // The second time, the user goes whatever stands in the way.
            let fails = is_meant_to_fail(text(&user, "userName")) && user["status"] != "DISABLED";
            state.apply(Change::set("users", id, &json!({ "status": "DISABLED" })));
            let (changes, outcome) = if fails {
                (Vec::new(), Err(intended_failure("The user cannot be removed from every service", "users", id)))
            } else {
                (vec![Change::remove("users", id)], Ok(None))
            };
            Ok(state.start(call, work("users.deleted", changes, outcome, pick(&user, &["userName"]))).reply(None))
        }
        (_, [] | [_]) => Err(call.no_method()),
        _ => Err(call.no_endpoint()),
    }
}

fn create_user(state: &mut State, call: &Call) -> ApiResult {
    call.require_fields(&["userName", "firstName", "lastName", "email", "primaryRoleBinding.role.id"])?;
    let role = text(&call.body["primaryRoleBinding"]["role"], "id");
    let role = pick(state.get("roles", role, "Role")?, &["isSystem", "name", "id", "isFixed"]);
    let name = text(&call.body, "userName");
    if state.collection("users").iter().any(|user| text(user, "userName") == name) {
        return Err(ApiError::bad_fields(vec![invalid_field("userName", "is taken already")]));
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
        "creationDate": exact(call.clock.now),
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
    state.apply(Change::Add { collection: "users".into(), object: user.clone() });
    let result = Ok(Some(pick(&user, &["id", "userName"])));
    let started = state.start(call, work("users.created", Vec::new(), result, pick(&user, &["userName"])));
    Ok(started.reply(Some(user)))
}

/// `GET /roles`
pub(super) fn roles(state: &State, call: &Call, rest: &[&str]) -> ApiResult {
    match (call.method(), rest) {
        ("GET", []) => {
            let mut shown = state.collection("roles").to_vec();
            shown.retain(|role| {
                let wanted = call.query("filter_scope").or(call.query("environment_id").map(|_| "ENV"));
                wanted.is_none_or(|scope| text(role, "defaultScope") == scope)
                    && (!call.flag("system_only") || role["isSystem"] == true)
            });
            Ok(data(shown.into()))
        }
        (_, []) => Err(call.no_method()),
        _ => Err(call.no_endpoint()),
    }
}

/// `GET /quotas` and `GET /quotas/:id`
pub(super) fn quotas(state: &State, call: &Call, rest: &[&str]) -> ApiResult {
    match (call.method(), rest) {
        ("GET", []) => Ok(data(state.collection("quotas").into())),
        ("GET", [id]) => Ok(data(state.get("quotas", id, "Quota")?.clone())),
        (_, [] | [_]) => Err(call.no_method()),
        _ => Err(call.no_endpoint()),
    }
}

fn work(code: &str, changes: Vec<Change>, outcome: Result<Option<Value>, ErrorObject>, context: Value) -> NewTask {
    let event = ActivityEvent { code: code.to_owned(), environment: None, context };
    NewTask { seconds: SECONDS, form: TaskForm::Flat, changes, outcome, event }
}
