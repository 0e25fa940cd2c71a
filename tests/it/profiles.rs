//! `c66 profiles`.

use std::thread;

use serde_json::json;

use crate::support::test_env::{TestEnv, finish};

/// A configuration file with a comment and two profiles.
pub const TWO: &str = "# Mine.\ndefault_profile = \"work\"\n\n[profiles.work] # first\ntoken = \"canary\"\nstack = \"a shop\"\noutput = \"json\"\n\n[profiles.home]\naccount = 12\n";

#[test]
fn show_prints_the_settings_of_a_profile_but_not_its_token() {
    let test_env = TestEnv::with_config(TWO);
    let run = test_env.run(&["profiles", "show"]).code(0);
    let expected = json!({
        "name": "work", "current": true, "token": "stored", "api_url": null, "account": null, "provider": "cloud66",
        "settings": { "stack": "a shop", "output": "json" },
    });
    assert_eq!(run.json(), expected);
    let run = test_env.run(&["profiles", "show", "home", "-o", "table"]).code(0);
    assert!(run.stdout.contains("Account:   12\n") && run.stdout.contains("Current:   no\n"), "{}", run.stdout);
    let wide = test_env.run(&["profiles", "list", "-o", "wide"]).code(0);
    assert!(wide.stdout.contains("stack='a shop'") && !wide.stdout.contains("canary"), "{}", wide.stdout);
    assert!(test_env.run(&["profiles", "show", "hoem"]).code(2).stderr.contains("did you mean home?"));
    assert_eq!(TestEnv::new().run(&["profiles", "show", "--jq", ".name, .token"]).code(0).stdout, "default\nnone\n");
}

#[test]
fn a_renamed_current_profile_stays_current() {
    let test_env = TestEnv::with_config(TWO);
    test_env.run(&["profiles", "rename", "work", "shop"]).code(0);
    assert_eq!(test_env.config_text(), TWO.replace("\"work\"", "\"shop\"").replace("profiles.work", "profiles.shop"));
    assert_eq!(test_env.run(&["auth", "token", "--jq", ".token"]).code(0).stdout, "canary\n");
    for (from, to) in [("shop", "home"), ("nope", "x"), ("shop", "a b"), ("shop", "")] {
        test_env.run(&["profiles", "rename", from, to]).code(2);
    }
    // The default profile.
    let test_env = TestEnv::with_config("[profiles.default]\ntoken = \"canary\"\n");
    test_env.run(&["profiles", "rename", "default", "work"]).code(0);
    assert_eq!(test_env.run(&["auth", "token"]).code(0).stdout, "canary\n");
}

#[test]
fn after_the_current_profile_is_removed_commands_still_work() {
    let test_env = TestEnv::with_config(TWO);
    let run = test_env.run(&["profiles", "remove", "work", "-o", "table"]).code(0);
    assert!(run.stderr.contains("c66 profiles use NAME") && run.stderr.contains("home"), "{}", run.stderr);
    assert_eq!(test_env.config_text(), "# Mine.\n\n[profiles.home]\naccount = 12\n");
    for arguments in [&["profiles", "list"][..], &["config", "list"], &["--sandbox", "stacks", "list"]] {
        assert_eq!(test_env.run(arguments).code(0).stderr, "");
    }
    test_env.run(&["auth", "token"]).code(3);
    test_env.run(&["profiles", "use", "home"]).code(0);
    test_env.run(&["profiles", "remove", "home"]).code(0);
    assert_eq!(test_env.config_text().trim(), "# Mine.");
    test_env.run(&["profiles", "remove", "home"]).code(2);
    test_env.run(&["config", "set", "stack", "x"]).code(0);
}

#[test]
fn a_removed_profile_that_is_still_named_elsewhere_is_reported() {
    let test_env = TestEnv::with_config(TWO);
    let run = finish(test_env.command().env("C66_PROFILE", "work").args(["profiles", "remove", "work"])).code(0);
    assert!(run.stderr.contains("C66_PROFILE still names profile work"), "{}", run.stderr);
    for arguments in [&["profiles", "list"][..], &["config", "list"], &["profiles", "use", "home"]] {
        let run = finish(test_env.command().env("C66_PROFILE", "work").args(arguments)).code(0);
        assert!(run.stderr.contains("profile \"work\" (from C66_PROFILE) not found"), "{}", run.stderr);
    }
    // A command that would act for the wrong account stops.
    finish(test_env.command().env("C66_PROFILE", "work").args(["stacks", "list"])).code(2);
}

