//! Edits the config file; keeps comments, unknown keys and concurrent changes.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use toml::Table;
use toml_edit::DocumentMut;

use super::file::{read_text, toml_error};
use crate::error::{Error, Kind, Result};
use crate::files::lock::{LockWait, lock_file};
use crate::files::private::{create_dir, parent_dir};
use crate::files::{replace, temporary};

/// A settings file to change, and how long to wait for its lock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EditTarget<'p> {
    /// The file, or a symbolic link to it.
    pub(crate) path: &'p Path,
    /// How long to wait for another run that changes it.
    pub(crate) wait: LockWait,
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileAccess {
    /// Only the user: it may have a token.
    Private,
    /// Everyone who may read its folder: it is meant to be committed.
    Shared,
}

/// Changes the config file; creates it and its folder, for the user only, if missing.
///
/// Concurrent changes are serialized. A symbolic link stays: the file it leads to is replaced.
///
/// # Errors
/// If `change` refuses, the file is not valid TOML, or it cannot be written; in each case it stays as it was.
pub(crate) fn edit<'p>(
    target: impl Into<EditTarget<'p>>,
    change: impl FnOnce(&mut DocumentMut) -> Result<()>,
) -> Result<()> {
    LockedFile::open(target.into(), FileAccess::Private)?.edit(change)
}

/// Changes a project file in the same way, but keeps it readable for everyone, and removes it if it becomes empty.
pub(super) fn edit_shared(target: EditTarget<'_>, change: impl FnOnce(&mut DocumentMut) -> Result<()>) -> Result<()> {
    LockedFile::open(target, FileAccess::Shared)?.edit(change)
}

/// Replaces the config file with `text`, unless its content is no longer `before`.
pub(super) fn replace_if_unchanged(target: EditTarget<'_>, before: &str, text: &str) -> Result<()> {
    let locked = LockedFile::open(target, FileAccess::Private)?;
    if locked.text()? != before {
        let message = format!("{} was changed by another process", target.path.display());
        return Err(Error::new(Kind::Config, message));
    }
    locked.replace(text)
}

/// A file that is locked against other c66 processes for as long as this value lives.
struct LockedFile {
    file: PathBuf,
    access: FileAccess,
    _lock: Option<fs::File>,
}

impl LockedFile {
    fn open(target: EditTarget<'_>, access: FileAccess) -> Result<Self> {
        let file = resolve_symlink(target.path);
        let folder = parent_dir(&file);
        if access == FileAccess::Private {
            create_dir(folder).map_err(|error| error.hint("set C66_CONFIG to another file"))?;
        }
        if fs::metadata(&file).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(Error::new(Kind::Config, format!("{} is not a regular file", file.display())));
        }
        let lock = match access {
            FileAccess::Private => Some(lock_file(&lock_path(&file), target.wait)?),
            FileAccess::Shared => lock_shared(folder, target.wait)?,
        };
        Ok(Self { file, access, _lock: lock })
    }

    fn text(&self) -> Result<String> {
        Ok(read_text(&self.file)?.unwrap_or_default())
    }

    fn edit(&self, change: impl FnOnce(&mut DocumentMut) -> Result<()>) -> Result<()> {
        let text = self.text()?;
        let parsed = text.parse();
        let mut document: DocumentMut = parsed
            .map_err(|error: toml_edit::TomlError| toml_error(&self.file, &text, error.span(), error.message()))?;
        // Comments at the end of a file would move below what is added.
        let head = if document.is_empty() { text.as_str() } else { "" };
        if !head.is_empty() {
            document = DocumentMut::new();
        }
        change(&mut document)?;
        let gap = if head.is_empty() || head.ends_with('\n') || document.is_empty() { "" } else { "\n" };
        let changed = format!("{head}{gap}{document}");
        if changed == text {
            return Ok(());
        }
        if let Err(error) = changed.parse::<Table>() {
            let message = format!("the change would break {}", self.file.display());
            return Err(Error::internal(message).cause(error.message()));
        }
        self.replace(&changed)
    }

    fn replace(&self, text: &str) -> Result<()> {
        let replaced = if self.access == FileAccess::Shared && text.trim().is_empty() {
            fs::remove_file(&self.file)
        } else {
            self.write(text)
        };
        replaced.map_err(|error| cannot_write(&self.file, &error))
    }

    /// Writes the text to a new file, with its final permissions from the start, and renames it.
    fn write(&self, text: &str) -> io::Result<()> {
        let mut temporary = match self.access {
            FileAccess::Private => temporary::create(&self.file)?,
            FileAccess::Shared => temporary::create_shared(&self.file)?,
        };
        if self.access == FileAccess::Shared
            && let Ok(metadata) = fs::metadata(&self.file)
        {
            temporary.as_file().set_permissions(metadata.permissions())?;
        }
        temporary.write_all(text.as_bytes())?;
        temporary.as_file().sync_all()?;
        replace::persist(temporary, &self.file)
    }
}

