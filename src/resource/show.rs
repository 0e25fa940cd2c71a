//! The verb `show`, once for all resources.

use super::Resource;
use super::column_help::print_column_help;
use super::columns::{self, ColumnRef, Item};
use super::list::project;
use super::noun::Noun;
use super::print::{Plan, RowPrinter};
use crate::args::ShowArgs;
use crate::cloud66::envelope::Document;
use crate::error::Result;
use crate::output::{Format, Printer};

/// Prints one item: labelled fields for people, the whole of it for machines.
pub(crate) fn show<R: Resource>(printer: &Printer, plan: &Plan, args: &ShowArgs, document: Document) -> Result<()> {
    show_described(R::NOUN, printer, plan, args, document, false)
}

/// The same; with `reveal`, passwords show in every format.
pub(crate) fn show_revealing<R: Resource>(
    printer: &Printer,
    plan: &Plan,
    args: &ShowArgs,
    document: Document,
    reveal: bool,
) -> Result<()> {
    show_described(R::NOUN, printer, plan, args, document, reveal)
}

/// The same for a resource whose type is not known here.
pub(crate) fn show_described(
    resource: &Noun,
    printer: &Printer,
    plan: &Plan,
    args: &ShowArgs,
    document: Document,
    reveal: bool,
) -> Result<()> {
    let named = !args.columns.is_empty();
    if plan.is_structured() && !named {
        document.check_object()?;
        plan.document(printer, &document)?;
        return printer.flush();
    }
    let columns = ColumnRef::all(resource, &args.columns, true);
    let paths = columns::need_paths(&columns) || plan.is_structured();
    let item = [Item::new(resource, document, paths, plan.redacts() && !reveal)?];
    columns::check_columns(resource, &columns, &item)?;
    let [item] = item;
    if plan.is_structured() {
        plan.document(printer, &project(&item, &columns))?;
    } else {
        let mut rows = RowPrinter::new(printer, plan.format, columns, !args.no_headers);
        match plan.format {
            Format::Table | Format::Wide => rows.fields(&item)?,
            _ => rows.print(&[item])?,
        }
    }
    printer.flush()
}

/// Prints what remote work came to, and passes its verdict on. A machine reads one thing: the result on stdout, or the
/// failure on stderr; people see both.
pub(crate) fn print_verdict<R: Resource>(
    printer: &Printer,
    plan: &Plan,
    document: Document,
    verdict: Result<()>,
) -> Result<()> {
    if verdict.is_err() && !plan.is_for_people() {
        return verdict;
    }
    // A reader of stdout that has gone must not turn a failure into a quiet end.
    let printed = show::<R>(printer, plan, &ShowArgs::default(), document);
    verdict.and(printed)
}

/// Prints the columns when `--columns help` asks for them; `true` when it did, and nothing is to be fetched.
pub(crate) fn print_column_help_if_asked<R: Resource>(printer: &Printer, plan: &Plan, args: &ShowArgs) -> Result<bool> {
    print_column_help(R::NOUN, printer, plan, &args.columns)
}
