//! A server that answers each documented request with its documented reply: every parameter can be set from the command
//! line, and every field of a reply is printed.

use std::collections::BTreeSet;

use c66::testing::{Endpoint, cloud66_operations};
use serde_json::Value;

use super::{STACK, examples};
use crate::support::command_lines::{CERTIFICATE, CERTIFICATE_FILE, KEY_FILE, PROFILE_FILE};
use crate::support::replies::refusal;
use crate::support::scripted_server::{ScriptedServer, Seen};
use crate::support::test_env::TestEnv;

/// A server, a container and a user of the examples.
const SERVER: &str = "f8468fc145ea49bac474b30a8fea888d";
const CONTAINER: &str = "cba44fa6b6acf57fb0ef6c2ce385f6a129867df544dae7181d2410e9f9cc32bc";
const USER: &str = "18";

/// An existing file; its content does not matter.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

/// The operation of a request.
fn operation(seen: &Seen) -> Option<&'static Endpoint> {
    let mut fitting = cloud66_operations()
        .iter()
        .copied()
        .filter(|endpoint| endpoint.method.as_str() == seen.method && endpoint.match_path(&seen.path).is_some());
    // Two operations share a route; their parameters tell them apart.
    let first = fitting.next()?;
    Some(fitting.find(|second| second.id == "backups_import" && names(seen).contains("remote_url")).unwrap_or(first))
}

/// The names of the parameters that a request has, in its query and its body, or in the object that holds them there.
fn names(seen: &Seen) -> BTreeSet<String> {
    let query = form_urlencoded::parse(seen.query.as_bytes()).map(|(name, _)| name.into_owned());
    let body: Value = serde_json::from_str(&seen.body).unwrap_or_default();
    let wrapped = cloud66_operations().iter().find_map(|endpoint| body.get(endpoint.wrapper?));
    let body = wrapped.unwrap_or(&body).as_object();
    query.chain(body.into_iter().flat_map(|body| body.keys().cloned())).collect()
}

fn serve() -> ScriptedServer {
    let examples = examples();
    ScriptedServer::replying(move |seen| match operation(seen) {
        Some(endpoint) => {
            let mut reply = examples.get(endpoint.id).cloned();
            if let Some(reply) = reply.as_mut().filter(|_| names(seen).contains("include_private_key")) {
                // The example was requested without it.
                reply["response"]["ssh_private_key"] = Value::from("the key");
            }
            if let Some(reply) = reply.as_mut().filter(|_| names(seen).contains("page")) {
                // An example is the first page of its list and refers to pages it does not include.
                reply["response"] = Value::Array(Vec::new());
                reply["pagination"]["pages"] = Value::from(1);
            }
            (200, reply.map(|reply| reply.to_string()).unwrap_or_default())
        }
        None => refusal(404, "not_found", "The documents have no such request."),
    })
}

