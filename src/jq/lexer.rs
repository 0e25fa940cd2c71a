//! Tokens of an expression.

use super::json_read::number_length;
use super::number::Number;
use super::syntax::SyntaxError;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name, which may be a keyword: `map`, `if`.
    Name(String),
    /// `.name`
    Field(String),
    /// `$name`
    Variable(String),
    /// `@name`
    Format(String),
    Number(String),
    /// The pieces of a string: texts and interpolated tokens.
    String(Vec<Piece>),
    /// Punctuation and operators.
    Sign(&'static str),
    End,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Text(String),
    Interpolation(Vec<(Token, usize)>),
}

/// Longer signs first.
const SIGNS: [&str; 36] = [
    "?//=", "?//", "//=", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=", "//", "..", "(", ")", "[", "]",
    "{", "}", "|", ",", ":", ";", "=", "<", ">", "+", "-", "*", "/", "%", "?", ".", "$",
];

/// Nested interpolations beyond this are refused.
const MAX_NESTING: usize = 100;

/// Splits an expression into tokens, each with its offset.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, SyntaxError> {
    let mut lexer = Lexer { text, at: 0 };
    lexer.until(None, 0)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Reads tokens up to the end, or up to the parenthesis that closes an interpolation.
    fn until(&mut self, closing: Option<usize>, nesting: usize) -> Result<Vec<(Token, usize)>, SyntaxError> {
        let mut tokens = Vec::new();
        let mut depth = 0_usize;
        loop {
            self.skip_space();
            let offset = self.at;
            if self.rest().is_empty() {
                if closing.is_some() {
                    return Err(SyntaxError::new(offset, "expected a closing parenthesis"));
                }
                tokens.push((Token::End, offset));
                return Ok(tokens);
            }
            let token = self.token(nesting)?;
            match &token {
                Token::Sign("(") => depth += 1,
                Token::Sign(")") if depth == 0 && closing.is_some() => {
                    tokens.push((Token::End, offset));
                    return Ok(tokens);
                }
                Token::Sign(")") => depth = depth.saturating_sub(1),
                _ => {}
            }
            tokens.push((token, offset));
        }
    }

    fn skip_space(&mut self) {
        loop {
            self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
            if !self.rest().starts_with('#') {
                return;
            }
            // A backslash at the end of a line continues the comment.
            loop {
                let line = self.rest().find('\n').unwrap_or(self.rest().len());
                let comment = self.rest()[..line].trim_end_matches('\r');
                let backslashes = comment.len() - comment.trim_end_matches('\\').len();
                self.at += line;
                if backslashes.is_multiple_of(2) || self.rest().is_empty() {
                    break;
                }
                self.at += 1;
            }
        }
    }

    fn token(&mut self, nesting: usize) -> Result<Token, SyntaxError> {
        let rest = self.rest();
        let first = rest.as_bytes()[0];
        let second = rest.as_bytes().get(1).copied().unwrap_or(0);
        let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        match first {
            b'"' => self.string(nesting),
            b'0'..=b'9' => self.number(),
            b'.' if second.is_ascii_digit() => self.number(),
            b'.' if is_letter(second) => {
                self.at += 1;
                Ok(Token::Field(self.word()))
            }
            b'$' if is_letter(second) => {
                self.at += 1;
                Ok(Token::Variable(self.path_word()))
            }
            b'@' if is_letter(second) || second.is_ascii_digit() => {
                self.at += 1;
                Ok(Token::Format(self.word()))
            }
            _ if is_letter(first) => Ok(Token::Name(self.path_word())),
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => {
                    self.at += sign.len();
                    Ok(Token::Sign(sign))
                }
                None => Err(SyntaxError::new(self.at, "this character has no meaning here")),
            },
        }
    }

    fn word(&mut self) -> String {
        let rest = self.rest();
        let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        self.at += length;
        rest[..length].to_owned()
    }

    /// A word, or one with the name of a module: `a::b`.
    fn path_word(&mut self) -> String {
        let mut word = self.word();
        while let Some(after) = self.rest().strip_prefix("::")
            && after.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        {
            self.at += 2;
            word = format!("{word}::{}", self.word());
        }
        word
    }

    fn number(&mut self) -> Result<Token, SyntaxError> {
        let rest = self.rest();
        let mut length = 0;
        let mut previous = 0;
        for byte in rest.bytes() {
            let in_number = byte.is_ascii_digit()
                || byte == b'.'
                || matches!(byte, b'e' | b'E')
                || (matches!(byte, b'+' | b'-') && matches!(previous, b'e' | b'E'));
            if !in_number {
                break;
            }
            // `1.` may be followed by `.`: `.[1..2]` is not a number.
            length += 1;
            previous = byte;
        }
        let text = &rest[..length];
        // As in jq, digits may be missing on either side of the point.
        let (mantissa, exponent) = text.find(['e', 'E']).map_or((text, ""), |at| (&text[..at], &text[at..]));
        let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, ""), |(whole, fraction)| (whole, fraction));
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let point = if fraction.is_empty() { "" } else { "." };
        let json = format!("{whole}{point}{fraction}{exponent}");
        if number_length(json.as_bytes()) != Some(json.len()) {
            return Err(SyntaxError::new(self.at, "invalid number"));
        }
        self.at += length;
        Ok(Token::Number(json))
    }

    fn string(&mut self, nesting: usize) -> Result<Token, SyntaxError> {
        self.at += 1;
        let mut pieces = Vec::new();
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(next) = rest.find(['"', '\\']) else {
                return Err(SyntaxError::new(self.text.len(), "expected a closing quote"));
            };
            text.push_str(&rest[..next]);
            self.at += next + 1;
            if rest.as_bytes()[next] == b'"' {
                if !text.is_empty() || pieces.is_empty() {
                    pieces.push(Piece::Text(text));
                }
                return Ok(Token::String(pieces));
            }
            if self.rest().starts_with('(') {
                if nesting == MAX_NESTING {
                    return Err(SyntaxError::new(self.at, "the expression is nested too deep"));
                }
                self.at += 1;
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                pieces.push(Piece::Interpolation(self.until(Some(self.at), nesting + 1)?));
            } else {
                text.push(self.escape()?);
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let offset = self.at;
        let letter = self.rest().bytes().next();
        self.at += 1;
        Ok(match letter {
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
                if (0xd800..0xdc00).contains(&first) && self.rest().starts_with("\\u") {
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
            _ => {
                return Err(SyntaxError::new(offset, "this is no escape sequence; write \\\\ for a backslash"));
            }
        })
    }

    fn hex(&mut self) -> Result<u32, SyntaxError> {
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => Err(SyntaxError::new(self.at, "expected four hexadecimal digits of a character")),
        }
    }
}

/// The value of a number token.
pub(super) fn number(text: &str) -> Number {
    Number::parse(text)
}
