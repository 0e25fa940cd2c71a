//! Wraps lines at words.

use unicode_width::UnicodeWidthStr as _;

/// Minimum width of a last column.
const MIN_COLUMN: usize = 16;

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
}
