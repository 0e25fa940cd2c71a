//! `c66 settings` and `c66 servers settings`.

use crate::support::test_env::TestEnv;

const STACK: &str = "awesome-app@production";

#[test]
fn a_key_may_be_written_with_dots_dashes_or_capitals() {
    let test_env = TestEnv::new();
    for key in ["git.branch", "git-branch", "GIT_BRANCH"] {
        assert_eq!(test_env.sandbox(&["settings", "get", key, "-s", STACK]).code(0).stdout, "master\n", "{key}");
    }
    test_env.sandbox(&["settings", "set", "git-branch", "staging", "-s", STACK, "--yes"]).code(0);
    assert_eq!(test_env.sandbox(&["settings", "get", "git.branch", "-s", STACK]).code(0).stdout, "staging\n");
}

#[test]
fn readonly_unknown_and_unchanged_settings_are_not_sent() {
    let test_env = TestEnv::new();
    let actions = || test_env.sandbox(&["actions", "list", "-s", STACK, "-o", "name"]).code(0).stdout;
    let before = actions();
    let run = test_env.sandbox(&["settings", "set", "stack.name", "other", "-s", STACK, "--yes"]).code(9);
    assert!(run.stderr.contains("stack.name of Awesome App@production is read-only"), "{}", run.stderr);
    for verb in [&["settings", "get", "git.brunch"][..], &["settings", "set", "git.brunch", "x"]] {
        let run = test_env.sandbox(&[verb, &["-s", STACK]].concat()).code(4);
        assert!(run.stderr.contains("did you mean `git.branch`?"), "{}", run.stderr);
    }
    let run = test_env.sandbox(&["settings", "set", "maintenance.mode", "false", "-s", STACK, "-o", "json"]).code(0);
    assert_eq!(run.json(), serde_json::json!({ "ok": true }));
    assert_eq!(actions(), before);
}

#[test]
fn values_of_every_type_are_printed() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["settings", "list", "-s", STACK, "-o", "csv"]).code(0);
    assert!(run.stdout.contains("allowed.web.source,,no\n"), "{}", run.stdout);
    assert!(run.stdout.contains("reconfigure.nginx,false,no\n"), "{}", run.stdout);
    let run = test_env.sandbox(&["settings", "list", "-s", STACK, "-o", "json", "--columns", "key,value"]).code(0);
    let values = run.json();
    let value = |key: &str| values.as_array().and_then(|all| all.iter().find(|one| one["key"] == key)).cloned();
    assert_eq!(value("allowed.web.source").expect("a setting")["value"], serde_json::Value::Null);
    assert_eq!(value("reconfigure.nginx").expect("a setting")["value"], false);
}

#[test]
fn the_name_of_a_server_can_be_set_although_it_is_listed_as_readonly() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["servers", "settings", "list", "caribou", "-s", STACK, "-o", "tsv"]).code(0);
    assert!(run.stdout.contains("server.name\tCaribou\tyes"), "{}", run.stdout);
    let set = ["servers", "settings", "set", "caribou", "server.name", "Elk", "-s", STACK, "--yes"];
    let run = test_env.sandbox(&set).code(0);
    assert!(run.stderr.contains("warning: Changing this value"), "{}", run.stderr);
    let run = test_env.sandbox(&["servers", "settings", "get", "elk", "server-name", "-s", STACK]).code(0);
    assert_eq!(run.stdout, "Elk\n");
}

#[test]
fn key_equals_value_gets_a_hint_with_the_right_form() {
    let test_env = TestEnv::new();
    let (words, form) = (["config", "set", "output=hush"], "c66 config set KEY VALUE");
    let run = test_env.run(&words).code(2);
    assert!(run.stderr.contains(&format!("hint: name and value are two words: {form}\n")), "{}", run.stderr);
    assert!(!run.stderr.contains("hush"), "{}", run.stderr);
    let hint = test_env.run(&[&words[..], &["-o", "json"]].concat()).code(2).json_error()["hint"].to_string();
    assert!(hint.contains(form), "{hint}");
    let run = test_env.run(&["config", "set", "output"]).code(2);
    assert!(!run.stderr.contains("two words"), "{}", run.stderr);
}

#[test]
fn several_settings_are_set_at_once() {
    let test_env = TestEnv::new();
    let set = ["settings", "set", "git.branch=next", "maintenance.mode=true", "-s", "awesome-app@staging", "--yes"];
    let run = test_env.sandbox(&[&set[..], &["--dry-run", "--jq", ".[].path"]].concat()).code(0);
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
    test_env.sandbox(&["settings", "set", "git.branch=next", "-s", "awesome-app@staging", "--yes"]).code(0);
    let run = test_env.sandbox(&["settings", "get", "git.branch", "-s", "awesome-app@staging"]).code(0);
    assert_eq!(run.stdout, "next\n");
}
