//! New things in an environment: what each type is made of.

use serde_json::{Value, json};

use super::Shelf;
use crate::sandbox::cloudmc::activity_log::exact;
use crate::sandbox::cloudmc::reply::Refusal;
use crate::sandbox::cloudmc::router::{Call, wrong};
use crate::sandbox::cloudmc::state::{Change, State, part, text};
use crate::sandbox::pseudorandom;

/// Something new.
pub(in crate::sandbox::cloudmc) struct Made {
    /// As it is while it is being made.
    pub(in crate::sandbox::cloudmc) object: Value,
    /// What changes when it is ready.
    pub(in crate::sandbox::cloudmc) then: Vec<Change>,
    /// How long that takes, in seconds of life.
    pub(in crate::sandbox::cloudmc) seconds: f64,
    /// Whether its login is what comes of it.
    pub(in crate::sandbox::cloudmc) secret: bool,
}

/// Makes something of the shelf's type from the body, whose needed fields are there.
pub(in crate::sandbox::cloudmc) fn make(state: &mut State, call: &Call, shelf: &Shelf) -> Result<Made, Refusal> {
    let body = &call.body;
    match shelf.kind.name {
        "instances" => instance(state, call, shelf),
        "volumes" => volume(state, call, shelf),
        "networks" => network(state, call, shelf),
        "publicipaddresses" => {
            let vpc = referred(state, &shelf.beside("vpcs"), body, "vpcId")?;
            let taken = state.drawer(&shelf.drawer).len();
            let id = state.new_id();
            let object = json!({
                "id": id,
                "ipAddress": format!("203.0.113.{}", 21 + taken),
                "purposes": [],
                "state": "Allocating",
                "vpcId": vpc["id"],
                "vpcName": vpc["name"],
                "zoneId": vpc["zoneId"],
                "zoneName": vpc["zoneName"],
            });
            let then = vec![Change::set(&shelf.drawer, &id, &json!({ "state": "Allocated" }))];
            Ok(Made { object, then, seconds: 2.0, secret: false })
        }
        "sshkeys" => {
            let digits = pseudorandom::hex(&body.to_string(), 32).into_bytes();
            let pairs: Vec<String> = digits.chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned()).collect();
            let object = json!({ "name": body["name"], "fingerprint": pairs.join(":") });
            Ok(Made { object, then: Vec::new(), seconds: 0.0, secret: false })
        }
        _ => {
            let object = json!({ "id": body["name"], "name": body["name"] });
            Ok(Made { object, then: Vec::new(), seconds: 0.0, secret: false })
        }
    }
}

fn instance(state: &mut State, call: &Call, shelf: &Shelf) -> Result<Made, Refusal> {
    let body = &call.body;
    let offering = offering(state, call, shelf)?;
    let network = referred(state, &shelf.beside("networks"), body, "networkId")?;
    let template = referred(state, &shelf.offered("templates"), body, "templateId")?;
    within_quota(state, shelf, &offering, None)?;
    let (id, nic, volume, name) = (state.new_id(), state.new_id(), state.new_id(), text(body, "name"));
    let number = state.drawer(&shelf.drawer).len();
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
    });
    let root = json!({
        "id": volume,
        "name": format!("{name}-root"),
        "type": "os",
        "creationDate": exact(call.clock.now),
        "instanceId": id,
        "instanceName": name,
        "zoneId": network["zoneId"],
        "zoneName": network["zoneName"],
        "state": "Ready",
        "sizeInGb": body["rootVolumeSizeInGb"].as_u64().unwrap_or(40),
    });
    let then = vec![
        Change::set(&shelf.drawer, &id, &json!({ "state": "Running" })),
        Change::Add { drawer: shelf.beside("volumes"), object: root },
    ];
    Ok(Made { object, then, seconds: 8.0, secret: true })
}

