//! The verb `list`, for all resources.

use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::Resource;
use super::column_help::print_column_help;
use super::columns::{self, ColumnRef, Item, SortBy};
use super::filter::Filter;
use super::noun::Noun;
use super::print::RowPrinter;
use crate::args::ListArgs;
use crate::cloud66::envelope::Document;
use crate::error::Result;
use crate::http::memory::HeldItems;
use crate::http::pagination::{Page, Pages};
use crate::output::cell::CellStyle;
use crate::output::{Format, Printer};

/// Maximum memory of a byte of JSON once parsed, in bytes.
const PARSED_COST: usize = 40;
/// Memory of a table cell, in bytes.
const CELL_COST: usize = 80;

/// Which items stay, if the command itself filters.
pub(crate) type ItemPredicate<'k> = Option<&'k dyn Fn(&Item) -> bool>;

/// A list with the user's options.
pub(crate) struct Listing<'c> {
    resource: &'static Noun,
    printer: &'c Printer,
    columns: Vec<ColumnRef>,
    columns_named: bool,
    headers: bool,
    filters: Vec<Filter>,
    sort_by: Option<SortBy>,
    limit: Option<usize>,
    reveal: bool,
}

impl<'c> Listing<'c> {
    /// Parses the options. Returns `None` if only the list of columns was requested, which is then printed.
    pub(crate) fn of<R: Resource>(printer: &'c Printer, args: &ListArgs) -> Result<Option<Self>> {
        Self::new(R::NOUN, printer, args)
    }

    /// The same for a resource whose type is not known here.
    pub(crate) fn new(resource: &'static Noun, printer: &'c Printer, args: &ListArgs) -> Result<Option<Self>> {
        if print_column_help(resource, printer, &args.columns)? {
            return Ok(None);
        }
        Ok(Some(Self {
            resource,
            printer,
            columns: ColumnRef::all(resource, &args.columns, printer.format() == Format::Wide),
            columns_named: !args.columns.is_empty(),
            headers: !args.no_headers,
            filters: args.filter.iter().map(|text| Filter::parse(resource, text)).collect::<Result<_>>()?,
            sort_by: args.sort.as_deref().map(|text| SortBy::parse(resource, text)).transpose()?,
            limit: args.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)),
            reveal: false,
        }))
    }

    /// Reveals passwords in every format.
    pub(crate) fn revealing(mut self, reveal: bool) -> Self {
        self.reveal = reveal;
        self
    }

    /// Maximum number of items needed from the API, if known.
    pub(crate) fn max_items(&self) -> Option<usize> {
        if self.filters.is_empty() && self.sort_by.is_none() { self.limit } else { None }
    }

    /// Prints the items of `pages` that `keep` keeps.
    pub(crate) async fn print(&self, pages: Pages<'_>, keep: ItemPredicate<'_>) -> Result<()> {
        self.print_and_count(pages, keep).await.map(drop)
    }

    /// The same; returns the number of printed items.
    pub(crate) async fn print_and_count(&self, mut pages: Pages<'_>, keep: ItemPredicate<'_>) -> Result<usize> {
        if keep.is_none() && self.is_untouched() {
            return self.print_untouched(pages).await;
        }
        let mut kept: Vec<Item> = Vec::new();
        let mut rows =
            RowPrinter::new(self.printer, self.columns.clone(), self.headers).naming_columns(self.columns_named);
        let streams = self.printer.streams() && self.sort_by.is_none();
        let mut count = ShownCount { chosen: !self.filters.is_empty(), ..ShownCount::default() };
        let mut checked = false;
        let mut held = HeldItems::default();
        while let Some(page) = pages.next().await? {
            count.total = count.total.or(page.total);
            if !streams {
                self.make_room(&mut held, &page)?;
            }
            let mut items = self.take_apart(page.items.into_iter().map(Document::new))?;
            if !checked && !items.is_empty() {
                columns::check_columns(self.resource, self.named_columns(), &items)?;
                checked = true;
            }
            let before = items.len();
            items.retain(|item| keep.is_none_or(|keep| keep(item)) && self.passes(item));
            count.chosen |= items.len() < before;
            if self.sort_by.is_none() {
                count.admit(&mut items, self.limit);
            }
            if streams {
                self.put(&mut rows, &items)?;
                self.printer.flush()?;
            } else {
                kept.append(&mut items);
            }
            if count.is_full(self.limit) {
                break;
            }
        }
        if let Some(sort_by) = &self.sort_by {
            sort_by.sort(&mut kept);
            count = ShownCount { total: Some(kept.len() as u64), ..ShownCount::default() };
            count.admit(&mut kept, self.limit);
        }
        // A format with a header has one even without items.
        if !streams || count.shown == 0 {
            self.put(&mut rows, &kept)?;
            self.printer.flush()?;
        }
        self.say_how_many(&count);
        Ok(count.shown)
    }

    /// Whether the API's text is printed unchanged, so that nothing must be parsed.
    fn is_untouched(&self) -> bool {
        self.printer.is_structured() && !self.columns_named && self.filters.is_empty() && self.sort_by.is_none()
    }

    async fn print_untouched(&self, mut pages: Pages<'_>) -> Result<usize> {
        let mut kept: Vec<Document> = Vec::new();
        let mut count = ShownCount::default();
        let mut held = HeldItems::default();
        while let Some(page) = pages.next().await? {
            count.total = count.total.or(page.total);
            if !self.printer.streams() {
                self.make_room(&mut held, &page)?;
            }
            let mut documents: Vec<Document> = page.items.into_iter().map(Document::new).collect();
            // Every item of every list is documented as an object; anything else is an error.
            documents.iter().try_for_each(Document::check_object)?;
            count.admit(&mut documents, self.limit);
            if self.printer.streams() {
                self.printer.documents(&documents)?;
                self.printer.flush()?;
            } else {
                kept.append(&mut documents);
            }
            if count.is_full(self.limit) {
                break;
            }
        }
        if !self.printer.streams() {
            self.printer.documents(&kept)?;
            self.printer.flush()?;
        }
        self.say_how_many(&count);
        Ok(count.shown)
    }

    /// Checks that there is memory for one more page of the kept items.
    fn make_room(&self, held: &mut HeldItems, page: &Page) -> Result<()> {
        let lengths = page.items.iter().map(|item| item.get().len());
        let (per_item, per_byte) = match self.printer.format() {
            _ if self.printer.has_jq() => (0, PARSED_COST),
            Format::Json => (0, 0),
            _ => (self.columns.len() * CELL_COST, 1),
        };
        held.add(lengths, per_item, per_byte)
    }

    /// Prints a list that is already loaded.
    pub(crate) async fn print_documents(&self, documents: Vec<Document>) -> Result<()> {
        let total = Some(documents.len() as u64);
        let items: Vec<_> = documents.iter().map(|document| document.raw().to_owned()).collect();
        let fetch = move |_| {
            let page = Page { items: items.clone(), total, ..Page::default() };
            async move { Ok(page) }
        };
        self.print(Pages::new(fetch, 1, None), None).await
    }

    fn say_how_many(&self, count: &ShownCount) {
        let shown = count.shown as u64;
        match count.total {
            Some(total) if count.full && !count.chosen && total > shown => {
                self.printer.progress(&format!("showing {shown} of {total}"));
            }
            _ if count.full && count.chosen => self.printer.progress(&format!("showing the first {shown}")),
            _ if shown == 0 => self.printer.note(&format!("no {}", self.resource.plural)),
            _ => {}
        }
    }

    fn named_columns(&self) -> impl Iterator<Item = &ColumnRef> {
        let named = if self.columns_named { self.columns.as_slice() } else { &[] };
        named.iter().chain(self.filters.iter().map(Filter::column)).chain(self.sort_by.iter().map(SortBy::column))
    }

    fn take_apart(&self, documents: impl Iterator<Item = Document>) -> Result<Vec<Item>> {
        let redact = self.printer.redacts() && !self.reveal;
        documents.map(|document| Item::new(self.resource, document, redact)).collect()
    }

    fn passes(&self, item: &Item) -> bool {
        let style = CellStyle::plain();
        self.filters.iter().all(|filter| filter.keeps(item, &style))
    }

    fn put(&self, rows: &mut RowPrinter<'_>, items: &[Item]) -> Result<()> {
        if self.printer.is_structured() {
            let documents: Vec<Document> = items.iter().map(|item| self.document(item)).collect::<Result<_>>()?;
            self.printer.documents(&documents)
        } else {
            rows.print(items)
        }
    }

    /// The item as the API sent it, or only its chosen columns.
    fn document(&self, item: &Item) -> Result<Document> {
        if self.columns_named { project(item, &self.columns) } else { Ok(item.document.clone()) }
    }
}

