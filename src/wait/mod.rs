//! Long operations: looking until the work has ended, with a deadline, through trouble, and with an orderly end when
//! the person goes away first.

pub(crate) mod pace;
pub(crate) mod progress;

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use self::pace::{FIRST_PAUSE, Pace};
use self::progress::Progress;
use crate::error::{Error, Kind, Result};
use crate::http::rate_limit::Rate;
use crate::output::Console;
use crate::signals::{Interrupts, Signal, settled};
use crate::text::format::elapsed;

/// How long looking may fail before the wait is given up.
const MOST_TROUBLE: Duration = Duration::from_secs(5 * 60);

/// How long to wait and how often to look.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Patience {
    /// Longest time to wait; none waits for ever.
    pub(crate) timeout: Option<Duration>,
    /// Time between two looks.
    pub(crate) pace: Pace,
}

/// What is waited for.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// What it is called while waiting, such as `restart of Awesome App@production`.
    pub(crate) label: String,
    /// The command that attaches again.
    pub(crate) attach: String,
    /// The command that cancels it, where there is one.
    pub(crate) cancel: Option<String>,
    /// The stack action behind it, where there is one.
    pub(crate) action_id: Option<u64>,
}

/// What one look found.
pub(crate) enum Look<T> {
    /// It goes on; the words say where it stands.
    Going(String),
    /// It has ended; the words say how.
    Ended(T, String),
}

/// Everything a wait needs.
pub(crate) struct Waiter<'w> {
    /// Where to show it.
    pub(crate) console: &'w Console,
    /// The signals.
    pub(crate) interrupts: &'w Interrupts,
    /// The request budget.
    pub(crate) rate: &'w Rate,
    /// How patiently.
    pub(crate) patience: Patience,
}

/// How a wait was left before its end.
pub(crate) enum Left {
    /// A signal came.
    Signal(Signal),
    /// It has taken this long, which is as long as was allowed.
    TimeIsUp(Duration),
    /// The work cannot be seen any more, or not for too long.
    Failed(Error),
}

impl Left {
    /// The error to end with, and how to come back to the work. `subject` is what is known of it by now, which may be
    /// more than when the wait began.
    pub(crate) fn error(self, subject: &Subject) -> Error {
        match self {
            Self::Signal(signal) => interrupted(subject, signal),
            Self::TimeIsUp(waited) => still_running(subject, waited),
            // To what is not there, or has failed, nobody can attach.
            Self::Failed(error) if matches!(error.kind(), Kind::NotFound | Kind::RemoteFailed) => {
                of_action(error, subject)
            }
            Self::Failed(error) => attach_hint(error, subject),
        }
    }
}

impl Waiter<'_> {
    /// Looks until the work has ended. The first look comes after a pause, since the work has only just begun; with
    /// `at_once` (attaching to work that may long have ended) it does not.
    ///
    /// # Errors
    /// The time is up ([`Kind::StillRunning`]), a signal came, the work cannot be seen any more (401, 403, 404), or
    /// looking failed for five minutes.
    pub(crate) async fn until_ended<T, F>(&self, subject: &Subject, at_once: bool, look: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<Look<T>>>,
    {
        self.until_ended_or_left(subject, at_once, look).await.map_err(|left| left.error(subject))
    }

    /// As [`Waiter::until_ended`], for who has more to say or to do where it is left.
    pub(crate) async fn until_ended_or_left<T, F>(
        &self,
        subject: &Subject,
        at_once: bool,
        mut look: impl FnMut() -> F,
    ) -> Result<T, Left>
    where
        F: Future<Output = Result<Look<T>>>,
    {
        let claim = self.interrupts.claim().map_err(Left::Failed)?;
        let began = Instant::now();
        let mut progress = Progress::start(self.console, &subject.label);
        let pace = self.patience.pace;
        let mut pause = if at_once { Duration::ZERO } else { pace.interval.unwrap_or(FIRST_PAUSE) };
        let mut trouble_since: Option<Instant> = None;
        loop {
            let next_look = Instant::now() + pause;
            let round = async {
                self.pause(next_look, &mut progress).await;
                look().await
            };
            let outcome = tokio::select! {
                biased;
                signal = claim.signal() => {
                    settled().await;
                    return Err(Left::Signal(signal));
                }
                outcome = round => outcome,
                () = until(began, self.patience.timeout) => {
                    return Err(Left::TimeIsUp(began.elapsed()));
                }
            };
            pause = pace.pause(began.elapsed(), self.rate.budget(), fastrand::f64());
            match outcome {
                Ok(Look::Ended(result, words)) => {
                    progress.finish(&words);
                    return Ok(result);
                }
                Ok(Look::Going(words)) => {
                    trouble_since = None;
                    progress.update(&words);
                }
                Err(error) if passes(error.kind()) => {
                    let since = *trouble_since.get_or_insert_with(Instant::now);
                    if since.elapsed() >= MOST_TROUBLE {
                        return Err(Left::Failed(error));
                    }
                    progress.update(&format!("no news ({})", error.message()));
                }
                Err(error) => return Err(Left::Failed(error)),
            }
        }
    }

    async fn pause(&self, until: Instant, progress: &mut Progress<'_>) {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let beat = progress.next_beat();
            tokio::time::sleep(left.min(beat.max(Duration::from_millis(50)))).await;
            if left > beat {
                progress.beat();
            }
        }
    }
}

