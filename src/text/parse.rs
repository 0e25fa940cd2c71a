//! Times, durations and truth values as people and the APIs write them.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Reads the forms of time that the API documents: RFC 3339 with an offset or `Z`, and `2014-08-14 01:46:52 UTC`.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    match text.strip_suffix(" UTC") {
        Some(civil) => civil.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp()),
        None => text.parse().ok(),
    }
}

/// Reads a duration as people type it: `30m`, `2h30m`, `90s`, `1.5s`, `500ms`, `1d`; a bare number is seconds.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let refused =
        || format!("`{text}` is not a duration; write it like 90s, 30m, 2h30m, 1d or 500ms (a bare number is seconds)");
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(refused());
    }
    let mut total = Duration::ZERO;
    let mut first = true;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(number_end);
        let unit_end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let nanoseconds_per_unit = match unit {
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "d" => 86_400_000_000_000,
            // Only a number that stands alone may go without a unit: 2h30 could be anything.
            "" if first && after.is_empty() => 1_000_000_000,
            _ => return Err(refused()),
        };
        let part = decimal_times(number, nanoseconds_per_unit).ok_or_else(refused)?;
        total = total.checked_add(part).ok_or_else(refused)?;
        rest = after.trim_start();
        first = false;
    }
    Ok(total)
}

/// Multiplies a decimal number such as `1.5` by a number of nanoseconds.
fn decimal_times(number: &str, nanoseconds: u64) -> Option<Duration> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let whole = Duration::from_nanos(nanoseconds).checked_mul(whole.parse().ok()?)?;
    // Finer than a nanosecond of a day makes no difference.
    let fraction = fraction.get(..fraction.len().min(15))?;
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let part = u128::from(fraction.parse::<u64>().ok()?) * u128::from(nanoseconds) / scale;
    whole.checked_add(Duration::from_nanos(u64::try_from(part).ok()?))
}

/// Reads a yes-or-no word.
pub(crate) fn parse_bool(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("use true or false (or 1, yes, on; 0, no, off)".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;
    use crate::test_text::text_from;
    use crate::text::format::{format_duration, format_rfc3339, format_size, relative_time};

    #[test]
    fn documented_times_are_read_and_printed_alike() {
        for (text, expected) in [
            ("2014-09-01T19:08:05Z", "2014-09-01T19:08:05Z"),
            ("2014-09-01T19:08:05+02:00", "2014-09-01T17:08:05Z"),
            ("2014-09-01T19:08:05.123-05:30", "2014-09-02T00:38:05Z"),
            ("2014-08-14 01:46:52 UTC", "2014-08-14T01:46:52Z"),
        ] {
            assert_eq!(parse_time(text).map(format_rfc3339).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "2014-09-01", "2014-09-01T19:08:05", "yesterday", " UTC", "20140901", "5999"] {
            assert_eq!(parse_time(text), None, "{text:?}");
        }
    }

    #[test]
    fn typed_durations_are_read() {
        for (text, milliseconds) in [
            ("0", 0),
            ("90", 90_000),
            ("90s", 90_000),
            ("1.5s", 1500),
            ("1.5", 1500),
            ("500ms", 500),
            ("30m", 1_800_000),
            ("2h30m", 9_000_000),
            ("2h 30m", 9_000_000),
            (" 1d ", 86_400_000),
            ("0.25h", 900_000),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text:?}");
        }
        for text in ["", "s", "-1", "1x", "2h30", "1.2.3s", "1e3", "5 m", "99999999999999999999d", "1.s", ".5s", "一分"]
        {
            let message = parse_duration(text).unwrap_err();
            assert!(message.contains("30m, 2h30m"), "{message}");
        }
    }

    proptest! {
        #[test]
        fn no_time_and_no_duration_upsets_it(
            text in text_from(&["2014-08-14", "T", " ", "01:46:52", "23:59:60", ".5", "UTC", " UTC", "Z", "+25:00", "-0000", "9999-12-31", "-9999-01-01", "h", "m", "s", "ms", "d", "4294967295", "30", "0"])
        ) {
            if let Some(time) = parse_time(&text) {
                let _ = (format_rfc3339(time), relative_time(time, Timestamp::UNIX_EPOCH), relative_time(Timestamp::UNIX_EPOCH, time));
            }
            if let Ok(duration) = parse_duration(&text) {
                prop_assert!(!format_duration(duration).is_empty());
            }
            let _ = format_size(text.bytes().map(u64::from).fold(1, u64::wrapping_mul));
        }
    }
}
