//! Reads JSON.

use std::borrow::Cow;
use std::collections::HashSet;

use super::number::Number;
use super::value::{Fault, List, MAX_DEPTH, Map, Text, Value};

/// Reads one document; spaces may surround it. The error is about the text, or the limit of memory.
pub(super) fn read(text: &str) -> Result<Value, Fault> {
    let mut reader = Reader { text, at: 0, keys: HashSet::new() };
    let value = reader.value(0)?;
    reader.skip_space();
    if reader.at < text.len() { Err(reader.fail("unexpected text after the document")) } else { Ok(value) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// Keys read so far: the objects of a list share them.
    keys: HashSet<Text>,
}

impl<'t> Reader<'t> {
    fn fail(&self, what: &str) -> Fault {
        let before = &self.text[..boundary(self.text, self.at)];
        let line = before.matches('\n').count() + 1;
        let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
        Fault::error(format!("{what} at line {line}, column {column}"))
    }

    fn too_deep(&self) -> Fault {
        self.fail(&format!("more than {MAX_DEPTH} levels"))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Skips spaces, then a byte if it is the next.
    fn accept(&mut self, byte: u8) -> bool {
        self.skip_space();
        let accepted = self.peek() == Some(byte);
        self.at += usize::from(accepted);
        accepted
    }

    fn value(&mut self, depth: u32) -> Result<Value, Fault> {
        if depth > MAX_DEPTH {
            return Err(self.too_deep());
        }
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => self.string().map(|text| Value::from(&*text)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(_) => Err(self.fail("unexpected character")),
            None => Err(self.fail("unexpected end")),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Fault> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.fail("unexpected character"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn array(&mut self, depth: u32) -> Result<Value, Fault> {
        self.at += 1;
        let mut list = List::default();
        if self.accept(b']') {
            return Ok(list.into());
        }
        loop {
            list.push(self.value(depth)?)?;
            if self.accept(b']') {
                list.shrink();
                return Ok(list.into());
            }
            if !self.accept(b',') {
                return Err(self.fail("expected a comma or a closing bracket"));
            }
        }
    }

    fn object(&mut self, depth: u32) -> Result<Value, Fault> {
        self.at += 1;
        let mut map = Map::default();
        if self.accept(b'}') {
            return Ok(map.into());
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.fail("expected a key"));
            }
            let key = self.key()?;
            if !self.accept(b':') {
                return Err(self.fail("expected a colon"));
            }
            let value = self.value(depth)?;
            map.insert(key, value)?;
            if self.accept(b'}') {
                map.shrink();
                return Ok(map.into());
            }
            if !self.accept(b',') {
                return Err(self.fail("expected a comma or a closing brace"));
            }
        }
    }

    fn key(&mut self) -> Result<Text, Fault> {
        let key = self.string()?;
        if let Some(known) = self.keys.get(&*key) {
            return Ok(known.clone());
        }
        let key = Text::from(&*key);
        // Keys that are ids never repeat.
        if self.keys.len() < 10_000 {
            self.keys.insert(key.clone());
        }
        Ok(key)
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let length = number_length(&self.text.as_bytes()[self.at..]);
        let Some(length) = length else { return Err(self.fail("invalid number")) };
        let text = &self.text[self.at..self.at + length];
        self.at += length;
        Ok(Value::Number(Number::parse(text)))
    }

    /// A string; borrowed if it has no escapes.
    fn string(&mut self) -> Result<Cow<'t, str>, Fault> {
        self.at += 1;
        let mut text = Cow::Borrowed("");
        loop {
            let rest: &'t str = &self.text[self.at..];
            let plain = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            let Some(plain) = plain else {
                self.at = self.text.len();
                return Err(self.fail("expected a closing quote"));
            };
            text += &rest[..plain];
            self.at += plain + 1;
            match rest.as_bytes()[plain] {
                b'"' => return Ok(text),
                b'\\' => text.to_mut().push(self.escape()?),
                _ => return Err(self.fail("control character in a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let byte = self.peek();
        self.at += 1;
        Ok(match byte {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.hex()?;
                // Half a surrogate pair is not a character.
                let pair = (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with("\\u");
                if pair {
                    let here = self.at;
                    self.at += 2;
                    let second = self.hex()?;
                    if (0xdc00..0xe000).contains(&second) {
                        let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                        return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    self.at = here;
                }
                char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return Err(self.fail("invalid escape")),
        })
    }

    fn hex(&mut self) -> Result<u32, Fault> {
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let Some(code) = code else { return Err(self.fail("invalid escape")) };
        self.at += 4;
        Ok(code)
    }
}

/// The last character boundary at or before an offset.
pub(super) fn boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The length of the JSON number at the beginning, in bytes.
pub(super) fn number_length(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 || (whole > 1 && bytes[at] == b'0') {
        return None;
    }
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent == 0 {
            return None;
        }
        at += 1 + sign + exponent;
    }
    Some(at)
}
