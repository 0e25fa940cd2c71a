//! The types of `CloudStack`: computing, storage and networks.

use super::{ANY_FIELD, EntityType, INSTANCE, Operation};

pub(super) const CLOUDSTACK: &[EntityType] = &[
    EntityType {
        needs: Some(&["name", "computeOfferingId", "networkId", "templateId"]),
        updatable: &["name", "userData"],
        deletable: true,
        contains: &[("portforwardingrules", "instanceId")],
        details: &["userData", "publicIps", "nics", "ipAddressId"],
        operations: INSTANCE_OPERATIONS,
        ..EntityType::new("instances", "Instance")
    },
    EntityType {
        needs: Some(&["name", "diskOfferingId"]),
        deletable: true,
        filters: &[("type", "type"), ("instance_id", "instanceId")],
        operations: &[
            Operation { name: "attachToInstance", needs: &["instanceId"], seconds: 3.0, ..INSTANCE },
            Operation { name: "detachFromInstance", seconds: 3.0, ..INSTANCE },
            Operation { name: "resize", seconds: 4.0, ..INSTANCE },
        ],
        ..EntityType::new("volumes", "Volume")
    },
    EntityType {
        needs: Some(&["name", "networkOfferingId", "vpcId"]),
        updatable: &["name", "description"],
        deletable: true,
        filters: &[("vpc_id", "vpcId"), ("zone_id", "zoneId")],
        used_by: Some(("instances", "networkId", "Cannot delete a network that has instances")),
        operations: &[Operation { name: "replace", needs: &["networkAclId"], seconds: 3.0, ..INSTANCE }],
        ..EntityType::new("networks", "Network")
    },
    EntityType {
        needs: Some(&["name", "vpcOfferingId"]),
        updatable: &["name", "description"],
        deletable: true,
        used_by: Some(("networks", "vpcId", "Cannot delete a VPC that has networks")),
        contains: &[
            ("networkacls", "vpcId"),
            ("publicipaddresses", "vpcId"),
            ("remoteaccessvpns", "vpcId"),
            ("sitetositevpns", "vpcId"),
        ],
        operations: &[Operation { name: "restart", seconds: 6.0, ..INSTANCE }],
        ..EntityType::new("vpcs", "VPC")
    },
    EntityType {
        needs: Some(&["name", "vpcId"]),
        updatable: &["name", "description"],
        deletable: true,
        filters: &[("vpc_id", "vpcId")],
        used_by: Some(("networks", "networkAclId", "Cannot delete a network ACL that is used by a network")),
        contains: &[("networkaclrules", "networkAclId")],
        ..EntityType::new("networkacls", "Network ACL")
    },
    EntityType {
        needs: Some(&["networkAclId", "ruleNumber", "cidr", "action", "protocol", "trafficType"]),
        updatable: &[
            "ruleNumber",
            "cidr",
            "action",
            "protocol",
            "startPort",
            "endPort",
            "icmpType",
            "icmpCode",
            "trafficType",
        ],
        deletable: true,
        filters: &[("network_acl_id", "networkAclId")],
        ..EntityType::new("networkaclrules", "Network ACL rule")
    },
    EntityType {
        needs: Some(&["vpcId"]),
        deletable: true,
        filters: &[("vpc_id", "vpcId")],
        contains: &[("portforwardingrules", "ipAddressId"), ("loadbalancerrules", "publicIpId")],
        operations: &[
            Operation { name: "enableStaticNat", needs: &["privateIpId"], seconds: 2.0, ..INSTANCE },
            Operation { name: "disableStaticNat", seconds: 2.0, ..INSTANCE },
        ],
        ..EntityType::new("publicipaddresses", "Public IP address")
    },
    EntityType {
        needs: Some(&["ipAddressId", "privateIpId", "protocol", "privatePortStart", "publicPortStart"]),
        deletable: true,
        filters: &[("instance_id", "instanceId")],
        ..EntityType::new("portforwardingrules", "Port forwarding rule")
    },
    EntityType {
        needs: Some(&["name", "publicIpId", "publicPort", "privatePort", "algorithm", "protocol"]),
        updatable: &["name", "algorithm", "publicPort", "privatePort"],
        deletable: true,
        filters: &[("public_ip_id", "publicIpId")],
        operations: &[
            Operation { name: "updateInstances", needs: &["instanceIds"], seconds: 2.0, ..INSTANCE },
            Operation { name: "updateStickiness", needs: &["stickinessMethod"], seconds: 2.0, ..INSTANCE },
        ],
        ..EntityType::new("loadbalancerrules", "Load balancer rule")
    },
    EntityType {
        needs: Some(&["name", "type"]),
        updatable: &["name", "description", "instanceIds"],
        deletable: true,
        filters: &[("type", "type")],
        ..EntityType::new("affinitygroups", "Affinity group")
    },
    EntityType {
        filters: &[("vpc_id", "vpcId")],
        operations: &[
            Operation {
                name: "enable",
                wrong_state: "Cannot enable a remote access VPN that isn't disabled",
                from: &["Disabled"],
                meanwhile: "Enabling",
                then: "Running",
                ..INSTANCE
            },
            Operation {
                name: "disable",
                wrong_state: "Cannot disable a remote access VPN that isn't running",
                from: &["Running"],
                meanwhile: "Disabling",
                then: "Disabled",
                ..INSTANCE
            },
        ],
        ..EntityType::new("remoteaccessvpns", "Remote access VPN")
    },
    EntityType { needs: Some(&["username", "password"]), deletable: true, ..EntityType::new("vpnusers", "VPN user") },
    EntityType {
        needs: Some(&["name", "vpcId", "gateway", "cidrList", "ipSecPsk"]),
        updatable: ANY_FIELD,
        deletable: true,
        filters: &[("vpc_id", "vpcId")],
        operations: &[Operation { name: "reset", ..INSTANCE }],
        ..EntityType::new("sitetositevpns", "Site-to-site VPN")
    },
    EntityType { needs: Some(&["name"]), deletable: true, ..EntityType::new("sshkeys", "SSH key") },
    EntityType::offered("templates", "Template"),
    EntityType::offered("computeofferings", "Compute offering"),
    EntityType::offered("diskofferings", "Disk offering"),
    EntityType::offered("networkofferings", "Network offering"),
    EntityType::offered("vpcofferings", "VPC offering"),
    EntityType::offered("zones", "Zone"),
];

const INSTANCE_OPERATIONS: &[Operation] = &[
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
    Operation {
        name: "associateSSHKey",
        wrong_state: "Cannot associate an SSH key with an instance that is neither running nor stopped",
        from: &["Running", "Stopped"],
        needs: &["sshKeyName"],
        ..INSTANCE
    },
    Operation {
        name: "createRecoveryPoint",
        wrong_state: "Cannot create a recovery point of an instance that is neither running nor stopped",
        from: &["Running", "Stopped"],
        ..INSTANCE
    },
];
