//! `c66 api`: any call.

use serde_json::{Value, json};

use crate::support::replies::{UID, action, good, refusal};
use crate::support::scripted_server::{ScriptedServer, Seen, reply_with};
use crate::support::test_env::{TOKEN, TestEnv, finish, finish_with_input};

const STAGING: &str = "awesome-app@staging";

#[test]
fn a_get_prints_the_reply_unchanged() {
    let test_env = TestEnv::new();
    let reply = test_env.sandbox(&["api", "GET", "/stacks", "-f", "page=2"]).code(0).json();
    assert_eq!(reply["pagination"]["current"], 2);
    assert_eq!(reply["response"].as_array().map(Vec::len), Some(30));
    for path in ["stacks", "/stacks.json", "/api/3/stacks", "/stacks?page=1"] {
        assert_eq!(test_env.sandbox(&["api", "get", path]).code(0).json()["pagination"]["current"], 1, "{path}");
    }
    let run =
        test_env.sandbox(&["api", "GET", "/stacks/{stack}", "-s", STAGING, "--jq", ".response.environment"]).code(0);
    assert_eq!(run.stdout, "staging\n");
}

#[test]
fn paginate_joins_the_items_of_all_pages() {
    let test_env = TestEnv::new();
    let all = test_env.sandbox(&["api", "GET", "/stacks", "--paginate"]).code(0).json();
    assert_eq!(all, test_env.sandbox(&["stacks", "list", "-o", "json"]).code(0).json());
}

#[test]
fn a_post_sends_text_and_json_fields_and_headers() {
    let server = ScriptedServer::replying(|_| good(&json!({ "ok": true })));
    let test_env = TestEnv::new();
    std::fs::write(test_env.home().join("body.json"), "{\"deep\": [1]}").expect("a file");
    std::fs::write(test_env.home().join("note.txt"), "no json").expect("a file");
    let call = [
        "api",
        "POST",
        &format!("/stacks/{UID}/things"),
        "--yes",
        "-f",
        "text=1",
        "-F",
        "number=1",
        "-F",
        "file=@body.json",
        "-F",
        "note=@note.txt",
        "-F",
        "list=[true,null]",
    ];
    test_env.against(&server.url, &call).code(0);
    let body: Value = serde_json::from_str(&server.seen().last().expect("a request").body).expect("JSON");
    assert_eq!(
        body,
        json!({ "text": "1", "number": 1, "file": { "deep": [1] }, "note": "no json", "list": [true, null] })
    );
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789");
    command.args(["api", "PUT", &format!("/stacks/{UID}/things"), "--yes", "-F", "value=-"]);
    finish_with_input(&mut command, "[7]").code(0);
    assert_eq!(server.seen().last().expect("a request").body, "{\"value\":[7]}");
    for wrong in [["-f", "novalue"], ["-F", "x={"], ["-F", "x=@missing"], ["-H", "novalue"]] {
        test_env.against(&server.url, &[&["api", "POST", "/x", "--yes"] as &[&str], &wrong].concat()).code(2);
    }
}

#[test]
fn errors_have_the_same_exit_codes_as_in_other_commands() {
    let test_env = TestEnv::new();
    test_env.sandbox(&["api", "GET", "/stacks/nothing"]).code(4);
    test_env.sandbox(&["api", "POST", "/stacks/{stack}/actions", "-f", "command=dance", "-s", STAGING]).code(9);
    let server = ScriptedServer::replying(|_| refusal(403, "forbidden", "The token lacks the scope admin."));
    let run = test_env.against(&server.url, &["api", "GET", "/users", "-o", "json"]).code(3);
    assert_eq!(run.json_error()["http_status"], 403);
    assert_eq!(run.stdout, "");
}

#[test]
fn wait_follows_the_action_that_the_reply_names() {
    let test_env = TestEnv::new();
    let call = |command: &str, stack: &str| {
        let field = format!("command={command}");
        test_env.sandbox(&[
            "api",
            "POST",
            "/stacks/{stack}/actions",
            "-f",
            &field,
            "--wait",
            "-s",
            stack,
            "--yes",
            "-o",
            "json",
        ])
    };
    let ended = call("restart", STAGING).code(0).json();
    assert_eq!((&ended["action"], &ended["finished_success"]), (&json!("restart"), &json!(true)));
    call("restart", "doomed-app").code(5);
    let server = ScriptedServer::replying(|seen: &Seen| match seen.method.as_str() {
        "POST" => good(&json!({ "ok": true, "async_action_id": 71 })),
        _ => good(&action(71, true, Some(true), None)),
    });
    let path = format!("/stacks/{UID}/deployments");
    let ended = test_env.against(&server.url, &["api", "POST", &path, "--wait", "--yes", "-o", "json"]).code(0);
    assert_eq!(ended.json()["id"], 71);
}

