//! `c66 redeploy`: from the request to the verdict.

use serde_json::{Value, json};

use crate::support::process::Running;
use crate::support::replies::{UID, action, deployment, good, list, refusal};
use crate::support::scripted_server::{ScriptedServer, Seen};
use crate::support::test_env::{Run, TestEnv, finish};

const STAGING: &str = "awesome-app@staging";

fn stacks_deployments() -> String {
    format!("/stacks/{UID}/deployments")
}

/// Redeploys the stack of a scripted server.
fn redeploy(server: &ScriptedServer, more: &[&str]) -> Run {
    let mut arguments = vec!["redeploy", "--stack", UID, "--yes", "--timeout", "20s"];
    arguments.extend(more);
    TestEnv::new().against(&server.url, &arguments)
}

/// A server whose list is `before` until the redeployment is asked for, and `after` from then on; a deployment that is
/// asked for by number is in the `end`.
fn server(reply: Value, before: Vec<Value>, after: Vec<Value>, end: Vec<Value>) -> ScriptedServer {
    let mut asked = false;
    ScriptedServer::replying(move |seen: &Seen| {
        if seen.method == "POST" {
            asked = true;
            return good(&reply);
        }
        if let Some(id) = seen.path.strip_prefix(&format!("{}/", stacks_deployments())) {
            let found = end.iter().find(|deployment| deployment["id"].as_u64() == id.parse().ok());
            return found.map_or_else(|| refusal(404, "not_found", "no such deployment"), good);
        }
        if seen.path.ends_with("/actions") {
            return list(&[]);
        }
        assert_eq!(seen.path, stacks_deployments());
        list(if asked { &after } else { &before })
    })
}

fn queued() -> Value {
    json!({ "ok": true, "message": "Stack queued for redeployment" })
}

#[test]
fn a_successful_redeploy_prints_the_deployment() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["redeploy", "--stack", "awesome-app@production", "--yes"]).code(0);
    for field in ["Deployment:", "Commit:", "URL:", "Outcome:", "Duration:"] {
        assert!(run.stdout.contains(field), "{field} in {}", run.stdout);
    }
    assert!(run.stdout.contains("success"), "{}", run.stdout);
    assert!(run.stdout.contains("https://github.com/cloud66-samples/awesome-app/commit/"), "{}", run.stdout);
    assert!(run.stderr.contains("Redeploy Awesome App@production"), "{}", run.stderr);
    assert!(run.stderr.contains("succeeded after"), "{}", run.stderr);
    let newest = test_env
        .sandbox(&["deployments", "list", "-s", "awesome-app@production", "--limit", "1", "--jq", ".[0].id"])
        .code(0);
    assert!(run.stdout.contains(newest.stdout.trim()), "{}", run.stdout);
}

#[test]
fn json_has_the_action_and_the_deployment() {
    let result = TestEnv::new().sandbox(&["redeploy", "-s", STAGING, "-o", "json"]).code(0).json();
    let keys: Vec<&String> = result.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["ok", "message", "action", "deployment"]);
    assert_eq!(result["ok"], true);
    assert_eq!(result["message"], "Stack queued for redeployment");
    assert_eq!(result["action"], Value::Null);
    assert_eq!(result["deployment"]["outcome"], json!({ "code": 1, "meaning": "success" }));
    assert!(result["deployment"]["deploy_session"].is_string(), "fields that are not used are there too");
}

#[test]
fn a_failed_redeploy_ends_with_5_and_prints_nothing_on_stdout_in_json() {
    let test_env = TestEnv::new();
    for arguments in [["-s", "awesome-app@production", "--git-ref", "fail"], ["-s", "doomed-app", "-e", "production"]] {
        let run = test_env.sandbox(&[&["redeploy", "--yes", "-o", "json"], arguments.as_slice()].concat()).code(5);
        assert_eq!(run.stdout, "");
        let error = run.json_error();
        assert_eq!(error["code"], "remote_failed");
        assert_eq!(error["exit_code"], 5);
        assert!(error["message"].as_str().is_some_and(|message| message.contains("failed (outcome")), "{error}");
    }
    let run = test_env.sandbox(&["redeploy", "--yes", "-s", STAGING, "--git-ref", "fail"]).code(5);
    assert!(run.stdout.contains("failed"), "people see what there is: {}", run.stdout);
    assert!(run.stderr.contains("error: deployment"), "{}", run.stderr);
}

