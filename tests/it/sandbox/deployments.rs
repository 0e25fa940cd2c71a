//! Deployments: their states, failures, queueing and cancellation.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use c66::testing::{SandboxOptions, SandboxStore};
use serde_json::{Value, json};

use crate::support::sandbox::{AWESOME, Sandbox};

#[test]
fn a_deployment_is_listed_at_once() {
    let sandbox = Sandbox::start(SandboxOptions::default());
    let deployments = format!("{AWESOME}/deployments");
    let reply = sandbox.call("POST", &format!("{deployments}.json"), "git_ref=v1.2");
    assert_eq!(reply.json(), json!({ "response": { "ok": true, "message": "Stack queued for redeployment" } }));
    let new = sandbox.get(&deployments)[0].clone();
    assert!(new["id"].as_u64().unwrap() > 107);
    assert_eq!(new["triggered_via"], json!({ "code": 2, "meaning": "api" }));
    assert_eq!(new["outcome"], json!({ "code": 0, "meaning": "in progress" }));
    assert_eq!((&new["is_deploying"], &new["is_live"]), (&json!(true), &json!(false)));
    assert_eq!(new["finished_at"], Value::Null);
    let hash = new["git_hash"].as_str().unwrap();
    assert_eq!(new["commit_url"], format!("https://github.com/cloud66-samples/awesome-app/commit/{hash}"));
}

#[test]
fn a_deployment_takes_the_stack_through_its_states() {
    let sandbox = Sandbox::start(SandboxOptions { speed: 20.0, ..SandboxOptions::default() });
    let deployments = format!("{AWESOME}/deployments");
    sandbox.call("POST", &deployments, "");
    let mut seen = vec![5];
    let start = Instant::now();
    while *seen.last().unwrap() != 1 {
        let status = sandbox.get(AWESOME)["status"].as_u64().unwrap();
        if *seen.last().unwrap() != status {
            seen.push(status);
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{seen:?}");
    }
    // On a very busy machine the step between may pass unseen.
    assert!(seen == [5, 6, 1] || seen == [5, 1], "{seen:?}");
    let after = sandbox.get(&deployments);
    assert_eq!(after[0]["outcome"], json!({ "code": 1, "meaning": "success" }));
    assert_eq!((&after[0]["is_live"], &after[0]["is_head"]), (&json!(true), &json!(true)));
    assert_eq!((&after[1]["is_live"], &after[1]["is_head"]), (&json!(false), &json!(false)));
}

#[test]
fn a_full_commit_hash_is_deployed_unchanged() {
    let sandbox = Sandbox::fast();
    let hash = "0123456789abcdef0123456789abcdef01234567";
    sandbox.call("POST", &format!("{AWESOME}/deployments"), &format!("git_ref={hash}"));
    assert_eq!(sandbox.get(&format!("{AWESOME}/deployments"))[0]["git_hash"], hash);
}

#[test]
fn the_git_ref_fail_makes_a_deployment_fail() {
    let sandbox = Sandbox::fast();
    sandbox.call("POST", &format!("{AWESOME}/deployments"), "git_ref=fail");
    let failed = json!({ "code": 2, "meaning": "failed" });
    sandbox.until(&format!("{AWESOME}/deployments"), |list| list[0]["outcome"] == failed && list[1]["is_live"] == true);
    assert_eq!(sandbox.get(AWESOME)["status"], 2);

    let doomed = sandbox.stack_named("Doomed App");
    let action = sandbox.call("POST", &format!("{doomed}/actions"), "command=restart").response();
    let action = sandbox.finished(&doomed, &action);
    assert_eq!(action["finished_success"], false);
    assert!(action["finished_message"].as_str().unwrap().starts_with("no server of Doomed App "));
    sandbox.call("POST", &format!("{doomed}/deployments"), "");
    sandbox
        .until(&format!("{doomed}/deployments"), |list| list[0]["outcome"] == failed && list[0]["id"] != list[1]["id"]);
}

#[test]
fn a_second_deployment_is_queued_and_both_can_be_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let on_file = |speed| {
        let store = SandboxStore::File(folder.path().join("sandbox.json"));
        Sandbox::start(SandboxOptions { store, speed, ..SandboxOptions::default() })
    };
    // The slow sandbox starts what does not end during the test; the fast one ends what is cancelled at once.
    let (slow, fast) = (on_file(0.001), on_file(100.0));
    let deployments = format!("{AWESOME}/deployments");
    for _ in 0..2 {
        assert_eq!(slow.call("POST", &deployments, "").status, 200);
    }
    assert_eq!(slow.get(AWESOME)["status"], 5);
    let list = slow.get(&deployments);
    assert_eq!(list.as_array().unwrap().len(), 3);
    for position in 0..2 {
        let path = format!("{deployments}/{}", list[position]["id"]);
        let reply = fast.call("DELETE", &format!("{path}.json"), "");
        assert_eq!(reply.json(), json!({ "response": { "ok": true, "message": "Cancelling deployment" } }));
        let cancelled = fast.until(&path, |deployment| deployment["is_deploying"] == false);
        assert_eq!(cancelled["outcome"], json!({ "code": 3, "meaning": "cancelled" }));
        assert_eq!(fast.call("DELETE", &path, "").error(), (409, "conflict".into()));
        assert_eq!(fast.get(AWESOME)["status"], [5, 1][position]);
    }
}

#[test]
fn unknown_services_are_refused() {
    let sandbox = Sandbox::fast();
    let path = "/stacks/ubg5kv/deployments";
    for body in [json!({ "services": ["web:v2", "worker"] }), json!({ "services_filter": "web,result" })] {
        assert_eq!(sandbox.call_json("POST", path, &body).status, 200, "{body}");
    }
    let reply = sandbox.call("POST", path, "services_filter=web,nosuch");
    assert_eq!(reply.error(), (404, "not_found".into()));
    assert!(reply.details().contains("`nosuch`") && reply.details().contains("services_filter"));
}

#[test]
fn a_stack_without_deployments_gets_its_first_one() {
    let sandbox = Sandbox::fast();
    let fresh = sandbox.stack_named("Fresh Start");
    assert_eq!(sandbox.get(&format!("{fresh}/deployments")), json!([]));
    sandbox.call("POST", &format!("{fresh}/deployments"), "");
    sandbox.until(&fresh, |stack| stack["status"] == 1);
    assert_eq!(sandbox.get(&format!("{fresh}/deployments"))[0]["is_live"], true);
}
