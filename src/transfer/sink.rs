//! Where the bytes of a download go: a file that gets its name when it is whole, or stdout.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::output::Console;

/// Where the bytes go.
pub enum Sink<'s> {
    /// A file, for now under another name.
    File(PartFile),
    /// stdout, as they come.
    Stdout(&'s Console),
}

impl Sink<'_> {
    /// Takes some bytes.
    ///
    /// # Errors
    /// The disk is full, or the reader of stdout has gone.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::File(part) => part.write(bytes),
            Self::Stdout(console) => console.write(|out| out.write_all(bytes)),
        }
    }
}

/// A file that is being written: `NAME.part`, locked against a second writer, gone again unless it becomes whole.
pub struct PartFile {
    file: File,
    part: PathBuf,
    name: PathBuf,
    whole: bool,
}

impl PartFile {
    /// Starts the file that is to become `name`.
    ///
    /// # Errors
    /// It cannot be created, `name` is taken and `replace` is not set, or another run writes it just now.
    pub fn create(name: &Path, replace: bool) -> Result<Self> {
        if !replace && name.exists() {
            return Err(Error::new(Kind::LocalFile, format!("{} is there already", name.display()))
                .hint("--force replaces it, -O FILE writes another"));
        }
        if name.is_dir() {
            return Err(Error::new(Kind::LocalFile, format!("{} is a folder", name.display()))
                .hint("-O takes the name of the file"));
        }
        let part = part_name(name);
        if part.symlink_metadata().is_ok_and(|found| !found.is_file()) {
            return Err(Error::new(Kind::LocalFile, format!("{} is no regular file", part.display()))
                .hint("-O FILE writes another"));
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let doing = || format!("write {}", part.display());
        let file = options.open(&part).map_err(|error| Error::local_file(doing(), &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(
                    Kind::LocalFile,
                    format!("{} is being downloaded by another run", name.display()),
                )
                .hint("wait for it, or choose another file with -O"));
            }
            Err(TryLockError::Error(error)) => return Err(Error::local_file(doing(), &error)),
        }
        // One that was left lying there keeps the mode that it was made with.
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .map_err(|error| Error::local_file(doing(), &error))?;
        file.set_len(0).map_err(|error| Error::local_file(doing(), &error))?;
        Ok(Self { file, part, name: name.to_owned(), whole: false })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| Error::local_file(format!("write {}", self.part.display()), &error))
    }

    /// Puts the bytes on disk and gives the file its name.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn finish(mut self) -> Result<()> {
        let failed = |error: std::io::Error| Error::local_file(format!("write {}", self.name.display()), &error);
        self.file.sync_all().map_err(failed)?;
        std::fs::rename(&self.part, &self.name).map_err(failed)?;
        self.whole = true;
        // The new name is on disk when the folder is; where a folder cannot be synced, the system sees to it.
        #[cfg(unix)]
        if let Some(Ok(folder)) = self
            .name
            .parent()
            .map(|folder| File::open(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }))
        {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.whole {
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

fn part_name(name: &Path) -> PathBuf {
    let mut part = OsString::from(name);
    part.push(".part");
    part.into()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_name_stands_for_a_whole_file_only() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("backup.tar");
        let mut part = PartFile::create(&name, false).unwrap();
        part.write(b"whole").unwrap();
        assert!(!name.exists());
        assert_eq!(PartFile::create(&name, false).err().unwrap().kind(), Kind::LocalFile);
        part.finish().unwrap();
        assert_eq!(std::fs::read(&name).unwrap(), b"whole");
        assert!(PartFile::create(&name, false).is_err());
        drop(PartFile::create(&name, true).unwrap());
        assert_eq!(std::fs::read(&name).unwrap(), b"whole");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
