//! `--stacks-from`: one write on many stacks.

mod rate_limit;

use serde_json::{Value, json};

use crate::support::replies::{action, deployment, good, list};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv, finish, finish_with_input};

const STAGING: &str = "awesome-app@staging";

/// Runs against the sandbox with `input` on stdin.
fn piped(test_env: &TestEnv, input: &str, arguments: &[&str]) -> Run {
    finish_with_input(test_env.command().arg("--sandbox").args(arguments), input)
}

fn lines(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// The stacks in staging that can be deployed, by UID.
fn staging(test_env: &TestEnv) -> String {
    test_env
        .sandbox(&["stacks", "list", "-o", "name", "--filter", "environment=staging", "--limit", "4"])
        .code(0)
        .stdout
}

#[test]
fn redeploy_takes_a_list_of_stacks_from_stdin() {
    let test_env = TestEnv::new();
    let list = staging(&test_env);
    let run = piped(&test_env, &list, &["redeploy", "--stacks-from", "-", "--concurrency", "2", "-o", "jsonl"]).code(0);
    let results = lines(&run);
    assert_eq!(results.len(), 4);
    for result in &results {
        assert_eq!(result["outcome"], "ok");
        assert_eq!(result["exit_code"], 0);
        assert_eq!(result["result"]["deployment"]["outcome"]["meaning"], "success");
        assert!(list.contains(result["stack"].as_str().expect("a UID")));
    }
    let table = piped(&test_env, &list, &["redeploy", "--stacks-from", "-"]).code(0);
    assert_eq!(table.stdout.lines().count(), 5, "a header and a line for each: {}", table.stdout);
    assert!(table.stdout.starts_with("NAME"), "{}", table.stdout);
    let json = piped(&test_env, &list, &["redeploy", "--stacks-from", "-", "-o", "json", "--no-wait"]).code(0).json();
    assert_eq!(json.as_array().map(Vec::len), Some(4));
    let names = piped(&test_env, &list, &["stacks", "restart", "--stacks-from", "-", "-o", "name"]).code(0).stdout;
    assert_eq!(names, list, "in the order of the list");
}

#[test]
fn no_source_may_set_concurrency_to_zero() {
    let test_env = TestEnv::new();
    let restart = &["--sandbox", "stacks", "restart", "--stacks-from", "-"];
    for refused in ["0", "65", "many"] {
        let run = finish_with_input(test_env.command().env("C66_CONCURRENCY", refused).args(restart), STAGING).code(2);
        assert!(run.stderr.contains("for concurrency"), "{}", run.stderr);
        assert!(run.stderr.contains("from C66_CONCURRENCY"), "{}", run.stderr);
        let run =
            piped(&test_env, STAGING, &["stacks", "restart", "--stacks-from", "-", "--concurrency", refused]).code(2);
        assert!(run.stderr.contains("use a whole number from 1 to 64"), "{}", run.stderr);
    }
}

#[test]
fn every_bulk_command_acts_on_each_stack() {
    let test_env = TestEnv::new();
    let file = test_env.home().join("stacks.txt");
    std::fs::write(&file, format!("# two of them\n{STAGING}\n\nvoting-app\n")).expect("a file");
    let from = file.to_str().expect("a path");
    let run = |arguments: &[&str]| {
        test_env.sandbox(&[arguments, &["--stacks-from", from, "--yes", "-o", "json"]].concat()).code(0).json()
    };
    for (arguments, action) in [
        (&["stacks", "restart"][..], "restart"),
        (&["stacks", "clear-caches"], "clear_caches"),
        (&["stacks", "maintenance", "on"], "maintenance_mode"),
        (&["actions", "run", "service_restart"], "service_restart"),
    ] {
        let results = run(arguments);
        assert_eq!(results.as_array().map(Vec::len), Some(2), "{results}");
        assert!(results.as_array().expect("results").iter().all(|one| one["result"]["action"] == action), "{results}");
        assert!(results[0]["result"]["finished_success"] == true, "{results}");
    }
    let results = run(&["env", "set", "RELEASE=12", "TRACE=off"]);
    assert_eq!(results[1]["result"].as_array().map(Vec::len), Some(2), "{results}");
    assert_eq!(run(&["env", "set", "RELEASE=12"])[0]["message"], "nothing to change");
    for stack in [STAGING, "voting-app"] {
        assert_eq!(test_env.sandbox(&["env", "get", "RELEASE", "-s", stack]).code(0).stdout, "12\n");
    }
    run(&["env", "unset", "RELEASE", "TRACE"]);
    for stack in [STAGING, "voting-app"] {
        test_env.sandbox(&["env", "get", "RELEASE", "-s", stack]).code(4);
    }
}

#[test]
fn an_unknown_stack_in_the_list_is_reported_before_any_write() {
    let test_env = TestEnv::new();
    for (names, code, words) in [
        (format!("{STAGING}\nno-such-stack\n"), 4, "line 2: stack `no-such-stack` not found"),
        (format!("{STAGING}\nawesome-app\n"), 2, "`awesome-app` matches 2 stacks"),
        ("nothing-1\nnothing-2\n".to_owned(), 4, "2 lines do not match exactly one stack"),
        ("5999b763474b0eafa5fafb64bff0ba81\n".to_owned(), 4, "not found"),
    ] {
        let run =
            piped(&test_env, &names, &["stacks", "restart", "--stacks-from", "-", "--yes", "-o", "json"]).code(code);
        assert_eq!(run.stdout, "");
        let message = run.json_error()["message"].as_str().unwrap_or_default().to_owned();
        assert!(message.contains(words), "{message}");
        assert!(run.stderr.contains("nothing was sent to any stack"), "{}", run.stderr);
    }
    let none = test_env.sandbox(&["actions", "list", "-s", STAGING, "--jq", "length"]).code(0).stdout;
    let some = piped(&test_env, STAGING, &["stacks", "restart", "--stacks-from", "-"]).code(0);
    assert!(some.stdout.contains("ok"), "{}", some.stdout);
    let after = test_env.sandbox(&["actions", "list", "-s", STAGING, "--jq", "length"]).code(0).stdout;
    assert_eq!(none.trim().parse::<u32>().expect("a number") + 1, after.trim().parse::<u32>().expect("a number"));
    test_env.sandbox(&["redeploy", "--stacks-from", "missing.txt"]).code(2);
    test_env.sandbox(&["redeploy", "--stacks-from", "-", "-s", STAGING]).code(2);
    test_env.sandbox(&["stacks", "restart", STAGING, "--stacks-from", "-"]).code(2);
    test_env.sandbox(&["redeploy", "-s", STAGING, "--continue-on-error"]).code(2);
    test_env.sandbox(&["env", "set", "A=-", "--stacks-from", "-"]).code(2);
}

#[test]
fn an_empty_list_does_nothing_and_succeeds() {
    let test_env = TestEnv::new();
    let run = piped(&test_env, "# none\n", &["redeploy", "--stacks-from", "-", "-o", "json"]).code(0);
    assert_eq!(run.json(), json!([]));
}

#[test]
fn a_stack_named_twice_is_deployed_once() {
    let test_env = TestEnv::new();
    let names = format!("{STAGING}\nAwesome App@staging\n3ff47eaa901ee0d1cda6fa9283b3e618\n");
    let run = piped(&test_env, &names, &["redeploy", "--stacks-from", "-", "-o", "jsonl"]).code(0);
    assert_eq!(lines(&run).len(), 1);
    let count = test_env.sandbox(&["deployments", "list", "-s", STAGING, "--jq", "length"]).code(0).stdout;
    assert_eq!(count, "2\n");
}

#[test]
fn one_confirmation_covers_all_stacks_and_without_it_nothing_is_done() {
    let test_env = TestEnv::new();
    let names = format!("{STAGING}\nawesome-app@production\n");
    let run = piped(&test_env, &names, &["redeploy", "--stacks-from", "-"]).code(2);
    assert!(run.stderr.contains("Awesome App@staging, Awesome App@production"), "{}", run.stderr);
    assert!(
        run.stderr.contains("refusing to redeploy 2 stacks (1 in production) without confirmation"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("--yes"), "{}", run.stderr);
    for stack in names.lines() {
        let count = test_env.sandbox(&["deployments", "list", "-s", stack, "--jq", "length"]).code(0).stdout;
        assert_eq!(count, "1\n");
    }
    let run = piped(&test_env, STAGING, &["env", "unset", "SUPPORT_ADDRESS", "--stacks-from", "-"]).code(2);
    assert!(run.stderr.contains("--yes"), "what destroys is asked about everywhere: {}", run.stderr);
}

#[test]
fn the_first_failure_stops_the_rest_unless_continue_on_error_is_given() {
    let names = format!("doomed-app\n{STAGING}\nvoting-app\n");
    let arguments = ["redeploy", "--stacks-from", "-", "--yes", "--concurrency", "1", "-o", "jsonl"];
    let test_env = TestEnv::new();
    let run = piped(&test_env, &names, &arguments).code(5);
    let outcomes: Vec<_> = lines(&run).iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(outcomes, ["remote_failed", "not_started", "not_started"]);
    let error = run.json_error();
    assert_eq!(error["exit_code"], 5);
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("--continue-on-error")), "{error}");
    let run = piped(&test_env, &names, &[&arguments[..], &["--continue-on-error"]].concat()).code(5);
    let outcomes: Vec<_> = lines(&run).iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(outcomes, ["remote_failed", "ok", "ok"]);
    assert!(lines(&run)[0]["error"]["message"].as_str().is_some_and(|said| said.contains("failed (outcome")));
    let table = piped(&test_env, &names, &["stacks", "restart", "--stacks-from", "-", "--yes", "--continue-on-error"]);
    let table = table.code(5);
    assert!(table.stdout.contains("remote failed"), "{}", table.stdout);
    assert!(table.stderr.contains("1 of 3 stacks failed"), "{}", table.stderr);
}

