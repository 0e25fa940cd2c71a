//! Formats JSON text without changing a number, string or key.
//!
//! Parsing a document and serializing it again would change `1.0`, `1e3`, `\u00e9`, duplicate keys and numbers beyond
//! 64 bits. So the text itself is processed, once, without recursion. It must be valid JSON. Tokens are written one by
//! one; the writer should be buffered.

use std::io::{self, Write};

use memchr::memchr2;

/// Deeper levels are not indented further, or a hostile reply of a megabyte would become terabytes.
const MAX_INDENT: usize = 128;

/// A comma, a line break and the spaces of the deepest indent.
const COMMA_AND_LINE: [u8; 2 + 2 * MAX_INDENT] = {
    let mut bytes = [b' '; 2 + 2 * MAX_INDENT];
    bytes[0] = b',';
    bytes[1] = b'\n';
    bytes
};

/// Writes a JSON text indented by two spaces, with a final newline; empty objects and arrays stay on one line.
pub(crate) fn pretty(raw: &str, out: &mut impl Write) -> io::Result<()> {
    indent(raw, 0, out)?;
    out.write_all(b"\n")
}

/// Writes an array, from the JSON texts of its items, as `pretty` does.
pub(crate) fn pretty_array<'a>(mut items: impl Iterator<Item = &'a str>, out: &mut impl Write) -> io::Result<()> {
    pretty_array_of(|take| items.try_for_each(take), out)
}

/// The same of the items that `each` hands over.
pub(crate) fn pretty_array_of(
    each: impl FnOnce(&mut dyn FnMut(&str) -> io::Result<()>) -> io::Result<()>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut empty = true;
    each(&mut |item| {
        out.write_all(if empty { b"[\n  " } else { b",\n  " })?;
        empty = false;
        indent(item, 1, out)
    })?;
    out.write_all(if empty { b"[]\n" } else { b"\n]\n" })
}

/// Writes a JSON text in one line, without spaces outside strings, with a final newline.
pub(crate) fn compact(raw: &str, out: &mut impl Write) -> io::Result<()> {
    let mut rest = raw.as_bytes();
    while let Some(start) = rest.iter().position(|byte| !is_blank(*byte)) {
        rest = &rest[start..];
        let end = if rest[0] == b'"' {
            string_length(rest)
        } else {
            rest.iter().position(|byte| is_blank(*byte) || *byte == b'"').unwrap_or(rest.len())
        };
        out.write_all(&rest[..end])?;
        rest = &rest[end..];
    }
    out.write_all(b"\n")
}

/// Writes a JSON text indented by two spaces per level, starting at `depth`, without a final newline.
fn indent(raw: &str, mut depth: usize, out: &mut impl Write) -> io::Result<()> {
    let bytes = raw.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        match byte {
            b'{' | b'[' => {
                at += bytes[at..].iter().take_while(|byte| is_blank(**byte)).count();
                out.write_all(&[byte])?;
                if let Some(close @ (b'}' | b']')) = bytes.get(at) {
                    out.write_all(&[*close])?;
                    at += 1;
                } else {
                    depth += 1;
                    new_line(depth, out)?;
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                new_line(depth, out)?;
                out.write_all(&[byte])?;
            }
            b',' => out.write_all(&COMMA_AND_LINE[..line_length(depth)])?,
            b':' => out.write_all(b": ")?,
            blank if is_blank(blank) => {}
            b'"' => {
                at = start + string_length(&bytes[start..]);
                out.write_all(&bytes[start..at])?;
            }
            _ => {
                at += bytes[at..].iter().take_while(|byte| !is_blank(**byte) && !b",:]}".contains(byte)).count();
                out.write_all(&bytes[start..at])?;
            }
        }
    }
    Ok(())
}

fn new_line(depth: usize, out: &mut impl Write) -> io::Result<()> {
    out.write_all(&COMMA_AND_LINE[1..line_length(depth)])
}

/// How many bytes of [`COMMA_AND_LINE`] start a line at `depth`.
fn line_length(depth: usize) -> usize {
    2 + 2 * depth.min(MAX_INDENT)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The length in bytes of the string at the start of `text`, with quotes.
fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = text.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if text[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use serde_json::Value;

    use super::*;

    fn text_of(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn documents_are_formatted_without_a_changed_token() {
        for (raw, indented, compacted) in [
            ("null", "null", "null"),
            (" 1.0 ", "1.0", "1.0"),
            ("{}", "{}", "{}"),
            ("[ \n ]", "[]", "[]"),
            ("[[],{ }]", "[\n  [],\n  {}\n]", "[[],{}]"),
            (
                r#"{"b":123456789012345678901234567890,"a":[1e3,-0.0,{"b" : null}],"b":true}"#,
                "{\n  \"b\": 123456789012345678901234567890,\n  \"a\": [\n    1e3,\n    -0.0,\n    {\n      \"b\": null\n    \
                 }\n  ],\n  \"b\": true\n}",
                r#"{"b":123456789012345678901234567890,"a":[1e3,-0.0,{"b":null}],"b":true}"#,
            ),
            (
                r#"[ "a , b : [ { \" \\", "\\\"\u00e9 \/ é" , "" ]"#,
                "[\n  \"a , b : [ { \\\" \\\\\",\n  \"\\\\\\\"\\u00e9 \\/ é\",\n  \"\"\n]",
                r#"["a , b : [ { \" \\","\\\"\u00e9 \/ é",""]"#,
            ),
        ] {
            assert_eq!(text_of(|out| pretty(raw, out)), format!("{indented}\n"));
            assert_eq!(text_of(|out| compact(raw, out)), format!("{compacted}\n"));
            assert_eq!(text_of(|out| compact(indented, out)), format!("{compacted}\n"));
        }
    }

    #[test]
    fn the_layout_is_the_usual_one() {
        let raw =
            r#"{"stacks":[{"uid":"5999","name":"Awesome App","tags":[],"meta":{}},{"n":1}],"count":null,"x":"ü"}"#;
        let value: Value = serde_json::from_str(raw).unwrap();
        assert_eq!(text_of(|out| pretty(raw, out)), serde_json::to_string_pretty(&value).unwrap() + "\n");
    }

    #[test]
    fn arrays_are_put_together_from_their_items() {
        assert_eq!(text_of(|out| pretty_array(std::iter::empty(), out)), "[]\n");
        let items = [r#"{"a":1}"#, "[]", "2"];
        let whole = format!("[{}]", items.join(","));
        assert_eq!(text_of(|out| pretty_array(items.into_iter(), out)), text_of(|out| pretty(&whole, out)));
    }

    #[test]
    fn any_depth_is_processed() {
        let deep = "[".repeat(20_000) + &"]".repeat(20_000);
        assert_eq!(text_of(|out| compact(&deep, out)).trim_end(), deep);
        let laid_out = text_of(|out| pretty(&deep, out));
        assert!(laid_out.len() < 20_000 * 2 * (2 * MAX_INDENT + 2));
    }
}
