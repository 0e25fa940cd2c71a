//! The result on stdout, in the format that was asked for or through `--jq`.

use serde_json::Value;

use super::delimited::Delimited;
use super::jq::RunError;
use super::{Format, Printer, json, yaml};
use crate::error::{Error, Kind, Result};

impl Printer {
    /// Whether the result is JSON text, and so what the server sent must be kept as it is.
    pub(crate) fn is_structured(&self) -> bool {
        self.jq.is_some() || matches!(self.format(), Format::Json | Format::Jsonl | Format::Yaml)
    }

    /// Whether a jq expression filters the result.
    pub(crate) fn has_jq(&self) -> bool {
        self.jq.is_some()
    }

    /// Whether the result is laid out for people.
    pub(crate) fn is_for_people(&self) -> bool {
        self.jq.is_none() && matches!(self.format(), Format::Table | Format::Wide)
    }

    /// Whether items can be printed as they come.
    pub(crate) fn streams(&self) -> bool {
        match self.jq {
            Some(_) => self.format() == Format::Jsonl,
            None => matches!(self.format(), Format::Jsonl | Format::Csv | Format::Tsv | Format::Name),
        }
    }

    /// Whether passwords are to be struck out.
    pub(crate) fn redacts(&self) -> bool {
        !self.is_structured()
    }

    /// Prints one JSON document.
    pub(crate) fn document(&self, document: impl AsRef<str>) -> Result<()> {
        let document = document.as_ref();
        if let Some(program) = &self.jq {
            return self.run_jq(|emit| program.run(document.as_bytes(), emit));
        }
        match self.format() {
            Format::Jsonl => self.write(|out| json::compact(document, &mut { out })),
            Format::Yaml => {
                let value = parsed(document)?;
                self.write(|out| yaml::write(&value, &mut { out }))
            }
            _ => self.write(|out| json::pretty(document, &mut { out })),
        }
    }

    /// Prints a list of JSON documents as one.
    pub(crate) fn documents(&self, documents: &[impl AsRef<str>]) -> Result<()> {
        match (&self.jq, self.format()) {
            (_, Format::Jsonl) => documents.iter().try_for_each(|document| self.document(document)),
            (None, Format::Yaml) => {
                let values: Vec<Value> =
                    documents.iter().map(|document| parsed(document.as_ref())).collect::<Result<_>>()?;
                self.write(|out| yaml::write(&Value::Array(values), &mut { out }))
            }
            (Some(program), _) => self.run_jq(|emit| program.run_items(documents, emit)),
            (None, _) => self.write(|out| json::pretty_array(documents.iter().map(AsRef::as_ref), &mut { out })),
        }
    }

    /// Prints bare texts, one a line: what needs no label where it was asked for by name. A table of values has its
    /// header all the same, or its reader would take the first value for one.
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
}

fn parsed(document: &str) -> Result<Value> {
    serde_json::from_str(document).map_err(|error| {
        Error::new(Kind::BadReply, format!("the API sent something that is not of the documented form: {error}"))
    })
}
