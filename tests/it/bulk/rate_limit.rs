//! Many stacks and a low request limit: every stack is reached.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::replies::{action, good, list, refusal};
use crate::support::scripted_server::{ScriptedServer, Seen};
use crate::support::test_env::{Run, TestEnv, finish_with_input};

const STACKS: usize = 500;

fn uid(number: usize) -> String {
    format!("{number:032x}")
}

/// The replies of an API with 500 stacks, without the limit.
fn answer(seen: &Seen) -> (u16, String) {
    if seen.method == "POST" {
        return good(&action(7, false, None, None));
    }
    let stack = |number| json!({ "uid": uid(number), "name": format!("shop {number}"), "environment": "staging" });
    let stacks: Vec<Value> = (0..STACKS).map(stack).collect();
    list(&stacks)
}

fn restart_all(server: &ScriptedServer) -> Run {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789");
    command.args(["stacks", "restart", "--stacks-from", "-", "--no-wait", "-o", "jsonl", "--jq", ".outcome"]);
    let names: Vec<String> = (0..STACKS).map(uid).collect();
    finish_with_input(&mut command, &names.join("\n"))
}

/// An "hour" with fewer requests than stacks. It ends a second after the pace slows down, however fast the machine is.
#[test]
fn requests_are_paced_by_the_rate_limit_headers() {
    const SLOW_PART: Duration = Duration::from_secs(1);
    /// Announced, so that the pace for good is a request each 40 ms.
    const ANNOUNCED: u32 = 90_000;
    const ALLOWED: u32 = 400;
    let refused = Arc::<AtomicU32>::default();
    let told = Arc::clone(&refused);
    let (mut low_since, mut used) = (None::<Instant>, 0);
    let server = ScriptedServer::replying_with_headers(move |seen| {
        if low_since.is_some_and(|since| since.elapsed() >= SLOW_PART) {
            (low_since, used) = (None, 0);
        }
        used += 1;
        let left = ALLOWED.saturating_sub(used);
        if left < ALLOWED / 10 {
            low_since.get_or_insert_with(Instant::now);
        }
        let left = left * (ANNOUNCED / ALLOWED);
        let headers = format!("X-RateLimit-Limit: {ANNOUNCED}\r\nX-RateLimit-Remaining: {left}\r\n");
        let (status, body) = if used > ALLOWED {
            told.fetch_add(1, Ordering::SeqCst);
            refusal(503, "throttled", "too many requests in this hour")
        } else {
            answer(seen)
        };
        (status, headers, body)
    });
    let run = restart_all(&server).code(0);
    assert_eq!(run.stdout, "ok\n".repeat(STACKS));
    assert_eq!(refused.load(Ordering::SeqCst), 0, "requests ran into the limit");
    let posts = server.seen().iter().filter(|seen| seen.method == "POST").count();
    assert_eq!(posts, STACKS, "each was restarted once");
    assert!(run.stderr.contains("requests left in this hour"), "{}", run.stderr);
}

/// Other clients have used up the hour: the run waits for the next one by default.
#[test]
fn when_the_limit_is_used_up_the_next_hour_is_waited_for() {
    let mut refusals = 0;
    let server = ScriptedServer::replying_with_headers(move |seen| {
        if seen.method == "POST" && refusals < 5 {
            refusals += 1;
            let (status, body) = refusal(503, "throttled", "too many requests in this hour");
            return (status, "Retry-After: 1\r\n".to_owned(), body);
        }
        let (status, body) = answer(seen);
        (status, String::new(), body)
    });
    let run = restart_all(&server).code(0);
    assert_eq!(run.stdout, "ok\n".repeat(STACKS));
    let posts = server.seen().iter().filter(|seen| seen.method == "POST").count();
    assert_eq!(posts, STACKS + 5);
}
