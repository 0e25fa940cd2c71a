//! Generates an `OpenAPI` 3.1 description of the documented API from the endpoint table and the documented examples.

mod examples;
mod requests;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use self::requests::{path_parameters, query_parameter, request_body};
use crate::cloud66::endpoints::{ALL, APPLICATION_VARIANTS_UPDATE, DEVICES_UPDATE, ROOT};
use crate::http::endpoint::{Endpoint, Param, ParamIn, ReplyShape};

/// The documented error statuses and their meaning.
const ERRORS: [(&str, &str); 7] = [
    ("400", "bad_request: a parameter is missing or invalid"),
    ("401", "unauthenticated: no token, or an invalid one"),
    ("402", "trial_expired"),
    ("403", "forbidden: the token lacks the scope that the operation needs"),
    ("404", "not_found: the path, or what a parameter names"),
    ("409", "conflict: with another operation, or with the state of the resource"),
    ("503", "throttled or not_implemented; see `error`"),
];

/// An address or range of IPv4.
const IPV4_RANGE: &str =
    "^((25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})\\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(/([12]?[0-9]|3[0-2]))?$";

/// Operations that some documents have at another route: its method and path.
const OTHER_ROUTES: [(&Endpoint, &str, &str); 2] = [
    (&DEVICES_UPDATE, "put", "/users/{user_id}/devices/{token}"),
    (&APPLICATION_VARIANTS_UPDATE, "put", "/stacks/{stack_id}/application_variants/{variant_uid}"),
];

/// No list has more pages.
const MAX_PAGE: u32 = 1_000_000;

/// What a field holds, if its example does not tell.
#[derive(Clone, Copy)]
enum Holds {
    /// An object with any keys, and whole numbers.
    Counts,
    /// Any object.
    AnyObject,
    /// A string, a number, a boolean or null.
    AnyScalar,
}

/// Such fields: the group of operations, and the field.
const FREE_FORM: [(&str, &str, Holds); 5] = [
    ("processes", "servers", Holds::Counts),
    ("jobs", "params", Holds::AnyObject),
    ("config_store", "metadata", Holds::AnyObject),
    ("settings", "value", Holds::AnyScalar),
    ("server_settings", "value", Holds::AnyScalar),
];

/// Fields that are sent only on request, and missing in the example: the parameter, and the names of the field. The
/// documentation uses the first name of a private key, the official client the second.
const ON_REQUEST: [(&str, &[&str]); 2] =
    [("include_private_key", &["private_key", "ssh_private_key"]), ("show_password", &["password"])];

/// The description; `examples` has the documented reply of each operation by its id.
pub(crate) fn describe(examples: &BTreeMap<String, Value>) -> Value {
    let mut paths = Map::new();
    let mut schemas: Map<String, Value> =
        models(examples).into_iter().map(|(name, model)| (name.to_owned(), model)).collect();
    schemas.insert(
        "Error".to_owned(),
        json!({
            "type": "object",
            "properties": {
                "error": { "type": "string" },
                "error_description": { "type": "string" },
                "details": { "type": "string" },
            },
            "required": ["error"],
        }),
    );
    schemas.insert(
        "Range".to_owned(),
        json!({
            "type": "string",
            "description": "An IP address, or a range of them",
            "anyOf": [{ "pattern": IPV4_RANGE }, { "format": "ipv6" }],
        }),
    );
    for endpoint in ALL {
        // Paths that differ in the names of their parameters only are one.
        let known = paths.keys().find(|path| without_names(path) == without_names(endpoint.path)).cloned();
        let path = known.unwrap_or_else(|| endpoint.path.to_owned());
        let method = endpoint.method.as_str().to_lowercase();
        let described = operation(endpoint, &path, examples.get(endpoint.id));
        let path = paths.entry(path).or_insert_with(|| json!({}));
        // Two operations share a route; the description has room for one, which then says what the other takes.
        match path.get_mut(&method) {
            Some(first) => merge(first, &described),
            None => path[&method] = described,
        }
    }
    for (endpoint, method, path) in OTHER_ROUTES {
        let mut described = operation(endpoint, path, examples.get(endpoint.id));
        described["operationId"] = Value::from(format!("{}_by_{method}", endpoint.id));
        paths[path][method] = described;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Cloud 66 API",
            "version": "3",
            "description": "The operations of the API, each with its source: a year of the documentation, its newest version, or the \
                official client. Paths may end in `.json`. A method that a path does not have is answered with 405.",
        },
        "servers": [{ "url": format!("https://app.cloud66.com{ROOT}") }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas,
        },
    })
}

/// The items of each group of operations: what is in any of their examples.
fn models(examples: &BTreeMap<String, Value>) -> BTreeMap<&'static str, Value> {
    let mut models = BTreeMap::new();
    for endpoint in ALL {
        let Some(response) = examples.get(endpoint.id).map(|example| &example["response"]) else { continue };
        let items = response.as_array().map_or_else(|| vec![response], |items| items.iter().collect());
        for item in items {
            let schema = schema_of(item);
            let model = models.entry(model_of(endpoint)).or_insert_with(|| schema.clone());
            *model = widened(model, &schema);
        }
    }
    for endpoint in ALL {
        let Some(model) = models.get_mut(model_of(endpoint)) else { continue };
        for (_, fields) in ON_REQUEST.iter().filter(|(param, _)| endpoint.param(param).is_some()) {
            for field in *fields {
                model["properties"][*field] = json!({ "type": ["string", "null"] });
            }
        }
    }
    for (group, field, holds) in FREE_FORM {
        if let Some(described) = models.get_mut(group).and_then(|model| model["properties"].get_mut(field)) {
            *described = match holds {
                Holds::Counts => json!({ "type": "object", "additionalProperties": { "type": "integer" } }),
                Holds::AnyObject => json!({ "type": "object" }),
                Holds::AnyScalar => json!({ "type": ["string", "number", "boolean", "null"] }),
            };
        }
    }
    models.into_iter().map(|(name, model)| (name, known(&model))).collect()
}

