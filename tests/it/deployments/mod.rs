//! `c66 deployments`.

mod redeploy;
mod rollback;
mod user_reference;

use serde_json::json;

use crate::support::replies::{UID, deployment, good, list};
use crate::support::scripted_server::{ScriptedServer, Seen};
use crate::support::test_env::{TestEnv, finish};

const STAGING: &str = "awesome-app@staging";

#[test]
fn a_deployment_is_listed_and_shown_in_words() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["deployments", "list", "-s", "awesome-app@production"]).code(0);
    for word in
        ["ID", "OUTCOME", "TYPE", "BY", "VIA", "COMMIT", "STARTED", "DURATION", "LIVE", "107", "success", "web", "yes"]
    {
        assert!(run.stdout.contains(word), "{word}: {}", run.stdout);
    }
    assert!(run.stdout.contains("5675fcd8 ") && !run.stdout.contains("5675fcd8f"), "a short commit: {}", run.stdout);
    let shown =
        test_env.sandbox(&["deployments", "show", "107", "-s", "awesome-app@production", "-o", "json"]).code(0).json();
    assert_eq!(shown["git_hash"], "5675fcd8f9e6dc534ecf1410c0661c066097e310");
    test_env.sandbox(&["deployments", "show", "1", "-s", STAGING]).code(4);
    test_env.sandbox(&["deployments", "show", "latest", "-s", STAGING]).code(2);
}

#[test]
fn wait_attaches_to_a_deployment_by_number_or_to_the_latest() {
    let test_env = TestEnv::new();
    let mut start = test_env.command();
    start.env("C66_SANDBOX_SPEED", "8").args(["--sandbox", "redeploy", "-s", STAGING, "--no-wait"]);
    finish(&mut start).code(0);
    for which in ["--latest", "263"] {
        let ended = test_env.sandbox(&["deployments", "wait", which, "-s", STAGING, "-o", "json"]).code(0).json();
        assert_eq!((&ended["id"], &ended["outcome"]["meaning"]), (&json!(263), &json!("success")));
    }
    test_env.sandbox(&["redeploy", "-s", STAGING, "--git-ref", "fail", "--no-wait"]).code(0);
    let run = test_env.sandbox(&["deployments", "wait", "--latest", "-s", STAGING, "-o", "json"]).code(5);
    assert_eq!((run.stdout.as_str(), &run.json_error()["code"]), ("", &json!("remote_failed")));
    let run = test_env.sandbox(&["deployments", "wait", "--latest", "-s", "fresh-start"]).code(4);
    assert!(run.stderr.contains("no deployments"), "{}", run.stderr);
}

#[test]
fn waiting_ends_at_the_timeout() {
    let server = ScriptedServer::replying(|_| good(&deployment(8, "api", None)));
    let test_env = TestEnv::new();
    let wait = ["deployments", "wait", "8", "-s", UID, "--timeout", "1s", "--poll-interval", "20ms", "-o", "json"];
    let run = test_env.against(&server.url, &wait).code(6);
    let hint = run.json_error()["hint"].to_string();
    assert!(hint.contains(&format!("c66 deployments wait 8 -s {UID}")), "{hint}");
    assert!(server.seen().len() > 2, "it looks again and again");
}

#[test]
fn a_running_deployment_can_be_cancelled_and_a_finished_one_cannot() {
    let test_env = TestEnv::new();
    let mut start = test_env.command();
    start.env("C66_SANDBOX_SPEED", "1").args(["--sandbox", "redeploy", "-s", STAGING, "--no-wait"]);
    finish(&mut start).code(0);
    let run = test_env.sandbox(&["deployments", "cancel", "263", "-s", STAGING, "-o", "json"]).code(0);
    assert_eq!(run.json()["ok"], true);
    let run = test_env.sandbox(&["deployments", "wait", "263", "-s", STAGING]).code(5);
    assert!(run.stderr.contains("cancelled"), "{}", run.stderr);
    let run = test_env.sandbox(&["deployments", "cancel", "263", "-s", STAGING, "-o", "json"]).code(9);
    assert_eq!(run.json_error()["code"], "conflict");
    test_env.sandbox(&["deployments", "cancel", "107", "-s", "awesome-app@production"]).code(2);
}

#[test]
fn latest_is_the_deployment_with_the_highest_number_on_any_page() {
    let page = |number: u64, ids: [u64; 2]| {
        let items = ids.map(|id| deployment(id, "api", Some("success")));
        let next = (number < 2).then_some(number + 1);
        let pagination =
            json!({ "previous": null, "next": next, "current": number, "per_page": 2, "count": 4, "pages": 2 });
        (200, json!({ "response": items, "count": 4, "pagination": pagination }).to_string())
    };
    for (first, last) in [([1, 2], [3, 4]), ([4, 3], [2, 1])] {
        let server =
            ScriptedServer::replying(move |seen: &Seen| match (seen.path.rsplit('/').next(), seen.query.as_str()) {
                (Some("4"), _) => good(&deployment(4, "api", Some("success"))),
                (Some("deployments"), "page=2") => page(2, last),
                (Some("deployments"), _) => page(1, first),
                _ => list(&[]),
            });
        let ended =
            TestEnv::new().against(&server.url, &["deployments", "wait", "--latest", "-s", UID, "-o", "json"]).code(0);
        assert_eq!(ended.json()["id"], 4);
    }
}
