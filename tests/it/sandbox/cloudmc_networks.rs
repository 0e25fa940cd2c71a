//! The sandbox's CloudMC as the public clients of cloud.ca use it: volumes, networks, rules, affinity groups and VPNs.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::cloudmc::{COMPUTE, WEB_1, WEB_2, names};
use crate::support::sandbox::Sandbox;

const VPC: &str = "aa7264ba-338a-43f4-b86d-ef6f5602384d";
const NETWORK: &str = "90d38b76-e7dd-4733-8575-0d06a98e8b70";
/// The address with a rule for SSH, and its rule.
const ADDRESS: &str = "193ef9fb-f06e-42ba-a938-0748ff446db2";

/// The field of the first error of a refused request.
fn bad_field(status_and_body: (u16, Value)) -> String {
    let (status, body) = status_and_body;
    assert_eq!(status, 400, "{body}");
    body["errors"][0]["context"]["field"].as_str().unwrap_or_default().to_owned()
}

/// The calls of this file, in `compute/prod`.
struct Prod(Sandbox);

impl Prod {
    fn list(&self, path: &str) -> Vec<Value> {
        self.0.data(&format!("{COMPUTE}/{path}")).as_array().unwrap().clone()
    }

    fn show(&self, path: &str) -> Value {
        self.0.data(&format!("{COMPUTE}/{path}"))
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = Some(body).filter(|body| !body.is_null());
        let reply = self.0.cloudmc(method, &format!("{COMPUTE}/{path}"), body);
        (reply.status, reply.json())
    }

    /// The result of a task that succeeds.
    #[track_caller]
    fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, begun) = self.send(method, path, body);
        assert_eq!(status, 200, "{method} {path}: {begun}");
        let ended = self.0.ended(&begun);
        assert_eq!(ended["data"]["status"], "SUCCESS", "{method} {path}: {ended}");
        ended["data"]["result"].clone()
    }

    /// The path of a new entity.
    #[track_caller]
    fn create(&self, kind: &str, body: &Value) -> String {
        format!("{kind}/{}", self.done("POST", kind, body)["id"].as_str().unwrap())
    }

    fn status(&self, path: &str) -> u16 {
        self.send("GET", path, &Value::Null).0
    }

    /// The ID of the network card of an instance, which is that of its private address.
    fn card(&self, instance: &str) -> Value {
        self.show(&format!("instances/{instance}"))["nics"][0]["id"].clone()
    }
}

fn prod() -> Prod {
    Prod(Sandbox::fast())
}

#[test]
fn volumes_are_filtered_without_regard_to_case_and_grow() {
    let prod = prod();
    let (os, data) = (prod.list("volumes?type=OS"), prod.list("volumes?type=DATA"));
    assert_eq!(os, prod.list("volumes?type=os"));
    assert!(!os.is_empty() && !data.is_empty() && data.iter().all(|volume| volume["type"] == "data"));
    let volume = format!("volumes/{}", data[0]["id"].as_str().unwrap());
    let resize = format!("{volume}?operation=resize");
    prod.done("POST", &resize, &json!({ "sizeInGb": 150 }));
    assert_eq!(prod.show(&volume)["sizeInGb"], 150);
    assert_eq!(bad_field(prod.send("POST", &resize, &json!({ "sizeInGb": 149 }))), "sizeInGb");
    assert_eq!(bad_field(prod.send("POST", &resize, &Value::Null)), "sizeInGb");
    assert_eq!(bad_field(prod.send("POST", &resize, &json!({ "diskOfferingId": "none" }))), "diskOfferingId");
    let small = format!("volumes/{}?operation=resize", os[0]["id"].as_str().unwrap());
    let offering = prod.list("diskofferings")[0]["id"].clone();
    prod.done("POST", &small, &json!({ "diskOfferingId": offering }));
    assert_eq!(prod.list("volumes?type=os")[0]["sizeInGb"], 100);
}