#[test]
fn no_wait_returns_at_once() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["redeploy", "-s", STAGING, "--no-wait", "-o", "json"]).code(0);
    let started = run.json();
    assert_eq!((&started["ok"], &started["deployment"]), (&json!(true), &Value::Null));
    assert_eq!(started["action"]["action"], "application_deployment", "{started}");
    let run = test_env.sandbox(&["redeploy", "-s", STAGING, "--no-wait", "-o", "name", "--reference", "r 1"]).code(0);
    assert_eq!(run.stdout, "r 1\n");
    let run = test_env.sandbox(&["redeploy", "-s", STAGING, "--no-wait"]).code(0);
    let reference = run.stderr.split("--reference ").nth(1).and_then(|rest| rest.split(' ').next());
    let reference = reference.expect("a hint");
    assert!(!run.stdout.contains("Deployment:"), "{}", run.stdout);
    let wait = ["deployments", "wait", "--reference", reference, "-s", STAGING, "--jq", ".outcome.meaning"];
    assert_eq!(test_env.sandbox(&wait).code(0).stdout, "success\n");
    let ended =
        test_env.sandbox(&["deployments", "wait", "--latest", "-s", STAGING, "--jq", ".outcome.meaning"]).code(0);
    assert_eq!(ended.stdout, "success\n");
}

#[test]
fn a_timeout_ends_with_6_and_prints_the_attach_command() {
    let test_env = TestEnv::new();
    let slow = |timeout: &str| {
        let mut command = test_env.command();
        command.env("C66_SANDBOX_SPEED", "0.001");
        finish(command.args(["--sandbox", "redeploy", "-s", STAGING, "-o", "json", "--timeout", timeout])).code(6)
    };
    let error = slow("300ms").json_error();
    assert_eq!(error["code"], "still_running");
    let hint = error["hint"].as_str().expect("a hint");
    assert!(hint.contains("resume waiting with: c66 --sandbox deployments wait"), "{hint}");
    assert!(hint.contains("-s awesome-app@staging"), "{hint}");
    assert_eq!(error["retryable"], true);
}

#[test]
fn production_needs_confirmation_and_staging_does_not() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["redeploy", "-s", "awesome-app@production", "-o", "json"]).code(2);
    assert_eq!(run.json_error()["code"], "confirmation_needed");
    assert!(run.json_error()["hint"].as_str().is_some_and(|hint| hint.contains("--yes")), "{}", run.stderr);
    let count = ["deployments", "list", "-s", "awesome-app@production", "--jq", "length"];
    assert_eq!(test_env.sandbox(&count).code(0).stdout, "1\n");
    test_env.sandbox(&["redeploy", "-s", STAGING, "--no-input"]).code(0);
}

#[test]
fn an_action_named_in_the_reply_is_followed_together_with_its_deployment() {
    let mut looks = 0;
    let server =
        ScriptedServer::replying(move |seen: &Seen| match (seen.method.as_str(), seen.path.rsplit('/').next()) {
            ("POST", _) => good(&json!({ "ok": true, "message": "queued", "queued": true, "async_action_id": 71 })),
            (_, Some("71")) => {
                looks += 1;
                good(&action(71, looks > 3, (looks > 3).then_some(true), None))
            }
            (_, Some("8")) => good(&deployment(8, "api", Some("success"))),
            _ if looks == 0 => list(&[deployment(7, "web", Some("success"))]),
            _ => list(&[deployment(8, "api", Some("success")), deployment(7, "web", Some("success"))]),
        });
    let result = redeploy(&server, &["-o", "json"]).code(0).json();
    assert_eq!(result["action"]["id"], 71);
    assert_eq!(result["action"]["finished_success"], true);
    assert_eq!(result["deployment"]["id"], 8);
    assert_eq!(server.lines().iter().filter(|line| line.ends_with("/actions/71")).count(), 4);
}

