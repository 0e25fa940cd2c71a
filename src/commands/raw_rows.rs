//! Rows for raw API requests, whose items have no typed columns.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::commands::context::Context;
use crate::error::{Error, Result};
use crate::http::document::Document;
use crate::output::Format;
use crate::resource::columns::{ColumnRef, Item};
use crate::resource::noun::Noun;
use crate::resource::print::RowPrinter;
use crate::resource::{Column, Resource};

/// Any item: its columns are its fields.
struct RawItems;

impl Resource for RawItems {
    type View = Value;
    const NOUN: &'static Noun = &Noun::new::<Self>("item", "items");
    const COLUMNS: &'static [Column<Value>] = &[];

    fn id(view: &Value) -> Option<String> {
        let id = ["uid", "id", "key", "name"].iter().find_map(|name| view.get(name).filter(|id| !id.is_null()))?;
        Some(id.as_str().map_or_else(|| id.to_string(), str::to_owned))
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
    let items: Vec<Item> = documents
        .into_iter()
        .map(|document| Item::new(RawItems::NOUN, document, true, false))
        .collect::<Result<_>>()?;
    let mut names: Vec<String> = Vec::new();
    for item in &items {
        let fields = item
            .view::<RawItems>()
            .and_then(Value::as_object)
            .ok_or_else(|| Error::usage("the reply has no columns").hint("use -o json to see the raw reply"))?;
        names.extend(fields.keys().filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>());
    }
    if !items.is_empty() {
        let columns = names.into_iter().map(ColumnRef::Path).collect();
        RowPrinter::new(&context.printer, columns, true).print(&items)?;
    }
    context.printer.flush()
}