#[test]
fn an_instance_gets_an_ssh_key_and_a_recovery_point() {
    let prod = prod();
    let operation = |name: &str| format!("instances/{WEB_1}?operation={name}");
    prod.done("POST", &operation("associateSSHKey"), &json!({ "sshKeyName": "laptop" }));
    let shown = prod.show(&format!("instances/{WEB_1}"));
    assert_eq!((&shown["sshKeyName"], &shown["state"]), (&json!("laptop"), &json!("Running")));
    let refused = |body: &Value| bad_field(prod.send("POST", &operation("associateSSHKey"), body));
    assert_eq!([refused(&json!({})), refused(&json!({ "sshKeyName": "none" }))], ["sshKeyName", "sshKeyName"]);
    let point = json!({ "recoveryPoint": { "name": "before", "description": "Before the upgrade" } });
    assert_eq!(prod.done("POST", &operation("createRecoveryPoint"), &point)["id"], WEB_1);
    assert_eq!(prod.show(&format!("instances/{WEB_1}")), shown);
    prod.0.cloudmc("DELETE", &format!("{COMPUTE}/instances/{WEB_2}"), None);
    let destroyed = format!("instances/{WEB_2}?operation=createRecoveryPoint");
    let (status, body) = prod.send("POST", &destroyed, &point);
    assert_eq!((status, &body["errors"][0]["code"]), (400, &json!(2012)));
}

#[test]
fn a_vpc_is_made_from_an_offering_and_deleted_when_it_is_empty() {
    let prod = prod();
    let offering = prod.list("vpcofferings")[0]["id"].clone();
    let body = json!({ "name": "lab", "description": "For tests", "vpcOfferingId": offering });
    let vpc = prod.create("vpcs", &body);
    let id = prod.show(&vpc)["id"].clone();
    assert_eq!((&prod.show(&vpc)["state"], &prod.show(&vpc)["vpcOfferingId"]), (&json!("Enabled"), &offering));
    prod.done("PUT", &vpc, &json!({ "description": "Only tests", "cidr": "0.0.0.0/0" }));
    let shown = prod.show(&vpc);
    assert_eq!((&shown["description"], &shown["cidr"]), (&json!("Only tests"), &json!("10.30.0.0/22")));
    prod.done("POST", &format!("{vpc}?operation=restart"), &Value::Null);
    let addresses = prod.list(&format!("publicipaddresses?vpc_id={}", id.as_str().unwrap()));
    assert_eq!((addresses.len(), &addresses[0]["purposes"]), (1, &json!(["SOURCE_NAT"])));
    let acl = prod.create("networkacls", &json!({ "name": "web", "vpcId": id }));
    let body = json!({
        "networkAclId": prod.show(&acl)["id"], "ruleNumber": "1", "cidr": "0.0.0.0/0", "action": "Allow",
        "protocol": "TCP", "startPort": "80", "endPort": "80", "trafficType": "Ingress",
    });
    let rule = prod.create("networkaclrules", &body);
    let offering = prod.list("networkofferings")[0]["id"].clone();
    let body = json!({
        "name": "lab-web", "vpcId": id, "networkOfferingId": offering, "networkAclId": prod.show(&acl)["id"],
    });
    let network = prod.create("networks", &body);
    assert_eq!(prod.show(&network)["networkAclName"], "web");
    let refused = |path: &str| prod.send("DELETE", path, &Value::Null);
    assert_eq!((refused(&vpc).0, refused(&acl).0), (400, 400));
    let error = refused(&acl).1["errors"][0].clone();
    assert_eq!(error["message"], "Cannot delete a network ACL that is used by a network");
    assert_eq!((&error["code"], &error["context"]["currentState"]), (&json!(2012), &json!("InUse")));
    // The other ACL is that of the first network.
    let other = prod.list("networkacls")[0]["id"].clone();
    prod.done("POST", &format!("{network}?operation=replace"), &json!({ "networkAclId": other }));
    assert_eq!(prod.show(&network)["networkAclName"], "default_allow");
    prod.done("DELETE", &network, &Value::Null);
    prod.done("DELETE", &vpc, &Value::Null);
    assert_eq!([&vpc, &acl, &rule].map(|path| prod.status(path)), [404; 3]);
    let vpns = prod.list("remoteaccessvpns");
    assert!(vpns.iter().all(|vpn| vpn["vpcId"] == VPC), "{vpns:?}");
    assert_eq!(bad_field(prod.send("POST", "vpcs", &json!({ "name": "x", "vpcOfferingId": "none" }))), "vpcOfferingId");
}

