//! New networks, their addresses and rules, and VPNs.

use serde_json::{Map, Value, json};

use super::{NewEntity, instances, lookup};
use crate::sandbox::cloudmc::State;
use crate::sandbox::cloudmc::call::Call;
use crate::sandbox::cloudmc::entities::EntityCollection;
use crate::sandbox::cloudmc::objects::{Change, text};
use crate::sandbox::cloudmc::reply::ApiError;

type Made = Result<NewEntity, ApiError>;

/// How long a rule takes to come into force, in seconds at normal speed.
const RULE_DURATION: f64 = 2.0;
/// The fields of a rule of an ACL that are numbers.
pub(in super::super) const ACL_RULE_NUMBERS: [&str; 5] = ["ruleNumber", "startPort", "endPort", "icmpType", "icmpCode"];
const ALGORITHMS: [&str; 3] = ["roundrobin", "leastconn", "source"];

pub(in super::super) fn network(state: &mut State, call: &Call, entities: &EntityCollection) -> Made {
    let vpc = lookup(state, &entities.beside("vpcs"), &call.body, "vpcId")?;
    let offering = lookup(state, &entities.offered("networkofferings"), &call.body, "networkOfferingId")?;
    let acl = lookup_or_first(state, &entities.beside("networkacls"), &call.body, "networkAclId")?;
    let third = 20 + state.collection(&entities.collection).len();
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
        "networkAclId": acl["id"],
        "networkAclName": acl["name"],
        "networkOfferingId": offering["id"],
        "networkOfferingName": offering["name"],
        "networkOfferingDescription": offering["description"],
        "state": "Allocated",
    });
    let then = vec![Change::set(&entities.collection, &id, &json!({ "state": "Implemented" }))];
    Ok(NewEntity { object, then, seconds: 3.0, has_login: false })
}

pub(super) fn vpc(state: &mut State, call: &Call, entities: &EntityCollection) -> Made {
    let offering = lookup(state, &entities.offered("vpcofferings"), &call.body, "vpcOfferingId")?;
    let zone = state.collection(&entities.offered("zones")).first().cloned().unwrap_or_default();
    let taken = state.collection(&entities.collection).len();
    let (id, vpn, name) = (state.new_id(), state.new_id(), &call.body["name"]);
    let object = json!({
        "id": id,
        "name": name,
        "description": text(&call.body, "description"),
        "cidr": format!("10.{}.0.0/22", 20 + 10 * taken),
        "state": "Creating",
        "vpcOfferingId": offering["id"],
        "vpcOfferingName": offering["name"],
        "zoneId": zone["id"],
        "zoneName": zone["name"],
    });
    let vpn = json!({ "id": vpn, "state": "Disabled", "vpcId": id, "vpcName": name });
    let address = address(state, entities, &object, "SOURCE_NAT");
    let then = vec![
        Change::set(&entities.collection, &id, &json!({ "state": "Enabled" })),
        Change::add(&entities.beside("remoteaccessvpns"), vpn),
        Change::add(&entities.beside("publicipaddresses"), address),
    ];
    Ok(NewEntity { object, then, seconds: 5.0, has_login: false })
}

pub(super) fn acl(state: &mut State, call: &Call, entities: &EntityCollection) -> Made {
    let vpc = lookup(state, &entities.beside("vpcs"), &call.body, "vpcId")?;
    let object = json!({
        "id": state.new_id(),
        "name": call.body["name"],
        "description": text(&call.body, "description"),
        "vpcId": vpc["id"],
        "vpcName": vpc["name"],
    });
    Ok(NewEntity { object, then: Vec::new(), seconds: 1.0, has_login: false })
}

pub(super) fn acl_rule(state: &mut State, call: &Call, entities: &EntityCollection) -> Made {
    let body = &call.body;
    let acl = lookup(state, &entities.beside("networkacls"), body, "networkAclId")?;
    check_acl_rule(body)?;
    let number = number_text(&body["ruleNumber"]);
    let is_taken = |rule: &Value| rule["networkAclId"] == acl["id"] && text(rule, "ruleNumber") == number;
    if state.collection(&entities.collection).iter().any(is_taken) {
        return Err(ApiError::bad_field("ruleNumber", "is already taken"));
    }
    let id = state.new_id();
    let mut object = json!({ "id": id, "networkAclId": acl["id"], "ruleNumber": number });
    for field in ["cidr", "action", "protocol", "trafficType"] {
        object[field] = body[field].clone();
    }
    for field in ["startPort", "endPort", "icmpType", "icmpCode"] {
        if !body[field].is_null() {
            object[field] = number_text(&body[field]).into();
        }
    }
    object["state"] = "Creating".into();
    let then = vec![Change::set(&entities.collection, &id, &json!({ "state": "Active" }))];
    Ok(NewEntity { object, then, seconds: RULE_DURATION, has_login: false })
}

