//! Generates an `OpenAPI` 3.1 description of the documented API from the endpoint table and the documented examples.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::cloud66::endpoints::{ALL, ROOT};
use crate::http::endpoint::{Endpoint, Param, ParamIn, ParamType, ReplyShape};

/// The documented error statuses and their meaning.
const ERRORS: [(&str, &str); 7] = [
    ("400", "bad_request: a parameter is missing or invalid"),
    ("401", "unauthenticated: no token, or an invalid one"),
    ("402", "trial_expired"),
    ("403", "forbidden: the token lacks the scope that the operation needs"),
    ("404", "not_found"),
    ("409", "conflict: another operation is running"),
    ("503", "throttled or not_implemented; see `error`"),
];

/// Fields whose keys are names, or depend on another field: the operations, the field, and the type of its values if
/// they have one.
const FREE_FORM: [(&str, &str, ParamType); 2] =
    [("processes_", "servers", ParamType::Integer), ("jobs_", "params", ParamType::JsonObject)];

/// Fields that are sent only on request, and missing in the example: the parameter, and the names of the field. The
/// documentation uses the first name of a private key, the official client the second.
const ON_REQUEST: [(&str, &[&str]); 2] =
    [("include_private_key", &["private_key", "ssh_private_key"]), ("show_password", &["password"])];

/// The description; `examples` has the documented reply of each operation by its id.
pub(crate) fn describe(examples: &BTreeMap<String, Value>) -> Value {
    let mut paths = Map::new();
    for endpoint in ALL {
        let path =
            paths.entry(endpoint.path).or_insert_with(|| json!({ "parameters": path_parameters(endpoint.path) }));
        let method = endpoint.method.as_str().to_lowercase();
        let described = operation(endpoint, examples.get(endpoint.id));
        // Two operations share a route; the description has room for one, which then says what the other takes.
        match path.get_mut(&method) {
            Some(first) => merge(first, &described),
            None => path[&method] = described,
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Cloud 66 API",
            "version": "3",
            "description": "The operations of the API, each with its source: a year of the documentation, its newest version, or the \
                official client. Paths may end in `.json`.",
        },
        "servers": [{ "url": format!("https://app.cloud66.com{ROOT}") }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": {
                "Error": {
                    "type": "object",
                    "properties": {
                        "error": { "type": "string" },
                        "error_description": { "type": "string" },
                        "details": { "type": "string" },
                    },
                    "required": ["error"],
                },
            },
        },
    })
}

fn operation(endpoint: &Endpoint, example: Option<&Value>) -> Value {
    let group = endpoint.id.rsplit_once('_').map_or(endpoint.id, |(group, _)| group);
    let mut described = json!({
        "operationId": endpoint.id,
        "summary": endpoint.summary,
        "description": format!("Needs the scope `{}`. Source: {}.", endpoint.scope, super::endpoints::source(endpoint.source)),
        "tags": [group],
        "responses": responses(endpoint, example),
    });
    let mut parameters: Vec<Value> =
        endpoint.params.iter().filter(|param| param.param_in == ParamIn::Query).map(query_parameter).collect();
    if endpoint.reply == ReplyShape::List {
        parameters.push(json!({
            "name": "page", "in": "query", "schema": { "type": "integer", "minimum": 1 },
            "description": "Number of the page, from 1",
        }));
    }
    if !parameters.is_empty() {
        described["parameters"] = Value::from(parameters);
    }
    let body: Vec<&Param> = endpoint.params.iter().filter(|param| param.param_in == ParamIn::Body).collect();
    if !body.is_empty() {
        let schema = body_schema(&body);
        described["requestBody"] = match endpoint.wrapper {
            Some(wrapper) => json!({
                "required": true,
                "content": { "application/json": { "schema": {
                    "type": "object", "properties": { wrapper: schema }, "required": [wrapper],
                } } },
            }),
            None => json!({
                "required": body.iter().any(|param| param.required),
                "content": {
                    "application/json": { "schema": schema },
                    "application/x-www-form-urlencoded": { "schema": schema },
                },
            }),
        };
    }
    described
}

fn responses(endpoint: &Endpoint, example: Option<&Value>) -> Value {
    let mut responses = Map::new();
    let mut good = json!({ "description": "ok" });
    if let Some(example) = example {
        good["content"] =
            json!({ "application/json": { "schema": reply_schema(endpoint, example), "example": example } });
    }
    responses.insert("200".to_owned(), good);
    for (status, description) in ERRORS {
        responses.insert(
            status.to_owned(),
            json!({
                "description": description,
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
            }),
        );
    }
    Value::Object(responses)
}

