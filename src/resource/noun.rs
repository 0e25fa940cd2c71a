//! A noun as data: the description for the generic verbs, completion, the reference and hints.
//!
//! The verbs take a [`Noun`] and are not generic over [`Resource`], so they are compiled once, not per noun.

use std::any::Any;

use clap::builder::ArgExt;
use serde_json::Value;

use super::{Column, Resource};
use crate::error::{Error, Result};
use crate::http::document::Document;
use crate::http::endpoint::Endpoint;
use crate::output::cell::{Cell, Holds};
use crate::output::table::Importance;

/// The description of a noun, without its type.
#[derive(Debug)]
pub(crate) struct Noun {
    /// Singular.
    pub(crate) singular: &'static str,
    /// Plural.
    pub(crate) plural: &'static str,
    /// The operation that lists it.
    pub(crate) list: Option<&'static Endpoint>,
    /// The operation that shows one.
    pub(crate) show: Option<&'static Endpoint>,
    /// The fields that can identify one in commands, the best first.
    pub(crate) names: &'static [&'static str],
    /// The fields that completion shows beside a name.
    pub(crate) notes: &'static [&'static str],
    /// Whether a name may be typed in lower case and with `-` instead of a space.
    pub(crate) folds: bool,
    /// How many characters of a name completion offers, if a prefix is enough.
    pub(crate) short: Option<usize>,
    /// Masks secrets, if items can have any.
    pub(super) redact: Option<fn(&mut Value)>,
    /// Parses the typed fields of an item.
    pub(super) read: fn(&Document) -> Result<Box<dyn ItemFields>>,
    column: fn(usize) -> Option<ColumnInfo>,
}

/// A column of a noun, without its type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColumnInfo {
    /// Its index among the columns.
    pub(super) index: usize,
    /// Its name.
    pub(crate) name: &'static str,
    /// Its meaning.
    pub(crate) meaning: &'static str,
    /// The type of its values.
    pub(crate) holds: Holds,
    /// Whether only `-o wide` and `show` have it.
    pub(crate) wide: bool,
    /// How long it stays on a narrow terminal.
    pub(crate) importance: Importance,
    /// The short form of its texts, for a narrow terminal.
    pub(crate) short: Option<fn(&str) -> &str>,
}

/// The typed fields of an item of any noun.
pub(super) trait ItemFields: Any {
    /// The value in the column with that index.
    fn cell(&self, index: usize) -> Cell;

    /// The id for other commands.
    fn id(&self) -> Option<String>;
}

/// The typed fields of an item of `R`.
struct TypedFields<R: Resource>(R::View);

impl<R: Resource> ItemFields for TypedFields<R> {
    fn cell(&self, index: usize) -> Cell {
        let cell = (R::COLUMNS[index].cell)(&self.0);
        debug_assert!(R::COLUMNS[index].holds.fits(&cell), "column {} holds {cell:?}", R::COLUMNS[index].name);
        cell
    }

    fn id(&self) -> Option<String> {
        R::id(&self.0)
    }
}

impl dyn ItemFields {
    /// The fields themselves; `None` if they are those of another noun.
    pub(super) fn view<R: Resource>(&self) -> Option<&R::View> {
        let fields: &dyn Any = self;
        fields.downcast_ref::<TypedFields<R>>().map(|typed| &typed.0)
    }

    /// The same, to change them.
    pub(super) fn view_mut<R: Resource>(&mut self) -> Option<&mut R::View> {
        let fields: &mut dyn Any = self;
        fields.downcast_mut::<TypedFields<R>>().map(|typed| &mut typed.0)
    }
}

/// Marks an argument as the name of a noun's item, which completion lists.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NamesOf {
    /// The noun.
    pub(crate) noun: &'static Noun,
    /// The suffix of each name, such as the `=` of an assignment.
    pub(crate) suffix: &'static str,
}

impl ArgExt for NamesOf {}

impl Noun {
    /// Creates a noun with the columns and fields of `R`.
    pub(crate) const fn new<R: Resource>(singular: &'static str, plural: &'static str) -> Self {
        Self {
            singular,
            plural,
            list: None,
            show: None,
            names: &[],
            notes: &[],
            folds: false,
            short: None,
            redact: None,
            read: |document| Ok(Box::new(TypedFields::<R>(document.view()?))),
            column: |index| {
                let column = R::COLUMNS.get(index)?;
                let &Column { name, meaning, holds, wide, importance, short, .. } = column;
                Some(ColumnInfo { index, name, meaning, holds, wide, importance, short })
            },
        }
    }

    /// Sets the operation that lists it.
    pub(crate) const fn listed_by(mut self, endpoint: &'static Endpoint) -> Self {
        self.list = Some(endpoint);
        self
    }

    /// Sets the operation that shows one.
    pub(crate) const fn shown_by(mut self, endpoint: &'static Endpoint) -> Self {
        self.show = Some(endpoint);
        self
    }

    /// Sets the fields that can identify one, the best first.
    pub(crate) const fn named_by(mut self, fields: &'static [&'static str]) -> Self {
        self.names = fields;
        self
    }

    /// Sets the fields that completion shows beside a name.
    pub(crate) const fn told_apart_by(mut self, fields: &'static [&'static str]) -> Self {
        self.notes = fields;
        self
    }

    /// Allows names in lower case and with `-` instead of a space.
    pub(crate) const fn folded(mut self) -> Self {
        self.folds = true;
        self
    }

    /// Makes completion offer only the first characters of a name.
    pub(crate) const fn shortened(mut self, characters: usize) -> Self {
        self.short = Some(characters);
        self
    }

    /// Sets what masks the secrets of an item.
    pub(crate) const fn concealed_by(mut self, redact: fn(&mut Value)) -> Self {
        self.redact = Some(redact);
        self
    }

    /// The operation that lists it, for a verb that needs one.
    pub(crate) fn list_endpoint(&self) -> Result<&'static Endpoint> {
        self.list.ok_or_else(|| Error::internal(format!("no operation lists {}", self.plural)))
    }

    /// The operation that shows one, for a verb that needs one.
    pub(crate) fn show_endpoint(&self) -> Result<&'static Endpoint> {
        self.show.ok_or_else(|| Error::internal(format!("no operation shows a {}", self.singular)))
    }

    /// Its columns, in order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = ColumnInfo> {
        (0..).map_while(self.column)
    }

    /// Completion for an argument that names one.
    pub(crate) const fn names(&'static self) -> NamesOf {
        NamesOf { noun: self, suffix: "" }
    }

    /// Completion for an argument that starts with the name of one, such as `KEY=VALUE`.
    pub(crate) const fn names_before(&'static self, suffix: &'static str) -> NamesOf {
        NamesOf { noun: self, suffix }
    }
}
