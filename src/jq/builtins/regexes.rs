//! Regular expressions.

use regex_bites::{Captures, Regex, RegexBuilder};

use super::{Row, items, next};
use crate::jq::json_write::TextBuilder;
use crate::jq::memory;
use crate::jq::operators::{add, unfit};
use crate::jq::paths;
use crate::jq::value::{Fault, List, Map, Text, Value};

pub(super) const BUILTINS: &[Row] = &[
    ("test", 1, |value, arguments| Search::parse(&value, arguments).map(|search| Value::Bool(search.is_match()))),
    ("test", 2, |value, arguments| Search::parse(&value, arguments).map(|search| Value::Bool(search.is_match()))),
    ("_match", 1, |value, arguments| Search::parse(&value, arguments)?.matches()),
    ("_match", 2, |value, arguments| Search::parse(&value, arguments)?.matches()),
    ("_captured", 0, captured),
    ("_split_at", 1, split_at),
    ("_replace", 2, replace),
];

struct Search<'v> {
    text: &'v str,
    regex: Regex,
    global: bool,
    skips_empty: bool,
}

impl<'v> Search<'v> {
    fn parse(value: &'v Value, mut arguments: Vec<Value>) -> Result<Self, Fault> {
        let is_single = arguments.len() == 1;
        let (mut pattern, mut flags) = (next(&mut arguments), next(&mut arguments));
        if is_single {
            match &pattern {
                Value::String(_) => {}
                Value::Array(list) if !list.items().is_empty() => {
                    let (first, second) = (list.items()[0].clone(), list.items().get(1).cloned());
                    (pattern, flags) = (first, second.unwrap_or(Value::Null));
                }
                other => return Err(Fault::error(format!("{} not a string or array", other.kind()))),
            }
        }
        let not_text = "cannot be matched, as it is not a string";
        let Value::String(text) = value else { return Err(unfit(value, not_text)) };
        let Some(pattern) = pattern.as_str() else { return Err(unfit(&pattern, not_text)) };
        let flags = match &flags {
            Value::Null => "",
            Value::String(flags) => flags,
            other => return Err(unfit(other, "is not a string")),
        };
        let mut builder = RegexBuilder::new(pattern);
        let (mut global, mut skips_empty) = (false, false);
        for flag in flags.chars() {
            match flag {
                'g' => global = true,
                'i' => _ = builder.case_insensitive(true),
                'x' => _ = builder.ignore_whitespace(true),
                'n' => skips_empty = true,
                'p' => _ = builder.dot_matches_new_line(true),
                // `$` always means the end of the string.
                's' => {}
                _ => return Err(Fault::error(format!("{flags} is not a valid modifier string"))),
            }
        }
        let regex = builder.build().map_err(|error| Fault::error(format!("Regex failure: {error}")))?;
        Ok(Self { text, regex, global, skips_empty })
    }

    fn is_match(&self) -> bool {
        if self.skips_empty {
            return self.regex.find_iter(self.text).any(|found| !found.is_empty());
        }
        self.regex.is_match(self.text)
    }

    /// The matches in jq's form: offsets and lengths in characters.
    fn matches(&self) -> Result<Value, Fault> {
        let mut counter = Counter { text: self.text, bytes: 0, characters: 0 };
        let mut matches = List::default();
        for captures in self.regex.captures_iter(self.text) {
            if self.skips_empty && captures.get(0).is_none_or(|whole| whole.is_empty()) {
                continue;
            }
            memory::check(0)?;
            matches.push(self.describe(&captures, &mut counter)?)?;
            if !self.global {
                break;
            }
        }
        Ok(matches.into())
    }