#[test]
fn the_worse_of_two_verdicts_counts() {
    for (finished_success, outcome, words) in [
        (Some(true), "failed", "failed (outcome"),
        (Some(false), "success", "no room on the disk"),
        (None, "success", "no room on the disk"),
    ] {
        let mut asked = false;
        let server = ScriptedServer::replying(move |seen: &Seen| {
            match (seen.method.as_str(), seen.path.contains("/actions/")) {
                ("POST", _) => {
                    asked = true;
                    good(&json!({ "ok": true, "message": "queued", "async_action_id": 71 }))
                }
                (_, true) => good(&action(71, true, finished_success, Some("no room on the disk"))),
                _ if asked => list(&[deployment(8, "api", Some(outcome))]),
                _ => list(&[]),
            }
        });
        let run = redeploy(&server, &["-o", "json"]).code(5);
        assert_eq!(run.stdout, "");
        assert!(run.json_error()["message"].as_str().is_some_and(|said| said.contains(words)), "{}", run.stderr);
    }
}

#[test]
fn an_action_without_a_verdict_counts_as_failed() {
    let mut asked = false;
    let server =
        ScriptedServer::replying(move |seen: &Seen| match (seen.method.as_str(), seen.path.contains("/actions/")) {
            ("POST", _) => {
                asked = true;
                good(&json!({ "ok": true, "async_action_id": 71 }))
            }
            (_, true) => good(&action(71, true, None, None)),
            _ if asked => list(&[deployment(8, "api", Some("success"))]),
            _ => list(&[]),
        });
    let error = redeploy(&server, &["-o", "json"]).code(5).json_error();
    assert!(error["message"].as_str().is_some_and(|said| said.contains("without an outcome")), "{error}");
    assert_eq!(error["action_id"], 71);
}

#[test]
fn any_outcome_other_than_success_is_a_failure() {
    for outcome in ["failed", "cancelled", "", "something new"] {
        let server = server(
            queued(),
            vec![],
            vec![deployment(8, "api", Some(outcome))],
            vec![deployment(8, "api", Some(outcome))],
        );
        assert_eq!(redeploy(&server, &[]).code, 5, "`{outcome}`");
    }
}

#[test]
fn two_redeploys_at_once_follow_their_own_deployments() {
    let test_env = TestEnv::new();
    let start = |git_ref: &str| {
        let mut command = test_env.command();
        command.args(["--sandbox", "redeploy", "-s", STAGING, "-o", "json", "--git-ref", git_ref]);
        Running::start(command.env("C66_SANDBOX_SPEED", "10"))
    };
    let mut first = start("main");
    // The second must start after the first was accepted; otherwise they cannot be told apart.
    first.run_until("its deployment is listed", || {
        test_env.sandbox(&["deployments", "list", "-s", STAGING, "--jq", "length"]).code(0).stdout == "2\n"
    });
    let second = start("fail");
    first.end().code(0);
    second.end().code(5);
}

#[test]
fn a_deployment_started_in_the_dashboard_is_not_followed() {
    let ended = [deployment(8, "web", Some("failed")), deployment(9, "api", Some("success"))];
    let after = vec![deployment(9, "api", None), deployment(8, "web", None), deployment(7, "api", Some("success"))];
    let server = server(queued(), vec![deployment(7, "api", Some("success"))], after, ended.to_vec());
    assert_eq!(redeploy(&server, &["-o", "json"]).code(0).json()["deployment"]["id"], 9);
}

