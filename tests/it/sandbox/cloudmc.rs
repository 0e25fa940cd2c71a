//! The sandbox's CloudMC: keys, organizations, instances, tasks and failures.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::thread;
use std::time::{Duration, Instant};

use c66::testing::{Fault, FaultKind, SandboxOptions, SandboxStore};
use serde_json::{Value, json};

use crate::support::sandbox::{Reply, Sandbox};
use crate::support::test_env::{CLOUDMC_KEY, CLOUDMC_ROOT};

pub(crate) const ORGANIZATION: &str = "aad03681-8b63-4304-89e0-8ca8f49461b5";
pub(crate) const SUB_ORGANIZATION: &str = "54cc9ee0-febb-44d5-a37c-272c1653b212";
/// The connection of the service code `compute`.
pub(crate) const CONNECTION: &str = "1a63ccbc-de5e-43e8-b514-1c2a2bd8631f";
pub(crate) const COMPUTE: &str = "/services/compute/prod";
pub(crate) const LAB: &str = "/services/azure/lab";
/// Running.
pub(crate) const WEB_1: &str = "9fcd92cd-76af-40fa-b515-7035ef3b0e87";
/// Stopped.
pub(crate) const WEB_2: &str = "32fb2af1-a981-4b2b-8ce0-d4312ddcdfec";
/// The key of a user who may only read.
pub(crate) const READER: &str = "sandbox-cloudmc-reader";

impl Sandbox {
    /// Calls the small `CloudMC` with the key of its administrator.
    pub(crate) fn cloudmc(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        self.cloudmc_as(CLOUDMC_KEY, method, path, body)
    }

    pub(crate) fn cloudmc_as(&self, key: &str, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let headers = [("mc-api-key", key), ("Content-Type", "application/json")];
        let body = body.map(Value::to_string).unwrap_or_default();
        self.send(method, &format!("{CLOUDMC_ROOT}{path}"), &headers, &body).unwrap()
    }

