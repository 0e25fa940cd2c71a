//! The types of things that the services have, and what can be done with each: one table for the routes, the checks and
//! the descriptors.

use crate::sandbox::cloudmc::tasks::TaskForm;

/// A type of things.
pub(in crate::sandbox::cloudmc) struct EntityType {
    pub(in crate::sandbox::cloudmc) name: &'static str,
    /// What one is called at the beginning of a sentence.
    pub(in crate::sandbox::cloudmc) singular: &'static str,
    /// Whether the connection offers them to all of its environments, and nobody can change them.
    pub(in crate::sandbox::cloudmc) offered: bool,
    /// Fields that a new one must be given; nothing when none can be made.
    pub(in crate::sandbox::cloudmc) needs: Option<&'static [&'static str]>,
    /// Fields that can be given new values.
    pub(in crate::sandbox::cloudmc) updatable: &'static [&'static str],
    /// Whether one can be deleted.
    pub(in crate::sandbox::cloudmc) deletable: bool,
    /// Parameters of the query that choose, with the field that they are about.
    pub(in crate::sandbox::cloudmc) filters: &'static [(&'static str, &'static str)],
    /// Fields that only the reply about a single one has.
    pub(in crate::sandbox::cloudmc) details: &'static [&'static str],
    /// What else can be done with one.
    pub(in crate::sandbox::cloudmc) operations: &'static [Operation],
}

/// Something to be done with a thing.
pub(in crate::sandbox::cloudmc) struct Operation {
    pub(in crate::sandbox::cloudmc) name: &'static str,
    /// What the thing must be for it, in words for an error: `Cannot stop an instance that …`.
    pub(in crate::sandbox::cloudmc) or_else: &'static str,
    /// The states in which it is possible; any when there is none.
    pub(in crate::sandbox::cloudmc) from: &'static [&'static str],
    /// The state meanwhile and afterwards; the same as before when it is empty.
    pub(in crate::sandbox::cloudmc) meanwhile: &'static str,
    pub(in crate::sandbox::cloudmc) then: &'static str,
    /// Fields that the body must have.
    pub(in crate::sandbox::cloudmc) needs: &'static [&'static str],
    /// How long it takes, in seconds of life.
    pub(in crate::sandbox::cloudmc) seconds: f64,
}

impl EntityType {
    /// The names of all that can be done, with the plain verb that does it where there is one.
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
    Operation { name: "", or_else: "", from: &[], meanwhile: "", then: "", needs: &[], seconds: 5.0 };

const CLOUDSTACK: &[EntityType] = &[
    EntityType {
        needs: Some(&["name", "computeOfferingId", "networkId", "templateId"]),
        updatable: &["name", "userData"],
        deletable: true,
        details: &["userData", "publicIps", "nics"],
        operations: &[
            Operation {
                name: "start",
                or_else: "Cannot start an instance that isn't in the stopped state",
                from: &["Stopped"],
                meanwhile: "Starting",
                then: "Running",
                ..INSTANCE
            },
            Operation {
                name: "stop",
                or_else: "Cannot stop an instance that isn't in the running state",
                from: &["Running"],
                meanwhile: "Stopping",
                then: "Stopped",
                ..INSTANCE
            },
            Operation {
                name: "reboot",
                or_else: "Cannot reboot an instance that isn't in the running state",
                from: &["Running"],
                ..INSTANCE
            },
            Operation {
                name: "purge",
                or_else: "Cannot purge an instance that isn't in the destroyed state",
                from: &["Destroyed"],
                meanwhile: "Expunging",
                ..INSTANCE
            },
            Operation {
                name: "recover",
                or_else: "Cannot recover an instance that isn't in the destroyed state",
                from: &["Destroyed"],
                then: "Stopped",
                ..INSTANCE
            },
            Operation {
                name: "resetPassword",
                or_else: "Cannot reset the password of an instance that is neither running nor stopped",
                from: &["Running", "Stopped"],
                ..INSTANCE
            },
            Operation {
                name: "changeComputeOffering",
                or_else: "Cannot change the compute offering of an instance that isn't in the stopped state",
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
            or_else: "Cannot start an instance that isn't in the stopped state",
            from: &["stopped"],
            meanwhile: "starting",
            then: "running",
            ..INSTANCE
        },
        Operation {
            name: "stop",
            or_else: "Cannot stop an instance that isn't in the running state",
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

/// The types of a plugin; none when there is no such plugin.
pub(in crate::sandbox::cloudmc) fn of(plugin: &str) -> &'static [EntityType] {
    match plugin {
        "cloudstack" => CLOUDSTACK,
        "azure" => AZURE,
        "swift" => SWIFT,
        _ => &[],
    }
}

/// How the tasks of a plugin are told of.
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
    fn a_type_tells_its_plain_verbs_and_its_operations() {
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
