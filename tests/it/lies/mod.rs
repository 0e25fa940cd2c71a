//! A server that lies: it does the work and replies with something else, late, elsewhere, or not at all. The program
//! never writes twice and never reports an outcome that it does not know.

mod other_replies;
mod pages;
mod refusals;
mod seeded;

use serde_json::{Value, json};

use crate::support::replies::{UID, action, deployment, good, list, refusal};
use crate::support::scripted_server::{ScriptedServer, Seen};
use crate::support::test_env::{Run, TOKEN, TestEnv, finish};

/// The writes that arrived.
fn writes(server: &ScriptedServer) -> Vec<String> {
    server.lines().into_iter().filter(|line| !line.starts_with("GET")).collect()
}

/// A reply with this status, in the documented form.
fn failure(status: u16) -> (u16, String) {
    let word = if status == 503 { "not_implemented" } else { "no" };
    refusal(status, word, "No.")
}

/// A server that accepts the bulk call for variables. `poll` answers each poll of the resulting action and gets the
/// number of earlier polls.
fn pushed(poll: impl Fn(usize) -> (u16, String) + Send + 'static) -> ScriptedServer {
    let (mut taken, mut polls) = (false, 0);
    ScriptedServer::replying(move |seen: &Seen| match (seen.method.as_str(), seen.path.rsplit('/').next()) {
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

fn push(server: &ScriptedServer, more: &[&str]) -> Run {
    let test_env = TestEnv::new();
    std::fs::write(test_env.home().join("new.env"), "A1=new\nA2=new\n").expect("a file");
    let words = ["env", "push", "new.env", "-s", UID, "--yes", "--poll-interval", "20ms"];
    test_env.against(&server.url, &[&words, more].concat())
}

#[test]
fn what_a_poll_says_is_not_taken_for_what_the_call_for_many_variables_said() {
    for status in [404, 405, 503] {
        let server = pushed(move |polls| match polls {
            0 => failure(status),
            _ => good(&action(5, true, Some(true), None)),
        });
        push(&server, &[]).code(0);
        assert_eq!(writes(&server), [format!("PATCH /stacks/{UID}/environments/bulk")], "{status}");
        let server = pushed(move |_| failure(status));
        let run = push(&server, &["--timeout", "500ms"]);
        let run = run.code(6);
        assert_eq!(writes(&server).len(), 1, "{status}");
        assert!(run.stderr.contains(&format!("c66 actions wait 5 -s {UID}")), "{}", run.stderr);
        assert!(!run.stderr.contains("done before"), "{}", run.stderr);
        assert!(run.stderr.contains("the request that changes A1, A2 was accepted"), "{}", run.stderr);
    }
}

#[test]
fn only_the_status_of_the_call_for_many_variables_leads_to_one_for_each() {
    for (status, each) in [(404, true), (405, true), (501, true), (503, true), (400, false), (418, false), (502, false)]
    {
        let server = ScriptedServer::replying(move |seen: &Seen| match (seen.method.as_str(), status) {
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
    let server = ScriptedServer::replying(|seen: &Seen| match seen.method.as_str() {
        // The list does not show the work.
        "GET" => list(&[]),
        _ => good(&action(5, true, Some(true), None)),
    });
    let run = push(&server, &[]).code(8);
    assert_eq!(writes(&server).len(), 1);
    assert!(run.stderr.contains("A1, A2") && run.stderr.contains("check with: c66 env list"), "{}", run.stderr);
}

fn redeploy(server: &ScriptedServer, more: &[&str]) -> Run {
    let words = ["redeploy", "-s", UID, "--yes", "-o", "json", "--poll-interval", "20ms", "--timeout", "10s"];
    TestEnv::new().against(&server.url, &[&words, more].concat())
}

fn posts(server: &ScriptedServer) -> Vec<Value> {
    let posts = server.seen().into_iter().filter(|seen| seen.method == "POST");
    posts.map(|seen| serde_json::from_str(&seen.body).expect("JSON")).collect()
}

/// Statuses unrelated to the fields of a request.
const OTHER_REFUSALS: [u16; 12] = [101, 402, 404, 405, 409, 413, 418, 421, 425, 431, 451, 499];

/// A server that answers the first write with `first` and takes a second one; `done` says whether it did the work of the
/// first all the same, and whether it keeps the reference with the action.
fn refusing(first: (u16, String), done: bool, keeps_reference: bool) -> ScriptedServer {
    let (mut posts, mut reference) = (0, Value::Null);
    ScriptedServer::replying(move |seen: &Seen| match (seen.method.as_str(), seen.path.rsplit('/').next()) {
        ("POST", _) => {
            posts += 1;
            if posts == 1 {
                let body: Value = serde_json::from_str(&seen.body).expect("JSON");
                reference = body["user_reference"].clone();
                return first.clone();
            }
            good(&json!({ "ok": true, "message": "queued" }))
        }
        (_, Some("actions")) if done && keeps_reference && posts > 0 => {
            let mut ours = action(71, true, Some(true), None);
            ours["metadata"] = json!({ "user_reference": reference });
            list(&[ours])
        }
        (_, Some("actions")) => list(&[]),
        (_, Some("71")) => good(&action(71, true, Some(true), None)),
        (_, Some("8")) => good(&deployment(8, "api", Some("success"))),
        _ if posts > 1 || (done && posts > 0) => list(&[deployment(8, "api", Some("success"))]),
        _ => list(&[deployment(7, "web", Some("success"))]),
    })
}

#[test]
fn only_a_refusal_of_a_field_leads_to_a_second_redeployment_without_it() {
    for status in OTHER_REFUSALS {
        let server = refusing(refusal(status, "no", "services is no parameter"), true, false);
        let run = redeploy(&server, &["--service", "web"]);
        assert_eq!(posts(&server).len(), 1, "{status}: {}", run.stderr);
    }
    for (status, words, second) in [
        (422, "unknown parameter: services", true),
        (400, "`user_reference` is not permitted", true),
        (422, "the stack is being deployed", false),
        (400, "services_filter: there is no `web`", false),
    ] {
        let server = refusing(refusal(status, "no", words), false, false);
        let run = redeploy(&server, &["--service", "web"]).code(if second { 0 } else { 9 });
        let posts = posts(&server);
        assert_eq!(posts.len(), if second { 2 } else { 1 }, "{words}: {}", run.stderr);
        if second {
            assert_eq!(posts[1], json!({ "services_filter": "web" }));
        }
    }
    // Without a service, no field could be left out and retried.
    let server = refusing(refusal(422, "no", "unknown parameter: services"), false, false);
    redeploy(&server, &[]).code(9);
    assert_eq!(posts(&server).len(), 1);
}

#[test]
fn after_a_sign_that_it_was_taken_nothing_is_sent_a_second_time() {
    let words = "unknown parameter: services";
    let server = refusing(refusal(422, "no", words), true, true);
    let run = redeploy(&server, &["--service", "web"]).code(0);
    assert_eq!((posts(&server).len(), &run.json()["action"]["id"]), (1, &json!(71)));
    for wait in [&[][..], &["--no-wait"]] {
        let server = refusing(refusal(422, "no", words), true, false);
        let run = redeploy(&server, &[&["--service", "web"], wait].concat()).code(8);
        assert_eq!(posts(&server).len(), 1, "{}", run.stderr);
        assert!(run.json_error()["hint"].to_string().contains("deployments wait 8"), "{}", run.stderr);
    }
    let body = json!({ "error": "services is unknown", "response": { "ok": true, "async_action_id": 71 } });
    let server = refusing((422, body.to_string()), false, false);
    redeploy(&server, &["--service", "web"]).code(9);
    assert_eq!(posts(&server).len(), 1);
}

/// A page of a list of `ids`.
fn page(seen: &Seen, ids: &[u64], per_page: usize, item: impl Fn(u64) -> Value) -> (u16, String) {
    let number = seen.query.split('&').find_map(|pair| pair.strip_prefix("page=")?.parse().ok()).unwrap_or(1_usize);
    let pages = ids.len().div_ceil(per_page).max(1);
    let items: Vec<Value> =
        ids.chunks(per_page).nth(number - 1).unwrap_or_default().iter().map(|id| item(*id)).collect();
    let next = (number < pages).then_some(number + 1);
    let pagination =
        json!({ "current": number, "next": next, "pages": pages, "count": ids.len(), "per_page": per_page });
    (200, json!({ "response": items, "pagination": pagination }).to_string())
}

/// Numbers up to `newest`: with the newest last, first, and in the middle of no particular order.
fn orders(newest: u64) -> [Vec<u64>; 3] {
    let up: Vec<u64> = (1..=newest).collect();
    let down: Vec<u64> = up.iter().rev().copied().collect();
    let mut mixed = down.clone();
    mixed.rotate_right(usize::try_from(newest).expect("a few") / 2);
    [up, down, mixed]
}

#[test]
fn the_newest_is_found_in_any_order_and_on_any_page() {
    for (newest, per_page) in [(41, 30), (95, 10), (400, 30)] {
        for ids in orders(newest) {
            let server = ScriptedServer::replying(move |seen: &Seen| {
                let about = |id: u64| action(id, true, Some(id != newest), Some("the newest failed"));
                let shown = |id: u64| deployment(id, "web", Some(if id == newest { "failed" } else { "success" }));
                let id = seen.path.rsplit('/').next().and_then(|id| id.parse().ok());
                match (id, seen.path.contains("/actions")) {
                    (Some(id), true) => good(&about(id)),
                    (Some(id), false) => good(&shown(id)),
                    (None, true) => page(seen, &ids, per_page, about),
                    (None, false) => page(seen, &ids, per_page, shown),
                }
            });
            for noun in ["actions", "deployments"] {
                let before = server.seen().len();
                let run = TestEnv::new().against(&server.url, &[noun, "wait", "--latest", "-s", UID]).code(5);
                assert!(
                    server.lines().last().is_some_and(|line| line.ends_with(&format!("/{newest}"))),
                    "{}",
                    run.stderr
                );
                assert!(server.seen().len() - before <= 16, "{}", server.seen().len() - before);
            }
        }
    }
}

#[test]
fn a_reference_is_looked_for_on_every_page() {
    for ids in orders(95) {
        let mut reference = Value::Null;
        let server = ScriptedServer::replying(move |seen: &Seen| {
            let about = |id: u64| {
                let mut one = action(id, true, Some(id != 95), Some("ours failed"));
                one["metadata"] =
                    json!({ "user_reference": if id == 95 { reference.clone() } else { json!("other") } });
                one
            };
            match (seen.method.as_str(), seen.path.rsplit('/').next()) {
                ("POST", _) => {
                    let body: Value = serde_json::from_str(&seen.body).expect("JSON");
                    reference = body["user_reference"].clone();
                    (502, String::new())
                }
                (_, Some("95")) => good(&about(95)),
                (_, Some("actions")) => page(seen, &ids, 30, about),
                _ => list(&[]),
            }
        });
        let run = redeploy(&server, &[]).code(5);
        assert_eq!(run.json_error()["action_id"], 95);
        assert_eq!(posts(&server).len(), 1);
    }
}

#[test]
fn an_old_deployment_is_not_taken_for_ours_in_whatever_order_they_are_listed() {
    for ids in orders(41) {
        let mut posted = false;
        let server =
            ScriptedServer::replying(move |seen: &Seen| match (seen.method.as_str(), seen.path.rsplit('/').next()) {
                ("POST", _) => {
                    posted = true;
                    good(&json!({ "ok": true, "message": "queued" }))
                }
                (_, Some("actions")) => list(&[]),
                (_, Some("deployments")) => {
                    let shown = |id: u64| deployment(id, "api", Some(if id == 42 { "failed" } else { "success" }));
                    let mut ids = ids.clone();
                    if posted {
                        // A newer item appears beside the newest.
                        let at = ids.iter().position(|id| *id == 41).expect("it is there");
                        ids.insert(if ids[0] == 1 { at + 1 } else { at }, 42);
                    }
                    page(seen, &ids, 10, shown)
                }
                _ => refusal(404, "not_found", "there is none"),
            });
        let run = redeploy(&server, &[]).code(5);
        assert!(run.stderr.contains("deployment 42 failed"), "{}", run.stderr);
    }
}

/// Every status of a poll that does not end a wait.
const FAILED_POLLS: [u16; 16] = [101, 302, 400, 402, 404, 405, 408, 409, 418, 421, 422, 425, 429, 451, 501, 503];

/// A server that runs an action and answers the first polls of it with `status`.
fn polled(status: u16, times: usize) -> ScriptedServer {
    let mut polls = 0;
    ScriptedServer::replying_with_headers(move |seen: &Seen| {
        let plain = |(status, body): (u16, String)| (status, String::new(), body);
        if seen.method != "GET" {
            return plain(good(&action(5, false, None, None)));
        }
        polls += 1;
        if polls > times {
            return plain(good(&action(5, true, Some(true), None)));
        }
        match failure(status) {
            (status, body) if [429, 408].contains(&status) => (status, "Retry-After: 0\r\n".to_owned(), body),
            reply => plain(reply),
        }
    })
}

fn restart(server: &ScriptedServer, more: &[&str]) -> Run {
    let words = ["stacks", "restart", UID, "--yes", "-o", "json", "--poll-interval", "20ms"];
    TestEnv::new().against(&server.url, &[&words, more].concat())
}

#[test]
fn a_failed_poll_ends_no_wait_while_the_work_goes_on() {
    for status in FAILED_POLLS {
        let run = restart(&polled(status, 1), &[]).code(0);
        assert_eq!(run.json()["finished_success"], true, "{status}");
        let lasting = restart(&polled(status, usize::MAX), &["--timeout", "700ms"]).code(6).json_error();
        assert!(lasting["hint"].to_string().contains(&format!("c66 actions wait 5 -s {UID}")), "{lasting}");
    }
    // The status of a poll is not the outcome of the action.
    let mut polls = 0;
    let server = ScriptedServer::replying(move |seen: &Seen| {
        polls += usize::from(seen.method == "GET");
        match (seen.method.as_str(), polls) {
            ("GET", 1) => good(&json!({ "ok": false, "message": "not now" })),
            ("GET", _) => good(&action(5, true, Some(true), None)),
            _ => good(&action(5, false, None, None)),
        }
    });
    restart(&server, &[]).code(0);
}

#[test]
fn only_a_rejected_token_ends_the_wait_and_says_that_the_write_was_accepted() {
    for status in [401, 403] {
        let server = polled(status, usize::MAX);
        let error = restart(&server, &[]).code(3).json_error();
        assert_eq!(server.seen().len(), 2);
        let hint = error["hint"].as_str().expect("a hint");
        assert!(hint.contains("was accepted") && hint.contains(&format!("c66 actions wait 5 -s {UID}")), "{hint}");
    }
}

#[test]
fn throttled_polls_are_waited_out() {
    for (status, word) in [(429, "too_many_requests"), (503, "throttled")] {
        let mut polls = 0;
        let server = ScriptedServer::replying_with_headers(move |seen: &Seen| {
            let plain = |(status, body): (u16, String)| (status, String::new(), body);
            polls += usize::from(seen.method == "GET");
            match (seen.method.as_str(), polls) {
                ("GET", 1) => {
                    let (status, body) = refusal(status, word, "No more in this hour.");
                    // Longer than the transport waits.
                    (status, format!("Retry-After: {}\r\n", if status == 429 { 61 } else { 2 }), body)
                }
                ("GET", _) => plain(good(&action(5, true, Some(true), None))),
                _ => plain(good(&action(5, false, None, None))),
            }
        });
        let began = std::time::Instant::now();
        let more = ["--timeout", "4s"];
        if status == 429 {
            let error = restart(&server, &more).code(6).json_error();
            assert!(error["hint"].to_string().contains("c66 actions wait 5"), "{error}");
            assert_eq!(server.seen().len(), 2, "it is not asked again before its time");
        } else {
            restart(&server, &more).code(0);
            assert!(began.elapsed() >= std::time::Duration::from_secs(2), "{:?}", began.elapsed());
        }
    }
}

#[test]
fn only_what_was_never_there_is_not_found() {
    let server = ScriptedServer::replying(|_| refusal(404, "not_found", "there is none"));
    TestEnv::new().against(&server.url, &["actions", "wait", "5", "-s", UID]).code(4);
    let mut polls = 0;
    let server = ScriptedServer::replying(move |_: &Seen| {
        polls += 1;
        match polls {
            1 => good(&action(5, false, None, None)),
            2 => refusal(404, "not_found", "there is none"),
            _ => good(&action(5, true, Some(true), None)),
        }
    });
    TestEnv::new().against(&server.url, &["actions", "wait", "5", "-s", UID, "--poll-interval", "20ms"]).code(0);
}

/// A reply above the size limit.
fn endless() -> (u16, String) {
    (200, " ".repeat(65 * 1024 * 1024))
}

#[test]
fn whatever_is_wrong_with_the_reply_to_a_write_it_says_that_it_may_have_been_done() {
    let replies: [fn() -> (u16, String); 9] = [
        endless,
        || (101, String::new()),
        || (303, String::new()),
        || (302, String::new()),
        || (500, String::new()),
        || (200, "<html>".to_owned()),
        || (200, "{\"response\": {".to_owned()),
        || (200, "[1, 2]".to_owned()),
        || (200, "{\"response\": [{}]}".to_owned()),
    ];
    for (number, reply) in replies.into_iter().enumerate() {
        for (words, check) in [
            (&["stacks", "restart", "-s", UID][..], "actions list"),
            (&["backups", "create", "--db-type", "mysql", "-s", UID], "backups list"),
            (&["deployments", "cancel", "7", "-s", UID], "deployments list"),
            (&["env", "set", "A=1", "-s", UID], "env list"),
        ] {
            let server =
                ScriptedServer::replying(move |seen: &Seen| if seen.method == "GET" { list(&[]) } else { reply() });
            let run = TestEnv::new().against(&server.url, &[words, &["--yes", "-o", "json"]].concat()).code(8);
            let error = run.json_error();
            assert_eq!(error["retryable"], false, "{number}: {error}");
            let said = format!("{error}");
            assert!(said.contains("may have") && said.contains(&format!("c66 {check}")), "{number}: {error}");
            assert_eq!(writes(&server).len(), 1);
        }
    }
}

#[test]
fn a_redeployment_is_looked_for_whatever_is_wrong_with_the_reply() {
    let replies: [fn() -> (u16, String); 4] =
        [endless, || (101, String::new()), || (303, String::new()), || (200, "[1]".to_owned())];
    for reply in replies {
        let server = refusing(reply(), true, true);
        let run = redeploy(&server, &[]).code(0);
        assert_eq!((posts(&server).len(), &run.json()["action"]["id"]), (1, &json!(71)), "{}", run.stderr);
    }
}

#[test]
fn what_was_done_is_said_when_the_list_read_after_it_fails() {
    for status in [400, 401, 402, 403, 404, 418, 502, 503] {
        let mut taken = false;
        let server = ScriptedServer::replying(move |seen: &Seen| match seen.method.as_str() {
            "GET" if taken => failure(status),
            "GET" => list(&[json!({ "id": 1, "key": "OLD", "value": "1" })]),
            _ => {
                taken = true;
                good(&action(5, true, Some(true), None))
            }
        });
        let run = push(&server, &["--prune=all", "-o", "json"]);
        let error = run.code(if [401, 403].contains(&status) { 3 } else { 8 }).json_error();
        let said = error.to_string();
        assert_eq!(error["retryable"], false);
        assert!(said.contains("A1, A2 were sent in one request"), "{error}");
        assert!(said.contains(&format!("c66 env list -s {UID}")), "{error}");
        assert!(said.contains("not deleted: OLD"), "{error}");
        assert_eq!(writes(&server).len(), 1);
    }
}

#[test]
fn a_run_over_many_stacks_is_not_called_retryable_when_one_may_have_been_done() {
    let server = ScriptedServer::replying(|seen: &Seen| match seen.method.as_str() {
        "GET" => list(&[json!({ "uid": UID, "name": "shop", "environment": "staging" })]),
        _ => (502, String::new()),
    });
    let test_env = TestEnv::new();
    std::fs::write(test_env.home().join("stacks"), UID).expect("a file");
    let words = ["stacks", "restart", "--stacks-from", "stacks", "--yes", "-o", "json"];
    let run = test_env.against(&server.url, &words).code(8);
    assert_eq!(run.json_error()["retryable"], false, "{}", run.stderr);
    let hint = run.json()[0]["error"]["hint"].to_string();
    assert!(hint.contains("check with: c66 actions list -s shop@staging"), "{hint}");
}

#[test]
fn a_setting_of_the_wait_is_read_before_anything_is_written() {
    for words in [&["redeploy", "-s", UID, "--yes"][..], &["stacks", "restart", UID, "--yes"]] {
        let server = ScriptedServer::replying(|seen: &Seen| match seen.method.as_str() {
            "GET" => list(&[]),
            _ => good(&action(5, false, None, None)),
        });
        let test_env = TestEnv::new();
        let mut command = test_env.command();
        command.env("C66_API_URL", &server.url).env("C66_TOKEN", TOKEN).env("C66_TIMEOUT", "soon");
        finish(command.args(words)).code(2);
        assert!(writes(&server).is_empty(), "{:?}", writes(&server));
    }
}
