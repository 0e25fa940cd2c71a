//! Times: seconds since 1970, and times broken down into an array of year, month from 0, day, hour, minute, second,
//! day of the week and day of the year. All are in UTC.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Row, next};
use crate::jq::json_write::quote;
use crate::jq::number::Number;
use crate::jq::operators::unfit;
use crate::jq::value::{Fault, Value};

pub(super) const BUILTINS: &[Row] = &[
    ("now", 0, |_, _| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Value::from(since.as_secs_f64()))
    }),
    ("gmtime", 0, |value, _| Broken::of(&value, "gmtime() requires a number")?.array()),
    ("localtime", 0, |value, _| Broken::of(&value, "localtime() requires a number")?.array()),
    ("mktime", 0, |value, _| {
        if !matches!(value, Value::Array(_)) {
            return Err(Fault::error("mktime requires array inputs"));
        }
        Ok(Value::from(Broken::parse(&value, "mktime requires parsed datetime inputs")?.seconds()))
    }),
    ("strftime", 1, |value, mut arguments| format(&value, &next(&mut arguments), "strftime/1")),
    ("strflocaltime", 1, |value, mut arguments| format(&value, &next(&mut arguments), "strflocaltime/1")),
    ("strptime", 1, strptime),
];

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The largest distance from 1970, in seconds, that is broken down: some million years.
const MAX_SECONDS: f64 = 1e14;

/// A time that is broken down; the month counts from 0.
#[derive(Clone, Copy, Default)]
struct Broken {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: f64,
}

