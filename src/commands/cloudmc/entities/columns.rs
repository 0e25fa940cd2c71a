//! The columns of a table of resources, which depend on their type and on the fields of the rows.

use serde_json::Value;

use crate::http::trace::is_secret_key;

/// How many plain fields are added to `id`, `name` and the state for an unknown type.
const MORE_FIELDS: usize = 4;

/// The columns of common types.
const KNOWN_TYPES: [(&str, &[&str]); 19] = [
    ("instances", &["id", "name", "state", "ipAddress", "computeOfferingName", "imageName", "networkName", "zoneName"]),
    ("volumes", &["id", "name", "type", "state", "sizeInGb", "instanceName"]),
    ("snapshots", &["id", "name", "state", "volume"]),
    ("templates", &["id", "name", "osTypeName", "ready", "availablePublicly"]),
    ("isos", &["id", "name", "ready", "bootable"]),
    ("sshkeys", &["name", "fingerprint"]),
    ("affinitygroups", &["id", "name", "type"]),
    ("networks", &["id", "name", "cidr", "state", "vpcName"]),
    ("vpcs", &["id", "name", "cidr", "state", "zoneName"]),
    ("networkacls", &["id", "name"]),
    ("networkaclrules", &["ruleNumber", "cidr", "action", "protocol"]),
    ("publicipaddresses", &["id", "ipAddress", "purposes", "state", "vpcName"]),
    ("portforwardingrules", &["id", "ipAddress", "publicPortStart", "privateIp", "privatePortStart", "protocol"]),
    ("loadbalancerrules", &["id", "name", "publicIp", "publicPort", "privatePort"]),
    ("ingressrules", &["id", "sourceCidr", "protocol", "ports"]),
    ("egressrules", &["id", "sourceCidr", "protocol", "ports"]),
    ("nics", &["id", "ipAddress", "networkName", "isDefault"]),
    ("sitetositevpns", &["id", "name", "state", "gateway"]),
    ("computeofferings", &["id", "name", "cpuCount", "memoryInMB", "custom"]),
];

/// The columns for resources of that type: those of a known type if the rows have at least half of them, else `id`,
/// `name`, the state, and a few plain fields that all rows have (with `wide` all such fields).
pub(super) fn columns_of(kind: &str, rows: &[Value], wide: bool) -> Vec<String> {
    let has = |name: &str| rows.iter().any(|row| row.get(name).is_some());
    let known = KNOWN_TYPES.iter().find(|(name, _)| *name == kind).map_or(&[] as &[&str], |(_, columns)| columns);
    let present: Vec<String> = known.iter().filter(|name| has(name)).map(|name| (*name).to_owned()).collect();
    if !wide && !present.is_empty() && present.len() * 2 >= known.len() {
        return present;
    }
    let mut columns: Vec<String> =
        ["id", "name", "state", "status"].into_iter().filter(|name| has(name)).map(str::to_owned).collect();
    if columns.iter().any(|name| name == "state") {
        columns.retain(|name| name != "status");
    }
    let is_plain = |value: &Value| !value.is_array() && !value.is_object();
    let is_common = |name: &&String| rows.iter().all(|row| row.get(name.as_str()).is_some_and(is_plain));
    let fields = rows.first().and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name);
    let more =
        fields.filter(is_common).filter(|name| !columns.contains(name) && !is_secret_key(name) && !name.contains('.'));
    let more: Vec<String> = more.cloned().collect();
    columns.extend(more.into_iter().take(if wide { usize::MAX } else { MORE_FIELDS }));
    columns
}
