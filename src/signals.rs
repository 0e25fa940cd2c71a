//! Ctrl-C, SIGTERM and SIGHUP: an orderly end for whoever holds a guard, a quick one for everybody else.
//!
//! A signal ends the program at once, with its exit code, unless somebody waits for remote work and holds a
//! guard; a second signal always does.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::error::{Error, Kind, Result};

/// Pause between a signal and the words about it.
const TERMINAL_SETTLE_TIME: Duration = Duration::from_millis(30);

/// Lets a terminal come to rest: it throws away what is written in the very moment of Ctrl-C, the end of a spinner too.
pub(crate) async fn let_terminal_settle() {
    tokio::time::sleep(TERMINAL_SETTLE_TIME).await;
}

/// What ended the program from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Signal {
    /// Ctrl-C, on Windows Ctrl-Break too.
    Interrupt = 1,
    /// SIGTERM.
    Terminate,
    /// The terminal was closed: SIGHUP.
    HangUp,
}

impl Signal {
    /// The kind of error it ends a command with.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Signal::Interrupt => Kind::Interrupted,
            Signal::Terminate => Kind::Terminated,
            Signal::HangUp => Kind::HungUp,
        }
    }

    /// What the system calls it.
    #[cfg(unix)]
    pub(crate) fn to_system(self) -> rustix::process::Signal {
        match self {
            Signal::Interrupt => rustix::process::Signal::INT,
            Signal::Terminate => rustix::process::Signal::TERM,
            Signal::HangUp => rustix::process::Signal::HUP,
        }
    }

    /// The error it ends a command with.
    pub(crate) fn error(self, message: impl Into<String>) -> Error {
        Error::new(self.kind(), message)
    }
}

/// The signals of this process, and whether somebody wants the first of them.
#[derive(Default)]
pub(crate) struct Signals {
    /// Whether the next signal ends the program at once.
    exit_on_next: Arc<AtomicBool>,
    /// How many guards there are.
    guards: Cell<usize>,
    /// The newest that came while there was a guard, as its number; 0 for none.
    last_received: Arc<AtomicUsize>,
    /// Whether SIGHUP is listened for too.
    #[cfg(unix)]
    listens_for_hang_up: Cell<bool>,
    /// Wakes who waits when there is a newest one.
    #[cfg(windows)]
    news: Arc<tokio::sync::Notify>,
}

impl Signals {
    /// Begins to listen: from now on a signal ends the program with its own exit code.
    pub(crate) fn listen() -> Result<Self> {
        let streams = Self { exit_on_next: Arc::new(AtomicBool::new(true)), ..Self::default() };
        #[cfg(unix)]
        {
            streams.exit_on(Signal::Interrupt)?;
            streams.exit_on(Signal::Terminate)?;
            survive_file_limit()?;
        }
        #[cfg(windows)]
        streams.listen_on_thread().map_err(listen_error)?;
        Ok(streams)
    }

    /// Windows has no handlers that can be given a flag: a thread waits for its events, and does what they do on Unix.
    #[cfg(windows)]
    fn listen_on_thread(&self) -> std::io::Result<()> {
        let mut events = ConsoleEvents::listen()?;
        let (exit_on_next, last_received, news) =
            (Arc::clone(&self.exit_on_next), Arc::clone(&self.last_received), Arc::clone(&self.news));
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let wait = async move {
            loop {
                let signal = events.next().await;
                if exit_on_next.swap(true, Ordering::SeqCst) {
                    std::process::exit(i32::from(signal.kind().exit().code()));
                }
                last_received.store(signal as usize, Ordering::SeqCst);
                news.notify_waiters();
            }
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || runtime.block_on(wait))?;
        Ok(())
    }

    #[cfg(unix)]
    fn exit_on(&self, signal: Signal) -> Result<()> {
        use signal_hook::flag;
        // In this order the first signal arms the second, and only an armed one ends the program.
        let (number, code) = (signal.to_system().as_raw(), i32::from(signal.kind().exit().code()));
        flag::register_conditional_shutdown(number, code, Arc::clone(&self.exit_on_next))
            .and_then(|_| flag::register(number, Arc::clone(&self.exit_on_next)))
            .and_then(|_| flag::register_usize(number, Arc::clone(&self.last_received), signal as usize))
            .map(drop)
            .map_err(listen_error)
    }

    /// SIGHUP ends a program at once of itself, and so it is listened for only while there is a guard; never when who started
    /// the program wants it to outlive the terminal, as `nohup` does.
    #[cfg(unix)]
    fn listen_for_hang_up(&self) -> Result<bool> {
        if !self.listens_for_hang_up.get() && !hang_up_is_ignored() {
            self.exit_on(Signal::HangUp)?;
            self.listens_for_hang_up.set(true);
        }
        Ok(self.listens_for_hang_up.get())
    }

