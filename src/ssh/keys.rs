//! Private keys of servers, on disk for as long as they are used.
//!
//! Each server has a folder of its own with its key, which all runs share; each run holds a shared lock on a file in it,
//! and the last one removes it. What a killed run left is removed by the next run of any command that logs in.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::config::{ProcessEnv, paths};
use crate::error::{Error, Kind, Result};
use crate::files::lock::{LockWait, lock_file};
use crate::files::private::{create_dir, open_private};

/// The key.
const KEY: &str = "key";
/// The key while it is written.
const NEW_KEY: &str = "key.new";
/// The file that every user of the key has locked.
const USERS: &str = "users";
/// The lock of the whole store, held only while something in it is created or removed.
const LOCK: &str = "lock";

/// The keys in use.
#[derive(Clone, Debug)]
pub(crate) struct KeyStore {
    folder: PathBuf,
}

/// A key that stays on disk until this is dropped, and longer if another run uses it too.
#[derive(Debug)]
pub(crate) struct HeldKey {
    store: KeyStore,
    folder: PathBuf,
    /// Locked for as long as the key is used.
    users: Option<File>,
}

impl KeyStore {
    /// The store of this user; nothing is created yet.
    pub(crate) fn of(variables: &ProcessEnv) -> Self {
        Self { folder: paths::runtime_dir(variables).join("keys") }
    }

    /// Where the key of a server is while it is in use.
    pub(crate) fn path(&self, uid: &str) -> PathBuf {
        self.folder.join(uid).join(KEY)
    }

    /// Removes what killed runs left behind. Without a store there is nothing to do.
    pub(crate) fn sweep(&self) -> Result<()> {
        if !self.folder.exists() {
            return Ok(());
        }
        let _lock = self.lock()?;
        let Ok(entries) = self.folder.read_dir() else { return Ok(()) };
        for folder in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if folder.is_dir() && !is_in_use(&folder) {
                remove(&folder);
            }
        }
        Ok(())
    }

    /// Writes the key of a server for its owner only, unless another run has, and holds it.
    pub(crate) fn hold(&self, uid: &str, key: &str) -> Result<HeldKey> {
        let _lock = self.lock()?;
        let folder = self.folder.join(uid);
        let failed = |error: std::io::Error| Error::local_file(format!("write a key in {}", folder.display()), &error);
        create_dir(&folder)?;
        let mut options = OpenOptions::new();
        let users = open_private(options.read(true).write(true).create(true).truncate(false), &folder.join(USERS));
        let users = users.map_err(failed)?;
        // Only those who have the lock of the store take the other kind, so that this does not wait.
        users.lock_shared().map_err(failed)?;
        let held = HeldKey { store: self.clone(), folder: folder.clone(), users: Some(users) };
        if std::fs::read(folder.join(KEY)).is_ok_and(|known| known == key.as_bytes()) {
            return Ok(held);
        }
        let new = folder.join(NEW_KEY);
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let written = open_private(OpenOptions::new().write(true).create_new(true), &new)
            .and_then(|mut file| file.write_all(key.as_bytes()))
            .and_then(|()| std::fs::rename(&new, folder.join(KEY)));
        written.map_err(failed)?;
        Ok(held)
    }

    /// Creates the folder and takes its lock.
    fn lock(&self) -> Result<File> {
        create_dir(&self.folder)?;
        // The temporary files are a folder of all users: another one may have made these folders.
        for folder in [self.folder.parent(), Some(&self.folder)].into_iter().flatten() {
            check_private(folder)?;
        }
        lock_file(&self.folder.join(LOCK), LockWait::default())
    }
}

impl HeldKey {
    /// The file with the key.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join(KEY)
    }
}

impl Drop for HeldKey {
    fn drop(&mut self) {
        let Ok(_lock) = self.store.lock() else { return };
        // Also because Windows removes no folder with an open file in it.
        drop(self.users.take());
        if !is_in_use(&self.folder) {
            remove(&self.folder);
        }
    }
}

