//! The program on a pseudo terminal: spinner, colours, questions, pickers and hidden input.

use std::process::Command;

use unicode_width::UnicodeWidthStr;

use crate::support::pty::{Terminal, lines, screen};
use crate::support::replies::list;
use crate::support::scripted_server::ScriptedServer;
use crate::support::served_sandbox::ServedSandbox;
use crate::support::test_env::TestEnv;

/// The frames of the spinner.
const SPINNER: [char; 8] = ['⠁', '⠂', '⠄', '⡀', '⢀', '⠠', '⠐', '⠈'];

fn sandbox(test_env: &TestEnv, arguments: &[&str]) -> Command {
    let mut command = test_env.command();
    command.arg("--sandbox").args(arguments);
    command
}

#[test]
fn a_spinner_turns_during_a_redeploy_and_is_gone_at_the_end() {
    let test_env = TestEnv::new();
    let mut command = sandbox(&test_env, &["redeploy", "-s", "awesome-app@staging"]);
    command.env("C66_SANDBOX_SPEED", "5");
    let (code, seen) = Terminal::start(command, 120).end();
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains(SPINNER), "{}", seen.escape_debug());
    assert!(seen.contains("deployment 263 deploying"), "{}", seen.escape_debug());
    let left = lines(&seen);
    assert!(!left.iter().any(|line| line.contains(SPINNER) || line.contains("deploying")), "{left:#?}");
    assert!(
        left.iter().any(|line| line.starts_with("redeployment of Awesome App@staging: succeeded after")),
        "{left:#?}"
    );
    assert!(left.iter().any(|line| line.starts_with("Outcome:") && line.ends_with("success")), "{left:#?}");
}

#[test]
fn there_is_no_spinner_in_ci_on_a_dumb_terminal_or_with_quiet() {
    let test_env = TestEnv::new();
    for (name, value, flag) in [("CI", "true", "--color=auto"), ("TERM", "dumb", "--color=auto"), ("X", "", "--quiet")]
    {
        let mut command = sandbox(&test_env, &["redeploy", "-s", "awesome-app@staging", flag]);
        command.env(name, value);
        let (code, seen) = Terminal::start(command, 120).end();
        assert_eq!(code, 0, "{seen}");
        assert!(!seen.contains(SPINNER), "{name}: {}", seen.escape_debug());
        assert_eq!(seen.contains("succeeded after"), name != "X", "{seen}");
    }
}

#[test]
fn a_table_fits_the_terminal() {
    let test_env = TestEnv::new();
    for columns in [80, 100, 120] {
        let (code, seen) = Terminal::start(sandbox(&test_env, &["stacks", "list"]), columns).end();
        assert_eq!(code, 0);
        let rows = lines(&seen);
        assert!(rows.len() > 60, "{rows:#?}");
        for row in &rows {
            assert!(row.width() <= usize::from(columns), "{columns}: {row}");
        }
        assert!(rows[1].starts_with("Awesome App "), "{columns}: {}", rows[1]);
        assert!(!rows[1].contains("5999b763474b"), "a UID is short or left out at {columns}: {}", rows[1]);
    }
    let (_, seen) = Terminal::start(sandbox(&test_env, &["stacks", "list"]), 300).end();
    assert!(!seen.contains('…'), "there is room: {seen}");
}

#[test]
fn times_are_relative_and_words_are_coloured() {
    let test_env = TestEnv::new();
    let (_, seen) = Terminal::start(sandbox(&test_env, &["stacks", "list", "--limit", "1"]), 200).end();
    assert!(seen.contains("years ago"), "{seen}");
    assert!(seen.contains("\u{1b}[32mHealthy"), "{}", seen.escape_debug());
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")] {
        let mut command = sandbox(&test_env, &["stacks", "list", "--limit", "1"]);
        command.env(name, value);
        let (_, seen) = Terminal::start(command, 200).end();
        assert!(!seen.contains('\u{1b}') && seen.contains("years ago"), "{name}: {}", seen.escape_debug());
    }
}

#[test]
fn csv_is_the_same_on_a_terminal_and_in_a_pipe() {
    let test_env = TestEnv::new();
    let arguments = ["stacks", "list", "-o", "csv"];
    let (_, seen) = Terminal::start(sandbox(&test_env, &arguments), 80).end();
    assert_eq!(test_env.sandbox(&arguments).code(0).stdout, seen.replace("\r\n", "\n"));
}

