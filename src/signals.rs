//! Ctrl-C, SIGTERM and SIGHUP.
//!
//! A signal ends the program at once with its exit code, unless a [`SignalGuard`] is held during a wait; then the
//! second signal does. While something is [protected](Signals::protect), no signal does.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::error::{Error, Kind, Result};

/// Pause between a signal and the messages about it.
const TERMINAL_SETTLE_TIME: Duration = Duration::from_millis(30);

/// Lets the terminal settle: at Ctrl-C it discards pending output, even the end of a spinner.
pub(crate) async fn let_terminal_settle() {
    tokio::time::sleep(TERMINAL_SETTLE_TIME).await;
}

/// A signal that ends the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Signal {
    /// Ctrl-C; on Windows also Ctrl-Break.
    Interrupt = 1,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal was closed.
    HangUp,
}

impl Signal {
    /// The kind of error that it ends a command with.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Signal::Interrupt => Kind::Interrupted,
            Signal::Terminate => Kind::Terminated,
            Signal::HangUp => Kind::HungUp,
        }
    }

    /// The name of the signal.
    #[cfg(unix)]
    pub(crate) fn to_system(self) -> rustix::process::Signal {
        match self {
            Signal::Interrupt => rustix::process::Signal::INT,
            Signal::Terminate => rustix::process::Signal::TERM,
            Signal::HangUp => rustix::process::Signal::HUP,
        }
    }

    /// Creates the error that it ends a command with.
    pub(crate) fn error(self, message: impl Into<String>) -> Error {
        Error::new(self.kind(), message)
    }
}

/// The signals of this process, and whether a guard handles the first one.
#[derive(Default)]
pub(crate) struct Signals {
    /// Whether the next signal ends the program at once.
    exit_on_next: Arc<AtomicBool>,
    /// Number of guards.
    guards: Cell<usize>,
    /// Number of those that protect something.
    protections: Cell<usize>,
    /// What makes each signal set `exit_on_next`.
    #[cfg(unix)]
    arming: RefCell<Vec<(Signal, signal_hook::SigId)>>,
    /// Whether something is protected, for the thread that waits for signals.
    #[cfg(windows)]
    is_protected: Arc<AtomicBool>,
    /// The newest signal since there is a guard, as its number; 0 for none.
    last_received: Arc<AtomicUsize>,
    /// Whether SIGHUP is handled too.
    #[cfg(unix)]
    listens_for_hang_up: Cell<bool>,
    /// Wakes the waiting guard.
    #[cfg(windows)]
    news: Arc<tokio::sync::Notify>,
}

impl Signals {
    /// Starts listening: from now on a signal ends the program with its own exit code.
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

    /// Windows has no handlers that set a flag: a thread waits for events and does what the handlers do on Unix.
    #[cfg(windows)]
    fn listen_on_thread(&self) -> std::io::Result<()> {
        let mut events = ConsoleEvents::listen()?;
        let (exit_on_next, last_received, news) =
            (Arc::clone(&self.exit_on_next), Arc::clone(&self.last_received), Arc::clone(&self.news));
        let is_protected = Arc::clone(&self.is_protected);
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let wait = async move {
            loop {
                let signal = events.next().await;
                if exit_on_next.swap(true, Ordering::SeqCst) && !is_protected.load(Ordering::SeqCst) {
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
            .and_then(|_| flag::register_usize(number, Arc::clone(&self.last_received), signal as usize))
            .map_err(listen_error)?;
        if self.protections.get() == 0 { self.arm(signal) } else { Ok(()) }
    }

    /// Lets the signal arm the next one.
    #[cfg(unix)]
    fn arm(&self, signal: Signal) -> Result<()> {
        let armed = signal_hook::flag::register(signal.to_system().as_raw(), Arc::clone(&self.exit_on_next));
        self.arming.borrow_mut().push((signal, armed.map_err(listen_error)?));
        Ok(())
    }

    /// SIGHUP already ends the program by default, so it is handled only while there is a guard; never if it is
    /// ignored, as under `nohup`.
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

    /// The signal received since there is a guard, if any: nothing new may be started then.
    pub(crate) fn received(&self) -> Option<Signal> {
        signal_of(&self.last_received)
    }

    /// Handles the first signal for as long as the guard lives. There may be several guards; each receives it.
    pub(crate) fn guard(&self) -> Result<SignalGuard<'_>> {
        let stream = RefCell::new(self.stream()?);
        // After the first signal, the second ends the program.
        if self.received().is_none() {
            self.exit_on_next.store(false, Ordering::SeqCst);
        }
        self.guards.update(|guards| guards + 1);
        Ok(SignalGuard { signals: self, stream })
    }

    /// Keeps signals, and a second one too, from ending the program until the protection is dropped: something must be
    /// removed first. ssh, for one, sends its proxy a second signal right after the user's.
    pub(crate) fn protect(&self) -> Result<Protection<'_>> {
        let guard = self.guard()?;
        self.protections.update(|protections| protections + 1);
        #[cfg(unix)]
        for (_, arming) in self.arming.borrow_mut().drain(..) {
            signal_hook::low_level::unregister(arming);
        }
        #[cfg(windows)]
        self.is_protected.store(true, Ordering::SeqCst);
        self.exit_on_next.store(false, Ordering::SeqCst);
        Ok(Protection { guard })
    }
}

/// Keeps signals from ending the program.
pub(crate) struct Protection<'i> {
    guard: SignalGuard<'i>,
}

impl Drop for Protection<'_> {
    fn drop(&mut self) {
        let signals = self.guard.signals;
        signals.protections.update(|protections| protections - 1);
        if signals.protections.get() > 0 {
            return;
        }
        #[cfg(unix)]
        for signal in [Signal::Interrupt, Signal::Terminate, Signal::HangUp] {
            if signal != Signal::HangUp || signals.listens_for_hang_up.get() {
                // Without it, the second signal does not end the program either.
                let _ = signals.arm(signal);
            }
        }
        #[cfg(windows)]
        signals.is_protected.store(false, Ordering::SeqCst);
        signals.exit_on_next.store(signals.received().is_some(), Ordering::SeqCst);
    }
}

/// A file at its size limit is an error of the write, not the end of the program. Child processes are not affected: a
/// handler, unlike an ignored signal, is not inherited.
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
    Error::internal("cannot listen for signals").cause(error.to_string())
}

/// The right to end in an orderly way.
pub(crate) struct SignalGuard<'i> {
    signals: &'i Signals,
    stream: RefCell<SignalStream>,
}

impl SignalGuard<'_> {
    /// Waits for the first signal, also one that an earlier guard received. Only one may wait at a time.
    #[expect(clippy::await_holding_refcell_ref, reason = "no other code borrows it")]
    pub(crate) async fn signal(&self) -> Signal {
        if let Some(signal) = self.signals.received() {
            return signal;
        }
        let signal = self.stream.borrow_mut().next().await;
        self.signals.last_received.store(signal as usize, Ordering::SeqCst);
        signal
    }

    /// Drops the guard and discards the signals it received.
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

/// Whether SIGHUP was ignored when the program started. Only Linux tells without unsafe code; elsewhere it is assumed
/// to be ignored, and left alone.
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
            // Before the check, so that no later signal is missed.
            let news = self.news.notified();
            if let Some(signal) = signal_of(&self.last_received) {
                return signal;
            }
            news.await;
        }
    }
}

/// Windows has no signal for a killed program at a console.
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
