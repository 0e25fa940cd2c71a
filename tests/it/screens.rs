//! Whole screens: what a person sees after a command, on a pseudo terminal of 60, 80 and 120 columns.
//!
//! `INSTA_UPDATE=always cargo test --test it screens` regenerates `snapshots/`; `git diff` then shows what has changed.

use regex_bites::{Captures, Regex};

use crate::support::pty::{Terminal, screen};
use crate::support::test_env::TestEnv;

const PRODUCTION: &str = "awesome-app@production";
const STAGING: &str = "awesome-app@staging";

/// The widths that people have: half a screen, the usual one, and a wide one.
const WIDTHS: [u16; 3] = [60, 80, 120];

/// Compares a command, its screen and its exit code with the snapshot of that name.
#[track_caller]
fn assert_screen(name: &str, columns: u16, arguments: &[&str]) {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("LANG", "C.UTF-8").arg("--sandbox").args(arguments);
    let (code, seen) = Terminal::start(command, columns).end();
    let screen = without_times(&screen(&seen, columns.into()).join("\n"));
    assert_snapshot(&format!("{name}_{columns}"), &screen, arguments, code);
}

#[track_caller]
fn assert_snapshot(name: &str, seen: &str, arguments: &[&str], code: i32) {
    let text = format!("$ c66 --sandbox {}\n{seen}\n[exit code {code}]", arguments.join(" "));
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Replaces digits that depend on the clock with `#`: ages and durations.
fn without_times(screen: &str) -> String {
    let time = Regex::new(r"(?m)\d+ [a-z]+ ago|\b\d+(s|m|h|d|mo|y)( |$)|\(\d+s\)|after \d+s|Duration: +\d+s")
        .expect("a pattern");
    let without_digits = |found: &Captures| {
        found[0].chars().map(|letter| if letter.is_ascii_digit() { '#' } else { letter }).collect::<String>()
    };
    time.replace_all(screen, without_digits).into_owned()
}

#[test]
fn lists_fit_the_terminal() {
    for columns in WIDTHS {
        assert_screen("stacks_list", columns, &["stacks", "list", "--limit", "12"]);
        for noun in ["env", "servers", "deployments", "actions", "services", "containers", "backups", "firewall"] {
            assert_screen(&format!("{noun}_list"), columns, &[noun, "list", "-s", PRODUCTION]);
        }
        for noun in ["settings", "notifications", "ssl"] {
            assert_screen(&format!("{noun}_list"), columns, &[noun, "list", "-s", PRODUCTION, "--limit", "6"]);
        }
        for noun in ["processes", "config-files", "databases", "config-store"] {
            assert_screen(&format!("{noun}_list"), columns, &[noun, "list", "-s", PRODUCTION]);
        }
        for noun in ["jobs", "variants"] {
            assert_screen(&format!("{noun}_list"), columns, &[noun, "list", "-s", "voting-app"]);
        }
        for noun in
            ["accounts", "users", "gateways", "failover-groups", "clusters", "image-repositories", "dns-providers"]
        {
            assert_screen(&format!("{noun}_list"), columns, &[noun, "list"]);
        }
    }
}

#[test]
fn the_status_fits_the_terminal() {
    for columns in WIDTHS {
        assert_screen("status", columns, &["status", "--quick"]);
        assert_screen("status_stack", columns, &["status", PRODUCTION]);
    }
}

/// Only the colours that a theme chooses, and neither black, white nor a background: what is bright on one screen is
/// invisible on another.
#[test]
fn colours_suit_dark_and_light_screens() {
    const SUITED: [&str; 13] = ["0", "1", "2", "3", "4", "7", "22", "27", "31", "32", "33", "36", "39"];
    let pattern = Regex::new("\u{1b}\\[([0-9;]*)m").expect("a pattern");
    let mut colours = std::collections::BTreeSet::new();
    for arguments in [
        &["status"][..],
        &["doctor"],
        &["stacks", "list"],
        &["deployments", "list", "-s", PRODUCTION],
        &["stacks", "maintenance", "on", "-s", STAGING],
        &["redeploy", "-s", STAGING, "--git-ref", "fail"],
        &["redeploy", "--help"],
        &["stacks", "shwo"],
        &["stacks", "show", "awsome-app"],
    ] {
        let test_env = TestEnv::new();
        let mut command = test_env.command();
        command.env_remove("NO_COLOR").env("LANG", "C.UTF-8").arg("--sandbox").args(arguments);
        let (_, seen) = Terminal::start(command, 100).end();
        for found in pattern.captures_iter(&seen) {
            for code in found[1].split(';').filter(|code| !code.is_empty()) {
                assert!(SUITED.contains(&code), "{arguments:?} uses {code}: {seen:?}");
                colours.insert(code.to_owned());
            }
        }
    }
    // Red, green and yellow were seen, so the test looks at the right thing.
    assert!(["31", "32", "33"].iter().all(|code| colours.contains(*code)), "{colours:?}");
}

#[test]
fn columns_that_were_named_all_stay() {
    let columns = ["--columns", "uid,name,git,status", "--limit", "3"];
    assert_screen("stacks_list_columns", 60, &[&["stacks", "list"][..], &columns].concat());
}

#[test]
fn a_write_prints_one_sentence() {
    for columns in WIDTHS {
        assert_screen("maintenance", columns, &["stacks", "maintenance", "off", "-s", STAGING]);
        assert_screen("env_set", columns, &["env", "set", "A=1", "B=2", "-s", STAGING]);
        assert_screen("services_restart", columns, &["services", "restart", "web", "-s", STAGING]);
    }
}

#[test]
fn colours_stand_beside_words_and_can_be_switched_off() {
    for (name, variable) in [("stacks_list_colour", "CLICOLOR"), ("stacks_list_no_colour", "NO_COLOR")] {
        let test_env = TestEnv::new();
        let arguments = ["stacks", "list", "--limit", "3"];
        let mut command = test_env.command();
        command.env(variable, "1").arg("--sandbox").args(arguments);
        let (code, seen) = Terminal::start(command, 80).end();
        let seen = without_times(&seen.replace('\r', "")).replace('\u{1b}', "\\e");
        assert_snapshot(name, seen.trim_end(), &arguments, code);
    }
}

#[test]
fn one_stack_is_shown_field_by_field() {
    for columns in WIDTHS {
        assert_screen("stacks_show", columns, &["stacks", "show", PRODUCTION]);
    }
}

#[test]
fn a_finished_redeployment_leaves_its_result_and_no_spinner() {
    for columns in WIDTHS {
        assert_screen("redeploy", columns, &["redeploy", "-s", STAGING]);
    }
}

#[test]
fn an_error_has_a_cause_and_a_hint() {
    assert_screen("error_with_hint", 80, &["stacks", "show", "awesom-app"]);
    assert_screen("error_not_found", 80, &["deployments", "show", "9", "-s", PRODUCTION]);
    assert_screen("error_failed", 80, &["redeploy", "-s", STAGING, "--git-ref", "fail"]);
    assert_screen("error_with_cause_and_hint", 80, &["stacks", "list", "--ca-cert", "nosuch.pem"]);
}

#[test]
fn help_fits_the_terminal() {
    for columns in WIDTHS {
        assert_screen("help", columns, &["--help"]);
        assert_screen("help_redeploy", columns, &["redeploy", "--help"]);
        assert_screen("help_topic", columns, &["help", "from-cx"]);
    }
}
