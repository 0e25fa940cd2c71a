//! The errors in a reply.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::http::fields::Fields;
use crate::text::sanitize::excerpt;

/// Maximum length of a quoted error, in characters.
const MAX_LINE: usize = 1_000;

/// Maximum number of errors that are read.
const MAX_ERRORS: usize = 100;
/// Maximum size of a context that is read, in bytes: parsed it takes up to a hundred times as much.
const MAX_CONTEXT: usize = 4 * 1024;

/// An item of `errors` in a reply.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ApiError {
    /// `code`, or `errorCode` on older servers; a number or a word.
    pub(crate) code: Option<String>,
    /// The message.
    pub(crate) message: String,
    /// The context, in no fixed form; null if missing.
    pub(crate) context: Value,
}

impl From<Fields> for ApiError {
    fn from(fields: Fields) -> Self {
        Self {
            code: fields.text("code").or_else(|| fields.text("errorCode")),
            message: fields.text("message").unwrap_or_default(),
            context: fields
                .text("context")
                .filter(|text| text.len() <= MAX_CONTEXT)
                .map_or(Value::Null, |_| fields.value("context").unwrap_or_default()),
        }
    }
}

impl ApiError {
    /// The code, the message and the context, in one line.
    pub(crate) fn line(&self) -> String {
        let said = if self.message.trim().is_empty() { "no reason given" } else { self.message.trim() };
        let mut line = self.code.as_ref().map_or_else(|| said.to_owned(), |code| format!("error {code}: {said}"));
        if let Some(about) = self.about() {
            line = format!("{line} ({about})");
        }
        excerpt(&line, MAX_LINE)
    }

    /// The usual fields of the context, such as `instances 32fb2af1: Stopped, expected Running`.
    fn about(&self) -> Option<String> {
        let fields: Fields = serde_json::from_value(self.context.clone()).ok()?;
        let what: Vec<String> = ["type", "id"].into_iter().filter_map(|name| fields.text(name)).collect();
        let expected = fields.texts("expectedStates").join(" or ");
        let mut state: Vec<String> = fields.text("currentState").into_iter().collect();
        if !expected.is_empty() {
            state.push(format!("expected {expected}"));
        }
        let parts: Vec<String> =
            [what.join(" "), state.join(", ")].into_iter().filter(|part| !part.is_empty()).collect();
        (!parts.is_empty()).then(|| parts.join(": "))
    }
}

/// The errors of a field `errors`: usually a list of objects, but any form is accepted. Of very many, the first.
pub(super) fn errors_of(raw: &RawValue) -> Vec<ApiError> {
    let one = |value: &RawValue| match value.get().bytes().next() {
        Some(b'{') => serde_json::from_str::<Fields>(value.get()).unwrap_or_default().into(),
        Some(b'"') => {
            ApiError { message: serde_json::from_str(value.get()).unwrap_or_default(), ..ApiError::default() }
        }
        _ => ApiError { message: value.get().to_owned(), ..ApiError::default() },
    };
    match serde_json::from_str::<Vec<Box<RawValue>>>(raw.get()) {
        Ok(items) => items.iter().take(MAX_ERRORS).map(|item| one(item)).collect(),
        Err(_) => vec![one(raw)],
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::path::Path;

    use super::super::raw::RawFields;
    use super::*;

    #[test]
    fn an_error_reads_as_one_line() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cloudmc_examples/error.json");
        let fields: RawFields = serde_json::from_str(&std::fs::read_to_string(example).unwrap()).unwrap();
        assert_eq!(
            errors_of(fields.get("errors").unwrap())[0].line(),
            "error 2012: Instance must be running before it can be stopped (instances 32fb2af1-a981-4b2b-8ce0-d4312ddcdfec: \
             Stopped, expected Running)"
        );
        assert_eq!(ApiError::default().line(), "no reason given");
    }
}
