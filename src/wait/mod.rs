//! Waits for remote work: polls until it ends or the timeout is reached, survives failed polls, and ends in an orderly
//! way on a signal.

pub(crate) mod pace;
pub(crate) mod progress;

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use self::pace::{FIRST_PAUSE, PollInterval};
use self::progress::Progress;
use crate::error::{Error, Kind, Result};
use crate::http::rate_limit::RateLimiter;
use crate::output::Printer;
use crate::signals::{Signal, Signals, let_terminal_settle};
use crate::text::format::format_duration;
use crate::text::quote::shell_words;

/// How long polls may fail before the wait is given up.
pub(crate) const MAX_FAILING_TIME: Duration = Duration::from_secs(5 * 60);

/// Timeout and interval of a wait.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WaitOptions {
    /// Maximum time to wait; `None` for no limit.
    pub(crate) timeout: Option<Duration>,
    /// Time between two polls.
    pub(crate) poll_interval: PollInterval,
}

/// The remote work that is waited for.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// Its label while waiting, such as `restart of Awesome App@production`.
    pub(crate) label: String,
    /// The command that resumes the wait.
    pub(crate) attach: String,
    /// The command that cancels the work, if there is one.
    pub(crate) cancel: Option<String>,
    /// The stack action of the work, if there is one.
    pub(crate) action_id: Option<u64>,
    /// The deployment, if it is one and known.
    pub(crate) deployment_id: Option<u64>,
    /// Whether an accepted write of ours started the work.
    pub(crate) follows_write: bool,
}

/// The result of one poll.
pub(crate) enum Poll<T> {
    /// Still running; the text is its state.
    Running(String),
    /// Ended; the text is its outcome.
    Done(T, String),
}

/// What a wait needs.
pub(crate) struct Waiter<'w> {
    /// Shows the progress.
    pub(crate) printer: &'w Printer,
    /// Receives the signals.
    pub(crate) signals: &'w Signals,
    /// The request limit.
    pub(crate) rate: &'w RateLimiter,
    /// Timeout and interval.
    pub(crate) options: WaitOptions,
    /// Whether the caller reports the outcome in a sentence.
    pub(crate) is_reported: bool,
}

/// Why a wait ended before the work.
pub(crate) enum WaitError {
    /// A signal was received.
    Signal(Signal),
    /// The timeout was reached, after this time.
    TimedOut(Duration),
    /// Polls failed for too long.
    LostSight(Error),
    /// The work is not visible: it never existed, or access is denied.
    Failed(Error),
}

impl WaitError {
    /// The error to end with, and how to resume. `operation` is what is known of the work by now, which may be more
    /// than when the wait began.
    pub(crate) fn error(self, operation: &Operation) -> Error {
        match self {
            Self::Signal(signal) => interrupted(operation, signal),
            Self::TimedOut(waited) => still_running(operation, waited),
            // A missing or failed operation, or a wrong condition, cannot be resumed.
            Self::Failed(error) if matches!(error.kind(), Kind::NotFound | Kind::RemoteFailed | Kind::Usage) => {
                with_ids(error, operation)
            }
            Self::Failed(error) if operation.follows_write => {
                with_attach_hint(error.hint("the write was accepted; its work may still be running"), operation)
            }
            Self::Failed(error) => with_attach_hint(error, operation),
            Self::LostSight(error) => with_attach_hint(lost_sight(error, operation), operation),
        }
    }
}