/// Command lines that, all together, set every parameter that there is. Each runs as it stands, plus the stack where
/// it takes one.
const SETTING: &[&[&str]] = &[
    &["stacks", "create", "--name", "Shop", "-e", "staging", "--service-yaml", FILE, "--manifest-yaml", FILE],
    &[
        "stacks",
        "create",
        "--name=Shop",
        "--environment=staging",
        "--service-yaml",
        FILE,
        "--cloud=aws",
        "--region=us-east-1",
        "--size=t2.micro",
        "--build-type=single",
    ],
    &["stacks", "maintenance", "on"],
    &["services", "restart", "web", "--server", SERVER],
    &["containers", "restart", CONTAINER],
    &["redeploy", "--git-ref", "main", "--reference", "mine"],
    &["redeploy", "--service", "web:v2", "--service", "worker"],
    &["deployments", "cancel", "107"],
    &["services", "list", "--server", SERVER],
    &["services", "show", "web", "--server", SERVER],
    &["services", "scale", "web=2", "--server", SERVER],
    &["services", "scale", "web=2", "--group", "web"],
    &["services", "stop", "web", "--server", SERVER],
    &["containers", "list", "--server", SERVER],
    &["env", "set", "NEW=1", "--apply-strategy", "immediately"],
    &["env", "set", "POSTGRESQL_USERNAME=other", "--apply-strategy", "deployment"],
    &["firewall", "add", "--from-ip", "AUTO", "--ttl", "20m", "--to-ip", "203.0.113.7", "--port", "22"],
    &["firewall", "add", "--from-group", "128", "--to-server", "5", "--protocol", "udp", "--port", "53"],
    &["firewall", "add", "--from-server", "5", "--to-group", "128", "--port", "22"],
    &["lease"],
    &[
        "ssl",
        "add",
        "--type=manual",
        "--server-names=a.example,b.example",
        "--ssl-termination",
        "--certificate",
        CERTIFICATE_FILE,
        "--key",
        KEY_FILE,
        "--intermediate",
        CERTIFICATE_FILE,
    ],
    ADD_CERTIFICATE,
    &[
        "ssl",
        "update",
        CERTIFICATE,
        "--type=manual",
        "--certificate",
        CERTIFICATE_FILE,
        "--key",
        KEY_FILE,
        "--intermediate",
        CERTIFICATE_FILE,
    ],
    UPDATE_CERTIFICATE,
    // The partial update has no command of its own: the official client replaces the whole.
    &[
        "api",
        "PATCH",
        "/stacks/{stack}/ssl_certificates/ssl-9ad095613rrr4e0b8f718302bab8709e",
        "-F",
        "ssl_certificate={\"type\":\"manual\",\"ssl_termination\":true,\"server_names\":\"a.example\",\"wildcard\":false,\
         \"dns_provider_uuid\":\"dp-1\",\"certificate\":\"\",\"key\":\"\",\"intermediate_certificate\":\"\"}",
    ],
    &["notifications", "list", "--alert-type", "stack.redeploy.ok"],
    &["notifications", "update", "1191", "--channels", "email,slack", "--param", "slack_url=https://example.org"],
    &["settings", "set", "git.branch", "other"],
    &["servers", "key", SERVER, "--out", "-"],
    &["servers", "settings", "set", SERVER, "server.name", "elk"],
    &["backups", "list", "--group", "5", "--db-type", "mysql"],
    &[
        "backups",
        "create",
        "--db-type=mysql,redis",
        "--frequency=0 */6 * * *",
        "--keep=10",
        "--gzip",
        "--exclude-tables=logs",
        "--on-replica",
    ],
    &["backups", "import", "--group", "5", "--db-type", "mysql", "--url", "https://example.org/dump.tar"],
    &["processes", "list", "--server", SERVER],
    &["processes", "show", "worker", "--server", SERVER],
    &["processes", "scale", "worker=2", "--server", SERVER],
    &["processes", "restart", "worker", "--server", SERVER],
    &["jobs", "list", "--server", SERVER],
    &["jobs", "run", "pies", "--", "one", "two words"],
    &["databases", "promote", SERVER, "--db-type", "mysql"],
    &["config-store", "set", "smtp.host", "--value-file", FILE, "--namespace=n", "--ttl=5", "--metadata=owner=web"],
    // `config-store set` changes the record that exists here, and adds one that does not.
    &[
        "api",
        "POST",
        "/configstore/namespaces/n/records",
        "-F",
        "record={\"key\":\"new\",\"raw_value\":\"dg==\",\"metadata\":{},\"ttl\":0}",
    ],
    &["env", "set", "ONE=1", "TWO=2", "--apply-strategy", "deployment"],
    // It has no command of its own: no source says which variables are lost.
    &[
        "api",
        "POST",
        "/stacks/{stack}/environments/bulk",
        "-f",
        "environments_format=dotenv",
        "-f",
        "contents=ONE=1",
        "-f",
        "apply_strategy=immediately",
    ],
    &["sessions", "create", "web"],
    &["sessions", "show", "web"],
    &["sessions", "show", "--uid", "x"],
    &["databases", "create", "reports", "--user", "awesome_app"],
    &["databases", "users", "list", "--reveal"],
    &["databases", "users", "create", "reader", "--type=readonly", "--database", "awesome_app"],
    &["stacks", "reboot", "--group", "web"],
    SCALE_GROUP,
    &[
        "image-repositories",
        "add",
        "--url=https://quay.io",
        "--email=a@b.example",
        "--username=u",
        "--password-file",
        KEY_FILE,
    ],
    &["image-repositories", "update", "3", "--url=https://quay.io", "--password-file", KEY_FILE],
    &["failover-groups", "add", "--primary", STACK, "--current", "primary"],
    &["failover-groups", "add", "--secondary", STACK],
    &["failover-groups", "update", DOCUMENTED_GROUP, "--primary", STACK, "--no-secondary"],
    // `failover-groups switch` sends it, which the documented group without stacks does not allow.
    &["api", "PUT", "/failover_groups/fg-5be3dca6d3c4bf1eaddcb5b555d993bb", "-F", "current_stack=2"],
    TAGS_SET,
    &["tags", "add", "server", "57648", "foo"],
    &[
        "gateways",
        "add",
        "bastion",
        "--address=203.0.113.7",
        "--private-ip=10.0.0.5",
        "--username=ubuntu",
        "--ttl=1h",
        "--key",
        KEY_FILE,
    ],
    &[
        "gateways",
        "update",
        "aws_bastion",
        "--name=bastion",
        "--address=203.0.113.7",
        "--private-ip=10.0.0.5",
        "--username=ubuntu",
    ],
    &["gateways", "open", "aws_bastion", "--ttl=30m", "--key", KEY_FILE],
    UPDATE_USER,
    SET_ALERT,
    SET_GROUP_ALERT,
    &[
        "redeploy",
        "--deploy-strategy=rolling",
        "--rollout-strategy=canary",
        "--canary-percentage=10",
        "--deployment-profile=fast",
    ],
    &["backups", "create", "--db-type=mysql", "--backup-type=text"],
    &["config-files", "push", "nginx", FILE, "--message=Longer", "--apply"],
    &["config-files", "versions", "service"],
    &["config-files", "versions", "service", "--add", FILE, "--message=Longer"],
    &["config-files", "versions", "manifest"],
    &["config-files", "versions", "manifest", "--add", FILE, "--message=Longer"],
    &["variants", "percentage", "canary", "25"],
    &["operations", "logs", "x", "--min-severity=3", "--include-children"],
    &["devices", "add", "--user", USER, "--token", "made", "--type", "ios", "--model", "ipad"],
    &["devices", "update", "--user", USER, "--token", "made", "--type", "ios", "--model", "ipad"],
];

