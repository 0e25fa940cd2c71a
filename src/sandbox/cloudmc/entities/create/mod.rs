//! New entities of each type: those of computing and storage are here, those of networks in `network.rs`.

pub(super) mod network;

use serde_json::{Value, json};

use super::EntityCollection;
use crate::sandbox::clock::iso_with_millis;
use crate::sandbox::cloudmc::State;
use crate::sandbox::cloudmc::call::Call;
use crate::sandbox::cloudmc::objects::{Change, pick, text};
use crate::sandbox::cloudmc::reply::ApiError;
use crate::sandbox::pseudorandom;

/// A new entity.
pub(super) struct NewEntity {
    /// Its state during creation.
    pub(super) object: Value,
    /// What changes once it is ready.
    pub(super) then: Vec<Change>,
    /// How long that takes, in seconds at normal speed.
    pub(super) seconds: f64,
    /// Whether the task returns its login.
    pub(super) has_login: bool,
}

/// Creates an entity from the body, which has the required fields.
pub(super) fn make(state: &mut State, call: &Call, entities: &EntityCollection) -> Result<NewEntity, ApiError> {
    let body = &call.body;
    match entities.kind.name {
        "instances" => instance(state, call, entities),
        "volumes" => volume(state, call, entities),
        "networks" => network::network(state, call, entities),
        "vpcs" => network::vpc(state, call, entities),
        "networkacls" => network::acl(state, call, entities),
        "networkaclrules" => network::acl_rule(state, call, entities),
        "publicipaddresses" => network::public_address(state, call, entities),
        "portforwardingrules" => network::port_forwarding(state, call, entities),
        "loadbalancerrules" => network::load_balancer(state, call, entities),
        "affinitygroups" => affinity_group(state, call, entities),
        "vpnusers" => {
            // Its password is shown nowhere.
            let object = json!({ "id": state.new_id(), "username": body["username"] });
            Ok(NewEntity { object, then: Vec::new(), seconds: 1.0, has_login: false })
        }
        "sitetositevpns" => network::site_to_site(state, call, entities),
        "sshkeys" => {
            let digits = pseudorandom::hex(&body.to_string(), 32).into_bytes();
            let pairs: Vec<String> = digits.chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned()).collect();
            let object = json!({ "name": body["name"], "fingerprint": pairs.join(":") });
            Ok(NewEntity { object, then: Vec::new(), seconds: 0.0, has_login: false })
        }
        _ => {
            let object = json!({ "id": body["name"], "name": body["name"] });
            Ok(NewEntity { object, then: Vec::new(), seconds: 0.0, has_login: false })
        }
    }
}

fn instance(state: &mut State, call: &Call, entities: &EntityCollection) -> Result<NewEntity, ApiError> {
    let body = &call.body;
    let offering = offering(state, call, entities)?;
    let network = lookup(state, &entities.beside("networks"), body, "networkId")?;
    let template = lookup(state, &entities.offered("templates"), body, "templateId")?;
    entities.check_quota(state, &offering, None)?;
    let (id, nic, volume, name) = (state.new_id(), state.new_id(), state.new_id(), text(body, "name"));
    let number = state.collection(&entities.collection).len();
    let address = text(&network, "cidr").rsplit_once('.').map_or("10.0.0", |(net, _)| net);
    let object = json!({
        "id": id,
        "name": name,
        "affinityGroupIds": [],
        "computeOfferingId": offering["computeOfferingId"],
        "computeOfferingName": offering["computeOfferingName"],
        "cpuCount": offering["cpuCount"],
        "hostname": name,
        "imageId": template["id"],
        "imageName": template["name"],
        "ipAddress": body["ipAddress"].as_str().map_or(format!("{address}.{}", 14 + number), str::to_owned),
        "isPasswordEnabled": true,
        "macAddress": format!("02:00:5e:10:00:{:02x}", 1 + number),
        "memoryInMB": offering["memoryInMB"],
        "networkId": network["id"],
        "networkName": network["name"],
        "state": "Starting",
        "username": "cmc-user",
        "vpcId": network["vpcId"],
        "vpcName": network["vpcName"],
        "zoneId": network["zoneId"],
        "zoneName": network["zoneName"],
        "userData": text(body, "userData"),
        "publicIps": [],
        "nics": [{ "id": nic, "isDefault": true, "networkId": network["id"] }],
        // As cloud.ca's own clients read it, to forward a port to the instance.
        "ipAddressId": nic,
    });
    let root = json!({
        "id": volume,
        "name": format!("{name}-root"),
        "type": "os",
        "creationDate": iso_with_millis(call.clock.now),
        "instanceId": id,
        "instanceName": name,
        "zoneId": network["zoneId"],
        "zoneName": network["zoneName"],
        "state": "Ready",
        "sizeInGb": body["rootVolumeSizeInGb"].as_u64().unwrap_or(40),
    });
    let then = vec![
        Change::set(&entities.collection, &id, &json!({ "state": "Running" })),
        Change::add(&entities.beside("volumes"), root),
    ];
    Ok(NewEntity { object, then, seconds: 8.0, has_login: true })
}

