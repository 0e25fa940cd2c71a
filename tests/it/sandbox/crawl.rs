//! The whole world is read: every read with every ID, and every reference in a reply. Nothing leads nowhere.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use c66::testing::{Endpoint, ReplyShape, SandboxOptions, cloud66_operations};
use serde_json::Value;

use crate::support::sandbox::Sandbox;

/// Fields by which an item of a list is read, the best first.
const IDS: [&str; 5] = ["uid", "uuid", "id", "name", "key"];

/// What a field of a reply refers to: a path, in which `{}` stands for the value and `{stack}` for the path of the
/// stack whose reply it is.
const REFERENCES: &[(&str, &str)] = &[
    ("stack", "/stacks/{}"),
    ("stack_id", "/stacks/{}"),
    ("stack_uid", "/stacks/{}"),
    ("primary_stack_uid", "/stacks/{}"),
    ("secondary_stack_uid", "/stacks/{}"),
    ("server_uid", "{stack}/servers/{}"),
    ("server_group_id", "{stack}/server_groups/{}"),
    ("from_group_id", "{stack}/server_groups/{}"),
    ("to_group_id", "{stack}/server_groups/{}"),
    // The stack that an action worked on is named by a number, by which its newest action can be read.
    ("resource_id", "{stack}/actions/{}"),
    ("account", "/accounts/{}"),
    ("account_id", "/accounts/{}"),
    ("primary_account_id", "/accounts/{}"),
    ("user_id", "/users/{}"),
    ("used_clouds", "/clouds/{}"),
    ("operation_uid", "/operations/{}/logs"),
    ("entity_id", "/tags/loadbalancer/{}"),
    ("configstore_namespace", "/configstore/namespaces/{}/records"),
];

/// Fields that are IDs elsewhere: with the cloud vendor, or in requests only.
const FOREIGN: &[&str] = &["vendor_uid", "old_id", "from_server_id", "to_server_id"];

/// Namespaces of the configuration store: of the account and of the documented stack.
const NAMESPACES: [&str; 2] = ["account-139", "stack-5999b763474b0eafa5fafb64bff0ba80"];

/// IDs that no list has.
fn unlisted(endpoint: &Endpoint) -> Option<Vec<String>> {
    let paths: &[&str] = match endpoint.id {
        "operations_logs" => &["/operations/0f4b5b4c2a7d4a0c9a3f1e2d3c4b5a69/logs"],
        "tags_list" => &["/tags/loadbalancer/17823"],
        _ => return None,
    };
    Some(paths.iter().map(|path| (*path).to_owned()).collect())
}

struct Crawl<'s> {
    sandbox: &'s Sandbox,
    /// The replies that were read, by their paths.
    read: BTreeMap<String, Value>,
    /// What leads nowhere, with where it was found.
    broken: BTreeSet<String>,
}

impl Crawl<'_> {
    /// `response` of a path that exists; a list with all its pages.
    fn read(&mut self, path: &str, found_in: &str) -> Value {
        if let Some(known) = self.read.get(path) {
            return known.clone();
        }
        let reply = self.sandbox.call("GET", path, "");
        let mut response = Value::Null;
        if reply.status == 200 {
            let body = reply.json();
            response = body["response"].clone();
            let pages = body["pagination"]["pages"].as_u64().unwrap_or(1);
            for page in 2..=pages {
                let more = self.sandbox.get(&format!("{path}?page={page}"));
                response.as_array_mut().unwrap().extend(more.as_array().unwrap().iter().cloned());
            }
        } else {
            self.broken.insert(format!("{path}: {} ({found_in})", reply.text()));
        }
        self.read.insert(path.to_owned(), response.clone());
        response
    }

    /// Every path of a read: each variable segment stands for each item of the list before it.
    fn paths(&mut self, endpoint: &Endpoint) -> Vec<String> {
        if let Some(paths) = unlisted(endpoint) {
            return paths;
        }
        let mut paths = vec![String::new()];
        for segment in endpoint.path.split('/').skip(1) {
            let before = std::mem::take(&mut paths);
            for path in before {
                if segment == "{namespace}" {
                    // No list has them: stacks and accounts name theirs.
                    paths.extend(NAMESPACES.iter().map(|name| format!("{path}/{name}")));
                } else if segment.starts_with('{') {
                    let list = self.read(&path, endpoint.id);
                    assert!(list.is_array(), "{}: {path}: {:?}", endpoint.id, self.broken);
                    paths.extend(list.as_array().unwrap().iter().map(|item| format!("{path}/{}", id_of(item, &path))));
                } else {
                    paths.push(format!("{path}/{segment}"));
                }
            }
        }
        paths
    }

    /// Follows every reference in a value that was read at `path`.
    fn follow(&mut self, path: &str, field: &str, value: &Value) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| self.follow(path, name, value)),
            Value::Array(items) => items.iter().for_each(|item| self.follow(path, field, item)),
            Value::Null => {}
            // One of a user, a number, and another of an action, an e-mail address.
            Value::Number(number) if field == "user" => drop(self.read(&format!("/users/{number}"), path)),
            value => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                if let Some((_, target)) = REFERENCES.iter().find(|(name, _)| *name == field) {
                    let stack = path.split('/').take(3).collect::<Vec<_>>().join("/");
                    self.read(&target.replace("{stack}", &stack).replace("{}", &text), path);
                } else {
                    let is_id = ["_id", "_uid", "_uuid"].iter().any(|end| field.ends_with(end));
                    assert!(!is_id || FOREIGN.contains(&field) || field == "dns_provider_uuid", "{field} in {path}?");
                }
            }
        }
    }
}

