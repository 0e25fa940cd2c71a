//! Makes foreign text safe for a terminal and for line-based formats.
//!
//! A stack may have any name. Control characters could move the cursor or recolour the screen, bidirectional controls
//! could reorder a line, and invisible characters could make two names look alike; each is shown as an escape.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Shows control, bidirectional and invisible characters as escapes such as `\n` or `\u{1b}`.
pub(crate) fn sanitize(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let Some(first) = text.find(is_harmful) else { return Cow::Borrowed(text) };
    let (harmless, rest) = text.split_at(first);
    let mut cleaned = String::with_capacity(text.len() + 8);
    cleaned.push_str(harmless);
    for character in rest.chars() {
        match character {
            '\n' => cleaned.push_str("\\n"),
            '\r' => cleaned.push_str("\\r"),
            '\t' => cleaned.push_str("\\t"),
            // Writing to a string cannot fail.
            harmful if is_harmful(harmful) => _ = write!(cleaned, "{}", harmful.escape_unicode()),
            harmless => cleaned.push(harmless),
        }
    }
    Cow::Owned(cleaned)
}

/// The same for text with lines of our own, which stay lines.
pub(crate) fn sanitize_lines(text: &str) -> Cow<'_, str> {
    if !text.contains('\n') {
        return sanitize(text);
    }
    let lines: Vec<_> = text.split('\n').map(sanitize).collect();
    Cow::Owned(lines.join("\n"))
}

/// Sanitizes text for a log: every line but the first is prefixed with `mark`, so that none can pass for ours.
pub(crate) fn sanitize_marked(text: &str, mark: &str) -> String {
    let mut lines = text.split('\n').map(|line| sanitize(line.strip_suffix('\r').unwrap_or(line)));
    let mut marked = lines.next().unwrap_or_default().into_owned();
    for line in lines {
        let _ = write!(marked, "\n{mark}{line}");
    }
    marked
}

/// Escapes the C1 and bidirectional controls that JSON allows unescaped. `json` is JSON text, and its value stays the
/// same.
pub(crate) fn escape_in_json(json: &str) -> Cow<'_, str> {
    if !json.contains(is_invisible) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_invisible(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// Quotes the beginning of a foreign text in one line: spaces collapsed, sanitized, at most `most` characters with the
/// ellipsis of a cut.
pub(crate) fn excerpt(text: &str, most: usize) -> String {
    let mut folded = String::new();
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().take(most + 1));
        // A character has at most four bytes, so this is enough, and a large body is not copied.
        if folded.len() > most * 4 {
            break;
        }
    }
    let cleaned = sanitize(&folded);
    if cleaned.chars().count() <= most {
        return cleaned.into_owned();
    }
    let kept: String = cleaned.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn is_harmful(character: char) -> bool {
    character.is_ascii_control() || is_invisible(character)
}

/// Whether a character outside ASCII is a control, or is invisible and changes how others are read. ZWNJ and ZWJ are
/// allowed: Persian needs the first, and many emoji the second.
pub(crate) fn is_invisible(character: char) -> bool {
    !character.is_ascii()
        && (character.is_control()
            || matches!(
                character,
                '\u{61c}'                       // Arabic letter mark
                    | '\u{180e}'                // Mongolian vowel separator
                    | '\u{200b}'                // zero-width space
                    | '\u{200e}'..='\u{200f}'   // direction marks
                    | '\u{2028}'..='\u{202e}'   // line and paragraph separators, embeddings and overrides
                    | '\u{2060}'..='\u{206f}'   // word joiner, invisible operators, isolates
                    | '\u{feff}'                // byte order mark
                    | '\u{fff9}'..='\u{fffb}'   // interlinear annotations
                    | '\u{e0000}'..='\u{e007f}' // tags
            ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_not_copied() {
        for text in
            ["", "Awesome App", "Zürich", "東京", "e\u{301}", "🚀", "👩\u{200d}💻", "می\u{200c}خواهم", "C:\\new"]
        {
            assert!(matches!(sanitize(text), Cow::Borrowed(same) if same == text), "{text:?}");
        }
    }

    #[test]
    fn harmful_characters_are_escaped() {
        for (text, cleaned) in [
            ("one\ntwo\r\n\tthree", "one\\ntwo\\r\\n\\tthree"),
            ("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("\u{0}\u{7f}\u{85}", "\\u{0}\\u{7f}\\u{85}"),
            ("ab\u{202e}dc", "ab\\u{202e}dc"),
            ("\u{2066}x\u{2069}\u{200f}\u{61c}", "\\u{2066}x\\u{2069}\\u{200f}\\u{61c}"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("line\u{2028}paragraph\u{2029}", "line\\u{2028}paragraph\\u{2029}"),
            ("é\u{1}é", "é\\u{1}é"),
        ] {
            assert_eq!(sanitize(text), cleaned);
        }
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(sanitize_lines("one\n\ttwo\u{7}\n"), "one\n\\ttwo\\u{7}\n");
        assert!(matches!(sanitize_lines("one\u{e9}"), Cow::Borrowed(_)));
    }

    #[test]
    fn later_lines_have_a_mark() {
        assert_eq!(sanitize_marked("one\r\nerror: two\u{7}\n", "  | "), "one\n  | error: two\\u{7}\n  | ");
        assert_eq!(sanitize_marked("one", "  | "), "one");
    }

    #[test]
    fn escaped_json_is_the_same_value() {
        let value = serde_json::Value::from("a\u{9b}b\u{202e}\u{e0041}é👩\u{200d}💻");
        let text = value.to_string();
        let escaped = escape_in_json(&text);
        assert_eq!(escaped, "\"a\\u009bb\\u202e\\udb40\\udc41é👩\u{200d}💻\"");
        assert!(serde_json::from_str::<serde_json::Value>(&escaped).is_ok_and(|read| read == value));
    }

    #[test]
    fn an_excerpt_is_one_short_line() {
        for (text, most, expected) in [
            ("  <html>\n  <body>\tBad   Gateway  ", 40, "<html> <body> Bad Gateway"),
            ("abcdef", 6, "abcdef"),
            ("abcdefg", 6, "abcde…"),
            ("abcd efgh", 6, "abcd…"),
            ("東京東京東京東京", 4, "東京東…"),
            ("\u{1b}\u{1b}", 7, "\\u{1b}…"),
            ("", 6, ""),
            ("abc", 0, "…"),
        ] {
            assert_eq!(excerpt(text, most), expected);
        }
        let huge = "x".repeat(1 << 20);
        assert_eq!(excerpt(&huge, 200).chars().count(), 200);
    }
}
