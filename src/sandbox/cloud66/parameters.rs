//! Parameters of a call, from the query, a form or JSON, with any method.

use serde_json::{Map, Value};

use super::reply::{ApiError, MAX_PAGE, MAX_PER_PAGE, PER_PAGE, PageWanted};
use super::{cron, multipart};
use crate::http::endpoint::{Param, ParamIn, ParamType};

/// The checked parameters of a call.
#[derive(Debug)]
pub(super) struct Parameters {
    /// In their order; of duplicates the last one counts.
    values: Vec<(String, Value)>,
}

impl Parameters {
    /// Parses the parameters of a call, and checks those of `params`.
    pub(super) fn read<'p>(
        query: &str,
        content_type: &str,
        body: &[u8],
        params: impl IntoIterator<Item = &'p Param>,
    ) -> Result<Self, ApiError> {
        Self::read_wrapped(query, content_type, body, params, None)
    }

    /// The same; with a `wrapper`, the body has them in the object of that key.
    pub(super) fn read_wrapped<'p>(
        query: &str,
        content_type: &str,
        body: &[u8],
        params: impl IntoIterator<Item = &'p Param>,
        wrapper: Option<&str>,
    ) -> Result<Self, ApiError> {
        let mut values = form(query.as_bytes());
        let in_body = fields(content_type, body)?;
        values.extend(match wrapper {
            Some(key) => unwrapped(key, in_body)?,
            None => in_body,
        });
        let parameters = Self { values };
        for param in params {
            parameters.check(param)?;
        }
        Ok(parameters)
    }

    /// The string value of a parameter; an empty one counts as missing.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.value(name).and_then(as_text).filter(|text| !text.is_empty())
    }

    /// The integer value of a parameter.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// Whether the parameter is present and not null.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| *value != Value::Null)
    }

    /// Whether the parameter is present, even as null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The items of a list: comma-separated, in brackets or not, or an array.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        self.value(name).map(list_items).unwrap_or_default()
    }

    /// The object value of a parameter, or the object in its string.
    pub(super) fn object(&self, name: &str) -> Option<Map<String, Value>> {
        self.value(name).and_then(object)
    }

    /// The array value of a parameter, or the array in its string.
    pub(super) fn array(&self, name: &str) -> Vec<Value> {
        self.value(name).and_then(array).unwrap_or_default()
    }

    /// The requested page of a list.
    pub(super) fn page(&self) -> Result<PageWanted, ApiError> {
        // Unlike other empty parameters, this one does not count as missing: it is not a number.
        let given = |name: &str| self.value(name).map(|value| as_text(value).unwrap_or_default());
        let number = |name: &str, default: usize, limit: usize| match given(name) {
            None => Ok(default),
            Some(text) => text.parse().ok().filter(|number| (1..=limit).contains(number)).ok_or_else(|| {
                ApiError::bad_request(format!(
                    "The parameter `{name}` must be a number from 1 to {limit}, not `{text}`."
                ))
            }),
        };
        Ok(PageWanted { number: number("page", 1, MAX_PAGE)?, size: number("per_page", PER_PAGE, MAX_PER_PAGE)? })
    }

    /// The names of the parameters of the call.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|(name, _)| name.as_str())
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().rfind(|(given, _)| given == name).map(|(_, value)| value)
    }

    fn check(&self, param: &Param) -> Result<(), ApiError> {
        let name = param.name;
        let refuse = |fault: String| Err(ApiError::bad_request(format!("The parameter `{name}` {fault}.")));
        let value = match self.value(name) {
            None | Some(Value::Null) if param.required => return refuse("is missing".into()),
            None | Some(Value::Null) => return Ok(()),
            Some(value) => value,
        };
        let text = match (value, param.kind) {
            (Value::Array(items), ParamType::CommaList | ParamType::BracketList)
                if items.iter().all(Value::is_string) =>
            {
                Some(list_items(value).join(","))
            }
            // A setting may have any value.
            (Value::Bool(_) | Value::Number(_), ParamType::Text | ParamType::CommaList | ParamType::BracketList)
                if name != "value" =>
            {
                None
            }
            (Value::Object(_), ParamType::JsonObject) | (Value::Array(_), ParamType::JsonArray) => return Ok(()),
            _ => as_text(value),
        };
        let Some(text) = text else { return refuse("has a value of the wrong type".into()) };
        if text.is_empty() {
            // A setting may be empty.
            let may_be_empty = param.name == "value";
            if param.required && !may_be_empty {
                return refuse("must not be empty".into());
            }
            // A filter that is none would show more than was asked for.
            let is_filter =
                param.param_in == ParamIn::Query && (param.kind != ParamType::Text || !param.values.is_empty());
            if !is_filter {
                return Ok(());
            }
        }
        match param.kind {
            ParamType::Integer => match text.parse::<i64>() {
                Err(_) => refuse(format!("must be a whole number, not `{text}`")),
                Ok(number) => match out_of_range(number, param) {
                    Some(range) => refuse(format!("must be {range}, not {number}")),
                    None if !param.values.is_empty() && !param.values.contains(&text.as_str()) => {
                        refuse(format!("must be one of {}, not `{text}`", param.values.join(", ")))
                    }
                    None => Ok(()),
                },
            },
            ParamType::Boolean if !["true", "false"].contains(&text.as_str()) => {
                refuse(format!("must be true or false, not `{text}`"))
            }
            ParamType::JsonObject if object(value).is_none() => refuse(format!("must be a JSON object, not `{text}`")),
            ParamType::JsonArray if array(value).is_none() => refuse(format!("must be a JSON array, not `{text}`")),
            ParamType::Cron if cron::parse(&text).is_none() => {
                refuse(format!("must have five cron fields, such as `0 */1 * * *`, not `{text}`"))
            }
            ParamType::CommaList | ParamType::BracketList if !param.values.is_empty() => {
                match list_items(value).into_iter().find(|word| !param.values.contains(&word.as_str())) {
                    Some(word) => refuse(format!("must be some of {}, not `{word}`", param.values.join(", "))),
                    None => Ok(()),
                }
            }
            _ if !param.values.is_empty() && !param.values.contains(&text.as_str()) => {
                refuse(format!("must be one of {}, not `{text}`", param.values.join(", ")))
            }
            _ => Ok(()),
        }
    }
}

