//! Many environment variables in one call, which the documents do not have and the official client makes.
//!
//! What is sent is known from that client, and read here from its words alone: the name of the format, and the file's
//! text. Nothing is shared with the code that sends it.

use serde_json::{Map, Value};

use super::environments::{put, refuse_readonly, start};
use super::reply::{ApiError, ApiResult};
use super::router::Call;
use super::{State, take_id};
use crate::cloud66::endpoints::APPLY_STRATEGIES;
use crate::http::endpoint::{Endpoint, Method, Param, ReplyShape, Type};

/// The operation: it adds and changes variables, and deletes none.
pub(in crate::sandbox) const ENVIRONMENTS_BULK: Endpoint = Endpoint {
    id: "environments_bulk",
    method: Method::Patch,
    path: "/stacks/{stack_id}/environments/bulk",
    scope: "admin",
    reply: ReplyShape::Action,
    params: &[
        Param::body("environments_format", Type::Text).required().one_of(&["dotenv", "json"]),
        Param::body("contents", Type::Text).required(),
        Param::body("apply_strategy", Type::Text).one_of(APPLY_STRATEGIES),
    ],
    summary: "Add and change environment variables from the text of a file",
};

/// `environments_bulk`: one action for all of them, or a error that leaves every one as it is.
pub(in crate::sandbox) fn environments_bulk(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call.path_param("stack_id"))?;
    let parameters = call.parameters()?;
    let contents = parameters.text("contents").unwrap_or_default();
    let variables = match parameters.text("environments_format").as_deref() {
        Some("json") => json(&contents)?,
        _ => dotenv(&contents)?,
    };
    if variables.is_empty() {
        return Err(ApiError::bad_request("The parameter `contents` has no environment variable."));
    }
    for (key, _) in &variables {
        refuse_readonly(stack, key)?;
    }
    for (key, value) in &variables {
        put(stack, ids, key, value, call.clock.now);
    }
    let values: Vec<&str> = variables.iter().map(|(_, value)| value.as_str()).collect();
    Ok(start(take_id(&mut ids.action), stack, "env-var-update", &values, call.clock))
}

type Variables = Vec<(String, String)>;

/// One object with a text, a number or a truth for each key.
fn json(contents: &str) -> Result<Variables, ApiError> {
    let object: Map<String, Value> = serde_json::from_str(contents)
        .map_err(|error| ApiError::bad_request(format!("The parameter `contents` is not a JSON object: {error}.")))?;
    let pair = |(key, value)| match value {
        Value::String(text) => Ok((key, text)),
        Value::Number(_) | Value::Bool(_) => Ok((key, value.to_string())),
        _ => Err(ApiError::bad_request(format!("The environment variable `{key}` must have a text."))),
    };
    object.into_iter().map(pair).collect()
}

/// The plainest form of a dotenv file: an assignment a line, its value in quotes of one kind or in none, and comments.
fn dotenv(contents: &str) -> Result<Variables, ApiError> {
    let lines = contents.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let assignments = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let pair = |(number, line): (usize, &str)| {
        let (key, value) = line.split_once('=').map(|(key, value)| (key.trim(), value.trim())).unwrap_or_default();
        if key.is_empty() {
            let fault = format!("Line {number} of the parameter `contents` is not KEY=VALUE.");
            return Err(ApiError::bad_request(fault));
        }
        let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
        Ok((key.to_owned(), quoted('"').or_else(|| quoted('\'')).unwrap_or(value).to_owned()))
    };
    assignments.map(pair).collect()
}
