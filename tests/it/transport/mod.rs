//! Requests: paths, headers, redirects, and which host gets the token.

mod connections;
mod pages;
mod retries;
mod trace;

use httpmock::prelude::*;
use serde_json::json;

use crate::support::scripted_server::{ScriptedServer, reply, reply_with};
use crate::support::test_env::TestEnv;

const UID: &str = "5999b763474b0eafa5fafb64bff0ba80";

#[test]
fn a_read_is_a_get_of_the_json_path_with_the_documented_headers() {
    let server = MockServer::start();
    let stacks = server.mock(|when, then| {
        when.method(GET)
            .path("/api/3/stacks.json")
            .header("authorization", "Bearer test-token-0123456789")
            .header("accept", "application/json")
            .header_matches("^user-agent$", r"^c66/\d+\.\d+\.\d+ \([a-z]+; \w+\)$")
            .header_matches("^request-id$", "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
            .header_missing("x-account")
            .header_missing("content-type")
            .header_missing("cookie")
            .header_missing("content-length");
        then.status(200).json_body(json!({"response": []}));
    });
    let run = TestEnv::new().against(&server.base_url(), &["stacks", "list", "--json"]).code(0);
    assert_eq!(run.stdout, "[]\n");
    stacks.assert_calls(1);
}

#[test]
fn a_write_is_a_post_of_json() {
    let server = MockServer::start();
    let action = server.mock(|when, then| {
        when.method(POST)
            .path(format!("/api/3/stacks/{UID}/actions.json"))
            .header("authorization", "Bearer test-token-0123456789")
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .header_exists("request-id")
            .json_body(json!({"command": "restart"}));
        then.status(200).json_body(json!({"response": {"id": 7, "action": "stack_restart", "finished_at": null}}));
    });
    let run = TestEnv::new()
        .against(&server.base_url(), &["stacks", "restart", "-s", UID, "--yes", "--no-wait", "--json"])
        .code(0);
    action.assert_calls(1);
    assert_eq!(run.json()["id"], 7);
}

#[test]
fn every_request_has_its_own_id() {
    let server = ScriptedServer::start(|seen, _| {
        let stack = json!({ "uid": format!("u{}", seen.page()) });
        reply(200, &json!({ "response": [stack], "pagination": { "pages": 2 } }).to_string())
    });
    TestEnv::new().against(&server.url, &["stacks", "list"]).code(0);
    let seen = server.seen();
    let ids: Vec<_> = seen.iter().map(|seen| seen.header("request-id").expect("an id")).collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn the_account_header_is_sent_when_an_account_is_named() {
    let server = MockServer::start();
    let stacks = server.mock(|when, then| {
        when.method(GET).path("/api/3/stacks.json").header("x-account", "4711");
        then.status(200).json_body(json!({"response": []}));
    });
    let test_env = TestEnv::new();
    test_env.against(&server.base_url(), &["stacks", "list", "--account", "4711"]).code(0);
    let mut command = test_env.command();
    command.env("C66_API_URL", server.base_url()).env("C66_TOKEN", "t").env("C66_ACCOUNT", "4711");
    crate::support::test_env::finish(command.args(["stacks", "list"])).code(0);
    stacks.assert_calls(2);
}

#[test]
fn special_characters_are_escaped_in_the_path() {
    for (key, escaped) in [
        ("a/b", "a%2Fb"),
        ("über", "%C3%BCber"),
        ("what?#%", "what%3F%23%25"),
        ("100%25", "100%2525"),
        ("x.json", "x.json"),
        ("a;b&c=d", "a%3Bb%26c%3Dd"),
    ] {
        let listed =
            json!({"response": [{"id": 1, "key": key, "value": "x", "readonly": false, "is_generated": false}]})
                .to_string();
        let server = ScriptedServer::start(move |_, before| reply(200, if before == 0 { &listed } else { "" }));
        TestEnv::new().against(&server.url, &["env", "unset", key, "-s", UID, "--yes"]).code(0);
        let seen = server.seen();
        assert_eq!(seen[1].method, "DELETE");
        assert_eq!(seen[1].target, format!("/api/3/stacks/{UID}/environments/{escaped}.json"));
    }
}

#[test]
fn a_typed_path_is_escaped_and_keeps_its_own_escapes() {
    let server = ScriptedServer::start(|_, _| reply(200, "{}"));
    let test_env = TestEnv::new();
    test_env.against(&server.url, &["api", "GET", "/stacks/a b/ü/c%2Fd?page=2&q=ä b"]).code(0);
    assert_eq!(server.seen()[0].target, "/api/3/stacks/a%20b/%C3%BC/c%2Fd?page=2&q=%C3%A4+b");
}

#[test]
fn a_name_of_dots_cannot_change_the_path() {
    let server = ScriptedServer::start(|_, _| reply(200, "{}"));
    let test_env = TestEnv::new();
    for id in ["..", ".", "%2e%2e"] {
        let path = format!("/stacks/{id}/servers");
        test_env.against(&server.url, &["api", "GET", &path]).code(2);
    }
    assert_eq!(server.count(), 0, "{:?}", server.seen());
}

#[test]
fn an_api_address_may_have_a_path() {
    let server = ScriptedServer::start(|_, _| reply(200, r#"{"response":[]}"#));
    let url = format!("{}/proxy/api/3/", server.url);
    TestEnv::new().against(&url, &["stacks", "list"]).code(0);
    assert_eq!(server.seen()[0].target, "/proxy/api/3/stacks.json");
}

#[test]
fn a_read_follows_a_redirect_to_the_same_origin_with_its_token() {
    let server = MockServer::start();
    let old = server.mock(|when, then| {
        when.method(GET).path("/api/3/stacks.json");
        then.status(301).header("location", "/new/stacks.json");
    });
    let new = server.mock(|when, then| {
        when.method(GET).path("/new/stacks.json").header("authorization", "Bearer test-token-0123456789");
        then.status(200).json_body(json!({"response": [{"uid": "moved"}]}));
    });
    let run = TestEnv::new().against(&server.base_url(), &["stacks", "list", "-o", "name"]).code(0);
    assert_eq!(run.stdout, "moved\n");
    old.assert_calls(1);
    new.assert_calls(1);
}

#[test]
fn a_redirect_to_another_origin_is_never_followed() {
    for status in [301, 302, 303, 307, 308] {
        let other = ScriptedServer::start(|_, _| reply(200, r#"{"response":[]}"#));
        let target = format!("{}/api/3/stacks.json", other.url);
        let location = target.clone();
        let server =
            ScriptedServer::start(move |_, _| reply_with(status, &[("Location", &location)], r#"{"response":[]}"#));
        let run = TestEnv::new().against(&server.url, &["stacks", "list"]).code(8);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("GET /stacks was redirected to another host"), "{}", run.stderr);
        assert!(run.stderr.contains(&target), "{}", run.stderr);
        assert_eq!((server.count(), other.count()), (1, 0), "status {status}");
    }
}

#[test]
fn another_host_name_or_another_scheme_is_another_origin() {
    for target in ["http://localhost:PORT/x", "https://127.0.0.1:PORT/x", "//localhost:PORT/x"] {
        let server = ScriptedServer::start(move |seen, _| {
            let port = seen.header("host").and_then(|host| host.rsplit_once(':')).expect("a port").1;
            reply_with(302, &[("Location", &target.replace("PORT", port))], "")
        });
        TestEnv::new().against(&server.url, &["stacks", "list"]).code(8);
        assert_eq!(server.count(), 1, "{target}");
    }
}

/// A list of other things would be shown as what was asked for.
#[test]
fn a_redirect_to_another_path_is_not_followed() {
    for target in ["/api/3/stacks.json", "/api/3/stacks/other/environments.json", "/"] {
        let server = ScriptedServer::start(move |seen, _| match seen.path.as_str() {
            path if path.ends_with("/environments") => reply_with(302, &[("Location", target)], ""),
            _ => reply(200, &format!(r#"{{"response":[{{"uid":"{UID}","key":"OTHER","value":"1"}}]}}"#)),
        });
        let run = TestEnv::new().against(&server.url, &["env", "list", "-s", UID, "-o", "json"]).code(8);
        assert_eq!(run.json_error()["code"], "bad_reply", "{target}");
        assert_eq!(run.stdout, "", "{target}");
    }
}

#[test]
fn a_write_follows_no_redirect() {
    for status in [301, 302, 303, 307, 308] {
        let server = ScriptedServer::start(move |_, _| reply_with(status, &[("Location", "/elsewhere")], ""));
        let run = TestEnv::new().against(&server.url, &["stacks", "restart", "-s", UID, "--yes", "-o", "json"]).code(8);
        let error = run.json_error();
        assert_eq!(error["code"], "bad_reply");
        assert_eq!(error["http_status"], status);
        assert_eq!(server.count(), 1);
    }
}

#[test]
fn a_redirect_loop_ends() {
    let server = ScriptedServer::start(|seen, _| reply_with(302, &[("Location", &seen.target)], ""));
    let run = TestEnv::new().against(&server.url, &["stacks", "list"]).code(8);
    assert!(run.stderr.contains("redirect loop"), "{}", run.stderr);
    assert!(server.count() <= 10, "{}", server.count());
}

#[test]
fn the_api_command_calls_no_other_host() {
    let server = ScriptedServer::start(|_, _| reply(200, "{}"));
    let other = ScriptedServer::start(|_, _| reply(200, "{}"));
    let run = TestEnv::new().against(&server.url, &["api", "GET", &format!("{}/api/3/stacks", other.url)]).code(2);
    assert!(run.stderr.contains("another host"), "{}", run.stderr);
    assert_eq!((server.count(), other.count()), (0, 0));
}

#[test]
fn a_typed_header_cannot_replace_the_token() {
    let server = ScriptedServer::start(|_, _| reply(200, "{}"));
    TestEnv::new()
        .against(&server.url, &["api", "GET", "/stacks", "-H", "Authorization: Bearer other", "-H", "X-Extra: yes"])
        .code(0);
    let seen = &server.seen()[0];
    assert_eq!(seen.header("authorization"), Some("Bearer test-token-0123456789"));
    assert_eq!(seen.header("x-extra"), Some("yes"));
}

#[test]
fn requests_to_this_machine_never_go_through_a_proxy() {
    let proxy = ScriptedServer::start(|_, _| reply(502, ""));
    let server = ScriptedServer::start(|_, _| reply(200, r#"{"response":[]}"#));
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", "t");
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        command.env(name, &proxy.url);
    }
    crate::support::test_env::finish(command.args(["stacks", "list"])).code(0);
    assert_eq!((server.count(), proxy.count()), (1, 0));
}
