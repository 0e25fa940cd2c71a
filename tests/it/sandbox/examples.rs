//! Every reply has the keys and types of its documented example.

#![expect(clippy::unwrap_used, reason = "tests")]

use c66::testing::{ReplyShape, SandboxOptions, cloud66_operations};
use serde_json::{Value, json};

use crate::support::sandbox::{AWESOME, CARIBOU, CONTAINER, Sandbox};

/// Fields that the documents, or the types of the official client, allow to be null.
const NULLABLE: [&str; 27] = [
    "backend",
    "finished_at",
    "finished_success",
    "finished_message",
    "finished_result",
    "redeploy_hook",
    "reverted",
    "reverted_by",
    "reverted_at",
    "restore_result",
    "verify_result",
    "last_activity_iso",
    "docker_ip",
    "from_ip",
    "from_group_id",
    "from_server_id",
    "to_ip",
    "to_group_id",
    "to_server_id",
    "sha256_fingerprint",
    "ca_name",
    "dns_provider_uuid",
    "primary_stack_uid",
    "primary_stack_name",
    "secondary_stack_uid",
    "secondary_stack_name",
    "expires_at",
];

/// The UID of another stack in the documented servers and notifications.
const DOCUMENTED_OWNER: &str = "5acd43412ea412e32897c40d46f91183";