#[test]
fn the_new_deployment_is_found_in_a_list_with_the_oldest_first() {
    let before = vec![deployment(6, "web", Some("failed")), deployment(7, "api", Some("failed"))];
    let after = [before.clone(), vec![deployment(8, "api", None)]].concat();
    let server = server(queued(), before, after, vec![deployment(8, "api", Some("success"))]);
    assert_eq!(redeploy(&server, &["-o", "json"]).code(0).json()["deployment"]["id"], 8);
}

#[test]
fn a_stack_without_deployments_can_be_redeployed() {
    let result = TestEnv::new().sandbox(&["redeploy", "-s", "fresh-start", "-o", "json"]).code(0).json();
    assert_eq!(result["deployment"]["outcome"]["meaning"], "success");
}

#[test]
fn services_are_sent_under_both_parameter_names() {
    let end = vec![deployment(8, "api", Some("success"))];
    let server = server(queued(), vec![], end.clone(), end);
    redeploy(&server, &["--service", "web", "--service", "worker:v2", "--reference", "ticket 9"]).code(0);
    let post = server.seen().into_iter().find(|seen| seen.method == "POST").expect("a write");
    let body: Value = serde_json::from_str(&post.body).expect("JSON");
    assert_eq!(
        body,
        json!({ "services_filter": "web,worker:v2", "services": "web,worker:v2", "user_reference": "ticket 9" })
    );
    assert_eq!(redeploy(&server, &["--service", ""]).code, 2);
    let unknown = TestEnv::new().sandbox(&["redeploy", "-s", "voting-app", "--yes", "--service", "wep"]).code(4);
    assert!(unknown.stderr.contains("web, worker, result"), "the server's words: {}", unknown.stderr);
    let said = "error: something that the command names was not found on Voting App@production\n";
    assert!(unknown.stderr.contains(said), "the stack is there: {}", unknown.stderr);
}

#[test]
fn failed_polls_do_not_end_the_wait() {
    let mut looks = 0;
    let server = ScriptedServer::replying(move |seen: &Seen| {
        if seen.method == "POST" {
            return good(&queued());
        }
        looks += 1;
        match looks {
            1 => list(&[]),
            2 => list(&[deployment(8, "api", None)]),
            3 => (502, "<html>bad gateway</html>".to_owned()),
            4 => (200, "{\"response\": {".to_owned()),
            // Unlike the 502, the transport does not retry this one: the wait itself must survive it.
            5 => (520, String::new()),
            _ => good(&deployment(8, "api", Some("success"))),
        }
    });
    let run = redeploy(&server, &["-o", "json"]).code(0);
    assert_eq!(run.json()["deployment"]["outcome"]["meaning"], "success");
}

#[test]
fn a_401_or_403_ends_the_wait_at_once() {
    for (status, word) in [(401, "unauthorized"), (403, "forbidden")] {
        let mut looks = 0;
        let server = ScriptedServer::replying(move |seen: &Seen| {
            looks += u32::from(seen.method == "GET");
            match (seen.method.as_str(), looks) {
                ("POST", _) => good(&queued()),
                (_, 1) => list(&[]),
                (_, 2) => list(&[deployment(8, "api", None)]),
                _ => refusal(status, word, "gone"),
            }
        });
        let run = redeploy(&server, &[]).code(3);
        assert_eq!(server.lines().len(), 4, "{:?}", server.lines());
        // After a pause, ours may no longer be the newest.
        assert!(run.stderr.contains("resume waiting with: c66 deployments wait 8 -s"), "{}", run.stderr);
    }
}

#[test]
fn a_redeploy_that_the_server_refuses_is_not_followed() {
    let server = server(json!({ "ok": false, "message": "The stack is being deployed" }), vec![], vec![], vec![]);
    let run = redeploy(&server, &[]).code(5);
    assert!(run.stderr.contains("The stack is being deployed"), "{}", run.stderr);
    assert_eq!(server.lines().iter().filter(|line| line.starts_with("GET")).count(), 1);
}
