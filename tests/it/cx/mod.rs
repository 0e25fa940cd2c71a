//! For people used to CX: its spellings work, its project file is read, and what has no counterpart gets a hint.

#[cfg(unix)]
mod login;

use std::fs;

use c66::testing::{missing_cx_commands, missing_cx_flags};
use serde_json::Value;

use crate::support::test_env::{Run, TestEnv, finish};

const S: &str = "awesome-app";

/// CX command lines and their equivalent in c66, as dry runs or lists so that they can be compared.
const SAME: &[(&[&str], &[&str])] = &[
    (&["stack", "list", "-o", "standard"], &["stacks", "list", "-o", "table"]),
    (&["stacks", "list", "-e", "staging", "-o", "wide"], &["stacks", "list", "--environment", "staging", "-o", "wide"]),
    (
        &["stacks", "redeploy", "-s", S, "-e", "staging", "-y", "--listen", "--reference", "r"],
        &["redeploy", "--stack", S, "--environment", "staging", "--yes", "--reference", "r"],
    ),
    (
        &["redeploy", "--git-ref", "x", "-y", "-s", S, "-e", "production", "--reference", "r"],
        &["redeploy", "-s", "awesome-app@production", "--yes", "--git-ref", "x", "--reference", "r"],
    ),
    (
        &["redeploy", "-s", "voting-app", "--service", "web:v2", "--service", "worker", "--reference", "r"],
        &[
            "deployments",
            "create",
            "-s",
            "voting-app",
            "--service",
            "web:v2",
            "--service",
            "worker",
            "--reference",
            "r",
        ],
    ),
    (&["stacks", "restart", "-s", S, "-e", "staging"], &["stacks", "restart", "awesome-app@staging"]),
    (&["stack", "clear_caches", "-s", S, "-e", "staging"], &["stacks", "clear-caches", "awesome-app@staging"]),
    (&["env-vars", "set", "A=1", "-s", S, "-e", "staging"], &["env", "set", "A=1", "-s", "awesome-app@staging"]),
    (
        &["env-vars", "set", "-s", S, "-e", "staging", "--apply-strategy", "deployment", "A=1"],
        &["env", "set", "A=1", "--apply-strategy", "deployment", "-s", "awesome-app@staging"],
    ),
    (
        &["env-vars", "list", "-s", S, "-e", "staging", "RAILS_ENV"],
        &["env", "list", "RAILS_ENV", "-s", "awesome-app@staging"],
    ),
    (&["setting", "list", "-s", "awesome-app@production"], &["settings", "list", "-s", "awesome-app@production"]),
    (
        &["setting", "set", "git.branch", "x", "-s", S, "-e", "staging"],
        &["settings", "set", "git.branch", "x", "-s", "awesome-app@staging"],
    ),
    (&["server", "list", "-s", "awesome-app@production"], &["servers", "list", "-s", "awesome-app@production"]),
    (
        &["lease", "-f", "1.2.3.4", "-t", "30", "-p", "3306", "-s", S, "-e", "staging"],
        &["lease", "--from", "1.2.3.4", "--ttl", "30m", "--port", "3306", "-s", "awesome-app@staging"],
    ),
    (&["lease", "--tto", "30", "-s", S, "-e", "staging"], &["lease", "--ttl", "30m", "-s", "awesome-app@staging"]),
    (
        &["service", "info", "web", "-s", "awesome-app@production"],
        &["services", "show", "web", "-s", "awesome-app@production"],
    ),
    (
        &["services", "scale", "web", "3", "--server", "ibex", "-s", "awesome-app@production"],
        &["services", "scale", "web=3", "--server", "ibex", "-s", "awesome-app@production"],
    ),
    (
        &["services", "scale", "web", "[+2]", "--server", "ibex", "-s", "awesome-app@production"],
        &["services", "scale", "web=+2", "--server", "ibex", "-s", "awesome-app@production"],
    ),
    (&["services", "pause", "web", "-s", "voting-app"], &["services", "pause", "web", "--stack", "voting-app"]),
    (&["service", "stop", "web", "-s", "voting-app"], &["services", "stop", "web", "-s", "voting-app"]),
    (&["container", "list", "-s", "awesome-app@production"], &["containers", "list", "-s", "awesome-app@production"]),
    (
        &["container", "restart", "cba4", "-s", "awesome-app@production"],
        &["containers", "restart", "cba4", "-s", "awesome-app@production"],
    ),
    (
        &["backup", "list", "-l", "--dbtype", "mysql", "-s", "awesome-app@production"],
        &["backups", "list", "--latest", "--db-type", "mysql", "-s", "awesome-app@production"],
    ),
    (
        &[
            "backups",
            "new",
            "--dbtypes",
            "mysql",
            "--gzip",
            "--run-on-replica",
            "--keep",
            "3",
            "-s",
            S,
            "-e",
            "staging",
        ],
        &[
            "backups",
            "create",
            "--db-type",
            "mysql",
            "--gzip",
            "--on-replica",
            "--keep",
            "3",
            "-s",
            "awesome-app@staging",
        ],
    ),
    (&["user", "list"], &["users", "list"]),
    (
        &["stacks", "create", "-n", "New Shop", "-e", "staging", "-s", "f.yml", "-m", "f.yml"],
        &[
            "stacks",
            "create",
            "--name",
            "New Shop",
            "--environment",
            "staging",
            "--service-yaml",
            "f.yml",
            "--manifest-yaml",
            "f.yml",
        ],
    ),
    (
        &[
            "stacks",
            "create",
            "--name",
            "New Shop",
            "-e",
            "staging",
            "--service_yaml",
            "f.yml",
            "--manifest_yaml",
            "f.yml",
        ],
        &[
            "stacks",
            "create",
            "--name",
            "New Shop",
            "--environment",
            "staging",
            "--service-yaml",
            "f.yml",
            "--manifest-yaml",
            "f.yml",
        ],
    ),
];

