//! The account, and what else belongs to a stack: the documented examples through the program, and what the sandbox does.

use httpmock::Method::{DELETE, GET, POST, PUT};
use httpmock::MockServer;
use serde_json::{Value, json};

use crate::documented::{STACK, example};
use crate::world::World;

const STAGING: &str = "awesome-app@staging";
const PRODUCTION: &str = "awesome-app@production";

#[test]
fn documented_lists_and_things_come_out_as_they_came() {
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
            format!("{below}/firewalls/4153"),
            &["firewall", "show", "4153", "-s", STACK],
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
            format!("{below}/notifications/4153"),
            &["notifications", "show", "4153", "-s", STACK],
            "email",
        ),
        ("clouds_list", "/clouds".to_owned(), &["clouds", "list"], "digitalocean        9      9"),
        ("clouds_show", "/clouds/digitalocean".to_owned(), &["clouds", "show", "digitalocean"], "Sizes:    9"),
        ("accounts_list", "/accounts".to_owned(), &["accounts", "list"], "digitalocean rackspace"),
        ("accounts_show", "/accounts/1".to_owned(), &["accounts", "show", "1"], "Owner:    test@cloud66.com"),
        ("users_list", "/users".to_owned(), &["users", "list"], "test@cloud66.com"),
        ("users_show", "/users/1".to_owned(), &["users", "show", "1"], "Timezone:    UTC"),
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
        let world = World::new();
        let run = world.against(&server.base_url(), &[arguments, &["-o", "json"]].concat()).code(0);
        assert_eq!(run.json().to_string(), reply["response"].to_string(), "{id}");
        assert!(run.stdout.contains("1.25e-7"), "{id}:\n{}", run.stdout);
        let run = world.against(&server.base_url(), arguments).code(0);
        assert!(run.stdout.contains(seen), "{id}:\n{}", run.stdout);
        mock.assert_calls(2);
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of every write")]
fn writes_are_sent_as_documented() {
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
        World::new().against(&server.base_url(), &[arguments, &["--yes"]].concat()).code(0);
        mock.assert_calls(1);
    }
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_sent() {
    let world = World::new();
    for (arguments, said) in [
        (&["firewall", "add", "--port", "22"][..], "a rule needs a source or a target"),
        (&["firewall", "add", "--port", "22", "--from-ip", "AUTO"], "AUTO needs --ttl"),
        (&["firewall", "add", "--port", "22", "--from-ip", "somewhere"], "`somewhere` is no address"),
        (&["firewall", "add", "--port", "0", "--from-ip", "1.2.3.4"], "0 is no port"),
        (&["firewall", "add", "--port", "70000", "--from-ip", "1.2.3.4"], "70000"),
        (&["lease", "--ttl", "30s"], "whole minutes"),
        (&["notifications", "update", "1191"], "nothing is to be changed"),
        (&["notifications", "update", "1191", "--channels", "emial"], "email"),
        (&["notifications", "update", "1191", "--param", "slack_chanel=x"], "did you mean `slack_channel`?"),
        (&["backups", "create", "--db-type", "mysql", "--frequency", "0 */6 * *"], "five fields of cron"),
        (&["backups", "create", "--db-type", "mysq"], "mysql"),
        (&["backups", "import", "--group", "5", "--db-type", "mysql", "--url", "no address"], "--url is no address"),
    ] {
        let run = world.sandbox(&[arguments, &["-s", STAGING, "--debug"]].concat()).code(2);
        assert!(run.stderr.contains(said), "{arguments:?}:\n{}", run.stderr);
        assert!(!run.stderr.contains("> POST") && !run.stderr.contains("> PUT"), "{arguments:?}:\n{}", run.stderr);
    }
    let run =
        world.sandbox(&["stacks", "create", "--name", "x", "-e", "y", "--service-yaml", "f", "--cloud", "aws"]).code(2);
    assert!(run.stderr.contains("there is missing: --region, --size, --build-type"), "{}", run.stderr);
}

