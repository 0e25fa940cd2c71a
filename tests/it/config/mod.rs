//! `c66 config`: listing, reading and changing settings, and files that are broken or readable by others.

mod defaults;
mod edit;
mod precedence;
mod project_file;

#[cfg(unix)]
use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::support::test_env::{Run, TestEnv, finish};

/// The row of a setting: its value and its origin.
fn setting(run: &Run, key: &str) -> (Value, String) {
    let rows = run.json();
    let row = rows.as_array().and_then(|rows| rows.iter().find(|row| row["key"] == key)).expect("a row").clone();
    (row["value"].clone(), row["origin"].as_str().expect("an origin").to_owned())
}

#[test]
fn the_list_shows_every_setting_and_where_it_comes_from() {
    let test_env = TestEnv::with_config("account = 12\n[profiles.default]\ntoken = \"canary\"\nstack = \"shop\"\n");
    test_env.write_project_file("environment = \"staging\"\n");
    let mut command = test_env.command();
    command.env("C66_TIMEOUT", "5m").args(["config", "list", "--show-origin", "--json", "--color", "never"]);
    let run = finish(&mut command).code(0);
    assert!(!run.stdout.contains("canary"), "{}", run.stdout);
    let file = test_env.config_file().display().to_string();
    let project = test_env.home().join(".c66.toml").display().to_string();
    for (key, value, origin) in [
        ("output", json!("json"), "--output"),
        ("color", json!("never"), "--color"),
        ("timeout", json!("5m"), "C66_TIMEOUT"),
        ("environment", json!("staging"), project.as_str()),
        ("stack", json!("shop"), "profile default"),
        ("account", json!("12"), file.as_str()),
        ("http_timeout", json!("60s"), "default"),
        ("poll_interval", json!("20ms"), "C66_POLL_INTERVAL"),
        ("ca_cert", json!(null), "default"),
        ("token", json!("********"), "profile default"),
    ] {
        assert_eq!(setting(&run, key), (value, origin.to_owned()), "{key}");
    }
    let table = test_env.run(&["config", "list", "--show-origin"]).code(0);
    let row = table.stdout.lines().find(|line| line.starts_with("stack ")).expect("a row");
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["stack", "shop", "profile", "default"]);
    assert!(!test_env.run(&["config", "list"]).code(0).stdout.contains("ORIGIN"));
}

#[test]
fn set_get_and_unset_work_together() {
    let test_env = TestEnv::new();
    test_env.run(&["config", "set", "stack", "awesome-app@staging"]).code(0);
    assert_eq!(test_env.config_text(), "[profiles.default]\nstack = \"awesome-app@staging\"\n");
    assert_eq!(test_env.run(&["config", "get", "stack"]).code(0).stdout, "awesome-app@staging\n");
    let json = test_env.run(&["config", "get", "stack", "--json"]).code(0).json();
    assert_eq!(json, json!({"key": "stack", "value": "awesome-app@staging", "origin": "profile default"}));
    test_env.run(&["config", "unset", "stack"]).code(0);
    test_env.run(&["config", "get", "stack"]).code(4);
    assert_eq!(test_env.run(&["config", "unset", "stack", "--json"]).code(0).json()["ok"], true);
}

#[test]
fn a_change_keeps_comments_order_and_unknown_keys() {
    let text = "# Mine.\nfuture = [1, 2] # kept\n\n# Work.\n[profiles.work] # first\ntoken = 'abc'\nmystery = {a=1}\n";
    let test_env = TestEnv::with_config(text);
    test_env.run(&["config", "set", "stack", "x", "--profile", "work"]).code(0);
    assert_eq!(test_env.config_text(), format!("{text}stack = \"x\"\n"));
    test_env.run(&["config", "unset", "stack", "--profile", "work"]).code(0);
    assert_eq!(test_env.config_text(), text);
}

#[test]
#[cfg(unix)]
fn the_file_is_readable_by_the_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let test_env = TestEnv::new();
    test_env.run(&["config", "set", "output", "json"]).code(0);
    let mode = |path: &Path| fs::metadata(path).expect("metadata").permissions().mode() & 0o777;
    assert_eq!(mode(&test_env.config_file()), 0o600);
    assert_eq!(mode(&test_env.home().join("config")), 0o700);
    fs::set_permissions(test_env.config_file(), PermissionsExt::from_mode(0o644)).expect("permissions");
    test_env.run(&["config", "set", "output", "csv"]).code(0);
    assert_eq!(mode(&test_env.config_file()), 0o600);
}

