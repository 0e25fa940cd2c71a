//! `--columns help`: lists the columns of a noun with their meaning.

use serde::Deserialize;

use super::columns::{ColumnRef, Item};
use super::noun::{ColumnInfo, Noun};
use super::print::RowPrinter;
use super::{Column, Resource};
use crate::cloud66::envelope::Document;
use crate::error::Result;
use crate::output::Printer;

/// The columns of a resource, as items of a list.
struct Columns;

#[derive(Deserialize)]
struct ColumnHelp {
    column: String,
    shown: String,
    meaning: Option<String>,
}

impl Resource for Columns {
    type View = ColumnHelp;
    const NOUN: &'static Noun = &Noun::new::<Self>("column", "columns");
    const COLUMNS: &'static [Column<ColumnHelp>] = &[
        Column::text("column", "name of the column", |described| described.column.as_str().into()),
        Column::text("shown", "when it is shown: always, or with -o wide", |described| described.shown.as_str().into()),
        Column::text("meaning", "meaning", |described| described.meaning.clone().into()),
    ];

    fn id(view: &ColumnHelp) -> Option<String> {
        Some(view.column.clone())
    }
}

/// Prints the columns of a resource if `--columns help` was given; returns `true` if it did, and nothing is to be
/// fetched.
pub(crate) fn print_column_help(resource: &Noun, printer: &Printer, named: &[String]) -> Result<bool> {
    if named != ["help"] {
        return Ok(false);
    }
    let described = |column: ColumnInfo| {
        let shown = if column.wide { "wide" } else { "always" };
        Document::from_value(&serde_json::json!({ "column": column.name, "shown": shown, "meaning": column.meaning }))
    };
    let documents: Vec<Document> = resource.columns().map(described).collect();
    if printer.is_structured() {
        printer.documents(&documents)?;
    } else {
        let items = documents.into_iter().map(|document| Item::new(Columns::NOUN, document, false));
        let items: Vec<Item> = items.collect::<Result<_>>()?;
        RowPrinter::new(printer, ColumnRef::all(Columns::NOUN, &[], false), true).print(&items)?;
    }
    printer.flush()?;
    if printer.is_for_people() {
        printer.note("a JSON path is a column too, such as triggered_via.meaning");
        if resource.columns().any(|column| column.name == "health" || column.name == "status") {
            printer.note("NAME_text is the word where JSON has a code, such as health_text");
        }
    }
    Ok(true)
}