#[test]
fn a_stack_that_cannot_be_changed_stops_all_unless_continue_on_error_is_given() {
    let test_env = TestEnv::new();
    let names = format!("{STAGING}\nvoting-app\n");
    test_env.sandbox(&["env", "set", "ONLY_HERE=1", "-s", STAGING]).code(0);
    let arguments = ["env", "unset", "ONLY_HERE", "--stacks-from", "-", "--yes", "-o", "json"];
    let run = piped(&test_env, &names, &arguments).code(4);
    assert!(run.json_error()["cause"].as_str().is_some_and(|why| why.contains("nothing was sent")), "{}", run.stderr);
    test_env.sandbox(&["env", "get", "ONLY_HERE", "-s", STAGING]).code(0);
    let run = piped(&test_env, &names, &[&arguments[..], &["--continue-on-error"]].concat()).code(4);
    assert_eq!(run.json()[0]["outcome"], "ok");
    assert_eq!(run.json()[1]["outcome"], "not_found");
}

#[test]
fn the_worst_exit_code_is_returned() {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_SANDBOX_SPEED", "20").args(["--sandbox", "redeploy", "--stacks-from", "-", "--yes"]);
    command.args(["--continue-on-error", "--timeout", "20s", "-o", "json"]);
    let run = finish_with_input(&mut command, &format!("{STAGING}\ndoomed-app\n")).code(5);
    assert_eq!(run.json()[0]["exit_code"], 0);
    let mut command = test_env.command();
    command.env("C66_SANDBOX_SPEED", "0.001").args(["--sandbox", "redeploy", "--stacks-from", "-", "--yes"]);
    command.args(["--continue-on-error", "--timeout", "500ms", "-o", "json"]);
    let run = finish_with_input(&mut command, &format!("{STAGING}\nvoting-app\n")).code(6);
    let hint = run.json_error()["hint"].as_str().unwrap_or_default().to_owned();
    assert_eq!(hint.matches("resume waiting with: c66 --sandbox deployments wait").count(), 2, "{hint}");
}

