//! Checks who else can access the config file: it has tokens and the address they are sent to, and may name a program.

use std::path::Path;

/// What other users can do with a file, and the command that prevents it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PermissionProblem {
    /// The problem in a few words.
    pub(crate) what: String,
    /// The command.
    pub(crate) command: String,
    /// Whether another user can change the content of the file.
    pub(crate) writable_by_others: bool,
}

impl PermissionProblem {
    /// What other users can do with the file at `path`; `None` if it is not a regular file.
    #[cfg(unix)]
    pub(crate) fn find(path: &Path) -> Option<Self> {
        use std::fs::{Metadata, metadata};
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        /// In a folder with this bit, users cannot replace each other's files.
        const STICKY: u32 = 0o1000;

        let mode = |metadata: &Metadata| metadata.permissions().mode();
        let file = metadata(path).ok().filter(Metadata::is_file)?;
        let folder = path.parent()?;
        let around = metadata(folder).ok();
        let folder_mode = around.as_ref().map_or(0, mode);
        // For root too: the owner of the file could choose what root runs.
        let user = rustix::process::geteuid().as_raw();
        let is_foreign = |metadata: &Metadata| ![user, 0].contains(&metadata.uid());
        let is_foreign_folder = around.as_ref().is_some_and(is_foreign);
        let is_foreign = is_foreign(&file);
        let writable_by_others =
            is_foreign || is_foreign_folder || mode(&file) & 0o002 != 0 || folder_mode & (0o002 | STICKY) == 0o002;
        let (what, command) = if mode(&file) & 0o066 != 0 {
            (format!("other users can read or write {}", path.display()), format!("chmod 600 {}", quoted(path)))
        } else if is_foreign {
            let command = format!("sudo chown {user} {}", quoted(path));
            (format!("{} belongs to another user", path.display()), command)
        } else if is_foreign_folder {
            let command = format!("sudo chown {user} {}", quoted(folder));
            (format!("{} belongs to another user", folder.display()), command)
        } else if writable_by_others {
            (format!("other users can replace files in {}", folder.display()), format!("chmod 700 {}", quoted(folder)))
        } else {
            return None;
        };
        Some(Self { what, command, writable_by_others })
    }

    /// `None`: below the user's profile, files belong to the user.
    #[cfg(not(unix))]
    pub(crate) fn find(_path: &Path) -> Option<Self> {
        None
    }

    /// The problem as a warning.
    pub(crate) fn warning(&self) -> String {
        format!("{}; type: {}", self.what, self.command)
    }
}

#[cfg(unix)]
fn quoted(path: &Path) -> String {
    crate::text::quote::shell_quote(&path.display().to_string())
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_path_in_a_command_is_quoted_if_necessary() {
        assert_eq!(quoted(Path::new("/a/b.toml")), "/a/b.toml");
        assert_eq!(quoted(Path::new("/a b/it's")), "\"/a b/it's\"");
    }

    #[test]
    fn permissions_of_file_and_folder_are_checked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, "").unwrap();
        for (file, around, expected) in [
            (0o600, 0o700, None),
            (0o600, 0o755, None),
            (0o600, 0o1777, None),
            (0o600, 0o777, Some(("other users can replace", "chmod 700 ", true))),
            (0o640, 0o700, Some(("other users can read or write", "chmod 600 ", false))),
            (0o620, 0o700, Some(("other users can read or write", "chmod 600 ", false))),
            (0o602, 0o700, Some(("other users can read or write", "chmod 600 ", true))),
            (0o644, 0o777, Some(("other users can read or write", "chmod 600 ", true))),
        ] {
            fs::set_permissions(&path, fs::Permissions::from_mode(file)).unwrap();
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(around)).unwrap();
            let found = PermissionProblem::find(&path);
            assert_eq!(found.is_some(), expected.is_some(), "{file:o} {around:o}: {found:?}");
            if let (Some(found), Some((what, command, writable_by_others))) = (found, expected) {
                assert!(found.what.starts_with(what) && found.command.starts_with(command), "{found:?}");
                assert_eq!(found.writable_by_others, writable_by_others, "{file:o} {around:o}");
            }
        }
        assert_eq!(PermissionProblem::find(Path::new("/dev/null")), None);
    }
}
