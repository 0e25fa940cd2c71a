//! The pager: shows what is longer than the terminal, and nothing else.

use crate::support::pty::{Terminal, screen};
use crate::support::test_env::TestEnv;

/// What appears on a terminal of 40 rows, and the exit code.
fn on_terminal(pager: &str, arguments: &[&str]) -> (i32, String) {
    on_terminal_in(&TestEnv::new(), pager, arguments)
}

fn on_terminal_in(test_env: &TestEnv, pager: &str, arguments: &[&str]) -> (i32, String) {
    let mut command = test_env.command();
    command.env("C66_PAGER", pager).arg("--sandbox").args(arguments);
    let (code, seen) = Terminal::start(command, 80).end();
    (code, screen(&seen, 80).join("\n"))
}

#[test]
fn a_list_longer_than_the_terminal_goes_through_the_pager() {
    let (code, seen) = on_terminal("sed -e 's/^/paged: /'", &["stacks", "list"]);
    assert_eq!(code, 0);
    assert!(seen.starts_with("paged: NAME") && seen.contains("paged: Awesome App"), "{seen}");
    let (_, seen) = on_terminal("sed -e 's/^/paged: /'", &["help", "environment"]);
    assert!(seen.starts_with("paged: Environment variables"), "{seen}");
}

#[test]
fn short_lists_other_formats_and_no_pager_print_directly() {
    for arguments in [
        &["stacks", "list", "--limit", "5"][..],
        &["stacks", "list", "--no-pager"],
        &["stacks", "list", "-o", "json"],
        &["stacks", "list", "--no-input"],
    ] {
        let (code, seen) = on_terminal("sed -e 's/^/paged: /'", arguments);
        assert!(code == 0 && !seen.contains("paged") && seen.contains("Awesome App"), "{arguments:?}: {seen}");
    }
}

#[test]
fn a_pipe_has_no_pager() {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    let run = command.env("C66_PAGER", "sed -e s/^/paged:/").args(["--sandbox", "stacks", "list"]).output();
    let stdout = String::from_utf8(run.expect("the program runs").stdout).expect("text");
    assert!(stdout.lines().count() > 40 && !stdout.contains("paged"), "{stdout}");
}

#[test]
fn a_pager_that_ends_early_is_quiet() {
    let (code, seen) = on_terminal("head -n 1", &["stacks", "list"]);
    assert_eq!((code, seen.lines().count()), (0, 1), "{seen}");
}

#[test]
fn without_its_pager_the_list_is_printed_with_a_warning() {
    let (code, seen) = on_terminal("no-such-pager", &["stacks", "list"]);
    assert_eq!(code, 0);
    assert!(seen.contains("warning: cannot run the pager `no-such-pager`") && seen.contains("Awesome App"), "{seen}");
}

#[test]
fn the_pager_comes_from_the_users_own_file_and_never_from_a_project() {
    let test_env = TestEnv::with_config("[profiles.default]\npager = \"sed -e 's/^/own: /'\"\n");
    let mut command = test_env.command();
    command.env("C66_PAGER", "").args(["--sandbox", "stacks", "list"]);
    let (code, seen) = Terminal::start(command, 80).end();
    assert_eq!(code, 0);
    assert!(screen(&seen, 80).join("\n").starts_with("own: NAME"), "{seen}");
    test_env.write_project_file("pager = \"touch pwned\"\n");
    let run = test_env.sandbox(&["stacks", "list"]);
    assert!(run.code == 2 && run.stderr.contains("must not have pager"), "{run:?}");
}
