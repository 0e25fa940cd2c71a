//! The documented examples through the program: what the server sends is asked for as documented, shows as a table, and
//! comes out as JSON with every field, known or not, in its order.

use httpmock::Method::{DELETE, GET, POST, PUT};
use httpmock::{Method, Mock, MockServer};
use serde_json::{Value, json};

use crate::world::World;

/// The stack of the examples.
pub const STACK: &str = "5999b763474b0eafa5fafb64bff0ba80";
const SERVER: &str = "f8468fc145ea49bac474b30a8fea888d";
const CONTAINER: &str = "cba44fa6b6acf57fb0ef6c2ce385f6a129867df544dae7181d2410e9f9cc32bc";

/// The documented reply of an operation.
pub fn example(id: &str) -> Value {
    let path = format!("{}/tests/examples/{id}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).expect("an example is JSON")
}

/// A server that answers one request below the stack, and that as documented.
pub fn answers<'s>(
    server: &'s MockServer,
    method: Method,
    path: &str,
    body: Option<&Value>,
    reply: &Value,
) -> Mock<'s> {
    server.mock(|when, then| {
        let when = when.method(method).path(format!("/api/3/stacks/{STACK}{path}.json"));
        if let Some(body) = body {
            _ = when.json_body(body.clone());
        }
        then.status(200).header("content-type", "application/json").body(reply.to_string());
    })
}

#[test]
fn lists_and_things_come_out_as_they_came() {
    for (id, path, arguments, seen) in [
        ("services_list", "/services", &["services", "list"][..], "web            1  Cormorant"),
        ("services_show", "/services/web", &["services", "show", "web"], "Servers:     Cormorant"),
        ("containers_list", "/containers", &["containers", "list"], "Up (system)  2015-02-10T17:41:31Z"),
        (
            "containers_show",
            &format!("/containers/{CONTAINER}"),
            &["containers", "show", CONTAINER],
            "80->3000 443->3000",
        ),
        ("servers_list", "/servers", &["servers", "list"], "Healthy  ubuntu 14.04    128  f8468fc145"),
        ("servers_show", &format!("/servers/{SERVER}"), &["servers", "show", SERVER], "Cloud (DigitalOcean)\n"),
        (
            "server_groups_list",
            "/server_groups",
            &["server-groups", "list"],
            "PostgreSQL Server  postgresql  2014-08-29",
        ),
        ("server_groups_show", "/server_groups/128", &["server-groups", "show", "128"], "Name:     Rails Server"),
        ("settings_list", "/settings", &["settings", "list"], "reconfigure.nginx   false           no"),
        ("settings_show", "/settings/git-branch", &["settings", "get", "git.branch"], "master\n"),
        (
            "server_settings_list",
            &format!("/servers/{SERVER}/settings"),
            &["servers", "settings", "list", SERVER],
            "server.name  Caribou  yes",
        ),
        (
            "server_settings_show",
            &format!("/servers/{SERVER}/settings/server-name"),
            &["servers", "settings", "get", SERVER, "server-name"],
            "Caribou\n",
        ),
    ] {
        let server = MockServer::start();
        let mut reply = example(id);
        let first = if reply["response"].is_array() { &mut reply["response"][0] } else { &mut reply["response"] };
        first["unheard_of"] = json!({ "z": [1, null], "a": "\u{fc}", "price": 1.25e-7 });
        let mock = answers(&server, GET, path, None, &reply);
        let world = World::new();
        let arguments = [arguments, &["--stack", STACK]].concat();
        let run = world.against(&server.base_url(), &[&arguments[..], &["-o", "json"]].concat()).code(0);
        assert_eq!(run.json().to_string(), reply["response"].to_string(), "{id}");
        assert!(run.stdout.contains("1.25e-7"), "{id}:\n{}", run.stdout);
        let run = world.against(&server.base_url(), &arguments).code(0);
        assert!(run.stdout.contains(seen), "{id}:\n{}", run.stdout);
        assert!(!run.stdout.contains("example-password"), "{id}:\n{}", run.stdout);
        mock.assert_calls(2);
    }
}

#[test]
fn writes_are_sent_as_documented_and_print_their_action() {
    for (id, method, path, body, arguments) in [
        ("services_stop", DELETE, "/services/web".to_owned(), None, &["services", "stop", "web"][..]),
        ("containers_stop", DELETE, format!("/containers/{CONTAINER}"), None, &["containers", "stop", CONTAINER]),
        (
            "stack_actions_run",
            POST,
            "/actions".to_owned(),
            Some(json!({ "command": "container_restart", "container": CONTAINER, "container_id": CONTAINER })),
            &["containers", "restart", CONTAINER],
        ),
        (
            "settings_update",
            PUT,
            "/settings/git-branch".to_owned(),
            Some(json!({ "value": "staging" })),
            &["settings", "set", "git.branch", "staging"],
        ),
        (
            "server_settings_update",
            PUT,
            format!("/servers/{SERVER}/settings/server-name"),
            Some(json!({ "value": "newname" })),
            &["servers", "settings", "set", SERVER, "server.name", "newname"],
        ),
        (
            "services_scale",
            POST,
            "/services".to_owned(),
            Some(json!({ "service_name": "web", "server_group_count": { "web": 4 } })),
            &["services", "scale", "web=4", "--group", "web"],
        ),
        (
            "services_scale",
            POST,
            "/services".to_owned(),
            Some(json!({ "service_name": "web", "server_count": { SERVER: 2 } })),
            &["services", "scale", "web=2", "--server", SERVER],
        ),
    ] {
        let server = MockServer::start();
        for (id, path) in [
            ("services_list", "/services"),
            ("services_show", "/services/web"),
            ("settings_list", "/settings"),
            ("server_settings_list", &format!("/servers/{SERVER}/settings")),
            ("servers_list", "/servers"),
            ("server_groups_list", "/server_groups"),
        ] {
            answers(&server, GET, path, None, &example(id));
        }
        let reply = example(id);
        let mock = answers(&server, method, &path, body.as_ref(), &reply);
        let arguments = [arguments, &["--stack", STACK, "--yes", "--no-wait", "-o", "json"]].concat();
        let run = World::new().against(&server.base_url(), &arguments).code(0);
        assert_eq!(run.json().to_string(), reply["response"].to_string(), "{id}");
        mock.assert_calls(1);
    }
}