#[test]
fn a_picker_asks_for_the_stack_when_none_is_named() {
    let test_env = TestEnv::new();
    let mut terminal = Terminal::start(sandbox(&test_env, &["stacks", "show"]), 100);
    terminal.expect(" 2  Awesome App@staging");
    terminal.expect("Which stack?");
    terminal.press("2\r");
    let (code, seen) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    let mut by_name = Terminal::start(sandbox(&test_env, &["stacks", "show"]), 100);
    by_name.expect("Which stack?");
    by_name.press("book-shop\r");
    let (code, named) = by_name.end();
    assert!(code == 0 && named.contains("next time: c66 … -s book-shop@production"), "{named}");
    let left = lines(&seen);
    assert!(left.contains(&"Which stack? Awesome App@staging".to_owned()), "{left:#?}");
    assert!(left.contains(&"next time: c66 … -s awesome-app@staging".to_owned()), "{left:#?}");
    assert!(!left.iter().any(|line| line.contains("Book Shop")), "the list is gone: {left:#?}");
    assert!(left.iter().any(|line| line.starts_with("Environment:") && line.ends_with("staging")), "{left:#?}");
}

#[test]
fn the_picker_narrows_and_goes_on_after_a_wrong_answer() {
    let test_env = TestEnv::new();
    let mut terminal = Terminal::start(sandbox(&test_env, &["stacks", "show", "-e", "staging"]), 60);
    terminal.expect("type to narrow");
    assert!(!terminal.seen().contains("@production"), "what is named already counts: {}", terminal.seen());
    terminal.press("nosuch\r");
    terminal.expect("no match");
    terminal.press("\u{15}awesome\u{1b}[B\u{1b}[A\r");
    let (code, seen) = terminal.end_and_look(|terminal| assert!(terminal.echoes()));
    assert_eq!(code, 0, "{seen}");
    assert!(lines(&seen).contains(&"Which stack? Awesome App@staging".to_owned()), "{:#?}", lines(&seen));
    let mut terminal = Terminal::start(sandbox(&test_env, &["stacks", "show"]), 60);
    terminal.expect("type to narrow");
    terminal.press("shop\u{3}");
    let (code, seen) = terminal.end_and_look(|terminal| assert!(terminal.echoes()));
    assert_eq!(code, 130, "{seen}");
    assert!(!seen.contains("^C"), "{}", seen.escape_debug());
}

#[test]
fn picking_nothing_cancels() {
    let test_env = TestEnv::new();
    let mut terminal = Terminal::start(sandbox(&test_env, &["stacks", "show"]), 100);
    terminal.expect("Which stack?");
    terminal.press("\r");
    let (code, seen) = terminal.end();
    assert_eq!(code, 10, "{seen}");
}

#[test]
fn a_token_is_not_seen_while_it_is_typed() {
    let server = ScriptedServer::replying(|_| list(&[]));
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).args(["auth", "login"]);
    let mut terminal = Terminal::start(command, 100);
    terminal.expect("API token:");
    terminal.type_in("typed-token-0123456789\r");
    let (code, seen) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    assert!(!seen.contains("typed-token"), "{}", seen.escape_debug());
    let stored = std::fs::read_to_string(test_env.config_file()).expect("a config file");
    assert!(stored.contains("typed-token-0123456789"), "{stored}");
}

#[test]
fn ctrl_c_during_hidden_input_sends_nothing_and_restores_the_terminal() {
    let test_env = TestEnv::new();
    for (typed, expected) in [("half\u{3}", 130), ("\u{4}", 10), ("\r", 10)] {
        let arguments = ["env", "set", "SECRET", "-s", "awesome-app@staging"];
        let mut terminal = Terminal::start(sandbox(&test_env, &arguments), 100);
        terminal.expect("Value of SECRET");
        terminal.type_in(typed);
        terminal.expect("error:");
        assert!(terminal.echoes(), "{typed:?}");
        assert_eq!(terminal.end().0, expected, "{typed:?}");
    }
    test_env.sandbox(&["env", "get", "SECRET", "-s", "awesome-app@staging"]).code(4);
}

#[test]
fn env_set_with_only_a_key_asks_for_the_value() {
    let test_env = TestEnv::new();
    let mut terminal = Terminal::start(sandbox(&test_env, &["env", "set", "SECRET", "-s", "awesome-app@staging"]), 100);
    terminal.expect("Value of SECRET");
    terminal.type_in("hush-hush\r");
    let (code, seen) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    assert!(!seen.contains("hush-hush"), "{}", seen.escape_debug());
    assert_eq!(test_env.sandbox(&["env", "get", "SECRET", "-s", "awesome-app@staging"]).code(0).stdout, "hush-hush\n");
}

