//! YAML: one document in block style, in the order of the JSON.
//!
//! serde-saphyr quotes every string that a YAML 1.1 or 1.2 parser would read as another type (`yes`, `0o7`, `12:30`,
//! `2014-09-01`), and writes several lines as a literal block.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::io::{self, Write};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_saphyr::ser::Error;
use serde_saphyr::{DoubleQuoted, SerializerOptions};

use crate::text::json::{is_deeper_than, unquoted};
use crate::text::sanitize::is_invisible;

/// Stands for a text that is written as it is; a character that no text should have.
const VERBATIM: char = '\u{fdd0}';

/// Values nested deeper are refused, since they are written by recursion.
const MAX_DEPTH: usize = 128;

/// Number of members of an object that are compared one by one.
const FEW: usize = 32;

/// Writes JSON text as one YAML document. Numbers keep their digits; what steers a terminal is escaped, which a reader
/// undoes.
pub(crate) fn write(json: &str, out: &mut impl Write) -> io::Result<()> {
    write_with(json, false, out)
}

/// Writes JSON text as one item of a list at the top level; several after one another are one list.
pub(crate) fn write_item(json: &str, out: &mut impl Write) -> io::Result<()> {
    write_with(json, true, out)
}

/// Refuses JSON text that cannot be written, before anything of it is.
pub(crate) fn check(json: &str) -> io::Result<()> {
    if is_deeper_than(json, MAX_DEPTH) {
        let message = format!("it is nested deeper than {MAX_DEPTH} levels");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(())
}

fn write_with(json: &str, as_item: bool, out: &mut impl Write) -> io::Result<()> {
    check(json)?;
    let verbatim = RefCell::default();
    let mut out = Escaped { out, verbatim: &verbatim };
    let value = Json { text: json.trim(), verbatim: &verbatim };
    let mut options = SerializerOptions::default();
    // A long line stays one line, so that grep finds it.
    options.folded_wrap_chars = usize::MAX;
    let written = if as_item {
        serde_saphyr::to_io_writer_with_options(&mut out, &[value], options)
    } else {
        serde_saphyr::to_io_writer_with_options(&mut out, &value, options)
    };
    written.map_err(|error| match error {
        Error::IO { error } => error,
        other => io::Error::new(io::ErrorKind::InvalidData, other),
    })
}

/// JSON text that is taken apart as it is written, a level at a time.
struct Json<'j> {
    text: &'j str,
    /// What stands in the place of each [`VERBATIM`], in order.
    verbatim: &'j RefCell<VecDeque<String>>,
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inner = |text| Json { text, verbatim: self.verbatim };
        match self.text.bytes().next() {
            None | Some(b'n') => serializer.serialize_unit(),
            Some(b't' | b'f') => serializer.serialize_bool(self.text == "true"),
            Some(b'"') => match unquoted(self.text) {
                Some(text) => self.serialize_text(&text, serializer),
                None => Err(S::Error::custom("a string is not one")),
            },
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(self.text).map_err(S::Error::custom)?;
                serializer.collect_seq(items.iter().map(|item| inner(item.get())))
            }
            Some(b'{') => {
                let Members(members) = serde_json::from_str(self.text).map_err(S::Error::custom)?;
                serializer
                    .collect_map(members.iter().map(|(key, value)| (Key { text: key, json: self }, inner(value.get()))))
            }
            Some(_) => {
                self.verbatim.borrow_mut().push_back(self.text.to_owned());
                serializer.serialize_str(VERBATIM.encode_utf8(&mut [0; 4]))
            }
        }
    }
}

impl Json<'_> {
    /// A text stands in double quotes where something in it has to be escaped.
    fn serialize_text<S: Serializer>(&self, text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        if text.is_ascii() || !text.contains(|character| is_invisible(character) || character == VERBATIM) {
            return serializer.serialize_str(text);
        }
        let escape = format!("\\u{:04X}", u32::from(VERBATIM));
        self.verbatim.borrow_mut().extend(text.matches(VERBATIM).map(|_| escape.clone()));
        DoubleQuoted(text).serialize(serializer)
    }
}

/// The key of a member.
struct Key<'k> {
    text: &'k str,
    json: &'k Json<'k>,
}

impl Serialize for Key<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize_text(self.text, serializer)
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

/// Escapes what [`is_invisible`], which stands in double quotes only, and puts in what is written as it is.
struct Escaped<'o, W> {
    out: &'o mut W,
    verbatim: &'o RefCell<VecDeque<String>>,
}

impl<W: Write> Write for Escaped<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        // The serializer writes whole characters.
        let Some(text) = str::from_utf8(bytes).ok().filter(|text| !text.is_ascii()) else {
            return self.out.write_all(bytes);
        };
        for character in text.chars() {
            match u32::from(character) {
                _ if character == VERBATIM => {
                    let text = self.verbatim.borrow_mut().pop_front().unwrap_or_default();
                    self.out.write_all(text.as_bytes())?;
                }
                code if is_invisible(character) && code > 0xffff => write!(self.out, "\\U{code:08X}")?,
                code if is_invisible(character) => write!(self.out, "\\u{code:04X}")?,
                _ => write!(self.out, "{character}")?,
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use serde_json::{Value, json};

    use super::*;

    fn yaml(value: &Value) -> String {
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
        let odd = format!("[\"{VERBATIM}\", 5, \"a{VERBATIM}b{VERBATIM}\"]");
        assert_eq!(of_text(&odd), "- \"\\uFDD0\"\n- 5\n- \"a\\uFDD0b\\uFDD0\"\n");
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
