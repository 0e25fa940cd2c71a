//! The request limit, which is reset every hour.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Requests an hour, as in the documented headers.
pub(super) const REQUESTS_PER_HOUR: u32 = 3600;

/// The requests of the current hour.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct RateLimit {
    hour_began: Timestamp,
    used: u32,
}

impl RateLimit {
    /// Counts a request: the remaining requests, or `None` at the limit.
    pub(super) fn take(&mut self, now: Timestamp) -> Option<u32> {
        if now.duration_since(self.hour_began).abs() >= SignedDuration::from_hours(1) {
            *self = Self { hour_began: now, used: 0 };
        }
        if self.used >= REQUESTS_PER_HOUR {
            return None;
        }
        self.used += 1;
        Some(REQUESTS_PER_HOUR - self.used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_limit_holds_for_an_hour() {
        let now = Timestamp::UNIX_EPOCH;
        let mut limit = RateLimit { hour_began: now, used: REQUESTS_PER_HOUR - 2 };
        assert_eq!(limit.take(now), Some(1));
        assert_eq!(limit.take(now), Some(0));
        assert_eq!(limit.take(now), None);
        assert_eq!(limit.take(now + SignedDuration::from_mins(59)), None);
        assert_eq!(limit.take(now + SignedDuration::from_mins(60)), Some(REQUESTS_PER_HOUR - 1));
    }
}
