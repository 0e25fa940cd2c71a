//! What is refused with which documented status, and which reason takes precedence.

#![expect(clippy::unwrap_used, reason = "tests")]

use c66::testing::{Endpoint, cloud66_operations};
use serde_json::json;

use crate::support::sandbox::{AWESOME, CARIBOU, Sandbox};
use crate::support::test_env::TOKEN;

fn refusal(status: u16, id: &str) -> (u16, String) {
    (status, id.to_owned())
}

#[test]
fn every_operation_requires_its_scope() {
    let sandbox = Sandbox::fast();
    for endpoint in cloud66_operations() {
        let path = endpoint.path.replace(['{', '}'], "");
        let others: Vec<&str> = ["public", "redeploy", "jobs", "users", "admin"]
            .into_iter()
            .filter(|scope| *scope != endpoint.scope)
            .collect();
        let token = format!("sandbox-{}", others.join("+"));
        let reply = sandbox.call_as(&token, endpoint.method.as_str(), &path, "");
        assert_eq!(reply.error(), refusal(403, "forbidden"), "{}", endpoint.id);
        assert!(reply.details().contains(&format!("`{}`", endpoint.scope)), "{}", reply.details());
        // With it, the next reason is another one: something that does not exist, or is missing, or none at all.
        let reply = sandbox.call_as(&format!("sandbox-{}", endpoint.scope), endpoint.method.as_str(), &path, "");
        let expected = match endpoint.path {
            path if path.contains('{') => 404,
            _ if endpoint.params.iter().any(|param| param.required) => 400,
            _ => 200,
        };
        assert_eq!(reply.status, expected, "{}", endpoint.id);
    }
}

#[test]
fn the_token_is_checked_first() {
    let sandbox = Sandbox::fast();
    let call = |token: &str, path: &str| sandbox.call_as(token, "GET", path, "").error();
    assert_eq!(sandbox.send("GET", "/api/3/stacks.json", &[], "").unwrap().error(), refusal(401, "unauthenticated"));
    assert_eq!(call("nonsense", "/nowhere"), refusal(401, "unauthenticated"));
    assert_eq!(call("sandbox-expired", "/stacks.json"), refusal(402, "trial_expired"));
    assert_eq!(call("sandbox-public", "/nowhere"), refusal(404, "not_found"));
    assert_eq!(call("sandbox-jobs", "/stacks/nosuch"), refusal(403, "forbidden"));
}

#[test]
fn missing_objects_are_not_found() {
    let sandbox = Sandbox::fast();
    for (method, path) in [
        ("GET", "/nowhere.json".to_owned()),
        ("GET", "/stacks/nosuch.json".to_owned()),
        ("GET", format!("{AWESOME}/actions/999")),
        ("GET", format!("{AWESOME}/actions/x")),
        ("GET", format!("{AWESOME}/deployments/999.json")),
        ("DELETE", format!("{AWESOME}/deployments/999.json")),
        ("GET", format!("{AWESOME}/environments/STACK_PATH")),
        ("PUT", format!("{AWESOME}/environments/NOSUCH")),
        ("GET", format!("{AWESOME}/backups/999")),
        ("GET", format!("{AWESOME}/backups/999/files")),
        ("GET", format!("{AWESOME}/backups/1/files/tar-aa")),
        ("GET", format!("{AWESOME}/backups/6/files/tar")),
        ("GET", format!("{AWESOME}/servers/Caribou")),
        ("GET", format!("{AWESOME}/servers/nosuch/settings")),
        ("GET", format!("{AWESOME}/servers/{CARIBOU}/settings/nosuch")),
        ("PUT", format!("{AWESOME}/servers/{CARIBOU}/settings/nosuch?value=x")),
        ("GET", format!("{AWESOME}/server_groups/999")),
        ("GET", format!("{AWESOME}/services/nosuch")),
        ("DELETE", format!("{AWESOME}/services/nosuch")),
        ("POST", format!("{AWESOME}/services?service_name=nosuch&server_group_count=%7B%22web%22%3A1%7D")),
        ("GET", format!("{AWESOME}/containers/nosuch")),
        ("DELETE", format!("{AWESOME}/containers/nosuch")),
        ("POST", format!("{AWESOME}/actions?command=container_restart&container_id=nosuch")),
        ("POST", format!("{AWESOME}/actions?command=service_restart&service_name=nosuch")),
        ("GET", format!("{AWESOME}/settings/nosuch")),
        ("PUT", format!("{AWESOME}/settings/nosuch?value=x")),
        ("GET", format!("{AWESOME}/firewalls/999")),
        ("GET", format!("{AWESOME}/ssl_certificates/ssl-1")),
        ("DELETE", format!("{AWESOME}/ssl_certificates/ssl-1")),
        ("GET", format!("{AWESOME}/notifications/999")),
        ("PUT", format!("{AWESOME}/notifications/999?channels=email")),
        ("GET", "/clouds/nosuch".to_owned()),
        ("GET", "/accounts/999".to_owned()),
        ("GET", "/users/999".to_owned()),
        ("POST", "/users/999/devices?device_type=1&sub_type=1&token=x".to_owned()),
        ("PUT", "/users/18/devices/nosuch?device_type=1&sub_type=1".to_owned()),
        ("DELETE", "/users/18/devices/nosuch".to_owned()),
    ] {
        let reply = sandbox.call(method, &path, "");
        assert_eq!(reply.status, 404, "{method} {path}");
        assert_eq!(reply.error(), refusal(404, "not_found"), "{method} {path}");
    }
    assert_eq!(sandbox.send("GET", "/nowhere", &[], "").unwrap().status, 404);
}

