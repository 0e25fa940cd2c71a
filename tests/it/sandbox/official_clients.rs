//! Requests as Cloud 66's own clients send them, as far as they differ from the documentation: the toolbelt, and the
//! official library in Go.

#![expect(clippy::unwrap_used, reason = "tests")]

use c66::testing::SandboxOptions;
use serde_json::{Value, json};

use crate::support::sandbox::{AWESOME, CARIBOU, Reply, Sandbox};
use crate::support::test_env::TOKEN;

fn refusal(status: u16, id: &str) -> (u16, String) {
    (status, id.to_owned())
}

/// A GET with more headers than the token.
fn get(sandbox: &Sandbox, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    let authorization = format!("Bearer {TOKEN}");
    let headers: Vec<_> = [("Authorization", authorization.as_str())].iter().chain(headers).copied().collect();
    sandbox.send(method, path, &headers, "").unwrap()
}

#[test]
fn slashes_too_many_do_not_matter() {
    let sandbox = Sandbox::fast();
    let stacks = sandbox.get("/stacks.json");
    for path in ["/api/3//stacks.json", "//api/3/stacks.json", "/api/3/stacks/", "/api/3/stacks.json/"] {
        assert_eq!(get(&sandbox, "GET", path, &[]).response(), stacks, "{path}");
    }
    // The official library asks so for the address of a file.
    let file = sandbox.get(&format!("{AWESOME}/backups/1/files//tar.json"));
    let url = file["public_url"].as_str().unwrap();
    assert!(url.contains("/5999b763474b0eafa5fafb64bff0ba80/1/test_db_11.tar?"), "{url}");
}

#[test]
fn head_is_answered_like_get_without_the_body() {
    let sandbox = Sandbox::fast();
    for path in ["/", "/api/3/stacks.json", "/api/3/stacks/nosuch", "/api/tooling/cx/config"] {
        let (whole, head) = (get(&sandbox, "GET", path, &[]), get(&sandbox, "HEAD", path, &[]));
        assert_eq!(head.status, whole.status, "{path}");
        assert_eq!(head.header("content-length"), whole.header("content-length"), "{path}");
        assert_eq!((head.body.len(), whole.body.is_empty()), (0, false), "{path}");
    }
    let key = [("MC-Api-Key", crate::support::test_env::CLOUDMC_KEY)];
    let reply = sandbox.send("HEAD", "/api/v2/organizations", &key, "").unwrap();
    assert_eq!((reply.status, reply.body.len()), (200, 0));
}

#[test]
fn a_private_key_can_be_declined() {
    let sandbox = Sandbox::fast();
    let server = format!("{AWESOME}/servers/{CARIBOU}");
    let with = |value: &str| sandbox.call("GET", &format!("{server}?include_private_key={value}"), "");
    assert!(with("1").response()["ssh_private_key"].is_string());
    assert_eq!(with("0").response(), sandbox.get(&server));
    assert_eq!(with("2").error(), refusal(400, "bad_request"));
}

#[test]
fn a_body_may_be_a_multipart_form() {
    let sandbox = Sandbox::fast();
    let authorization = format!("Bearer {TOKEN}");
    let send = |content_type: &str, body: &str| {
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", content_type)];
        sandbox.send("POST", &format!("/api/3{AWESOME}/environments.json"), &headers, body).unwrap()
    };
    let body = "--------boundary\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nBANNER\r\n\
                --------boundary\r\nContent-Disposition: form-data; name=\"value\"; filename=\"banner.txt\"\r\n\
                Content-Type: text/plain\r\n\r\none\r\ntwo\r\n--------boundary--\r\n";
    let content_type = "multipart/form-data; boundary=------boundary";
    assert_eq!(send(content_type, body).response()["action"], "env-var-new");
    let variables = sandbox.get(&format!("{AWESOME}/environments"));
    let banner = variables.as_array().unwrap().iter().find(|variable| variable["key"] == "BANNER").unwrap();
    assert_eq!(banner["value"], "one\r\ntwo");
    let reply = send(content_type, &body[..60]);
    assert_eq!(reply.error(), refusal(400, "bad_request"));
    assert!(reply.details().contains("multipart"), "{}", reply.details());
}

