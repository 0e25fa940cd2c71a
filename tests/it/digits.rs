//! Data is shown as the API sends it: every digit of a number, times in unknown forms, text with a lone surrogate.

use crate::support::pty::{Terminal, lines};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::TestEnv;

const STACKS: &str = r#"{"response": [
    {"uid": "u1", "name": "x\ud800y", "last_activity": "next week", "big": 18446744073709551616, "exact": 1.50, "huge": 1e1000},
    {"uid": "u2", "name": "two", "last_activity": "2014-08-14T01:46:52Z", "big": 18446744073709551617, "exact": 2, "huge": -1}
]}"#;

fn server() -> ScriptedServer {
    ScriptedServer::replying(|_| (200, STACKS.to_owned()))
}

fn list(more: &[&str]) -> String {
    TestEnv::new().against(&server().url, &[&["stacks", "list"], more].concat()).code(0).stdout
}

#[test]
fn numbers_keep_their_digits_in_every_format() {
    let columns = &["--columns", "uid,big,exact,huge", "-o"];
    for format in ["table", "csv", "tsv", "yaml", "json", "jsonl"] {
        let shown = list(&[columns, &[format] as &[&str]].concat());
        for digits in ["18446744073709551616", "1.50", "1e1000"] {
            assert!(shown.contains(digits), "{format}: {shown}");
        }
    }
    assert!(list(&["-o", "yaml"]).contains("  big: 18446744073709551616\n  exact: 1.50\n  huge: 1e1000\n"));
    assert_eq!(list(&["-o", "name", "--filter", "big=18446744073709551617"]), "u2\n");
    assert_eq!(list(&["-o", "name", "--filter", "exact=1.50"]), "u1\n");
    assert_eq!(list(&["-o", "name", "--sort", "big:desc"]), "u2\nu1\n");
    assert_eq!(list(&["-o", "name", "--sort", "huge"]), "u2\nu1\n");
}

#[test]
fn a_time_in_another_form_is_shown_as_it_came() {
    let shown = list(&["--columns", "uid,last_activity", "-o", "csv", "--no-headers"]);
    assert_eq!(shown, "u1,next week\nu2,2014-08-14T01:46:52Z\n");
}

#[test]
fn half_a_surrogate_pair_costs_that_character_alone() {
    for format in ["csv", "table", "yaml"] {
        let shown = list(&["--columns", "uid,name", "-o", format]);
        assert!(shown.contains("x\u{fffd}y"), "{format}: {shown}");
    }
}

#[test]
fn a_reply_may_begin_with_a_byte_order_mark() {
    let server = ScriptedServer::replying(|_| (200, format!("\u{feff}{STACKS}")));
    let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", "name"]).code(0);
    assert_eq!(run.stdout, "u1\nu2\n");
}

#[test]
fn columns_is_the_width_of_a_table_on_a_terminal() {
    let long = "n".repeat(90);
    let body =
        format!(r#"{{"response": [{{"uid": "u1", "name": "shop", "cloud": "{long}", "environment": "staging"}}]}}"#);
    let server = ScriptedServer::replying(move |_| (200, body.clone()));
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789").env("COLUMNS", "50");
    command.args(["stacks", "list", "--columns", "uid,name,cloud"]);
    let (code, seen) = Terminal::start(command, 120).end();
    assert_eq!(code, 0, "{seen}");
    assert!(lines(&seen).iter().all(|line| line.chars().count() <= 50), "{:#?}", lines(&seen));
}

#[test]
fn a_line_longer_than_columns_is_broken_and_whole() {
    let name = "n".repeat(120);
    let uid = "5999b763474b0eafa5fafb64bff0ba80";
    let stack = format!(r#"{{"uid": "{uid}", "name": "{name}", "environment": "staging"}}"#);
    let server = ScriptedServer::replying(move |seen| {
        let is_one = seen.path.contains(uid);
        (200, if is_one { format!(r#"{{"response": {stack}}}"#) } else { format!(r#"{{"response": [{stack}]}}"#) })
    });
    let test_env = TestEnv::new();
    for words in [vec!["stacks", "list", "--columns", "uid,name,environment"], vec!["stacks", "show", uid]] {
        // A terminal breaks its lines itself, so that a name that is copied stays in one piece.
        for (columns, is_broken) in [(50, true), (120, false)] {
            let mut command = test_env.command();
            command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789");
            command.env("COLUMNS", columns.to_string()).args(&words);
            let (code, seen) = Terminal::start(command, 120).end();
            assert_eq!(code, 0, "{seen}");
            let lines = lines(&seen);
            assert_eq!(lines.iter().all(|line| line.chars().count() <= 50), is_broken, "{lines:#?}");
            assert_eq!(lines.iter().any(|line| line.contains(&name)), !is_broken, "{lines:#?}");
            assert!(lines.concat().contains(&name), "{lines:#?}");
        }
    }
}

#[test]
fn a_list_is_one_yaml_document_over_all_pages_and_when_it_is_empty() {
    let server = ScriptedServer::replying(|seen| {
        let page = seen.page();
        let next = if page < 3 { (page + 1).to_string() } else { "null".to_owned() };
        let body = format!(
            r#"{{"response": [{{"uid": "u{page}", "k": [{page}, {{}}]}}], "pagination": {{"current": {page}, "next": {next}, "pages": 3}}}}"#
        );
        (200, body)
    });
    let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", "yaml"]).code(0);
    let expected = "- uid: u1\n  k:\n  - 1\n  - {}\n- uid: u2\n  k:\n  - 2\n  - {}\n- uid: u3\n  k:\n  - 3\n  - {}\n";
    assert_eq!(run.stdout, expected);
    let empty = ScriptedServer::replying(|_| (200, r#"{"response": []}"#.to_owned()));
    for more in [&[] as &[&str], &["--columns", "uid"]] {
        let words = [&["stacks", "list", "-o", "yaml"], more].concat();
        assert_eq!(TestEnv::new().against(&empty.url, &words).code(0).stdout, "[]\n");
    }
}
