//! When a request is retried, and after how long.
//!
//! A read is retried whenever the failure may be temporary. A write is retried only if it provably did not reach the
//! API (no connection), or if the API said that it did not accept it.

use std::time::Duration;

use super::endpoint::Method;

/// Maximum number of attempts.
pub(crate) const MAX_TRIES: u32 = 5;
/// No attempt begins later than this after the first.
pub(crate) const MAX_TIME: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// With `--wait-if-throttled`: the limit is hourly, so a little over an hour is enough.
const THROTTLED_TIME: Duration = Duration::from_secs(70 * 60);
const THROTTLED_PAUSE: Duration = Duration::from_secs(60);

/// Why a request may be retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryReason {
    /// No connection: the API never saw the request.
    NotConnected,
    /// The connection broke or timed out after the request may have been sent.
    LostReply,
    /// A reply with a status that may be temporary.
    Status(u16),
    /// Too many requests at a time: the API did not accept this one.
    TooManyRequests,
    /// The hourly limit is reached: the API did not accept the request.
    Throttled,
}

/// What the user allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryPolicy {
    /// `--wait-if-throttled`: wait for the next hour.
    pub(crate) wait_if_throttled: bool,
    /// Interactive: at the request limit, wait briefly instead of failing.
    pub(crate) interactive: bool,
}

impl RetryPolicy {
    /// How long to pause before the next attempt, or `None` to give up.
    ///
    /// `tries` counts the attempts so far, `elapsed` is the time since the first began, `retry_after` is what the API
    /// asked for, and `random` is a number from 0 to 1 for the jitter.
    pub(crate) fn pause(
        self,
        method: Method,
        retry_reason: RetryReason,
        tries: u32,
        elapsed: Duration,
        retry_after: Option<Duration>,
        random: f64,
    ) -> Option<Duration> {
        let may_repeat = match retry_reason {
            RetryReason::NotConnected | RetryReason::TooManyRequests => true,
            RetryReason::Throttled => self.wait_if_throttled || self.interactive,
            RetryReason::LostReply | RetryReason::Status(_) => method.is_read(),
        };
        if !may_repeat {
            return None;
        }
        let at_limit = matches!(retry_reason, RetryReason::Throttled | RetryReason::TooManyRequests);
        if at_limit && self.wait_if_throttled {
            let pause = retry_after.unwrap_or(THROTTLED_PAUSE).max(FIRST_PAUSE);
            return (elapsed + pause <= THROTTLED_TIME).then_some(pause);
        }
        if tries >= MAX_TRIES {
            return None;
        }
        let full = FIRST_PAUSE * 2_u32.saturating_pow(tries.saturating_sub(1));
        let pause = retry_after.unwrap_or_else(|| full.mul_f64(random.clamp(0.0, 1.0)));
        (elapsed + pause <= MAX_TIME).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: RetryPolicy = RetryPolicy { wait_if_throttled: false, interactive: false };
    const PERSON: RetryPolicy = RetryPolicy { wait_if_throttled: false, interactive: true };
    const PATIENT: RetryPolicy = RetryPolicy { wait_if_throttled: true, interactive: false };

    fn first(policy: RetryPolicy, method: Method, retry_reason: RetryReason) -> Option<Duration> {
        policy.pause(method, retry_reason, 1, Duration::ZERO, None, 1.0)
    }

    #[test]
    fn a_write_is_retried_only_if_it_did_not_arrive() {
        for method in Method::ALL.into_iter().filter(|method| !method.is_read()) {
            for (retry_reason, again) in [
                (RetryReason::NotConnected, true),
                (RetryReason::TooManyRequests, true),
                (RetryReason::LostReply, false),
                (RetryReason::Status(500), false),
                (RetryReason::Status(502), false),
                (RetryReason::Status(503), false),
                (RetryReason::Status(504), false),
                (RetryReason::Status(408), false),
            ] {
                assert_eq!(first(SCRIPT, method, retry_reason).is_some(), again, "{method} {retry_reason:?}");
            }
            assert!(first(PERSON, method, RetryReason::Throttled).is_some());
        }
    }

    #[test]
    fn a_read_is_retried_if_the_failure_may_be_temporary() {
        for retry_reason in [RetryReason::NotConnected, RetryReason::LostReply, RetryReason::Status(503)] {
            assert!(first(SCRIPT, Method::Get, retry_reason).is_some(), "{retry_reason:?}");
        }
    }

    #[test]
    fn the_hourly_limit_ends_a_script_at_once_unless_it_may_wait() {
        assert_eq!(first(SCRIPT, Method::Get, RetryReason::Throttled), None);
        assert_eq!(first(PATIENT, Method::Get, RetryReason::Throttled), Some(THROTTLED_PAUSE));
        let late = PATIENT.pause(Method::Get, RetryReason::Throttled, 99, Duration::from_secs(3_600), None, 1.0);
        assert_eq!(late, Some(THROTTLED_PAUSE));
        let too_late = PATIENT.pause(Method::Get, RetryReason::Throttled, 99, THROTTLED_TIME, None, 1.0);
        assert_eq!(too_late, None);
    }

    #[test]
    fn pauses_double_with_full_jitter_and_end() {
        let pause =
            |tries, random| SCRIPT.pause(Method::Get, RetryReason::LostReply, tries, Duration::ZERO, None, random);
        assert_eq!(pause(1, 1.0), Some(Duration::from_millis(250)));
        assert_eq!(pause(3, 1.0), Some(Duration::from_secs(1)));
        assert_eq!(pause(3, 0.0), Some(Duration::ZERO));
        assert_eq!(pause(MAX_TRIES, 0.5), None);
    }

    #[test]
    fn retry_after_is_honoured_within_the_time_limit() {
        let asked = |seconds, elapsed| {
            let elapsed = Duration::from_secs(elapsed);
            SCRIPT.pause(Method::Get, RetryReason::Status(503), 1, elapsed, Some(Duration::from_secs(seconds)), 0.5)
        };
        assert_eq!(asked(2, 0), Some(Duration::from_secs(2)));
        assert_eq!(asked(61, 0), None);
        assert_eq!(asked(30, 40), None);
    }
}
