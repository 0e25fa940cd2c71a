//! `c66 servers reboot`, `c66 stacks reboot` and `c66 server-groups scale`: what changes servers.

use serde_json::{Value, json};

use crate::support::test_env::{Run, TestEnv};

const P: &str = "awesome-app@production";
const S: &str = "awesome-app@staging";

fn server_names(test_env: &TestEnv, stack: &str) -> Vec<String> {
    let run = test_env.sandbox(&["servers", "list", "-s", stack, "--jq", ".[].name"]).code(0);
    run.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn a_reboot_always_asks_and_waits() {
    let test_env = TestEnv::new();
    for line in [
        &["servers", "reboot", "caribou", "-s", P] as &[&str],
        &["stacks", "reboot", S, "--group", "all"],
        &["stacks", "reboot", "-s", S, "--group", "web", "--strategy", "parallel"],
    ] {
        let refused = test_env.sandbox(&[line, &["--no-input", "-o", "json"]].concat()).code(2);
        assert_eq!(refused.json_error()["code"], "confirmation_needed", "{line:?}");
        let done = test_env.sandbox(&[line, &["--yes", "-o", "json"]].concat()).code(0);
        assert_eq!(done.json()["finished_success"], true, "{line:?}");
    }
    let run = test_env.sandbox(&["servers", "reboot", "caribou", "-s", P, "--yes"]).code(0);
    assert!(run.stderr.contains("Reboot Caribou of Awesome App@production"), "{}", run.stderr);
    test_env.sandbox(&["servers", "reboot", "nosuch", "-s", P, "--yes"]).code(4);
    let uid = server_names(&test_env, "doomed-app");
    test_env.sandbox(&["servers", "reboot", &uid[0], "-s", "doomed-app", "--yes"]).code(5);
}

#[test]
fn a_reboot_of_a_stack_names_its_group() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["stacks", "reboot", S, "--yes"]).code(2);
    assert!(run.stderr.contains("--group"), "{}", run.stderr);
    let run = test_env.sandbox(&["stacks", "reboot", S, "--group", "redis", "--yes"]).code(4);
    assert!(run.stderr.contains("the stack has servers of"), "{}", run.stderr);
    let run = test_env.sandbox(&["stacks", "reboot", S, "--group", "db", "--dry-run", "-o", "json"]).code(0);
    assert_eq!(run.json()["body"], json!({ "strategy": "serial", "group": "db" }));
    assert!(test_env.sandbox(&["stacks", "reboot", "--help"]).code(0).stdout.contains("Token scope: reboot"));
}

fn scale(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["server-groups", "scale"], arguments, &["-s", P]].concat())
}

#[test]
fn servers_are_added_to_a_group_and_deleted_from_it() {
    let test_env = TestEnv::new();
    // The last one is that of another group.
    let names = ["Caribou", "Cormorant", "Gazelle", "Ibex", "Kudu"];
    let run = scale(&test_env, &["rails", "--add", "2", "--size", "1gb", "--names", "elk,moose", "--yes"]).code(0);
    assert!(run.stderr.contains("Add 2 servers to Rails Server of"), "{}", run.stderr);
    assert_eq!(server_names(&test_env, P), [&names[..], &["elk", "moose"]].concat());
    let refused = scale(&test_env, &["rails", "--to", "3", "--no-input", "-o", "json"]).code(2);
    assert_eq!(refused.json_error()["code"], "confirmation_needed");
    let run = scale(&test_env, &["rails", "--to", "3", "--yes"]).code(0);
    assert!(run.stderr.contains("Delete 3 servers of Rails Server of"), "{}", run.stderr);
    assert!(run.stderr.contains("from 6 to 3"), "{}", run.stderr);
    assert_eq!(server_names(&test_env, P), [&names[..3], &names[4..]].concat());
    // The containers of a deleted server are deleted too.
    let run = test_env.sandbox(&["containers", "list", "-s", P, "-o", "json"]).code(0);
    assert_eq!(run.json().as_array().map(Vec::len), Some(2));
}

#[test]
fn a_scale_that_cannot_be_meant_is_refused() {
    let test_env = TestEnv::new();
    for (arguments, said) in [
        (&["rails"] as &[&str], "--add"),
        (&["rails", "--add", "1"], "--size"),
        (&["rails", "--add", "1", "--to", "2", "--size", "1gb"], "cannot be used with"),
        (&["rails", "--to", "0"], "--to"),
        (&["rails", "--to", "4"], "the group has 4 servers"),
        (&["rails", "--add", "2", "--size", "1gb", "--names", "elk"], "1 names"),
        (&["postgresql", "--add", "1", "--size", "1gb"], "cannot scale a group of type postgresql"),
    ] {
        let run = scale(&test_env, &[arguments, &["--yes"]].concat()).code(2);
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
    }
    scale(&test_env, &["nosuch", "--to", "1", "--yes"]).code(4);
    let run = scale(&test_env, &["rails", "--add=1", "--size=1gb", "--dry-run", "-o", "json"]).code(0);
    assert_eq!(run.json()["body"], json!({ "subtype": "web", "server_count": 1, "server_size": "1gb" }));
    assert_ne!(run.json(), Value::Null);
}