/// Refuses words that a rule cannot have; fields that are not there are not checked.
pub(in super::super) fn check_acl_rule(body: &Value) -> Result<(), ApiError> {
    let words: [(&str, &[&str]); 3] = [
        ("action", &["Allow", "Deny"]),
        ("protocol", &["TCP", "UDP", "ICMP", "All"]),
        ("trafficType", &["Ingress", "Egress"]),
    ];
    for (field, allowed) in words {
        let word = text(body, field);
        if !body[field].is_null() && !allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(word)) {
            return Err(ApiError::bad_field(field, &format!("must be one of {}", allowed.join(", "))));
        }
    }
    for field in ACL_RULE_NUMBERS {
        if !body[field].is_null() && number_text(&body[field]).parse::<i32>().is_err() {
            return Err(ApiError::bad_field(field, "must be a number"));
        }
    }
    Ok(())
}

pub(super) fn public_address(state: &mut State, call: &Call, entities: &EntityCollection) -> Made {
    let vpc = lookup(state, &entities.beside("vpcs"), &call.body, "vpcId")?;
    let mut object = address(state, entities, &vpc, "");
    object["state"] = "Allocating".into();
    let then = vec![Change::set(&entities.collection, text(&object, "id"), &json!({ "state": "Allocated" }))];
    Ok(NewEntity { object, then, seconds: 2.0, has_login: false })
}

/// A new public address of a VPC, with a purpose if there is one.
fn address(state: &mut State, entities: &EntityCollection, vpc: &Value, purpose: &str) -> Value {
    let taken = state.collection(&entities.beside("publicipaddresses")).len();
    json!({
        "id": state.new_id(),
        "ipAddress": format!("203.0.113.{}", 21 + taken),
        "purposes": if purpose.is_empty() { json!([]) } else { json!([purpose]) },
        "state": "Allocated",
        "vpcId": vpc["id"],
        "vpcName": vpc["name"],
        "zoneId": vpc["zoneId"],
        "zoneName": vpc["zoneName"],
    })
}

pub(super) fn port_forwarding(state: &mut State, call: &Call, entities: &EntityCollection) -> Made {
    let body = &call.body;
    let address = lookup(state, &entities.beside("publicipaddresses"), body, "ipAddressId")?;
    let instance = instance_at(state, entities, text(body, "privateIpId"))?;
    let protocol = protocol(body)?;
    let (public_start, public_end) = ports(body, "publicPortStart", "publicPortEnd")?;
    let (private_start, private_end) = ports(body, "privatePortStart", "privatePortEnd")?;
    if public_end - public_start != private_end - private_start {
        return Err(ApiError::bad_field("privatePortEnd", "must make as many private ports as public ones"));
    }
    let port = |rule: &Value, field| text(rule, field).parse().unwrap_or(0);
    let overlaps = |rule: &Value| {
        rule["ipAddressId"] == address["id"]
            && text(rule, "protocol").eq_ignore_ascii_case(&protocol)
            && port(rule, "publicPortStart") <= public_end
            && public_start <= port(rule, "publicPortEnd")
    };
    if state.collection(&entities.collection).iter().any(overlaps) {
        return Err(ApiError::bad_field("publicPortStart", "is already forwarded"));
    }
    let id = state.new_id();
    let object = json!({
        "id": id,
        "instanceId": instance["id"],
        "instanceName": instance["name"],
        "ipAddress": address["ipAddress"],
        "ipAddressId": address["id"],
        "networkId": instance["networkId"],
        "networkName": instance["networkName"],
        "privateIp": instance["ipAddress"],
        "privateIpId": body["privateIpId"],
        "privatePortStart": private_start.to_string(),
        "privatePortEnd": private_end.to_string(),
        "publicPortStart": public_start.to_string(),
        "publicPortEnd": public_end.to_string(),
        "protocol": protocol,
        "state": "Creating",
        "vpcId": address["vpcId"],
    });
    let then = vec![
        Change::set(&entities.collection, &id, &json!({ "state": "Active" })),
        entities.purpose(&address, "PORT_FORWARDING", true),
    ];
    Ok(NewEntity { object, then, seconds: RULE_DURATION, has_login: false })
}