/// How many items were shown, of how many.
#[derive(Default)]
struct ShownCount {
    shown: usize,
    /// The total that the API reports.
    total: Option<u64>,
    /// Whether items were filtered, so that the API's total does not apply.
    chosen: bool,
    /// Whether the limit is reached.
    full: bool,
}

impl ShownCount {
    /// Cuts `items` at the limit and counts the rest.
    fn admit<T>(&mut self, items: &mut Vec<T>, limit: Option<usize>) {
        items.truncate(limit.map_or(usize::MAX, |limit| limit - self.shown));
        self.shown += items.len();
        self.full = self.is_full(limit);
    }

    fn is_full(&self, limit: Option<usize>) -> bool {
        limit == Some(self.shown)
    }
}

/// An object of the chosen columns.
pub(crate) fn project(item: &Item, columns: &[ColumnRef]) -> Result<Document> {
    Document::from_serialize(&Projection { item, columns })
}

/// The chosen columns of an item as the API sent them; large values are not copied first.
struct Projection<'i> {
    item: &'i Item,
    columns: &'i [ColumnRef],
}

impl Serialize for Projection<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A duplicate column keeps its first position.
        let is_first = |(at, column): &(usize, &ColumnRef)| {
            self.columns[..*at].iter().all(|earlier| earlier.name() != column.name())
        };
        let mut members = serializer.serialize_map(None)?;
        for (_, column) in self.columns.iter().enumerate().filter(is_first) {
            let json = column.json(self.item);
            let value: &RawValue = serde_json::from_str(&json).map_err(S::Error::custom)?;
            members.serialize_entry(column.name(), value)?;
        }
        members.end()
    }
}
