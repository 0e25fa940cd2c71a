//! A Cloud 66 of one's own: a simulator of the documented API on loopback, with a state that lasts.
//!
//! On its own paths it also plays a small `CloudMC` (`cloudmc/`).
//!
//! It knows nothing of the client; the table of operations is all they share. Time is real, but nothing runs in the
//! background: whatever is under way notes when it is due, and each request first applies what has become due since.

mod archive;
mod body;
mod clock;
mod cloud66;
mod cloudmc;
mod faults;
mod pseudorandom;
mod server;
mod store;

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::Duration;

use crate::error::Result;

pub use cloudmc::{KEY as CLOUDMC_KEY, ROOT as CLOUDMC_ROOT};
pub use faults::{Fault, FaultKind};
pub use server::Server;

/// A token with every scope; the sandbox takes it, and nobody else does.
pub const TOKEN: &str = "sandbox0this0token0opens0only0the0sandbox0of0c660000000000000000";

/// The client ID of the one application that the sandbox knows.
pub const CLIENT_ID: &str = "sandbox0application";

/// The secret of that application.
pub const CLIENT_SECRET: &str = "sandbox0client0secret0that0is0none";

/// How a sandbox behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where its state is kept.
    pub store: Store,
    /// How many times faster than normal actions and deployments run.
    pub speed: f64,
    /// How long each reply is held back.
    pub latency: Duration,
    /// Most bytes a second that a connection gets of a file; none is as fast as it goes.
    pub file_rate: Option<u64>,
    /// What goes wrong, and how often.
    pub faults: Vec<Fault>,
    /// What decides when a fault strikes: the same seed, the same faults.
    pub seed: u64,
    /// Who is told of each call that succeeded, such as `PUT /settings/1.json`, whatever becomes of its reply.
    pub witness: Option<Sender<String>>,
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
            witness: None,
        }
    }
}

/// Where the state of a sandbox is kept.
#[derive(Clone, Debug)]
pub enum Store {
    /// In memory, for as long as the server lives.
    Memory,
    /// In a file, which several servers may share.
    File(PathBuf),
}

/// Takes the state in the file back to the initial state.
///
/// # Errors
/// When the file or its folder cannot be written.
pub fn reset(path: &Path) -> Result<()> {
    store::reset(path)
}
