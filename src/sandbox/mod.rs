//! A simulator of the documented Cloud 66 API on loopback, with persistent state (`cloud66/`).
//!
//! Below another path it also simulates a small `CloudMC` (`cloudmc/`).
//!
//! It shares only the endpoint table with the client. Time is real, but nothing runs in the background: work that takes
//! time has a due time, and each request first applies what has become due.

mod archive;
mod body;
mod clock;
mod cloud66;
mod cloudmc;
mod faults;
mod guard;
#[cfg(unix)]
pub(crate) mod host;
mod pseudorandom;
mod server;
mod server_key;
mod store;

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::files::lock::LockWait;

pub(crate) use cloudmc::{KEY as CLOUDMC_KEY, ROOT as CLOUDMC_ROOT};
pub use faults::{Fault, FaultKind};
pub use server::Server;

/// The sandbox's token with every scope.
pub(crate) const TOKEN: &str = "sandbox0this0token0opens0only0the0sandbox0of0c660000000000000000";

/// The client ID of the sandbox's application.
pub(crate) const CLIENT_ID: &str = "sandbox0application";

/// The secret of that application.
pub(crate) const CLIENT_SECRET: &str = "sandbox0client0secret0that0is0none";

/// Requests an hour, as in the documented headers.
const REQUESTS_PER_HOUR: u32 = 3600;

/// The options of a sandbox.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where its state is stored.
    pub store: Store,
    /// Speed factor of actions and deployments.
    pub speed: f64,
    /// Delay of each reply.
    pub latency: Duration,
    /// Maximum download rate in bytes per second; `None` for no limit.
    pub file_rate: Option<u64>,
    /// Requests an hour of each token.
    pub rate_limit: u32,
    /// The faults and their probabilities.
    pub faults: Vec<Fault>,
    /// The seed of the random faults: the same seed, the same faults.
    pub seed: u64,
    /// How long to wait for the lock of the state.
    pub lock_timeout: Duration,
    /// Receives a message about a wait for the lock.
    pub notice: fn(&str),
    /// How long a connection may be idle, or a request may take.
    pub idle_timeout: Duration,
    /// Receives each successful call, such as `PUT /settings/1.json`, even if its reply is lost.
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
            rate_limit: REQUESTS_PER_HOUR,
            faults: Vec::new(),
            seed: 0,
            lock_timeout: Duration::from_secs(60),
            notice: |_| {},
            idle_timeout: Duration::from_secs(60),
            witness: None,
        }
    }
}

/// Where the state of a sandbox is stored.
#[derive(Clone, Debug)]
pub enum Store {
    /// In memory.
    Memory,
    /// In a file, which several servers can share.
    File(PathBuf),
}

/// Resets the state in the file to the initial state, and removes the files of its servers.
///
/// # Errors
/// If the file or its folder cannot be written.
pub fn reset(path: &Path, options: &Options) -> Result<()> {
    store::reset(path, options.lock_wait())?;
    let folder = servers_folder(path);
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::local_file(format!("remove {}", folder.display()), &error))
        }
        _ => Ok(()),
    }
}

/// The folder with the files of the servers of the sandbox whose state is in that file.
pub(crate) fn servers_folder(state: &Path) -> PathBuf {
    state.with_extension("servers")
}
