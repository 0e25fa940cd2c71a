//! Parses times, durations and booleans as people and the APIs write them.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::fmt::friendly::SpanParser;
use jiff::tz::TimeZone;
use jiff::{SpanRelativeTo, Timestamp};

/// Parses the documented forms of time: RFC 3339 with an offset or `Z`, and `2014-08-14 01:46:52 UTC`.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    match text.strip_suffix(" UTC") {
        Some(civil) => civil.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp()),
        None => text.parse().ok(),
    }
}

/// Parses a duration: `30m`, `2h30m`, `90s`, `1.5s`, `500ms`, `1d`, `5 minutes`; a plain number is seconds. A day has
/// 24 hours.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let refused = || {
        format!(
            "invalid duration `{text}`: use a form such as 90s, 30m, 2h30m, 1d or 500ms (a plain number is seconds)"
        )
    };
    let typed = text.trim();
    let bare = typed.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let seconds = bare.then(|| format!("{typed}s"));
    let span = SpanParser::new().parse_span(seconds.as_deref().unwrap_or(typed)).map_err(|_| refused())?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| refused())?;
    Duration::try_from(duration).map_err(|_| refused())
}

/// Parses how long ago something was: a duration, also in calendar units such as `2d`, `3mo` and `1y`.
pub(crate) fn parse_ago(text: &str) -> Option<Timestamp> {
    let now = Timestamp::now().to_zoned(TimeZone::UTC);
    match SpanParser::new().parse_span(text.trim()) {
        Ok(span) => Some(now.checked_sub(span).ok()?.timestamp()),
        Err(_) => now.checked_sub(parse_duration(text).ok()?).ok().map(|then| then.timestamp()),
    }
}

/// Parses a date as the start of its day in UTC, such as `2026-01-01`.
pub(crate) fn parse_date(text: &str) -> Option<Timestamp> {
    let date: jiff::civil::Date = text.trim().parse().ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Parses a size in bytes: `512`, `100MB`, `1.5 GiB`; a unit is a power of 1024, with or without the `i`.
pub(crate) fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: f64 = number.parse().ok()?;
    let unit = unit.trim().to_lowercase();
    let power = match unit.strip_suffix('b').unwrap_or(&unit).trim_end_matches('i') {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    let bytes = number * 1024_f64.powi(power);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be within the range")]
    (0.0..1e18).contains(&bytes).then_some(bytes.round() as u64)
}

/// Parses a boolean.
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
    fn sizes_and_dates_are_read_as_people_write_them() {
        for (text, size) in [
            ("512", Some(512)),
            ("100MB", Some(100 << 20)),
            ("1.5 GiB", Some(3 << 29)),
            ("2k", Some(2048)),
            ("0B", Some(0)),
            ("MB", None),
            ("-1", None),
            ("1XB", None),
            ("9e9P", None),
        ] {
            assert_eq!(parse_size(text), size, "{text}");
        }
        assert_eq!(parse_date("2026-01-01").map(format_rfc3339).as_deref(), Some("2026-01-01T00:00:00Z"));
        assert_eq!(parse_date("2026-13-01"), None);
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
            ("5 minutes", 300_000),
            ("2 weeks", 1_209_600_000),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text:?}");
        }
        for text in [
            "",
            "s",
            ".",
            "-1",
            "-5m",
            "5m ago",
            "1x",
            "2h30",
            "1.2.3s",
            "1e3",
            "99999999999999999999d",
            "1y",
            "1 month",
            ".5s",
            "一分",
        ] {
            let message = parse_duration(text).unwrap_err();
            assert!(message.contains("30m, 2h30m"), "{message}");
        }
    }

    proptest! {
        #[test]
        fn the_parts_of_a_duration_add_up(parts in (0..400_u64, 0..400_u64, 0..4000_u64, 0..4000_u64, 0..4000_u64)) {
            let (days, hours, minutes, seconds, milliseconds) = parts;
            let total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
            let expected = Duration::from_secs(total) + Duration::from_millis(milliseconds);
            let text = format!("{days}d{hours}h{minutes}m{seconds}s{milliseconds}ms");
            prop_assert_eq!(parse_duration(&text), Ok(expected));
            prop_assert_eq!(parse_duration(&format!("{total}.{:03}", milliseconds % 1000)), Ok(Duration::from_millis(total * 1000 + milliseconds % 1000)));
        }

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
