//! Each exit code of the contract, produced by a real command.

use c66::testing::Exit;

use crate::scripted::{Scripted, UID, refusal};
use crate::world::{Run, World, finish};

const STAGING: &str = "awesome-app@staging";

fn sandbox(arguments: &[&str]) -> Run {
    World::new().sandbox(arguments)
}

fn throttled() -> Run {
    let server = Scripted::new(|_| refusal(503, "throttled", "The limit of 3600 requests an hour is used up."));
    World::new().against(&server.url, &["stacks", "list", "-o", "json"])
}

fn not_implemented() -> Run {
    let server = Scripted::new(|_| refusal(503, "not_implemented", "Not yet."));
    World::new().against(&server.url, &["stacks", "list", "-o", "json"])
}

/// A write that the server answers so: it is not tried again.
fn refusing(status: u16, error: &'static str) -> Run {
    let server = Scripted::new(move |_| refusal(status, error, "No."));
    World::new().against(&server.url, &["actions", "run", "restart", "-s", UID, "--yes", "-o", "json"])
}

fn still_running() -> Run {
    let world = World::new();
    let mut command = world.command();
    command.env("C66_SANDBOX_SPEED", "0.001");
    finish(command.args(["--sandbox", "stacks", "restart", STAGING, "--timeout", "100ms", "-o", "json"]))
}

