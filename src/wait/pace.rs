//! How often a wait polls: often enough to see the outcome soon, seldom enough that long waits, or twenty in parallel,
//! leave most of the request limit to others.

use std::time::Duration;

use crate::http::rate_limit::Budget;

/// The pause before the first poll of work that has only just begun.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Shortest automatic pause.
const MIN_PAUSE: Duration = Duration::from_millis(1200);
/// Longest pause while enough requests remain.
const MAX_PAUSE: Duration = Duration::from_secs(45);
/// Longest pause when few requests remain.
const MAX_STRETCHED: Duration = Duration::from_secs(5 * 60);
/// Shortest pause that the user may choose, so that polls do not flood the API.
const MIN_FIXED_INTERVAL: Duration = Duration::from_millis(10);
/// The pause as a share of the time waited: the outcome is seen at most that much late.
const SHARE_OF_TIME_WAITED: f64 = 0.08;
/// How far a pause varies randomly, so that waits begun together do not poll together.
const JITTER: f64 = 0.1;

/// The pauses of one wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PollInterval {
    /// A fixed time between two polls; `None` lets it grow with the time waited.
    pub(crate) interval: Option<Duration>,
    /// The longest pause that it grows to.
    pub(crate) longest: Duration,
}

impl Default for PollInterval {
    fn default() -> Self {
        Self { interval: None, longest: MAX_PAUSE }
    }
}

impl PollInterval {
    /// The pause before the next poll, after `waited` in all; `budget` is from the last reply, `random` from 0 to 1.
    pub(crate) fn pause(&self, waited: Duration, budget: Option<Budget>, random: f64) -> Duration {
        let pause = match self.interval {
            Some(interval) => interval.max(MIN_FIXED_INTERVAL),
            None => waited
                .mul_f64(SHARE_OF_TIME_WAITED)
                .mul_f64(1.0 + JITTER * (2.0 * random.clamp(0.0, 1.0) - 1.0))
                .clamp(MIN_PAUSE, self.longest.max(MIN_PAUSE)),
        };
        pause.mul_f64(budget.map_or(1.0, Budget::poll_slowdown)).min(MAX_STRETCHED.max(pause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: f64 = 3600.0;

    /// An API with `limit` requests an hour, in simulated seconds.
    struct Hour {
        limit: u32,
        began: f64,
        used: u32,
    }

    impl Hour {
        fn take(&mut self, now: f64) -> Option<Budget> {
            if now - self.began >= HOUR {
                (self.began, self.used) = (now, 0);
            }
            self.used += 1;
            let remaining = self.limit.checked_sub(self.used)?;
            Some(Budget { limit: self.limit, remaining })
        }
    }

    /// The moments at which `count` waits, begun together, poll within `seconds`; panics if the limit is exceeded.
    fn polls(count: usize, seconds: f64, limit: u32) -> Vec<f64> {
        let mut random = fastrand::Rng::with_seed(66);
        let mut hour = Hour { limit, began: 0.0, used: 0 };
        let mut next = vec![FIRST_PAUSE.as_secs_f64(); count];
        let mut moments = Vec::new();
        loop {
            let next_one = next.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
            let Some((index, now)) = next_one.filter(|(_, now)| *now <= seconds) else { return moments };
            let budget = hour.take(now);
            assert!(budget.is_some(), "the limit is used up after {now} s");
            moments.push(now);
            next[index] +=
                PollInterval::default().pause(Duration::from_secs_f64(now), budget, random.f64()).as_secs_f64();
        }
    }

    #[test]
    fn the_outcome_is_seen_within_a_second_and_a_half_or_a_tenth_of_the_time() {
        for pair in polls(1, 540.0, 3000).windows(2) {
            // The work ends just after the first of two polls.
            let late = pair[1] - pair[0];
            assert!(late <= (0.1 * pair[0]).max(1.5), "{late} s late after {} s", pair[0]);
        }
    }

    #[test]
    fn ten_minutes_take_at_most_seventy_polls() {
        let count = polls(1, 600.0, 3000).len();
        assert!(count <= 70, "{count}");
    }

    #[test]
    fn two_hours_take_less_than_a_tenth_of_an_hours_requests() {
        let count = polls(1, 2.0 * HOUR, 3000).len();
        assert!(count <= 300, "{count}");
    }

    #[test]
    fn fifty_parallel_waits_never_exceed_the_limit() {
        for count in [20, 50] {
            assert!(polls(count, 3.0 * HOUR, 3000).len() > count);
        }
    }

    #[test]
    fn a_fixed_pause_holds_while_enough_requests_remain() {
        let poll_interval = PollInterval { interval: Some(Duration::from_secs(3)), ..PollInterval::default() };
        let plenty = Budget { limit: 3000, remaining: 2000 };
        assert_eq!(poll_interval.pause(Duration::from_secs(3600), Some(plenty), 0.9), Duration::from_secs(3));
        assert!(
            poll_interval.pause(Duration::ZERO, Some(Budget { limit: 3000, remaining: 30 }), 0.9)
                > Duration::from_secs(20)
        );
        let flood = PollInterval { interval: Some(Duration::ZERO), ..PollInterval::default() };
        assert_eq!(flood.pause(Duration::ZERO, None, 0.5), MIN_FIXED_INTERVAL);
    }
}
