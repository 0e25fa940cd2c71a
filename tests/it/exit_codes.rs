//! Each exit code of the contract, produced by a real command.

use c66::testing::Exit;

use crate::support::pty::Terminal;
use crate::support::replies::{UID, refusal};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv, finish};

const STAGING: &str = "awesome-app@staging";

fn sandbox(arguments: &[&str]) -> Run {
    TestEnv::new().sandbox(arguments)
}

fn throttled() -> Run {
    let server =
        ScriptedServer::replying(|_| refusal(503, "throttled", "The limit of 3600 requests an hour is used up."));
    TestEnv::new().against(&server.url, &["stacks", "list", "-o", "json"])
}

fn not_implemented() -> Run {
    let server = ScriptedServer::replying(|_| refusal(503, "not_implemented", "Not yet."));
    TestEnv::new().against(&server.url, &["stacks", "list", "-o", "json"])
}

/// A write with this reply: it is not retried.
fn refusing(status: u16, error: &'static str) -> Run {
    let server = ScriptedServer::replying(move |_| refusal(status, error, "No."));
    TestEnv::new().against(&server.url, &["actions", "run", "restart", "-s", UID, "--yes", "-o", "json"])
}

fn still_running() -> Run {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_SANDBOX_SPEED", "0.001");
    finish(command.args(["--sandbox", "stacks", "restart", STAGING, "--timeout", "100ms", "-o", "json"]))
}

/// An exit code, its machine-readable code, and a run that ends with them.
type Row = (Exit, &'static str, fn() -> Run);

const TABLE: &[Row] = &[
    (Exit::Usage, "usage", || sandbox(&["stacks", "list", "--colums", "name", "-o", "json"])),
    (Exit::Usage, "usage", || sandbox(&["stacks", "show", "-o", "json"])),
    (Exit::Usage, "ambiguous_stack", || sandbox(&["stacks", "show", "atlas", "-o", "json"])),
    (Exit::Usage, "confirmation_needed", || sandbox(&["redeploy", "-s", "awesome-app@production", "-o", "json"])),
    (Exit::Usage, "local_file", || sandbox(&["env", "set", "A=@missing", "-s", STAGING, "-o", "json"])),
    (Exit::Auth, "auth", || TestEnv::new().run(&["stacks", "list", "-o", "json"])),
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
        let url = format!("http://127.0.0.1:{}", crate::support::scripted_server::closed_port());
        TestEnv::new().against(&url, &["redeploy", "-s", UID, "--yes", "-o", "json"])
    }),
    (Exit::Unavailable, "bad_reply", || {
        let server = ScriptedServer::replying(|_| (200, "<html>".to_owned()));
        TestEnv::new().against(&server.url, &["stacks", "list", "-o", "json"])
    }),
    (Exit::Unavailable, "not_implemented", not_implemented),
    (Exit::Refused, "refused", || sandbox(&["actions", "run", "dance", "-s", STAGING, "-o", "json"])),
    (Exit::Refused, "conflict", || {
        sandbox(&["deployments", "cancel", "107", "-s", "awesome-app@production", "--yes", "-o", "json"])
    }),
];

#[test]
fn every_failure_has_its_exit_code_also_in_json() {
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
fn success_ends_with_0() {
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
    let text = TestEnv::new().run(&["help", "exit-codes"]).code(0).stdout;
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
fn the_guide_and_the_man_page_list_every_code() {
    let document =
        |name: &str| std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a document");
    let (guide, page) = (document("docs/guide/exit-codes.md"), document("docs/man/c66.1"));
    for (exit, name, meaning) in Exit::TABLE {
        let row = format!("| {} | `{name}` | {meaning} |", exit.code());
        assert!(guide.contains(&row), "the guide lacks: {row}");
        let entry = format!("\\fB{}\\fR {name}\n{meaning}\n", exit.code());
        assert!(page.contains(&entry), "the man page lacks: {entry}");
    }
}

#[test]
fn every_code_has_a_command_that_ends_with_it() {
    // 0, 1 and 10 have tests below, the signals in `signals/`. 11 is not a failure:
    // `env/file.rs` has it.
    let elsewhere =
        [Exit::Ok, Exit::Internal, Exit::Differs, Exit::Cancelled, Exit::HungUp, Exit::Interrupted, Exit::Terminated];
    let produced = |exit: Exit| elsewhere.contains(&exit) || TABLE.iter().any(|(row, ..)| *row == exit);
    let missing: Vec<&str> =
        Exit::TABLE.iter().filter(|(exit, ..)| !produced(*exit)).map(|(_, name, _)| *name).collect();
    assert!(missing.is_empty(), "{missing:?}: each code wants a row in the table");
}

/// A panic, provoked in a process of its own: no known command line leads to one.
#[test]
#[ignore = "it ends its process; the test below starts it"]
fn a_defect() {
    c66::run(["c66", "config", "path", "-o", "json"].map(Into::into));
    panic!("a defect of a test");
}

#[test]
fn an_internal_error_ends_with_1_and_asks_for_a_report() {
    let mut command = crate::support::process::command(std::env::current_exe().expect("this program"));
    let run = finish(command.args(["exit_codes::a_defect", "--exact", "--ignored", "--nocapture"])).code(1);
    assert!(!run.stdout.contains("internal"), "{}", run.stdout);
    let error = run.json_error();
    assert_eq!(error["code"], "internal");
    assert!(error["cause"].as_str().is_some_and(|cause| cause.contains("a defect of a test")), "{error}");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("report")), "{error}");
}

#[cfg(unix)]
#[test]
fn answering_no_ends_with_10() {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.args(["--sandbox", "env", "unset", "SUPPORT_ADDRESS", "-s", STAGING]);
    let mut terminal = Terminal::start(command, 100);
    terminal.expect("[y/N]");
    terminal.press("n\r");
    let (code, seen) = terminal.end();
    assert_eq!(code, 10, "{seen}");
    test_env.sandbox(&["env", "get", "SUPPORT_ADDRESS", "-s", STAGING]).code(0);
}
