//! YAML: one document in block style, in the order of the JSON.
//!
//! serde-saphyr quotes every string that a YAML 1.1 or 1.2 parser would read as another type (`yes`, `0o7`, `12:30`,
//! `2014-09-01`), and writes several lines as a literal block. What surrounds strings is written here, because the
//! library takes twice as long for it, and so are numbers, which keep their digits.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_saphyr::{DoubleQuoted, SerializerOptions};

use crate::text::json::{is_deeper_than, unquoted};
use crate::text::sanitize::is_invisible;

/// Values nested deeper are refused, since they are written by recursion.
const MAX_DEPTH: usize = 128;

/// Number of members of an object that are compared one by one.
const FEW: usize = 32;

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
                Some(inner) if is_word(inner) => Self::Plain(inner),
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

/// Whether every parser reads this as a string without quotes: letters, digits and underscores, with single blanks,
/// hyphens, dots and slashes between them, which begin with a letter.
fn is_word(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let bytes = text.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.last().is_some_and(|last| is_inner(*last))
        && bytes.windows(2).all(|pair| is_inner(pair[1]) || (b" -./".contains(&pair[1]) && is_inner(pair[0])))
        && !KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(text))
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

/// The members of an object in their order. Of several of one name the last counts: YAML has no two.
struct Members<'j>(Vec<(Cow<'j, str>, &'j RawValue)>);

impl<'j> Deserialize<'j> for Members<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'j> Visitor<'j> for Object {
            type Value = Members<'j>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<M: MapAccess<'j>>(self, mut map: M) -> Result<Members<'j>, M::Error> {
                let mut members: Vec<(Cow<'j, str>, &'j RawValue)> = Vec::new();
                // Looking through a few keys is faster than hashing each.
                let mut places: HashMap<Cow<'j, str>, usize> = HashMap::new();
                while let Some((Name(key), value)) = map.next_entry::<Name<'j>, &'j RawValue>()? {
                    let place = match members.len() {
                        ..FEW => members.iter().position(|(known, _)| *known == key),
                        _ => places.get(&key).copied(),
                    };
                    if let Some(place) = place {
                        members[place].1 = value;
                        continue;
                    }
                    members.push((key, value));
                    match members.len() {
                        ..FEW => {}
                        FEW => places.extend(members.iter().enumerate().map(|(place, (key, _))| (key.clone(), place))),
                        length => drop(places.insert(members[length - 1].0.clone(), length - 1)),
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// The name of a member, borrowed where nothing in it is escaped.
struct Name<'j>(Cow<'j, str>);

impl<'j> Deserialize<'j> for Name<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'j> Visitor<'j> for Text {
            type Value = Name<'j>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'j str) -> Result<Name<'j>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Name<'j>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::test_text::text_from;

    /// Any JSON of a few levels, with texts that YAML parsers take for other things.
    fn values() -> impl Strategy<Value = serde_json::Value> {
        let text = || {
            let pieces = &[
                "yes",
                "No",
                "null",
                "~",
                "on",
                "y",
                "1",
                "1e3",
                "0x1f",
                "12:30",
                "2014-09-01",
                "a",
                "A-b",
                "x.y/z",
                "_",
                " ",
                "  ",
                "-",
                "- ",
                ":",
                ": ",
                "#",
                " #",
                "\n",
                "\n\n",
                "\t",
                "\r",
                "'",
                "\"",
                "\\",
                "{",
                "[",
                "&",
                "*",
                "!",
                "|",
                ">",
                "%",
                "@",
                "`",
                "<<",
                "=",
                "?",
                "...",
                "---",
                "é",
                "👩\u{200d}💻",
                "\u{a0}",
                "\u{85}",
                "nan",
                ".inf",
                "Infinity",
                "word word",
            ];
            // What is invisible is escaped here, and not by the library.
            prop_oneof![text_from(pieces), "[a-zA-Z0-9_ ./-]{0,12}"].prop_map(|text| text.replace(is_invisible, ""))
        };
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(serde_json::Value::from),
            any::<i64>().prop_map(serde_json::Value::from),
            text().prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            let member = (text(), inner.clone());
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(serde_json::Value::from),
                prop::collection::vec(member, 0..4).prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        /// What surrounds the strings is as the library writes it.
        #[test]
        fn documents_are_as_the_library_writes_them(value in values()) {
            let mut options = SerializerOptions::default();
            options.folded_wrap_chars = usize::MAX;
            prop_assert_eq!(yaml(&value), serde_saphyr::to_string_with_options(&value, options).unwrap());
        }
    }

    fn yaml(value: &serde_json::Value) -> String {
        of_text(&value.to_string())
    }

    fn of_text(json: &str) -> String {
        let mut out = Vec::new();
        write(json, &mut out).unwrap();
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
        let hidden = "\u{200b}";
        let text = yaml(&json!({ "a": { hidden: { hidden.repeat(400): 1 } } }));
        assert_eq!(text, format!("a:\n  \"\\u200B\":\n    ? \"{}\"\n    : 1\n", "\\u200B".repeat(400)));
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
    fn numbers_keep_their_digits_and_the_last_of_several_keys_counts() {
        let json =
            r#"{"a": 18446744073709551616, "b": [1.50, 1e1000, -0], "a": 1.0, "c": {"7": 2.0}, "half": "x\ud800"}"#;
        assert_eq!(of_text(json), "a: 1.0\nb:\n- 1.50\n- 1e1000\n- -0\nc:\n  \"7\": 2.0\nhalf: x\u{fffd}\n");
    }

    #[test]
    fn the_last_of_several_keys_counts_however_many_there_are() {
        for count in [1, FEW - 1, FEW, FEW + 1, 3 * FEW] {
            let member = |value: usize| move |key: usize| format!("\"k{key}\":{value}");
            let members: Vec<String> = (0..count).map(member(1)).chain((0..count).rev().map(member(2))).collect();
            let expected: Vec<String> = (0..count).map(|key| format!("k{key}: 2\n")).collect();
            assert_eq!(of_text(&format!("{{{}}}", members.join(","))), expected.concat());
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_refused() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(write(&deep(100), &mut Vec::new()).is_ok());
        let mut out = Vec::new();
        let error = write(&deep(100_000), &mut out).unwrap_err();
        assert_eq!((error.kind(), out.len()), (io::ErrorKind::InvalidData, 0));
    }

    #[test]
    fn items_one_after_another_are_a_list() {
        let mut out = Vec::new();
        for item in [r#"{"a": 1, "b": [2]}"#, "{}", "3"] {
            write_item(item, &mut out).unwrap();
        }
        let list = of_text(r#"[{"a": 1, "b": [2]}, {}, 3]"#);
        assert_eq!(String::from_utf8(out).unwrap(), list);
    }

    #[test]
    fn a_failing_writer_is_passed_on() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        assert_eq!(write("[1]", &mut Closed).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
