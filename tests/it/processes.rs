//! `c66 processes`.

use serde_json::{Value, json};

use crate::support::replies::{UID, action, good, list};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv};

const P: &str = "awesome-app@production";

fn processes(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["processes"], arguments, &["-s", P]].concat())
}

/// How many of a process run on each server.
fn servers(test_env: &TestEnv, name: &str) -> Value {
    processes(test_env, &["show", name, "-o", "json"]).code(0).json()["servers"].clone()
}

#[test]
fn processes_are_listed_and_shown() {
    let test_env = TestEnv::new();
    let run = processes(&test_env, &["list"]).code(0);
    for expected in ["NAME", "COUNT", "SERVERS", "worker", "Caribou:1", "bundle exec rake jobs:schedule"] {
        assert!(run.stdout.contains(expected), "{expected}: {}", run.stdout);
    }
    let run = test_env.sandbox(&["process", "list", "--server", "ibex", "-s", P, "-o", "json"]).code(0);
    assert_eq!(run.json(), json!([]));
    let run = processes(&test_env, &["show", "wrker"]).code(4);
    assert!(run.stderr.contains("did you mean `worker`?"), "{}", run.stderr);
    // A stack with containers has none.
    let run = test_env.sandbox(&["processes", "list", "-s", "voting-app"]).code(0);
    assert!(run.stderr.contains("no processes"), "{}", run.stderr);
}

#[test]
fn scale_changes_the_count_on_one_server_or_on_all_that_run_it() {
    let test_env = TestEnv::new();
    let run = processes(&test_env, &["scale", "worker=+2", "--yes"]).code(0);
    assert!(run.stderr.contains("Scale worker from 1 to 3 on Caribou of"), "{}", run.stderr);
    assert_eq!(servers(&test_env, "worker"), json!({ "Caribou": 3 }));
    processes(&test_env, &["scale", "worker=1", "scheduler=0", "--server", "ibex", "--yes"]).code(0);
    assert_eq!(servers(&test_env, "worker"), json!({ "Caribou": 3, "Ibex": 1 }));
    let run = processes(&test_env, &["scale", "worker=2", "--yes"]).code(2);
    assert!(run.stderr.contains("it runs on 2 servers") && run.stderr.contains("--all-servers"), "{}", run.stderr);
    // As in CX: two words.
    processes(&test_env, &["scale", "worker", "2", "--all-servers", "--yes"]).code(0);
    assert_eq!(servers(&test_env, "worker"), json!({ "Caribou": 2, "Ibex": 2 }));
}

#[test]
fn an_invalid_count_is_refused_without_a_request() {
    let test_env = TestEnv::new();
    for (count, code, said) in [
        ("worker=abc", 2, "invalid scale `worker=abc`"),
        ("worker", 2, "invalid scale"),
        ("worker=-2", 2, "below 0"),
        ("wrker=3", 4, "did you mean `worker`?"),
    ] {
        let run = processes(&test_env, &["scale", count, "--yes"]).code(code);
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    processes(&test_env, &["scale", "worker", "abc", "--yes"]).code(2);
    assert_eq!(servers(&test_env, "worker"), json!({ "Caribou": 1 }));
}

#[test]
fn a_process_is_paused_and_resumed() {
    let test_env = TestEnv::new();
    processes(&test_env, &["pause", "worker", "--yes"]).code(0);
    let paused = || processes(&test_env, &["list", "-o", "wide", "--columns", "paused", "--no-headers"]).code(0).stdout;
    assert!(paused().contains("Caribou:1"), "{}", paused());
    processes(&test_env, &["resume", "worker", "--server", "caribou", "--yes"]).code(0);
    assert!(!paused().contains("Caribou"), "{}", paused());
    processes(&test_env, &["restart", "worker", "--yes"]).code(0);
    processes(&test_env, &["restart", "nosuch", "--yes"]).code(4);
    processes(&test_env, &["restart", "worker", "--no-input"]).code(2);
}

#[test]
fn a_list_of_processes_and_a_list_of_one_action_are_understood() {
    let all = [
        json!({ "md5": "1", "name": "worker", "command": "a", "servers": { "elk": 1 } }),
        json!({ "md5": "2", "name": "scheduler", "command": "b", "servers": { "elk": "3" } }),
    ];
    let server = ScriptedServer::replying(move |seen| match (seen.method.as_str(), seen.path.rsplit('/').next()) {
        ("POST", _) => good(&json!([action(7, false, None, None)])),
        (_, Some("7")) => good(&action(7, true, Some(true), None)),
        (_, Some("servers")) => list(&[json!({ "uid": "u1", "name": "elk" })]),
        _ => list(&all),
    });
    let test_env = TestEnv::new();
    let shown = test_env.against(&server.url, &["processes", "show", "scheduler", "-s", UID, "-o", "json"]).code(0);
    assert_eq!(shown.json(), json!({ "md5": "2", "name": "scheduler", "command": "b", "servers": { "elk": "3" } }));
    let run =
        test_env.against(&server.url, &["processes", "scale", "scheduler=4", "-s", UID, "--yes", "-o", "json"]).code(0);
    assert_eq!(run.json()["id"], 7);
    let sent = server.seen().into_iter().find(|seen| seen.method == "POST").expect("a request");
    let body: Value = serde_json::from_str(&sent.body).expect("JSON");
    assert_eq!(body, json!({ "process_name": "scheduler", "server_count": { "u1": 4 } }));
}
