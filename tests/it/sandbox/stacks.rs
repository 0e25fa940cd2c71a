//! Creating a stack, from its definition to its first deployment.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use c66::testing::SandboxOptions;
use serde_json::{Value, json};

use crate::support::sandbox::Sandbox;

const DEFINITION: &str = "services:\n  web:\n    image: acme/web\n  mailer:\n    image: acme/mailer\n";

fn create(sandbox: &Sandbox, definition: &str, build_type: &str) -> (String, Value) {
    let body = json!({
        "name": "Brand New", "environment": "staging", "service_yaml": definition,
        "cloud": "digitalocean", "region": "ams3", "size": "2gb", "build_type": build_type,
    });
    let action = sandbox.call_json("POST", "/stacks.json", &body).response();
    // The reply does not name the stack, so look it up.
    let stack = sandbox.stack_named("Brand New");
    (stack, action)
}

#[test]
fn a_new_stack_is_listed_at_once_and_goes_through_its_states() {
    let sandbox = Sandbox::start(SandboxOptions { speed: 15.0, ..SandboxOptions::default() });
    let count = sandbox.get("/accounts")[0]["stack_count"].as_u64().unwrap();
    let (stack, action) = create(&sandbox, DEFINITION, "multi");
    assert_eq!(action["action"], "stack_create");
    assert_eq!(sandbox.get("/accounts/139")["stack_count"], count + 1);
    let mut seen: Vec<u64> = Vec::new();
    let start = Instant::now();
    while seen.last() != Some(&1) {
        let status = sandbox.get(&stack)["status"].as_u64().unwrap();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{seen:?}");
        // The hourly request limit must be enough for the whole wait.
        std::thread::sleep(Duration::from_millis(6));
    }
    // On a very busy machine a step may pass unseen.
    let mut expected = [0, 3, 4, 5, 6, 1].into_iter();
    assert!(seen.iter().all(|status| expected.any(|known| known == *status)), "{seen:?}");

    assert_eq!(sandbox.finished(&stack, &action)["finished_success"], true);
    let made = sandbox.get(&stack);
    assert_eq!(
        (&made["cloud"], &made["framework"], &made["health"]),
        (&json!("DigitalOcean"), &json!("docker"), &json!(3))
    );
    assert_eq!(sandbox.get(&format!("{stack}/servers")).as_array().unwrap().len(), 3);
    let services = sandbox.get(&format!("{stack}/services"));
    assert_eq!((&services[0]["name"], &services[1]["name"]), (&json!("web"), &json!("mailer")));
    assert_eq!(sandbox.get(&format!("{stack}/containers")).as_array().unwrap().len(), 4);
    assert_eq!(sandbox.get(&format!("{stack}/deployments")).as_array().unwrap().len(), 1);
}

#[test]
fn a_single_server_stack_has_one_server() {
    let slow = Sandbox::start(SandboxOptions::default());
    let (stack, _) = create(&slow, DEFINITION, "single");
    assert_eq!(slow.get(&format!("{stack}/servers")), json!([]));
    let sandbox = Sandbox::fast();
    let (stack, action) = create(&sandbox, DEFINITION, "single");
    sandbox.finished(&stack, &action);
    sandbox.until(&format!("{stack}/servers"), |servers| servers.as_array().unwrap().len() == 1);
    assert_eq!(sandbox.get(&format!("{stack}/containers")).as_array().unwrap().len(), 2);
    // The group of its database is empty.
    let form = "service_name=web&server_group_count={\"MySQL Server\":2}";
    let reply = sandbox.call("POST", &format!("{stack}/services"), form);
    assert_eq!(reply.error(), (409, "conflict".into()));
    assert!(reply.details().contains("`MySQL Server`"), "{}", reply.details());
}

#[test]
fn a_definition_marked_to_fail_fails_in_analysis() {
    for definition in ["services:\n  web:\n    fail: true\n", "nothing: to run\n"] {
        let sandbox = Sandbox::fast();
        let (stack, action) = create(&sandbox, definition, "multi");
        let action = sandbox.finished(&stack, &action);
        assert_eq!(action["finished_success"], false);
        assert!(action["finished_message"].as_str().unwrap().starts_with("analysis failed: "));
        assert_eq!(sandbox.get(&stack)["status"], 7);
        assert_eq!(sandbox.get(&format!("{stack}/deployments")), json!([]));
    }
}

#[test]
fn a_name_can_be_used_once_per_environment() {
    let sandbox = Sandbox::fast();
    let form = |name: &str, environment: &str| {
        format!("name={name}&environment={environment}&service_yaml=services:&manifest_yaml=x")
    };
    let create = |name: &str, environment: &str| sandbox.call("POST", "/stacks", &form(name, environment));
    let reply = create("Awesome App", "production");
    assert_eq!(reply.error(), (409, "conflict".into()));
    assert!(reply.details().contains("`Awesome App`"));
    assert_eq!(create("Awesome App", "development").status, 200);
    assert_eq!(create("Awesome App", "development").status, 409);
}