impl Waiter<'_> {
    /// The timeout of the wait, if it has one.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.options.timeout
    }

    /// Polls until the work has ended. The first poll comes after a pause, since the work has only just begun; with
    /// `poll_immediately` (resuming a wait for work that may have ended long ago) it comes at once.
    ///
    /// # Errors
    /// The timeout is reached ([`Kind::StillRunning`]), a signal came, access is denied (401, 403), the work never
    /// existed (404, unless a write of ours started it), or polls failed for five minutes.
    pub(crate) async fn wait_for<T, F>(
        &self,
        operation: &Operation,
        poll_immediately: bool,
        poll: impl FnMut() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<Poll<T>>>,
    {
        self.until_ended_or_wait_error(operation, poll_immediately, poll).await.map_err(|ended| ended.error(operation))
    }

    /// The same as [`Waiter::wait_for`], for callers that have more to do when the wait ends early.
    pub(crate) async fn until_ended_or_wait_error<T, F>(
        &self,
        operation: &Operation,
        poll_immediately: bool,
        mut poll: impl FnMut() -> F,
    ) -> Result<T, WaitError>
    where
        F: Future<Output = Result<Poll<T>>>,
    {
        let guard = self.signals.guard().map_err(WaitError::Failed)?;
        let began = Instant::now();
        let mut progress = Progress::start(self.printer, &operation.label);
        let poll_interval = self.options.poll_interval;
        let mut pause = if poll_immediately { Duration::ZERO } else { poll_interval.interval.unwrap_or(FIRST_PAUSE) };
        let mut failing_since: Option<Instant> = None;
        let mut seen = operation.follows_write;
        loop {
            let round_began = Instant::now();
            let next_look = round_began + pause;
            let round = async {
                self.pause(next_look, &mut progress).await;
                poll().await
            };
            let outcome = tokio::select! {
                biased;
                signal = guard.signal() => {
                    let_terminal_settle().await;
                    return Err(WaitError::Signal(signal));
                }
                outcome = round => outcome,
                () = until(began, self.options.timeout) => {
                    return Err(WaitError::TimedOut(began.elapsed()));
                }
            };
            pause = poll_interval.pause(began.elapsed(), self.rate.budget(), fastrand::f64());
            match outcome {
                Ok(Poll::Done(result, words)) => {
                    progress.finish(&words, self.is_reported);
                    return Ok(result);
                }
                Ok(Poll::Running(words)) => {
                    (seen, failing_since) = (true, None);
                    progress.update(&words);
                }
                // A rate-limited poll is not a failure: the API is reachable and says when to retry.
                Err(error) if error.kind() == Kind::Throttled => {
                    failing_since = failing_since.map(|since| since + round_began.elapsed());
                    pause = pause.max(error.retry_after().unwrap_or_default());
                    progress.update(&format!("poll failed: {}", error.message()));
                }
                Err(error) if is_final(&error, seen) => return Err(WaitError::Failed(error)),
                Err(error) => {
                    let since = *failing_since.get_or_insert_with(Instant::now);
                    if since.elapsed() >= MAX_FAILING_TIME {
                        return Err(WaitError::LostSight(error));
                    }
                    progress.update(&format!("poll failed: {}", error.message()));
                }
            }
        }
    }

    async fn pause(&self, until: Instant, progress: &mut Progress<'_>) {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let beat = progress.until_next_line();
            tokio::time::sleep(left.min(beat.max(Duration::from_millis(50)))).await;
            if left > beat {
                progress.refresh();
            }
        }
    }
}

/// Whether a failed poll ends the wait. The status of a poll says little about the work: only a rejected token is
/// final, and, for work never `seen`, a missing operation.
pub(crate) fn is_final(error: &Error, seen: bool) -> bool {
    match error.kind() {
        Kind::Unavailable
        | Kind::TimedOut
        | Kind::BadReply
        | Kind::NotImplemented
        | Kind::Throttled
        | Kind::Refused
        | Kind::Conflict
        | Kind::TrialExpired => false,
        // With a request, the API's answer to the poll; without one, a finding about the work itself.
        Kind::NotFound => !seen || error.failed_request().is_none(),
        Kind::RemoteFailed => error.failed_request().is_none(),
        _ => true,
    }
}

async fn until(began: Instant, timeout: Option<Duration>) {
    match timeout {
        Some(timeout) => tokio::time::sleep(timeout.saturating_sub(began.elapsed())).await,
        None => std::future::pending().await,
    }
}

fn lost_sight(error: Error, operation: &Operation) -> Error {
    let time = format_duration(MAX_FAILING_TIME);
    if operation.follows_write {
        error.after_write(format!("the write was accepted, but no status of {} for {time}", operation.label))
    } else {
        error.reworded(format!("no status of {} for {time}", operation.label))
    }
}

fn still_running(operation: &Operation, waited: Duration) -> Error {
    let message = format!("timed out after {}; {} is still running", format_duration(waited), operation.label);
    with_cancel_hint(with_attach_hint(Error::new(Kind::StillRunning, message), operation), operation)
}

fn interrupted(operation: &Operation, signal: Signal) -> Error {
    let message = format!("stopped waiting; {} is still running", operation.label);
    with_cancel_hint(with_attach_hint(signal.error(message), operation), operation)
}

fn with_cancel_hint(error: Error, operation: &Operation) -> Error {
    match &operation.cancel {
        Some(cancel) => error.hint(format!("cancel it with: {cancel}")),
        None => error,
    }
}

