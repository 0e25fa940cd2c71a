//! Servers: their settings, keys, and lists limited to one of them.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::json;

use super::services::{DOCKER, servers};
use crate::support::sandbox::{AWESOME, CARIBOU, CONTAINER, Sandbox};

#[test]
fn the_name_of_a_server_can_be_changed_although_it_is_readonly() {
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
fn lists_can_be_limited_to_a_server() {
    let sandbox = Sandbox::fast();
    let [one, _] = servers(&sandbox);
    let shown = sandbox.get(&format!("{DOCKER}/containers?server_uid={one}"));
    assert_eq!(shown.as_array().unwrap().len(), 3);
    assert!(shown.as_array().unwrap().iter().all(|container| container["server_uid"] == json!(one)));
    assert_eq!(sandbox.get(&format!("{DOCKER}/containers?server_uid=nosuch")), json!([]));
    assert_eq!(sandbox.get(&format!("{DOCKER}/services?server_uid=nosuch")), json!([]));
    // The documented call asks for a UID that no other example has.
    let shown = sandbox.get(&format!("{AWESOME}/services/web?server_uid=1239b763474b0eafa5fafb64bff0ba80"));
    assert_eq!((&shown["name"], &shown["containers"]), (&json!("web"), &json!([])));
}

#[test]
fn a_key_is_shown_on_request_only() {
    let sandbox = Sandbox::fast();
    let path = format!("{AWESOME}/servers/{CARIBOU}");
    let server = sandbox.get(&format!("{path}.json?include_private_key=1"));
    for key in ["private_key", "ssh_private_key"] {
        let text = server[key].as_str().unwrap();
        assert!(text.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\n"), "{text}");
        assert!(text.ends_with("\n-----END OPENSSH PRIVATE KEY-----\n"), "{text}");
    }
    for reply in [sandbox.call("GET", &path, ""), sandbox.call("GET", &format!("{AWESOME}/servers"), "")] {
        assert!(!reply.text().contains("private_key"));
    }
}
