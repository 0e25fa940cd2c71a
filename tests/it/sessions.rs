//! `c66 sessions`.

use serde_json::json;

use crate::support::test_env::{Run, TestEnv};

fn sessions(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["sessions"], arguments].concat())
}

#[test]
fn a_session_is_opened_and_the_newest_of_its_service_shown() {
    let test_env = TestEnv::new();
    let uid = || sessions(&test_env, &["show", "web", "-s", "voting-app", "--jq", ".uid"]).stdout.trim().to_owned();
    let done = sessions(&test_env, &["create", "web", "-s", "voting-app", "--yes", "-o", "json"]).code(0).json();
    assert_eq!((&done["action"], &done["finished_success"]), (&json!("session_create"), &json!(true)));
    let first = uid();
    sessions(&test_env, &["create", "web", "-s", "voting-app", "--yes"]).code(0);
    assert_ne!(uid(), first);
    let by_uid = sessions(&test_env, &["show", "--uid", &first, "-s", "voting-app"]).code(0);
    assert!(by_uid.stdout.contains(&first) && by_uid.stdout.contains("web-session-"), "{}", by_uid.stdout);
    sessions(&test_env, &["show", "-s", "voting-app"]).code(2);
    sessions(&test_env, &["show", "web", "--uid", &first, "-s", "voting-app"]).code(2);
    sessions(&test_env, &["show", "--uid", "nosuch", "-s", "voting-app"]).code(4);
    sessions(&test_env, &["create", "nosuch", "-s", "voting-app", "--yes"]).code(4);
}

#[test]
fn a_stack_without_containers_has_no_sessions() {
    let run = sessions(&TestEnv::new(), &["show", "web", "-s", "book-shop@production"]).code(9);
    assert!(run.stderr.contains("a stack with containers"), "{}", run.stderr);
}