#[test]
fn rules_of_a_network_acl_are_checked_numbered_and_changed() {
    let prod = prod();
    let acls = prod.list(&format!("networkacls?vpc_id={VPC}"));
    assert_eq!(names(&json!(acls)), ["default_allow", "default_deny"]);
    assert_eq!(prod.list("networkacls?vpc_id=none"), Vec::<Value>::new());
    let acl = acls[0]["id"].clone();
    let rules = format!("networkaclrules?network_acl_id={}", acl.as_str().unwrap());
    assert_eq!(prod.list(&rules).len(), 2);
    assert_eq!(prod.list(&format!("networkaclrules?network_acl_id={}", acls[1]["id"].as_str().unwrap())).len(), 0);
    let body = |changes: &[(&str, Value)]| {
        let mut body = json!({
            "networkAclId": acl, "ruleNumber": 10, "cidr": "10.0.0.0/8", "action": "deny", "protocol": "tcp",
            "startPort": 22, "endPort": 22, "trafficType": "Ingress",
        });
        for (name, value) in changes {
            body[*name] = value.clone();
        }
        body
    };
    let rule = prod.create("networkaclrules", &body(&[]));
    let shown = prod.show(&rule);
    // Numbers are texts, as the official client decodes them.
    assert_eq!(
        [&shown["ruleNumber"], &shown["startPort"], &shown["state"]],
        [&json!("10"), &json!("22"), &json!("Active")]
    );
    prod.done("PUT", &rule, &json!({ "cidr": "10.1.0.0/16", "endPort": 23 }));
    assert_eq!((&prod.show(&rule)["cidr"], &prod.show(&rule)["endPort"]), (&json!("10.1.0.0/16"), &json!("23")));
    for (changes, field) in [
        ([("ruleNumber", json!("10"))], "ruleNumber"),
        ([("ruleNumber", json!("ten"))], "ruleNumber"),
        ([("action", json!("Drop"))], "action"),
        ([("protocol", json!("GRE"))], "protocol"),
        ([("trafficType", json!("Both"))], "trafficType"),
        ([("networkAclId", json!("none"))], "networkAclId"),
        ([("cidr", json!(""))], "cidr"),
    ] {
        assert_eq!(bad_field(prod.send("POST", "networkaclrules", &body(&changes))), field);
    }
    assert_eq!(bad_field(prod.send("PUT", &rule, &json!({ "action": "Drop" }))), "action");
    prod.done("DELETE", &rule, &Value::Null);
    assert_eq!(prod.list(&rules).len(), 2);
}

