//! Every command in every format, dry or not, with streams closed and on a terminal. The commands come from the command
//! tree, so that a new one is included at once.

pub mod commands;
mod faults;
mod format_readers;
mod hostile_texts;
mod malformed_replies;

use std::collections::VecDeque;
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use self::commands::{CHANGING, FORMATS, Line, NEEDS_STDIN, REPORTS, TEXTS, lines};
use self::format_readers::{are_same_rows, count, fault};
use crate::support::command_lines::WRITES;
use crate::support::process::{self, Running};
use crate::support::pty::Terminal;
use crate::support::replies::refusal;
use crate::support::sandbox::Sandbox;
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{CLOUDMC_KEY, CLOUDMC_ROOT, Run, TOKEN, TestEnv};

/// Time limit of a command that waits for nothing, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The value of secrets in the table of writes.
const SECRET: &str = "hush-hush";

/// A home with a profile, a setting and a file to send.
pub fn test_env() -> TestEnv {
    let test_env = TestEnv::with_config("color = \"auto\"\n\n[profiles.work]\naccount = \"8\"\n");
    let same = "RAILS_ENV=staging\nSUPPORT_ADDRESS=support@awesome-app.example\n";
    let key = include_str!("../../files/key.pem");
    let profile = include_str!("../../files/access_profile.json");
    for (name, text) in [
        ("service.yml", "services:\n"),
        ("pushed.env", "NEW=1\n"),
        ("same.env", same),
        ("password.txt", "made-up\n"),
        ("nginx.conf", "worker_processes 4;\nkeepalive_timeout 65;\nclient_max_body_size 20m;\n"),
        ("bastion.pem", key),
        ("profile.json", profile),
    ] {
        std::fs::write(test_env.home().join(name), text).expect("a file");
    }
    test_env
}

/// The command against a served sandbox.
pub fn against(test_env: &TestEnv, sandbox: &Sandbox, line: &Line, more: &[&str]) -> Command {
    let mut command = test_env.command();
    command.env("C66_API_URL", format!("http://{}", sandbox.address)).env("C66_TOKEN", TOKEN);
    command.env("CLOUDMC_ENDPOINT", format!("http://{}{CLOUDMC_ROOT}", sandbox.address));
    // `config list` shows the pager, which the terminal of a test sets.
    command.env("CLOUDMC_API_KEY", CLOUDMC_KEY).env("C66_PAGER", "cat");
    // Before the command that `run` starts.
    let (own, others) =
        line.words.split_at(line.words.iter().position(|word| word == "--").unwrap_or(line.words.len()));
    command.args(own).args(more).args(others);
    command
}

/// Runs a command to its end, within the time limit.
pub fn finish(command: Command) -> Run {
    finish_within(command, PATIENCE)
}

/// The same with another time limit.
fn finish_within(mut command: Command, patience: Duration) -> Run {
    let ended = Running::start(&mut command).output_within(patience);
    ended.map_or_else(|| Run { code: -1, stdout: String::new(), stderr: "it did not end".to_owned() }, Run::from)
}

