//! Pure text: formatting, parsing, quoting, sanitizing, and finding similar names.

pub(crate) mod bytes;
pub(crate) mod format;
pub(crate) mod json;
pub(crate) mod output_format;
pub(crate) mod parse;
pub(crate) mod quote;
pub(crate) mod sanitize;
pub(crate) mod similar;
pub(crate) mod wrap;
