//! YAML: one document in block style, in the order of the JSON.
//!
//! serde-saphyr quotes every string that a YAML 1.1 or 1.2 parser would read as another type (`yes`, `0o7`, `12:30`,
//! `2014-09-01`), and writes several lines as a literal block. What surrounds strings is written here, because the
//! library takes twice as long for it, and so are numbers, which keep their digits.

mod members;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_saphyr::{DoubleQuoted, SerializerOptions};

use self::members::Members;
use crate::text::json::{is_deeper_than, unquoted};
use crate::text::sanitize::is_invisible;

/// Values nested deeper are refused, since they are written by recursion.
const MAX_DEPTH: usize = 128;

/// Bytes of a key that may stand on a line before its colon.
const LONGEST_KEY: usize = 1024;

/// Columns that each level is indented by.
const STEP: usize = 2;

/// Words that a parser may take for a boolean, a null or a number.
const KEYWORDS: [&str; 12] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"];

/// Writes JSON text as one YAML document. Numbers keep their digits; what steers a terminal is escaped, which a reader
/// undoes.
pub(crate) fn write(json: &str, out: &mut impl Write) -> io::Result<()> {
    check(json)?;
    let mut writer = Writer { out };
    match Value::read(json.trim())? {
        Value::Object(members) => writer.members(&members, 0, false),
        Value::List(items) => writer.items(&items, 0, false),
        Value::Plain(text) => writer.line(text),
        Value::Text(text) => writer.put(&library(&Quoted(&text))?),
    }
}

/// Writes JSON text as one item of a list at the top level; several after one another are one list.
pub(crate) fn write_item(json: &str, out: &mut impl Write) -> io::Result<()> {
    check(json)?;
    Writer { out }.item(json.trim(), 0)
}

/// Refuses JSON text that cannot be written, before anything of it is.
pub(crate) fn check(json: &str) -> io::Result<()> {
    if is_deeper_than(json, MAX_DEPTH) {
        let message = format!("it is nested deeper than {MAX_DEPTH} levels");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(())
}

/// A value by how it is written.
enum Value<'j> {
    /// An object with members.
    Object(Vec<(Cow<'j, str>, &'j RawValue)>),
    /// A list with items.
    List(Vec<&'j RawValue>),
    /// Written as it is, on one line.
    Plain(&'j str),
    /// A string that may have to be quoted.
    Text(String),
}

impl<'j> Value<'j> {
    /// Takes JSON text apart, a level at a time.
    fn read(text: &'j str) -> io::Result<Self> {
        Ok(match text.bytes().next() {
            None => Self::Plain("null"),
            Some(b'"') => match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                Some(inner) if is_plain(inner) => Self::Plain(inner),
                _ => Self::Text(unquoted(text).ok_or_else(|| invalid("a string is not one"))?),
            },
            Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(text).map_err(invalid)? {
                items if items.is_empty() => Self::Plain("[]"),
                items => Self::List(items),
            },
            Some(b'{') => match serde_json::from_str(text).map_err(invalid)? {
                Members(members) if members.is_empty() => Self::Plain("{}"),
                Members(members) => Self::Object(members),
            },
            Some(_) => Self::Plain(text),
        })
    }
}

/// Whether every parser reads this value as a string without quotes: a word, an address such as
/// `https://example.com/a?b=c`, or a UID that begins with a digit and is not a number.
fn is_plain(text: &str) -> bool {
    const INNER: &[u8] = b"_:/.@+=?&%~-";
    let bytes = text.as_bytes();
    match bytes {
        [b'a'..=b'z' | b'A'..=b'Z', .., b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/'] => {
            is_word(text)
                || bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || INNER.contains(byte)) && !is_keyword(text)
        }
        [b'1'..=b'9', rest @ ..] => {
            rest.iter().all(u8::is_ascii_alphanumeric)
                && rest.iter().any(|byte| byte.is_ascii_alphabetic() && !b"eE".contains(byte))
        }
        _ => false,
    }
}

fn is_keyword(text: &str) -> bool {
    KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(text))
}

/// Whether a text is a string without quotes also as a key: letters, digits and underscores, with single blanks,
/// hyphens, dots and slashes between them, which begin with a letter.
fn is_word(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let bytes = text.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.last().is_some_and(|last| is_inner(*last))
        && bytes.windows(2).all(|pair| is_inner(pair[1]) || (b" -./".contains(&pair[1]) && is_inner(pair[0])))
        && !is_keyword(text)
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// Writes block style.
struct Writer<'o, W> {
    out: &'o mut W,
}

