//! Ctrl-C and SIGTERM: one orderly end, and a quick one for who presses twice.

use std::cell::Cell;
use std::future::Future;

use tokio::sync::Notify;

use crate::error::{Error, Kind, Result};

/// What ended the program from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl Signal {
    /// The error it ends a command with.
    #[must_use]
    pub fn error(self, message: impl Into<String>) -> Error {
        Error::new(
            match self {
                Signal::Interrupt => Kind::Interrupted,
                Signal::Terminate => Kind::Terminated,
            },
            message,
        )
    }
}

/// The signals of this process, and whether somebody wants the first of them.
#[derive(Default)]
pub struct Interrupts {
    first: Cell<Option<Signal>>,
    claimed: Cell<bool>,
    arrived: Notify,
}

impl Interrupts {
    /// Runs a command to its end, or until a signal: the first one goes to who has claimed it, any other ends the
    /// command at once.
    ///
    /// # Errors
    /// That of the command, or that of the signal.
    pub async fn guard<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut signals = Signals::listen()?;
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                result = &mut work => return result,
                signal = signals.next() => {
                    if self.claimed.get() && self.first.get().is_none() {
                        self.first.set(Some(signal));
                        self.arrived.notify_waiters();
                    } else {
                        return Err(signal.error("interrupted"));
                    }
                }
            }
        }
    }

    /// Claims the first signal for as long as the claim lives.
    #[must_use]
    pub fn claim(&self) -> Claim<'_> {
        self.claimed.set(true);
        Claim(self)
    }
}

/// The right to end in an orderly way.
pub struct Claim<'i>(&'i Interrupts);

impl Claim<'_> {
    /// Waits for the first signal.
    pub async fn signal(&self) -> Signal {
        loop {
            let arrived = self.0.arrived.notified();
            if let Some(signal) = self.0.first.get() {
                return signal;
            }
            arrived.await;
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.0.claimed.set(false);
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|error| Error::internal("signals cannot be listened for").cause(error.to_string()))
        };
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

#[cfg(windows)]
struct Signals;

#[cfg(windows)]
impl Signals {
    fn listen() -> Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}