#[test]
fn stacks_are_filtered_as_the_official_library_asks() {
    let sandbox = Sandbox::fast();
    let found = |query: &str| {
        let list = sandbox.get(&format!("/stacks.json?{query}"));
        let names = list.as_array().unwrap().iter().map(|stack| (stack["name"].clone(), stack["environment"].clone()));
        names.collect::<Vec<_>>()
    };
    let (awesome, staging) = (json!("Awesome App"), json!("staging"));
    assert_eq!(found("filter_name=awesome%20app").len(), 2);
    assert_eq!(
        found("filter_name=Awesome+App&filter_environment=staging&page=1"),
        [(awesome.clone(), staging.clone())]
    );
    assert!(found("filter_environment=staging").iter().all(|(_, environment)| *environment == staging));
    let repo = "filter_git_repo=http%3A%2F%2Fgithub.com%2Fcloud66-samples%2Fawesome-app.git";
    assert_eq!(found(repo).len(), 2);
    assert_eq!(found(&format!("{repo}&filter_git_branch=develop")), [(awesome, staging)]);
    // The toolbelt takes the beginning of a name, and the URL of a repository as git has it.
    assert_eq!(found("filter_name=awesome&filter_environment=stag").len(), 1);
    assert_eq!(found("filter_git_repo=git%40github.com%3Acloud66-samples%2Fawesome-app.git").len(), 2);
    assert_eq!(found("filter_name=nosuch"), []);
    assert_eq!(found("filter_name=").len(), 30);
}

#[test]
fn a_page_has_the_wanted_size() {
    let sandbox = Sandbox::fast();
    let page = |query: &str| sandbox.call("GET", &format!("/stacks?{query}"), "");
    let reply = page("per_page=7&page=2").json();
    let (count, pages) =
        (reply["pagination"]["count"].as_u64().unwrap(), reply["pagination"]["pages"].as_u64().unwrap());
    assert_eq!((&reply["count"], &reply["pagination"]["per_page"]), (&json!(7), &json!(7)));
    assert_eq!(pages, count.div_ceil(7));
    let first: Vec<Value> = page("per_page=14").response().as_array().unwrap().clone();
    assert_eq!(reply["response"].as_array().unwrap()[..], first[7..]);
    for wrong in ["0", "101", "many"] {
        assert_eq!(page(&format!("per_page={wrong}")).error(), refusal(400, "bad_request"), "{wrong}");
    }
}

