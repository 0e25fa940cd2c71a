//! Every reply has the keys and types of the documented example, and the documented things are as documented.

#![expect(clippy::unwrap_used, reason = "tests")]

use c66::cloud66::endpoints;
use c66::sandbox::Options;
use serde_json::{Value, json};

use super::client::{AWESOME, Sandbox};

/// Fields that the documents, or the types of the official client, allow to be null.
const NULLABLE: [&str; 10] = [
    "finished_at",
    "finished_success",
    "finished_message",
    "redeploy_hook",
    "reverted",
    "reverted_by",
    "reverted_at",
    "restore_result",
    "verify_result",
    "last_activity_iso",
];

fn example(id: &str) -> Value {
    let path = format!("{}/tests/examples/{id}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap()
}

/// What of `actual` is not of the shape of `expected`.
fn difference(expected: &Value, actual: &Value, place: &str) -> Option<String> {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            let (wanted, given): (Vec<_>, Vec<_>) = (expected.keys().collect(), actual.keys().collect());
            if wanted != given {
                return Some(format!("{place}: keys {given:?} instead of {wanted:?}"));
            }
            expected.iter().find_map(|(key, value)| {
                let nullable = NULLABLE.contains(&key.as_str()) || place.ends_with("/pagination");
                if nullable && (value.is_null() || actual[key].is_null()) {
                    return None;
                }
                difference(value, &actual[key], &format!("{place}/{key}"))
            })
        }
        (Value::Array(expected), Value::Array(actual)) => actual.iter().find_map(|item| {
            // Some items have a key more than others, so one example that fits is enough.
            let differences: Vec<String> =
                expected.iter().map_while(|example| difference(example, item, place)).collect();
            if differences.len() < expected.len() { None } else { differences.into_iter().next() }
        }),
        _ => {
            let kind = |value: &Value| std::mem::discriminant(value);
            (kind(expected) != kind(actual)).then(|| format!("{place}: {actual} instead of something like {expected}"))
        }
    }
}

#[track_caller]
fn assert_shape(id: &str, actual: &Value) {
    assert_eq!(difference(&example(id), actual, id), None);
}

#[test]
fn differences_of_shape_are_found() {
    let example = json!({ "id": 1, "finished_at": "x", "list": [{ "a": 1 }, { "a": 1, "b": 2 }] });
    let same = json!({ "id": 2, "finished_at": null, "list": [{ "a": 3, "b": 4 }, { "a": 5 }] });
    assert_eq!(difference(&example, &same, ""), None);
    for other in [
        json!({ "id": null, "finished_at": "x", "list": [] }),
        json!({ "id": 1, "finished_at": 3, "list": [] }),
        json!({ "id": 1, "finished_at": "x" }),
        json!({ "id": 1, "finished_at": "x", "list": [{ "c": 1 }] }),
        json!({ "id": 1, "finished_at": "x", "list": [], "more": 1 }),
    ] {
        assert!(difference(&example, &other, "").is_some(), "{other}");
    }
}

#[test]
fn every_reply_has_the_shape_of_its_example() {
    // As slow as life: what is begun here is still under way at the end.
    let sandbox = Sandbox::start(Options::default());
    let shape = |id: &str, path: &str| {
        let reply = sandbox.call("GET", path, "").json();
        assert_shape(id, &reply);
        reply
    };
    let mut seen = vec![shape("accounts_list", "/accounts.json"), shape("clouds_list", "/clouds.json")];
    for page in 1..=3 {
        for stack in shape("stacks_list", &format!("/stacks.json?page={page}"))["response"].as_array().unwrap() {
            let stack = format!("/stacks/{}", stack["uid"].as_str().unwrap());
            shape("stacks_show", &format!("{stack}.json"));
            shape("stack_actions_list", &format!("{stack}/actions.json"));
            shape("deployments_list", &format!("{stack}/deployments.json"));
            shape("environments_list", &format!("{stack}/environments.json"));
            for backup in shape("backups_list", &format!("{stack}/backups.json"))["response"].as_array().unwrap() {
                let backup = format!("{stack}/backups/{}", backup["id"]);
                shape("backups_show", &backup);
                for file in shape("backup_files_list", &format!("{backup}/files"))["response"].as_array().unwrap() {
                    let file = file["id"].as_str().unwrap();
                    seen.push(shape("backup_files_show", &format!("{backup}/files/{file}.json")));
                }
            }
        }
    }
    shape("stack_actions_show", &format!("{AWESOME}/actions/10.json"));
    shape("deployments_show", &format!("{AWESOME}/deployments/107.json"));
    shape("environments_show", &format!("{AWESOME}/environments/4153.json"));
    assert!(seen.len() > 10);

    let change = |id: &str, method: &str, path: &str, form: &str| {
        let reply = sandbox.call(method, &format!("{AWESOME}{path}.json"), form).json();
        assert_shape(id, &reply);
    };
    change("stack_actions_run", "POST", "/actions", "command=restart");
    change("environments_create", "POST", "/environments", "key=NEW&value=fail");
    change("environments_update", "PUT", "/environments/NEW", "value=other");
    change("deployments_create", "POST", "/deployments", "git_ref=master");
    let newest = sandbox.get(&format!("{AWESOME}/deployments"))[0]["id"].clone();
    change("deployments_cancel", "DELETE", &format!("/deployments/{newest}"), "");
    // While things are under way, and with a history that has just grown, the shapes are the same.
    shape("deployments_list", &format!("{AWESOME}/deployments.json"));
    shape("stack_actions_list", &format!("{AWESOME}/actions.json"));
    shape("environments_list", &format!("{AWESOME}/environments.json"));
}

#[test]
fn an_example_of_every_operation_is_at_hand() {
    for endpoint in endpoints::ALL.iter().filter(|endpoint| endpoint.id != "environments_delete") {
        assert!(example(endpoint.id)["response"] != Value::Null, "{}", endpoint.id);
    }
}

#[test]
fn the_documented_things_are_there_as_documented() {
    let sandbox = Sandbox::fast();
    for (id, path) in [
        ("stacks_show", ""),
        ("stack_actions_list", "/actions"),
        ("stack_actions_show", "/actions/10"),
        ("deployments_list", "/deployments"),
        ("deployments_show", "/deployments/107"),
        ("backup_files_list", "/backups/1/files"),
    ] {
        assert_eq!(sandbox.call("GET", &format!("{AWESOME}{path}.json"), "").json(), example(id), "{id}");
    }
    assert_eq!(sandbox.call("GET", "/clouds.json", "").json(), example("clouds_list"));
    assert_eq!(sandbox.get("/stacks.json")[0], example("stacks_list")["response"][0]);
    assert_eq!(sandbox.get(&format!("{AWESOME}/environments")), example("environments_list")["response"]);
    // Of backups the size is told truly, where the example has 0.
    let mut backups = sandbox.get(&format!("{AWESOME}/backups?db_type=mysql"));
    for backup in backups.as_array_mut().unwrap() {
        assert!(backup["backup_size"].as_u64().unwrap() > 0);
        backup["backup_size"] = json!(0);
    }
    assert_eq!(backups, example("backups_list")["response"]);
}
