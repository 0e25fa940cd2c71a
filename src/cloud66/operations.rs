//! Log lines of operations.

use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The fields of a log line in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct LogLine {
    /// When it was written.
    pub(crate) time: Option<ApiTime>,
    /// Severity, from 0 to 5.
    pub(crate) severity: Option<i64>,
    /// The message.
    pub(crate) message: Option<String>,
    /// Where it comes from.
    pub(crate) source: Option<String>,
    /// How deep the operation is nested that wrote it.
    pub(crate) depth: Option<u64>,
    /// The operation that wrote it, if it is another one.
    pub(crate) operation_uid: Option<String>,
}

impl From<Fields> for LogLine {
    fn from(fields: Fields) -> Self {
        Self {
            time: fields.time(&["t"]),
            severity: fields.integer("v"),
            message: fields.text("m"),
            source: fields.text("s"),
            depth: fields.unsigned("e"),
            operation_uid: fields.text("operation_uid"),
        }
    }
}
