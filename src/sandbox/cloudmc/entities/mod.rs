//! The services: what is in an environment, of whatever type, listed, shown, made, changed, deleted and operated on.

mod create;
pub(super) mod types;

use serde_json::{Value, json};

use super::activity_log::Event;
use super::administration::{doom, is_doomed};
use super::reply::{Answer, Fault, Refusal, Reply, data};
use super::router::{Call, wrong};
use super::state::{Change, State, part, text};
use super::tasks::{Manner, Work};
use crate::sandbox::pseudorandom;
use types::{Kind, Operation};

/// The words of a path before the id.
pub(in crate::sandbox::cloudmc) struct Place<'p> {
    pub(in crate::sandbox::cloudmc) code: &'p str,
    pub(in crate::sandbox::cloudmc) environment: &'p str,
    pub(in crate::sandbox::cloudmc) kind: &'p str,
}

/// The things of one type in one environment.
pub(in crate::sandbox::cloudmc) struct Shelf {
    pub(in crate::sandbox::cloudmc) environment: Value,
    pub(in crate::sandbox::cloudmc) kind: &'static Kind,
    /// The drawer that they are in.
    pub(in crate::sandbox::cloudmc) drawer: String,
    plugin: String,
}

/// `/services/:service_code/:environment_name/:type[/:id]`
pub(in crate::sandbox::cloudmc) fn answer(state: &mut State, call: &Call, place: &Place, id: &str) -> Answer {
    let shelf = find(state, call, place)?;
    let operation = call.query("operation");
    let kind = shelf.kind;
    match (call.method(), id, operation) {
        ("GET", "", None) => Ok(list(state, call, &shelf)),
        ("GET", id, None) => Ok(data(state.get(&shelf.drawer, id, kind.singular)?.clone())),
        ("POST", "", None | Some("create")) if kind.needs.is_some() => create(state, call, &shelf),
        ("PUT", id, None | Some("update")) if !id.is_empty() && !kind.updatable.is_empty() => {
            update(state, call, &shelf, id)
        }
        ("DELETE", id, None) | ("POST", id, Some("delete" | "destroy")) if !id.is_empty() && kind.deletable => {
            delete(state, call, &shelf, id)
        }
        ("POST" | "PUT", id, Some(name)) if !id.is_empty() => {
            let operation = kind.operations.iter().find(|operation| operation.name == name);
            let Some(operation) = operation else {
                return Err(Refusal::bad_request(format!("There is no operation {name} on {}", kind.name)));
            };
            operate(state, call, &shelf, id, operation)
        }
        _ => Err(call.no_method()),
    }
}

/// Finds the environment by its name and the code of its connection, and the type by what the plugin has.
fn find(state: &State, call: &Call, place: &Place) -> Result<Shelf, Refusal> {
    let connection = state.drawer("connections").iter().find(|item| text(item, "serviceCode") == place.code);
    let connection = connection.ok_or_else(|| Refusal::not_found("Service connection", place.code, "connections"))?;
    let environment = state.drawer("environments").iter().find(|item| {
        text(item, "name") == place.environment
            && item["serviceConnection"]["id"] == connection["id"]
            && text(&item["organization"], "id") == call.organization()
    });
    let environment =
        environment.ok_or_else(|| Refusal::not_found("Environment", place.environment, "environments"))?;
    let now = text(environment, "state");
    if now != "PROVISIONED" {
        let id = text(environment, "id");
        let message = "Cannot use an environment that isn't provisioned";
        return Err(Refusal::wrong_state(Fault::wrong_state(message, "environments", id, now, &["PROVISIONED"])));
    }
    let plugin = text(connection, "type");
    let kind = types::of(plugin).iter().find(|kind| kind.name == place.kind).ok_or_else(|| call.no_endpoint())?;
    let owner = if kind.offered { connection } else { environment };
    Ok(Shelf {
        environment: environment.clone(),
        kind,
        drawer: format!("{}/{}", text(owner, "id"), kind.name),
        plugin: plugin.to_owned(),
    })
}