const ADD_CERTIFICATE: &[&str] =
    &["ssl", "add", "--type=lets-encrypt", "--server-names=*.a.example", "--wildcard", "--dns-provider", "dp-1"];
const UPDATE_CERTIFICATE: &[&str] = &["ssl", "update", CERTIFICATE, "--wildcard", "--dns-provider", "dp-1"];
const TAGS_SET: &[&str] = &["tags", "set", "loadbalancer", "17823", "foo", "bar"];
const UPDATE_USER: &[&str] = &["users", "update", USER, "--access-profile", PROFILE_FILE];
const SET_ALERT: &[&str] = &["notifications", "set", "noticent_stack_health_check_failed", "--channels=email"];
const SET_GROUP_ALERT: &[&str] =
    &["notifications", "set", "noticent_stack_health_check_failed", "--channels=email", "-a", "production-apps"];
/// The documented failover group.
const DOCUMENTED_GROUP: &str = "fg-5be3dca6d3c4bf1eaddcb5b555d993bb";
const SCALE_GROUP: &[&str] = &[
    "server-groups",
    "scale",
    "128",
    "--add=1",
    "--size=t2.small",
    "--zone=us-east-1d",
    "--subnet=subnet-1",
    "--disk-type=ssd",
    "--disk-size=40",
    "--names=elk",
];

