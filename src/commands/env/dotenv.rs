//! Reads and writes environment variables as a file, without loss.
//!
//! The syntax is what people write: `KEY=value`, `export KEY=value`, comments, single quotes (nothing is special in
//! them), double quotes (`\n`, `\r`, `\t`, `\"`, `\\`, `\$`, `` \` ``), both over several lines; and adjacent quotes as
//! in a shell, such as `'it'\''s'`. Nothing is substituted: a `$` is a `$`.

use std::fmt::Write;

use super::name;

/// A line that does not parse.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ParseError {
    /// Its number, from 1.
    pub(crate) line: usize,
    /// What is wrong; never a value.
    pub(crate) message: String,
}

/// Parses a file; keys are in the order of the file. Line breaks within quotes become LF, since an editor may have
/// changed them.
pub(crate) fn read(text: &str) -> Result<Vec<(String, String)>, ParseError> {
    read_with(text, false)
}

/// Parses a script as a shell does, which keeps quoted text to the byte.
pub(crate) fn read_shell(text: &str) -> Result<Vec<(String, String)>, ParseError> {
    read_with(text, true)
}

fn read_with(text: &str, keep_cr: bool) -> Result<Vec<(String, String)>, ParseError> {
    let mut reader = Reader { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1, keep_cr };
    let mut found: Vec<(usize, String, String)> = Vec::new();
    while let Some((line, key, value)) = reader.assignment()? {
        if let Some((before, ..)) = found.iter().find(|(_, known, _)| *known == key) {
            return Err(ParseError { line, message: format!("duplicate {key} (first on line {before})") });
        }
        found.push((line, key, value));
    }
    Ok(found.into_iter().map(|(_, key, value)| (key, value)).collect())
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
    /// Whether a CR within quotes is kept, not read as a line break.
    keep_cr: bool,
}

impl Reader<'_> {
    fn problem<T>(&self, message: impl Into<String>) -> Result<T, ParseError> {
        Err(ParseError { line: self.line, message: message.into() })
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// The next character; a line break is one character, in any form: LF, CRLF or CR.
    fn take(&mut self) -> Option<char> {
        if let Some(rest) = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\r')) {
            self.rest = rest;
            self.line += 1;
            return Some('\n');
        }
        let next = self.peek()?;
        self.rest = &self.rest[next.len_utf8()..];
        self.line += usize::from(next == '\n');
        Some(next)
    }

    /// The next character within quotes.
    fn take_quoted(&mut self) -> Option<char> {
        match self.rest.strip_prefix('\r').filter(|_| self.keep_cr) {
            Some(rest) => {
                self.rest = rest;
                Some('\r')
            }
            None => self.take(),
        }
    }

    fn at_end_of_line(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with(['\n', '\r'])
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn skip_line(&mut self) {
        while self.take().is_some_and(|next| next != '\n') {}
    }

    fn assignment(&mut self) -> Result<Option<(usize, String, String)>, ParseError> {
        loop {
            self.skip_blanks();
            if self.rest.is_empty() {
                return Ok(None);
            }
            if !self.at_end_of_line() && self.peek() != Some('#') {
                break;
            }
            self.skip_line();
        }
        if let Some(rest) = self.rest.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])) {
            self.rest = rest;
            self.skip_blanks();
        }
        let line = self.line;
        let end = self.rest.find(['=', '\n', '\r']).filter(|end| self.rest[*end..].starts_with('='));
        let Some(end) = end else { return self.problem("expected KEY=VALUE") };
        let key = self.rest[..end].trim_end_matches([' ', '\t']).to_owned();
        if let Err(error) = name::check(&key) {
            let hint = error.hints().first().map(|hint| format!("; {hint}")).unwrap_or_default();
            return self.problem(format!("{}{hint}", error.message()));
        }
        self.rest = &self.rest[end + 1..];
        let after_blank = self.rest.starts_with([' ', '\t']);
        self.skip_blanks();
        let value = self.value(after_blank)?;
        if let Err(error) = name::check_value(&key, &value) {
            return Err(ParseError { line, message: error.message().to_owned() });
        }
        Ok(Some((line, key, value)))
    }

    fn value(&mut self, after_blank: bool) -> Result<String, ParseError> {
        let mut value = String::new();
        if !matches!(self.peek(), Some('\'' | '"')) {
            return Ok(self.bare(after_blank));
        }
        loop {
            match self.peek() {
                Some('\'') => self.single(&mut value)?,
                Some('"') => self.double(&mut value)?,
                // The only escape outside quotes that a shell's own quoting needs.
                Some('\\') if self.rest.starts_with("\\'") => {
                    self.rest = &self.rest[2..];
                    value.push('\'');
                }
                _ => break,
            }
        }
        self.skip_blanks();
        if !self.at_end_of_line() && self.peek() != Some('#') {
            return self.problem("unexpected text after the closing quote");
        }
        self.skip_line();
        Ok(value)
    }

    /// A value without quotes: up to the end of the line, or to a space and a `#`.
    fn bare(&mut self, after_blank: bool) -> String {
        let line = self.rest.split(['\n', '\r']).next().unwrap_or_default();
        let comment = line
            .match_indices('#')
            .map(|(at, _)| at)
            .find(|at| line[..*at].ends_with([' ', '\t']) || (*at == 0 && after_blank));
        let value = line[..comment.unwrap_or(line.len())].trim_end_matches([' ', '\t']).to_owned();
        self.skip_line();
        value
    }

    fn single(&mut self, value: &mut String) -> Result<(), ParseError> {
        let opened = self.line;
        self.take();
        loop {
            match self.take_quoted() {
                Some('\'') => return Ok(()),
                Some(letter) => value.push(letter),
                None => return Err(ParseError { line: opened, message: "the quote is not closed".to_owned() }),
            }
        }
    }

    fn double(&mut self, value: &mut String) -> Result<(), ParseError> {
        let opened = self.line;
        self.take();
        loop {
            match self.take_quoted() {
                Some('"') => return Ok(()),
                Some('\\') => match self.take_quoted() {
                    Some('n') => value.push('\n'),
                    Some('r') => value.push('\r'),
                    Some('t') => value.push('\t'),
                    Some(letter @ ('"' | '\\' | '$' | '`')) => value.push(letter),
                    // A regular expression or a Windows path keeps its unknown escapes.
                    Some(letter) => value.extend(['\\', letter]),
                    None => return Err(ParseError { line: opened, message: "the quote is not closed".to_owned() }),
                },
                Some(letter) => value.push(letter),
                None => return Err(ParseError { line: opened, message: "the quote is not closed".to_owned() }),
            }
        }
    }
}

