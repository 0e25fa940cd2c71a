//! `c66 deployments rollback`.

use serde_json::json;

use crate::support::test_env::TestEnv;

const STAGING: &str = "awesome-app@staging";

#[test]
fn it_deploys_the_commit_before_the_live_one() {
    let test_env = TestEnv::new();
    let commit = |id: &str| {
        let shown = test_env.sandbox(&["deployments", "show", id, "-s", STAGING, "-o", "json"]).code(0).json();
        shown["git_hash"].as_str().expect("a commit").to_owned()
    };
    let deployed = test_env.sandbox(&["redeploy", "-s", STAGING, "--git-ref", "v2", "-o", "json"]).code(0).json();
    assert_eq!(deployed["deployment"]["id"], 263);
    let (before, live) = (commit("200"), commit("263"));
    assert_ne!(before, live);
    let refused = test_env.sandbox(&["deployments", "rollback", "-s", STAGING]).code(2);
    let asked = format!(
        "roll back Awesome App@staging from deployment 263 ({}) to deployment 200 ({}), building that commit anew",
        &live[..8],
        &before[..8]
    );
    assert!(refused.stderr.contains(&asked), "{}", refused.stderr);
    assert!(refused.stderr.contains("pass --yes"), "{}", refused.stderr);
    let planned = test_env.sandbox(&["deployments", "rollback", "-s", STAGING, "--dry-run", "-o", "json"]).code(0);
    assert_eq!(planned.json()["body"]["git_ref"], json!(before));
    let run = test_env.sandbox(&["deployments", "rollback", "-s", STAGING, "--yes", "-o", "json"]).code(0);
    assert_eq!((&run.json()["ok"], &run.json()["deployment"]["id"]), (&json!(true), &json!(264)));
    assert_eq!(run.json()["deployment"]["is_live"], true);
    // And forth again, by its number.
    let run = test_env.sandbox(&["deployments", "rollback", "263", "-s", STAGING, "--dry-run", "-o", "json"]).code(0);
    assert_eq!(run.json()["body"]["git_ref"], json!(live));
}

#[test]
fn it_says_what_it_cannot_return_to() {
    let test_env = TestEnv::new();
    let fails = |arguments: &[&str], code: i32, said: &str| {
        let run = test_env.sandbox(&[&["deployments", "rollback", "--yes"], arguments].concat()).code(code);
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
    };
    fails(&["-s", STAGING], 4, "no successful deployment of Awesome App@staging before deployment 200");
    fails(&["200", "-s", STAGING], 2, "deployment 200 of Awesome App@staging is live already");
    fails(&["7", "-s", STAGING], 4, "deployment 7 of Awesome App@staging not found");
    fails(&["-s", "doomed-app"], 2, "no deployment of Doomed App@production is live");
    fails(&["201", "-s", "doomed-app"], 2, "deployment 201 of Doomed App@production did not succeed");
    fails(&["-s", STAGING, "--service", "web"], 2, "expected NAME:TAG");
}

#[test]
fn a_docker_stack_needs_the_tags_of_its_images() {
    let test_env = TestEnv::new();
    test_env.sandbox(&["redeploy", "-s", "voting-app", "--service", "web:v2", "--yes"]).code(0);
    let run = test_env.sandbox(&["deployments", "rollback", "202", "-s", "voting-app", "--yes"]).code(2);
    assert!(run.stderr.contains("the API does not tell which images"), "{}", run.stderr);
    assert!(run.stderr.contains("--service NAME:TAG"), "{}", run.stderr);
    let arguments = ["deployments", "rollback", "-s", "voting-app", "--service", "web:v1", "--dry-run", "-o", "json"];
    let body = test_env.sandbox(&arguments).code(0).json()["body"].clone();
    assert_eq!((&body["services"], body.get("git_ref")), (&json!("web:v1"), None));
    test_env.sandbox(&["deployments", "rollback", "-s", "voting-app", "--service", "web:v1", "--yes"]).code(0);
}
