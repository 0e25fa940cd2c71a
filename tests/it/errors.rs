//! How errors read, for people and for scripts.

use httpmock::prelude::*;
use serde_json::{Value, json};

use crate::support::scripted_server::{Answer, ScriptedServer, closed_port, reply, reply_with};
use crate::support::test_env::{Run, TestEnv, finish};

const UID: &str = "5999b763474b0eafa5fafb64bff0ba80";
const KEYS: [&str; 9] =
    ["code", "message", "hint", "exit_code", "http_status", "request", "request_id", "retryable", "action_id"];

/// Runs a command against a server that refuses everything this way.
fn refused(status: u16, body: &str, arguments: &[&str]) -> Run {
    let body = body.to_owned();
    let server = ScriptedServer::start(move |_, _| reply_with(status, &[("Retry-After", "0")], &body));
    TestEnv::new().against(&server.url, arguments)
}

/// The line of stderr about a body.
fn message(body: &str) -> String {
    refused(422, body, &["stacks", "list"]).code(9).stderr.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn every_http_status_has_its_exit_code_and_error_code() {
    for (status, exit, code, retryable) in [
        (400, 9, "refused", false),
        (401, 3, "auth", false),
        (402, 3, "trial_expired", false),
        (403, 3, "scope_missing", false),
        (404, 4, "not_found", false),
        (405, 9, "refused", false),
        (408, 8, "timed_out", true),
        (409, 9, "conflict", true),
        (418, 9, "refused", false),
        (422, 9, "refused", false),
        (429, 7, "throttled", true),
        (500, 8, "unavailable", true),
        (501, 8, "unavailable", true),
        (502, 8, "unavailable", true),
        (503, 8, "unavailable", true),
        (504, 8, "unavailable", true),
    ] {
        let body = json!({"error": "some_id", "details": "said by the server"}).to_string();
        let run = refused(status, &body, &["stacks", "show", UID, "-o", "json"]).code(exit);
        assert_eq!(run.stdout, "");
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
        let error = run.json_error();
        assert_eq!(error["code"], code, "{status}");
        assert_eq!(error["exit_code"], exit);
        assert_eq!(error["http_status"], status);
        assert_eq!(error["request"], format!("GET /stacks/{UID}"));
        assert_eq!(error["retryable"], retryable, "{status}");
        let run = refused(status, &body, &["deployments", "list", "-s", UID]).code(exit);
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains("said by the server"), "{}", run.stderr);
    }
}

#[test]
fn the_json_error_always_has_every_key() {
    let test_env = TestEnv::new();
    for run in [
        refused(404, "{}", &["stacks", "show", UID, "--json"]),
        refused(404, "{}", &["stacks", "list", "-o", "jsonl"]),
        test_env.run(&["stacks", "list", "--json"]),
        test_env.run(&["stacks", "list", "--json", "--no-such-flag"]),
        test_env.run(&["stacks", "lisst", "-ojson"]),
        test_env.run(&["config", "get", "nothing", "-o=json"]),
        test_env.sandbox(&["stacks", "show", "no-such-stack", "--json"]),
        test_env.against("http://c66.invalid", &["stacks", "list", "--json"]),
        test_env.against(&format!("http://127.0.0.1:{}", closed_port()), &["stacks", "list", "--json"]),
    ] {
        assert_eq!(run.stdout, "");
        let whole: Value = serde_json::from_str(&run.stderr).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
        assert_eq!(whole.as_object().map(serde_json::Map::len), Some(1), "{whole}");
        let error = whole["error"].as_object().expect("an object");
        for key in KEYS {
            assert!(error.contains_key(key), "{key} is missing in {whole}");
        }
        assert_eq!(error["exit_code"], run.code);
        assert!(!error["message"].as_str().expect("a text").is_empty());
    }
}

#[test]
fn the_request_id_of_an_error_is_the_one_that_was_sent() {
    let server = ScriptedServer::start(|_, _| reply(404, "{}"));
    let error = TestEnv::new().against(&server.url, &["stacks", "show", UID, "--json"]).code(4).json_error();
    assert_eq!(error["request_id"].as_str(), server.seen()[0].header("request-id"));
}

