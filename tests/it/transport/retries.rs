//! Which requests are retried, how often, and which never are.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::support::process::Running;
use crate::support::replies::UID;
use crate::support::scripted_server::{Answer, ScriptedServer, closed_port, free_port, reply, reply_with};
use crate::support::test_env::TestEnv;

const EMPTY: &str = r#"{"response":[]}"#;
/// No pause before a retry: these tests are about the requests; the pauses have unit tests.
const AT_ONCE: [(&str, &str); 1] = [("Retry-After", "0")];
const RESTART: [&str; 7] =
    ["stacks", "restart", "-s", "5999b763474b0eafa5fafb64bff0ba80", "--yes", "--no-wait", "--json"];
const ACTION: &str = r#"{"response":{"id":7,"action":"stack_restart","finished_at":null}}"#;

#[test]
fn a_read_is_retried_after_a_temporary_failure() {
    for status in [408, 429, 500, 502, 503, 504] {
        let server = ScriptedServer::start(move |_, before| match before {
            0 | 1 => reply_with(status, &AT_ONCE, r#"{"error":"oops"}"#),
            _ => reply(200, EMPTY),
        });
        let run = TestEnv::new().against(&server.url, &["stacks", "list", "--json"]).code(0);
        assert_eq!(run.stdout, "[]\n");
        assert_eq!(server.count(), 3, "after {status}");
        assert!(server.seen().iter().all(|seen| seen.target == "/api/3/stacks.json"));
    }
}

#[test]
fn a_read_is_retried_after_a_dropped_connection_and_a_cut_reply() {
    for bytes in ["", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"response\":[", "HTTP/1.1 20"] {
        let server = ScriptedServer::start(move |_, before| match before {
            0 => Answer::Last(bytes.as_bytes().to_vec()),
            _ => reply(200, EMPTY),
        });
        let run = TestEnv::new().against(&server.url, &["stacks", "list", "--json"]).code(0);
        assert_eq!(run.stdout, "[]\n");
        assert_eq!(server.count(), 2, "after {bytes:?}");
    }
}

#[test]
fn a_read_is_retried_after_a_timeout() {
    let server = ScriptedServer::start(|_, before| match before {
        0 => Answer::Silence,
        _ => reply(200, EMPTY),
    });
    TestEnv::new().against(&server.url, &["stacks", "list", "--http-timeout", "500ms"]).code(0);
    assert_eq!(server.count(), 2);
}

#[test]
fn a_read_is_tried_at_most_five_times() {
    for (status, code) in [(500, 8), (502, 8), (408, 8), (429, 7)] {
        let server = ScriptedServer::start(move |_, _| reply_with(status, &AT_ONCE, ""));
        let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", "json"]).code(code);
        assert_eq!(server.count(), 5, "{status}");
        let error = run.json_error();
        assert_eq!(error["http_status"], status);
        assert_eq!(error["retryable"], true);
    }
}

#[test]
fn a_permanent_failure_is_not_retried() {
    for (status, code) in [(400, 9), (401, 3), (403, 3), (404, 4), (409, 9), (422, 9), (501, 8)] {
        let server = ScriptedServer::start(move |_, _| reply_with(status, &AT_ONCE, ""));
        TestEnv::new().against(&server.url, &["stacks", "list"]).code(code);
        assert_eq!(server.count(), 1, "{status}");
    }
}

#[test]
fn a_write_that_failed_on_the_server_is_not_retried() {
    for status in [408, 500, 502, 503, 504] {
        let server = ScriptedServer::start(move |_, _| reply_with(status, &AT_ONCE, r#"{"error":"oops"}"#));
        let run = TestEnv::new().against(&server.url, &RESTART).code(8);
        assert_eq!(run.stdout, "");
        assert_eq!(server.count(), 1, "{status}");
    }
}

#[test]
fn a_write_with_a_lost_reply_is_not_retried_and_reported_as_possibly_done() {
    for bytes in ["", "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"response\":"] {
        let server = ScriptedServer::start(move |_, _| Answer::Last(bytes.as_bytes().to_vec()));
        let run = TestEnv::new().against(&server.url, &RESTART).code(8);
        assert_eq!(server.count(), 1, "after {bytes:?}");
        let error = run.json_error();
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains("the request may have been done"), "{message}");
        assert!(error["hint"].as_str().expect("a hint").contains("c66 actions list"), "{error}");
    }
}

#[test]
fn a_write_that_timed_out_is_not_retried_and_reported_as_possibly_done() {
    let server = ScriptedServer::start(|_, _| Answer::Silence);
    let mut arguments = RESTART.to_vec();
    arguments.extend(["--http-timeout", "300ms"]);
    let run = TestEnv::new().against(&server.url, &arguments).code(8);
    assert_eq!(server.count(), 1);
    let error = run.json_error();
    assert_eq!(error["code"], "timed_out");
    assert!(error["message"].as_str().expect("a message").contains("the request may have been done"), "{error}");
}

#[test]
fn a_throttled_write_is_retried() {
    let server = ScriptedServer::start(|_, before| match before {
        0 | 1 => reply_with(429, &AT_ONCE, ""),
        _ => reply(200, ACTION),
    });
    let run = TestEnv::new().against(&server.url, &RESTART).code(0);
    assert_eq!(run.json()["id"], 7);
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|seen| seen.method == "POST" && seen.body == r#"{"command":"restart"}"#), "{seen:?}");
}

#[test]
fn a_write_is_retried_after_a_refused_connection() {
    let port = free_port();
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", format!("http://127.0.0.1:{port}")).env("C66_TOKEN", "t").args(RESTART).arg("--debug");
    let mut running = Running::start(&mut command);
    running.wait_for_line("retrying in");
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port of before");
    let server = ScriptedServer::on(listener, |_, _| reply(200, ACTION));
    running.end().code(0);
    assert_eq!(server.count(), 1);
}

#[test]
fn an_unreachable_server_is_tried_five_times_and_named() {
    let url = format!("http://127.0.0.1:{}", closed_port());
    for arguments in [&["stacks", "list", "--debug"][..], &["api", "POST", "/stacks/x/actions", "--debug"][..]] {
        let run = TestEnv::new().against(&url, arguments).code(8);
        let tries = run.stderr.lines().filter(|line| line.starts_with("> ")).count();
        assert_eq!(tries, 5, "{}", run.stderr);
        let address = url.strip_prefix("http://").expect("an address");
        assert!(run.stderr.contains(&format!("error: cannot connect to {address}")), "{}", run.stderr);
        assert!(!run.stderr.contains("may have been done"), "{}", run.stderr);
    }
}

#[test]
fn the_hourly_limit_ends_a_script_at_once() {
    for body in [r#"{"error":"throttled"}"#, r#"{"error":"throttled","details":"too many calls"}"#] {
        for arguments in [&["stacks", "list", "--json"][..], &RESTART[..]] {
            let server = ScriptedServer::start(move |_, _| reply_with(503, &AT_ONCE, body));
            let run = TestEnv::new().against(&server.url, arguments).code(7);
            let error = run.json_error();
            assert_eq!((&error["code"], &error["retryable"]), (&"throttled".into(), &true.into()));
            assert_eq!(server.count(), 1, "{arguments:?}");
        }
    }
}

#[test]
fn the_hourly_limit_is_waited_for_when_asked() {
    let server = ScriptedServer::start(|_, before| match before {
        0..6 => reply_with(503, &AT_ONCE, r#"{"error":"throttled"}"#),
        _ => reply(200, EMPTY),
    });
    let began = Instant::now();
    TestEnv::new().against(&server.url, &["stacks", "list", "--wait-if-throttled"]).code(0);
    assert_eq!(server.count(), 7);
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[test]
fn not_implemented_is_not_retried() {
    let server = ScriptedServer::start(|_, _| reply_with(503, &AT_ONCE, r#"{"error":"not_implemented"}"#));
    let run = TestEnv::new().against(&server.url, &["stacks", "list", "--json"]).code(8);
    let error = run.json_error();
    assert_eq!(error["code"], "not_implemented");
    assert_eq!(error["retryable"], false);
    assert_eq!(server.count(), 1);
}

#[test]
fn retry_after_is_respected() {
    let server = ScriptedServer::start(|_, before| match before {
        0 => reply_with(503, &[("Retry-After", "1")], ""),
        _ => reply(200, EMPTY),
    });
    let began = Instant::now();
    TestEnv::new().against(&server.url, &["stacks", "list"]).code(0);
    // Without the header, the pause is at most a quarter of a second.
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(server.count(), 2);
}

#[test]
fn a_retry_after_beyond_the_limit_is_not_waited_for() {
    for asked in ["3600", "18446744073709551615", "99999999999999999999999"] {
        let server = ScriptedServer::start(move |_, _| reply_with(503, &[("Retry-After", asked)], ""));
        let run = TestEnv::new().against(&server.url, &["stacks", "list"]).code(8);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        // A value that is not a number is ignored: the usual pauses apply.
        let tries = if asked.len() > 20 { 5 } else { 1 };
        assert_eq!(server.count(), tries, "{asked}");
    }
}

#[test]
fn every_write_that_may_have_been_done_names_the_command_to_check() {
    let s = ["-s", UID, "--yes"];
    for (arguments, check) in [
        (&["stacks", "restart"][..], "actions list"),
        (&["settings", "set", "git.branch", "x"], "settings list"),
        (&["deployments", "cancel", "7"], "deployments list"),
        (&["services", "restart"], "actions list"),
        (&["firewall", "add", "--from-ip", "1.2.3.4", "--port", "22"], "firewall list"),
        (&["notifications", "update", "5", "--channels", "email"], "notifications show 5"),
        (&["backups", "create", "--db-type", "mysql"], "backups list"),
        (&["env", "set", "A=1"], "env list"),
        (&["actions", "run", "restart"], "actions list"),
    ] {
        let server = ScriptedServer::start(move |seen, _| match seen.method.as_str() {
            "GET" if seen.target.contains("/settings") => reply(
                200,
                r#"{"response":[{"key":"git.branch","value":"y","readonly":false}],"pagination":{"pages":1}}"#,
            ),
            "GET" => reply(200, r#"{"response":[],"pagination":{"pages":1}}"#),
            _ => Answer::Silence,
        });
        let test_env = TestEnv::new();
        let mut all: Vec<&str> = arguments.to_vec();
        all.extend(s);
        all.extend(["--http-timeout", "300ms", "-o", "json"]);
        let run = test_env.against(&server.url, &all).code(8);
        let error = run.json_error();
        assert!(
            error["message"].as_str().is_some_and(|said| said.contains("the request may have been done")),
            "{error}"
        );
        let hint = error["hint"].as_str().unwrap_or_default();
        assert!(hint.contains(&format!("check with: c66 {check} -s {UID}")), "{arguments:?}: {error}");
        assert_eq!(server.seen().iter().filter(|seen| seen.method != "GET").count(), 1, "{arguments:?}");
    }
}
