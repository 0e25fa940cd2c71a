//! The partial file: `NAME.part` with a journal beside it, until it is complete and renamed.

use std::ffi::OsString;
use std::fmt::Write;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};

use crate::download::journal::Journal;
use crate::download::plan::{Plan, SavedPlan};
use crate::error::{Error, Kind, Result};
use crate::files::private::{is_same_file, open_private};
use crate::files::private_file::PrivateFile;

/// How much of a file is read at a time for its checksum, in bytes.
const READ_SIZE: usize = 1024 * 1024;

/// What to do with the partial file of an earlier run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResumeMode {
    /// Resume.
    Resume,
    /// Start over.
    Restart,
}

/// The file, locked against a second run.
pub(crate) struct PartialFile {
    file: File,
    part: PathBuf,
    journal: Journal,
    name: PathBuf,
    /// Whether a later run can use its content.
    keep: bool,
    /// Whether it is read again before it is renamed.
    keep_in_page_cache: bool,
}

impl PartialFile {
    /// Opens the file that is to become `name` with the bytes of `download_id`; an existing file is replaced at the end
    /// if `replace` is set.
    pub(crate) fn open(name: &Path, download_id: &str, replace: bool, earlier: ResumeMode) -> Result<Self> {
        let refused = |message: String, hint: &str| Err(Error::new(Kind::LocalFile, message).hint(hint));
        if name.is_dir() {
            return refused(format!("{} is a folder", name.display()), "-O expects a file, --dir a folder");
        }
        if !replace && name.symlink_metadata().is_ok() {
            let hint = "pass --force to replace it, or -O FILE";
            return refused(format!("{} already exists", name.display()), hint);
        }
        let part = with_suffix(name, ".part");
        if part.symlink_metadata().is_ok_and(|found| !found.is_file()) {
            return refused(format!("{} is not a regular file", part.display()), "choose another file with -O");
        }
        let doing = || format!("write {}", part.display());
        let file = open_private(OpenOptions::new().read(true).write(true).create(true).truncate(false), &part)
            .map_err(|error| Error::local_file(doing(), &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = format!("{} is being downloaded by another run", name.display());
                return refused(message, "wait for it, or choose another file with -O");
            }
            Err(TryLockError::Error(error)) => return Err(Error::local_file(doing(), &error)),
        }
        if !is_same_file(&file, &part) {
            return refused(format!("another run has just finished {}", name.display()), "check the file");
        }
        // An old one keeps its mode.
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .map_err(|error| Error::local_file(doing(), &error))?;
        let journal = Journal::new(with_suffix(name, ".part.journal"), download_id);
        let mut part = Self { file, part, journal, name: name.to_owned(), keep: true, keep_in_page_cache: false };
        match earlier {
            ResumeMode::Restart => part.clear()?,
            ResumeMode::Resume => part.refuse_other_download()?,
        }
        part.keep = part.size()? > 0;
        Ok(part)
    }

    /// Refuses to resume a different download: its data would be lost.
    fn refuse_other_download(&self) -> Result<()> {
        let Err(stranger) = self.journal.earlier_progress() else { return Ok(()) };
        if self.size()? == 0 {
            return Ok(());
        }
        Err(Error::new(Kind::LocalFile, format!("{} belongs to another download", self.part.display()))
            .cause(stranger)
            .hint("pass --no-resume to discard it and start over, or -O FILE"))
    }

    /// The plan of the missing bytes: all, or those after an earlier run.
    pub(crate) fn plan(&mut self, ids: &[String]) -> Result<Plan> {
        let size = self.size()?;
        let earlier = self.journal.earlier_progress().ok();
        let known = earlier.and_then(|earlier| Some((Plan::resume(ids, &earlier.usable, size)?, earlier.on_disk)));
        let Some((plan, on_disk)) = known else { return self.begin_again(ids) };
        self.start_journal(plan, on_disk)
    }

