//! What is changed is seen afterwards, in its own time.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use c66::testing::{SandboxOptions, SandboxStore};
use serde_json::{Value, json};

use super::client::{AWESOME, Sandbox};

#[test]
fn maintenance_mode_is_on_when_its_action_has_finished() {
    let sandbox = Sandbox::fast();
    for (value, on) in [(json!(1), true), (json!("0"), false)] {
        let body = json!({ "command": "maintenance_mode", "value": value });
        let action = sandbox.call_json("POST", &format!("{AWESOME}/actions.json"), &body).response();
        assert_eq!(action["user"], "test@cloud66.com");
        assert_eq!(sandbox.finished(AWESOME, &action)["finished_success"], true);
        assert_eq!(sandbox.get(AWESOME)["maintenance_mode"], on);
    }
}

#[test]
fn a_deployment_is_listed_at_once() {
    let sandbox = Sandbox::start(SandboxOptions::default());
    let deployments = format!("{AWESOME}/deployments");
    let reply = sandbox.call("POST", &format!("{deployments}.json"), "git_ref=v1.2");
    assert_eq!(reply.json(), json!({ "response": { "ok": true, "message": "Stack queued for redeployment" } }));
    let new = sandbox.get(&deployments)[0].clone();
    assert!(new["id"].as_u64().unwrap() > 107);
    assert_eq!(new["triggered_via"], json!({ "code": 2, "meaning": "api" }));
    assert_eq!(new["outcome"], json!({ "code": 0, "meaning": "in progress" }));
    assert_eq!((&new["is_deploying"], &new["is_live"]), (&json!(true), &json!(false)));
    assert_eq!(new["finished_at"], Value::Null);
    let hash = new["git_hash"].as_str().unwrap();
    assert_eq!(new["commit_url"], format!("https://github.com/cloud66-samples/awesome-app/commit/{hash}"));
}

#[test]
fn a_redeployment_takes_the_stack_through_its_states() {
    let sandbox = Sandbox::start(SandboxOptions { speed: 20.0, ..SandboxOptions::default() });
    let deployments = format!("{AWESOME}/deployments");
    sandbox.call("POST", &deployments, "");
    let mut seen = vec![5];
    let start = Instant::now();
    while *seen.last().unwrap() != 1 {
        let status = sandbox.get(AWESOME)["status"].as_u64().unwrap();
        if *seen.last().unwrap() != status {
            seen.push(status);
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{seen:?}");
    }
    // On a very busy machine the step between may pass unseen.
    assert!(seen == [5, 6, 1] || seen == [5, 1], "{seen:?}");
    let after = sandbox.get(&deployments);
    assert_eq!(after[0]["outcome"], json!({ "code": 1, "meaning": "success" }));
    assert_eq!((&after[0]["is_live"], &after[0]["is_head"]), (&json!(true), &json!(true)));
    assert_eq!((&after[1]["is_live"], &after[1]["is_head"]), (&json!(false), &json!(false)));
}

#[test]
fn a_whole_hash_is_deployed_as_it_is() {
    let sandbox = Sandbox::fast();
    let hash = "0123456789abcdef0123456789abcdef01234567";
    sandbox.call("POST", &format!("{AWESOME}/deployments"), &format!("git_ref={hash}"));
    assert_eq!(sandbox.get(&format!("{AWESOME}/deployments"))[0]["git_hash"], hash);
}

#[test]
fn what_is_agreed_to_fail_fails() {
    let sandbox = Sandbox::fast();
    sandbox.call("POST", &format!("{AWESOME}/deployments"), "git_ref=fail");
    let failed = json!({ "code": 2, "meaning": "failed" });
    sandbox.until(&format!("{AWESOME}/deployments"), |list| list[0]["outcome"] == failed && list[1]["is_live"] == true);
    assert_eq!(sandbox.get(AWESOME)["status"], 2);

    let doomed = sandbox.stack_named("Doomed App");
    let action = sandbox.call("POST", &format!("{doomed}/actions"), "command=restart").response();
    let action = sandbox.finished(&doomed, &action);
    assert_eq!(action["finished_success"], false);
    assert!(action["finished_message"].as_str().unwrap().starts_with("no server of Doomed App "));
    sandbox.call("POST", &format!("{doomed}/deployments"), "");
    sandbox
        .until(&format!("{doomed}/deployments"), |list| list[0]["outcome"] == failed && list[0]["id"] != list[1]["id"]);
}

#[test]
fn a_second_deployment_waits_and_both_can_be_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let on_file = |speed| {
        let store = SandboxStore::File(folder.path().join("sandbox.json"));
        Sandbox::start(SandboxOptions { store, speed, ..SandboxOptions::default() })
    };
    // What the slow one begins does not end in the time of this test; what the fast one cancels is over at once.
    let (slow, fast) = (on_file(0.001), on_file(100.0));
    let deployments = format!("{AWESOME}/deployments");
    for _ in 0..2 {
        assert_eq!(slow.call("POST", &deployments, "").status, 200);
    }
    assert_eq!(slow.get(AWESOME)["status"], 5);
    let list = slow.get(&deployments);
    assert_eq!(list.as_array().unwrap().len(), 3);
    for position in 0..2 {
        let path = format!("{deployments}/{}", list[position]["id"]);
        let reply = fast.call("DELETE", &format!("{path}.json"), "");
        assert_eq!(reply.json(), json!({ "response": { "ok": true, "message": "Cancelling deployment" } }));
        let cancelled = fast.until(&path, |deployment| deployment["is_deploying"] == false);
        assert_eq!(cancelled["outcome"], json!({ "code": 3, "meaning": "cancelled" }));
        assert_eq!(fast.call("DELETE", &path, "").error(), (409, "conflict".into()));
        assert_eq!(fast.get(AWESOME)["status"], [5, 1][position]);
    }
}

