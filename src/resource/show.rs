//! The verb `show`, once for all resources.

use super::Resource;
use super::column_help::print_columns;
use super::columns::{self, Chosen, Item};
use super::list::project;
use super::noun::Noun;
use super::print::{Plan, Rows};
use crate::args::ShowArgs;
use crate::cloud66::envelope::Document;
use crate::error::Result;
use crate::output::{Console, Format};

/// Prints one item: labelled fields for people, the whole of it for machines.
pub(crate) fn show<R: Resource>(console: &Console, plan: &Plan, args: &ShowArgs, document: Document) -> Result<()> {
    show_described(R::NOUN, console, plan, args, document, false)
}

/// The same; with `reveal`, passwords show in every format.
pub(crate) fn show_revealing<R: Resource>(
    console: &Console,
    plan: &Plan,
    args: &ShowArgs,
    document: Document,
    reveal: bool,
) -> Result<()> {
    show_described(R::NOUN, console, plan, args, document, reveal)
}

/// The same for a resource whose type is not known here.
pub(crate) fn show_described(
    resource: &Noun,
    console: &Console,
    plan: &Plan,
    args: &ShowArgs,
    document: Document,
    reveal: bool,
) -> Result<()> {
    let named = !args.columns.is_empty();
    if plan.is_text_faithful() && !named {
        document.check_object()?;
        plan.document(console, &document)?;
        return console.flush();
    }
    let columns = Chosen::all(resource, &args.columns, true);
    let paths = columns::need_paths(&columns) || plan.is_text_faithful();
    let item = [Item::new(resource, document, paths, plan.conceals() && !reveal)?];
    columns::check(resource, &columns, &item)?;
    let [item] = item;
    if plan.is_text_faithful() {
        plan.document(console, &project(&item, &columns))?;
    } else {
        let mut rows = Rows::new(console, plan.format, columns, !args.no_headers);
        match plan.format {
            Format::Table | Format::Wide => rows.fields(&item)?,
            _ => rows.print(&[item])?,
        }
    }
    console.flush()
}

/// Prints what remote work came to, and passes its verdict on. A machine reads one thing: the result on stdout, or the
/// failure on stderr; people see both.
pub(crate) fn conclude<R: Resource>(
    console: &Console,
    plan: &Plan,
    document: Document,
    verdict: Result<()>,
) -> Result<()> {
    if verdict.is_err() && !plan.is_for_people() {
        return verdict;
    }
    // A reader of stdout that has gone must not turn a failure into a quiet end.
    let printed = show::<R>(console, plan, &ShowArgs::default(), document);
    verdict.and(printed)
}

/// Prints the columns when `--columns help` asks for them; `true` when it did, and nothing is to be fetched.
pub(crate) fn asked_for_columns<R: Resource>(console: &Console, plan: &Plan, args: &ShowArgs) -> Result<bool> {
    print_columns(R::NOUN, console, plan, &args.columns)
}
