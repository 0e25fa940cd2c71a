//! The verb `show`, for all resources.

use super::Resource;
use super::column_help::print_column_help;
use super::columns::{self, ColumnRef, Item};
use super::list::{Completion, project};
use super::noun::Noun;
use super::print::RowPrinter;
use crate::args::ShowArgs;
use crate::cloud66::envelope::Document;
use crate::error::Result;
use crate::output::{Format, Printer};

/// Prints an item: labelled fields for people, the whole of it for scripts.
pub(crate) fn show<R: Resource>(printer: &Printer, args: &ShowArgs, document: Document) -> Result<()> {
    show_described(R::NOUN, printer, args, document, false)
}

/// The same; `complete` adds what the API tells elsewhere.
pub(crate) fn show_completed<R: Resource>(
    printer: &Printer,
    args: &ShowArgs,
    document: Document,
    complete: Completion<'_>,
) -> Result<()> {
    show_item(R::NOUN, printer, args, document, false, Some(complete))
}

/// The same; `reveal` shows passwords in every format.
pub(crate) fn show_revealing<R: Resource>(
    printer: &Printer,
    args: &ShowArgs,
    document: Document,
    reveal: bool,
) -> Result<()> {
    show_described(R::NOUN, printer, args, document, reveal)
}

/// The same for a resource whose type is not known here.
pub(crate) fn show_described(
    resource: &Noun,
    printer: &Printer,
    args: &ShowArgs,
    document: Document,
    reveal: bool,
) -> Result<()> {
    show_item(resource, printer, args, document, reveal, None)
}

fn show_item(
    resource: &Noun,
    printer: &Printer,
    args: &ShowArgs,
    document: Document,
    reveal: bool,
    complete: Option<Completion<'_>>,
) -> Result<()> {
    let named = !args.columns.is_empty();
    if printer.is_structured() && !named {
        document.check_object()?;
        printer.document(&document)?;
        return printer.flush();
    }
    let columns = ColumnRef::all(resource, &args.columns, true);
    let mut item = [Item::new(resource, document, printer.redacts() && !reveal)?];
    if let Some(complete) = complete {
        item.iter_mut().for_each(complete);
    }
    columns::check_columns(resource, &columns, &item)?;
    let [item] = item;
    if printer.is_structured() {
        let document = project(&item, &columns)?;
        // It is parsed again when it is printed.
        drop(item);
        printer.document(document)?;
    } else {
        let mut rows = RowPrinter::new(printer, columns, !args.no_headers);
        match printer.format() {
            Format::Table | Format::Wide => rows.fields(&item)?,
            _ => rows.print(&[item])?,
        }
    }
    printer.flush()
}

/// Prints the outcome of remote work and returns it. A script gets one thing: the result on stdout, or the error on
/// stderr; people get both.
pub(crate) fn print_verdict<R: Resource>(printer: &Printer, document: Document, verdict: Result<()>) -> Result<()> {
    if verdict.is_err() && !printer.is_for_people() {
        return verdict;
    }
    // A closed stdout must not turn a failure into a silent end.
    let shown = show::<R>(printer, &ShowArgs::default(), document);
    verdict.and(shown)
}

/// Prints the columns if `--columns help` was given; returns `true` if it did, and nothing is to be fetched.
pub(crate) fn print_column_help_if_asked<R: Resource>(printer: &Printer, args: &ShowArgs) -> Result<bool> {
    print_column_help(R::NOUN, printer, &args.columns)
}
