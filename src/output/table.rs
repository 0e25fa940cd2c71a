//! Tables: no borders, upper-case headers, two spaces between columns, one line per row.
//!
//! comfy-table lays them out. It must not apply its own reading of `NO_COLOR`, and it would break a cell wider than
//! 65,535 columns. So colours and such cells are passed as zero-width characters, which `sanitize` keeps out of the
//! text itself, and are replaced afterwards.

use std::borrow::Cow;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, Width, presets};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::cell::{Cell, CellStyle, Holds, Tone};
use crate::error::Result;
use crate::text::sanitize::sanitize;

/// The style of tables and fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TableStyle {
    /// Whether to use colours.
    pub(crate) colour: bool,
    /// The width of the terminal, if there is one; otherwise nothing is cut off.
    pub(crate) width: Option<u16>,
    /// Whether to print a header.
    pub(crate) headers: bool,
    /// How values are formatted.
    pub(crate) style: CellStyle,
}

/// The texts of a row, without the values that they came from: a long list keeps its rows until the last has arrived.
#[derive(Debug)]
pub(crate) struct TextRow {
    text: Box<str>,
    fields: Box<[Field]>,
}

/// One text of a row.
#[derive(Clone, Copy, Debug)]
struct Field {
    /// Where it ends in the row's text.
    end: u32,
    tone: Tone,
    is_empty: bool,
    is_number: bool,
}

impl TextRow {
    /// The texts of these cells, each as `text` writes it.
    fn new<'c>(cells: &'c [Cell], text: impl Fn(&'c Cell) -> Cow<'c, str>) -> Self {
        let mut joined = String::new();
        let field = |cell: &'c Cell| {
            joined.push_str(&text(cell));
            Field {
                end: u32::try_from(joined.len()).unwrap_or(u32::MAX),
                tone: cell.tone(),
                is_empty: *cell == Cell::Empty,
                is_number: matches!(cell, Cell::Number(_) | Cell::Float(_) | Cell::Digits(_) | Cell::Size(_)),
            }
        };
        let fields = cells.iter().map(field).collect();
        Self { text: joined.into(), fields }
    }

    /// The texts of these cells for a script.
    pub(crate) fn plain(cells: &[Cell]) -> Self {
        Self::new(cells, |cell| cell.text(&CellStyle::plain()))
    }

    /// The texts in order.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.fields.iter().map(|field| field.end));
        starts.zip(&self.fields).map(|(start, field)| &self.text[start as usize..field.end as usize])
    }
}

/// The header of a column.
pub(crate) struct Header {
    /// Its text, in upper case.
    pub(crate) text: String,
    /// The declared type of the column; otherwise it follows from its values.
    pub(crate) holds: Option<Holds>,
}

/// Minimum width of a column, unless its header is shorter.
const MIN_COLUMN_WIDTH: usize = 6;
const GAP: u16 = 2;
/// Maximum number of rows that are laid out together.
const ROWS_AT_ONCE: usize = 1_000;

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

/// The row of a table with these cells.
pub(crate) fn row(cells: &[Cell], table_style: &TableStyle) -> TextRow {
    TextRow::new(cells, |cell| match cell.text(&table_style.style) {
        Cow::Borrowed(text) => sanitize(text),
        Cow::Owned(text) => Cow::Owned(sanitize(&text).into_owned()),
    })
}

/// Lays out a table, one line per row, and hands its parts to `write`; headers must be in upper case, rows are those
/// that [`row`] makes.
///
/// A long table is laid out in parts of equal width: comfy-table needs kilobytes per row.
pub(crate) fn render(
    headers: &[Header],
    rows: &[&TextRow],
    table_style: &TableStyle,
    write: &mut dyn FnMut(&str) -> Result<()>,
) -> Result<()> {
    let is_right = |(index, header): (usize, &Header)| {
        header.holds.map_or_else(|| is_numeric(rows, index), Holds::is_right_aligned)
    };
    let mut layout =
        Layout { headers, table_style, right: headers.iter().enumerate().map(is_right).collect(), widths: None };
    if table_style.width.is_some() || rows.len() > ROWS_AT_ONCE {
        layout.widths = Some(widths(headers, rows, table_style));
    }
    let mut rest = rows;
    loop {
        let (part, after) = rest.split_at(rest.len().min(ROWS_AT_ONCE));
        let mut texts: Vec<Vec<String>> = part.iter().map(|row| row.texts().map(str::to_owned).collect()).collect();
        if let (Some(widths), Some(_)) = (&layout.widths, table_style.width) {
            for row in &mut texts {
                for (text, width) in row.iter_mut().zip(widths) {
                    shorten(text, *width);
                }
            }
        }
        write(&layout.lay_out(part, texts, rest.len() == rows.len()))?;
        rest = after;
        if rest.is_empty() {
            return Ok(());
        }
    }
}