    fn describe(&self, captures: &Captures<'_>, counter: &mut Counter<'_>) -> Result<Value, Fault> {
        let Some(whole) = captures.get(0) else { return Ok(Value::Null) };
        let begin = counter.count(whole.start());
        let mut description = place(Some((begin, whole.as_str())))?;
        let mut groups = List::default();
        for (at, name) in self.regex.capture_names().enumerate().skip(1) {
            let group = captures.get(at).map(|group| {
                let before = &self.text[whole.start().min(group.start())..group.start()];
                (begin + before.chars().count(), group.as_str())
            });
            let mut group = place(group)?;
            group.insert(Text::from("name"), name.map_or(Value::Null, Value::from))?;
            groups.push(group.into())?;
        }
        description.insert(Text::from("captures"), groups.into())?;
        Ok(description.into())
    }
}

/// Counts characters up to increasing offsets.
struct Counter<'t> {
    text: &'t str,
    bytes: usize,
    characters: usize,
}

impl Counter<'_> {
    fn count(&mut self, bytes: usize) -> usize {
        self.characters += self.text[self.bytes..bytes].chars().count();
        self.bytes = bytes;
        self.characters
    }
}

fn place(found: Option<(usize, &str)>) -> Result<Map, Fault> {
    let mut map = Map::default();
    if let Some((offset, text)) = found {
        map.insert(Text::from("offset"), Value::from(offset))?;
        map.insert(Text::from("length"), Value::from(text.chars().count()))?;
        map.insert(Text::from("string"), Value::from(text))?;
    } else {
        map.insert(Text::from("offset"), Value::from(-1_i64))?;
        map.insert(Text::from("string"), Value::Null)?;
        map.insert(Text::from("length"), Value::from(0_i64))?;
    }
    Ok(map)
}

fn field(value: &Value, name: &str) -> Result<Value, Fault> {
    paths::index(value, &Value::from(name))
}

/// The named groups of a match with their texts.
fn captured(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    let mut map = Map::default();
    for group in items(&field(&value, "captures")?, "has no captures")? {
        if let Value::String(name) = field(group, "name")? {
            map.insert(name, field(group, "string")?)?;
        }
    }
    Ok(map.into())
}

/// The bounds in bytes of matches within a text.
fn bounds(text: &str, matches: &Value) -> Result<Vec<(usize, usize)>, Fault> {
    let mut bounds = Vec::new();
    let (mut bytes, mut characters) = (0, 0);
    for found in items(matches, "are no matches")? {
        let number = |value: Value| match value {
            Value::Number(number) => usize::try_from(number.truncated()).unwrap_or(0),
            _ => 0,
        };
        let offset = number(field(found, "offset")?);
        let skip = offset.saturating_sub(characters);
        bytes += text[bytes..].char_indices().nth(skip).map_or(text.len() - bytes, |(at, _)| at);
        characters = offset;
        let length = field(found, "string")?.as_str().map_or(0, str::len);
        bounds.push((bytes, bytes + length));
    }
    Ok(bounds)
}

/// The parts of a text between matches.
fn split_at(value: Value, mut arguments: Vec<Value>) -> Result<Value, Fault> {
    let text = value.as_str().unwrap_or_default();
    let mut parts = List::default();
    let mut previous = 0;
    for (begin, end) in bounds(text, &next(&mut arguments))? {
        parts.push(Value::from(&text[previous..begin]))?;
        previous = end;
    }
    parts.push(Value::from(&text[previous..]))?;
    Ok(parts.into())
}

/// A string with its matches replaced.
fn replace(value: Value, mut arguments: Vec<Value>) -> Result<Value, Fault> {
    let text = value.as_str().unwrap_or_default();
    let bounds = bounds(text, &next(&mut arguments))?;
    let inserts = next(&mut arguments);
    let mut new = TextBuilder::default();
    let mut previous = 0;
    for ((begin, end), insert) in bounds.into_iter().zip(items(&inserts, "are no texts")?) {
        new.push_str(&text[previous..begin])?;
        match insert {
            Value::String(insert) => new.push_str(insert)?,
            Value::Null => {}
            other => return add(Value::from(&text[previous..begin]), other.clone()),
        }
        previous = end;
    }
    new.push_str(&text[previous..])?;
    Ok(new.finish().into())
}
