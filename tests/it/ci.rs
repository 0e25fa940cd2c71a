//! `--ci github`: groups and annotations in the log; the result itself is unchanged.

use crate::support::replies::refusal;
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{TestEnv, finish, finish_with_input};

const STAGING: &str = "awesome-app@staging";

#[test]
fn a_wait_is_one_log_group_and_the_result_is_unchanged() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["redeploy", "-s", STAGING, "--ci", "github", "-o", "json"]).code(0);
    assert_eq!(run.json()["ok"], true);
    let lines: Vec<&str> = run.stderr.lines().collect();
    let begin = lines.iter().position(|line| *line == "::group::redeployment of Awesome App@staging");
    let end = lines.iter().position(|line| *line == "::endgroup::");
    assert!(begin.is_some() && begin < end, "{}", run.stderr);
    assert_eq!(run.stderr.matches("::group::").count(), run.stderr.matches("::endgroup::").count());
    let without = test_env.sandbox(&["redeploy", "-s", STAGING]).code(0);
    assert!(!without.stderr.contains("::"), "{}", without.stderr);
    let quiet = test_env.sandbox(&["redeploy", "-s", STAGING, "--ci", "github", "--quiet"]).code(0);
    assert_eq!(quiet.stderr, "");
}

#[test]
fn a_failure_is_an_annotation_and_the_json_error_is_still_the_last_line() {
    let test_env = TestEnv::new();
    let run =
        test_env.sandbox(&["redeploy", "-s", STAGING, "--git-ref", "fail", "--ci", "github", "-o", "json"]).code(5);
    assert!(run.stderr.contains("\n::error title=c66::deployment "), "{}", run.stderr);
    assert_eq!(run.json_error()["code"], "remote_failed");
    let mut command = test_env.command();
    command.env("C66_CI", "github");
    let run = finish(command.args(["--sandbox", "stacks", "show", "nothing-like-it"])).code(4);
    assert!(run.stderr.starts_with("::error title=c66::stack `nothing-like-it` not found"), "{}", run.stderr);
    assert!(run.stderr.contains("\nerror: stack `nothing-like-it` not found"), "{}", run.stderr);
    test_env.run(&["stacks", "list", "--ci", "gitlab"]).code(2);
    let run = finish(test_env.command().env("C66_CI", "gitlab").args(["--sandbox", "stacks", "list"])).code(2);
    assert!(run.stderr.contains("use github"), "{}", run.stderr);
}

#[test]
fn a_timeout_closes_its_log_group() {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_SANDBOX_SPEED", "0.001").args(["--sandbox", "stacks", "restart", STAGING, "--timeout", "100ms"]);
    let run = finish(command.args(["--ci", "github"])).code(6);
    assert!(run.stderr.find("::endgroup::") < run.stderr.find("::error"), "{}", run.stderr);
    assert!(run.stderr.contains("::endgroup::"), "{}", run.stderr);
}

#[test]
fn a_bulk_command_is_one_log_group() {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.args(["--sandbox", "stacks", "restart", "--stacks-from", "-", "--yes", "--ci", "github", "-o", "name"]);
    let run = finish_with_input(&mut command, &format!("{STAGING}\nvoting-app\n")).code(0);
    assert_eq!(run.stderr.matches("::group::Restart 2 stacks").count(), 1, "{}", run.stderr);
    assert_eq!(run.stderr.matches("::group::").count(), 1, "{}", run.stderr);
    assert_eq!(run.stderr.matches("::endgroup::").count(), 1, "{}", run.stderr);
}

#[test]
fn server_messages_cannot_become_workflow_commands() {
    let server = ScriptedServer::replying(|_| refusal(400, "bad_request", "no\n::add-mask::x\n::stop-commands::y"));
    let run = TestEnv::new().against(&server.url, &["stacks", "list", "--ci", "github"]).code(9);
    for line in run.stderr.lines() {
        assert!(!line.trim_start().starts_with("::") || line.starts_with("::error title=c66::"), "{line}");
    }
}
