//! The only room that prints.
//!
//! [`Printer`] owns both streams: the result goes to stdout, everything else to stderr. Text for stderr is redacted,
//! sanitized, and never breaks a progress line.

pub(crate) mod cell;
pub(crate) mod ci;
pub(crate) mod delimited;
pub(crate) mod error_report;
pub(crate) mod fields;
pub(crate) mod jq;
pub(crate) mod json;
mod menu;
mod printer;
mod progress_bar;
mod redaction;
pub(crate) mod relay;
mod result;
pub(crate) mod rounds;
pub(crate) mod table;
mod watch;
pub(crate) mod yaml;

pub(crate) use self::printer::{Pager, Printer, PrinterOptions, color_terminals};
pub(crate) use self::progress_bar::Indicator;
pub(crate) use crate::text::output_format::ColorChoice;
pub use crate::text::output_format::Format;
