//! `c66 auth`: login, logout, status, and which of several tokens is used.

mod oauth;

use std::fs;
use std::process::Command;

use httpmock::prelude::*;
use serde_json::json;

use crate::support::scripted_server::{ScriptedServer, reply, reply_with};
use crate::support::test_env::{Run, TestEnv, finish, finish_with_input};

const EMPTY: &str = r#"{"response":[]}"#;

/// A command with an API address and no token.
fn toward(test_env: &TestEnv, url: &str, arguments: &[&str]) -> Command {
    let mut command = test_env.command();
    command.env("C66_API_URL", url).args(arguments);
    command
}

fn login(test_env: &TestEnv, url: &str, input: &str) -> Run {
    finish_with_input(&mut toward(test_env, url, &["auth", "login", "--with-token"]), input)
}

/// The last token that a server received.
fn bearer(server: &ScriptedServer) -> String {
    let seen = server.seen();
    let header = seen.last().and_then(|seen| seen.header("authorization")).expect("a token");
    header.strip_prefix("Bearer ").expect("a bearer token").to_owned()
}

#[test]
fn a_login_checks_the_token_and_stores_it_readable_by_the_user_alone() {
    let server = MockServer::start();
    let check = server.mock(|when, then| {
        when.method(GET).path("/api/3/stacks.json").header("authorization", "Bearer canary-token-1");
        then.status(200).json_body(json!({"response": []}));
    });
    let test_env = TestEnv::new();
    let run = login(&test_env, &server.base_url(), "canary-token-1\n").code(0);
    check.assert_calls(1);
    assert!(!run.stdout.contains("canary") && !run.stderr.contains("canary"), "{run:?}");
    let stored = fs::read_to_string(test_env.config_file()).expect("the file");
    let expected = format!("[profiles.default]\ntoken = \"canary-token-1\"\napi_url = \"{}\"\n", server.base_url());
    assert_eq!(stored, expected);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| fs::metadata(path).expect("metadata").permissions().mode() & 0o777;
        assert_eq!(mode(&test_env.config_file()), 0o600);
        assert_eq!(mode(test_env.config_file().parent().expect("a folder")), 0o700);
    }
    // The address the token was checked against is stored with it, so nothing else is needed now.
    test_env.run(&["stacks", "list"]).code(0);
    check.assert_calls(2);
}

#[test]
fn a_token_that_the_server_rejects_is_not_stored() {
    for status in [401, 402, 500] {
        let server = ScriptedServer::start(move |_, _| reply_with(status, &[("Retry-After", "0")], "{}"));
        let test_env = TestEnv::new();
        let run = login(&test_env, &server.url, "canary-token-1");
        assert_eq!(run.code, if status == 500 { 8 } else { 3 });
        assert!(!test_env.config_file().exists(), "{status}");
        assert!(!run.stderr.contains("canary"), "{}", run.stderr);
    }
}

#[test]
fn a_rejected_token_does_not_replace_the_stored_one() {
    let test_env = TestEnv::new();
    let good = ScriptedServer::start(|_, _| reply(200, EMPTY));
    login(&test_env, &good.url, "first").code(0);
    let before = fs::read_to_string(test_env.config_file()).expect("the file");
    let bad = ScriptedServer::start(|_, _| reply(401, "{}"));
    login(&test_env, &bad.url, "second").code(3);
    assert_eq!(fs::read_to_string(test_env.config_file()).expect("the file"), before);
}

