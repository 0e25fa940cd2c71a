//! `c66 api`: any call.

use serde_json::{Value, json};

use crate::support::replies::{UID, action, good, refusal};
use crate::support::scripted_server::{ScriptedServer, Seen};
use crate::support::test_env::{TOKEN, TestEnv, finish_with_input};

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
