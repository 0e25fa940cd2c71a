//! Times, durations, sizes and counts in words, and the way back from what people type.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Tells how far `then` is from `now`, such as `2 minutes ago` or `in 5 minutes`.
pub(crate) fn relative_time(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - then.as_second();
    let distance = seconds.unsigned_abs();
    let words = match distance {
        0..10 => return "just now".to_owned(),
        10..MINUTE => plural(distance, "second", "seconds"),
        MINUTE..HOUR => plural(distance / MINUTE, "minute", "minutes"),
        HOUR..DAY => plural(distance / HOUR, "hour", "hours"),
        _ => match distance / DAY {
            days @ 0..30 => plural(days, "day", "days"),
            // Twelve times thirty days are not yet a year.
            days @ 30..365 => plural((days / 30).min(11), "month", "months"),
            days => plural(days / 365, "year", "years"),
        },
    };
    if seconds > 0 { format!("{words} ago") } else { format!("in {words}") }
}

/// Tells a duration by its two largest units, such as `8s`, `1m 05s`, `2h 03m` or `1d 04h`.
pub(crate) fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..MINUTE => format!("{seconds}s"),
        MINUTE..HOUR => format!("{}m {:02}s", seconds / MINUTE, seconds % MINUTE),
        HOUR..DAY => format!("{}h {:02}m", seconds / HOUR, seconds % HOUR / MINUTE),
        _ => format!("{}d {:02}h", seconds / DAY, seconds % DAY / HOUR),
    }
}

/// Tells a size in IEC units with one decimal, such as `512 B` or `3.4 MiB`.
pub(crate) fn format_size(size: u64) -> String {
    if size < 1024 {
        return format!("{size} B");
    }
    let size = u128::from(size);
    let mut unit: u128 = 1024;
    for name in ["KiB", "MiB", "GiB", "TiB", "PiB"] {
        // Rounded before the unit is chosen, so that 1024.0 KiB cannot happen.
        let tenths = (size * 10 + unit / 2) / unit;
        if tenths < 10_240 {
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
        unit *= 1024;
    }
    let tenths = (size * 10 + unit / 2) / unit;
    format!("{}.{} EiB", tenths / 10, tenths % 10)
}

/// Writes a time as RFC 3339 in UTC to the second, such as `2014-09-01T19:08:05Z`.
pub(crate) fn format_rfc3339(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

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

/// A name in camel case with underscores between its words: `computeOfferingName` becomes `compute_offering_name`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut after_small = false;
    for letter in name.chars() {
        if letter.is_uppercase() && after_small {
            snake.push('_');
        }
        after_small = letter.is_lowercase() || letter.is_ascii_digit();
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// Counts things, such as `1 stack` or `3 stacks`.
pub(crate) fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;
    use crate::test_text::text_from;

    #[test]
    fn camel_case_is_taken_apart() {
        for (name, expected) in [
            ("computeOfferingName", "compute_offering_name"),
            ("memoryInMB", "memory_in_mb"),
            ("id", "id"),
            ("last_log", "last_log"),
        ] {
            assert_eq!(snake_case(name), expected);
        }
    }

    #[test]
    fn distances_in_time_read_naturally() {
        let now = parse_time("2026-01-01T00:00:00Z").unwrap();
        for (seconds, words) in [
            (0, "just now"),
            (9, "just now"),
            (-9, "just now"),
            (10, "10 seconds ago"),
            (60, "1 minute ago"),
            (119, "1 minute ago"),
            (120, "2 minutes ago"),
            (-300, "in 5 minutes"),
            (3600, "1 hour ago"),
            (86_399, "23 hours ago"),
            (3 * 86_400, "3 days ago"),
            (30 * 86_400, "1 month ago"),
            (130 * 86_400, "4 months ago"),
            (364 * 86_400, "11 months ago"),
            (365 * 86_400, "1 year ago"),
            (-400 * 86_400, "in 1 year"),
            (4400 * 86_400, "12 years ago"),
        ] {
            let then = Timestamp::from_second(now.as_second() - seconds).unwrap();
            assert_eq!(relative_time(then, now), words, "{seconds} seconds");
        }
    }

    #[test]
    fn durations_and_sizes_read_naturally() {
        for (seconds, words) in [
            (0, "0s"),
            (8, "8s"),
            (65, "1m 05s"),
            (3599, "59m 59s"),
            (7380, "2h 03m"),
            (86_400, "1d 00h"),
            (100_800, "1d 04h"),
        ] {
            assert_eq!(format_duration(Duration::from_secs(seconds)), words);
        }
        for (size, words) in [
            (0, "0 B"),
            (512, "512 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1_048_575, "1.0 MiB"),
            (3_565_158, "3.4 MiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(format_size(size), words);
        }
        assert_eq!(plural(1, "stack", "stacks"), "1 stack");
        assert_eq!(plural(0, "stack", "stacks"), "0 stacks");
    }

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
