//! `c66 auth login --from-cx`: using the login of CX, Cloud 66's own tool.

use std::fs;

use serde_json::json;

use crate::support::scripted_server::{ScriptedServer, reply};
use crate::support::test_env::{Run, TestEnv, finish};

const EMPTY: &str = r#"{"response":[]}"#;

/// A home in which CX has logged in with that token.
fn env_with_cx(file: &str, token: &str) -> TestEnv {
    let test_env = TestEnv::new();
    fs::create_dir(test_env.home().join(".cloud66")).expect("a folder");
    let text = json!({"AccessToken": token, "RefreshToken": "", "Expiry": "0001-01-01T00:00:00Z", "Extra": null});
    fs::write(test_env.home().join(".cloud66").join(file), format!("{text}\n")).expect("a file");
    test_env
}

fn login(test_env: &TestEnv, url: &str, arguments: &[&str]) -> Run {
    finish(test_env.command().env("C66_API_URL", url).args(["auth", "login"]).args(arguments))
}

fn bearer(server: &ScriptedServer) -> Option<String> {
    Some(server.seen().last()?.header("authorization")?.to_owned())
}

#[test]
fn the_token_of_cx_is_checked_and_stored_as_ours() {
    let server = ScriptedServer::start(|_, _| reply(200, EMPTY));
    let test_env = env_with_cx("cx.json", "canary-of-cx");
    let run = login(&test_env, &server.url, &["--from-cx"]).code(0);
    assert!(!run.stdout.contains("canary") && !run.stderr.contains("canary"), "{run:?}");
    assert_eq!(bearer(&server).as_deref(), Some("Bearer canary-of-cx"));
    assert_eq!(test_env.run(&["auth", "token"]).code(0).stdout, "canary-of-cx\n");
    // What belongs to CX stays as it is.
    assert!(test_env.home().join(".cloud66/cx.json").exists());
}

#[test]
fn a_cx_profile_brings_its_api_address_along() {
    let server = ScriptedServer::start(|_, _| reply(200, EMPTY));
    let test_env = env_with_cx("cx_work.json", "canary-of-work");
    let profiles = json!({"last_profile": "work", "profiles": {"work": {
        "name": "work", "base_url": server.url, "organization": "Acme", "token_file": "cx_work.json",
    }}});
    fs::write(test_env.home().join(".cloud66/cxprofiles.json"), profiles.to_string()).expect("a file");
    let run = test_env.run(&["auth", "login", "--from-cx", "work", "--profile", "acme"]).code(0);
    assert!(run.stderr.contains("organization Acme"), "{}", run.stderr);
    assert_eq!(bearer(&server).as_deref(), Some("Bearer canary-of-work"));
    test_env.run(&["stacks", "list", "--profile", "acme"]).code(0);
    assert_eq!(server.count(), 2);

    let run = test_env.run(&["auth", "login", "--from-cx", "wrok", "-o", "json"]).code(2);
    assert!(run.json_error()["hint"].as_str().expect("a hint").contains("work"), "{}", run.stderr);
}

#[test]
fn a_rejected_token_is_reported_as_that_of_cx() {
    let server = ScriptedServer::start(|_, _| reply(401, "{}"));
    let test_env = env_with_cx("cx.json", "canary-of-cx");
    let run = login(&test_env, &server.url, &["--from-cx"]).code(3);
    assert!(run.stderr.contains(".cloud66/cx.json") && !run.stderr.contains("canary"), "{}", run.stderr);
    assert!(!test_env.config_file().exists());
}

#[test]
fn without_a_login_of_cx_the_error_names_the_file() {
    let server = ScriptedServer::start(|_, _| reply(200, EMPTY));
    let run = login(&TestEnv::new(), &server.url, &["--from-cx"]).code(2);
    assert!(run.stderr.contains(".cloud66") && run.stderr.contains("cx.json"), "{}", run.stderr);
    let test_env = TestEnv::new();
    fs::create_dir(test_env.home().join(".cloud66")).expect("a folder");
    fs::write(test_env.home().join(".cloud66/cx.json"), "{\"RefreshToken\":\"canary\"}").expect("a file");
    let run = login(&test_env, &server.url, &["--from-cx"]).code(3);
    assert!(run.stderr.contains("without AccessToken") && !run.stderr.contains("canary"), "{}", run.stderr);
    assert_eq!(server.count(), 0);
}
