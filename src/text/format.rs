//! Formats times, durations, sizes and counts for people.

use std::time::Duration;

use jiff::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Formats how far `then` is from `now`, such as `2 minutes ago` or `in 5 minutes`.
pub(crate) fn relative_time(then: Timestamp, now: Timestamp) -> String {
    let Some((count, unit, _)) = distance(then, now) else { return "just now".to_owned() };
    let words = plural(count, unit, &format!("{unit}s"));
    if then < now { format!("{words} ago") } else { format!("in {words}") }
}

/// The same in few letters: `2m`, or `in 5m`; months are `mo`.
pub(crate) fn short_relative_time(then: Timestamp, now: Timestamp) -> String {
    let Some((count, _, letters)) = distance(then, now) else { return "now".to_owned() };
    if then < now { format!("{count}{letters}") } else { format!("in {count}{letters}") }
}

/// How far two times are apart: a count with its unit in full and in short; `None` if they are about equal.
fn distance(then: Timestamp, now: Timestamp) -> Option<(u64, &'static str, &'static str)> {
    let seconds = now.as_second().abs_diff(then.as_second());
    Some(match seconds {
        0..10 => return None,
        10..MINUTE => (seconds, "second", "s"),
        MINUTE..HOUR => (seconds / MINUTE, "minute", "m"),
        HOUR..DAY => (seconds / HOUR, "hour", "h"),
        _ => match seconds / DAY {
            days @ 0..30 => (days, "day", "d"),
            // Twelve times thirty days are less than a year.
            days @ 30..365 => ((days / 30).min(11), "month", "mo"),
            days => (days / 365, "year", "y"),
        },
    })
}

/// Formats a duration by its two largest units, such as `8s`, `1m 05s`, `2h 03m` or `1d 04h`.
pub(crate) fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..MINUTE => format!("{seconds}s"),
        MINUTE..HOUR => format!("{}m {:02}s", seconds / MINUTE, seconds % MINUTE),
        HOUR..DAY => format!("{}h {:02}m", seconds / HOUR, seconds % HOUR / MINUTE),
        _ => format!("{}d {:02}h", seconds / DAY, seconds % DAY / HOUR),
    }
}

/// Formats a size in IEC units with one decimal, such as `512 B` or `3.4 MiB`.
pub(crate) fn format_size(size: u64) -> String {
    if size < 1024 {
        return format!("{size} B");
    }
    let size = u128::from(size);
    let mut unit: u128 = 1024;
    for name in ["KiB", "MiB", "GiB", "TiB", "PiB"] {
        // Rounded before the unit is chosen, so that 1024.0 KiB cannot occur.
        let tenths = (size * 10 + unit / 2) / unit;
        if tenths < 10_240 {
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
        unit *= 1024;
    }
    let tenths = (size * 10 + unit / 2) / unit;
    format!("{}.{} EiB", tenths / 10, tenths % 10)
}

/// Formats a time as RFC 3339 in UTC to the second, such as `2014-09-01T19:08:05Z`.
pub(crate) fn format_rfc3339(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Converts camel case to snake case: `computeOfferingName` becomes `compute_offering_name`.
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

/// Puts an imperative into the past tense by its first word: `Restart shop` becomes `Restarted shop`.
pub(crate) fn past_tense(imperative: &str) -> String {
    let (verb, object) = imperative.split_once(' ').unwrap_or((imperative, ""));
    let past = match verb {
        "Set" => "Set".to_owned(),
        "Run" => "Ran".to_owned(),
        "Stop" => "Stopped".to_owned(),
        _ => match (verb.strip_suffix('y'), verb.strip_suffix('e')) {
            (Some(stem), _) => format!("{stem}ied"),
            (_, Some(stem)) => format!("{stem}ed"),
            _ => format!("{verb}ed"),
        },
    };
    format!("{past} {object}").trim_end().to_owned()
}

/// Formats a count, such as `1 stack` or `3 stacks`.
pub(crate) fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::text::parse::parse_time;

    #[test]
    fn camel_case_becomes_snake_case() {
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
    fn an_imperative_becomes_a_report() {
        for (imperative, expected) in [
            ("Restart shop", "Restarted shop"),
            ("Set A on shop", "Set A on shop"),
            ("Stop service web", "Stopped service web"),
            ("Scale web", "Scaled web"),
            ("Run x on shop", "Ran x on shop"),
            ("Apply it", "Applied it"),
        ] {
            assert_eq!(past_tense(imperative), expected);
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
        for (seconds, letters) in
            [(0, "now"), (59, "59s"), (-300, "in 5m"), (130 * 86_400, "4mo"), (4400 * 86_400, "12y")]
        {
            let then = Timestamp::from_second(now.as_second() - seconds).unwrap();
            assert_eq!(short_relative_time(then, now), letters, "{seconds} seconds");
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
}
