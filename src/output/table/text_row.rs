//! A row of a table as text, in little memory.

use std::borrow::Cow;

use crate::output::cell::{Cell, CellStyle, Tone};
use crate::text::sanitize::sanitize;

/// The texts of a row, without the values that they came from: a long list keeps its rows until the last has arrived.
#[derive(Debug)]
pub(crate) struct TextRow {
    text: Box<str>,
    pub(super) fields: Box<[Field]>,
    /// The short forms, for a terminal.
    short: Option<Box<TextRow>>,
}

/// One text of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// Where it ends in the row's text.
    end: u32,
    /// Its tone.
    pub(super) tone: Tone,
    /// Whether there is no value.
    pub(super) is_empty: bool,
    /// Whether the value is a number.
    pub(super) is_number: bool,
    /// Whether the value is text without a tone, or there is none.
    pub(super) is_text: bool,
}

impl TextRow {
    /// The texts of these cells, each as `text` writes it.
    fn new<'c>(cells: &'c [Cell], text: impl Fn(&'c Cell) -> Cow<'c, str>) -> Self {
        let mut joined = String::new();
        let field = |cell: &'c Cell| {
            joined.push_str(&text(cell));
            Field {
                end: u32::try_from(joined.len()).unwrap_or(u32::MAX),
                tone: cell.tone(),
                is_empty: *cell == Cell::Empty,
                is_number: matches!(cell, Cell::Number(_) | Cell::Float(_) | Cell::Digits(_) | Cell::Size(_)),
                is_text: matches!(cell, Cell::Text(_) | Cell::Empty),
            }
        };
        let fields = cells.iter().map(field).collect();
        Self { text: joined.into(), fields, short: None }
    }

    /// The text in that column, or its short form.
    pub(super) fn text(&self, index: usize, short: bool) -> Option<&str> {
        let row = self.short.as_deref().filter(|_| short).unwrap_or(self);
        let start = index.checked_sub(1).map_or(Some(0), |before| Some(row.fields.get(before)?.end))?;
        row.text.get(start as usize..row.fields.get(index)?.end as usize)
    }

    /// The texts of these cells for people, sanitized; with their short forms, if `has_short`.
    pub(super) fn sanitized(cells: &[Cell], style: &CellStyle, has_short: bool) -> Self {
        let mut row = Self::new(cells, |cell| sanitized(cell.text(style)));
        if has_short && cells.iter().any(|cell| matches!(cell, Cell::Time(_))) {
            row.short = Some(Box::new(Self::new(cells, |cell| sanitized(cell.short_text(style)))));
        }
        row
    }

    /// The texts of these cells for a script.
    pub(crate) fn plain(cells: &[Cell]) -> Self {
        Self::new(cells, |cell| cell.text(&CellStyle::plain()))
    }

    /// The texts in order.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.fields.iter().map(|field| field.end));
        starts.zip(&self.fields).map(|(start, field)| &self.text[start as usize..field.end as usize])
    }
}

fn sanitized(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => sanitize(text),
        Cow::Owned(text) => Cow::Owned(sanitize(&text).into_owned()),
    }
}
