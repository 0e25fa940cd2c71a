//! Pure text: formatting, making it harmless, and finding similar names. A leaf that every room may use.

pub(crate) mod format;
pub(crate) mod sanitize;
pub(crate) mod similar;