/// Adds how to resume the wait, as a hint and for scripts.
pub(crate) fn with_attach_hint(error: Error, operation: &Operation) -> Error {
    let error = error.hint(format!("resume waiting with: {}", operation.attach));
    with_ids(error.with_attach(shell_words(&operation.attach)), operation)
}

fn with_ids(error: Error, operation: &Operation) -> Error {
    let error = error.with_deployment(operation.deployment_id);
    match operation.action_id {
        Some(id) => error.with_action(id),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::error::FailedRequest;
    use crate::output::PrinterOptions;

    /// Simulates a wait of at most half an hour: the work ends after `length`, and polls fail from the second minute on
    /// for `trouble`. Returns the outcome and how long it took.
    async fn waited(length: Duration, trouble: Duration, kind: Kind) -> (Result<()>, Duration) {
        let printer = Printer::silent(PrinterOptions::default(), Box::new(std::io::sink()));
        let (signals, rate) = (Signals::default(), RateLimiter::default());
        let options = WaitOptions { timeout: Some(Duration::from_secs(30 * 60)), ..WaitOptions::default() };
        let waiter = Waiter { printer: &printer, signals: &signals, rate: &rate, options, is_reported: false };
        let operation = Operation {
            label: "restart of shop".to_owned(),
            attach: "c66 actions wait 7".to_owned(),
            cancel: None,
            action_id: Some(7),
            deployment_id: None,
            follows_write: true,
        };
        let began = Instant::now();
        let trouble_begins = Duration::from_secs(60);
        let poll = || async {
            let now = began.elapsed();
            if now >= trouble_begins && now < trouble_begins + trouble {
                let request =
                    FailedRequest { request: "GET /stacks/u1/actions/7".to_owned(), ..FailedRequest::default() };
                let error = Error::new(kind, "connection refused").with_request(request);
                return Err(error.with_retry_after(Some(minutes(1))));
            }
            Ok(if now < length { Poll::Running("running".to_owned()) } else { Poll::Done((), "succeeded".to_owned()) })
        };
        (waiter.wait_for(&operation, false, poll).await, began.elapsed())
    }

    const fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(minutes * 60)
    }

    #[tokio::test(start_paused = true)]
    async fn failed_polls_for_minutes_do_not_end_the_wait() {
        for length in [minutes(2), minutes(10)] {
            for kind in [Kind::Unavailable, Kind::NotFound, Kind::Refused, Kind::TrialExpired, Kind::NotImplemented] {
                let (outcome, took) = waited(length, minutes(5), kind).await;
                outcome.unwrap();
                let end = length.max(minutes(6));
                assert!(took >= end && took <= end.mul_f64(1.1), "{took:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failed_polls_for_longer_end_the_wait_and_the_hint_resumes_it() {
        for kind in [Kind::Unavailable, Kind::NotFound, Kind::Refused, Kind::TrialExpired, Kind::Conflict] {
            let (outcome, took) = waited(minutes(2), minutes(20), kind).await;
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), Kind::Unavailable);
            assert_eq!(error.hints(), ["resume waiting with: c66 actions wait 7"]);
            assert_eq!(error.message(), "the write was accepted, but no status of restart of shop for 5m 00s");
            assert!(error.may_have_been_done() && error.action_id() == Some(7));
            assert!(took >= minutes(6) && took <= minutes(7), "{took:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_limit_never_ends_the_wait() {
        let (outcome, took) = waited(minutes(2), minutes(20), Kind::Throttled).await;
        outcome.unwrap();
        assert!(took >= minutes(21) && took <= minutes(22), "{took:?}");
        let (outcome, took) = waited(minutes(2), minutes(60), Kind::Throttled).await;
        assert_eq!(outcome.unwrap_err().kind(), Kind::StillRunning);
        assert!(took >= minutes(30) && took < minutes(30) + Duration::from_secs(1), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_rejected_token_ends_the_wait_at_once() {
        for kind in [Kind::Auth, Kind::ScopeMissing] {
            let (outcome, took) = waited(minutes(2), minutes(20), kind).await;
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), kind);
            assert_eq!(error.hints().last().unwrap(), "resume waiting with: c66 actions wait 7");
            assert!(took < minutes(2), "{took:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_holds_to_the_second() {
        let (outcome, took) = waited(minutes(60), Duration::ZERO, Kind::Unavailable).await;
        assert_eq!(outcome.unwrap_err().kind(), Kind::StillRunning);
        assert!(took >= minutes(30) && took < minutes(30) + Duration::from_secs(1), "{took:?}");
    }
}
