//! `docs/reference/openapi.json` describes the sandbox: its calls, replies and refusals.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::support::sandbox::{CARIBOU, CONTAINER, Reply, Sandbox};

const STACK: &str = "5999b763474b0eafa5fafb64bff0ba80";

fn description() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What the sandbox has under each name that stands in a path.
fn id(operation: &str, name: &str) -> &'static str {
    match name {
        // Of the other stack, Cloud 66 has made every variable itself.
        "stack_id" if operation == "environments_delete" => "3ff47eaa901ee0d1cda6fa9283b3e618",
        "stack_id" => STACK,
        "action_id" => "10",
        "deployment_id" => "107",
        "service_name" => "web",
        "container_id" => CONTAINER,
        "environment_id" => "4153",
        "key" if operation == "environments_delete" => "SUPPORT_ADDRESS",
        "key" => "POSTGRESQL_USERNAME",
        "firewall_id" => "5027",
        "ssl_certificate_id" => "ssl-9ad095613rrr4e0b8f718302bab8709e",
        "notification_id" => "1191",
        "setting_id" if operation.starts_with("server_") => "server-name",
        "setting_id" => "git-branch",
        "server_group_id" => "128",
        "server_id" => CARIBOU,
        "cloud_id" => "digitalocean",
        "backup_id" => "4",
        "file_id" => "tar",
        "account_id" => "139",
        "user_id" => "18",
        "token" => "wertqy",
        other => panic!("{operation}: what may {other} be?"),
    }
}

/// A value that a parameter may have: the first of those it may have only, else one of its type, else an agreed one.
fn value(name: &str, schema: &Value) -> Value {
    match (&schema["enum"], name) {
        (Value::Array(values), _) => values[0].clone(),
        (_, "command") => json!("restart"),
        (_, "server_uid") => json!(CARIBOU),
        (_, "db_type") => json!("mysql"),
        (_, "remote_url") => json!("https://example.org/dump.tar"),
        (_, "service_name") => json!("web"),
        (_, "server_group_count") => json!({ "web": 2 }),
        (_, "from_ip") => json!("203.0.113.7"),
        (_, "channels") => json!("[email]"),
        (_, "token") => json!("wertqy"),
        (_, "certificate") => json!("-----BEGIN CERTIFICATE-----"),
        // A variable may have that name, too.
        (_, "key") => json!("-----BEGIN PRIVATE KEY-----"),
        (_, "port") => json!(22),
        (_, "page" | "group") => json!(1),
        (_, "alert_type") => json!("stack.redeploy.ok"),
        _ if schema["type"] == "integer" => json!(1),
        _ if schema["type"] == "boolean" => json!(true),
        _ if schema["type"] == "string" => json!("some"),
        _ => panic!("what may {name} be? {schema}"),
    }
}

/// What an operation needs besides what the schema of its body can say is required.
fn also_needed(operation: &str) -> &'static [&'static str] {
    match operation {
        "stacks_create" => &["manifest_yaml"],
        "services_scale" => &["server_group_count"],
        "firewalls_create" => &["from_ip"],
        "ssl_certificates_create" | "ssl_certificates_update" => &["certificate", "key"],
        "notifications_update" => &["channels"],
        "backups_create" => &["db_type"],
        _ => &[],
    }
}

/// Why a value is not of a schema. It knows the words that the description uses, and stops at any other.
fn fault(root: &Value, schema: &Value, value: &Value, place: &str) -> Option<String> {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => root.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    schema.as_object().unwrap().iter().find_map(|(word, rule)| match word.as_str() {
        "type" => {
            let is = |kind: &Value| match kind.as_str().unwrap() {
                "null" => value.is_null(),
                "boolean" => value.is_boolean(),
                "integer" => value.is_i64() || value.is_u64(),
                "number" => value.is_number(),
                "string" => value.is_string(),
                "array" => value.is_array(),
                "object" => value.is_object(),
                other => panic!("{other} is not a type"),
            };
            let fits = rule.as_array().map_or_else(|| is(rule), |kinds| kinds.iter().any(is));
            (!fits).then(|| format!("{place}: {value} is not {rule}"))
        }
        "properties" => value.as_object()?.iter().find_map(|(name, field)| match rule.get(name) {
            Some(schema) => fault(root, schema, field, &format!("{place}/{name}")),
            None => Some(format!("{place}: {name} is not described")),
        }),
        "required" => rule.as_array()?.iter().find_map(|name| {
            let name = name.as_str().unwrap();
            value.get(name).is_none().then(|| format!("{place}: {name} is missing"))
        }),
        "items" => value.as_array()?.iter().find_map(|item| fault(root, rule, item, &format!("{place}[]"))),
        "enum" => (!rule.as_array()?.contains(value)).then(|| format!("{place}: {value} is not one of {rule}")),
        "description" => None,
        other => panic!("{place}: what is {other}?"),
    })
}

