//! The entities of an environment, of any type: list, show, create, update, delete and operations.

mod create;
mod effects;
pub(super) mod types;

use serde_json::{Value, json};

use super::activity_log::ActivityEvent;
use super::call::Call;
use super::objects::{Change, pick, text};
use super::reply::{ApiError, ApiResult, ErrorObject, Payload, data};
use super::tasks::{NewTask, TaskForm, is_meant_to_fail};
use super::{State, quotas};
use crate::sandbox::pseudorandom;
use types::{EntityType, Operation};

/// The segments of a path before the ID.
pub(super) struct EntityPath<'p> {
    pub(super) code: &'p str,
    pub(super) environment: &'p str,
    pub(super) kind: &'p str,
}

/// The entities of one type in one environment.
struct EntityCollection {
    environment: Value,
    kind: &'static EntityType,
    /// The name of their collection.
    collection: String,
    plugin: String,
}

/// `/services/:service_code/:environment_name/:type[/:id]`
pub(super) fn answer(state: &mut State, call: &Call, path: &EntityPath, id: &str) -> ApiResult {
    let entities = find(state, call, path)?;
    let operation = call.query("operation");
    let kind = entities.kind;
    match (call.method(), id, operation) {
        ("GET", "", None) => Ok(list(state, call, &entities)),
        ("GET", id, None) => Ok(data(state.get(&entities.collection, id, kind.singular)?.clone())),
        ("POST", "", None | Some("create")) if kind.needs.is_some() => create(state, call, &entities),
        ("PUT", id, None | Some("update")) if !id.is_empty() && !kind.updatable.is_empty() => {
            update(state, call, &entities, id)
        }
        ("DELETE", id, None) | ("POST", id, Some("delete" | "destroy")) if !id.is_empty() && kind.deletable => {
            delete(state, call, &entities, id)
        }
        ("POST" | "PUT", id, Some(name)) if !id.is_empty() => {
            let operation = kind.operations.iter().find(|operation| operation.name == name);
            let Some(operation) = operation else {
                return Err(ApiError::bad_request(format!("Unknown operation {name} for {}", kind.name)));
            };
            operate(state, call, &entities, id, operation)
        }
        _ => Err(call.method_not_allowed()),
    }
}

/// Finds the environment by its name and the code of its connection, and the type by the plugin.
fn find(state: &State, call: &Call, path: &EntityPath) -> Result<EntityCollection, ApiError> {
    let connection = state.collection("connections").iter().find(|item| text(item, "serviceCode") == path.code);
    let connection = connection.ok_or_else(|| ApiError::not_found("Service connection", path.code, "connections"))?;
    let environment = state.collection("environments").iter().find(|item| {
        text(item, "name") == path.environment
            && item["serviceConnection"]["id"] == connection["id"]
            && text(&item["organization"], "id") == call.organization()
    });
    let environment =
        environment.ok_or_else(|| ApiError::not_found("Environment", path.environment, "environments"))?;
    let now = text(environment, "state");
    if now != "PROVISIONED" {
        let id = text(environment, "id");
        let message = "Cannot use an environment that isn't provisioned";
        return Err(ErrorObject::wrong_state(message, "environments", id, now, &["PROVISIONED"]).into());
    }
    let plugin = text(connection, "type");
    let kind = types::of(plugin).iter().find(|kind| kind.name == path.kind).ok_or_else(|| call.endpoint_not_found())?;
    let owner = if kind.offered { connection } else { environment };
    Ok(EntityCollection {
        environment: environment.clone(),
        kind,
        collection: format!("{}/{}", text(owner, "id"), kind.name),
        plugin: plugin.to_owned(),
    })
}

impl EntityCollection {
    /// The collection of another type in the same environment.
    fn beside(&self, kind: &str) -> String {
        format!("{}/{kind}", text(&self.environment, "id"))
    }

    /// The collection of another type of the connection.
    fn offered(&self, kind: &str) -> String {
        format!("{}/{kind}", text(&self.environment["serviceConnection"], "id"))
    }

