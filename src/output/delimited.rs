//! Comma- and tab-separated values, written row by row.
//!
//! CSV is RFC 4180 with LF line ends, as jq and gh write it. TSV has no quoting: backslash, tab, newline and carriage
//! return inside a field become `\\`, `\t`, `\n` and `\r`. In both, other control characters become visible escapes.
//! A field that begins like a formula (`=`, `+`, `-`, `@`) is left as it is, because the data stays true; where it is to be
//! safe for a spreadsheet instead, an apostrophe stands before it, unless it is a number.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::text::sanitize::sanitize;

/// A writer of delimited rows.
pub(crate) struct Delimited<W: Write> {
    sink: Sink<W>,
    safe: bool,
}

enum Sink<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Tsv(W),
}

impl<W: Write> Delimited<W> {
    /// Writes comma-separated values to `out`.
    pub(crate) fn csv(out: W) -> Self {
        // Rows may differ in length; a short one is not an error.
        let writer = csv::WriterBuilder::new().flexible(true).from_writer(out);
        Self { sink: Sink::Csv(Box::new(writer)), safe: false }
    }

    /// Writes tab-separated values to `out`, which should be buffered.
    pub(crate) fn tsv(out: W) -> Self {
        Self { sink: Sink::Tsv(out), safe: false }
    }

    /// The same; `safe` protects spreadsheets from formulas.
    pub(crate) fn safe(self, safe: bool) -> Self {
        Self { safe, ..self }
    }

    /// Writes one row.
    pub(crate) fn row<I, S>(&mut self, fields: I) -> io::Result<()>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        let safe = self.safe;
        match &mut self.sink {
            Sink::Csv(writer) => {
                for field in fields {
                    let field = if safe { defused(field.as_ref()) } else { Cow::Borrowed(field.as_ref()) };
                    writer.write_field(sanitize(&field).as_bytes())?;
                }
                writer.write_record(None::<&[u8]>)?;
            }
            Sink::Tsv(out) => {
                for (index, field) in fields.into_iter().enumerate() {
                    if index > 0 {
                        out.write_all(b"\t")?;
                    }
                    let field = if safe { defused(field.as_ref()) } else { Cow::Borrowed(field.as_ref()) };
                    // Backslashes first, or those of the escapes would be doubled.
                    let field = field.replace('\\', "\\\\");
                    out.write_all(sanitize(&field).as_bytes())?;
                }
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// Flushes the buffer.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self.sink {
            Sink::Csv(mut writer) => writer.flush(),
            Sink::Tsv(mut out) => out.flush(),
        }
    }
}

/// The field, with an apostrophe before a formula.
fn defused(field: &str) -> Cow<'_, str> {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<f64>().is_err();
    if is_formula { Cow::Owned(format!("'{field}")) } else { Cow::Borrowed(field) }
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
    fn formulas_are_defused_when_asked_for() {
        for (field, safe) in [
            ("=1+1", "'=1+1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\\t=1"),
            ("\r=1", "'\\r=1"),
            ("-12.5", "-12.5"),
            ("+1e3", "+1e3"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            let mut out = Vec::new();
            Delimited::csv(&mut out).safe(true).row([field, "x"]).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("{safe},x\n"));
            let mut out = Vec::new();
            Delimited::tsv(&mut out).safe(true).row([field]).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("{safe}\n"));
        }
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
