//! `c66 status`: what is not well, what is deploying, and what could not be read.

use serde_json::{Value, json};

use crate::support::replies::{deployment, list, refusal};
use crate::support::scripted_server::{ScriptedServer, Seen, reply, reply_with};
use crate::support::test_env::TestEnv;

/// A stack of the list, by its number.
fn stack(number: usize, status: u64, health: u64) -> Value {
    json!({
        "uid": format!("{number:032x}"), "name": format!("shop {number}"), "environment": "production",
        "status": status, "health": health,
    })
}

/// An account with these stacks; `part` answers for what belongs to a stack, by the last word of the path.
fn account(stacks: Vec<Value>, part: impl Fn(&str, &Seen) -> (u16, String) + Send + Sync + 'static) -> ScriptedServer {
    ScriptedServer::start(move |seen, _| {
        let (status, body) = match seen.path.rsplit('/').next() {
            Some("stacks") => list(&stacks),
            Some(word) if word.len() != 32 => part(word, seen),
            _ => (200, json!({ "response": stacks[0] }).to_string()),
        };
        reply(status, &body)
    })
}

fn nothing(_: &str, _: &Seen) -> (u16, String) {
    list(&[])
}

#[test]
fn what_is_wrong_comes_first_and_the_worst_before_the_rest() {
    let run = TestEnv::new().sandbox(&["status"]).code(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "9 of 64 stacks are not well");
    assert!(lines[2].starts_with("STACK"), "{}", run.stdout);
    assert!(
        lines[3].starts_with("Doomed App@production     error     health       Failed: 2 of 2 servers"),
        "{}",
        run.stdout
    );
    assert!(lines[4].starts_with("Doomed App@production     error     deployment   201 failed at "), "{}", run.stdout);
    assert!(
        run.stdout.contains("\nAwesome App@production    error     certificate  www.fyp111.co has expired"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("postgresql awesome failed: pg_dump"), "{}", run.stdout);
    assert!(run.stdout.contains("\nHealth:    1 Failed, 6 Impaired, 1 Unknown, 56 Healthy\n"), "{}", run.stdout);
    assert!(run.stdout.contains("of 3600 left in this hour\n"), "{}", run.stdout);
}

#[test]
fn many_healthy_stacks_take_one_line() {
    let server = account((0..64).map(|number| stack(number, 1, 3)).collect(), nothing);
    let run = TestEnv::new().against(&server.url, &["status", "--check"]).code(0);
    assert_eq!(run.stdout, "All 64 stacks are well\n\nHealth:  64 Healthy\nStatus:  64 Deployed\n");
    // The list, and certificates and backups of each; nothing that the list has told already.
    assert_eq!(server.count(), 1 + 2 * 64);
    let server = account((0..64).map(|number| stack(number, 1, 3)).collect(), nothing);
    TestEnv::new().against(&server.url, &["status", "--quick"]).code(0);
    assert_eq!(server.count(), 1);
}

#[test]
fn one_document_tells_machines_the_same_and_check_decides_the_code() {
    let part = |word: &str, _: &Seen| match word {
        "deployments" => list(&[deployment(6, "api", Some("failed")), deployment(5, "api", Some("success"))]),
        "servers" => list(&[json!({ "uid": "a", "name": "lion", "health_state": 4 }), json!({ "health_state": 3 })]),
        _ => list(&[]),
    };
    let server = account(vec![stack(1, 2, 4), stack(2, 1, 3)], part);
    let run = TestEnv::new().against(&server.url, &["status", "--check", "-o", "json"]).code(11);
    let report = run.json();
    assert_eq!((&report["ok"], &report["quick"]), (&json!(false), &json!(false)));
    let counts = json!({
        "total": 2, "ok": 1, "by_health": { "Failed": 1, "Healthy": 1 },
        "by_status": { "Deployment failed": 1, "Deployed successfully": 1 }, "maintenance": 0,
    });
    assert_eq!(report["stacks"], counts);
    let name = json!({ "uid": format!("{:032x}", 1), "name": "shop 1", "environment": "production" });
    let expected = json!([
        { "severity": "error", "what": "health", "stack": name, "detail": "Failed: 1 of 2 servers (lion)", "at": null,
          "id": null },
        { "severity": "error", "what": "deployment", "stack": name,
          "detail": "6 failed at 5675fcd8, by test@cloud66.com", "at": "2026-01-01T00:00:09Z", "id": "6" },
    ]);
    assert_eq!(report["findings"], expected);
    assert_eq!((&report["deploying"], &report["not_read"], &report["limit"]), (&json!([]), &json!([]), &Value::Null));
    assert_eq!(report.get("detail"), None);
    TestEnv::new().against(&server.url, &["status"]).code(0);
    let names = TestEnv::new().against(&server.url, &["status", "-o", "name"]).code(0);
    assert_eq!(names.stdout, format!("{:032x}\n", 1), "a stack has one name, however many things are wrong");
}

#[test]
fn what_is_deploying_has_its_author_and_start() {
    let part = |word: &str, _: &Seen| match word {
        "deployments" => list(&[deployment(8, "web", None), deployment(7, "web", Some("success"))]),
        _ => list(&[]),
    };
    let server = account(vec![stack(1, 6, 3)], part);
    let run = TestEnv::new().against(&server.url, &["status"]).code(0);
    let expected = "The only stack is well\n\n\
        DEPLOYING          ID  STATE      BY                COMMIT    SINCE\n\
        shop 1@production   8  deploying  test@cloud66.com  5675fcd8  2026-01-01T00:00:00Z\n\n\
        Health:  1 Healthy\nStatus:  1 Deploying\n";
    assert_eq!(run.stdout, expected);
    let run = TestEnv::new().against(&server.url, &["status", "--quick", "--jq", ".deploying[0].state"]).code(0);
    assert_eq!(run.stdout, "deploying\n", "the list tells that too");
}

#[test]
fn old_backups_and_certificates_near_their_end_are_findings_by_the_limits_of_the_user() {
    let now = jiff::Timestamp::now();
    let at = |hours: i64| (now + jiff::SignedDuration::from_hours(hours)).to_string();
    let (made, end) = (at(-30), at(9 * 24));
    let part = move |word: &str, _: &Seen| match word {
        "backups" => {
            let backup = |id: u64, date: &str, status: u64| {
                json!({ "id": id, "db_type": "mysql", "database_name": "shop", "backup_date_iso": date,
                        "backup_status": status })
            };
            list(&[backup(1, "2020-01-01T00:00:00Z", 1), backup(2, &made, 0)])
        }
        "ssl_certificates" => list(&[json!({
            "uuid": "ssl-1", "server_names": "a.example,b.example", "status": 3, "expires_at": end,
        })]),
        _ => list(&[]),
    };
    let server = account(vec![stack(1, 1, 3)], part);
    let found = |more: &[&str]| {
        let arguments =
            [&["status", "--jq", r#"[.findings[] | "\(.what) \(.id): \(.detail)"]"#, "-o", "json"], more].concat();
        let run = TestEnv::new().against(&server.url, &arguments).code(0);
        run.json()
    };
    assert_eq!(found(&[]), json!(["certificate ssl-1: a.example and 1 more expires soon"]));
    assert_eq!(found(&["--certificate-notice", "8d"]), json!([]));
    let old = found(&["--certificate-notice", "8d", "--backup-age", "1d"]);
    assert_eq!(old, json!(["backup 2: mysql shop is old"]));
}

#[test]
fn what_the_token_may_not_read_is_said_and_not_asked_for_again() {
    let part = |word: &str, _: &Seen| match word {
        "ssl_certificates" => refusal(403, "forbidden", "no access"),
        _ => list(&[]),
    };
    let server = account((0..64).map(|number| stack(number, 1, 3)).collect(), part);
    let run = TestEnv::new().against(&server.url, &["status", "--check"]).code(0);
    let said = "Not read:  certificates of 64 stacks: the token lacks the `admin` scope\n";
    assert!(run.stdout.starts_with("All 64 stacks are well\n") && run.stdout.contains(said), "{}", run.stdout);
    let refused = server.seen().iter().filter(|seen| seen.path.ends_with("ssl_certificates")).count();
    assert!((1..=8).contains(&refused), "{refused} requests that are refused");
}

#[test]
fn what_fails_to_be_read_is_not_taken_for_well() {
    let part = |word: &str, _: &Seen| match word {
        "backups" => (200, r#"{"response": [7]}"#.to_owned()),
        _ => list(&[]),
    };
    let server = account(vec![stack(1, 1, 3), stack(2, 1, 3)], part);
    let run = TestEnv::new().against(&server.url, &["status", "--check"]).code(11);
    assert!(
        run.stdout.starts_with("No problem found in 2 stacks, but not everything could be read\n"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("Not read:  backups of 2 stacks: unexpected reply"), "{}", run.stdout);
    let run = TestEnv::new().against(&server.url, &["status", "-o", "json"]).code(0);
    assert_eq!((&run.json()["ok"], &run.json()["not_read"][0]["denied"]), (&json!(false), &json!(false)));
    // A rejected token is an error, as everywhere.
    let server = account(vec![stack(1, 1, 3)], |_, _| refusal(401, "unauthorized", "no"));
    TestEnv::new().against(&server.url, &["status"]).code(3);
}

#[test]
fn a_tenth_of_the_requests_is_left_to_others() {
    let server = ScriptedServer::start(|seen, _| {
        let stacks: Vec<Value> = (0..20).map(|number| stack(number, 1, 3)).collect();
        let (status, body) = if seen.path.ends_with("/stacks") { list(&stacks) } else { list(&[]) };
        reply_with(status, &[("X-RateLimit-Limit", "3600"), ("X-RateLimit-Remaining", "365")], &body)
    });
    let run = TestEnv::new().against(&server.url, &["status"]).code(0);
    assert_eq!(server.count(), 1 + 5);
    let said = "backups of 20 stacks: only 365 of 3600 requests are left in this hour\n";
    assert!(run.stdout.contains(said), "{}", run.stdout);
}

#[test]
fn one_stack_is_told_in_more_detail() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["status", "awesome-app@production"]).code(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "Awesome App@production has 3 problems");
    assert!(lines[2].starts_with("SEVERITY  WHAT "), "{}", run.stdout);
    for line in ["Live:         deployment 107 at 5675fcd8, by test@cloud66.com, ", "Servers:      5 Healthy\n"] {
        assert!(run.stdout.contains(line), "{}", run.stdout);
    }
    let named = test_env.sandbox(&["status", "-s", "awesome-app@production", "-o", "json"]).code(0).json();
    assert_eq!(named["detail"]["live_deployment"]["id"], 107);
    assert_eq!(named["detail"]["servers"], json!({ "total": 5, "by_health": { "Healthy": 5 } }));
    let dates = named["detail"]["newest_backups"].as_array().expect("a list").len();
    assert_eq!(dates, 2, "the newest of each database");
    let staging = test_env.sandbox(&["status", "-e", "staging", "--quick", "-o", "json"]).code(0).json();
    assert!((2..64).contains(&staging["stacks"]["total"].as_u64().expect("a number")), "{staging}");
    test_env.sandbox(&["status", "-e", "nowhere"]).code(4);
    test_env.sandbox(&["status", "nosuch"]).code(4);
}

#[test]
fn a_linked_folder_or_a_variable_does_not_narrow_it() {
    let test_env = TestEnv::new();
    test_env.write_project_file("stack = \"awesome-app@production\"\n");
    let report = test_env.sandbox(&["status", "--quick", "-o", "json"]).code(0).json();
    assert_eq!(report["stacks"]["total"], 64);
}
