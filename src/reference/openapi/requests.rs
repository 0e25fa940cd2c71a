//! The parameters and bodies of requests.

use serde_json::{Map, Value, json};

use super::{examples, types};
use crate::cloud66::endpoints::ALERT_CHANNELS;
use crate::http::endpoint::{Endpoint, Param, ParamIn, ParamType};

/// What the table does not say of the bodies of operations: which fields go together, and forms of texts. It is added to
/// their schemas.
const RULES: &str = include_str!("body_rules.json");

pub(super) fn request_body(endpoint: &Endpoint, params: &[&Param]) -> Value {
    let rules: Map<String, Value> = serde_json::from_str(RULES).unwrap_or_default();
    let schema = |encoding| {
        let mut schema = body_schema(params, encoding);
        if let Some(rules) = rules.get(endpoint.id) {
            add(&mut schema, rules);
        }
        schema
    };
    let mut example = examples::body(endpoint.id);
    if let Some(fields) = example.as_object_mut() {
        fields.retain(|name, _| params.iter().any(|param| param.name == name));
    }
    if let Some(wrapper) = endpoint.wrapper {
        return json!({
            "required": true,
            "content": { "application/json": {
                "schema": { "type": "object", "properties": { wrapper: schema(Encoding::Json) }, "required": [wrapper] },
                "examples": named_example(endpoint, &json!({ wrapper: example })),
            } },
        });
    }
    let mut body = json!({
        // Rules say which of the optional fields there must be.
        "required": params.iter().any(|param| param.required) || is_choice(&schema(Encoding::Json)),
        "content": { "application/json": {
            "schema": schema(Encoding::Json), "examples": named_example(endpoint, &example),
        } },
    });
    // A form has objects and arrays as JSON text, which a schema cannot describe.
    if !params.iter().any(|param| matches!(param.kind, ParamType::JsonObject | ParamType::JsonArray)) {
        body["content"]["application/x-www-form-urlencoded"] = json!({
            "schema": schema(Encoding::Form), "examples": named_example(endpoint, &examples::as_form(&example)),
        });
    }
    body
}

/// Whether a body must have some of its fields.
fn is_choice(schema: &Value) -> bool {
    ["anyOf", "allOf"].iter().any(|word| schema.get(word).is_some())
}

/// Adds the keywords of `rules` to a schema.
fn add(schema: &mut Value, rules: &Value) {
    match (schema, rules) {
        (Value::Object(schema), Value::Object(rules)) => {
            for (key, rule) in rules {
                add(schema.entry(key.clone()).or_insert(Value::Null), rule);
            }
        }
        (schema, rule) => schema.clone_from(rule),
    }
}

/// An example with a name: a converter takes an example without one for an object that holds it, if its only field is
/// `value`.
fn named_example(endpoint: &Endpoint, example: &Value) -> Value {
    json!({ endpoint.id: { "value": example } })
}

/// The path parameters of an operation, each with a value that exists in the sandbox.
pub(super) fn path_parameters(endpoint: &Endpoint, path: &str) -> Vec<Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
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

/// The schema of a parameter. A required text is not empty; of others, an empty text in a form and null in JSON count as
/// missing.
fn param_schema(param: &Param, encoding: Encoding) -> Value {
    let mut schema = kind_schema(param, encoding);
    let kinds = types(&schema);
    let is_free_text = kinds.contains(&"string") && param.values.is_empty();
    if param.required {
        if is_free_text && param.name != SETTING_VALUE {
            schema["minLength"] = 1.into();
        }
    } else if encoding == Encoding::Json {
        let kinds: Vec<&str> = kinds.into_iter().chain(["null"]).collect();
        schema["type"] = json!(kinds);
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            values.push(Value::Null);
            if param.kind == ParamType::Text {
                values.push("".into());
            }
        }
    } else if param.param_in == ParamIn::Body && !is_free_text {
        return json!({ "anyOf": [schema, { "enum": [""] }] });
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
            let (minimum, maximum) = param.limits();
            json!({ "type": "integer", "minimum": minimum, "maximum": maximum })
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
            if !param.values.is_empty() {
                let words = param.values.join("|");
                let list = format!("^\\[?({words})(, ?({words}))*\\]?$");
                schema["pattern"] = if param.required { list } else { format!("^$|{list}") }.into();
                if encoding == Encoding::Json {
                    schema["items"]["enum"] = json!(param.values);
                }
            }
            schema
        }
        ParamType::JsonObject => json!({ "type": "object" }),
        ParamType::JsonArray => json!({ "type": "array", "items": item_schema(param.name) }),
        ParamType::Cron => {
            let pattern = if param.required { schedule_pattern() } else { format!("^$|{}", schedule_pattern()) };
            json!({ "type": "string", "pattern": pattern, "description": "A schedule in five cron fields, in the usual forms" })
        }
    }
}

/// The usual forms of a schedule: each field is `*`, or numbers and ranges with commas between them, perhaps with a step.
fn schedule_pattern() -> String {
    // What one of each field is, its ranges, and its steps.
    let fields = [
        ("[1-5]?[0-9]", "[0-9]-[1-5][0-9]", "[1-9]|1[05]|[23]0"),
        ("1?[0-9]|2[0-3]", "[0-9]-(1[0-9]|2[0-3])", "[1-9]|12"),
        ("[1-9]|[12][0-9]|3[01]", "[1-9]-([12][0-9]|3[01])", "[1-9]"),
        ("[1-9]|1[0-2]", "[1-9]-1[0-2]", "[1-6]"),
        ("[0-7]", "[0-3]-[4-7]", "[1-3]"),
    ];
    let fields = fields.map(|(one, range, step)| {
        let item = format!("({one}|{range})(/({step}))?");
        format!("(\\*(/({step}))?|{item}(,{item})*)")
    });
    format!("^{}$", fields.join(" "))
}

/// What an array holds: by its name, since the table does not say.
fn item_schema(name: &str) -> Value {
    let tag = json!({ "type": "string", "minLength": 1 });
    let without_url: Vec<&str> =
        ALERT_CHANNELS.iter().copied().filter(|channel| !["slack", "webhook"].contains(channel)).collect();
    match name {
        "tags" => tag,
        "operations" => json!({
            "type": "object",
            "properties": {
                "op": { "type": "string", "enum": ["add", "delete"] }, "tags": { "type": ["array", "null"], "items": tag },
            },
            "required": ["op", "tags"],
        }),
        "alerts" => json!({
            "type": "object",
            "properties": {
                "alert_name": { "type": "string", "minLength": 1 },
                "subscriptions": { "type": ["array", "null"], "items": {
                    "type": "object",
                    "properties": {
                        "channel": { "type": "string", "enum": ALERT_CHANNELS },
                        "slack_url": { "type": ["string", "null"] },
                        "webhook_url": { "type": ["string", "null"] },
                    },
                    "required": ["channel"],
                    "anyOf": [
                        { "properties": { "channel": { "enum": without_url } } },
                        { "properties": { "channel": { "enum": ["slack"] } }, "required": ["slack_url"] },
                        { "properties": { "channel": { "enum": ["webhook"] } }, "required": ["webhook_url"] },
                    ],
                } },
            },
            "required": ["alert_name"],
        }),
        // UIDs.
        _ => json!({ "type": "string" }),
    }
}

fn described(what: &str, param: &Param) -> String {
    if param.values.is_empty() { what.to_owned() } else { format!("{what}: {}", param.values.join(", ")) }
}
