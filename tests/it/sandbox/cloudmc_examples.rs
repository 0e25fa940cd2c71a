//! The sandbox's CloudMC answers with the keys and types of every documented example.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::cloudmc::{
    COMPUTE, CONNECTION, LAB, ORGANIZATION, READER, WEB_1, WEB_2, azure_instance, compute_instance, names,
};
use super::examples::difference;
use crate::support::sandbox::Sandbox;
use crate::support::test_env::CLOUDMC_KEY;

/// The documented examples; the test below has a reply to each.
const EXAMPLES: [&str; 34] = [
    "activity_log_list",
    "async_failed_immediate",
    "async_pending",
    "async_status_alias",
    "async_success_immediate_with_data",
    "compute_offerings_list",
    "environment_members_list",
    "environments_list",
    "error",
    "error_403",
    "error_legacy_errorcode",
    "error_quota_400",
    "instance_show",
    "instances_list",
    "instances_list_azure_ids",
    "networks_list",
    "organizations_list",
    "public_ips_list",
    "roles_list",
    "service_connection_api_info",
    "service_connection_show_as_array",
    "service_descriptor",
    "ssh_keys_list_no_id",
    "task_failed",
    "task_failed_failure_word",
    "task_failed_with_result",
    "task_pending",
    "task_pending_flat",
    "task_success",
    "task_success_flat",
    "task_success_secret_result",
    "usage_summary",
    "user_show",
    "volumes_list",
];