/// One operation of the description, ready to be called.
struct Operation {
    id: String,
    method: String,
    path: String,
    query: Vec<(String, Value)>,
    /// The bodies that it takes; none where it takes no body.
    bodies: Vec<Value>,
    responses: Value,
}

fn operations(root: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in root["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters") {
            let id = operation["operationId"].as_str().unwrap();
            let named = item["parameters"].as_array().unwrap().iter().map(|parameter| &parameter["name"]);
            let path = named.fold(path.clone(), |path, name| {
                let name = name.as_str().unwrap();
                path.replace(&format!("{{{name}}}"), self::id(id, name))
            });
            let query = operation["parameters"].as_array().into_iter().flatten();
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            found.push(Operation {
                id: id.to_owned(),
                method: method.to_uppercase(),
                path,
                query: query
                    .map(|param| {
                        let name = param["name"].as_str().unwrap();
                        (name.to_owned(), value(name, &param["schema"]))
                    })
                    .collect(),
                bodies: match &schema["anyOf"] {
                    Value::Array(either) => either.clone(),
                    _ if schema.is_null() => Vec::new(),
                    _ => vec![schema.clone()],
                },
                responses: operation["responses"].clone(),
            });
        }
    }
    found
}

/// The key of the object in the body that holds the parameters, and the schema of that object; else that of the body.
fn unwrapped(schema: &Value) -> (Option<&str>, &Value) {
    let inner =
        schema["properties"].as_object().into_iter().flatten().find(|(_, inner)| inner["properties"].is_object());
    inner.map_or((None, schema), |(key, inner)| (Some(key), inner))
}

/// The parameters as the body holds them.
fn wrapped(key: Option<&str>, parameters: Map<String, Value>) -> Value {
    match key {
        Some(key) => json!({ key: parameters }),
        None => Value::Object(parameters),
    }
}

/// The parameters that a schema requires, with values, and those that the operation needs besides.
fn body(operation: &str, schema: &Value) -> Map<String, Value> {
    let required = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
    // A second operation on the same route says in its schema all that it needs.
    let more =
        if schema["required"].is_array() && operation == "backups_create" { &[] } else { also_needed(operation) };
    let names = required.chain(more.iter().copied());
    names.map(|name| (name.to_owned(), value(name, &schema["properties"][name]))).collect()
}

#[track_caller]
fn assert_described(root: &Value, operation: &Operation, reply: &Reply, status: u16) {
    let id = &operation.id;
    assert_eq!(reply.status, status, "{id}: {}", reply.text());
    let described = &operation.responses[status.to_string()];
    assert!(described.is_object(), "{id}: {status} is not described");
    match described["content"]["application/json"]["schema"].as_object() {
        Some(schema) => assert_eq!(fault(root, &Value::Object(schema.clone()), &reply.json(), id), None),
        None => assert_eq!(reply.text().trim(), "", "{id}: nothing is described"),
    }
}

