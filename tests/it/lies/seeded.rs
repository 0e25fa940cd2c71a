//! A server that lies at random: it does the work and replies with something else. What the program says must still be
//! true.
//!
//! `C66_LIES=12000 cargo test --test it lies::seeded` runs as many seeds, `C66_LIES_SEED=N` begins at another one.

use std::sync::{Arc, Mutex};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::support::replies::{UID, action, deployment, good, list, refusal};
use crate::support::scripted_server::{Answer, ScriptedServer, Seen};
use crate::support::test_env::{Run, TestEnv, finish};

const USUAL_RUNS: u64 = 80;
/// The number of lies per run: with more, every run would end in an error.
const MOST_LIES: usize = 3;
const ACTION: u64 = 50;
const DEPLOYMENT: u64 = 9;
const THREADS: usize = 4;

/// The true state of the server.
#[derive(Default)]
struct World {
    /// Each executed write, as method and path.
    done: Vec<String>,
    /// The reference of the started redeployment.
    reference: Option<String>,
    /// The number of polls while the work is running.
    polls: u64,
    lies: usize,
    /// Whether a write was executed and then explicitly refused: no client can know better.
    refused: bool,
    /// Whether the reply to a write was successful and empty, so that there is nothing to wait for.
    silent: bool,
}

/// The choices of a seed.
#[derive(Clone, Copy)]
struct Choice {
    command: usize,
    succeeds: bool,
    /// The number of polls until the work ends.
    length: u64,
    /// Whether the reply to a redeployment names its action.
    names_action: bool,
    percent_lies: u8,
}

const COMMANDS: [&[&str]; 6] = [
    &["redeploy", "-s", UID],
    &["redeploy", "-s", UID, "--service", "web"],
    &["stacks", "restart", UID],
    &["env", "set", "A=1", "-s", UID],
    &["env", "push", "new.env", "-s", UID],
    &["settings", "set", "git.branch", "other", "-s", UID],
];

impl World {
    fn honest(&mut self, choice: Choice, seen: &Seen) -> (u16, String) {
        let working = !self.done.is_empty();
        let ended = self.polls >= choice.length;
        let the_action = |world: &Self| {
            let mut action = action(ACTION, ended, ended.then_some(choice.succeeds), None);
            action["metadata"] = json!({ "user_reference": world.reference });
            action
        };
        let outcome = ended.then_some(if choice.succeeds { "success" } else { "failed" });
        if seen.method != "GET" {
            let body: Value = serde_json::from_str(&seen.body).unwrap_or_default();
            // Two variables are created under one path.
            self.done.push(format!("{} {} {}", seen.method, seen.path, body["key"].as_str().unwrap_or_default()));
            self.reference = self.reference.take().or_else(|| body["user_reference"].as_str().map(str::to_owned));
            let begun = json!({ "ok": true, "message": "begun", "async_action_id": ACTION });
            return match seen.path.rsplit('/').next() {
                Some("deployments") if choice.names_action => good(&begun),
                Some("deployments") => good(&json!({ "ok": true, "message": "begun" })),
                _ => good(&the_action(self)),
            };
        }
        let path: Vec<&str> = seen.path.trim_matches('/').split('/').collect();
        match path[..] {
            ["stacks", _] => good(&json!({ "uid": UID, "name": "shop", "environment": "staging" })),
            ["stacks", _, "actions"] if working => list(&[the_action(self)]),
            ["stacks", _, "deployments"] if working => {
                list(&[deployment(DEPLOYMENT, "api", outcome), deployment(1, "api", Some("success"))])
            }
            ["stacks", _, "deployments"] => list(&[deployment(1, "api", Some("success"))]),
            ["stacks", _, "actions", _] if working => {
                self.polls += 1;
                good(&the_action(self))
            }
            ["stacks", _, "deployments", _] if working => {
                self.polls += 1;
                good(&deployment(DEPLOYMENT, "api", outcome))
            }
            ["stacks", _, "environments"] => {
                let value = if working { "new" } else { "old" };
                list(&["B", "C"].map(|key| json!({ "id": 1, "key": key, "value": value })))
            }
            ["stacks", _, "settings"] => list(&[json!({ "key": "git.branch", "value": "main", "readonly": false })]),
            ["stacks", _, "settings", _] => good(&json!({ "key": "git.branch", "value": "main", "readonly": false })),
            ["stacks", _, _] => list(&[]),
            _ => refusal(404, "not_found", "there is no such path"),
        }
    }

