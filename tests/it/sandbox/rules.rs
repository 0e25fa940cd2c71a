//! Settings, firewall rules and notifications: what is set is what is shown.

#![expect(clippy::unwrap_used, reason = "tests")]

use c66::testing::SandboxOptions;
use serde_json::{Value, json};

use super::client::{AWESOME, CARIBOU, CONTAINER, Sandbox};

fn setting(sandbox: &Sandbox, key: &str) -> Value {
    let settings = sandbox.get(&format!("{AWESOME}/settings"));
    let found = settings.as_array().unwrap().iter().find(|setting| setting["key"] == key).cloned();
    found.unwrap()["value"].clone()
}

#[test]
fn a_setting_is_changed_by_its_id_or_its_key() {
    let sandbox = Sandbox::fast();
    let path = format!("{AWESOME}/settings");
    let action = sandbox.call("PUT", &format!("{path}/git-branch.json"), "value=staging").response();
    assert_eq!((&action["action"], &action["resource_type"]), (&json!("stack-set: git.branch"), &json!("stack")));
    assert_eq!(action["resource_id"], "280");
    // As with environment variables, the change is seen at once.
    assert_eq!(setting(&sandbox, "git.branch"), "staging");
    assert_eq!(sandbox.get(AWESOME)["git_branch"], "staging");
    assert_eq!(sandbox.finished(AWESOME, &action)["finished_success"], true);

    sandbox.call_json("PUT", &format!("{path}/reconfigure.nginx"), &json!({ "value": true })).response();
    assert_eq!(setting(&sandbox, "reconfigure.nginx"), true);
    sandbox.call("PUT", &format!("{path}/allowed-web-source"), "value=10.0.0.0/8").response();
    assert_eq!(sandbox.get(&format!("{path}/allowed.web.source"))["value"], "10.0.0.0/8");
    let action = sandbox.call("PUT", &format!("{path}/asset-prefix"), "value=fail").response();
    assert_eq!(sandbox.finished(AWESOME, &action)["finished_success"], false);
}

#[test]
fn maintenance_mode_is_one_thing_with_two_names() {
    let sandbox = Sandbox::fast();
    sandbox.call("PUT", &format!("{AWESOME}/settings/maintenance-mode"), "value=1").response();
    assert_eq!(setting(&sandbox, "maintenance.mode"), true);
    assert_eq!(sandbox.get(AWESOME)["maintenance_mode"], true);
    let action = sandbox.call("POST", &format!("{AWESOME}/actions"), "command=maintenance_mode&value=0").response();
    sandbox.finished(AWESOME, &action);
    assert_eq!(setting(&sandbox, "maintenance.mode"), false);
}

#[test]
fn a_server_takes_another_name_though_it_is_readonly() {
    let sandbox = Sandbox::fast();
    let path = format!("{AWESOME}/servers/{CARIBOU}");
    let action = sandbox.call("PUT", &format!("{path}/settings/server-name.json"), "value=newname").response();
    assert_eq!((&action["action"], &action["resource_type"]), (&json!("server-set: server.name"), &json!("server")));
    assert_eq!(action["resource_id"], "445");
    let server = sandbox.get(&path);
    assert_eq!(
        (&server["name"], &server["dns_record"]),
        (&json!("newname"), &json!("newname.sb-elastic-1.dev.c66.me"))
    );
    assert_eq!(sandbox.get(&format!("{path}/settings/server.name"))["value"], "newname");
    assert_eq!(sandbox.finished(AWESOME, &action)["finished_success"], true);
    // Containers name the server they are on.
    let gazelle = format!("{AWESOME}/servers/c6014897b8c8e9f2fc204a3a9efdae05/settings/server.name");
    sandbox.call("PUT", &gazelle, "value=Gnu").response();
    assert_eq!(sandbox.get(&format!("{AWESOME}/containers/{CONTAINER}"))["server_name"], "Gnu");
}

#[test]
fn a_rule_is_added_without_an_answer() {
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
fn a_rule_with_a_ttl_ends_by_itself() {
    let form = "from_ip=AUTO&protocol=1&port=22&ttl=1";
    let path = format!("{AWESOME}/firewalls");
    let slow = Sandbox::start(SandboxOptions::default());
    slow.call("POST", &path, form);
    let rules = slow.get(&path);
    assert_eq!(rules.as_array().unwrap().len(), 3);
    assert_eq!((&rules[2]["from_ip"], &rules[2]["port"]), (&json!("127.0.0.1"), &json!(22)));
    // A minute of life is over at once here.
    let quick = Sandbox::start(SandboxOptions { speed: 10_000.0, ..SandboxOptions::default() });
    quick.call("POST", &path, form);
    quick.until(&path, |rules| rules.as_array().unwrap().len() == 2);
}

#[test]
fn a_notification_goes_by_other_channels() {
    let sandbox = Sandbox::fast();
    let path = format!("{AWESOME}/notifications");
    let update = |form: &str| {
        let reply = sandbox.call("PUT", &format!("{path}/1190.json"), form);
        assert_eq!((reply.status, reply.body.len()), (200, 0), "{form}");
        sandbox.get(&path)[1].clone()
    };
    assert_eq!(update("channels=[email,ios]")["channels"], json!(["email", "ios"]));
    assert_eq!(update("channels=slack")["channels"], json!(["slack"]));
    let shown = update("params={\"slack_url\":\"https://slack.example/1\"}");
    assert_eq!(shown["channels"], json!(["slack"]));
    assert_eq!(shown["params"], json!({ "slack_url": "https://slack.example/1" }));
    assert_eq!(update("channels=[]")["channels"], json!([]));
    let body = json!({ "channels": ["webhook"], "params": { "webhook_url": "https://hook.example" } });
    assert_eq!(sandbox.call_json("PUT", &format!("{path}/1190"), &body).status, 200);
    let shown = sandbox.get(&format!("{path}/1190"));
    assert_eq!((&shown["channels"], &shown["alert_type"]), (&json!(["webhook"]), &json!("stack.provision.fail")));
    assert_eq!(shown["params"]["webhook_url"], "https://hook.example");
    // The other ones are as they were.
    assert_eq!(sandbox.get(&path)[0]["channels"], json!(["email"]));
}

#[test]
fn notifications_can_be_limited_to_an_alert() {
    let sandbox = Sandbox::fast();
    let path = format!("{AWESOME}/notifications.json");
    let found = sandbox.get(&format!("{path}?alert_type=server.stopped"));
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["alert_type"], "server.stopped");
    assert_eq!(sandbox.get(&format!("{path}?alert_type=nosuch")), json!([]));
}