#[test]
fn every_operation_answers_as_described() {
    let root = description();
    let operations = operations(&root);
    assert_eq!(operations.len(), c66::testing::cloud66_operations().len() - 1, "two of them share a route");
    // What has been deleted cannot be called again: each write gets a sandbox of its own, and all reads share one.
    let looked_at = Sandbox::fast();
    for operation in &operations {
        if operation.method == "GET" {
            assert_described(&root, operation, &looked_at.call("GET", &operation.path, ""), 200);
            for (name, value) in &operation.query {
                let path = format!("{}?{name}={}", operation.path, value.to_string().trim_matches('"'));
                assert_described(&root, operation, &looked_at.call("GET", &path, ""), 200);
            }
            continue;
        }
        let bodies = operation.bodies.iter().map(unwrapped);
        let mut bodies: Vec<Value> = bodies.map(|(key, schema)| wrapped(key, body(&operation.id, schema))).collect();
        bodies.resize(bodies.len().max(1), json!({}));
        for body in bodies {
            let sandbox = Sandbox::fast();
            let path = if operation.id == "deployments_cancel" {
                assert_eq!(sandbox.call("POST", &format!("/stacks/{STACK}/deployments"), "").status, 200);
                let newest = &sandbox.get(&format!("/stacks/{STACK}/deployments"))[0]["id"];
                format!("/stacks/{STACK}/deployments/{newest}")
            } else {
                operation.path.clone()
            };
            let reply = if operation.bodies.is_empty() {
                sandbox.call(&operation.method, &path, "")
            } else {
                sandbox.call_json(&operation.method, &path, &body)
            };
            assert_described(&root, operation, &reply, 200);
        }
    }
}

#[test]
fn a_missing_required_parameter_is_refused() {
    let root = description();
    let sandbox = Sandbox::fast();
    let mut missed = BTreeMap::new();
    for operation in operations(&root) {
        // One of two alternatives without what it requires may be the other one.
        let [schema] = operation.bodies.as_slice() else { continue };
        let (key, schema) = unwrapped(schema);
        let whole = body(&operation.id, schema);
        let mut miss = |name: &str, body: Value| {
            let reply = sandbox.call_json(&operation.method, &operation.path, &body);
            assert_described(&root, &operation, &reply, 400);
            assert!(reply.details().contains(&format!("`{name}`")), "{}: {}", operation.id, reply.details());
            *missed.entry(operation.id.clone()).or_insert(0) += 1;
        };
        if let Some(key) = key {
            miss(key, Value::Object(whole.clone()));
        }
        for name in schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()) {
            let mut less = whole.clone();
            less.remove(name);
            miss(name, wrapped(key, less));
        }
        for (name, schema) in
            schema["properties"].as_object().unwrap().iter().filter(|(_, rule)| rule["enum"].is_array())
        {
            let mut wrong = whole.clone();
            wrong.insert(name.clone(), json!("no such thing"));
            let reply = sandbox.call_json(&operation.method, &operation.path, &wrapped(key, wrong));
            assert_described(&root, &operation, &reply, 400);
            assert!(reply.details().contains(name.as_str()), "{}: {schema}: {}", operation.id, reply.details());
        }
    }
    assert_eq!(missed.len(), 13, "{missed:?}");
}

#[test]
fn a_missing_token_or_object_is_refused_as_described() {
    let root = description();
    let sandbox = Sandbox::fast();
    for operation in operations(&root) {
        let refused = sandbox.send(&operation.method, &format!("/api/3{}", operation.path), &[], "").unwrap();
        assert_described(&root, &operation, &refused, 401);
        if operation.path.contains(STACK) {
            let nowhere = operation.path.replace(STACK, "nosuch");
            assert_described(&root, &operation, &sandbox.call(&operation.method, &nowhere, ""), 404);
        }
    }
}

#[test]
fn a_reply_that_differs_from_its_description_is_noticed() {
    let schema = json!({
        "type": "object",
        "properties": { "id": { "type": ["integer", "null"] }, "list": { "type": "array", "items": { "enum": ["a"] } } },
        "required": ["id"],
    });
    let root = json!({ "schema": schema });
    let is_fine = |value: Value| fault(&root, &json!({ "$ref": "#/schema" }), &value, "").is_none();
    assert!(is_fine(json!({ "id": null, "list": ["a"] })) && is_fine(json!({ "id": 1 })));
    for wrong in
        [json!([]), json!({}), json!({ "id": "1" }), json!({ "id": 1, "list": ["b"] }), json!({ "id": 1, "x": 1 })]
    {
        assert!(!is_fine(wrong.clone()), "{wrong}");
    }
}
