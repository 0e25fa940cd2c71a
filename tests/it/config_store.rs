//! `c66 config-store`.

use serde_json::json;

use crate::support::replies::UID;
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv, finish_with_input};

const P: &str = "awesome-app@production";
const S: &str = "awesome-app@staging";

fn store(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["config-store"], arguments].concat())
}

/// Runs a command of the sandbox with text on stdin.
fn with_input(test_env: &TestEnv, arguments: &[&str], input: &str) -> Run {
    finish_with_input(test_env.command().arg("--sandbox").args(arguments), input)
}

#[test]
fn values_are_masked_in_tables_and_decoded_on_request() {
    let test_env = TestEnv::new();
    let run = store(&test_env, &["list", "-s", P]).code(0);
    assert!(run.stdout.contains("smtp.host") && run.stdout.contains("********"), "{}", run.stdout);
    assert!(!run.stdout.contains("smtp.example.com"), "{}", run.stdout);
    let run = store(&test_env, &["show", "smtp.host", "-s", P]).code(0);
    assert!(run.stdout.contains("********") && !run.stdout.contains("smtp.example.com"), "{}", run.stdout);
    for reveal in [&["list", "--reveal", "-s", P][..], &["show", "smtp.host", "--reveal", "-s", P]] {
        let run = store(&test_env, reveal).code(0);
        assert!(run.stdout.contains("smtp.example.com"), "{}", run.stdout);
    }
    assert_eq!(store(&test_env, &["get", "smtp.host", "-s", P]).code(0).stdout, "smtp.example.com\n");
    assert_eq!(store(&test_env, &["get", "smtp.host", "--raw", "-s", P]).code(0).stdout, "c210cC5leGFtcGxlLmNvbQ==\n");
    // JSON is what the API sent.
    let run = store(&test_env, &["list", "-s", P, "--jq", ".[0].raw_value"]).code(0);
    assert_eq!(run.stdout, "c210cC5leGFtcGxlLmNvbQ==\n");
    let traced = store(&test_env, &["get", "smtp.host", "-s", P, "--debug", "--debug"]).code(0);
    assert!(!traced.stderr.contains("c210cC5leGFtcGxlLmNvbQ=="), "{}", traced.stderr);
    store(&test_env, &["get", "nosuch", "-s", P]).code(4);
}

#[test]
fn a_record_is_added_changed_and_deleted() {
    let test_env = TestEnv::new();
    let set = |input: &str, more: &[&str]| {
        let words = [&["config-store", "set", "db.url", "--value-file", "-", "-s", S][..], more].concat();
        with_input(&test_env, &words, input).code(0)
    };
    let run = set("hush-hush\n", &["--ttl", "5", "--metadata", "owner=web", "--debug", "--debug"]);
    assert_eq!(run.stdout, "Record added.\n");
    assert!(!run.stderr.contains("hush-hush") && !run.stderr.contains("aHVzaC1odXNo"), "{}", run.stderr);
    let record = || store(&test_env, &["show", "db.url", "-s", S, "-o", "json"]).code(0).json();
    let expected = json!({ "key": "db.url", "raw_value": "aHVzaC1odXNo", "metadata": { "owner": "web" }, "ttl": 5 });
    assert_eq!(record(), expected);
    // The API replaces the record; what is not given stays.
    assert_eq!(set("other", &[]).stdout, "Record changed.\n");
    assert_eq!(record(), json!({ "key": "db.url", "raw_value": "b3RoZXI=", "metadata": { "owner": "web" }, "ttl": 5 }));
    set("b3RoZXI=", &["--raw", "--metadata", "owner=ops"]);
    assert_eq!(record()["raw_value"], "b3RoZXI=");
    assert_eq!(record()["metadata"], json!({ "owner": "ops" }));

    store(&test_env, &["delete", "db.url", "-s", S, "--no-input"]).code(2);
    assert_eq!(store(&test_env, &["delete", "db.url", "-s", S, "--yes"]).code(0).stdout, "Record deleted.\n");
    store(&test_env, &["delete", "db.url", "-s", S, "--yes"]).code(4);
}

#[test]
fn the_records_of_the_account_are_apart_and_ask() {
    let test_env = TestEnv::new();
    let keys = |more: &[&str]| store(&test_env, &[&["list", "-o", "name"], more].concat()).code(0).stdout;
    assert_eq!(keys(&["--scope", "account"]), "region\nsmtp.domain\n");
    assert_eq!(keys(&["--namespace", "account-139"]), keys(&["--scope", "account"]));
    assert_eq!(keys(&["-s", S]), "smtp.host\nsmtp.password\n");
    store(&test_env, &["list", "--scope", "account", "--namespace", "x"]).code(2);
    store(&test_env, &["list", "--namespace", "x", "-s", S]).code(2);
    store(&test_env, &["list", "--namespace", "x"]).code(4);
    let set = ["config-store", "set", "region", "--value-file", "-", "--scope", "account"];
    with_input(&test_env, &[&set[..], &["--no-input"]].concat(), "us").code(2);
    with_input(&test_env, &[&set[..], &["--yes"]].concat(), "us").code(0);
    assert_eq!(store(&test_env, &["get", "region", "--scope", "account"]).code(0).stdout, "us\n");
}

#[test]
fn bad_input_is_refused_before_anything_is_sent() {
    let test_env = TestEnv::new();
    for (words, input) in [
        (&["set", "k", "--value-file", "-", "-s", S][..], ""),
        (&["set", "k", "--metadata", "nothing", "--value-file", "-", "-s", S], "v"),
        (&["set", "k", "--no-input", "-s", S], ""),
        (&["set", "k=v", "v", "-s", S], ""),
    ] {
        let run = with_input(&test_env, &[&["config-store"], words, &["--debug"]].concat(), input).code(2);
        assert!(!run.stderr.contains("> P"), "{words:?}: {}", run.stderr);
    }
}

#[test]
fn a_stack_without_a_namespace_is_an_error_with_a_hint() {
    let server = ScriptedServer::replying(|_| (200, json!({ "response": { "uid": UID, "name": "shop" } }).to_string()));
    let run = TestEnv::new().against(&server.url, &["config-store", "list", "-s", UID]).code(4);
    assert!(run.stderr.contains("no config store namespace") && run.stderr.contains("--namespace"), "{}", run.stderr);
}
