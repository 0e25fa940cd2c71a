//! The request limit that the API reports with each reply.

use std::cell::Cell;
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use tokio::sync::Mutex;

/// The share of the hourly budget below which requests slow down.
const PLENTY: f64 = 0.5;

/// The share that a run of many requests leaves to others, as far as possible.
const RESERVE: f64 = 0.1;
const HOUR: Duration = Duration::from_secs(3600);
/// Longest pause between two requests of such a run, so that it notices a new hour.
pub(super) const MAX_SPACING: Duration = Duration::from_secs(30);

/// The hourly request limit and the remaining requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// `X-RateLimit-Limit`: requests an hour.
    pub(crate) limit: u32,
    /// `X-RateLimit-Remaining`: requests left in this hour.
    pub(crate) remaining: u32,
}

impl Budget {
    fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let number = |name| headers.get(name)?.to_str().ok()?.trim().parse().ok();
        Some(Self { limit: number("x-ratelimit-limit")?, remaining: number("x-ratelimit-remaining")? })
    }

    /// Whether less than a tenth remains.
    pub(crate) fn is_low(self) -> bool {
        u64::from(self.remaining) * 10 < u64::from(self.limit)
    }

    /// The remaining share of the hourly limit, from 0 to 1; 1 for a limit of 0.
    fn share_left(self) -> f64 {
        if self.limit == 0 { 1.0 } else { f64::from(self.remaining) / f64::from(self.limit) }
    }

    /// The pause between two requests of a run of many: none above a tenth, then the pace that the limit allows
    /// permanently, and longer near the end, which is left to others.
    pub(crate) fn spacing(self) -> Duration {
        if !self.is_low() {
            return Duration::ZERO;
        }
        let sustained = HOUR.div_f64(f64::from(self.limit.max(1)));
        let scarcity = (RESERVE / self.share_left().max(f64::MIN_POSITIVE) - 1.0).clamp(0.0, 1e6);
        sustained.mul_f64(scarcity).min(MAX_SPACING)
    }

    /// The pause after a round of so many requests: none above a half, then as long as the limit allows permanently.
    pub(crate) fn pause_after(self, requests: u64) -> Duration {
        if self.share_left() > PLENTY {
            return Duration::ZERO;
        }
        #[expect(clippy::cast_precision_loss, reason = "requests of a few seconds")]
        HOUR.div_f64(f64::from(self.limit.max(1))).mul_f64(requests as f64)
    }

    /// The factor for pauses between polls: 1 above a half, 4 at a quarter, 64 near the end.
    pub(crate) fn poll_slowdown(self) -> f64 {
        (PLENTY / self.share_left()).powi(2).clamp(1.0, 64.0)
    }
}

/// The newest limit seen, and the pacing of a run of many requests.
#[derive(Debug, Default)]
pub(crate) struct RateLimiter {
    newest: Cell<Option<Budget>>,
    replies: Cell<u64>,
    /// When the last request of such a run was sent; locked until the next one may be sent.
    last: Mutex<Option<Instant>>,
}

impl RateLimiter {
    /// Records the headers of a reply; returns the limit if they have one.
    pub(crate) fn observe(&self, headers: &HeaderMap) -> Option<Budget> {
        self.replies.update(|replies| replies + 1);
        let budget = Budget::from_headers(headers)?;
        self.newest.set(Some(budget));
        Some(budget)
    }

    /// Number of replies so far.
    pub(crate) fn replies(&self) -> u64 {
        self.replies.get()
    }

    /// The newest limit seen, if any.
    pub(crate) fn budget(&self) -> Option<Budget> {
        self.newest.get()
    }

    /// Waits until the next request of a run of many may be sent: at once while enough requests remain, then after
    /// longer and longer pauses, until a reply reports a new hour.
    pub(crate) async fn wait_for_turn(&self) {
        let mut last = self.last.lock().await;
        while let Some(last) = *last {
            let spacing = self.budget().map_or(Duration::ZERO, Budget::spacing);
            let remaining = spacing.saturating_sub(last.elapsed());
            if remaining.is_zero() {
                break;
            }
            // Replies in flight may report a higher number.
            tokio::time::sleep(remaining.min(Duration::from_secs(1))).await;
        }
        *last = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_a_tenth_is_low_and_slow() {
        assert!(!Budget { limit: 3600, remaining: 360 }.is_low());
        assert!(Budget { limit: 3600, remaining: 359 }.is_low());
        assert!((Budget { limit: 3600, remaining: 3597 }.poll_slowdown() - 1.0).abs() < f64::EPSILON);
        assert!(Budget { limit: 3600, remaining: 10 }.poll_slowdown() > 5.0);
    }

    #[test]
    fn a_run_of_many_requests_slows_down_before_the_end() {
        let spacing = |remaining| Budget { limit: 3600, remaining }.spacing();
        assert_eq!(spacing(3600), Duration::ZERO);
        assert_eq!(spacing(360), Duration::ZERO);
        assert_eq!(spacing(180).as_millis(), 1000, "as fast as the limit allows for good");
        assert_eq!(spacing(90).as_millis(), 3000);
        assert_eq!(spacing(0), MAX_SPACING);
        assert_eq!(Budget { limit: 0, remaining: 0 }.spacing(), Duration::ZERO);
    }

    #[test]
    fn repeated_rounds_keep_to_the_limit_once_half_of_it_is_used() {
        let budget = |remaining| Budget { limit: 3600, remaining };
        assert_eq!(budget(1801).pause_after(200), Duration::ZERO);
        assert_eq!(budget(1800).pause_after(200), Duration::from_secs(200));
        assert_eq!(budget(10).pause_after(1), Duration::from_secs(1));
    }

    #[test]
    fn headers_without_numbers_are_ignored() {
        let mut headers = HeaderMap::new();
        assert_eq!(Budget::from_headers(&headers), None);
        for (name, value) in [("x-ratelimit-limit", "3600"), ("x-ratelimit-remaining", "3597")] {
            headers.insert(name, value.parse().unwrap_or(reqwest::header::HeaderValue::from_static("")));
        }
        assert_eq!(Budget::from_headers(&headers), Some(Budget { limit: 3600, remaining: 3597 }));
    }
}
