//! Receives and decompresses the body of a reply, within limits.
//!
//! A few bytes on the wire can expand to a thousand times as many, and parsing those can take a thousand times as much
//! memory again. So the expansion, the size and the number of values are limited.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;
use reqwest::header::{self, HeaderMap};

use super::memory::is_available;
use crate::text::format::format_size;

/// Maximum size of a reply, in bytes; downloads do not use this transport.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Maximum expansion of a compressed reply.
const MAX_EXPANSION: usize = 100;
/// Up to this many bytes, the expansion is not limited.
const FREE_EXPANSION: usize = 1024 * 1024;
/// A reply of at most this many bytes is read in one piece.
const TYPICAL_BYTES: usize = 1024 * 1024;
/// Values of smaller replies are not counted.
const COUNTED_BYTES: usize = 64 * 1024;
/// A JSON reply has at most this many values, plus one for every ten bytes. No documented reply has more than one for every
/// eleven bytes.
const FREE_VALUES: usize = 50_000;
const BYTES_PER_VALUE: usize = 10;
/// Maximum memory of a parsed value, in bytes: an object with one field.
const VALUE_COST: usize = 512;

/// Maximum number of copies of its text at a time, as in a trace of its values.
const COPIES: usize = 6;

/// Why a body is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It exceeds a limit; the text says which.
    TooLarge(String),
    /// It cannot be decompressed.
    Garbled(String),
}

/// A body that is being received.
pub(super) struct Body {
    sink: Sink,
    /// Number of received bytes.
    received: usize,
}

enum Sink {
    Plain(Bounded),
    Gzip(Box<MultiGzDecoder<Bounded>>),
}

impl Body {
    /// The body after these headers; those about its compressed form are removed.
    pub(super) fn new(headers: &mut HeaderMap, announced: Option<u64>) -> Self {
        let encoding = headers.get(header::CONTENT_ENCODING);
        if encoding.is_some_and(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"gzip")) {
            headers.remove(header::CONTENT_ENCODING);
            headers.remove(header::CONTENT_LENGTH);
            return Self { sink: Sink::Gzip(Box::new(MultiGzDecoder::new(Bounded::default()))), received: 0 };
        }
        // The length is only announced: reserve no more than a usual reply has.
        let announced = announced.and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        let bytes = Vec::with_capacity(announced.min(TYPICAL_BYTES));
        Self { sink: Sink::Plain(Bounded { bytes, limit: MAX_BYTES, refused: None }), received: 0 }
    }

    /// Adds received bytes.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), Refused> {
        self.received = self.received.saturating_add(chunk.len());
        match &mut self.sink {
            Sink::Plain(bounded) => bounded.write_all(chunk).map_err(|error| bounded.refusal(&error)),
            Sink::Gzip(decoder) => {
                let expanded = self.received.saturating_mul(MAX_EXPANSION).max(FREE_EXPANSION);
                decoder.get_mut().limit = expanded.min(MAX_BYTES);
                decoder.write_all(chunk).map_err(|error| decoder.get_mut().refusal(&error))
            }
        }
    }

    /// Returns the complete body.
    pub(super) fn finish(self) -> Result<Vec<u8>, Refused> {
        let bytes = match self.sink {
            Sink::Plain(bounded) => bounded.bytes,
            // A reply without a body needs no decompression.
            Sink::Gzip(_) if self.received == 0 => Vec::new(),
            Sink::Gzip(mut decoder) => {
                decoder.try_finish().map_err(|error| decoder.get_mut().refusal(&error))?;
                std::mem::take(&mut decoder.get_mut().bytes)
            }
        };
        check_values(&bytes)?;
        Ok(bytes)
    }
}

/// The bytes so far, and their limit.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    refused: Option<String>,
}

impl Bounded {
    fn refusal(&mut self, error: &io::Error) -> Refused {
        self.refused.take().map_or_else(|| Refused::Garbled(error.to_string()), Refused::TooLarge)
    }

    fn refuse(&mut self, why: String) -> io::Error {
        self.refused = Some(why);
        io::ErrorKind::Other.into()
    }
}

