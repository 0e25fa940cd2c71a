//! `c66 redeploy` finds its own deployment by its reference: after a lost reply, and beside another deployment.

use serde_json::{Value, json};

use crate::support::process::Running;
use crate::support::replies::{UID, action, deployment, good, list};
use crate::support::scripted_server::{ScriptedServer, Seen};
use crate::support::served_sandbox::ServedSandbox;
use crate::support::test_env::{Run, TestEnv, finish};

const STAGING: &str = "awesome-app@staging";
const STAGING_UID: &str = "3ff47eaa901ee0d1cda6fa9283b3e618";

/// The stack in staging, from the sandbox's state file.
fn kept(test_env: &TestEnv, what: &str) -> Vec<Value> {
    let state = std::fs::read_to_string(test_env.home().join("sandbox.json")).expect("the sandbox's state");
    let state: Value = serde_json::from_str(&state).expect("JSON");
    let stack = state["stacks"].as_array().expect("stacks").iter().find(|stack| stack["uid"] == STAGING_UID);
    stack.expect("the stack")[what].as_array().cloned().unwrap_or_default()
}

fn post(server: &ScriptedServer) -> Value {
    let post = server.seen().into_iter().find(|seen| seen.method == "POST").expect("a write");
    serde_json::from_str(&post.body).expect("JSON")
}

#[test]
fn every_redeploy_sends_a_unique_reference() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let server = ScriptedServer::replying(|seen| match seen.method.as_str() {
            "POST" => good(&json!({ "ok": true, "message": "queued" })),
            _ => list(&[]),
        });
        TestEnv::new().against(&server.url, &["redeploy", "-s", UID, "--yes", "--no-wait"]).code(0);
        let reference = post(&server)["user_reference"].as_str().expect("a reference").to_owned();
        assert!(reference.starts_with("c66-") && reference.len() == 36, "{reference}");
        seen.push(reference);
    }
    assert_ne!(seen[0], seen[1]);
    let long = "x".repeat(256);
    for wrong in ["", " ", &long] {
        TestEnv::new().sandbox(&["redeploy", "-s", STAGING, "--reference", wrong]).code(2);
    }
}

/// Redeploys in a sandbox that loses replies; returns the number of resulting deployments.
fn with_lost_replies(test_env: &TestEnv, seed: &str, share: &str) -> (Run, usize) {
    let before = kept_or_seed(test_env);
    let fault = format!("lost-reply={share}");
    let served =
        ServedSandbox::start_on_file("sandbox.json", test_env, &["--speed", "50", "--seed", seed, "--fault", &fault]);
    let run = finish(&mut served.command(test_env, &["redeploy", "-s", STAGING_UID, "-o", "json", "--yes"]));
    (run, kept(test_env, "deployments").len() - before)
}

/// The stack initially has one deployment.
fn kept_or_seed(test_env: &TestEnv) -> usize {
    if test_env.home().join("sandbox.json").exists() { kept(test_env, "deployments").len() } else { 1 }
}

#[test]
fn with_replies_lost_at_random_there_is_one_deployment_and_the_verdict_is_right() {
    let test_env = TestEnv::new();
    let (mut good, mut found) = (0, 0);
    for seed in 0..12 {
        let (run, deployed) = with_lost_replies(&test_env, &seed.to_string(), "0.4");
        match run.code {
            0 => {
                assert_eq!(deployed, 1, "{}", run.stderr);
                assert_eq!(run.json()["ok"], true);
                good += 1;
                // Only the reference leads to an action: the reply names none.
                found += u32::from(!run.json()["action"].is_null());
            }
            // The reads were lost five times: the outcome is reported as unknown.
            8 => assert!(deployed <= 1, "deployed {deployed} times: {}", run.stderr),
            code => panic!("{code}: {}", run.stderr),
        }
    }
    assert!(good >= 6 && found >= 2, "{good} good, {found} found again");
}

#[test]
fn after_a_lost_reply_the_action_is_found_by_its_reference_and_followed() {
    for (success, code) in [(true, 0), (false, 5)] {
        let reference = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
        let shared = std::sync::Arc::clone(&reference);
        let mut looks = 0;
        let server = ScriptedServer::replying(move |seen: &Seen| {
            let mut reference = shared.lock().expect("the reference");
            if seen.method == "POST" {
                let body: Value = serde_json::from_str(&seen.body).expect("JSON");
                body["user_reference"].as_str().expect("a reference").clone_into(&mut reference);
                return (502, "<html>bad gateway</html>".to_owned());
            }
            if seen.path.ends_with("/actions") {
                looks += 1;
                assert_eq!(seen.query, format!("user_reference={reference}"));
                let mut ours = action(71, false, None, None);
                ours["metadata"] = json!({ "user_reference": *reference });
                let mut other = action(72, false, None, None);
                other["metadata"] = json!({ "user_reference": "another" });
                // It may take time to show up, and a server may also show others.
                return list(&if looks < 3 { vec![other] } else { vec![other, ours] });
            }
            if seen.path.ends_with("/actions/71") {
                return good(&action(71, true, Some(success), Some("said")));
            }
            list(&if reference.is_empty() { vec![] } else { vec![deployment(8, "api", Some("success"))] })
        });
        let run = TestEnv::new().against(&server.url, &["redeploy", "-s", UID, "--yes", "-o", "json"]).code(code);
        assert_eq!(server.lines().iter().filter(|line| line.starts_with("POST")).count(), 1);
        if code == 0 {
            assert_eq!(run.json()["action"]["id"], 71);
            assert_eq!(run.json()["deployment"]["id"], 8);
        } else {
            assert_eq!(run.json_error()["action_id"], 71);
        }
    }
}

