//! The columns of a table that fit the terminal, and their widths.

use unicode_width::UnicodeWidthStr as _;

use super::fit::{Importance, Measured, fit};
use super::{GAP, Header, ROWS_AT_ONCE, TableStyle, TextRow};
use crate::output::cell::Holds;

/// Minimum width of a column, unless its header is shorter.
const MIN_COLUMN_WIDTH: usize = 6;

/// A column that is printed.
pub(super) struct Column<'t> {
    pub(super) header: &'t Header,
    /// Its index in a row.
    pub(super) index: usize,
    /// Whether to print short forms.
    pub(super) short: bool,
    pub(super) is_right: bool,
    /// Minimum width; the width of its content if there is only one part.
    pub(super) width: Option<usize>,
    /// Whether longer texts are cut off; otherwise they make their line longer.
    pub(super) is_cut: bool,
}

/// The columns that fit the terminal.
pub(super) fn columns<'t>(headers: &'t [Header], rows: &[&TextRow], table_style: &TableStyle) -> Vec<Column<'t>> {
    let is_right = |(index, header): (usize, &Header)| {
        header.holds.map_or_else(|| is_numeric(rows, index), Holds::is_right_aligned)
    };
    let right: Vec<bool> = headers.iter().enumerate().map(is_right).collect();
    let column = |(index, header): (usize, &'t Header)| Column {
        header,
        index,
        short: false,
        is_right: right[index],
        width: None,
        is_cut: false,
    };
    let mut columns: Vec<Column<'_>> = headers.iter().enumerate().map(column).collect();
    if let Some(available) = table_style.width {
        let measured: Vec<Measured> = columns.iter().map(|column| measure(column, rows, table_style)).collect();
        let fitted = fit(&measured, GAP.into(), available.into());
        columns.retain_mut(|column| {
            let (index, Some(fitted)) = (column.index, fitted[column.index]) else { return false };
            (column.short, column.width) = (fitted.short, Some(fitted.width));
            column.is_cut = measured[index].least.is_some();
            true
        });
    } else if rows.len() > ROWS_AT_ONCE {
        for column in &mut columns {
            // Text too wide for comfy-table is inserted afterwards.
            column.width = Some(widest(column, rows, table_style, false, u16::MAX.into()));
        }
    }
    columns
}

/// The widths that a column needs.
fn measure(column: &Column<'_>, rows: &[&TextRow], table_style: &TableStyle) -> Measured {
    let header = column.header;
    let is_key = header.importance == Importance::Key;
    // A single very long name makes its own line longer, not the whole column wider.
    let most = match table_style.width {
        Some(available) if is_key => usize::from(available) * 2 / 3,
        _ => usize::MAX,
    };
    let is_rigid = is_key
        || column.is_right
        || header.short.is_some()
        || rows.iter().filter_map(|row| row.fields.get(column.index)).any(|field| !field.is_text);
    let head = if table_style.headers { header.text.width() } else { 0 };
    Measured {
        full: widest(column, rows, table_style, false, most),
        short: widest(column, rows, table_style, true, most),
        least: (!is_rigid).then(|| head.max(MIN_COLUMN_WIDTH)),
        importance: header.importance,
    }
}

/// The width of the widest text, header included, of those not wider than `most`.
fn widest(column: &Column<'_>, rows: &[&TextRow], table_style: &TableStyle, short: bool, most: usize) -> usize {
    let header = column.header;
    let head = if table_style.headers { header.text(short).width() } else { 0 };
    let widths = rows.iter().filter_map(|row| header.cell(row, column.index, short)).map(str::width);
    widths.filter(|width| *width <= most).fold(head, usize::max)
}

/// Whether a column has only numbers.
fn is_numeric(rows: &[&TextRow], index: usize) -> bool {
    let mut fields = rows.iter().filter_map(|row| row.fields.get(index)).filter(|field| !field.is_empty).peekable();
    fields.peek().is_some() && fields.all(|field| field.is_number)
}
