//! Ctrl-C and SIGTERM: an orderly end for who has claimed it, a quick one for everybody else.
//!
//! A signal ends the program at once, with its exit code, unless somebody waits for remote work and has claimed it; a
//! second signal always does.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::error::{Error, Kind, Result};

/// Pause between a signal and the words about it.
const AFTER_SIGNAL: Duration = Duration::from_millis(30);

/// Lets a terminal come to rest: it throws away what is written in the very moment of Ctrl-C, the end of a spinner too.
pub async fn settled() {
    tokio::time::sleep(AFTER_SIGNAL).await;
}

/// What ended the program from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl Signal {
    /// The kind of error it ends a command with.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Signal::Interrupt => Kind::Interrupted,
            Signal::Terminate => Kind::Terminated,
        }
    }

    /// The error it ends a command with.
    #[must_use]
    pub fn error(self, message: impl Into<String>) -> Error {
        Error::new(self.kind(), message)
    }
}

/// The signals of this process, and whether somebody wants the first of them.
#[derive(Default)]
pub struct Interrupts {
    /// Whether the next signal ends the program at once.
    at_once: Arc<AtomicBool>,
    /// How many have claimed the first of them.
    claims: Cell<usize>,
    /// The first that came.
    first: Cell<Option<Signal>>,
}

impl Interrupts {
    /// Begins to listen: from now on a signal ends the program with its own exit code.
    ///
    /// # Errors
    /// Signals cannot be listened for.
    pub fn listen() -> Result<Self> {
        let interrupts = Self { at_once: Arc::new(AtomicBool::new(true)), ..Self::default() };
        #[cfg(unix)]
        for (signal, kind) in
            [(signal_hook::consts::SIGINT, Kind::Interrupted), (signal_hook::consts::SIGTERM, Kind::Terminated)]
        {
            use signal_hook::flag;
            // In this order the first signal arms the second, and only an armed one ends the program.
            let code = i32::from(kind.exit().code());
            flag::register_conditional_shutdown(signal, code, Arc::clone(&interrupts.at_once))
                .and_then(|_| flag::register(signal, Arc::clone(&interrupts.at_once)))
                .map_err(unheard)?;
        }
        Ok(interrupts)
    }

    /// The signal that has come to who claimed it, if one has: nothing new is to be begun then.
    #[must_use]
    pub fn came(&self) -> Option<Signal> {
        self.first.get()
    }

    /// Claims the first signal for as long as the claim lives. Several may: each of them hears of it.
    ///
    /// # Errors
    /// Signals cannot be listened for.
    pub fn claim(&self) -> Result<Claim<'_>> {
        let signals = RefCell::new(Signals::listen().map_err(unheard)?);
        // After a first signal, the second is for the program itself.
        if self.first.get().is_none() {
            self.at_once.store(false, Ordering::SeqCst);
        }
        self.claims.update(|claims| claims + 1);
        Ok(Claim { interrupts: self, signals })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn unheard(error: std::io::Error) -> Error {
    Error::internal("signals cannot be listened for").cause(error.to_string())
}

/// The right to end in an orderly way.
pub struct Claim<'i> {
    interrupts: &'i Interrupts,
    signals: RefCell<Signals>,
}

impl Claim<'_> {
    /// Waits for the first signal. Only one may wait at a time.
    #[expect(clippy::await_holding_refcell_ref, reason = "nobody else borrows it")]
    pub async fn signal(&self) -> Signal {
        let signal = self.signals.borrow_mut().next().await;
        self.interrupts.first.set(Some(signal));
        signal
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.interrupts.claims.update(|claims| claims - 1);
        if self.interrupts.claims.get() == 0 {
            self.interrupts.at_once.store(true, Ordering::SeqCst);
        }
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) -> Signal {
        let _ = self.0.recv().await;
        Signal::Interrupt
    }
}