impl Write for Bounded {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        let length = self.bytes.len() + part.len();
        if length > self.limit {
            let why = if self.limit < MAX_BYTES {
                format!("expands to more than {MAX_EXPANSION} times its size on the wire")
            } else {
                format!("is larger than {}", format_size(MAX_BYTES as u64))
            };
            return Err(self.refuse(why));
        }
        if length > self.bytes.capacity() {
            // Not doubled: a large body takes most of the memory.
            let further = part.len().max(self.bytes.len() / 2).max(4096);
            if self.bytes.try_reserve_exact(further).is_err() {
                return Err(self.refuse(OUT_OF_MEMORY.to_owned()));
            }
        }
        self.bytes.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The reason without enough memory.
const OUT_OF_MEMORY: &str = "does not fit into memory";

/// Checks that a body can be parsed within the limits and the memory available.
fn check_values(body: &[u8]) -> Result<(), Refused> {
    if body.len() < COUNTED_BYTES {
        return Ok(());
    }
    let values = count_values(body);
    if values > FREE_VALUES + body.len() / BYTES_PER_VALUE {
        return Err(Refused::TooLarge(format!(
            "has {values} values in {} bytes, which is more than c66 accepts",
            body.len()
        )));
    }
    let needed = body.len().saturating_mul(COPIES).saturating_add(values.saturating_mul(VALUE_COST));
    if is_available(needed) { Ok(()) } else { Err(Refused::TooLarge(OUT_OF_MEMORY.to_owned())) }
}

/// Upper bound of the number of values in a JSON text (at most one too many per object or list); 0 for other text.
fn count_values(body: &[u8]) -> usize {
    let is_json = body.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| b"[{".contains(byte));
    let (mut values, mut in_text, mut escaped) = (0, false, false);
    for byte in body.iter().filter(|_| is_json) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            b'[' | b'{' | b',' if !in_text => values += 1,
            _ => {}
        }
    }
    values
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use reqwest::header::HeaderValue;

    use super::*;

    fn taken(body: &[u8], packed: bool) -> Result<Vec<u8>, Refused> {
        let mut headers = HeaderMap::new();
        let mut wire = body.to_vec();
        if packed {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("GZIP"));
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(body).unwrap();
            wire = encoder.finish().unwrap();
        }
        let mut taken = Body::new(&mut headers, Some(wire.len() as u64));
        for chunk in wire.chunks(16 * 1024) {
            taken.push(chunk)?;
        }
        assert!(headers.is_empty());
        taken.finish()
    }

    #[test]
    fn a_body_is_unpacked_within_its_bounds() {
        let honest =
            |length: usize| std::iter::repeat_with(|| fastrand::u8(b'a'..=b'z')).take(length).collect::<Vec<u8>>();
        for (body, packed, good) in [
            (Vec::new(), true, true),
            (honest(3_000_000), true, true),
            (vec![b' '; FREE_EXPANSION], true, true),
            (vec![b' '; 4 * FREE_EXPANSION], true, false),
            (vec![b' '; MAX_BYTES], false, true),
            (vec![b' '; MAX_BYTES + 1], false, false),
        ] {
            let taken = taken(&body, packed);
            assert_eq!(taken.is_ok(), good, "{} {packed}", body.len());
            assert!(taken.is_err() || taken.unwrap() == body);
        }
    }

    #[test]
    fn a_body_that_ends_early_or_is_no_gzip_is_garbled() {
        let mut headers = HeaderMap::new();
        for (wire, cut) in [(b"{}".to_vec(), false), (vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3], true)] {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            let mut body = Body::new(&mut headers, None);
            let outcome = body.push(&wire).and_then(|()| body.finish().map(drop));
            assert!(matches!(outcome, Err(Refused::Garbled(_))), "{cut} {outcome:?}");
        }
    }

    #[test]
    fn values_are_counted_outside_texts() {
        for (json, expected) in [
            (r#"{"a": "[,{\\\"", "b": [1, 2, {}]}"#, 6),
            ("[]", 1),
            (r#" [{"a":0},{"a":0}]"#, 4),
            ("a,b\n1,2", 0),
            ("", 0),
        ] {
            assert_eq!(count_values(json.as_bytes()), expected, "{json}");
        }
    }

    #[test]
    fn a_reply_of_nothing_but_small_values_is_refused() {
        let list = |item: &str, items: usize| format!("[{}]", vec![item; items].join(",")).into_bytes();
        let honest = r#"{"id":1,"name":"gitlab-ci-runner","on":true,"at":null}"#;
        for (body, good) in [
            (list(honest, 500_000), true),
            (list("{}", 20_000), true),
            (list("{}", 40_000), false),
            (list("0", 1_000_000), false),
            (vec![b','; 1_000_000], true),
        ] {
            assert_eq!(taken(&body, false).is_ok(), good, "{}", body.len());
        }
    }
}
