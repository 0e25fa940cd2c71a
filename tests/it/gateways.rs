//! `c66 gateways`.

use serde_json::{Value, json};

use crate::support::command_lines::{CERTIFICATE_FILE, KEY_FILE};
use crate::support::replies::{good, list};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv, finish_with_input};

fn gateways(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["gateways"], arguments].concat())
}

fn state(test_env: &TestEnv, name: &str) -> String {
    let filter = format!("name={name}");
    let list = ["list", "--filter", &filter, "--columns", "state", "--no-headers", "-o", "csv"];
    gateways(test_env, &list).code(0).stdout.trim().to_owned()
}

#[test]
fn a_gateway_is_opened_closed_and_removed() {
    let test_env = TestEnv::new();
    gateways(&test_env, &["add", "bastion", "--address", "203.0.113.7", "--username", "ubuntu"]).code(0);
    assert_eq!(state(&test_env, "bastion"), "closed");
    let open = ["open", "bastion", "--key", KEY_FILE, "--ttl", "1h"];
    let refused = gateways(&test_env, &[&open[..], &["--no-input", "-o", "json"]].concat()).code(2).json_error();
    assert_eq!(refused["code"], "confirmation_needed");
    assert!(refused["message"].to_string().contains("end the key of gateway bastion and open it for 1h"), "{refused}");
    gateways(&test_env, &[&open[..], &["--yes"]].concat()).code(0);
    assert_eq!(state(&test_env, "bastion"), "open");
    let remove = ["remove", "bastion", "--confirm", "bastion"];
    assert!(gateways(&test_env, &remove).code(9).stderr.contains("close it first"));
    gateways(&test_env, &["close", "bastion"]).code(0);
    assert_eq!(state(&test_env, "bastion"), "closed");
    gateways(&test_env, &["update", "bastion", "--name", "jump", "--private-ip", "10.0.0.5"]).code(0);
    gateways(&test_env, &["remove", "jump", "--yes"]).code(2);
    gateways(&test_env, &["remove", "jump", "--confirm", "bastion"]).code(2);
    gateways(&test_env, &["remove", "jump", "--confirm", "jump"]).code(0);
    assert_eq!(gateways(&test_env, &["list", "-o", "name"]).code(0).stdout, "1\n");
    gateways(&test_env, &["update", "aws_bastion"]).code(2);
    gateways(&test_env, &["open", "aws_bastion", "--key", KEY_FILE, "--ttl", "0s", "--yes"]).code(2);
}

#[test]
fn only_a_private_key_is_sent_and_it_is_shown_nowhere() {
    let server = ScriptedServer::replying(|seen| match seen.method.as_str() {
        "PUT" => good(&json!({ "ok": true })),
        _ => list(&[json!({ "id": 4, "name": "bastion", "ttl": "N/A" })]),
    });
    let test_env = TestEnv::new();
    let open = |key: &str| {
        ["--account", "7", "gateways", "open", "bastion", "--yes", "--ttl", "90s", "--debug", "--key", key]
            .map(str::to_owned)
    };
    let run = test_env.against(&server.url, &open(CERTIFICATE_FILE).each_ref().map(String::as_str)).code(2);
    assert!(run.stderr.contains("it contains no PEM private key"), "{}", run.stderr);
    assert_eq!(server.seen().len(), 0);
    let key = std::fs::read_to_string(KEY_FILE).expect("the key");
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789").args(open("-")).arg("--debug");
    let run = finish_with_input(&mut command, &key).code(0);
    let line = key.lines().nth(1).expect("a line");
    assert!(!run.stderr.contains(line) && !run.stdout.contains(line), "{}", run.stderr);
    let sent = server.seen().into_iter().find(|seen| seen.method == "PUT").expect("a request");
    assert_eq!(sent.path, "/accounts/7/gateways/4");
    assert_eq!(serde_json::from_str::<Value>(&sent.body).unwrap_or_default(), json!({ "content": key, "ttl": 90 }));
}

#[test]
fn the_account_is_the_current_or_the_only_one() {
    let test_env = TestEnv::new();
    for (accounts, expected) in [
        (vec![json!({ "id": 5, "owner": "a" })], Some("/accounts/5/gateways")),
        (
            vec![json!({ "id": 5, "current_account": false }), json!({ "id": 6, "current_account": true })],
            Some("/accounts/6/gateways"),
        ),
        (vec![json!({ "id": 5, "friendly_name": "Shop" }), json!({ "id": 6 })], None),
    ] {
        let server =
            ScriptedServer::replying(move |seen| if seen.path == "/accounts" { list(&accounts) } else { list(&[]) });
        let run = test_env.against(&server.url, &["gateways", "list"]);
        match expected {
            Some(path) => {
                run.code(0);
                assert!(server.seen().iter().any(|seen| seen.path == path), "{path}");
            }
            None => {
                let run = run.code(2);
                assert!(run.stderr.contains("5  Shop") && run.stderr.contains("--account"), "{}", run.stderr);
            }
        }
    }
}
