//! SIGINT, SIGTERM and SIGHUP: exit codes, and how to resume the wait.

#[cfg(target_os = "linux")]
mod any_moment;

use std::process::Command;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use crate::support::process::Running;
use crate::support::replies::{UID, deployment, good, list};
use crate::support::scripted_server::{Answer, ScriptedServer};
use crate::support::test_env::{TOKEN, TestEnv};

const STAGING: &str = "awesome-app@staging";

/// Starts a command and waits for `text` on stderr.
fn start(command: &mut Command, text: &str) -> Running {
    let mut running = Running::start(command);
    running.wait_for_line(text);
    running
}

fn slow_redeployment(test_env: &TestEnv) -> Command {
    let mut command = test_env.command();
    command.env("C66_SANDBOX_SPEED", "0.001").args(["--sandbox", "redeploy", "-s", STAGING]);
    command
}

#[test]
fn a_signal_leaves_the_remote_work_running_and_prints_the_attach_command() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let test_env = TestEnv::new();
        let waiting = start(&mut slow_redeployment(&test_env), "deployment 263");
        waiting.signal(signal);
        let said = waiting.end().code(code).stderr;
        let of = "263 -s awesome-app@staging";
        assert!(said.contains("still running"), "{said}");
        assert!(said.contains(&format!("resume waiting with: c66 --sandbox deployments wait {of}")), "{said}");
        assert!(said.contains(&format!("cancel it with: c66 --sandbox deployments cancel {of}")), "{said}");
        // The message is true: the deployment exists and is still running.
        let run = test_env.sandbox(&["deployments", "show", "263", "-s", STAGING, "--jq", ".finished_at"]).code(0);
        assert_eq!(run.stdout, "null\n");
    }
}

/// A program started with `nohup` must outlive the terminal.
#[cfg(target_os = "linux")]
#[test]
fn under_nohup_sighup_is_ignored() {
    let test_env = TestEnv::new();
    let inner = slow_redeployment(&test_env);
    let mut command = test_env.command();
    let mut through = crate::support::process::command("nohup");
    through.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in command.env("C66_SANDBOX_SPEED", "0.001").get_envs() {
        if let Some(value) = value {
            through.env(name, value);
        }
    }
    let waiting = start(&mut through, "deployment 263");
    // Of two pending signals, the one with the lower number comes first.
    waiting.signal(Signal::HUP);
    waiting.signal(Signal::TERM);
    waiting.end().code(143);
}

#[test]
fn the_json_error_has_the_attach_command() {
    let test_env = TestEnv::new();
    let mut waiting = Running::start(slow_redeployment(&test_env).args(["-o", "json", "--debug"]));
    // The progress of other formats is not printed; the second poll shows that the deployment is known.
    waiting.wait_for_line("/deployments/263.json");
    waiting.signal(Signal::INT);
    let said = waiting.end().code(130).stderr;
    let error: serde_json::Value = serde_json::from_str(said.lines().last().unwrap_or_default()).expect("JSON");
    assert_eq!(error["error"]["code"], "interrupted");
    assert!(error["error"]["hint"].as_str().is_some_and(|hint| hint.contains("deployments wait 263")), "{error}");
}

#[test]
fn an_action_is_left_running_in_the_same_way() {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_SANDBOX_SPEED", "0.001").args(["--sandbox", "stacks", "restart", STAGING]);
    let waiting = start(&mut command, "(action 1000)");
    waiting.signal(Signal::TERM);
    let said = waiting.end().code(143).stderr;
    assert!(said.contains("resume waiting with: c66 --sandbox actions wait 1000"), "{said}");
}

#[test]
fn cancel_on_interrupt_cancels_the_deployment() {
    let test_env = TestEnv::new();
    let waiting = start(slow_redeployment(&test_env).arg("--cancel-on-interrupt"), "deployment 263");
    waiting.signal(Signal::INT);
    let said = waiting.end().code(130).stderr;
    assert!(said.contains("deployment 263 is being cancelled"), "{said}");
    // At that pace cancelling takes long too; the test checks that the server got the request.
    let state = std::fs::read_to_string(test_env.home().join("sandbox.json")).expect("the sandbox's state");
    let state: serde_json::Value = serde_json::from_str(&state).expect("JSON");
    let deployments =
        state["stacks"].as_array().expect("stacks").iter().filter_map(|stack| stack["deployments"].as_array());
    let cancelled = deployments.flatten().find(|deployment| deployment["id"] == 263).expect("the deployment");
    assert!(cancelled["cancelled_at"].is_string(), "{cancelled}");
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut posted = false;
    let server = ScriptedServer::replying(move |seen| match seen.method.as_str() {
        "POST" => {
            posted = true;
            good(&json!({ "ok": true, "message": "queued" }))
        }
        // The server never answers: only the second signal ends the wait.
        "DELETE" => loop {
            thread::sleep(Duration::from_secs(3600));
        },
        _ if seen.path.ends_with("/8") => good(&deployment(8, "api", None)),
        _ if posted => list(&[deployment(8, "api", None)]),
        _ => list(&[]),
    });
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789");
    command.args(["redeploy", "--yes", "--cancel-on-interrupt", "-s", UID]);
    let mut waiting = start(&mut command, "deployment 8");
    waiting.signal(Signal::INT);
    waiting.run_until("it cancels", || server.lines().iter().any(|line| line.starts_with("DELETE")));
    waiting.signal(Signal::INT);
    waiting.end().code(130);
}

#[test]
fn a_signal_after_a_lost_reply_does_not_hide_that_the_write_may_have_been_done() {
    for (signal, pause) in [(Signal::INT, 0), (Signal::TERM, 0), (Signal::HUP, 0), (Signal::HUP, 10), (Signal::INT, 30)]
    {
        let server = ScriptedServer::start(|_, _| Answer::Last(Vec::new()));
        let test_env = TestEnv::new();
        let mut command = test_env.command();
        command.env("C66_API_URL", &server.url).env("C66_TOKEN", TOKEN).args(["stacks", "restart", UID, "--yes"]);
        let mut running = Running::start(&mut command);
        running.run_until("the write has arrived", || server.count() > 0);
        thread::sleep(Duration::from_millis(pause));
        running.signal(signal);
        let said = running.end().stderr;
        assert!(said.contains("may have been done"), "{signal:?} after {pause} ms: {said}");
        assert_eq!(server.count(), 1);
    }
}

#[test]
fn a_command_without_a_wait_ends_at_the_first_signal() {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.args(["sandbox", "serve", "--ephemeral"]);
    let waiting = start(&mut command, "serving until Ctrl-C");
    waiting.signal(Signal::INT);
    waiting.end().code(130);
}