/// Whether trouble of this kind may pass while the work goes on.
fn passes(kind: Kind) -> bool {
    matches!(kind, Kind::Unavailable | Kind::TimedOut | Kind::BadReply | Kind::Throttled | Kind::Conflict)
}

async fn until(began: Instant, timeout: Option<Duration>) {
    match timeout {
        Some(timeout) => tokio::time::sleep(timeout.saturating_sub(began.elapsed())).await,
        None => std::future::pending().await,
    }
}

fn still_running(subject: &Subject, waited: Duration) -> Error {
    let message = format!("{} has not ended after {}; it goes on", subject.label, elapsed(waited));
    with_cancel(attach_hint(Error::new(Kind::StillRunning, message), subject), subject)
}

fn interrupted(subject: &Subject, signal: Signal) -> Error {
    let message = format!("stopped waiting; {} goes on", subject.label);
    with_cancel(attach_hint(signal.error(message), subject), subject)
}

fn with_cancel(error: Error, subject: &Subject) -> Error {
    match &subject.cancel {
        Some(cancel) => error.hint(format!("cancel it with: {cancel}")),
        None => error,
    }
}

fn attach_hint(error: Error, subject: &Subject) -> Error {
    of_action(error.hint(format!("attach again with: {}", subject.attach)), subject)
}

fn of_action(error: Error, subject: &Subject) -> Error {
    match subject.action_id {
        Some(id) => error.action(id),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::output::Manner;

    /// What becomes of a wait of half an hour at the most, in simulated time, when the work ends after `length`, and
    /// looking fails from the second minute on for as long as `trouble`; and how long it took.
    async fn waited(length: Duration, trouble: Duration) -> (Result<()>, Duration) {
        let console = Console::unseen(Manner::default(), Box::new(std::io::sink()));
        let (interrupts, rate) = (Interrupts::default(), Rate::default());
        let patience = Patience { timeout: Some(Duration::from_secs(30 * 60)), ..Patience::default() };
        let waiter = Waiter { console: &console, interrupts: &interrupts, rate: &rate, patience };
        let subject = Subject {
            label: "restart of shop".to_owned(),
            attach: "c66 actions wait 7".to_owned(),
            cancel: None,
            action_id: Some(7),
        };
        let began = Instant::now();
        let trouble_begins = Duration::from_secs(60);
        let look = || async {
            let now = began.elapsed();
            if now >= trouble_begins && now < trouble_begins + trouble {
                return Err(Error::new(Kind::Unavailable, "nobody answers"));
            }
            Ok(if now < length { Look::Going("running".to_owned()) } else { Look::Ended((), "succeeded".to_owned()) })
        };
        (waiter.until_ended(&subject, false, look).await, began.elapsed())
    }

    const fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(minutes * 60)
    }

    #[tokio::test(start_paused = true)]
    async fn minutes_without_news_are_borne() {
        for length in [minutes(2), minutes(10)] {
            let (outcome, took) = waited(length, minutes(5)).await;
            outcome.unwrap();
            let end = length.max(minutes(6));
            assert!(took >= end && took <= end.mul_f64(1.1), "{took:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn more_of_them_end_the_wait_with_the_way_back() {
        let (outcome, took) = waited(minutes(2), minutes(20)).await;
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
        assert_eq!(error.hints(), ["attach again with: c66 actions wait 7"]);
        assert!(took >= minutes(6) && took <= minutes(7), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_holds_to_the_second() {
        let (outcome, took) = waited(minutes(60), Duration::ZERO).await;
        assert_eq!(outcome.unwrap_err().kind(), Kind::StillRunning);
        assert!(took >= minutes(30) && took < minutes(30) + Duration::from_secs(1), "{took:?}");
    }
}
