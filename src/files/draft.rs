//! A draft for the user's editor: in a private folder of its own, because an editor may replace the file, and locked by
//! a file beside it, so that the next run removes what a killed one left.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::files::private::{is_own, is_same_file, open_private};

const PREFIX: &str = ".c66-edit-";
const LOCK: &str = "lock";
/// How old a folder without a lock must be before it is removed: the run that created it takes the lock at once.
const MAX_UNLOCKED: Duration = Duration::from_secs(10);
/// How often another run may remove the folder before it is locked.
const MAX_RACES: usize = 10;

/// A draft; removed on drop.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Open and locked as long as the folder exists.
    lock: Option<File>,
    folder: TempDir,
    path: PathBuf,
}

impl Draft {
    /// Creates the draft `name` below `parent`, after removing those of killed runs.
    pub(crate) fn create(parent: &Path, name: &str, text: &str) -> io::Result<Self> {
        remove_stale(parent);
        for _ in 0..MAX_RACES {
            let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
            let_owner_only(folder.path())?;
            let lock_path = folder.path().join(LOCK);
            let lock = match open_private(OpenOptions::new().write(true).create_new(true), &lock_path) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                lock => lock?,
            };
            // Without locks in the system, continue without one.
            let is_taken = matches!(lock.try_lock(), Err(TryLockError::WouldBlock));
            if is_taken || !is_same_file(&lock, &lock_path) {
                continue;
            }
            let path = folder.path().join(name);
            open_private(OpenOptions::new().write(true).create_new(true), &path)?.write_all(text.as_bytes())?;
            return Ok(Self { lock: Some(lock), folder, path });
        }
        Err(io::Error::other("other runs keep removing it"))
    }

    /// The path of the draft.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps the draft beside its folder, under a new name that begins with `prefix` and ends with `suffix`.
    pub(crate) fn keep(self, prefix: &str, suffix: &str) -> io::Result<PathBuf> {
        let folder = self.path.parent().and_then(Path::parent).unwrap_or(Path::new("."));
        let kept = tempfile::Builder::new().prefix(prefix).suffix(suffix).tempfile_in(folder)?.into_temp_path();
        // The editor may have made a new file that others can read.
        let mut text = File::open(&self.path)?;
        io::copy(&mut text, &mut OpenOptions::new().write(true).truncate(true).open(&kept)?)?;
        Ok(kept.keep()?)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        remove_folder(self.folder.path(), self.lock.take());
    }
}

/// Removes the drafts below `parent` whose runs were killed. A failure is no reason not to edit.
fn remove_stale(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_draft = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        // A link to a folder is not one of ours.
        let Some(found) = path.symlink_metadata().ok().filter(|found| is_draft && found.is_dir() && is_own(found))
        else {
            continue;
        };
        match open_private(OpenOptions::new().write(true), &path.join(LOCK)) {
            Ok(lock) => {
                if lock.try_lock().is_ok() && is_same_file(&lock, &path.join(LOCK)) {
                    remove_folder(&path, Some(lock));
                }
            }
            Err(_) => {
                if found.modified().is_ok_and(|time| time.elapsed().is_ok_and(|age| age >= MAX_UNLOCKED)) {
                    remove_folder(&path, None);
                }
            }
        }
    }
}

/// Removes the folder, its lock last: until then no other run takes it for one that is just being created.
fn remove_folder(folder: &Path, lock: Option<File>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name() != LOCK {
            let _ = std::fs::remove_file(entry.path()).or_else(|_| std::fs::remove_dir_all(entry.path()));
        }
    }
    let _ = std::fs::remove_file(folder.join(LOCK));
    // Windows keeps the name of an open file until it is closed.
    drop(lock);
    let _ = std::fs::remove_dir(folder);
}

/// The umask may have removed even what the owner needs.
#[cfg(unix)]
fn let_owner_only(folder: &Path) -> io::Result<()> {
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "its counterpart can fail")]
fn let_owner_only(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;

    use super::*;

    fn names(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_draft_goes_with_all_that_the_editor_left_beside_it() {
        let home = tempfile::tempdir().unwrap();
        let draft = Draft::create(home.path(), "config.toml", "secret").unwrap();
        assert_eq!(fs::read_to_string(draft.path()).unwrap(), "secret");
        fs::write(draft.path().with_file_name(".config.toml.swp"), "secret").unwrap();
        fs::create_dir(draft.path().with_file_name("backup")).unwrap();
        fs::write(draft.path().with_file_name("backup").join("config.toml"), "secret").unwrap();
        drop(draft);
        assert_eq!(names(home.path()), 0);
    }

    #[test]
    fn drafts_of_killed_runs_are_removed_and_those_of_others_stay() {
        let home = tempfile::tempdir().unwrap();
        let killed = home.path().join(".c66-edit-killed");
        fs::create_dir(&killed).unwrap();
        fs::write(killed.join(LOCK), "").unwrap();
        fs::write(killed.join("config.toml"), "secret").unwrap();
        fs::create_dir(home.path().join(".c66-edit-just-created")).unwrap();
        fs::create_dir(home.path().join("of-another-program")).unwrap();
        let running = Draft::create(home.path(), "config.toml", "a").unwrap();
        let second = Draft::create(home.path(), "config.toml", "b").unwrap();
        assert!(!killed.exists() && home.path().join(".c66-edit-just-created").exists());
        assert_eq!(fs::read_to_string(running.path()).unwrap(), "a");
        drop((running, second));
        assert_eq!(names(home.path()), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_folder_is_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let precious = home.path().join("precious");
        fs::create_dir(&precious).unwrap();
        fs::write(precious.join(LOCK), "").unwrap();
        fs::write(precious.join("file"), "precious").unwrap();
        std::os::unix::fs::symlink(&precious, home.path().join(".c66-edit-link")).unwrap();
        drop(Draft::create(home.path(), "config.toml", "").unwrap());
        assert_eq!(fs::read_to_string(precious.join("file")).unwrap(), "precious");
    }

    #[test]
    fn a_kept_draft_is_beside_the_folder_and_is_not_removed_later() {
        let home = tempfile::tempdir().unwrap();
        let draft = Draft::create(home.path(), "config.toml", "work").unwrap();
        fs::remove_file(draft.path()).unwrap();
        fs::write(draft.path(), "work of hours").unwrap();
        let kept = draft.keep(".edit-", ".toml").unwrap();
        drop(Draft::create(home.path(), "config.toml", "").unwrap());
        assert_eq!(fs::read_to_string(&kept).unwrap(), "work of hours");
        assert_eq!((kept.parent().unwrap(), names(home.path())), (home.path(), 1));
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&kept).unwrap().permissions()) & 0o777, 0o600);
    }
}
