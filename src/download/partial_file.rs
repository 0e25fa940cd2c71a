//! A file on its way: `NAME.part` with a journal beside it, until all of it is there and it gets its name.

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

/// How much of a file is read at a time to compute its checksum, in bytes.
const READ_SIZE: usize = 1024 * 1024;

/// What to do with the part of an earlier run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResumeMode {
    /// Go on from there.
    Resume,
    /// Begin again.
    Restart,
}

/// The file, locked against a second run.
pub(crate) struct PartialFile {
    file: File,
    part: PathBuf,
    journal: Journal,
    name: PathBuf,
    /// Whether there is something in it that a later run can use.
    keep: bool,
    /// Whether it is read again before it gets its name.
    keep_in_page_cache: bool,
}

impl PartialFile {
    /// Opens the file that is to become `name` with the bytes of `download_id`; a file of that name that is there already
    /// is replaced in the end if `replace` says so.
    pub(crate) fn open(name: &Path, download_id: &str, replace: bool, earlier: ResumeMode) -> Result<Self> {
        let refused = |message: String, hint: &str| Err(Error::new(Kind::LocalFile, message).hint(hint));
        if name.is_dir() {
            return refused(format!("{} is a folder", name.display()), "-O takes the name of a file, --dir a folder");
        }
        if !replace && name.symlink_metadata().is_ok() {
            let hint = "--force replaces it, -O FILE writes another";
            return refused(format!("{} is there already", name.display()), hint);
        }
        let part = with_suffix(name, ".part");
        if part.symlink_metadata().is_ok_and(|found| !found.is_file()) {
            return refused(format!("{} is no regular file", part.display()), "-O FILE writes another");
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
            return refused(format!("{} was finished by another run just now", name.display()), "look at it");
        }
        // An old one keeps the mode that it was made with.
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

    /// Refuses to go on with what is not the same download: it would be lost.
    fn refuse_other_download(&self) -> Result<()> {
        let Err(stranger) = self.journal.earlier_progress() else { return Ok(()) };
        if self.size()? == 0 {
            return Ok(());
        }
        Err(Error::new(Kind::LocalFile, format!("{} is of another download", self.part.display()))
            .cause(stranger)
            .hint("--no-resume throws it away and begins again; -O FILE writes another"))
    }

    /// The plan of what is missing: all of it, or what is missing after an earlier run.
    pub(crate) fn plan(&mut self, ids: &[String]) -> Result<Plan> {
        let size = self.size()?;
        let earlier = self.journal.earlier_progress().ok();
        let known = earlier.and_then(|earlier| Some((Plan::resume(ids, &earlier.usable, size)?, earlier.on_disk)));
        let Some((plan, on_disk)) = known else { return self.begin_again(ids) };
        self.start_journal(plan, on_disk)
    }

    /// Throws away what is there and gives the plan of all of it.
    pub(crate) fn begin_again(&mut self, ids: &[String]) -> Result<Plan> {
        self.clear()?;
        let plan = Plan::new(ids);
        let nothing = plan.to_saved();
        self.start_journal(plan, nothing)
    }

    /// Before the first byte: what lies there without a journal could be anybody's.
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

    /// Writes bytes at their place.
    pub(crate) fn write_at(&self, bytes: &[u8], position: u64) -> Result<()> {
        write_all_at(&self.file, bytes, position).map_err(|error| self.failed(&error))
    }

    /// Says that [`PartialFile::sha256`] will be asked for.
    pub(crate) fn keep_in_page_cache(&mut self) {
        self.keep_in_page_cache = true;
    }

    /// Puts on disk what has been written so far, and unless it will be read again, leaves the system's memory to
    /// others: a backup would fill all of it, and pages that are taken again at once are cheaper than fresh ones.
    pub(crate) fn sync(&self) -> Result<impl Future<Output = Result<()>> + use<>> {
        let file = self.file.try_clone().map_err(|error| self.failed(&error))?;
        let (part, keep_in_page_cache) = (self.part.clone(), self.keep_in_page_cache);
        Ok(async move {
            // It may take seconds, in which the connections must not stand still.
            let synced = tokio::task::spawn_blocking(move || {
                file.sync_data()?;
                if !keep_in_page_cache {
                    drop_from_page_cache(&file);
                }
                Ok(())
            });
            match synced.await {
                Ok(outcome) => outcome.map_err(|error| Error::local_file(format!("write {}", part.display()), &error)),
                Err(_) => Err(Error::internal("the file could not be synced")),
            }
        })
    }

    /// The journal, for entries on the way.
    pub(crate) fn journal(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Syncs what is there, enters it into the journal, and keeps both when this is dropped.
    pub(crate) fn suspend(&mut self, plan: &Plan) -> Result<()> {
        self.keep = plan.done() > 0;
        if self.keep {
            self.file.sync_data().map_err(|error| self.failed(&error))?;
            self.journal.set_on_disk(plan.to_saved());
            self.journal.write_synced(&plan.to_saved())?;
        }
        Ok(())
    }

    /// The SHA-256 of the file, in hexadecimal digits.
    pub(crate) fn sha256(&self) -> Result<String> {
        let failed = |error: &std::io::Error| Error::local_file(format!("read {}", self.part.display()), error);
        // Where a lock keeps everybody else from reading, it is this one that may.
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

    /// Puts the `length` bytes on disk, gives the file its name, and beside it writes `checksum` in the form that
    /// `sha256sum --check` reads, if there is one.
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
        // The new name is on disk when the folder is; where a folder cannot be synced, the system sees to it.
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

/// Lets the system forget what it holds of the file in memory, as far as that is on disk.
fn drop_from_page_cache(file: &File) {
    #[cfg(target_os = "linux")]
    // A file that stays in memory is no harm.
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
    fn the_name_stands_for_a_whole_file_only() {
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
    fn what_is_of_another_download_is_not_lost() {
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
