//! `c66 config-files`.

use std::fs;

use serde_json::json;

use crate::support::test_env::{Run, TestEnv, finish, finish_with_input};

const P: &str = "awesome-app@production";
const NGINX: &str = "worker_processes 4;\nkeepalive_timeout 65;\nclient_max_body_size 20m;\n";

fn files(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["config-files"], arguments, &["-s", P]].concat())
}

#[test]
fn files_are_listed_shown_and_pulled() {
    let test_env = TestEnv::new();
    let run = files(&test_env, &["list"]).code(0);
    for expected in ["TYPE", "nginx", "nginx.conf", "ruby_env"] {
        assert!(run.stdout.contains(expected), "{expected}: {}", run.stdout);
    }
    assert_eq!(files(&test_env, &["show", "nginx", "--jq", ".body"]).code(0).stdout.trim_end(), NGINX.trim_end());
    assert_eq!(files(&test_env, &["pull", "nginx"]).code(0).stdout, NGINX);
    let path = test_env.home().join("nginx.conf");
    let name = path.to_str().expect("a path");
    files(&test_env, &["pull", "nginx", name]).code(0);
    assert_eq!(fs::read_to_string(&path).expect("the file"), NGINX);
    let run = files(&test_env, &["pull", "mysql", name]);
    assert_ne!(run.code, 0, "it does not overwrite a file");
    assert_eq!(fs::read_to_string(&path).expect("the file"), NGINX);
    files(&test_env, &["pull", "mysql", name, "--force"]).code(0);
    files(&test_env, &["show", "nosuch"]).code(4);
}

#[test]
fn a_file_is_compared_pushed_and_applied() {
    let test_env = TestEnv::new();
    let path = test_env.home().join("nginx.conf");
    let name = path.to_str().expect("a path");
    fs::write(&path, NGINX).expect("a file");
    assert_eq!(files(&test_env, &["diff", "nginx", name]).code(0).stdout, "");
    let run = files(&test_env, &["push", "nginx", name, "--yes"]).code(0);
    assert!(run.stdout.contains("nothing to change"), "{}", run.stdout);
    let changed = NGINX.replace("65", "30");
    fs::write(&path, &changed).expect("a file");
    let difference = "- keepalive_timeout 65;\n+ keepalive_timeout 30;\n";
    assert_eq!(files(&test_env, &["diff", "nginx", name]).code(11).stdout, difference);
    let dry = files(&test_env, &["push", "nginx", name, "-m", "Shorter", "--apply", "--dry-run", "-o", "json"]).code(0);
    assert_eq!(dry.json()["body"], json!({ "commit_message": "Shorter", "body": "[redacted]", "must_apply": true }));
    files(&test_env, &["push", "nginx", name, "--no-input"]).code(2);
    let run = files(&test_env, &["push", "nginx", name, "-m", "Shorter", "--apply", "--yes"]).code(0);
    assert!(run.stderr.contains("and apply it (+1 -1 lines)"), "{}", run.stderr);
    assert_eq!(files(&test_env, &["pull", "nginx"]).code(0).stdout, changed);
    assert_eq!(files(&test_env, &["show", "nginx", "--jq", ".comments"]).code(0).stdout, "Shorter\n");
    files(&test_env, &["apply", "nginx", "--no-input"]).code(2);
    files(&test_env, &["apply", "nginx", "--yes"]).code(0);
    let run = files(&test_env, &["apply", "ruby_env", "--yes"]).code(2);
    assert!(run.stderr.contains("cannot be applied without a deployment"), "{}", run.stderr);
    files(&test_env, &["push", "ruby_env", name, "--apply", "--yes"]).code(2);
    // As agreed with the sandbox: this content is invalid.
    fs::write(&path, "fail\n").expect("a file");
    files(&test_env, &["push", "nginx", name, "--yes"]).code(5);
    assert_eq!(files(&test_env, &["pull", "nginx"]).code(0).stdout, changed);
}

#[test]
fn a_file_is_changed_in_the_editor_and_an_edit_is_never_lost() {
    let test_env = TestEnv::new();
    let edit = |editor: &str, more: &[&str]| {
        let mut command = test_env.command();
        command.env("EDITOR", editor).args(["--sandbox", "config-files", "edit", "nginx", "-s", P]).args(more);
        finish(&mut command)
    };
    edit("sed -i s/65/10/", &["--yes"]).code(0);
    let changed = NGINX.replace("65", "10");
    assert_eq!(files(&test_env, &["pull", "nginx"]).code(0).stdout, changed);
    for editor in ["truncate -s0", "rm -f"] {
        assert!(edit(editor, &["--yes"]).code(0).stdout.contains("nothing was changed"));
        assert_eq!(files(&test_env, &["pull", "nginx"]).code(0).stdout, changed);
    }
    let run = edit("sed -i s/10/99/", &[]).code(2);
    let kept = run.stderr.lines().find_map(|line| line.trim().strip_prefix("hint: your edit is in ")).expect("a path");
    assert!(fs::read_to_string(kept).expect("the edit").contains("keepalive_timeout 99"));
    fs::remove_file(kept).expect("the edit");
}

#[test]
fn versions_are_listed_shown_and_added() {
    let test_env = TestEnv::new();
    let versions = |arguments: &[&str]| {
        test_env.sandbox(&[&["config-files", "versions"], arguments, &["-s", "voting-app"]].concat())
    };
    assert_eq!(versions(&["service", "-o", "json"]).code(0).json().as_array().map(Vec::len), Some(1));
    assert!(versions(&["service", "--show", "latest"]).code(0).stdout.starts_with("services:\n"));
    let mut command = test_env.command();
    let words = ["--sandbox", "config-files", "versions", "manifest.yml", "--add", "-", "-m", "Larger", "--yes"];
    command.args(words).args(["-s", "voting-app", "-o", "name"]);
    let uid = finish_with_input(&mut command, "production: {}\n").code(0).stdout;
    assert_eq!(versions(&["manifest", "--show", uid.trim()]).code(0).stdout, "production: {}\n");
    assert_eq!(versions(&["manifest", "--show", "latest"]).code(0).stdout, "production: {}\n");
    let run = versions(&["manifest"]).code(0);
    assert!(run.stdout.lines().nth(1).is_some_and(|line| line.contains("Larger")), "{}", run.stdout);
    versions(&["service", "--show", "nosuch"]).code(4);
    versions(&["compose"]).code(2);
}