    /// Discards the downloaded bytes and returns a new plan.
    pub(crate) fn begin_again(&mut self, ids: &[String]) -> Result<Plan> {
        self.clear()?;
        let plan = Plan::new(ids);
        let nothing = plan.to_saved();
        self.start_journal(plan, nothing)
    }

    /// Before the first byte: a file without a journal may have come from anyone.
    fn start_journal(&mut self, plan: Plan, on_disk: SavedPlan) -> Result<Plan> {
        self.journal.set_on_disk(on_disk);
        self.journal.write_synced(&plan.to_saved())?;
        Ok(plan)
    }

    fn clear(&mut self) -> Result<()> {
        self.keep = false;
        self.file.set_len(0).map_err(|error| self.failed(&error))?;
        self.journal.remove().map_err(|error| self.failed(&error))
    }

    fn size(&self) -> Result<u64> {
        self.file.metadata().map(|found| found.len()).map_err(|error| self.failed(&error))
    }

    /// Writes bytes at their position.
    pub(crate) fn write_at(&self, bytes: &[u8], position: u64) -> Result<()> {
        write_all_at(&self.file, bytes, position).map_err(|error| self.failed(&error))
    }

    /// Announces a call of [`PartialFile::sha256`].
    pub(crate) fn keep_in_page_cache(&mut self) {
        self.keep_in_page_cache = true;
    }

    /// Syncs the data, and drops it from the page cache unless it will be read again: a backup would fill the cache,
    /// and reusing its pages is cheaper than taking fresh ones.
    pub(crate) fn sync(&self) -> Result<impl Future<Output = Result<()>> + use<>> {
        let file = self.file.try_clone().map_err(|error| self.failed(&error))?;
        let (part, keep_in_page_cache) = (self.part.clone(), self.keep_in_page_cache);
        Ok(async move {
            // It may take seconds, in which the connections must not block.
            let synced = tokio::task::spawn_blocking(move || {
                file.sync_data()?;
                if !keep_in_page_cache {
                    drop_from_page_cache(&file);
                }
                Ok(())
            });
            match synced.await {
                Ok(outcome) => outcome.map_err(|error| Error::local_file(format!("write {}", part.display()), &error)),
                Err(_) => Err(Error::internal("cannot sync the file")),
            }
        })
    }

