//! A new file that only its owner can read, written atomically.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::files::{replace, temporary};

/// A file that gets its name when it is complete.
pub(crate) struct PrivateFile {
    name: PathBuf,
    replace: bool,
}

impl PrivateFile {
    /// The file that is to become `name`, which must not exist unless `replace` is set; checks that it can be created.
    pub(crate) fn create(name: &Path, replace: bool) -> Result<Self> {
        if name.is_dir() {
            return Err(
                Error::new(Kind::LocalFile, format!("{} is a folder", name.display())).hint("expected a file name")
            );
        }
        if !replace && name.symlink_metadata().is_ok() {
            return Err(already_exists(name));
        }
        temporary::check(name).map_err(|error| failed(name, &error))?;
        Ok(Self { name: name.to_owned(), replace })
    }

    /// Writes the content, syncs it and renames the file.
    pub(crate) fn finish(self, content: &[u8]) -> Result<()> {
        let mut file = temporary::create(&self.name).map_err(|error| failed(&self.name, &error))?;
        let written = file.write_all(content).and_then(|()| file.as_file().sync_all());
        written.map_err(|error| failed(&self.name, &error))?;
        let named = if self.replace {
            replace::persist(file, &self.name)
        } else {
            file.persist_noclobber(&self.name).map(drop).map_err(|refused| refused.error)
        };
        match named {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(already_exists(&self.name)),
            Err(error) => Err(failed(&self.name, &error)),
        }
    }
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