#[test]
fn ports_of_a_public_address_are_forwarded_once() {
    let prod = prod();
    let rules = |instance: &str| prod.list(&format!("portforwardingrules?instance_id={instance}"));
    assert_eq!((rules(WEB_1).len(), rules(WEB_2).len()), (1, 0));
    assert_eq!(rules(WEB_1)[0]["privateIpId"], prod.card(WEB_1));
    assert_eq!(prod.show(&format!("instances/{WEB_1}"))["ipAddressId"], prod.card(WEB_1));
    let address = prod.create("publicipaddresses", &json!({ "vpcId": VPC }));
    let id = prod.show(&address)["id"].clone();
    let body = json!({
        "ipAddressId": id, "privateIpId": prod.card(WEB_2), "protocol": "tcp",
        "publicPortStart": "8080", "publicPortEnd": "8081", "privatePortStart": "80", "privatePortEnd": "81",
    });
    let rule = prod.create("portforwardingrules", &body);
    let shown = prod.show(&rule);
    assert_eq!(
        (&shown["instanceId"], &shown["protocol"], &shown["state"]),
        (&json!(WEB_2), &json!("TCP"), &json!("Active"))
    );
    assert_eq!((&shown["publicPortEnd"], &shown["privatePortEnd"]), (&json!("8081"), &json!("81")));
    assert_eq!(prod.show(&address)["purposes"], json!(["PORT_FORWARDING"]));
    let with = |name: &str, value: Value| {
        let mut body = body.clone();
        body[name] = value;
        prod.send("POST", "portforwardingrules", &body)
    };
    assert_eq!(bad_field(with("publicPortStart", json!("8081"))), "privatePortEnd");
    assert_eq!(bad_field(with("protocol", json!("TCP"))), "publicPortStart", "it is taken");
    assert_eq!(bad_field(with("protocol", json!("icmp"))), "protocol");
    assert_eq!(bad_field(with("privateIpId", json!("none"))), "privateIpId");
    assert_eq!(bad_field(with("publicPortStart", json!("0"))), "publicPortStart");
    let udp = prod.create("portforwardingrules", &{
        let mut body = body.clone();
        body["protocol"] = json!("udp");
        body
    });
    prod.done("DELETE", &udp, &Value::Null);
    assert_eq!(prod.show(&address)["purposes"], json!(["PORT_FORWARDING"]));
    prod.done("DELETE", &rule, &Value::Null);
    assert_eq!(prod.show(&address)["purposes"], json!([]));
    prod.done("DELETE", &format!("publicipaddresses/{ADDRESS}"), &Value::Null);
    assert_eq!(rules(WEB_1), Vec::<Value>::new(), "its rules go with an address");
}

#[test]
fn an_address_has_static_nat_until_it_is_disabled() {
    let prod = prod();
    let address = prod.create("publicipaddresses", &json!({ "vpcId": VPC }));
    let operate = |name: &str, body: &Value| prod.done("POST", &format!("{address}?operation={name}"), body);
    operate("enableStaticNat", &json!({ "privateIpId": prod.card(WEB_2) }));
    let shown = prod.show(&address);
    assert_eq!((&shown["purposes"], &shown["instances"][0]["id"]), (&json!(["STATIC_NAT"]), &json!(WEB_2)));
    operate("disableStaticNat", &Value::Null);
    let shown = prod.show(&address);
    assert_eq!((&shown["purposes"], shown.get("instances")), (&json!([]), None));
    assert_eq!(
        bad_field(prod.send("POST", &format!("{address}?operation=enableStaticNat"), &json!({}))),
        "privateIpId"
    );
}