impl Broken {
    /// From a number of seconds.
    fn of(value: &Value, otherwise: &str) -> Result<Self, Fault> {
        let Some(seconds) = value.as_f64() else { return Err(Fault::error(otherwise)) };
        if seconds.is_nan() || seconds.abs() > MAX_SECONDS {
            return Err(Fault::error("error converting number of seconds since epoch to datetime"));
        }
        let whole = Number::Float(seconds.floor()).truncated();
        let (days, rest) = (whole.div_euclid(86_400), whole.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let second = f64::from(i32::try_from(rest % 60).unwrap_or(0)) + (seconds - seconds.floor());
        Ok(Self { year, month: month - 1, day, hour: rest / 3600, minute: rest / 60 % 60, second })
    }

    /// From a number of seconds or an array.
    fn parse(value: &Value, otherwise: &str) -> Result<Self, Fault> {
        let Value::Array(list) = value else { return Self::of(value, otherwise) };
        let mut parts = [0.0; 6];
        for (part, item) in parts.iter_mut().zip(list.items()) {
            *part = item.as_f64().filter(|part| part.abs() < 1e9).ok_or_else(|| Fault::error(otherwise))?;
        }
        if list.items().len() < 3 {
            return Err(Fault::error(otherwise));
        }
        let [year, month, day, hour, minute, _] = parts.map(|part| Number::Float(part).truncated());
        Ok(Self { year, month, day, hour, minute, second: parts[5] })
    }

    fn days(&self) -> i64 {
        let months = self.year * 12 + self.month;
        days(months.div_euclid(12), months.rem_euclid(12) + 1, 1) + self.day - 1
    }

    fn seconds(&self) -> i64 {
        self.days() * 86_400 + self.hour * 3600 + self.minute * 60 + Number::Float(self.second.floor()).truncated()
    }

    fn day_of_week(&self) -> i64 {
        (self.days() + 4).rem_euclid(7)
    }

    fn day_of_year(&self) -> i64 {
        self.days() - days(self.year, 1, 1)
    }

    fn array(&self) -> Result<Value, Fault> {
        let whole = [self.year, self.month, self.day, self.hour, self.minute].map(Value::from);
        let second = Value::Number(Number::whole(self.second));
        let mut parts = whole.to_vec();
        // A time without a date has no day.
        let days = if self.day == 0 { (0, 0) } else { (self.day_of_week(), self.day_of_year()) };
        parts.extend([second, Value::from(days.0), Value::from(days.1)]);
        Value::array(parts)
    }

    /// The year and week of ISO 8601.
    fn iso_week(&self) -> (i64, i64) {
        // The week belongs to the year of its Thursday.
        let thursday = self.days() + 3 - (self.day_of_week() + 6) % 7;
        let (year, _, _) = civil(thursday);
        (year, (thursday - days(year, 1, 1)) / 7 + 1)
    }

    /// One directive of `strftime`.
    fn directive(&self, directive: char, text: &mut String) -> bool {
        let place = |value: i64, names: &[&'static str]| {
            usize::try_from(value).ok().and_then(|at| names.get(at).copied()).unwrap_or("?")
        };
        let (weekday, month) = (place(self.day_of_week(), &DAYS), place(self.month, &MONTHS));
        let half = if self.hour % 12 == 0 { 12 } else { self.hour % 12 };
        let second = Number::Float(self.second).truncated();
        let (year, hour, minute, day) = (self.year, self.hour, self.minute, self.day);
        let week = |first: i64| (self.day_of_year() + 7 - (self.day_of_week() - first).rem_euclid(7)) / 7;
        let short_year = year.rem_euclid(100);
        let date = self.month + 1;
        // Writing to a string cannot fail.
        _ = match directive {
            'a' => write!(text, "{weekday:.3}"),
            'A' => write!(text, "{weekday}"),
            'b' | 'h' => write!(text, "{month:.3}"),
            'B' => write!(text, "{month}"),
            'c' => write!(text, "{weekday:.3} {month:.3} {day:2} {hour:02}:{minute:02}:{second:02} {year}"),
            'C' => write!(text, "{:02}", year.div_euclid(100)),
            'd' => write!(text, "{day:02}"),
            'D' | 'x' => write!(text, "{date:02}/{day:02}/{short_year:02}"),
            'e' => write!(text, "{day:2}"),
            'F' => write!(text, "{year}-{date:02}-{day:02}"),
            'g' => write!(text, "{:02}", self.iso_week().0.rem_euclid(100)),
            'G' => write!(text, "{}", self.iso_week().0),
            'H' => write!(text, "{hour:02}"),
            'I' => write!(text, "{half:02}"),
            'j' => write!(text, "{:03}", self.day_of_year() + 1),
            'k' => write!(text, "{hour:2}"),
            'l' => write!(text, "{half:2}"),
            'm' => write!(text, "{date:02}"),
            'M' => write!(text, "{minute:02}"),
            'n' => writeln!(text),
            'p' => write!(text, "{}", if hour < 12 { "AM" } else { "PM" }),
            'P' => write!(text, "{}", if hour < 12 { "am" } else { "pm" }),
            'r' => write!(text, "{half:02}:{minute:02}:{second:02} {}", if hour < 12 { "AM" } else { "PM" }),
            'R' => write!(text, "{hour:02}:{minute:02}"),
            's' => write!(text, "{}", self.seconds()),
            'S' => write!(text, "{second:02}"),
            't' => write!(text, "\t"),
            'T' | 'X' => write!(text, "{hour:02}:{minute:02}:{second:02}"),
            'u' => write!(text, "{}", (self.day_of_week() + 6) % 7 + 1),
            'U' => write!(text, "{:02}", week(0)),
            'V' => write!(text, "{:02}", self.iso_week().1),
            'w' => write!(text, "{}", self.day_of_week()),
            'W' => write!(text, "{:02}", week(1)),
            'y' => write!(text, "{short_year:02}"),
            'Y' => write!(text, "{year}"),
            'z' => write!(text, "+0000"),
            'Z' => write!(text, "UTC"),
            '%' => write!(text, "%"),
            _ => return false,
        };
        true
    }
}

/// Days since 1970 of a date; the month counts from 1.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is their last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date of a number of days since 1970; the month counts from 1.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn format(value: &Value, format: &Value, name: &str) -> Result<Value, Fault> {
    if !matches!(value, Value::Number(_) | Value::Array(_)) {
        return Err(Fault::error(format!("{name} requires parsed datetime inputs")));
    }
    let Some(format) = format.as_str() else { return Err(Fault::error(format!("{name} requires a string format"))) };
    let broken = Broken::parse(value, &format!("{name} requires parsed datetime inputs"))?;
    let mut text = String::new();
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        match (character, characters.clone().next()) {
            ('%', Some(directive)) if broken.directive(directive, &mut text) => _ = characters.next(),
            _ => text.push(character),
        }
    }
    Ok(text.into())
}

fn strptime(value: Value, mut arguments: Vec<Value>) -> Result<Value, Fault> {
    let format = next(&mut arguments);
    let (Some(text), Some(format)) = (value.as_str(), format.as_str()) else {
        return Err(unfit(&value, "strptime/1 requires string inputs and arguments"));
    };
    let mut reader =
        Reader { rest: text, broken: Broken { year: 1900, ..Broken::default() }, offset: 0, afternoon: None };
    match reader.read(format) {
        Some(()) if reader.rest.is_empty() => reader.finish()?.array(),
        _ => {
            let quoted = quote(&value);
            Err(Fault::error(format!("date {quoted} does not match format \"{format}\"")))
        }
    }
}

