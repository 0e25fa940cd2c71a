//! A value of a column: how it is displayed, sorted and converted to JSON.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Number, Value};

use crate::text::format;

/// A value of a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// Null or missing.
    Empty,
    /// Any text.
    Text(String),
    /// An integer.
    Number(i64),
    /// A number with decimals.
    Float(f64),
    /// A number with the digits it was sent with.
    Digits(String),
    /// A boolean.
    Bool(bool),
    /// A time.
    Time(Timestamp),
    /// A duration.
    Duration(Duration),
    /// A size in bytes.
    Size(u64),
    /// A state, with its tone.
    State(String, Tone),
}

/// The type of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Text and states.
    Text,
    /// Numbers.
    Number,
    /// Sizes in bytes.
    Size,
    /// Times.
    Time,
    /// Durations.
    Duration,
    /// Booleans.
    Flag,
}

impl Holds {
    /// Whether a column of this kind may have that value. An API may send a string instead of a number or time.
    pub(crate) fn fits(self, cell: &Cell) -> bool {
        match cell {
            Cell::Empty | Cell::Text(_) | Cell::State(..) => true,
            // A state without a word shows its number.
            Cell::Number(_) => matches!(self, Self::Number | Self::Text),
            Cell::Float(_) | Cell::Digits(_) => self == Self::Number,
            Cell::Bool(_) => self == Self::Flag,
            Cell::Time(_) => self == Self::Time,
            Cell::Duration(_) => self == Self::Duration,
            Cell::Size(_) => self == Self::Size,
        }
    }

    /// Whether values are right-aligned.
    pub(crate) fn is_right_aligned(self) -> bool {
        matches!(self, Self::Number | Self::Size)
    }
}

/// The meaning of a state, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Neutral.
    Plain,
    /// Good.
    Good,
    /// Bad.
    Bad,
    /// Work in progress.
    Busy,
    /// Unimportant.
    Dim,
    /// Changed since the round of `--watch` before.
    Changed,
}

impl Tone {
    /// The escape sequence before a header or label: bold.
    pub(crate) const HEADER: &'static str = "\u{1b}[1m";
    /// The escape sequence after any tone.
    pub(crate) const END: &'static str = "\u{1b}[0m";

    /// The escape sequence before text of this tone; empty if it is neutral.
    pub(crate) fn begin(self) -> &'static str {
        match self {
            Tone::Plain => "",
            Tone::Good => "\u{1b}[32m",
            Tone::Bad => "\u{1b}[31m",
            Tone::Busy => "\u{1b}[33m",
            Tone::Dim => "\u{1b}[2m",
            Tone::Changed => "\u{1b}[7m",
        }
    }
}

/// How values are formatted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CellStyle {
    /// Whether times are relative to `now`.
    pub(crate) relative_times: bool,
    /// Whether durations and sizes have units; otherwise they are plain numbers of seconds and bytes.
    pub(crate) units: bool,
    /// The reference of relative times.
    pub(crate) now: Timestamp,
}

impl CellStyle {
    /// For programs: absolute times, plain numbers.
    pub(crate) fn plain() -> Self {
        Self { relative_times: false, units: false, now: Timestamp::UNIX_EPOCH }
    }
}