/// The ID of an item of the list at `path`, encoded.
fn id_of(item: &Value, path: &str) -> String {
    let id = if path.ends_with("/configuration") {
        &item["type"]
    } else {
        IDS.iter().find_map(|name| item.get(name)).unwrap_or_else(|| panic!("no ID in {item}"))
    };
    let text = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A session exists only after it was started, so that one read is left out.
#[test]
fn nothing_leads_nowhere() {
    let sandbox = Sandbox::start(SandboxOptions { speed: 100.0, rate_limit: u32::MAX, ..SandboxOptions::default() });
    let mut crawl = Crawl { sandbox: &sandbox, read: BTreeMap::new(), broken: BTreeSet::new() };
    for endpoint in cloud66_operations()
        .iter()
        .filter(|endpoint| endpoint.method.as_str() == "GET" && endpoint.id != "sessions_fetch")
    {
        let paths = crawl.paths(endpoint);
        assert!(!paths.is_empty(), "{}", endpoint.id);
        for path in paths {
            let shown = crawl.read(&path, endpoint.id);
            assert!(shown.is_array() == (endpoint.reply == ReplyShape::List) || shown.is_null(), "{path}: {shown}");
        }
    }
    for (path, shown) in crawl.read.clone() {
        crawl.follow(&path, "", &shown);
    }
    assert!(crawl.read.len() > 3000, "{}", crawl.read.len());
    assert_eq!(crawl.broken, BTreeSet::new());
}

/// What two replies say about the same thing agrees.
#[test]
fn references_lead_to_what_refers_to_them() {
    let sandbox = Sandbox::fast();
    let stacks: Vec<Value> =
        (1..=3).flat_map(|page| sandbox.get(&format!("/stacks?page={page}")).as_array().unwrap().clone()).collect();
    let names = |path: &str, name: &str| {
        let list = sandbox.get(path);
        list.as_array().unwrap().iter().map(|item| item[name].clone()).collect::<Vec<_>>()
    };
    let (clouds, providers) = (names("/clouds", "display_name"), names("/dns_providers", "uuid"));
    for stack in &stacks {
        assert!(clouds.contains(&stack["cloud"]), "{}", stack["cloud"]);
        let path = format!("/stacks/{}", stack["uid"].as_str().unwrap());
        for server in sandbox.get(&format!("{path}/servers")).as_array().unwrap() {
            assert_eq!(server["stack_uid"], stack["uid"]);
            let cloud = clouds.iter().position(|name| *name == stack["cloud"]).unwrap();
            let regions = &sandbox.get("/clouds")[cloud]["regions"];
            let is_region = |region: &Value| [&region["id"], &region["old_id"]].contains(&&server["region"]);
            assert!(regions.as_array().unwrap().iter().any(is_region), "{}", server["region"]);
        }
        assert!(names(&format!("{path}/notifications"), "stack_id").iter().all(|uid| *uid == stack["uid"]));
        for uid in names(&format!("{path}/ssl_certificates"), "dns_provider_uuid") {
            assert!(uid.is_null() || providers.contains(&uid), "{uid}");
        }
    }
}
