//! `c66 notifications`.

use serde_json::json;

use crate::support::command_lines::URL_FILE;
use crate::support::replies::{UID, list};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::TestEnv;

const STAGING: &str = "awesome-app@staging";
const PRODUCTION: &str = "awesome-app@production";

#[test]
fn invalid_updates_are_rejected_without_a_request() {
    let test_env = TestEnv::new();
    for (arguments, said) in [
        (&["notifications", "update", "1191"][..], "nothing to change"),
        (&["notifications", "update", "1191", "--channels", "emial"], "email"),
        (&["notifications", "update", "1191", "--param", "slack_chanel=x"], "did you mean `slack_channel`?"),
    ] {
        let run = test_env.sandbox(&[arguments, &["-s", STAGING, "--debug"]].concat()).code(2);
        assert!(run.stderr.contains(said), "{arguments:?}:\n{}", run.stderr);
        assert!(!run.stderr.contains("> POST") && !run.stderr.contains("> PUT"), "{arguments:?}:\n{}", run.stderr);
    }
}

#[test]
fn update_changes_the_channels_and_hides_their_secrets() {
    let test_env = TestEnv::new();
    let update =
        ["notifications", "update", "1191", "--channels", "slack", "--param", "slack_url=https://chat.example/s3cr3t"];
    test_env.sandbox(&[&update[..], &["-s", PRODUCTION, "--yes"]].concat()).code(0);
    let run =
        test_env.sandbox(&["notifications", "show", "1191", "--columns", "channels,params", "-s", PRODUCTION]).code(0);
    assert!(run.stdout.contains("slack") && !run.stdout.contains("s3cr3t"), "{}", run.stdout);
}

#[test]
fn alerts_are_set_by_name_for_a_stack_and_for_a_group() {
    let test_env = TestEnv::new();
    let channels = |stack: &str| {
        let shown =
            ["notifications", "show", "noticent_server_stopped", "-s", stack, "--jq", ".subscriptions[].channel"];
        test_env.sandbox(&shown).code(0).stdout
    };
    let words = ["notifications", "set", "noticent_server_stopped", "--channels", "email,browser"];
    test_env.sandbox(&[&words[..], &["-s", "awesome-app@staging"]].concat()).code(0);
    assert_eq!(channels("awesome-app@staging"), "email\nbrowser\n");
    let group = [&words[..], &["-a", "production-apps"]].concat();
    test_env.sandbox(&[&group[..], &["--no-input"]].concat()).code(2);
    test_env.sandbox(&[&group[..], &["--yes"]].concat()).code(0);
    assert_eq!(channels("awesome-app@production"), "email\nbrowser\n");
    test_env.sandbox(&[&words[..], &["-a", "nosuch", "--yes"]].concat()).code(4);
    test_env.sandbox(&[&group[..], &["-s", "awesome-app@staging"]].concat()).code(2);
}

#[test]
fn alerts_that_could_not_be_set_are_reported() {
    let test_env = TestEnv::new();
    let words = ["notifications", "set", "noticent_server_stopped", "noticent_nosuch", "--channels", "email"];
    let run = test_env.sandbox(&[&words[..], &["-s", "awesome-app@staging"]].concat()).code(5);
    assert!(run.stderr.contains("noticent_nosuch (unknown alert)"), "{}", run.stderr);
    let run = test_env.sandbox(&[&words[..], &["-s", "awesome-app@staging", "-o", "json"]].concat()).code(5);
    assert_eq!(run.json_error()["code"], "remote_failed");
}

#[test]
fn the_url_of_a_webhook_comes_from_a_file() {
    let test_env = TestEnv::new();
    let words = ["notifications", "set", "noticent_server_stopped", "-s", "awesome-app@staging", "--channels"];
    let run = test_env.sandbox(&[&words[..], &["email,slack"]].concat()).code(2);
    assert!(run.stderr.contains("--slack-url-file FILE"), "{}", run.stderr);
    test_env.sandbox(&[&words[..], &["email", "--slack-url-file", URL_FILE]].concat()).code(2);
    let slack = [&words[..], &["email,slack", "--slack-url-file", URL_FILE]].concat();
    let dry = test_env.sandbox(&[&slack[..], &["--dry-run", "-o", "json"]].concat()).code(0);
    assert!(!dry.stdout.contains("hush-hush"), "{}", dry.stdout);
    test_env.sandbox(&slack).code(0);
    let list = ["notifications", "list", "-s", "awesome-app@staging", "--jq", ".[].subscriptions[].slack_url // empty"];
    assert_eq!(test_env.sandbox(&list).code(0).stdout, "https://hooks.example.org/hush-hush\n");
}

#[test]
fn alerts_of_2024_are_listed() {
    let items = [
        json!({ "alert_name": "noticent_server_back", "subscriptions": [{ "channel": "email" }, { "channel": "slack" }] }),
    ];
    let server = ScriptedServer::replying(move |_| list(&items));
    let test_env = TestEnv::new();
    let run = test_env.against(&server.url, &["notifications", "list", "-s", UID]).code(0);
    assert!(run.stdout.contains("noticent_server_back  email, slack"), "{}", run.stdout);
    let run = test_env.against(&server.url, &["notifications", "list", "-s", UID, "-o", "name"]).code(0);
    assert_eq!(run.stdout, "noticent_server_back\n");
}
