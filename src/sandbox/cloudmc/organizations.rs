//! Organizations.

use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::objects::{Change, pick, text};
use super::reply::{ApiError, ApiResult, data};
use super::tasks::NewTask;
use crate::sandbox::clock::iso_with_millis;

/// `/organizations`
pub(super) fn answer(state: &mut State, call: &Call, rest: &[&str]) -> ApiResult {
    let own = call.organization();
    let visible = |item: &&Value| text(item, "lineage").contains(own);
    match (call.method(), rest) {
        ("GET", []) => {
            let shown = state.collection("organizations").iter().filter(visible);
            Ok(data(shown.map(|item| render(state, item)).collect()))
        }
        ("GET", [id]) => {
            let found = state.get("organizations", id, "Organization")?;
            let mut shown = render(state, Some(found).filter(visible).ok_or_else(ApiError::forbidden)?);
            for (field, value) in [("notes", json!("")), ("quotas", json!([])), ("customFieldDefinitions", json!([]))] {
                shown[field] = value;
            }
            Ok(data(shown))
        }
        ("POST", []) => create(state, call),
        ("PUT", [id]) => {
            state.get("organizations", id, "Organization")?;
            let fields = pick(&call.body, &["name", "entryPoint", "isBillable", "billingMode"]);
            state.apply(Change::set("organizations", id, &fields));
            let shown = render(state, state.get("organizations", id, "Organization")?);
            let started = state.start_task(
                call,
                NewTask::for_system("organizations.updated", Vec::new(), Ok(None), pick(&shown, &["name"])),
            );
            Ok(started.reply(Some(shown)))
        }
        ("DELETE", [id]) => delete(state, call, id),
        (_, [] | [_]) => Err(call.method_not_allowed()),
        _ => Err(call.endpoint_not_found()),
    }
}

/// An organization with its current environments and users.
fn render(state: &State, item: &Value) -> Value {
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

fn create(state: &mut State, call: &Call) -> ApiResult {
    call.require_fields(&["name", "entryPoint"])?;
    let (name, entry_point) = (text(&call.body, "name"), text(&call.body, "entryPoint"));
    if !(2..=50).contains(&name.chars().count()) {
        return Err(ApiError::bad_field("name", "must have 2 to 50 characters"));
    }
    if state.collection("organizations").iter().any(|known| text(known, "entryPoint").eq_ignore_ascii_case(entry_point))
    {
        return Err(ApiError::bad_field("entryPoint", "is already taken"));
    }
    let above = call.body["parent"]["id"].as_str().unwrap_or_else(|| call.organization());
    let above = state.get("organizations", above, "Organization")?.clone();
    let id = state.new_id();
    let now = iso_with_millis(call.clock.now);
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
    state.apply(Change::add("organizations", item.clone()));
    let shown = render(state, &item);
    let result = Ok(Some(pick(&item, &["id", "name"])));
    let started = state
        .start_task(call, NewTask::for_system("organizations.created", Vec::new(), result, pick(&item, &["name"])));
    Ok(started.reply(Some(shown)))
}

fn delete(state: &mut State, call: &Call, id: &str) -> ApiResult {
    let item = render(state, state.get("organizations", id, "Organization")?);
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
    Ok(state
        .start_task(call, NewTask::for_system("organizations.deleted", changes, Ok(None), pick(&item, &["name"])))
        .reply(None))
}