    /// A task for one of them.
    fn task(&self, operation: &str, item: &Value, seconds: f64) -> NewTask {
        let kind = self.kind.name;
        NewTask {
            seconds,
            form: types::form(&self.plugin),
            changes: Vec::new(),
            outcome: Ok(Some(pick(item, &["id", "name"]))),
            event: ActivityEvent {
                code: format!("{kind}.{operation}"),
                environment: Some(self.environment.clone()),
                context: json!({ "id": item["id"], "name": item["name"], "type": kind }),
            },
        }
    }

    fn intended_failure(&self, operation: &str, item: &Value) -> ErrorObject {
        let message = format!("Cannot {operation} a resource that no longer exists in the cloud");
        ErrorObject::intended(&message, self.kind.name, text(item, "id"))
    }

    /// Refuses a compute offering whose cores exceed the quota; `except` is the instance that is resized.
    fn check_quota(&self, state: &State, offering: &Value, except: Option<&str>) -> Result<(), ApiError> {
        let connection = &self.environment["serviceConnection"]["id"];
        quotas::check(state, connection, &self.collection, offering["cpuCount"].as_u64().unwrap_or_default(), except)
    }
}

fn list(state: &State, call: &Call, entities: &EntityCollection) -> Payload {
    let kind = entities.kind;
    let chosen = |item: &&Value| {
        kind.filters
            .iter()
            .all(|(name, field)| call.query(name).is_none_or(|wanted| text(item, field).eq_ignore_ascii_case(wanted)))
    };
    let items: Vec<&Value> = state.collection(&entities.collection).iter().filter(chosen).collect();
    let mut metadata = json!({ "recordCount": items.len() });
    let (mut first, mut size) = (0, items.len());
    // Pages exist although they are not documented.
    let number = |name| call.query(name).and_then(|text| text.parse::<usize>().ok()).filter(|number| *number > 0);
    if let Some(page_size) = number("page_size") {
        let page = number("page_number").unwrap_or(1);
        metadata["pageSize"] = page_size.into();
        metadata["pageCurrent"] = page.into();
        (first, size) = ((page - 1).saturating_mul(page_size), page_size);
    }
    let rows = items.into_iter().skip(first).take(size).map(|item| {
        let mut row = item.clone();
        if let Some(row) = row.as_object_mut() {
            row.retain(|field, _| !kind.details.contains(&field.as_str()));
        }
        row
    });
    let rows: Vec<Value> = rows.collect();
    Payload::Json(json!({ "data": rows, "metadata": metadata }))
}

fn create(state: &mut State, call: &Call, entities: &EntityCollection) -> ApiResult {
    call.require_fields(entities.kind.needs.unwrap_or_default())?;
    let name = text(&call.body, "name");
    if !name.is_empty() && state.collection(&entities.collection).iter().any(|item| text(item, "name") == name) {
        return Err(ApiError::bad_field("name", "is already taken"));
    }
    let made = create::make(state, call, entities)?;
    let id = text(&made.object, if made.object.get("id").is_some() { "id" } else { "name" }).to_owned();
    let mut task = entities.task("create", &made.object, made.seconds);
    if is_meant_to_fail(name) {
        task.changes.push(Change::remove(&entities.collection, &id));
        task.outcome = Err(entities.intended_failure("create", &made.object));
    } else {
        task.changes = made.then;
        if made.has_login {
            task.outcome = Ok(Some(credentials(state, &made.object)));
        }
    }
    let at_once = (task.seconds <= 0.0 && task.outcome.is_ok()).then(|| pick(&made.object, &["id", "name"]));
    state.apply(Change::add(&entities.collection, made.object));
    Ok(state.start_task(call, task).reply(at_once))
}

/// The login of an instance, with a new password.
fn credentials(state: &mut State, instance: &Value) -> Value {
    let password = pseudorandom::alphanumeric(&format!("password {}", state.new_id()), 14);
    json!({ "id": instance["id"], "username": instance["username"], "password": password })
}

fn update(state: &mut State, call: &Call, entities: &EntityCollection, id: &str) -> ApiResult {
    let item = state.get(&entities.collection, id, entities.kind.singular)?.clone();
    let mut task = entities.task("update", &item, 1.0);
    if is_meant_to_fail(text(&item, "name")) {
        task.outcome = Err(entities.intended_failure("update", &item));
    } else {
        task.changes.push(Change::set(&entities.collection, id, &entities.kind.changes(&call.body)));
        task.changes.extend(effects::of_update(state, call, entities, &item)?);
    }
    Ok(state.start_task(call, task).reply(None))
}