/// The allowed numbers in words, if `number` is none of them.
fn out_of_range(number: i64, param: &Param) -> Option<String> {
    let (minimum, maximum) = param.limits();
    match param.range {
        _ if (minimum..=maximum).contains(&number) => None,
        (Some(minimum), None) if number < minimum => Some(format!("at least {minimum}")),
        _ => Some(format!("from {minimum} to {maximum}")),
    }
}

/// The fields of a body, which is JSON or a form.
fn fields(content_type: &str, body: &[u8]) -> Result<Vec<(String, Value)>, ApiError> {
    if multipart::is_form(content_type) && !body.is_empty() {
        let fields = multipart::fields(content_type, body)
            .ok_or_else(|| ApiError::bad_request("The body is not a valid multipart form."))?;
        return Ok(fields.into_iter().map(|(name, value)| (name, Value::from(value))).collect());
    }
    let text = body.trim_ascii();
    if !content_type.contains("json") || text.is_empty() {
        // Its fields would be one unknown parameter.
        if text.starts_with(b"{") || text.starts_with(b"[") {
            return Err(ApiError::bad_request(
                "The body looks like JSON, but is sent as a form: set the header `Content-Type: application/json`.",
            ));
        }
        return Ok(form(body));
    }
    let object: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|error| ApiError::bad_request(format!("The body is not a JSON object: {error}.")))?;
    Ok(object.into_iter().collect())
}

/// The fields of the object that the body has under `key`.
fn unwrapped(key: &str, fields: Vec<(String, Value)>) -> Result<Vec<(String, Value)>, ApiError> {
    match fields.into_iter().find(|(name, _)| name == key) {
        Some((_, Value::Object(object))) => Ok(object.into_iter().collect()),
        Some(_) => Err(ApiError::bad_request(format!("The parameter `{key}` must be a JSON object."))),
        None => Err(ApiError::bad_request(format!("The parameter `{key}` is missing."))),
    }
}

fn form(text: &[u8]) -> Vec<(String, Value)> {
    form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))).collect()
}

fn list_items(value: &Value) -> Vec<String> {
    let text = match value {
        Value::Array(items) => items.iter().filter_map(as_text).collect::<Vec<_>>().join(","),
        value => as_text(value).unwrap_or_default(),
    };
    let text = text.trim().trim_start_matches('[').trim_end_matches(']');
    let words = text.split(',').map(|word| word.trim().trim_matches(['"', '\'']));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// An object, or one in a string; the documentation uses single quotes.
fn object(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(object) => Some(object.clone()),
        Value::String(text) if !text.is_empty() => {
            serde_json::from_str(text).or_else(|_| serde_json::from_str(&text.replace('\'', "\""))).ok()
        }
        _ => None,
    }
}

