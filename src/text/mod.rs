//! Pure text: formatting, parsing, quoting, making it harmless, and finding similar names. A leaf that every room may use.

pub(crate) mod bytes;
pub(crate) mod format;
pub(crate) mod output_format;
pub(crate) mod parse;
pub(crate) mod quote;
pub(crate) mod sanitize;
pub(crate) mod similar;
