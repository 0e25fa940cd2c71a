//! Waiting for CloudMC tasks, in every form in which the API reports them.

use super::{STOPPED, TASK, WEB, against, example, says, targets, tells};
use crate::support::scripted_server::{ScriptedServer, reply};
use crate::support::test_env::{SPEED, TestEnv};

const STOP: [&str; 5] = ["do", "compute-east", "prod", "instances", WEB];

fn stop<'w>(more: &[&'w str]) -> Vec<&'w str> {
    let mut words: Vec<&str> = STOP.to_vec();
    words.push("stop");
    words.extend(more);
    words
}

#[test]
fn both_forms_of_a_task_are_followed_to_their_end() {
    for (pending, ended) in [("task_pending", "task_success"), ("task_pending_flat", "task_success_flat")] {
        let server = tells(&[(200, example(pending)), (200, example(pending)), (200, example(ended))]);
        let run = against(&server.url, &stop(&["--json"])).code(0);
        assert_eq!(run.json(), serde_json::json!({ "id": WEB, "name": "web-1" }), "{ended}");
        let task = format!("GET /api/v2/tasks/{TASK}");
        let operation = format!("POST /api/v2/services/compute-east/prod/instances/{WEB}?operation=stop");
        assert_eq!(targets(&server), [operation, task.clone(), task.clone(), task]);
    }
}

#[test]
fn failed_polls_are_retried() {
    let pending = example("task_pending");
    let server = tells(&[
        (200, pending.clone()),
        (503, "<html>".to_owned()),
        (500, String::new()),
        (200, pending),
        (200, example("task_success")),
    ]);
    against(&server.url, &stop(&[])).code(0);
}