#[test]
fn an_invalid_value_is_rejected_and_nothing_is_written() {
    let test_env = TestEnv::new();
    for (key, value) in [
        ("output", "xml"),
        ("color", "pink"),
        ("timeout", "soon"),
        ("concurrency", "many"),
        ("no_input", "perhaps"),
        ("provider", "aws"),
        ("outptu", "json"),
        ("token", "secret-canary"),
    ] {
        let run = test_env.run(&["config", "set", key, value]).code(2);
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
        assert!(!run.stderr.contains("canary"), "{}", run.stderr);
    }
    assert!(!test_env.config_file().exists());
    let run = test_env.run(&["config", "get", "outptu"]).code(2);
    assert!(run.stderr.contains("did you mean output?"), "{}", run.stderr);
}

#[test]
fn a_broken_file_is_reported_with_its_line_and_not_changed() {
    let text = "[profiles.default]\ntoken = \"canary\"\nstack = = \"x\"\n";
    let test_env = TestEnv::with_config(text);
    for arguments in [
        &["stacks", "list"][..],
        &["config", "set", "output", "json"],
        &["config", "unset", "output"],
        &["profiles", "use", "default"],
        &["auth", "logout"],
    ] {
        let run = test_env.run(arguments).code(2);
        assert!(run.stderr.contains(&test_env.config_file().display().to_string()), "{}", run.stderr);
        assert!(run.stderr.contains("line 3"), "{}", run.stderr);
        assert!(!run.stderr.contains("canary"), "{}", run.stderr);
        assert_eq!(run.stdout, "");
        assert_eq!(test_env.config_text(), text, "{arguments:?}");
    }
    let error = test_env.run(&["config", "list", "--json"]).code(2).json_error();
    assert_eq!(error["code"], "config");
}

#[test]
fn a_file_with_the_wrong_structure_is_a_config_error() {
    for text in ["profiles = 1\n", "[profiles]\ndefault = 1\n", "[profiles.default]\nstack = [1]\n"] {
        let run = TestEnv::with_config(text).run(&["config", "list"]).code(2);
        assert!(run.stderr.contains("config.toml"), "{}", run.stderr);
    }
    for text in ["token = 1\n", "token = \"a\"\ntoken_command = [\"b\"]\n", "token_command = \"b\"\n"] {
        TestEnv::with_config(&format!("[profiles.default]\n{text}")).run(&["auth", "token"]).code(2);
    }
}

#[test]
#[cfg(unix)]
fn a_file_that_others_can_read_gets_a_warning_with_the_chmod_to_type() {
    use std::os::unix::fs::PermissionsExt;
    let test_env = TestEnv::with_config("[profiles.default]\noutput = \"json\"\n");
    let path = test_env.config_file();
    let chmod = format!("chmod 600 {}", path.display());
    for (mode, warned) in [(0o644, true), (0o640, true), (0o606, true), (0o600, false), (0o400, false)] {
        fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("permissions");
        let run = test_env.run(&["config", "get", "output"]).code(0);
        assert_eq!(run.stderr.contains(&chmod), warned, "{mode:o}: {}", run.stderr);
        assert_eq!(run.stderr.lines().count(), usize::from(warned));
    }
}

#[test]
fn the_path_of_the_file_is_printed() {
    let test_env = TestEnv::new();
    let expected = format!("{}\n", test_env.config_file().display());
    assert_eq!(test_env.run(&["config", "path"]).code(0).stdout, expected);
    let mut command = test_env.command();
    command.env("C66_CONFIG", test_env.home().join("other.toml")).args(["config", "path"]);
    assert_eq!(finish(&mut command).code(0).stdout, format!("{}\n", test_env.home().join("other.toml").display()));
    assert!(!test_env.home().join("config").exists());
}

#[test]
fn a_flag_is_shown_as_it_was_typed() {
    let test_env = TestEnv::new();
    let run = test_env.run(&["--http-timeout", "1m30s", "--concurrency", "3", "config", "list", "--json"]).code(0);
    let settings = run.json();
    for (key, value, origin) in [("http_timeout", "1m30s", "--http-timeout"), ("concurrency", "3", "--concurrency")] {
        let setting = settings.as_array().and_then(|all| all.iter().find(|setting| setting["key"] == key));
        assert_eq!(setting, Some(&json!({ "key": key, "value": value, "origin": origin })));
    }
}
