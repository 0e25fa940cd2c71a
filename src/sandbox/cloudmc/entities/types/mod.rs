//! The entity types of the plugins and their operations: one table for the routes, the checks and the descriptors.

mod cloudstack;

use serde_json::Value;

use crate::sandbox::cloudmc::objects::pick;
use crate::sandbox::cloudmc::tasks::TaskForm;
use cloudstack::CLOUDSTACK;

/// A type of entities.
pub(in crate::sandbox::cloudmc) struct EntityType {
    pub(in crate::sandbox::cloudmc) name: &'static str,
    /// Its name at the start of a sentence.
    pub(in crate::sandbox::cloudmc) singular: &'static str,
    /// Whether the connection offers them to all its environments; then they cannot be changed.
    pub(in crate::sandbox::cloudmc) offered: bool,
    /// Required fields of a new one; `None` if none can be created.
    pub(in crate::sandbox::cloudmc) needs: Option<&'static [&'static str]>,
    /// Fields that can be changed.
    pub(in crate::sandbox::cloudmc) updatable: &'static [&'static str],
    /// Whether one can be deleted.
    pub(in crate::sandbox::cloudmc) deletable: bool,
    /// Query parameters that filter the list, with their fields.
    pub(in crate::sandbox::cloudmc) filters: &'static [(&'static str, &'static str)],
    /// Why one in use cannot be deleted: the type and the field that names it, and the error.
    pub(in crate::sandbox::cloudmc) used_by: Option<(&'static str, &'static str, &'static str)>,
    /// What is deleted with it: types, and the fields that name it.
    pub(in crate::sandbox::cloudmc) contains: &'static [(&'static str, &'static str)],
    /// Fields that lists omit.
    pub(in crate::sandbox::cloudmc) details: &'static [&'static str],
    /// Its other operations.
    pub(in crate::sandbox::cloudmc) operations: &'static [Operation],
}

/// An operation on an entity.
pub(in crate::sandbox::cloudmc) struct Operation {
    pub(in crate::sandbox::cloudmc) name: &'static str,
    /// The error in any other state: `Cannot stop an instance that …`.
    pub(in crate::sandbox::cloudmc) wrong_state: &'static str,
    /// The allowed states; any state if empty.
    pub(in crate::sandbox::cloudmc) from: &'static [&'static str],
    /// The states during and after it; unchanged if empty.
    pub(in crate::sandbox::cloudmc) meanwhile: &'static str,
    pub(in crate::sandbox::cloudmc) then: &'static str,
    /// Required fields of the body.
    pub(in crate::sandbox::cloudmc) needs: &'static [&'static str],
    /// How long it takes, in seconds at normal speed.
    pub(in crate::sandbox::cloudmc) seconds: f64,
}

impl EntityType {
    /// The names of all operations, with the default operation type if there is one.
    pub(in crate::sandbox::cloudmc) fn operations(&self) -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
        let plain = [
            ("create", "CREATE", self.needs.is_some()),
            ("update", "UPDATE", !self.updatable.is_empty()),
            ("destroy", "DELETE", self.deletable),
        ];
        let plain = plain.into_iter().filter_map(|(name, verb, there)| there.then_some((name, Some(verb))));
        plain.chain(self.operations.iter().map(|operation| (operation.name, None)))
    }

    /// The fields of `body` that can be changed.
    pub(in crate::sandbox::cloudmc) fn changes(&self, body: &Value) -> Value {
        if self.updatable != ANY_FIELD {
            return pick(body, self.updatable);
        }
        let mut fields = body.as_object().cloned().unwrap_or_default();
        fields.retain(|name, _| !SET_BY_API.contains(&name.as_str()));
        Value::Object(fields)
    }

    const fn new(name: &'static str, singular: &'static str) -> Self {
        Self {
            name,
            singular,
            offered: false,
            needs: None,
            updatable: &[],
            deletable: false,
            filters: &[],
            used_by: None,
            contains: &[],
            details: &[],
            operations: &[],
        }
    }

    const fn offered(name: &'static str, singular: &'static str) -> Self {
        Self { offered: true, ..Self::new(name, singular) }
    }
}

/// Every field can be changed but those that the API sets.
pub(super) const ANY_FIELD: &[&str] = &["*"];
const SET_BY_API: [&str; 4] = ["id", "state", "vpcId", "vpcName"];

const INSTANCE: Operation =
    Operation { name: "", wrong_state: "", from: &[], meanwhile: "", then: "", needs: &[], seconds: 5.0 };

const AZURE: &[EntityType] = &[EntityType {
    operations: &[
        Operation {
            name: "start",
            wrong_state: "Cannot start an instance that isn't in the stopped state",
            from: &["stopped"],
            meanwhile: "starting",
            then: "running",
            ..INSTANCE
        },
        Operation {
            name: "stop",
            wrong_state: "Cannot stop an instance that isn't in the running state",
            from: &["running"],
            meanwhile: "stopping",
            then: "stopped",
            ..INSTANCE
        },
    ],
    ..EntityType::new("instances", "Instance")
}];

const SWIFT: &[EntityType] =
    &[EntityType { needs: Some(&["name"]), deletable: true, ..EntityType::new("buckets", "Bucket") }];

/// The types of a plugin; empty for an unknown one.
pub(in crate::sandbox::cloudmc) fn of(plugin: &str) -> &'static [EntityType] {
    match plugin {
        "cloudstack" => CLOUDSTACK,
        "azure" => AZURE,
        "swift" => SWIFT,
        _ => &[],
    }
}

/// How the API reports the tasks of a plugin.
pub(in crate::sandbox::cloudmc) fn form(plugin: &str) -> TaskForm {
    match plugin {
        "azure" => TaskForm::WrappedFailure,
        "swift" => TaskForm::WrappedSilent,
        _ => TaskForm::Wrapped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_default_operations_and_its_own() {
        let volumes = CLOUDSTACK.iter().find(|kind| kind.name == "volumes").map(EntityType::operations);
        assert_eq!(
            volumes.into_iter().flatten().collect::<Vec<_>>(),
            [
                ("create", Some("CREATE")),
                ("destroy", Some("DELETE")),
                ("attachToInstance", None),
                ("detachFromInstance", None),
                ("resize", None),
            ]
        );
    }

    #[test]
    fn every_reference_between_types_is_to_a_type() {
        let is_known = |name: &str| CLOUDSTACK.iter().any(|kind| kind.name == name);
        for kind in CLOUDSTACK {
            let used_by = kind.used_by.iter().map(|(name, ..)| *name);
            let contains = kind.contains.iter().map(|(name, _)| *name);
            assert!(used_by.chain(contains).all(is_known), "{}", kind.name);
        }
    }
}
