//! Failures on demand, before or after the work is done.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use c66::testing::{SandboxOptions, SandboxStore};

use crate::support::sandbox::{AWESOME, Reply, Sandbox};
use crate::support::test_env::TOKEN;

/// Adds a variable to a sandbox with that fault; returns the reply and whether the variable exists.
fn add_variable(fault: &str, speed: f64) -> (Option<Reply>, bool) {
    let folder = tempfile::tempdir().unwrap();
    let store = SandboxStore::File(folder.path().join("sandbox.json"));
    let faults = vec![fault.parse().unwrap()];
    let server = Sandbox::start(SandboxOptions { store: store.clone(), faults, speed, ..SandboxOptions::default() });
    let authorization = format!("Bearer {TOKEN}");
    let path = format!("/api/3{AWESOME}/environments.json");
    let reply = server.send("POST", &path, &[("Authorization", &authorization)], "key=ADDED&value=1");
    let witness = Sandbox::start(SandboxOptions { store, ..SandboxOptions::default() });
    let variables = witness.get(&format!("{AWESOME}/environments"));
    (reply, variables.as_array().unwrap().iter().any(|variable| variable["key"] == "ADDED"))
}

#[test]
fn a_fault_returns_its_reply_and_does_no_work() {
    let (reply, done) = add_variable("throttle", 1.0);
    let reply = reply.unwrap();
    assert_eq!((reply.error(), done), ((503, "throttled".into()), false));
    assert_eq!(reply.header("X-RateLimit-Remaining"), Some("0"));

    let (reply, done) = add_variable("drop", 1.0);
    assert!(reply.is_none() && !done);

    let (reply, done) = add_variable("garbage=1", 1.0);
    let reply = reply.unwrap();
    assert!(serde_json::from_slice::<serde_json::Value>(&reply.body).is_err());
    assert_eq!((reply.status, done), (200, false));

    let (reply, done) = add_variable("error500", 1.0);
    let reply = reply.unwrap();
    assert_eq!((reply.status, reply.header("Content-Type"), done), (500, Some("text/html; charset=utf-8"), false));
}

#[test]
fn lost_reply_does_the_work_and_drops_the_reply() {
    let (reply, done) = add_variable("lost-reply", 1.0);
    assert!(reply.is_none() && done);
}

#[test]
fn a_slow_reply_arrives_in_the_end() {
    let start = Instant::now();
    let (reply, done) = add_variable("slow", 30.0);
    assert_eq!((reply.unwrap().status, done), (200, true));
    assert!(start.elapsed() >= Duration::from_millis(100));
}

#[test]
fn the_same_seed_gives_the_same_failures() {
    let outcomes = |seed| {
        let faults = vec!["throttle=0.5".parse().unwrap()];
        let sandbox = Sandbox::start(SandboxOptions { faults, seed, ..SandboxOptions::default() });
        (0..24).map(|_| sandbox.call("GET", "/accounts", "").status).collect::<Vec<_>>()
    };
    assert_eq!(outcomes(3), outcomes(3));
    assert_ne!(outcomes(3), outcomes(4));
    assert!(outcomes(3).contains(&200) && outcomes(3).contains(&503));
}

#[test]
fn latency_delays_every_reply() {
    let sandbox = Sandbox::start(SandboxOptions { latency: Duration::from_millis(60), ..SandboxOptions::default() });
    let start = Instant::now();
    sandbox.get("/accounts");
    assert!(start.elapsed() >= Duration::from_millis(60));
}