    /// The journal, for further entries.
    pub(crate) fn journal(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Syncs the data, writes the journal, and keeps both when this is dropped.
    pub(crate) fn suspend(&mut self, plan: &Plan) -> Result<()> {
        self.keep = plan.done() > 0;
        if self.keep {
            self.file.sync_data().map_err(|error| self.failed(&error))?;
            self.journal.set_on_disk(plan.to_saved());
            self.journal.write_synced(&plan.to_saved())?;
        }
        Ok(())
    }

    /// The SHA-256 of the file, in hexadecimal.
    pub(crate) fn sha256(&self) -> Result<String> {
        let failed = |error: &std::io::Error| Error::local_file(format!("read {}", self.part.display()), error);
        // If a lock keeps others from reading, this handle may still read.
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0)).map_err(|error| failed(&error))?;
        let mut digest = Context::new(&SHA256);
        let mut buffer = vec![0; READ_SIZE];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => digest.update(&buffer[..length]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(&error)),
            }
        }
        let mut digits = String::new();
        for byte in digest.finish().as_ref() {
            let _ = write!(digits, "{byte:02x}");
        }
        Ok(digits)
    }

    /// Syncs the `length` bytes, renames the file, and writes `checksum` beside it, if there is one, in the format of
    /// `sha256sum --check`.
    pub(crate) fn finish(mut self, length: u64, checksum: Option<&str>) -> Result<()> {
        self.keep = true;
        self.file.set_len(length).and_then(|()| self.file.sync_all()).map_err(|error| self.failed(&error))?;
        if let Some(checksum) = checksum {
            let name = self.name.file_name().unwrap_or_default().to_string_lossy();
            PrivateFile::create(&with_suffix(&self.name, ".sha256"), true)?
                .finish(format!("{checksum}  {name}\n").as_bytes())?;
        }
        crate::files::replace::rename(&self.part, &self.name).map_err(|error| self.failed(&error))?;
        let _ = self.journal.remove();
        // The new name is synced with the folder; where folders cannot be synced, the system does it.
        #[cfg(unix)]
        if let Ok(folder) = File::open(crate::files::private::parent_dir(&self.name)) {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    fn failed(&self, error: &std::io::Error) -> Error {
        Error::local_file(format!("write {}", self.part.display()), error)
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.keep {
            let _ = self.journal.remove();
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// Drops the synced part of the file from the page cache.
fn drop_from_page_cache(file: &File) {
    #[cfg(target_os = "linux")]
    // A file that stays in memory does no harm.
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], position: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, position)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut position: u64) -> std::io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, position)?;
        if written == 0 {
            return Err(std::io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
        position += written as u64;
    }
    Ok(())
}

fn with_suffix(name: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(name);
    path.push(suffix);
    path.into()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::download::plan::{ContentVersion, NextStep};

    fn ids() -> Vec<String> {
        vec!["tar".to_owned()]
    }

    fn open(name: &Path) -> Result<PartialFile> {
        PartialFile::open(name, "backup 3", false, ResumeMode::Resume)
    }

    /// Fetches `bytes` and leaves.
    fn leave_behind(name: &Path, bytes: &[u8]) {
        let mut part = open(name).unwrap();
        let mut plan = part.plan(&ids()).unwrap();
        let NextStep::Fetch(piece) = plan.take_next() else { unreachable!("there is something to do") };
        plan.set_version(0, ContentVersion { length: Some(10), tag: None }, true);
        part.write_at(bytes, 0).unwrap();
        plan.add_bytes(piece, bytes.len() as u64);
        part.suspend(&plan).unwrap();
    }

    #[test]
    fn the_final_name_is_for_a_complete_file_only() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("backup.tar");
        leave_behind(&name, b"0123");
        assert!(!name.exists());
        let mut part = open(&name).unwrap();
        assert_eq!(open(&name).err().unwrap().kind(), Kind::LocalFile, "a second run has no business here");
        assert_eq!(part.plan(&ids()).unwrap().done(), 4);
        part.write_at(b"456789", 4).unwrap();
        let sum = part.sha256().unwrap();
        part.finish(10, Some(&sum)).unwrap();
        assert_eq!(std::fs::read(&name).unwrap(), b"0123456789");
        let checksum = std::fs::read_to_string(folder.path().join("backup.tar.sha256")).unwrap();
        assert_eq!(checksum, "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882  backup.tar\n");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(open(&name).is_err(), "the name is taken");
    }

    #[test]
    fn the_partial_file_of_another_download_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("backup.tar");
        leave_behind(&name, b"0123");
        let other = |earlier| PartialFile::open(&name, "backup 4", false, earlier);
        assert_eq!(other(ResumeMode::Resume).err().unwrap().cause_text(), Some("it belongs to backup 3"));
        assert_eq!(std::fs::read(folder.path().join("backup.tar.part")).unwrap(), b"0123");
        assert_eq!(other(ResumeMode::Restart).unwrap().plan(&ids()).unwrap().done(), 0);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing worth keeping is left");
        std::fs::write(folder.path().join("backup.tar.part"), "mine").unwrap();
        assert!(open(&name).is_err());
        assert_eq!(std::fs::read(folder.path().join("backup.tar.part")).unwrap(), b"mine");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let precious = folder.path().join("precious");
        std::fs::write(&precious, "precious").unwrap();
        let name = folder.path().join("backup.tar");
        std::os::unix::fs::symlink(&precious, folder.path().join("backup.tar.part")).unwrap();
        assert!(PartialFile::open(&name, "backup 3", true, ResumeMode::Restart).is_err());
        assert_eq!(std::fs::read(&precious).unwrap(), b"precious");
    }
}
