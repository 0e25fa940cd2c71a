//! What each command prints with `-o json` and its exit code, in one golden file. `BLESS=1 cargo test json_baseline`
//! regenerates it; `git diff` then shows what has changed, command by command.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use c66::testing::SandboxOptions;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use regex_bites::{Captures, Regex};
use similar::TextDiff;

use crate::matrix::commands::{Line, lines};
use crate::matrix::{against, each, finish, test_env};
use crate::support::command_lines::leaves;
use crate::support::sandbox::Sandbox;
use crate::support::test_env::{Run, TestEnv};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/json_baseline.txt");

const HEADER: &str = "\
# What each command prints with -o json

Written by the tests; `BLESS=1 cargo test json_baseline` regenerates it. Each command runs in a home and a sandbox of
its own; a command that fails has its error code instead of a result. Placeholders in angle brackets stand for what
differs between runs and between machines.
";

/// The arguments of the commands that the matrix leaves out: they remove their profile, need a task, or find nothing.
const MORE: [(&str, &str); 6] = [
    ("ssh forget", "caribou"),
    ("profiles rename", "work office"),
    ("profiles remove", "work"),
    ("alias remove", "recent"),
    ("cloudmc tasks show", FIRST_TASK),
    ("cloudmc tasks wait", FIRST_TASK),
];

/// Commands without a section, each with the reason.
const LEFT_OUT: [(&str, &str); 11] = [
    ("sandbox serve", "it serves until it is stopped"),
    ("sandbox sshd", "ssh runs it"),
    ("sandbox enter", "sshd runs it"),
    ("ssh config", "it prints paths of this machine"),
    ("ssh proxy", LOGS_IN),
    ("run", LOGS_IN),
    ("tail", LOGS_IN),
    ("tunnel", LOGS_IN),
    ("upload", LOGS_IN),
    ("download", LOGS_IN),
    ("cp", LOGS_IN),
];
const LOGS_IN: &str = "it logs in to a server; tests/it/ssh/ has its dry run";

/// The command that starts the task.
const TASK: (&str, &str) = ("cloudmc do", "compute prod instances 32fb2af1-a981-4b2b-8ce0-d4312ddcdfec start");
/// Its task: the sandbox derives its ids from a counter, so the first one is always the same.
const FIRST_TASK: &str = "ba8e528b-9b28-4ea7-a653-9f5ccc0c360f";

fn line((name, words): (&str, &str)) -> Line {
    let words = name.split(' ').chain(words.split(' ')).map(str::to_owned).collect();
    Line { name: name.to_owned(), words, writes: false }
}

/// The commands of the matrix and those it leaves out.
fn all_lines() -> Vec<Line> {
    lines().into_iter().chain(MORE.map(line)).collect()
}

/// A fast sandbox; for a command that does not wait, one so slow that nothing changes between its requests.
fn sandbox_for(line: &Line) -> Sandbox {
    if line.words.iter().any(|word| word == "--no-wait") {
        return Sandbox::start(SandboxOptions { speed: 0.001, ..SandboxOptions::default() });
    }
    Sandbox::fast()
}

/// Runs a command; returns its command line and its section.
fn section(line: &Line, placeholders: &Placeholders) -> (String, String) {
    let began = Timestamp::now();
    let (test_env, sandbox) = (test_env(), sandbox_for(line));
    if line.name.starts_with("cloudmc tasks") {
        finish(against(&test_env, &sandbox, &self::line(TASK), &["--yes"])).code(0);
    }
    let more = if line.writes { &["--yes", "-o", "json"][..] } else { &["-o", "json"] };
    let command = against(&test_env, &sandbox, line, more);
    let typed = typed(&command);
    let run = finish(command);
    let stdout = placeholders.put(&run.stdout, &test_env, &sandbox, began);
    (typed, format!("({})\n{stdout}", outcome(&run)))
}

