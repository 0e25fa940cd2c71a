//! A simulator of the documented Cloud 66 API on loopback, with a state that lasts (`cloud66/`).
//!
//! On its own paths it also plays a small `CloudMC` (`cloudmc/`).
//!
//! It knows nothing of the client; the table of operations is all they share. Time is real, but nothing runs in the
//! background: whatever takes time notes when it is due, and each request first applies what has become due since.

mod archive;
mod body;
mod clock;
mod cloud66;
mod cloudmc;
mod faults;
mod guard;
mod pseudorandom;
mod server;
mod store;

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::Duration;

use crate::error::Result;
use crate::files::lock::LockWait;

pub(crate) use cloudmc::{KEY as CLOUDMC_KEY, ROOT as CLOUDMC_ROOT};
pub use faults::{Fault, FaultKind};
pub use server::Server;

/// A token with every scope; the sandbox takes it, and nobody else does.
pub(crate) const TOKEN: &str = "sandbox0this0token0opens0only0the0sandbox0of0c660000000000000000";

/// The client ID of the one application that the sandbox knows.
pub(crate) const CLIENT_ID: &str = "sandbox0application";

/// The secret of that application.
pub(crate) const CLIENT_SECRET: &str = "sandbox0client0secret0that0is0none";

/// How a sandbox behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where its state is kept.
    pub store: Store,
    /// How many times faster than normal actions and deployments run.
    pub speed: f64,
    /// How long each reply is delayed.
    pub latency: Duration,
    /// The most bytes a second of a download; unlimited without it.
    pub file_rate: Option<u64>,
    /// What goes wrong, and how often.
    pub faults: Vec<Fault>,
    /// The seed of the random faults: the same seed, the same faults.
    pub seed: u64,
    /// How long the lock of the state is waited for.
    pub lock_timeout: Duration,
    /// Is told when the lock is waited for.
    pub notice: fn(&str),
    /// How long a connection may be idle, or a request be on its way.
    pub idle_timeout: Duration,
    /// Receives each call that succeeded, such as `PUT /settings/1.json`, even if its reply is lost.
    pub witness: Option<Sender<String>>,
}

impl Options {
    fn lock_wait(&self) -> LockWait {
        LockWait { limit: self.lock_timeout, notice: self.notice }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            store: Store::Memory,
            speed: 1.0,
            latency: Duration::ZERO,
            file_rate: None,
            faults: Vec::new(),
            seed: 0,
            lock_timeout: Duration::from_secs(60),
            notice: |_| {},
            idle_timeout: Duration::from_secs(60),
            witness: None,
        }
    }
}

/// Where the state of a sandbox is kept.
#[derive(Clone, Debug)]
pub enum Store {
    /// In memory, until the server ends.
    Memory,
    /// In a file, which several servers can share.
    File(PathBuf),
}

/// Resets the state in the file to the initial state.
///
/// # Errors
/// The file or its folder cannot be written.
pub fn reset(path: &Path, options: &Options) -> Result<()> {
    store::reset(path, options.lock_wait())
}
