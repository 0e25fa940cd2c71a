//! Formats of texts: `@csv`, `@base64` and the like.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{Row, next};
use crate::jq::json_write::{self, TextBuilder, to_text};
use crate::jq::memory;
use crate::jq::operators::unfit;
use crate::jq::syntax::Native;
use crate::jq::value::{Fault, Value};

pub(super) const BUILTINS: &[Row] = &[("format", 1, |value, mut arguments| {
    let name = next(&mut arguments);
    match name.as_str().and_then(find) {
        Some(format) => format(value, Vec::new()),
        None => Err(Fault::error(format!("{} is not a valid format", &*to_text(&name)?))),
    }
})];

/// The format of a name without its `@`.
pub(in crate::jq) fn find(name: &str) -> Option<Native> {
    Some(match name {
        "text" => text,
        "json" => |value, _| json_write::write(&value).map(Value::from),
        "csv" => |value, _| row(&value, "csv", ",", csv_cell),
        "tsv" => |value, _| row(&value, "tsv", "\t", tsv_cell),
        "html" => |value, _| replaced(&value, html),
        "uri" => uri,
        "urid" => urid,
        "sh" => sh,
        "base64" => |value, _| encoded(&value, |bytes| CODEC.encode(bytes)),
        "base64d" => base64d,
        "base32" => |value, _| encoded(&value, base32),
        "base32d" => base32d,
        _ => return None,
    })
}

/// `@text`: a string as it is, others as JSON.
pub(in crate::jq) fn text(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    to_text(&value).map(Value::String)
}

const CODEC: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn encoded(value: &Value, encode: fn(&[u8]) -> String) -> Result<Value, Fault> {
    let text = to_text(value)?;
    // No encoding needs more than eight characters for five bytes.
    memory::check_text(text.len().saturating_mul(8) / 5)?;
    Ok(encode(text.as_bytes()).into())
}

type Cell = fn(&str, &mut TextBuilder) -> Result<(), Fault>;

fn row(value: &Value, name: &str, separator: &str, cell: Cell) -> Result<Value, Fault> {
    let Value::Array(cells) = value else {
        return Err(unfit(value, &format!("cannot be {name}-formatted, only array")));
    };
    let mut text = TextBuilder::default();
    for (at, value) in cells.items().iter().enumerate() {
        if at > 0 {
            text.push_str(separator)?;
        }
        match value {
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) => text.push_str(&json_write::write(value)?)?,
            Value::String(value) => cell(value, &mut text)?,
            _ => return Err(unfit(value, &format!("is not valid in a {name} row"))),
        }
    }
    Ok(text.finish().into())
}

fn csv_cell(cell: &str, text: &mut TextBuilder) -> Result<(), Fault> {
    text.push_str("\"")?;
    for (at, part) in cell.split('"').enumerate() {
        text.push_str(if at > 0 { "\"\"" } else { "" })?;
        text.push_str(part)?;
    }
    text.push_str("\"")
}

fn tsv_cell(cell: &str, text: &mut TextBuilder) -> Result<(), Fault> {
    replace(cell, text, |character| match character {
        '\t' => Some("\\t"),
        '\r' => Some("\\r"),
        '\n' => Some("\\n"),
        '\\' => Some("\\\\"),
        _ => None,
    })
}

fn html(character: char) -> Option<&'static str> {
    match character {
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '&' => Some("&amp;"),
        '\'' => Some("&apos;"),
        '"' => Some("&quot;"),
        _ => None,
    }
}

fn replaced(value: &Value, with: fn(char) -> Option<&'static str>) -> Result<Value, Fault> {
    let mut text = TextBuilder::default();
    replace(&to_text(value)?, &mut text, with)?;
    Ok(text.finish().into())
}

fn replace(text: &str, into: &mut TextBuilder, with: fn(char) -> Option<&'static str>) -> Result<(), Fault> {
    for character in text.chars() {
        match with(character) {
            Some(escape) => into.push_str(escape)?,
            None => into.push(character)?,
        }
    }
    Ok(())
}

fn uri(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    let mut text = TextBuilder::default();
    for byte in to_text(&value)?.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte))?;
        } else {
            text.push_str(&format!("%{byte:02X}"))?;
        }
    }
    Ok(text.finish().into())
}

fn urid(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    let text = to_text(&value)?;
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let code = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &after[2..];
            }
            (b'%', None) => return Err(unfit(&Value::String(text.clone()), "is not a valid uri encoding")),
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned().into())
}

fn sh(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    let words = match &value {
        Value::Array(list) => list.items(),
        other => std::slice::from_ref(other),
    };
    let mut text = TextBuilder::default();
    for (at, word) in words.iter().enumerate() {
        text.push_str(if at > 0 { " " } else { "" })?;
        match word {
            Value::String(word) => {
                text.push_str("'")?;
                replace(word, &mut text, |character| (character == '\'').then_some("'\\''"))?;
                text.push_str("'")?;
            }
            Value::Array(_) | Value::Object(_) => return Err(unfit(word, "can not be escaped for shell")),
            other => text.push_str(&json_write::write(other)?)?,
        }
    }
    Ok(text.finish().into())
}

fn base64d(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    let text = Value::String(to_text(&value)?);
    let encoded = text.as_str().unwrap_or_default().trim_end_matches('=');
    if encoded.len() % 4 == 1 {
        return Err(unfit(&text, "trailing base64 byte found"));
    }
    match CODEC.decode(encoded) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned().into()),
        Err(_) => Err(unfit(&text, "is not valid base64 data")),
    }
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let bits = chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte)) << (8 * (5 - chunk.len()));
        let digits = (chunk.len() * 8).div_ceil(5);
        for at in 0..8 {
            let digit = usize::try_from(bits >> (35 - 5 * at) & 31).unwrap_or(0);
            text.push(if at < digits { char::from(BASE32[digit]) } else { '=' });
        }
    }
    text
}

fn base32d(value: Value, _: Vec<Value>) -> Result<Value, Fault> {
    let text = Value::String(to_text(&value)?);
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.as_str().unwrap_or_default().trim_end_matches('=').bytes() {
        let Some(digit) = BASE32.iter().position(|digit| *digit == byte) else {
            return Err(unfit(&text, "is not valid base32 data"));
        };
        bits = bits << 5 | u32::try_from(digit).unwrap_or(0);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap_or(0));
            bits &= (1 << count) - 1;
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned().into())
}
