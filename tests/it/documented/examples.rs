//! The documented examples through the program: requests are as documented, and JSON has every field in its order.

use super::{STACK, answers, example};
use httpmock::Method::{DELETE, GET, POST, PUT};
use httpmock::MockServer;
use serde_json::{Value, json};

use crate::support::test_env::TestEnv;

const SERVER: &str = "f8468fc145ea49bac474b30a8fea888d";
const CONTAINER: &str = "cba44fa6b6acf57fb0ef6c2ce385f6a129867df544dae7181d2410e9f9cc32bc";

#[test]
fn documented_replies_of_a_stack_are_printed_unchanged_as_json() {
    for (id, path, arguments, seen) in [
        ("services_list", "/services", &["services", "list"][..], "web            1  Cormorant"),
        ("services_show", "/services/web", &["services", "show", "web"], "Servers:     Cormorant"),
        ("containers_list", "/containers", &["containers", "list"], "Up (system)  2015-02-10T17:41:31Z"),
        (
            "containers_show",
            &format!("/containers/{CONTAINER}"),
            &["containers", "show", CONTAINER],
            "80->3000, 443->3000",
        ),
        ("servers_list", "/servers", &["servers", "list"], "Healthy  ubuntu 14.04  128    f8468fc145"),
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
        let test_env = TestEnv::new();
        let arguments = [arguments, &["--stack", STACK]].concat();
        let run = test_env.against(&server.base_url(), &[&arguments[..], &["-o", "json"]].concat()).code(0);
        assert_eq!(run.json().to_string(), reply["response"].to_string(), "{id}");
        assert!(run.stdout.contains("1.25e-7"), "{id}:\n{}", run.stdout);
        let run = test_env.against(&server.base_url(), &arguments).code(0);
        assert!(run.stdout.contains(seen), "{id}:\n{}", run.stdout);
        assert!(!run.stdout.contains("example-password"), "{id}:\n{}", run.stdout);
        mock.assert_calls(2);
    }
}

#[test]
fn writes_that_start_an_action_are_sent_as_documented_and_print_it() {
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
        let run = TestEnv::new().against(&server.base_url(), &arguments).code(0);
        assert_eq!(run.json().to_string(), reply["response"].to_string(), "{id}");
        mock.assert_calls(1);
    }
}