#[test]
fn a_question_is_answered_with_yes_or_no() {
    let test_env = TestEnv::new();
    for (typed, expected) in [("n\r", 10), ("\r", 10), ("maybe\rno\r", 10), ("yes\r", 0)] {
        let mut terminal = Terminal::start(sandbox(&test_env, &["redeploy", "-s", "awesome-app@production"]), 100);
        terminal.expect("Redeploy Awesome App@production? [y/N]");
        terminal.press(typed);
        let (code, seen) = terminal.end();
        assert_eq!(code, expected, "{typed:?}: {seen}");
        assert_eq!(seen.contains("cancelled; nothing was changed"), expected == 10, "{seen}");
    }
    let count = ["deployments", "list", "-s", "awesome-app@production", "--jq", "length"];
    assert_eq!(test_env.sandbox(&count).code(0).stdout, "2\n", "a no changes nothing");
}

#[test]
fn nothing_is_asked_without_a_keyboard_or_with_no_input() {
    let test_env = TestEnv::new();
    let arguments = ["redeploy", "-s", "awesome-app@production"];
    let (code, seen) = Terminal::start_without_keyboard(sandbox(&test_env, &arguments), 100).end();
    assert_eq!(code, 2, "{seen}");
    assert!(seen.contains("pass --yes to confirm"), "{seen}");
    let (code, seen) =
        Terminal::start(sandbox(&test_env, &["redeploy", "-s", "awesome-app@production", "--no-input"]), 100).end();
    assert_eq!(code, 2, "{seen}");
    let (code, seen) = Terminal::start(sandbox(&test_env, &["stacks", "show", "--no-input"]), 100).end();
    assert_eq!(code, 2, "{seen}");
    assert!(seen.contains("pass --stack NAME"), "{seen}");
}

#[test]
fn ctrl_c_ends_a_question_and_a_wait() {
    let test_env = TestEnv::new();
    let mut terminal = Terminal::start(sandbox(&test_env, &["redeploy", "-s", "awesome-app@production"]), 100);
    terminal.expect("[y/N]");
    terminal.press("\u{3}");
    let (code, seen) = terminal.end_and_look(|terminal| assert!(terminal.echoes()));
    assert_eq!(code, 130, "{seen}");
    assert!(seen.contains("[y/N] \r\n") && !seen.contains("^C"), "{}", seen.escape_debug());

    let mut command = sandbox(&test_env, &["redeploy", "-s", "awesome-app@staging"]);
    command.env("C66_SANDBOX_SPEED", "0.001");
    let mut terminal = Terminal::start(command, 200);
    terminal.expect("deployment 263");
    terminal.press("\u{3}");
    let (code, seen) = terminal.end();
    assert_eq!(code, 130, "{seen}");
    assert!(seen.contains("resume waiting with: c66 --sandbox deployments wait 263"), "{seen}");
    let left = lines(&seen);
    assert!(!left.iter().any(|line| line.contains(SPINNER)), "{left:#?}");
}

#[test]
fn ctrl_c_removes_spinners_and_bars_on_every_width() {
    let test_env = TestEnv::new();
    let served = ServedSandbox::start(&test_env, &["--speed", "0.001", "--file-rate", "200kB"]);
    std::fs::write(test_env.home().join("secret"), "client-secret\n").expect("a file");
    for columns in [40, 80, 120] {
        for (words, seen_first) in [
            (&["redeploy", "-s", "awesome-app@staging", "--yes"] as &[&str], "s)"),
            (
                &["backups", "download", "5", "-s", "awesome-app@production", "-O", "x.tar", "--force", "--no-resume"],
                "KiB/",
            ),
            (
                &["auth", "login", "--oauth", "--client-id", "x", "--client-secret-file", "secret", "--no-browser"],
                "browser",
            ),
        ] {
            let mut terminal = Terminal::start(served.command(&test_env, words), columns);
            terminal.expect(seen_first);
            terminal.press("\u{3}");
            let (code, seen) = terminal.end();
            assert_eq!(code, 130, "{seen}");
            let left = screen(&seen, columns.into());
            let moving = |line: &String| line.contains(SPINNER) || line.contains("iB/") || line.contains("s)");
            assert!(!left.iter().any(moving), "{columns}: {left:#?}\n{}", seen.escape_debug());
        }
    }
}

#[test]
fn a_backup_is_not_written_to_a_terminal() {
    let test_env = TestEnv::new();
    let download = ["backups", "download", "1", "-s", "awesome-app@production", "-O", "-"];
    let (code, seen) = Terminal::start(sandbox(&test_env, &download), 100).end();
    assert_eq!(code, 2, "{seen}");
    assert!(seen.contains("pipe the output"), "{seen}");
}
