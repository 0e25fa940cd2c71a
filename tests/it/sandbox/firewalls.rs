//! Firewall rules.

#![expect(clippy::unwrap_used, reason = "tests")]

use c66::testing::SandboxOptions;
use serde_json::{Value, json};

use crate::support::sandbox::{AWESOME, CARIBOU, Sandbox};

#[test]
fn a_rule_is_added_with_an_empty_reply() {
    let sandbox = Sandbox::fast();
    let path = format!("{AWESOME}/firewalls");
    for (form, protocol, end) in [
        ("from_ip=123.123.123.123&protocol=1&port=80", "tcp", "from_ip"),
        ("to_ip=10.0.0.0/8&protocol=2&port=53", "udp", "to_ip"),
        ("from_group_id=129&to_group_id=128&protocol=3&port=0", "icmp", "from_group_id"),
        ("from_server_id=193&to_server_id=1&protocol=1&port=65535", "tcp", "to_server_id"),
    ] {
        let reply = sandbox.call("POST", &format!("{path}.json"), form);
        assert_eq!((reply.status, reply.body.len()), (200, 0), "{form}");
        let rules = sandbox.get(&path);
        let rule = rules.as_array().unwrap().last().unwrap();
        assert_eq!((&rule["protocol"], &rule["rule_type"]), (&json!(protocol), &json!("user")));
        assert!(!rule[end].is_null(), "{rule}");
        assert_eq!(sandbox.get(&format!("{path}/{}", rule["id"])), *rule);
    }
    assert_eq!(sandbox.get(&path).as_array().unwrap().len(), 2 + 4);
}

#[test]
fn a_rule_with_a_ttl_expires() {
    let form = "from_ip=AUTO&protocol=1&port=22&ttl=1";
    let path = format!("{AWESOME}/firewalls");
    let slow = Sandbox::start(SandboxOptions::default());
    slow.call("POST", &path, form);
    let rules = slow.get(&path);
    assert_eq!(rules.as_array().unwrap().len(), 3);
    assert_eq!((&rules[2]["from_ip"], &rules[2]["port"]), (&json!("127.0.0.1"), &json!(22)));
    // A lifetime of a minute passes at once here.
    let quick = Sandbox::start(SandboxOptions { speed: 10_000.0, ..SandboxOptions::default() });
    quick.call("POST", &path, form);
    quick.until(&path, |rules| rules.as_array().unwrap().len() == 2);
}

/// The request of the official client's `lease`: JSON, without a protocol, and with an empty UID for all servers.
#[test]
fn a_lease_of_the_official_client_is_an_action_that_opens_the_port() {
    let sandbox = Sandbox::fast();
    let path = format!("{AWESOME}/firewalls");
    for (server, expected) in [("", json!(null)), (CARIBOU, json!(445))] {
        let body = json!({ "ttl": 20, "from_ip": "AUTO", "port": 22, "server_id": server });
        let started = sandbox.call_json("POST", &format!("{path}.json"), &body).response();
        assert_eq!((&started["action"], &started["resource_type"]), (&json!("open_lease"), &json!("stack")));
        assert_eq!([&started["finished_at"], &started["finished_success"]], [&json!(null); 2]);
        let finished = sandbox.finished(AWESOME, &started);
        assert_eq!((&finished["action"], &finished["finished_success"]), (&json!("open_lease"), &json!(true)));
        let rules = sandbox.get(&path);
        let rule = rules.as_array().unwrap().last().unwrap();
        assert_eq!(
            (&rule["from_ip"], &rule["protocol"], &rule["port"]),
            (&json!("127.0.0.1"), &json!("tcp"), &json!(22))
        );
        assert_eq!(rule["to_server_id"], expected);
        assert_eq!(sandbox.get(&format!("{path}/{}", rule["id"])), *rule);
    }
    assert_eq!(sandbox.get(&path).as_array().unwrap().len(), 2 + 2);
}

#[test]
fn a_lease_is_checked_and_fails_where_everything_fails() {
    let sandbox = Sandbox::fast();
    let lease = |stack: &str, body: &Value| sandbox.call_json("POST", &format!("{stack}/firewalls"), body);
    for (body, parameter) in [
        (json!({ "ttl": 20, "from_ip": "AUTO", "port": 22 }), "protocol"),
        (json!({ "ttl": 20, "from_ip": "AUTO", "server_id": "" }), "port"),
        (json!({ "from_ip": "AUTO", "port": 22, "server_id": "" }), "ttl"),
        (json!({ "ttl": 20, "from_ip": "AUTO", "port": 22, "server_id": "", "protocol": 9 }), "protocol"),
    ] {
        let reply = lease(AWESOME, &body);
        assert_eq!(reply.error(), (400, "bad_request".into()), "{body}");
        assert!(reply.details().contains(&format!("`{parameter}`")), "{}", reply.details());
    }
    let unknown = lease(AWESOME, &json!({ "ttl": 20, "from_ip": "AUTO", "port": 22, "server_id": "nosuch" }));
    assert_eq!(unknown.error(), (404, "not_found".into()));
    let doomed = sandbox.stack_named("Doomed App");
    let before = sandbox.get(&format!("{doomed}/firewalls"));
    let body = json!({ "ttl": 20, "from_ip": "AUTO", "port": 22, "server_id": "" });
    let action = sandbox.finished(&doomed, &lease(&doomed, &body).response());
    assert_eq!(action["finished_success"], false);
    assert_eq!(sandbox.get(&format!("{doomed}/firewalls")), before);
}