#[test]
fn services_of_a_docker_stack_are_checked() {
    let sandbox = Sandbox::fast();
    let path = "/stacks/ubg5kv/deployments";
    for body in [json!({ "services": ["web:v2", "worker"] }), json!({ "services_filter": "web,result" })] {
        assert_eq!(sandbox.call_json("POST", path, &body).status, 200, "{body}");
    }
    let reply = sandbox.call("POST", path, "services_filter=web,nosuch");
    assert_eq!(reply.error(), (400, "bad_request".into()));
    assert!(reply.details().contains("`nosuch`") && reply.details().contains("services_filter"));
}

#[test]
fn a_variable_is_added_changed_and_deleted() {
    let sandbox = Sandbox::fast();
    let variables = format!("{AWESOME}/environments");
    let find = |key: &str| sandbox.get(&variables).as_array().unwrap().iter().find(|item| item["key"] == key).cloned();

    let body = json!({ "key": "GREETING", "value": "héllo & more", "apply_strategy": "immediately" });
    let action = sandbox.call_json("POST", &format!("{variables}.json"), &body).response();
    assert_eq!(action["action"], "env-var-new");
    let made = find("GREETING").unwrap();
    assert_eq!(made["value"], "héllo & more");
    assert_eq!(sandbox.get(&format!("{variables}/{}", made["id"])), made);
    assert_eq!(sandbox.finished(AWESOME, &action)["finished_success"], true);

    let action = sandbox.call("PUT", &format!("{variables}/GREETING.json"), "value=bye").response();
    assert_eq!(action["action"], "env-var-update");
    let changed = find("GREETING").unwrap();
    assert_eq!(changed["value"], "bye");
    assert_eq!(changed["history"][0]["value"], "héllo & more");
    assert!(changed["history"][0]["key"].is_u64());

    let reply = sandbox.call("DELETE", &format!("{variables}/GREETING.json"), "");
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert_eq!(find("GREETING"), None);
    assert_eq!(sandbox.call("DELETE", &format!("{variables}/GREETING.json"), "").status, 404);
}

#[test]
fn a_variable_that_must_stay_is_kept() {
    let sandbox = Sandbox::fast();
    let variables = format!("{AWESOME}/environments");
    let refused = |method: &str, path: &str, form: &str| {
        let reply = sandbox.call(method, &format!("{variables}{path}"), form);
        (reply.status, reply.details())
    };
    let readonly = (400, "The environment variable `STACK_PATH` is readonly.".to_owned());
    assert_eq!(refused("PUT", "/STACK_PATH", "value=x"), readonly);
    assert_eq!(refused("DELETE", "/STACK_PATH", ""), readonly);
    let (status, details) = refused("DELETE", "/POSTGRESQL_PASSWORD", "");
    assert!(status == 400 && details.contains("generated"), "{details}");
    let (status, details) = refused("POST", "", "key=STACK_PATH&value=x");
    assert!(status == 409 && details.contains("exists"), "{details}");
    // Generated, but not readonly: it can be changed.
    assert_eq!(sandbox.call("PUT", &format!("{variables}/POSTGRESQL_PASSWORD"), "value=new").status, 200);
}

#[test]
fn the_value_fail_fails() {
    let sandbox = Sandbox::fast();
    let action = sandbox.call("POST", &format!("{AWESOME}/environments"), "key=A&value=fail").response();
    let action = sandbox.finished(AWESOME, &action);
    assert_eq!(action["finished_success"], false);
    assert!(action["finished_message"].is_string());
}

