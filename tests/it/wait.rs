//! `c66 wait`: waiting for a condition.

use serde_json::json;

use crate::support::replies::{UID, good};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{TestEnv, finish};

const STAGING: &str = "awesome-app@staging";
const P: &str = "awesome-app@production";

#[test]
fn a_condition_that_already_holds_returns_at_once() {
    let test_env = TestEnv::new();
    for (arguments, field, value) in [
        (&["wait", "--for", "health=healthy", "-s", STAGING][..], "/health", json!(3)),
        (&["wait", "stack/awesome-app@staging", "--for", "status=deployed"], "/status", json!(1)),
        (&["wait", "stack", STAGING, "--for", "status==1", "--for", "health!=failed"], "/status", json!(1)),
        (&["wait", "stacks", STAGING, "--for", ".health == 3 and .status == 1"], "/health", json!(3)),
        (&["wait", "stack", STAGING, "--for", "name~^Awe"], "/name", json!("Awesome App")),
        (&["wait", "server/caribou", "-s", P, "--for", "health=healthy"], "/name", json!("Caribou")),
        (&["wait", "service", "web", "-s", P, "--for", ".containers | length > 0"], "/name", json!("web")),
        (&["wait", "deployment", "107", "-s", P, "--for", "outcome=success"], "/id", json!(107)),
        (&["wait", "deployment", "-s", P, "--for", "live=yes"], "/id", json!(107)),
    ] {
        let run = test_env.sandbox(&[arguments, &["-o", "json", "--timeout", "10s"]].concat()).code(0);
        assert_eq!(run.json().pointer(field), Some(&value), "{arguments:?}: {}", run.stdout);
    }
    let run = test_env.sandbox(&["wait", "--for", "health=healthy", "-s", STAGING]).code(0);
    assert!(run.stdout.contains("Awesome App"), "{}", run.stdout);
    let run = test_env.sandbox(&["wait", "--for", "health=healthy", "-s", STAGING, "-o", "name"]).code(0);
    assert_eq!(run.stdout, "3ff47eaa901ee0d1cda6fa9283b3e618\n");
}

#[test]
fn wait_polls_until_the_condition_holds() {
    let test_env = TestEnv::new();
    test_env.sandbox(&["redeploy", "-s", STAGING, "--no-wait"]).code(0);
    let run =
        test_env.sandbox(&["wait", "deployment", "-s", STAGING, "--for", "outcome=success", "-o", "json"]).code(0);
    assert_eq!(run.json()["outcome"]["meaning"], "success");
    let mut looks = 0;
    let server = ScriptedServer::replying(move |_| {
        looks += 1;
        match looks {
            2 => (502, String::new()),
            3 => (200, "{".to_owned()),
            _ => good(&json!({ "uid": UID, "name": "shop", "status": if looks > 5 { 1 } else { 6 }, "health": 3 })),
        }
    });
    let run =
        TestEnv::new().against(&server.url, &["wait", "-s", UID, "--for", "status=deployed", "-o", "wide"]).code(0);
    assert!(run.stderr.contains("status is Deploying"), "{}", run.stderr);
}

#[test]
fn a_timeout_prints_the_current_state_and_the_command_to_continue() {
    let test_env = TestEnv::new();
    let run =
        test_env.sandbox(&["wait", "-s", STAGING, "--for", "health=failed", "--timeout", "2s", "-o", "json"]).code(6);
    assert_eq!(run.stdout, "");
    let error = run.json_error();
    assert_eq!(error["code"], "still_running");
    assert_eq!(error["cause"], "health is Healthy");
    let hint = error["hint"].as_str().expect("a hint");
    let again = "c66 --sandbox wait stack --for health=failed -s awesome-app@staging";
    assert!(hint.contains(again), "{hint}");
}

#[test]
fn a_deployment_with_another_outcome_ends_the_wait() {
    let test_env = TestEnv::new();
    test_env.sandbox(&["redeploy", "-s", STAGING, "--git-ref", "fail"]).code(5);
    let run = test_env.sandbox(&["wait", "deployment/latest", "-s", STAGING, "--for", "outcome=success"]).code(5);
    assert!(run.stderr.contains("has ended: failed"), "{}", run.stderr);
}

#[test]
fn an_impossible_condition_is_rejected_at_once() {
    let test_env = TestEnv::new();
    for (arguments, code, words) in [
        (&["wait", "-s", STAGING][..], 2, "--for"),
        (&["wait", "-s", STAGING, "--for", "helth=healthy"], 2, "did you mean `health`?"),
        (&["wait", "-s", STAGING, "--for", "healthy"], 2, "invalid condition"),
        (&["wait", "-s", STAGING, "--for", ".health =="], 2, "--for"),
        (&["wait", "-s", STAGING, "--for", ".health | keys"], 2, "--for"),
        (&["wait", "sever/caribou", "-s", P, "--for", "health=healthy"], 2, "did you mean `server`?"),
        (&["wait", "server", "-s", P, "--for", "health=healthy"], 2, "no server specified"),
        (&["wait", "server/elephant", "-s", P, "--for", "health=healthy"], 4, "elephant"),
        (&["wait", "service/wep", "-s", P, "--for", "containers=1"], 4, "wep"),
        (&["wait", "deployment", "x", "-s", P, "--for", "live=yes"], 2, "invalid deployment number"),
        (&["wait", "stack/nothing-like-it", "--for", "live=yes"], 4, "nothing-like-it"),
    ] {
        let run = test_env.sandbox(&[arguments, &["--timeout", "10s"]].concat()).code(code);
        assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
    }
    let run = test_env.sandbox(&["wait", "server", "--columns", "help", "--for", "health=healthy"]).code(0);
    assert!(run.stdout.lines().any(|line| line.starts_with("health ")), "{}", run.stdout);
}

#[test]
fn jq_conditions_follow_the_truth_rules_of_jq() {
    let test_env = TestEnv::new();
    for (expression, code) in
        [("null", 6), (".nothing", 6), ("empty", 6), ("\"false\"", 0), ("0", 0), ("false, true", 0)]
    {
        let mut command = test_env.command();
        // A condition that holds is met at the first poll.
        let timeout = if code == 0 { "1m" } else { "200ms" };
        command.args(["--sandbox", "wait", "-s", STAGING, "--timeout", timeout, "--for"]);
        let run = finish(command.arg(format!("({expression})")));
        assert_eq!(run.code, code, "{expression}: {}", run.stderr);
    }
}
