//! Parses numbers of bytes.

/// Parses a number of bytes with a decimal or binary unit: `500kB`, `20MB`, `1MiB`; a plain number is bytes.
pub(crate) fn parse_bytes(text: &str) -> Option<u64> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1000,
        "kib" => 1 << 10,
        "m" | "mb" => 1_000_000,
        "mib" => 1 << 20,
        "g" | "gb" => 1_000_000_000,
        "gib" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::parse_bytes;

    #[test]
    fn decimal_and_binary_units_are_read() {
        for (text, bytes) in [("0", 0), ("7", 7), ("7b", 7), ("2kB", 2000), ("2KiB", 2048), ("3m", 3_000_000)] {
            assert_eq!(parse_bytes(text), Some(bytes), "{text}");
        }
        for wrong in ["", "-1", "1.5kB", "kB", "2 kB", "99999999999999999999", "18446744073709551615kB"] {
            assert_eq!(parse_bytes(wrong), None, "{wrong}");
        }
    }
}
