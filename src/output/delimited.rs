//! Comma- and tab-separated values, written row by row.
//!
//! CSV is RFC 4180 with LF line ends, as jq and gh write it. TSV has no quoting: backslash, tab, newline and carriage
//! return inside a field become `\\`, `\t`, `\n` and `\r`. In both, other control characters become visible escapes.
//! A field that begins like a formula (`=`, `+`, `-`, `@`) is left as it is: the data stays true.

use std::io::{self, Write};

use crate::text::sanitize::sanitize;

/// A writer of delimited rows.
pub(crate) struct Delimited<W: Write>(Sink<W>);

enum Sink<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Tsv(W),
}

impl<W: Write> Delimited<W> {
    /// Writes comma-separated values to `out`.
    pub(crate) fn csv(out: W) -> Self {
        // Rows may differ in length; a short one is not an error.
        Self(Sink::Csv(Box::new(csv::WriterBuilder::new().flexible(true).from_writer(out))))
    }

    /// Writes tab-separated values to `out`, which should be buffered.
    pub(crate) fn tsv(out: W) -> Self {
        Self(Sink::Tsv(out))
    }

    /// Writes one row.
    pub(crate) fn row<I, S>(&mut self, fields: I) -> io::Result<()>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        match &mut self.0 {
            Sink::Csv(writer) => {
                for field in fields {
                    writer.write_field(sanitize(field.as_ref()).as_bytes())?;
                }
                writer.write_record(None::<&[u8]>)?;
            }
            Sink::Tsv(out) => {
                for (index, field) in fields.into_iter().enumerate() {
                    if index > 0 {
                        out.write_all(b"\t")?;
                    }
                    // Backslashes first, or those of the escapes would be doubled.
                    let field = field.as_ref().replace('\\', "\\\\");
                    out.write_all(sanitize(&field).as_bytes())?;
                }
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// Flushes the buffer.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self.0 {
            Sink::Csv(mut writer) => writer.flush(),
            Sink::Tsv(mut out) => out.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const ROWS: [&[&str]; 5] = [
        &["NAME", "NOTE"],
        &["a,b", "say \"hi\""],
        &["one\ntwo", "tab\tback\\slash\r"],
        &["=1+1", "\u{1b}[31m"],
        &["", "Zürich"],
    ];

    #[test]
    fn csv_quotes_if_necessary() {
        let mut out = Vec::new();
        let mut csv = Delimited::csv(&mut out);
        for row in ROWS {
            csv.row(row).unwrap();
        }
        csv.row([""]).unwrap();
        csv.row(["short"]).unwrap();
        csv.finish().unwrap();
        let expected = r#"NAME,NOTE
"a,b","say ""hi"""
one\ntwo,tab\tback\slash\r
=1+1,\u{1b}[31m
,Zürich
""
short
"#;
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn tsv_escapes_what_would_break_a_row() {
        let mut out = Vec::new();
        let mut tsv = Delimited::tsv(&mut out);
        for row in ROWS {
            tsv.row(row).unwrap();
        }
        tsv.row([""]).unwrap();
        tsv.finish().unwrap();
        let expected = "NAME\tNOTE
a,b\tsay \"hi\"
one\\ntwo\ttab\\tback\\\\slash\\r
=1+1\t\\u{1b}[31m
\tZürich

";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
