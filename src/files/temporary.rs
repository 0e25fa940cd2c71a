//! The temporary file that replaces another: beside it, always with the same name, for its owner only and locked, so
//! that the next run removes what a killed one left there, perhaps a secret.

use std::ffi::OsString;
use std::fs::{OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use crate::files::private::{is_own, is_same_file, let_owner_use, open_private, parent_dir};

/// How long to wait for another run that writes it.
const MAX_WAIT: Duration = Duration::from_secs(10);
const RETRY_INTERVAL: Duration = Duration::from_millis(10);

/// Creates the file that is to replace `target`, readable by its owner only; the leftovers of a killed run are removed
/// first. It is removed on drop.
pub(crate) fn create(target: &Path) -> io::Result<NamedTempFile> {
    create_with(target, 0o600)
}

/// The same for a file without secrets: the umask decides who may read it.
pub(crate) fn create_shared(target: &Path) -> io::Result<NamedTempFile> {
    create_with(target, 0o666)
}

fn create_with(target: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let path = path_for(target);
    let mut builder = tempfile::Builder::new();
    builder.prefix(path.file_name().unwrap_or_default()).rand_bytes(0);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    #[cfg(not(unix))]
    let _ = mode;
    let began = Instant::now();
    loop {
        // The crate creates a new file or fails.
        match builder.tempfile_in(parent_dir(target)) {
            Ok(file) => {
                // Without locks in the system, continue without one. Another run may have removed the file before it was
                // locked.
                let is_taken = matches!(file.as_file().try_lock(), Err(TryLockError::WouldBlock));
                if !is_taken && is_same_file(file.as_file(), &path) {
                    let_owner_use(file.as_file(), 0o600)?;
                    return Ok(file);
                }
                // The file with that name now is not ours.
                file.keep()?;
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                if !remove_stale(&path)? && began.elapsed() >= MAX_WAIT {
                    let message = format!("another run has been writing {} for too long", path.display());
                    return Err(io::Error::new(ErrorKind::WouldBlock, message));
                }
            }
            Err(error) => return Err(error),
        }
        std::thread::sleep(RETRY_INTERVAL);
    }
}

/// Removes the leftovers of a killed run beside `target`, and checks that a file can be created there.
pub(crate) fn check(target: &Path) -> io::Result<()> {
    create(target).map(drop)
}

fn path_for(target: &Path) -> PathBuf {
    let mut name = OsString::from(target.file_name().unwrap_or_default());
    name.push(".c66-new");
    parent_dir(target).join(name)
}

/// Removes the file if it belongs to this user and no run writes it; returns whether it was removed.
fn remove_stale(path: &Path) -> io::Result<bool> {
    let in_the_way = || io::Error::new(ErrorKind::AlreadyExists, format!("{} is in the way", path.display()));
    let found = match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        found => found?,
    };
    // Do not open anything but a regular file: it could be a pipe.
    if !found.is_file() || !is_own(&found) {
        return Err(in_the_way());
    }
    let file = match open_private(OpenOptions::new().read(true), path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        // Even without permissions it belongs to the user.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return std::fs::remove_file(path).map(|()| true),
        file => file?,
    };
    match file.try_lock() {
        // On Windows a run unlocks it before it renames it.
        Ok(()) if is_same_file(&file, path) && (cfg!(unix) || is_old(&found)) => {
            std::fs::remove_file(path).map(|()| true)
        }
        // Without locks, its age decides.
        Err(TryLockError::Error(_)) if is_old(&found) => std::fs::remove_file(path).map(|()| true),
        Ok(()) | Err(TryLockError::WouldBlock | TryLockError::Error(_)) => Ok(false),
    }
}

/// Whether no run can be writing it.
fn is_old(found: &std::fs::Metadata) -> bool {
    found.modified().is_ok_and(|time| time.elapsed().is_ok_and(|age| age >= MAX_WAIT))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::io::Write;

    use super::*;
    use crate::files::replace::persist;

    /// What a run leaves that was killed before it was done with `target`.
    fn leave(target: &Path) {
        let mut file = std::fs::File::create(path_for(target)).unwrap();
        file.write_all(b"half a secret").unwrap();
        file.set_modified(std::time::SystemTime::now() - MAX_WAIT).unwrap();
    }

    #[test]
    fn what_a_killed_run_left_goes() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("key.pem");
        leave(&target);
        check(&target).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        leave(&target);
        let mut file = create(&target).unwrap();
        file.write_all(b"whole").unwrap();
        persist(file, &target).unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"whole");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_another_run_writes_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("key.pem");
        let mut first = create(&target).unwrap();
        first.write_all(b"first").unwrap();
        let second = std::thread::spawn({
            let target = target.clone();
            move || persist(create(&target).unwrap(), &target).unwrap()
        });
        std::thread::sleep(RETRY_INTERVAL * 5);
        assert!(!second.is_finished());
        persist(first, &target).unwrap();
        second.join().unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"");
    }

    #[test]
    fn many_at_once_write_one_after_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("file");
        let writers: Vec<_> = (0..8)
            .map(|number| {
                let target = target.clone();
                std::thread::spawn(move || {
                    for _ in 0..10 {
                        let mut file = create(&target).unwrap();
                        file.write_all(format!("{number}{number}").as_bytes()).unwrap();
                        persist(file, &target).unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        let text = std::fs::read_to_string(&target).unwrap();
        assert!(text.len() == 2 && text[..1] == text[1..], "{text}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_leftover_of_ours_stays() {
        let folder = tempfile::tempdir().unwrap();
        let precious = folder.path().join("precious");
        std::fs::write(&precious, "precious").unwrap();
        let target = folder.path().join("key.pem");
        std::os::unix::fs::symlink(&precious, path_for(&target)).unwrap();
        let error = create(&target).unwrap_err();
        assert!(error.to_string().contains("key.pem.c66-new is in the way"), "{error}");
        assert_eq!(std::fs::read(&precious).unwrap(), b"precious");
    }
}