/// An array, or one in a string.
fn array(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(array) => Some(array.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

/// A whole number in any form, such as `2.0`.
#[expect(clippy::cast_possible_truncation, reason = "it is checked")]
fn whole(number: &serde_json::Number) -> Option<i64> {
    let is_exact = |number: &f64| number.fract() == 0.0 && number.abs() < 9e15;
    number.as_i64().or_else(|| number.as_f64().filter(is_exact).map(|number| number as i64))
}

/// A count in an object: a whole number from 0, or one as text.
pub(super) fn whole_count(value: &Value) -> Option<u64> {
    as_text(value).filter(|_| !value.is_boolean())?.parse().ok()
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(whole(number).map_or_else(|| number.to_string(), |whole| whole.to_string())),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const PARAMS: &[Param] = &[
        Param::body("command", ParamType::Text).required().one_of(&["restart", "stop"]),
        Param::body("value", ParamType::Integer),
        Param::body("services", ParamType::CommaList),
        Param::body("channels", ParamType::BracketList).one_of(&["email", "ios"]),
        Param::body("counts", ParamType::JsonObject),
        Param::body("frequency", ParamType::Cron),
    ];

    fn read(query: &str, content_type: &str, body: &str) -> Result<Parameters, String> {
        Parameters::read(query, content_type, body.as_bytes(), PARAMS).map_err(|error| error.details)
    }

    #[test]
    fn query_form_and_json_are_equivalent() {
        for parameters in [
            read("command=restart&value=1&services=web,%20worker", "", ""),
            read("", "application/x-www-form-urlencoded", "command=restart&value=1&services=web%2Cworker"),
            read("", "application/json", r#"{"command":"restart","value":1,"services":["web","worker"]}"#),
            read("command=stop&value=1", "application/json", r#"{"command":"restart","services":"web,worker"}"#),
        ] {
            let parameters = parameters.unwrap();
            assert_eq!(parameters.text("command").as_deref(), Some("restart"));
            assert_eq!(parameters.integer("value"), Some(1));
            assert_eq!(parameters.list("services"), ["web", "worker"]);
        }
    }

    #[test]
    fn a_wrapped_body_is_unwrapped() {
        let read = |body: &str| {
            let read = Parameters::read_wrapped("page=2", "application/json", body.as_bytes(), PARAMS, Some("action"));
            read.map_err(|error| error.details)
        };
        let parameters = read(r#"{"action":{"command":"restart"},"command":"stop"}"#).unwrap();
        let page = parameters.page().ok().map(|page| page.number);
        assert_eq!((parameters.text("command").as_deref(), page), (Some("restart"), Some(2)));
        for body in [r#"{"command":"stop"}"#, ""] {
            assert_eq!(read(body).unwrap_err(), "The parameter `action` is missing.");
        }
        assert_eq!(read(r#"{"action":"stop"}"#).unwrap_err(), "The parameter `action` must be a JSON object.");
        assert_eq!(read(r#"{"action":{}}"#).unwrap_err(), "The parameter `command` is missing.");
    }

    #[test]
    fn lists_in_brackets_and_objects_come_in_several_forms() {
        let channels = |query: &str| read(&format!("command=stop&{query}"), "", "").unwrap().list("channels");
        for query in ["channels=[email,ios]", "channels=email,+ios", "channels=[%22email%22,%22ios%22]"] {
            assert_eq!(channels(query), ["email", "ios"], "{query}");
        }
        assert!(channels("channels=[]").is_empty());
        for body in [
            r#"{"command":"stop","counts":{"a":1}}"#,
            r#"{"command":"stop","counts":"{\"a\":1}"}"#,
            r#"{"command":"stop","counts":"{'a' : 1}"}"#,
        ] {
            let counts = read("", "application/json", body).unwrap().object("counts").unwrap();
            assert_eq!(counts.get("a"), Some(&Value::from(1)), "{body}");
        }
    }

    #[test]
    fn an_invalid_parameter_is_named() {
        let fault = |query: &str| read(query, "", "").unwrap_err();
        assert_eq!(fault(""), "The parameter `command` is missing.");
        assert_eq!(fault("command="), "The parameter `command` must not be empty.");
        assert_eq!(fault("command=go"), "The parameter `command` must be one of restart, stop, not `go`.");
        assert_eq!(fault("command=stop&value=x"), "The parameter `value` must be a whole number, not `x`.");
        assert_eq!(
            fault("command=stop&channels=[fax]"),
            "The parameter `channels` must be some of email, ios, not `fax`."
        );
        assert_eq!(fault("command=stop&counts=2"), "The parameter `counts` must be a JSON object, not `2`.");
        assert!(fault("command=stop&frequency=daily").contains("`frequency` must have five cron fields"));
        let fault = read("", "application/json", r#"{"command":{}}"#).unwrap_err();
        assert_eq!(fault, "The parameter `command` has a value of the wrong type.");
        assert!(read("", "application/json", "[]").is_err());
    }

    #[test]
    fn a_page_is_a_number_from_one() {
        let page = |query: &str| {
            let page = Parameters::read(query, "", b"", &[]).unwrap().page().ok();
            page.map(|PageWanted { number, size }| (number, size))
        };
        assert_eq!(page(""), Some((1, 30)));
        assert_eq!(page("page=3&per_page=100"), Some((3, 100)));
        assert_eq!([page("page=0"), page("page=-1"), page("page=x"), page("page="), page("page=1000001")], [None; 5]);
        assert_eq!([page("per_page=0"), page("per_page=101"), page("per_page=all")], [None; 3]);
    }
}