/// Reads a time by a format.
struct Reader<'t> {
    rest: &'t str,
    broken: Broken,
    /// Seconds east of UTC.
    offset: i64,
    afternoon: Option<bool>,
}

impl Reader<'_> {
    fn read(&mut self, format: &str) -> Option<()> {
        let mut characters = format.chars();
        while let Some(character) = characters.next() {
            if character == '%' {
                let directive = characters.next()?;
                self.directive(directive)?;
            } else if character.is_ascii_whitespace() {
                self.rest = self.rest.trim_start();
            } else {
                self.rest = self.rest.strip_prefix(character)?;
            }
        }
        Some(())
    }

    fn directive(&mut self, directive: char) -> Option<()> {
        match directive {
            'Y' => self.broken.year = self.number(4)?,
            'y' => {
                let year = self.number(2)?;
                self.broken.year = if year < 69 { 2000 + year } else { 1900 + year };
            }
            'm' => self.broken.month = within(self.number(2)?, 1, 12)? - 1,
            'd' | 'e' => self.broken.day = within(self.number(2)?, 1, 31)?,
            'H' | 'k' => self.broken.hour = within(self.number(2)?, 0, 23)?,
            'I' | 'l' => self.broken.hour = within(self.number(2)?, 1, 12)?,
            'M' => self.broken.minute = within(self.number(2)?, 0, 59)?,
            'S' => self.broken.second = f64::from(i32::try_from(within(self.number(2)?, 0, 60)?).ok()?),
            'j' => {
                self.broken.month = 0;
                self.broken.day = within(self.number(3)?, 1, 366)?;
            }
            's' => {
                let seconds = self.number(15)?;
                self.broken = Broken::of(&Value::from(seconds), "").ok()?;
            }
            'a' | 'A' => _ = self.name(&DAYS)?,
            'b' | 'B' | 'h' => self.broken.month = self.name(&MONTHS)?,
            'p' | 'P' => self.afternoon = Some(self.name(&["AM", "PM"])? == 1),
            'Z' => {
                let length = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
                self.rest = if length > 0 { &self.rest[length..] } else { return None };
            }
            'z' => self.offset = self.zone()?,
            'T' => self.read("%H:%M:%S")?,
            'R' => self.read("%H:%M")?,
            'D' => self.read("%m/%d/%y")?,
            'F' => self.read("%Y-%m-%d")?,
            'c' => self.read("%a %b %e %H:%M:%S %Y")?,
            'n' | 't' => self.rest = self.rest.trim_start(),
            '%' => self.rest = self.rest.strip_prefix('%')?,
            _ => return None,
        }
        Some(())
    }

    fn number(&mut self, most: usize) -> Option<i64> {
        self.rest = self.rest.trim_start();
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count().min(most);
        let number = self.rest[..digits].parse().ok()?;
        self.rest = &self.rest[digits..];
        Some(number)
    }

    /// A name or its first three letters, in any case.
    fn name(&mut self, names: &[&str]) -> Option<i64> {
        let starts = |name: &str| self.rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        let (at, length) = names.iter().enumerate().find_map(|(at, name)| {
            let short = &name[..name.len().min(3)];
            [*name, short].into_iter().find(|name| starts(name)).map(|name| (at, name.len()))
        })?;
        self.rest = &self.rest[length..];
        i64::try_from(at).ok()
    }

    fn zone(&mut self) -> Option<i64> {
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Some(0);
        }
        let sign = match self.rest.chars().next()? {
            '+' => 1,
            '-' => -1,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        let hours = self.number(2)?;
        self.rest = self.rest.strip_prefix(':').unwrap_or(self.rest);
        let minutes = self.number(2).unwrap_or(0);
        Some(sign * (hours * 3600 + minutes * 60))
    }

    fn finish(mut self) -> Result<Broken, Fault> {
        if let Some(afternoon) = self.afternoon {
            self.broken.hour = self.broken.hour % 12 + if afternoon { 12 } else { 0 };
        }
        if self.broken.day == 0 {
            return Ok(self.broken);
        }
        // A day past the end of the month counts into the next one; an offset counts back to UTC.
        Broken::of(&Value::from(self.broken.seconds() - self.offset), "")
    }
}

fn within(number: i64, least: i64, most: i64) -> Option<i64> {
    (least..=most).contains(&number).then_some(number)
}
