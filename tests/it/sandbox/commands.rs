//! `c66 sandbox`: serve, run, status and reset.

use serde_json::Value;

use crate::support::process::Running;
use crate::support::sandbox::send;
use crate::support::served_sandbox::ServedSandbox;
use crate::support::test_env::{TestEnv, finish};

const STAGING: &str = "awesome-app@staging";

impl ServedSandbox {
    /// What curl would get.
    fn curl(&self, method: &str, path: &str, token: &str, form: &str) -> (u16, Value) {
        let authorization = format!("Bearer {token}");
        let headers = [("Authorization", &*authorization), ("Content-Type", "application/x-www-form-urlencoded")];
        let reply = send(&self.address, method, &format!("/api/3{path}"), &headers, form).expect("a reply");
        (reply.status, serde_json::from_slice(&reply.body).unwrap_or_default())
    }
}

#[test]
fn serve_prints_its_address_and_answers_like_the_api() {
    let served = ServedSandbox::start(&TestEnv::new(), &[]);
    let (status, body) = served.curl("GET", "/stacks.json", &served.token, "");
    assert_eq!((status, &body["response"][0]["name"]), (200, &Value::from("Awesome App")));
    let (status, body) =
        served.curl("POST", "/stacks/5999b763474b0eafa5fafb64bff0ba80/actions.json", &served.token, "command=restart");
    assert_eq!((status, &body["response"]["action"]), (200, &Value::from("restart")));
    assert_eq!(served.curl("GET", "/stacks.json", "wrong", "").0, 401);
    assert_eq!(served.curl("GET", "/stacks/none.json", &served.token, "").0, 404);
    let (endpoint, key) = &served.cloudmc;
    assert_eq!(*endpoint, format!("http://{}/api/v2", served.address));
    let reply = send(&served.address, "GET", "/api/v2/users", &[("MC-Api-Key", key)], "").expect("a reply");
    assert_eq!(reply.status, 200, "{}", reply.text());
}

#[test]
fn serve_keeps_its_state_in_the_given_file() {
    let test_env = TestEnv::new();
    let file = test_env.home().join("other.json");
    let served = ServedSandbox::start_on_file("other.json", &test_env, &["--speed", "50"]);
    let api = format!("http://{}", served.address);
    let run = |arguments: &[&str]| {
        let mut command = test_env.command();
        finish(command.env("C66_API_URL", &api).env("C66_TOKEN", &served.token).args(arguments))
    };
    run(&["env", "set", "KEPT=1", "-s", STAGING]).code(0);
    assert!(std::fs::read_to_string(&file).expect("the state").contains("KEPT"));
    assert!(!test_env.home().join("sandbox.json").exists());
    // The same file serves the private sandbox as well.
    let mut command = test_env.command();
    command.env("C66_SANDBOX_STATE", &file).args(["--sandbox", "env", "get", "KEPT", "-s", STAGING]);
    assert_eq!(finish(&mut command).code(0).stdout, "1\n");
}

#[test]
fn serve_applies_faults_and_rejects_wrong_options() {
    let test_env = TestEnv::new();
    let served = ServedSandbox::start(&test_env, &["--fault", "throttle"]);
    let (status, body) = served.curl("GET", "/stacks.json", &served.token, "");
    assert_eq!((status, &body["error"]), (503, &Value::from("throttled")));
    for wrong in [
        ["--fault", "explode"],
        ["--fault", "drop=2"],
        ["--speed", "0"],
        ["--port", "99999"],
        ["--rate-limit", "0"],
        ["--rate-limit", "many"],
    ] {
        test_env.run(&[&["sandbox", "serve", "--ephemeral"] as &[&str], &wrong].concat()).code(2);
    }
    let run = test_env
        .run(&["sandbox", "serve", "--ephemeral", "--port", served.address.rsplit(':').next().expect("a port")])
        .code(8);
    assert!(run.stderr.contains("cannot listen"), "{}", run.stderr);
}

#[test]
fn serve_limits_the_requests_of_each_token() {
    let served = ServedSandbox::start(&TestEnv::new(), &["--rate-limit", "2"]);
    let statuses = |token: &str| [(); 3].map(|()| served.curl("GET", "/stacks.json", token, "").0);
    assert_eq!(statuses("sandbox-public"), [200, 200, 503]);
    assert_eq!(statuses(&served.token), [200, 200, 503]);
}

