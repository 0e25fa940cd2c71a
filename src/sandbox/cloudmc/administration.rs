//! Organizations, users, roles and quotas.

use serde_json::{Value, json};

use super::activity_log::{Event, exact};
use super::reply::{Answer, Fault, Refusal, data};
use super::router::{Call, wrong};
use super::state::{Change, State, part, text};
use super::tasks::{Manner, Work};

/// How long a change of this kind takes, in seconds of life.
const SECONDS: f64 = 2.0;

/// What is agreed to fail: whatever is tried on something whose name begins so.
pub(super) fn is_doomed(name: &str) -> bool {
    name.starts_with("doomed")
}

/// Why something of this kind fails, that is agreed to.
pub(super) fn doom(message: &str, kind: &str, id: &str) -> Fault {
    Fault::wrong_state(message, kind, id, "Unknown", &[])
}

/// `/organizations`
pub(super) fn organizations(state: &mut State, call: &Call, rest: &[&str]) -> Answer {
    let own = call.organization();
    let visible = |item: &&Value| text(item, "lineage").contains(own);
    match (call.method(), rest) {
        ("GET", []) => {
            let shown = state.drawer("organizations").iter().filter(visible);
            Ok(data(shown.map(|item| organization(state, item)).collect()))
        }
        ("GET", [id]) => {
            let found = state.get("organizations", id, "Organization")?;
            let mut shown = organization(state, Some(found).filter(visible).ok_or_else(Refusal::forbidden)?);
            for (field, value) in [("notes", json!("")), ("quotas", json!([])), ("customFieldDefinitions", json!([]))] {
                shown[field] = value;
            }
            Ok(data(shown))
        }
        ("POST", []) => create_organization(state, call),
        ("PUT", [id]) => {
            state.get("organizations", id, "Organization")?;
            let fields = part(&call.body, &["name", "entryPoint", "isBillable", "billingMode"]);
            state.apply(Change::set("organizations", id, &fields));
            let shown = organization(state, state.get("organizations", id, "Organization")?);
            let begun = state.begin(call, work("organizations.updated", Vec::new(), Ok(None), part(&shown, &["name"])));
            Ok(begun.reply(Some(shown)))
        }
        ("DELETE", [id]) => delete_organization(state, call, id),
        (_, [] | [_]) => Err(call.no_method()),
        _ => Err(call.no_endpoint()),
    }
}

/// An organization with what belongs to it by now.
fn organization(state: &State, item: &Value) -> Value {
    let of = |drawer: &str| {
        let mut things = state.drawer(drawer).to_vec();
        things.retain(|thing| thing["organization"]["id"] == item["id"]);
        things
    };
    let mut shown = item.clone();
    shown["environments"] = of("environments").iter().map(|thing| part(thing, &["id", "deleted"])).collect();
    shown["users"] = of("users").iter().map(|thing| part(thing, &["id", "userName", "deleted"])).collect();
    shown
}

fn create_organization(state: &mut State, call: &Call) -> Answer {
    call.must_have(&["name", "entryPoint"])?;
    let (name, entry_point) = (text(&call.body, "name"), text(&call.body, "entryPoint"));
    if !(2..=50).contains(&name.chars().count()) {
        return Err(Refusal::bad_fields(vec![wrong("name", "must have 2 to 50 characters")]));
    }
    if state.drawer("organizations").iter().any(|known| text(known, "entryPoint").eq_ignore_ascii_case(entry_point)) {
        return Err(Refusal::bad_fields(vec![wrong("entryPoint", "is taken already")]));
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
        ("parent", part(&above, &["id", "name"])),
    ] {
        item[field] = value;
    }
    let connections = call.body["serviceConnections"].as_array().into_iter().flatten();
    item["serviceConnections"] = connections
        .map(|wanted| {
            let connection = state.get("connections", text(wanted, "id"), "Service connection")?;
            Ok(json!({ "id": connection["id"], "serviceCode": connection["serviceCode"], "state": "PROVISIONED" }))
        })
        .collect::<Result<Vec<Value>, Refusal>>()?
        .into();
    state.apply(Change::Add { drawer: "organizations".into(), object: item.clone() });
    let shown = organization(state, &item);
    let result = Ok(Some(part(&item, &["id", "name"])));
    let begun = state.begin(call, work("organizations.created", Vec::new(), result, part(&item, &["name"])));
    Ok(begun.reply(Some(shown)))
}

