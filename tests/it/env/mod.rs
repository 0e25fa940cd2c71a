//! `c66 env`: variables and their secrets.

mod file;
mod prune;
mod run;

use serde_json::Value;

use crate::support::test_env::{Run, TestEnv, finish_with_input};

const STAGING: &str = "awesome-app@staging";
const PRODUCTION: &str = "awesome-app@production";

fn env(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["env"], arguments, &["-s", STAGING]].concat())
}

fn value(test_env: &TestEnv, key: &str) -> String {
    env(test_env, &["get", key]).code(0).stdout
}

/// The number of writes in the trace of a run.
fn writes(run: &Run) -> usize {
    run.stderr
        .lines()
        .filter(|line| ["> POST", "> PUT", "> PATCH", "> DELETE"].iter().any(|mark| line.starts_with(mark)))
        .count()
}

#[test]
fn passwords_are_masked_in_tables_and_whole_in_json() {
    let test_env = TestEnv::new();
    let list = |more: &[&str]| test_env.sandbox(&[&["env", "list", "-s", PRODUCTION], more].concat()).code(0);
    for format in ["table", "wide", "csv", "tsv"] {
        for columns in [&[] as &[&str], &["--columns", "key,value"]] {
            let masked = list(&[&["-o", format], columns].concat()).stdout;
            assert!(!masked.contains("tjena") && masked.contains("********"), "{format}: {masked}");
            assert!(masked.contains("tja"), "other values are shown: {masked}");
            assert!(list(&[&["-o", format, "--reveal"], columns].concat()).stdout.contains("tjena"), "{format}");
        }
    }
    assert_eq!(list(&["-o", "json"]).json()[3]["value"], "tjena");
    assert!(list(&["-o", "jsonl"]).stdout.contains("tjena"));
    assert!(!list(&["-o", "name"]).stdout.contains("tjena"));
}

#[test]
fn earlier_passwords_are_masked_too() {
    let test_env = TestEnv::new();
    for value in ["first-secret", "second-secret"] {
        env(&test_env, &["set", &format!("MYSQL_PASSWORD={value}"), "--yes"]).code(0);
    }
    for command in [
        &["history", "MYSQL_PASSWORD"] as &[&str],
        &["list", "MYSQL_PASSWORD", "--columns", "history.1.value"],
        &["list", "MYSQL_PASSWORD", "--columns", "history"],
    ] {
        for format in ["table", "csv", "tsv"] {
            let run = env(&test_env, &[command, &["-o", format]].concat()).code(0);
            assert!(!run.stdout.contains("first-secret"), "{command:?}: {}", run.stdout);
            let run = env(&test_env, &[command, &["-o", format, "--reveal"]].concat()).code(0);
            assert!(run.stdout.contains("first-secret"), "{command:?}: {}", run.stdout);
        }
    }
    let filtered = env(&test_env, &["list", "--filter", "value~^second", "-o", "csv"]).code(0);
    assert_eq!(filtered.stdout.lines().count(), 1, "a filter does not reveal a password: {}", filtered.stdout);
}

#[test]
fn history_lists_the_earlier_values() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["env", "history", "POSTGRESQL_USERNAME", "-s", PRODUCTION, "-o", "json"]).code(0);
    let values: Vec<Value> =
        run.json().as_array().expect("a list").iter().map(|entry| entry["value"].clone()).collect();
    assert_eq!(values, ["xyz", "123"]);
    let run = env(&test_env, &["history", "RAILS_ENV", "-o", "json"]).code(0);
    assert_eq!(run.stdout.trim(), "[]");
}

