//! Where the rows of a list go: to stdout as the pages arrive, or all at once after the last one.

use std::io::{self, BufRead as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::columns::{ColumnSet, Item, SortBy};
use super::print::RowPrinter;
use crate::cloud66::envelope::Document;
use crate::error::{Error, Result};
use crate::http::memory::HeldItems;
use crate::http::pagination::Page;
use crate::output::cell::Cell;
use crate::output::table::TextRow;
use crate::output::{Format, Indicator, Printer};

/// Number of bytes that are kept as they are; of a longer list, all that came before is compressed.
const PLAIN: usize = 8 * 1024 * 1024;
/// Ends each document of a compressed part; JSON text has no such character.
const END: u8 = 0;
/// Maximum memory of a byte of JSON once parsed, in bytes.
const PARSED_COST: usize = 40;
/// Memory of a row while all are printed or sorted, in bytes.
const ROW_COST: usize = 100;

/// A row of the output.
#[derive(Debug)]
pub(crate) enum Row {
    /// The text of a document.
    Document(Document),
    /// The texts of the columns.
    Texts(TextRow),
}

impl Row {
    fn document(&self) -> Option<&str> {
        match self {
            Self::Document(document) => Some(document.text()),
            Self::Texts(_) => None,
        }
    }

    fn texts(&self) -> Option<&TextRow> {
        match self {
            Self::Document(_) => None,
            Self::Texts(texts) => Some(texts),
        }
    }
}

/// Where the rows of a list go.
pub(crate) struct Output<'c> {
    printer: &'c Printer,
    rows: RowPrinter<'c>,
    sort_by: Option<&'c SortBy>,
    streams: bool,
    held: Vec<Row>,
    /// The value that each held row is sorted by.
    keys: Vec<Cell>,
    /// The held rows of one JSON document.
    documents: HeldDocuments,
    room: HeldItems,
    put: usize,
    fetched: usize,
    progress: Option<Indicator<'c>>,
}

impl<'c> Output<'c> {
    /// An output of rows with these columns.
    pub(crate) fn new(printer: &'c Printer, columns: ColumnSet, headers: bool, sort_by: Option<&'c SortBy>) -> Self {
        Self {
            printer,
            rows: RowPrinter::new(printer, columns.columns, headers).naming_columns(columns.named),
            sort_by,
            streams: printer.streams() && sort_by.is_none(),
            held: Vec::new(),
            keys: Vec::new(),
            documents: HeldDocuments::default(),
            room: HeldItems::default(),
            put: 0,
            fetched: 0,
            progress: None,
        }
    }

    /// Checks that there is memory for one more page, if it must be kept.
    pub(crate) fn make_room(&mut self, page: &Page) -> Result<()> {
        self.fetched += page.items.len();
        let lengths = page.items.iter().map(|item| item.get().len());
        match self.printer.format() {
            _ if self.streams => Ok(()),
            _ if self.printer.has_jq() => self.room.add(lengths, 0, PARSED_COST),
            _ if self.compresses() => self.room.add_compressed(page.items.len(), self.documents.bytes()),
            _ => self.room.add(lengths, ROW_COST, 0),
        }
    }

    /// Prints or keeps these items; `document` is what is printed of one as JSON.
    pub(crate) fn put_items(&mut self, items: Vec<Item>, document: impl Fn(Item) -> Result<Document>) -> Result<()> {
        if let Some(sort_by) = self.sort_by {
            self.keys.extend(items.iter().map(|item| sort_by.key(item)));
        }
        let is_structured = self.printer.is_structured();
        let row =
            |item| Ok(if is_structured { Row::Document(document(item)?) } else { Row::Texts(self.rows.row(&item)) });
        let rows = items.into_iter().map(row).collect::<Result<_>>()?;
        self.put(rows)
    }

    /// Prints or keeps these rows.
    pub(crate) fn put(&mut self, rows: Vec<Row>) -> Result<()> {
        self.put += rows.len();
        if self.streams {
            // An empty page is not an empty list.
            if !rows.is_empty() {
                self.print(&rows)?;
            }
        } else if self.compresses() {
            self.documents.add(rows).map_err(|error| Error::internal(error.to_string()))?;
        } else {
            self.held.extend(rows);
        }
        Ok(())
    }

    /// Whether the rows are one JSON document in the order of the API.
    fn compresses(&self) -> bool {
        self.printer.format() == Format::Json && !self.printer.has_jq() && self.sort_by.is_none()
    }