fn example(id: &str) -> Value {
    let path = format!("{}/tests/examples/{id}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap()
}

/// Objects whose keys are names, or depend on another field.
const FREE: [&str; 4] = [
    "processes_list/response/servers",
    "processes_show/response/servers",
    "jobs_list/response/params",
    "jobs_show/response/params",
];

/// What newer servers send of a stack whose containers are pods, and no documented reply has.
const OF_KUBERNETES: [&str; 3] = ["backend", "namespaces", "is_kubernetes_master"];

/// The differences in shape between `actual` and `expected`.
pub(super) fn difference(expected: &Value, actual: &Value, place: &str) -> Option<String> {
    match (expected, actual) {
        (Value::Object(_), Value::Object(_)) if FREE.contains(&place) => None,
        (Value::Object(expected), Value::Object(actual)) => {
            let is_documented = |key: &&String| expected.contains_key(*key) || !OF_KUBERNETES.contains(&key.as_str());
            let wanted: Vec<_> = expected.keys().collect();
            let given: Vec<_> = actual.keys().filter(is_documented).collect();
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
            // Some items have more keys than others, so one matching example is enough.
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
fn differences_in_keys_and_types_are_found() {
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
    // At normal speed: what is started here is still running at the end.
    let sandbox = Sandbox::start(SandboxOptions::default());
    let shape = |id: &str, path: &str| {
        let reply = sandbox.call("GET", path, "").json();
        assert_shape(id, &reply);
        reply
    };
    shape("accounts_list", "/accounts.json");
    shape("accounts_show", "/accounts/1.json");
    shape("users_list", "/users.json");
    shape("users_show", "/users/1.json");
    shape("clouds_list", "/clouds.json");
    shape("dns_providers_list", "/dns_providers.json");
    shape("image_repositories_list", "/image_repositories.json");
    shape("image_repositories_show", "/image_repositories/3.json");
    shape("failover_groups_list", "/failover_groups");
    shape("gateways_list", "/accounts/12345/gateways.json");
    shape("config_store_list", "/configstore/namespaces/account-139/records.json");
    shape("config_store_show", "/configstore/namespaces/account-139/records/smtp%2Edomain.json");
    shape("tags_list", "/tags/loadbalancer/17823");
    shape("clouds_show", "/clouds/digitalocean.json");
    let mut seen = 0;
    for page in 1..=3 {
        for stack in items(&shape("stacks_list", &format!("/stacks.json?page={page}"))) {
            let stack = format!("/stacks/{}", stack["uid"].as_str().unwrap());
            shape("stacks_show", &format!("{stack}.json"));
            shape("stack_actions_list", &format!("{stack}/actions.json"));
            shape("deployments_list", &format!("{stack}/deployments.json"));
            shape("environments_list", &format!("{stack}/environments.json"));
            for (list, show, id) in [
                ("servers", "servers_show", "uid"),
                ("server_groups", "server_groups_show", "id"),
                ("services", "services_show", "name"),
                ("firewalls", "firewalls_show", "id"),
                ("ssl_certificates", "ssl_certificates_show", "uuid"),
                ("processes", "processes_show", "name"),
                ("jobs", "jobs_show", "uid"),
                ("notifications", "notifications_show", "id"),
                ("backups", "backups_show", "id"),
            ] {
                for item in items(&shape(&format!("{list}_list"), &format!("{stack}/{list}.json"))) {
                    let id = item[id].as_str().map_or_else(|| item[id].to_string(), str::to_owned);
                    shape(show, &format!("{stack}/{list}/{id}"));
                    seen += 1;
                }
            }
            shape("containers_list", &format!("{stack}/containers"));
            for group in items(&sandbox.call("GET", &format!("{stack}/server_groups"), "").json()) {
                let group = format!("{stack}/server_groups/{}", group["id"]);
                if sandbox.call("GET", &format!("{group}/databases"), "").status == 200 {
                    shape("databases_list", &format!("{group}/databases"));
                    shape("database_users_list", &format!("{group}/database_users"));
                }
            }
            // The example has the only variable whose value is certainly text.
            shape("settings_show", &format!("{stack}/settings/git-branch"));
            for setting in items(&shape("settings_list", &format!("{stack}/settings"))) {
                let shown = sandbox.get(&format!("{stack}/settings/{}", setting["id"].as_str().unwrap()));
                assert_eq!(shown, json!({ "key": setting["key"], "value": setting["value"] }));
            }
            for server in items(&sandbox.call("GET", &format!("{stack}/servers"), "").json()) {
                let settings = format!("{stack}/servers/{}/settings", server["uid"].as_str().unwrap());
                shape("server_settings_list", &settings);
                shape("server_settings_show", &format!("{settings}/server-name.json"));
            }
            for backup in items(&sandbox.call("GET", &format!("{stack}/backups"), "").json()) {
                let files = format!("{stack}/backups/{}/files", backup["id"]);
                for file in items(&shape("backup_files_list", &files)) {
                    shape("backup_files_show", &format!("{files}/{}.json", file["id"].as_str().unwrap()));
                }
            }
        }
    }
    assert!(seen > 600, "{seen}");
    shape("stack_actions_show", &format!("{AWESOME}/actions/10.json"));
    shape("deployments_show", &format!("{AWESOME}/deployments/107.json"));
    shape("environments_show", &format!("{AWESOME}/environments/4153.json"));
    shape("containers_show", &format!("{AWESOME}/containers/{CONTAINER}.json"));
    for container in items(&sandbox.call("GET", &format!("{AWESOME}/containers"), "").json()) {
        shape("containers_show", &format!("{AWESOME}/containers/{}", container["uid"].as_str().unwrap()));
    }
}

fn items(reply: &Value) -> Vec<Value> {
    reply["response"].as_array().unwrap().clone()
}

#[test]
fn every_write_has_the_shape_of_its_example() {
    let sandbox = Sandbox::start(SandboxOptions::default());
    let shape = |id: &str, path: &str| assert_shape(id, &sandbox.call("GET", path, "").json());
    let change = |id: &str, method: &str, path: &str, form: &str| {
        let reply = sandbox.call(method, &format!("{AWESOME}{path}.json"), form).json();
        assert_shape(id, &reply);
    };
    change("stack_actions_run", "POST", "/actions", "command=restart");
    change("environments_create", "POST", "/environments", "key=NEW&value=fail");
    change("environments_update", "PUT", "/environments/NEW", "value=other");
    change("settings_update", "PUT", "/settings/git-branch", "value=staging");
    change("server_settings_update", "PUT", &format!("/servers/{CARIBOU}/settings/server-name"), "value=newname");
    change("services_scale", "POST", "/services", "service_name=web&server_group_count={\"web\":4}");
    change("processes_scale", "POST", "/processes", &format!("process_name=worker&server_count={{\"{CARIBOU}\":2}}"));
    for (id, path) in [
        ("jobs_run", "/b375afb170b468c238be44cec1058d0f/run_now"),
        ("jobs_pause", "/b375afb170b468c238be44cec1058d0f/pause"),
        ("jobs_unpause", "/b375afb170b468c238be44cec1058d0f/unpause"),
        ("jobs_pause_all", "/pause_all"),
        ("jobs_unpause_all", "/unpause_all"),
    ] {
        change(id, "POST", &format!("/jobs{path}"), "");
    }
    change("servers_reboot", "POST", &format!("/servers/{CARIBOU}/reboot_server"), "");
    change("stacks_reboot", "POST", "/reboot_servers", "strategy=serial");
    change("server_groups_scale", "POST", "/server_groups/128", "subtype=web&server_count=1");
    change("environments_bulk_update", "PATCH", "/environments/bulk", "environments_format=dotenv&contents=ONE=1");
    change("environments_bulk_replace", "POST", "/environments/bulk", "environments_format=dotenv&contents=ONE=1");
    change("sessions_create", "POST", "/sessions", "service_name=web");
    shape("sessions_fetch", &format!("{AWESOME}/sessions/fetch.json?service_name=web"));
    change("databases_create", "POST", "/server_groups/129/databases", "database_name=reports");
    change("database_users_create", "POST", "/server_groups/129/database_users", "username=reader&user_type=readonly");
    change("services_stop", "DELETE", "/services/web", "");
    change("containers_stop", "DELETE", &format!("/containers/{CONTAINER}"), "");
    change("backups_create", "POST", "/backups", "db_type=mysql,redis&frequency=0 */1 * * *&keep_count=10&gzip=false");
    change(
        "backups_import",
        "POST",
        "/backups",
        "group=5&db_type=mysql&remote_url=https://s3.example.com/redis_23.tar",
    );
    change("deployments_create", "POST", "/deployments", "git_ref=master");
    let newest = sandbox.get(&format!("{AWESOME}/deployments"))[0]["id"].clone();
    change("deployments_cancel", "DELETE", &format!("/deployments/{newest}"), "");
    let form = "name=new&environment=production&service_yaml=services:&manifest_yaml=x";
    assert_shape("stacks_create", &sandbox.call("POST", "/stacks.json", form).json());
    let form = "device_type=1&sub_type=1&token=htyukjbnnmshthkr";
    assert_shape("devices_create", &sandbox.call("POST", "/users/1/devices.json", form).json());
    let fields = json!({ "type": "lets_encrypt", "ssl_termination": true, "server_names": "a.example,b.example" });
    let body = json!({ "ssl_certificate": fields });
    let path = format!("{AWESOME}/ssl_certificates");
    let added = sandbox.call_json("POST", &path, &body).json();
    assert_shape("ssl_certificates_create", &added);
    let path = format!("{path}/{}", added["response"]["uuid"].as_str().unwrap());
    assert_shape("ssl_certificates_update", &sandbox.call_json("PUT", &path, &body).json());
    let form = "url=https://quay.io&email=a@b.example&username=u&password=p";
    assert_shape("image_repositories_create", &sandbox.call("POST", "/image_repositories.json", form).json());
    assert_shape("image_repositories_update", &sandbox.call("PUT", "/image_repositories/283.json", form).json());
    assert_shape("image_repositories_delete", &sandbox.call("DELETE", "/image_repositories/283.json", "").json());
    assert_shape("failover_groups_create", &sandbox.call("POST", "/failover_groups", "").json());
    let group = "/failover_groups/fg-5be3dca6d3c4bf1eaddcb5b555d993bb";
    assert_shape("failover_groups_update", &sandbox.call("PUT", group, "primary_stack_uid=").json());
    assert_shape("failover_groups_delete", &sandbox.call("DELETE", group, "").json());
    assert_shape("gateways_create", &sandbox.call("POST", "/accounts/139/gateways.json", "name=new").json());
    assert_shape("gateways_update", &sandbox.call("PUT", "/accounts/139/gateways/1.json", "address=1.1.1.2").json());
    let record = json!({ "record": { "key": "a.b", "raw_value": "YQ==", "metadata": { "owner": "me" }, "ttl": 5 } });
    let path = format!("/configstore/namespaces/stack-{}/records", AWESOME.trim_start_matches("/stacks/"));
    assert_shape("config_store_create", &sandbox.call_json("POST", &path, &record).json());
    assert_shape("config_store_update", &sandbox.call_json("PUT", &format!("{path}/a%2Eb.json"), &record).json());
    assert_shape("config_store_delete", &sandbox.call("DELETE", &format!("{path}/a%2Eb.json"), "").json());
    let tags = "/tags/loadbalancer/17823";
    assert_shape("tags_replace", &sandbox.call_json("POST", tags, &json!({ "tags": ["a"] })).json());
    let operations = json!({ "operations": [{ "op": "add", "tags": ["b"] }] });
    assert_shape("tags_patch", &sandbox.call_json("PATCH", tags, &operations).json());
    assert_shape("tags_delete", &sandbox.call("DELETE", tags, "").json());
    let alerts = json!([{ "alert_name": "noticent_server_stopped", "subscriptions": [{ "channel": "email" }] }]);
    let path = format!("{AWESOME}/notifications");
    let set = sandbox.call_json("PATCH", &path, &json!({ "alerts": alerts })).json();
    assert_shape("notifications_update_stack", &set);
    let body = json!({ "application_group_name": "production-apps", "alerts": alerts });
    let set = sandbox.call_json("PATCH", "/application_groups/notifications", &body).json();
    assert_shape("notifications_update_group", &set);
    let profile = example("users_update")["response"]["access_profile"].clone();
    let changed = sandbox.call_json("PUT", "/users/18", &json!({ "access_profile": profile })).json();
    let mut without_devices = example("users_update");
    without_devices["response"]["devices"] = changed["response"]["devices"].clone();
    assert_eq!(difference(&without_devices, &changed, "users_update"), None);
    // The shapes are the same while work is running and with a longer history.
    for list in ["ssl_certificates", "deployments", "environments", "settings", "servers", "services", "containers"] {
        shape(&format!("{list}_list"), &format!("{AWESOME}/{list}.json"));
    }
    shape("stack_actions_list", &format!("{AWESOME}/actions.json"));
    shape("users_show", "/users/1");
    shape("stacks_list", "/stacks.json?page=3");
}

#[test]
fn every_operation_has_an_example() {
    for endpoint in cloud66_operations().iter().filter(|endpoint| endpoint.reply != ReplyShape::Nothing) {
        assert!(example(endpoint.id)["response"] != Value::Null, "{}", endpoint.id);
    }
}

#[test]
fn the_documented_objects_exist_as_documented() {
    let sandbox = Sandbox::fast();
    // The documentation has another stack's UID in servers and notifications; here they belong to their stack.
    let example = |id: &str| {
        let text = example(id).to_string().replace(DOCUMENTED_OWNER, AWESOME.rsplit('/').next().unwrap());
        serde_json::from_str::<Value>(&text).unwrap()
    };
    for (id, path) in [
        ("stacks_show", ""),
        ("stack_actions_list", "/actions"),
        ("stack_actions_show", "/actions/10"),
        ("deployments_list", "/deployments"),
        ("deployments_show", "/deployments/107"),
        ("backup_files_list", "/backups/1/files"),
        ("servers_show", "/servers/f8468fc145ea49bac474b30a8fea888d"),
        ("server_groups_list", "/server_groups"),
        ("server_groups_show", "/server_groups/128"),
        ("server_settings_list", "/servers/f8468fc145ea49bac474b30a8fea888d/settings"),
        ("server_settings_show", "/servers/f8468fc145ea49bac474b30a8fea888d/settings/server-name"),
        ("containers_show", "/containers/cba44fa6b6acf57fb0ef6c2ce385f6a129867df544dae7181d2410e9f9cc32bc"),
        ("firewalls_show", "/firewalls/5027"),
        ("jobs_list", "/jobs"),
        ("ssl_certificates_list", "/ssl_certificates"),
        ("ssl_certificates_show", "/ssl_certificates/ssl-9ad095613rrr4e0b8f718302bab8709e"),
        ("notifications_show", "/notifications/1191"),
        ("settings_show", "/settings/git-branch"),
    ] {
        assert_eq!(sandbox.call("GET", &format!("{AWESOME}{path}.json"), "").json(), example(id), "{id}");
    }
    // Lists have more than the example of another part of the documents needs, and count truly what they have.
    let documented = |id: &str, path: &str| {
        let (shown, example) = (sandbox.get(&format!("{AWESOME}{path}")), example(id));
        for item in example["response"].as_array().unwrap() {
            assert!(shown.as_array().unwrap().contains(item), "{id} lacks {item}");
        }
        shown
    };
    assert_eq!(documented("settings_list", "/settings").as_array().unwrap().len(), 6);
    assert_eq!(documented("firewalls_list", "/firewalls").as_array().unwrap().len(), 2);
    documented("notifications_list", "/notifications");
    documented("servers_list", "/servers");
    documented("containers_list", "/containers");
    let services = sandbox.get(&format!("{AWESOME}/services"));
    assert_eq!(services.as_array().unwrap().len(), 1);
    assert_eq!(services[0]["containers"][0], example("services_list")["response"][0]["containers"][0]);
    assert_eq!(sandbox.call("GET", "/clouds/digitalocean.json", "").json(), example("clouds_show"));
    assert_eq!(sandbox.get("/users")[0], self::example("users_list")["response"][0]);
    // Some stacks are on clouds that the example of the clouds lacks.
    let clouds = sandbox.get("/clouds.json");
    assert_eq!(clouds.as_array().unwrap()[..2], example("clouds_list")["response"].as_array().unwrap()[..]);
    assert_eq!(
        [&clouds[2]["name"], &clouds[3]["name"], &clouds[4]],
        [&json!("google"), &json!("rackspace"), &json!(null)]
    );
    assert_eq!(sandbox.get("/failover_groups")[0], example("failover_groups_list")["response"][0]);
    assert_eq!(sandbox.get("/dns_providers")[0], example("dns_providers_list")["response"][0]);
    for (id, path) in [
        ("image_repositories_list", "/image_repositories"),
        ("image_repositories_show", "/image_repositories/3"),
        ("gateways_list", "/accounts/12345/gateways"),
        ("tags_list", "/tags/loadbalancer/17823"),
    ] {
        assert_eq!(sandbox.call("GET", path, "").json(), example(id), "{id}");
    }
    assert_eq!(sandbox.get("/stacks.json")[0], example("stacks_list")["response"][0]);
    assert_eq!(sandbox.get(&format!("{AWESOME}/environments")), example("environments_list")["response"]);
    // Backups have their true size; the example has 0.
    let mut backups = sandbox.get(&format!("{AWESOME}/backups?db_type=mysql"));
    for backup in backups.as_array_mut().unwrap() {
        assert!(backup["backup_size"].as_u64().unwrap() > 0);
        backup["backup_size"] = json!(0);
    }
    assert_eq!(backups, example("backups_list")["response"]);
}

/// The addresses of the documentation's own examples, as printed there, and the examples that answer them.
#[test]
fn the_documented_addresses_answer_with_their_examples() {
    let sandbox = Sandbox::fast();
    let documented = |id: &str, path: &str| {
        let text = example(id).to_string().replace(DOCUMENTED_OWNER, AWESOME.rsplit('/').next().unwrap());
        assert_eq!(sandbox.call("GET", path, "").json(), serde_json::from_str::<Value>(&text).unwrap(), "{path}");
    };
    for (id, path) in [
        ("stack_actions_show", "/actions/4153"),
        ("firewalls_show", "/firewalls/4153"),
        ("notifications_show", "/notifications/4153"),
        ("backup_files_list", "/backups/4153/files"),
    ] {
        documented(id, &format!("{AWESOME}{path}"));
        documented(id, &format!("{AWESOME}{path}.json"));
    }
    let backup = sandbox.get(&format!("{AWESOME}/backups/4153"));
    assert_eq!(backup["id"], 1);
    assert_shape("backups_show", &json!({ "response": backup }));
    for file in ["tar-aa", "tar"] {
        let shown = sandbox.get(&format!("{AWESOME}/backups/4153/files/{file}"));
        let url = shown["public_url"].as_str().unwrap();
        let path = url.strip_prefix(&format!("http://{}", sandbox.address)).unwrap();
        assert_eq!(sandbox.send("GET", path, &[], "").unwrap().status, 200, "{url}");
    }
    assert_eq!(sandbox.call("PUT", &format!("{AWESOME}/notifications/4153"), "channels=[ios]").status, 200);
    assert_eq!(sandbox.get(&format!("{AWESOME}/notifications/1191"))["channels"], json!(["ios"]));
    let container = "12344cd3c84eb64591598312c9f12e5c3ed64454545f987016916f64ff25e363";
    let stopped = sandbox.call("DELETE", &format!("{AWESOME}/containers/{container}"), "").response();
    assert_eq!(sandbox.finished(AWESOME, &stopped)["finished_success"], true);
    // A variable and a deployment that no example shows.
    let variable = format!("{AWESOME}/environments/MY_ENV_1");
    let before = sandbox.get(&format!("{AWESOME}/environments"));
    assert_eq!(sandbox.call("DELETE", &variable, "").status, 200);
    assert_eq!(sandbox.get(&format!("{AWESOME}/environments")), before);
    let changed = sandbox.call("PUT", &variable, "value=123").response();
    assert_eq!(sandbox.finished(AWESOME, &changed)["finished_success"], true);
    assert_eq!(sandbox.get(&format!("{AWESOME}/environments"))[4]["value"], "123");
    assert_eq!(sandbox.call("DELETE", &variable, "").status, 200);
    assert_eq!(sandbox.get(&format!("{AWESOME}/environments")), before);
    let cancelled = sandbox.call("DELETE", &format!("{AWESOME}/deployments/112"), "").response();
    assert_eq!(cancelled["ok"], true);
    for (method, path) in [("PUT", "environments/MY_ENV_2"), ("DELETE", "deployments/113"), ("GET", "deployments/112")]
    {
        assert_eq!(sandbox.call(method, &format!("{AWESOME}/{path}"), "value=1").status, 404, "{method} {path}");
    }
    assert_eq!(sandbox.call("DELETE", "/stacks/ubg5kv/deployments/112", "").status, 404);
    // Only there, and only these.
    for path in ["/stacks/ubg5kv/actions/4153", &format!("{AWESOME}/actions/4154"), "/stacks/ubg5kv/backups/4153/files"]
    {
        assert_eq!(sandbox.call("GET", path, "").status, 404, "{path}");
    }
}