#[test]
fn get_prints_the_bare_value() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["env", "get", "POSTGRESQL_PASSWORD", "-s", PRODUCTION]).code(0);
    assert_eq!(run.stdout, "tjena\n");
    let run = test_env.sandbox(&["env", "get", "POSTGRESQL_PASSWORD", "-s", PRODUCTION, "-o", "json"]).code(0);
    assert_eq!(run.json()["value"], "tjena");
    let run = env(&test_env, &["get", "RAIL_ENV"]).code(4);
    assert!(run.stderr.contains("did you mean `RAILS_ENV`?"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
}

#[test]
fn set_creates_changes_or_skips_a_variable() {
    let test_env = TestEnv::new();
    let created = env(&test_env, &["set", "GREETING=hello", "-o", "json"]).code(0).json();
    assert_eq!((&created["action"], &created["finished_success"]), (&Value::from("env-var-new"), &Value::from(true)));
    assert_eq!(value(&test_env, "GREETING"), "hello\n");
    let changed = env(&test_env, &["set", "GREETING=good day", "-o", "json"]).code(0).json();
    assert_eq!(changed["action"], "env-var-update");
    assert_eq!(value(&test_env, "GREETING"), "good day\n");
    let same = env(&test_env, &["set", "GREETING=good day", "--debug"]).code(0);
    assert_eq!(writes(&same), 0, "{}", same.stderr);
    let several = env(&test_env, &["set", "GREETING=good day", "A=1", "B=2", "--debug", "-o", "json"]).code(0);
    assert_eq!(writes(&several), 1, "{}", several.stderr);
    assert_eq!(several.json().as_array().map(Vec::len), Some(1), "one action for all changes");
    assert_eq!(value(&test_env, "A") + &value(&test_env, "B"), "1\n2\n");
}

#[test]
fn invalid_assignments_are_rejected_without_a_request() {
    let test_env = TestEnv::new();
    for (arguments, code, words) in [
        (&["set", "A=1", "STACK_PATH=/tmp", "--debug"] as &[&str], 9, "STACK_PATH is read-only"),
        (&["set", "A=1", "A=2", "--debug"], 2, "set twice"),
        (&["set", "A=1", "=2", "--debug"], 2, "invalid variable name"),
        (&["set", "A=1", "WITH BLANK=2", "--debug"], 2, "invalid variable name"),
        (&["set", "A=1", "MY-KEY=2", "--debug"], 2, "use MY_KEY"),
        (&["set", "A=1", "B=@missing", "--debug"], 2, "missing"),
        (&["set", "A=-", "B=-", "--debug"], 2, "stdin can be used only once"),
        (&["set", "A=1", "B", "--debug"], 2, "B=@FILE"),
        (&["set", "A=1", "--apply-strategy", "never"], 2, "immediately"),
    ] {
        let run = env(&test_env, arguments).code(code);
        assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
        assert_eq!(writes(&run), 0, "{}", run.stderr);
    }
    for (assignment, explained) in [("MY-KEY", true), ("MY-KEY=2", false)] {
        let run = env(&test_env, &["set", assignment]).code(2);
        assert_eq!(run.stderr.contains("write KEY=VALUE"), explained, "{}", run.stderr);
    }
    env(&test_env, &["get", "A"]).code(4);
}

#[test]
fn values_from_arguments_files_and_stdin_arrive_unchanged() {
    let test_env = TestEnv::new();
    let file = test_env.home().join("cert.pem");
    let certificate = "-----BEGIN-----\nMIIB=\u{fc}\n-----END-----\n";
    std::fs::write(&file, certificate).expect("a file");
    env(&test_env, &["set", "URL=postgres://u:p@h/d?a=b=c", "CERT=@cert.pem"]).code(0);
    assert_eq!(value(&test_env, "URL"), "postgres://u:p@h/d?a=b=c\n");
    assert_eq!(value(&test_env, "CERT"), format!("{certificate}\n"));
    let mut command = test_env.command();
    command.args(["--sandbox", "env", "set", "PIPED=-", "-s", STAGING]);
    finish_with_input(&mut command, "two\nlines\n").code(0);
    assert_eq!(value(&test_env, "PIPED"), "two\nlines\n", "the last line break is the pipe's");
    let list = env(&test_env, &["list", "CERT", "PIPED"]).code(0).stdout;
    assert_eq!(list.lines().count(), 3, "a line break does not break the table: {list}");
}

#[test]
fn a_change_that_fails_on_the_servers_ends_with_5() {
    let test_env = TestEnv::new();
    let run = env(&test_env, &["set", "A=1", "B=fail", "C=3"]).code(5);
    assert!(run.stderr.contains("cannot write the environment variables to the servers"), "{}", run.stderr);
    let run = env(&test_env, &["set", "D=fail", "-o", "json"]).code(5);
    assert_eq!((run.stdout.as_str(), &run.json_error()["code"]), ("", &Value::from("remote_failed")));
}

#[test]
fn unset_asks_before_it_deletes() {
    let test_env = TestEnv::new();
    let run = env(&test_env, &["unset", "SUPPORT_ADDRESS", "-o", "json", "--debug"]).code(2);
    assert_eq!(run.json_error()["code"], "confirmation_needed");
    assert_eq!(writes(&run), 0);
    assert_eq!(env(&test_env, &["unset", "SUPPORT_ADDRESS", "--yes", "-o", "json"]).code(0).json()["ok"], true);
    env(&test_env, &["get", "SUPPORT_ADDRESS"]).code(4);
    let run = env(&test_env, &["unset", "RAIL_ENV", "--yes"]).code(4);
    assert!(run.stderr.contains("did you mean `RAILS_ENV`?"), "{}", run.stderr);
    for (key, words) in [("STACK_PATH", "read-only"), ("MYSQL_PASSWORD", "generated")] {
        let run = env(&test_env, &["unset", key, "--yes", "--debug"]).code(9);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert_eq!(writes(&run), 0, "{}", run.stderr);
    }
}

#[test]
fn no_secret_is_printed_on_stderr() {
    let test_env = TestEnv::new();
    for arguments in [
        &["set", "A_PASSWORD=hush-hush-1"] as &[&str],
        &["set", "A_PASSWORD=hush-hush-2"],
        &["set", "PLAIN=hush-hush-3", "BROKEN=fail"],
        &["get", "A_PASSWORD"],
        &["list"],
        &["history", "A_PASSWORD"],
        &["unset", "A_PASSWORD", "--yes"],
    ] {
        let run = env(&test_env, &[arguments, &["--debug", "--debug"]].concat());
        assert!(run.stderr.contains("> GET"), "{}", run.stderr);
        let told: Vec<&str> = run.stderr.lines().filter(|line| line.contains("hush-hush")).collect();
        assert!(told.iter().all(|line| line.contains("PLAIN")), "{arguments:?}: {told:#?}");
    }
    let run = env(&test_env, &["set", "B_PASSWORD=hush-hush-4", "--dry-run"]).code(0);
    assert!(!run.stdout.contains("hush-hush") && run.stdout.contains("[redacted]"), "{}", run.stdout);
}

#[test]
fn a_dry_run_of_several_changes_is_one_json_document() {
    let run = env(&TestEnv::new(), &["set", "A=1", "RAILS_ENV=x", "--dry-run", "-o", "json"]).code(0);
    let requests = run.json();
    assert_eq!((&requests["method"], requests["path"].to_string().contains("/bulk")), (&Value::from("PATCH"), true));
}
