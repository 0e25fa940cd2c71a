//! Prints items to stdout in the chosen format.

use super::columns::{ColumnRef, Item};
use crate::error::Result;
use crate::output::cell::Cell;
use crate::output::delimited::Delimited;
use crate::output::table::{Header, TableStyle, TextRow};
use crate::output::{Format, Printer, fields, table};
use crate::text::format::snake_case;
use crate::text::sanitize::sanitize;

/// How many rows are made at once where they need not be together.
const ROWS_AT_ONCE: usize = 100;

/// Prints rows of chosen columns, in the formats with rows.
pub(crate) struct RowPrinter<'c> {
    printer: &'c Printer,
    columns: Vec<ColumnRef>,
    columns_named: bool,
    headers: bool,
    headed: bool,
    /// One for all rows: relative times have one reference.
    style: TableStyle,
    /// The ids of the rows so far, for `--watch`.
    ids: Vec<String>,
}

impl<'c> RowPrinter<'c> {
    /// A printer of rows.
    pub(crate) fn new(printer: &'c Printer, columns: Vec<ColumnRef>, headers: bool) -> Self {
        let mut style = printer.table_style(headers);
        // `wide` is whole, on a terminal too.
        style.width = style.width.filter(|_| printer.format() != Format::Wide);
        Self { printer, columns, columns_named: false, headers, headed: false, style, ids: Vec::new() }
    }

    /// Sets whether the user named the columns, which then all stay.
    pub(crate) fn naming_columns(mut self, columns_named: bool) -> Self {
        self.columns_named = columns_named;
        self
    }

    /// Prints items: all of them at once as a table, in other formats also in parts.
    pub(crate) fn print(&mut self, items: &[Item]) -> Result<()> {
        let is_table = !matches!(self.printer.format(), Format::Name | Format::Csv | Format::Tsv);
        let at_once = if is_table { items.len() } else { ROWS_AT_ONCE };
        // A table has a header even without rows.
        for part in items.chunks(at_once.max(1)).chain(items.is_empty().then_some(items)) {
            let rows: Vec<TextRow> = part.iter().map(|item| self.row(item)).collect();
            self.print_rows(&rows.iter().collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// The texts of an item.
    pub(crate) fn row(&mut self, item: &Item) -> TextRow {
        match self.printer.format() {
            Format::Name => TextRow::plain(&item.id().map(Cell::Text).into_iter().collect::<Vec<_>>()),
            Format::Csv | Format::Tsv => TextRow::plain(&self.cells(item)),
            _ => {
                let cells = self.marked_cells(item);
                table::row(&cells, &self.style)
            }
        }
    }

    /// Prints rows, as [`print`](Self::print) prints items.
    pub(crate) fn print_rows(&mut self, rows: &[&TextRow]) -> Result<()> {
        match self.printer.format() {
            Format::Name => self.printer.write(|out| {
                let ids = rows.iter().flat_map(|row| row.texts());
                ids.map(sanitize).try_for_each(|id| writeln!(out, "{id}"))
            }),
            Format::Csv | Format::Tsv => self.delimited(rows),
            _ => {
                let headers: Vec<Header> =
                    self.columns.iter().map(|column| column.table_header(self.columns_named)).collect();
                if !self.printer.pages() {
                    return table::render(&headers, rows, &self.style, &mut |part| self.printer.write_lines(part));
                }
                let mut whole = String::new();
                table::render(&headers, rows, &self.style, &mut |part| {
                    whole.push_str(part);
                    Ok(())
                })?;
                self.printer.page(&whole)
            }
        }
    }

    /// Prints one item as labelled fields.
    pub(crate) fn fields(&self, item: &Item) -> Result<()> {
        let fields: Vec<(String, Cell)> = self
            .columns
            .iter()
            .map(|column| (label(column.name()), self.printer.mark("", column.name(), column.cell(item))))
            .collect();
        let text = fields::render(&fields, &self.printer.table_style(true));
        self.printer.write_lines(&text)
    }

    /// The cells of a row, those marked that have changed since the round of `--watch` before.
    fn marked_cells(&mut self, item: &Item) -> Vec<Cell> {
        let cells = self.cells(item);
        if !self.printer.marks_changes() {
            return cells;
        }
        let id = item.id().unwrap_or_default();
        let earlier = self.ids.iter().filter(|known| **known == id).count();
        let key = format!("{id} {earlier}");
        self.ids.push(id);
        let names = self.columns.iter().map(ColumnRef::name);
        names.zip(cells).map(|(name, cell)| self.printer.mark(&key, name, cell)).collect()
    }

    fn cells(&self, item: &Item) -> Vec<Cell> {
        self.columns.iter().map(|column| column.cell(item)).collect()
    }

    fn delimited(&mut self, rows: &[&TextRow]) -> Result<()> {
        let head = (self.headers && !self.headed).then(|| self.columns.iter().map(|column| column.name().to_owned()));
        self.headed = true;
        self.printer.write(|out| {
            let mut writer =
                if self.printer.format() == Format::Csv { Delimited::csv(out) } else { Delimited::tsv(out) };
            writer = writer.safe(self.printer.options().csv_safe);
            if let Some(head) = head {
                writer.row(head)?;
            }
            rows.iter().try_for_each(|row| writer.row(row.texts()))?;
            writer.finish()
        })
    }
}

/// A column's name as the label of a field: `last_activity` becomes `Last activity`, `server_uid` `Server UID`,
/// `zoneName` `Zone name`.
fn label(name: &str) -> String {
    if name.contains('.') {
        return name.to_owned();
    }
    let words: Vec<String> = snake_case(name)
        .split('_')
        .enumerate()
        .map(|(place, word)| match word {
            "id" | "uid" | "fqdn" | "url" | "2fa" | "api" | "ip" | "dns" | "cpu" | "vpc" | "mac" | "os" | "mb"
            | "gb" => word.to_uppercase(),
            _ if place == 0 => capitalised(word),
            _ => word.to_owned(),
        })
        .collect();
    words.join(" ")
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first: String = letters.next().map(char::to_uppercase).into_iter().flatten().collect();
    first + letters.as_str()
}