#[test]
fn a_dry_run_lists_the_requests() {
    let test_env = TestEnv::new();
    let names = format!("{STAGING}\nawesome-app@production\n");
    let run = piped(&test_env, &names, &["redeploy", "--stacks-from", "-", "--dry-run", "-o", "json"]).code(0);
    let requests = run.json();
    assert_eq!(requests.as_array().map(Vec::len), Some(2));
    assert_eq!(requests[1]["path"], "/api/3/stacks/5999b763474b0eafa5fafb64bff0ba80/deployments.json");
    let one =
        piped(&test_env, STAGING, &["env", "set", "A=1", "--stacks-from", "-", "--dry-run", "-o", "json"]).code(0);
    assert_eq!(one.json().as_array().map(Vec::len), Some(1), "a list however many there are");
    let count = test_env.sandbox(&["deployments", "list", "-s", STAGING, "--jq", "length"]).code(0).stdout;
    assert_eq!(count, "1\n");
}

#[test]
fn concurrency_limits_how_many_run_at_once() {
    let uids: Vec<String> = (0..6).map(|number| format!("{number:032x}")).collect();
    let known = uids.clone();
    let (mut running, mut most) = (Vec::<String>::new(), 0_usize);
    let peak = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let told = std::sync::Arc::clone(&peak);
    let server = ScriptedServer::replying(move |seen| {
        if seen.path == "/stacks" {
            let stacks: Vec<Value> = known
                .iter()
                .map(|uid| json!({ "uid": uid, "name": format!("shop {uid}"), "environment": "staging" }))
                .collect();
            return list(&stacks);
        }
        if seen.method == "POST" {
            running.push(seen.path.clone());
            most = most.max(running.len());
            told.store(most, std::sync::atomic::Ordering::SeqCst);
            return good(&action(7, false, None, None));
        }
        let stack = seen.path.trim_end_matches("/7").to_owned();
        running.retain(|path| *path != stack);
        good(&action(7, true, Some(true), None))
    });
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789");
    command.args(["stacks", "restart", "--stacks-from", "-", "--concurrency", "2", "-o", "name"]);
    let run = finish_with_input(&mut command, &uids.join("\n")).code(0);
    assert_eq!(run.stdout.lines().count(), 6);
    let peak = peak.load(std::sync::atomic::Ordering::SeqCst);
    assert!((1..=2).contains(&peak), "{peak} at once");
}

