//! `docs/reference/openapi.json` describes the sandbox: its calls, replies and refusals.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::support::sandbox::{Reply, Sandbox};

const STACK: &str = "5999b763474b0eafa5fafb64bff0ba80";

fn description() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
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
            // A part of a schema, and one for any other fields, do not describe all.
            None if schema["type"].is_null() || !schema["additionalProperties"].is_null() => None,
            None => Some(format!("{place}: {name} is not described")),
        }),
        "required" => rule.as_array()?.iter().find_map(|name| {
            let name = name.as_str().unwrap();
            value.get(name).is_none().then(|| format!("{place}: {name} is missing"))
        }),
        "items" => value.as_array()?.iter().find_map(|item| fault(root, rule, item, &format!("{place}[]"))),
        "enum" => (!rule.as_array()?.contains(value)).then(|| format!("{place}: {value} is not one of {rule}")),
        "additionalProperties" => {
            let mut others = value.as_object()?.iter().filter(|(name, _)| schema["properties"][name].is_null());
            others.find_map(|(name, field)| match rule {
                Value::Bool(_) => Some(format!("{place}: {name} is not allowed")),
                rule => fault(root, rule, field, &format!("{place}/{name}")),
            })
        }
        "minimum" => (value.as_i64()? < rule.as_i64()?).then(|| format!("{place}: {value} is below {rule}")),
        "maximum" => (value.as_i64()? > rule.as_i64()?).then(|| format!("{place}: {value} is above {rule}")),
        "anyOf" => {
            let faults: Vec<Option<String>> =
                rule.as_array()?.iter().map(|either| fault(root, either, value, place)).collect();
            faults.iter().all(Option::is_some).then(|| format!("{place}: none of {rule}"))
        }
        "allOf" => rule.as_array()?.iter().find_map(|part| fault(root, part, value, place)),
        "pattern" => {
            let fits = regex::Regex::new(rule.as_str()?).unwrap().is_match(value.as_str()?);
            (!fits).then(|| format!("{place}: {value} does not match {rule}"))
        }
        "format" => value.as_str()?.parse::<std::net::Ipv6Addr>().is_err().then(|| format!("{place}: {value}")),
        "minItems" => value.as_array()?.is_empty().then(|| format!("{place}: it is empty")),
        "minProperties" => value.as_object()?.is_empty().then(|| format!("{place}: it is empty")),
        "minLength" => value.as_str()?.is_empty().then(|| format!("{place}: it is empty")),
        "description" => None,
        other => panic!("{place}: what is {other}?"),
    })
}

/// One operation of the description, ready to be called.
struct Operation {
    id: String,
    method: String,
    path: String,
    /// The examples of its query parameters.
    query: Vec<(String, Value)>,
    /// The JSON bodies that it takes, each with an example and the same as a form; none if it takes no body.
    bodies: Vec<Body>,
    responses: Value,
}

struct Body {
    schema: Value,
    example: Value,
    /// Absent if the operation takes no form.
    form: Option<Value>,
}

/// The example of a parameter.
fn example<'d>(operation: &str, parameter: &'d Value) -> &'d Value {
    assert!(!parameter["example"].is_null(), "{operation}: what may {} be?", parameter["name"]);
    &parameter["example"]
}

/// The bodies that an operation takes: more than one if it stands for several.
fn bodies(id: &str, content: &Value) -> Vec<Body> {
    let [json, form] = ["application/json", "application/x-www-form-urlencoded"].map(|kind| &content[kind]);
    let schemas = match &json["schema"] {
        Value::Null => return Vec::new(),
        schema if schema["properties"].is_null() => schema["anyOf"].as_array().unwrap().clone(),
        schema => vec![schema.clone()],
    };
    let examples = json["examples"].as_object().unwrap_or_else(|| panic!("{id} has no example of its body"));
    assert_eq!(examples.len(), schemas.len(), "{id}");
    let form = |name: &str| form.get("examples").map(|examples| examples[name]["value"].clone());
    let example = |(schema, (name, example)): (Value, (&String, &Value))| Body {
        schema,
        example: example["value"].clone(),
        form: form(name),
    };
    schemas.into_iter().zip(examples).map(example).collect()
}

fn operations(root: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in root["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            let parameters = |place: &'static str| {
                operation["parameters"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(move |parameter| parameter["in"] == place)
            };
            let path = parameters("path").fold(path.clone(), |path, parameter| {
                let name = parameter["name"].as_str().unwrap();
                path.replace(&format!("{{{name}}}"), example(id, parameter).as_str().unwrap())
            });
            let query = parameters("query").map(|parameter| {
                let value = example(id, parameter);
                assert_eq!(fault(root, &parameter["schema"], value, id), None);
                (parameter["name"].as_str().unwrap().to_owned(), value.clone())
            });
            found.push(Operation {
                id: id.to_owned(),
                method: method.to_uppercase(),
                path,
                query: query.collect(),
                bodies: bodies(id, &operation["requestBody"]["content"]),
                responses: operation["responses"].clone(),
            });
        }
    }
    found
}

/// The key of the object in a body that holds the parameters, and the schema of that object; else that of the body.
fn unwrapped(schema: &Value) -> (Option<&str>, &Value) {
    let inner = schema["properties"].as_object().into_iter().flatten().find(|(_, inner)| inner["required"].is_array());
    inner.map_or((None, schema), |(key, inner)| (Some(key), inner))
}

/// The parameters as the body holds them.
fn wrapped(key: Option<&str>, parameters: Map<String, Value>) -> Value {
    match key {
        Some(key) => json!({ key: parameters }),
        None => Value::Object(parameters),
    }
}

/// The body as `curl -d` sends it.
fn encoded(form: &Value) -> String {
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form.as_object().unwrap() {
        encoded.append_pair(name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    encoded.finish()
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
    assert_eq!(
        operations.len(),
        c66::testing::cloud66_operations().len() - 1 + 2,
        "two share a route, and two have another one"
    );
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
        if operation.bodies.is_empty() {
            assert_described(&root, operation, &Sandbox::fast().call(&operation.method, &operation.path, ""), 200);
        }
        for body in &operation.bodies {
            assert_eq!(fault(&root, &body.schema, &body.example, &operation.id), None);
            let reply = Sandbox::fast().call_json(&operation.method, &operation.path, &body.example);
            assert_described(&root, operation, &reply, 200);
            if let Some(form) = &body.form {
                let reply = Sandbox::fast().call(&operation.method, &operation.path, &encoded(form));
                assert_described(&root, operation, &reply, 200);
            }
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
        let [body] = operation.bodies.as_slice() else { continue };
        let (key, schema) = unwrapped(&body.schema);
        let whole = key.map_or(&body.example, |key| &body.example[key]).as_object().unwrap().clone();
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
    assert_eq!(missed.len(), 37, "{missed:?}");
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