#[test]
fn what_is_changed_is_seen_afterwards() {
    let world = World::new();
    world.sandbox(&["lease", "--port", "5432", "-s", STAGING]).code(0);
    let run = world.sandbox(&[
        "firewall",
        "list",
        "--filter",
        "port=5432",
        "--columns",
        "from",
        "--no-headers",
        "-s",
        STAGING,
    ]);
    assert_eq!(run.code(0).stdout, "127.0.0.1\n");

    let update =
        ["notifications", "update", "1191", "--channels", "slack", "--param", "slack_url=https://chat.example/s3cr3t"];
    world.sandbox(&[&update[..], &["-s", PRODUCTION, "--yes"]].concat()).code(0);
    let run =
        world.sandbox(&["notifications", "show", "1191", "--columns", "channels,params", "-s", PRODUCTION]).code(0);
    assert!(run.stdout.contains("slack") && !run.stdout.contains("s3cr3t"), "{}", run.stdout);

    let device = ["--user", "test@cloud66.com", "--token", "fresh", "--type", "ios", "--model", "ipod"];
    world.sandbox(&[&["devices", "add"], &device[..]].concat()).code(0);
    let run = world.sandbox(&["devices", "list", "--user", "18", "-o", "name"]).code(0);
    assert_eq!(run.stdout, "wertqy\nfresh\n");
    world.sandbox(&["devices", "remove", "--user", "18", "--token", "fresh"]).code(2);
    world.sandbox(&["devices", "remove", "--user", "18", "--token", "fresh", "--yes"]).code(0);
    assert_eq!(world.sandbox(&["devices", "list", "--user", "18", "-o", "name"]).code(0).stdout, "wertqy\n");
    let run = world.sandbox(&["users", "show", "tset@cloud66.com"]).code(4);
    assert!(run.stderr.contains("did you mean `test@cloud66.com`?"), "{}", run.stderr);
}

#[test]
fn the_documented_tables_answer_without_the_api() {
    let world = World::new();
    for (arguments, count) in [
        (&["clouds", "list"][..], 7),
        (&["clouds", "sizes", "aws"], 93),
        (&["clouds", "regions", "Google Compute Engine"], 22),
        (&["clouds", "sizes", "rackspace"], 35),
    ] {
        // Neither a token nor the sandbox: nothing could be asked.
        let run = world.run(&[arguments, &["--offline", "-o", "json"]].concat()).code(0);
        assert_eq!(run.json().as_array().map(Vec::len), Some(count), "{arguments:?}");
    }
    world.run(&["clouds", "sizes", "aws"]).code(3);
    let run = world.run(&["clouds", "sizes", "awss", "--offline"]).code(4);
    assert!(run.stderr.contains("did you mean `aws`?"), "{}", run.stderr);
}

#[test]
fn a_stack_is_created_and_waited_for() {
    let world = World::new();
    let yaml = "services:\n  web:\n    image: nginx\n";
    std::fs::write(world.home().join("service.yml"), yaml).expect("the file");
    std::fs::write(world.home().join("bad.yml"), "fail: true\n").expect("the file");
    let place = ["--cloud", "aws", "--region", "us-east-1", "--size", "t2.micro", "--build-type", "single"];
    let create = |name: &str, file: &str, more: &[&str]| {
        let named = ["stacks", "create", "--name", name, "-e", "staging", "--service-yaml", file];
        world.sandbox(&[&named[..], &place[..], more].concat())
    };
    let made = create("New Shop", "service.yml", &["-o", "json"]).code(0).json();
    assert_eq!(made["ok"], true);
    assert_eq!(made["action"]["finished_success"], true);
    assert_eq!((&made["stack"]["name"], &made["stack"]["status"]), (&json!("New Shop"), &json!(1)));
    let run = create("new-shop", "service.yml", &[]).code(9);
    assert!(run.stderr.contains("there is a stack new-shop@staging already"), "{}", run.stderr);
    let run = create("Broken Shop", "bad.yml", &["-o", "json"]).code(5);
    assert!(run.stdout.is_empty(), "{}", run.stdout);
    assert_eq!(run.json_error()["code"], "remote_failed");
    world.sandbox(&["services", "show", "web", "-s", "new-shop"]).code(0);
}
