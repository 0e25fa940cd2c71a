//! The verb `list`, for all resources.

use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::Resource;
use super::column_help::print_column_help;
use super::columns::{self, ColumnRef, ColumnSet, Item, SortBy};
use super::filter::Filter;
use super::noun::Noun;
use super::rows::{Output, Row};
use crate::args::ListArgs;
use crate::cloud66::envelope::Document;
use crate::error::Result;
use crate::http::pagination::{Page, Pages};
use crate::output::cell::CellStyle;
use crate::output::{Format, Printer};

/// Which items stay, if the command itself filters.
pub(crate) type ItemPredicate<'k> = Option<&'k dyn Fn(&Item) -> bool>;

/// Adds to an item what the API tells elsewhere.
pub(crate) type Completion<'c> = &'c dyn Fn(&mut Item);

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

    /// Whether the column of that name is printed, filtered by or sorted by.
    pub(crate) fn uses(&self, name: &str) -> bool {
        let printed = self.columns.iter().filter(|_| self.columns_named || !self.printer.is_structured());
        printed.chain(self.named_columns()).any(|column| column.name() == name)
    }

    /// Prints the items of `pages` that `keep` keeps.
    pub(crate) async fn print(&self, pages: Pages<'_>, keep: ItemPredicate<'_>) -> Result<()> {
        self.print_and_count(pages, keep).await.map(drop)
    }

    /// Prints the items of `pages` after `complete`.
    pub(crate) async fn print_completed(&self, pages: Pages<'_>, complete: Completion<'_>) -> Result<()> {
        self.print_pages(pages, None, Some(complete)).await.map(drop)
    }

    /// Prints the items of `pages` that `keep` keeps; returns how many they are.
    pub(crate) async fn print_and_count(&self, pages: Pages<'_>, keep: ItemPredicate<'_>) -> Result<usize> {
        self.print_pages(pages, keep, None).await
    }

    async fn print_pages(
        &self,
        mut pages: Pages<'_>,
        keep: ItemPredicate<'_>,
        complete: Option<Completion<'_>>,
    ) -> Result<usize> {
        let untouched = keep.is_none() && self.is_untouched();
        let columns = ColumnSet { columns: self.columns.clone(), named: self.columns_named };
        let mut output = Output::new(self.printer, columns, self.headers, self.sort_by.as_ref());
        let mut count = ShownCount { chosen: !self.filters.is_empty(), ..ShownCount::default() };
        let mut checked = false;
        while let Some(page) = pages.next().await? {
            count.total = count.total.or(page.total);
            output.make_room(&page)?;
            let documents = page.items.into_iter().map(Document::new);
            if untouched {
                let mut documents: Vec<Document> = documents.collect();
                // Every item of every list is documented as an object; anything else is an error.
                documents.iter().try_for_each(Document::check_object)?;
                count.admit(&mut documents, self.limit);
                output.put(documents.into_iter().map(Row::Document).collect())?;
            } else {
                let mut items = self.take_apart(documents)?;
                if let Some(complete) = complete {
                    items.iter_mut().for_each(complete);
                }
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
                output.put_items(items, |item| self.document(item))?;
            }
            if count.is_full(self.limit) {
                break;
            }
            if pages.has_more() {
                let needed = self.max_items().map_or(u64::MAX, |most| most as u64);
                output.show_progress(self.resource.plural, count.total.map(|total| total.min(needed)));
            }
        }
        if self.sort_by.is_some() {
            let held = output.sorted();
            count = ShownCount { total: Some(held.len() as u64), ..ShownCount::default() };
            count.admit(held, self.limit);
        }
        output.finish()?;
        self.say_how_many(&count);
        Ok(count.shown)
    }

    /// Whether the API's text is printed unchanged, so that nothing must be parsed.
    fn is_untouched(&self) -> bool {
        self.printer.is_structured() && !self.columns_named && self.filters.is_empty() && self.sort_by.is_none()
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

    /// The item as the API sent it, or only its chosen columns.
    fn document(&self, item: Item) -> Result<Document> {
        if self.columns_named { project(&item, &self.columns) } else { Ok(item.document) }
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