/// The run with `--dry-run`, where the command takes it.
fn unsent(test_env: &TestEnv, arguments: &[&str]) -> Run {
    let run = test_env.sandbox(&[arguments, &["--dry-run"]].concat());
    if run.code == 2 && run.stderr.contains("--dry-run") { test_env.sandbox(arguments) } else { run }
}

#[test]
fn every_cx_spelling_runs_the_same_command() {
    let test_env = TestEnv::new();
    fs::write(test_env.home().join("f.yml"), "services: {}\n").expect("a file");
    for (cx, ours) in SAME {
        let (cx_run, our_run) = (unsent(&test_env, cx).code(0), unsent(&test_env, ours).code(0));
        assert_eq!(cx_run.stdout, our_run.stdout, "{cx:?}");
        assert!(!cx_run.stdout.is_empty(), "{cx:?}");
    }
}

#[test]
fn a_cx_command_without_a_counterpart_gets_a_reason_and_an_alternative() {
    let test_env = TestEnv::new();
    for (words_of_cx, why, instead) in missing_cx_commands() {
        let words: Vec<&str> = words_of_cx.split(' ').collect();
        let run = test_env.run(&[&words[..], &["-s", "shop", "x", "-o", "json"]].concat()).code(2);
        let error = run.json_error();
        assert_eq!(run.stdout, "");
        assert_eq!(error["message"], format!("`{words_of_cx}` is a CX command"), "{error}");
        assert_eq!(error["cause"].as_str().unwrap_or_default(), why);
        assert_eq!(error["hint"], instead);
    }
    // The singular, as in CX, and flags before the word.
    for words in [&["stack", "listen"][..], &["easydeploy", "list"], &["--profile", "x", "skycap"]] {
        let run = test_env.run(words).code(2);
        assert!(run.stderr.contains("is a CX command"), "{words:?}: {}", run.stderr);
    }
    let run = test_env.run(&["stcks"]).code(2);
    assert!(!run.stderr.contains("CX"), "{}", run.stderr);
}