fn volume(state: &mut State, call: &Call, shelf: &Shelf) -> Result<Made, Refusal> {
    let offering = referred(state, &shelf.offered("diskofferings"), &call.body, "diskOfferingId")?;
    let zone = state.drawer(&shelf.offered("zones")).first().cloned().unwrap_or_default();
    let id = state.new_id();
    let mut object = json!({
        "id": id,
        "name": call.body["name"],
        "type": "data",
        "creationDate": exact(call.clock.now),
        "zoneId": zone["id"],
        "zoneName": zone["name"],
        "state": "Creating",
        "sizeInGb": offering["storageSizeInGb"],
    });
    if call.body["instanceId"].is_string() {
        let instance = referred(state, &shelf.beside("instances"), &call.body, "instanceId")?;
        object["instanceId"] = instance["id"].clone();
        object["instanceName"] = instance["name"].clone();
    }
    let then = vec![Change::set(&shelf.drawer, &id, &json!({ "state": "Ready" }))];
    Ok(Made { object, then, seconds: 4.0, secret: false })
}

fn network(state: &mut State, call: &Call, shelf: &Shelf) -> Result<Made, Refusal> {
    let vpc = referred(state, &shelf.beside("vpcs"), &call.body, "vpcId")?;
    let offering = referred(state, &shelf.offered("networkofferings"), &call.body, "networkOfferingId")?;
    let model = state.drawer(&shelf.drawer).first().cloned().unwrap_or_default();
    let third = 20 + state.drawer(&shelf.drawer).len();
    let id = state.new_id();
    let object = json!({
        "id": id,
        "name": call.body["name"],
        "description": text(&call.body, "description"),
        "vpcId": vpc["id"],
        "vpcName": vpc["name"],
        "zoneId": vpc["zoneId"],
        "zoneName": vpc["zoneName"],
        "cidr": format!("10.20.{third}.0/24"),
        "gateway": format!("10.20.{third}.1"),
        "netmask": "255.255.255.0",
        "networkAclId": model["networkAclId"],
        "networkAclName": model["networkAclName"],
        "networkOfferingId": offering["id"],
        "networkOfferingName": offering["name"],
        "networkOfferingDescription": offering["description"],
        "state": "Allocated",
    });
    let then = vec![Change::set(&shelf.drawer, &id, &json!({ "state": "Implemented" }))];
    Ok(Made { object, then, seconds: 3.0, secret: false })
}

/// What a field of the body names.
fn referred(state: &State, drawer: &str, body: &Value, field: &str) -> Result<Value, Refusal> {
    let found = state.find(drawer, text(body, field)).cloned();
    found.ok_or_else(|| Refusal::bad_fields(vec![wrong(field, "names nothing that is there")]))
}

/// The compute offering of the body in the fields of an instance; a custom one gets its numbers from the body.
pub(in crate::sandbox::cloudmc) fn offering(state: &State, call: &Call, shelf: &Shelf) -> Result<Value, Refusal> {
    let offering = referred(state, &shelf.offered("computeofferings"), &call.body, "computeOfferingId")?;
    let mut sizes = part(&offering, &["cpuCount", "memoryInMB"]);
    if offering["custom"] == true {
        call.must_have(&["cpuCount", "memoryInMB"])?;
        sizes = part(&call.body, &["cpuCount", "memoryInMB"]);
        for (field, allowed) in [("cpuCount", "availableCpuCountValues"), ("memoryInMB", "availableMemoryInMBValues")] {
            if !offering[allowed].as_array().is_some_and(|allowed| allowed.contains(&sizes[field])) {
                return Err(Refusal::bad_fields(vec![wrong(field, &format!("must be one of {}", offering[allowed]))]));
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

/// Refuses more cores than the connection's quota allows in the environment; `instead_of` is an instance to be resized.
pub(in crate::sandbox::cloudmc) fn within_quota(
    state: &State,
    shelf: &Shelf,
    offering: &Value,
    instead_of: Option<&str>,
) -> Result<(), Refusal> {
    let connection = &shelf.environment["serviceConnection"]["id"];
    let mut quotas = state.drawer("quotas").iter().filter(|quota| quota["serviceConnection"]["id"] == *connection);
    let Some(limit) = quotas.find_map(|quota| quota["quotaDetails"][0]["ceiling"].as_u64()) else { return Ok(()) };
    let others = state.drawer(&shelf.drawer).iter().filter(|item| Some(text(item, "id")) != instead_of);
    let used: u64 = others.filter_map(|item| item["cpuCount"].as_u64()).sum();
    let requested = offering["cpuCount"].as_u64().unwrap_or_default();
    if used + requested > limit { Err(Refusal::quota("vCPUs", limit, used, requested)) } else { Ok(()) }
}
