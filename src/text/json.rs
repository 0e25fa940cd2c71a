//! Reading values out of JSON text without taking the whole of it apart, so that a number keeps its digits.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Finds a value by a dotted path with array indexes, such as `history.0.value`; a key that contains a dot wins.
/// The value is JSON text as it came, so that a number keeps its digits.
pub(crate) fn get<'v>(json: &'v str, path: &str) -> Option<&'v str> {
    if let Some(found) = child(json, path) {
        return Some(found);
    }
    // The longest key wins, so that the result does not depend on other keys.
    path.rmatch_indices('.').find_map(|(dot, _)| get(child(json, &path[..dot])?, &path[dot + 1..]))
}

fn child<'v>(json: &'v str, key: &str) -> Option<&'v str> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    match json.trim_start().bytes().next()? {
        b'{' => deserializer.deserialize_map(Child(key)).ok()?,
        b'[' => deserializer.deserialize_seq(Child(key)).ok()?,
        _ => None,
    }
}

/// Takes the value of a key, or the item of an index, and reads over all others.
struct Child<'k>(&'k str);

impl<'v> Visitor<'v> for Child<'_> {
    type Value = Option<&'v str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or a list")
    }

    fn visit_map<M: MapAccess<'v>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut found = None;
        while let Some(is_it) = map.next_key_seed(IsKey(self.0))? {
            if is_it {
                // Of several the last counts, as for every reader of JSON.
                found = Some(map.next_value::<&RawValue>()?.get());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<S: SeqAccess<'v>>(self, mut items: S) -> Result<Self::Value, S::Error> {
        let wanted = self.0.parse::<usize>().ok();
        let (mut index, mut found) = (0, None);
        while let Some(item) = items.next_element::<&RawValue>()? {
            found = found.or((Some(index) == wanted).then(|| item.get()));
            index += 1;
        }
        Ok(found)
    }
}

/// Whether a key is the one that is looked for, without a copy of it.
struct IsKey<'k>(&'k str);

impl<'v> DeserializeSeed<'v> for IsKey<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'v>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsKey<'_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

/// Whether lists and objects are nested deeper than so many levels.
pub(crate) fn is_deeper_than(json: &str, most: usize) -> bool {
    let (mut depth, mut in_string) = (0_usize, false);
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if in_string => _ = bytes.next(),
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return true;
        }
    }
    false
}

/// The keys of an object, in its order; none where it is not one.
pub(crate) fn keys(json: &str) -> Vec<String> {
    struct Keys;
    impl<'v> Visitor<'v> for Keys {
        type Value = Vec<String>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<M: MapAccess<'v>>(self, mut map: M) -> Result<Vec<String>, M::Error> {
            let mut keys = Vec::new();
            while let Some((key, _)) = map.next_entry::<String, IgnoredAny>()? {
                keys.push(key);
            }
            Ok(keys)
        }
    }
    serde_json::Deserializer::from_str(json).deserialize_map(Keys).unwrap_or_default()
}

/// A JSON string as text. Half of a surrogate pair, which no text can hold, becomes U+FFFD.
pub(crate) fn unquoted(json: &str) -> Option<String> {
    serde_json::from_str(json).ok().or_else(|| serde_json::from_str(&without_lone_surrogates(json)).ok())
}

fn without_lone_surrogates(json: &str) -> String {
    let unit = |at: usize| {
        let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut whole = String::with_capacity(json.len());
    let mut at = 0;
    while let Some(next) = json[at..].chars().next() {
        let (length, text) = match unit(at) {
            Some(0xd800..=0xdbff) if matches!(unit(at + 6), Some(0xdc00..=0xdfff)) => (12, &json[at..at + 12]),
            Some(0xd800..=0xdfff) => (6, "\\ufffd"),
            Some(_) => (6, &json[at..at + 6]),
            // The second of two backslashes begins nothing.
            None if next == '\\' => {
                let end = json[at..].char_indices().nth(2).map_or(json.len(), |(length, _)| at + length);
                (end - at, &json[at..end])
            }
            None => (next.len_utf8(), &json[at..at + next.len_utf8()]),
        };
        whole.push_str(text);
        at += length;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_values() {
        let json =
            r#"{"a":{"b":1,"b.c":2,"d":null},"a.b":3,"list":[{"v":4}],"0":5,"":6,"x":{"y.z":{"w":7}},"x.y":{"q":8}}"#;
        for (path, expected) in [
            ("a.b", Some("3")),
            ("a.b.c", Some("2")),
            ("a.d", Some("null")),
            ("list.0.v", Some("4")),
            ("0", Some("5")),
            ("", Some("6")),
            ("x.y.z.w", Some("7")),
            ("x.y.q", Some("8")),
            ("list.1", None),
            ("list.v", None),
            ("a.b.x", None),
            ("a.", None),
            (".a", None),
        ] {
            assert_eq!(get(json, path), expected, "{path:?}");
        }
    }

    #[test]
    fn the_last_of_several_keys_counts_and_digits_stay() {
        let json = "{\"a\": 1, \"a\" : 18446744073709551616 , \"\\u0062\": 1.50}";
        assert_eq!(get(json, "a"), Some("18446744073709551616"));
        assert_eq!(get(json, "b"), Some("1.50"));
        assert_eq!(keys(json), ["a", "a", "b"]);
        assert!(keys("[1]").is_empty());
    }

    #[test]
    fn depth_counts_outside_strings() {
        assert!(is_deeper_than("[[1]]", 1) && !is_deeper_than("[[1]]", 2));
        assert!(!is_deeper_than(r#"["[[[\"[[", {"a": "{{"}]"#, 2));
    }

    #[test]
    fn half_a_surrogate_pair_costs_that_character_alone() {
        for (json, text) in [
            (r#""a\ud800b""#, "a\u{fffd}b"),
            (r#""\udc00\ud83d\ude00\ud83d""#, "\u{fffd}😀\u{fffd}"),
            (r#""\\ud800 \u00e9""#, "\\ud800 é"),
            (r#""plain""#, "plain"),
        ] {
            assert_eq!(unquoted(json).as_deref(), Some(text), "{json}");
        }
        assert_eq!(unquoted("5"), None);
    }
}
