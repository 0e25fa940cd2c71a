//! Filters rows by the value of a column: equal, unlike, matching, less or more.

use std::cmp::Ordering;

use regex_bites::Regex;

use super::columns::{ColumnRef, Item, json_cell};
use super::noun::Noun;
use crate::error::{Error, Result};
use crate::output::cell::{Cell, CellStyle, Holds};
use crate::text::parse::{parse_ago, parse_date, parse_duration, parse_size, parse_time};

/// One `--filter`.
pub(crate) struct Filter {
    column: ColumnRef,
    comparison: Comparison,
}

enum Comparison {
    Is(String),
    IsNot(String),
    Matches(Regex),
    /// Whether an order of value and bound is wanted, and the bounds that the text can mean: one for a column, several
    /// for a JSON path.
    Ordered(fn(Ordering) -> bool, Vec<Cell>),
}

impl Filter {
    /// Parses `COL=V`, `COL!=V`, `COL~REGEX`, or `COL<V` with any of `<`, `<=`, `>` and `>=`.
    pub(crate) fn parse(resource: &Noun, text: &str) -> Result<Self> {
        let wrong = || {
            Error::usage(format!(
                "invalid filter `{text}`: expected COLUMN=VALUE, COLUMN!=VALUE, COLUMN~REGEX, COLUMN<VALUE or \
                 COLUMN>VALUE"
            ))
            .hint("such as --filter environment=staging")
        };
        let at = text.find(OPERATORS).filter(|at| *at > 0).ok_or_else(wrong)?;
        let (name, rest) = text.split_at(at);
        let column = ColumnRef::named(resource, name);
        let after = |operator: &str| rest.strip_prefix(operator).map(|value| value.trim().to_owned());
        let comparison = if let Some(value) = rest.strip_prefix("!=") {
            Comparison::IsNot(value.to_owned())
        } else if let Some(value) = rest.strip_prefix('=') {
            Comparison::Is(value.to_owned())
        } else if let Some(expression) = rest.strip_prefix('~') {
            Comparison::Matches(Regex::new(&format!("(?i){expression}")).map_err(|error| {
                Error::usage(format!("invalid regular expression `{expression}`")).cause(error.to_string())
            })?)
        } else if let Some(value) = after("<=") {
            Comparison::Ordered(Ordering::is_le, bounds(&column, &value)?)
        } else if let Some(value) = after(">=") {
            Comparison::Ordered(Ordering::is_ge, bounds(&column, &value)?)
        } else if let Some(value) = after("<") {
            Comparison::Ordered(Ordering::is_lt, bounds(&column, &value)?)
        } else if let Some(value) = after(">") {
            Comparison::Ordered(Ordering::is_gt, bounds(&column, &value)?)
        } else {
            return Err(wrong());
        };
        Ok(Self { column, comparison })
    }

    /// Its column.
    pub(crate) fn column(&self) -> &ColumnRef {
        &self.column
    }

    /// Whether the item matches. Both the displayed and the sent value count: `health=healthy` and `health=3`.
    pub(crate) fn keeps(&self, item: &Item, style: &CellStyle) -> bool {
        self.judge(item, style, is_same)
    }

    /// The same, but the first word is enough: `status=deployed` for `Deployed successfully`.
    pub(crate) fn keeps_by_word(&self, item: &Item) -> bool {
        let has_words = matches!(self.column.cell(item), Cell::State(..));
        self.judge(item, &CellStyle::plain(), |seen, wanted| {
            let first = seen.split(' ').next().filter(|_| has_words).unwrap_or(seen);
            is_same(seen, wanted) || is_same(first, wanted)
        })
    }

    fn judge(&self, item: &Item, style: &CellStyle, same: impl Fn(&str, &str) -> bool) -> bool {
        let cell = self.column.cell(item);
        if let Comparison::Ordered(is_wanted, bounds) = &self.comparison {
            return bounds.iter().find_map(|bound| order(&cell, bound)).is_some_and(is_wanted);
        }
        let seen = cell.text(style);
        let sent = item.at(self.column.name()).map_or(Cell::Empty, json_cell);
        let sent = sent.text(style);
        let is = |wanted: &str| same(&seen, wanted) || is_same(&sent, wanted);
        match &self.comparison {
            Comparison::Is(wanted) => is(wanted),
            Comparison::IsNot(wanted) => !is(wanted),
            Comparison::Matches(expression) => expression.is_match(&seen) || expression.is_match(&sent),
            Comparison::Ordered(..) => false,
        }
    }
}

/// The characters that an operator begins with.
pub(crate) const OPERATORS: [char; 5] = ['=', '~', '!', '<', '>'];

/// Compares texts case-insensitively.
fn is_same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}

/// The order of a value and a bound of the same type; `None` for other values.
fn order(cell: &Cell, bound: &Cell) -> Option<Ordering> {
    let is_number = |cell: &Cell| matches!(cell, Cell::Number(_) | Cell::Float(_) | Cell::Digits(_) | Cell::Size(_));
    match (cell, bound) {
        (Cell::Time(_), Cell::Time(_)) | (Cell::Duration(_), Cell::Duration(_)) => Some(cell.compare(bound)),
        // At a JSON path a time is text.
        (Cell::Text(text), Cell::Time(_)) => Some(Cell::Time(parse_time(text)?).compare(bound)),
        (cell, bound) if is_number(cell) && is_number(bound) => Some(cell.compare(bound)),
        _ => None,
    }
}

/// What a text is as a bound of that column.
fn bounds(column: &ColumnRef, text: &str) -> Result<Vec<Cell>> {
    let number = || text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|_| Cell::Digits(text.to_owned()));
    let size = || parse_size(text).map(Cell::Size);
    let duration = || parse_duration(text).ok().map(Cell::Duration);
    // A duration is that long ago.
    let time = || parse_time(text).or_else(|| parse_date(text)).or_else(|| parse_ago(text)).map(Cell::Time);
    let (found, expected) = match column.holds() {
        Some(Holds::Number) => (number(), "a number, such as 5"),
        Some(Holds::Size) => (size(), "a size, such as 100MB"),
        Some(Holds::Duration) => (duration(), "a duration, such as 5m"),
        Some(Holds::Time) => (time(), "a time, such as 2026-01-01, or 2d for two days ago"),
        Some(held @ (Holds::Text | Holds::Flag)) => {
            let what = if held == Holds::Flag { "yes or no" } else { "text" };
            let name = column.name();
            return Err(Error::usage(format!("cannot compare column `{name}` with < or >: it holds {what}"))
                .hint(format!("use {name}=VALUE, {name}!=VALUE or {name}~REGEX")));
        }
        None => {
            let all: Vec<Cell> = [number(), size(), time()].into_iter().flatten().collect();
            return if all.is_empty() { Err(invalid(column, text, "a number, a size or a time")) } else { Ok(all) };
        }
    };
    found.map(|bound| vec![bound]).ok_or_else(|| invalid(column, text, expected))
}

fn invalid(column: &ColumnRef, text: &str, expected: &str) -> Error {
    Error::usage(format!("invalid value `{text}` for column `{}`: expected {expected}", column.name()))
}