pub(super) fn load_balancer(state: &mut State, call: &Call, entities: &EntityCollection) -> Made {
    let body = &call.body;
    let address = lookup(state, &entities.beside("publicipaddresses"), body, "publicIpId")?;
    check_load_balancer(body)?;
    let protocol = protocol(body)?;
    let (public_port, _) = ports(body, "publicPort", "")?;
    let (private_port, _) = ports(body, "privatePort", "")?;
    let instances = instances(state, call, entities)?;
    let network = lookup_or_first(state, &entities.beside("networks"), body, "networkId")?;
    let id = state.new_id();
    let object = json!({
        "id": id,
        "name": body["name"],
        "instanceIds": instances.iter().map(|instance| &instance["id"]).collect::<Vec<_>>(),
        "networkId": network["id"],
        "networkName": network["name"],
        "publicIp": address["ipAddress"],
        "publicIpId": address["id"],
        "publicPort": public_port.to_string(),
        "privatePort": private_port.to_string(),
        "protocol": protocol,
        "algorithm": body["algorithm"],
        "state": "Creating",
    });
    let then = vec![
        Change::set(&entities.collection, &id, &json!({ "state": "Active" })),
        entities.purpose(&address, "LOAD_BALANCING", true),
    ];
    Ok(NewEntity { object, then, seconds: RULE_DURATION, has_login: false })
}

/// Refuses an unknown algorithm and what is not a port; fields that are not there are not checked.
pub(in super::super) fn check_load_balancer(body: &Value) -> Result<(), ApiError> {
    for field in ["publicPort", "privatePort"] {
        if !body[field].is_null() {
            ports(body, field, "")?;
        }
    }
    let wanted = text(body, "algorithm");
    if body["algorithm"].is_null() || ALGORITHMS.contains(&wanted) {
        return Ok(());
    }
    Err(ApiError::bad_field("algorithm", &format!("must be one of {}", ALGORITHMS.join(", "))))
}

pub(super) fn site_to_site(state: &mut State, call: &Call, entities: &EntityCollection) -> Made {
    let vpc = lookup(state, &entities.beside("vpcs"), &call.body, "vpcId")?;
    let id = state.new_id();
    let mut object = json!({ "id": id });
    for (name, value) in entities.kind.changes(&call.body).as_object().into_iter().flatten() {
        object[name] = value.clone();
    }
    object["vpcId"] = vpc["id"].clone();
    object["vpcName"] = vpc["name"].clone();
    object["state"] = "Pending".into();
    let then = vec![Change::set(&entities.collection, &id, &json!({ "state": "Connected" }))];
    Ok(NewEntity { object, then, seconds: 5.0, has_login: false })
}

/// The instance with that private address: the ID is that of one of its network cards.
pub(in super::super) fn instance_at(state: &State, entities: &EntityCollection, id: &str) -> Result<Value, ApiError> {
    let has_card = |instance: &&Value| {
        instance["nics"].as_array().is_some_and(|cards| cards.iter().any(|card| text(card, "id") == id))
    };
    let found = state.collection(&entities.beside("instances")).iter().find(has_card).cloned();
    found.ok_or_else(|| ApiError::bad_field("privateIpId", "refers to a missing object"))
}

fn protocol(body: &Value) -> Result<String, ApiError> {
    let protocol = text(body, "protocol").to_ascii_uppercase();
    if ["TCP", "UDP"].contains(&protocol.as_str()) {
        return Ok(protocol);
    }
    Err(ApiError::bad_field("protocol", "must be one of TCP, UDP"))
}

/// A range of ports; without an end it is one port.
fn ports(body: &Value, start: &str, end: &str) -> Result<(u16, u16), ApiError> {
    let port = |field: &str| {
        let port = number_text(&body[field]).parse().ok().filter(|port| *port > 0);
        port.ok_or_else(|| ApiError::bad_field(field, "must be a port from 1 to 65535"))
    };
    let first = port(start)?;
    let last = if body[end].is_null() { first } else { port(end)? };
    if last < first { Err(ApiError::bad_field(end, &format!("must not be below {start}"))) } else { Ok((first, last)) }
}

/// The object named in a field of the body, or the first one if none is named.
fn lookup_or_first(state: &State, collection: &str, body: &Value, field: &str) -> Result<Value, ApiError> {
    if body[field].is_string() {
        lookup(state, collection, body, field)
    } else {
        Ok(state.collection(collection).first().cloned().unwrap_or_default())
    }
}

/// The numbers of a changed rule as text, as replies have them.
pub(in super::super) fn numbers_as_text(body: &Value, fields: &[&str]) -> Value {
    let given = fields.iter().filter(|field| !body[**field].is_null());
    given.map(|field| ((*field).to_owned(), Value::from(number_text(&body[*field])))).collect::<Map<_, _>>().into()
}

/// A number that may come as text.
fn number_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
