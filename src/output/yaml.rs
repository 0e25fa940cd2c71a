//! YAML: one document in block style, in the order of the JSON.
//!
//! serde-saphyr quotes every string that a YAML 1.1 or 1.2 parser would read as another type (`yes`, `0o7`, `12:30`,
//! `2014-09-01`), and writes several lines as a literal block.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_saphyr::ser::Error;
use serde_saphyr::{DoubleQuoted, SerializerOptions};

use crate::text::sanitize::is_invisible;

/// Writes a value as one YAML document. Control characters are escaped, which a parser reverses.
pub(crate) fn write(value: &Value, out: &mut impl Write) -> io::Result<()> {
    let mut out = Escaped(out);
    let value = &Quoted(value);
    let mut options = SerializerOptions::default();
    // A long line stays one line, so that grep finds it.
    options.folded_wrap_chars = usize::MAX;
    serde_saphyr::to_io_writer_with_options(&mut out, value, options).map_err(|error| match error {
        Error::IO { error } => error,
        other => io::Error::other(other),
    })
}

/// A value whose strings are double-quoted if they need escapes.
struct Quoted<'v>(&'v Value);

impl Serialize for Quoted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::String(text) => QuotedText(text).serialize(serializer),
            Value::Array(items) => serializer.collect_seq(items.iter().map(Quoted)),
            Value::Object(members) => {
                serializer.collect_map(members.iter().map(|(key, member)| (QuotedText(key), Quoted(member))))
            }
            other => other.serialize(serializer),
        }
    }
}

struct QuotedText<'v>(&'v str);

impl Serialize for QuotedText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.contains(is_invisible) {
            DoubleQuoted(self.0).serialize(serializer)
        } else {
            self.0.serialize(serializer)
        }
    }
}

/// Escapes what [`is_invisible`]; only in double quotes.
struct Escaped<'o, W>(&'o mut W);

impl<W: Write> Write for Escaped<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        // The serializer writes whole characters.
        let Some(text) = str::from_utf8(bytes).ok().filter(|text| text.contains(is_invisible)) else {
            return self.0.write_all(bytes);
        };
        for character in text.chars() {
            match u32::from(character) {
                code if is_invisible(character) && code > 0xffff => write!(self.0, "\\U{code:08X}")?,
                code if is_invisible(character) => write!(self.0, "\\u{code:04X}")?,
                _ => write!(self.0, "{character}")?,
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    fn yaml(value: &Value) -> String {
        let mut out = Vec::new();
        write(value, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn documents_are_in_block_style_and_in_order() {
        let value = json!({
            "name": "Awesome App",
            "id": 18_446_744_073_709_551_615_u64,
            "load": 1.0,
            "none": null,
            "tags": [],
            "meta": {},
            "list": [{"a": 1, "b": [true]}, {}],
            "note": "one\ntwo\n",
            "long": "word ".repeat(40) + "end",
        });
        let expected = format!(
            "\
name: Awesome App
id: 18446744073709551615
load: 1.0
none: null
tags: []
meta: {{}}
list:
- a: 1
  b:
  - true
- {{}}
note: |
  one
  two
long: {}end
",
            "word ".repeat(40)
        );
        assert_eq!(yaml(&value), expected);
    }

    #[test]
    fn strings_that_look_like_something_else_are_quoted() {
        for text in [
            "yes",
            "no",
            "on",
            "Off",
            "y",
            "null",
            "~",
            "",
            " lead",
            "trail ",
            "123",
            "1e3",
            "0x10",
            "0o7",
            "010",
            "1_000",
            "12:30",
            "2014-09-01",
            "2014-09-01T19:08:05Z",
            "- x",
            "# x",
            "a: b",
            "a #b",
            "tab\t",
            "\u{7}",
            "=",
            "<<",
            "*a",
            "&a",
            "!t",
            "%",
            "@",
            "`",
            "{",
            "[",
            "'",
            "\"",
            ".inf",
            ".nan",
            "---",
            "?",
            "|",
            ">",
            "\u{feff}",
            "\r",
        ] {
            let line = yaml(&json!({ "k": text }));
            assert!(line.starts_with("k: \"") || line.starts_with("k: '"), "{line}");
            assert!(line.ends_with("\"\n") || line.ends_with("'\n"), "{line}");
            assert_eq!(line.lines().count(), 1, "{line}");
        }
        assert_eq!(yaml(&json!("é")), "é\n");
        assert_eq!(yaml(&json!({"yes": 1})), "\"yes\": 1\n");
    }

    #[test]
    fn control_characters_are_escaped() {
        let harm = "a\u{9b}b\u{202e}c\u{feff}\u{e0041}\u{85}d";
        for value in [json!(harm), json!({ harm: harm }), json!([format!("one\n{harm}\ntwo")])] {
            let text = yaml(&value);
            assert!(!text.contains(is_invisible), "{text:?}");
            let read = yaml_rust2::YamlLoader::load_from_str(&text).unwrap();
            assert!(format!("{read:?}").contains(format!("{harm:?}").trim_matches('"')), "{text}");
        }
        assert_eq!(yaml(&json!("a\u{9b}b\u{202e}c\u{e0041}")), "\"a\\x9Bb\\u202Ec\\U000E0041\"\n");
        assert_eq!(yaml(&json!("👩\u{200d}💻")), "👩\u{200d}💻\n");
    }

    #[test]
    fn an_error_of_the_writer_is_returned() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        assert_eq!(write(&json!([1]), &mut Closed).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
