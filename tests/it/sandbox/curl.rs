//! The curl calls of Cloud 66's blog and documentation, typed as printed there, against `c66 sandbox serve`.
//!
//! Without `curl` on this machine, a client sends what curl would send.

use serde_json::{Value, json};

use crate::support::process::{self, wait_until};
use crate::support::sandbox::send;
use crate::support::served_sandbox::ServedSandbox;
use crate::support::test_env::{TestEnv, finish, finish_with_input};

/// A fresh sandbox and its caller.
struct Story {
    served: ServedSandbox,
    has_curl: bool,
}

impl Story {
    fn begin() -> Self {
        let has_curl = process::is_installed("curl", "--version");
        Self { served: ServedSandbox::start(&TestEnv::new(), &["--speed", "100"]), has_curl }
    }

    /// `curl -X METHOD "ROOT/PATH" -H "Authorization: Bearer TOKEN" -d FIELD …`; gives the status and the JSON.
    fn curl(&self, method: &str, path: &str, token: &str, fields: &[&str]) -> (u16, Value) {
        let (status, body) = if self.has_curl {
            self.by_curl(method, path, token, fields)
        } else {
            self.by_hand(method, path, token, fields)
        };
        let json = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{method} {path}: {error}: {body}"));
        (status, json)
    }

    fn by_curl(&self, method: &str, path: &str, token: &str, fields: &[&str]) -> (u16, String) {
        let url = format!("http://{}/api/3{path}", self.served.address);
        let mut curl = process::command("curl");
        // A proxy or ~/.curlrc of this machine must not affect the test.
        curl.args(["-q", "--noproxy", "*", "-sS", "-w", "\n%{http_code}", "-X", method, &url]);
        curl.args(["-H", &format!("Authorization: Bearer {token}")]);
        curl.args(fields.iter().flat_map(|field| ["-d", field]));
        let run = finish(&mut curl).code(0);
        let (body, status) = run.stdout.rsplit_once('\n').expect("a status after the body");
        (status.parse().expect("a status"), body.to_owned())
    }

    fn by_hand(&self, method: &str, path: &str, token: &str, fields: &[&str]) -> (u16, String) {
        let form = fields.join("&");
        let authorization = format!("Bearer {token}");
        let mut headers = vec![("User-Agent", "curl/8"), ("Accept", "*/*"), ("Authorization", &authorization)];
        headers.extend((!form.is_empty()).then_some(("Content-Type", "application/x-www-form-urlencoded")));
        let reply = send(&self.served.address, method, &format!("/api/3{path}"), &headers, &form).expect("a reply");
        (reply.status, reply.text())
    }

    fn response(&self, method: &str, path: &str, token: &str, fields: &[&str]) -> Value {
        let (status, mut reply) = self.curl(method, path, token, fields);
        assert_eq!(status, 200, "{method} {path}: {reply}");
        reply["response"].take()
    }
}

#[test]
fn the_steps_of_the_blog_work_as_described() {
    let story = Story::begin();

    // "Your first request", with the token of the blog and with that of the documentation.
    for token in ["ubg5kvaowx6ngpp9pex63pe75bxsjrzia0gcp60y6tmieeg1iwi7fh0fen9nce56", "4c9c9b1111"] {
        let stacks = story.response("GET", "/stacks.json", token, &[]);
        assert_eq!(stacks[0]["uid"], "5999b763474b0eafa5fafb64bff0ba80");
        assert_eq!(stacks[0]["name"], "Awesome App");
    }

    // "Step 1: make the request to restart the services": "We got a resource_id (283) as the response."
    let started = story.response("POST", "/stacks/ubg5kv/action", "6ngpp9", &["command=service_restart"]);
    assert_eq!(started["resource_id"], "283");
    assert_eq!([&started["finished_at"], &started["finished_success"]], [&json!(null), &json!(null)]);

    // "Step 2: check if the request is executed successfully in time", asking by that number.
    let mut finished = Value::Null;
    wait_until("the action has finished", || {
        finished = story.response("GET", "/stacks/ubg5kv/action/283", "6ngpp9", &[]);
        assert_eq!(finished["id"], started["id"]);
        !finished["finished_at"].is_null()
    });
    assert_eq!(finished["started_via"], "api");
    assert_eq!(finished["started_at"], started["started_at"]);
    assert_eq!(finished["action"], "service_restart");
    assert_eq!(finished["finished_success"], true);
}

#[test]
fn the_documented_backups_call_filters_by_the_body_of_a_get() {
    let story = Story::begin();
    let path = "/stacks/f196c5b41758cb7977620d49eb1492ef/backups.json";
    let all = story.response("GET", path, "4c9c9b1111", &[]);
    let some = story.response("GET", path, "4c9c9b1111", &["group=1345", "db_type=mysql"]);
    let some = some.as_array().expect("a list");
    assert!(!some.is_empty() && some.len() < all.as_array().expect("a list").len());
    assert!(some.iter().all(|backup| backup["db_type"] == "mysql"), "{some:?}");

    // An undocumented value is a bad request, not an empty list.
    let (status, _) = story.curl("GET", path, "4c9c9b1111", &["group=1345", "db_type=oracle"]);
    assert_eq!(status, 400);
}

#[test]
fn a_made_up_token_is_rejected() {
    let story = Story::begin();
    let (status, reply) = story.curl("GET", "/stacks.json", "PERSONAL_ACCESS_TOKEN", &[]);
    assert_eq!((status, &reply["error"]), (401, &json!("unauthenticated")));
}

#[test]
fn another_client_gets_the_same_replies_as_curl() {
    let story = Story::begin();
    let path = "/stacks/f196c5b41758cb7977620d49eb1492ef/backups.json";
    let (status, body) = story.by_hand("GET", path, "4c9c9b1111", &["group=1345", "db_type=mysql"]);
    let by_hand: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(status, 200);
    assert_eq!(by_hand["response"], story.response("GET", path, "4c9c9b1111", &["group=1345", "db_type=mysql"]));
}

#[test]
fn after_a_login_no_token_need_be_given() {
    let story = Story::begin();
    let url = format!("http://{}", story.served.address);
    let test_env = TestEnv::new();

    let refused = test_env.against(&url, &["stacks", "list", "-o", "json"]).code(3);
    assert_eq!((refused.stdout.as_str(), &refused.json_error()["http_status"]), ("", &json!(401)));

    let mut login = test_env.command();
    login.env("C66_API_URL", &url).args(["auth", "login", "--with-token"]);
    finish_with_input(&mut login, "6ngpp9\n").code(0);
    let stored = std::fs::read_to_string(test_env.config_file()).expect("a configuration file");
    assert!(stored.contains("6ngpp9"), "{stored}");
    // The address is stored with the token, so neither is needed again.
    let restarted = test_env.run(&["actions", "run", "service_restart", "-s", "ubg5kv", "-y", "-o", "json"]).code(0);
    assert_eq!(restarted.json()["resource_id"], "283");
}
