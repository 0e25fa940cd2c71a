//! The generic verbs over one description per noun.
//!
//! A noun says once, as data, what lists it, shows it and identifies it, and what its columns hold; [`list`], [`show`]
//! and [`write`] do paging, columns, sorting, filtering, formats, jq and dry run for all of them.

pub(crate) mod column_help;
pub(crate) mod columns;
pub(crate) mod filter;
pub(crate) mod find;
pub(crate) mod list;
pub(crate) mod noun;
pub(crate) mod print;
mod rows;
pub(crate) mod show;
pub(crate) mod verb;
pub(crate) mod write;

use serde::de::DeserializeOwned;

use self::noun::Noun;
use crate::output::cell::{Cell, Holds};
use crate::output::table::Importance;

/// A column of a noun.
pub(crate) struct Column<V> {
    /// Name for `--columns`; in upper case it is the header.
    pub(crate) name: &'static str,
    /// Its meaning, for `--columns help`.
    pub(crate) meaning: &'static str,
    /// The type of its values, which decides alignment and order.
    pub(crate) holds: Holds,
    /// Whether only `-o wide` and `show` have it.
    pub(crate) wide: bool,
    /// How long it stays on a narrow terminal.
    pub(crate) importance: Importance,
    /// The short form of its texts, for a narrow terminal.
    pub(crate) short: Option<fn(&str) -> &str>,
    /// Its value for an item.
    pub(crate) cell: fn(&V) -> Cell,
}

impl<V> Column<V> {
    const fn new(holds: Holds, name: &'static str, meaning: &'static str, cell: fn(&V) -> Cell) -> Self {
        Self { name, meaning, holds, wide: false, importance: Importance::Main, short: None, cell }
    }

    /// A column of UIDs, or of commits, beside a name.
    pub(crate) const fn uid(name: &'static str, meaning: &'static str, cell: fn(&V) -> Cell) -> Self {
        minor(short(first_of_uid, Self::text(name, meaning, cell)))
    }

    /// A column of text, states included.
    pub(crate) const fn text(name: &'static str, meaning: &'static str, cell: fn(&V) -> Cell) -> Self {
        Self::new(Holds::Text, name, meaning, cell)
    }

    /// A column of numbers.
    pub(crate) const fn number(name: &'static str, meaning: &'static str, cell: fn(&V) -> Cell) -> Self {
        Self::new(Holds::Number, name, meaning, cell)
    }

    /// A column of sizes in bytes.
    pub(crate) const fn size(name: &'static str, meaning: &'static str, cell: fn(&V) -> Cell) -> Self {
        Self::new(Holds::Size, name, meaning, cell)
    }

    /// A column of times.
    pub(crate) const fn time(name: &'static str, meaning: &'static str, cell: fn(&V) -> Cell) -> Self {
        Self::new(Holds::Time, name, meaning, cell)
    }

    /// A column of durations.
    pub(crate) const fn duration(name: &'static str, meaning: &'static str, cell: fn(&V) -> Cell) -> Self {
        Self::new(Holds::Duration, name, meaning, cell)
    }

    /// A column of booleans.
    pub(crate) const fn flag(name: &'static str, meaning: &'static str, cell: fn(&V) -> Cell) -> Self {
        Self::new(Holds::Flag, name, meaning, cell)
    }
}

/// The first 8 characters of a UID.
fn first_of_uid(uid: &str) -> &str {
    uid.get(..8).unwrap_or(uid)
}

/// The same column, which a narrow terminal never drops and never cuts off: what names the item.
pub(crate) const fn key<V>(mut column: Column<V>) -> Column<V> {
    column.importance = Importance::Key;
    column
}

/// The same column, which a narrow terminal drops first.
pub(crate) const fn minor<V>(mut column: Column<V>) -> Column<V> {
    column.importance = Importance::Minor;
    column
}

/// The same column, whose texts a narrow terminal shows in this short form.
pub(crate) const fn short<V>(form: fn(&str) -> &str, mut column: Column<V>) -> Column<V> {
    column.short = Some(form);
    column
}

/// The same column, shown only by `-o wide` and `show`.
#[expect(clippy::needless_pass_by_value, reason = "a row of a table, which is made in place")]
pub(crate) const fn wide<V>(column: Column<V>) -> Column<V> {
    Column { wide: true, ..column }
}

/// Connects a noun with the typed fields of its items.
pub(crate) trait Resource: Sized + 'static {
    /// The fields in use, typed.
    type View: DeserializeOwned + 'static;
    /// The description for the generic verbs, completion, the reference and hints.
    const NOUN: &'static Noun;
    /// Its columns, in order.
    const COLUMNS: &'static [Column<Self::View>];

    /// The id for other commands.
    fn id(view: &Self::View) -> Option<String>;
}