/// One line of a dotenv file (several for a multi-line value).
pub(crate) fn format_line(key: &str, value: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || "_./:@%+,-=".contains(letter);
    if value.chars().all(bare) {
        return format!("{key}={value}\n");
    }
    // In single quotes, shells and other parsers agree on `$` and backslashes.
    if !value.contains(['\'', '\r']) {
        return format!("{key}='{value}'\n");
    }
    let mut quoted = format!("{key}=\"");
    for letter in value.chars() {
        match letter {
            '\r' => quoted.push_str("\\r"),
            '"' | '\\' | '$' | '`' => quoted.extend(['\\', letter]),
            letter => quoted.push(letter),
        }
    }
    quoted.push_str("\"\n");
    quoted
}

/// One line of a script for a shell.
pub(crate) fn format_shell_line(key: &str, value: &str) -> String {
    let mut line = String::new();
    let _ = writeln!(line, "export {key}='{}'", value.replace('\'', "'\\''"));
    line
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let found = read(text).unwrap();
        let found: Vec<(&str, &str)> = found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn common_syntax_is_read() {
        check("A=1\nB = two words \n\n# C=3\n  export D=4", &[("A", "1"), ("B", "two words"), ("D", "4")]);
        check("EMPTY=\nQUOTED=''\nNEXT=x", &[("EMPTY", ""), ("QUOTED", ""), ("NEXT", "x")]);
        check("URL=postgres://u:p@h/d?a=b#c\nC=a #b", &[("URL", "postgres://u:p@h/d?a=b#c"), ("C", "a")]);
        check(
            "A='$HOME \\n \"x\"' # said\nB=\"a\\nb\\t\\\"\\$x\\\\\"",
            &[("A", "$HOME \\n \"x\""), ("B", "a\nb\t\"$x\\")],
        );
        check(
            "KEY=\"-----BEGIN\nabc\n-----END\"\nNEXT='a\nb'",
            &[("KEY", "-----BEGIN\nabc\n-----END"), ("NEXT", "a\nb")],
        );
        check("A=1\r\nB='x\r\ny'\r\nC=\r\n", &[("A", "1"), ("B", "x\ny"), ("C", "")]);
        check("A=1\rB='x\ry'\r# C=2\r\rD=3", &[("A", "1"), ("B", "x\ny"), ("D", "3")]);
        check("\u{feff}GRÜSSE=schön — 漢字\n", &[("GRÜSSE", "schön — 漢字")]);
        check("A=$B${C}`d`\nexport_me=1\nREGEX=\"\\d+\"", &[("A", "$B${C}`d`"), ("export_me", "1"), ("REGEX", "\\d+")]);
        check("A='it'\\''s'", &[("A", "it's")]);
        check("COLOR=#ff0000\nNONE= #ff0000", &[("COLOR", "#ff0000"), ("NONE", "")]);
        check("", &[]);
    }

    #[test]
    fn an_invalid_line_is_reported_with_its_number() {
        for (text, line, word) in [
            ("A=1\njust words\nB=2", 2, "KEY=VALUE"),
            ("A=1\n\n=x", 3, "name"),
            ("1A=x", 1, "name"),
            ("A B=x", 1, "name"),
            ("A=1\nMY-KEY=x", 2, "MY_KEY"),
            ("A=1\nB=x\0y", 2, "NUL"),
            ("A='x\ny", 1, "not closed"),
            ("B=1\nA=\"x\\", 2, "not closed"),
            ("A='x' y", 1, "closing quote"),
            ("A=1\nB='a\nb'\nA=2", 4, "line 1"),
        ] {
            let problem = read(text).unwrap_err();
            assert!(problem.line == line && problem.message.contains(word), "{text:?}: {problem:?}");
        }
    }

    proptest! {
        #[test]
        fn any_variables_survive(
            variables in prop::collection::btree_map("[A-Za-z_][A-Za-z0-9_.]{0,8}", "[^\0]*|(?s-u:[ -~\n\r\t]*)", 0..6)
        ) {
            type Write = fn(&str, &str) -> String;
            type Read = fn(&str) -> Result<Vec<(String, String)>, ParseError>;
            for (write, read) in [(format_line as Write, read as Read), (format_shell_line, read_shell)] {
                let text: String = variables.iter().map(|(key, value)| write(key, value)).collect();
                let found: std::collections::BTreeMap<_, _> = read(&text).unwrap().into_iter().collect();
                prop_assert_eq!(&found, &variables);
            }
        }

        #[test]
        fn nothing_makes_it_panic(text in ".*|(?s-u:[ -~\n\r]*)") {
            let _ = read(&text);
        }
    }
}
