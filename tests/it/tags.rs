//! `c66 tags`.

use serde_json::{Value, json};

use crate::support::replies::good;
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv};

const ENTITY: [&str; 2] = ["loadbalancer", "17823"];

fn tags(test_env: &TestEnv, verb: &str, more: &[&str]) -> Run {
    test_env.sandbox(&[&["tags", verb], &ENTITY[..], more].concat())
}

fn listed(test_env: &TestEnv) -> Value {
    tags(test_env, "list", &["-o", "json"]).code(0).json()[0]["tags"].clone()
}

#[test]
fn tags_are_added_removed_replaced_and_cleared() {
    let test_env = TestEnv::new();
    assert_eq!(listed(&test_env), json!(["foo", "bar"]));
    tags(&test_env, "add", &["web", "foo"]).code(0);
    assert_eq!(listed(&test_env), json!(["foo", "bar", "web"]));
    tags(&test_env, "remove", &["bar", "nosuch"]).code(0);
    assert_eq!(listed(&test_env), json!(["foo", "web"]));
    let refused = tags(&test_env, "set", &["web", "eu", "--no-input", "-o", "json"]).code(2).json_error();
    assert!(refused["message"].to_string().contains("to web, eu, and remove foo"), "{refused}");
    tags(&test_env, "set", &["web", "eu", "--yes"]).code(0);
    assert_eq!(listed(&test_env), json!(["web", "eu"]));
    // Nothing is lost, so nothing is asked.
    tags(&test_env, "set", &["web", "eu", "new", "--no-input"]).code(0);
    tags(&test_env, "clear", &["--no-input"]).code(2);
    tags(&test_env, "clear", &["--yes"]).code(0);
    assert_eq!(listed(&test_env), json!([]));
    test_env.sandbox(&["tags", "list", "cloud", "1"]).code(2);
    tags(&test_env, "add", &[" "]).code(2);
}

#[test]
fn tags_may_be_objects_and_reserved_ones_stay() {
    let entity = json!({ "entity_type": "server", "entity_id": 7,
        "tags": [{ "value": "web", "reserved": false }, { "value": "c66", "reserved": true }] });
    let server = ScriptedServer::replying(move |_| good(&entity));
    let test_env = TestEnv::new();
    let run = test_env.against(&server.url, &["tags", "list", "server", "7", "-o", "wide"]).code(0);
    assert!(run.stdout.contains("web c66") && run.stdout.contains("RESERVED"), "{}", run.stdout);
    test_env.against(&server.url, &["tags", "set", "server", "7", "web", "--no-input"]).code(0);
    let words = ["tags", "remove", "server", "7", "web", "eu", "--dry-run", "-o", "json"];
    let run = test_env.against(&server.url, &words).code(0);
    assert_eq!(run.json()["body"], json!({ "operations": [{ "op": "delete", "tags": ["web", "eu"] }] }));
}
