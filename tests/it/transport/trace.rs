//! `--debug`: what it shows, and that it shows no secret.

use serde_json::{Value, json};

use crate::support::scripted_server::{Answer, ScriptedServer, Seen, reply, reply_with};
use crate::support::test_env::{Run, TestEnv, finish};

const UID: &str = "5999b763474b0eafa5fafb64bff0ba80";
const TOKEN: &str = "canary-token-8c1f";
const PASSWORD: &str = "canary-password-77aa";
const EARLIER: &str = "canary-earlier-51d0";
const SET: &str = "canary \"set\"\\ value-90ef";
const CANARIES: [&str; 5] = [TOKEN, PASSWORD, EARLIER, SET, "canary"];

/// A server with one password, which takes changes and repeats them in its reply.
fn script(seen: &Seen, _: usize) -> Answer {
    let password = json!({
        "id": 1, "key": "DB_PASSWORD", "value": PASSWORD, "is_password": true, "readonly": false,
        "history": [{"key": 1, "value": EARLIER}],
    });
    if seen.method == "GET" && seen.target.ends_with("/environments/1.json") {
        return reply(200, &json!({ "response": password }).to_string());
    }
    if seen.method == "GET" && seen.target.contains("/environments") {
        let variables = json!({"response": [
            password,
            {"id": 2, "key": "PLAIN", "value": "visible", "is_password": false, "readonly": false, "history": []},
        ]});
        return reply(200, &variables.to_string());
    }
    if seen.method == "GET" {
        return reply(200, r#"{"response":[{"uid":"a","name":"shop"}]}"#);
    }
    let body: Value = serde_json::from_str(&seen.body).unwrap_or_default();
    let action = json!({"response": {"id": 5, "action": "env-var-new", "value": body["value"], "finished_at": null}});
    reply(200, &action.to_string())
}

fn run(server: &ScriptedServer, arguments: &[&str]) -> Run {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", TOKEN);
    finish(command.args(arguments))
}

#[track_caller]
fn assert_clean(text: &str) {
    for canary in CANARIES {
        let escaped = Value::from(canary).to_string();
        assert!(!text.contains(canary) && !text.contains(escaped.trim_matches('"')), "{canary} in:\n{text}");
    }
}

#[test]
fn debug_prints_every_request_and_reply_on_stderr() {
    let server = ScriptedServer::start(script);
    let run = run(&server, &["stacks", "list", "--json", "--debug"]).code(0);
    assert_eq!(run.json(), json!([{"uid": "a", "name": "shop"}]));
    let lines: Vec<_> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{}", run.stderr);
    assert_eq!(lines[0], format!("> GET {}/api/3/stacks.json", server.url));
    assert!(lines[1].starts_with("< 200 in ") && lines[1].ends_with(" ms"), "{}", run.stderr);
}

#[test]
fn debug_prints_the_rate_limit_and_retries() {
    let server = ScriptedServer::start(|_, before| match before {
        0 => reply_with(502, &[("Retry-After", "0")], ""),
        _ => reply_with(200, &[("X-RateLimit-Limit", "3600"), ("X-RateLimit-Remaining", "3597")], r#"{"response":[]}"#),
    });
    let run = run(&server, &["stacks", "list", "--json", "--debug"]).code(0);
    let begins: Vec<_> = run.stderr.lines().filter_map(|line| line.get(..5)).collect();
    assert_eq!(begins, ["> GET", "< 502", "* Sta", "> GET", "< 200"], "{}", run.stderr);
    assert!(run.stderr.contains("retrying in 0.00 s"), "{}", run.stderr);
    assert!(run.stderr.contains("rate 3597/3600"), "{}", run.stderr);
}

#[test]
fn debug_twice_adds_headers_and_bodies() {
    let server = ScriptedServer::start(script);
    let twice = run(&server, &["stacks", "list", "--json", "--debug", "--debug"]).code(0);
    assert_eq!(twice.json(), json!([{"uid": "a", "name": "shop"}]));
    for line in [
        ">   accept: application/json",
        ">   authorization: [redacted]",
        "<   content-type: application/json",
        r#"<   {"response":[{"uid":"a","name":"shop"}]}"#,
    ] {
        assert!(twice.stderr.lines().any(|given| given == line), "{line} is not in\n{}", twice.stderr);
    }
    for header in ["user-agent: c66/", "request-id: "] {
        assert!(twice.stderr.contains(&format!(">   {header}")), "{header} is not in\n{}", twice.stderr);
    }
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", TOKEN).env("C66_DEBUG", "2");
    let by_variable = finish(command.args(["stacks", "list"])).code(0);
    assert!(by_variable.stderr.contains("authorization: [redacted]"), "{}", by_variable.stderr);
}

#[test]
fn no_secret_is_traced() {
    let server = ScriptedServer::start(script);
    let assignment = format!("NEW={SET}");
    let change = format!("DB_PASSWORD={SET}");
    let field = format!("value={SET}");
    let path = format!("/stacks/{UID}/environments");
    for arguments in [
        &["env", "list", "-s", UID][..],
        &["env", "list", "-s", UID, "-o", "csv"],
        &["env", "set", &assignment, "-s", UID, "--yes", "--no-wait"],
        &["env", "set", &change, "-s", UID, "--yes", "--no-wait", "-o", "csv"],
        &["env", "set", &assignment, "-s", UID, "--dry-run"],
        &["env", "set", &change, "-s", UID, "--dry-run", "--json"],
        &["env", "history", "DB_PASSWORD", "-s", UID],
        &["api", "POST", &path, "-f", "key=NEW", "-f", &field, "--yes"],
        &["api", "POST", &path, "-f", "key=NEW", "-f", &field, "--dry-run"],
        &["auth", "status"],
        &["config", "list", "--show-origin", "--json"],
        &["profiles", "list"],
    ] {
        let arguments = [arguments, &["--debug", "--debug"]].concat();
        let run = run(&server, &arguments);
        assert!(run.code == 0, "{arguments:?}: {}", run.stderr);
        assert_clean(&run.stderr);
        // What the API itself repeats in its reply to `c66 api` is the result that was asked for.
        if arguments[0] != "api" || arguments.contains(&"--dry-run") {
            assert_clean(&run.stdout);
        }
    }
}

#[test]
fn json_shows_a_secret_that_the_trace_hides() {
    let server = ScriptedServer::start(script);
    let run = run(&server, &["env", "list", "-s", UID, "--json", "--debug", "--debug"]).code(0);
    assert_eq!(run.json()[0]["value"], PASSWORD);
    assert_clean(&run.stderr);
}

#[test]
fn a_secret_repeated_in_an_error_reply_is_not_printed() {
    for format in ["table", "json"] {
        let server = ScriptedServer::start(|seen, before| match (seen.method.as_str(), before) {
            ("GET", _) => script(seen, before),
            _ => reply(422, &json!({"details": format!("no: {} / {}", seen.body, TOKEN)}).to_string()),
        });
        let arguments = ["env", "set", "NEW=canary-plain-33", "-s", UID, "--yes", "--debug", "--debug", "-o", format];
        let run = run(&server, &arguments).code(9);
        assert_clean(&run.stderr);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn a_malformed_reply_is_quoted_without_its_secrets() {
    let password = json!({"key": "DB_PASSWORD", "value": PASSWORD, "is_password": true, "access_token": TOKEN});
    for body in [
        json!({"response": [[password]]}),
        json!({ "response": password }),
        json!({"response": [{"history": password}]}),
    ] {
        let body = body.to_string();
        let server = ScriptedServer::start(move |_, _| reply(200, &body));
        for verb in [&["env", "list"][..], &["env", "history", "DB_PASSWORD"], &["env", "set", "A=b", "--yes"]] {
            let run = run(&server, &[verb, &["-s", UID]].concat());
            assert_clean(&run.stderr);
            assert_clean(&run.stdout);
        }
    }
}

#[test]
fn a_body_that_is_not_json_is_not_traced_and_signed_urls_are_cut() {
    let server = ScriptedServer::start(|_, _| reply(200, "access_token=canary"));
    let run = run(&server, &["api", "GET", "/x?Signature=canary&a=b", "--debug", "--debug", "-q"]).code(8);
    let trace: String = run.stderr.lines().filter(|line| line.starts_with(['>', '<'])).collect();
    assert_clean(&trace);
    assert!(trace.contains("bytes, not JSON"), "{trace}");
}
