//! Malformed replies, and which parts of good ones are kept.

use serde_json::json;

use crate::support::scripted_server::{ScriptedServer, reply, reply_with};
use crate::support::test_env::{Run, TestEnv};

const UID: &str = "5999b763474b0eafa5fafb64bff0ba80";

/// Runs a command against a server that answers every request with this body.
fn answered(body: &str, arguments: &[&str]) -> Run {
    let body = body.to_owned();
    let server = ScriptedServer::start(move |_, _| reply(200, &body));
    TestEnv::new().against(&server.url, arguments)
}

#[test]
fn a_reply_that_is_not_a_list_is_an_error_that_quotes_it() {
    for (body, quoted) in [
        ("<html><body>Welcome to the\n hotel wifi</body></html>", "Welcome to the hotel wifi"),
        (r#"{"response":[{"uid":"a""#, r#"{"response":[{"uid":"a""#),
        (r#"{"response":[{"uid":"a"}]} and more"#, "and more"),
        ("", "empty"),
        (" \n ", "empty"),
        ("null", "null"),
        ("42", "42"),
        (r#""soon""#, "soon"),
        (r#"{"response":{"uid":"a"}}"#, r#"{"uid":"a"}"#),
        (r#"{"response":"soon"}"#, "soon"),
        (r#"{"response":null}"#, "null"),
        ("{}", "{}"),
    ] {
        for format in ["table", "json", "csv"] {
            let run = answered(body, &["stacks", "list", "-o", format]).code(8);
            assert_eq!(run.stdout, "", "{body}");
            assert!(run.stderr.contains("invalid reply to GET /stacks"), "{}", run.stderr);
            let stderr = run.stderr.replace("\\\"", "\"");
            assert!(stderr.contains(quoted), "{body}: {}", run.stderr);
        }
    }
}

#[test]
fn a_malformed_reply_has_its_own_error_code() {
    let error = answered("<html>", &["stacks", "list", "--json"]).code(8).json_error();
    assert_eq!(error["code"], "bad_reply");
    assert_eq!(error["http_status"], 200);
    assert_eq!(error["request"], "GET /stacks");
    assert_eq!(error["retryable"], false);
}

#[test]
fn show_needs_a_reply_with_one_object() {
    for body in ["", "<html>", r#"{"response":{}}"#, r#"{"response":[1,2]}"#, r#"{"response":"x"}"#, "{\"response\":"] {
        let run = answered(body, &["stacks", "show", UID]).code(8);
        assert_eq!(run.stdout, "", "{body}");
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    }
}

#[test]
fn items_that_are_not_objects_are_an_error() {
    for body in [r#"{"response":[1]}"#, r#"{"response":["x"]}"#, r#"{"response":[null]}"#, r#"{"response":[[[]]]}"#] {
        let run = answered(body, &["stacks", "list"]).code(8);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("unexpected reply from the API"), "{}", run.stderr);
    }
}

#[test]
fn a_deeply_nested_field_does_no_harm() {
    let deep = format!("{{\"response\":[{{\"uid\":\"a\",\"x\":{}{}}}]}}", "[".repeat(50_000), "]".repeat(50_000));
    for (format, code) in [("csv", 0), ("jsonl", 0), ("json", 0), ("yaml", 8)] {
        let run = answered(&deep, &["stacks", "list", "-o", format]).code(code);
        assert_eq!(run.stdout.is_empty(), code != 0, "{format}");
    }
}

#[test]
fn fields_of_an_unexpected_type_do_not_hide_the_others() {
    let body = json!({"response": [{
        "uid": 12345, "name": 7, "environment": null, "status": "1", "health": "odd", "cloud": ["a"],
        "last_activity": 99, "maintenance_mode": "true", "fqdn": {"a": 1},
    }]})
    .to_string();
    let run = answered(&body, &["stacks", "list", "-o", "csv", "--columns", "name,status,last_activity,uid"]).code(0);
    assert_eq!(run.stdout, "name,status,last_activity,uid\n7,Deployed successfully,99,12345\n");
    answered(&body, &["stacks", "list", "-o", "wide"]).code(0);
    for odd in ["1e400", &format!("{}{}", "[".repeat(500), "]".repeat(500))] {
        let body = format!(r#"{{"response":[{{"uid":"a","name":{odd},"status":{odd},"health":3}}]}}"#);
        let run = answered(&body, &["stacks", "list", "-o", "csv", "--columns", "uid,status,health", "--no-headers"]);
        assert_eq!(run.code(0).stdout, "a,,Healthy\n");
    }
}

#[test]
fn a_stack_without_activity_has_an_empty_last_activity() {
    let body = r#"{"response":[{"uid":"a","name":"n","last_activity":null,"last_activity_iso":null}]}"#;
    let run = answered(body, &["stacks", "list", "-o", "tsv", "--columns", "uid,last_activity", "--no-headers"]);
    assert_eq!(run.code(0).stdout, "a\t\n");
}

#[test]
fn an_unknown_state_is_shown_as_its_number() {
    let body = r#"{"response":[{"uid":"a","status":99,"health":17}]}"#;
    let run = answered(body, &["stacks", "list", "-o", "csv", "--columns", "status,health", "--no-headers"]).code(0);
    assert!(run.stdout.contains("99") && run.stdout.contains("17"), "{}", run.stdout);
}

#[test]
fn json_lists_keep_the_exact_text_of_the_server() {
    let item = r#"{"zeta":1,"uid":"a","alpha":{"y":[],"b":{}},"price":1.50,"huge":1e400,"long":12345678901234567890123,"minus":-0.0,"exp":1E+2,"escaped":"caf\u00e9 \ud83d\ude00 \/ \t","plain":"café","none":null,"unheard_of":[true,false]}"#;
    let body = format!(r#"{{"unknown":1,"response":[{item}],"pagination":{{"pages":1}}}}"#);
    let lines = answered(&body, &["stacks", "list", "-o", "jsonl"]).code(0);
    assert_eq!(lines.stdout, format!("{item}\n"));

    let pretty = answered(&body, &["stacks", "list", "-o", "json"]).code(0);
    let squeezed: String = pretty.stdout.lines().map(str::trim_start).collect();
    let squeezed = squeezed.replace("\": ", "\":");
    assert_eq!(squeezed, format!("[{item}]"));
}

#[test]
fn json_of_show_keeps_the_exact_text_of_the_server() {
    let item = format!(r#"{{"uid":"{UID}","z":1.50,"a":12345678901234567890123,"t":"\u00e9"}}"#);
    let body = format!(r#"{{"response":{item}}}"#);
    let run = answered(&body, &["stacks", "show", UID, "-o", "jsonl"]).code(0);
    assert_eq!(run.stdout, format!("{item}\n"));
}

#[test]
fn api_prints_the_body_unchanged() {
    let body = r#"{"response":{"b":1.50,"a":1e400},"count":1}"#;
    let run = answered(body, &["api", "GET", "/anything", "-o", "jsonl"]).code(0);
    assert_eq!(run.stdout, format!("{body}\n"));
    assert_eq!(answered("", &["api", "GET", "/anything", "-o", "jsonl"]).code(0).stdout, "{\"ok\":true}\n");
}

#[test]
fn unknown_fields_can_be_columns() {
    let body = r#"{"response":[{"uid":"a","later":{"deep":[1,{"x":"found"}]},"more":"yes"}]}"#;
    let run = answered(body, &["stacks", "list", "-o", "csv", "--columns", "uid,later.deep.1.x,more"]).code(0);
    assert!(run.stdout.ends_with("\na,found,yes\n"), "{}", run.stdout);
}

#[test]
fn control_characters_are_removed_from_tables() {
    let body = json!({"response": [{"uid": "a", "name": "x\u{1b}[31mred\u{7}\u{9b}2J\r\nnext\u{202e}"}]}).to_string();
    for format in ["table", "wide", "csv", "tsv", "name"] {
        let run = answered(&body, &["stacks", "list", "-o", format]).code(0);
        let harmful = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
        let text: String = run.stdout.chars().filter(|letter| *letter != '\t').collect();
        assert!(!text.contains(harmful), "{format}: {:?}", run.stdout);
    }
}

#[test]
fn ok_false_in_a_reply_is_a_remote_failure() {
    let body = r#"{"response":{"ok":false,"message":"Stack is busy\u001b[2J"}}"#;
    let run = answered(body, &["stacks", "restart", "-s", UID, "--yes"]).code(5);
    assert!(run.stderr.contains("Stack is busy"), "{}", run.stderr);
    assert!(!run.stderr.contains('\u{1b}'), "{:?}", run.stderr);
    let error = answered(body, &["stacks", "restart", "-s", UID, "--yes", "--json"]).code(5).json_error();
    assert_eq!(error["code"], "remote_failed");
}

#[test]
fn a_warning_from_the_server_is_printed_and_the_result_unchanged() {
    let server = ScriptedServer::start(|_, _| {
        reply_with(200, &[("X-Cloud66-Warning", "this call goes away in May")], r#"{"response":[]}"#)
    });
    let run = TestEnv::new().against(&server.url, &["stacks", "list", "--json"]).code(0);
    assert_eq!(run.stdout, "[]\n");
    assert_eq!(run.stderr, "warning: this call goes away in May\n");
}

#[test]
fn a_low_rate_limit_is_warned_about_once() {
    for (remaining, warned) in [("359", 1), ("360", 0), ("0", 1), ("none", 0)] {
        let server = ScriptedServer::start(move |seen, _| {
            let headers = [("X-RateLimit-Limit", "3600"), ("X-RateLimit-Remaining", remaining)];
            let page = format!(r#"{{"response":[{{"uid":"a{}"}}],"pagination":{{"pages":3}}}}"#, seen.page());
            reply_with(200, &headers, &page)
        });
        let run = TestEnv::new().against(&server.url, &["stacks", "list", "--json"]).code(0);
        assert_eq!(server.count(), 3);
        let lines: Vec<_> = run.stderr.lines().collect();
        assert_eq!(lines.len(), warned, "{remaining}: {}", run.stderr);
        if warned == 1 {
            let expected = format!("warning: {remaining} of 3600 requests left in this hour");
            assert_eq!(lines, [expected]);
        }
    }
}
