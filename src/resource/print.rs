//! Putting items on stdout in the format that was asked for.

use serde_json::Value;

use super::columns::{ColumnRef, Item};
use crate::cloud66::envelope::Document;
use crate::error::{Error, Result};
use crate::output::cell::{Cell, CellStyle};
use crate::output::delimited::Delimited;
use crate::output::jq::{Program, RunError};
use crate::output::table::Header;
use crate::output::{Format, Printer, fields, json, table, yaml};
use crate::text::format::snake_case;

/// The form of the result, and the expression to filter it with.
pub(crate) struct Plan {
    /// Format.
    pub(crate) format: Format,
    /// `--jq`.
    pub(crate) jq: Option<Program>,
}

impl Plan {
    /// Whether the result is JSON text, and so what the server sent must be kept as it is.
    pub(crate) fn is_structured(&self) -> bool {
        self.jq.is_some() || matches!(self.format, Format::Json | Format::Jsonl | Format::Yaml)
    }

    /// Whether the result is laid out for people.
    pub(crate) fn is_for_people(&self) -> bool {
        self.jq.is_none() && matches!(self.format, Format::Table | Format::Wide)
    }

    /// Whether items can be printed as they come.
    pub(crate) fn streams(&self) -> bool {
        match self.jq {
            Some(_) => self.format == Format::Jsonl,
            None => matches!(self.format, Format::Jsonl | Format::Csv | Format::Tsv | Format::Name),
        }
    }

    /// Whether passwords are to be struck out.
    pub(crate) fn redacts(&self) -> bool {
        !self.is_structured()
    }

    /// Prints one JSON document.
    pub(crate) fn document(&self, printer: &Printer, document: &Document) -> Result<()> {
        if let Some(program) = &self.jq {
            return run_jq(printer, program, document.text());
        }
        match self.format {
            Format::Jsonl => printer.write(|out| json::compact(document.text(), &mut { out })),
            Format::Yaml => {
                let value = document.value()?;
                printer.write(|out| yaml::write(&value, &mut { out }))
            }
            _ => printer.write(|out| json::pretty(document.text(), &mut { out })),
        }
    }

    /// Prints a list of JSON documents as one.
    pub(crate) fn documents(&self, printer: &Printer, documents: &[Document]) -> Result<()> {
        match (&self.jq, self.format) {
            (_, Format::Jsonl) => documents.iter().try_for_each(|document| self.document(printer, document)),
            (None, Format::Yaml) => {
                let values: Vec<Value> = documents.iter().map(Document::value).collect::<Result<_>>()?;
                printer.write(|out| yaml::write(&Value::Array(values), &mut { out }))
            }
            (Some(program), _) => {
                let mut text = Vec::new();
                json::pretty_array(documents.iter().map(Document::text), &mut text)
                    .map_err(|error| Error::internal(error.to_string()))?;
                run_jq(printer, program, &String::from_utf8_lossy(&text))
            }
            (None, _) => printer.write(|out| json::pretty_array(documents.iter().map(Document::text), &mut { out })),
        }
    }

    /// Prints bare texts, one a line: what needs no label where it was asked for by name. A table of values has its
    /// header all the same, or its reader would take the first value for one.
    pub(crate) fn texts(&self, printer: &Printer, name: &str, texts: &[String]) -> Result<()> {
        if !matches!(self.format, Format::Csv | Format::Tsv) {
            return texts.iter().try_for_each(|text| printer.write_value(text));
        }
        printer.write(|out| {
            let mut writer = if self.format == Format::Csv { Delimited::csv(out) } else { Delimited::tsv(out) };
            std::iter::once(name).chain(texts.iter().map(String::as_str)).try_for_each(|text| writer.row([text]))?;
            writer.finish()
        })
    }
}

fn run_jq(printer: &Printer, program: &Program, text: &str) -> Result<()> {
    let mut written = Ok(());
    let run = program.run(text.as_bytes(), &mut |line| {
        written = printer.write(|out| writeln!(out, "{line}"));
        // The error itself is kept above; this only stops the program.
        if written.is_ok() { Ok(()) } else { Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe)) }
    });
    written?;
    match run {
        Ok(()) => Ok(()),
        Err(RunError::Jq(error)) => Err(error),
        Err(RunError::Io(error)) => Err(Error::local_file("write to stdout", &error)),
    }
}

/// Rows of chosen columns, in the formats that have rows.
pub(crate) struct RowPrinter<'c> {
    printer: &'c Printer,
    format: Format,
    columns: Vec<ColumnRef>,
    headers: bool,
    headed: bool,
}

impl<'c> RowPrinter<'c> {
    /// A printer of rows.
    pub(crate) fn new(printer: &'c Printer, format: Format, columns: Vec<ColumnRef>, headers: bool) -> Self {
        Self { printer, format, columns, headers, headed: false }
    }

    /// Prints some rows; tables want all of them at once, the other formats take them as they come.
    pub(crate) fn print(&mut self, items: &[Item]) -> Result<()> {
        match self.format {
            Format::Name => self.printer.write(|out| {
                items
                    .iter()
                    .filter_map(Item::id)
                    .try_for_each(|id| writeln!(out, "{}", crate::text::sanitize::clean(&id)))
            }),
            Format::Csv | Format::Tsv => self.delimited(items),
            _ => {
                let header = |column: &ColumnRef| Header { text: column.header(), holds: column.holds() };
                let headers: Vec<Header> = self.columns.iter().map(header).collect();
                let rows: Vec<Vec<Cell>> = items.iter().map(|item| self.cells(item)).collect();
                let text = table::render(&headers, &rows, &self.printer.look(self.headers));
                self.printer.write_lines(&text)
            }
        }
    }

    /// Prints one item as labelled fields.
    pub(crate) fn fields(&self, item: &Item) -> Result<()> {
        let fields: Vec<(String, Cell)> =
            self.columns.iter().map(|column| (label(column.name()), column.cell(item))).collect();
        let text = fields::render(&fields, &self.printer.look(true));
        self.printer.write_lines(&text)
    }

    fn cells(&self, item: &Item) -> Vec<Cell> {
        self.columns.iter().map(|column| column.cell(item)).collect()
    }

    fn delimited(&mut self, items: &[Item]) -> Result<()> {
        let head = (self.headers && !self.headed).then(|| self.columns.iter().map(|column| column.name().to_owned()));
        self.headed = true;
        self.printer.write(|out| {
            let mut writer = if self.format == Format::Csv { Delimited::csv(out) } else { Delimited::tsv(out) };
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

/// A column's name as the label of a field: `last_activity` becomes `Last activity`, `server_uid` `Server UID`, `zoneName`
/// `Zone name`.
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
