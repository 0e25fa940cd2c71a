//! `c66 cloudmc login`, and where the endpoint, the key and the environment come from.

use std::fs;

use super::{KEY, WEB, example, says};
use crate::support::scripted_server::{ScriptedServer, Seen, reply};
use crate::support::test_env::{Run, TestEnv, finish, finish_with_input};

fn run(test_env: &TestEnv, arguments: &[&str]) -> Run {
    finish(test_env.command().arg("cloudmc").args(arguments))
}

fn portal() -> ScriptedServer {
    ScriptedServer::start(|seen: &Seen, _| match seen.header("MC-Api-Key") {
        Some(KEY) if seen.target.starts_with("/api/v2/users") => {
            reply(200, r#"{"data": [{"id": "x", "userName": "mira"}]}"#)
        }
        Some(KEY) if seen.target.starts_with("/api/v2/organizations") => reply(200, &example("organizations_list")),
        Some(KEY) => reply(200, &example("instances_list")),
        _ => reply(401, r#"{"errors": [{"code": 401, "message": "Invalid credentials"}]}"#),
    })
}

fn log_in(test_env: &TestEnv, server: &ScriptedServer, key: &str, more: &[&str]) -> Run {
    let mut command = test_env.command();
    command.args(["cloudmc", "login", "--endpoint", &server.url, "--api-key-stdin"]).args(more);
    finish_with_input(&mut command, &format!("{key}\n"))
}

#[test]
fn a_login_is_checked_and_stored_next_to_the_cloud66_token() {
    let (test_env, server) = (TestEnv::new(), portal());
    test_env.write_config("[profiles.default]\ntoken = \"cloud66-token\"\nstack = \"shop\"\n");
    let refused = log_in(&test_env, &server, "wrong-key-canary", &["--json"]).code(3);
    assert!(!refused.stderr.contains("wrong-key-canary"));
    assert_eq!(refused.json_error()["code"], "auth");
    let done = log_in(&test_env, &server, KEY, &[]).code(0);
    assert!(done.stdout.starts_with("Logged in as mira. The API key is stored in profile cloudmc"), "{}", done.stdout);
    let text = fs::read_to_string(test_env.config_file()).expect("the file");
    let expected =
        format!("[profiles.cloudmc]\nprovider = \"cloudmc\"\napi_url = \"{}/api/v2\"\ntoken = \"{KEY}\"\n", server.url);
    assert!(text.contains("cloud66-token") && text.ends_with(&expected), "{text}");
    let status = run(&test_env, &["status", "--json"]).code(0).json();
    assert_eq!((status["profile"].as_str(), status["user"].as_str()), (Some("cloudmc"), Some("mira")));
    assert!(!run(&test_env, &["status"]).code(0).stdout.contains(KEY));
    let listed =
        finish(test_env.command().args(["profiles", "list", "--columns", "name,provider", "--no-headers"])).code(0);
    assert_eq!(listed.stdout, "cloudmc  cloudmc\ndefault  cloud66\n");
    run(&test_env, &["logout"]).code(0);
    run(&test_env, &["orgs", "list"]).code(3);
    assert!(fs::read_to_string(test_env.config_file()).expect("the file").contains("cloud66-token"));
}

#[test]
fn a_missing_key_or_endpoint_gets_a_hint() {
    let test_env = TestEnv::new();
    let run = run(&test_env, &["orgs", "list"]).code(2);
    assert!(run.stderr.contains("CLOUDMC_ENDPOINT"), "{}", run.stderr);
    let server = portal();
    let run = finish(test_env.command().env("CLOUDMC_ENDPOINT", &server.url).args(["cloudmc", "orgs", "list"])).code(3);
    assert!(run.stderr.contains("CLOUDMC_API_KEY") && run.stderr.contains("c66 cloudmc login"), "{}", run.stderr);
    assert_eq!(server.count(), 0);
}

#[test]
fn settings_of_one_api_are_never_used_for_the_other() {
    let (test_env, server) = (TestEnv::new(), portal());
    let run = finish(
        test_env
            .command()
            .env("C66_API_URL", &server.url)
            .env("C66_TOKEN", "cloud66-token-canary")
            .env("CLOUD66_TOKEN", "cx-token-canary")
            .args(["cloudmc", "orgs", "list"]),
    );
    run.code(2);
    let mut command = test_env.command();
    command.env("CLOUDMC_ENDPOINT", &server.url).env("C66_TOKEN", "cloud66-token-canary");
    finish(command.args(["cloudmc", "orgs", "list"])).code(3);
    assert_eq!(server.count(), 0);
    test_env.write_config(&format!(
        "[profiles.mc]\nprovider = \"cloudmc\"\nendpoint = \"{}\"\napi_key = \"{KEY}\"\n",
        server.url
    ));
    finish(test_env.command().args(["stacks", "list", "--profile", "mc"])).code(2);
    assert_eq!(server.count(), 0);
    finish(test_env.command().args(["cloudmc", "orgs", "list", "--profile", "mc"])).code(0);
    let error = finish(test_env.command().args(["cloudmc", "orgs", "list", "--profile", "default"]));
    assert_eq!(error.code, 2, "{}", error.stderr);
}

#[test]
fn the_environment_can_come_from_the_profile_or_a_variable() {
    let (test_env, server) = (TestEnv::new(), portal());
    test_env.write_config(&format!(
        "default_profile = \"mc\"\n[profiles.mc]\nprovider = \"cloudmc\"\napi_url = \"{}\"\ntoken = \"{KEY}\"\n\
             org = \"northgate\"\nservice = \"compute\"\nenvironment = \"prod\"\n",
        server.url
    ));
    let last = || server.seen().pop().expect("a request").target;
    run(&test_env, &["list", "instances"]).code(0);
    assert_eq!(last(), "/api/v2/services/compute/prod/instances?org_id=aad03681-8b63-4304-89e0-8ca8f49461b5");
    run(&test_env, &["list", "dev", "instances"]).code(0);
    assert!(last().starts_with("/api/v2/services/compute/dev/instances?"));
    let mut command = test_env.command();
    command.env("CLOUDMC_SERVICE", "s").env("CLOUDMC_ENVIRONMENT", "e").env("CLOUDMC_ORG_ID", WEB);
    // Settings for the environment of a stack do not apply here.
    command.env("C66_ENVIRONMENT", "production");
    finish(command.args(["cloudmc", "get", "instances", WEB])).code(0);
    assert_eq!(last(), format!("/api/v2/services/s/e/instances/{WEB}?org_id={WEB}"));
    let shown =
        finish(test_env.command().args(["config", "list", "--columns", "key,value,origin", "--show-origin"])).code(0);
    assert!(shown.stdout.contains("northgate") && !shown.stdout.contains(KEY), "{}", shown.stdout);
}

#[test]
fn filters_are_sent_together_with_the_organization() {
    let server = says(200, "roles_list");
    let run = super::against(&server.url, &["roles", "list", "--org", WEB, "--scope", "ENV", "-o", "name"]).code(0);
    assert_eq!(run.stdout, "d20065af-2c7c-47a0-bb32-0ed73cf4dd30\n");
    let target = format!("/api/v2/roles?organization_id={WEB}&filter_scope=ENV&org_id={WEB}");
    assert_eq!(server.seen()[0].target, target);
}
