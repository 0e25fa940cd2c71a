//! The request limit of each token, which is reset every hour of the sandbox's time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::sandbox::clock::Clock;

/// An hour, in seconds at normal speed.
const HOUR: f64 = 3600.0;
/// How many tokens are counted at most; with more, the oldest hour is forgotten.
const MAX_TOKENS: usize = 1000;

/// The requests of the current hour of each token.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct RequestCounts(Vec<RequestCount>);

#[derive(Debug, Serialize, Deserialize)]
struct RequestCount {
    token: String,
    hour_began: Timestamp,
    used: u32,
}

impl RequestCounts {
    /// Counts a request: the remaining requests of `limit`, or `None` if it is used up.
    pub(super) fn take(&mut self, token: &str, limit: u32, clock: &Clock) -> Option<u32> {
        // An hour that begins later comes from a clock that was set back.
        self.0.retain(|count| count.hour_began <= clock.now && clock.now < clock.after(count.hour_began, HOUR));
        let position = self.0.iter().position(|count| count.token == token).unwrap_or_else(|| {
            if self.0.len() >= MAX_TOKENS {
                self.0.remove(0);
            }
            self.0.push(RequestCount { token: token.to_owned(), hour_began: clock.now, used: 0 });
            self.0.len() - 1
        });
        let count = &mut self.0[position];
        if count.used >= limit {
            return None;
        }
        count.used += 1;
        Some(limit - count.used)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    /// A clock that many seconds after the epoch.
    fn after(seconds: i64, speed: f64) -> Clock {
        Clock::at(Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds), speed)
    }

    #[test]
    fn the_request_limit_holds_for_an_hour() {
        for (speed, hour) in [(1.0, 3600), (60.0, 60)] {
            let mut counts = RequestCounts::default();
            let mut take = |seconds| counts.take("one", 2, &after(seconds, speed));
            assert_eq!([take(0), take(0), take(0)], [Some(1), Some(0), None]);
            assert_eq!([take(hour - 1), take(hour)], [None, Some(1)]);
        }
    }

    #[test]
    fn each_token_has_its_own_limit() {
        let mut counts = RequestCounts::default();
        let mut take = |token: &str| counts.take(token, 1, &after(0, 1.0));
        assert_eq!([take("one"), take("one"), take("two")], [Some(0), None, Some(0)]);
    }

    #[test]
    fn no_more_tokens_are_counted_than_a_thousand() {
        let mut counts = RequestCounts::default();
        for number in 0..=MAX_TOKENS {
            counts.take(&number.to_string(), 1, &after(0, 1.0));
        }
        assert_eq!(counts.0.len(), MAX_TOKENS);
        assert_eq!(counts.take("0", 1, &after(0, 1.0)), Some(0));
        assert_eq!(counts.take(&MAX_TOKENS.to_string(), 1, &after(0, 1.0)), None);
    }
}
