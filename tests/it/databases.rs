//! `c66 databases`.

use serde_json::{Value, json};

use crate::support::replies::{UID, list, refusal};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv};

const P: &str = "awesome-app@production";

fn databases(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["databases"], arguments, &["-s", P]].concat())
}

#[test]
fn a_replica_is_promoted_and_detached_after_a_yes() {
    let test_env = TestEnv::new();
    for (verb, action) in [
        ("promote", "promote_slave_db"),
        ("promote-replica", "promote_slave_db"),
        ("promote-slave", "promote_slave_db"),
        ("disable-replica", "disable_replication_slave_db"),
    ] {
        let refused = databases(&test_env, &[verb, "caribou", "--no-input", "-o", "json"]).code(2);
        assert_eq!(refused.json_error()["code"], "confirmation_needed", "{verb}");
        let done = databases(&test_env, &[verb, "caribou", "--yes", "-o", "json"]).code(0).json();
        assert_eq!((&done["action"], &done["finished_success"]), (&json!(action), &json!(true)), "{verb}");
    }
    databases(&test_env, &["promote", "nosuch", "--yes"]).code(4);
    let run = databases(&test_env, &["promote", "ibex", "--yes"]).code(9);
    assert!(run.stderr.contains("not a database server"), "{}", run.stderr);
}

#[test]
fn a_resync_needs_the_name_of_the_stack() {
    let test_env = TestEnv::new();
    let refused = databases(&test_env, &["resync", "caribou", "--yes", "-o", "json"]).code(2);
    let error = refused.json_error();
    assert_eq!(error["code"], "confirmation_needed");
    assert!(error["message"].as_str().is_some_and(|said| said.contains("destroys the data of the replica on Caribou")));
    databases(&test_env, &["resync", "caribou", "--confirm", "book-shop"]).code(2);
    let listed = || test_env.sandbox(&["actions", "list", "-s", P, "--jq", ".[].action"]).code(0).stdout;
    assert!(!listed().contains("resync"), "{}", listed());
    databases(&test_env, &["resync-slave", "caribou", "--confirm", P]).code(0);
    assert!(listed().contains("resync_slave_db"), "{}", listed());
}

#[test]
fn both_names_of_a_parameter_are_sent() {
    let test_env = TestEnv::new();
    let run =
        databases(&test_env, &["promote", "caribou", "--dbtype", "postgresql", "--dry-run", "-o", "json"]).code(0);
    let uid = "f8468fc145ea49bac474b30a8fea888d";
    let expected = json!({ "command": "promote_slave_db", "server": uid, "server_uid": uid, "server_group": "postgresql",
        "db_type": "postgresql" });
    assert_eq!(run.json()["body"], expected);
    databases(&test_env, &["promote", "caribou", "--db-type", "oracle"]).code(2);
}

fn names(test_env: &TestEnv) -> String {
    databases(test_env, &["list", "--columns", "name,users", "--no-headers", "-o", "csv"]).code(0).stdout
}

#[test]
fn a_database_is_created_for_a_user_and_deleted_by_its_name() {
    let test_env = TestEnv::new();
    assert_eq!(names(&test_env), "awesome_app,awesome_app\n");
    let refused = databases(&test_env, &["create", "reports", "--no-input", "-o", "json"]).code(2);
    assert_eq!(refused.json_error()["code"], "confirmation_needed");
    let done = databases(&test_env, &["create", "reports", "--user", "awesome-app", "--yes", "-o", "json"]).code(0);
    assert_eq!(done.json()["finished_success"], true);
    assert_eq!(names(&test_env), "awesome_app,awesome_app\nreports,awesome_app\n");
    databases(&test_env, &["create", "reports", "--yes"]).code(9);
    databases(&test_env, &["create", "more", "--user", "nobody", "--yes"]).code(4);
    databases(&test_env, &["create", "fail", "--yes"]).code(5);

    let refused = databases(&test_env, &["delete", "reports", "--yes", "-o", "json"]).code(2);
    let error = refused.json_error();
    assert_eq!(error["code"], "confirmation_needed");
    assert_eq!(error["hint"], "pass --confirm reports");
    databases(&test_env, &["delete", "reports", "--confirm", "awesome_app"]).code(2);
    databases(&test_env, &["delete", "reports", "--confirm", "Reports"]).code(2);
    assert!(names(&test_env).contains("reports"));
    let run = databases(&test_env, &["delete", "reports", "--confirm", "reports"]).code(0);
    assert_eq!(run.stdout, "Database deleted.\n");
    assert_eq!(names(&test_env), "awesome_app,awesome_app\n");
    databases(&test_env, &["delete", "reports", "--confirm", "reports"]).code(4);
}

