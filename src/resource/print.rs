//! Prints items to stdout in the chosen format.

use super::columns::{ColumnRef, Item};
use crate::error::Result;
use crate::output::cell::{Cell, CellStyle};
use crate::output::delimited::Delimited;
use crate::output::table::Header;
use crate::output::{Format, Printer, fields, table};
use crate::text::format::snake_case;

/// Prints rows of chosen columns, in the formats with rows.
pub(crate) struct RowPrinter<'c> {
    printer: &'c Printer,
    columns: Vec<ColumnRef>,
    columns_named: bool,
    headers: bool,
    headed: bool,
}

impl<'c> RowPrinter<'c> {
    /// A printer of rows.
    pub(crate) fn new(printer: &'c Printer, columns: Vec<ColumnRef>, headers: bool) -> Self {
        Self { printer, columns, columns_named: false, headers, headed: false }
    }

    /// Sets whether the user named the columns, which then all stay.
    pub(crate) fn naming_columns(mut self, columns_named: bool) -> Self {
        self.columns_named = columns_named;
        self
    }

    /// Prints some rows; tables need all of them at once, the other formats take them as they arrive.
    pub(crate) fn print(&mut self, items: &[Item]) -> Result<()> {
        match self.printer.format() {
            Format::Name => self.printer.write(|out| {
                items
                    .iter()
                    .filter_map(Item::id)
                    .try_for_each(|id| writeln!(out, "{}", crate::text::sanitize::sanitize(&id)))
            }),
            Format::Csv | Format::Tsv => self.delimited(items),
            _ => {
                let headers: Vec<Header> =
                    self.columns.iter().map(|column| column.table_header(self.columns_named)).collect();
                let rows: Vec<Vec<Cell>> = items.iter().map(|item| self.cells(item)).collect();
                let mut table_style = self.printer.table_style(self.headers);
                // `wide` is whole, on a terminal too.
                table_style.width = table_style.width.filter(|_| self.printer.format() != Format::Wide);
                let text = table::render(&headers, &rows, &table_style);
                self.printer.page(&text)
            }
        }
    }

    /// Prints one item as labelled fields.
    pub(crate) fn fields(&self, item: &Item) -> Result<()> {
        let fields: Vec<(String, Cell)> =
            self.columns.iter().map(|column| (label(column.name()), column.cell(item))).collect();
        let text = fields::render(&fields, &self.printer.table_style(true));
        self.printer.write_lines(&text)
    }

    fn cells(&self, item: &Item) -> Vec<Cell> {
        self.columns.iter().map(|column| column.cell(item)).collect()
    }

    fn delimited(&mut self, items: &[Item]) -> Result<()> {
        let head = (self.headers && !self.headed).then(|| self.columns.iter().map(|column| column.name().to_owned()));
        self.headed = true;
        self.printer.write(|out| {
            let mut writer =
                if self.printer.format() == Format::Csv { Delimited::csv(out) } else { Delimited::tsv(out) };
            writer = writer.safe(self.printer.options().csv_safe);
            if let Some(head) = head {
                writer.row(head)?;
            }
            let style = CellStyle::plain();
            for item in items {
                let cells = self.cells(item);
                writer.row(cells.iter().map(|cell| cell.text(&style)))?;
            }
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
