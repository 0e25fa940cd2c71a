//! `--watch`: on a terminal it redraws and marks, elsewhere it writes what changes.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::process::Running;
use crate::support::replies::{UID, list};
use crate::support::scripted_server::{Answer, ScriptedServer, reply, reply_with};
use crate::support::test_env::TestEnv;

/// A server whose health is another one from the second look on.
fn changing() -> ScriptedServer {
    looked_at(servers)
}

/// A stack with a group of servers; `servers` answers each look at them, from 0.
fn looked_at(servers: impl Fn(usize) -> Answer + Send + Sync + 'static) -> ScriptedServer {
    let looks = AtomicUsize::new(0);
    ScriptedServer::start(move |seen, _| {
        if !seen.path.contains("/server_groups") {
            return servers(looks.fetch_add(1, Ordering::SeqCst));
        }
        let (status, body) = list(&[json!({ "id": 128, "name": "Rails Server" })]);
        reply(status, &body)
    })
}

fn servers(look: usize) -> Answer {
    let server =
        |name: &str, health: u64| json!({ "uid": name, "name": name, "health_state": health, "server_group_id": 128 });
    let (status, body) = list(&[server("lion", 3), server("puma", if look == 0 { 3 } else { 4 })]);
    reply(status, &body)
}

fn watching(test_env: &TestEnv, server: &ScriptedServer, arguments: &[&str]) -> std::process::Command {
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789").args(arguments);
    command
}

const SERVERS: &[&str] = &["servers", "list", "-s", UID];

#[test]
fn a_stream_has_an_item_each_time_it_changes() {
    let (test_env, server) = (TestEnv::new(), changing());
    let arguments = [SERVERS, &["-o", "jsonl", "--watch=1s"]].concat();
    let mut running = Running::start(&mut watching(&test_env, &server, &arguments));
    let lines = running.first_lines(3);
    running.run_until("a fourth look", || server.count() >= 4);
    running.kill();
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let found: Vec<_> = lines.iter().map(|line| (line["name"].as_str(), line["health_state"].as_u64())).collect();
    assert_eq!(found, [(Some("lion"), Some(3)), (Some("puma"), Some(3)), (Some("puma"), Some(4))]);
    assert_eq!(running.end().stdout.lines().count(), 3, "what stays the same is not repeated");
}

#[test]
fn off_a_terminal_other_formats_are_refused() {
    for format in ["table", "wide", "json", "yaml", "csv", "name"] {
        let run = TestEnv::new().sandbox(&["stacks", "list", "--watch", "-o", format]).code(2);
        assert!(run.stderr.contains("--watch needs a terminal or a stream format"), "{}", run.stderr);
        assert!(run.stderr.contains("pass -o jsonl"), "{}", run.stderr);
    }
    let run = TestEnv::new().sandbox(&["stacks", "list", "--watch=900ms", "-o", "jsonl"]).code(2);
    assert!(run.stderr.contains("the shortest interval is 1s"), "{}", run.stderr);
    TestEnv::new().sandbox(&["status", "--watch", "--check"]).code(2);
}

#[test]
fn the_first_look_fails_as_without_watching() {
    let run = TestEnv::new().sandbox(&["servers", "list", "-s", "nosuch", "--watch", "-o", "jsonl"]).code(4);
    assert_eq!(run.json_error()["code"], "not_found");
}

#[test]
fn the_stack_is_looked_up_once() {
    let test_env = TestEnv::new();
    let server = ScriptedServer::start(|seen, _| {
        let stacks = [json!({ "uid": UID, "name": "shop", "environment": "production" })];
        let (status, body) = if seen.path.ends_with("/stacks") { list(&stacks) } else { list(&[]) };
        reply_with(status, &[("X-RateLimit-Limit", "3600"), ("X-RateLimit-Remaining", "3000")], &body)
    });
    let arguments = ["servers", "list", "-s", "shop", "-o", "jsonl", "--watch=1s"];
    let mut running = Running::start(&mut watching(&test_env, &server, &arguments));
    running.run_until("a third look", || server.count() >= 4);
    running.kill();
    let lookups = server.seen().iter().filter(|seen| seen.path.ends_with("/stacks")).count();
    assert_eq!(lookups, 1);
}