#[cfg(unix)]
#[test]
fn run_starts_a_command_against_a_fresh_sandbox_and_returns_its_exit_code() {
    let test_env = TestEnv::new();
    let program = test_env.command().get_program().to_string_lossy().into_owned();
    let script = "\"$0\" env set A=1 -s awesome-app@staging >&2 && \"$0\" env get A -s awesome-app@staging; exit 7";
    let run = test_env.run(&["sandbox", "run", "--speed", "50", "--", "sh", "-c", script, &program]).code(7);
    assert_eq!(run.stdout, "1\n");
    let variables =
        "echo \"$C66_API_URL $CLOUD66_API_URL\"; test -n \"$C66_TOKEN\" && test \"$C66_TOKEN\" = \"$CLOUD66_TOKEN\"";
    let run = test_env.run(&["sandbox", "run", "--", "sh", "-c", variables]).code(0);
    assert!(run.stdout.starts_with("http://127.0.0.1:"), "{}", run.stdout);
    assert!(!test_env.home().join("sandbox.json").exists(), "its test_env is its own");
    let variables = "echo \"$CLOUDMC_ENDPOINT $CLOUDMC_API_KEY\"";
    let run = test_env.run(&["sandbox", "run", "--", "sh", "-c", variables]).code(0);
    let (endpoint, key) = run.stdout.trim_end().split_once(' ').expect("two words");
    assert!(endpoint.starts_with("http://127.0.0.1:") && endpoint.ends_with("/api/v2"), "{endpoint}");
    assert_eq!(key, crate::support::test_env::CLOUDMC_KEY);
    let run = test_env.run(&["sandbox", "run", "--", "no-such-command"]).code(127);
    assert!(run.stderr.contains("no-such-command"), "{}", run.stderr);
    test_env.run(&["sandbox", "run", "--", "sh", "-c", "kill -TERM $$"]).code(143);
    test_env.run(&["sandbox", "run"]).code(2);
}

#[test]
fn reset_restores_the_first_state_and_status_prints_its_file() {
    let test_env = TestEnv::new();
    let status = || test_env.run(&["sandbox", "status", "-o", "json"]).code(0).json();
    assert_eq!(status()["used"], false);
    test_env.sandbox(&["env", "set", "KEPT=1", "-s", STAGING]).code(0);
    test_env.sandbox(&["env", "get", "KEPT", "-s", STAGING]).code(0);
    assert_eq!(status()["used"], true);
    assert_eq!(status()["state"].as_str(), test_env.home().join("sandbox.json").to_str());
    assert_eq!(test_env.run(&["sandbox", "reset", "-o", "json"]).code(0).json()["ok"], true);
    test_env.sandbox(&["env", "get", "KEPT", "-s", STAGING]).code(4);
}

#[test]
fn a_file_that_is_not_a_state_is_not_overwritten() {
    let test_env = TestEnv::new();
    let file = test_env.home().join("sandbox.json");
    std::fs::write(&file, "my notes").expect("a file");
    let run = test_env.sandbox(&["stacks", "list", "-o", "json"]).code(2);
    assert!(run.json_error()["hint"].to_string().contains("c66 sandbox reset"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "my notes");
}

#[test]
fn commands_that_run_at_once_share_one_state() {
    let test_env = TestEnv::new();
    let start = |number: usize| {
        let mut command = test_env.command();
        command.args(["--sandbox", "env", "set", &format!("KEY_{number}={number}"), "-s", STAGING]);
        Running::start(&mut command)
    };
    for running in [1, 2, 3, 4].map(start) {
        running.end().code(0);
    }
    let run = test_env.sandbox(&["env", "list", "-s", STAGING, "--filter", "key~^KEY_", "-o", "name"]).code(0);
    assert_eq!(run.stdout.lines().count(), 4, "nothing was lost: {}", run.stdout);
}

#[test]
fn the_sandbox_needs_no_login_and_no_configuration() {
    let test_env = TestEnv::new();
    test_env.sandbox(&["stacks", "list"]).code(0);
    assert!(!test_env.config_file().exists());
    let mut command = test_env.command();
    command.env("C66_SANDBOX", "1").args(["stacks", "list", "-o", "name", "--limit", "1"]);
    assert_eq!(finish(&mut command).code(0).stdout, "5999b763474b0eafa5fafb64bff0ba80\n");
    test_env.sandbox(&["auth", "login"]).code(2);
}

#[test]
fn an_unknown_fault_lists_the_valid_ones() {
    let run = TestEnv::new().run(&["sandbox", "serve", "--fault", "explode"]).code(2);
    assert!(run.stderr.contains("throttle, drop, slow, garbage, error500, lost-reply"), "{}", run.stderr);
    let run = TestEnv::new().run(&["sandbox", "serve", "--fault", "drop=2", "-o", "json"]).code(2);
    assert!(run.json_error()["message"].as_str().is_some_and(|said| said.contains("drop=0.2")), "{}", run.stderr);
}