#[test]
fn what_a_parameter_names_must_exist() {
    let sandbox = Sandbox::fast();
    for (method, path, form) in [
        ("POST", "/services", "service_name=web&server_count={\"nosuch\":2}"),
        ("POST", "/services", "service_name=web&server_group_count={\"nosuch\":2}"),
        ("DELETE", "/services/web?server_uid=nosuch", ""),
        ("POST", "/firewalls", "from_group_id=7&protocol=1&port=80"),
        ("POST", "/processes", "process_name=worker&server_count={\"nosuch\":2}"),
        ("GET", "/jobs?server_uid=nosuch", ""),
        ("POST", "/reboot_servers", "strategy=serial&group=nosuch"),
    ] {
        let reply = sandbox.call(method, &format!("{AWESOME}{path}"), form);
        assert_eq!(reply.error(), refusal(404, "not_found"), "{method} {path} {form}");
        assert!(reply.details().contains("nosuch") || reply.details().contains('7'), "{}", reply.details());
    }
    let form = "name=a&environment=b&service_yaml=x&manifest_yaml=x&cloud=nosuch";
    assert_eq!(sandbox.call("POST", "/stacks", form).error(), refusal(404, "not_found"));
    assert_eq!(sandbox.call("GET", "/stacks/ubg5kv/sessions/fetch?session_id=nosuch", "").error().0, 404);
    let form = "primary_stack_uid=5999b763474b0eafa5fafb64bff0ba80&secondary_stack_uid=nosuch&current_stack=1";
    assert_eq!(sandbox.call("POST", "/failover_groups", form).error(), refusal(404, "not_found"));
}

#[test]
fn what_the_state_of_a_resource_forbids_is_a_conflict() {
    let sandbox = Sandbox::fast();
    for (method, path, form) in [
        ("PUT", "/settings/stack-name", "value=x"),
        ("POST", "/services", "service_name=web&server_count={\"f8468fc145ea49bac474b30a8fea888d\":101}"),
        ("POST", "/server_groups/128", "subtype=web&server_count=20"),
    ] {
        let reply = sandbox.call(method, &format!("{AWESOME}{path}"), form);
        assert_eq!(reply.error(), refusal(409, "conflict"), "{method} {path} {form}");
    }
}

/// The path with its parameters unnamed.
fn shape(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect::<Vec<_>>().join("/")
}

/// Two of the documented routes have another form.
fn is_other_form(method: &str, path: &str) -> bool {
    method == "PUT" && (path.ends_with("/devices/{token}") || path.ends_with("/application_variants/{variant_uid}"))
}

