//! Every command under every fault tells the truth: it succeeds, or it fails with the right code and a clear error, in
//! time, without a partial file, and it never writes twice.
//!
//! `C66_FAULT_RUNS` sets the number of seeded runs (500 here; the nightly run takes 10,000).

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use c66::testing::{Fault, FaultKind, SandboxOptions};
use serde_json::Value;

use super::commands::{CHANGING, Line, TEXTS, lines};
use super::format_readers::fault;
use super::malformed_replies::Dice;
use super::{against, finish_within, test_env};
use crate::support::sandbox::Sandbox;
use crate::support::test_env::Run;

/// The probability of a fault: some runs succeed, some fail.
const PROBABILITY: f64 = 0.3;
const SPEED: f64 = 100.0;
/// Time limit of a run, retries included, on a busy machine.
const MOST_TIME: Duration = Duration::from_secs(120);

/// Every fault.
const FAULTS: [FaultKind; 18] = [
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
    FaultKind::Expired,
    FaultKind::NoRange,
    FaultKind::Changed,
];

/// Results that describe the calls themselves, or whatever came of them.
const ABOUT_CALLS: [&str; 5] = ["api", "doctor", "limits", "auth status", "cloudmc status"];

/// How a command ended, and its effects in the sandbox.
struct Outcome {
    run: Run,
    /// How often each write succeeded.
    writes: BTreeMap<String, usize>,
    /// Whether it made any calls.
    called: bool,
    /// The complete files in the folder.
    files: Vec<String>,
}

fn outcome(line: &Line, fault: Option<FaultKind>, seed: u64) -> Outcome {
    let (witness, told) = channel();
    let faults = fault.into_iter().map(|kind| Fault { kind, probability: PROBABILITY }).collect();
    let sandbox = Sandbox::start(SandboxOptions {
        speed: SPEED,
        faults,
        seed,
        witness: Some(witness),
        ..SandboxOptions::default()
    });
    let test_env = test_env();
    let more = [&["--no-input", "-o", "json"][..], if line.writes { &["--yes"] } else { &[] }].concat();
    let run = finish_within(against(&test_env, &sandbox, line, &more), MOST_TIME);
    let calls: Vec<String> = told.try_iter().collect();
    let mut writes = BTreeMap::new();
    for call in calls.iter().filter(|call| !call.starts_with("GET ")) {
        *writes.entry(call.clone()).or_default() += 1;
    }
    let files = ["whole.tar", "caribou.pem"].into_iter().filter(|file| test_env.home().join(file).exists());
    Outcome { run, writes, called: !calls.is_empty(), files: files.map(str::to_owned).collect() }
}

/// What is wrong with a run under a fault, compared with a run without one.
fn misbehaviour(line: &Line, good: &Outcome, under: &Outcome) -> Option<String> {
    let run = &under.run;
    let twice = under.writes.iter().find(|(call, times)| **times > good.writes.get(*call).copied().unwrap_or_default());
    if let Some((call, times)) = twice {
        return Some(format!("{call} was done {times} times"));
    }
    // `api` prints any reply, and the doctor's result is the failed check.
    let is_own = line.name == "api" && run.code == 0
        || line.name == "doctor" && serde_json::from_str::<Value>(&run.stdout).is_ok();
    if let Some(fault) = fault(line, "json", run).filter(|_| !is_own) {
        return Some(fault);
    }
    match run.code {
        0 if under.writes != good.writes => Some(format!("{:?} was done, not {:?}", under.writes, good.writes)),
        0 if under.files != good.files => Some(format!("it leaves {:?}", under.files)),
        0 if TEXTS.contains(&line.name.as_str()) && run.stdout != good.run.stdout => {
            Some("it is not what there is".to_owned())
        }
        0 if is_told(line) && !same(&run.json(), &good.run.json()) => Some("it is not what there is".to_owned()),
        0 | 5..=8 => (run.code != 0 && !under.files.is_empty()).then(|| "a file of what failed".to_owned()),
        code => Some(format!("code {code} is for something else")),
    }
}

/// Whether the result can be compared.
fn is_told(line: &Line) -> bool {
    let name = line.name.as_str();
    !line.writes && !CHANGING.contains(&name) && !TEXTS.contains(&name) && !ABOUT_CALLS.contains(&name)
}

/// Whether two results are equal but for their times.
fn same(actual: &Value, expected: &Value) -> bool {
    let names = |value: &Value| -> Vec<Value> {
        let items = value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
        items.iter().map(|item| ["uid", "id", "key", "name"].iter().map(|key| item[*key].clone()).collect()).collect()
    };
    names(actual) == names(expected)
}

fn runs() -> usize {
    std::env::var("C66_FAULT_RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(500)
}

/// Calls `work` with each number below `most`, many at a time: most of a run is waiting.
fn in_parallel(most: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                while let Some(number) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < most) {
                    work(number);
                }
            });
        }
    });
}

#[test]
fn under_every_fault_the_output_is_true() {
    let lines = lines();
    let good = Mutex::new(Vec::new());
    in_parallel(lines.len(), |number| {
        let line = &lines[number];
        let outcome = outcome(line, None, 0);
        // Commands without requests, or with prompts, show nothing here.
        if outcome.called && outcome.run.code == 0 {
            good.lock().expect("the list").push((line, outcome));
        }
    });
    let mut good = good.into_inner().expect("the list");
    good.sort_by_key(|(line, _)| &line.name);
    assert!(good.len() > 90, "{:?}", good.iter().map(|(line, _)| &line.name).collect::<Vec<_>>());
    let wrong = Mutex::new(Vec::new());
    in_parallel(runs(), |number| {
        let mut dice = Dice::of(number);
        let (line, good) = &good[dice.below(good.len())];
        let fault = FAULTS[dice.below(FAULTS.len())];
        let under = outcome(line, Some(fault), number as u64);
        if let Some(what) = misbehaviour(line, good, &under) {
            let run = &under.run;
            let said = format!("exit {}\n{}{}", run.code, run.stdout, run.stderr);
            wrong.lock().expect("the list").push(format!("run {number}, {fault:?}, {:?}: {what}: {said}", line.words));
        }
    });
    let wrong = wrong.into_inner().expect("the list");
    assert!(wrong.is_empty(), "{} of {} runs:\n{}", wrong.len(), runs(), wrong.join("\n\n"));
}