fn delete(state: &mut State, call: &Call, entities: &EntityCollection, id: &str) -> ApiResult {
    let item = state.get(&entities.collection, id, entities.kind.singular)?.clone();
    let now = text(&item, "state");
    let kind = entities.kind.name;
    let refuse =
        |message: &str, expected: &[&str]| Err(ErrorObject::wrong_state(message, kind, id, now, expected).into());
    let mut task = entities.task("destroy", &item, if entities.plugin == "swift" { 0.0 } else { 4.0 });
    let remove = Change::remove(&entities.collection, id);
    if is_meant_to_fail(text(&item, "name")) {
        task.outcome = Err(entities.intended_failure("destroy", &item));
        return Ok(state.start_task(call, task).reply(None));
    }
    match kind {
        "instances" => {
            if !["Running", "Stopped", "Destroyed"].contains(&now) {
                return refuse("Cannot destroy an instance that is being changed", &["Running", "Stopped"]);
            }
            let purge = call.body["purgeImmediately"] == true;
            task.changes.push(if purge {
                remove
            } else {
                Change::set(&entities.collection, id, &json!({ "state": "Destroyed" }))
            });
            for (field, beside) in [("volumeIdsToDelete", "volumes"), ("publicIpIdsToRelease", "publicipaddresses")] {
                let ids = call.body[field].as_array().into_iter().flatten().filter_map(Value::as_str);
                task.changes.extend(ids.map(|id| Change::remove(&entities.beside(beside), id)));
            }
            state.apply(Change::set(&entities.collection, id, &json!({ "state": "Stopping" })));
        }
        "volumes" if item.get("instanceId").is_some() => {
            return refuse("Cannot delete a volume that is attached to an instance", &["Detached"]);
        }
        _ => {
            if let Some((users, field, message)) = entities.kind.used_by
                && state.collection(&entities.beside(users)).iter().any(|user| user[field] == item["id"])
            {
                return Err(ErrorObject::wrong_state(message, kind, id, "InUse", &["Unused"]).into());
            }
            task.changes.push(remove);
        }
    }
    task.changes.extend(effects::of_deletion(state, entities, &item));
    Ok(state.start_task(call, task).reply(None))
}

fn operate(state: &mut State, call: &Call, entities: &EntityCollection, id: &str, operation: &Operation) -> ApiResult {
    let item = state.get(&entities.collection, id, entities.kind.singular)?.clone();
    let (now, name) = (text(&item, "state"), operation.name);
    let mut task = entities.task(name, &item, operation.seconds);
    if !operation.from.is_empty() && !operation.from.contains(&now) {
        let fault =
            ErrorObject::wrong_state(operation.wrong_state, entities.kind.name, text(&item, "id"), now, operation.from);
        if task.form == TaskForm::WrappedFailure {
            return Ok(state.start_failed_task(call, task, fault));
        }
        return Err(fault.into());
    }
    call.require_fields(operation.needs)?;
    let set = |fields: &Value| Change::set(&entities.collection, id, fields);
    if is_meant_to_fail(text(&item, "name")) {
        task.changes.push(set(&json!({ "state": now })));
        task.outcome = Err(if operation.wrong_state.is_empty() {
            entities.intended_failure(name, &item)
        } else {
            ErrorObject::wrong_state(
                operation.wrong_state,
                entities.kind.name,
                text(&item, "id"),
                "Unknown",
                operation.from,
            )
        });
    } else {
        if name == "resetPassword" {
            task.outcome = Ok(Some(credentials(state, &item)));
        }
        task.changes.extend(effects::of(state, call, entities, &item, name)?);
        if !operation.then.is_empty() {
            task.changes.push(set(&json!({ "state": operation.then })));
        }
    }
    if !operation.meanwhile.is_empty() {
        state.apply(set(&json!({ "state": operation.meanwhile })));
    }
    Ok(state.start_task(call, task).reply(None))
}