#[test]
fn a_missing_scope_is_named() {
    for (arguments, scope) in [
        (&["stacks", "list"][..], "public"),
        (&["stacks", "restart", "-s", UID, "--yes"][..], "redeploy"),
        (&["env", "list", "-s", UID][..], "admin"),
        (&["api", "GET", "/accounts"][..], "users"),
    ] {
        let run = refused(403, r#"{"error":"forbidden"}"#, arguments).code(3);
        assert!(run.stderr.contains(&format!("lacks the `{scope}` scope")), "{}", run.stderr);
        assert!(run.stderr.contains("hint: create a token with the `"), "{}", run.stderr);
        assert!(run.stderr.contains("c66 auth login --oauth"), "{}", run.stderr);
    }
    // The scope of a request outside the table is unknown.
    let run = refused(403, "{}", &["api", "GET", "/unheard/of"]).code(3);
    assert!(run.stderr.contains("lacks a required scope"), "{}", run.stderr);
}

#[test]
fn the_most_specific_message_of_the_server_is_shown() {
    for (body, said) in [
        (r#"{"message":"5","error":"3","error_description":"2","details":"1"}"#, ": 1"),
        (r#"{"message":"5","error":"3","error_description":"2"}"#, ": 2"),
        (r#"{"message":"5","error":"3"}"#, ": 3"),
        (r#"{"message":"5"}"#, ": 5"),
        (r#"{"response":{"ok":false,"message":"6"}}"#, ": 6"),
        (r#"{"details":null,"error":"3"}"#, ": 3"),
        (r#"{"details":"  ","error":"3"}"#, ": 3"),
        (r#"{"details":["a","b"],"error":"3"}"#, r#": ["a","b"]"#),
        (r#"{"details":{"git_ref":["is odd"]}}"#, r#": {"git_ref":["is odd"]}"#),
        ("plain words", ": plain words"),
    ] {
        assert!(message(body).ends_with(said), "{body}: {}", message(body));
    }
    for body in ["", "{}", "[]", "null"] {
        let message = message(body);
        assert!(message.contains("refused GET /stacks (422)"), "{body}: {message}");
    }
}

#[test]
fn a_body_that_is_not_json_is_quoted_shortened_and_sanitized() {
    let message = message(&format!("<h1>\u{1b}[31mOh\u{7}\n\n  no</h1>{}", "ü".repeat(5_000)));
    let quoted = message.split_once("(422): ").expect("a quote").1;
    assert!(quoted.contains("Oh") && quoted.contains("no</h1>ü"), "{quoted}");
    assert!(!message.contains(char::is_control), "{message:?}");
    assert!((150..=230).contains(&quoted.chars().count()), "{}: {quoted}", quoted.chars().count());
}

#[test]
fn a_body_that_is_not_utf_8_is_handled() {
    let server = ScriptedServer::start(|_, _| {
        let mut reply = b"HTTP/1.1 400 Bad\r\nContent-Length: 6\r\n\r\n".to_vec();
        reply.extend([0xff, 0xfe, 0x00, 0x1b, b'o', b'k']);
        Answer::Bytes(reply)
    });
    let run = TestEnv::new().against(&server.url, &["stacks", "list"]).code(9);
    assert!(run.stderr.contains("ok"), "{:?}", run.stderr);
    assert!(!run.stderr.replace('\n', "").contains(char::is_control), "{:?}", run.stderr);
}

#[test]
fn control_characters_in_server_messages_are_removed() {
    let message = message(r#"{"details":"a\u001b]0;owned\u0007b\r\nerror: forged\u202e"}"#);
    assert!(message.contains("owned") && !message.contains(char::is_control), "{message:?}");
    assert!(!message.contains('\u{202e}'), "{message:?}");
}

#[test]
fn a_rejected_token_is_reported_with_its_source() {
    let server = MockServer::start();
    server.mock(|when, then| {
        when.any_request();
        then.status(401).json_body(json!({"error": "unauthorized"}));
    });
    let test_env = TestEnv::new();
    let run = test_env.against(&server.base_url(), &["stacks", "list"]).code(3);
    assert!(run.stderr.contains("C66_TOKEN"), "{}", run.stderr);
    assert!(run.stderr.contains("hint: c66 auth login"), "{}", run.stderr);

    std::fs::create_dir(test_env.home().join("config")).expect("a folder");
    std::fs::write(test_env.config_file(), "[profiles.work]\ntoken = \"abc-123\"\n").expect("a file");
    let mut command = test_env.command();
    command.env("C66_API_URL", server.base_url());
    let run = finish(command.args(["stacks", "list", "--profile", "work"])).code(3);
    assert!(run.stderr.contains("profile \"work\""), "{}", run.stderr);
    assert!(!run.stderr.contains("abc-123"), "{}", run.stderr);
}

#[test]
fn without_a_token_no_request_is_sent() {
    let server = ScriptedServer::start(|_, _| reply(200, r#"{"response":[]}"#));
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url);
    let run = finish(command.args(["stacks", "list"])).code(3);
    assert!(run.stderr.starts_with("error: no API token\n"), "{}", run.stderr);
    for hint in ["c66 auth login", "C66_TOKEN", "--sandbox"] {
        assert!(run.stderr.contains(hint), "{}", run.stderr);
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn an_unknown_stack_gets_suggestions() {
    let run = TestEnv::new().sandbox(&["stacks", "show", "awesme-app"]).code(4);
    assert!(run.stderr.starts_with("error: stack `awesme-app` not found\n"), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `Awesome App@production`"), "{}", run.stderr);
    assert!(run.stderr.contains("hint: c66 --sandbox stacks list"), "{}", run.stderr);
}

#[test]
fn an_ambiguous_stack_name_lists_the_candidates() {
    let stacks = json!({"response": [
        {"uid": "u1", "name": "Shop", "environment": "production"},
        {"uid": "u2", "name": "Shop", "environment": "staging"},
        {"uid": "u3", "name": "Shopping", "environment": "staging"},
    ]})
    .to_string();
    let server = ScriptedServer::start(move |_, _| reply(200, &stacks));
    let test_env = TestEnv::new();
    let run = test_env.against(&server.url, &["stacks", "show", "shop"]).code(2);
    let lines: Vec<_> = run.stderr.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(lines[0], "error: `shop` matches 2 stacks");
    assert!(lines.iter().any(|line| line.ends_with("Shop@production u1")), "{}", run.stderr);
    assert!(lines.iter().any(|line| line.ends_with("Shop@staging u2")), "{}", run.stderr);
    assert!(!run.stderr.contains("u3"), "{}", run.stderr);
    let run = test_env.against(&server.url, &["stacks", "restart", "-s", "sho", "--yes", "--json"]).code(2);
    assert_eq!(run.json_error()["code"], "ambiguous_stack");
    assert!(server.seen().iter().all(|seen| seen.method == "GET"));
}

#[test]
fn an_invalid_address_is_a_usage_error_without_a_request() {
    for url in [
        "garbage",
        "://",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "http://",
        "https://",
        "http://127.0.0.1:99999",
        "https://user:geheim@127.0.0.1:1",
        "app.cloud66.com",
        "http://[::1",
    ] {
        let run = TestEnv::new().against(url, &["stacks", "list"]).code(2);
        assert!(run.stderr.starts_with("error: ") && !run.stderr.contains("geheim"), "{url}: {}", run.stderr);
        assert!(run.stderr.contains("API address"), "{url}: {}", run.stderr);
    }
}

#[test]
fn plain_http_is_only_used_on_this_machine() {
    for url in ["http://c66.invalid", "http://127.0.0.1.c66.invalid", "http://localhost.c66.invalid"] {
        let run = TestEnv::new().against(url, &["stacks", "list"]).code(2);
        assert!(run.stderr.contains("plain http"), "{}", run.stderr);
    }
}

#[test]
fn a_server_that_speaks_no_tls_is_unavailable() {
    let server = ScriptedServer::start(|_, _| reply(200, "{}"));
    let url = server.url.replace("http://", "https://");
    let run = TestEnv::new().against(&url, &["api", "POST", "/stacks/x/actions", "--json"]).code(8);
    let error = run.json_error();
    assert_eq!((&error["code"], &error["http_status"]), (&json!("unavailable"), &Value::Null));
    assert_eq!(server.count(), 0);
}

#[test]
fn a_json_error_stands_alone_on_stderr_and_says_what_it_is_about() {
    let test_env = TestEnv::new();
    let redeploy = ["redeploy", "-s", "awesome-app@staging", "-o", "json"];
    let run = test_env.sandbox(&[&redeploy[..], &["--git-ref", "fail"]].concat()).code(5);
    let error = &serde_json::from_str::<Value>(&run.stderr).expect("one object")["error"];
    assert_eq!(error["stack"], "3ff47eaa901ee0d1cda6fa9283b3e618");
    assert!(error["deployment_id"].is_u64() && error["attach"].is_null(), "{error}");

    let run = test_env.sandbox(&[&redeploy[..], &["--timeout", "1ms", "--reference", "release 7"]].concat()).code(6);
    let error = &serde_json::from_str::<Value>(&run.stderr).expect("one object")["error"];
    let attach: Vec<&str> = error["attach"].as_array().expect("arguments").iter().filter_map(Value::as_str).collect();
    // Another deployment may be the latest by then.
    let ours = ["--reference", "release 7", "-s", "awesome-app@staging"];
    assert_eq!(attach, [&["c66", "--sandbox", "deployments", "wait"][..], &ours].concat(), "{error}");
    test_env.run(&attach[1..]).code(0);
    // A read that is refused has no notes beside it either.
    let run = test_env.sandbox(&["env", "set", "A=1", "-s", "awesome-app@production", "-o", "jsonl"]).code(2);
    assert_eq!(serde_json::from_str::<Value>(&run.stderr).expect("one object")["error"]["code"], "confirmation_needed");
}

#[test]
fn what_was_not_found_is_named_with_the_command_that_lists_it() {
    let test_env = TestEnv::new();
    for (arguments, said, hint) in [
        (&["deployments", "show", "9"][..], "deployment 9 not found", "deployments list"),
        (&["actions", "show", "99"], "action 99 not found", "actions list"),
        (&["deployments", "cancel", "9", "--yes"], "deployment 9 not found", "deployments list"),
    ] {
        let run = test_env.sandbox(&[arguments, &["-s", "awesome-app@production"]].concat()).code(4);
        assert!(run.stderr.contains(&format!("error: {said} on Awesome App@production\n")), "{}", run.stderr);
        let hint = format!("  hint: c66 --sandbox {hint} -s awesome-app@production\n");
        assert!(run.stderr.contains(&hint), "{}", run.stderr);
        let words: Vec<&str> = hint.trim().split(' ').skip(2).collect();
        test_env.run(&words).code(0);
    }
}

#[test]
fn a_hint_leads_to_what_was_meant() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["wait", "stack/awesome-app@staging", "--for", "bogus=1"]).code(2);
    assert!(!run.stderr.contains("resume waiting"), "{}", run.stderr);
    let run = test_env.run(&["profiles", "remove", "nope"]).code(2);
    assert!(!run.stderr.contains("creates it"), "{}", run.stderr);
    test_env.sandbox(&["env", "set", "B=1", "-s", "awesome-app@staging"]).code(0);
    let run = test_env.sandbox(&["env", "unset", "K", "-s", "awesome-app@staging"]).code(4);
    assert!(!run.stderr.contains("did you mean `B`"), "{}", run.stderr);
}

/// The hint works as it stands, wherever the account is set.
#[test]
fn an_account_that_does_not_exist_is_named_with_a_hint_that_works() {
    let list = "c66 --sandbox accounts list";
    let list_without = "c66 --sandbox --account= accounts list";
    let in_file = || TestEnv::with_config("account = \"4711\"\n");
    let awesome = ["servers", "list", "-s", UID];
    for (test_env, arguments, variable, expected) in [
        (TestEnv::new(), &["--account", "4711", "stacks", "list"][..], None, list),
        (TestEnv::new(), &["--account", "4711", "accounts", "list"], None, list),
        (TestEnv::new(), &["--account", "4711", "gateways", "list"], None, list),
        (TestEnv::new(), &["--account", "4711", "env", "list", "-s", UID], None, list),
        (TestEnv::new(), &awesome, Some("4711"), list_without),
        (in_file(), &awesome, None, list_without),
    ] {
        let mut command = test_env.command();
        command.args(["--sandbox"]).args(arguments);
        if let Some(account) = variable {
            command.env("C66_ACCOUNT", account);
        }
        let run = finish(&mut command).code(4);
        let expected = format!("error: account `4711` not found\n  hint: {expected}\n");
        assert_eq!(run.stderr, expected, "{arguments:?}");
        let hint = expected.trim_end().rsplit("hint: c66 ").next().unwrap_or_default();
        let mut pasted = test_env.command();
        if let Some(account) = variable.filter(|_| hint.contains("--account=")) {
            pasted.env("C66_ACCOUNT", account);
        }
        assert!(finish(pasted.args(hint.split(' '))).code(0).stdout.contains("139"), "{hint}");
    }
    // A name is looked up first.
    let run = TestEnv::new().sandbox(&["--account", "Awesome Compny", "stacks", "list"]).code(4);
    assert_eq!(
        run.stderr,
        format!("error: account `Awesome Compny` not found\n  hint: did you mean `Awesome Company`?\n  hint: {list}\n")
    );
    // Something else that is missing is not taken for the account.
    let run = TestEnv::new().sandbox(&["--account", "139", "deployments", "show", "9", "-s", UID]).code(4);
    assert!(run.stderr.starts_with("error: deployment 9 not found"), "{}", run.stderr);
}
