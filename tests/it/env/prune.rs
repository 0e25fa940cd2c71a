//! No command deletes most variables of a stack by mistake.

use serde_json::json;

use crate::support::replies::list;
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv};

use super::writes;

const UID: &str = "5999b763474b0eafa5fafb64bff0ba80";

/// A stack with four variables of the user's own and one that is generated.
fn server() -> ScriptedServer {
    ScriptedServer::replying(|seen| match seen.path.as_str() {
        path if path.ends_with("stacks") => list(&[json!({ "uid": UID, "name": "Shop", "environment": "staging" })]),
        path if path.ends_with("environments") => {
            let own = ["A", "B", "C", "D"].map(|key| json!({ "id": 1, "key": key, "value": "1" }));
            let generated = [json!({ "id": 2, "key": "MADE", "value": "1", "is_generated": true })];
            list(&[&own[..], &generated].concat())
        }
        _ => (500, String::new()),
    })
}

fn push(text: &str, more: &[&str]) -> Run {
    let (server, test_env) = (server(), TestEnv::new());
    std::fs::write(test_env.home().join("new.env"), text).expect("a file");
    test_env.against(&server.url, &[&["env", "push", "new.env", "-s", "shop", "--debug"], more].concat())
}

#[test]
fn a_prune_of_more_than_half_needs_the_name_of_the_stack() {
    let refused = push("A=1\n", &["--prune", "--yes"]).code(2);
    assert_eq!(writes(&refused), 0, "{}", refused.stderr);
    for words in ["this deletes 3 of your 4 variables on Shop@staging", "--confirm Shop@staging", "--prune=all"] {
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    let other = push("A=1\n", &["--prune", "--confirm", "shop@production"]).code(2);
    assert_eq!(writes(&other), 0, "{}", other.stderr);
    for more in [
        &["--prune", "--confirm", "shop@staging"] as &[&str],
        &["--prune", "--confirm", UID, "--yes"],
        &["--prune=all", "--yes"],
    ] {
        assert!(writes(&push("A=1\n", more)) > 0, "{more:?}");
    }
    // Deleting half of them needs confirmation.
    assert!(writes(&push("A=1\nB=1\n", &["--prune", "--yes"])) > 0);
    assert_eq!(writes(&push("A=1\nB=1\n", &["--prune"]).code(2)), 0);
    // A dry run sends nothing.
    assert!(push("A=1\n", &["--prune", "--dry-run"]).code(0).stdout.contains("DELETE"));
}

#[test]
fn line_ends_that_are_cr_alone_hide_no_variable() {
    let run = push("A=1\r# B=2\rB=1\rC='1'\rD=1\r", &["--prune", "--yes"]).code(0);
    assert_eq!(run.stdout, "Nothing to change.\n");
}

#[test]
fn a_file_with_a_name_that_cannot_be_sent_is_refused() {
    for (text, format, words) in [
        ("MY-KEY=1\n", "dotenv", "use MY_KEY"),
        ("A=1\nB=x\0y\n", "dotenv", "NUL"),
        ("{\"MY-KEY\":\"1\"}", "json", "use MY_KEY"),
        ("{\"\":\"1\"}", "json", "invalid variable name"),
        ("{\"A\":\"x\\u0000y\"}", "json", "NUL"),
        ("{\"A\":\"1\",\"A\":\"2\"}", "json", "duplicate name A"),
        ("{\"A\":null}", "json", "the value of A"),
    ] {
        let run = push(text, &["--format", format, "--yes"]).code(2);
        assert!(run.stderr.contains(words), "{text:?}: {}", run.stderr);
        assert_eq!(writes(&run), 0, "{}", run.stderr);
    }
    let digits =
        push("\u{feff}{\"A\":1,\"B\":1,\"C\":1,\"D\":18446744073709551616.50}", &["--format", "json", "--dry-run"]);
    assert!(digits.code(0).stderr.contains("~ D\n"));
}