#[test]
fn a_malformed_token_is_rejected_without_a_request() {
    let server = ScriptedServer::start(|_, _| reply(200, EMPTY));
    for input in ["", "\n", "two words", "one\ntwo\n", "tab\there", "ümlaut", "bell\u{7}"] {
        let test_env = TestEnv::new();
        let run = login(&test_env, &server.url, input).code(3);
        assert!(run.stderr.contains("the token from stdin"), "{input:?}: {}", run.stderr);
        assert!(!test_env.config_file().exists());
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn a_token_is_never_taken_from_an_argument() {
    let test_env = TestEnv::new();
    test_env.run(&["auth", "login", "secret"]).code(2);
    test_env.run(&["auth", "login", "--with-token=secret"]).code(2);
    test_env.run(&["stacks", "list", "--token", "secret"]).code(2);
}

#[test]
fn without_a_terminal_login_names_with_token_instead_of_asking() {
    let run = TestEnv::new().run(&["auth", "login"]).code(2);
    assert!(run.stderr.contains("--with-token"), "{}", run.stderr);
}

#[test]
fn a_token_on_stdin_may_end_with_any_line_break() {
    let server = ScriptedServer::start(|_, _| reply(200, EMPTY));
    for input in ["abc", "abc\n", "abc\r\n"] {
        login(&TestEnv::new(), &server.url, input).code(0);
        assert_eq!(bearer(&server), "abc");
    }
}

#[test]
fn each_profile_has_a_token_of_its_own() {
    let server = ScriptedServer::start(|_, _| reply(200, EMPTY));
    let test_env = TestEnv::new();
    for (profile, token) in [("work", "token-w"), ("home", "token-h")] {
        let arguments = ["auth", "login", "--with-token", "--profile", profile];
        finish_with_input(&mut toward(&test_env, &server.url, &arguments), token).code(0);
    }
    for (profile, token) in [("work", "token-w"), ("home", "token-h")] {
        assert_eq!(test_env.run(&["auth", "token", "--profile", profile]).code(0).stdout, format!("{token}\n"));
        test_env.run(&["stacks", "list", "--profile", profile]).code(0);
        assert_eq!(bearer(&server), token);
    }
    test_env.run(&["auth", "logout", "--profile", "work"]).code(0);
    test_env.run(&["auth", "token", "--profile", "work"]).code(3);
    test_env.run(&["auth", "token", "--profile", "home"]).code(0);
}

#[test]
fn logout_removes_only_the_token() {
    let test_env = TestEnv::new();
    fs::create_dir(test_env.home().join("config")).expect("a folder");
    let text = "# mine\n[profiles.default]\ntoken = \"abc\"\nstack = \"shop\" # ours\nmystery = 1\n";
    fs::write(test_env.config_file(), text).expect("a file");
    test_env.run(&["auth", "logout"]).code(0);
    assert_eq!(fs::read_to_string(test_env.config_file()).expect("the file"), text.replace("token = \"abc\"\n", ""));
    test_env.run(&["auth", "token"]).code(3);
    let again = test_env.run(&["auth", "logout", "--json"]).code(0);
    assert_eq!(again.json()["ok"], true);
}

#[test]
fn logout_warns_when_a_variable_still_holds_a_token() {
    for name in ["C66_TOKEN", "CLOUD66_TOKEN"] {
        let test_env = TestEnv::new();
        let run = finish(test_env.command().env(name, "abc").args(["auth", "logout"])).code(0);
        assert!(run.stderr.contains(&format!("warning: {name} is still set")), "{}", run.stderr);
    }
}

#[test]
fn a_token_in_the_environment_wins_and_auth_token_prints_it() {
    let test_env = TestEnv::new();
    fs::create_dir(test_env.home().join("config")).expect("a folder");
    fs::write(test_env.config_file(), "[profiles.default]\ntoken = \"stored\"\n").expect("a file");
    let print = |variables: &[(&str, &str)]| {
        let mut command = test_env.command();
        command.envs(variables.iter().copied());
        finish(command.args(["auth", "token"])).code(0).stdout
    };
    assert_eq!(print(&[]), "stored\n");
    assert_eq!(print(&[("CLOUD66_TOKEN", "from-cx")]), "from-cx\n");
    assert_eq!(print(&[("CLOUD66_TOKEN", "from-cx"), ("C66_TOKEN", "ours")]), "ours\n");
    assert_eq!(print(&[("C66_TOKEN", ""), ("CLOUD66_TOKEN", "")]), "stored\n");
    let json = finish(test_env.command().args(["auth", "token", "--json"])).code(0);
    assert_eq!(json.json(), json!({"token": "stored"}));
}

#[test]
fn the_token_of_cx_is_read_plain_and_in_base64() {
    use base64::Engine;
    let server = ScriptedServer::start(|_, _| reply(200, EMPTY));
    let file = json!({"AccessToken": "abc123", "RefreshToken": "", "Expiry": "0001-01-01T00:00:00Z", "Extra": null});
    let encoded = base64::engine::general_purpose::STANDARD.encode(file.to_string());
    for (text, token) in [("bare-token", "bare-token"), (encoded.as_str(), "abc123")] {
        let test_env = TestEnv::new();
        finish(toward(&test_env, &server.url, &["stacks", "list"]).env("CLOUD66_TOKEN", text)).code(0);
        assert_eq!(bearer(&server), token);
    }
}

#[test]
fn a_token_with_a_line_break_inside_is_rejected_without_being_shown() {
    let server = ScriptedServer::start(|_, _| reply(200, EMPTY));
    for name in ["C66_TOKEN", "CLOUD66_TOKEN"] {
        for token in ["canary\nX-Evil: 1", "canary\r\nsecond", "can ary"] {
            let test_env = TestEnv::new();
            let run = finish(toward(&test_env, &server.url, &["stacks", "list"]).env(name, token)).code(3);
            assert!(run.stderr.contains(&format!("from {name}")), "{}", run.stderr);
            assert!(!run.stderr.contains("can"), "{}", run.stderr);
        }
    }
    assert_eq!(server.count(), 0);
    // Files and commands end with one line break.
    let test_env = TestEnv::new();
    finish(toward(&test_env, &server.url, &["stacks", "list"]).env("C66_TOKEN", "abc\n")).code(0);
    assert_eq!(bearer(&server), "abc");
}

#[test]
#[cfg(unix)]
fn token_command_runs_without_a_shell_and_only_when_needed() {
    let server = ScriptedServer::start(|_, _| reply(200, EMPTY));
    let test_env = TestEnv::new();
    fs::create_dir(test_env.home().join("config")).expect("a folder");
    let text = "[profiles.default]\ntoken_command = [\"echo\", \"a$HOME;b\"]\n";
    fs::write(test_env.config_file(), text).expect("a file");
    finish(&mut toward(&test_env, &server.url, &["stacks", "list"])).code(0);
    assert_eq!(bearer(&server), "a$HOME;b");

    let touch = format!("[profiles.default]\ntoken_command = [\"touch\", \"{}/run\"]\n", test_env.home().display());
    fs::write(test_env.config_file(), touch).expect("a file");
    test_env.run(&["config", "list"]).code(0);
    test_env.run(&["profiles", "list"]).code(0);
    assert!(!test_env.home().join("run").exists());
    test_env.run(&["auth", "token"]).code(3);
    assert!(test_env.home().join("run").exists());
}

#[test]
fn status_shows_the_account_and_the_scopes_of_the_token() {
    let server = MockServer::start();
    for (path, status, body) in [
        ("/api/3/stacks.json", 200, json!({"response": []})),
        ("/api/3/clouds.json", 403, json!({"error": "forbidden"})),
        ("/api/3/accounts.json", 200, json!({"response": [{"id": 1, "owner": "me@example.com"}]})),
    ] {
        server.mock(|when, then| {
            when.method(GET).path(path).header("authorization", "Bearer test-token-0123456789");
            then.status(status)
                .header("x-ratelimit-limit", "3600")
                .header("x-ratelimit-remaining", "3000")
                .json_body(body);
        });
    }
    let test_env = TestEnv::new();
    let run = test_env.against(&server.base_url(), &["auth", "status", "--json"]).code(0);
    assert_eq!(
        run.json(),
        json!({
            "profile": "default",
            "api_url": format!("{}/api/3", server.base_url()),
            "token_source": "from C66_TOKEN", "read_only": null,
            "owners": ["me@example.com"],
            "scopes": {"public": true, "redeploy": false, "users": true, "admin": null},
            "rate_limit": 3600,
            "rate_remaining": 3000,
        })
    );
    let run = test_env.against(&server.base_url(), &["auth", "status"]).code(0);
    let line = |label: &str| {
        let line = run.stdout.lines().find(|line| line.starts_with(label)).expect("a line");
        line[label.len()..].trim().to_owned()
    };
    assert_eq!(line("Scopes:"), "public, users");
    assert_eq!(line("Missing scopes:"), "redeploy");
    assert_eq!(line("Unknown scopes:"), "admin");
    assert_eq!(line("Accounts:"), "me@example.com");
    assert!(line("Token:").contains("C66_TOKEN"), "{}", run.stdout);
    assert!(!run.stdout.contains("test-token"), "{}", run.stdout);
}

#[test]
fn status_fails_when_the_token_is_rejected() {
    let server = ScriptedServer::start(|_, _| reply(401, "{}"));
    let run = TestEnv::new().against(&server.url, &["auth", "status"]).code(3);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("from C66_TOKEN"), "{}", run.stderr);
    TestEnv::new().run(&["auth", "status"]).code(3);
}

#[test]
#[cfg(unix)]
fn status_tries_every_scope_with_reads_only() {
    let scopes = |token: &str| {
        let line = format!("C66_TOKEN={token} exec \"$0\" auth status --debug -o json");
        let test_env = TestEnv::new();
        let program = test_env.command().get_program().to_owned();
        let mut command = test_env.command();
        command.args(["sandbox", "run", "--", "sh", "-c", &line]).arg(program);
        let run = finish(&mut command).code(0);
        assert!(!["> POST", "> PUT", "> DELETE"].iter().any(|write| run.stderr.contains(write)), "{}", run.stderr);
        run.json()["scopes"].clone()
    };
    assert_eq!(
        scopes("sandbox-public+admin"),
        json!({"public": true, "redeploy": false, "users": false, "admin": true})
    );
    assert_eq!(
        scopes("sandbox-public+users"),
        json!({"public": true, "redeploy": false, "users": true, "admin": false})
    );
    // Without `public` there is no stack to try it on.
    assert_eq!(scopes("sandbox-admin"), json!({"public": false, "redeploy": false, "users": false, "admin": null}));
}