impl Shelf {
    /// The drawer of another type in the same environment.
    pub(in crate::sandbox::cloudmc) fn beside(&self, kind: &str) -> String {
        format!("{}/{kind}", text(&self.environment, "id"))
    }

    /// The drawer of what the connection offers.
    pub(in crate::sandbox::cloudmc) fn offered(&self, kind: &str) -> String {
        format!("{}/{kind}", text(&self.environment["serviceConnection"], "id"))
    }

    fn work(&self, deed: &str, item: &Value, seconds: f64) -> Work {
        let kind = self.kind.name;
        Work {
            seconds,
            manner: types::manner(&self.plugin),
            changes: Vec::new(),
            outcome: Ok(Some(part(item, &["id", "name"]))),
            event: Event {
                code: format!("{kind}.{deed}"),
                environment: Some(self.environment.clone()),
                context: json!({ "id": item["id"], "name": item["name"], "type": kind }),
            },
        }
    }

    fn doom(&self, deed: &str, item: &Value) -> Fault {
        let message = format!("Cannot {deed} what the cloud behind does not know any more");
        doom(&message, self.kind.name, text(item, "id"))
    }
}

fn list(state: &State, call: &Call, shelf: &Shelf) -> Reply {
    let kind = shelf.kind;
    let chosen = |item: &&Value| {
        kind.filters.iter().all(|(name, field)| call.query(name).is_none_or(|wanted| text(item, field) == wanted))
    };
    let items: Vec<&Value> = state.drawer(&shelf.drawer).iter().filter(chosen).collect();
    let mut metadata = json!({ "recordCount": items.len() });
    let (mut first, mut size) = (0, items.len());
    // Pages are not documented, and yet there.
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
    Reply::Json(json!({ "data": rows, "metadata": metadata }))
}

fn create(state: &mut State, call: &Call, shelf: &Shelf) -> Answer {
    call.must_have(shelf.kind.needs.unwrap_or_default())?;
    let name = text(&call.body, "name");
    if !name.is_empty() && state.drawer(&shelf.drawer).iter().any(|item| text(item, "name") == name) {
        return Err(Refusal::bad_fields(vec![wrong("name", "is taken already")]));
    }
    let made = create::make(state, call, shelf)?;
    let id = text(&made.object, if made.object.get("id").is_some() { "id" } else { "name" }).to_owned();
    let mut work = shelf.work("create", &made.object, made.seconds);
    if is_doomed(name) {
        work.changes.push(Change::remove(&shelf.drawer, &id));
        work.outcome = Err(shelf.doom("create", &made.object));
    } else {
        work.changes = made.then;
        if made.secret {
            work.outcome = Ok(Some(credentials(state, &made.object)));
        }
    }
    let at_once = (work.seconds <= 0.0 && work.outcome.is_ok()).then(|| part(&made.object, &["id", "name"]));
    state.apply(Change::Add { drawer: shelf.drawer.clone(), object: made.object });
    Ok(state.begin(call, work).reply(at_once))
}

/// The login of an instance, with a new password.
fn credentials(state: &mut State, instance: &Value) -> Value {
    let password = pseudorandom::alphanumeric(&format!("password {}", state.new_id()), 14);
    json!({ "id": instance["id"], "username": instance["username"], "password": password })
}

fn update(state: &mut State, call: &Call, shelf: &Shelf, id: &str) -> Answer {
    let item = state.get(&shelf.drawer, id, shelf.kind.singular)?.clone();
    let mut work = shelf.work("update", &item, 1.0);
    if is_doomed(text(&item, "name")) {
        work.outcome = Err(shelf.doom("update", &item));
    } else {
        let fields = part(&call.body, shelf.kind.updatable);
        work.changes.push(Change::set(&shelf.drawer, id, &fields));
    }
    Ok(state.begin(call, work).reply(None))
}

