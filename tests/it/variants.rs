//! `c66 variants`, `c66 clusters`, `c66 operations` and `c66 ping`: operations that are not verified.

use serde_json::json;

use crate::support::command_lines::OPERATION;
use crate::support::replies::{UID, list};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv};

fn variants(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["variants"], arguments, &["-s", "voting-app"]].concat())
}

fn percentages(test_env: &TestEnv) -> String {
    variants(test_env, &["list", "--columns", "type,percentage", "--no-headers", "-o", "csv"]).code(0).stdout
}

#[test]
fn a_rollout_is_changed_and_committed() {
    let test_env = TestEnv::new();
    assert_eq!(percentages(&test_env), "active,90\ncanary,10\npreview,0\n");
    variants(&test_env, &["percentage", "canary", "25", "--no-input"]).code(2);
    let run = variants(&test_env, &["percentage", "canary", "25", "--yes"]).code(0);
    assert!(run.stderr.contains("Give 25 % of the visitors of Voting App@"), "{}", run.stderr);
    assert_eq!(percentages(&test_env), "active,75\ncanary,25\npreview,0\n");
    variants(&test_env, &["percentage", "canary", "101", "--yes"]).code(2);
    variants(&test_env, &["delete", "canary", "--yes"]).code(9);
    variants(&test_env, &["delete", "preview", "--yes"]).code(0);
    variants(&test_env, &["commit", "canary", "--yes"]).code(0);
    assert_eq!(percentages(&test_env), "active,100\n");
    variants(&test_env, &["commit", "canary", "--yes"]).code(4);
}

#[test]
fn both_names_of_a_type_are_read() {
    let items = [json!({ "uid": "v1", "variant_type": "canary", "percentage": "5", "git_hash": null, "type": null })];
    let server = ScriptedServer::replying(move |_| list(&items));
    let run = TestEnv::new().against(&server.url, &["variants", "list", "-s", UID]).code(0);
    assert!(run.stdout.contains("canary") && run.stdout.contains('5'), "{}", run.stdout);
}

#[test]
fn clusters_log_lines_and_a_ping_are_shown() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["clusters", "list"]).code(0);
    assert!(run.stdout.contains("Main Cluster") && run.stdout.contains("1.29.4"), "{}", run.stdout);
    assert_eq!(test_env.sandbox(&["clusters", "show", "1", "--jq", ".node_count"]).code(0).stdout, "2\n");
    let count = |more: &[&str]| {
        let words = [&["operations", "logs", OPERATION, "--no-headers"], more].concat();
        test_env.sandbox(&words).code(0).stdout.lines().count()
    };
    assert_eq!(
        (count(&[]), count(&["--include-children"]), count(&["--include-children", "--min-severity", "4"])),
        (3, 5, 1)
    );
    test_env.sandbox(&["operations", "logs", "nosuch"]).code(4);
    assert_eq!(test_env.sandbox(&["ping"]).code(0).stdout, "pong\n");
    assert_eq!(test_env.run(&["ping"]).code, 3, "without a token");
}

#[test]
fn the_help_says_what_is_not_verified() {
    let test_env = TestEnv::new();
    for (words, said) in [
        (&["variants", "list"][..], "Calls an operation that is in Cloud 66's newest documents, not verified"),
        (&["config-files", "list"], "Calls an operation that is not documented by Cloud 66"),
    ] {
        let help = test_env.run(&[words, &["--help"]].concat()).code(0).stdout;
        assert!(help.contains(said), "{words:?}: {help}");
    }
    let help = test_env.run(&["processes", "list", "--help"]).code(0).stdout;
    assert!(!help.contains("Calls an operation"), "{help}");
}