#[cfg(unix)]
mod on_a_terminal {
    use super::*;
    use crate::support::pty::Terminal;

    #[test]
    fn changes_are_marked_and_q_leaves_the_terminal_as_it_was() {
        let (test_env, server) = (TestEnv::new(), changing());
        let arguments = [SERVERS, &["--watch=1s"]].concat();
        let mut terminal = Terminal::start(watching(&test_env, &server, &arguments), 80);
        terminal.expect("every 1s; q quits");
        assert!(terminal.seen().contains("\u{1b}[?1049h"), "{}", terminal.seen().escape_debug());
        assert!(!terminal.seen().contains("\u{1b}[7m"), "nothing has changed yet");
        terminal.expect("1 change, every 1s");
        assert!(terminal.seen().contains("\u{1b}[7mFailed\u{1b}[0m"), "{}", terminal.seen().escape_debug());
        let names = server.lines().iter().filter(|line| line.contains("/server_groups")).count();
        assert_eq!(names, 1, "the names of the groups are read once");
        terminal.press("q");
        let (code, seen) = terminal.end_and_look(|terminal| assert!(terminal.echoes()));
        assert_eq!(code, 0, "{}", seen.escape_debug());
        assert!(seen.ends_with("\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"), "{}", seen.escape_debug());
    }

    #[test]
    fn without_colours_a_change_has_an_asterisk() {
        let (test_env, server) = (TestEnv::new(), changing());
        let arguments = [SERVERS, &["--watch=1s"]].concat();
        let mut command = watching(&test_env, &server, &arguments);
        command.env("NO_COLOR", "1");
        let mut terminal = Terminal::start(command, 80);
        terminal.expect("Failed *");
        terminal.press("q");
        assert_eq!(terminal.end().0, 0);
    }

    #[test]
    fn ctrl_c_ends_with_its_code_and_leaves_the_terminal_as_it_was() {
        let (test_env, server) = (TestEnv::new(), changing());
        for keyboard in [true, false] {
            let command = watching(&test_env, &server, &[SERVERS, &["--watch=1s"]].concat());
            let mut terminal =
                if keyboard { Terminal::start(command, 80) } else { Terminal::start_without_keyboard(command, 80) };
            terminal.expect("q quits");
            terminal.press("\u{3}");
            let (code, seen) = terminal.end_and_look(|terminal| assert!(terminal.echoes()));
            assert_eq!(code, 130, "{}", seen.escape_debug());
            assert!(seen.contains("\u{1b}[?25h\u{1b}[?1049l"), "{}", seen.escape_debug());
            assert!(!seen.contains("error"), "{}", seen.escape_debug());
        }
    }

    #[test]
    fn a_failed_look_is_told_and_the_next_one_goes_on() {
        let test_env = TestEnv::new();
        let server = looked_at(|look| if look == 1 { reply(200, "<html>") } else { servers(look) });
        let arguments = [SERVERS, &["--watch=1s"]].concat();
        let mut terminal = Terminal::start(watching(&test_env, &server, &arguments), 80);
        terminal.expect(" failed: ");
        terminal.expect("1 change, every 1s");
        terminal.press("q");
        assert_eq!(terminal.end().0, 0);
    }

    #[test]
    fn a_frame_fits_the_terminal() {
        let test_env = TestEnv::new();
        let mut command = test_env.command();
        command.args(["--sandbox", "stacks", "list", "--watch=1s"]);
        let mut terminal = Terminal::start(command, 80);
        terminal.expect("more lines");
        terminal.press("q");
        let (code, seen) = terminal.end();
        assert_eq!(code, 0);
        // 40 rows: the header and 37 stacks, what is left out, and the status line.
        assert!(seen.contains("… 27 more lines"), "{}", seen.escape_debug());
    }
}
