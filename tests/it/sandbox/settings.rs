//! Settings and maintenance mode.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use crate::support::sandbox::{AWESOME, Sandbox};

fn setting(sandbox: &Sandbox, key: &str) -> Value {
    let settings = sandbox.get(&format!("{AWESOME}/settings"));
    let found = settings.as_array().unwrap().iter().find(|setting| setting["key"] == key).cloned();
    found.unwrap()["value"].clone()
}

#[test]
fn a_setting_is_changed_by_id_or_key() {
    let sandbox = Sandbox::fast();
    let path = format!("{AWESOME}/settings");
    let action = sandbox.call("PUT", &format!("{path}/git-branch.json"), "value=staging").response();
    assert_eq!((&action["action"], &action["resource_type"]), (&json!("stack-set: git.branch"), &json!("stack")));
    assert_eq!(action["resource_id"], "280");
    // As with environment variables, the change is visible at once.
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
fn maintenance_mode_is_the_same_as_setting_and_as_action() {
    let sandbox = Sandbox::fast();
    sandbox.call("PUT", &format!("{AWESOME}/settings/maintenance-mode"), "value=1").response();
    assert_eq!(setting(&sandbox, "maintenance.mode"), true);
    assert_eq!(sandbox.get(AWESOME)["maintenance_mode"], true);
    let action = sandbox.call("POST", &format!("{AWESOME}/actions"), "command=maintenance_mode&value=0").response();
    sandbox.finished(AWESOME, &action);
    assert_eq!(setting(&sandbox, "maintenance.mode"), false);
}

#[test]
fn maintenance_mode_is_on_when_its_action_has_finished() {
    let sandbox = Sandbox::fast();
    for (value, on) in [(json!(1), true), (json!("0"), false)] {
        let body = json!({ "command": "maintenance_mode", "value": value });
        let action = sandbox.call_json("POST", &format!("{AWESOME}/actions.json"), &body).response();
        assert_eq!(action["user"], "test@cloud66.com");
        assert_eq!(sandbox.finished(AWESOME, &action)["finished_success"], true);
        assert_eq!(sandbox.get(AWESOME)["maintenance_mode"], on);
    }
}
