//! `c66 servers` and `c66 server-groups`.

use std::fs;

use httpmock::Method::GET;
use httpmock::MockServer;
use serde_json::json;

use crate::documented;
use crate::support::test_env::TestEnv;

const STACK: &str = "awesome-app@production";
const CARIBOU: &str = "f8468fc145ea49bac474b30a8fea888d";

#[test]
fn a_server_can_be_named_by_name_uid_or_address() {
    let test_env = TestEnv::new();
    for wanted in ["Caribou", "caribou", "car", CARIBOU, "f8468", "146.185.133.183"] {
        let run = test_env.sandbox(&["servers", "show", wanted, "-s", STACK, "-o", "name"]).code(0);
        assert_eq!(run.stdout.trim(), CARIBOU, "{wanted}");
    }
    let run = test_env.sandbox(&["servers", "show", "cariboo", "-s", STACK]).code(4);
    assert!(run.stderr.contains("did you mean `Caribou`?"), "{}", run.stderr);
    let run = test_env.sandbox(&["servers", "show", "c", "-s", STACK]).code(2);
    assert!(run.stderr.contains(&format!("Caribou    {CARIBOU}")), "{}", run.stderr);
}

#[test]
fn a_server_group_can_be_named_by_number_name_or_type() {
    let test_env = TestEnv::new();
    for wanted in ["128", "rails server", "Rails", "rails"] {
        let run = test_env.sandbox(&["server-groups", "show", wanted, "-s", STACK, "-o", "name"]).code(0);
        assert_eq!(run.stdout.trim(), "128", "{wanted}");
    }
    test_env.sandbox(&["server-groups", "show", "redis", "-s", STACK]).code(4);
}

#[test]
fn a_private_key_is_saved_for_the_user_alone_and_never_overwrites() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["servers", "key", "caribou", "-s", STACK]).code(0);
    assert_eq!(run.stdout, "caribou.pem\n");
    let path = test_env.home().join("caribou.pem");
    let key = fs::read_to_string(&path).expect("a key");
    assert!(key.ends_with("PRIVATE KEY-----\n"), "{key}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    test_env.sandbox(&["servers", "key", "caribou", "-s", STACK]).code(2);
    let run = test_env.sandbox(&["servers", "key", "caribou", "-s", STACK, "--force", "-o", "json"]).code(0);
    assert_eq!(run.json(), json!({ "ok": true, "file": "caribou.pem" }));
    let run = test_env.sandbox(&["servers", "key", "caribou", "-s", STACK, "--out", "-", "--debug", "--debug"]).code(0);
    assert_eq!(run.stdout, key);
    assert!(!run.stderr.contains("SANDBOX0"), "{}", run.stderr);
    test_env.sandbox(&["servers", "key", "nosuch", "-s", STACK, "--out", "other"]).code(4);
    assert!(!test_env.home().join("other").exists() && !test_env.home().join("other.part").exists());
}

#[test]
fn a_private_key_is_read_under_both_field_names_and_never_listed() {
    for name in ["private_key", "ssh_private_key"] {
        let server = MockServer::start();
        let mut reply = documented::example("servers_show");
        reply["response"][name] = json!("secret-key");
        let path = format!("/api/3/stacks/{}/servers/{CARIBOU}.json", documented::STACK);
        let mock = server.mock(|when, then| {
            when.method(GET).path(path.clone()).query_param("include_private_key", "1");
            then.status(200).json_body(reply.clone());
        });
        let test_env = TestEnv::new();
        let key = ["servers", "key", CARIBOU, "--stack", documented::STACK, "--out", "-"];
        assert_eq!(test_env.against(&server.base_url(), &key).code(0).stdout, "secret-key\n");
        mock.assert_calls(1);
        server.mock(|when, then| {
            when.method(GET).path(path.clone()).query_param_missing("include_private_key");
            then.status(200).json_body(reply.clone());
        });
        let show = ["servers", "show", CARIBOU, "--stack", documented::STACK, "--columns", name];
        let run = test_env.against(&server.base_url(), &show).code(0);
        assert!(run.stdout.contains("********") && !run.stdout.contains("secret-key"), "{}", run.stdout);
    }
    let server = MockServer::start();
    documented::answers(&server, GET, &format!("/servers/{CARIBOU}"), None, &documented::example("servers_show"));
    let key = ["servers", "key", CARIBOU, "--stack", documented::STACK, "--out", "-"];
    let run = TestEnv::new().against(&server.base_url(), &key).code(4);
    assert!(run.stderr.contains("returned no private key"), "{}", run.stderr);
}
