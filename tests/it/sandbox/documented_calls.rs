//! The calls of Cloud 66's blog and documentation, in process.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::json;

use crate::support::sandbox::Sandbox;

const BLOG_TOKEN: &str = "ubg5kvaowx6ngpp9pex63pe75bxsjrzia0gcp60y6tmieeg1iwi7fh0fen9nce56";

#[test]
fn the_first_request_lists_the_stacks() {
    let sandbox = Sandbox::fast();
    for token in [BLOG_TOKEN, "4c9c9b1111"] {
        let reply = sandbox.call_as(token, "GET", "/stacks.json", "").json();
        assert_eq!(reply["count"], 30);
        assert_eq!(reply["pagination"]["pages"], 3);
        assert_eq!(reply["response"][0]["name"], "Awesome App");
    }
}

#[test]
fn the_blog_restarts_services_and_polls_by_resource_id() {
    let sandbox = Sandbox::fast();
    let started = sandbox.call_as("6ngpp9", "POST", "/stacks/ubg5kv/action", "command=service_restart").response();
    assert_eq!(started["resource_id"], "283");
    assert_eq!(started["finished_at"], json!(null));
    let finished = sandbox.until("/stacks/ubg5kv/action/283", |action| !action["finished_at"].is_null());
    assert_eq!(finished["id"], started["id"]);
    assert_eq!(finished["action"], "service_restart");
    assert_eq!(finished["started_via"], "api");
    assert_eq!(finished["finished_success"], true);
    // The requested number is the stack's, so the newest action is meant.
    let next = sandbox.call_as("6ngpp9", "POST", "/stacks/ubg5kv/action.json", "command=restart").response();
    assert_eq!(sandbox.get("/stacks/ubg5kv/action/283.json")["id"], next["id"]);
}

#[test]
fn backups_are_filtered_by_the_body_of_a_get() {
    let sandbox = Sandbox::fast();
    let path = "/stacks/f196c5b41758cb7977620d49eb1492ef/backups.json";
    let backups = sandbox.call_as("4c9c9b1111", "GET", path, "group=1345&db_type=mysql").response();
    let backups = backups.as_array().unwrap();
    assert_eq!(backups.len(), 3);
    assert!(backups.iter().all(|backup| backup["db_type"] == "mysql" && backup["database_name"] == "ledger"));
    assert_eq!(sandbox.get(path).as_array().unwrap().len(), 9);
    assert_eq!(sandbox.get(&format!("{path}?group=1345")).as_array().unwrap().len(), 6);
    assert_eq!(sandbox.get(&format!("{path}?db_type=mongodb")), json!([]));
}

#[test]
fn the_blog_lists_the_running_services() {
    let sandbox = Sandbox::fast();
    let services = sandbox.call_as("6ngpp9", "GET", "/stacks/ubg5kv/services", "").response();
    let names: Vec<&str> = services.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["web", "worker", "result"]);
    assert_eq!(services[0]["containers"].as_array().unwrap().len(), 2);
}

#[test]
fn the_example_in_ruby_lists_servers() {
    let sandbox = Sandbox::fast();
    let servers = sandbox.call_as(BLOG_TOKEN, "GET", "/stacks/ubg5kv/servers.json", "").response();
    assert_eq!(servers.as_array().unwrap().len(), 3);
}
