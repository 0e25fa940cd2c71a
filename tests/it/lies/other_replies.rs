//! Wrong replies: unsolicited ones, and ones about another item than requested.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::replies::{UID, action, deployment, good, list};
use crate::support::scripted_server::{Answer, ScriptedServer, Seen, reply};
use crate::support::test_env::TestEnv;

const AT_ONCE: Duration = Duration::ZERO;

fn said((status, body): (u16, String)) -> Vec<u8> {
    reply(status, &body).bytes()
}

/// A server with one variable, whose connections stay. After each reply to a read comes `extra`, which nobody asked for;
/// the action that a write begins fails.
fn chatty(extra: Vec<u8>, pause: Duration) -> ScriptedServer {
    ScriptedServer::start(move |seen: &Seen, _| match (seen.method.as_str(), seen.path.rsplit('/').next()) {
        ("GET", Some("5")) => Answer::Bytes(said(good(&action(5, true, Some(false), Some("it failed"))))),
        ("GET", _) => Answer::Parts(vec![(AT_ONCE, said(list(&[]))), (pause, extra.clone())]),
        // The true reply comes after the unsolicited one.
        _ => Answer::Parts(vec![(Duration::from_millis(50), said(good(&action(5, false, None, None))))]),
    })
}

#[test]
fn an_unsolicited_reply_is_not_the_reply_to_a_write() {
    let other = said(good(&action(4, true, Some(true), None)));
    for pause in [AT_ONCE, Duration::from_millis(10)] {
        let server = chatty(other.clone(), pause);
        let run = TestEnv::new().against(&server.url, &["env", "set", "A=1", "-s", UID, "--yes", "-o", "json"]).code(5);
        assert_eq!(run.json_error()["action_id"], 5, "{}", run.stderr);
        let writes = server.seen().into_iter().filter(|seen| seen.method != "GET").count();
        assert_eq!(writes, 1);
    }
    // In the same packet as the reply before it, so that both are read at once.
    let server = chatty([said(list(&[])), other].concat(), AT_ONCE);
    TestEnv::new().against(&server.url, &["env", "set", "A=1", "-s", UID, "--yes"]).code(5);
}

#[test]
fn a_write_has_a_connection_of_its_own() {
    let server = ScriptedServer::start(|seen: &Seen, _| match seen.method.as_str() {
        "GET" => Answer::Bytes(said(list(&[]))),
        // Without the call for many variables, each has one of its own.
        "PATCH" => Answer::Bytes(said((404, String::new()))),
        _ => Answer::Bytes(said(good(&action(5, true, Some(true), None)))),
    });
    TestEnv::new().against(&server.url, &["env", "set", "A=1", "B=2", "-s", UID, "--yes"]).code(0);
    let peers: Vec<_> = server.seen().iter().map(|seen| (seen.method.clone(), seen.connection)).collect();
    for (index, (method, connection)) in peers.iter().enumerate() {
        let used_before = peers[..index].iter().any(|(_, earlier)| earlier == connection);
        assert!(!used_before || method == "GET", "{peers:?}");
    }
}

#[test]
fn a_poll_that_is_about_another_action_is_no_verdict() {
    for others in [1, 3] {
        let mut polls = 0;
        let server = ScriptedServer::replying(move |seen: &Seen| {
            polls += usize::from(seen.method == "GET");
            match seen.method.as_str() {
                "GET" if polls <= others => good(&action(4, true, Some(true), None)),
                "GET" => good(&action(5, true, Some(false), Some("ours failed"))),
                _ => good(&action(5, false, None, None)),
            }
        });
        let words = ["stacks", "restart", UID, "--yes", "-o", "json", "--poll-interval", "20ms"];
        let error = TestEnv::new().against(&server.url, &words).code(5).json_error();
        assert_eq!(error["action_id"], 5);
        assert!(error["message"].to_string().contains("ours failed"), "{error}");
    }
    let server = ScriptedServer::replying(|_| good(&deployment(6, "api", Some("success"))));
    let words = ["deployments", "wait", "7", "-s", UID, "--poll-interval", "20ms", "--timeout", "400ms"];
    TestEnv::new().against(&server.url, &words).code(6);
    let server = ScriptedServer::replying(|_| good(&json!({ "uid": "f".repeat(32), "name": "other", "health": 3 })));
    let words = ["wait", "stack", UID, "--for", "name=other", "--poll-interval", "20ms", "--timeout", "400ms"];
    TestEnv::new().against(&server.url, &words).code(6);
}

#[test]
fn what_is_shown_is_what_was_asked_for() {
    let other = "f".repeat(32);
    let shown: [(&[&str], Value, Value); 7] = [
        (&["actions", "show", "5"], action(5, true, Some(true), None), action(4, true, Some(true), None)),
        (&["deployments", "show", "7"], deployment(7, "web", Some("success")), deployment(70, "web", Some("success"))),
        (&["stacks", "show", UID], json!({ "uid": UID, "name": "a" }), json!({ "uid": other, "name": "a" })),
        (&["servers", "show", UID], json!({ "uid": UID.to_uppercase() }), json!({ "uid": other })),
        (&["services", "show", "web"], json!({ "name": "Web" }), json!({ "name": "worker" })),
        (&["firewall", "show", "12"], json!({ "id": "12" }), json!({ "id": 13 })),
        (&["backups", "show", "3"], json!({ "id": 3 }), json!({ "id": 4 })),
    ];
    for (words, same, another) in shown {
        let words = [words, if words[0] == "stacks" { &[][..] } else { &["-s", UID] }, &["-o", "json"]].concat();
        for (item, code) in [(&same, 0), (&another, 8)] {
            let item = item.clone();
            let server = ScriptedServer::replying(move |_| good(&item));
            let run = TestEnv::new().against(&server.url, &words).code(code);
            if code == 8 {
                assert_eq!((run.json_error()["code"].as_str(), run.stdout.as_str()), (Some("bad_reply"), ""));
            }
        }
    }
}

#[test]
fn after_a_reply_about_another_thing_its_connection_is_not_used_again() {
    // One extra reply at the start: each later request on that connection gets the previous reply.
    let server = ScriptedServer::start(|seen: &Seen, _| {
        let id = seen.path.rsplit('/').next().and_then(|id| id.parse().ok());
        match (seen.method.as_str(), id) {
            ("GET", Some(_)) if seen.connection == 2 => {
                Answer::Bytes(said(good(&action(4, false, None, Some("another")))))
            }
            ("GET", Some(id)) => Answer::Bytes(said(good(&action(id, true, Some(true), None)))),
            _ => Answer::Bytes(said(good(&action(5, false, None, None)))),
        }
    });
    let words = ["stacks", "restart", UID, "--yes", "--poll-interval", "20ms", "--timeout", "5s"];
    TestEnv::new().against(&server.url, &words).code(0);
    assert!(server.seen().last().expect("a request").connection > 2);
}
