//! The result on stdout, in the chosen format or filtered by `--jq`.

use std::io;

use super::delimited::Delimited;
use super::jq::RunError;
use super::{Format, Printer, json, yaml};
use crate::error::{Error, Result};

impl Printer {
    /// Whether the result is JSON, so that the API's text must be kept.
    pub(crate) fn is_structured(&self) -> bool {
        self.jq.is_some() || matches!(self.format(), Format::Json | Format::Jsonl | Format::Yaml)
    }

    /// Whether a jq expression filters the result.
    pub(crate) fn has_jq(&self) -> bool {
        self.jq.is_some()
    }

    /// Whether the result is for people.
    pub(crate) fn is_for_people(&self) -> bool {
        self.jq.is_none() && matches!(self.format(), Format::Table | Format::Wide)
    }

    /// Whether items can be printed as they arrive.
    pub(crate) fn streams(&self) -> bool {
        match &self.jq {
            Some(program) => self.format() == Format::Jsonl || program.takes_single_items(),
            None => !matches!(self.format(), Format::Table | Format::Wide | Format::Json),
        }
    }

    /// Whether passwords are masked.
    pub(crate) fn redacts(&self) -> bool {
        !self.is_structured()
    }

    /// Prints one JSON document.
    pub(crate) fn document(&self, document: impl AsRef<str>) -> Result<()> {
        let document = document.as_ref();
        if self.watch.has_printed(document) {
            return Ok(());
        }
        if let Some(program) = &self.jq {
            return self.run_jq(|emit| program.run(document.as_bytes(), emit));
        }
        match self.format() {
            Format::Jsonl => self.write(|out| json::compact(document, &mut { out })),
            Format::Yaml => self.write(|out| yaml::write(document, &mut { out })),
            _ => self.write(|out| json::pretty(document, &mut { out })),
        }
    }

    /// Prints a list of JSON documents as one.
    pub(crate) fn documents(&self, documents: &[impl AsRef<str>]) -> Result<()> {
        match (&self.jq, self.format()) {
            (_, Format::Jsonl) => documents.iter().try_for_each(|document| self.document(document)),
            (None, Format::Yaml) if documents.is_empty() => self.write(|out| yaml::write("[]", &mut { out })),
            (None, Format::Yaml) => self.write(|out| {
                let mut out = out;
                documents.iter().try_for_each(|document| yaml::check(document.as_ref()))?;
                documents.iter().try_for_each(|document| yaml::write_item(document.as_ref(), &mut out))
            }),
            (Some(program), _) => self.run_jq(|emit| program.run_items(documents, emit)),
            (None, _) => self.write(|out| json::pretty_array(documents.iter().map(AsRef::as_ref), &mut { out })),
        }
    }

    /// Prints the JSON documents that `each` hands over as one list.
    pub(crate) fn json_list(
        &self,
        each: impl FnOnce(&mut dyn FnMut(&str) -> io::Result<()>) -> io::Result<()>,
    ) -> Result<()> {
        self.write(|out| json::pretty_array_of(each, &mut { out }))
    }

    /// Prints plain strings, one per line: values that were requested by name and need no label. A table of values
    /// still has its header, so that the first value is not taken for one.
    pub(crate) fn texts(&self, name: &str, texts: &[String]) -> Result<()> {
        if !matches!(self.format(), Format::Csv | Format::Tsv) {
            return texts.iter().try_for_each(|text| self.write_value(text));
        }
        self.write(|out| {
            let mut writer = if self.format() == Format::Csv { Delimited::csv(out) } else { Delimited::tsv(out) };
            writer = writer.safe(self.options.csv_safe);
            std::iter::once(name).chain(texts.iter().map(String::as_str)).try_for_each(|text| writer.row([text]))?;
            writer.finish()
        })
    }

    fn run_jq(
        &self,
        run: impl FnOnce(&mut dyn FnMut(&str) -> std::io::Result<()>) -> std::result::Result<(), RunError>,
    ) -> Result<()> {
        let mut written = Ok(());
        let run = run(&mut |line| {
            written = self.write(|out| writeln!(out, "{line}"));
            // The error itself is kept above; this only ends the run.
            if written.is_ok() { Ok(()) } else { Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe)) }
        });
        written?;
        match run {
            Ok(()) => Ok(()),
            Err(RunError::Jq(error)) => Err(error),
            Err(RunError::Io(error)) => Err(Error::local_file("write to stdout", &error)),
        }
    }
}
