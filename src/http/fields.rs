//! Reads fields that come in several forms: numbers as strings, strings as numbers, two forms of time, or null.
//!
//! A field of an unexpected type reads as absent: one odd field must not hide the others. Code that requires a field
//! reports it as missing.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::output::cell::Cell;
use crate::output::json;
use crate::text::json::unquoted;
use crate::text::parse::parse_time;

/// Initial capacity: few objects have more fields.
const TYPICAL_FIELDS: usize = 48;

/// The fields of an object, from which a typed view is made (`#[serde(from = "Fields")]`).
///
/// Each is kept as its JSON text and parsed on access: a view uses about half of them, and an unreadable one, such as a
/// thousand nested lists, hides no other. Of duplicate fields the last counts; null counts as absent.
/// such as a thousand lists in each other, hides no other. Of fields of one name the last counts; null is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, Option<Box<RawValue>>)>);

impl<'d> Deserialize<'d> for Fields {
    fn deserialize<D: serde::Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'d> Visitor<'d> for Object {
            type Value = Fields;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<M: MapAccess<'d>>(self, mut map: M) -> Result<Fields, M::Error> {
                let mut fields = Vec::with_capacity(TYPICAL_FIELDS);
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

impl Fields {
    fn raw(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().rev().find(|(key, _)| key == name)?;
        value.as_deref().map(RawValue::get)
    }

    fn read<V: DeserializeOwned>(&self, name: &str) -> Option<V> {
        serde_json::from_str(self.raw(name)?).ok()
    }

    /// The names of the fields, in order, with duplicates.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// A string; a number or boolean gives its JSON text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        text_of(self.raw(name)?)
    }

    /// A string that is sent as one.
    pub(crate) fn string(&self, name: &str) -> Option<String> {
        unquoted(self.raw(name).filter(|raw| raw.starts_with('"'))?)
    }

    /// Any value, parsed.
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        self.read(name)
    }

    /// The fields of a nested object; empty if it is missing.
    pub(crate) fn object(&self, name: &str) -> Self {
        self.read(name).unwrap_or_default()
    }

    /// A count or id, possibly sent as a string.
    pub(crate) fn unsigned(&self, name: &str) -> Option<u64> {
        self.parsed(name)
    }

    /// A code or another integer, possibly sent as a string.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.parsed(name)
    }

    fn parsed<N: FromStr>(&self, name: &str) -> Option<N> {
        let raw = self.raw(name)?;
        if raw.starts_with('"') { text_of(raw)?.trim().parse().ok() } else { raw.parse().ok() }
    }

    /// A boolean, possibly sent as 0, 1 or a string.
    pub(crate) fn boolean(&self, name: &str) -> Option<bool> {
        let raw = self.raw(name)?;
        text_of(raw)?.parse().ok().or_else(|| raw.parse::<i64>().ok().map(|number| number != 0))
    }

    /// A time in any documented form, under the first of `names` that has one, else the first text.
    pub(crate) fn time(&self, names: &[&str]) -> Option<ApiTime> {
        let texts = || names.iter().filter_map(|name| self.text(name).filter(|text| !text.trim().is_empty()));
        let known = texts().find_map(|text| parse_time(&text)).map(ApiTime::At);
        known.or_else(|| texts().next().map(ApiTime::Other))
    }

    /// A `{code, meaning}` pair; a plain number or string is one of the two.
    pub(crate) fn coded(&self, name: &str) -> Coded {
        match self.raw(name).and_then(|raw| raw.bytes().next()) {
            Some(b'{') => {
                let fields = self.object(name);
                Coded { code: fields.integer("code"), meaning: fields.text("meaning") }
            }
            Some(b'"') => Coded { code: None, meaning: self.text(name) },
            _ => Coded { code: self.integer(name), meaning: None },
        }
    }

    /// The strings of a list.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.items(name).iter().filter_map(|item| text_of(item.get())).collect()
    }

    /// The objects of a list.
    pub(crate) fn objects<V: From<Fields>>(&self, name: &str) -> Vec<V> {
        let items = self.items(name);
        items
            .iter()
            .filter_map(|item| serde_json::from_str(item.get()).ok())
            .map(|fields: Fields| fields.into())
            .collect()
    }

    fn items(&self, name: &str) -> Vec<Box<RawValue>> {
        self.read(name).unwrap_or_default()
    }
}

