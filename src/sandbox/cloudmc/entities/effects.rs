//! The effects of operations and changes that concern more than the state of an entity.

use serde_json::{Value, json};

use super::EntityCollection;
use super::create::{self, network};
use super::types::{self, EntityType};
use crate::sandbox::cloudmc::State;
use crate::sandbox::cloudmc::call::Call;
use crate::sandbox::cloudmc::objects::{Change, text};
use crate::sandbox::cloudmc::reply::ApiError;
use crate::sandbox::pseudorandom;

/// What the operation `name` changes on `item`, beside its state.
pub(super) fn of(
    state: &mut State,
    call: &Call,
    entities: &EntityCollection,
    item: &Value,
    name: &str,
) -> Result<Vec<Change>, ApiError> {
    let (body, id) = (&call.body, text(item, "id"));
    let set = |fields: &Value| Ok(vec![Change::set(&entities.collection, id, fields)]);
    match name {
        "purge" => Ok(vec![Change::remove(&entities.collection, id)]),
        "changeComputeOffering" => {
            let offering = create::offering(state, call, entities)?;
            entities.check_quota(state, &offering, Some(id))?;
            set(&offering)
        }
        "associateSSHKey" => {
            let key = create::lookup(state, &entities.beside("sshkeys"), body, "sshKeyName")?;
            set(&json!({ "sshKeyName": key["name"] }))
        }
        "attachToInstance" => {
            let instance = state.get(&entities.beside("instances"), text(body, "instanceId"), "Instance")?;
            set(&json!({ "instanceId": instance["id"], "instanceName": instance["name"] }))
        }
        "detachFromInstance" => set(&json!({ "instanceId": null, "instanceName": null })),
        "resize" => set(&json!({ "sizeInGb": new_size(state, call, entities, item)? })),
        "replace" => {
            let acl = create::lookup(state, &entities.beside("networkacls"), body, "networkAclId")?;
            set(&json!({ "networkAclId": acl["id"], "networkAclName": acl["name"] }))
        }
        "enableStaticNat" => {
            let instance = network::instance_at(state, entities, text(body, "privateIpId"))?;
            let instances = json!([{ "id": instance["id"], "name": instance["name"] }]);
            let fields = json!({ "instances": instances, "privateIpId": body["privateIpId"] });
            Ok(vec![Change::set(&entities.collection, id, &fields), entities.purpose(item, "STATIC_NAT", true)])
        }
        "disableStaticNat" => {
            let fields = json!({ "instances": null, "privateIpId": null });
            Ok(vec![Change::set(&entities.collection, id, &fields), entities.purpose(item, "STATIC_NAT", false)])
        }
        "updateInstances" => {
            let instances = create::instances(state, call, entities)?;
            set(&json!({ "instanceIds": instances.iter().map(|instance| &instance["id"]).collect::<Vec<_>>() }))
        }
        "updateStickiness" if text(body, "stickinessMethod").eq_ignore_ascii_case("none") => {
            set(&json!({ "stickinessMethod": null, "stickinessPolicyParameters": null }))
        }
        "updateStickiness" => set(&json!({
            "stickinessMethod": body["stickinessMethod"],
            "stickinessPolicyParameters": body["stickinessPolicyParameters"],
        })),
        "enable" => {
            let key = pseudorandom::alphanumeric(&format!("preshared key {}", state.new_id()), 24);
            let addresses = state.collection(&entities.beside("publicipaddresses"));
            let is_of_vpc = |address: &&Value| {
                let purposes = address["purposes"].as_array();
                address["vpcId"] == item["vpcId"] && purposes.is_some_and(|known| known.contains(&"SOURCE_NAT".into()))
            };
            let address = addresses.iter().find(is_of_vpc).cloned().unwrap_or_default();
            set(&json!({
                "presharedKey": key,
                "publicIpAddress": address["ipAddress"],
                "publicIpAddressId": address["id"],
                "type": "L2TP",
            }))
        }
        "disable" => set(&json!({
            "presharedKey": null, "publicIpAddress": null, "publicIpAddressId": null, "type": null,
        })),
        _ => Ok(Vec::new()),
    }
}

