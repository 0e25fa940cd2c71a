//! When a request is retried, and after how long.
//!
//! A read is retried whenever the failure may be temporary. A write is retried only if it provably did not reach the
//! API (no connection), or if the API said that it did not accept it.

use std::time::Duration;

use super::endpoint::Method;

/// Maximum number of attempts.
pub(crate) const MAX_TRIES: u32 = 5;
/// Maximum time of all attempts of a read, unless the first alone takes longer.
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
        if self.waits_out(retry_reason) {
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

    /// How long the next attempt may take, after `elapsed` and for that reason.
    ///
    /// A retried write is not cut short: its outcome would be unknown.
    pub(crate) fn time_limit(self, method: Method, retry_reason: RetryReason, elapsed: Duration) -> Duration {
        if method.is_read() && !self.waits_out(retry_reason) { MAX_TIME.saturating_sub(elapsed) } else { Duration::MAX }
    }

    /// Whether it is the request limit, which is waited for without a time limit.
    fn waits_out(self, retry_reason: RetryReason) -> bool {
        self.wait_if_throttled && matches!(retry_reason, RetryReason::Throttled | RetryReason::TooManyRequests)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::rc::Rc;

    use reqwest::header::HeaderMap;
    use tokio::io::AsyncReadExt as _;
    use tokio::time::Instant;

    use super::*;
    use crate::error::Kind;
    use crate::http::{ApiRules, HttpOptions, Request, Transport};
    use crate::output::{Printer, PrinterOptions};

    /// Simulates a read from a server whose connections live that long: its duration and its result.
    async fn read_over_connections_that_live(life: Duration, http_timeout: Duration) -> (Kind, Duration) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let _ = stream.read(&mut [0; 4096]).await;
                    tokio::time::sleep(life).await;
                });
            }
        });
        let rules = ApiRules { headers: HeaderMap::new(), follows_redirects: true, retry_reason: |_| None };
        let options = HttpOptions {
            connect_timeout: Duration::from_secs(10),
            http_timeout,
            ca_cert: None,
            roots_from_env: false,
            wait_if_throttled: false,
            read_only: None,
            concurrency: 8,
        };
        let printer = Rc::new(Printer::silent(PrinterOptions::default(), Box::new(std::io::sink())));
        let transport = Transport::new(&url, rules, None, options, printer).unwrap();
        let began = Instant::now();
        let outcome = transport.send_any_status(&Request::new(Method::Get, "/stacks.json".to_owned())).await;
        (outcome.unwrap_err().kind(), began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn all_tries_together_take_a_minute_however_slowly_connections_die() {
        for (life, http_timeout, least, most) in
            [(50, 60, 59, 61), (29, 60, 58, 61), (25, 40, 59, 61), (1, 60, 5, 9), (100, 40, 59, 61), (100, 90, 90, 91)]
        {
            let seconds = Duration::from_secs;
            let (kind, took) = read_over_connections_that_live(seconds(life), seconds(http_timeout)).await;
            assert!(matches!(kind, Kind::Unavailable | Kind::TimedOut), "{kind:?}");
            assert!(took >= seconds(least) && took <= seconds(most), "{life} {http_timeout}: {took:?}");
        }
    }

    #[test]
    fn a_write_that_is_sent_again_is_not_broken_off() {
        let limit = |policy: RetryPolicy, method, reason| policy.time_limit(method, reason, Duration::from_secs(50));
        let rest = Duration::from_secs(10);
        assert_eq!(limit(SCRIPT, Method::Get, RetryReason::LostReply), rest);
        assert_eq!(limit(SCRIPT, Method::Get, RetryReason::TooManyRequests), rest);
        assert_eq!(limit(SCRIPT, Method::Post, RetryReason::NotConnected), Duration::MAX);
        assert_eq!(limit(PATIENT, Method::Get, RetryReason::Throttled), Duration::MAX);
    }

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