#[test]
fn passwords_are_requested_and_shown_only_with_reveal() {
    let test_env = TestEnv::new();
    let users = |more: &[&str]| databases(&test_env, &[&["users", "list"], more].concat()).code(0);
    let hidden = users(&["--debug"]);
    assert!(!hidden.stderr.contains("show_password"), "{}", hidden.stderr);
    assert_eq!(users(&["--jq", ".[0].password"]).stdout, "null\n");
    let password = users(&["--reveal", "--jq", ".[0].password"]).stdout.trim().to_owned();
    assert_eq!(password.len(), 16);
    let revealed = users(&["--reveal", "--debug", "--debug"]);
    assert!(revealed.stdout.contains(&password), "{}", revealed.stdout);
    assert!(revealed.stderr.contains("show_password=true"), "{}", revealed.stderr);
    assert!(!revealed.stderr.contains(&password), "{}", revealed.stderr);

    databases(&test_env, &["users", "regenerate-password", "awesome_app", "--no-input"]).code(2);
    databases(&test_env, &["users", "regenerate-password", "awesome_app", "--yes"]).code(0);
    assert_ne!(users(&["--reveal", "--jq", ".[0].password"]).stdout.trim(), password);
}

#[test]
fn an_unrequested_password_is_masked() {
    let server = ScriptedServer::replying(|seen| {
        list(&[if seen.path.contains("database_users") {
            json!({ "uid": "u1", "username": "app", "password": "hush-hush", "databases": ["shop"] })
        } else {
            json!({ "id": 7, "type": "mysql" })
        }])
    });
    let run = TestEnv::new().against(&server.url, &["databases", "users", "list", "-s", UID]).code(0);
    assert!(run.stdout.contains("********") && run.stdout.contains("shop"), "{}", run.stdout);
    assert!(!run.stdout.contains("hush-hush"), "{}", run.stdout);
}

#[test]
fn a_user_is_created_and_deleted_by_its_name() {
    let test_env = TestEnv::new();
    databases(&test_env, &["users", "create", "reader", "--yes"]).code(2);
    databases(&test_env, &["users", "create", "awesome_app", "--type", "readonly", "--yes"]).code(9);
    let create = ["users", "create", "reader", "--type", "readonly", "--database", "awesome_app", "--yes"];
    databases(&test_env, &create).code(0);
    let listed = || {
        databases(&test_env, &["users", "list", "--columns", "username,type,databases", "--no-headers", "-o", "csv"])
            .code(0)
            .stdout
    };
    assert_eq!(listed(), "awesome_app,application,awesome_app\nreader,readonly,awesome_app\n");
    assert_eq!(names(&test_env), "awesome_app,\"awesome_app, reader\"\n");
    databases(&test_env, &["users", "delete", "awesome_app", "--yes"]).code(2);
    databases(&test_env, &["users", "delete", "awesome_app", "--confirm", "awesome_app"]).code(0);
    assert_eq!(listed(), "reader,readonly,awesome_app\n");
}

#[test]
fn the_server_group_is_the_only_one_with_databases_or_named() {
    let test_env = TestEnv::new();
    assert_eq!(databases(&test_env, &["list", "--group", "postgresql", "-o", "name"]).code(0).stdout.len(), 33);
    assert_eq!(databases(&test_env, &["show", "awesome-app", "--jq", ".charset"]).code(0).stdout, "UTF8\n");
    assert_eq!(databases(&test_env, &["list", "--group", "rails", "-o", "json"]).code(0).stdout, "[]\n");
    let run = databases(&test_env, &["create", "shop", "--group", "rails", "--yes"]).code(9);
    assert!(run.stderr.contains("has no databases"), "{}", run.stderr);
    for (groups, code, said) in [
        (vec![], 4, "no server group of a database type"),
        (vec![json!({ "id": 1, "type": "mysql" }), json!({ "id": 2, "type": "redis" })], 2, "choose one of 2 server"),
    ] {
        let server = ScriptedServer::replying(move |_| list(&groups));
        let run = test_env.against(&server.url, &["databases", "list", "-s", UID]).code(code);
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
}

#[test]
fn a_deletion_that_starts_an_action_is_waited_for() {
    for (success, code) in [(true, 0), (false, 5)] {
        let action = move |finished: bool| {
            json!({ "id": 77, "action": "database_delete", "finished_success": finished.then_some(success),
                "finished_at": finished.then_some("2026-01-01T00:00:00Z") })
        };
        let server = ScriptedServer::replying(move |seen| {
            let one = |value: Value| (200, json!({ "response": value }).to_string());
            match (seen.method.as_str(), seen.path.rsplit('/').next().unwrap_or_default()) {
                ("DELETE", "u1") => one(action(false)),
                ("GET", "77") => one(action(true)),
                ("GET", "databases") => list(&[json!({ "uid": "u1", "name": "shop" })]),
                ("GET", UID) => one(json!({ "uid": UID, "name": "shop", "environment": "staging" })),
                ("GET", "server_groups") => list(&[json!({ "id": 7, "type": "mysql" })]),
                _ => refusal(404, "not_found", "no"),
            }
        });
        let delete = ["databases", "delete", "shop", "--confirm", "shop", "-s", UID, "-o", "json"];
        let run = TestEnv::new().against(&server.url, &delete).code(code);
        assert!(server.seen().iter().any(|seen| seen.path.ends_with("/actions/77")), "{:?}", run.stderr);
    }
}
