//! What is refused, with which of the documented codes, and in which order the reasons are looked at.

#![expect(clippy::unwrap_used, reason = "tests")]

use c66::cloud66::endpoints;
use c66::sandbox::TOKEN;
use serde_json::json;

use super::client::{AWESOME, Sandbox};

fn refusal(status: u16, id: &str) -> (u16, String) {
    (status, id.to_owned())
}

#[test]
fn each_operation_wants_its_scope() {
    let sandbox = Sandbox::fast();
    for endpoint in endpoints::ALL {
        let path = endpoint.path.replace(['{', '}'], "");
        let others: Vec<&str> = ["public", "redeploy", "jobs", "users", "admin"]
            .into_iter()
            .filter(|scope| *scope != endpoint.scope)
            .collect();
        let token = format!("sandbox-{}", others.join("+"));
        let reply = sandbox.call_as(&token, endpoint.method.as_str(), &path, "");
        assert_eq!(reply.error(), refusal(403, "forbidden"), "{}", endpoint.id);
        assert!(reply.details().contains(&format!("`{}`", endpoint.scope)), "{}", reply.details());
        // With it, the next reason is another one: a stack that does not exist, or none at all.
        let reply = sandbox.call_as(&format!("sandbox-{}", endpoint.scope), endpoint.method.as_str(), &path, "");
        assert_eq!(reply.status, if path.contains("stack_id") { 404 } else { 200 }, "{}", endpoint.id);
    }
}

#[test]
fn tokens_are_looked_at_first() {
    let sandbox = Sandbox::fast();
    let call = |token: &str, path: &str| sandbox.call_as(token, "GET", path, "").error();
    assert_eq!(sandbox.send("GET", "/api/3/stacks.json", &[], "").unwrap().error(), refusal(401, "unauthenticated"));
    assert_eq!(call("nonsense", "/nowhere"), refusal(401, "unauthenticated"));
    assert_eq!(call("sandbox-expired", "/stacks.json"), refusal(402, "trial_expired"));
    assert_eq!(call("sandbox-public", "/nowhere"), refusal(404, "not_found"));
    assert_eq!(call("sandbox-jobs", "/stacks/nosuch"), refusal(403, "forbidden"));
}

#[test]
fn what_is_not_there_is_not_found() {
    let sandbox = Sandbox::fast();
    for (method, path) in [
        ("GET", "/nowhere.json".to_owned()),
        ("GET", "/stacks/".to_owned()),
        ("GET", "/stacks/nosuch.json".to_owned()),
        ("PUT", "/stacks.json".to_owned()),
        ("PATCH", AWESOME.to_owned()),
        ("HEAD", AWESOME.to_owned()),
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
    ] {
        let reply = sandbox.call(method, &path, "");
        assert_eq!(reply.status, 404, "{method} {path}");
        if method != "HEAD" {
            assert_eq!(reply.error(), refusal(404, "not_found"), "{method} {path}");
        }
    }
    assert_eq!(sandbox.send("GET", "/nowhere", &[], "").unwrap().status, 404);
}

#[test]
fn a_wrong_parameter_is_refused_by_name() {
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
        ("GET", "/backups", "group=x", "group"),
        ("GET", "/backups?db_type=oracle", "", "db_type"),
        ("GET", "/deployments?page=0", "", "page"),
        ("GET", "/deployments?page=two", "", "page"),
    ] {
        let reply = sandbox.call(method, &format!("{AWESOME}{path}"), form);
        assert_eq!(reply.error(), refusal(400, "bad_request"), "{method} {path} {form}");
        assert!(reply.details().contains(&format!("`{parameter}`")), "{}", reply.details());
    }
    let reply = sandbox.call_json("POST", &format!("{AWESOME}/actions"), &json!(["restart"]));
    assert_eq!(reply.error(), refusal(400, "bad_request"));
    // The stack that is missing matters more than the parameter that is.
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
fn headers_tell_of_the_limit_and_of_the_request() {
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
fn the_front_page_says_what_this_is() {
    let sandbox = Sandbox::fast();
    let reply = sandbox.send("GET", "/", &[], "").unwrap();
    assert!(reply.header("Content-Type").unwrap().starts_with("text/plain"));
    assert!(reply.text().contains(TOKEN) && reply.text().contains("curl "), "{}", reply.text());
}
