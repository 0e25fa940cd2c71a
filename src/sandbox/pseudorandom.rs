//! Random-looking text that is derived from other text: commit hashes, UIDs and signatures, the same in every run.
//!
//! None of it is secret; it only has to look right, and to differ for different input.

const ALPHANUMERIC: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `length` hexadecimal digits derived from `text`.
pub(super) fn hex(text: &str, length: usize) -> String {
    letters(text, b"0123456789abcdef", length)
}

/// `length` letters and digits derived from `text`.
pub(super) fn alphanumeric(text: &str, length: usize) -> String {
    letters(text, ALPHANUMERIC, length)
}

/// Looks like 20 bytes in base64 (27 characters and a `=`), derived from `text`.
pub(super) fn signature(text: &str) -> String {
    let mut signature = letters(text, BASE64, 27);
    signature.push('=');
    signature
}

fn letters(text: &str, alphabet: &[u8], length: usize) -> String {
    let mut rng = fastrand::Rng::with_seed(fnv(text));
    (0..length).map(|_| char::from(alphabet[rng.usize(..alphabet.len())])).collect()
}

/// FNV-1a: unlike the hasher of the standard library, it is the same in every release.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