#[test]
fn without_references_on_the_server_the_error_says_how_to_check() {
    for newer in [false, true] {
        let mut posted = false;
        let server = ScriptedServer::replying(move |seen: &Seen| {
            posted |= seen.method == "POST";
            match seen.method.as_str() {
                "POST" => (502, String::new()),
                _ if seen.path.ends_with("/actions") => list(&[action(70, true, Some(true), None)]),
                _ if posted && newer => list(&[deployment(8, "api", None), deployment(7, "web", Some("success"))]),
                _ => list(&[deployment(7, "web", Some("success"))]),
            }
        });
        let run = TestEnv::new().against(&server.url, &["redeploy", "-s", UID, "--yes", "-o", "json"]).code(8);
        let error = run.json_error();
        assert_eq!(error["retryable"], false);
        let hint = error["hint"].as_str().expect("a hint");
        assert!(hint.contains(&format!("check with: c66 deployments list -s {UID}")), "{hint}");
        assert_eq!(hint.contains(&format!("c66 deployments wait 8 -s {UID}")), newer, "{hint}");
        assert_eq!(server.lines().iter().filter(|line| line.starts_with("POST")).count(), 1);
    }
}

#[test]
fn a_reused_reference_finds_only_the_new_action() {
    let mut posted = false;
    let server = ScriptedServer::replying(move |seen: &Seen| {
        posted |= seen.method == "POST";
        let mut old = action(60, true, Some(true), None);
        old["metadata"] = json!({ "user_reference": "ticket 9" });
        let mut new = action(61, false, None, None);
        new["metadata"] = json!({ "user_reference": "ticket 9" });
        match seen.method.as_str() {
            "POST" => (504, String::new()),
            _ if seen.path.ends_with("/actions") => list(&if posted { vec![new, old] } else { vec![old] }),
            _ if seen.path.ends_with("/actions/61") => good(&action(61, true, Some(true), None)),
            _ if posted => list(&[deployment(8, "api", Some("success"))]),
            _ => list(&[]),
        }
    });
    let arguments = ["redeploy", "-s", UID, "--yes", "-o", "json", "--reference", "ticket 9"];
    let run = TestEnv::new().against(&server.url, &arguments).code(0);
    assert_eq!(run.json()["action"]["id"], 61);
}

fn start(test_env: &TestEnv, git_ref: &str) -> Running {
    let mut command = test_env.command();
    command.args(["--sandbox", "redeploy", "-s", STAGING_UID, "-o", "json", "--yes", "--git-ref", git_ref]);
    // Their finish times are in whole seconds, so they must be as far apart as in reality.
    Running::start(command.env("C66_SANDBOX_SPEED", "4"))
}

#[test]
fn redeploys_of_the_same_moment_get_their_own_verdicts() {
    let test_env = TestEnv::new();
    let children = [start(&test_env, "main"), start(&test_env, "fail"), start(&test_env, "develop")];
    let [first, failed, last] = children.map(Running::end);
    assert_eq!([first.code, failed.code, last.code], [0, 5, 0], "{}{}{}", first.stderr, failed.stderr, last.stderr);
    assert_ne!(first.json()["deployment"]["git_hash"], last.json()["deployment"]["git_hash"], "{}", last.stderr);
    assert_eq!(kept(&test_env, "deployments").len(), 4);
}

#[test]
fn the_sandbox_ends_the_action_with_its_deployment() {
    let test_env = TestEnv::new();
    test_env.sandbox(&["redeploy", "-s", STAGING, "--reference", "ticket 9", "--git-ref", "fail"]).code(5);
    let of = "map(select(.metadata.user_reference == \"ticket 9\")) | .[0] | [.action, .finished_success]";
    let run = test_env.sandbox(&["actions", "list", "-s", STAGING, "--jq", of]).code(0);
    assert_eq!(run.stdout.split_whitespace().collect::<String>(), "[\"application_deployment\",false]");
}