    #[cfg(unix)]
    fn stream(&self) -> Result<SignalStream> {
        SignalStream::listen(self.listen_for_hang_up()?).map_err(listen_error)
    }

    #[cfg(windows)]
    #[expect(clippy::unnecessary_wraps, reason = "its counterpart can fail")]
    fn stream(&self) -> Result<SignalStream> {
        Ok(SignalStream { last_received: Arc::clone(&self.last_received), news: Arc::clone(&self.news) })
    }

    /// The signal that has come since there is a guard, if one has: nothing new is to be begun then.
    pub(crate) fn received(&self) -> Option<Signal> {
        signal_of(&self.last_received)
    }

    /// Takes the first signal for as long as the guard lives. There may be several: each of them hears of it.
    pub(crate) fn guard(&self) -> Result<SignalGuard<'_>> {
        let stream = RefCell::new(self.stream()?);
        // After a first signal, the second is for the program itself.
        if self.received().is_none() {
            self.exit_on_next.store(false, Ordering::SeqCst);
        }
        self.guards.update(|guards| guards + 1);
        Ok(SignalGuard { signals: self, stream })
    }
}

/// A file that may not grow any more is an error of the write, and not the end of the program. What it starts is not
/// affected: a handler, other than an ignored signal, is not passed on.
#[cfg(unix)]
fn survive_file_limit() -> Result<()> {
    let signal = rustix::process::Signal::XFSZ.as_raw();
    signal_hook::flag::register(signal, Arc::default()).map(drop).map_err(listen_error)
}

fn signal_of(number: &AtomicUsize) -> Option<Signal> {
    let last_received = number.load(Ordering::SeqCst);
    [Signal::Interrupt, Signal::Terminate, Signal::HangUp].into_iter().find(|signal| *signal as usize == last_received)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn listen_error(error: std::io::Error) -> Error {
    Error::internal("signals cannot be listened for").cause(error.to_string())
}

/// The right to end in an orderly way.
pub(crate) struct SignalGuard<'i> {
    signals: &'i Signals,
    stream: RefCell<SignalStream>,
}

impl SignalGuard<'_> {
    /// Waits for the first signal, which may have come to an earlier guard. Only one may wait at a time.
    #[expect(clippy::await_holding_refcell_ref, reason = "nobody else borrows it")]
    pub(crate) async fn signal(&self) -> Signal {
        if let Some(signal) = self.signals.received() {
            return signal;
        }
        let signal = self.stream.borrow_mut().next().await;
        self.signals.last_received.store(signal as usize, Ordering::SeqCst);
        signal
    }

    /// Ends the guard, and with it what has come to it: that was for somebody else.
    pub(crate) fn discard(self) {
        self.signals.last_received.store(0, Ordering::SeqCst);
    }
}

impl Drop for SignalGuard<'_> {
    fn drop(&mut self) {
        self.signals.guards.update(|guards| guards - 1);
        if self.signals.guards.get() == 0 {
            self.signals.exit_on_next.store(true, Ordering::SeqCst);
        }
    }
}

/// Whether SIGHUP was being ignored when the program began. Only Linux tells without unsafe code; elsewhere it is taken
/// to be so, and nothing is changed about it.
#[cfg(unix)]
fn hang_up_is_ignored() -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return true };
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    ignored.is_none_or(|stream| stream & (1 << (Signal::HangUp.to_system().as_raw() - 1)) != 0)
}

#[cfg(unix)]
struct SignalStream {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl SignalStream {
    fn listen(hang_up: bool) -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: hang_up.then(|| signal(SignalKind::hangup())).transpose()?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
            Some(_) = async { Some(self.hang_up.as_mut()?.recv().await) } => Signal::HangUp,
        }
    }
}

#[cfg(windows)]
struct SignalStream {
    last_received: Arc<AtomicUsize>,
    news: Arc<tokio::sync::Notify>,
}

#[cfg(windows)]
impl SignalStream {
    async fn next(&mut self) -> Signal {
        loop {
            // Before the check: what comes after it is not missed.
            let news = self.news.notified();
            if let Some(signal) = signal_of(&self.last_received) {
                return signal;
            }
            news.await;
        }
    }
}

/// What Windows tells a program at a console; whoever kills one there tells it nothing.
#[cfg(windows)]
struct ConsoleEvents {
    interrupt: tokio::signal::windows::CtrlC,
    interrupt_hard: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
}

#[cfg(windows)]
impl ConsoleEvents {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
        Ok(Self { interrupt: ctrl_c()?, interrupt_hard: ctrl_break()?, close: ctrl_close()? })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.interrupt_hard.recv() => Signal::Interrupt,
            _ = self.close.recv() => Signal::HangUp,
        }
    }
}
