//! Statuses that refuse a request, and those that only look so: what may have been done says so.

use serde_json::{Value, json};

use super::writes;
use crate::support::replies::{UID, action, good, list};
use crate::support::scripted_server::{ScriptedServer, Seen};
use crate::support::test_env::{Run, TOKEN, TestEnv, finish};

/// An API that replies so to each write.
fn replying(reply: impl Fn() -> (u16, String) + Send + 'static) -> ScriptedServer {
    let stack = json!({ "uid": UID, "name": "shop", "environment": "staging" });
    ScriptedServer::replying(move |seen: &Seen| match seen.method.as_str() {
        "GET" if seen.path == "/stacks" => list(std::slice::from_ref(&stack)),
        "GET" => list(&[]),
        _ => reply(),
    })
}

fn run(server: &ScriptedServer, words: &[&str]) -> Run {
    TestEnv::new().against(&server.url, words)
}

fn cloudmc(server: &ScriptedServer, words: &[&str]) -> Run {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("CLOUDMC_ENDPOINT", format!("{}/api/v2", server.url)).env("CLOUDMC_API_KEY", "key");
    finish(command.arg("cloudmc").args(words))
}

const STOP: [&str; 8] = ["do", "compute", "prod", "instances", "i-1", "stop", "-o", "json"];

#[test]
fn only_a_status_that_refuses_says_that_nothing_was_done() {
    let writes_and_checks = [
        (&["stacks", "restart", "-s", UID][..], "actions list"),
        (&["backups", "create", "--db-type", "mysql", "-s", UID], "backups list"),
        (&["env", "set", "A=1", "-s", UID], "env list"),
    ];
    let refusals = [(400, 9), (401, 3), (402, 3), (403, 3), (404, 4), (409, 9), (422, 9)].map(|(s, c)| (s, c, false));
    let others = [405, 410, 413, 418, 421, 425, 431, 451, 499].map(|status| (status, 9, true));
    for (status, code, may) in refusals.into_iter().chain(others) {
        for (words, check) in writes_and_checks {
            let server = replying(move || (status, "{}".to_owned()));
            let ended = run(&server, &[words, &["--yes", "-o", "json"]].concat()).code(code);
            let hint = ended.json_error()["hint"].to_string();
            let says_so = hint.contains(&format!("it may have been done; check with: c66 {check}"));
            assert_eq!(says_so, may, "{status}: {}", ended.stderr);
            assert_eq!(writes(&server).len(), 1, "{status}");
        }
        if status != 402 && status != 405 {
            let server = replying(move || (status, "{}".to_owned()));
            let said = cloudmc(&server, &STOP).json_error()["hint"].to_string();
            assert_eq!(said.contains("it may have been done"), may, "{status}: {said}");
        }
    }
}

#[test]
fn a_refusal_with_the_action_that_it_began_may_have_been_done() {
    for status in [400, 404, 409, 422] {
        let server = replying(move || (status, good(&action(5, false, None, None)).1));
        let ended = run(&server, &["stacks", "restart", "-s", UID, "--yes", "-o", "json"]);
        let hint = ended.json_error()["hint"].to_string();
        assert!(hint.contains("it may have been done; check with: c66 actions list"), "{status}: {}", ended.stderr);
        let server = replying(move || (status, json!({ "taskId": "t-1", "taskStatus": "PENDING" }).to_string()));
        let said = cloudmc(&server, &STOP).json_error()["hint"].to_string();
        assert!(said.contains("it may have been done"), "{status}: {said}");
    }
}

#[test]
fn a_full_hour_with_the_action_that_was_begun_is_no_reason_to_write_again() {
    for status in [429, 503] {
        let server = replying(move || {
            let mut body = json!({ "error": "throttled" });
            body["response"] = action(5, false, None, None);
            (status, body.to_string())
        });
        let words = ["firewall", "add", "--port", "22", "--from-ip", "192.0.2.1", "-s", UID, "--yes"];
        let ended = run(&server, &[&words[..], &["--wait-if-throttled", "-o", "json"]].concat()).code(7);
        assert_eq!((writes(&server).len(), &ended.json_error()["retryable"]), (1, &json!(false)), "{}", ended.stderr);
        let server = replying(move || (429, json!({ "taskId": "t-1" }).to_string()));
        cloudmc(&server, &STOP).code(7);
        assert_eq!(writes(&server).len(), 1);
    }
}