fn reply_schema(endpoint: &Endpoint, example: &Value) -> Value {
    let mut schema = schema_of(example);
    // Fields missing in an example may exist in other replies; only the envelope is certain.
    schema["required"] = json!(["response"]);
    if endpoint.reply == ReplyShape::Action {
        for name in ["finished_at", "finished_success", "finished_message"] {
            schema["properties"]["response"]["properties"][name] = match name {
                "finished_success" => json!({ "type": ["boolean", "null"] }),
                _ => json!({ "type": ["string", "null"] }),
            };
        }
    }
    for (group, field, described) in FREE_FORM {
        if !endpoint.id.starts_with(group) {
            continue;
        }
        let response = &mut schema["properties"]["response"];
        let item = if response["items"].is_object() { &mut response["items"] } else { response };
        if item["properties"].get(field).is_some() {
            item["properties"][field] = match described {
                ParamType::Integer => json!({ "type": "object", "additionalProperties": { "type": "integer" } }),
                _ => json!({ "type": "object" }),
            };
        }
    }
    for (param, fields) in ON_REQUEST {
        if endpoint.param(param).is_none() {
            continue;
        }
        let response = &mut schema["properties"]["response"];
        let item = if response["items"].is_object() { &mut response["items"] } else { response };
        for field in fields {
            item["properties"][*field] = json!({ "type": ["string", "null"] });
        }
    }
    schema
}

/// The schema of an example. A null only says that the value may be missing.
fn schema_of(value: &Value) -> Value {
    match value {
        Value::Null => json!({}),
        Value::Bool(_) => json!({ "type": ["boolean", "null"] }),
        Value::Number(number) if number.is_f64() => json!({ "type": ["number", "null"] }),
        Value::Number(_) => json!({ "type": ["integer", "null"] }),
        Value::String(_) => json!({ "type": ["string", "null"] }),
        Value::Array(items) => match items.iter().map(schema_of).reduce(|a, b| widened(&a, &b)) {
            Some(schema) => json!({ "type": "array", "items": schema }),
            None => json!({ "type": "array" }),
        },
        Value::Object(map) => {
            let properties: Map<String, Value> =
                map.iter().map(|(key, value)| (key.clone(), schema_of(value))).collect();
            json!({ "type": "object", "properties": properties })
        }
    }
}

/// A schema that accepts either of two.
fn widened(a: &Value, b: &Value) -> Value {
    if a == b {
        return a.clone();
    }
    match (a.get("properties").and_then(Value::as_object), b.get("properties").and_then(Value::as_object)) {
        (Some(left), Some(right)) => {
            let mut properties = left.clone();
            for (key, schema) in right {
                let both = properties.get(key).map_or_else(|| schema.clone(), |known| widened(known, schema));
                properties.insert(key.clone(), both);
            }
            json!({ "type": "object", "properties": properties })
        }
        _ if a.get("type") == Some(&Value::from("array")) && a.get("type") == b.get("type") => {
            match (a.get("items"), b.get("items")) {
                (Some(left), Some(right)) => json!({ "type": "array", "items": widened(left, right) }),
                (items, other) => items
                    .or(other)
                    .map_or_else(|| json!({ "type": "array" }), |items| json!({ "type": "array", "items": items })),
            }
        }
        _ => json!({}),
    }
}

fn path_parameters(path: &str) -> Vec<Value> {
    let parts = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    parts.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })).collect()
}

fn query_parameter(param: &Param) -> Value {
    json!({ "name": param.name, "in": "query", "required": param.required, "schema": param_schema(param) })
}

fn body_schema(params: &[&Param]) -> Value {
    let properties: Map<String, Value> =
        params.iter().map(|param| (param.name.to_owned(), param_schema(param))).collect();
    let required: Vec<&str> = params.iter().filter(|param| param.required).map(|param| param.name).collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = Value::from(required);
    }
    schema
}

fn param_schema(param: &Param) -> Value {
    let whole: Vec<i64> = param.values.iter().filter_map(|value| value.parse().ok()).collect();
    match param.kind {
        ParamType::Integer if !whole.is_empty() => json!({ "type": "integer", "enum": whole }),
        ParamType::Integer => json!({ "type": "integer" }),
        ParamType::Boolean => json!({ "type": "boolean" }),
        ParamType::Text if !param.values.is_empty() => json!({ "type": "string", "enum": param.values }),
        ParamType::Text => json!({ "type": "string" }),
        ParamType::CommaList => {
            json!({ "type": "string", "description": described("Words, separated by commas", param) })
        }
        ParamType::BracketList => {
            json!({ "type": "string", "description": described("Words in square brackets, separated by commas", param) })
        }
        ParamType::JsonObject => {
            json!({ "type": ["object", "string"], "description": "A JSON object, as such or as text" })
        }
        ParamType::JsonArray => {
            json!({ "type": ["array", "string"], "description": "A JSON array, as such or as text" })
        }
        ParamType::Cron => json!({ "type": "string", "description": "A schedule in five cron fields" }),
    }
}

fn described(what: &str, param: &Param) -> String {
    if param.values.is_empty() { what.to_owned() } else { format!("{what}: {}", param.values.join(", ")) }
}

/// Lets the description of one operation stand for a second one on the same route.
fn merge(first: &mut Value, second: &Value) {
    let summary = format!("{}; or: {}", text(&first["summary"]), text(&second["summary"]));
    first["summary"] = Value::from(summary);
    for kind in ["application/json", "application/x-www-form-urlencoded"] {
        let other = second["requestBody"]["content"][kind]["schema"].clone();
        let schema = &mut first["requestBody"]["content"][kind]["schema"];
        *schema = json!({ "anyOf": [schema.take(), other] });
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
