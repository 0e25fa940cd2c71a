//! The CloudMC key goes nowhere else, secrets are never shown, and no write is sent twice.

use super::{KEY, STOPPED, TASK, WEB, against, example, says, targets, tells};
use crate::support::scripted_server::{Answer, ScriptedServer, reply, reply_with};

#[test]
fn the_key_is_not_sent_after_a_redirect() {
    for status in [301, 302, 307, 308] {
        let other = ScriptedServer::start(|_, _| reply(200, r#"{"data":[]}"#));
        let elsewhere = format!("{}/api/v2/users", other.url);
        for location in [elsewhere, "/api/v2/people".to_owned()] {
            let target = location.clone();
            let server = ScriptedServer::start(move |_, _| reply_with(status, &[("Location", &target)], ""));
            let run = against(&server.url, &["users", "list"]).code(8);
            assert!(run.stderr.contains(&location) && run.stdout.is_empty(), "{}", run.stderr);
            assert_eq!((server.count(), other.count()), (1, 0), "{status} {location}");
        }
    }
}

#[test]
fn the_key_is_not_sent_to_another_host() {
    let server = says(200, "organizations_list");
    for path in ["https://evil.example/x", "http://127.0.0.1:1/x", "//evil.example/x", "/a/../../x", "/a/%2e%2e/x"] {
        let run = against(&server.url, &["api", "GET", path]).code(2);
        assert!(!run.stderr.contains(KEY));
    }
    assert_eq!(server.count(), 0);
    let run = against("http://cloudmc.example", &["orgs", "list"]).code(2);
    assert!(run.stderr.contains("plain http"), "{}", run.stderr);
    let own = format!("{}/api/v2/users?a=b", server.url);
    for path in [own.as_str(), "/api/v2/users?a=b", "users?a=b", "/users?a=b"] {
        against(&server.url, &["api", "GET", path, "--query", "c=d"]).code(0);
        assert_eq!(targets(&server).pop().as_deref(), Some("GET /api/v2/users?a=b&c=d"), "{path}");
    }
}

#[test]
fn the_trace_shows_neither_key_nor_passwords() {
    let server = tells(&[(200, example("task_pending")), (200, example("task_success_secret_result"))]);
    let words =
        ["do", "c", "p", "instances", WEB, "resetPassword", "-f", "oldPassword=hush-hush", "--debug", "--debug"];
    let table = against(&server.url, &words).code(0);
    assert!(table.stdout.contains("cmc-user") && table.stdout.contains("Password:  ********"), "{}", table.stdout);
    for run in [&words[..], &[&words[..], &["--json"]].concat(), &[&words[..], &["--reveal"]].concat()] {
        let server = tells(&[(200, example("task_success_secret_result"))]);
        let run = against(&server.url, run).code(0);
        for secret in [KEY, "EXAMPLE-NOT-A-PASSWORD", "hush-hush"] {
            assert!(!run.stderr.contains(secret), "{secret}: {}", run.stderr);
        }
    }
    let json = against(&server.url, &["tasks", "wait", TASK, "--json"]).code(0);
    assert_eq!(json.json()["password"], "EXAMPLE-NOT-A-PASSWORD");
    let shown = against(&server.url, &["tasks", "show", TASK]).code(0);
    assert!(!shown.stdout.contains("EXAMPLE-NOT"), "{}", shown.stdout);
    let shown = against(&server.url, &["tasks", "show", TASK, "--reveal"]).code(0);
    assert!(shown.stdout.contains("EXAMPLE-NOT-A-PASSWORD"), "{}", shown.stdout);
}

#[test]
fn the_trace_hides_values_that_the_api_marks_as_sensitive() {
    let server = says(200, "service_connection_api_info");
    let run = against(&server.url, &["api", "GET", "/services/connections/x/apiInfo", "--debug", "--debug"]).code(0);
    assert!(run.stdout.contains("EXAMPLE-NOT-A-SECRET"));
    assert!(!run.stderr.contains("EXAMPLE-NOT") && run.stderr.contains("backend.example"), "{}", run.stderr);
}

#[test]
fn destructive_commands_need_confirmation() {
    let server = says(200, "async_success_immediate_with_data");
    for words in [
        &["delete", "c", "p", "volumes", "v"] as &[&str],
        &["do", "c", "p", "instances", WEB, "purge"],
        &["do", "c", "p", "instances", WEB, "releaseBareMetal"],
        &["do", "c", "p", "instances", WEB, "anything", "--method", "DELETE"],
        &["api", "DELETE", "/users/x"],
        &["api", "POST", "/services/c/p/instances/x?operation=purge"],
    ] {
        let run = against(&server.url, &[words, &["--json"] as &[&str]].concat()).code(2);
        assert_eq!(run.json_error()["code"], "confirmation_needed", "{words:?}");
    }
    assert!(targets(&server).iter().all(|line| line.starts_with("GET ")), "{:?}", targets(&server));
    against(&server.url, &["do", "c", "p", "instances", WEB, "reboot"]).code(0);
}

#[test]
fn no_write_is_ever_sent_twice() {
    let lost = || ScriptedServer::start(|_, _| Answer::Last(Vec::new()));
    let failing = |status| ScriptedServer::start(move |_, _| reply(status, "<html>"));
    for server in [lost(), failing(429), failing(500), failing(502), failing(503), failing(504)] {
        let run = against(&server.url, &["delete", "c", "p", "volumes", "v", "--yes", "--json"]);
        assert!([7, 8].contains(&run.code), "{}", run.stderr);
        assert_eq!(server.count(), 1);
        against(&server.url, &["api", "GET", "/trials/x/resend_email"]);
        assert_eq!(server.count(), 2, "an unknown operation is not retried, even with GET");
    }
    let server = lost();
    let run = against(&server.url, &["do", "c", "p", "instances", WEB, "stop", "--json"]).code(8);
    assert_eq!(run.json_error()["retryable"], false);
    assert!(run.stderr.contains("c66 cloudmc activity list"), "{}", run.stderr);
}

#[test]
fn a_read_is_retried_when_a_proxy_fails() {
    let server = ScriptedServer::start(|_, before| match before {
        0 => reply(502, "<html>"),
        1 => reply_with(429, &[("Retry-After", "0")], ""),
        _ => reply(200, &example("organizations_list")),
    });
    against(&server.url, &["orgs", "list"]).code(0);
    assert_eq!(server.count(), 3);
}

#[test]
fn deleting_a_missing_object_is_an_error_unless_allowed() {
    let server = says(404, "error_legacy_errorcode");
    against(&server.url, &["delete", "c", "p", "volumes", "v", "--yes"]).code(4);
    let run = against(&server.url, &["delete", "c", "p", "volumes", "v", "--yes", "--if-exists"]).code(0);
    assert_eq!(run.stdout, "Already deleted.\n");
}

#[test]
fn a_second_delete_is_announced_as_forced() {
    let environment = format!(
        r#"{{"data": {{"id": "{STOPPED}", "name": "dev", "state": "ERROR_PURGING", "serviceConnection": {{"serviceCode": "c"}}}}}}"#
    );
    let server = ScriptedServer::start(move |_, _| reply(200, &environment));
    let run = against(&server.url, &["envs", "delete", STOPPED]).code(2);
    assert!(run.stderr.contains("a second delete is forced"), "{}", run.stderr);
    assert_eq!(server.count(), 1);
}
