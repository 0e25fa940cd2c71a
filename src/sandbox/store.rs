//! The state of the sandbox and its storage: in memory, or in a file that several processes share.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{cloud66, cloudmc};
use crate::error::{Error, Kind, Result};
use crate::files::bounded;
use crate::files::lock::{LockWait, lock_file};
use crate::files::private::{create_dir, parent_dir};

/// Version of the state file; other versions are refused.
const FORMAT: u32 = 2;

/// Maximum size of a state, in bytes.
const MAX_STATE: u64 = 256 * 1024 * 1024;

/// The state of the sandbox: one value that is read, changed and written as a whole.
#[derive(Debug, Serialize)]
pub(super) struct SandboxState {
    format: u32,
    #[serde(flatten)]
    pub(super) cloud66: cloud66::State,
    /// The small `CloudMC`; `None` before first use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cloudmc: Option<cloudmc::State>,
}

impl SandboxState {
    /// The initial state.
    pub(super) fn initial() -> Self {
        Self { format: FORMAT, cloud66: cloud66::State::initial(), cloudmc: None }
    }
}

/// Where the state is stored.
pub(super) enum StateStore {
    Memory(Box<Mutex<SandboxState>>),
    File(PathBuf, LockWait),
}

impl StateStore {
    /// Runs `work` on the locked state and saves the changes.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut SandboxState) -> T) -> Result<T> {
        match self {
            Self::Memory(state) => Ok(work(&mut state.lock().unwrap_or_else(PoisonError::into_inner))),
            Self::File(path, wait) => {
                let _lock = lock(path, *wait)?;
                let (before, mut state) = load(path)?;
                let outcome = work(&mut state);
                let after = encode(&state)?;
                if before.as_deref() != Some(after.as_str()) {
                    save(path, &after)?;
                }
                Ok(outcome)
            }
        }
    }
}

/// Writes the initial state to the file, whatever it contained.
pub(super) fn reset(path: &Path, wait: LockWait) -> Result<()> {
    let _lock = lock(path, wait)?;
    save(path, &encode(&SandboxState::initial())?)
}

/// Waits for the lock, a separate file because the state file itself is replaced each time.
fn lock(path: &Path, wait: LockWait) -> Result<File> {
    let elsewhere = |error: Error| error.hint("set C66_SANDBOX_STATE to another file");
    create_dir(parent_dir(path)).map_err(elsewhere)?;
    let mut name = OsString::from(path);
    name.push(".lock");
    lock_file(Path::new(&name), wait).map_err(elsewhere)
}

/// The state and the text of the file; without a file, the initial state and no text.
fn load(path: &Path) -> Result<(Option<String>, SandboxState)> {
    let text = match bounded::read_up_to(path, MAX_STATE) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((None, SandboxState::initial())),
        // A reset destroys the state, and helps only against what is in it.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::FileTooLarge) => {
            return Err(unusable(path, error.to_string()));
        }
        Err(error) => return Err(Error::local_file(format!("read {}", path.display()), &error)),
    };
    let state = decode(&text).map_err(|cause| unusable(path, cause))?;
    Ok((Some(text), state))
}

fn decode(text: &str) -> Result<SandboxState, String> {
    /// The fields of the file besides those of [`cloud66::State`].
    #[derive(Deserialize)]
    struct Header<'t> {
        format: u32,
        #[serde(borrow)]
        cloudmc: Option<&'t RawValue>,
    }

    let error = |error: serde_json::Error| error.to_string();
    let Header { format, cloudmc } = serde_json::from_str(text).map_err(error)?;
    if format != FORMAT {
        return Err(format!("it has format {format}, this version reads {FORMAT}"));
    }
    // In two passes: `flatten` would first copy the whole file into a tree.
    let cloud66 = serde_json::from_str(text).map_err(error)?;
    let cloudmc = cloudmc.map(|text| serde_json::from_str(text.get())).transpose().map_err(error)?;
    Ok(SandboxState { format, cloud66, cloudmc })
}

fn unusable(path: &Path, cause: String) -> Error {
    Error::new(Kind::LocalFile, format!("invalid sandbox state {}", path.display()))
        .cause(cause)
        .hint("start over with: c66 sandbox reset")
}

fn encode(state: &SandboxState) -> Result<String> {
    serde_json::to_string(state).map_err(|error| Error::internal(format!("cannot write the sandbox state: {error}")))
}

/// Replaces the file atomically; the temporary file is readable by its owner only.
fn save(path: &Path, text: &str) -> Result<()> {
    let write = || -> io::Result<()> {
        let mut file = crate::files::temporary::create(path)?;
        file.write_all(text.as_bytes())?;
        crate::files::replace::persist(file, path)
    };
    write().map_err(|cause| Error::local_file(format!("write {}", path.display()), &cause))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;

    use super::*;

    fn take_id(store: &StateStore) -> Result<String> {
        store.with(|state| state.cloudmc.get_or_insert_with(cloudmc::State::initial).new_id())
    }

    #[test]
    fn a_change_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/below/sandbox.json");
        let first = take_id(&StateStore::File(path.clone(), LockWait::default())).unwrap();
        assert_ne!(take_id(&StateStore::File(path.clone(), LockWait::default())).unwrap(), first);
        reset(&path, LockWait::default()).unwrap();
        assert_eq!(take_id(&StateStore::File(path, LockWait::default())).unwrap(), first);
    }

    #[test]
    fn an_unchanged_state_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sandbox.json");
        reset(&path, LockWait::default()).unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        StateStore::File(path.clone(), LockWait::default()).with(|_| ()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
    }

    #[test]
    fn an_invalid_file_is_not_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sandbox.json");
        for text in ["", "{", r#"{"format":0}"#, r#"{"format":1}"#] {
            fs::write(&path, text).unwrap();
            let error = take_id(&StateStore::File(path.clone(), LockWait::default())).unwrap_err();
            assert_eq!(error.kind(), Kind::LocalFile);
            assert!(error.hints()[0].contains("c66 sandbox reset"));
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_it() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c66/sandbox.json");
        reset(&path, LockWait::default()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
    }
}
