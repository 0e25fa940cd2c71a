//! `c66 image-repositories` and `c66 dns-providers`.

use serde_json::{Value, json};

use crate::support::replies::good;
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv, finish_with_input};

fn repositories(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["image-repositories"], arguments].concat())
}

#[test]
fn a_repository_is_added_changed_and_removed() {
    let test_env = TestEnv::new();
    let file = test_env.home().join("password.txt");
    std::fs::write(&file, "made-up\n").expect("a file");
    let file = file.to_str().expect("a path");
    let add =
        ["add", "--url", "https://quay.io", "--email", "a@b.example", "--username", "me", "--password-file", file];
    let added = repositories(&test_env, &[&add[..], &["-o", "json"]].concat()).code(0).json();
    assert_eq!((&added["id"], &added["username"]), (&json!(283), &json!("me")));
    let update = ["update", "283", "--username", "robot", "--password-file", file, "-o", "json"];
    let changed = repositories(&test_env, &update).code(0).json();
    assert_eq!((&changed["username"], &changed["email"]), (&json!("robot"), &json!("a@b.example")));
    repositories(&test_env, &["update", "283"]).code(2);
    repositories(&test_env, &["remove", "283", "--no-input"]).code(2);
    repositories(&test_env, &["remove", "283", "--yes"]).code(0);
    repositories(&test_env, &["show", "283"]).code(4);
}

#[test]
fn the_password_comes_from_a_file_or_stdin_and_is_shown_nowhere() {
    let server = ScriptedServer::replying(|_| good(&json!({ "id": 4, "url": "u" })));
    let test_env = TestEnv::new();
    let words = ["image-repositories", "add", "--url=u", "--email=e", "--username=n", "--debug", "--debug"];
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789").args(words);
    let run = finish_with_input(command.args(["--password-file", "-"]), "hush-hush\n").code(0);
    assert!(!run.stderr.contains("hush-hush") && !run.stdout.contains("hush-hush"), "{}", run.stderr);
    let body: Value = serde_json::from_str(&server.seen()[0].body).expect("JSON");
    assert_eq!(body, json!({ "url": "u", "email": "e", "username": "n", "password": "hush-hush" }));
    let run = test_env.against(&server.url, &words).code(2);
    assert!(run.stderr.contains("--password-file FILE"), "{}", run.stderr);
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn dns_providers_are_listed() {
    let run = TestEnv::new().sandbox(&["dns-providers", "list"]).code(0);
    for expected in ["UUID", "dp-fbe3d478cdc610b187b38c1d2b6b016b", "Cloudflare (My Cloudflare)"] {
        assert!(run.stdout.contains(expected), "{expected}: {}", run.stdout);
    }
}
