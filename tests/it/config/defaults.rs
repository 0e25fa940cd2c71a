//! `defaults.COMMAND.FLAG`: the user's own defaults for flags.

use serde_json::json;

use crate::support::test_env::TestEnv;

#[test]
fn a_default_counts_where_the_flag_is_not_typed() {
    let test_env = TestEnv::new();
    for (key, value) in [
        ("defaults.stacks.list.sort", "name:desc"),
        ("defaults.stacks.list.limit", "2"),
        ("defaults.stacks.list.no-headers", "true"),
        ("defaults.stacks.list.columns", "name"),
    ] {
        test_env.run(&["config", "set", key, value]).code(0);
    }
    assert_eq!(test_env.sandbox(&["stacks", "list"]).code(0).stdout, "Voting App\nteam/api\n");
    let one = test_env.sandbox(&["stacks", "list", "--limit", "1"]).code(0);
    assert_eq!(one.stdout.lines().count(), 1, "{}", one.stdout);
    // Other commands are not concerned, and `--` ends the flags.
    let servers = test_env.sandbox(&["servers", "list", "-s", "awesome-app@production", "-o", "name"]).code(0);
    assert_eq!(servers.stdout.lines().count(), 5, "{}", servers.stdout);
    assert_eq!(test_env.sandbox(&["stacks", "list", "--", "Book Shop"]).code(0).stdout, "Book Shop\n");
    test_env.run(&["config", "unset", "defaults.stacks.list.limit"]).code(0);
    assert!(test_env.sandbox(&["stacks", "list"]).code(0).stdout.lines().count() > 60);
}

#[test]
fn a_variable_and_what_is_typed_come_before_a_default() {
    let test_env = TestEnv::new();
    test_env.run(&["config", "set", "defaults.limits.output", "json"]).code(0);
    test_env.sandbox(&["limits"]).code(0).json();
    assert!(test_env.sandbox(&["limits", "-o", "name"]).code(0).stdout.is_empty());
    let mut command = test_env.command();
    command.env("C66_OUTPUT", "csv").args(["--sandbox", "limits"]);
    assert!(crate::support::test_env::finish(&mut command).code(0).stdout.starts_with("limit,"));
    // A default that conflicts with what is typed is left out.
    test_env.sandbox(&["limits", "--json"]).code(0).json();
}

#[test]
fn a_default_never_confirms_or_sends_the_token_elsewhere() {
    let test_env = TestEnv::new();
    for flag in ["yes", "confirm", "api-url"] {
        let run = test_env.run(&["config", "set", &format!("defaults.redeploy.{flag}"), "true"]).code(2);
        assert!(run.stderr.contains(&format!("--{flag} cannot have a default")), "{}", run.stderr);
    }
    test_env.write_config("[defaults.redeploy]\nyes = true\n");
    test_env.sandbox(&["redeploy", "-s", "awesome-app@production"]).code(2);
    test_env.write_config("");
    test_env.write_project_file("[defaults.stacks.list]\nlimit = 1\n");
    assert!(test_env.sandbox(&["stacks", "list", "-o", "name"]).code(0).stdout.lines().count() > 60);
}

#[test]
fn defaults_are_listed_with_their_origin_and_a_wrong_one_names_itself() {
    let test_env = TestEnv::new();
    test_env.run(&["config", "set", "defaults.redeploy.timeout", "1h"]).code(0);
    assert!(test_env.config_text().contains("[defaults.redeploy]\ntimeout = \"1h\"\n"), "{}", test_env.config_text());
    let listed = test_env.run(&["config", "list", "--show-origin", "-o", "json"]).code(0).json();
    let path = test_env.config_file().display().to_string();
    let expected = json!({ "key": "defaults.redeploy.timeout", "value": "1h", "origin": path });
    assert!(listed.as_array().expect("a list").contains(&expected), "{listed}");
    assert_eq!(test_env.run(&["config", "get", "defaults.redeploy.timeout"]).code(0).stdout, "1h\n");
    for (flag, said) in [("timeout", "invalid duration"), ("nosuch", "no such flag: --nosuch")] {
        test_env.write_config(&format!("[defaults.redeploy]\n{flag} = \"soon\"\n"));
        let run = test_env.sandbox(&["redeploy", "-s", "awesome-app@staging", "--dry-run"]).code(2);
        assert!(run.stderr.contains(&format!("invalid setting defaults.redeploy.{flag}")), "{}", run.stderr);
        assert!(run.stderr.contains(&format!("c66 config unset defaults.redeploy.{flag}")), "{}", run.stderr);
        assert!(run.stderr.contains(said), "{}", run.stderr);
        test_env.run(&["config", "unset", &format!("defaults.redeploy.{flag}")]).code(0);
        test_env.sandbox(&["redeploy", "-s", "awesome-app@staging", "--dry-run"]).code(0);
    }
    test_env.run(&["config", "set", "defaults.timeout", "1h"]).code(2);
}