#[test]
fn documented_replies_of_the_account_are_printed_unchanged_as_json() {
    let below = format!("/stacks/{STACK}");
    for (id, path, arguments, seen) in [
        (
            "firewalls_list",
            format!("{below}/firewalls"),
            &["firewall", "list", "-s", STACK][..],
            "group 128  tcp         80",
        ),
        (
            "firewalls_show",
            format!("{below}/firewalls/5027"),
            &["firewall", "show", "5027", "-s", STACK],
            "Protocol:  tcp",
        ),
        (
            "notifications_list",
            format!("{below}/notifications"),
            &["notifications", "list", "-s", STACK],
            "stack.provision.ok",
        ),
        (
            "notifications_show",
            format!("{below}/notifications/1191"),
            &["notifications", "show", "1191", "-s", STACK],
            "email",
        ),
        ("clouds_list", "/clouds".to_owned(), &["clouds", "list"], "digitalocean        9      9"),
        ("clouds_show", "/clouds/digitalocean".to_owned(), &["clouds", "show", "digitalocean"], "Sizes:    9"),
        ("accounts_list", "/accounts".to_owned(), &["accounts", "list"], "digitalocean, rackspace"),
        ("accounts_show", "/accounts/139".to_owned(), &["accounts", "show", "139"], "Owner:      test@cloud66.com"),
        ("users_list", "/users".to_owned(), &["users", "list"], "test@cloud66.com"),
        ("users_show", "/users/18".to_owned(), &["users", "show", "18"], "Timezone:    UTC"),
    ] {
        let mut reply = example(id);
        // The excerpt says that there is a second page, which the documents do not show.
        if let Some(pagination) = reply.get_mut("pagination") {
            pagination["pages"] = json!(1);
            pagination["next"] = Value::Null;
        }
        let first = if reply["response"].is_array() { &mut reply["response"][0] } else { &mut reply["response"] };
        first["unheard_of"] = json!({ "z": [1, null], "price": 1.25e-7 });
        let server = MockServer::start();
        let mock = server.mock(|when, then| {
            when.method(GET).path(format!("/api/3{path}.json"));
            then.status(200).body(reply.to_string());
        });
        let test_env = TestEnv::new();
        let run = test_env.against(&server.base_url(), &[arguments, &["-o", "json"]].concat()).code(0);
        assert_eq!(run.json().to_string(), reply["response"].to_string(), "{id}");
        assert!(run.stdout.contains("1.25e-7"), "{id}:\n{}", run.stdout);
        let run = test_env.against(&server.base_url(), arguments).code(0);
        assert!(run.stdout.contains(seen), "{id}:\n{}", run.stdout);
        mock.assert_calls(2);
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of every write")]
fn writes_without_an_action_are_sent_as_documented() {
    let below = format!("/stacks/{STACK}");
    for (method, path, body, reply, arguments) in [
        (
            POST,
            format!("{below}/firewalls"),
            Some(json!({ "protocol": 2, "port": 53, "from_ip": "10.0.0.0/8", "to_group_id": 19, "ttl": 20 })),
            String::new(),
            &[
                "firewall",
                "add",
                "--protocol",
                "udp",
                "--port",
                "53",
                "--from-ip",
                "10.0.0.0/8",
                "--to-group",
                "19",
                "--ttl",
                "20m",
                "-s",
                STACK,
            ][..],
        ),
        (
            POST,
            format!("{below}/firewalls"),
            Some(json!({ "protocol": 1, "port": 22, "from_ip": "AUTO", "ttl": 20 })),
            "{}".to_owned(),
            &["lease", "-s", STACK],
        ),
        (
            PUT,
            format!("{below}/notifications/1191"),
            Some(json!({ "channels": "[email,slack]", "params": "{\"slack_channel\":\"#ops\"}" })),
            String::new(),
            &[
                "notifications",
                "update",
                "1191",
                "--channels",
                "email,slack",
                "--param",
                "slack_channel=#ops",
                "-s",
                STACK,
            ],
        ),
        (
            POST,
            format!("{below}/backups"),
            Some(json!({
                "db_type": "mysql,redis", "frequency": "0 */1 * * *", "keep_count": 10, "excluded_tables": "my_log_table",
                "gzip": true,
            })),
            example("backups_create").to_string(),
            &[
                "backups",
                "new",
                "--dbtypes",
                "mysql,redis",
                "--frequency",
                "0 */1 * * *",
                "--keep",
                "10",
                "--exclude-tables",
                "my_log_table",
                "--gzip",
                "-s",
                STACK,
            ],
        ),
        (
            POST,
            format!("{below}/backups"),
            Some(json!({ "group": 5, "db_type": "mysql", "remote_url": "https://example.org/dump.tar" })),
            example("backups_import").to_string(),
            &[
                "backups",
                "import",
                "--group",
                "5",
                "--db-type",
                "mysql",
                "--url",
                "https://example.org/dump.tar",
                "-s",
                STACK,
            ],
        ),
        (
            POST,
            "/users/18/devices".to_owned(),
            Some(json!({ "token": "wertqy", "device_type": 1, "sub_type": 1 })),
            example("devices_create").to_string(),
            &["devices", "add", "--user", "18", "--token", "wertqy", "--type", "ios", "--model", "iphone"],
        ),
        (
            PUT,
            "/users/18/devices".to_owned(),
            Some(json!({ "token": "wertqy", "device_type": 1, "sub_type": 2 })),
            String::new(),
            &["devices", "update", "--user", "18", "--token", "wertqy", "--type", "ios", "--model", "ipad"],
        ),
        (
            DELETE,
            "/users/18/devices/wertqy".to_owned(),
            None,
            String::new(),
            &["devices", "remove", "--user", "18", "--token", "wertqy"],
        ),
    ] {
        let server = MockServer::start();
        let mock = server.mock(|when, then| {
            let when = when.method(method).path(format!("/api/3{path}.json"));
            if let Some(body) = body {
                _ = when.json_body(body);
            }
            then.status(200).body(reply);
        });
        TestEnv::new().against(&server.base_url(), &[arguments, &["--yes"]].concat()).code(0);
        mock.assert_calls(1);
    }
}