#[test]
fn a_load_balancer_rule_has_instances_and_stickiness() {
    let prod = prod();
    let body = json!({
        "name": "www", "publicIpId": ADDRESS, "publicPort": "80", "privatePort": "8080", "networkId": NETWORK,
        "algorithm": "roundrobin", "protocol": "tcp", "instanceIds": [WEB_1],
    });
    let rule = prod.create("loadbalancerrules", &body);
    assert_eq!(prod.list(&format!("loadbalancerrules?public_ip_id={ADDRESS}")).len(), 1);
    let shown = prod.show(&rule);
    assert_eq!(
        [&shown["publicPort"], &shown["privatePort"], &shown["instanceIds"]],
        [&json!("80"), &json!("8080"), &json!([WEB_1])]
    );
    let purposes = || prod.show(&format!("publicipaddresses/{ADDRESS}"))["purposes"].clone();
    assert_eq!(purposes(), json!(["PORT_FORWARDING", "LOAD_BALANCING"]));
    // The documentation has PUT for these, the official client POST.
    for (method, ids) in [("PUT", json!([WEB_1, WEB_2])), ("POST", json!([WEB_2]))] {
        prod.done(method, &format!("{rule}?operation=updateInstances"), &json!({ "instanceIds": ids }));
        assert_eq!(prod.show(&rule)["instanceIds"], ids);
    }
    let sticky = |method: &str, parameters: Value| {
        let body = json!({ "stickinessMethod": method, "stickinessPolicyParameters": parameters });
        prod.done("PUT", &format!("{rule}?operation=updateStickiness"), &body);
        prod.show(&rule)
    };
    let shown = sticky("AppCookie", json!({ "length": "50" }));
    assert_eq!(
        (&shown["stickinessMethod"], &shown["stickinessPolicyParameters"]["length"]),
        (&json!("AppCookie"), &json!("50"))
    );
    assert_eq!(sticky("none", json!(null)).get("stickinessMethod"), None);
    prod.done("PUT", &rule, &json!({ "name": "web", "algorithm": "leastconn", "publicPort": 81 }));
    assert_eq!(prod.show(&rule)["publicPort"], "81");
    assert_eq!(bad_field(prod.send("PUT", &rule, &json!({ "privatePort": 0 }))), "privatePort");
    assert_eq!((&prod.show(&rule)["name"], &prod.show(&rule)["algorithm"]), (&json!("web"), &json!("leastconn")));
    assert_eq!(bad_field(prod.send("PUT", &rule, &json!({ "algorithm": "random" }))), "algorithm");
    for (name, value) in [
        ("publicIpId", json!("none")),
        ("algorithm", json!("random")),
        ("protocol", json!("icmp")),
        ("publicPort", json!("70000")),
        ("instanceIds", json!(["none"])),
    ] {
        let mut wrong = body.clone();
        wrong["name"] = json!("other");
        wrong[name] = value;
        assert_eq!(bad_field(prod.send("POST", "loadbalancerrules", &wrong)), name);
    }
    prod.done("DELETE", &rule, &Value::Null);
    assert_eq!(purposes(), json!(["PORT_FORWARDING"]));
}

#[test]
fn an_affinity_group_and_its_instances_agree() {
    let prod = prod();
    let body = json!({ "name": "apart", "type": "host anti-affinity", "instanceIds": [WEB_1] });
    let group = prod.create("affinitygroups", &body);
    let id = prod.show(&group)["id"].clone();
    let groups = || [WEB_1, WEB_2].map(|web| prod.show(&format!("instances/{web}"))["affinityGroupIds"].clone());
    assert_eq!(groups(), [json!([id]), json!([])]);
    prod.done("PUT", &group, &json!({ "description": "Apart", "instanceIds": [WEB_1, WEB_2] }));
    assert_eq!(groups(), [json!([id]), json!([id])]);
    assert_eq!(prod.list("affinitygroups?type=HOST%20ANTI-AFFINITY").len(), 1);
    assert_eq!(prod.list("affinitygroups?type=host%20affinity").len(), 0);
    assert_eq!(bad_field(prod.send("PUT", &group, &json!({ "instanceIds": ["none"] }))), "instanceIds");
    assert_eq!(bad_field(prod.send("POST", "affinitygroups", &json!({ "name": "x", "type": "near" }))), "type");
    prod.done("DELETE", &group, &Value::Null);
    assert_eq!(groups(), [json!([]), json!([])]);
}