impl<W: Write> Writer<'_, W> {
    fn put(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        self.put(text)?;
        self.put("\n")
    }

    fn indent(&mut self, columns: usize) -> io::Result<()> {
        const BLANKS: [u8; STEP * MAX_DEPTH] = [b' '; STEP * MAX_DEPTH];
        self.out.write_all(&BLANKS[..columns])
    }

    /// The members of an object; the first one goes on with the line if `inline`.
    fn members(&mut self, members: &[(Cow<'_, str>, &RawValue)], column: usize, inline: bool) -> io::Result<()> {
        for (place, (key, value)) in members.iter().enumerate() {
            if place > 0 || !inline {
                self.indent(column)?;
            }
            self.key(key, column)?;
            match Value::read(value.get())? {
                Value::Object(members) => {
                    self.put("\n")?;
                    self.members(&members, column + STEP, false)?;
                }
                Value::List(items) => {
                    self.put("\n")?;
                    self.items(&items, column, false)?;
                }
                scalar => self.scalar(&scalar, column)?,
            }
        }
        Ok(())
    }

    /// The items of a list; the first one goes on with the line if `inline`.
    fn items(&mut self, items: &[&RawValue], column: usize, inline: bool) -> io::Result<()> {
        for (place, item) in items.iter().enumerate() {
            if place > 0 || !inline {
                self.indent(column)?;
            }
            self.item(item.get(), column)?;
        }
        Ok(())
    }

    fn item(&mut self, text: &str, column: usize) -> io::Result<()> {
        self.put("-")?;
        match Value::read(text)? {
            Value::Object(members) => {
                self.put(" ")?;
                self.members(&members, column + STEP, true)
            }
            Value::List(items) => {
                self.put(" ")?;
                self.items(&items, column + STEP, true)
            }
            scalar => self.scalar(&scalar, column),
        }
    }

    /// A key with its colon.
    fn key(&mut self, key: &str, column: usize) -> io::Result<()> {
        if is_word(key) {
            self.put(key)?;
            return self.put(":");
        }
        if key.contains(is_invisible) {
            // The library does not quote keys for what it does not escape itself.
            let quoted = library(&Quoted(key))?;
            if quoted.len() <= LONGEST_KEY {
                self.put(quoted.trim_end())?;
            } else {
                self.put("? ")?;
                self.put(&quoted)?;
                self.indent(column)?;
            }
            return self.put(":");
        }
        let pair = library(&Pair(key, ()))?;
        let key = pair.strip_suffix(" null\n").ok_or_else(|| invalid("a key is not one"))?;
        self.lines(key, column)
    }

    /// What is neither an object nor a list with something in it, after a colon or a hyphen.
    fn scalar(&mut self, value: &Value<'_>, column: usize) -> io::Result<()> {
        match value {
            Value::Text(text) => {
                let pair = library(&Pair("k", Quoted(text)))?;
                let text = pair.strip_prefix("k:").ok_or_else(|| invalid("a text is not one"))?;
                self.lines(text, column)
            }
            Value::Plain(text) => {
                self.put(" ")?;
                self.line(text)
            }
            Value::Object(_) | Value::List(_) => Ok(()),
        }
    }

    /// Lines of the library, which writes them at the first column.
    fn lines(&mut self, text: &str, column: usize) -> io::Result<()> {
        for (place, line) in text.split_inclusive('\n').enumerate() {
            if place > 0 && line != "\n" {
                self.indent(column)?;
            }
            self.put(line)?;
        }
        Ok(())
    }
}

/// What the library writes for a value, with what [`is_invisible`] escaped: that stands in double quotes only.
fn library(value: &impl Serialize) -> io::Result<String> {
    let mut options = SerializerOptions::default();
    // A long line stays one line, so that grep finds it.
    options.folded_wrap_chars = usize::MAX;
    let text = serde_saphyr::to_string_with_options(value, options).map_err(invalid)?;
    if text.is_ascii() || !text.contains(is_invisible) {
        return Ok(text);
    }
    let mut escaped = String::with_capacity(2 * text.len());
    for character in text.chars() {
        let code = u32::from(character);
        // Writing to memory cannot fail.
        let _ = match is_invisible(character) {
            true if code > 0xffff => write!(escaped, "\\U{code:08X}"),
            true => write!(escaped, "\\u{code:04X}"),
            false => escaped.write_char(character),
        };
    }
    Ok(escaped)
}

/// A text, in double quotes where something in it has to be escaped.
struct Quoted<'t>(&'t str);

impl Serialize for Quoted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_ascii() || !self.0.contains(is_invisible) {
            return serializer.serialize_str(self.0);
        }
        DoubleQuoted(self.0).serialize(serializer)
    }
}

/// An object with one member.
struct Pair<'k, V>(&'k str, V);

impl<V: Serialize> Serialize for Pair<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.0, &self.1)])
    }
}