#[test]
fn the_advised_alternatives_can_be_typed() {
    for (words_of_cx, _, instead) in missing_cx_commands() {
        for advice in instead.split([',', ';']).filter_map(|text| text.split("c66 ").nth(1)) {
            let words: Vec<&str> = advice.trim_end_matches(')').split_whitespace().collect();
            // A placeholder that continues the sentence ends the command.
            let end = words.iter().position(|word| ["waits", "makes", "and", "names", "…", "first"].contains(word));
            let words = &words[..end.unwrap_or(words.len())];
            if words.iter().any(|word| ["ID", "USER"].contains(word)) && words[0] == "notifications" {
                continue;
            }
            let parsed = c66::testing::command().try_get_matches_from([&["c66"], words].concat());
            if let Err(error) = parsed
                && error.kind() != clap::error::ErrorKind::DisplayVersion
            {
                panic!("{words_of_cx}: c66 {words:?}: {error}");
            }
        }
    }
}

#[test]
fn a_cx_flag_gets_a_hint_with_our_flag() {
    let test_env = TestEnv::new();
    for (command, flag, instead) in missing_cx_flags() {
        let words: &[&str] = match *command {
            "redeploy" => &["redeploy"],
            "list" if *flag == "--history" => &["env-vars", "list"],
            "list" => &["containers", "list"],
            "create" | "new" => &["backups", command],
            // `--json` is also a flag of c66; the word after it is unexpected.
            _ => continue,
        };
        let run = test_env.run(&[words, &[flag, "x"]].concat()).code(2);
        assert!(run.stderr.contains(instead), "{words:?} {flag}: {}", run.stderr);
    }
}

fn stack_of(test_env: &TestEnv, more: &[(&str, &str)]) -> Value {
    let mut command = test_env.command();
    for (name, value) in more {
        command.env(name, value);
    }
    let run = finish(command.args(["config", "list", "--show-origin", "-o", "json"])).code(0);
    let all = run.json();
    all.as_array().expect("settings").iter().find(|one| one["key"] == "stack").expect("the stack").clone()
}

#[test]
fn only_the_stack_is_read_from_the_cx_project_file() {
    let test_env = TestEnv::new();
    let file = test_env.home().join(".cx.yml");
    let text = "formation: f\nstack: awesome-app@staging\nprofile: evil\napi_url: http://evil.example\ntoken: t\n";
    fs::write(&file, text).expect("a file");
    assert_eq!(stack_of(&test_env, &[])["value"], "awesome-app@staging");
    let run = test_env.sandbox(&["stacks", "show", "--jq", ".environment"]).code(0);
    assert_eq!(run.stdout, "staging\n");
    let all = test_env.run(&["config", "list", "-o", "json"]).code(0).stdout;
    assert!(!all.contains("evil"), "{all}");
    // It overrides the profile, and the rest of the project overrides it.
    assert_eq!(stack_of(&test_env, &[("C66_STACK", "shop")])["value"], "shop");
    fs::create_dir_all(test_env.home().join("config")).expect("a folder");
    fs::write(test_env.config_file(), "[profiles.default]\nstack = 'of-the-profile'\n").expect("a file");
    assert_eq!(stack_of(&test_env, &[])["value"], "awesome-app@staging");
    fs::write(test_env.home().join(".c66.toml"), "environment = 'staging'\n").expect("a file");
    assert_eq!(stack_of(&test_env, &[])["value"], "awesome-app@staging");
    fs::write(test_env.home().join(".c66.toml"), "stack = 'voting-app'\n").expect("a file");
    assert_eq!(stack_of(&test_env, &[])["value"], "voting-app");
    // Only in the current folder, and an invalid file breaks nothing.
    fs::remove_file(test_env.home().join(".c66.toml")).expect("the file");
    let below = test_env.home().join("below");
    fs::create_dir(&below).expect("a folder");
    let run = finish(test_env.command().current_dir(&below).args(["config", "get", "stack"])).code(0);
    assert_eq!(run.stdout, "of-the-profile\n");
    for broken in [&b"\xff\xfe stack"[..], b"{{{", b"stack: [a]", b"stack"] {
        fs::write(&file, broken).expect("a file");
        assert_eq!(stack_of(&test_env, &[])["value"], "of-the-profile");
    }
    fs::remove_file(&file).expect("the file");
    fs::create_dir(&file).expect("a folder");
    assert_eq!(stack_of(&test_env, &[])["value"], "of-the-profile");
}
