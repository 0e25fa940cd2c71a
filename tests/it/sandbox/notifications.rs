//! Notifications.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::json;

use crate::support::sandbox::{AWESOME, Sandbox};

#[test]
fn the_channels_of_a_notification_can_be_changed() {
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
    // The others are unchanged.
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
