//! Lays out rows with comfy-table.
//!
//! It must not apply its own reading of `NO_COLOR`, and it would break a cell wider than 65,535 columns. So colours and
//! such cells are passed as zero-width characters, which `sanitize` keeps out of the text itself, and are replaced
//! afterwards.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, Width, presets};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::columns::Column;
use super::{GAP, TableStyle, TextRow};
use crate::output::cell::Tone;

/// Marks the start of a header.
const HEADER: char = '\u{2060}';
/// Mark the start of a text of each tone.
const TONES: [(char, Tone); 5] = [
    ('\u{2061}', Tone::Good),
    ('\u{2062}', Tone::Bad),
    ('\u{2063}', Tone::Busy),
    ('\u{2064}', Tone::Dim),
    ('\u{206b}', Tone::Changed),
];
/// Marks the end of a header or tone.
const END: char = '\u{200b}';
/// Marks a text too wide for comfy-table.
const TOO_WIDE: char = '\u{206a}';

/// Lays out some rows.
pub(super) fn lay_out(columns: &[Column<'_>], rows: &[&TextRow], table_style: &TableStyle, is_first: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).force_no_tty();
    if table_style.headers && is_first {
        let header = |column: &Column<'_>| {
            let text = column.header.text(column.short);
            if table_style.colour { format!("{HEADER}{text}{END}") } else { text.to_owned() }
        };
        table.set_header(columns.iter().map(header).collect::<Vec<_>>());
    }
    let mut too_wide = Vec::new();
    for row in rows {
        let texts = columns.iter().map_while(|column| {
            let text = column.header.cell(row, column.index, column.short)?;
            Some((column, text, row.fields.get(column.index)?.tone))
        });
        let marked = texts.map(|(column, text, tone)| {
            let mut text = text.to_owned();
            let most = if table_style.width.is_some() { column.width } else { None }.unwrap_or(u16::MAX.into());
            if text.len() > most && text.width() > most {
                if column.is_cut {
                    shorten(&mut text, most);
                } else {
                    too_wide.push(std::mem::replace(&mut text, TOO_WIDE.to_string()));
                }
            }
            let mark = TONES.iter().find(|(_, known)| table_style.colour && *known == tone);
            comfy_table::Cell::new_owned(match mark {
                Some((mark, _)) if !text.is_empty() => format!("{mark}{text}{END}"),
                _ => text,
            })
        });
        table.add_row(Row::from(marked.collect::<Vec<_>>()));
    }
    for (shape, column) in table.column_iter_mut().zip(columns) {
        shape.set_padding((0, GAP));
        if column.is_right {
            shape.set_cell_alignment(CellAlignment::Right);
        }
        if let Some(width) = column.width.and_then(|width| u16::try_from(width).ok()) {
            shape.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width.saturating_add(GAP))));
        }
    }
    let mut laid_out = table.trim_fmt();
    if !laid_out.is_empty() {
        laid_out.push('\n');
    }
    if table_style.colour || !too_wide.is_empty() {
        put_in_place(&laid_out, too_wide, table_style.width.is_some())
    } else {
        laid_out
    }
}

/// Cuts a text to a width in columns, with an ellipsis.
pub(crate) fn shorten(text: &mut String, most: usize) {
    if text.width() <= most {
        return;
    }
    let mut width = 0;
    let end = text.char_indices().find(|(_, character)| {
        width += character.width().unwrap_or(0);
        width >= most
    });
    text.truncate(end.map_or(text.len(), |(index, _)| index));
    // Some sequences are wider than the sum of their characters.
    while text.width() >= most.max(1) {
        text.pop();
    }
    text.truncate(text.trim_end().len());
    text.push('…');
}

/// Replaces the marks of colours and of wide texts; `close` removes the padding that a wide text does not need.
fn put_in_place(laid_out: &str, too_wide: Vec<String>, close: bool) -> String {
    let mut too_wide = too_wide.into_iter();
    let mut finished = String::with_capacity(laid_out.len());
    let mut rest = laid_out.chars();
    while let Some(character) = rest.next() {
        match character {
            HEADER => finished.push_str(Tone::HEADER),
            END => finished.push_str(Tone::END),
            TOO_WIDE => {
                finished.push_str(&too_wide.next().unwrap_or_default());
                let text = rest.as_str();
                let padding = text.len() - text.trim_start_matches(' ').len();
                if close && padding > usize::from(GAP) {
                    rest = text[padding - usize::from(GAP)..].chars();
                }
            }
            _ => match TONES.iter().find(|(mark, _)| *mark == character) {
                Some((_, tone)) => finished.push_str(tone.begin()),
                None => finished.push(character),
            },
        }
    }
    finished
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_have_no_width() {
        for mark in TONES.map(|(mark, _)| mark).into_iter().chain([HEADER, END, TOO_WIDE]) {
            assert_eq!(mark.to_string().width(), 0, "{mark:?}");
            assert!(
                matches!(crate::text::sanitize::sanitize(&mark.to_string()), std::borrow::Cow::Owned(_)),
                "{mark:?}"
            );
        }
    }
}
