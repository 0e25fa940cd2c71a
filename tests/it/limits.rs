//! `c66 limits`, and the warning when few requests are left.

use serde_json::json;

use crate::support::scripted_server::{ScriptedServer, reply, reply_with};
use crate::support::test_env::TestEnv;

fn with_budget(status: u16, limit: &'static str, remaining: &'static str, body: &'static str) -> ScriptedServer {
    ScriptedServer::start(move |_, _| {
        reply_with(status, &[("X-RateLimit-Limit", limit), ("X-RateLimit-Remaining", remaining)], body)
    })
}

const EMPTY: &str = r#"{"response":[]}"#;

#[test]
fn limits_come_from_the_headers_of_one_request() {
    let server = with_budget(200, "3600", "3597", EMPTY);
    let run = TestEnv::new().against(&server.url, &["limits", "--json"]).code(0);
    let expected = json!({
        "limit": 3600, "remaining": 3597, "used": 3, "low": false, "next_hour": 3600, "seconds_between": 1.0,
    });
    assert_eq!(run.json(), expected);
    assert_eq!(server.seen().iter().map(|seen| seen.target.as_str()).collect::<Vec<_>>(), ["/api/3/stacks.json"]);
    let run = TestEnv::new().against(&with_budget(200, "3000", "3000", EMPTY).url, &["limits"]).code(0);
    let expected = "Limit:      3000\nRemaining:  3000\nUsed:       0\nNext hour:  3000 requests, one each 1.2 s\n";
    assert_eq!(run.stdout, expected);
    let run = TestEnv::new().sandbox(&["limits", "--jq", ".limit"]).code(0);
    assert_eq!(run.stdout, "3600\n");
}

#[test]
fn limits_are_shown_even_when_the_limit_is_reached() {
    let server = with_budget(503, "3600", "0", r#"{"error":"throttled","details":"slow down"}"#);
    let run = TestEnv::new().against(&server.url, &["limits", "--json"]).code(0);
    assert_eq!((&run.json()["remaining"], &run.json()["low"]), (&json!(0), &json!(true)));
    assert_eq!(run.stderr, "warning: 0 of 3600 requests left in this hour\n");
    let server = with_budget(403, "3600", "3000", r#"{"error":"forbidden"}"#);
    assert_eq!(TestEnv::new().against(&server.url, &["limits", "--jq", ".used"]).code(0).stdout, "600\n");
}

#[test]
fn a_reply_without_the_headers_is_an_error() {
    let server = ScriptedServer::start(|_, _| reply(200, EMPTY));
    let run = TestEnv::new().against(&server.url, &["limits", "--json"]).code(8);
    assert_eq!(run.stdout, "");
    assert_eq!(run.json_error()["code"], "bad_reply");
    let server = with_budget(401, "3600", "3000", r#"{"error":"unauthorized"}"#);
    TestEnv::new().against(&server.url, &["limits"]).code(3);
}

#[test]
fn every_command_warns_once_below_a_tenth_of_the_limit() {
    let warning = "warning: 12 of 3600 requests left in this hour\n";
    for arguments in [
        &["stacks", "list"][..],
        &["limits"],
        &["api", "GET", "/stacks"],
        &["env", "list", "-s", "0123456789abcdef0123456789abcdef", "-o", "json"],
    ] {
        let server = with_budget(200, "3600", "12", EMPTY);
        let run = TestEnv::new().against(&server.url, arguments).code(0);
        assert_eq!(run.stderr.matches(warning).count(), 1, "{arguments:?}: {}", run.stderr);
    }
}
