//! Files and folders that only the user can read.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Kind, Result};
use crate::files::replace;

/// A file that is being written under a temporary name; removed unless it is finished.
pub(crate) struct PrivateFile {
    file: NamedTempFile,
    name: PathBuf,
    replace: bool,
}

impl PrivateFile {
    /// Creates the file that is to become `name`, which must not exist unless `replace` is set.
    pub(crate) fn create(name: &Path, replace: bool) -> Result<Self> {
        if name.is_dir() {
            return Err(
                Error::new(Kind::LocalFile, format!("{} is a folder", name.display())).hint("expected a file name")
            );
        }
        if !replace && name.symlink_metadata().is_ok() {
            return Err(already_exists(name));
        }
        // Created with mode 0600.
        let file = NamedTempFile::new_in(parent_dir(name)).map_err(|error| failed(name, &error))?;
        Ok(Self { file, name: name.to_owned(), replace })
    }

    /// Writes the content, syncs it and renames the file.
    pub(crate) fn finish(mut self, content: &[u8]) -> Result<()> {
        let written = self.file.write_all(content).and_then(|()| self.file.as_file().sync_all());
        written.map_err(|error| failed(&self.name, &error))?;
        let named = if self.replace {
            replace::persist(self.file, &self.name)
        } else {
            self.file.persist_noclobber(&self.name).map(drop).map_err(|refused| refused.error)
        };
        match named {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(already_exists(&self.name)),
            Err(error) => Err(failed(&self.name, &error)),
        }
    }
}

/// Options for a new file that only its owner can read; symbolic links are not followed.
pub(crate) fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let follow_no_link = rustix::fs::OFlags::NOFOLLOW.bits();
        options.mode(0o600).custom_flags(i32::from_ne_bytes(follow_no_link.to_ne_bytes()));
    }
    options
}

/// Creates a folder and its parents, accessible to the user only.
pub(crate) fn create_dir(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    // On Windows, a folder below the user's profile belongs to the user already.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .recursive(true)
        .create(path)
        .map_err(|error| Error::local_file(format!("create {}", path.display()), &error))
}

/// The folder of a file of this name.
pub(crate) fn parent_dir(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn already_exists(name: &Path) -> Error {
    Error::new(Kind::LocalFile, format!("{} already exists", name.display()))
        .hint("pass --force to replace it, or choose another name")
}

fn failed(name: &Path, error: &std::io::Error) -> Error {
    Error::local_file(format!("write {}", name.display()), error)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_new_folder_is_accessible_to_the_user_only() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/b");
        create_dir(&folder).unwrap();
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        create_dir(&folder).unwrap();
    }

    #[test]
    fn an_existing_file_keeps_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("key.pem");
        let early = PrivateFile::create(&name, false).unwrap();
        PrivateFile::create(&name, false).unwrap().finish(b"first").unwrap();
        assert_eq!(early.finish(b"second").unwrap_err().kind(), Kind::LocalFile);
        assert!(PrivateFile::create(&name, false).is_err());
        assert_eq!(std::fs::read(&name).unwrap(), b"first");
        PrivateFile::create(&name, true).unwrap().finish(b"third").unwrap();
        assert_eq!(std::fs::read(&name).unwrap(), b"third");
        drop(PrivateFile::create(&name, true).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            let mode = std::fs::metadata(&name).unwrap().permissions();
            assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
        }
    }
}
