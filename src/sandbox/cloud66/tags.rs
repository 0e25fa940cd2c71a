//! Tags of servers and load balancers.
//!
//! Any ID has tags: the documentation does not say which ID of a server it means.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::reply::{ApiError, ApiResult, Payload, object};
use crate::sandbox::clock::{date_time, iso};

const ENTITY_TYPES: [&str; 2] = ["server", "loadbalancer"];
/// The documented entity.
const DOCUMENTED: &str = "loadbalancer/17823";
/// Maximum number of tags of an entity.
const MAX_TAGS: usize = 100;

/// The tags of every entity that has been changed, by type and ID.
pub(super) type AllTags = BTreeMap<String, Tagged>;

/// The tags of an entity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Tagged {
    tags: Vec<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The key of the entity in the path.
fn key(call: &Call) -> Result<String, ApiError> {
    let (kind, id) = (call.path_param("entity_type"), call.path_param("entity_id"));
    if ENTITY_TYPES.contains(&kind) {
        Ok(format!("{kind}/{id}"))
    } else {
        Err(ApiError::not_found(format!("Unknown entity `{kind}`: expected one of {}.", ENTITY_TYPES.join(", "))))
    }
}

fn tagged(state: &State, key: &str, now: Timestamp) -> Tagged {
    state.account.tags.get(key).cloned().unwrap_or_else(|| {
        if key == DOCUMENTED {
            let tags = vec!["foo".into(), "bar".into()];
            let [created_at, updated_at] = ["2021-01-04T21:32:33Z", "2021-01-05T11:12:23Z"].map(date_time);
            return Tagged { tags, created_at, updated_at };
        }
        Tagged { tags: Vec::new(), created_at: now, updated_at: now }
    })
}

/// A reply with the entity as the newest documentation has it, which is also how the official client reads it.
fn reply_with_objects(call: &Call, tagged: &Tagged) -> Payload {
    let tags: Vec<Value> = tagged.tags.iter().map(|tag| json!({ "value": tag, "reserved": false })).collect();
    object(json!({
        "entity_type": call.path_param("entity_type"),
        "entity_id": call.path_param("entity_id"),
        "tags": tags,
        "created_at_iso": iso(tagged.created_at),
        "updated_at_iso": iso(tagged.updated_at),
    }))
}

/// A reply with the entity, in a list of one, as documented in 2024.
fn reply(call: &Call, tagged: &Tagged) -> ApiResult {
    let time = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string();
    call.list(&[tagged], |tagged| -> Value {
        json!({
            "entity_type": call.path_param("entity_type"),
            "entity_id": call.path_param("entity_id"),
            "tags": tagged.tags,
            "created_at_iso": time(tagged.created_at),
            "updated_at_iso": time(tagged.updated_at),
        })
    })
}

/// Changes the tags, and replies as documented in 2024.
fn change(state: &mut State, call: &Call, change: impl FnOnce(&mut Vec<String>)) -> ApiResult {
    reply(call, &changed(state, call, change)?)
}

/// The entity after a change of its tags.
fn changed(state: &mut State, call: &Call, change: impl FnOnce(&mut Vec<String>)) -> Result<Tagged, ApiError> {
    let key = key(call)?;
    let mut tagged = tagged(state, &key, call.clock.now);
    change(&mut tagged.tags);
    if tagged.tags.len() > MAX_TAGS {
        return Err(ApiError::conflict(format!("The parameter `tags` makes more than {MAX_TAGS} tags.")));
    }
    tagged.updated_at = call.clock.now;
    state.account.tags.insert(key, tagged.clone());
    Ok(tagged)
}

/// Adds those that are not there.
fn add(tags: &mut Vec<String>, new: Vec<String>) {
    for tag in new {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
}

/// `tags_list`
pub(super) fn tags_list(state: &mut State, call: &Call) -> ApiResult {
    reply(call, &tagged(state, &key(call)?, call.clock.now))
}

/// `tags_replace`
pub(super) fn tags_replace(state: &mut State, call: &Call) -> ApiResult {
    key(call)?;
    let new = texts(&call.parameters()?.array("tags"), "tags")?;
    change(state, call, |tags| {
        tags.clear();
        add(tags, new);
    })
}

/// `tags_patch`: deletions come first. The documentation of 2024 has the operations in the path, and a reply as for the
/// other calls; with the operations in the body it is that of the official client.
pub(super) fn tags_patch(state: &mut State, call: &Call) -> ApiResult {
    key(call)?;
    let mut operations = Vec::new();
    for operation in call.parameters()?.array("operations") {
        let op = operation["op"].as_str().unwrap_or_default().to_owned();
        if !["add", "delete"].contains(&op.as_str()) {
            return Err(ApiError::bad_request(format!("In `operations`, `op` must be add or delete, not `{op}`.")));
        }
        // The official client sends null for none.
        if !operation.get("tags").is_some_and(|tags| tags.is_array() || tags.is_null()) {
            return Err(ApiError::bad_request("In `operations`, an operation lacks the array `tags`."));
        }
        operations.push((op, texts(operation["tags"].as_array().map_or(&[], Vec::as_slice), "operations")?));
    }
    operations.sort_by_key(|(op, _)| op == "add");
    let change = |tags: &mut Vec<String>| {
        for (op, named) in operations {
            if op == "delete" {
                tags.retain(|tag| !named.contains(tag));
            } else {
                add(tags, named);
            }
        }
    };
    let tagged = changed(state, call, change)?;
    let is_in_path = form_urlencoded::parse(call.request.query.as_bytes()).any(|(name, _)| name == "operations");
    if is_in_path { reply(call, &tagged) } else { Ok(reply_with_objects(call, &tagged)) }
}

/// `tags_delete`, of all tags
pub(super) fn tags_delete(state: &mut State, call: &Call) -> ApiResult {
    change(state, call, Vec::clear)
}

fn texts(values: &[Value], name: &str) -> Result<Vec<String>, ApiError> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    values.iter().map(text).collect::<Option<Vec<String>>>().ok_or_else(|| {
        ApiError::bad_request(format!("In the parameter `{name}`, a tag must be a string and not be empty."))
    })
}
