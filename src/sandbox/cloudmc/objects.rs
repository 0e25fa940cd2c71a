//! The objects of the small `CloudMC`: JSON as the API shows it, in named collections.
//!
//! A collection has the name of its objects: `users`, `ENVIRONMENT/instances` for those in an environment, and
//! `CONNECTION/zones` for those that a connection offers to all its environments.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::State;
use super::reply::ApiError;
use crate::sandbox::pseudorandom;

/// A change of the objects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Change {
    /// Adds an object to a collection.
    Add {
        #[serde(rename = "drawer")]
        collection: String,
        object: Value,
    },
    /// Sets fields of an object; null removes a field.
    Set {
        #[serde(rename = "drawer")]
        collection: String,
        id: String,
        fields: Map<String, Value>,
    },
    /// Removes an object from its collection.
    Remove {
        #[serde(rename = "drawer")]
        collection: String,
        id: String,
    },
    /// Removes an environment with everything in it.
    RemoveEnvironment { id: String },
}

impl Change {
    pub(super) fn add(collection: &str, object: Value) -> Self {
        Self::Add { collection: collection.to_owned(), object }
    }

    /// Sets fields of an object; `fields` is a JSON object.
    pub(super) fn set(collection: &str, id: &str, fields: &Value) -> Self {
        let fields = fields.as_object().cloned().unwrap_or_default();
        Self::Set { collection: collection.to_owned(), id: id.to_owned(), fields }
    }

    pub(super) fn remove(collection: &str, id: &str) -> Self {
        Self::Remove { collection: collection.to_owned(), id: id.to_owned() }
    }
}

impl State {
    /// The objects of a collection, in the order of lists.
    pub(super) fn collection(&self, collection: &str) -> &[Value] {
        self.collections.get(collection).map_or(&[], Vec::as_slice)
    }

    /// The object of that ID in a collection.
    pub(super) fn find(&self, collection: &str, id: &str) -> Option<&Value> {
        self.collection(collection).iter().find(|object| is(object, id))
    }

    /// The object of that ID in a collection, or an error, which begins with `what`.
    pub(super) fn get(&self, collection: &str, id: &str, what: &str) -> Result<&Value, ApiError> {
        let kind = collection.rsplit('/').next().unwrap_or(collection);
        self.find(collection, id).ok_or_else(|| ApiError::not_found(what, id, kind))
    }

    /// Applies a change.
    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::Add { collection, object } => self.collections.entry(collection).or_default().push(object),
            Change::Remove { collection, id } => {
                self.collections.entry(collection).or_default().retain(|object| !is(object, &id));
            }
            Change::RemoveEnvironment { id } => {
                let inside = format!("{id}/");
                self.collections.retain(|collection, _| !collection.starts_with(&inside));
                self.apply(Change::remove("environments", &id));
            }
            Change::Set { collection, id, fields } => {
                let mut objects = self.collections.entry(collection).or_default().iter_mut();
                let Some(object) = objects.find(|object| is(object, &id)).and_then(Value::as_object_mut) else {
                    return;
                };
                for (name, value) in fields {
                    if value.is_null() {
                        object.shift_remove(&name);
                    } else {
                        object.insert(name, value);
                    }
                }
            }
        }
    }

    /// Adds an object at the front of its collection.
    pub(super) fn add_first(&mut self, collection: &str, object: Value) {
        self.collections.entry(collection.to_owned()).or_default().insert(0, object);
    }

    /// A new ID.
    pub(in crate::sandbox) fn new_id(&mut self) -> String {
        self.ids += 1;
        let digits = pseudorandom::hex(&format!("cloudmc {}", self.ids), 30);
        format!("{}-{}-4{}-a{}-{}", &digits[..8], &digits[8..12], &digits[12..15], &digits[15..18], &digits[18..])
    }
}

/// Whether an object has that ID: its `id` without a leading slash, or its name if it has no `id`.
pub(super) fn is(object: &Value, id: &str) -> bool {
    text(object, if object.get("id").is_some() { "id" } else { "name" }).trim_start_matches('/') == id
}

/// The string value of a field; empty if it is missing.
pub(super) fn text<'v>(object: &'v Value, field: &str) -> &'v str {
    object[field].as_str().unwrap_or_default()
}

/// Some fields of an object, as other objects show them.
pub(super) fn pick(object: &Value, fields: &[&str]) -> Value {
    let known = fields.iter().filter_map(|field| Some(((*field).to_owned(), object.get(*field)?.clone())));
    Value::Object(known.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_new_and_look_like_the_documented_ones() {
        let mut state = State::initial();
        let (first, second) = (state.new_id(), state.new_id());
        assert_ne!(first, second);
        assert_eq!(first.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    }

    #[test]
    fn an_object_without_id_is_found_by_its_name() {
        assert!(is(&json!({ "name": "laptop" }), "laptop"));
        assert!(is(&json!({ "id": "/subscriptions/1", "name": "web" }), "subscriptions/1"));
        assert!(!is(&json!({ "id": "1", "name": "web" }), "web"));
    }
}
