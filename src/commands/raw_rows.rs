//! Rows for raw API requests, whose items have no typed columns.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::commands::context::Context;
use crate::error::{Error, Kind, Result};
use crate::http::document::Document;
use crate::http::fields::Fields;
use crate::output::Format;
use crate::output::cell::Cell;
use crate::output::table::TextRow;
use crate::resource::columns::{ColumnRef, Item, json_cell};
use crate::resource::noun::Noun;
use crate::resource::print::RowPrinter;
use crate::resource::{Column, Resource};

/// A table with fewer cells is not too large, however many of them are empty.
const MANY_CELLS: usize = 1_000_000;
/// How many cells a larger table may have for each value in it.
const MAX_SPARSENESS: usize = 20;
const CELLS_AT_ONCE: usize = 20_000;

/// Any item: its columns are its fields.
struct RawItems;

/// How much of an item must be parsed.
#[derive(Default, Deserialize)]
#[serde(from = "Fields")]
struct RawFields {
    id: Option<String>,
    names: Vec<String>,
}

impl From<Fields> for RawFields {
    fn from(fields: Fields) -> Self {
        Self {
            id: ["uid", "id", "key", "name"].iter().find_map(|name| fields.text(name)),
            names: fields.names().map(str::to_owned).collect(),
        }
    }
}

impl Resource for RawItems {
    type View = RawFields;
    const NOUN: &'static Noun = &Noun::new::<Self>("item", "items");
    const COLUMNS: &'static [Column<RawFields>] = &[];

    fn id(view: &RawFields) -> Option<String> {
        view.id.clone()
    }
}

/// Whether the output is rows, not JSON. A table would be no better than the JSON.
pub(crate) fn wants_rows(context: &Context) -> bool {
    !context.printer.has_jq() && matches!(context.printer.format(), Format::Csv | Format::Tsv | Format::Name)
}

/// The items of a list, or the single item.
pub(crate) fn items(document: Document) -> Vec<Document> {
    let items: Option<Vec<Box<RawValue>>> = serde_json::from_str(document.text()).ok();
    items.map_or_else(|| vec![document], |items| items.into_iter().map(Document::new).collect())
}

/// Prints the items, one row each; the columns are all fields that any item has.
pub(crate) fn print(context: &Context, documents: Vec<Document>) -> Result<()> {
    if documents.iter().any(|document| !document.text().starts_with(['{', '['])) {
        return Err(Error::usage("the reply has no columns").hint("use -o json to see the raw reply"));
    }
    let items: Vec<Item> =
        documents.into_iter().map(|document| Item::new(RawItems::NOUN, document, false)).collect::<Result<_>>()?;
    let (mut names, mut seen, mut values) = (Vec::new(), HashSet::new(), 0);
    for name in items.iter().filter_map(Item::view::<RawItems>).flat_map(|fields| &fields.names) {
        values += 1;
        if seen.insert(name) {
            names.push(name.clone());
        }
    }
    if items.is_empty() {
        return context.printer.flush();
    }
    if context.printer.format() == Format::Name {
        RowPrinter::new(&context.printer, Vec::new(), true).print(&items)?;
        return context.printer.flush();
    }
    let cells = names.len().saturating_mul(items.len());
    if cells > MANY_CELLS.max(values * MAX_SPARSENESS) {
        let message = format!("a table of the reply would have {} rows of {} columns", items.len(), names.len());
        return Err(Error::new(Kind::BadReply, message)
            .cause("the items of the reply have different fields")
            .hint("use -o json"));
    }
    let columns = names.iter().cloned().map(ColumnRef::Path).collect();
    let mut printer = RowPrinter::new(&context.printer, columns, true);
    for part in items.chunks((CELLS_AT_ONCE / names.len().max(1)).max(1)) {
        let rows = part.iter().map(|item| row(&item.document, &names)).collect::<Result<Vec<_>>>()?;
        printer.print_rows(&rows.iter().collect::<Vec<_>>())?;
    }
    context.printer.flush()
}

/// The values of an item. It is parsed once: looking for each of many names in it would take for ever.
fn row(document: &Document, names: &[String]) -> Result<TextRow> {
    let members: HashMap<String, &RawValue> = document.members()?;
    let cells: Vec<Cell> =
        names.iter().map(|name| members.get(name).map_or(Cell::Empty, |value| json_cell(value.get()))).collect();
    Ok(TextRow::plain(&cells))
}
