//! Files and folders that only the user can read.

use std::fs::{DirBuilder, File, OpenOptions};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Options for a new file that only its owner can read; symbolic links are not followed.
fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let follow_no_link = rustix::fs::OFlags::NOFOLLOW.bits();
        options.mode(0o600).custom_flags(i32::from_ne_bytes(follow_no_link.to_ne_bytes()));
    }
    options
}

/// Opens a file with these options; a new one is for its owner only, and symbolic links are not followed.
pub(crate) fn open_private(options: &mut OpenOptions, path: &Path) -> std::io::Result<File> {
    let file = owner_only(options).open(path)?;
    let_owner_use(&file, 0o600)?;
    Ok(file)
}

/// Restores the permissions that the owner needs and the umask removed.
#[cfg(unix)]
pub(super) fn let_owner_use(file: &File, needed: u32) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let found = file.metadata()?;
    let mode = found.permissions().mode() & 0o7777;
    if mode & needed == needed || !found.is_file() || found.uid() != rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    file.set_permissions(PermissionsExt::from_mode(mode | needed))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "its counterpart can fail")]
pub(super) fn let_owner_use(_: &File, _needed: u32) -> std::io::Result<()> {
    Ok(())
}

/// Creates a folder and its parents, accessible to the user only.
pub(crate) fn create_dir(path: &Path) -> Result<()> {
    create_dirs(path, 0o700).map(drop).map_err(|error| Error::local_file(format!("create {}", path.display()), &error))
}

/// Creates a folder and its parents with this mode less the umask, but always usable by the user.
/// Returns the created ones, innermost first.
pub(crate) fn create_dirs(path: &Path, mode: u32) -> std::io::Result<Vec<PathBuf>> {
    let missing = path.ancestors().take_while(|above| !above.as_os_str().is_empty() && !above.exists());
    let missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
    for folder in missing.iter().rev() {
        create_one_dir(folder, mode)?;
    }
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(missing);
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}

/// Creates a folder, unless there is one.
pub(crate) fn create_one_dir(path: &Path, mode: u32) -> std::io::Result<()> {
    let builder = &mut DirBuilder::new();
    // On Windows, a folder below the user's profile belongs to the user already.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(builder, mode);
    #[cfg(not(unix))]
    let _ = mode;
    match builder.create(path) {
        // The umask may have removed even what the owner needs.
        #[cfg(unix)]
        Ok(()) => {
            use std::os::unix::fs::PermissionsExt;
            let given = std::fs::symlink_metadata(path)?.permissions().mode() & 0o7777;
            if given & 0o700 == 0o700 {
                return Ok(());
            }
            std::fs::set_permissions(path, PermissionsExt::from_mode(given | 0o700))
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    }
}

/// Whether the open file still has that name: another run may have renamed or removed it before it was locked.
#[cfg(unix)]
pub(crate) fn is_same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// Whoever opens that name finds it locked, if it is the same file.
#[cfg(windows)]
pub(crate) fn is_same_file(_: &File, path: &Path) -> bool {
    File::open(path).is_ok_and(|named| matches!(named.try_lock(), Err(std::fs::TryLockError::WouldBlock)))
}

/// Whether the file belongs to this user.
#[cfg(unix)]
pub(crate) fn is_own(found: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(found) == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
pub(crate) fn is_own(_: &std::fs::Metadata) -> bool {
    true
}

/// The folder of a file of this name.
pub(crate) fn parent_dir(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_new_folder_is_accessible_to_the_user_only() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/b");
        create_dir(&folder).unwrap();
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        create_dir(&folder).unwrap();
    }
}
