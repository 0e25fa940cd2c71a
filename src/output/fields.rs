//! An item in full: one label and value per line.

use unicode_width::UnicodeWidthStr as _;

use crate::output::cell::{Cell, Tone};
use crate::output::table::TableStyle;
use crate::text::sanitize::sanitize;

/// Lays out labelled values, one per line; values are sanitized and never cut off.
pub(crate) fn render(fields: &[(String, Cell)], table_style: &TableStyle) -> String {
    let widest = fields.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
    let mut lines = String::new();
    for (label, cell) in fields {
        let text = cell.text(&table_style.style);
        let value = sanitize(text.trim_end());
        let tone = cell.tone();
        let painted = table_style.colour && tone != Tone::Plain && !value.is_empty();
        if table_style.colour {
            lines.extend([Tone::HEADER, label, ":", Tone::END]);
        } else {
            lines.extend([label, ":"]);
        }
        if !value.is_empty() {
            lines.extend(std::iter::repeat_n(' ', widest - label.width() + 2));
        }
        if painted {
            lines.extend([tone.begin(), &value, Tone::END]);
        } else {
            lines.push_str(&value);
        }
        lines.push('\n');
    }
    table_style.broken(lines)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::output::cell::CellStyle;

    #[test]
    fn values_are_aligned_and_complete() {
        let style = CellStyle { relative_times: true, units: true, now: Timestamp::UNIX_EPOCH };
        let table_style = TableStyle { colour: false, width: Some(20), breaks_lines: false, headers: true, style };
        let long = "https://example.com/".repeat(5);
        let fields = [
            ("UID".to_owned(), Cell::from("5999")),
            ("Last deployed".to_owned(), Cell::Time(Timestamp::UNIX_EPOCH)),
            ("Größe".to_owned(), Cell::Size(2048)),
            ("Note".to_owned(), Cell::Empty),
            ("Message".to_owned(), Cell::from("one\ntwo\n")),
            ("URL".to_owned(), Cell::from(long.as_str())),
            ("State".to_owned(), Cell::State("Failed".to_owned(), Tone::Bad)),
        ];
        assert_eq!(
            render(&fields, &table_style),
            format!(
                "UID:            5999\nLast deployed:  just now\nGröße:          2.0 KiB\nNote:\nMessage:        \
                 one\\ntwo\nURL:            {long}\nState:          Failed\n"
            )
        );
        let coloured = TableStyle { colour: true, ..table_style };
        assert_eq!(render(&fields[6..], &coloured), "\u{1b}[1mState:\u{1b}[0m  \u{1b}[31mFailed\u{1b}[0m\n");
        assert_eq!(render(&[], &table_style), "");
    }
}
