//! Dry runs: everything is shown, nothing is sent, run or written.

use crate::ssh::{KEY, World};
use crate::support::command_lines::CONNECTIONS;
use crate::support::test_env::{TestEnv, finish};

#[test]
fn a_dry_run_shows_the_requests_and_the_arguments() {
    let world = World::new(22, "root", KEY);
    let run = finish(world.command(&["ssh", "web-one", "--dry-run", "-o", "json", "--", "a b"]).env("PATH", ""));
    let plan = run.code(0).json();
    assert_eq!(plan["dry_run"], true);
    let methods: Vec<&str> =
        plan["requests"].as_array().expect("a list").iter().filter_map(|one| one["method"].as_str()).collect();
    assert_eq!(methods, ["POST", "GET"]);
    let words = plan["commands"][0].as_array().expect("a list");
    assert_eq!((words[0].as_str(), words[words.len() - 1].as_str()), (Some("ssh"), Some("'a b'")));
    assert!(world.api.seen().iter().all(|seen| seen.method == "GET" && !seen.query.contains("private_key")));
    assert!(world.keys_on_disk().is_empty());
    assert!(!world.test_env.home().join("state").exists());
}

#[test]
fn every_connection_can_be_tried_in_the_sandbox_as_a_dry_run() {
    let test_env = TestEnv::new();
    for line in CONNECTIONS {
        let (own, after) = line.split_at(line.iter().position(|word| *word == "--").unwrap_or(line.len()));
        let words = [own, &["--dry-run"], after].concat();
        let run = test_env.sandbox(&words).code(0);
        assert!(run.stdout.contains("StrictHostKeyChecking=yes") || own.contains(&"proxy"), "{line:?}: {}", run.stdout);
        assert!(run.stderr.contains("nothing was sent or run"), "{line:?}: {}", run.stderr);
    }
}
