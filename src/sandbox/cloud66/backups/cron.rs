//! Schedules in the five fields of cron: minute, hour, day of the month, month and day of the week.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MINUTES_A_DAY: u32 = 24 * 60;
/// How far ahead is looked: a leap day may be eight years away.
const DAYS_AHEAD: u32 = 366 * 8;

/// When something is done again and again. Each field is a set of numbers, a bit for each.
#[derive(Clone, Copy, Debug)]
pub(in crate::sandbox) struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether a day must be in one of its two sets only, which is so when neither has every day.
    either_day: bool,
}

/// A text that is no schedule.
#[derive(Debug)]
pub(in crate::sandbox) struct NoSchedule;

impl FromStr for Cron {
    type Err = NoSchedule;

    fn from_str(text: &str) -> Result<Self, NoSchedule> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else { return Err(NoSchedule) };
        let weekday_set = field(weekdays, 0, 7, &WEEKDAYS)?;
        Ok(Self {
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days: field(days, 1, 31, &[])?,
            months: field(months, 1, 12, &MONTHS)?,
            // Sunday is 0 and 7.
            weekdays: weekday_set | (weekday_set >> 7),
            either_day: !days.starts_with('*') && !weekdays.starts_with('*'),
        })
    }
}

impl Cron {
    /// The first minute after `time` (in UTC) that is in the schedule; nothing when there is none in years.
    pub(in crate::sandbox) fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        let start = time.to_zoned(TimeZone::UTC).datetime();
        let mut day = start.date();
        let mut first = number(start.hour()) * 60 + number(start.minute()) + 1;
        for _ in 0..DAYS_AHEAD {
            if self.has_day(day) {
                let minutes = (first..MINUTES_A_DAY)
                    .find(|minute| has(self.hours, minute / 60) && has(self.minutes, minute % 60));
                if let Some(minutes) = minutes {
                    let midnight = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
                    return midnight.checked_add(SignedDuration::from_mins(minutes.into())).ok();
                }
            }
            day = day.tomorrow().ok()?;
            first = 0;
        }
        None
    }

    fn has_day(&self, day: Date) -> bool {
        let of_month = has(self.days, number(day.day()));
        let of_week = has(self.weekdays, number(day.weekday().to_sunday_zero_offset()));
        has(self.months, number(day.month())) && if self.either_day { of_month || of_week } else { of_month && of_week }
    }
}

/// The set of a field such as `1-5,30/10`; `words` stand for the numbers from `least`.
fn field(text: &str, least: u32, most: u32, words: &[&str]) -> Result<u64, NoSchedule> {
    let value = |text: &str| {
        let word = words.iter().position(|word| text.eq_ignore_ascii_case(word));
        let value = match word {
            Some(position) => least + u32::try_from(position).map_err(|_| NoSchedule)?,
            None => text.parse().map_err(|_| NoSchedule)?,
        };
        if (least..=most).contains(&value) { Ok(value) } else { Err(NoSchedule) }
    };
    let mut set = 0;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse().ok().filter(|step| *step > 0).ok_or(NoSchedule)?)),
            None => (part, None),
        };
        let (first, end) = match (range, range.split_once('-')) {
            ("*", _) => (least, most),
            (_, Some((first, end))) => (value(first)?, value(end)?),
            (one, None) => (value(one)?, if step.is_some() { most } else { value(one)? }),
        };
        if end < first {
            return Err(NoSchedule);
        }
        for value in (first..=end).step_by(step.unwrap_or(1)) {
            set |= 1 << value;
        }
    }
    Ok(set)
}

fn has(set: u64, value: u32) -> bool {
    set >> value & 1 == 1
}

/// A part of a date, which is never negative.
fn number(part: i8) -> u32 {
    u32::try_from(part).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    /// The next time after the leap day of 2024, a Thursday, at 10:30:20.
    fn next(text: &str) -> String {
        let start = "2024-02-29T10:30:20Z".parse().unwrap();
        text.parse::<Cron>().unwrap().next_after(start).map_or_else(|| "never".into(), |time| time.to_string())
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
    fn what_is_no_schedule_is_refused() {
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
            assert!(text.parse::<Cron>().is_err(), "{text}");
        }
    }
}
