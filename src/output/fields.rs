//! One thing in full: a label and a value a line.

use unicode_width::UnicodeWidthStr as _;

use crate::output::cell::{Cell, Tone};
use crate::output::table::Look;
use crate::text::sanitize::clean;

/// Lays out labelled values, each line ended; values are cleaned and never cut.
pub(crate) fn render(fields: &[(String, Cell)], look: &Look) -> String {
    let widest = fields.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
    let mut lines = String::new();
    for (label, cell) in fields {
        let text = cell.text(&look.style);
        let value = clean(text.trim_end());
        let tone = cell.tone();
        let painted = look.colour && tone != Tone::Plain && !value.is_empty();
        if look.colour {
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
    lines
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::output::cell::CellStyle;

    #[test]
    fn values_stand_below_each_other_and_stay_whole() {
        let style = CellStyle { relative_times: true, units: true, now: Timestamp::UNIX_EPOCH };
        let look = Look { colour: false, width: Some(20), headers: true, style };
        let long = "https://example.com/".repeat(5);
        let fields = [
            ("UID".to_owned(), Cell::from("5999")),
            ("Last deployed".to_owned(), Cell::Time(Timestamp::UNIX_EPOCH)),
            ("Größe".to_owned(), Cell::Bytes(2048)),
            ("Note".to_owned(), Cell::Empty),
            ("Message".to_owned(), Cell::from("one\ntwo\n")),
            ("URL".to_owned(), Cell::from(long.as_str())),
            ("State".to_owned(), Cell::Word("Failed".to_owned(), Tone::Bad)),
        ];
        assert_eq!(
            render(&fields, &look),
            format!(
                "UID:            5999\nLast deployed:  just now\nGröße:          2.0 KiB\nNote:\nMessage:        \
                 one\\ntwo\nURL:            {long}\nState:          Failed\n"
            )
        );
        let coloured = Look { colour: true, ..look };
        assert_eq!(render(&fields[6..], &coloured), "\u{1b}[1mState:\u{1b}[0m  \u{1b}[31mFailed\u{1b}[0m\n");
        assert_eq!(render(&[], &look), "");
    }
}