#[cfg(unix)]
#[test]
fn a_signal_starts_no_further_stack_and_reports_those_still_running() {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_SANDBOX_SPEED", "0.001");
    command.args(["--sandbox", "redeploy", "--stacks-from", "-", "--concurrency", "2", "-o", "jsonl", "--debug"]);
    let mut running = crate::support::process::Running::start(command.stdin(std::process::Stdio::piped()));
    running.feed(staging(&test_env).as_bytes());
    // The ids of the deployments that were looked at.
    let shown = |said: &str| {
        let ids = said.split("/deployments/").skip(1).map(|rest| rest.split(['.', ' ']).next().unwrap_or_default());
        ids.collect::<std::collections::BTreeSet<_>>().len()
    };
    running.wait_for_stderr("a second deployment", |said| shown(said) == 2);
    running.signal(rustix::process::Signal::INT);
    let Run { stdout, stderr: said, .. } = running.end().code(130);
    let outcomes: Vec<Value> =
        stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["outcome"].clone()).collect();
    assert_eq!(outcomes, ["interrupted", "interrupted", "not_started", "not_started"], "{said}");
    let error: Value = serde_json::from_str(said.lines().last().unwrap_or_default()).expect("JSON");
    let hint = error["error"]["hint"].as_str().unwrap_or_default();
    assert_eq!(hint.matches("resume waiting with: c66 --sandbox deployments wait").count(), 2, "{hint}");
    assert!(hint.contains("not started: "), "{hint}");
}

#[cfg(unix)]
#[test]
fn on_a_terminal_one_question_lists_all_stacks() {
    let test_env = TestEnv::new();
    let file = test_env.home().join("stacks.txt");
    std::fs::write(&file, format!("{STAGING}\nawesome-app@production\n")).expect("a file");
    let mut command = test_env.command();
    command.args(["--sandbox", "redeploy", "--stacks-from"]).arg(&file);
    let mut terminal = crate::support::pty::Terminal::start(command, 120);
    terminal.expect("Redeploy 2 stacks (1 in production)? [y/N]");
    assert!(terminal.seen().contains("Awesome App@staging, Awesome App@production"), "{}", terminal.seen());
    terminal.press("y\r");
    let (code, seen) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    assert_eq!(seen.matches("[y/N]").count(), 1, "{seen}");
}

#[test]
fn an_unreadable_deployment_fails_only_its_own_stack() {
    let uids = ["00000000000000000000000000000001", "00000000000000000000000000000002"];
    let mut posted = Vec::new();
    let server = ScriptedServer::replying(move |seen| {
        if seen.path == "/stacks" {
            let stack = |uid: &str| json!({ "uid": uid, "name": format!("s{uid}"), "environment": "staging" });
            return list(&[stack(uids[0]), stack(uids[1])]);
        }
        let first = seen.path.contains(uids[0]);
        match seen.method.as_str() {
            "POST" => {
                posted.push(first);
                good(&json!({ "ok": true, "message": "queued" }))
            }
            _ if first && posted.contains(&true) => crate::support::replies::refusal(403, "forbidden", "no"),
            _ if posted.contains(&first) => list(&[deployment(8, "api", Some("success"))]),
            _ => list(&[]),
        }
    });
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789");
    command.args(["redeploy", "--stacks-from", "-", "--continue-on-error", "-o", "json"]);
    let run = finish_with_input(&mut command, &uids.join("\n")).code(3);
    assert_eq!(run.json()[0]["outcome"], "scope_missing");
    assert_eq!(run.json()[1]["outcome"], "ok");
    let token = finish(test_env.command().args(["redeploy", "--stacks-from", "/dev/null", "-o", "json"])).code(0);
    assert_eq!(token.json(), json!([]));
}