impl Cell {
    /// Formats the value; text is not sanitized yet.
    pub(crate) fn text(&self, style: &CellStyle) -> Cow<'_, str> {
        match self {
            Cell::Empty => Cow::Borrowed(""),
            Cell::Text(text) | Cell::State(text, _) | Cell::Digits(text) => Cow::Borrowed(text),
            Cell::Number(number) => Cow::Owned(number.to_string()),
            // Written as in JSON, so that column and document show the same digits.
            Cell::Float(number) => {
                Cow::Owned(Number::from_f64(*number).map_or_else(|| number.to_string(), |json| json.to_string()))
            }
            Cell::Bool(true) => Cow::Borrowed("yes"),
            Cell::Bool(false) => Cow::Borrowed("no"),
            Cell::Time(time) if style.relative_times => Cow::Owned(format::relative_time(*time, style.now)),
            Cell::Time(time) => Cow::Owned(format::format_rfc3339(*time)),
            Cell::Duration(duration) if style.units => Cow::Owned(format::format_duration(*duration)),
            Cell::Duration(duration) => Cow::Owned(duration.as_secs_f64().to_string()),
            Cell::Size(size) if style.units => Cow::Owned(format::format_size(*size)),
            Cell::Size(size) => Cow::Owned(size.to_string()),
        }
    }

    /// The short form, for a narrow terminal: `12y` for `12 years ago`.
    pub(crate) fn short_text(&self, style: &CellStyle) -> Cow<'_, str> {
        match self {
            Cell::Time(time) if style.relative_times => Cow::Owned(format::short_relative_time(*time, style.now)),
            _ => self.text(style),
        }
    }

    /// Compares two values: numbers by value, text case-insensitively with numbers inside it by value, empty last.
    pub(crate) fn compare(&self, other: &Cell) -> Ordering {
        self.rank().cmp(&other.rank()).then_with(|| match (self, other) {
            (Cell::Text(a) | Cell::State(a, _), Cell::Text(b) | Cell::State(b, _)) => compare_text(a, b),
            (Cell::Bool(a), Cell::Bool(b)) => a.cmp(b),
            (Cell::Time(a), Cell::Time(b)) => a.cmp(b),
            (Cell::Duration(a), Cell::Duration(b)) => a.cmp(b),
            _ => self.magnitude().total_cmp(&other.magnitude()).then_with(|| self.whole().cmp(&other.whole())),
        })
    }

    /// The value as JSON: times as RFC 3339, durations in seconds, sizes in bytes.
    pub(crate) fn json(&self) -> Value {
        match self {
            Cell::Empty => Value::Null,
            Cell::Text(text) | Cell::State(text, _) => Value::from(text.as_str()),
            Cell::Number(number) => Value::from(*number),
            Cell::Float(number) => Value::from(*number),
            Cell::Digits(text) => text.parse::<f64>().map_or(Value::Null, Value::from),
            Cell::Bool(truth) => Value::from(*truth),
            Cell::Time(time) => Value::from(format::format_rfc3339(*time)),
            Cell::Duration(duration) if duration.subsec_nanos() == 0 => Value::from(duration.as_secs()),
            Cell::Duration(duration) => Value::from(duration.as_secs_f64()),
            Cell::Size(size) => Value::from(*size),
        }
    }

    /// The tone of the value.
    pub(crate) fn tone(&self) -> Tone {
        match self {
            Cell::State(_, tone) => *tone,
            _ => Tone::Plain,
        }
    }

    /// The rank of this type in a column of mixed types.
    fn rank(&self) -> u8 {
        match self {
            Cell::Number(_) | Cell::Float(_) | Cell::Digits(_) | Cell::Size(_) => 0,
            Cell::Duration(_) => 1,
            Cell::Time(_) => 2,
            Cell::Bool(_) => 3,
            Cell::Text(_) | Cell::State(..) => 4,
            Cell::Empty => 6,
        }
    }

    /// The numeric value as a float, 0 for anything else.
    #[expect(clippy::cast_precision_loss, reason = "`whole` decides between numbers too large for a float")]
    fn magnitude(&self) -> f64 {
        match self {
            Cell::Number(number) => *number as f64,
            Cell::Size(size) => *size as f64,
            Cell::Float(number) => *number,
            Cell::Digits(text) => text.parse().unwrap_or_default(),
            _ => 0.0,
        }
    }

    /// The exact value of an integer; `None` for a float, which sorts before integers of the same magnitude.
    fn whole(&self) -> Option<i128> {
        match self {
            Cell::Number(number) => Some(i128::from(*number)),
            Cell::Size(size) => Some(i128::from(*size)),
            Cell::Digits(text) => text.parse().ok(),
            _ => None,
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Cell::Number(number)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Cell::Text(number.to_string()), Cell::Number)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Cell::Float(number)
    }
}

impl From<bool> for Cell {
    fn from(truth: bool) -> Self {
        Cell::Bool(truth)
    }
}

impl From<Timestamp> for Cell {
    fn from(time: Timestamp) -> Self {
        Cell::Time(time)
    }
}

impl From<Duration> for Cell {
    fn from(duration: Duration) -> Self {
        Cell::Duration(duration)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Empty, Into::into)
    }
}

