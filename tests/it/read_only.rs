//! Read-only mode: every write is refused before it is sent.

use c66::testing::command_operations;

use crate::support::command_lines::{CONNECTIONS, WRITES, requests};
use crate::support::test_env::{Run, TestEnv, finish};

fn run(test_env: &TestEnv, words: &[&str]) -> Run {
    finish(test_env.command().env("C66_READ_ONLY", "1").arg("--sandbox").args(words))
}

#[test]
fn every_command_that_writes_is_refused() {
    let test_env = TestEnv::new();
    for write in WRITES.iter().chain(CONNECTIONS) {
        let refused = run(&test_env, &[&["-o", "json", "--debug"] as &[&str], write].concat()).code(2);
        assert_eq!(refused.json_error()["code"], "read_only", "{write:?}: {}", refused.stderr);
        assert_eq!(refused.stdout, "", "{write:?}");
        let sent = requests(&refused);
        assert!(sent.iter().all(|(method, _)| method == "GET"), "{write:?} sends {sent:?}");
    }
}

#[test]
fn every_command_that_writes_is_among_those_that_are_tried() {
    for (path, operations) in command_operations() {
        if operations.iter().any(|endpoint| endpoint.method.as_str() != "GET") {
            let words = path.strip_prefix("c66 ").unwrap_or(&path);
            let begins = |write: &&&[&str]| write.join(" ").starts_with(words);
            assert!(
                WRITES.iter().chain(CONNECTIONS).any(|write| begins(&write)),
                "no test refuses `c66 {path}` in read-only mode"
            );
        }
    }
}

#[test]
fn reads_and_dry_runs_go_on() {
    let test_env = TestEnv::new();
    run(&test_env, &["stacks", "list"]).code(0);
    run(&test_env, &["api", "GET", "/stacks"]).code(0);
    run(&test_env, &["redeploy", "-s", "awesome-app@staging", "--dry-run"]).code(0);
}

#[test]
fn the_key_of_a_server_is_refused() {
    let test_env = TestEnv::new();
    let refused = run(&test_env, &["servers", "key", "caribou", "-s", "awesome-app@production"]).code(2);
    assert!(refused.stderr.contains("read-only mode: the private key of a server"), "{}", refused.stderr);
    assert!(!test_env.home().join("caribou.pem").exists());
}

#[test]
fn a_yes_from_anywhere_counts() {
    let restart = |test_env: &TestEnv, variable: Option<&str>| {
        let mut command = test_env.command();
        if let Some(value) = variable {
            command.env("C66_READ_ONLY", value);
        }
        finish(command.args(["--sandbox", "stacks", "restart", "awesome-app@staging", "--yes", "--no-wait"]))
    };
    let cases: [(&str, &str, Option<&str>, Option<&str>); 7] = [
        ("", "", None, None),
        ("", "", Some("yes"), Some("C66_READ_ONLY")),
        ("read_only = true\n", "", Some("0"), Some("config.toml")),
        ("[profiles.default]\nread_only = true\n", "read_only = false\n", Some("0"), Some("profile default")),
        ("[profiles.default]\nread_only = false\n", "read_only = true\n", Some("0"), Some(".c66.toml")),
        ("read_only = false\n", "read_only = false\n", Some("0"), None),
        // Any other word does not allow writes.
        ("[profiles.default]\nread_only = 'maybe'\n", "", Some("0"), Some("profile default")),
    ];
    for (config, project, variable, origin) in cases {
        let test_env = TestEnv::with_config(config);
        test_env.write_project_file(project);
        let ended = restart(&test_env, variable);
        match origin {
            Some(origin) => {
                assert_eq!(ended.code, 2, "{config:?} {project:?} {variable:?}: {}", ended.stderr);
                assert!(ended.stderr.contains(origin), "{config:?} {project:?} {variable:?}: {}", ended.stderr);
            }
            None => assert_eq!(ended.code, 0, "{config:?} {project:?} {variable:?}: {}", ended.stderr),
        }
    }
}

#[test]
fn status_and_doctor_say_so() {
    let test_env = TestEnv::new();
    assert_eq!(run(&test_env, &["auth", "status", "-o", "json"]).code(0).json()["read_only"], "C66_READ_ONLY");
    assert!(run(&test_env, &["auth", "status"]).code(0).stdout.contains("yes, set by C66_READ_ONLY"));
    assert!(run(&test_env, &["doctor"]).stdout.contains("read_only=1 (C66_READ_ONLY)"));
    assert!(test_env.sandbox(&["auth", "status", "-o", "json"]).code(0).json()["read_only"].is_null());
}
