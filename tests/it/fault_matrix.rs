//! Under every fault a command says what is true: it did what it was to do, or it fails with the right code and a clear
//! error, in time, and never writes twice.
//!
//! `C66_FAULT_RUNS` sets the number of seeded runs (500 here; the nightly run takes 10,000).

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use c66::sandbox::{Fault, FaultKind, Options, Server, Store, TOKEN};
use serde_json::Value;

use crate::world::{Run, World, finish};

const UID: &str = "5999b763474b0eafa5fafb64bff0ba80";
/// How often a fault strikes: some runs get through, some do not.
const PROBABILITY: f64 = 0.3;
const SPEED: f64 = 100.0;
/// Longest time a run may take, its retries included, on a machine that has other things to do.
const MOST_TIME: Duration = Duration::from_secs(120);

/// Commands that only look. When one says that it succeeded, it has printed what it prints without faults.
const READS: [&[&str]; 6] = [
    &["stacks", "list"],
    &["stacks", "show", UID],
    &["env", "list", "-s", UID],
    &["backups", "list", "-s", UID],
    &["servers", "list", "-s", UID],
    &["actions", "list", "-s", UID],
];

/// Commands that write. When one says that it succeeded, it was done once; when not, at most once.
const WRITES: [&[&str]; 4] = [
    &["redeploy", "-s", UID, "--yes"],
    &["stacks", "restart", "-s", UID, "--yes"],
    &["env", "set", "FRESH=1", "-s", UID, "--yes"],
    &["settings", "set", "git.branch", "other", "-s", UID, "--yes"],
];

/// A sandbox with one fault, in this process, for as long as `client` takes.
fn with_sandbox<T>(state: &Path, fault: Option<FaultKind>, seed: u64, client: impl FnOnce(&str) -> T) -> T {
    let faults = fault.into_iter().map(|kind| Fault { kind, probability: PROBABILITY }).collect();
    let store = Store::File(state.to_owned());
    let options = Options { store, speed: SPEED, faults, seed, ..Options::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let server = runtime.block_on(Server::bind(0, options)).expect("a port");
    let url = server.url();
    runtime.spawn(server.run());
    let result = client(&url);
    // What it is still writing down belongs to this run, and to the folder that goes with it.
    runtime.shutdown_timeout(Duration::from_secs(10));
    result
}

fn run(world: &World, url: &str, words: &[&str]) -> Run {
    let mut command = world.command();
    command.env("C66_API_URL", url).env("C66_TOKEN", TOKEN).args(words).args(["-o", "json"]);
    finish(&mut command)
}

/// How much has been done to the stack: every write leaves an action, a deployment, or one of each.
fn writes(state: &Path) -> [usize; 2] {
    let text = std::fs::read_to_string(state).expect("the state");
    let world: Value = serde_json::from_str(&text).expect("JSON");
    let stacks = world["stacks"].as_array().expect("stacks");
    let stack = stacks.iter().find(|stack| stack["uid"] == UID).expect("the stack");
    ["actions", "deployments"].map(|list| stack[list].as_array().expect("a list").len())
}

/// What is wrong with how a run ended, whatever it was to do.
fn misbehaviour(run: &Run, took: Duration) -> Option<&'static str> {
    let error: Option<Value> = run.stderr.lines().last().and_then(|line| serde_json::from_str(line).ok());
    let told = error.as_ref().map(|error| &error["error"]["exit_code"]);
    match run.code {
        _ if took > MOST_TIME => Some("it hung"),
        _ if run.stderr.contains("panicked") => Some("it panicked"),
        0 if serde_json::from_str::<Value>(&run.stdout).is_err() => Some("stdout is not one document"),
        5..=8 if !run.stdout.is_empty() => Some("a failure printed a result"),
        5..=8 if told.is_none_or(|told| *told != run.code) => Some("the error object does not tell the code"),
        0 | 5..=8 => None,
        _ => Some("that code is for something else"),
    }
}

/// One run under a fault; gives what was wrong with it.
fn trial(number: usize, expected: &[Value]) -> Option<String> {
    let fault = STRIKING[number / (READS.len() + WRITES.len()) % STRIKING.len()];
    let which = number % (READS.len() + WRITES.len());
    let words = READS.get(which).copied().unwrap_or_else(|| WRITES[which - READS.len()]);
    let world = World::new();
    let state = world.home().join("served.json");
    let before = with_sandbox(&state, None, 0, |url| {
        run(&world, url, &["stacks", "show", UID]).code(0);
        writes(&state)
    });
    let began = Instant::now();
    let outcome = with_sandbox(&state, Some(fault), number as u64, |url| run(&world, url, words));
    let took = began.elapsed();
    let after = writes(&state);
    let done = (after[0] - before[0]).max(after[1] - before[1]);
    let wrong = misbehaviour(&outcome, took).or_else(|| match READS.get(which) {
        Some(_) if outcome.code == 0 && !same(&outcome.json(), &expected[which]) => Some("it is not what there is"),
        Some(_) if done > 0 => Some("looking has changed something"),
        None if done > 1 => Some("it was done twice"),
        None if outcome.code == 0 && done == 0 => Some("it was not done at all"),
        _ => None,
    })?;
    let (out, err) = (&outcome.stdout, &outcome.stderr);
    Some(format!("run {number}, {fault:?}, c66 {words:?}: {wrong} (exit {}, {done} writes)\n{out}{err}", outcome.code))
}

/// Whether two lists hold the same things: times differ from world to world.
fn same(actual: &Value, expected: &Value) -> bool {
    let names = |value: &Value| -> Vec<Value> {
        let items = value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
        items.iter().map(|item| ["uid", "id", "key", "name"].iter().map(|key| item[*key].clone()).collect()).collect()
    };
    names(actual) == names(expected)
}

/// Every fault that strikes calls.
const STRIKING: [FaultKind; 15] = [
    FaultKind::Throttle,
    FaultKind::Drop,
    FaultKind::Slow,
    FaultKind::Garbage,
    FaultKind::Error500,
    FaultKind::LostReply,
    FaultKind::Cut,
    FaultKind::WrongLength,
    FaultKind::Empty,
    FaultKind::Html,
    FaultKind::Redirect,
    FaultKind::Deep,
    FaultKind::Huge,
    FaultKind::PageLoop,
    FaultKind::ClockSkew,
];

fn runs() -> usize {
    std::env::var("C66_FAULT_RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(500)
}

#[test]
fn under_every_fault_what_is_said_is_true() {
    let world = World::new();
    let state = world.home().join("served.json");
    let expected: Vec<Value> =
        with_sandbox(&state, None, 0, |url| READS.iter().map(|words| run(&world, url, words).code(0).json()).collect());
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        // Most of a run is waiting.
        for _ in 0..16 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= runs() {
                        return;
                    }
                    wrong.lock().expect("the list").extend(trial(number, &expected));
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("the list");
    assert!(wrong.is_empty(), "{} of {} runs:\n{}", wrong.len(), runs(), wrong.join("\n\n"));
}
