//! `c66 jobs`.

use serde_json::{Value, json};

use crate::support::replies::{UID, action, good, list};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv};

const P: &str = "awesome-app@production";
const S: &str = "awesome-app@staging";

fn jobs(test_env: &TestEnv, arguments: &[&str]) -> Run {
    // Before the arguments of the job.
    test_env.sandbox(&[&["jobs", arguments[0], "-s", S], &arguments[1..]].concat())
}

#[test]
fn jobs_are_listed_and_shown() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["jobs", "list", "-s", P]).code(0);
    for expected in ["SCHEDULE", "pies", "01 00 1 * *", "Failed", "ls -lta", "b375afb170b468c238be44cec1058d0f"] {
        assert!(run.stdout.contains(expected), "{expected}: {}", run.stdout);
    }
    let names = jobs(&test_env, &["list", "--filter", "status=success", "--columns", "name", "--no-headers"]).code(0);
    assert_eq!(names.stdout.lines().collect::<Vec<_>>(), ["nightly", "cleanup"]);
    for job in ["nightly", "night", "Nightly"] {
        assert_eq!(jobs(&test_env, &["show", job, "-o", "json"]).code(0).json()["name"], "nightly");
    }
    let run = jobs(&test_env, &["show", "nigthly"]).code(4);
    assert!(run.stderr.contains("did you mean `nightly`?"), "{}", run.stderr);
    // A documented request names it by another UID.
    let uid = "98ee5a9b93919d9b63bd5377636675bd";
    assert_eq!(test_env.sandbox(&["jobs", "show", uid, "-s", P, "-o", "json"]).code(0).json()["name"], "pies");
}

#[test]
fn a_run_ends_with_the_outcome_of_the_job() {
    let test_env = TestEnv::new();
    let status = || jobs(&test_env, &["show", "nightly", "--jq", ".status"]).code(0).stdout;
    let run = jobs(&test_env, &["run", "nightly", "-o", "json"]).code(0);
    assert_eq!((&run.json()["action"], &run.json()["finished_success"]), (&json!("job_run_now"), &json!(true)));
    assert_eq!(status(), "2\n");
    let run = jobs(&test_env, &["run", "nightly", "--", "fail"]).code(5);
    assert!(run.stderr.contains("the command ended with the exit code 1"), "{}", run.stderr);
    assert_eq!(status(), "3\n");
    test_env.sandbox(&["jobs", "run", "nightly", "-s", "doomed-app", "--yes"]).code(5);
    test_env.sandbox(&["jobs", "run", "pies", "-s", P, "--no-input"]).code(2);
}

#[test]
fn arguments_are_quoted_for_a_shell() {
    let server = ScriptedServer::replying(|seen| match seen.method.as_str() {
        "POST" => good(&action(7, true, Some(true), None)),
        _ => list(&[json!({ "uid": "j1", "name": "report" })]),
    });
    let test_env = TestEnv::new();
    let sent = |arguments: &[&str]| {
        let words = [&["jobs", "run", "report", "-s", UID, "--yes"], arguments].concat();
        test_env.against(&server.url, &words).code(0);
        let seen = server.seen().into_iter().rfind(|seen| seen.method == "POST").expect("a request");
        assert_eq!(seen.path, format!("/stacks/{UID}/jobs/j1/run_now"));
        serde_json::from_str::<Value>(&seen.body).unwrap_or_default()
    };
    assert_eq!(sent(&[]), Value::Null);
    assert_eq!(sent(&["--", "Arg1"]), json!({ "job_args": "Arg1" }));
    assert_eq!(sent(&["--", "--since", "two days", "$(rm x)"]), json!({ "job_args": "--since 'two days' '$(rm x)'" }));
}

#[test]
fn a_schedule_is_paused_and_resumed() {
    let test_env = TestEnv::new();
    let paused = || jobs(&test_env, &["list", "--jq", "[.[].paused] | @csv"]).code(0).stdout;
    jobs(&test_env, &["pause", "nightly"]).code(0);
    assert_eq!(paused(), "true,false\n");
    jobs(&test_env, &["pause", "--all"]).code(0);
    assert_eq!(paused(), "true,true\n");
    jobs(&test_env, &["unpause", "nightly"]).code(0);
    assert_eq!(paused(), "false,true\n");
    jobs(&test_env, &["resume", "--all"]).code(0);
    assert_eq!(paused(), "false,false\n");
    jobs(&test_env, &["pause"]).code(2);
    jobs(&test_env, &["pause", "nightly", "--all"]).code(2);
}
