//! `c66 env run`.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;

use crate::support::test_env::{Run, TestEnv, finish};

use super::{STAGING, env};

fn run(test_env: &TestEnv, words: &[&str]) -> Run {
    let head = ["--sandbox", "env", "run", "-s", STAGING, "--"];
    finish(test_env.command().args(head).args(words))
}

#[test]
fn run_sets_the_variables_and_returns_the_exit_code() {
    let test_env = TestEnv::new();
    env(&test_env, &["set", "MARK=$(touch evil)", "--yes"]).code(0);
    let ended = run(&test_env, &["sh", "-c", "printf %s \"$MARK\"; exit 7"]).code(7);
    assert_eq!(ended.stdout, "$(touch evil)");
    assert!(!test_env.home().join("evil").exists());
    assert!(run(&test_env, &["no-such-program"]).code(2).stderr.contains("no-such-program"));
    assert_eq!(run(&test_env, &["sh", "-c", "kill -9 $$"]).code, -1, "the command took the place of the program");
}

#[test]
fn the_program_is_looked_for_in_the_path_of_the_caller() {
    let test_env = TestEnv::new();
    let folder = test_env.home().join("of-the-stack");
    std::fs::create_dir(&folder).expect("a folder");
    for name in ["sh", "only-there"] {
        let program = folder.join(name);
        std::fs::write(&program, "#!/bin/sh\necho of the stack\n").expect("a program");
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("its mode");
    }
    let path = format!("PATH={}", folder.display());
    env(&test_env, &["set", &path, "LD_LIBRARY_PATH=/nowhere", "NODE_OPTIONS=--title=x", "PLAIN=1", "--yes"]).code(0);
    let ended = run(&test_env, &["sh", "-c", "echo of the caller; echo $PATH $0"]).code(0);
    assert_eq!(ended.stdout, format!("of the caller\n{} sh\n", folder.display()));
    let note =
        ended.stderr.lines().find(|line| line.contains("can change the code that programs load")).expect("a note");
    for name in ["PATH", "LD_LIBRARY_PATH", "NODE_OPTIONS"] {
        assert!(note.contains(name), "{note}");
    }
    assert!(!note.contains("PLAIN"), "{note}");
    run(&test_env, &["only-there"]).code(2);
}
