//! The parameters and bodies of requests.

use serde_json::{Map, Value, json};

use super::{examples, types};
use crate::http::endpoint::{Endpoint, Param, ParamType};

pub(super) fn request_body(endpoint: &Endpoint, params: &[&Param]) -> Value {
    let (schema, form) = (body_schema(params, Encoding::Json), body_schema(params, Encoding::Form));
    let example = examples::body(endpoint.id);
    match endpoint.wrapper {
        Some(wrapper) => json!({
            "required": true,
            "content": { "application/json": {
                "schema": { "type": "object", "properties": { wrapper: schema }, "required": [wrapper] },
                "examples": named_example(endpoint, &json!({ wrapper: example })),
            } },
        }),
        None => json!({
            "required": params.iter().any(|param| param.required),
            "content": {
                "application/json": { "schema": schema, "examples": named_example(endpoint, &example) },
                "application/x-www-form-urlencoded": {
                    "schema": form, "examples": named_example(endpoint, &examples::as_form(&example, params)),
                },
            },
        }),
    }
}

/// An example with a name: a converter takes an example without one for an object that holds it, if its only field is
/// `value`.
fn named_example(endpoint: &Endpoint, example: &Value) -> Value {
    json!({ endpoint.id: { "value": example } })
}

/// The path parameters of an operation, each with a value that exists in the sandbox.
pub(super) fn path_parameters(endpoint: &Endpoint) -> Vec<Value> {
    let names = endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str| {
        let mut parameter = json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
        if let Some(example) = examples::param(endpoint.id, name) {
            parameter["example"] = example.into();
        }
        parameter
    };
    names.map(parameter).collect()
}

pub(super) fn query_parameter(endpoint: &Endpoint, param: &Param) -> Value {
    let schema = param_schema(param, Encoding::Form);
    let mut parameter = json!({ "name": param.name, "in": "query", "required": param.required, "schema": schema });
    if let Some(example) = examples::param(endpoint.id, param.name) {
        // A number or a boolean, as the schema says.
        let plain = serde_json::from_str(example).ok().filter(|_| !types(&parameter["schema"]).contains(&"string"));
        parameter["example"] = plain.unwrap_or_else(|| example.into());
    }
    parameter
}

/// How a parameter is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// In a query or a form: everything is text.
    Form,
    /// In a JSON body, where null counts as missing.
    Json,
}

fn body_schema(params: &[&Param], encoding: Encoding) -> Value {
    let properties: Map<String, Value> =
        params.iter().map(|param| (param.name.to_owned(), param_schema(param, encoding))).collect();
    let required: Vec<&str> = params.iter().filter(|param| param.required).map(|param| param.name).collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = Value::from(required);
    }
    schema
}

/// The schema of a parameter. A required text is not empty.
fn param_schema(param: &Param, encoding: Encoding) -> Value {
    let mut schema = kind_schema(param, encoding);
    let kinds = types(&schema);
    if param.required {
        if kinds.contains(&"string") && param.values.is_empty() && param.name != SETTING_VALUE {
            schema["minLength"] = 1.into();
        }
    } else if encoding == Encoding::Json {
        let kinds: Vec<&str> = kinds.into_iter().chain(["null"]).collect();
        schema["type"] = json!(kinds);
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            values.push(Value::Null);
        }
    }
    schema
}

/// The parameter that is the value of a setting or a variable: it may be empty, and of any type.
const SETTING_VALUE: &str = "value";

fn kind_schema(param: &Param, encoding: Encoding) -> Value {
    let whole: Vec<i64> = param.values.iter().filter_map(|value| value.parse().ok()).collect();
    match param.kind {
        ParamType::Integer if !whole.is_empty() => json!({ "type": "integer", "enum": whole }),
        ParamType::Integer => {
            let mut schema = json!({ "type": "integer" });
            for (word, limit) in [("minimum", param.range.0), ("maximum", param.range.1)] {
                if let Some(limit) = limit {
                    schema[word] = limit.into();
                }
            }
            schema
        }
        ParamType::Boolean => json!({ "type": "boolean" }),
        ParamType::Text if !param.values.is_empty() => json!({ "type": "string", "enum": param.values }),
        ParamType::Text if param.name == SETTING_VALUE => json!({ "type": ["string", "number", "boolean"] }),
        ParamType::Text => json!({ "type": "string" }),
        ParamType::CommaList | ParamType::BracketList => {
            let what = if param.kind == ParamType::CommaList { "Words" } else { "Words in square brackets" };
            let kinds = if encoding == Encoding::Json { json!(["string", "array"]) } else { json!("string") };
            let mut schema =
                json!({ "type": kinds, "description": described(&format!("{what}, separated by commas"), param) });
            if encoding == Encoding::Json {
                schema["items"] = json!({ "type": "string" });
            }
            schema
        }
        ParamType::JsonObject | ParamType::JsonArray if encoding == Encoding::Form => {
            json!({ "type": "string", "contentMediaType": "application/json", "description": "JSON text" })
        }
        ParamType::JsonObject => json!({ "type": "object" }),
        ParamType::JsonArray => json!({ "type": "array" }),
        ParamType::Cron => json!({ "type": "string", "description": "A schedule in five cron fields" }),
    }
}

fn described(what: &str, param: &Param) -> String {
    if param.values.is_empty() { what.to_owned() } else { format!("{what}: {}", param.values.join(", ")) }
}