    /// The finished task that a reply names.
    pub(crate) fn ended(&self, begun: &Value) -> Value {
        let path = format!("/tasks/{}", begun["taskId"].as_str().unwrap());
        let start = Instant::now();
        loop {
            let task = self.cloudmc("GET", &path, None).json();
            if task["taskStatus"] != "PENDING" && task["data"]["status"] != "PENDING" {
                return task;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "{path} stays {task}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Begins an operation on an instance of `compute/prod`.
    fn instance(&self, id: &str, operation: &str) -> Reply {
        self.cloudmc("POST", &format!("{COMPUTE}/instances/{id}?operation={operation}"), None)
    }

    fn state(&self, id: &str) -> Value {
        self.cloudmc("GET", &format!("{COMPUTE}/instances/{id}"), None).json()["data"]["state"].clone()
    }

    /// `data` of a successful reply.
    pub(crate) fn data(&self, path: &str) -> Value {
        let reply = self.cloudmc("GET", path, None);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.json()["data"].clone()
    }
}

/// The body of a new instance with this number of cores.
pub(crate) fn compute_instance(name: &str, cores: u64) -> Value {
    json!({
        "name": name,
        "computeOfferingId": "22539003-73d5-43b9-860a-cca0c0f8633d",
        "networkId": "90d38b76-e7dd-4733-8575-0d06a98e8b70",
        "templateId": "94fd57f2-e18a-4470-a001-d62691f65ae3",
        "cpuCount": cores,
        "memoryInMB": 4096,
    })
}

/// Begins an operation on an instance whose id has slashes in it.
pub(crate) fn azure_instance(sandbox: &Sandbox, name: &str, operation: &str) -> Reply {
    let instances = sandbox.data(&format!("{LAB}/instances"));
    let instance = instances.as_array().unwrap().iter().find(|instance| instance["name"] == name).unwrap();
    let id = instance["id"].as_str().unwrap();
    assert!(id.starts_with('/'));
    sandbox.cloudmc("POST", &format!("{LAB}/instances{id}?operation={operation}"), None)
}

pub(crate) fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

/// Status and the code of the first error.
fn error(reply: &Reply) -> (u16, Value) {
    let error = reply.json()["errors"][0].clone();
    assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()) && error["context"].is_object(), "{error}");
    (reply.status, error["code"].clone())
}

#[test]
fn the_key_decides_what_is_allowed() {
    let sandbox = Sandbox::fast();
    let users = |key: &str| sandbox.cloudmc_as(key, "GET", "/users", None);
    assert_eq!(error(&sandbox.send("GET", "/api/v2/users", &[], "").unwrap()), (401, json!(401)));
    assert_eq!(error(&users("wrong")), (401, json!(401)));
    assert_eq!(users(CLOUDMC_KEY).json()["data"].as_array().unwrap().len(), 2);
    let seen = users(READER).json();
    assert_eq!((seen["data"].as_array().unwrap().len(), &seen["data"][0]["userName"]), (1, &json!("ines")));
    let stop = format!("{COMPUTE}/instances/{WEB_1}?operation=stop");
    assert_eq!(error(&sandbox.cloudmc_as(READER, "POST", &stop, None)), (403, json!(403)));
    assert_eq!(sandbox.state(WEB_1), "Running");
}

#[test]
fn an_organization_sees_only_its_own_objects() {
    let sandbox = Sandbox::fast();
    let below = format!("org_id={SUB_ORGANIZATION}");
    assert_eq!(names(&sandbox.data("/organizations")), ["Northgate Labs", "Northgate Field Team"]);
    assert_eq!(names(&sandbox.data(&format!("/organizations?{below}"))), ["Northgate Field Team"]);
    assert_eq!(names(&sandbox.data("/environments")), ["prod", "staging_2", "prod", "lab"]);
    assert_eq!(names(&sandbox.data(&format!("/environments?{below}"))), ["field"]);
    let field = sandbox.data(&format!("/environments?{below}"))[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(sandbox.cloudmc("GET", &format!("/environments/{field}"), None).status, 404);
    assert_eq!(sandbox.data(&format!("/environments/{field}?{below}"))["name"], "field");
    assert_eq!(sandbox.cloudmc("GET", "/services/compute/field/instances", None).status, 404);
    assert_eq!(sandbox.data(&format!("/services/compute/field/instances?{below}")), json!([]));
    assert_eq!(names(&sandbox.data(&format!("/services/connections?{below}"))), ["Compute - East"]);
    // The documented URL has a typo and is not an API path.
    assert_eq!(error(&sandbox.cloudmc("GET", &format!("/users&{below}"), None)), (404, json!(404)));
    assert_eq!(sandbox.cloudmc("GET", "/users?org_id=none", None).status, 404);
    assert_eq!(sandbox.cloudmc_as(READER, "GET", &format!("/users?{below}"), None).status, 403);
}

#[test]
fn instances_stop_and_start_in_time() {
    let sandbox = Sandbox::fast();
    let begun = sandbox.instance(WEB_1, "stop").json();
    assert_eq!(begun["taskStatus"], "PENDING");
    let ended = sandbox.ended(&begun);
    assert_eq!((&ended["data"]["status"], &ended["data"]["result"]["name"]), (&json!("SUCCESS"), &json!("web-1")));
    assert_eq!(sandbox.state(WEB_1), "Stopped");
    let again = sandbox.instance(WEB_1, "stop");
    assert_eq!(error(&again), (400, json!(2012)));
    assert_eq!(
        again.json()["errors"][0]["context"],
        json!({ "id": WEB_1, "currentState": "Stopped", "expectedStates": ["Running"], "type": "instances" })
    );
    sandbox.ended(&sandbox.instance(WEB_1, "start").json());
    assert_eq!(sandbox.state(WEB_1), "Running");

    let slow = Sandbox::start(SandboxOptions::default());
    slow.instance(WEB_1, "stop");
    assert_eq!(slow.state(WEB_1), "Stopping");
    assert_eq!(error(&slow.instance(WEB_1, "start")), (400, json!(2012)));
}

#[test]
fn operations_on_a_doomed_instance_fail_with_a_reason() {
    let sandbox = Sandbox::fast();
    let doomed = sandbox.data(&format!("{COMPUTE}/instances"))[2].clone();
    assert_eq!((&doomed["name"], &doomed["state"]), (&json!("doomed-1"), &json!("Running")));
    let id = doomed["id"].as_str().unwrap();
    let ended = sandbox.ended(&sandbox.instance(id, "stop").json());
    assert_eq!(ended["data"]["status"], "FAILED");
    assert_eq!(ended["data"]["result"]["errors"][0]["code"], 2012);
    assert_eq!(sandbox.state(id), "Running");
    let log = sandbox.data("/activity_log?status=FAILURE");
    assert_eq!((&log[0]["eventCode"], &log[0]["environmentName"]), (&json!("instances.stop"), &json!("prod")));
    let created = sandbox.cloudmc("POST", &format!("{COMPUTE}/instances"), Some(&compute_instance("doomed-2", 1)));
    assert_eq!(sandbox.ended(&created.json())["data"]["status"], "FAILED");
    assert_eq!(names(&sandbox.data(&format!("{COMPUTE}/instances"))), ["web-1", "web-2", "doomed-1"]);
}

#[test]
fn tasks_are_reported_in_every_documented_form_and_expire_after_half_an_hour() {
    let sandbox = Sandbox::fast();
    let refused = azure_instance(&sandbox, "web-1", "start");
    assert_eq!((refused.status, &refused.json()["taskStatus"]), (200, &json!("FAILED")));
    let ended = sandbox.ended(&azure_instance(&sandbox, "doomed-1", "stop").json());
    assert_eq!((&ended["data"]["status"], ended["data"].get("result")), (&json!("FAILURE"), None));
    let body = json!({ "name": "next", "serviceConnection": { "id": CONNECTION } });
    let created = sandbox.cloudmc("POST", "/environments", Some(&body)).json();
    assert_eq!((&created["status"], &created["data"]["state"]), (&json!("PENDING"), &json!("PROVISIONING")));
    let ended = sandbox.ended(&created);
    assert_eq!((&ended["taskStatus"], &ended["result"]["name"]), (&json!("SUCCESS"), &json!("next")));

    // At this speed, half an hour passes in less than two milliseconds.
    let hasty = Sandbox::start(SandboxOptions { speed: 1_000_000.0, ..SandboxOptions::default() });
    let begun = hasty.instance(WEB_1, "stop").json();
    thread::sleep(Duration::from_millis(2));
    let task = format!("/tasks/{}", begun["taskId"].as_str().unwrap());
    assert_eq!(error(&hasty.cloudmc("GET", &task, None)), (404, json!(404)));
    assert_eq!(hasty.state(WEB_1), "Stopped");
}

#[test]
fn the_password_of_a_new_instance_is_shown_once() {
    let sandbox = Sandbox::fast();
    let created = sandbox.cloudmc("POST", &format!("{COMPUTE}/instances"), Some(&compute_instance("web-3", 2)));
    let result = sandbox.ended(&created.json())["data"]["result"].clone();
    let (id, password) = (result["id"].as_str().unwrap(), result["password"].as_str().unwrap());
    assert_eq!((result["username"].as_str(), password.len()), (Some("cmc-user"), 14));
    let shown = sandbox.data(&format!("{COMPUTE}/instances/{id}"));
    assert_eq!((&shown["name"], &shown["state"]), (&json!("web-3"), &json!("Running")));
    let elsewhere = [shown, sandbox.data("/activity_log"), sandbox.data(&format!("{COMPUTE}/volumes"))];
    assert!(!json!(elsewhere).to_string().contains(password));
    let reset = sandbox.ended(&sandbox.instance(id, "resetPassword").json());
    assert_ne!(reset["data"]["result"]["password"], password);

    let lacking = sandbox.cloudmc("POST", &format!("{COMPUTE}/instances"), Some(&json!({ "name": "x" })));
    assert_eq!((lacking.status, lacking.json()["errors"].as_array().unwrap().len()), (400, 3));
    let mut wrong = compute_instance("x", 3);
    assert_eq!(sandbox.cloudmc("POST", &format!("{COMPUTE}/instances"), Some(&wrong)).status, 400);
    wrong["templateId"] = json!("none");
    assert_eq!(sandbox.cloudmc("POST", &format!("{COMPUTE}/instances"), Some(&wrong)).status, 400);
    let taken = sandbox.cloudmc("POST", &format!("{COMPUTE}/instances"), Some(&compute_instance("web-1", 1)));
    assert_eq!(taken.status, 400);
    let over = sandbox.cloudmc("POST", &format!("{COMPUTE}/instances"), Some(&compute_instance("big", 8)));
    assert_eq!(over.status, 200);
    let over = sandbox.cloudmc("POST", &format!("{COMPUTE}/instances"), Some(&compute_instance("bigger", 8)));
    assert_eq!(error(&over), (400, json!(2100)));
    assert_eq!(over.json()["errors"][0]["context"], json!({ "limit": 16, "used": 16, "requested": 8 }));
}

#[test]
fn an_instance_is_destroyed_recovered_and_purged() {
    let sandbox = Sandbox::fast();
    let web_2 = format!("{COMPUTE}/instances/{WEB_2}");
    let delete = |body: Option<&Value>| sandbox.ended(&sandbox.cloudmc("DELETE", &web_2, body).json());
    delete(None);
    assert_eq!(sandbox.state(WEB_2), "Destroyed");
    sandbox.ended(&sandbox.instance(WEB_2, "recover").json());
    assert_eq!(sandbox.state(WEB_2), "Stopped");
    assert_eq!(error(&sandbox.instance(WEB_2, "purge")), (400, json!(2012)));
    let volume = sandbox.data(&format!("{COMPUTE}/volumes?instance_id={WEB_2}"))[0]["id"].clone();
    delete(Some(&json!({ "purgeImmediately": true, "volumeIdsToDelete": [volume] })));
    assert_eq!(error(&sandbox.cloudmc("GET", &web_2, None)), (404, json!(404)));
    assert_eq!(sandbox.data(&format!("{COMPUTE}/volumes?instance_id={WEB_2}")), json!([]));
}

#[test]
fn volumes_networks_addresses_and_keys_are_created_and_deleted() {
    let sandbox = Sandbox::fast();
    let post = |path: &str, body: &Value| {
        let reply = sandbox.cloudmc("POST", &format!("{COMPUTE}/{path}"), Some(body));
        assert_eq!(reply.status, 200, "{}", reply.text());
        sandbox.ended(&reply.json())["data"]["result"].clone()
    };
    let delete = |path: &str| {
        let reply = sandbox.cloudmc("DELETE", &format!("{COMPUTE}/{path}"), None);
        if reply.status == 200 {
            sandbox.ended(&reply.json());
        }
        reply.status
    };
    let offering = sandbox.data(&format!("{COMPUTE}/diskofferings"))[0]["id"].clone();
    let volume = post("volumes", &json!({ "name": "logs", "diskOfferingId": offering, "instanceId": WEB_1 }));
    let volume = format!("volumes/{}", volume["id"].as_str().unwrap());
    assert_eq!(delete(&volume), 400, "it is attached");
    sandbox.ended(&sandbox.cloudmc("POST", &format!("{COMPUTE}/{volume}?operation=detachFromInstance"), None).json());
    assert_eq!(delete(&volume), 200);
    assert_eq!(delete(&volume), 404);
    let network = sandbox.data(&format!("{COMPUTE}/networks"))[0].clone();
    assert_eq!(delete(&format!("networks/{}", network["id"].as_str().unwrap())), 400, "it is in use");
    let body = json!({ "name": "db", "networkOfferingId": network["networkOfferingId"], "vpcId": network["vpcId"] });
    let made = post("networks", &body);
    assert_eq!(delete(&format!("networks/{}", made["id"].as_str().unwrap())), 200);
    let address = post("publicipaddresses", &json!({ "vpcId": network["vpcId"] }));
    assert_eq!(delete(&format!("publicipaddresses/{}", address["id"].as_str().unwrap())), 200);
    post("sshkeys", &json!({ "name": "my key", "publicKey": "ssh-ed25519 AAAA me" }));
    assert_eq!(sandbox.data(&format!("{COMPUTE}/sshkeys/my%20key"))["name"], "my key");
    assert_eq!(delete("sshkeys/my%20key"), 200);
    assert_eq!(delete("zones/b22f08c5-547b-4412-b470-9306cbb6d56c"), 405);
}

#[test]
fn an_environment_is_created_used_and_deleted_by_force() {
    let sandbox = Sandbox::fast();
    let create = |name: &str| {
        sandbox.cloudmc(
            "POST",
            "/environments",
            Some(&json!({ "name": name, "serviceConnection": { "id": CONNECTION } })),
        )
    };
    for wrong in ["prod", "Prod", "a b", ""] {
        assert_eq!(create(wrong).status, 400, "{wrong}");
    }
    let made = create("doomed").json();
    sandbox.ended(&made);
    let path = format!("/environments/{}", made["data"]["id"].as_str().unwrap());
    assert_eq!(sandbox.data(&path)["state"], "ERROR_PROVISIONING");
    assert_eq!(error(&sandbox.cloudmc("GET", "/services/compute/doomed/instances", None)), (400, json!(2012)));
    let delete = || sandbox.ended(&sandbox.cloudmc("DELETE", &path, None).json())["taskStatus"].clone();
    assert_eq!(delete(), "FAILED");
    assert_eq!(sandbox.data(&path)["state"], "ERROR_PURGING");
    assert_eq!(delete(), "SUCCESS");
    assert_eq!(sandbox.cloudmc("GET", &path, None).status, 404);
    let prod = sandbox.data("/environments")[0]["id"].as_str().unwrap().to_owned();
    sandbox.ended(&sandbox.cloudmc("DELETE", &format!("/environments/{prod}"), None).json());
    assert_eq!(sandbox.cloudmc("GET", &format!("{COMPUTE}/instances"), None).status, 404);
    assert_eq!(names(&sandbox.data("/services/objects/prod/buckets")), ["photos", "doomed"]);
}

#[test]
fn users_are_disabled_before_they_are_deleted() {
    let sandbox = Sandbox::fast();
    let role = sandbox.data("/roles?filter_scope=ORG_BASE")[0]["id"].clone();
    let create = |name: &str, email: &str| {
        let body = json!({
            "userName": name,
            "firstName": "A",
            "lastName": "B",
            "email": email,
            "primaryRoleBinding": { "role": { "id": role } },
        });
        sandbox.cloudmc("POST", "/users", Some(&body))
    };
    assert_eq!(create("wren", "").status, 400);
    assert_eq!(create("ines", "ines@northgate.example").status, 400, "the name is taken");
    let made = create("doomed", "doomed@northgate.example").json();
    let path = format!("/users/{}", made["data"]["id"].as_str().unwrap());
    let renamed = sandbox.cloudmc("PUT", &path, Some(&json!({ "lastName": "C" }))).json();
    assert_eq!((&renamed["data"]["lastName"], &renamed["data"]["userName"]), (&json!("C"), &json!("doomed")));
    let delete = || sandbox.ended(&sandbox.cloudmc("DELETE", &path, None).json())["taskStatus"].clone();
    assert_eq!(delete(), "FAILED");
    assert_eq!(sandbox.data(&path)["status"], "DISABLED");
    assert_eq!(delete(), "SUCCESS");
    assert_eq!(sandbox.cloudmc("DELETE", &path, None).status, 404);
    let myself = sandbox.data("/users?org_id=")[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(sandbox.cloudmc("DELETE", &format!("/users/{myself}"), None).status, 400);
    let tariq = sandbox.data(&format!("/users?org_id={SUB_ORGANIZATION}"))[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(sandbox.cloudmc("DELETE", &format!("/users/{tariq}"), None).status, 404, "he is in another one");
}

#[test]
fn wrong_requests_are_refused_as_documented() {
    let sandbox = Sandbox::fast();
    let status = |method: &str, path: &str| error(&sandbox.cloudmc(method, path, None)).0;
    assert_eq!(status("GET", "/nothing"), 404);
    assert_eq!(status("GET", "/tasks/none"), 404);
    assert_eq!(status("PATCH", "/users"), 405);
    assert_eq!(status("POST", &format!("{COMPUTE}/instances/{WEB_1}")), 405);
    assert_eq!(status("POST", &format!("{COMPUTE}/instances/{WEB_1}?operation=fly")), 400);
    assert_eq!(status("GET", &format!("{COMPUTE}/spaceships")), 404);
    assert_eq!(status("GET", "/services/none/prod/instances"), 404);
    assert_eq!(status("GET", &format!("{LAB}/instances/a%2Fb")), 400);
    assert_eq!(status("GET", &format!("/usage_summary/organizations/{ORGANIZATION}")), 400);
    let plain = [("MC-Api-Key", CLOUDMC_KEY), ("Content-Type", "text/plain")];
    assert_eq!(sandbox.send("POST", "/api/v2/environments", &plain, "{}").unwrap().status, 400);
    assert_eq!(sandbox.cloudmc("POST", "/environments", Some(&json!([1]))).status, 400);
    assert_eq!(sandbox.cloudmc("POST", "/environments", None).json()["errors"].as_array().unwrap().len(), 2);
    let empty = sandbox.cloudmc("DELETE", "/cache/fetcher", None);
    assert_eq!((empty.status, empty.text()), (204, String::new()));
}

#[test]
fn the_state_is_kept_in_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.json");
    let serve = || {
        Sandbox::start(SandboxOptions {
            store: SandboxStore::File(path.clone()),
            speed: 50.0,
            ..SandboxOptions::default()
        })
    };
    let begun = {
        let first = serve();
        first.call("GET", "/accounts.json", "");
        assert!(!std::fs::read_to_string(&path).unwrap().contains("cloudmc"), "it was not requested yet");
        first.instance(WEB_1, "stop").json()
    };
    let second = serve();
    second.ended(&begun);
    assert_eq!(second.state(WEB_1), "Stopped");
    c66::testing::reset_sandbox(&path, &SandboxOptions::default()).unwrap();
    assert_eq!(second.state(WEB_1), "Running");
}

#[test]
fn faults_apply_here_too() {
    let faulty = |kind| {
        let faults = vec![Fault { kind, probability: 1.0 }];
        Sandbox::start(SandboxOptions { faults, speed: 100.0, ..SandboxOptions::default() })
    };
    let throttled = faulty(FaultKind::Throttle).cloudmc("GET", "/users", None);
    assert_eq!((throttled.status, throttled.header("Retry-After")), (429, Some("1")));
    assert_eq!(error(&throttled), (429, json!(429)));
    assert_eq!(faulty(FaultKind::Error500).cloudmc("GET", "/users", None).status, 500);
    let garbage = faulty(FaultKind::Garbage).cloudmc("GET", "/users", None);
    assert!(serde_json::from_slice::<Value>(&garbage.body).is_err());
    let key = [("MC-Api-Key", CLOUDMC_KEY)];
    assert!(faulty(FaultKind::Drop).send("GET", "/api/v2/users", &key, "").is_none());
    assert!(faulty(FaultKind::LostReply).send("DELETE", "/api/v2/cache/fetcher", &key, "").is_none());
}
