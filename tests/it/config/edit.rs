//! `c66 config edit`: the editor works on a copy, and a broken copy never replaces the file.

#![cfg(unix)]

use std::fs;

use crate::profiles::TWO;
use crate::support::test_env::{Run, TestEnv, finish};

/// An editor that applies a sed script to the file; `sed -i` differs between systems.
fn sed(script: &str) -> String {
    format!("f() {{ sed '{script}' \"$1\" > \"$1.new\" && cat \"$1.new\" > \"$1\"; rm \"$1.new\"; }}; f")
}

/// Edits with a shell command as the editor.
fn edit(test_env: &TestEnv, editor: &str, more: &[&str]) -> Run {
    finish(test_env.command().env("EDITOR", editor).args(["config", "edit"]).args(more))
}

#[test]
fn the_editor_works_on_a_copy_that_replaces_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let test_env = TestEnv::with_config(TWO);
    edit(&test_env, &sed("s/a shop/book/"), &["--json"]).code(0);
    assert_eq!(test_env.config_text(), TWO.replace("a shop", "book"));
    assert_eq!(fs::metadata(test_env.config_file()).expect("metadata").permissions().mode() & 0o777, 0o600);
    assert!(edit(&test_env, "true", &["-o", "table"]).code(0).stdout.contains("Nothing changed."));
    let mut command = test_env.command();
    command.env("VISUAL", sed("s/book/other/")).env("EDITOR", "false").args(["config", "edit"]);
    finish(&mut command).code(0);
    assert_eq!(test_env.config_text(), TWO.replace("a shop", "other"));
    let left: Vec<_> = fs::read_dir(test_env.home().join("config")).expect("the folder").collect();
    assert_eq!(left.len(), 2, "the file and its lock: {left:?}");
    let new = TestEnv::new();
    edit(&new, &sed("s/^# \\(.profiles\\)/\\1/; s/^# \\(stack\\)/\\1/"), &[]).code(0);
    assert_eq!(new.run(&["config", "get", "stack"]).code(0).stdout, "shop@staging\n");
}

#[test]
fn an_emptied_or_removed_copy_changes_nothing() {
    for editor in ["truncate -s0", "rm -f", "sh -c 'echo > \"$0\"'"] {
        let test_env = TestEnv::with_config(TWO);
        assert!(edit(&test_env, editor, &[]).code(0).stdout.contains("Nothing changed."), "{editor}");
        assert_eq!(test_env.config_text(), TWO);
    }
}

#[test]
fn a_broken_copy_never_replaces_the_file() {
    for (script, said) in [
        ("s/= \"json\"/= = \"json\"/", "not valid TOML (line 7"),
        ("s/\"json\"/\"xml\"/", "invalid value `xml` for output"),
        ("s/account = 12/concurrency = 900/", "for concurrency"),
        ("s/^.profiles.home.*/token_command = [\"x\"]/", "both token and token_command"),
        ("s|^# Mine.*|api_url = \"ftp://x\"|", "API address"),
    ] {
        let test_env = TestEnv::with_config(TWO);
        let run = edit(&test_env, &sed(script), &["-o", "table"]).code(2);
        assert!(run.stderr.contains(said), "{script}: {}", run.stderr);
        assert!(!run.stderr.contains("canary"), "{}", run.stderr);
        assert_eq!(test_env.config_text(), TWO, "{script}");
        let kept = run.stderr.split("your edit is in ").nth(1).expect("where it is").trim();
        assert_ne!(fs::read_to_string(kept).expect("the copy"), TWO);
    }
    for (editor, said) in
        [("false", "the editor `false` failed"), ("/nonexistent/editor", "/nonexistent/editor` failed")]
    {
        let test_env = TestEnv::with_config(TWO);
        let run = edit(&test_env, editor, &["-o", "table"]).code(2);
        assert!(run.stderr.contains(said) && !run.stderr.contains("your edit is in"), "{editor}: {}", run.stderr);
        assert_eq!(test_env.config_text(), TWO, "{editor}");
    }
}

#[test]
fn a_broken_file_can_be_edited_and_a_file_changed_meanwhile_is_not_overwritten() {
    let test_env = TestEnv::with_config("stack = = \"x\"\n");
    assert!(test_env.run(&["stacks", "list"]).code(2).stderr.contains("c66 config edit"));
    edit(&test_env, &sed("s/= =/=/"), &[]).code(0);
    assert_eq!(test_env.config_text(), "stack = \"x\"\n");
    let meanwhile = format!("echo 'stack = \"y\"' > {}; {}", test_env.config_file().display(), sed("s/x/z/"));
    let run = edit(&test_env, &meanwhile, &[]).code(2);
    assert!(run.stderr.contains("changed by another process"), "{}", run.stderr);
    assert_eq!(test_env.config_text(), "stack = \"y\"\n");
}

#[test]
fn without_a_terminal_no_editor_is_started() {
    let test_env = TestEnv::with_config(TWO);
    for flags in [&["config", "edit", "-o", "table"][..], &["config", "edit", "-o", "table", "--no-input"]] {
        let run = finish(test_env.command().env_remove("EDITOR").args(flags)).code(2);
        assert!(run.stderr.contains("c66 config set"), "{}", run.stderr);
    }
    finish(test_env.command().env("EDITOR", "true").args(["config", "edit", "--no-input"])).code(2);
}

#[test]
fn on_a_terminal_a_broken_copy_can_be_edited_again() {
    use crate::support::pty::Terminal;
    let test_env = TestEnv::with_config("stack = \"x\"\n");
    // It breaks the file the first time and repairs it the second time.
    let editor =
        "f() { if grep -q '= =' \"$1\"; then echo 'stack = \"y\"' > \"$1\"; else echo 'stack = = 1' > \"$1\"; fi; }; f";
    let mut command = test_env.command();
    command.env("EDITOR", editor).args(["config", "edit"]);
    let mut terminal = Terminal::start(command, 200);
    terminal.expect("Edit it again? [y/N]");
    assert_eq!(test_env.config_text(), "stack = \"x\"\n");
    terminal.press("y\r");
    let (code, seen) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    assert_eq!(test_env.config_text(), "stack = \"y\"\n");
}