#[test]
fn a_dry_run_prints_a_curl_command_without_secrets() {
    let test_env = TestEnv::new();
    let run = test_env
        .sandbox(&[
            "api",
            "POST",
            "/stacks/{stack}/environments",
            "-s",
            STAGING,
            "-f",
            "key=IT'S",
            "-f",
            "value=hush-hush",
            "-H",
            "X-Extra: 1",
            "--dry-run",
            "--debug",
        ])
        .code(0);
    assert!(run.stdout.starts_with("curl -X POST http://127.0.0.1:"), "{}", run.stdout);
    assert!(run.stdout.contains("/stacks/3ff47eaa901ee0d1cda6fa9283b3e618/environments "), "{}", run.stdout);
    assert!(run.stdout.contains("-H 'X-Extra: [redacted]'"), "{}", run.stdout);
    let words = shlex::split(&run.stdout).expect("words for a shell");
    let body = words.last().expect("a body");
    assert_eq!(body, r#"{"key":"IT'S","value":"[redacted]"}"#);
    assert!(!run.stdout.contains("hush-hush") && !run.stdout.contains(TOKEN), "{}", run.stdout);
    assert!(!run.stderr.contains("> POST"), "{}", run.stderr);
}

#[test]
fn the_token_is_not_sent_to_another_host() {
    let other = ScriptedServer::replying(|_| good(&json!([])));
    let own = ScriptedServer::replying(|_| good(&json!([])));
    let test_env = TestEnv::new();
    let run = test_env.against(&own.url, &["api", "GET", &format!("{}/api/3/stacks", other.url)]).code(2);
    assert!(run.stderr.contains("another host"), "{}", run.stderr);
    test_env.against(&own.url, &["api", "GET", &format!("{}/api/3/stacks", own.url)]).code(0);
    assert_eq!((own.seen().len(), other.seen().len()), (1, 0));
}

#[test]
fn a_write_to_production_needs_confirmation() {
    let test_env = TestEnv::new();
    let post = ["api", "POST", "/stacks/{stack}/actions", "-f", "command=restart", "-s", "awesome-app@production"];
    assert_eq!(
        test_env.sandbox(&[&post as &[&str], &["-o", "json"]].concat()).code(2).json_error()["code"],
        "confirmation_needed"
    );
    let delete = ["api", "DELETE", "/stacks/{stack}/environments/SUPPORT_ADDRESS", "-s", STAGING];
    test_env.sandbox(&delete).code(2);
    assert_eq!(
        test_env.sandbox(&[&delete as &[&str], &["--yes", "-o", "json"]].concat()).code(0).json(),
        json!({ "ok": true })
    );
}

#[test]
fn table_columns_come_from_the_fields_of_the_reply() {
    const DOCUMENTED: &str = "5999b763474b0eafa5fafb64bff0ba80";
    let test_env = TestEnv::new();
    let call = |path: &str, more: &[&str]| test_env.sandbox(&[&["api", "GET", path], more].concat());
    let groups = format!("/stacks/{DOCUMENTED}/server_groups");
    let csv = call(&groups, &["-o", "csv"]).code(0).stdout;
    assert!(csv.starts_with("id,name,type,created_at,updated_at\n128,Rails Server,rails,2014-08-29"), "{csv}");
    assert_eq!(call(&groups, &["-o", "csv", "--paginate"]).code(0).stdout, csv);
    assert_eq!(call(&groups, &["-o", "tsv"]).code(0).stdout, csv.replace(',', "\t"));
    assert!(call(&groups, &["-o", "name"]).code(0).stdout.starts_with("128\n"));
    assert_eq!(call(&format!("{groups}/128"), &["-o", "csv"]).code(0).stdout.lines().count(), 2);
    assert_eq!(call("/stacks", &["-o", "name"]).code(0).stdout.lines().next(), Some(DOCUMENTED));
    let dry =
        ["api", "POST", &format!("/stacks/{DOCUMENTED}/actions"), "-f", "command=restart", "--dry-run", "-o", "csv"];
    let body = r#"{""command"":""restart""}"#;
    let row = format!("method,path,body\nPOST,/api/3/stacks/{DOCUMENTED}/actions,\"{body}\"\n");
    assert_eq!(test_env.sandbox(&dry).code(0).stdout, row);
    // Items without fields have no columns.
    let server = ScriptedServer::replying(|_| (200, "[1, 2]".to_owned()));
    let run = test_env.against(&server.url, &["api", "GET", "/odd", "-o", "csv"]).code(2);
    assert!(run.stdout.is_empty() && run.stderr.contains("-o json"), "{}", run.stderr);
}

#[test]
fn without_a_method_it_is_a_get() {
    let test_env = TestEnv::new();
    for words in [&["stacks"] as &[&str], &["/stacks"], &["/stacks", "-f", "page=1"]] {
        let reply = test_env.sandbox(&[&["api"], words].concat()).code(0).json();
        assert_eq!(reply["pagination"]["current"], 1, "{words:?}");
    }
    let run = test_env.sandbox(&["api", "post"]).code(2);
    assert!(run.stderr.contains("missing the path"), "{}", run.stderr);
    let run = test_env.sandbox(&["api", "/stacks", "--input", "-"]).code(2);
    assert!(run.stderr.contains("GET has no body"), "{}", run.stderr);
}

#[test]
fn a_field_may_be_deep_in_the_body_and_the_body_may_be_a_file() {
    let server = ScriptedServer::replying(|_| good(&json!({ "ok": true })));
    let test_env = TestEnv::new();
    let path = format!("/stacks/{UID}/things");
    let nested = ["api", "POST", &path, "--yes", "-f", "a[b]=1", "-F", "a[c]=2", "-f", "list[]=x", "-F", "list[]=3"];
    test_env.against(&server.url, &nested).code(0);
    let seen = server.seen();
    let body: Value = serde_json::from_str(&seen.last().expect("a request").body).expect("JSON");
    assert_eq!(body, json!({ "a": { "b": "1", "c": 2 }, "list": ["x", 3] }));

    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", TOKEN);
    command.args(["api", "POST", &path, "--yes", "--input", "-", "-f", "dry=1"]);
    finish_with_input(&mut command, "[{\"whole\": true}]").code(0);
    let seen = server.seen();
    let last = seen.last().expect("a request");
    assert_eq!(serde_json::from_str::<Value>(&last.body).expect("JSON"), json!([{ "whole": true }]));
    assert!(last.query.contains("dry=1"), "{}", last.query);
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", TOKEN);
    command.args(["api", "POST", &path, "--yes", "--input", "-"]);
    let run = finish_with_input(&mut command, "no json").code(2);
    assert!(run.stderr.contains("not JSON"), "{}", run.stderr);
}

#[test]
fn include_prints_status_and_headers_and_no_cookie() {
    let server = ScriptedServer::start(|_, _| {
        reply_with(200, &[("x-marker", "here"), ("set-cookie", "session=canary")], "{\"ok\":true}")
    });
    let run = TestEnv::new().against(&server.url, &["api", "/ping", "-i"]).code(0);
    assert!(run.stdout.starts_with("HTTP/1.1 200 OK\n") && run.stdout.contains("x-marker: here\n"), "{}", run.stdout);
    assert!(run.stdout.contains("\n\n{") && !run.stdout.contains("canary"), "{}", run.stdout);
}

#[test]
fn slurp_keeps_the_pages_apart() {
    let test_env = TestEnv::new();
    let pages = test_env.sandbox(&["api", "/stacks", "--paginate", "--slurp"]).code(0).json();
    let lengths: Vec<_> = pages.as_array().expect("pages").iter().map(|page| page.as_array().map(Vec::len)).collect();
    assert_eq!(lengths, [Some(30), Some(30), Some(4)]);
    test_env.sandbox(&["api", "/stacks", "--slurp"]).code(2);
}

#[test]
fn a_cached_reply_is_used_for_its_time_by_the_same_token_only() {
    let server = ScriptedServer::replying(|_| good(&json!([{ "name": "canary" }])));
    let test_env = TestEnv::new();
    let call = |token: &str, more: &[&str]| {
        let mut command = test_env.command();
        command.env("C66_API_URL", &server.url).env("C66_TOKEN", token).args(["api", "/things"]).args(more);
        finish(&mut command)
    };
    let first = call(TOKEN, &["--cache", "1h"]).code(0).stdout;
    assert_eq!((call(TOKEN, &["--cache", "1h"]).code(0).stdout, server.count()), (first, 1));
    for (token, more, requests) in [
        (TOKEN, &["--cache", "1h", "-f", "page=2"] as &[&str], 2),
        (TOKEN, &["--cache", "1h", "-H", "Accept-Language: de"], 3),
        ("another-token-0123456789", &["--cache", "1h"], 4),
        (TOKEN, &["--cache", "0s"], 5),
        (TOKEN, &[], 6),
        (TOKEN, &["--cache", "1h", "--paginate"], 7),
        (TOKEN, &["--cache", "1h", "--paginate", "--slurp"], 7),
        (TOKEN, &["--cache", "1h"], 7),
    ] {
        call(token, more).code(0);
        assert_eq!(server.count(), requests, "{more:?}");
    }
    let folder = test_env.home().join(".cache/c66/replies");
    for file in std::fs::read_dir(&folder).expect("a folder") {
        let path = file.expect("a file").path();
        assert!(!path.display().to_string().contains(TOKEN));
        assert!(!std::fs::read_to_string(&path).expect("text").contains(TOKEN));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
        }
    }
    let run = test_env.against(&server.url, &["api", "POST", "/things", "--cache", "1h", "--yes"]).code(2);
    assert!(run.stderr.contains("only for GET"), "{}", run.stderr);
    assert_eq!(server.count(), 7);
}

#[test]
fn a_refusal_is_not_cached() {
    let server = ScriptedServer::replying(|_| refusal(404, "not_found", "no"));
    let test_env = TestEnv::new();
    for _ in 0..2 {
        test_env.against(&server.url, &["api", "/things", "--cache", "1h"]).code(4);
    }
    assert_eq!(server.count(), 2);
}