#[test]
fn variables_come_as_the_text_of_a_file() {
    let sandbox = Sandbox::fast();
    let path = format!("{AWESOME}/environments.json");
    let contents = |query: &str| sandbox.get(&format!("{path}?{query}"))["contents"].as_str().unwrap().to_owned();
    sandbox.call_json("POST", &path, &json!({ "key": "MOTTO", "value": "say \"hi\"" }));
    let json = |types: &str| {
        let text = contents(&format!("environments_format=json&requested_types={types}"));
        let variables: Value = serde_json::from_str(&text).unwrap();
        variables.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    let locked = ["STACK_GIT_BRANCH", "STACK_PATH"];
    let generated = [&locked[..], &["POSTGRESQL_USERNAME", "POSTGRESQL_PASSWORD"]].concat();
    assert_eq!(json("user"), ["MOTTO"]);
    assert_eq!(json("locked"), locked);
    assert_eq!(json("generated"), generated);
    assert_eq!(json("user,locked"), [&locked[..], &["MOTTO"]].concat());
    assert_eq!(json("all").len(), 5);
    assert_eq!(json("").len(), 5);
    let text = contents("environments_format=dotenv&requested_types=all");
    assert!(text.contains("STACK_GIT_BRANCH=master\n") && text.ends_with("MOTTO=\"say \\\"hi\\\"\"\n"), "{text}");
    // The file can be sent back.
    let body = json!({ "environments_format": "dotenv", "contents": contents("environments_format=dotenv&requested_types=user") });
    assert_eq!(sandbox.call_json("PATCH", &format!("{AWESOME}/environments/bulk"), &body).status, 200);
    assert_eq!(sandbox.get(&format!("{AWESOME}/environments?requested_types=user"))[0]["value"], "say \"hi\"");
    for wrong in ["environments_format=yaml", "requested_types=secret"] {
        assert_eq!(sandbox.call("GET", &format!("{path}?{wrong}"), "").error(), refusal(400, "bad_request"), "{wrong}");
    }
}

#[test]
fn containers_and_services_are_asked_for_as_the_toolbelt_does() {
    let sandbox = Sandbox::fast();
    let containers = |query: &str| sandbox.get(&format!("/stacks/ubg5kv/containers.json?{query}"));
    let all = containers("service_name=&page=1");
    let workers = containers("service_name=worker");
    let workers = workers.as_array().unwrap();
    assert!(!workers.is_empty() && workers.len() < all.as_array().unwrap().len());
    assert!(workers.iter().all(|container| container["service_name"] == "worker"));
    let service = sandbox.get("/stacks/ubg5kv/services/web.json?wrap_command=rake%20db%3Amigrate");
    let command = service["wrap_command"].as_str().unwrap();
    assert!(command.starts_with("sudo docker run --rm -it ") && command.ends_with(" rake db:migrate"), "{command}");
    assert_eq!(sandbox.get("/stacks/ubg5kv/services/web")["wrap_command"], Value::Null);
}

/// A read with a filter that the sandbox does not know would answer with too much; a write says what it ignored.
#[test]
fn an_unknown_parameter_is_not_ignored_in_silence() {
    let sandbox = Sandbox::fast();
    for (path, name) in [
        ("/stacks?filter_status=1", "filter_status"),
        (&*format!("{AWESOME}?fields=uid"), "fields"),
        (&*format!("{AWESOME}/deployments?page=1&since=2014"), "since"),
    ] {
        let reply = sandbox.call("GET", path, "");
        assert_eq!(reply.error(), refusal(400, "bad_request"), "{path}");
        assert!(
            reply.details().starts_with(&format!("Unknown parameter `{name}`. Available: ")),
            "{}",
            reply.details()
        );
    }
    // What is missing is said first.
    assert_eq!(sandbox.call("GET", "/stacks/nosuch?fields=uid", "").status, 404);
    let body = json!({ "command": "restart", "dry_run": true, "ümlaut\n": 1 });
    let reply = sandbox.call_json("POST", &format!("{AWESOME}/actions"), &body);
    assert_eq!(reply.status, 200);
    let warning = reply.header("X-Cloud66-Warning").unwrap();
    assert_eq!(warning, "The sandbox ignored unknown parameters: dry_run, ?mlaut?");
    let reply = sandbox.call("POST", &format!("{AWESOME}/actions"), "command=restart");
    assert_eq!((reply.status, reply.header("X-Cloud66-Warning")), (200, None));
}

/// The official library sends a whole object back.
#[test]
fn fields_that_cannot_be_changed_may_be_sent_back() {
    let sandbox = Sandbox::fast();
    let mut user = sandbox.get("/users/18");
    for name in ["accounts", "access_rights"] {
        user.as_object_mut().unwrap().remove(name);
    }
    let reply = sandbox.call_json("PUT", "/users/18.json", &user);
    assert_eq!((reply.status, reply.header("X-Cloud66-Warning")), (200, None), "{}", reply.text());
    let path = format!("{AWESOME}/ssl_certificates/ssl-9ad095613rrr4e0b8f718302bab8709e");
    let certificate = sandbox.get(&path);
    let reply = sandbox.call_json("PUT", &path, &json!({ "ssl_certificate": certificate }));
    assert_eq!((reply.status, reply.header("X-Cloud66-Warning")), (200, None), "{}", reply.text());
}

#[test]
fn an_account_that_does_not_exist_is_an_error() {
    let sandbox = Sandbox::fast();
    let with = |account: &str| get(&sandbox, "GET", "/api/3/stacks.json", &[("X-Account", account)]);
    let accounts = sandbox.get("/accounts");
    assert_eq!(accounts[0]["friendly_name"], "Awesome Company");
    for known in [&*accounts[0]["id"].to_string(), "1"] {
        assert_eq!(with(known).status, 200, "{known}");
    }
    for unknown in ["4711", "Awesome Company", ""] {
        assert_eq!(with(unknown).error(), refusal(404, "not_found"), "{unknown}");
    }
    // The token is checked first.
    let reply = sandbox.send("GET", "/api/3/stacks.json", &[("X-Account", "4711")], "").unwrap();
    assert_eq!(reply.error(), refusal(401, "unauthenticated"));
    let shown = sandbox.get("/accounts/139.json?include_servers=true");
    assert_eq!(shown["unmanaged_servers"], json!([]));
    assert_eq!(sandbox.get("/accounts/139.json?include_servers=false"), sandbox.get("/accounts/139"));
}

#[test]
fn the_api_can_be_pinged() {
    let sandbox = Sandbox::fast();
    let pong = json!({ "response": { "ok": true, "message": "pong" } });
    for path in ["/api/3/ping", "/api/3/ping.json"] {
        assert_eq!(sandbox.send("GET", path, &[], "").unwrap().json(), pong, "{path}");
    }
    assert_eq!(sandbox.call("GET", "/ping/auth.json", "").json(), pong);
    assert_eq!(sandbox.send("GET", "/api/3/ping/auth.json", &[], "").unwrap().error(), refusal(401, "unauthenticated"));
    assert_eq!(sandbox.call_as("nonsense", "GET", "/ping/auth", "").error(), refusal(401, "unauthenticated"));
}

/// `cx config create --auto` asks for the settings of its profile.
#[test]
fn the_toolbelt_gets_its_settings() {
    let sandbox = Sandbox::fast();
    let reply = sandbox.send("GET", "/api/tooling/cx/config", &[], "").unwrap();
    let url = format!("http://{}", sandbox.address);
    let settings = reply.response();
    assert_eq!((&settings["api_url"], &settings["base_url"]), (&json!(url), &json!(url)));
    for name in ["client_id", "client_secret", "faye_endpoint"] {
        assert!(settings[name].as_str().is_some_and(|text| !text.is_empty()), "{settings}");
    }
    let page = sandbox.send("GET", "/", &[], "").unwrap().text();
    assert!(page.contains(settings["client_id"].as_str().unwrap()));
}

#[test]
fn a_deployment_behind_another_says_that_it_is_queued() {
    let sandbox = Sandbox::start(SandboxOptions::default());
    let path = format!("{AWESOME}/deployments.json");
    let documented = json!({ "ok": true, "message": "Stack queued for redeployment" });
    assert_eq!(sandbox.call("POST", &path, "git_ref=master").response(), documented);
    let second = sandbox.call("POST", &path, "git_ref=master").response();
    assert_eq!(second, json!({ "ok": true, "message": "Stack queued for redeployment", "queued": true }));
    // The official client always sends these, and follows the action that the reply names.
    let official = json!({
        "git_ref": "", "deploy_strategy": "", "rollout_strategy": null, "canary_percentage": null,
        "deployment_profile": "", "services": [],
    });
    for (stack, queued) in [(AWESOME, true), ("/stacks/ubg5kv", false)] {
        let reply = sandbox.call_json("POST", &format!("{stack}/deployments.json"), &official).response();
        assert_eq!((&reply["ok"], &reply["queued"]), (&json!(true), &json!(queued)), "{reply}");
        let action = sandbox.get(&format!("{stack}/actions/{}.json", reply["async_action_id"]));
        assert_eq!((&action["id"], &action["finished_at"]), (&reply["async_action_id"], &Value::Null));
    }
    let fast = Sandbox::fast();
    let reply = fast.call_json("POST", "/stacks/ubg5kv/deployments.json", &official).response();
    let finished = fast.finished("/stacks/ubg5kv", &json!({ "id": reply["async_action_id"] }));
    assert_eq!(finished["finished_success"], true);
}

#[test]
fn the_request_limit_can_be_set_and_counts_each_token() {
    let limited = |speed| Sandbox::start(SandboxOptions { speed, rate_limit: 2, ..SandboxOptions::default() });
    let sandbox = limited(1.0);
    let seen = |token: &str| {
        let reply = sandbox.call_as(token, "GET", "/stacks/ubg5kv", "");
        let header = |name: &str| reply.header(name).unwrap().to_owned();
        (reply.status, header("X-RateLimit-Limit"), header("X-RateLimit-Remaining"))
    };
    let expected = |status: u16, remaining: &str| (status, "2".to_owned(), remaining.to_owned());
    assert_eq!(seen("sandbox-public"), expected(200, "1"));
    // Requests without a valid token use nothing up.
    assert_eq!(seen("nonsense"), expected(401, "2"));
    assert_eq!(seen("sandbox-public"), expected(200, "0"));
    assert_eq!(seen("sandbox-public"), expected(503, "0"));
    assert_eq!(seen("sandbox-public+admin"), expected(200, "1"));
    let refused = sandbox.call_as("sandbox-public", "POST", &format!("{AWESOME}/actions"), "command=restart");
    assert_eq!(refused.error(), refusal(503, "throttled"));
    // An hour takes a hundredth of a second here.
    let quick = limited(360_000.0);
    let started = std::time::Instant::now();
    while quick.call("GET", "/stacks/ubg5kv", "").status != 200 || started.elapsed().as_millis() < 30 {
        assert!(started.elapsed().as_secs() < 20, "the limit is never reset");
    }
}

/// What the official client reads, beside what the documentation has: both names where they differ.
#[test]
fn replies_have_the_fields_that_the_official_library_reads() {
    let sandbox = Sandbox::fast();
    let stack = sandbox.get(AWESOME);
    assert_eq!((&stack["account_id"], &stack["account_name"]), (&json!(139), &json!("Awesome Company")));
    assert_eq!(
        (&stack["is_cluster"], &stack["namespaces"], &stack["is_busy"]),
        (&json!(false), &json!([]), &json!(false))
    );
    assert_eq!(sandbox.get("/stacks/ubg5kv")["backend"], "docker");
    let variable = &sandbox.get(&format!("{AWESOME}/environments"))[0];
    assert_eq!(variable["created_at_iso"], variable["created_at"]);
    assert_eq!(variable["history"][0]["updated_at_iso"], variable["history"][0]["updated_at"]);
    let account = &sandbox.get("/accounts")[0];
    assert_eq!(account["created_at"], account["created_at_iso"]);
    let backup = &sandbox.get(&format!("{AWESOME}/backups"))[3];
    assert_eq!((&backup["file_name"], &backup["logical_backup"]), (&json!("test_db_11.tar"), &json!(true)));
    let service = sandbox.get("/stacks/ubg5kv/services/web");
    assert_eq!((&service["desired_count"], &service["image_tag"]), (&json!(2), &json!("latest")));
    let (within, alone) = (&service["containers"][0], &sandbox.get("/stacks/ubg5kv/containers")[0]);
    for field in ["uid", "name", "ports", "private_ip", "health_state", "restart_on_deploy"] {
        assert_eq!(within[field], alone[field], "{field}");
    }
    assert_eq!(sandbox.get("/clouds/aws")["key_name"], "Default");
    let file = sandbox.get("/stacks/ubg5kv/configuration/nginx/show");
    assert_eq!(file["updated_at"], file["updated_at_iso"]);
    assert_eq!(sandbox.get(&format!("{AWESOME}/settings"))[0]["hidden"], false);
    assert_eq!(sandbox.get(&format!("{AWESOME}/servers/{CARIBOU}"))["is_kubernetes_master"], false);
}

#[test]
fn a_stack_is_busy_while_something_changes_it() {
    let sandbox = Sandbox::start(SandboxOptions { speed: 20.0, ..SandboxOptions::default() });
    let action = sandbox.call("POST", &format!("{AWESOME}/actions"), "command=clear_caches").response();
    assert_eq!(sandbox.get(AWESOME)["is_busy"], true);
    sandbox.finished(AWESOME, &action);
    assert_eq!(sandbox.get(AWESOME)["is_busy"], false);
    sandbox.call("POST", &format!("{AWESOME}/deployments"), "").response();
    assert_eq!(sandbox.get(AWESOME)["is_busy"], true);
    sandbox.until(AWESOME, |stack| stack["is_busy"] == false);
}

/// The official client decodes the reply to every write that it sends.
#[test]
fn changes_are_answered_with_what_the_official_library_reads() {
    let sandbox = Sandbox::fast();
    let patch = |path: &str, body: &Value| sandbox.call_json("PATCH", path, body).response();
    let operations = json!([{ "op": "add", "tags": ["new"] }, { "op": "delete", "tags": ["foo"] }]);
    let tag = |value: &str| json!({ "value": value, "reserved": false });
    let entity = patch("/tags/loadbalancer/17823", &json!({ "operations": operations }));
    assert_eq!((&entity["entity_id"], &entity["tags"]), (&json!("17823"), &json!([tag("bar"), tag("new")])));
    // The documentation of 2024 has them in the path, and a list of one with strings in the reply.
    let encoded = "%5B%7B%22op%22%3A%22add%22%2C%22tags%22%3A%5B%22more%22%5D%7D%5D";
    let documented = sandbox.call("PATCH", &format!("/tags/loadbalancer/17823/{encoded}"), "").response();
    assert_eq!(documented[0]["tags"], json!(["bar", "new", "more"]));
    assert_eq!(sandbox.get("/tags/loadbalancer/17823")[0]["tags"], documented[0]["tags"]);
    let percentage = json!({ "operation": "commit", "canary_percentage": 50 });
    let variant = "/stacks/ubg5kv/application_variants/av-canary-ubg5kv.json";
    assert_eq!(patch(variant, &percentage), json!({ "ok": true }));
    assert_eq!(sandbox.call_json("PUT", variant, &json!({ "operation": "commit" })).response(), json!({ "ok": true }));
    for path in ["/stacks/ubg5kv/application_variants/av-preview-ubg5kv.json", "/accounts/139/gateways/1.json"] {
        assert_eq!(sandbox.call("DELETE", path, "").response(), json!({ "ok": true }), "{path}");
    }
    // Without a name, all processes of a server are meant.
    let processes = |command: &str| {
        let body = json!({ "command": command, "server_uid": CARIBOU });
        let action = sandbox.call_json("POST", &format!("{AWESOME}/actions.json"), &body).response();
        assert_eq!(sandbox.finished(AWESOME, &action)["finished_success"], true);
        sandbox.get(&format!("{AWESOME}/processes"))
    };
    assert!(processes("process_pause").as_array().unwrap().iter().all(|one| one["servers_pauses"]["Caribou"] == 1));
    assert!(processes("process_resume").as_array().unwrap().iter().all(|one| one["servers_pauses"].is_null()));
    let body = json!({ "command": "process_pause", "server_uid": "nosuch" });
    let reply = sandbox.call_json("POST", &format!("{AWESOME}/actions.json"), &body);
    assert_eq!(reply.error(), refusal(404, "not_found"));
}

/// The toolbelt asks for the newest version of a file by this word.
#[test]
fn the_newest_version_of_a_file_is_called_latest() {
    let sandbox = Sandbox::fast();
    for file in ["service_yaml", "manifest_yaml"] {
        let path = format!("/stacks/ubg5kv/{file}");
        assert_eq!(sandbox.get(&format!("{path}/latest.json"))["uid"], sandbox.get(&path)[0]["uid"]);
        let added = sandbox.call_json("POST", &path, &json!({ file: "services:", "comments": "new" })).response();
        assert_eq!(sandbox.get(&format!("{path}/latest.json"))["uid"], added["uid"]);
        assert_eq!(sandbox.call("GET", &format!("{AWESOME}/{file}/latest"), "").status, 404);
    }
}

/// No documentation has these, and no command calls them.
#[test]
fn the_tokens_and_keys_of_the_official_library_exist() {
    let sandbox = Sandbox::fast();
    let otp = sandbox.get("/accounts/otp.json");
    assert!(otp["ok"] == true && otp["otp"].as_str().is_some_and(|code| !code.is_empty()), "{otp}");
    let page = sandbox.send("GET", &format!("/otp?otp={}", otp["otp"].as_str().unwrap()), &[], "").unwrap();
    assert_eq!(page.status, 200);
    let jwt = sandbox.call_json("POST", "/jwt/fetch.json", &json!({ "scope": "read", "aud": "store" })).response();
    assert_eq!(jwt.as_str().unwrap().split('.').count(), 3);
    let missing = sandbox.call_json("POST", "/jwt/fetch.json", &json!({ "scope": "read" }));
    assert!(missing.details().contains("`aud`"), "{}", missing.details());
    let registry = sandbox.get("/users/registry-credentials.json");
    assert_eq!((&registry["username"], registry["secret"].is_string()), (&json!("test@cloud66.com"), true));
    assert_eq!(sandbox.get("/ssh_keys/access.json"), json!({ "public_key": null }));
    let key = |key: &str| sandbox.call_json("POST", "/ssh_keys/access.json", &json!({ "public_key": key }));
    assert_eq!(key("c3NoLWVkMjU1MTkgQUFBQQ==").status, 200);
    assert_eq!(sandbox.get("/ssh_keys/access"), json!({ "public_key": "ssh-ed25519 AAAA" }));
    assert_eq!(key("ssh-ed25519 AAAA").error(), refusal(400, "bad_request"));
    // Known, but not simulated.
    for path in
        ["/base_templates.json", "/queues", "/onprems", "/stacks/ubg5kv/formations.json", "/stacks/ubg5kv/snapshots"]
    {
        assert_eq!(sandbox.call("GET", path, "").error(), refusal(503, "not_implemented"), "{path}");
    }
}

/// Addresses that only some of the documents have.
#[test]
fn other_addresses_of_the_documents_are_answered() {
    let sandbox = Sandbox::fast();
    assert_eq!(sandbox.get("/stacks/dns_providers.json"), sandbox.get("/dns_providers"));
    assert_eq!(sandbox.get("/elastic_addresses"), sandbox.get("/failover_groups"));
    for alerts in ["", "/noticent_stack_redeploy_success"] {
        let read = |part: &str| sandbox.get(&format!("{AWESOME}/{part}{alerts}"));
        assert_eq!(read("alerts"), read("notifications"));
    }
    let body = json!({ "server_count": { CARIBOU: 3 } });
    let scaled = sandbox.call_json("POST", &format!("{AWESOME}/processes/worker/scale"), &body).response();
    assert_eq!(scaled["action"], "process_scale");
    let rebooted = sandbox.call("POST", &format!("{AWESOME}/servers/{CARIBOU}/reboot"), "").response();
    assert_eq!(sandbox.finished(AWESOME, &rebooted)["finished_success"], true);
    let alerts = json!([{ "alert_name": "noticent_server_stopped", "subscriptions": [{ "channel": "email" }] }]);
    let path = "/application_groups/production-apps/notifications";
    assert_eq!(sandbox.call_json("PATCH", path, &json!({ "alerts": alerts })).response()["successes"]["count"], 1);
}

/// The toolbelt takes a gateway for open if it has a key.
#[test]
fn an_open_gateway_shows_that_it_has_a_key() {
    let sandbox = Sandbox::fast();
    let path = "/accounts/139/gateways";
    let content = || sandbox.get(path)[0]["content"].clone();
    assert_eq!(content(), "N/A");
    let key = "-----BEGIN PRIVATE KEY-----";
    for (body, expected) in
        [(json!({ "content": key, "ttl": 60 }), "********"), (json!({ "content": "", "ttl": 1 }), "N/A")]
    {
        assert_eq!(sandbox.call_json("PUT", &format!("{path}/1.json"), &body).response(), json!({ "ok": true }));
        assert_eq!(content(), expected);
    }
}