/// The widths of the columns, which fit the terminal.
fn widths(headers: &[Header], rows: &[&TextRow], table_style: &TableStyle) -> Vec<usize> {
    let header_widths = headers.iter().map(|header| if table_style.headers { header.text.width() } else { 0 });
    let least: Vec<usize> = header_widths.clone().map(|width| width.max(MIN_COLUMN_WIDTH)).collect();
    let mut widths: Vec<usize> = header_widths.collect();
    for row in rows {
        for (width, text) in widths.iter_mut().zip(row.texts()) {
            let own = text.width();
            // Text too wide for comfy-table is inserted afterwards.
            if table_style.width.is_some() || u16::try_from(own).is_ok() {
                *width = own.max(*width);
            }
        }
    }
    if let Some(available) = table_style.width {
        fit(&mut widths, &least, usize::from(available));
    }
    widths
}

/// Takes columns from the widest, one by one, until the table fits or no column can shrink further.
fn fit(widths: &mut [usize], least: &[usize], available: usize) {
    let gaps = usize::from(GAP) * widths.len().saturating_sub(1);
    for (width, least) in widths.iter_mut().zip(least) {
        *width = (*width).min(available.max(*least));
    }
    while widths.iter().sum::<usize>() + gaps > available {
        let wide = widths.iter_mut().zip(least).filter(|(width, least)| **width > **least);
        let Some((widest, _)) = wide.max_by_key(|(width, _)| **width) else { return };
        *widest -= 1;
    }
}

/// Cuts a text to a width in columns, with an ellipsis.
pub(super) fn shorten(text: &mut String, most: usize) {
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

/// Shared by all parts of a table.
struct Layout<'t> {
    headers: &'t [Header],
    table_style: &'t TableStyle,
    /// Which columns are right-aligned.
    right: Vec<bool>,
    /// Minimum widths of the columns; the widths of their content if there is only one part.
    widths: Option<Vec<usize>>,
}

impl Layout<'_> {
    fn lay_out(&self, rows: &[&TextRow], texts: Vec<Vec<String>>, is_first: bool) -> String {
        let (headers, table_style) = (self.headers, self.table_style);
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).force_no_tty();
        if table_style.headers && is_first {
            let colored = |text: &str| format!("{HEADER}{text}{END}");
            let header = |header: &Header| if table_style.colour { colored(&header.text) } else { header.text.clone() };
            table.set_header(headers.iter().map(header).collect::<Vec<_>>());
        }
        let mut too_wide = Vec::new();
        for (row, texts) in rows.iter().zip(texts) {
            let marked = row.fields.iter().zip(texts).map(|(field, mut text)| {
                if text.len() > usize::from(u16::MAX) && text.width() > usize::from(u16::MAX) {
                    too_wide.push(std::mem::replace(&mut text, TOO_WIDE.to_string()));
                }
                let mark = TONES.iter().find(|(_, tone)| table_style.colour && *tone == field.tone);
                comfy_table::Cell::new_owned(match mark {
                    Some((mark, _)) if !text.is_empty() => format!("{mark}{text}{END}"),
                    _ => text,
                })
            });
            table.add_row(Row::from(marked.collect::<Vec<_>>()));
        }
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, GAP));
            if self.right[index] {
                column.set_cell_alignment(CellAlignment::Right);
            }
            if let Some(width) = self.widths.as_ref().and_then(|widths| u16::try_from(widths[index]).ok()) {
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width.saturating_add(GAP))));
            }
        }
        let mut laid_out = table.trim_fmt();
        if !laid_out.is_empty() {
            laid_out.push('\n');
        }
        if table_style.colour || !too_wide.is_empty() { put_in_place(&laid_out, too_wide) } else { laid_out }
    }
}

