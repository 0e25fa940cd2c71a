//! The entity types of the plugins and their operations: one table for the routes, the checks and the descriptors.

use crate::sandbox::cloudmc::tasks::TaskForm;

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

    const fn new(name: &'static str, singular: &'static str) -> Self {
        Self {
            name,
            singular,
            offered: false,
            needs: None,
            updatable: &[],
            deletable: false,
            filters: &[],
            details: &[],
            operations: &[],
        }
    }

    const fn offered(name: &'static str, singular: &'static str) -> Self {
        Self { offered: true, ..Self::new(name, singular) }
    }
}

const INSTANCE: Operation =
    Operation { name: "", wrong_state: "", from: &[], meanwhile: "", then: "", needs: &[], seconds: 5.0 };

const CLOUDSTACK: &[EntityType] = &[
    EntityType {
        needs: Some(&["name", "computeOfferingId", "networkId", "templateId"]),
        updatable: &["name", "userData"],
        deletable: true,
        details: &["userData", "publicIps", "nics"],
        operations: &[
            Operation {
                name: "start",
                wrong_state: "Cannot start an instance that isn't in the stopped state",
                from: &["Stopped"],
                meanwhile: "Starting",
                then: "Running",
                ..INSTANCE
            },
            Operation {
                name: "stop",
                wrong_state: "Cannot stop an instance that isn't in the running state",
                from: &["Running"],
                meanwhile: "Stopping",
                then: "Stopped",
                ..INSTANCE
            },
            Operation {
                name: "reboot",
                wrong_state: "Cannot reboot an instance that isn't in the running state",
                from: &["Running"],
                ..INSTANCE
            },
            Operation {
                name: "purge",
                wrong_state: "Cannot purge an instance that isn't in the destroyed state",
                from: &["Destroyed"],
                meanwhile: "Expunging",
                ..INSTANCE
            },
            Operation {
                name: "recover",
                wrong_state: "Cannot recover an instance that isn't in the destroyed state",
                from: &["Destroyed"],
                then: "Stopped",
                ..INSTANCE
            },
            Operation {
                name: "resetPassword",
                wrong_state: "Cannot reset the password of an instance that is neither running nor stopped",
                from: &["Running", "Stopped"],
                ..INSTANCE
            },
            Operation {
                name: "changeComputeOffering",
                wrong_state: "Cannot change the compute offering of an instance that isn't in the stopped state",
                from: &["Stopped"],
                needs: &["computeOfferingId"],
                ..INSTANCE
            },
        ],
        ..EntityType::new("instances", "Instance")
    },
    EntityType {
        needs: Some(&["name", "diskOfferingId"]),
        deletable: true,
        filters: &[("type", "type"), ("instance_id", "instanceId")],
        operations: &[
            Operation { name: "attachToInstance", needs: &["instanceId"], seconds: 3.0, ..INSTANCE },
            Operation { name: "detachFromInstance", seconds: 3.0, ..INSTANCE },
        ],
        ..EntityType::new("volumes", "Volume")
    },
    EntityType {
        needs: Some(&["name", "networkOfferingId", "vpcId"]),
        updatable: &["name", "description"],
        deletable: true,
        filters: &[("vpc_id", "vpcId"), ("zone_id", "zoneId")],
        ..EntityType::new("networks", "Network")
    },
    EntityType { ..EntityType::new("vpcs", "VPC") },
    EntityType {
        needs: Some(&["vpcId"]),
        deletable: true,
        filters: &[("vpc_id", "vpcId")],
        ..EntityType::new("publicipaddresses", "Public IP address")
    },
    EntityType { needs: Some(&["name"]), deletable: true, ..EntityType::new("sshkeys", "SSH key") },
    EntityType::offered("templates", "Template"),
    EntityType::offered("computeofferings", "Compute offering"),
    EntityType::offered("diskofferings", "Disk offering"),
    EntityType::offered("networkofferings", "Network offering"),
    EntityType::offered("zones", "Zone"),
];

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
            ]
        );
    }
}
