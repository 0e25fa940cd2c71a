//! `docs/reference/openapi.json` describes the sandbox: its calls, replies and refusals.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::support::sandbox::{CARIBOU, Reply, Sandbox};

const STACK: &str = "5999b763474b0eafa5fafb64bff0ba80";

fn description() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Whether a schema accepts values of a type.
fn has_type(schema: &Value, kind: &str) -> bool {
    schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&json!(kind)))
}

/// A valid value of a parameter: the first of its enum, else one of its type, else an agreed one.
fn value(name: &str, schema: &Value) -> Value {
    match (&schema["enum"], name) {
        (Value::Array(values), _) => values[0].clone(),
        (_, "command") => json!("restart"),
        (_, "server_uid") => json!(CARIBOU),
        (_, "db_type") => json!("mysql"),
        (_, "remote_url") => json!("https://example.org/dump.tar"),
        (_, "service_name") => json!("web"),
        (_, "session_id") => json!("5924596e69a309c9b772c834bd33a405"),
        (_, "server_group_count") => json!({ "web": 2 }),
        (_, "from_ip") => json!("203.0.113.7"),
        (_, "channels") => json!("[email]"),
        (_, "token") => json!("wertqy"),
        (_, "certificate") => json!("-----BEGIN CERTIFICATE-----"),
        (_, "contents") => json!("ONE=1"),
        (_, "raw_value") => json!("dmFsdWU="),
        // A variable and a record may also have that name.
        (_, "key") => json!("-----BEGIN PRIVATE KEY-----"),
        (_, "process_name") => json!("worker"),
        (_, "server_count") => json!({ CARIBOU: 2 }),
        (_, "server_size") => json!("1gb"),
        (_, "tags") => json!(["foo"]),
        (_, "operations") => json!([{ "op": "add", "tags": ["foo"] }]),
        (_, "alerts") => {
            json!([{ "alert_name": "noticent_server_stopped", "subscriptions": [{ "channel": "email" }] }])
        }
        (_, "access_profile") => json!({ "stack_profiles": [] }),
        (_, "application_group_name") => json!("production-apps"),
        (_, "min_severity") => json!(2),
        (_, "user_type") => json!("readonly"),
        (_, "port") => json!(22),
        (_, "page" | "group") => json!(1),
        (_, "alert_type") => json!("stack.redeploy.ok"),
        _ if has_type(schema, "integer") => json!(1),
        _ if has_type(schema, "string") => json!("some"),
        _ if has_type(schema, "boolean") => json!(true),
        _ => panic!("what may {name} be? {schema}"),
    }
}

/// What an operation needs beyond the required fields of its schema.
fn also_needed(operation: &str) -> &'static [&'static str] {
    match operation {
        "stacks_create" => &["manifest_yaml"],
        "services_scale" => &["server_group_count"],
        "firewalls_create" => &["from_ip"],
        "ssl_certificates_create" | "ssl_certificates_update" => &["certificate", "key"],
        "server_groups_scale" => &["server_size"],
        "notifications_update" => &["channels"],
        "backups_create" => &["db_type"],
        _ => &[],
    }
}

/// Why a value does not match a schema. It knows the keywords that the description uses and fails at any other.
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
        "additionalProperties" => {
            value.as_object()?.iter().find_map(|(name, field)| fault(root, rule, field, &format!("{place}/{name}")))
        }
        "minimum" => (value.as_i64()? < rule.as_i64()?).then(|| format!("{place}: {value} is below {rule}")),
        "maximum" => (value.as_i64()? > rule.as_i64()?).then(|| format!("{place}: {value} is above {rule}")),
        "minLength" => value.as_str()?.is_empty().then(|| format!("{place}: it is empty")),
        "description" | "contentMediaType" => None,
        other => panic!("{place}: what is {other}?"),
    })
}

/// One operation of the description, ready to be called.
struct Operation {
    id: String,
    method: String,
    path: String,
    query: Vec<(String, Value)>,
    /// The accepted kinds of body; empty if it takes none.
    bodies: Vec<Value>,
    responses: Value,
}

fn operations(root: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in root["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            let parameters = || operation["parameters"].as_array().into_iter().flatten();
            let path =
                parameters().filter(|parameter| parameter["in"] == "path").fold(path.clone(), |path, parameter| {
                    let name = parameter["name"].as_str().unwrap();
                    let example = parameter["example"].as_str().unwrap_or_else(|| panic!("{id}: what may {name} be?"));
                    path.replace(&format!("{{{name}}}"), example)
                });
            let query = parameters().filter(|parameter| parameter["in"] == "query");
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
    // The schema of a second operation on the same route lists everything it needs.
    let more =
        if schema["required"].is_array() && operation == "backups_create" { &[] } else { also_needed(operation) };
    let names = required.chain(more.iter().copied());
    let value = |name: &str| match (operation, name) {
        ("environments_create", "key") => json!("MY_ENV_1"),
        _ => value(name, &schema["properties"][name]),
    };
    names.map(|name| (name.to_owned(), value(name))).collect()
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
    // A deleted item cannot be used again: each write gets its own sandbox, and all reads share one.
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
    let (mut missed, mut beyond_range) = (BTreeMap::new(), 0);
    for operation in operations(&root) {
        // If one of two alternatives lacks a required field, the other may match.
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
        for (name, rule) in schema["properties"].as_object().unwrap() {
            let beyond =
                [rule["minimum"].as_i64().map(|minimum| minimum - 1), rule["maximum"].as_i64().map(|most| most + 1)];
            for number in beyond.into_iter().flatten() {
                let mut wrong = whole.clone();
                wrong.insert(name.clone(), json!(number));
                let reply = sandbox.call_json(&operation.method, &operation.path, &wrapped(key, wrong));
                assert_described(&root, &operation, &reply, 400);
                assert!(reply.details().contains(name.as_str()), "{}: {}", operation.id, reply.details());
                beyond_range += 1;
            }
        }
    }
    assert_eq!(missed.len(), 35, "{missed:?}");
    assert!(beyond_range > 10, "{beyond_range}");
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
fn a_field_has_the_types_of_all_its_examples() {
    let root = description();
    let item = |path: &str| {
        let schema = &root["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let response = &schema["properties"]["response"];
        let reference = response["$ref"].as_str().or(response["items"]["$ref"].as_str()).unwrap();
        root.pointer(reference.trim_start_matches('#')).unwrap()["properties"].clone()
    };
    let any_scalar = json!(["string", "number", "boolean", "null"]);
    for path in ["/stacks/{stack_id}/settings/{setting_id}", "/stacks/{stack_id}/servers/{server_id}/settings"] {
        assert_eq!(item(path)["value"]["type"], any_scalar, "{path}");
    }
    // Null in one example and text in another, which shows the same item.
    for path in ["/stacks/{stack_id}/firewalls/{firewall_id}", "/stacks/{stack_id}/firewalls"] {
        assert_eq!(item(path)["from_ip"]["type"], json!(["string", "null"]), "{path}");
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