#[test]
fn many_variables_are_added_and_changed_in_one_call() {
    let sandbox = Sandbox::fast();
    let variables = format!("{AWESOME}/environments");
    let find = |key: &str| sandbox.get(&variables).as_array().unwrap().iter().find(|item| item["key"] == key).cloned();
    let actions = || sandbox.get(&format!("{AWESOME}/actions")).as_array().unwrap().len();
    let (count, before) = (sandbox.get(&variables).as_array().unwrap().len(), actions());
    sandbox.call("POST", &variables, "key=OLD&value=1").response();

    // The words are those of the official client: the name of a format, and the text of a file in it.
    let body = json!({
        "environments_format": "json",
        "contents": r#"{"OLD":"two\nlines","NEW":"h\u00e9llo & more","EMPTY":""}"#,
        "apply_strategy": "deployment",
    });
    let action = sandbox.call_json("PATCH", &format!("{variables}/bulk.json"), &body).response();
    let single = sandbox.call("PUT", &format!("{variables}/OLD"), "value=two%0Alines").response();
    assert_eq!(
        action.as_object().unwrap().keys().collect::<Vec<_>>(),
        single.as_object().unwrap().keys().collect::<Vec<_>>()
    );
    assert_eq!(sandbox.finished(AWESOME, &action)["finished_success"], true);
    assert_eq!(actions(), before + 3, "one action for all of a call");
    assert_eq!(find("OLD").unwrap()["value"], "two\nlines");
    assert_eq!(find("OLD").unwrap()["history"][0]["value"], "1");
    assert_eq!(
        (find("NEW").unwrap()["value"].clone(), find("EMPTY").unwrap()["value"].clone()),
        (json!("héllo & more"), json!(""))
    );
    assert_eq!(sandbox.get(&variables).as_array().unwrap().len(), count + 3, "nothing is deleted");

    let form = "environments_format=dotenv&contents=%23 said%0AOLD=3%0A%0AQUOTED='a=b c'%0A";
    sandbox.call("PATCH", &format!("{variables}/bulk"), form).response();
    assert_eq!(
        (find("OLD").unwrap()["value"].clone(), find("QUOTED").unwrap()["value"].clone()),
        (json!("3"), json!("a=b c"))
    );
    let form = "environments_format=dotenv&contents=A=1%0AB=fail";
    let action = sandbox.call("PATCH", &format!("{variables}/bulk"), form).response();
    assert_eq!(sandbox.finished(AWESOME, &action)["finished_success"], false);
}

#[test]
fn a_call_for_many_variables_that_is_refused_changes_none() {
    let sandbox = Sandbox::fast();
    let variables = format!("{AWESOME}/environments");
    let before = sandbox.get(&variables);
    for (format, contents, said) in [
        ("json", r#"{"NEW":"1","STACK_PATH":"/else"}"#, "`STACK_PATH` is readonly"),
        ("json", r#"{"NEW":"1","LIST":["2"]}"#, "`LIST`"),
        ("json", r#"["NEW"]"#, "not a JSON object"),
        ("json", "NEW=1", "not a JSON object"),
        ("json", "{}", "no environment variable"),
        ("json", "", "`contents` must not be empty"),
        ("dotenv", "NEW=1\njust words", "Line 2"),
        ("dotenv", "# nothing", "no environment variable"),
        ("yaml", "NEW: 1", "`environments_format` must be one of dotenv, json"),
    ] {
        let body = json!({ "environments_format": format, "contents": contents });
        let reply = sandbox.call_json("PATCH", &format!("{variables}/bulk"), &body);
        assert_eq!(reply.error(), (400, "bad_request".into()), "{contents}");
        assert!(reply.details().contains(said), "{contents}: {}", reply.details());
    }
    let form = "environments_format=json&contents={\"NEW\":\"1\"}";
    let missing = sandbox.call("PATCH", &format!("{variables}/bulk"), "environments_format=json").details();
    assert_eq!(missing, "The parameter `contents` is missing.");
    let status = |token: &str, path: &str| sandbox.call_as(token, "PATCH", path, form).status;
    assert_eq!(status("sandbox-public", &format!("{variables}/bulk")), 403);
    assert_eq!(status("sandbox-admin", "/stacks/none/environments/bulk"), 404);
    // Only this word, and only with this method.
    assert_eq!(status("sandbox-admin", &format!("{variables}/NEW")), 404);
    assert_eq!(sandbox.call("PUT", &format!("{variables}/bulk"), form).status, 404);
    assert_eq!(sandbox.get(&variables), before);
}

#[test]
fn a_deployment_of_a_stack_without_any_is_its_first() {
    let sandbox = Sandbox::fast();
    let fresh = sandbox.stack_named("Fresh Start");
    assert_eq!(sandbox.get(&format!("{fresh}/deployments")), json!([]));
    sandbox.call("POST", &format!("{fresh}/deployments"), "");
    sandbox.until(&fresh, |stack| stack["status"] == 1);
    assert_eq!(sandbox.get(&format!("{fresh}/deployments"))[0]["is_live"], true);
}
