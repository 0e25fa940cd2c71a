//! Wraps lines at words, or anywhere.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Minimum width of a last column.
const MIN_COLUMN: usize = 16;
/// Joins characters to one.
const JOINER: char = '\u{200d}';

/// Wraps each line that is wider than `width` at a space; the rest begins below the last column of the line, which two
/// spaces separate.
pub(crate) fn wrap_columns(text: &str, width: usize) -> String {
    let mut wrapped = String::with_capacity(text.len());
    for line in text.lines() {
        wrap_line(line, width, &mut wrapped);
    }
    wrapped
}

fn wrap_line(line: &str, width: usize, wrapped: &mut String) {
    let last = line.rfind("  ").map_or(0, |at| at + 2);
    // A last column too far to the right leaves no room for words.
    let indent = if last + MIN_COLUMN > width { (leading(line) + 4).min(width / 2) } else { last };
    let mut rest = line;
    let mut begin = String::new();
    while begin.width() + rest.width() > width {
        let room = width.saturating_sub(begin.width());
        let fits = |at: &usize| rest[..*at].width() <= room && *at > leading(rest);
        let Some(at) = rest.match_indices(' ').map(|(at, _)| at).rfind(fits) else { break };
        wrapped.push_str(&begin);
        wrapped.push_str(rest[..at].trim_end());
        wrapped.push('\n');
        rest = rest[at..].trim_start();
        begin = " ".repeat(indent);
    }
    wrapped.push_str(&begin);
    wrapped.push_str(rest);
    wrapped.push('\n');
}

/// Breaks lines that are wider than `width` columns, wherever that is. Colours have no width.
pub(crate) fn break_lines(text: &str, width: usize) -> String {
    let mut broken = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if line.trim_end_matches('\n').width() <= width {
            broken.push_str(line);
            continue;
        }
        let (mut column, mut before, mut in_colour) = (0, None, false);
        for character in line.chars() {
            in_colour |= character == '\u{1b}';
            let wide = if in_colour { 0 } else { character.width().unwrap_or(0) };
            if column > 0 && column + wide > width && before != Some(JOINER) {
                broken.push('\n');
                column = 0;
            }
            broken.push(character);
            column += wide;
            in_colour &= character != 'm';
            before = Some(character);
        }
    }
    broken
}

/// The number of spaces at the beginning.
fn leading(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_words_below_their_last_column() {
        let text = "Title\n\n  name  what it is in some words\n";
        assert_eq!(wrap_columns(text, 80), text);
        assert_eq!(wrap_columns(text, 24), "Title\n\n  name  what it is in\n        some words\n");
        assert_eq!(wrap_columns("one-word-too-long-to-break\n", 10), "one-word-too-long-to-break\n");
        assert_eq!(wrap_columns("  a              b  cc dd ee\n", 20), "  a              b\n      cc dd ee\n");
    }

    #[test]
    fn only_long_lines_are_broken_and_nothing_is_lost() {
        assert_eq!(break_lines("abcd\n\nabcdefghi\nab\n", 4), "abcd\n\nabcd\nefgh\ni\nab\n");
        assert_eq!(break_lines("東京東京", 5), "東京\n東京");
        assert_eq!(break_lines("東京", 1), "東\n京", "a character wider than the line still has a line");
        assert_eq!(break_lines("", 5), "");
    }

    #[test]
    fn colours_have_no_width_and_joined_characters_stay_together() {
        assert_eq!(break_lines("\u{1b}[31mabc\u{1b}[0m\n", 3), "\u{1b}[31mabc\u{1b}[0m\n");
        assert_eq!(break_lines("\u{1b}[31mabcd\u{1b}[0m\n", 3), "\u{1b}[31mabc\nd\u{1b}[0m\n");
        assert_eq!(break_lines("abe\u{301}f", 3), "abe\u{301}\nf");
        assert_eq!(break_lines("👩\u{200d}👩x", 2), "👩\u{200d}👩\nx");
    }
}