#[test]
fn wrong_values_in_the_file_can_be_removed_with_config_unset() {
    let test_env = TestEnv::with_config("color = \"pink\"\n[profiles.default]\noutput = \"xml\"\ncolor = \"green\"\n");
    test_env.run(&["stacks", "list"]).code(2);
    test_env.run(&["config", "unset", "output"]).code(0);
    test_env.run(&["config", "unset", "color"]).code(0);
    let run = test_env.run(&["config", "unset", "color"]).code(0);
    assert!(run.stderr.contains("outside all profiles") && run.stderr.contains("c66 config edit"), "{}", run.stderr);
    test_env.run(&["config", "set", "color", "never"]).code(0);
    test_env.sandbox(&["stacks", "list"]).code(0);
}

#[test]
fn the_default_timeout_is_listed_where_none_is_set() {
    let test_env = TestEnv::new();
    let timeout = |test_env: &TestEnv| {
        let run =
            test_env.run(&["config", "list", "--filter", "key=timeout", "-o", "tsv", "--no-headers", "--show-origin"]);
        run.code(0).stdout
    };
    assert_eq!(timeout(&test_env), "timeout\t30m; deployments 2h\tdefault\n");
    assert_eq!(test_env.run(&["config", "get", "timeout"]).code(0).stdout, "30m; deployments 2h\n");
    test_env.run(&["config", "set", "timeout", "5m"]).code(0);
    assert_eq!(timeout(&test_env), "timeout\t5m\tprofile default\n");
}

#[test]
fn concurrent_changes_lose_nothing() {
    let test_env = TestEnv::with_config("# Kept.\n");
    let settings = [("stack", "x"), ("output", "json"), ("account", "7"), ("timeout", "5m"), ("concurrency", "3")];
    let profiles = ["a", "b", "c"];
    thread::scope(|scope| {
        for profile in profiles {
            for (key, value) in settings {
                let test_env = &test_env;
                scope.spawn(move || test_env.run(&["config", "set", key, value, "--profile", profile]).code(0));
            }
        }
    });
    assert!(test_env.config_text().starts_with("# Kept.\n"));
    for profile in profiles {
        let run = test_env.run(&["profiles", "show", profile, "--jq", ".settings | length"]).code(0);
        assert_eq!(run.stdout, "5\n", "{}", test_env.config_text());
    }
}

#[test]
fn profiles_are_listed_and_one_can_be_made_current() {
    let text = "[profiles.home]\naccount = 12\n\n[profiles.work]\ntoken = \"canary\"\n\n[profiles.ci]\ntoken_command = [\"x\"]\n";
    let test_env = TestEnv::with_config(text);
    let run = test_env.run(&["profiles", "list", "--json"]).code(0);
    let list = run.json();
    let rows: Vec<_> = list
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| (row["name"].as_str(), row["current"].as_bool(), row["token"].as_str(), row["provider"].as_str()))
        .collect();
    let cloud66 = Some("cloud66");
    assert_eq!(
        rows,
        [
            (Some("ci"), Some(false), Some("by command"), cloud66),
            (Some("home"), Some(false), Some("none"), cloud66),
            (Some("work"), Some(false), Some("stored"), cloud66),
        ]
    );
    assert_eq!(test_env.run(&["profiles", "list", "-o", "name"]).code(0).stdout, "ci\nhome\nwork\n");
    test_env.run(&["profiles", "list"]).code(0);

    test_env.run(&["profiles", "use", "work"]).code(0);
    assert!(test_env.config_text().ends_with(text) && test_env.config_text().contains("default_profile = \"work\""));
    let current = test_env.run(&["profiles", "list", "-o", "name", "--filter", "current=yes"]).code(0);
    assert_eq!(current.stdout, "work\n");
    assert_eq!(test_env.run(&["auth", "token"]).code(0).stdout, "canary\n");
    assert_eq!(test_env.run(&["config", "get", "account", "--profile", "home"]).code(0).stdout, "12\n");

    let before = test_env.config_text();
    let run = test_env.run(&["profiles", "use", "wrok"]).code(2);
    assert!(run.stderr.contains("did you mean work?"), "{}", run.stderr);
    assert_eq!(test_env.config_text(), before);
    for arguments in [&["stacks", "list", "--profile", "hoem"][..], &["config", "list", "--profile", "hoem"]] {
        let run = test_env.run(arguments).code(2);
        assert!(run.stderr.contains("did you mean home?"), "{}", run.stderr);
    }
}