/// The documentation has no status for it, so it is that of HTTP.
#[test]
fn a_method_that_a_path_does_not_have_is_refused_everywhere() {
    let sandbox = Sandbox::fast();
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];
    let mut refused = 0;
    for endpoint in cloud66_operations() {
        let on_path = |method: &&&str| {
            let is_same =
                |other: &&Endpoint| other.method.as_str() == **method && shape(other.path) == shape(endpoint.path);
            cloud66_operations().iter().any(is_same) || is_other_form(method, endpoint.path)
        };
        let path = endpoint.path.replace(['{', '}'], "");
        for method in methods.iter().filter(|method| !on_path(method)) {
            let reply = sandbox.call(method, &path, "");
            // Another path may fit too, such as that of an item whose ID is a fixed word here.
            if [400, 404].contains(&reply.status) {
                continue;
            }
            assert_eq!(reply.error(), refusal(405, "method_not_allowed"), "{method} {path}");
            refused += 1;
        }
    }
    assert!(refused > 400, "{refused}");
    let reply = sandbox.call("PATCH", "/stacks.json", "");
    assert_eq!(reply.details(), "Unknown operation PATCH /stacks.json. The path has GET, POST.");
    for (path, methods) in [
        ("/stacks", "GET, POST"),
        ("/stacks/ubg5kv/environments/bulk", "POST, PATCH"),
        ("/stacks/ubg5kv/environments/KEY", "GET, PUT, DELETE"),
        ("/users/18/devices/wertqy", "PUT, DELETE"),
    ] {
        assert_eq!(sandbox.call("OPTIONS", path, "").header("allow"), Some(methods), "{path}");
    }
    assert_eq!(sandbox.call("GET", "/nowhere", "").details(), "Unknown operation GET /nowhere.");
}

/// The live API refuses it.
#[test]
fn a_variable_name_must_not_have_a_hyphen() {
    let sandbox = Sandbox::fast();
    let bulk = |format: &str, contents: &str| json!({ "environments_format": format, "contents": contents });
    for (method, path, body) in [
        ("POST", "/environments", json!({ "key": "MY-VAR", "value": "1" })),
        ("PUT", "/environments/MY-VAR", json!({ "value": "1" })),
        ("POST", "/environments/bulk", bulk("dotenv", "ONE=1\nMY-VAR=1")),
        ("PATCH", "/environments/bulk", bulk("json", "{\"ONE\":\"1\",\"MY-VAR\":\"1\"}")),
    ] {
        let reply = sandbox.call_json(method, &format!("{AWESOME}{path}.json"), &body);
        assert_eq!(reply.error(), refusal(400, "bad_request"), "{method} {path}");
        assert!(reply.details().contains("hyphen") && reply.details().contains("`MY-VAR`"), "{}", reply.details());
    }
    assert_eq!(sandbox.get(&format!("{AWESOME}/environments")).as_array().unwrap().len(), 4, "nothing was changed");
}

