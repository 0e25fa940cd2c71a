//! `--watch`: runs a list, a show or `status` again and again.

use std::time::Duration;

use tokio::time::Instant;

use super::Command;
use super::context::Context;
use crate::error::{Error, Kind, Result};
use crate::http::rate_limit::RateLimiter;
use crate::output::rounds::{Frame, View};
use crate::output::{Format, Printer};
use crate::prompt::keys::QuitKey;
use crate::signals::{Signal, let_terminal_settle};
use crate::text::format::{format_duration, format_rfc3339};
use crate::text::sanitize::sanitize;
use crate::wait::pace::PollInterval;
use crate::wait::{MAX_FAILING_TIME, is_final};

/// How long a terminal must keep its size until the next round.
#[cfg(unix)]
const RESIZE_SETTLE_TIME: Duration = Duration::from_millis(150);

/// Runs the command every `interval`, or less often if few requests are left, until the user quits.
pub(crate) async fn run(context: &Context, interval: Duration, command: impl Fn() -> Result<Command>) -> Result<u8> {
    let printer = &context.printer;
    let view = view(printer)?;
    let guard = context.signals.guard()?;
    printer.watch_in(view);
    context.watching.start();
    let mut screen = None;
    let mut resizes = Resizes::listen()?;
    let mut rounds = Rounds { interval, failing_since: None };
    let mut frame = Frame::default();
    loop {
        let replies = context.rate_limiter().map_or(0, RateLimiter::replies);
        printer.begin_round();
        let outcome = tokio::select! {
            biased;
            signal = guard.signal() => return stopped(view, signal, screen).await,
            () = quit_key(screen.as_ref()) => return Ok(0),
            outcome = Box::pin(super::run(context, command()?)) => outcome,
        };
        let round = match outcome {
            Ok(_) => {
                frame = printer.end_round();
                if view == View::Screen && screen.is_none() {
                    screen = Some(Screen::enter(printer)?);
                }
                Ok(())
            }
            Err(error) => {
                printer.drop_round();
                // The first round shows whether the command works at all.
                if view == View::Screen && screen.is_none() || error.kind() == Kind::ClosedPipe {
                    return Err(error);
                }
                Err(error)
            }
        };
        let pause = rounds.pause(context, replies, &round);
        let status = match round {
            Ok(()) => rounds.succeeded(frame.changes, pause),
            Err(error) => rounds.failed(error, pause)?,
        };
        match view {
            View::Screen => printer.draw_frame(&frame, &status)?,
            _ if rounds.failing_since.is_some() => printer.warn(&status),
            _ => {}
        }
        tokio::select! {
            biased;
            signal = guard.signal() => return stopped(view, signal, screen).await,
            () = quit_key(screen.as_ref()) => return Ok(0),
            () = resizes.next() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Where rounds go: a terminal that can be redrawn, or a stream.
fn view(printer: &Printer) -> Result<View> {
    match printer.format() {
        Format::Jsonl => Ok(View::Stream),
        _ if printer.stdout_is_terminal() && printer.options().animate => Ok(View::Screen),
        _ => Err(Error::usage("--watch needs a terminal or a stream format").hint("pass -o jsonl")),
    }
}

/// Ends with the code of the signal. In a stream of JSON, that is an error too.
async fn stopped(view: View, signal: Signal, screen: Option<Screen<'_>>) -> Result<u8> {
    drop(screen);
    let_terminal_settle().await;
    match view {
        View::Screen => Ok(signal.kind().exit().code()),
        _ => Err(signal.error("interrupted; stopped watching")),
    }
}

/// When rounds come, and what is said about them.
struct Rounds {
    interval: Duration,
    failing_since: Option<Instant>,
}

impl Rounds {
    /// The pause after a round, of which `replies` came before.
    fn pause(&self, context: &Context, replies: u64, round: &Result<()>) -> Duration {
        let budget = context.rate_limiter().and_then(RateLimiter::budget);
        let requests = context.rate_limiter().map_or(0, RateLimiter::replies) - replies;
        let interval = PollInterval { interval: Some(self.interval), ..PollInterval::default() };
        let pause = interval.pause(Duration::ZERO, budget, fastrand::f64());
        let pause = pause.max(budget.map_or(Duration::ZERO, |budget| budget.pause_after(requests)));
        let retry_after = round.as_ref().err().and_then(Error::retry_after);
        pause.max(retry_after.unwrap_or_default())
    }

    fn succeeded(&mut self, changes: usize, pause: Duration) -> String {
        self.failing_since = None;
        let changes = match changes {
            0 => String::new(),
            1 => ", 1 change".to_owned(),
            several => format!(", {several} changes"),
        };
        let slow = if pause > self.interval { " (few requests left)" } else { "" };
        format!("{}{changes}, every {}{slow}; q quits", clock(), format_duration(pause))
    }

    /// What to say about a failed round, unless it was the last.
    fn failed(&mut self, error: Error, pause: Duration) -> Result<String> {
        if is_final(&error, true) {
            return Err(error);
        }
        let since = *self.failing_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= MAX_FAILING_TIME && error.kind() != Kind::Throttled {
            return Err(error.reworded(format!("no good reply for {}", format_duration(MAX_FAILING_TIME))));
        }
        Ok(format!("{} failed: {}; next try in {}", clock(), sanitize(error.message()), format_duration(pause)))
    }
}

/// The time of day in UTC.
fn clock() -> String {
    let time = format_rfc3339(jiff::Timestamp::now());
    let clock = time.split_once('T').map_or(&*time, |(_, clock)| clock.trim_end_matches('Z'));
    format!("{clock} UTC")
}

/// The screen and the keyboard, until they are given back.
struct Screen<'p> {
    printer: &'p Printer,
    /// Without a keyboard only a signal ends the watch.
    keys: Option<QuitKey>,
}

impl<'p> Screen<'p> {
    fn enter(printer: &'p Printer) -> Result<Self> {
        let keys = printer.stdin_is_terminal().then(QuitKey::listen).transpose()?;
        printer.enter_screen()?;
        Ok(Self { printer, keys })
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        // A closed terminal needs no restoring.
        let _ = self.printer.leave_screen();
    }
}

/// Waits for `q`.
async fn quit_key(screen: Option<&Screen<'_>>) {
    match screen.and_then(|screen| screen.keys.as_ref()) {
        Some(keys) => keys.pressed().await,
        None => std::future::pending().await,
    }
}

/// Changes of the size of the terminal.
struct Resizes {
    #[cfg(unix)]
    signals: tokio::signal::unix::Signal,
}

impl Resizes {
    #[cfg(unix)]
    fn listen() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = signal(SignalKind::window_change());
        signals.map(|signals| Self { signals }).map_err(|error| Error::local_file("listen for signals", &error))
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "its counterpart can fail")]
    fn listen() -> Result<Self> {
        Ok(Self {})
    }

    /// Waits for a new size that stays.
    #[cfg(unix)]
    async fn next(&mut self) {
        if self.signals.recv().await.is_none() {
            return std::future::pending().await;
        }
        while tokio::time::timeout(RESIZE_SETTLE_TIME, self.signals.recv()).await.is_ok() {}
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        std::future::pending::<()>().await;
    }
}