fn delete_organization(state: &mut State, call: &Call, id: &str) -> Answer {
    let item = organization(state, state.get("organizations", id, "Organization")?);
    let has_below = state.drawer("organizations").iter().any(|other| other["parent"]["id"] == item["id"]);
    if item["id"] == call.caller.user["organization"]["id"] || has_below {
        return Err(Refusal::bad_request("Your own organization and one that has sub-organizations cannot be deleted"));
    }
    if !item["environments"].as_array().is_none_or(Vec::is_empty) {
        return Err(Refusal::bad_request("The organization still has environments"));
    }
    let changes = vec![Change::remove("organizations", id)];
    Ok(state.begin(call, work("organizations.deleted", changes, Ok(None), part(&item, &["name"]))).reply(None))
}

/// `/users`
pub(super) fn users(state: &mut State, call: &Call, rest: &[&str]) -> Answer {
    // Without the permission to read users, one sees only oneself.
    let visible = |user: &Value| {
        user["organization"]["id"] == call.caller.organization["id"]
            && (call.caller.may_write || user["id"] == call.caller.user["id"])
    };
    let find = |state: &State, id: &str| {
        let found = state.find("users", id).filter(|user| visible(user));
        found.cloned().ok_or_else(|| Refusal::not_found("User", id, "users"))
    };
    match (call.method(), rest) {
        ("GET", []) => {
            let mut shown = state.drawer("users").to_vec();
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
            let fields = part(&call.body, &["userName", "firstName", "lastName", "email"]);
            state.apply(Change::set("users", id, &fields));
            Ok(data(find(state, id)?))
        }
        ("DELETE", [id]) => {
            let user = find(state, id)?;
            if user["id"] == call.caller.user["id"] {
                return Err(Refusal::bad_request("You cannot delete yourself"));
            }
            // The second time, the user goes whatever stands in the way.
            let fails = is_doomed(text(&user, "userName")) && user["status"] != "DISABLED";
            state.apply(Change::set("users", id, &json!({ "status": "DISABLED" })));
            let (changes, outcome) = if fails {
                (Vec::new(), Err(doom("The user cannot be removed from every service", "users", id)))
            } else {
                (vec![Change::remove("users", id)], Ok(None))
            };
            Ok(state.begin(call, work("users.deleted", changes, outcome, part(&user, &["userName"]))).reply(None))
        }
        (_, [] | [_]) => Err(call.no_method()),
        _ => Err(call.no_endpoint()),
    }
}

fn create_user(state: &mut State, call: &Call) -> Answer {
    call.must_have(&["userName", "firstName", "lastName", "email", "primaryRoleBinding.role.id"])?;
    let role = text(&call.body["primaryRoleBinding"]["role"], "id");
    let role = part(state.get("roles", role, "Role")?, &["isSystem", "name", "id", "isFixed"]);
    let name = text(&call.body, "userName");
    if state.drawer("users").iter().any(|user| text(user, "userName") == name) {
        return Err(Refusal::bad_fields(vec![wrong("userName", "is taken already")]));
    }
    let organization = call.body["organization"]["id"].as_str().unwrap_or_else(|| call.organization());
    let organization = part(state.get("organizations", organization, "Organization")?, &["id", "name"]);
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
    state.apply(Change::Add { drawer: "users".into(), object: user.clone() });
    let result = Ok(Some(part(&user, &["id", "userName"])));
    let begun = state.begin(call, work("users.created", Vec::new(), result, part(&user, &["userName"])));
    Ok(begun.reply(Some(user)))
}

/// `GET /roles`
pub(super) fn roles(state: &State, call: &Call, rest: &[&str]) -> Answer {
    match (call.method(), rest) {
        ("GET", []) => {
            let mut shown = state.drawer("roles").to_vec();
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
pub(super) fn quotas(state: &State, call: &Call, rest: &[&str]) -> Answer {
    match (call.method(), rest) {
        ("GET", []) => Ok(data(state.drawer("quotas").into())),
        ("GET", [id]) => Ok(data(state.get("quotas", id, "Quota")?.clone())),
        (_, [] | [_]) => Err(call.no_method()),
        _ => Err(call.no_endpoint()),
    }
}

fn work(code: &str, changes: Vec<Change>, outcome: Result<Option<Value>, Fault>, context: Value) -> Work {
    let event = Event { code: code.to_owned(), environment: None, context };
    Work { seconds: SECONDS, manner: Manner::Flat, changes, outcome, event }
}