fn example(name: &str) -> Value {
    let path = format!("{}/tests/cloudmc_examples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap()
}

/// The status of a task, wherever the reply has it.
fn status(body: &Value) -> &Value {
    ["/taskStatus", "/status", "/data/status"].into_iter().find_map(|place| body.pointer(place)).unwrap_or(&Value::Null)
}

/// The reply to each documented example.
fn replies() -> Vec<(&'static str, Value)> {
    let fast = Sandbox::fast();
    // At normal speed: what is started here is still running when it is shown.
    let slow = Sandbox::start(c66::testing::SandboxOptions::default());
    let get = |path: &str| fast.cloudmc("GET", path, None).json();
    let prod = |kind: &str| get(&format!("{COMPUTE}/{kind}"));
    let environment = get("/environments")["data"][0]["id"].as_str().unwrap().to_owned();
    let user = get("/users")["data"].as_array().unwrap().iter().find(|user| user["userName"] == "ines").cloned();
    let user = user.unwrap();
    let role = get("/roles")["data"][0]["id"].clone();
    let stop = |sandbox: &Sandbox, id: &str| {
        sandbox.cloudmc("POST", &format!("{COMPUTE}/instances/{id}?operation=stop"), None).json()
    };
    let task = |sandbox: &Sandbox, begun: &Value| {
        sandbox.cloudmc("GET", &format!("/tasks/{}", begun["taskId"].as_str().unwrap()), None).json()
    };
    let mut replies = vec![
        ("activity_log_list", get("/activity_log")),
        ("compute_offerings_list", prod("computeofferings")),
        ("environment_members_list", get(&format!("/environments/{environment}/members"))),
        ("environments_list", get("/environments")),
        ("instance_show", prod(&format!("instances/{WEB_1}"))),
        ("instances_list", prod("instances")),
        ("instances_list_azure_ids", get(&format!("{LAB}/instances"))),
        ("networks_list", prod("networks")),
        ("organizations_list", get("/organizations")),
        ("public_ips_list", prod("publicipaddresses")),
        ("roles_list", get("/roles")),
        (
            "service_connection_api_info",
            get(&format!("/services/connections/{CONNECTION}/apiInfo?environmentId={environment}")),
        ),
        ("service_connection_show_as_array", get(&format!("/services/connections/{CONNECTION}"))),
        ("service_descriptor", get("/services/descriptors/cloudstack")),
        ("ssh_keys_list_no_id", prod("sshkeys")),
        ("user_show", get(&format!("/users/{}", user["id"].as_str().unwrap()))),
        ("volumes_list", prod("volumes?type=os")),
        (
            "usage_summary",
            get(&format!(
                "/usage_summary/organizations/{ORGANIZATION}?start_date=2026-11-01&end_date=2026-11-02&period=DAY"
            )),
        ),
        ("error", stop(&fast, WEB_2)),
        ("error_403", fast.cloudmc_as(READER, "DELETE", &format!("/environments/{environment}"), None).json()),
        (
            "error_legacy_errorcode",
            fast.send(
                "GET",
                &format!("/api/v1{COMPUTE}/volumes/22a5697e-d12c-4478-a192-5ce09e0e1bb0"),
                &[("MC-Api-Key", CLOUDMC_KEY)],
                "",
            )
            .unwrap()
            .json(),
        ),
    ];
    let begun = stop(&slow, WEB_1);
    replies.push(("task_pending", task(&slow, &begun)));
    replies.push(("async_pending", begun));
    let deleted = slow.cloudmc("DELETE", &format!("/users/{}", user["id"].as_str().unwrap()), None).json();
    replies.push(("task_pending_flat", task(&slow, &deleted)));
    let started = azure_instance(&fast, "web-1", "start").json();
    replies.push(("async_failed_immediate", started));
    let bucket = json!({ "name": "new" });
    let made = fast.cloudmc("POST", "/services/objects/prod/buckets", Some(&bucket)).json();
    replies.push(("async_success_immediate_with_data", made));
    let tariq = fast.cloudmc("GET", &format!("/users?org_id={}", super::cloudmc::SUB_ORGANIZATION), None).json();
    let member = json!({ "user": { "id": tariq["data"][0]["id"] }, "role": { "id": role } });
    let path = format!("/environments/{environment}/members");
    replies.push(("async_status_alias", fast.cloudmc("POST", &path, Some(&member)).json()));

    replies.push(("task_success", fast.ended(&stop(&fast, WEB_1))));
    let doomed = prod("instances")["data"][2]["id"].as_str().unwrap().to_owned();
    replies.push(("task_failed_with_result", fast.ended(&stop(&fast, &doomed))));
    replies.push(("task_failed_failure_word", fast.ended(&azure_instance(&fast, "doomed-1", "stop").json())));
    let failed = fast.cloudmc("DELETE", "/services/objects/prod/buckets/doomed", None).json();
    replies.push(("task_failed", fast.ended(&failed)));
    let environment = json!({ "name": "new", "serviceConnection": { "id": CONNECTION } });
    let created = fast.cloudmc("POST", "/environments", Some(&environment)).json();
    replies.push(("task_success_flat", fast.ended(&created)));
    let created = fast.cloudmc("POST", &format!("{COMPUTE}/instances"), Some(&compute_instance("new", 2))).json();
    replies.push(("task_success_secret_result", fast.ended(&created)));
    fast.cloudmc("POST", &format!("{COMPUTE}/instances"), Some(&compute_instance("large", 8)));
    let over = fast.cloudmc("POST", &format!("{COMPUTE}/instances"), Some(&compute_instance("larger", 2)));
    assert_eq!(over.status, 400);
    replies.push(("error_quota_400", over.json()));
    replies
}

#[test]
fn every_reply_has_the_shape_of_its_example() {
    let mut replies = replies();
    replies.sort_by_key(|(name, _)| *name);
    assert_eq!(replies.iter().map(|(name, _)| *name).collect::<Vec<_>>(), EXAMPLES);
    for (name, reply) in &mut replies {
        let mut example = example(name);
        if *name == "service_descriptor" {
            compare_operations(&mut example, reply);
        }
        assert_eq!(difference(&example, reply, name), None);
        let documented = status(&example);
        assert_eq!(status(reply), documented, "{name}");
        if let (Some(expected), Some(actual)) = (example.pointer("/errors/0/code"), reply.pointer("/errors/0/code")) {
            assert_eq!(actual, expected, "{name}");
        }
    }
}

/// Operations are a map by their names, so each is compared with those of the example that have as many keys.
fn compare_operations(example: &mut Value, reply: &mut Value) {
    let take = |body: &mut Value| -> Vec<(String, Value)> {
        let entities = body["data"]["entityDescriptors"].as_array_mut().unwrap();
        let operations = entities.iter_mut().map(|entity| entity["operations"].take());
        operations.flat_map(|operations| operations.as_object().unwrap().clone()).collect()
    };
    let (documented, ours) = (take(example), take(reply));
    assert!(ours.len() > documented.len());
    for (name, operation) in ours {
        assert_eq!(operation["name"], name.as_str());
        let fits = documented.iter().any(|(_, documented)| difference(documented, &operation, "").is_none());
        assert!(fits, "{operation}");
    }
}

#[test]
fn replies_after_a_change_have_the_shape_of_their_example() {
    let sandbox = Sandbox::fast();
    let shape = |name: &str, reply: &Value| assert_eq!(difference(&example(name), reply, name), None);
    let get = |path: &str| sandbox.cloudmc("GET", path, None).json();
    let created = sandbox.cloudmc("POST", &format!("{COMPUTE}/instances"), Some(&compute_instance("new", 2))).json();
    shape("instances_list", &get(&format!("{COMPUTE}/instances")));
    let id = sandbox.ended(&created)["data"]["result"]["id"].as_str().unwrap().to_owned();
    shape("instance_show", &get(&format!("{COMPUTE}/instances/{id}")));
    shape("volumes_list", &get(&format!("{COMPUTE}/volumes?instance_id={id}")));
    for environment in get("/environments")["data"].as_array().unwrap() {
        let members = get(&format!("/environments/{}/members", environment["id"].as_str().unwrap()));
        assert!(!members["data"].as_array().unwrap().is_empty());
        shape("environment_members_list", &members);
    }
    let role = get("/roles")["data"][0]["id"].clone();
    let user = json!({
        "userName": "wren",
        "firstName": "Wren",
        "lastName": "Adler",
        "email": "wren@northgate.example",
        "primaryRoleBinding": { "role": { "id": role } },
    });
    let created = sandbox.cloudmc("POST", "/users", Some(&user)).json();
    assert_eq!(status(&created), "PENDING");
    let shown = get(&format!("/users/{}", created["data"]["id"].as_str().unwrap()));
    let documented = example("user_show");
    let keys = |value: &Value| value["data"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&shown), keys(&documented), "a user without a login has null instead of a date");
    let below = json!({ "name": "Night Shift", "entryPoint": "night", "serviceConnections": [{ "id": CONNECTION }] });
    sandbox.cloudmc("POST", "/organizations", Some(&below));
    let organizations = get("/organizations");
    assert_eq!(organizations["data"].as_array().unwrap().len(), 3);
    shape("organizations_list", &organizations);
    let entry = get("/activity_log")["data"][2].clone();
    assert_eq!(entry["eventCode"], "instances.create");
    let (last, documented) = (example("activity_log_list"), entry.as_object().unwrap().clone());
    for (key, value) in last["data"][0].as_object().unwrap() {
        assert_eq!(value.is_string(), documented[key].is_string(), "{key}");
    }
    assert_eq!(entry["environmentName"], "prod");
}

#[test]
fn usage_comes_as_csv_and_lists_in_pages() {
    let sandbox = Sandbox::fast();
    let path = format!("/usage_summary/organizations/{ORGANIZATION}?start_date=2026-11-01&end_date=2026-11-03");
    assert_eq!(sandbox.data(&path).as_array().unwrap().len(), 48 * 3 * 2);
    assert_eq!(sandbox.data(&format!("{path}&period=PERIOD")).as_array().unwrap().len(), 6);
    let csv = sandbox.cloudmc("GET", &format!("{path}&period=DAY&format=csv"), None);
    assert_eq!(csv.header("Content-Type"), Some("text/csv"));
    assert_eq!(csv.text().lines().count(), 1 + 12);
    let page = sandbox.cloudmc("GET", &format!("{COMPUTE}/instances?page_size=2&page_number=2"), None).json();
    assert_eq!(names(&page["data"]), ["doomed-1"]);
    assert_eq!(page["metadata"], json!({ "recordCount": 3, "pageSize": 2, "pageCurrent": 2 }));
}