#[test]
fn what_is_about_another_thing_is_not_taken_for_what_was_asked_for() {
    let other = example("task_success").replace(TASK, STOPPED);
    let server = tells(&[(200, other), (200, example("task_failed"))]);
    against(&server.url, &stop(&[])).code(5);

    let server = ScriptedServer::start(|_, _| reply(200, &format!(r#"{{"data": {{"id": "{STOPPED}"}}}}"#)));
    for (id, code) in [(STOPPED, 0), (WEB, 8)] {
        against(&server.url, &["get", "compute-east", "prod", "instances", id, "--json"]).code(code);
    }
}

#[test]
fn a_failed_task_prints_its_reason() {
    for (status, name, said) in [
        (200, "task_failed", "no reason given"),
        (200, "task_failed_failure_word", "no reason given"),
        (200, "task_failed_with_result", "error 2012: Instance must be running"),
        (200, "error", "error 2012: Instance must be running"),
        (400, "error", "error 2012: Instance must be running"),
    ] {
        let server = tells(&[(status, example(name))]);
        let run = against(&server.url, &stop(&["--json"])).code(5);
        assert_eq!(run.stdout, "");
        let error = run.json_error();
        assert_eq!(error["code"], "remote_failed", "{name}");
        assert!(error["message"].as_str().is_some_and(|message| message.contains(said)), "{error}");
    }
}

#[test]
fn a_task_that_is_finished_at_once_is_not_polled() {
    let server = says(200, "async_success_immediate_with_data");
    let run = against(&server.url, &stop(&["--json"])).code(0);
    assert_eq!((run.json()["name"].as_str(), server.count()), (Some("web-1"), 1));
    let server = says(200, "async_failed_immediate");
    let run = against(&server.url, &stop(&["--json"])).code(5);
    assert_eq!((run.json_error()["http_status"].as_u64(), server.count()), (Some(200), 1));
    assert!(run.stderr.contains(STOPPED), "{}", run.stderr);
}

#[test]
fn no_wait_prints_the_task_and_returns() {
    for name in ["async_pending", "async_status_alias"] {
        let server = says(200, name);
        let run = against(&server.url, &stop(&["--no-wait", "--json", "--org", WEB])).code(0);
        assert_eq!((run.json()["taskId"].as_str(), server.count()), (Some(TASK), 1));
        let attach = format!("task {TASK} PENDING: c66 cloudmc tasks wait {TASK} --org {WEB} (kept about 30 minutes)");
        assert_eq!(run.stderr, "");
        let run = against(&server.url, &stop(&["--no-wait", "--org", WEB])).code(0);
        assert!(run.stderr.contains(&attach), "{}", run.stderr);
    }
}

#[test]
fn an_expired_task_and_a_timeout_have_different_errors() {
    let server = tells(&[(200, example("task_pending")), (404, example("error_legacy_errorcode"))]);
    let run = against(&server.url, &stop(&[])).code(4);
    assert!(run.stderr.contains("unknown or expired"), "{}", run.stderr);
    assert!(!run.stderr.contains("resume waiting"), "to what? {}", run.stderr);
    let run = against(&says(404, "error_legacy_errorcode").url, &["tasks", "wait", TASK]).code(4);
    assert!(run.stderr.contains("unknown or expired") && !run.stderr.contains("resume waiting"), "{}", run.stderr);
    let run = against(&says(401, "error_403").url, &["tasks", "wait", TASK]).code(3);
    assert!(run.stderr.contains(&format!("resume waiting with: c66 cloudmc tasks wait {TASK}")), "{}", run.stderr);
    let server = tells(&[(200, example("task_pending"))]);
    let run = against(&server.url, &stop(&["--timeout", "100ms", "--json"])).code(6);
    assert!(run.json_error()["hint"].as_str().is_some_and(|hint| hint.contains(&format!("tasks wait {TASK}"))));
    let run = against(&says(200, "task_success").url, &["tasks", "wait", TASK, "--timeout", "1h"]).code(0);
    assert!(run.stderr.contains("expire after about 30 minutes"), "{}", run.stderr);
}

#[test]
fn an_unknown_status_counts_as_running() {
    let odd = |word: &str| format!(r#"{{"data": {{"id": "{TASK}", "status": "{word}"}}}}"#);
    let server = tells(&[(200, odd("QUEUED")), (200, odd("QUEUED")), (200, odd("success"))]);
    let run = against(&server.url, &stop(&[])).code(0);
    assert_eq!(run.stderr.matches("unknown task status `QUEUED`").count(), 1, "{}", run.stderr);
}

#[test]
fn tasks_show_does_not_wait() {
    let server = says(200, "task_failed");
    let run = against(&server.url, &["tasks", "show", TASK, "--json"]).code(0);
    assert_eq!((run.json()["status"].as_str(), server.count()), (Some("FAILED"), 1));
    let run = against(&says(200, "task_success_flat").url, &["tasks", "show", TASK, "--columns", "status,result_id"]);
    assert_eq!(run.code(0).stdout, format!("Status:     SUCCESS\nResult ID:  {WEB}\n"));
}

#[test]
fn api_waits_when_asked_to() {
    let server = tells(&[(200, example("task_success"))]);
    let run = against(&server.url, &["api", "POST", "/services/c/p/t/x?operation=stop", "--wait", "--json"]).code(0);
    assert_eq!(run.json()["name"], "web-1");
    let server = ScriptedServer::start(|_, _| reply(200, r#"{"data": 10}"#));
    let run = against(&server.url, &["api", "get", "trials/remaining"]).code(0);
    assert_eq!(run.stdout, "{\n  \"data\": 10\n}\n");
    assert_eq!(targets(&server), ["GET /api/v2/trials/remaining"]);
}

#[test]
fn tasks_work_against_the_sandbox() {
    assert!(SPEED.parse::<f64>().is_ok());
    let test_env = TestEnv::new();
    let stop = |id: &str, code| {
        test_env.sandbox(&["cloudmc", "do", "compute", "prod", "instances", id, "stop", "--json"]).code(code)
    };
    assert_eq!(stop(WEB, 0).json()["name"], "web-1");
    assert_eq!(stop(WEB, 9).json_error()["details"][0]["code"], "2012");
    let run = test_env.sandbox(&[
        "cloudmc",
        "list",
        "compute",
        "prod",
        "instances",
        "--filter",
        "name=web-1",
        "--columns",
        "state",
        "--no-headers",
    ]);
    assert_eq!(run.code(0).stdout, "Stopped\n");
    // Only --by-name takes a name.
    let run = test_env.sandbox(&["cloudmc", "do", "azure", "lab", "instances", "doomed-1", "stop"]).code(4);
    assert!(run.stderr.contains("`doomed-1` is treated as an id; pass --by-name for a name"), "{}", run.stderr);
    let run =
        test_env.sandbox(&["cloudmc", "do", "azure", "lab", "instances", "doomed-1", "stop", "--by-name"]).code(5);
    assert!(run.stderr.contains("failed"), "{}", run.stderr);
}