/// Whether a column has only numbers.
fn is_numeric(rows: &[&TextRow], index: usize) -> bool {
    let mut fields = rows.iter().filter_map(|row| row.fields.get(index)).filter(|field| !field.is_empty).peekable();
    fields.peek().is_some() && fields.all(|field| field.is_number)
}

/// Replaces the marks of colours and of wide texts.
fn put_in_place(laid_out: &str, too_wide: Vec<String>) -> String {
    let mut too_wide = too_wide.into_iter();
    let mut finished = String::with_capacity(laid_out.len());
    for character in laid_out.chars() {
        match character {
            HEADER => finished.push_str(Tone::HEADER),
            END => finished.push_str(Tone::END),
            TOO_WIDE => finished.push_str(&too_wide.next().unwrap_or_default()),
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
    use jiff::Timestamp;

    use super::*;

    fn render(headers: &[Header], rows: &[Vec<Cell>], table_style: &TableStyle) -> String {
        let rows: Vec<TextRow> = rows.iter().map(|cells| row(cells, table_style)).collect();
        let mut laid_out = String::new();
        let write = &mut |part: &str| {
            laid_out.push_str(part);
            Ok(())
        };
        super::render(headers, &rows.iter().collect::<Vec<_>>(), table_style, write).unwrap_or_default();
        laid_out
    }

    fn table_style(width: Option<u16>) -> TableStyle {
        let style = CellStyle { relative_times: width.is_some(), units: true, now: Timestamp::UNIX_EPOCH };
        TableStyle { colour: false, width, headers: true, style }
    }

    fn word(text: &str, tone: Tone) -> Cell {
        Cell::State(text.to_owned(), tone)
    }

    fn headers(names: &[&str]) -> Vec<Header> {
        names.iter().map(|name| Header { text: (*name).to_owned(), holds: None }).collect()
    }

    #[test]
    fn columns_are_aligned_and_lines_end_without_spaces() {
        let rows = [
            vec!["Awesome App".into(), word("Healthy", Tone::Good), Cell::Number(7), Cell::Empty],
            vec!["東京".into(), Cell::Empty, Cell::Number(1200), "x".into()],
            vec!["e\u{301}té".into(), word("Failed", Tone::Bad), Cell::Empty, "".into()],
            vec!["a\nb\u{1b}".into()],
        ];
        let expected = "\
NAME         STATE    COUNT  NOTE
Awesome App  Healthy      7
東京                   1200  x
e\u{301}té          Failed
a\\nb\\u{1b}
";
        let headers = headers(&["NAME", "STATE", "COUNT", "NOTE"]);
        assert_eq!(render(&headers, &rows, &table_style(None)), expected);
        assert_eq!(render(&headers, &rows, &table_style(Some(80))), expected);
        let bare = TableStyle { headers: false, ..table_style(None) };
        assert_eq!(render(&headers, &rows[..1], &bare), "Awesome App  Healthy  7\n");
        assert_eq!(render(&headers, &[], &table_style(None)), "NAME  STATE  COUNT  NOTE\n");
        assert_eq!(render(&headers, &[], &bare), "");
    }

    #[test]
    fn the_widest_columns_shrink_to_fit_a_terminal() {
        let rows = [
            vec![
                "0123456789012345678901234567890123456789".into(),
                "short".into(),
                "abcdefghijklmnopqrstuvwxyz".into(),
            ],
            vec!["東京東京東京東京東京東京東京東京".into(), "x".into(), "a b c d e f g h i j k l m".into()],
        ];
        let headers = headers(&["FIRST", "SECOND", "THE THIRD"]);
        let lines = |width| render(&headers, &rows, &table_style(Some(width)));
        assert_eq!(
            lines(40),
            "\
FIRST            SECOND  THE THIRD
01234567890123…  short   abcdefghijklmn…
東京東京東京東…  x       a b c d e f g…
"
        );
        for width in 25..90 {
            for line in lines(width).lines() {
                assert!(line.width() <= usize::from(width), "{width}: {line}");
            }
        }
        assert_eq!(lines(25), lines(1), "a column keeps its header and six columns");
        assert_eq!(lines(25).lines().nth(1), Some("01234…  short   abcdefgh…"));
        assert_eq!(render(&headers, &rows, &table_style(None)).lines().nth(1).map(str::len), Some(40 + 2 + 6 + 2 + 26));
    }

    #[test]
    fn colours_follow_the_tone_and_do_not_count() {
        let rows = [
            vec![word("good", Tone::Good), word("bad", Tone::Bad), "x".into()],
            vec![word("working", Tone::Busy), word("inactive", Tone::Dim), word("", Tone::Dim)],
        ];
        let coloured = TableStyle { colour: true, ..table_style(Some(80)) };
        assert_eq!(
            render(&headers(&["A", "B", "C"]), &rows, &coloured),
            "\u{1b}[1mA\u{1b}[0m        \u{1b}[1mB\u{1b}[0m         \u{1b}[1mC\u{1b}[0m\n\
             \u{1b}[32mgood\u{1b}[0m     \u{1b}[31mbad\u{1b}[0m       x\n\
             \u{1b}[33mworking\u{1b}[0m  \u{1b}[2minactive\u{1b}[0m\n"
        );
    }

    #[test]
    fn a_mark_in_the_text_has_no_effect() {
        let coloured = TableStyle { colour: true, headers: false, ..table_style(None) };
        let rows = [vec!["\u{2061}\u{200b}\u{206a}".into()]];
        assert_eq!(render(&headers(&["A"]), &rows, &coloured), "\\u{2061}\\u{200b}\\u{206a}\n");
    }

    #[test]
    fn a_giant_cell_stays_whole_and_in_one_line() {
        let giant = "x".repeat(70_000);
        let rows = [vec!["a".into(), giant.as_str().into(), "b".into()], vec!["c".into(), "d".into(), "e".into()]];
        let table = render(&headers(&["A", "B", "C"]), &rows, &table_style(None));
        // The column is as wide as its other cells, so only the line of the giant is misaligned.
        assert!(table == format!("A  B  C\na  {giant}   b\nc  d  e\n"));
        assert_eq!(render(&headers(&["A", "B", "C"]), &rows, &table_style(Some(80))).lines().count(), 3);
    }

    #[test]
    fn a_long_table_is_as_wide_in_all_its_parts() {
        let row = |number: usize| -> Vec<Cell> {
            let name = if number == 2_345 { "the widest of all" } else { "a" };
            vec![name.into(), Cell::Number(i64::try_from(number).unwrap_or_default()), word("good", Tone::Good)]
        };
        let rows: Vec<Vec<Cell>> = (0..2_500).map(row).collect();
        let headers = headers(&["NAME", "COUNT", "STATE"]);
        let line = |name: &str, count: usize| format!("{name:17}  {count:>5}  good");
        for width in [None, Some(80)] {
            let table = render(&headers, &rows, &table_style(width));
            let lines: Vec<&str> = table.lines().collect();
            assert_eq!(lines.len(), 2_501);
            assert_eq!(lines[0], format!("{:17}  COUNT  STATE", "NAME"));
            assert_eq!((lines[1], lines[1_001]), (&*line("a", 0), &*line("a", 1_000)));
            assert_eq!((lines[2_346], lines[2_500]), (&*line("the widest of all", 2_345), &*line("a", 2_499)));
        }
        let narrow = render(&headers, &rows, &table_style(Some(24)));
        assert!(narrow.lines().all(|line| line.width() <= 24), "{narrow}");
        let colour = TableStyle { colour: true, ..table_style(None) };
        assert_eq!(render(&headers, &rows, &colour).matches("\u{1b}[1mCOUNT").count(), 1);
    }

    #[test]
    fn markers_have_no_width() {
        for mark in TONES.map(|(mark, _)| mark).into_iter().chain([HEADER, END, TOO_WIDE]) {
            assert_eq!(mark.to_string().width(), 0, "{mark:?}");
            assert!(matches!(sanitize(&mark.to_string()), std::borrow::Cow::Owned(_)), "{mark:?}");
        }
    }
}