#[test]
fn an_error_in_a_good_reply_is_an_error() {
    for body in [json!({ "error": "no" }), json!({ "response": { "error": "no", "details": "none" } })] {
        let server = replying(move || (200, body.to_string()));
        let words = ["firewall", "add", "--port", "22", "--from-ip", "192.0.2.1", "-s", UID, "--yes", "-o", "json"];
        let ended = run(&server, &words).code(8);
        let error = ended.json_error();
        assert!(error["message"].to_string().contains("the request may have been done"), "{error}");
        assert_eq!((ended.stdout.as_str(), &error["retryable"]), ("", &json!(false)));
    }
    let server = ScriptedServer::replying(|_: &Seen| (200, json!({ "error": "no" }).to_string()));
    run(&server, &["deployments", "show", "7", "-s", UID]).code(8);
}

#[test]
fn each_stack_of_a_run_over_many_says_that_it_may_have_been_done() {
    for reply in [(303, "{}"), (502, "{}"), (418, "{}"), (200, "[1, 2]"), (101, "")] {
        let server = replying(move || (reply.0, reply.1.to_owned()));
        let test_env = TestEnv::new();
        std::fs::write(test_env.home().join("stacks"), "shop").expect("a file");
        let words = ["stacks", "restart", "--stacks-from", "stacks", "--yes"];
        let ended = test_env.against(&server.url, &words);
        let said = |line: &str| line.contains("shop@staging: ") && line.contains("may have been done");
        assert_eq!(ended.stderr.lines().filter(|line| said(line)).count(), 2, "{}", ended.stderr);
        assert!(ended.stderr.contains("check with: c66 actions list -s shop@staging"), "{}", ended.stderr);
        assert!(ended.stdout.contains("may have been done"), "{}", ended.stdout);
    }
}

#[test]
fn a_quoted_reply_has_no_secrets() {
    let secret = "hunter2-hunter2";
    let bodies: [Value; 3] = [
        json!({ "data": [{ "id": "i-1", "password": secret }] }),
        json!({ "data": { "key": "A", "is_password": true, "value": secret } }),
        json!({ "data": { "Env": [secret] } }),
    ];
    for body in bodies.map(|body| body.to_string()) {
        for status in [200, 404, 418, 500] {
            // Whole, cut, and with another body behind it.
            for body in [body.clone(), body[..body.len() - 2].to_owned(), format!("{body}{body}")] {
                let server = ScriptedServer::replying(move |_: &Seen| (status, body.clone()));
                for words in [&["list", "compute", "prod", "instances"][..], &STOP] {
                    let ended = cloudmc(&server, words);
                    assert!(!ended.stderr.contains(secret), "{status}: {}", ended.stderr);
                }
                let ended = run(&server, &["servers", "show", "lion", "-s", UID]);
                assert!(!ended.stderr.contains(secret), "{status}: {}", ended.stderr);
            }
        }
    }
}

#[test]
fn the_search_for_a_lost_redeployment_ends_with_its_timeout() {
    // Few requests are left, so polls are more than a minute apart.
    let server = ScriptedServer::replying_with_headers(|seen: &Seen| {
        let status = if seen.method == "GET" { 200 } else { 502 };
        (status, "X-RateLimit-Limit: 3600\r\nX-RateLimit-Remaining: 1\r\n".to_owned(), list(&[]).1)
    });
    let began = std::time::Instant::now();
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", TOKEN).env("C66_POLL_INTERVAL", "2s");
    let ended = finish(command.args(["redeploy", "-s", UID, "--yes", "--timeout", "1s"])).code(8);
    assert!(began.elapsed().as_secs() < 40, "{:?}", began.elapsed());
    assert!(ended.stderr.contains("it may have been done; check with: c66 deployments list"), "{}", ended.stderr);
    assert_eq!(writes(&server).len(), 1);
}

#[test]
fn an_error_of_this_machine_says_that_the_write_before_it_was_accepted() {
    let server = replying(|| good(&action(5, true, Some(true), None)));
    for format in [&["-o", "json"][..], &[]] {
        let words = [&["stacks", "restart", UID, "--yes", "--jq", "error(\"no\")"], format].concat();
        let ended = run(&server, &words).code(2);
        let said = format!("POST /stacks/{UID}/actions was accepted; check with: c66 actions list -s ");
        assert!(ended.stderr.contains(&said), "{}", ended.stderr);
    }
    // A valid reply with a text that is none.
    let server = replying(|| (200, "\"\\ud800\"".to_owned()));
    let ended = cloudmc(&server, &["do", "compute", "prod", "instances", "i-1", "stop", "-o", "name"]).code(8);
    assert!(ended.stderr.contains("was accepted; check with: c66 cloudmc activity list"), "{}", ended.stderr);
}