fn typed(command: &Command) -> String {
    let words: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

/// The exit code, with the error code that stderr has when it is not 0.
fn outcome(run: &Run) -> String {
    match run.code {
        0 => "exit code 0".to_owned(),
        code => format!("exit code {code}, error {}", run.json_error()["code"]),
    }
}

/// The patterns of what differs between runs.
struct Placeholders {
    time: Regex,
    patterns: [(Regex, &'static str); 2],
}

impl Placeholders {
    fn new() -> Self {
        let regex = |pattern| Regex::new(pattern).expect("a pattern");
        Self {
            time: regex(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(\.\d+)?"),
            patterns: [
                (regex(r"Expires=\d+&Signature=[\w%]+"), "Expires=<time>&Signature=<signature>"),
                // `auth status` sends three requests at once and prints the rate of the last reply.
                (regex(r#""rate_remaining": \d+"#), r#""rate_remaining": <number>"#),
            ],
        }
    }

    fn put(&self, stdout: &str, test_env: &TestEnv, sandbox: &Sandbox, began: Timestamp) -> String {
        let home = test_env.home();
        let program = format!("c66 {}", env!("CARGO_PKG_VERSION"));
        let system = format!("({}; {})", std::env::consts::OS, std::env::consts::ARCH);
        let mut text = stdout
            // The working folder is printed without symbolic links, which macOS has in its temporary folder.
            .replace(&path(&home.canonicalize().expect("a home")), "<home>")
            .replace(&path(home), "<home>")
            .replace(&sandbox.address, "127.0.0.1:<port>")
            .replace(&program, "c66 <version>")
            .replace(&system, "(<system>)");
        for (pattern, placeholder) in &self.patterns {
            text = pattern.replace_all(&text, *placeholder).into_owned();
        }
        let ended = Timestamp::now();
        let time = |found: &Captures| if is_between(&found[1], began, ended) { "<time>" } else { &found[0] }.to_owned();
        self.time.replace_all(&text, time).into_owned()
    }
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

/// Whether a UTC time in whole seconds lies within the run. The sandbox's initial data has fixed times, which stay.
fn is_between(time: &str, began: Timestamp, ended: Timestamp) -> bool {
    let time: DateTime = time.parse().expect("a time");
    let time = time.to_zoned(TimeZone::UTC).expect("a time").timestamp();
    began - SignedDuration::from_secs(1) <= time && time <= ended
}

/// The golden file, sorted by command line.
fn written(sections: &BTreeMap<String, String>) -> String {
    let mut text = HEADER.to_owned();
    for (typed, section) in sections {
        // git repeats a line that begins with `$` in the header of each hunk.
        write!(text, "\n$ c66 {typed}\n{section}").expect("a text takes it");
    }
    text
}

/// The sections of a golden file by command line.
fn read(text: &str) -> BTreeMap<&str, &str> {
    text.split("\n$ c66 ").skip(1).filter_map(|section| section.split_once('\n')).collect()
}

/// The diff of the first command that differs, and the names of the others.
fn differences(golden: &str, now: &str) -> String {
    let (golden, now) = (read(golden), read(now));
    let mut typed: Vec<&str> = golden.keys().chain(now.keys()).copied().collect();
    typed.sort_unstable();
    typed.dedup();
    typed.retain(|typed| golden.get(typed) != now.get(typed));
    let Some((first, others)) = typed.split_first() else { return "the header differs".to_owned() };
    let [before, after] = [&golden, &now].map(|sections| sections.get(first).copied().unwrap_or_default());
    let diff = TextDiff::from_lines(before, after);
    let mut text = format!("$ c66 {first}\n{}", diff.unified_diff().header("golden", "now"));
    if !others.is_empty() {
        write!(text, "\n{} more differ:\n{}", others.len(), others.join("\n")).expect("a text takes it");
    }
    text
}

#[test]
fn json_is_what_it_was() {
    let placeholders = Placeholders::new();
    let sections = Mutex::new(BTreeMap::new());
    each(all_lines(), |line, tell| {
        let (typed, section) = section(line, &placeholders);
        if sections.lock().expect("the sections").insert(typed, section).is_some() {
            tell("another command has the same command line".to_owned());
        }
    });
    let now = written(&sections.into_inner().expect("the sections"));
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(Path::new(GOLDEN).parent().expect("a folder")).expect("the folder");
        fs::write(GOLDEN, now).expect("the file");
        return;
    }
    let golden = fs::read_to_string(GOLDEN).unwrap_or_default();
    assert!(
        golden == now,
        "tests/golden/json_baseline.txt is not what the program prints now; BLESS=1 cargo test json_baseline writes \
         it anew\n{}",
        differences(&golden, &now)
    );
}

#[test]
fn every_command_has_a_section_or_a_reason() {
    let with_section: Vec<String> = all_lines().into_iter().map(|line| line.name).collect();
    for (path, _) in leaves() {
        let name = path.join(" ");
        let is_left_out = LEFT_OUT.iter().any(|(left_out, _)| *left_out == name);
        assert!(with_section.contains(&name) != is_left_out, "{name}");
    }
}

#[test]
fn a_difference_is_shown_where_it_is() {
    let golden = "header\n\n$ c66 a\n(exit code 0)\n{\n  \"x\": 1\n}\n\n$ c66 b\n(exit code 0)\n";
    let now = golden.replace("\"x\": 1", "\"x\": 2").replace("$ c66 b\n(exit code 0)", "$ c66 c\n(exit code 0)");
    let shown = differences(golden, &now);
    let expected = "$ c66 a\n--- golden\n+++ now\n@@ -1,4 +1,4 @@\n (exit code 0)\n {\n-  \"x\": 1\n+  \"x\": 2\n }\n\n2 more differ:\nb\nc";
    assert_eq!(shown, expected);
}