/// What a change of fields changes beside them; refuses fields that cannot have their values.
pub(super) fn of_update(
    state: &State,
    call: &Call,
    entities: &EntityCollection,
    item: &Value,
) -> Result<Vec<Change>, ApiError> {
    let (body, id) = (&call.body, text(item, "id"));
    let as_text =
        |fields: &[&str]| Ok(vec![Change::set(&entities.collection, id, &network::numbers_as_text(body, fields))]);
    match entities.kind.name {
        "networkaclrules" => {
            network::check_acl_rule(body)?;
            as_text(&network::ACL_RULE_NUMBERS)
        }
        "loadbalancerrules" => {
            network::check_load_balancer(body)?;
            as_text(&["publicPort", "privatePort"])
        }
        "affinitygroups" if body["instanceIds"].is_array() => {
            create::instances(state, call, entities)?;
            Ok(entities.group_members(state, id, &body["instanceIds"]))
        }
        _ => Ok(Vec::new()),
    }
}

/// What goes with a deleted entity.
pub(super) fn of_deletion(state: &State, entities: &EntityCollection, item: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    remove_contents(state, entities, entities.kind, item, &mut changes);
    match entities.kind.name {
        "affinitygroups" => changes.extend(entities.group_members(state, text(item, "id"), &json!([]))),
        "portforwardingrules" => changes.extend(entities.unused(state, item, "ipAddressId", "PORT_FORWARDING")),
        "loadbalancerrules" => changes.extend(entities.unused(state, item, "publicIpId", "LOAD_BALANCING")),
        _ => {}
    }
    changes
}

/// Removes what `item` of the type `kind` contains, and what that contains.
fn remove_contents(
    state: &State,
    entities: &EntityCollection,
    kind: &EntityType,
    item: &Value,
    changes: &mut Vec<Change>,
) {
    for (name, field) in kind.contains {
        let collection = entities.beside(name);
        let inner = types::of(&entities.plugin).iter().find(|inner| inner.name == *name);
        for other in state.collection(&collection).iter().filter(|other| other[*field] == item["id"]) {
            if let Some(inner) = inner {
                remove_contents(state, entities, inner, other, changes);
            }
            changes.push(Change::remove(&collection, text(other, "id")));
        }
    }
}

/// The new size of a volume, from its body or from a disk offering; it never shrinks.
fn new_size(state: &State, call: &Call, entities: &EntityCollection, item: &Value) -> Result<u64, ApiError> {
    let by_offering = call.body["diskOfferingId"].is_string();
    let field = if by_offering { "diskOfferingId" } else { "sizeInGb" };
    let wanted = if by_offering {
        create::lookup(state, &entities.offered("diskofferings"), &call.body, field)?["storageSizeInGb"].as_u64()
    } else {
        call.require_fields(&[field])?;
        let size = &call.body[field];
        size.as_u64().or_else(|| size.as_str()?.parse().ok())
    };
    let now = item["sizeInGb"].as_u64().unwrap_or_default();
    wanted.filter(|wanted| *wanted >= now).ok_or_else(|| {
        ApiError::bad_field(field, &format!("must be a whole number of GB, and not below the {now} GB of the volume"))
    })
}

impl EntityCollection {
    /// Adds a purpose to a public address, or removes it.
    pub(super) fn purpose(&self, address: &Value, purpose: &str, has: bool) -> Change {
        let known = address["purposes"].as_array().into_iter().flatten().filter(|known| *known != purpose).cloned();
        let purposes: Vec<Value> = known.chain(has.then(|| purpose.into())).collect();
        Change::set(&self.beside("publicipaddresses"), text(address, "id"), &json!({ "purposes": purposes }))
    }

    /// Removes a purpose of the address that a deleted rule names in `field`, if no other rule needs it.
    fn unused(&self, state: &State, rule: &Value, field: &str, purpose: &str) -> Option<Change> {
        let rules = state.collection(&self.collection);
        let is_last = rules.iter().filter(|other| other[field] == rule[field]).count() == 1;
        let address = state.find(&self.beside("publicipaddresses"), text(rule, field))?;
        is_last.then(|| self.purpose(address, purpose, false))
    }

    /// Makes these instances the members of an affinity group, and no others.
    pub(super) fn group_members(&self, state: &State, group: &str, members: &Value) -> Vec<Change> {
        let collection = self.beside("instances");
        let is_member = |instance: &Value| members.as_array().is_some_and(|members| members.contains(&instance["id"]));
        let change = |instance: &Value| {
            let groups = instance["affinityGroupIds"].as_array().cloned().unwrap_or_default();
            let mut wanted: Vec<Value> = groups.iter().filter(|known| *known != group).cloned().collect();
            wanted.extend(is_member(instance).then(|| group.into()));
            let id = text(instance, "id");
            (wanted != groups).then(|| Change::set(&collection, id, &json!({ "affinityGroupIds": wanted })))
        };
        state.collection(&collection).iter().filter_map(change).collect()
    }
}
