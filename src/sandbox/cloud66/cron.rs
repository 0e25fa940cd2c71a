//! Schedules in five cron fields: minute, hour, day of the month, month and day of the week, in UTC.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Parses a schedule such as `0 */6 * * *`.
pub(super) fn parse(text: &str) -> Option<Cron> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).sloppy_ranges(true).build();
    parser.parse(text).ok().filter(|_| is_classic(text))
}

/// Whether a schedule uses only standard cron: no `@daily`, `L`, `W`, `#`, `?`, and no empty list items.
fn is_classic(text: &str) -> bool {
    let mut words = text.split(|letter: char| !letter.is_ascii_alphabetic());
    let mut items = text.split_whitespace().flat_map(|field| field.split(','));
    !text.contains(['#', '?', '+'])
        && words.all(|word| matches!(word.len(), 0 | 3))
        && items.all(|item| !item.is_empty() && !item.starts_with('/'))
}

/// The first time after `start` that the schedule matches; `None` if never, as on 30 February.
pub(super) fn next_after(schedule: &Cron, start: Timestamp) -> Option<Timestamp> {
    let next = schedule.find_next_occurrence(&TimeZone::UTC.to_datetime(start), false).ok()?;
    TimeZone::UTC.to_timestamp(next).ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    /// The next time after the leap day of 2024, a Thursday, at 10:30:20.
    fn next(text: &str) -> String {
        let start = "2024-02-29T10:30:20Z".parse().unwrap();
        next_after(&parse(text).unwrap(), start).map_or_else(|| "never".into(), |time| time.to_string())
    }

    #[test]
    fn the_next_time_is_found() {
        for (schedule, expected) in [
            ("* * * * *", "2024-02-29T10:31:00Z"),
            ("0 */1 * * *", "2024-02-29T11:00:00Z"),
            ("30 10 * * *", "2024-03-01T10:30:00Z"),
            ("*/20 9-10 * * *", "2024-02-29T10:40:00Z"),
            ("5/20 12 * * *", "2024-02-29T12:05:00Z"),
            ("0 0 1 JAN *", "2025-01-01T00:00:00Z"),
            ("0 0 29 2 *", "2028-02-29T00:00:00Z"),
            ("0 0 * * sun", "2024-03-03T00:00:00Z"),
            ("0 0 * * 7", "2024-03-03T00:00:00Z"),
            ("0 0 2 * MON", "2024-03-02T00:00:00Z"),
            ("0 0 30 2 *", "never"),
        ] {
            assert_eq!(next(schedule), expected, "{schedule}");
        }
    }

    #[test]
    fn an_invalid_schedule_is_refused() {
        for text in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "a * * * *",
            "5-1 * * * *",
            "*/0 * * * *",
            "1- * * * *",
            "1,,2 * * * *",
            "@daily",
            "-1 * * * *",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