#[test]
fn a_wrong_parameter_is_named_in_the_error() {
    let sandbox = Sandbox::fast();
    for (method, path, form, parameter) in [
        ("POST", "/actions", "", "command"),
        ("POST", "/actions", "command=", "command"),
        ("POST", "/actions", "command=explode", "command"),
        ("POST", "/actions", "command=maintenance_mode", "value"),
        ("POST", "/actions", "command=maintenance_mode&value=2", "value"),
        ("POST", "/actions", "command=maintenance_mode&value=on", "value"),
        ("POST", "/environments", "key=A", "value"),
        ("POST", "/environments", "value=A", "key"),
        ("POST", "/environments", "key=A&value=B&apply_strategy=never", "apply_strategy"),
        ("PUT", "/environments/POSTGRESQL_USERNAME", "", "value"),
        ("POST", "/actions", "command=container_restart", "container_id"),
        ("POST", "/services", "server_count={}", "service_name"),
        ("POST", "/services", "service_name=web", "server_count"),
        ("POST", "/services", "service_name=web&server_count={}", "server_group_count"),
        ("POST", "/services", "service_name=web&server_count=2", "server_count"),
        ("POST", "/services", "service_name=web&server_group_count={\"web\":-1}", "server_group_count"),
        ("POST", "/services", "service_name=web&server_group_count={\"web\":\"x\"}", "server_group_count"),
        ("GET", &format!("/servers/{CARIBOU}?include_private_key=yes"), "", "include_private_key"),
        ("PUT", "/settings/git-branch", "", "value"),
        ("PUT", "/settings/maintenance.mode", "value=maybe", "value"),
        ("PUT", &format!("/servers/{CARIBOU}/settings/server-name"), "", "value"),
        ("POST", "/firewalls", "from_ip=1.2.3.4&port=80", "protocol"),
        ("POST", "/firewalls", "from_ip=1.2.3.4&protocol=1", "port"),
        ("POST", "/firewalls", "from_ip=1.2.3.4&protocol=tcp&port=80", "protocol"),
        ("POST", "/firewalls", "from_ip=1.2.3.4&protocol=4&port=80", "protocol"),
        ("POST", "/firewalls", "from_ip=1.2.3.4&protocol=1&port=65536", "port"),
        ("POST", "/firewalls", "from_ip=1.2.3.4&protocol=1&port=-1", "port"),
        ("POST", "/firewalls", "from_ip=1.2.3.4&protocol=1&port=80&ttl=0", "ttl"),
        ("POST", "/firewalls", "from_ip=AUTO&protocol=1&port=80", "ttl"),
        ("POST", "/firewalls", "to_ip=AUTO&protocol=1&port=80&ttl=1", "to_ip"),
        ("POST", "/firewalls", "from_ip=here&protocol=1&port=80", "from_ip"),
        ("PUT", "/notifications/1189", "", "channels"),
        ("PUT", "/notifications/1189", "channels=[email,fax]", "channels"),
        ("PUT", "/notifications/1189", "params=hipchat", "params"),
        ("PUT", "/notifications/1189", "params={\"fax\":1}", "params"),
        ("POST", "/backups", "db_type=mysql,oracle", "db_type"),
        ("POST", "/backups", "frequency=daily", "frequency"),
        ("POST", "/backups", "keep_count=0", "keep_count"),
        ("POST", "/backups", "gzip=maybe", "gzip"),
        ("POST", "/backups", "remote_url=https://example.com/a.tar&db_type=mysql", "group"),
        ("POST", "/backups", "remote_url=https://example.com/a.tar&group=5", "db_type"),
        ("POST", "/backups", "remote_url=https://example.com/a.tar&group=5&db_type=all", "db_type"),
        ("POST", "/backups", "remote_url=a.tar&group=5&db_type=redis", "remote_url"),
        ("GET", "/backups", "group=x", "group"),
        ("GET", "/backups?db_type=oracle", "", "db_type"),
        ("GET", "/backups?db_type=", "", "db_type"),
        ("GET", "/backups?group=", "", "group"),
        ("POST", "/firewalls", "from_ip=1.2.3.4&protocol=1&port=80&ttl=2147483648", "ttl"),
        ("GET", "/deployments?page=0", "", "page"),
        ("GET", "/deployments?page=two", "", "page"),
    ] {
        let reply = sandbox.call(method, &format!("{AWESOME}{path}"), form);
        assert_eq!(reply.error(), refusal(400, "bad_request"), "{method} {path} {form}");
        assert!(reply.details().contains(&format!("`{parameter}`")), "{}", reply.details());
    }
    for (form, parameter) in [
        ("", "name"),
        ("name=a&service_yaml=x", "environment"),
        ("name=a&environment=b", "service_yaml"),
        ("name=a&environment=b&service_yaml=x", "build_type"),
        ("name=a&environment=b&service_yaml=x&cloud=aws&region=us-east-1&build_type=multi", "size"),
        ("name=a&environment=b&service_yaml=x&manifest_yaml=x&build_type=many", "build_type"),
    ] {
        let reply = sandbox.call("POST", "/stacks", form);
        assert_eq!(reply.error(), refusal(400, "bad_request"), "{form}");
        assert!(reply.details().contains(&format!("`{parameter}`")), "{}", reply.details());
    }
    for (form, parameter) in [
        ("device_type=1&sub_type=1", "token"),
        ("device_type=3&sub_type=1&token=x", "device_type"),
        ("device_type=1&sub_type=iPad&token=x", "sub_type"),
    ] {
        for method in ["POST", "PUT"] {
            let reply = sandbox.call(method, "/users/18/devices", form);
            assert_eq!(reply.error(), refusal(400, "bad_request"), "{method} {form}");
            assert!(reply.details().contains(&format!("`{parameter}`")), "{}", reply.details());
        }
    }
    let reply = sandbox.call_json("POST", &format!("{AWESOME}/actions"), &json!(["restart"]));
    assert_eq!(reply.error(), refusal(400, "bad_request"));
    // A missing stack takes precedence over a missing parameter.
    assert_eq!(sandbox.call("POST", "/stacks/nosuch/actions", "").status, 404);
}