    /// The answer to a request: the work is done, but the reply may say otherwise.
    fn answer(&mut self, choice: Choice, rng: &mut Rng, seen: &Seen) -> Answer {
        let lies = self.lies < MOST_LIES && rng.u8(..100) < choice.percent_lies;
        // A reply about the request limit is true: nothing was done.
        if lies && rng.u8(..8) == 0 {
            self.lies += 1;
            return plain(429, "{\"error\":\"throttled\"}", "Retry-After: 0\r\n");
        }
        let (status, body) = self.honest(choice, seen);
        if !lies {
            return plain(status, &body, "");
        }
        self.lies += 1;
        let cut = rng.usize(..body.len().max(1));
        match rng.u8(..9) {
            0 => Answer::Last(Vec::new()),
            1 => Answer::Last(head(status, body.len(), "").into_bytes()),
            2 => Answer::Last([head(status, body.len(), "").as_bytes(), &body.as_bytes()[..cut]].concat()),
            3 => plain(status, body.get(..cut).unwrap_or_default(), ""),
            4 => plain(status, "<html>a proxy</html>", ""),
            5 => {
                plain(status, &body.replace(&format!(":{ACTION}"), ":49").replace(&format!(":{DEPLOYMENT}"), ":8"), "")
            }
            6 => {
                let body = ["null", "[]", "{}", "", "true", "\"x\""][rng.usize(..6)];
                self.silent |= seen.method != "GET" && matches!(body, "" | "null" | "{}");
                plain(status, body, "")
            }
            _ => {
                let all =
                    [101, 204, 400, 402, 404, 405, 408, 409, 413, 418, 421, 422, 425, 431, 451, 499, 500, 502, 503];
                let status = all[rng.usize(..all.len())];
                self.silent |= seen.method != "GET" && status == 204;
                self.refused |= seen.method != "GET" && matches!(status, 400..=404 | 409 | 422);
                plain(status, &refusal(status, "odd", "something else").1, "")
            }
        }
    }
}

fn head(status: u16, length: usize, more: &str) -> String {
    format!("HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n")
}

fn plain(status: u16, body: &str, more: &str) -> Answer {
    Answer::Last((head(status, body.len(), &format!("Connection: close\r\n{more}")) + body).into_bytes())
}

fn run(seed: u64) -> (Choice, Arc<Mutex<World>>, Run, Vec<String>) {
    let mut rng = Rng::with_seed(seed);
    let choice = Choice {
        command: rng.usize(..COMMANDS.len()),
        succeeds: rng.u8(..4) > 0,
        length: rng.u64(..4),
        names_action: rng.bool(),
        percent_lies: [10, 30, 60][rng.usize(..3)],
    };
    let world: Arc<Mutex<World>> = Arc::default();
    let (shared, rng) = (Arc::clone(&world), Mutex::new(rng));
    let server = ScriptedServer::start(move |seen, _| {
        let mut rng = rng.lock().expect("the dice");
        shared.lock().expect("the world").answer(choice, &mut rng, seen)
    });
    let test_env = TestEnv::new();
    std::fs::write(test_env.home().join("new.env"), "B=new\nC=new\n").expect("a file");
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789").args(COMMANDS[choice.command]);
    command.args(["--yes", "-o", "json", "--poll-interval", "10ms", "--timeout", "10s"]);
    let ended = finish(&mut command);
    let lines = server.lines();
    server.stop();
    (choice, world, ended, lines)
}

/// What is wrong with a run, if anything.
fn complaint(choice: Choice, world: &World, ended: &Run) -> Option<&'static str> {
    let twice = |index: usize| world.done[..index].contains(&world.done[index]);
    // Variables are changed one by one if the bulk call is refused.
    let done = !world.done.is_empty();
    if (0..world.done.len()).any(twice) {
        return Some("a write was done twice");
    }
    if !matches!(ended.code, 0 | 3..=9) {
        return Some("that is no exit code for this");
    }
    if ended.code == 0 {
        return match (done, choice.succeeds) {
            (false, _) => Some("nothing was done"),
            (true, _) if world.silent && COMMANDS[choice.command][0] != "redeploy" => {
                (!ended.stderr.contains("without an action")).then_some("it is silent about the empty reply")
            }
            (true, false) => Some("it failed"),
            (true, true) => serde_json::from_str::<Value>(&ended.stdout).is_err().then_some("stdout is not JSON"),
        };
    }
    if ended.code == 5 && (!done || choice.succeeds) {
        return Some("nothing has failed");
    }
    if done && ended.code != 5 && !world.refused {
        let Some(line) = ended.stderr.lines().last() else { return Some("there is no error") };
        let error = serde_json::from_str::<Value>(line).unwrap_or_default()["error"].clone();
        // A write that may have been executed is not retryable, and the error names the command that shows it.
        if ended.code != 6 && error["retryable"] != false {
            return Some("it was done, and is called retryable");
        }
        if !error["hint"].as_str().is_some_and(|hint| hint.contains("c66 ")) {
            return Some("it was done, and nothing says how to see it");
        }
    }
    None
}

#[test]
fn whatever_the_server_says_nothing_is_done_twice_and_no_verdict_is_wrong() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let (first, runs) = (number("C66_LIES_SEED").unwrap_or(1), number("C66_LIES").unwrap_or(USUAL_RUNS));
    let check = |seed: u64| {
        let (choice, world, ended, requests) = run(seed);
        let world = world.lock().expect("the world");
        let complaint = complaint(choice, &world, &ended)?;
        Some(format!(
            "seed {seed}: {complaint}\n{:?}, succeeds: {}, exit code {}\ndone: {:?}\nrequests: {requests:?}\n{}{}",
            COMMANDS[choice.command], choice.succeeds, ended.code, world.done, ended.stdout, ended.stderr
        ))
    };
    let complaints: Vec<String> = std::thread::scope(|scope| {
        let part = |thread: usize| (first..first + runs).skip(thread).step_by(THREADS).filter_map(check).collect();
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || -> Vec<String> { part(thread) })).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a thread that ends")).collect()
    });
    assert!(complaints.is_empty(), "{} of {runs} runs:\n{}", complaints.len(), complaints.join("\n\n"));
}