/// Formats a JSON value for people; `None` for null. A number keeps all its digits.
fn text_of(raw: &str) -> Option<String> {
    match raw.bytes().next()? {
        b'n' => None,
        b'"' => unquoted(raw),
        b'{' | b'[' => Some(compact(raw)),
        _ => Some(raw.to_owned()),
    }
}

/// A point in time as an API sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ApiTime {
    /// A time in one of the documented forms.
    At(Timestamp),
    /// Any other text, which is shown as it came.
    Other(String),
}

impl ApiTime {
    /// The time, where it is in a documented form.
    pub(crate) fn known(&self) -> Option<Timestamp> {
        match self {
            Self::At(time) => Some(*time),
            Self::Other(_) => None,
        }
    }
}

impl From<ApiTime> for Cell {
    fn from(time: ApiTime) -> Self {
        match time {
            ApiTime::At(time) => Cell::Time(time),
            ApiTime::Other(text) => Cell::Text(text),
        }
    }
}

/// JSON text without blanks outside strings.
fn compact(raw: &str) -> String {
    let mut text = Vec::with_capacity(raw.len());
    // Writing to memory cannot fail.
    let _ = json::compact(raw, &mut text);
    String::from_utf8_lossy(&text).trim_end().to_owned()
}

/// A `{code, meaning}` pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Coded {
    /// The code of the state.
    pub(crate) code: Option<i64>,
    /// Its word.
    pub(crate) meaning: Option<String>,
}

impl Coded {
    /// The word, else the number, else an empty string.
    pub(crate) fn text(&self) -> String {
        match (&self.meaning, self.code) {
            (Some(meaning), _) => meaning.clone(),
            (None, Some(code)) => code.to_string(),
            (None, None) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Fields {
        serde_json::from_str(json).unwrap_or_default()
    }

    #[test]
    fn each_field_is_read_in_every_form_it_comes_in() {
        let fields = fields(
            r#"{"id": "10", "count": 4, "name": 7, "on": 1, "off": "false", "null": null, "list": [1, "b", null],
                "at": "never", "at_iso": "2014-08-14T00:38:14Z", "outcome": {"code": 1, "meaning": "success"}}"#,
        );
        assert_eq!(fields.unsigned("id"), Some(10));
        assert_eq!(fields.integer("count"), Some(4));
        assert_eq!(fields.text("name").as_deref(), Some("7"));
        assert_eq!((fields.boolean("on"), fields.boolean("off")), (Some(true), Some(false)));
        assert_eq!((fields.text("null"), fields.unsigned("null"), fields.text("absent")), (None, None, None));
        assert_eq!(fields.texts("list"), ["1", "b"]);
        assert!(fields.time(&["at", "at_iso"]).is_some_and(|time| time.known().is_some()));
        assert_eq!(fields.time(&["at", "absent"]), Some(ApiTime::Other("never".to_owned())));
        assert_eq!(fields.time(&["null", "absent"]), None);
        assert_eq!(fields.coded("outcome").text(), "success");
        assert_eq!(fields.coded("count").text(), "4");
        assert_eq!(fields.coded("name").code, Some(7));
        assert_eq!(fields.coded("at").meaning.as_deref(), Some("never"));
        assert_eq!(fields.object("outcome").unsigned("code"), Some(1));
        assert!(fields.object("list").text("code").is_none());
    }

    struct Numbered(Option<u64>);

    impl From<Fields> for Numbered {
        fn from(fields: Fields) -> Self {
            Self(fields.unsigned("n"))
        }
    }

    #[test]
    fn one_odd_value_hides_no_other() {
        let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
        let fields = fields(&format!(
            r#"{{"a": 1, "huge": 1e400, "long": 123456789012345678901234567890, "deep": {deep}, "half": "\ud800",
                "object": {{"x": [1, 2.50]}}, "a": 2, "gone": 1, "gone": null, "list": [{{"n": 1}}, 5, {{"n": "2"}}]}}"#
        ));
        assert_eq!(fields.unsigned("a"), Some(2));
        assert_eq!(fields.text("long").as_deref(), Some("123456789012345678901234567890"));
        assert_eq!((fields.unsigned("long"), fields.text("huge").as_deref()), (None, Some("1e400")));
        assert_eq!((fields.text("half").as_deref(), fields.unsigned("gone")), (Some("\u{fffd}"), None));
        assert_eq!(fields.text("object").as_deref(), Some(r#"{"x":[1,2.50]}"#));
        let numbers: Vec<Numbered> = fields.objects("list");
        assert_eq!(numbers.iter().filter_map(|item| item.0).collect::<Vec<_>>(), [1, 2]);
    }
}
