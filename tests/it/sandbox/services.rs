//! Services and containers: scaling, stopping and restarting.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use crate::support::sandbox::{AWESOME, CONTAINER, Sandbox};

pub(super) const DOCKER: &str = "/stacks/ubg5kv";

/// The UIDs of the servers that a docker stack runs its containers on.
pub(super) fn servers(sandbox: &Sandbox) -> [String; 2] {
    let servers = sandbox.get(&format!("{DOCKER}/servers"));
    [0, 1].map(|index: usize| servers[index]["uid"].as_str().unwrap().to_owned())
}

/// The number of containers of a service on each of the two servers.
fn counts(sandbox: &Sandbox, service: &str) -> [usize; 2] {
    servers(sandbox).map(|uid| {
        let shown = sandbox.get(&format!("{DOCKER}/services/{service}?server_uid={uid}"));
        shown["containers"].as_array().unwrap().len()
    })
}

fn containers(sandbox: &Sandbox, stack: &str) -> Vec<Value> {
    sandbox.get(&format!("{stack}/containers")).as_array().unwrap().clone()
}

#[test]
fn scaling_by_server_changes_the_containers_when_it_has_finished() {
    let sandbox = Sandbox::fast();
    let [one, two] = servers(&sandbox);
    let before = containers(&sandbox, DOCKER);
    let body = json!({ "service_name": "web", "server_count": { one.as_str(): 3, two.as_str(): 0 } });
    let action = sandbox.call_json("POST", &format!("{DOCKER}/services.json"), &body).response();
    assert_eq!((&action["action"], &action["resource_id"]), (&json!("service_scale"), &json!("283")));
    assert_eq!(sandbox.finished(DOCKER, &action)["finished_success"], true);
    assert_eq!(counts(&sandbox, "web"), [3, 0]);
    assert_eq!(counts(&sandbox, "worker"), [1, 1]);
    let after = containers(&sandbox, DOCKER);
    let new: Vec<&Value> = after.iter().filter(|container| !before.contains(container)).collect();
    assert_eq!(new.len(), 2);
    for container in new {
        assert_eq!(container["uid"].as_str().unwrap().len(), 64);
        assert_eq!((&container["service_name"], &container["server_uid"]), (&json!("web"), &json!(one)));
    }
}

#[test]
fn scaling_by_group_spreads_the_containers() {
    let sandbox = Sandbox::fast();
    for (group, wanted, expected) in
        [("Docker Server", 5, [3, 2]), ("docker", 2, [1, 1]), ("web", 1, [1, 0]), ("docker server", 0, [0, 0])]
    {
        // The count may be a JSON object in a text, as forms send it.
        let form = format!("service_name=result&server_group_count={{\"{group}\":{wanted}}}");
        let action = sandbox.call("POST", &format!("{DOCKER}/services"), &form).response();
        sandbox.finished(DOCKER, &action);
        assert_eq!(counts(&sandbox, "result"), expected, "{group}");
    }
    // A service without containers is still listed.
    let stopped = &sandbox.get(&format!("{DOCKER}/services"))[2];
    assert_eq!((&stopped["name"], &stopped["containers"]), (&json!("result"), &json!([])));
}

#[test]
fn a_stopped_service_has_no_containers() {
    let sandbox = Sandbox::fast();
    let [one, two] = servers(&sandbox);
    // The documents put the server into the query, the official client into a JSON body.
    let action = sandbox.call("DELETE", &format!("{DOCKER}/services/web.json?server_uid={one}"), "").response();
    assert_eq!(action["action"], "service_stop");
    sandbox.finished(DOCKER, &action);
    assert_eq!(counts(&sandbox, "web"), [0, 1]);
    let body = json!({ "server_uid": two });
    let action = sandbox.call_json("DELETE", &format!("{DOCKER}/services/worker"), &body).response();
    sandbox.finished(DOCKER, &action);
    assert_eq!(counts(&sandbox, "worker"), [1, 0]);
    let action = sandbox.call("DELETE", &format!("{DOCKER}/services/result"), "").response();
    sandbox.finished(DOCKER, &action);
    assert_eq!(counts(&sandbox, "result"), [0, 0]);
    assert_eq!(containers(&sandbox, DOCKER).len(), 2);
}

#[test]
fn a_restart_changes_the_start_times_of_its_containers() {
    let sandbox = Sandbox::fast();
    let started = || {
        let containers = containers(&sandbox, DOCKER);
        let old = |container: &&Value| container["started_at"] == container["created_at"];
        let old: Vec<String> = containers.iter().filter(old).map(|one| one["service_name"].to_string()).collect();
        (old.iter().filter(|service| *service == "\"web\"").count(), old.len())
    };
    assert_eq!(started(), (2, 6));
    let run = |form: &str| {
        let action = sandbox.call("POST", &format!("{DOCKER}/actions"), form).response();
        assert_eq!(sandbox.finished(DOCKER, &action)["finished_success"], true);
    };
    let uid = containers(&sandbox, DOCKER)[0]["uid"].as_str().unwrap().to_owned();
    run(&format!("command=container_restart&container={uid}"));
    assert_eq!(started(), (1, 5));
    run("command=service_restart&service_name=web");
    assert_eq!(started(), (0, 4));
    run("command=service_restart");
    assert_eq!(started(), (0, 0));
}

#[test]
fn a_stack_that_is_not_docker_has_no_services() {
    let sandbox = Sandbox::fast();
    let rails = sandbox.stack_named("Book Shop");
    assert_eq!(sandbox.get(&format!("{rails}/services")), json!([]));
    assert_eq!(sandbox.get(&format!("{rails}/containers")), json!([]));
    assert!(!sandbox.get(&format!("{rails}/servers")).as_array().unwrap().is_empty());
    assert_eq!(sandbox.call("GET", &format!("{rails}/services/web"), "").status, 404);
    let fresh = sandbox.stack_named("Fresh Start");
    assert_eq!(sandbox.get(&format!("{fresh}/servers")), json!([]));
    sandbox.call("POST", &format!("{fresh}/deployments"), "");
    sandbox.until(&format!("{fresh}/servers"), |servers| servers.as_array().unwrap().len() == 2);
    assert_eq!(sandbox.get(&fresh)["health"], 3);
}

#[test]
fn a_stopped_container_is_gone() {
    let sandbox = Sandbox::fast();
    let path = format!("{AWESOME}/containers/{CONTAINER}");
    let action = sandbox.call("DELETE", &format!("{path}.json"), "").response();
    assert_eq!(action["action"], "container_stop");
    sandbox.finished(AWESOME, &action);
    assert_eq!(sandbox.call("GET", &path, "").error(), (404, "not_found".into()));
    assert_eq!(containers(&sandbox, AWESOME).len(), 2);
    assert_eq!(sandbox.get(&format!("{AWESOME}/services/web"))["containers"].as_array().unwrap().len(), 2);
}