#[test]
fn vpns_are_enabled_reset_and_have_users() {
    let prod = prod();
    let vpn = prod.list(&format!("remoteaccessvpns?vpc_id={VPC}"))[0].clone();
    assert_eq!((&vpn["state"], vpn.get("presharedKey")), (&json!("Disabled"), None));
    let vpn = format!("remoteaccessvpns/{}", vpn["id"].as_str().unwrap());
    let operate = |name: &str| prod.send("POST", &format!("{vpn}?operation={name}"), &Value::Null);
    assert_eq!(operate("disable").1["errors"][0]["code"], 2012);
    prod.0.ended(&operate("enable").1);
    let shown = prod.show(&vpn);
    assert_eq!((&shown["state"], shown["presharedKey"].as_str().unwrap().len()), (&json!("Running"), 24));
    let address = prod.show(&format!("publicipaddresses/{}", shown["publicIpAddressId"].as_str().unwrap()));
    assert_eq!((&address["purposes"], &address["ipAddress"]), (&json!(["SOURCE_NAT"]), &shown["publicIpAddress"]));
    prod.0.ended(&operate("disable").1);
    assert_eq!((&prod.show(&vpn)["state"], prod.show(&vpn).get("presharedKey")), (&json!("Disabled"), None));

    let user = prod.create("vpnusers", &json!({ "username": "mira", "password": "quiet-harbour" }));
    assert_eq!(prod.list("vpnusers")[0]["username"], "mira");
    assert!(!json!([prod.list("vpnusers"), prod.0.data("/activity_log")]).to_string().contains("quiet-harbour"));
    prod.done("DELETE", &user, &Value::Null);
    assert_eq!(prod.list("vpnusers"), Vec::<Value>::new());

    let body = json!({
        "name": "office", "vpcId": VPC, "gateway": "198.51.100.9", "cidrList": "192.168.0.0/24", "ipSecPsk": "secret",
        "ikeLifetime": 86400,
    });
    let site = prod.create("sitetositevpns", &body);
    let shown = prod.show(&site);
    assert_eq!(
        [&shown["state"], &shown["vpcName"], &shown["ikeLifetime"]],
        [&json!("Connected"), &json!("main"), &json!(86400)]
    );
    prod.done(
        "PUT",
        &site,
        &json!({ "gateway": "198.51.100.10", "espLifetime": 3600, "id": "other", "state": "Broken" }),
    );
    let changed = prod.show(&site);
    assert_eq!(
        [&changed["id"], &changed["gateway"], &changed["espLifetime"]],
        [&shown["id"], &json!("198.51.100.10"), &json!(3600)]
    );
    assert_eq!(changed["state"], "Connected");
    prod.done("POST", &format!("{site}?operation=reset"), &Value::Null);
    prod.done("DELETE", &site, &Value::Null);
    assert_eq!(prod.status(&site), 404);
}

/// What the descriptor of the plugin names can be called, and every ID in the lists can be read.
#[test]
fn every_type_of_the_descriptor_has_a_list_whose_items_can_be_read() {
    let prod = prod();
    let descriptor = prod.0.data("/services/descriptors/cloudstack");
    let kinds = descriptor["entityDescriptors"].as_array().unwrap();
    assert!(kinds.len() > 18, "{}", kinds.len());
    for kind in kinds.iter().map(|kind| kind["type"].as_str().unwrap()) {
        for item in prod.list(kind) {
            let id = item.get("id").unwrap_or(&item["name"]).as_str().unwrap().to_owned();
            assert_eq!(prod.status(&format!("{kind}/{id}")), 200, "{kind} {id}");
            for (field, value) in item.as_object().unwrap() {
                let kind = match field.as_str() {
                    "vpcId" => "vpcs",
                    "networkId" => "networks",
                    "networkAclId" => "networkacls",
                    "instanceId" => "instances",
                    "ipAddressId" => "publicipaddresses",
                    "zoneId" => "zones",
                    "computeOfferingId" => "computeofferings",
                    "networkOfferingId" => "networkofferings",
                    "imageId" => "templates",
                    _ => continue,
                };
                assert_eq!(prod.status(&format!("{kind}/{}", value.as_str().unwrap())), 200, "{field} of {item}");
            }
        }
    }
}