fn delete(state: &mut State, call: &Call, shelf: &Shelf, id: &str) -> Answer {
    let item = state.get(&shelf.drawer, id, shelf.kind.singular)?.clone();
    let now = text(&item, "state");
    let kind = shelf.kind.name;
    let refuse = |message: &str, expected: &[&str]| {
        Err(Refusal::wrong_state(Fault::wrong_state(message, kind, id, now, expected)))
    };
    let mut work = shelf.work("destroy", &item, if shelf.plugin == "swift" { 0.0 } else { 4.0 });
    let remove = Change::remove(&shelf.drawer, id);
    if is_doomed(text(&item, "name")) {
        work.outcome = Err(shelf.doom("destroy", &item));
        return Ok(state.begin(call, work).reply(None));
    }
    match kind {
        "instances" => {
            if !["Running", "Stopped", "Destroyed"].contains(&now) {
                return refuse("Cannot destroy an instance that is being changed", &["Running", "Stopped"]);
            }
            let purge = call.body["purgeImmediately"] == true;
            work.changes.push(if purge {
                remove
            } else {
                Change::set(&shelf.drawer, id, &json!({ "state": "Destroyed" }))
            });
            for (field, beside) in [("volumeIdsToDelete", "volumes"), ("publicIpIdsToRelease", "publicipaddresses")] {
                let ids = call.body[field].as_array().into_iter().flatten().filter_map(Value::as_str);
                work.changes.extend(ids.map(|id| Change::remove(&shelf.beside(beside), id)));
            }
            state.apply(Change::set(&shelf.drawer, id, &json!({ "state": "Stopping" })));
        }
        "volumes" if item.get("instanceId").is_some() => {
            return refuse("Cannot delete a volume that is attached to an instance", &["Detached"]);
        }
        "networks" if state.drawer(&shelf.beside("instances")).iter().any(|one| one["networkId"] == item["id"]) => {
            return refuse("Cannot delete a network that has instances", &["Empty"]);
        }
        _ => work.changes.push(remove),
    }
    Ok(state.begin(call, work).reply(None))
}

fn operate(state: &mut State, call: &Call, shelf: &Shelf, id: &str, operation: &Operation) -> Answer {
    let item = state.get(&shelf.drawer, id, shelf.kind.singular)?.clone();
    let (now, name) = (text(&item, "state"), operation.name);
    let mut work = shelf.work(name, &item, operation.seconds);
    if !operation.from.is_empty() && !operation.from.contains(&now) {
        let fault = Fault::wrong_state(operation.or_else, shelf.kind.name, text(&item, "id"), now, operation.from);
        if work.manner == Manner::WrappedFailure {
            return Ok(state.refused_task(call, work, fault));
        }
        return Err(Refusal::wrong_state(fault));
    }
    call.must_have(operation.needs)?;
    let set = |fields: &Value| Change::set(&shelf.drawer, id, fields);
    if is_doomed(text(&item, "name")) {
        work.changes.push(set(&json!({ "state": now })));
        work.outcome = Err(if operation.or_else.is_empty() {
            shelf.doom(name, &item)
        } else {
            Fault::wrong_state(operation.or_else, shelf.kind.name, text(&item, "id"), "Unknown", operation.from)
        });
    } else {
        match name {
            "purge" => work.changes.push(Change::remove(&shelf.drawer, id)),
            "resetPassword" => work.outcome = Ok(Some(credentials(state, &item))),
            "changeComputeOffering" => {
                let offering = create::offering(state, call, shelf)?;
                create::within_quota(state, shelf, &offering, Some(id))?;
                work.changes.push(set(&offering));
            }
            "attachToInstance" => {
                let instance = state.get(&shelf.beside("instances"), text(&call.body, "instanceId"), "Instance")?;
                work.changes.push(set(&json!({ "instanceId": instance["id"], "instanceName": instance["name"] })));
            }
            "detachFromInstance" => {
                work.changes.push(set(&json!({ "instanceId": null, "instanceName": null })));
            }
            _ => {}
        }
        if !operation.then.is_empty() {
            work.changes.push(set(&json!({ "state": operation.then })));
        }
    }
    if !operation.meanwhile.is_empty() {
        state.apply(set(&json!({ "state": operation.meanwhile })));
    }
    Ok(state.begin(call, work).reply(None))
}
