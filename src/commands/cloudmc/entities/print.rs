//! Prints items whose fields are not known in advance.

use serde_json::Value;

use super::Entities;
use super::columns::columns_of;
use crate::args::{ListArgs, ShowArgs};
use crate::commands::context::Context;
use crate::error::Result;
use crate::http::document::Document;
use crate::output::Format;
use crate::resource::list::Listing;
use crate::resource::show::show_revealing;
use crate::text::sanitize::sanitize;

/// Prints resources of one type. The default columns depend on the rows.
pub(crate) async fn print_entities(
    context: &Context,
    kind: &str,
    rows: Vec<Document>,
    list: &ListArgs,
    reveal: bool,
) -> Result<()> {
    let mut list = list.clone();
    let format = context.printer.format();
    if list.columns.is_empty() && !context.printer.is_structured() && format != Format::Name && !rows.is_empty() {
        let values: Vec<Value> = rows.iter().map(Document::value).collect::<Result<_>>()?;
        list.columns = columns_of(kind, &values, format == Format::Wide);
    }
    let Some(listing) = Listing::of::<Entities>(&context.printer, &list)? else { return Ok(()) };
    listing.revealing(reveal).print_documents(rows).await
}

/// Prints a resource, which may be any JSON value: an object as labelled fields, anything else as its text.
pub(crate) fn print_entity(context: &Context, document: Document, show: &ShowArgs, reveal: bool) -> Result<()> {
    let value = document.value()?;
    let Some(fields) = value.as_object() else {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if context.printer.is_structured() || (value.is_array() && context.printer.is_for_people()) {
            context.printer.document(&document)?;
        } else if matches!(context.printer.format(), Format::Csv | Format::Tsv) {
            context.printer.texts("value", &[text])?;
        } else {
            context.printer.write_lines(&format!("{}\n", sanitize(&text)))?;
        }
        return context.printer.flush();
    };
    let mut show = show.clone();
    if show.columns.is_empty() && !context.printer.is_structured() {
        let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty) || *value == Value::Null;
        let there = fields.iter().filter(|(name, value)| !is_empty(value) && !name.contains(['.', ',']));
        show.columns = there.map(|(name, _)| name.clone()).collect();
    }
    show_revealing::<Entities>(&context.printer, &show, document, reveal)
}