/// Compares text case-insensitively, then exactly; digits inside count as numbers, so that web-9 precedes web-10.
fn compare_text(a: &str, b: &str) -> Ordering {
    let mut left = a.chars().flat_map(char::to_lowercase).peekable();
    let mut right = b.chars().flat_map(char::to_lowercase).peekable();
    loop {
        let order = match (left.peek().copied(), right.peek().copied()) {
            (None, None) => return a.cmp(b),
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (x, y) = (take_number(&mut left), take_number(&mut right));
                x.len().cmp(&y.len()).then_with(|| x.cmp(&y))
            }
            (x, y) => {
                left.next();
                right.next();
                x.cmp(&y)
            }
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Takes the leading digits, without leading zeros.
fn take_number(characters: &mut std::iter::Peekable<impl Iterator<Item = char>>) -> String {
    let digits: String = std::iter::from_fn(|| characters.next_if(char::is_ascii_digit)).collect();
    digits.trim_start_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn time(text: &str) -> Cell {
        Cell::Time(crate::text::parse::parse_time(text).unwrap())
    }

    #[test]
    fn values_have_one_form_for_people_and_one_for_scripts() {
        let now = crate::text::parse::parse_time("2026-01-01T00:00:00Z").unwrap();
        let people = CellStyle { relative_times: true, units: true, now };
        let scripts = CellStyle::plain();
        for (cell, for_people, for_scripts, json) in [
            (Cell::Empty, "", "", "null"),
            (Cell::from("a\tb"), "a\tb", "a\tb", "\"a\\tb\""),
            (Cell::from(-7_i64), "-7", "-7", "-7"),
            (Cell::from(u64::MAX), "18446744073709551615", "18446744073709551615", "\"18446744073709551615\""),
            (Cell::from(1.0), "1.0", "1.0", "1.0"),
            (Cell::from(1e300), "1e+300", "1e+300", "1e+300"),
            (Cell::from(true), "yes", "yes", "true"),
            (Cell::from(None::<bool>), "", "", "null"),
            (Cell::from(Some(false)), "no", "no", "false"),
            (time("2025-12-31T23:58:00Z"), "2 minutes ago", "2025-12-31T23:58:00Z", "\"2025-12-31T23:58:00Z\""),
            (Cell::Duration(Duration::from_secs(65)), "1m 05s", "65", "65"),
            (Cell::Duration(Duration::from_millis(1500)), "1s", "1.5", "1.5"),
            (Cell::Size(2048), "2.0 KiB", "2048", "2048"),
            (Cell::State("Healthy".to_owned(), Tone::Good), "Healthy", "Healthy", "\"Healthy\""),
        ] {
            assert_eq!(cell.text(&people), for_people);
            assert_eq!(cell.text(&scripts), for_scripts);
            assert_eq!(cell.json().to_string(), json);
        }
    }

    #[test]
    fn values_have_one_order() {
        let ascending = [
            Cell::Float(f64::NEG_INFINITY),
            Cell::from(-1_i64),
            Cell::from(2_i64),
            Cell::Float(2.5),
            Cell::Size(3),
            Cell::from(10_i64),
            Cell::Number(i64::MAX - 1),
            Cell::Number(i64::MAX),
            Cell::Size(u64::MAX),
            Cell::Float(f64::NAN),
            Cell::Duration(Duration::from_secs(1)),
            Cell::Duration(Duration::from_secs(20)),
            time("2014-09-01T00:00:00Z"),
            time("2015-09-01T00:00:00Z"),
            Cell::from(false),
            Cell::from(true),
            Cell::from(""),
            Cell::from("-"),
            Cell::from("007"),
            Cell::from("7"),
            Cell::from("08"),
            Cell::from("Alpha"),
            Cell::from("alpha"),
            Cell::State("beta".to_owned(), Tone::Bad),
            Cell::from("web-9"),
            Cell::from("Web-9b"),
            Cell::from("web-10"),
            Cell::from("web-10000000000000000000000000"),
            Cell::from("Ägypten"),
            Cell::Empty,
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(a.compare(b), i.cmp(&j), "{a:?} and {b:?}");
            }
        }
    }
}