    /// Says how many items have come, on a terminal where nothing is seen of them yet.
    pub(crate) fn show_progress(&mut self, plural: &str, total: Option<u64>) {
        if self.streams && self.printer.stdout_is_terminal() {
            return;
        }
        let message = match total {
            Some(total) => format!("fetching {plural}: {} of {total}", self.fetched),
            None => format!("fetching {plural}: {}", self.fetched),
        };
        match &self.progress {
            Some(progress) => progress.message(&message),
            None => self.progress = self.printer.spinner(&message),
        }
    }

    /// The kept rows, sorted; equal ones keep their order.
    pub(crate) fn sorted(&mut self) -> &mut Vec<Row> {
        if let Some(sort_by) = self.sort_by {
            let mut keyed: Vec<(Cell, Row)> = self.keys.drain(..).zip(self.held.drain(..)).collect();
            keyed.sort_by(|(one, _), (other, _)| sort_by.compare(one, other));
            self.held.extend(keyed.into_iter().map(|(_, row)| row));
        }
        &mut self.held
    }

    /// Prints what was kept.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.progress = None;
        if self.compresses() {
            self.printer.json_list(|take| std::mem::take(&mut self.documents).each(take))?;
            return self.printer.flush();
        }
        let held = std::mem::take(&mut self.held);
        // A format with a header has one even without items.
        if !self.streams || self.put == 0 {
            self.print(&held)?;
        }
        Ok(())
    }

    fn print(&mut self, rows: &[Row]) -> Result<()> {
        if self.printer.is_structured() {
            self.printer.documents(&rows.iter().filter_map(Row::document).collect::<Vec<_>>())?;
        } else {
            self.rows.print_rows(&rows.iter().filter_map(Row::texts).collect::<Vec<_>>())?;
        }
        self.printer.flush()
    }
}

/// Documents that are printed as one, in order. Nothing is printed before the last has come, and the text of a long list
/// would be most of the program's memory; compressed, it is a tenth.
#[derive(Debug, Default)]
struct HeldDocuments {
    compressed: Vec<Vec<u8>>,
    plain: Vec<Row>,
    plain_bytes: usize,
}

impl HeldDocuments {
    /// Adds the documents of some rows.
    fn add(&mut self, rows: Vec<Row>) -> io::Result<()> {
        self.plain_bytes += rows.iter().filter_map(Row::document).map(str::len).sum::<usize>();
        self.plain.extend(rows);
        if self.plain_bytes > PLAIN {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
            for document in self.plain.drain(..) {
                encoder.write_all(document.document().unwrap_or_default().as_bytes())?;
                encoder.write_all(&[END])?;
            }
            let mut part = encoder.finish()?;
            part.shrink_to_fit();
            self.compressed.push(part);
            self.plain_bytes = 0;
        }
        Ok(())
    }

    /// Number of bytes of memory that they take.
    fn bytes(&self) -> usize {
        self.plain_bytes + self.compressed.iter().map(Vec::len).sum::<usize>()
    }

    /// Hands each document over, in order.
    fn each(self, take: &mut dyn FnMut(&str) -> io::Result<()>) -> io::Result<()> {
        for part in self.compressed {
            let mut documents = io::BufReader::new(DeflateDecoder::new(&*part));
            let mut document = Vec::new();
            while documents.read_until(END, &mut document)? > 0 {
                document.pop();
                take(str::from_utf8(&document).map_err(io::Error::other)?)?;
                document.clear();
            }
        }
        self.plain.iter().filter_map(Row::document).try_for_each(take)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn documents_come_back_in_order_however_many_there_are() {
        for count in [0, 1, 1_000, 30_000] {
            let document = |number: usize| format!("{{\"n\": {number}, \"é\": \"{}\"}}", "\\u0000x".repeat(100));
            let mut held = HeldDocuments::default();
            let mut most = 0;
            for page in (0..count).collect::<Vec<_>>().chunks(700) {
                let raw = |number: &usize| serde_json::value::RawValue::from_string(document(*number)).unwrap();
                held.add(page.iter().map(|number| Row::Document(Document::new(raw(number)))).collect()).unwrap();
                most = held.bytes().max(most);
            }
            assert!(most < PLAIN + PLAIN / 2, "{most}");
            let mut number = 0;
            let take = &mut |text: &str| {
                assert_eq!(text, document(number));
                number += 1;
                Ok(())
            };
            held.each(take).unwrap();
            assert_eq!(number, count);
        }
    }
}