/// Whether a run uses the key in this folder.
fn is_in_use(folder: &Path) -> bool {
    let users = OpenOptions::new().read(true).write(true).open(folder.join(USERS));
    users.is_ok_and(|users| users.try_lock().is_err())
}

/// Removes a folder of the store; files that are not of the store stay, and so does it then.
fn remove(folder: &Path) {
    for name in [KEY, NEW_KEY, USERS] {
        let _ = std::fs::remove_file(folder.join(name));
    }
    let _ = std::fs::remove_dir(folder);
}

/// Checks that the folder is one, and of this user alone.
fn check_private(folder: &Path) -> Result<()> {
    let failed = |error: std::io::Error| Error::local_file(format!("use {}", folder.display()), &error);
    let found = folder.symlink_metadata().map_err(failed)?;
    #[cfg(unix)]
    let is_private = {
        use std::os::unix::fs::MetadataExt;
        found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o777 == 0o700
    };
    #[cfg(not(unix))]
    let is_private = true;
    if found.is_dir() && is_private {
        return Ok(());
    }
    Err(Error::new(Kind::LocalFile, format!("{} is not a private folder of yours", folder.display()))
        .hint("remove it, or set XDG_RUNTIME_DIR to a folder that only you can read"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn store() -> (tempfile::TempDir, KeyStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = KeyStore { folder: folder.path().join("c66").join("keys") };
        (folder, store)
    }

    fn servers(store: &KeyStore) -> usize {
        store.folder.read_dir().unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count()
    }

    #[test]
    fn the_last_of_its_users_removes_a_key() {
        let (_folder, store) = store();
        let first = store.hold("a1", "KEY").unwrap();
        let second = store.hold("a1", "KEY").unwrap();
        assert_eq!(first.path(), store.path("a1"));
        drop(first);
        assert_eq!(std::fs::read_to_string(second.path()).unwrap(), "KEY");
        store.sweep().unwrap();
        assert!(second.path().exists());
        drop(second);
        assert_eq!(servers(&store), 0);
    }

    #[test]
    fn a_changed_key_replaces_the_old_one() {
        let (_folder, store) = store();
        let _old = store.hold("a1", "OLD").unwrap();
        let new = store.hold("a1", "NEW").unwrap();
        assert_eq!(std::fs::read_to_string(new.path()).unwrap(), "NEW");
    }

    #[test]
    fn the_next_run_removes_what_a_killed_one_left() {
        let (_folder, store) = store();
        let held = store.hold("a1", "KEY").unwrap();
        let left = store.folder.join("b2");
        std::fs::create_dir(&left).unwrap();
        std::fs::write(left.join(USERS), "").unwrap();
        std::fs::write(left.join(KEY), "KEY").unwrap();
        std::fs::write(left.join(NEW_KEY), "KE").unwrap();
        store.sweep().unwrap();
        assert!(!left.exists());
        assert!(held.path().exists());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_a_key_and_only_in_a_folder_of_its_own() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, store) = store();
        let held = store.hold("a1", "KEY").unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&held.path()), mode(&held.folder), mode(&store.folder)), (0o600, 0o700, 0o700));
        drop(held);
        std::fs::set_permissions(&store.folder, PermissionsExt::from_mode(0o755)).unwrap();
        assert_eq!(store.hold("a1", "KEY").unwrap_err().kind(), Kind::LocalFile);
        let elsewhere = folder.path().join("elsewhere");
        std::fs::create_dir(&elsewhere).unwrap();
        std::fs::set_permissions(&elsewhere, PermissionsExt::from_mode(0o700)).unwrap();
        let linked = KeyStore { folder: folder.path().join("link") };
        std::os::unix::fs::symlink(&elsewhere, &linked.folder).unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o700)).unwrap();
        assert_eq!(linked.hold("a1", "KEY").unwrap_err().kind(), Kind::LocalFile);
    }
}
