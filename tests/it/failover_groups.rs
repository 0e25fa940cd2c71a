//! `c66 failover-groups`.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::replies::{good, list};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv};

const GROUP: &str = "awesome-app.cloud66.net";
const DOCUMENTED: &str = "958-797-516.cloud66.net";

fn groups(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["failover-groups"], arguments].concat())
}

/// The group with that address.
fn group(test_env: &TestEnv, address: &str) -> Value {
    let all = groups(test_env, &["list", "-o", "json"]).code(0).json();
    all.as_array().into_iter().flatten().find(|group| group["address"] == address).cloned().unwrap_or_default()
}

#[test]
fn a_switch_needs_the_address_and_waits_until_it_is_done() {
    let test_env = TestEnv::new();
    let refused = groups(&test_env, &["switch", GROUP, "--yes", "-o", "json"]).code(2).json_error();
    assert_eq!(refused["code"], "confirmation_needed");
    let said = refused["message"].as_str().unwrap_or_default();
    assert!(said.contains("this points awesome-app.cloud66.net to its secondary stack, Awesome App"), "{said}");
    groups(&test_env, &["switch", GROUP, "--confirm", DOCUMENTED]).code(2);
    assert_eq!(group(&test_env, GROUP)["current_stack"], 1);
    let done = groups(&test_env, &["switch", GROUP, "--confirm", GROUP, "-o", "json"]).code(0).json();
    assert_eq!((&done["current_stack"], &done["busy_toggling"]), (&json!(2), &json!(false)));
    let run = groups(&test_env, &["switch", GROUP, "--to", "secondary", "--confirm", GROUP]).code(2);
    assert!(run.stderr.contains("already points to its secondary stack"), "{}", run.stderr);
    groups(&test_env, &["switch", "awesome-app", "--to", "primary", "--confirm", GROUP, "--no-wait"]).code(0);
    let waited = groups(&test_env, &["wait", GROUP, "-o", "json"]).code(0).json();
    assert_eq!(waited["current_stack"], 1);
}

#[test]
fn a_switch_that_cannot_work_is_refused() {
    let test_env = TestEnv::new();
    let run = groups(&test_env, &["switch", DOCUMENTED, "--confirm", DOCUMENTED]).code(2);
    assert!(run.stderr.contains("has no secondary stack"), "{}", run.stderr);
    let run = groups(&test_env, &["switch", "awsome-app.cloud66.net"]).code(4);
    assert!(run.stderr.contains("did you mean `awesome-app.cloud66.net`?"), "{}", run.stderr);
}

#[test]
fn a_switch_to_a_stack_that_fails_is_reported() {
    let test_env = TestEnv::new();
    groups(
        &test_env,
        &["update", DOCUMENTED, "--primary", "awesome-app@staging", "--secondary", "doomed-app", "--yes"],
    )
    .code(0);
    let run = groups(&test_env, &["switch", DOCUMENTED, "--confirm", DOCUMENTED, "--poll-interval", "10ms"]).code(5);
    assert!(run.stderr.contains("still points to its primary stack"), "{}", run.stderr);
}

#[test]
fn groups_are_added_changed_and_removed() {
    let test_env = TestEnv::new();
    let both = ["--primary", "book-shop", "--secondary", "book-shop"];
    groups(&test_env, &[&["add"][..], &both].concat()).code(2);
    let add = ["add", "--primary", "book-shop", "--secondary", "awesome-app@staging", "--current", "secondary"];
    groups(&test_env, &add).code(0);
    let all = groups(&test_env, &["list", "-o", "json"]).code(0).json();
    let added = all.as_array().and_then(|all| all.last()).cloned().unwrap_or_default();
    assert_eq!((&added["primary_stack_name"], &added["current_stack"]), (&json!("Book Shop"), &json!(2)));
    let uid = added["uid"].as_str().expect("a UID");
    groups(&test_env, &["update", uid]).code(2);
    groups(&test_env, &["update", uid, "--no-primary", "--no-input"]).code(2);
    groups(&test_env, &["update", uid, "--no-primary", "--yes"]).code(0);
    let address = added["address"].as_str().expect("an address");
    let changed = group(&test_env, address);
    assert_eq!(
        (&changed["primary_stack_uid"], &changed["secondary_stack_name"]),
        (&Value::Null, &json!("Awesome App"))
    );
    groups(&test_env, &["remove", uid, "--no-input"]).code(2);
    groups(&test_env, &["delete", uid, "--yes"]).code(0);
    assert_eq!(group(&test_env, address), Value::Null);
}

#[test]
fn an_omitted_stack_stays_and_words_for_the_current_one_are_understood() {
    let group = json!({ "uid": "fg-1", "address": "a.example", "current_stack": "secondary", "busy_toggling": null,
        "primary_stack_uid": "u1", "primary_stack_name": "Shop", "secondary_stack_uid": "u2", "readonly": null });
    let polls = AtomicUsize::new(0);
    let server = ScriptedServer::replying(move |seen| {
        if seen.method == "PUT" {
            return good(&json!({ "ok": true }));
        }
        let mut group = group.clone();
        match polls.fetch_add(1, Ordering::Relaxed) {
            0 => {}
            1 => group["busy_toggling"] = json!(true),
            _ => group["current_stack"] = json!("primary"),
        }
        list(&[group])
    });
    let test_env = TestEnv::new();
    let words =
        ["failover-groups", "switch", "fg-1", "--confirm", "A.example", "--poll-interval", "10ms", "-o", "json"];
    let run = test_env.against(&server.url, &words).code(0);
    assert_eq!(run.json()["current_stack"], "primary");
    let sent = server.seen().into_iter().find(|seen| seen.method == "PUT").expect("a request");
    assert_eq!(sent.path, "/failover_groups/fg-1");
    assert_eq!(serde_json::from_str::<Value>(&sent.body).unwrap_or_default(), json!({ "current_stack": 1 }));
}