/// The other flags that a command line needs: the stack, no prompt, no waiting.
fn completed(line: &[&'static str]) -> Vec<&'static str> {
    let mut line = line.to_vec();
    let leaf = crate::support::command_lines::leaf(&line);
    // Before the arguments of another command.
    let rest = line.iter().position(|word| *word == "--").map(|at| line.split_off(at)).unwrap_or_default();
    let takes = |flag: &str| leaf.get_arguments().any(|argument| argument.get_long() == Some(flag));
    for (flag, words) in [("stack", &["--stack", STACK][..]), ("yes", &["--yes"]), ("no-wait", &["--no-wait"])] {
        let has_no_stack = line.iter().any(|word| *word == "-a" || word.starts_with("--namespace"));
        if takes(flag) && !(flag == "stack" && has_no_stack) {
            line.extend(words);
        }
    }
    line.extend(rest);
    line
}

#[test]
fn every_documented_parameter_can_be_set_from_the_command_line() {
    let (test_env, server) = (TestEnv::new(), serve());
    for line in SETTING {
        test_env.against(&server.url, &completed(line)).code(0);
    }
    let sent: BTreeSet<(&str, String)> = server
        .seen()
        .iter()
        .filter_map(|seen| Some((operation(seen)?.id, names(seen))))
        .flat_map(|(id, names)| names.into_iter().map(move |name| (id, name)))
        .collect();
    let unsettable: Vec<String> = cloud66_operations()
        .iter()
        .flat_map(|endpoint| endpoint.params.iter().map(|param| (endpoint.id, param.name.to_owned())))
        .filter(|pair| !sent.contains(pair))
        .map(|(id, name)| format!("{name} of {id}"))
        .collect();
    assert_eq!(unsettable, Vec::<String>::new(), "no command line here sets them");
    // And nothing is sent that the table lacks.
    for (id, name) in sent {
        let endpoint = cloud66_operations().iter().find(|endpoint| endpoint.id == id).expect("an operation");
        assert!(name == "page" || endpoint.param(&name).is_some(), "{name} is not a parameter of {id}");
    }
}

/// A command line for each documented example.
const SHOWING: &[(&str, &[&str])] = &[
    ("stacks_list", &["stacks", "list"]),
    ("stacks_show", &["stacks", "show"]),
    ("stacks_create", SETTING[0]),
    ("stack_actions_list", &["actions", "list"]),
    ("stack_actions_show", &["actions", "show", "10"]),
    ("stack_actions_run", &["stacks", "clear-caches"]),
    ("deployments_list", &["deployments", "list"]),
    ("deployments_show", &["deployments", "show", "107"]),
    ("deployments_create", &["redeploy"]),
    ("deployments_cancel", &["deployments", "cancel", "107"]),
    ("services_list", &["services", "list"]),
    ("services_show", &["services", "show", "web"]),
    ("services_scale", &["services", "scale", "web=2", "--group", "web"]),
    ("services_stop", &["services", "stop", "web"]),
    ("containers_list", &["containers", "list"]),
    ("containers_show", &["containers", "show", CONTAINER]),
    ("containers_stop", &["containers", "stop", CONTAINER]),
    ("environments_list", &["env", "list"]),
    ("environments_show", &["env", "history", "STACK_PATH"]),
    ("environments_create", &["env", "set", "NEW=1"]),
    ("environments_update", &["env", "set", "POSTGRESQL_USERNAME=other"]),
    ("firewalls_list", &["firewall", "list"]),
    ("firewalls_show", &["firewall", "show", "5027"]),
    ("ssl_certificates_list", &["ssl", "list"]),
    ("ssl_certificates_show", &["ssl", "show", CERTIFICATE]),
    ("ssl_certificates_create", ADD_CERTIFICATE),
    ("ssl_certificates_update", UPDATE_CERTIFICATE),
    ("notifications_list", &["notifications", "list"]),
    ("notifications_show", &["notifications", "show", "1191"]),
    ("settings_list", &["settings", "list"]),
    ("settings_show", &["settings", "get", "git.branch"]),
    ("settings_update", &["settings", "set", "git.branch", "other"]),
    ("server_groups_list", &["server-groups", "list"]),
    ("server_groups_show", &["server-groups", "show", "128"]),
    ("servers_list", &["servers", "list"]),
    ("servers_show", &["servers", "show", SERVER]),
    ("server_settings_list", &["servers", "settings", "list", SERVER]),
    ("server_settings_show", &["servers", "settings", "get", SERVER, "server.name"]),
    ("server_settings_update", &["servers", "settings", "set", SERVER, "server.name", "elk"]),
    ("clouds_list", &["clouds", "list"]),
    ("clouds_show", &["clouds", "show", "digitalocean"]),
    ("backups_list", &["backups", "list"]),
    ("backups_show", &["backups", "show", "1"]),
    ("backups_create", &["backups", "create", "--db-type", "mysql"]),
    ("backups_import", &["backups", "import", "--group=5", "--db-type=mysql", "--url=https://example.org/dump.tar"]),
    ("backup_files_list", &["backups", "files", "1"]),
    ("backup_files_show", &["backups", "url", "1", "tar"]),
    ("accounts_list", &["accounts", "list"]),
    ("accounts_show", &["accounts", "show", "139"]),
    ("users_list", &["users", "list"]),
    ("users_show", &["users", "show", USER]),
    ("processes_list", &["processes", "list"]),
    ("processes_show", &["processes", "show", "worker"]),
    ("processes_scale", &["processes", "scale", "worker=2", "--server", SERVER]),
    ("jobs_list", &["jobs", "list"]),
    ("jobs_show", &["jobs", "show", "pies"]),
    ("jobs_run", &["jobs", "run", "pies"]),
    ("jobs_pause", &["jobs", "pause", "pies"]),
    ("jobs_unpause", &["jobs", "unpause", "pies"]),
    ("jobs_pause_all", &["jobs", "pause", "--all"]),
    ("jobs_unpause_all", &["jobs", "unpause", "--all"]),
    ("servers_reboot", &["servers", "reboot", SERVER]),
    ("stacks_reboot", &["stacks", "reboot", "--group", "web"]),
    ("server_groups_scale", SCALE_GROUP),
    ("dns_providers_list", &["dns-providers", "list"]),
    ("image_repositories_list", &["image-repositories", "list"]),
    ("image_repositories_show", &["image-repositories", "show", "3"]),
    (
        "image_repositories_create",
        &["image-repositories", "add", "--url=x", "--email=e", "--username=u", "--password-file", KEY_FILE],
    ),
    ("image_repositories_update", &["image-repositories", "update", "3", "--url=x", "--password-file", KEY_FILE]),
    ("image_repositories_delete", &["image-repositories", "remove", "283"]),
    ("failover_groups_list", &["failover-groups", "list"]),
    ("failover_groups_create", &["failover-groups", "add"]),
    ("failover_groups_update", &["failover-groups", "update", DOCUMENTED_GROUP, "--no-primary"]),
    ("failover_groups_delete", &["failover-groups", "remove", DOCUMENTED_GROUP]),
    ("tags_list", &["tags", "list", "loadbalancer", "17823"]),
    ("tags_replace", TAGS_SET),
    ("tags_patch", &["tags", "add", "loadbalancer", "17823", "foo"]),
    ("tags_delete", &["tags", "clear", "loadbalancer", "17823"]),
    ("gateways_list", &["gateways", "list"]),
    ("gateways_delete", &["gateways", "remove", "aws_bastion", "--confirm", "aws_bastion"]),
    ("gateways_create", &["gateways", "add", "bastion"]),
    ("gateways_update", &["gateways", "close", "aws_bastion"]),
    ("users_update", UPDATE_USER),
    ("notifications_update_stack", SET_ALERT),
    ("notifications_update_group", SET_GROUP_ALERT),
    ("configuration_list", &["config-files", "list"]),
    ("configuration_show", &["config-files", "show", "nginx"]),
    ("configuration_update", &["config-files", "push", "nginx", FILE]),
    ("configuration_apply", &["config-files", "apply", "nginx"]),
    ("service_yaml_list", &["config-files", "versions", "service"]),
    ("service_yaml_create", &["config-files", "versions", "service", "--add", FILE]),
    ("manifest_yaml_list", &["config-files", "versions", "manifest"]),
    ("manifest_yaml_create", &["config-files", "versions", "manifest", "--add", FILE]),
    ("application_variants_list", &["variants", "list"]),
    ("application_variants_update", &["variants", "commit", "canary"]),
    ("application_variants_delete", &["variants", "delete", "0123456789abcdef0123456789abcdef"]),
    ("config_store_list", &["config-store", "list", "--namespace=n"]),
    ("config_store_show", &["config-store", "show", "smtp.host", "--namespace=n"]),
    ("environments_bulk_update", &["env", "set", "ONE=1", "TWO=2"]),
    ("sessions_create", &["sessions", "create", "web"]),
    ("sessions_fetch", &["sessions", "show", "web"]),
    ("databases_list", &["databases", "list"]),
    ("databases_create", &["databases", "create", "reports"]),
    ("database_users_list", &["databases", "users", "list"]),
    ("database_users_create", &["databases", "users", "create", "reader", "--type=readonly"]),
    ("clusters_list", &["clusters", "list"]),
    ("clusters_show", &["clusters", "show", "1"]),
    ("operations_logs", &["operations", "logs", "x"]),
    ("ping_auth", &["ping"]),
    ("devices_create", &["devices", "add", "--user=18", "--token=made", "--type=ios", "--model=ipad"]),
];

/// Whether `whole` contains `part` somewhere, with all its fields.
fn stands_in(part: &Value, whole: &Value) -> bool {
    part == whole
        || match whole {
            Value::Array(items) => items.iter().any(|item| stands_in(part, item)),
            Value::Object(fields) => fields.values().any(|field| stands_in(part, field)) || has_fields(whole, part),
            _ => false,
        }
}

/// Whether one object has every field of another.
fn has_fields(object: &Value, fields: &Value) -> bool {
    fields.as_object().is_some_and(|fields| fields.iter().all(|(name, value)| object.get(name) == Some(value)))
}

#[test]
fn every_documented_example_is_printed_with_every_field() {
    let (test_env, server) = (TestEnv::new(), serve());
    let examples = examples();
    // A version of a file is printed as it is, in every format.
    let shown_raw = ["service_yaml_show", "manifest_yaml_show"];
    // A reply that repeats the value of a secret is not printed.
    let not_printed = ["config_store_create", "config_store_update", "config_store_delete"];
    // Only `c66 api` calls it, which prints every reply as it is.
    let by_api = ["environments_bulk_replace"];
    // What is gone is only acknowledged.
    let acknowledged = ["ssl_certificates_delete"];
    let others = shown_raw.len() + not_printed.len() + by_api.len() + acknowledged.len();
    assert_eq!(examples.len(), SHOWING.len() + others);
    for (id, line) in SHOWING {
        let expected = &examples[*id]["response"];
        let line = completed(line);
        let before = server.seen().len();
        let run = test_env.against(&server.url, &[&line[..], &["-o", "json"]].concat()).code(0);
        let called = server.seen()[before..].iter().any(|seen| operation(seen).is_some_and(|called| called.id == *id));
        assert!(called, "{line:?} does not call {id}");
        let printed = run.json();
        if *id == "environments_show" {
            // With a name, the reply is the history of the variable.
            assert_eq!(printed.to_string(), expected["history"].to_string());
        } else if expected.is_array() {
            assert_eq!(printed.to_string(), expected.to_string(), "{id}");
        } else {
            assert!(stands_in(expected, &printed), "{id}: {printed} has not all of {expected}");
        }
        let table = test_env.against(&server.url, &line).code(0);
        match printed.as_array() {
            Some(items) if expected.is_array() || *id == "environments_show" => {
                assert_eq!(table.stdout.lines().count(), items.len() + 1, "{id}:\n{}", table.stdout);
            }
            _ => assert!(!table.stdout.trim().is_empty(), "{id}"),
        }
        assert!(!table.stdout.contains(['{', '\u{1b}']), "{id}:\n{}", table.stdout);
    }
}

#[test]
fn a_missing_field_is_noticed() {
    let whole = serde_json::json!({ "action": { "id": 1, "user": null, "more": 2 }, "list": [{ "a": 1 }] });
    assert!(stands_in(&serde_json::json!({ "id": 1, "user": null }), &whole));
    assert!(stands_in(&serde_json::json!({ "a": 1 }), &whole));
    assert!(!stands_in(&serde_json::json!({ "id": 1, "gone": null }), &whole));
    assert!(!stands_in(&serde_json::json!({ "id": 1.0 }), &whole));
}
