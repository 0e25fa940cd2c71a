//! A server that lies: it does the work and says something else, or says it late, elsewhere, or not at all. Nothing is
//! written twice for it, and no verdict is given that is not known.

use serde_json::json;

use crate::scripted::{Scripted, Seen, UID, action, good, list, refusal};
use crate::world::{Run, World};

/// The writes that arrived.
fn writes(server: &Scripted) -> Vec<String> {
    server.lines().into_iter().filter(|line| !line.starts_with("GET")).collect()
}

/// A reply with this status, in the documented form.
fn failure(status: u16) -> (u16, String) {
    let word = if status == 503 { "not_implemented" } else { "no" };
    refusal(status, word, "No.")
}

/// A server that has the call for many variables and takes it: each poll of the action it answers with is answered by
/// `poll`, which is told how many came before.
fn pushed(poll: impl Fn(usize) -> (u16, String) + Send + 'static) -> Scripted {
    let (mut taken, mut polls) = (false, 0);
    Scripted::new(move |seen: &Seen| match (seen.method.as_str(), seen.path.rsplit('/').next()) {
        ("GET", Some("5")) => {
            polls += 1;
            poll(polls - 1)
        }
        ("GET", _) if taken => list(&["A1", "A2"].map(|key| json!({ "id": 1, "key": key, "value": "new" }))),
        ("GET", _) => list(&[]),
        _ => {
            taken = true;
            good(&action(5, false, None, None))
        }
    })
}

fn push(server: &Scripted, more: &[&str]) -> Run {
    let world = World::new();
    std::fs::write(world.home().join("new.env"), "A1=new\nA2=new\n").expect("a file");
    let words = ["env", "push", "new.env", "-s", UID, "--yes", "--poll-interval", "20ms"];
    world.against(&server.url, &[&words, more].concat())
}

#[test]
fn what_a_poll_says_is_not_taken_for_what_the_call_for_many_variables_said() {
    for status in [404, 405, 503] {
        let server = pushed(move |polls| match polls {
            0 => failure(status),
            _ => good(&action(5, true, Some(true), None)),
        });
        push(&server, &[]);
        assert_eq!(writes(&server), [format!("PATCH /stacks/{UID}/environments/bulk")], "{status}");
        let server = pushed(move |_| failure(status));
        let run = push(&server, &["--timeout", "500ms"]);
        assert_ne!(run.code, 0);
        assert_eq!(writes(&server).len(), 1, "{status}");
        assert!(!run.stderr.contains("done before"), "{}", run.stderr);
        assert!(run.stderr.contains("the call that changes A1, A2 was taken"), "{}", run.stderr);
    }
}

#[test]
fn only_the_status_of_the_call_for_many_variables_leads_to_one_for_each() {
    for (status, each) in [(404, true), (405, true), (501, true), (503, true), (400, false), (418, false), (502, false)]
    {
        let server = Scripted::new(move |seen: &Seen| match (seen.method.as_str(), status) {
            ("GET", _) => list(&[]),
            ("PATCH", 502) => (502, String::new()),
            ("PATCH", _) => failure(status),
            _ => good(&action(5, true, Some(true), None)),
        });
        let run = push(&server, &[]);
        assert_eq!(
            (run.code == 0, writes(&server).len()),
            (each, if each { 3 } else { 1 }),
            "{status}: {}",
            run.stderr
        );
    }
}

#[test]
fn what_is_read_after_a_write_sends_nothing_again() {
    let server = Scripted::new(|seen: &Seen| match seen.method.as_str() {
        // The list goes on as if nothing had been done.
        "GET" => list(&[]),
        _ => good(&action(5, true, Some(true), None)),
    });
    let run = push(&server, &[]).code(8);
    assert_eq!(writes(&server).len(), 1);
    assert!(run.stderr.contains("A1, A2") && run.stderr.contains("check with: c66 env list"), "{}", run.stderr);
}
