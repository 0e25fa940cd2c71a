//! Whole screens: what a person sees after a command, on a pseudo terminal of 80 and of 120 columns.
//!
//! `INSTA_UPDATE=always cargo test --test it screens` regenerates `snapshots/`; `git diff` then shows what has changed.

use regex_bites::{Captures, Regex};

use crate::support::pty::{Terminal, screen};
use crate::support::test_env::TestEnv;

const PRODUCTION: &str = "awesome-app@production";
const STAGING: &str = "awesome-app@staging";

/// Compares a command, its screen and its exit code with the snapshot of that name.
#[track_caller]
fn assert_screen(name: &str, columns: u16, arguments: &[&str]) {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.arg("--sandbox").args(arguments);
    let (code, seen) = Terminal::start(command, columns).end();
    let screen = without_times(&screen(&seen, columns.into()).join("\n"));
    let text = format!("$ c66 --sandbox {}\n{screen}\n[exit code {code}]", arguments.join(" "));
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("{name}_{columns}"), text));
}

/// Replaces digits that depend on the clock with `#`: ages and durations.
fn without_times(screen: &str) -> String {
    let time = Regex::new(r"\d+ [a-z]+ ago|after \d+s|Duration: +\d+s").expect("a pattern");
    let without_digits = |found: &Captures| {
        found[0].chars().map(|letter| if letter.is_ascii_digit() { '#' } else { letter }).collect::<String>()
    };
    time.replace_all(screen, without_digits).into_owned()
}

#[test]
fn lists_fit_the_terminal() {
    for columns in [80, 120] {
        assert_screen("stacks_list", columns, &["stacks", "list", "--limit", "12"]);
        assert_screen("env_list", columns, &["env", "list", "-s", PRODUCTION]);
        assert_screen("servers_list", columns, &["servers", "list", "-s", PRODUCTION]);
        assert_screen("deployments_list", columns, &["deployments", "list", "-s", PRODUCTION]);
    }
}

#[test]
fn one_stack_is_shown_field_by_field() {
    assert_screen("stacks_show", 80, &["stacks", "show", PRODUCTION]);
}

#[test]
fn a_finished_redeployment_leaves_its_result_and_no_spinner() {
    assert_screen("redeploy", 80, &["redeploy", "-s", STAGING]);
}

#[test]
fn an_error_has_a_cause_and_a_hint() {
    assert_screen("error_with_hint", 80, &["stacks", "show", "awesom-app"]);
    assert_screen("error_with_cause_and_hint", 80, &["stacks", "list", "--ca-cert", "nosuch.pem"]);
}

#[test]
fn help_fits_the_terminal() {
    assert_screen("help", 80, &["--help"]);
    assert_screen("help_redeploy", 80, &["redeploy", "--help"]);
}