/// The group of operations whose replies have the same items.
fn model_of(endpoint: &Endpoint) -> &'static str {
    match endpoint.reply {
        ReplyShape::Action => "stack_actions",
        ReplyShape::Acknowledgement => "acknowledgement",
        _ => group(endpoint),
    }
}

/// The noun of an operation.
fn group(endpoint: &Endpoint) -> &'static str {
    endpoint.id.rsplit_once('_').map_or(endpoint.id, |(group, _)| group)
}

/// The path with `{}` for each parameter.
fn without_names(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect::<Vec<_>>().join("/")
}

fn operation(endpoint: &Endpoint, path: &str, example: Option<&Value>) -> Value {
    let group = group(endpoint);
    let mut described = json!({
        "operationId": endpoint.id,
        "summary": endpoint.summary,
        "description": format!("Needs the scope `{}`. Source: {}.", endpoint.scope, super::endpoints::source(endpoint.source)),
        "tags": [group],
        "responses": responses(endpoint, example),
    });
    let mut parameters = path_parameters(endpoint, path);
    let query = endpoint.params.iter().filter(|param| param.param_in == ParamIn::Query);
    parameters.extend(query.map(|param| query_parameter(endpoint, param)));
    if endpoint.reply == ReplyShape::List {
        parameters.push(json!({
            "name": "page", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": MAX_PAGE },
            "description": "Number of the page, from 1", "example": 1,
        }));
    }
    if !parameters.is_empty() {
        described["parameters"] = Value::from(parameters);
    }
    let in_path = |name: &str| path.contains(&format!("{{{name}}}"));
    let is_in_body = |param: &&Param| param.param_in == ParamIn::Body && !in_path(param.name);
    let body: Vec<&Param> = endpoint.params.iter().filter(is_in_body).collect();
    if !body.is_empty() {
        described["requestBody"] = request_body(endpoint, &body);
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
    let item = json!({ "$ref": format!("#/components/schemas/{}", model_of(endpoint)) });
    let mut schema = known(&schema_of(example));
    schema["properties"]["response"] =
        if example["response"].is_array() { json!({ "type": "array", "items": item }) } else { item };
    // Fields missing in an example may exist in other replies; only the envelope is certain.
    schema["required"] = json!(["response"]);
    schema
}

/// The schema of an example, whose values may be missing.
fn schema_of(value: &Value) -> Value {
    let scalar = |kind: &str| json!({ "type": [kind, "null"] });
    match value {
        Value::Null => json!({ "type": "null" }),
        Value::Bool(_) => scalar("boolean"),
        Value::Number(number) if number.is_f64() => scalar("number"),
        Value::Number(_) => scalar("integer"),
        Value::String(_) => scalar("string"),
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

/// The types of a schema, in their order.
const TYPES: [&str; 7] = ["object", "array", "string", "integer", "number", "boolean", "null"];

/// The types of a schema.
fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

/// A schema that accepts what either of two accepts.
fn widened(a: &Value, b: &Value) -> Value {
    let (left, right) = (types(a), types(b));
    let has = |kind: &str| left.contains(&kind) || right.contains(&kind);
    let kinds: Vec<&str> =
        TYPES.into_iter().filter(|kind| has(kind) && !(*kind == "integer" && has("number"))).collect();
    let mut schema = json!({ "type": if let [one] = kinds.as_slice() { json!(one) } else { json!(kinds) } });
    if let Some(items) = either(a.get("items"), b.get("items")) {
        schema["items"] = items;
    }
    let [left, right] = [a, b].map(|schema| schema.get("properties").and_then(Value::as_object));
    if left.is_some() || right.is_some() {
        let mut properties = left.cloned().unwrap_or_default();
        for (key, schema) in right.into_iter().flatten() {
            let both = properties.get(key).map_or_else(|| schema.clone(), |known| widened(known, schema));
            properties.insert(key.clone(), both);
        }
        schema["properties"] = Value::Object(properties);
    }
    schema
}

fn either(a: Option<&Value>, b: Option<&Value>) -> Option<Value> {
    match (a, b) {
        (Some(left), Some(right)) => Some(widened(left, right)),
        (one, other) => one.or(other).cloned(),
    }
}

/// The same schema without what only a null says: that a value may be missing.
fn known(schema: &Value) -> Value {
    if types(schema) == ["null"] {
        return json!({});
    }
    let mut schema = schema.clone();
    if let Some(items) = schema.get_mut("items") {
        *items = known(items);
    }
    for property in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        *property = known(property);
    }
    schema
}

/// Lets the description of one operation stand for a second one on the same route.
fn merge(first: &mut Value, second: &Value) {
    let summary = format!("{}; or: {}", text(&first["summary"]), text(&second["summary"]));
    first["summary"] = Value::from(summary);
    let contents = first["requestBody"]["content"].as_object_mut().into_iter().flatten();
    for (kind, content) in contents {
        let mut other = second["requestBody"]["content"][kind].clone();
        content["schema"] = json!({ "anyOf": [content["schema"].take(), other["schema"].take()] });
        let more = other["examples"].as_object_mut().map(std::mem::take).unwrap_or_default();
        content["examples"].as_object_mut().into_iter().for_each(|examples| examples.extend(more.clone()));
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