/// Checks every line, in parallel, and reports all failures at once.
pub fn each(lines: Vec<Line>, look: impl Fn(&Line, &mut dyn FnMut(String)) + Sync) {
    let queue = Mutex::new(VecDeque::from(lines));
    let wrong = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some(line) = queue.lock().expect("the queue").pop_front() else { return };
            look(&line, &mut |fault| wrong.lock().expect("the faults").push(format!("{}: {fault}", line.name)));
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, std::num::NonZero::get).min(4) {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().expect("the faults");
    assert!(wrong.is_empty(), "{} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_format_is_valid_without_prompts_or_colours() {
    each(lines(), |line, tell| {
        let sandbox = Sandbox::fast();
        let mut items = None;
        for format in FORMATS {
            let test_env = test_env();
            let mut more = vec!["--no-input", "--color=never", "-o", format];
            more.extend(line.writes.then_some("--dry-run"));
            let mut command = against(&test_env, &sandbox, line, &more);
            // What the flag must override.
            command.env("CLICOLOR_FORCE", "1");
            let run = finish(command);
            if (run.code != 0) != NEEDS_STDIN.contains(&line.name.as_str()) {
                tell(format!("-o {format}: code {}\n{}", run.code, run.stderr));
            }
            let found = fault(line, format, &run);
            if found.is_none() && run.code == 0 && !TEXTS.contains(&line.name.as_str()) {
                match (format, count(format, &run.stdout), items) {
                    ("json", counted, _) => items = counted,
                    (_, Some(counted), Some(items)) if counted != items && !REPORTS.contains(&line.name.as_str()) => {
                        tell(format!("-o {format}: {counted} items, and {items} in JSON\n{}", run.stdout));
                    }
                    _ => {}
                }
            }
            found.into_iter().for_each(&mut *tell);
        }
    });
}

#[test]
fn results_of_real_writes_are_valid_in_every_format() {
    each(lines().into_iter().filter(|line| line.writes).collect(), |line, tell| {
        for format in ["json", "csv", "yaml"] {
            let (test_env, sandbox) = (test_env(), Sandbox::fast());
            let run = finish(against(&test_env, &sandbox, line, &["--yes", "-o", format]));
            if !matches!(run.code, 0 | 9) {
                tell(format!("-o {format}: code {}\n{}", run.code, run.stderr));
            }
            fault(line, format, &run).into_iter().for_each(&mut *tell);
        }
    });
}

#[test]
fn a_failure_prints_nothing_on_stdout_and_the_error_on_stderr() {
    let refused = Mutex::new(0);
    let sandbox = Sandbox::fast();
    // The result of the doctor is the failed check.
    let lines = lines().into_iter().filter(|line| line.name != "doctor").collect();
    each(lines, |line, tell| {
        let test_env = test_env();
        for format in ["table", "json", "jsonl", "csv"] {
            let mut command = against(&test_env, &sandbox, line, &["--no-input", "-o", format]);
            command.env("C66_TOKEN", "a-token-nobody-knows");
            let run = finish(command);
            *refused.lock().expect("a number") += i32::from(run.code == 3);
            fault(line, format, &run).into_iter().for_each(&mut *tell);
        }
    });
    let refused = refused.into_inner().expect("a number");
    assert!(refused > 150, "only {refused} calls were refused");
}

/// A sandbox that refuses writes, and the requests it got.
fn reading_only() -> ScriptedServer {
    let sandbox = Sandbox::fast();
    ScriptedServer::replying(move |seen| {
        if seen.method != "GET" {
            return refusal(409, "conflict", "No writes here.");
        }
        let reply = sandbox.call("GET", &format!("{}?{}", seen.path, seen.query), "");
        (reply.status, reply.text())
    })
}

#[test]
fn a_dry_run_shows_the_write_and_does_not_send_it() {
    // The writes of a CloudMC go elsewhere.
    let writes = WRITES.iter().filter(|write| write[0] != "cloudmc");
    let rows = writes.map(|write| Line {
        name: write.join(" "),
        words: write.iter().map(|word| (*word).to_owned()).collect(),
        writes: true,
    });
    each(rows.collect(), |line, tell| {
        let (test_env, server) = (test_env(), reading_only());
        let run = |more: &[&str]| {
            let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
            test_env.against(&server.url, &[&words[..], more].concat())
        };
        let dry = run(&["--dry-run", "-o", "json"]);
        let table = run(&["--dry-run"]);
        let written = || server.seen().into_iter().find(|seen| seen.method != "GET");
        if let Some(write) = written() {
            tell(format!("a dry run sends {} {}", write.method, write.path));
        }
        let shown: Value = serde_json::from_str(&dry.stdout).unwrap_or_default();
        // Now without --dry-run: the server refuses the request and records it.
        let refused = run(&["--yes", "-o", "json"]);
        let Some(write) = written().filter(|_| dry.code == 0 && table.code == 0 && refused.code == 9) else {
            return tell(format!(
                "codes {}, {}, {}\n{}{}",
                dry.code, table.code, refused.code, dry.stderr, refused.stderr
            ));
        };
        let path = shown["path"].as_str().unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let below = path.trim_start_matches("/api/3").trim_end_matches(".json");
        if (shown["method"].as_str(), below, query) != (Some(write.method.as_str()), write.path.as_str(), &write.query)
        {
            tell(format!("shows {shown} and sends {} {}?{}", write.method, write.path, write.query));
        }
        let body: Value = serde_json::from_str(&write.body).unwrap_or_default();
        let names = |value: &Value| value.as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>());
        if names(&body) != names(&shown["body"]) {
            tell(format!("shows {} and sends {body}", shown["body"]));
        }
        if !table.stdout.contains(&write.method) || !table.stdout.contains(&write.path) {
            tell(format!("a table without method and path: {}", table.stdout));
        }
        if [&dry, &table, &refused].iter().any(|run| run.stdout.contains(SECRET) || run.stderr.contains(SECRET)) {
            tell(format!("shows a secret: {}{}{}", dry.stdout, table.stdout, refused.stderr));
        }
    });
}