#[test]
fn lists_come_in_pages() {
    let sandbox = Sandbox::fast();
    let page = |number: usize| sandbox.call("GET", &format!("/stacks.json?page={number}"), "").json();
    let count = page(1)["pagination"]["count"].as_u64().unwrap();
    let shown: Vec<u64> = (1..=4).map(|number| page(number)["count"].as_u64().unwrap()).collect();
    assert_eq!(shown, [30, 30, count - 60, 0]);
    assert_eq!(page(2)["pagination"]["previous"], 1);
    assert_eq!(page(2)["pagination"]["next"], 3);
    assert_eq!(page(3)["pagination"]["next"], json!(null));
    assert_eq!(sandbox.get("/accounts")[0]["stack_count"], count);
}

#[test]
fn replies_have_headers_for_the_rate_limit_and_the_request_id() {
    let sandbox = Sandbox::fast();
    let authorization = format!("bearer {TOKEN}");
    let headers = [("authorization", authorization.as_str()), ("Request-Id", "f5a7-1")];
    let send = || sandbox.send("GET", "/api/3/stacks.json", &headers, "").unwrap();
    let (first, second) = (send(), send());
    assert_eq!(first.header("X-RateLimit-Limit"), Some("3600"));
    assert_eq!(first.header("X-RateLimit-Remaining"), Some("3599"));
    assert_eq!(second.header("X-RateLimit-Remaining"), Some("3598"));
    assert_eq!(first.header("X-Request-Id"), Some("f5a7-1"));
    assert!(first.header("Content-Type").unwrap().starts_with("application/json"));
    assert!(first.header("Date").unwrap().ends_with(" GMT"));
}

#[test]
fn the_root_page_describes_the_sandbox() {
    let sandbox = Sandbox::fast();
    let reply = sandbox.send("GET", "/", &[], "").unwrap();
    assert!(reply.header("Content-Type").unwrap().starts_with("text/plain"));
    assert!(reply.text().contains(TOKEN) && reply.text().contains("curl "), "{}", reply.text());
}

/// As `openapi.json` says, so that no mistake is taken for a default.
#[test]
fn values_of_the_wrong_shape_are_refused() {
    let sandbox = Sandbox::fast();
    let alert = |alert: serde_json::Value| json!({ "alerts": [alert] });
    for (method, path, body) in [
        ("POST", format!("{AWESOME}/deployments"), json!({ "services": ["web", false] })),
        ("PATCH", "/tags/server/1".to_owned(), json!({ "operations": [{ "op": "add" }] })),
        ("PATCH", "/tags/server/1".to_owned(), json!({ "operations": [{ "op": "add", "tags": {} }] })),
        ("PATCH", format!("{AWESOME}/notifications"), alert(json!({ "alert_name": "" }))),
        ("PATCH", format!("{AWESOME}/notifications"), alert(json!({ "alert_name": "a", "subscriptions": {} }))),
        (
            "PATCH",
            format!("{AWESOME}/notifications"),
            alert(json!({ "alert_name": "a", "subscriptions": [{ "channel": "email", "slack_url": {} }] })),
        ),
    ] {
        let reply = sandbox.call_json(method, &path, &body);
        assert_eq!(reply.error(), refusal(400, "bad_request"), "{body}");
    }
    for page in ["", "1000001"] {
        let reply = sandbox.call("GET", &format!("/stacks?page={page}"), "");
        assert_eq!(reply.error(), refusal(400, "bad_request"), "{page}");
    }
    // `curl -d` sends a form unless it is told otherwise.
    let reply = sandbox.call("POST", &format!("{AWESOME}/backups"), "{\"db_type\": \"mysql\"}");
    assert_eq!(reply.error(), refusal(400, "bad_request"));
    assert!(reply.details().contains("Content-Type: application/json"), "{}", reply.details());
}
