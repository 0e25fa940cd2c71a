//! `c66 doctor`: each check passing and failing, and the exit code.

use std::fs;

use serde_json::Value;

use crate::support::scripted_server::{Answer, ScriptedServer, closed_port, reply_with};
use crate::support::test_env::{Run, TestEnv, finish};

const TOKEN: &str = "canary-token-77b0";

/// Status, detail and next step of a check.
fn check(run: &Run, name: &str) -> (String, String, String) {
    let checks = run.json();
    let all = checks.as_array().expect("a list");
    let found = all.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("no {name} in {checks}"));
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
    (text("status"), text("detail"), text("next"))
}

fn names(run: &Run) -> Vec<String> {
    let checks = run.json();
    checks.as_array().expect("a list").iter().map(|check| check["check"].as_str().expect("a name").to_owned()).collect()
}

#[track_caller]
fn expect(run: &Run, name: &str, status: &str, detail: &str, next: &str) {
    let found = check(run, name);
    assert!(found.0 == status && found.1.contains(detail) && found.2.contains(next), "{name}: {found:?}");
}

/// Runs `doctor` against `url` with a token.
fn doctor(test_env: &TestEnv, url: &str, more: &[&str]) -> Run {
    let mut command = test_env.command();
    let run = finish(command.env("C66_API_URL", url).env("C66_TOKEN", TOKEN).args(["doctor", "--json"]).args(more));
    assert!(!run.stdout.contains("canary") && !run.stderr.contains("canary"), "{}\n{}", run.stdout, run.stderr);
    run
}

/// An API that answers every read alike, with these headers.
fn api(status: u16, headers: &'static [(&'static str, &'static str)], body: &'static str) -> ScriptedServer {
    ScriptedServer::start(move |_, _| reply_with(status, headers, body))
}

const RATE: [(&str, &str); 2] = [("X-RateLimit-Limit", "3600"), ("X-RateLimit-Remaining", "3597")];

#[test]
fn every_check_passes_in_the_sandbox() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["doctor", "--json"]).code(0);
    assert_eq!(
        names(&run),
        [
            "version",
            "config_file",
            "project_file",
            "settings",
            "completion",
            "token",
            "proxy",
            "dns",
            "connection",
            "clock",
            "api",
            "rate"
        ]
    );
    for name in names(&run).iter().filter(|name| *name != "completion") {
        assert_eq!(check(&run, name).0, "ok", "{name}");
    }
    expect(&run, "version", "ok", env!("CARGO_PKG_VERSION"), "");
    expect(&run, "rate", "ok", "of 3600 requests left", "");
    let install = if cfg!(windows) { "Add-Content $PROFILE '" } else { "c66 completions bash --install" };
    expect(&run, "completion", "warning", "", install);
    let people = test_env.sandbox(&["doctor"]).code(0);
    assert!(people.stdout.contains(&format!("\n  next:        {install}")), "{}", people.stdout);
    assert!(people.stdout.starts_with("version:       ok: c66 "), "{}", people.stdout);
    let wrong = test_env.sandbox(&["doctor", "--filter", "status!=ok", "-o", "name"]).code(0);
    assert_eq!(wrong.stdout, "completion\n");
}

