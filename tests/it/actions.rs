//! `c66 actions`: running, waiting for, listing and showing actions.

use serde_json::{Value, json};

use crate::support::replies::{UID, action, good, refusal};
use crate::support::scripted_server::{ScriptedServer, Seen};
use crate::support::test_env::{TestEnv, finish};

const STAGING: &str = "awesome-app@staging";

#[test]
fn an_action_is_run_waited_for_listed_and_shown() {
    let test_env = TestEnv::new();
    let ran = test_env.sandbox(&["actions", "run", "restart", "-s", STAGING, "-o", "json"]).code(0).json();
    assert_eq!((&ran["action"], &ran["finished_success"]), (&json!("restart"), &json!(true)));
    let id = ran["id"].to_string();
    assert_eq!(test_env.sandbox(&["actions", "show", &id, "-s", STAGING, "-o", "json"]).code(0).json(), ran);
    let listed = test_env.sandbox(&["actions", "list", "-s", STAGING]).code(0).stdout;
    for word in ["ID", "ACTION", "STATE", "MESSAGE", "restart", "succeeded"] {
        assert!(listed.contains(word), "{word}: {listed}");
    }
    test_env.sandbox(&["actions", "show", "1", "-s", STAGING]).code(4);
}

#[test]
fn action_parameters_are_sent_with_their_documented_types() {
    let server = ScriptedServer::replying(|_| good(&action(71, true, Some(true), None)));
    let run = ["actions", "run", "maintenance_mode", "value=1", "name=2", "text=a=b", "-s", UID, "--yes"];
    TestEnv::new().against(&server.url, &run).code(0);
    let body: Value = serde_json::from_str(&server.seen()[0].body).expect("JSON");
    assert_eq!(body, json!({ "command": "maintenance_mode", "value": 1, "name": "2", "text": "a=b" }));
    TestEnv::new().sandbox(&["actions", "run", "restart", "novalue", "-s", STAGING]).code(2);
}

#[test]
fn maintenance_mode_shows_on_the_stack() {
    let test_env = TestEnv::new();
    for (switch, expected) in [("on", "true\n"), ("off", "false\n")] {
        test_env.sandbox(&["stacks", "maintenance", switch, "-s", STAGING]).code(0);
        let run = test_env.sandbox(&["stacks", "show", STAGING, "--jq", ".maintenance_mode"]).code(0);
        assert_eq!(run.stdout, expected);
    }
    test_env.sandbox(&["stacks", "maintenance", "maybe", "-s", STAGING]).code(2);
}

#[test]
fn a_failed_action_prints_its_reason() {
    let test_env = TestEnv::new();
    for command in
        [&["actions", "run", "restart", "-s", "doomed-app"] as &[&str], &["stacks", "clear-caches", "doomed-app"]]
    {
        let run = test_env.sandbox(&[command, &["--yes"]].concat()).code(5);
        assert!(run.stderr.contains("can be reached over SSH"), "{}", run.stderr);
        let run = test_env.sandbox(&[command, &["--yes", "-o", "json"]].concat()).code(5);
        assert_eq!(run.stdout, "");
        let error = run.json_error();
        assert!(error["action_id"].is_u64() && error["message"].to_string().contains("SSH"), "{error}");
    }
    let run = test_env.sandbox(&["actions", "wait", "--latest", "-s", "doomed-app", "-o", "json"]).code(5);
    assert_eq!(run.json_error()["code"], "remote_failed");
}

#[test]
fn an_action_without_a_verdict_counts_as_failed() {
    let server = ScriptedServer::replying(|_| good(&action(71, true, None, None)));
    let run = TestEnv::new().against(&server.url, &["actions", "wait", "71", "-s", UID, "-o", "json"]).code(5);
    assert!(run.json_error()["message"].to_string().contains("without an outcome"), "{}", run.stderr);
}

#[test]
fn no_wait_prints_the_action_as_it_began() {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_SANDBOX_SPEED", "1");
    command.args(["--sandbox", "actions", "run", "restart", "-s", STAGING, "--no-wait", "-o", "json"]);
    let begun = finish(&mut command).code(0).json();
    assert_eq!((&begun["finished_at"], &begun["finished_success"]), (&Value::Null, &Value::Null));
    let ended = test_env.sandbox(&["actions", "wait", "--latest", "-s", STAGING, "-o", "json"]).code(0).json();
    assert_eq!((&ended["id"], &ended["finished_success"]), (&begun["id"], &json!(true)));
}

#[test]
fn a_timeout_prints_the_attach_command_and_timeout_0_waits_forever() {
    let server = ScriptedServer::replying(|_| good(&action(71, false, None, None)));
    let test_env = TestEnv::new();
    let wait =
        |timeout: &str| ["actions", "wait", "71", "-s", UID, "-o", "json", "--timeout", timeout].map(str::to_owned);
    let wait = wait("100ms");
    let run = test_env.against(&server.url, &wait.each_ref().map(String::as_str)).code(6);
    assert_eq!(run.json_error()["action_id"], 71);
    assert!(run.json_error()["hint"].to_string().contains("c66 actions wait 71"), "{}", run.stderr);
    let mut looks = 0;
    let server = ScriptedServer::replying(move |_| {
        looks += 1;
        good(&action(71, looks > 5, (looks > 5).then_some(true), None))
    });
    test_env.against(&server.url, &["actions", "wait", "71", "-s", UID, "--timeout", "0"]).code(0);
}

#[test]
fn failed_polls_are_retried_but_401_403_and_404_end_the_wait() {
    let mut looks = 0;
    let server = ScriptedServer::replying(move |_| {
        looks += 1;
        match looks {
            // A status that the transport does not retry: the wait itself must survive it.
            1 => (520, String::new()),
            2 => (200, "<html>".to_owned()),
            3 => good(&action(71, false, None, None)),
            _ => good(&action(71, true, Some(true), None)),
        }
    });
    TestEnv::new().against(&server.url, &["actions", "wait", "71", "-s", UID]).code(0);
    for (status, code) in [(401, 3), (403, 3), (404, 4)] {
        let server = ScriptedServer::replying(move |_: &Seen| refusal(status, "no", "No."));
        TestEnv::new().against(&server.url, &["actions", "wait", "71", "-s", UID]).code(code);
        assert_eq!(server.seen().len(), 1);
    }
}

#[test]
fn off_a_terminal_progress_is_printed_line_by_line() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["stacks", "restart", STAGING]).code(0);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert!(lines.len() >= 3 && lines.last().is_some_and(|line| line.contains("succeeded after")), "{lines:#?}");
    let quiet = test_env.sandbox(&["stacks", "restart", STAGING, "--quiet"]).code(0);
    assert_eq!(quiet.stderr, "");
}

#[test]
fn an_empty_reply_is_an_acceptance_with_a_warning_and_one_without_an_action_an_error() {
    let server = ScriptedServer::replying(|_| (204, String::new()));
    let run = TestEnv::new().against(&server.url, &["stacks", "restart", UID, "--yes", "-o", "json"]).code(0);
    assert_eq!(run.json(), json!({ "ok": true }));
    assert!(run.stderr.contains("without an action to wait for"), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("c66 actions list -s {UID}")), "{}", run.stderr);
    let odd = ScriptedServer::replying(|_| good(&json!({ "queued": "yes" })));
    let run = TestEnv::new().against(&odd.url, &["stacks", "restart", UID, "--yes", "-o", "json"]).code(8);
    assert_eq!((run.stdout.as_str(), run.json_error()["retryable"].as_bool()), ("", Some(false)));
    assert_eq!(odd.count(), 1);
}
