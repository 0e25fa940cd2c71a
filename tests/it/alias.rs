//! `c66 alias`, and command lines that begin with an alias.

use serde_json::json;

use crate::support::test_env::TestEnv;

#[test]
fn an_alias_stands_for_its_words_and_takes_more() {
    let test_env = TestEnv::new();
    test_env.run(&["alias", "set", "recent", "deployments list --limit 1"]).code(0);
    test_env.run(&["alias", "set", "quoted", "stacks list --filter 'name=Book Shop'"]).code(0);
    let run = test_env.sandbox(&["recent", "-s", "awesome-app@production", "-o", "name"]).code(0);
    assert_eq!(run.stdout, "107\n");
    let run = test_env.sandbox(&["quoted", "--columns", "name", "--no-headers"]).code(0);
    assert_eq!(run.stdout, "Book Shop\n");
    let listed = test_env.run(&["alias", "list", "-o", "json"]).code(0).json();
    let expected = json!([
        { "name": "quoted", "line": "stacks list --filter 'name=Book Shop'" },
        { "name": "recent", "line": "deployments list --limit 1" },
    ]);
    assert_eq!(listed, expected);
    assert!(test_env.config_text().contains("[aliases]\nrecent = \"deployments list --limit 1\"\n"));
    test_env.run(&["alias", "remove", "recent"]).code(0);
    test_env.run(&["alias", "remove", "recent"]).code(4);
    test_env.sandbox(&["recent", "-s", "awesome-app@production"]).code(2);
}

#[test]
fn an_alias_is_never_a_command_or_a_word_for_one() {
    let test_env = TestEnv::new();
    for name in ["stacks", "stack", "help", "login", "redeploy", "status"] {
        let run = test_env.run(&["alias", "set", name, "limits"]).code(2);
        assert!(run.stderr.contains("is a command of c66, or a word for one"), "{name}: {}", run.stderr);
    }
    for (name, line) in [("a b", "limits"), ("--x", "limits"), ("", "limits"), ("x", ""), ("x", "'open")] {
        test_env.run(&["alias", "set", "--", name, line]).code(2);
    }
    // Even if it stands in the file.
    test_env.write_config("[aliases]\nstacks = \"limits\"\nlogin = \"limits\"\n");
    assert!(test_env.sandbox(&["stacks", "list", "-o", "name"]).code(0).stdout.lines().count() > 60);
}

#[test]
fn an_alias_expands_once_without_a_shell_and_only_from_the_users_own_file() {
    let test_env = TestEnv::new();
    test_env.run(&["alias", "set", "one", "two"]).code(0);
    test_env.run(&["alias", "set", "two", "one"]).code(0);
    let run = test_env.sandbox(&["one"]).code(2);
    assert!(run.stderr.contains("`two`") || run.stderr.contains("'two'"), "{}", run.stderr);
    test_env.run(&["alias", "set", "danger", "stacks list --filter name=$(touch made);touch made"]).code(0);
    test_env.sandbox(&["danger"]);
    assert!(!test_env.home().join("made").exists());
    test_env.write_project_file("[aliases]\nthree = \"limits\"\n");
    test_env.sandbox(&["three"]).code(2);
    test_env.write_config("aliases = 1\n");
    let run = test_env.sandbox(&["nosuch"]).code(2);
    assert!(run.stderr.contains("aliases is not a table"), "{}", run.stderr);
}