#[test]
fn the_api_checks_need_one_request() {
    let server = api(200, &RATE, r#"{"response":[]}"#);
    let run = doctor(&TestEnv::new(), &server.url, &[]).code(0);
    expect(&run, "token", "ok", "from C66_TOKEN", "");
    expect(&run, "api", "ok", "scope `public`", "");
    expect(&run, "clock", "ok", "does not report the time", "");
    assert_eq!(server.count(), 1);
    let failing = api(502, &[], "");
    expect(&doctor(&TestEnv::new(), &failing.url, &[]).code(8), "api", "failed", "502", "");
    assert_eq!(failing.count(), 1, "it looks, and does not insist");
}

#[test]
fn the_exit_code_follows_the_reply_of_the_api() {
    for (status, body, code, outcome, detail, next) in [
        (401, r#"{"error":"unauthorized"}"#, 3, "failed", "the API token was rejected", "c66 auth login"),
        (403, r#"{"error":"forbidden"}"#, 0, "warning", "lacks the `public` scope", "create a token"),
        (503, r#"{"error":"throttled","details":"slow down"}"#, 7, "failed", "request limit", "--wait-if-throttled"),
        (500, "", 8, "failed", "500", "try again"),
    ] {
        let server = api(status, &RATE, body);
        let run = doctor(&TestEnv::new(), &server.url, &[]).code(code);
        expect(&run, "api", outcome, detail, next);
        expect(&run, "rate", "ok", "3597 of 3600", "");
    }
}

#[test]
fn a_low_budget_and_a_wrong_clock_are_warnings() {
    let low =
        [("X-RateLimit-Limit", "3600"), ("X-RateLimit-Remaining", "12"), ("Date", "Tue, 01 Jan 2019 00:00:00 GMT")];
    let server = ScriptedServer::start(move |_, _| reply_with(200, &low, r#"{"response":[]}"#));
    let run = doctor(&TestEnv::new(), &server.url, &[]).code(0);
    expect(&run, "rate", "warning", "12 of 3600", "next hour");
    expect(&run, "clock", "warning", "ahead of the API's clock", "clock");
    let server = api(200, &[("Date", "Fri, 01 Jan 2100 00:00:00 GMT")], r#"{"response":[]}"#);
    let run = doctor(&TestEnv::new(), &server.url, &[]).code(0);
    expect(&run, "clock", "warning", "behind", "clock");
    expect(&run, "rate", "warning", "does not report", "api_url");
}

#[test]
fn without_a_token_the_other_checks_still_run() {
    let server = api(401, &RATE, r#"{"error":"unauthorized"}"#);
    let test_env = TestEnv::new();
    let run = finish(test_env.command().env("C66_API_URL", &server.url).args(["doctor", "--json"])).code(3);
    expect(&run, "token", "failed", "no API token", "c66 auth login");
    expect(&run, "api", "ok", "reachable", "");
    expect(&run, "rate", "ok", "3597", "");
    assert_eq!(server.seen()[0].header("authorization"), None);
    assert_eq!(run.stderr, "", "the checks are the result");
}

#[test]
fn broken_files_are_reported_and_the_other_checks_still_run() {
    let server = api(200, &RATE, r#"{"response":[]}"#);
    let test_env = TestEnv::new();
    for text in ["[profiles.default]\ntoken = = \"canary\"\n", "[profiles.default]\nstack = [1]\n", "profiles = 1\n"] {
        test_env.write_config(text);
        let run = doctor(&test_env, &server.url, &[]).code(2);
        expect(&run, "config_file", "failed", "config.toml", "c66 config edit");
        expect(&run, "api", "ok", "", "");
        assert_eq!(fs::read_to_string(test_env.config_file()).expect("the file"), text);
    }
    for (text, detail) in [("output = \"xml\"\n", "for output"), ("color = \"pink\"\n", "for color")] {
        test_env.write_config(text);
        let run = doctor(&test_env, &server.url, &[]);
        // The flag overrides the invalid `output` of the file.
        if text.starts_with("color") {
            expect(&run.code(2), "settings", "failed", detail, "c66 config set");
        }
        test_env.run(&["config", "list"]).code(0);
    }
    test_env.write_config("default_profile = \"gone\"\n");
    expect(&doctor(&test_env, &server.url, &[]).code(0), "settings", "warning", "gone", "c66 config edit");
    test_env.write_config("");
    fs::write(test_env.home().join(".c66.toml"), "token = \"canary\"\n").expect("a file");
    let run = doctor(&test_env, &server.url, &[]).code(2);
    expect(&run, "project_file", "failed", "must not have token", "config path");
    fs::write(test_env.home().join(".c66.toml"), "stack = \"shop\"\nregion = \"eu\"\n").expect("a file");
    let run = doctor(&test_env, &server.url, &[]).code(0);
    expect(&run, "project_file", "warning", "region is ignored", ".c66.toml");
    expect(&run, "settings", "ok", "stack=shop", "");
}

#[cfg(unix)]
#[test]
fn loose_permissions_are_reported_with_the_chmod_to_type() {
    use std::os::unix::fs::PermissionsExt;
    let test_env = TestEnv::new();
    test_env.write_config("[profiles.default]\n");
    fs::set_permissions(test_env.config_file(), fs::Permissions::from_mode(0o644)).expect("permissions");
    let run = test_env.sandbox(&["doctor", "--json"]).code(0);
    expect(&run, "config_file", "warning", "other users", &format!("chmod 600 {}", test_env.config_file().display()));
    assert_eq!(run.stderr, "", "said once");
    expect(&run, "settings", "ok", "", "");
}

#[cfg(target_os = "linux")]
#[test]
fn an_installed_completion_script_is_found_for_the_current_shell() {
    let test_env = TestEnv::new();
    test_env.run(&["completions", "fish", "--install"]).code(0);
    expect(&test_env.sandbox(&["doctor", "--json"]).code(0), "completion", "ok", "for fish", "");
    let mut command = test_env.command();
    let run = finish(command.env("SHELL", "/usr/bin/zsh").args(["--sandbox", "doctor", "--json"])).code(0);
    expect(&run, "completion", "warning", "zsh", "c66 completions zsh --install");
}

#[test]
fn a_closed_port_and_an_invalid_address_fail_different_checks() {
    let closed = format!("http://127.0.0.1:{}", closed_port());
    let run = doctor(&TestEnv::new(), &closed, &[]).code(8);
    expect(&run, "connection", "failed", "cannot connect to 127.0.0.1:", "network");
    assert!(!names(&run).contains(&"api".to_owned()));
    let run = doctor(&TestEnv::new(), "garbage", &[]).code(2);
    expect(&run, "settings", "failed", "invalid API address `garbage`", "C66_API_URL");
}

#[cfg(unix)]
#[test]
fn tls_is_reported_with_its_issuer_and_a_proxy_with_its_address() {
    use crate::support::proxy::Proxy;
    use crate::support::tls::Identity;

    let identity = Identity::issued_by("Acme Root", &["api.c66.test"]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let server = ScriptedServer::secure(listener, &identity, |_, _| reply_with(200, &RATE, r#"{"response":[]}"#));
    let proxy = Proxy::to(server.url.strip_prefix("https://").expect("https"));
    let asked = |ca: &std::path::Path| {
        let test_env = TestEnv::new();
        let mut command = test_env.command();
        command.env("C66_API_URL", "https://api.c66.test").env("C66_TOKEN", TOKEN).env("C66_CA_CERT", ca);
        command.env("HTTPS_PROXY", format!("http://canary:canary@{}", proxy.address));
        let run = finish(command.args(["doctor", "--json"]));
        assert!(!run.stdout.contains("canary"), "{}", run.stdout);
        run
    };
    let run = asked(&identity.ca()).code(0);
    expect(&run, "connection", "ok", "issued by Acme Root", "");
    expect(&run, "proxy", "ok", &proxy.address, "");
    expect(&run, "dns", "ok", "the proxy", "");
    let run = asked(&Identity::self_signed(&["x.test"]).ca()).code(8);
    expect(&run, "connection", "failed", "issued by Acme Root", "--ca-cert FILE");
}

#[test]
fn a_missing_profile_is_reported() {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    let run = finish(command.env("C66_PROFILE", "gone").args(["--sandbox", "doctor", "--json"])).code(0);
    expect(&run, "settings", "warning", "profile \"gone\" (from C66_PROFILE) not found", "");
    let silent = ScriptedServer::start(|_, _| Answer::Last(Vec::new()));
    let run = doctor(&TestEnv::new(), &silent.url, &[]).code(8);
    assert_eq!(check(&run, "connection").0, "failed");
    assert_ne!(run.json(), Value::Null);
}
