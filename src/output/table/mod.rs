//! Tables: no borders, upper-case headers, two spaces between columns, one line per row.

mod columns;
mod fit;
mod lay_out;
mod text_row;

use columns::columns;
pub(crate) use fit::Importance;
use lay_out::lay_out;
#[cfg(unix)]
pub(crate) use lay_out::shorten;
pub(crate) use text_row::TextRow;

use super::cell::{Cell, CellStyle, Holds};
use crate::error::Result;
use crate::text::wrap::break_lines;

/// The style of tables and fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TableStyle {
    /// Whether to use colours.
    pub(crate) colour: bool,
    /// The width of the terminal, if there is one; otherwise nothing is cut off.
    pub(crate) width: Option<u16>,
    /// Whether longer lines are broken at `width`: a wider terminal does not do that itself.
    pub(crate) breaks_lines: bool,
    /// Whether to print a header.
    pub(crate) headers: bool,
    /// How values are formatted.
    pub(crate) style: CellStyle,
}

impl TableStyle {
    /// The text, with lines that are too long broken if the style says so.
    pub(super) fn broken(&self, text: String) -> String {
        match self.width {
            Some(width) if self.breaks_lines => break_lines(&text, width.into()),
            _ => text,
        }
    }
}

/// The header of a column.
#[derive(Default)]
pub(crate) struct Header {
    /// Its text, in upper case.
    pub(crate) text: String,
    /// The declared type of the column; otherwise it follows from its values.
    pub(crate) holds: Option<Holds>,
    /// How long it stays on a narrow terminal.
    pub(crate) importance: Importance,
    /// The short form of its texts, for a narrow terminal.
    pub(crate) short: Option<fn(&str) -> &str>,
}

impl Header {
    /// The text of a header, or its short form: `LAST ACTIVITY` above `12y` is `ACTIVITY`.
    fn text(&self, short: bool) -> &str {
        if short && self.holds == Some(Holds::Time) {
            return self.text.strip_prefix("LAST ").unwrap_or(&self.text);
        }
        &self.text
    }

    /// The text of a row in this column.
    fn cell<'r>(&self, row: &'r TextRow, index: usize, short: bool) -> Option<&'r str> {
        let text = row.text(index, short)?;
        Some(self.short.filter(|_| short).map_or(text, |short| short(text)))
    }
}

/// Blanks between columns.
const GAP: u16 = 2;
/// Maximum number of rows that are laid out together.
const ROWS_AT_ONCE: usize = 1_000;

/// The row of a table with these cells.
pub(crate) fn row(cells: &[Cell], table_style: &TableStyle) -> TextRow {
    TextRow::sanitized(cells, &table_style.style, table_style.width.is_some())
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
    let columns = columns(headers, rows, table_style);
    let mut rest = rows;
    loop {
        let (part, after) = rest.split_at(rest.len().min(ROWS_AT_ONCE));
        write(&table_style.broken(lay_out(&columns, part, table_style, rest.len() == rows.len())))?;
        rest = after;
        if rest.is_empty() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use unicode_width::UnicodeWidthStr as _;

    use super::*;
    use crate::output::cell::Tone;

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
        TableStyle { colour: false, width, breaks_lines: false, headers: true, style }
    }

    fn word(text: &str, tone: Tone) -> Cell {
        Cell::State(text.to_owned(), tone)
    }

    fn headers(names: &[&str]) -> Vec<Header> {
        names.iter().map(|name| Header { text: (*name).to_owned(), ..Header::default() }).collect()
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
        let mut headers = headers(&["FIRST", "SECOND", "THE THIRD"]);
        let lines = |headers: &[Header], width| render(headers, &rows, &table_style(Some(width)));
        assert_eq!(
            lines(&headers, 60),
            format!(
                "{:25}  SECOND  THE THIRD\n\
                 012345678901234567890123…  short   abcdefghijklmnopqrstuvwx…\n\
                 東京東京東京東京東京東京…  x       a b c d e f g h i j k l m\n",
                "FIRST"
            )
        );
        for width in 6..90 {
            for line in lines(&headers, width).lines() {
                assert!(line.width() <= usize::from(width), "{width}: {line}");
            }
        }
        assert_eq!(lines(&headers, 24).lines().next(), Some("FIRST"), "a text that cannot be read is dropped");
        assert_eq!(lines(&headers, 6), lines(&headers, 1), "the first column keeps six columns");
        assert_eq!(render(&headers, &rows, &table_style(None)).lines().nth(1).map(str::len), Some(40 + 2 + 6 + 2 + 26));
        headers[2].importance = Importance::Key;
        assert_eq!(lines(&headers, 40).lines().next(), Some("FIRST         THE THIRD"));
    }

    #[test]
    fn a_key_is_never_cut_off_and_a_very_long_one_makes_only_its_own_line_longer() {
        let long = "n".repeat(50);
        let rows = [vec![long.as_str().into(), word("good", Tone::Good)], vec!["a".into(), word("bad", Tone::Bad)]];
        let mut headers = headers(&["NAME", "STATE"]);
        headers[0].importance = Importance::Key;
        let table = render(&headers, &rows, &table_style(Some(40)));
        assert_eq!(table, format!("NAME  STATE\n{long}  good\na     bad\n"));
        let wide = render(&headers, &rows, &table_style(Some(80)));
        assert_eq!(wide.lines().nth(2), Some(format!("{:50}  bad", "a")).as_deref());
    }

    #[test]
    fn a_narrow_terminal_gets_short_forms() {
        let rows = [vec!["shop".into(), Cell::Time(Timestamp::UNIX_EPOCH), "5999b763474b0eafa5fafb64bff0ba80".into()]];
        let mut headers = headers(&["NAME", "LAST ACTIVITY", "UID"]);
        headers[1].holds = Some(Holds::Time);
        headers[2].short = Some(|uid| uid.get(..8).unwrap_or(uid));
        let lines = |width| render(&headers, &rows, &table_style(Some(width)));
        assert_eq!(lines(60).lines().nth(1), Some("shop  just now       5999b763474b0eafa5fafb64bff0ba80"));
        assert_eq!(lines(40).lines().nth(1), Some("shop  just now       5999b763"));
        assert_eq!(lines(28), "NAME  ACTIVITY  UID\nshop  now       5999b763\n");
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
}
