//! Time in the sandbox: the clock, how long things take, and the formats of dates.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// One reading of the clock per request, so that all of it happens at the same moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) now: Timestamp,
    /// How many times faster than normal the sandbox runs.
    speed: f64,
}

impl Clock {
    /// A reading of `now` in a sandbox that runs `speed` times faster than normal.
    pub(super) fn at(now: Timestamp, speed: f64) -> Self {
        Self { now, speed }
    }

    /// When something ends that begins at `start` and takes `seconds` at normal speed.
    pub(super) fn after(&self, start: Timestamp, seconds: f64) -> Timestamp {
        SignedDuration::try_from(scaled(seconds, self.speed))
            .ok()
            .and_then(|duration| start.checked_add(duration).ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// When something ends that begins now and takes `seconds` at normal speed.
    pub(super) fn in_seconds(&self, seconds: f64) -> Timestamp {
        self.after(self.now, seconds)
    }
}

/// How long something takes at `speed` that takes `seconds` at normal speed.
pub(super) fn scaled(seconds: f64, speed: f64) -> Duration {
    Duration::try_from_secs_f64(seconds / speed).unwrap_or(Duration::MAX)
}

/// A date and time from the source code, such as `2014-08-29T17:46:16Z`; a test checks that all parse.
pub(super) fn date_time(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

/// `2014-08-29T17:46:16Z`, the usual format.
pub(super) fn iso(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2014-08-14T01:46:53+00:00`, the format of a stack's last activity.
pub(super) fn iso_with_offset(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// `2014-08-14 00:38:14 UTC`, the plain format of a stack.
pub(super) fn plain(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `2026-11-20T14:12:39.422Z`, the format of `CloudMC`.
pub(super) fn iso_with_millis(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// `Fri, 29 Aug 2014 17:46:16 GMT`, the format of HTTP headers.
pub(super) fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn dates_have_the_documented_formats() {
        let time: Timestamp = "2014-08-29T17:46:16.75Z".parse().unwrap();
        assert_eq!(iso(time), "2014-08-29T17:46:16Z");
        assert_eq!(iso_with_offset(time), "2014-08-29T17:46:16+00:00");
        assert_eq!(iso_with_millis(time), "2014-08-29T17:46:16.750Z");
        assert_eq!(plain(time), "2014-08-29 17:46:16 UTC");
        assert_eq!(http_date(time), "Fri, 29 Aug 2014 17:46:16 GMT");
    }

    #[test]
    fn speed_shortens_durations() {
        let start = Timestamp::UNIX_EPOCH;
        assert_eq!(Clock::at(start, 1.0).in_seconds(3.0).as_millisecond(), 3000);
        assert_eq!(Clock::at(start, 50.0).in_seconds(3.0).as_millisecond(), 60);
    }
}
