//! `c66 services`.

use serde_json::json;

use crate::support::test_env::TestEnv;

const DOCKER: &str = "voting-app";

fn containers(test_env: &TestEnv, service: &str, server: Option<&str>) -> usize {
    let mut arguments = vec!["services", "show", service, "-s", DOCKER, "--jq", ".containers | length"];
    arguments.extend(server.into_iter().flat_map(|server| ["--server", server]));
    test_env.sandbox(&arguments).code(0).stdout.trim().parse().expect("a number")
}

#[test]
fn scale_changes_the_count_and_prints_the_old_and_the_new_one() {
    let test_env = TestEnv::new();
    let before = containers(&test_env, "web", Some("wren"));
    let run = test_env.sandbox(&["services", "scale", "web=+2", "--server", "wren", "-s", DOCKER, "--yes"]).code(0);
    let said = format!("Scale web from {before} to {} containers on Wren of", before + 2);
    assert!(run.stderr.contains(&said), "{}", run.stderr);
    assert_eq!(containers(&test_env, "web", Some("wren")), before + 2);
    test_env.sandbox(&["services", "scale", "web=5", "worker=-1", "--group", "web", "-s", DOCKER, "--yes"]).code(0);
    assert_eq!((containers(&test_env, "web", None), containers(&test_env, "worker", None)), (5, 1));
}

#[test]
fn scale_takes_the_group_of_all_servers_of_the_service() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["services", "scale", "web=3", "-s", DOCKER, "--yes"]).code(0);
    assert!(run.stderr.contains("web runs in group Docker Server"), "{}", run.stderr);
    assert_eq!(containers(&test_env, "web", None), 3);
    test_env.sandbox(&["services", "scale", "web=0", "--server", "badger", "-s", DOCKER, "--yes"]).code(0);
    test_env.sandbox(&["services", "scale", "web=3", "-s", DOCKER, "--yes"]).code(0);
    assert_eq!(containers(&test_env, "web", Some("wren")), 3);
}

#[test]
fn an_impossible_scale_is_rejected_without_a_request() {
    let test_env = TestEnv::new();
    for (count, code, said) in [
        ("web", 2, "invalid scale"),
        ("web=x", 2, "invalid scale"),
        ("web=-9", 2, "below 0"),
        ("wbe=3", 4, "did you mean `web`?"),
    ] {
        let run = test_env.sandbox(&["services", "scale", count, "--server", "wren", "-s", DOCKER, "--yes"]).code(code);
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    for (flag, value) in [("--server", "wrn"), ("--group", "nosuch")] {
        let run = test_env.sandbox(&["services", "scale", "web=3", flag, value, "-s", DOCKER, "--yes"]).code(4);
        assert!(run.stderr.contains("available:"), "{}", run.stderr);
    }
}

#[test]
fn stop_stops_the_containers_of_one_server_or_of_all() {
    let test_env = TestEnv::new();
    test_env.sandbox(&["services", "stop", "worker", "--server", "wren", "-s", DOCKER, "--yes"]).code(0);
    assert_eq!((containers(&test_env, "worker", Some("wren")), containers(&test_env, "worker", None)), (0, 1));
    test_env.sandbox(&["services", "stop", "worker", "-s", DOCKER, "--yes"]).code(0);
    assert_eq!(containers(&test_env, "worker", None), 0);
    let error =
        test_env.sandbox(&["services", "stop", "wroker", "-s", DOCKER, "--yes", "-o", "json"]).code(4).json_error();
    assert_eq!(error["code"], "not_found");
}

#[test]
fn service_and_server_are_sent_under_both_parameter_names() {
    let test_env = TestEnv::new();
    for verb in ["restart", "pause", "resume"] {
        let arguments = ["services", verb, "web", "--server", "badger", "-s", DOCKER, "--dry-run", "-o", "json"];
        let body = test_env.sandbox(&arguments).code(0).json()["body"].clone();
        let uid = test_env.sandbox(&["servers", "show", "badger", "-s", DOCKER, "-o", "name"]).code(0).stdout;
        let uid = uid.trim();
        let command = format!("service_{verb}");
        assert_eq!(
            body,
            json!({ "command": command, "service_name": "web", "server_id_filter": uid, "server_uid": uid })
        );
    }
    let all = test_env.sandbox(&["services", "restart", "-s", DOCKER, "--dry-run", "-o", "json"]).code(0).json();
    assert_eq!(all["body"], json!({ "command": "service_restart" }));
    test_env.sandbox(&["services", "restart", "nosuch", "-s", DOCKER, "--yes"]).code(4);
}

#[test]
fn a_write_to_production_needs_confirmation() {
    let run = TestEnv::new().sandbox(&["services", "stop", "web", "-s", DOCKER]).code(2);
    assert!(
        run.stderr.contains("refusing to stop service web of Voting App@production without confirmation"),
        "{}",
        run.stderr
    );
}
