//! Rows for raw API requests, whose items have no typed columns.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::commands::context::Context;
use crate::error::{Error, Result};
use crate::http::document::Document;
use crate::http::fields::Fields;
use crate::output::Format;
use crate::resource::columns::{ColumnRef, Item};
use crate::resource::noun::Noun;
use crate::resource::print::RowPrinter;
use crate::resource::{Column, Resource};

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
    let (mut names, mut seen) = (Vec::new(), HashSet::new());
    for name in items.iter().filter_map(Item::view::<RawItems>).flat_map(|fields| &fields.names) {
        if seen.insert(name) {
            names.push(name.clone());
        }
    }
    if !items.is_empty() {
        let columns = names.into_iter().map(ColumnRef::Path).collect();
        RowPrinter::new(&context.printer, columns, true).print(&items)?;
    }
    context.printer.flush()
}