/// Exit code, machine-readable code, and a run that ends so.
type Row = (Exit, &'static str, fn() -> Run);

const TABLE: &[Row] = &[
    (Exit::Usage, "usage", || sandbox(&["stacks", "list", "--colums", "name", "-o", "json"])),
    (Exit::Usage, "usage", || sandbox(&["stacks", "show", "-o", "json"])),
    (Exit::Usage, "ambiguous_stack", || sandbox(&["stacks", "show", "atlas", "-o", "json"])),
    (Exit::Usage, "confirmation_needed", || sandbox(&["redeploy", "-s", "awesome-app@production", "-o", "json"])),
    (Exit::Usage, "local_file", || sandbox(&["env", "set", "A=@missing", "-s", STAGING, "-o", "json"])),
    (Exit::Auth, "auth", || World::new().run(&["stacks", "list", "-o", "json"])),
    (Exit::NotFound, "not_found", || sandbox(&["stacks", "show", "awsome-app", "-o", "json"])),
    (Exit::NotFound, "not_found", || sandbox(&["deployments", "show", "99999", "-s", STAGING, "-o", "json"])),
    (Exit::RemoteFailed, "remote_failed", || sandbox(&["redeploy", "-s", STAGING, "--git-ref", "fail", "-o", "json"])),
    (Exit::RemoteFailed, "remote_failed", || sandbox(&["stacks", "restart", "doomed-app", "--yes", "-o", "json"])),
    (Exit::StillRunning, "still_running", still_running),
    (Exit::Throttled, "throttled", throttled),
    (Exit::Auth, "auth", || refusing(401, "unauthenticated")),
    (Exit::Auth, "scope_missing", || refusing(403, "forbidden")),
    (Exit::Auth, "trial_expired", || refusing(402, "trial_expired")),
    (Exit::Throttled, "throttled", || refusing(429, "too_many_requests")),
    (Exit::Refused, "refused", || refusing(422, "unprocessable")),
    (Exit::Refused, "conflict", || refusing(409, "conflict")),
    (Exit::Unavailable, "unavailable", || {
        let url = format!("http://127.0.0.1:{}", crate::wire::closed_port());
        World::new().against(&url, &["redeploy", "-s", UID, "--yes", "-o", "json"])
    }),
    (Exit::Unavailable, "bad_reply", || {
        let server = Scripted::new(|_| (200, "<html>".to_owned()));
        World::new().against(&server.url, &["stacks", "list", "-o", "json"])
    }),
    (Exit::Unavailable, "not_implemented", not_implemented),
    (Exit::Refused, "refused", || sandbox(&["actions", "run", "dance", "-s", STAGING, "-o", "json"])),
    (Exit::Refused, "conflict", || {
        sandbox(&["deployments", "cancel", "107", "-s", "awesome-app@production", "--yes", "-o", "json"])
    }),
];

#[test]
fn each_failure_has_its_code_and_says_so_in_json() {
    for (exit, word, produce) in TABLE {
        let run = produce().code(i32::from(exit.code()));
        assert_eq!(run.stdout, "", "{word}: stdout is for results");
        let error = run.json_error();
        assert_eq!(error["code"], *word, "{error}");
        assert_eq!(error["exit_code"], exit.code(), "{error}");
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
    }
}

#[test]
fn what_goes_well_ends_with_0() {
    for arguments in [
        &["stacks", "list"] as &[&str],
        &["redeploy", "-s", STAGING],
        &["actions", "run", "restart", "-s", STAGING],
        &["--help"],
        &["--version"],
        &["help", "exit-codes"],
    ] {
        let run = sandbox(arguments).code(0);
        assert!(!run.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn the_help_topic_lists_every_code() {
    let text = World::new().run(&["help", "exit-codes"]).code(0).stdout;
    for (exit, name, meaning) in Exit::TABLE {
        let line = text.lines().find(|line| line.split_whitespace().next() == Some(&exit.code().to_string()));
        let line = line.unwrap_or_else(|| panic!("{} is not listed:\n{text}", exit.code()));
        assert!(line.contains(name) && line.contains(meaning), "{line}");
    }
    for code in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 130, 143] {
        assert!(Exit::TABLE.iter().any(|(exit, _, _)| exit.code() == code), "{code}");
    }
}

#[test]
fn the_readme_and_the_man_page_say_the_same() {
    let document =
        |name: &str| std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a document");
    let (readme, page) = (document("README.md"), document("docs/man/c66.1"));
    for (exit, name, meaning) in Exit::TABLE {
        let row = format!("| {} | `{name}` | {meaning} |", exit.code());
        assert!(readme.contains(&row), "the README lacks: {row}");
        let entry = format!("\\fB{}\\fR {name}\n{meaning}\n", exit.code());
        assert!(page.contains(&entry), "the man page lacks: {entry}");
    }
}

#[test]
fn every_code_has_a_command_that_ends_with_it() {
    // 0, 10, 129, 130 and 143 have tests of their own below: an answer is typed, a signal is sent. 11 is no failure:
    // `env_file.rs` has it.
    let elsewhere =
        [Exit::Ok, Exit::Internal, Exit::Differs, Exit::Cancelled, Exit::HungUp, Exit::Interrupted, Exit::Terminated];
    let produced = |exit: Exit| elsewhere.contains(&exit) || TABLE.iter().any(|(row, ..)| *row == exit);
    let missing: Vec<&str> =
        Exit::TABLE.iter().filter(|(exit, ..)| !produced(*exit)).map(|(_, name, _)| *name).collect();
    assert!(missing.is_empty(), "{missing:?}: each code wants a row in the table");
}

/// A system that gives the program too few files to work with is the plainest way to one of its own ends.
#[cfg(target_os = "linux")]
#[test]
fn a_defect_ends_with_1_and_asks_for_a_report() {
    let world = World::new();
    let mut command = crate::process::command("/bin/sh");
    command.args(["-c", "ulimit -n 5; exec \"$0\" --sandbox stacks list -o json"]).arg(world.command().get_program());
    let run = finish(command.env("C66_SANDBOX_STATE", world.home().join("sandbox.json"))).code(1);
    assert_eq!(run.stdout, "");
    let error = run.json_error();
    assert_eq!(error["code"], "internal");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("report")), "{error}");
}

#[cfg(unix)]
mod signals {
    use std::process::Command;
    use std::thread;
    use std::time::Duration;

    use rustix::process::Signal;
    use serde_json::json;

    use super::STAGING;
    use crate::process::Running;
    use crate::pty::Terminal;
    use crate::scripted::{Scripted, UID, deployment, good, list};
    use crate::world::World;

    /// Starts a command and waits until it has said `text` on stderr.
    fn start(command: &mut Command, text: &str) -> Running {
        let mut running = Running::start(command);
        running.wait_for_line(text);
        running
    }

    fn slow_redeployment(world: &World) -> Command {
        let mut command = world.command();
        command.env("C66_SANDBOX_SPEED", "0.001").args(["--sandbox", "redeploy", "-s", STAGING]);
        command
    }

    #[test]
    fn a_signal_leaves_the_work_alone_and_says_how_to_come_back() {
        for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
            let world = World::new();
            let waiting = start(&mut slow_redeployment(&world), "deployment 263");
            waiting.signal(signal);
            let said = waiting.end().code(code).stderr;
            let of = "263 --stack 3ff47eaa901ee0d1cda6fa9283b3e618";
            assert!(said.contains("goes on"), "{said}");
            assert!(said.contains(&format!("attach again with: c66 --sandbox deployments wait {of}")), "{said}");
            assert!(said.contains(&format!("cancel it with: c66 --sandbox deployments cancel {of}")), "{said}");
            // And what was said is true: the deployment is there, and goes on at its pace.
            let run = world.sandbox(&["deployments", "show", "263", "-s", STAGING, "--jq", ".finished_at"]).code(0);
            assert_eq!(run.stdout, "null\n");
        }
    }

    /// Who starts it so wants it to outlive the terminal.
    #[cfg(target_os = "linux")]
    #[test]
    fn nohup_keeps_it_going() {
        let world = World::new();
        let inner = slow_redeployment(&world);
        let mut command = world.command();
        let mut through = crate::process::command("nohup");
        through.arg(inner.get_program()).args(inner.get_args());
        for (name, value) in command.env("C66_SANDBOX_SPEED", "0.001").get_envs() {
            if let Some(value) = value {
                through.env(name, value);
            }
        }
        let waiting = start(&mut through, "deployment 263");
        // Of two that are there, the one of the lower number comes first.
        waiting.signal(Signal::HUP);
        waiting.signal(Signal::TERM);
        waiting.end().code(143);
    }

    #[test]
    fn its_json_names_the_way_back_too() {
        let world = World::new();
        let waiting = start(slow_redeployment(&world).args(["-o", "json"]), "deployment 263");
        waiting.signal(Signal::INT);
        let said = waiting.end().code(130).stderr;
        let error: serde_json::Value = serde_json::from_str(said.lines().last().unwrap_or_default()).expect("JSON");
        assert_eq!(error["error"]["code"], "interrupted");
        assert!(error["error"]["hint"].as_str().is_some_and(|hint| hint.contains("deployments wait 263")), "{error}");
    }

    #[test]
    fn an_action_is_left_in_the_same_way() {
        let world = World::new();
        let mut command = world.command();
        command.env("C66_SANDBOX_SPEED", "0.001").args(["--sandbox", "stacks", "restart", STAGING]);
        let waiting = start(&mut command, "(action 1000)");
        waiting.signal(Signal::TERM);
        let said = waiting.end().code(143).stderr;
        assert!(said.contains("attach again with: c66 --sandbox actions wait 1000"), "{said}");
    }

    #[test]
    fn cancel_on_interrupt_cancels_the_deployment() {
        let world = World::new();
        let waiting = start(slow_redeployment(&world).arg("--cancel-on-interrupt"), "deployment 263");
        waiting.signal(Signal::INT);
        let said = waiting.end().code(130).stderr;
        assert!(said.contains("deployment 263 is being cancelled"), "{said}");
        // At that pace cancelling takes long as well; what counts is that the server knows of it.
        let state = std::fs::read_to_string(world.home().join("sandbox.json")).expect("the sandbox's state");
        let state: serde_json::Value = serde_json::from_str(&state).expect("JSON");
        let deployments =
            state["stacks"].as_array().expect("stacks").iter().filter_map(|stack| stack["deployments"].as_array());
        let cancelled = deployments.flatten().find(|deployment| deployment["id"] == 263).expect("the deployment");
        assert!(cancelled["cancelled_at"].is_string(), "{cancelled}");
    }

    #[test]
    fn a_second_signal_ends_at_once() {
        let mut posted = false;
        let server = Scripted::new(move |seen| match seen.method.as_str() {
            "POST" => {
                posted = true;
                good(&json!({ "ok": true, "message": "queued" }))
            }
            // The server that never answers: without the second signal this would be waited for.
            "DELETE" => loop {
                thread::sleep(Duration::from_secs(3600));
            },
            _ if seen.path.ends_with("/8") => good(&deployment(8, "api", None)),
            _ if posted => list(&[deployment(8, "api", None)]),
            _ => list(&[]),
        });
        let world = World::new();
        let mut command = world.command();
        command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789");
        command.args(["redeploy", "--yes", "--cancel-on-interrupt", "-s", UID]);
        let mut waiting = start(&mut command, "deployment 8");
        waiting.signal(Signal::INT);
        waiting.run_until("it cancels", || server.lines().iter().any(|line| line.starts_with("DELETE")));
        waiting.signal(Signal::INT);
        waiting.end().code(130);
    }

    #[test]
    fn a_command_that_waits_for_nothing_ends_at_the_first_signal() {
        let world = World::new();
        let mut command = world.command();
        command.args(["sandbox", "serve", "--ephemeral"]);
        let waiting = start(&mut command, "serving until Ctrl-C");
        waiting.signal(Signal::INT);
        waiting.end().code(130);
    }

    #[test]
    fn a_no_ends_with_10() {
        let world = World::new();
        let mut command = world.command();
        command.args(["--sandbox", "env", "unset", "SUPPORT_ADDRESS", "-s", STAGING]);
        let mut terminal = Terminal::start(command, 100);
        terminal.expect("[y/N]");
        terminal.press("n\r");
        let (code, seen) = terminal.end();
        assert_eq!(code, 10, "{seen}");
        world.sandbox(&["env", "get", "SUPPORT_ADDRESS", "-s", STAGING]).code(0);
    }
}
