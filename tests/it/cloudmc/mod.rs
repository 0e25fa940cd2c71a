//! `c66 cloudmc`: its requests, and how it reads the replies.

mod config;
mod operations;
mod safety;
mod tasks;

use serde_json::Value;

use crate::support::scripted_server::{Answer, ScriptedServer, Seen, reply};
use crate::support::test_env::{Run, TestEnv, finish};

pub const KEY: &str = "cloudmc-test-key-0123456789";
pub const TASK: &str = "fbc5d4f6-c099-4868-92b0-52e3ad35b5e3";
pub const WEB: &str = "9fcd92cd-76af-40fa-b515-7035ef3b0e87";
pub const STOPPED: &str = "32fb2af1-a981-4b2b-8ce0-d4312ddcdfec";

/// A documented body.
pub fn example(name: &str) -> String {
    let path = format!("{}/tests/cloudmc_examples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Runs against the test's own server, with a key.
pub fn against(url: &str, arguments: &[&str]) -> Run {
    in_env(&TestEnv::new(), url, arguments)
}

pub fn in_env(test_env: &TestEnv, url: &str, arguments: &[&str]) -> Run {
    let mut command = test_env.command();
    finish(command.env("CLOUDMC_ENDPOINT", url).env("CLOUDMC_API_KEY", KEY).arg("cloudmc").args(arguments))
}

/// A server that answers everything with one documented body.
pub fn says(status: u16, name: &str) -> ScriptedServer {
    let body = example(name);
    ScriptedServer::start(move |_, _| reply(status, &body))
}

/// A server that starts a task, and then replies to polls with these bodies, repeating the last.
pub fn tells(bodies: &[(u16, String)]) -> ScriptedServer {
    let bodies = bodies.to_vec();
    ScriptedServer::start(move |seen, before| {
        if seen.target.starts_with("/api/v2/tasks/") {
            let (status, body) = &bodies[(before - 1).min(bodies.len() - 1)];
            return reply(*status, body);
        }
        reply(200, &example("async_pending"))
    })
}

pub fn targets(server: &ScriptedServer) -> Vec<String> {
    server.seen().iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect()
}

#[test]
fn every_request_has_the_key_and_the_expected_path() {
    let server = says(200, "instances_list");
    let run = against(
        &server.url,
        &[
            "list",
            "compute-east",
            "prod",
            "instances",
            "--query",
            "vpc_id=a b",
            "--org",
            WEB,
            "--columns",
            "name,state",
        ],
    );
    assert_eq!(run.code(0).stdout, "NAME   STATE\nweb-1  Running\nweb-2  Stopped\n");
    let seen = &server.seen()[0];
    let target = format!("/api/v2/services/compute-east/prod/instances?vpc_id=a+b&org_id={WEB}");
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("GET", target.as_str()));
    assert_eq!(seen.header("MC-Api-Key"), Some(KEY));
    assert_eq!(seen.header("Accept"), Some("application/json"));
    assert_eq!(seen.header("Authorization"), None);
    assert_eq!(seen.header("X-Account"), None);
}

#[test]
fn json_output_is_the_data_of_the_reply() {
    let body = r#"{"data": [{"id": 28428, "size": 1.50, "data": "x", "z": null}], "metadata": {"recordCount": 1}}"#;
    let server = ScriptedServer::start(move |_, _| reply(200, body));
    let run = against(&server.url, &["list", "dns/prod", "records", "-o", "jsonl"]).code(0);
    assert_eq!(run.stdout, "{\"id\":28428,\"size\":1.50,\"data\":\"x\",\"z\":null}\n");
    assert_eq!(against(&server.url, &["list", "dns/prod", "records", "-o", "name"]).code(0).stdout, "28428\n");
}

#[test]
fn every_form_of_list_is_shown() {
    for (name, header) in [
        ("volumes_list", "ID                                    NAME        TYPE  STATE  SIZE IN GB  INSTANCE NAME"),
        ("ssh_keys_list_no_id", "NAME    FINGERPRINT"),
    ] {
        let server = says(200, name);
        let kind = name.split("_list").next().unwrap_or_default().replace("ssh_keys", "sshkeys");
        let run = against(&server.url, &["list", "compute-east", "prod", &kind]).code(0);
        assert_eq!(run.stdout.lines().next(), Some(header), "{name}");
    }
    let server = says(200, "instances_list_azure_ids");
    let run = against(&server.url, &["list", "azure", "lab", "instances", "-o", "name"]).code(0);
    assert!(run.stdout.starts_with("/subscriptions/447cdbfc"), "{}", run.stdout);
    // Offerings have no special rule for a field that only one of them has.
    let run = against(&says(200, "compute_offerings_list").url, &["list", "c/p", "other"]).code(0);
    assert_eq!(
        run.stdout.lines().next().map(str::split_whitespace).map(Iterator::collect::<Vec<_>>),
        Some(vec!["ID", "NAME", "CUSTOM"])
    );
}

#[test]
fn a_partial_list_gets_a_warning() {
    let body = r#"{"data": [{"id": "a"}], "metadata": {"recordCount": 148, "pageSize": 1}}"#;
    let server = ScriptedServer::start(move |_, _| reply(200, body));
    let run = against(&server.url, &["list", "k8s", "prod", "charts"]).code(0);
    assert!(run.stderr.contains("incomplete list: 1 of 148"), "{}", run.stderr);
    assert_eq!(server.count(), 1);
    assert!(!server.seen()[0].target.contains("page"));
}

#[test]
fn an_error_in_the_body_is_an_error_whatever_the_status() {
    for (status, name, code, word, said) in [
        (200, "error", 5, "remote_failed", "error 2012: Instance must be running"),
        (400, "error", 9, "refused", "(instances 32fb2af1-a981-4b2b-8ce0-d4312ddcdfec: Stopped, expected Running)"),
        (400, "error_quota_400", 9, "refused", "error 2100: Quota exceeded"),
        (401, "error_403", 3, "auth", "the API key was rejected"),
        (403, "error_403", 3, "scope_missing", "your role does not allow"),
        (404, "error_legacy_errorcode", 4, "not_found", "error ENTITY_NOT_FOUND: Volume not found"),
        (405, "error", 9, "refused", "does not accept"),
        (500, "error", 8, "unavailable", "failed with 500"),
    ] {
        let server = says(status, name);
        let run = against(&server.url, &["list", "c", "p", "instances", "-o", "json"]).code(code);
        assert_eq!(run.stdout, "");
        let error = run.json_error();
        assert_eq!((error["code"].as_str(), error["http_status"].as_u64()), (Some(word), Some(u64::from(status))));
        assert!(error["message"].as_str().is_some_and(|message| message.contains(said)), "{error}");
        // A 500 does not come from a proxy, so a retry would fail too.
        assert_eq!(server.count(), 1, "{status} {name}");
    }
    let error = against(&says(400, "error").url, &["list", "c", "p", "instances", "-o", "json"]).json_error();
    assert_eq!(error["details"][0]["context"]["expectedStates"][0], "Running");
}

#[test]
fn a_reply_that_is_not_json_is_an_error_except_in_api() {
    let server = ScriptedServer::start(|_, _| reply(200, "a,b\n1,2\n"));
    against(&server.url, &["list", "c", "p", "instances"]).code(8);
    assert_eq!(against(&server.url, &["api", "GET", "/x"]).code(0).stdout, "a,b\n1,2\n");
    assert_eq!(against(&server.url, &["api", "GET", "/x", "--raw", "--json"]).code(0).stdout, "a,b\n1,2\n");
    assert_eq!(against(&server.url, &["api", "GET", "/x", "--json"]).code(8).stdout, "");
    let run = against(&server.url, &["usage", WEB, "--from", "2026-11-01", "--to", "2026-12-01", "--csv"]).code(0);
    assert_eq!(run.stdout, "a,b\n1,2\n");
    let last = server.seen().pop().expect("a request");
    assert_eq!(last.header("Accept"), Some("text/csv"));
    assert!(last.target.contains("start_date=2026-11-01&end_date=2026-12-01&format=csv"), "{}", last.target);
    let html = ScriptedServer::start(|_, _| reply(418, "<html>\n <b>no</b></html>"));
    let run = against(&html.url, &["api", "GET", "/x"]).code(9);
    assert!(run.stderr.contains("<html> <b>no</b></html>"), "{}", run.stderr);
}

#[test]
fn an_empty_reply_is_a_success() {
    let server = ScriptedServer::start(|_, _| Answer::Bytes(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()));
    let run = against(&server.url, &["delete", "c", "p", "volumes", "v", "--yes", "--json"]).code(0);
    assert_eq!(run.json(), serde_json::json!({ "ok": true }));
    assert_eq!(against(&server.url, &["delete", "c", "p", "volumes", "v", "--yes"]).code(0).stdout, "Done.\n");
}

#[test]
fn show_accepts_a_list_with_one_element() {
    let server = says(200, "service_connection_show_as_array");
    let id = "1a63ccbc-de5e-43e8-b514-1c2a2bd8631f";
    let run = against(&server.url, &["connections", "show", id, "--json"]).code(0);
    assert_eq!(run.json()["serviceCode"], "compute-east");
}

#[test]
fn objects_can_be_named_by_name_or_id() {
    let answer = |seen: &Seen, _| {
        let path = seen.target.split('?').next().unwrap_or_default();
        let name = match path.strip_prefix("/api/v2").unwrap_or_default() {
            "/organizations" => "organizations_list",
            "/environments" => "environments_list",
            "/services/connections" => "service_connection_show_as_array",
            path if path.starts_with("/services/compute-east/") => "instances_list",
            _ => return reply(404, &example("error_legacy_errorcode")),
        };
        reply(200, &example(name))
    };
    let server = ScriptedServer::start(answer);
    let last = || server.seen().pop().expect("a request").target;
    // Two connections have an environment of this name.
    let run = against(&server.url, &["list", "prod", "instances", "--json"]).code(2);
    assert!(
        run.json_error()["cause"].as_str().is_some_and(|cause| cause.contains("compute-east/prod")),
        "{}",
        run.stderr
    );
    against(&server.url, &["list", "STAGING-2", "instances"]).code(0);
    assert_eq!(last(), "/api/v2/services/compute-east/staging_2/instances");
    against(&server.url, &["list", "compute-east/prod", "instances", "--org", "northgate"]).code(0);
    assert_eq!(last(), "/api/v2/services/compute-east/prod/instances?org_id=aad03681-8b63-4304-89e0-8ca8f49461b5");
    against(&server.url, &["list", "compute-east/prod", "instances", "--org", "nortgate"]).code(4);
    // Commands that destroy or operate need the exact name.
    against(&server.url, &["do", "Staging-2", "instances", WEB, "start"]).code(4);
    against(&server.url, &["envs", "delete", "staging", "--yes"]).code(4);
    assert!(server.seen().iter().all(|seen| seen.method == "GET"), "{:?}", targets(&server));
}

#[test]
fn a_missing_service_code_is_looked_up_in_the_connections() {
    let server = ScriptedServer::start(|seen, _| match seen.target.as_str() {
        "/api/v2/environments" => {
            let connection = r#"{"id": "1a63ccbc-de5e-43e8-b514-1c2a2bd8631f", "name": "Compute - East"}"#;
            reply(200, &format!(r#"{{"data": [{{"id": "x", "name": "lab", "serviceConnection": {connection}}}]}}"#))
        }
        "/api/v2/services/connections" => reply(200, &example("service_connection_show_as_array")),
        _ => reply(200, &example("instances_list")),
    });
    against(&server.url, &["list", "lab", "instances"]).code(0);
    assert_eq!(targets(&server).pop().as_deref(), Some("GET /api/v2/services/compute-east/lab/instances"));
}

#[test]
fn get_looks_up_a_name_only_when_the_api_does_not_know_it() {
    let server = ScriptedServer::start(|seen, _| match seen.target.as_str() {
        "/api/v2/services/c/p/instances" => reply(200, &example("instances_list")),
        target if target.ends_with(WEB) => reply(200, &example("instance_show")),
        _ => reply(404, &example("error_legacy_errorcode")),
    });
    let run = against(&server.url, &["get", "c", "p", "instances", "WEB-1", "--json"]).code(0);
    assert_eq!(run.json()["id"], WEB);
    assert_eq!(server.count(), 3);
    let run = against(&server.url, &["get", "c", "p", "instances", "web-9"]).code(4);
    assert!(run.stderr.contains("did you mean `web-1`"), "{}", run.stderr);
    let before = server.count();
    against(&server.url, &["get", "c", "p", "instances", STOPPED]).code(4);
    assert_eq!(server.count(), before + 1, "a UUID is not looked up");
    // Never for writes, unless requested.
    let before = server.count();
    against(&server.url, &["do", "c", "p", "instances", "web-1", "stop"]).code(4);
    assert_eq!(server.count(), before + 1);
}

#[test]
fn slashes_in_ids_are_kept() {
    let server = says(200, "instance_show");
    for (id, expected) in [
        ("/subscriptions/S/virtualMachines/web 1", "subscriptions/S/virtualMachines/web%201"),
        ("us-east-1/bucket/photos/", "us-east-1/bucket/photos/"),
        ("my-aerospike-0/default", "my-aerospike-0/default"),
    ] {
        against(&server.url, &["get", "c", "p", "pods", id]).code(0);
        let target = server.seen().pop().expect("a request").target;
        assert_eq!(target, format!("/api/v2/services/c/p/pods/{expected}"));
    }
    against(&server.url, &["get", "c", "p", "pods", "../secrets"]).code(2);
    against(&server.url, &["get", "c", "p/q", "pods", "x"]).code(0);
    assert_eq!(server.seen().pop().expect("a request").target, "/api/v2/services/c/p%2Fq/pods/x");
}

#[test]
fn a_body_is_built_from_json_files_and_fields() {
    let server = says(200, "async_success_immediate_with_data");
    let test_env = TestEnv::new();
    std::fs::write(test_env.home().join("body.json"), r#"{"name": "a", "size": 1}"#).expect("a file");
    let arguments =
        ["create", "c", "p", "volumes", "--data", "@body.json", "-f", "name=web-1", "-F", "tags=[1]", "--json"];
    let run = in_env(&test_env, &server.url, &arguments).code(0);
    assert_eq!(run.json()["name"], "web-1");
    let seen = &server.seen()[0];
    let body: Value = serde_json::from_str(&seen.body).expect("JSON");
    assert_eq!(body, serde_json::json!({ "name": "web-1", "size": 1, "tags": [1] }));
    assert_eq!((seen.method.as_str(), seen.header("Content-Type")), ("POST", Some("application/json")));
    against(&server.url, &["do", "c", "p", "volumes", "v", "detach"]).code(0);
    let seen = server.seen().pop().expect("a request");
    assert_eq!(
        (seen.header("Content-Length"), seen.body.as_str()),
        (Some("0"), ""),
        "some servers refuse a POST without"
    );
    against(&server.url, &["update", "c", "p", "volumes", "v", "-f", "a=b", "--method", "patch"]).code(0);
    assert_eq!(server.seen().pop().expect("a request").method, "PATCH");
    against(&server.url, &["create", "c", "p", "volumes", "--data", "{"]).code(2);
}
