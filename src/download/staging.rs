//! The folder in which a backup is unpacked until it is complete: for its owner only, locked against a second run, and
//! always with the same name, so that the next run removes what a killed one left.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::files::private::{create_dirs, create_one_dir, is_same_file, open_private};

/// How often the folder may disappear between two steps, because another run has just ended.
const MAX_RACES: usize = 10;

/// The folder; removed with its content when this is dropped.
pub(crate) struct StagingFolder {
    path: PathBuf,
    /// Open and locked as long as the folder exists.
    lock: Option<File>,
    /// The parent folders that were created for it, innermost first.
    made: Vec<PathBuf>,
}

impl StagingFolder {
    /// Creates it for the backup `name` in `folder`, which is created if missing.
    pub(crate) fn create(folder: &Path, name: &str) -> Result<Self> {
        let failed = |error: io::Error| Error::local_file(format!("write into {}", folder.display()), &error);
        let made = create_dirs(folder, 0o777).map_err(failed)?;
        let path = folder.join(format!(".c66-extract-{name}"));
        for _ in 0..MAX_RACES {
            create_one_dir(&path, 0o700).map_err(failed)?;
            if !is_own_folder(&path) {
                return Err(Error::new(Kind::LocalFile, format!("{} is in the way", path.display()))
                    .hint("choose another folder with --dir"));
            }
            let lock_path = path.join("lock");
            let lock = match open_private(OpenOptions::new().write(true).create(true).truncate(false), &lock_path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                lock => lock.map_err(failed)?,
            };
            match lock.try_lock() {
                Ok(()) if !is_same_file(&lock, &lock_path) => continue,
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let message = format!("{name} is being unpacked into {} by another run", folder.display());
                    return Err(Error::new(Kind::LocalFile, message)
                        .hint("wait for it, or unpack into another folder with --dir"));
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            let staging = Self { path, lock: Some(lock), made };
            staging.remove_files().and_then(|()| create_one_dir(&staging.files(), 0o700)).map_err(failed)?;
            return Ok(staging);
        }
        Err(Error::new(Kind::LocalFile, format!("{} keeps appearing and disappearing", path.display()))
            .hint("wait for the other runs, or unpack into another folder with --dir"))
    }

    /// The path of the files.
    pub(crate) fn files(&self) -> PathBuf {
        self.path.join("files")
    }

    fn remove_files(&self) -> io::Result<()> {
        match std::fs::remove_dir_all(self.files()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for StagingFolder {
    fn drop(&mut self) {
        let _ = self.remove_files();
        let _ = std::fs::remove_file(self.path.join("lock"));
        // Windows keeps the name of an open file until it is closed.
        drop(self.lock.take());
        let _ = std::fs::remove_dir(&self.path);
        // Folders that are not empty stay.
        for folder in &self.made {
            if std::fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

/// Whether the path is a folder of this user, not a link to one.
fn is_own_folder(path: &Path) -> bool {
    let Ok(found) = path.symlink_metadata() else { return true };
    #[cfg(unix)]
    let owned = std::os::unix::fs::MetadataExt::uid(&found) == rustix::process::geteuid().as_raw();
    #[cfg(not(unix))]
    let owned = true;
    found.is_dir() && owned
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn it_goes_with_all_that_was_made_for_it() {
        let home = tempfile::tempdir().unwrap();
        let staging = StagingFolder::create(&home.path().join("a/b"), "backup-5").unwrap();
        std::fs::write(staging.files().join("half"), "half").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(home.path().join("a/b/.c66-extract-backup-5")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
        drop(staging);
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_killed_run_left_is_taken_away_but_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let staging = StagingFolder::create(home.path(), "backup-5").unwrap();
        let refused = StagingFolder::create(home.path(), "backup-5").err().unwrap();
        assert!(refused.message().contains("by another run"), "{refused}");
        assert!(StagingFolder::create(home.path(), "backup-4").is_ok());
        std::fs::write(staging.files().join("half"), "half").unwrap();
        // The system releases the lock of a killed run, and nothing is removed.
        let mut killed = std::mem::ManuallyDrop::new(staging);
        drop(killed.lock.take());
        let next = StagingFolder::create(home.path(), "backup-5").unwrap();
        assert_eq!(std::fs::read_dir(next.files()).unwrap().count(), 0);
        drop(next);
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
        std::fs::write(home.path().join(".c66-extract-backup-5"), "mine").unwrap();
        assert!(StagingFolder::create(home.path(), "backup-5").is_err());
        assert_eq!(std::fs::read_to_string(home.path().join(".c66-extract-backup-5")).unwrap(), "mine");
    }
}