fn cannot_write(file: &Path, error: &io::Error) -> Error {
    Error::local_file(format!("write {}", file.display()), error)
}

/// The lock is a file beside the config file, because the config file is replaced while the lock is held.
fn lock_path(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    file.with_file_name(name)
}

/// No lock beside a project file: it would be committed.
#[cfg(unix)]
fn lock_shared(folder: &Path, wait: LockWait) -> Result<Option<fs::File>> {
    crate::files::lock::lock_folder(folder, wait).map(Some)
}

/// Folders cannot be locked here; the file is still replaced atomically.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "its counterpart can fail")]
fn lock_shared(_folder: &Path, _wait: LockWait) -> Result<Option<fs::File>> {
    Ok(None)
}

/// The target of a symbolic link, or the path itself.
pub(super) fn resolve_symlink(path: &Path) -> PathBuf {
    match fs::read_link(path) {
        // The target may be missing, and then has no canonical path.
        Ok(target) => fs::canonicalize(path).unwrap_or_else(|_| path.with_file_name(target)),
        Err(_) => path.to_owned(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::config::file::ConfigFile;

    impl<'p, P: AsRef<Path> + ?Sized> From<&'p P> for EditTarget<'p> {
        fn from(path: &'p P) -> Self {
            Self { path: path.as_ref(), wait: LockWait::default() }
        }
    }

    pub(in crate::config) fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/c66/config.toml");
        (folder, path)
    }

    pub(in crate::config) fn add(path: &Path, key: &str) -> Result<()> {
        edit(path, |document| {
            document[key] = toml_edit::value(1);
            Ok(())
        })
    }

    #[test]
    fn two_concurrent_edits_lose_nothing() {
        let (_folder, path) = folder();
        let write = |name: &'static str| {
            let path = path.clone();
            std::thread::spawn(move || (0..20).try_for_each(|number| add(&path, &format!("{name}{number}"))))
        };
        for thread in [write("a"), write("b")] {
            thread.join().unwrap().unwrap();
        }
        let file = ConfigFile::load(&path).unwrap();
        for name in ["a", "b"] {
            assert!((0..20).all(|number| file.text(None, &format!("{name}{number}")).unwrap().is_some()));
        }
        let left: Vec<_> =
            fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "the file and its lock, no temporary file: {left:?}");
    }

    #[test]
    fn a_new_setting_comes_below_existing_comments() {
        let (_folder, path) = folder();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        for comments in ["# Mine.\n", "# Mine.\n\n", "# Mine."] {
            fs::write(&path, comments).unwrap();
            add(&path, "a").unwrap();
            let gap = if comments.ends_with('\n') { "" } else { "\n" };
            assert_eq!(fs::read_to_string(&path).unwrap(), format!("{comments}{gap}a = 1\n"));
        }
    }

    #[test]
    fn a_refused_change_leaves_the_file_as_it_was() {
        let (_folder, path) = folder();
        add(&path, "a").unwrap();
        let refused = edit(&path, |document| {
            document.clear();
            Err(Error::usage("no"))
        });
        assert_eq!(refused.unwrap_err().message(), "no");
        assert_eq!(fs::read_to_string(&path).unwrap(), "a = 1\n");
    }

    #[test]
    fn only_a_regular_file_is_replaced() {
        let (folder, _) = folder();
        let error = add(folder.path(), "a").unwrap_err();
        assert!(error.message().ends_with("is not a regular file"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn file_and_folder_are_for_the_user_only() {
        use std::os::unix::fs::PermissionsExt;

        use crate::config::exposure::PermissionProblem;

        let (_folder, path) = folder();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        add(&path, "a").unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(PermissionProblem::find(&path), None);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let warning = PermissionProblem::find(&path).unwrap().warning();
        assert!(warning.ends_with(&format!("type: chmod 600 {}", path.display())), "{warning}");
        add(&path, "b").unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_stays_and_its_target_changes() {
        use std::os::unix::fs::symlink;
        let (folder, path) = folder();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let target = folder.path().join("dotfiles.toml");
        symlink("../../dotfiles.toml", &path).unwrap();
        for key in ["a", "b"] {
            add(&path, key).unwrap();
            assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
            assert!(fs::read_to_string(&target).unwrap().contains(key));
        }
    }
}
