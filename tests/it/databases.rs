//! `c66 databases`.

use serde_json::json;

use crate::support::test_env::{Run, TestEnv};

const P: &str = "awesome-app@production";

fn databases(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["databases"], arguments, &["-s", P]].concat())
}

#[test]
fn a_replica_is_promoted_and_detached_after_a_yes() {
    let test_env = TestEnv::new();
    for (verb, action) in [
        ("promote", "promote_slave_db"),
        ("promote-replica", "promote_slave_db"),
        ("promote-slave", "promote_slave_db"),
        ("disable-replica", "disable_replication_slave_db"),
    ] {
        let refused = databases(&test_env, &[verb, "caribou", "--no-input", "-o", "json"]).code(2);
        assert_eq!(refused.json_error()["code"], "confirmation_needed", "{verb}");
        let done = databases(&test_env, &[verb, "caribou", "--yes", "-o", "json"]).code(0).json();
        assert_eq!((&done["action"], &done["finished_success"]), (&json!(action), &json!(true)), "{verb}");
    }
    databases(&test_env, &["promote", "nosuch", "--yes"]).code(4);
    let run = databases(&test_env, &["promote", "ibex", "--yes"]).code(9);
    assert!(run.stderr.contains("not a database server"), "{}", run.stderr);
}

#[test]
fn a_resync_needs_the_name_of_the_stack() {
    let test_env = TestEnv::new();
    let refused = databases(&test_env, &["resync", "caribou", "--yes", "-o", "json"]).code(2);
    let error = refused.json_error();
    assert_eq!(error["code"], "confirmation_needed");
    assert!(error["message"].as_str().is_some_and(|said| said.contains("destroys the data of the replica on Caribou")));
    databases(&test_env, &["resync", "caribou", "--confirm", "book-shop"]).code(2);
    let listed = || test_env.sandbox(&["actions", "list", "-s", P, "--jq", ".[].action"]).code(0).stdout;
    assert!(!listed().contains("resync"), "{}", listed());
    databases(&test_env, &["resync-slave", "caribou", "--confirm", P]).code(0);
    assert!(listed().contains("resync_slave_db"), "{}", listed());
}

#[test]
fn both_names_of_a_parameter_are_sent() {
    let test_env = TestEnv::new();
    let run =
        databases(&test_env, &["promote", "caribou", "--dbtype", "postgresql", "--dry-run", "-o", "json"]).code(0);
    let uid = "f8468fc145ea49bac474b30a8fea888d";
    let expected = json!({ "command": "promote_slave_db", "server": uid, "server_uid": uid, "server_group": "postgresql",
        "db_type": "postgresql" });
    assert_eq!(run.json()["body"], expected);
    databases(&test_env, &["promote", "caribou", "--db-type", "oracle"]).code(2);
}
