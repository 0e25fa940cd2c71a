//! Writes JSON and other text within the memory limit.

use std::fmt::Write as _;

use super::json_read::boundary;
use super::memory;
use super::value::{Fault, Text, Value};

/// Text that grows within the memory limit.
#[derive(Default)]
pub(super) struct TextBuilder {
    text: String,
}

impl TextBuilder {
    pub(super) fn push_str(&mut self, text: &str) -> Result<(), Fault> {
        if self.text.len() + text.len() > self.text.capacity() {
            memory::check_text(self.text.len() + text.len())?;
            memory::check((self.text.capacity() * 2).max(self.text.len() + text.len()))?;
        }
        self.text.push_str(text);
        Ok(())
    }

    pub(super) fn reserve(&mut self, bytes: usize) -> Result<(), Fault> {
        memory::check_text(bytes)?;
        self.text.reserve_exact(bytes);
        Ok(())
    }

    pub(super) fn push(&mut self, character: char) -> Result<(), Fault> {
        self.push_str(character.encode_utf8(&mut [0; 4]))
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// Writes a value as compact JSON.
pub(super) fn write(value: &Value) -> Result<String, Fault> {
    let mut text = TextBuilder::default();
    write_to(value, &mut text)?;
    Ok(text.finish())
}

/// A value as text: a string as it is, others as JSON.
pub(super) fn to_text(value: &Value) -> Result<Text, Fault> {
    match value {
        Value::String(text) => Ok(text.clone()),
        other => write(other).map(Text::from),
    }
}

fn write_to(value: &Value, out: &mut TextBuilder) -> Result<(), Fault> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => write_string(text, out),
        Value::Array(list) => {
            let mut opening = "[";
            for item in list.items() {
                out.push_str(opening)?;
                write_to(item, out)?;
                opening = ",";
            }
            out.push_str(if list.items().is_empty() { "[]" } else { "]" })
        }
        Value::Object(map) => {
            let mut opening = "{";
            for (key, value) in map.entries() {
                out.push_str(opening)?;
                write_string(key, out)?;
                out.push_str(":")?;
                write_to(value, out)?;
                opening = ",";
            }
            out.push_str(if map.entries().is_empty() { "{}" } else { "}" })
        }
    }
}

fn write_string(text: &str, out: &mut TextBuilder) -> Result<(), Fault> {
    out.push_str("\"")?;
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f | 0x7f)) {
        out.push_str(&rest[..at])?;
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\"")?,
            b'\\' => out.push_str("\\\\")?,
            b'\n' => out.push_str("\\n")?,
            b'\r' => out.push_str("\\r")?,
            b'\t' => out.push_str("\\t")?,
            8 => out.push_str("\\b")?,
            12 => out.push_str("\\f")?,
            other => {
                let mut escape = String::new();
                // Writing to a string cannot fail.
                _ = write!(escape, "\\u{other:04x}");
                out.push_str(&escape)?;
            }
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest)?;
    out.push_str("\"")
}

/// Longest quotation of a value in an error, in bytes.
const MAX_QUOTE: usize = 29;

/// A value with its type, as errors quote it; long values are cut.
pub(super) fn describe(value: &Value) -> String {
    format!("{} ({})", value.kind(), quote(value))
}

/// A value as errors quote it.
pub(super) fn quote(value: &Value) -> String {
    // A long value is cut anyway, so it is not written in full.
    let text = match value {
        Value::String(text) if text.len() > 4 * MAX_QUOTE => {
            write(&Value::from(&text[..boundary(text, 4 * MAX_QUOTE)]))
        }
        other => shallow(other),
    }
    .unwrap_or_else(|_| "...".to_owned());
    if text.len() <= MAX_QUOTE {
        return text;
    }
    let closing = match value {
        Value::String(_) => "\"",
        Value::Array(_) => "]",
        Value::Object(_) => "}",
        _ => "",
    };
    let cut = boundary(&text, MAX_QUOTE - 3 - closing.len());
    format!("{}...{closing}", &text[..cut])
}

/// The beginning of a value as JSON, at least as long as a quotation.
fn shallow(value: &Value) -> Result<String, Fault> {
    match value {
        Value::Array(list) if list.items().len() > MAX_QUOTE => {
            write(&Value::array(list.items()[..MAX_QUOTE].to_vec())?)
        }
        other => write(other),
    }
}