fn volume(state: &mut State, call: &Call, entities: &EntityCollection) -> Result<NewEntity, ApiError> {
    let offering = lookup(state, &entities.offered("diskofferings"), &call.body, "diskOfferingId")?;
    let zone = state.collection(&entities.offered("zones")).first().cloned().unwrap_or_default();
    let id = state.new_id();
    let mut object = json!({
        "id": id,
        "name": call.body["name"],
        "type": "data",
        "creationDate": iso_with_millis(call.clock.now),
        "zoneId": zone["id"],
        "zoneName": zone["name"],
        "state": "Creating",
        "sizeInGb": offering["storageSizeInGb"],
    });
    if call.body["instanceId"].is_string() {
        let instance = lookup(state, &entities.beside("instances"), &call.body, "instanceId")?;
        object["instanceId"] = instance["id"].clone();
        object["instanceName"] = instance["name"].clone();
    }
    let then = vec![Change::set(&entities.collection, &id, &json!({ "state": "Ready" }))];
    Ok(NewEntity { object, then, seconds: 4.0, has_login: false })
}

fn affinity_group(state: &mut State, call: &Call, entities: &EntityCollection) -> Result<NewEntity, ApiError> {
    const TYPES: [&str; 2] = ["host affinity", "host anti-affinity"];
    let kind = text(&call.body, "type");
    if !TYPES.iter().any(|known| known.eq_ignore_ascii_case(kind)) {
        return Err(ApiError::bad_field("type", &format!("must be one of {}", TYPES.join(", "))));
    }
    let instances = instances(state, call, entities)?;
    let id = state.new_id();
    let object = json!({
        "id": id,
        "name": call.body["name"],
        "description": text(&call.body, "description"),
        "type": kind,
        "instanceIds": instances.iter().map(|instance| &instance["id"]).collect::<Vec<_>>(),
    });
    let then = entities.group_members(state, &id, &object["instanceIds"]);
    Ok(NewEntity { object, then, seconds: 1.0, has_login: false })
}

/// The instances named in the field `instanceIds` of the body.
pub(super) fn instances(state: &State, call: &Call, entities: &EntityCollection) -> Result<Vec<Value>, ApiError> {
    let ids = call.body["instanceIds"].as_array().into_iter().flatten();
    let found = ids.map(|id| state.find(&entities.beside("instances"), id.as_str().unwrap_or_default()).cloned());
    let found: Option<Vec<Value>> = found.collect();
    found.ok_or_else(|| ApiError::bad_field("instanceIds", "refers to a missing object"))
}

/// The object named in a field of the body.
pub(super) fn lookup(state: &State, collection: &str, body: &Value, field: &str) -> Result<Value, ApiError> {
    let found = state.find(collection, text(body, field)).cloned();
    found.ok_or_else(|| ApiError::bad_field(field, "refers to a missing object"))
}

/// The compute offering named in the body, in the fields of an instance; a custom one gets its sizes from the body.
pub(super) fn offering(state: &State, call: &Call, entities: &EntityCollection) -> Result<Value, ApiError> {
    let offering = lookup(state, &entities.offered("computeofferings"), &call.body, "computeOfferingId")?;
    let mut sizes = pick(&offering, &["cpuCount", "memoryInMB"]);
    if offering["custom"] == true {
        call.require_fields(&["cpuCount", "memoryInMB"])?;
        sizes = pick(&call.body, &["cpuCount", "memoryInMB"]);
        for (field, allowed) in [("cpuCount", "availableCpuCountValues"), ("memoryInMB", "availableMemoryInMBValues")] {
            if !offering[allowed].as_array().is_some_and(|allowed| allowed.contains(&sizes[field])) {
                return Err(ApiError::bad_field(field, &format!("must be one of {}", offering[allowed])));
            }
        }
    }
    Ok(json!({
        "computeOfferingId": offering["id"],
        "computeOfferingName": offering["name"],
        "cpuCount": sizes["cpuCount"],
        "memoryInMB": sizes["memoryInMB"],
    }))
}