/// The command with one stream closed, as a shell closes it.
fn with_closed(test_env: &TestEnv, sandbox: &Sandbox, line: &Line, stream: &str, more: &[&str]) -> Command {
    let command = against(test_env, sandbox, line, more);
    let mut shell = process::command("/bin/sh");
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(test_env.home()).args(["-c", &format!("exec \"$0\" \"$@\" {stream}")]);
    shell.arg(command.get_program()).args(command.get_args());
    shell
}

#[test]
fn no_command_blocks_with_stdin_closed() {
    each(lines(), |line, tell| {
        let (test_env, sandbox) = (test_env(), Sandbox::fast());
        let run = finish(with_closed(&test_env, &sandbox, line, "<&-", &["-o", "json"]));
        let expected: &[i32] =
            if line.writes || NEEDS_STDIN.contains(&line.name.as_str()) { &[0, 2, 3, 9] } else { &[0] };
        if !expected.contains(&run.code) {
            tell(format!("code {}\n{}", run.code, run.stderr));
        }
        fault(line, "json", &run).into_iter().for_each(&mut *tell);
    });
}

#[test]
fn a_closed_pipe_ends_every_command_quietly() {
    let sandbox = Sandbox::fast();
    each(lines(), |line, tell| {
        let test_env = test_env();
        let dry = if line.writes { &["--dry-run"][..] } else { &[] };
        let mut command = against(&test_env, &sandbox, line, &[&["--no-input", "-q", "-o", "json"], dry].concat());
        let run = Running::start_and_close(&mut command, 0).end();
        let needs = NEEDS_STDIN.contains(&line.name.as_str());
        let quiet = run.stderr.lines().all(|line| line.starts_with("warning: "));
        if !needs && (run.code != 0 || !quiet) {
            tell(format!("{}\n{}", run.code, run.stderr));
        }
    });
}

#[test]
fn a_terminal_and_a_pipe_get_the_same_rows() {
    let sandbox = Sandbox::fast();
    each(lines(), |line, tell| {
        if CHANGING.contains(&line.name.as_str()) || TEXTS.contains(&line.name.as_str()) {
            return;
        }
        let dry = if line.writes { &["--dry-run"][..] } else { &[] };
        for format in ["json", "table"] {
            let more = [&["--no-input", "-q", "-o", format], dry].concat();
            let ours = test_env();
            let piped = finish(against(&ours, &sandbox, line, &more));
            // The same home, restored: the paths in the results are those of the first run.
            for file in ["whole.tar", "caribou.pem"] {
                let _ = std::fs::remove_file(ours.home().join(file));
            }
            let mut command = against(&ours, &sandbox, line, &more);
            command.env("NO_COLOR", "1");
            let (code, seen) = Terminal::start_without_keyboard(command, 2000).end();
            // Both streams are the terminal.
            let result: Vec<&str> = seen.lines().filter(|line| !line.starts_with("warning: ")).collect();
            let seen = result.join("\n");
            if piped.code == 0 && (code != 0 || !are_same_rows(&piped.stdout, &seen)) {
                tell(format!("-o {format}: in a pipe\n{}on a terminal\n{seen}", piped.stdout));
            }
            if seen.contains("\u{1b}[") {
                tell(format!("-o {format}: an escape sequence, with NO_COLOR: {}", seen.escape_debug()));
            }
        }
    });
}
