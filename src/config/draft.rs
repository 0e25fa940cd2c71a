//! A copy of the config file for an editor; it replaces the file only on request.

use std::path::{Path, PathBuf};

use super::edit::{EditTarget, replace_if_unchanged, resolve_symlink};
use super::file::{ConfigFile, read_text};
use crate::error::{Error, Result};
use crate::files::draft::Draft;
use crate::files::lock::LockWait;
use crate::files::private::{create_dir, parent_dir};

/// Shown in the editor if there is no file yet.
const TEMPLATE: &str = "\
# Settings of c66; `c66 config list` shows every one with its value.
#
# [profiles.default]
# stack = \"shop@staging\"
# token_command = [\"pass\", \"show\", \"cloud66\"]
";

/// A copy that is being edited; deleted when this value is dropped.
pub(crate) struct EditorCopy {
    file: PathBuf,
    wait: LockWait,
    before: String,
    given: String,
    copy: Draft,
}

impl EditorCopy {
    /// Copies the config file, for the user only, in the same folder.
    pub(crate) fn create<'p>(target: impl Into<EditTarget<'p>>) -> Result<Self> {
        let EditTarget { path, wait } = target.into();
        let target = resolve_symlink(path);
        let folder = parent_dir(&target);
        create_dir(folder).map_err(|error| error.hint("set C66_CONFIG to another file"))?;
        let before = read_text(path)?.unwrap_or_default();
        let given = if before.trim().is_empty() { TEMPLATE.to_owned() } else { before.clone() };
        let copy = Draft::create(folder, "config.toml", &given)
            .map_err(|error| Error::local_file(format!("copy {}", path.display()), &error))?;
        Ok(Self { file: path.to_owned(), wait, before, given, copy })
    }

    /// The path of the copy.
    pub(crate) fn path(&self) -> &Path {
        self.copy.path()
    }

    /// The edited text; `None` if it is unchanged, empty or gone, as in git.
    pub(crate) fn text(&self) -> Result<Option<String>> {
        let text = read_text(self.copy.path())?.unwrap_or_default();
        Ok(Some(text).filter(|text| *text != self.given && !text.trim().is_empty()))
    }

    /// Parses the text as the config file.
    pub(crate) fn as_file(&self, text: &str) -> Result<ConfigFile> {
        ConfigFile::parse(&self.file, text)
    }

    /// Replaces the config file with the text, unless the file has changed since the copy was made.
    pub(crate) fn replace_original(&self, text: &str) -> Result<()> {
        replace_if_unchanged(EditTarget { path: &self.file, wait: self.wait }, &self.before, text)
    }

    /// Keeps the copy, so that no work is lost, and returns its path.
    pub(crate) fn keep(self) -> Result<PathBuf> {
        self.copy.keep(".edit-", ".toml").map_err(|error| Error::local_file("keep the edited text", &error))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;

    use super::*;

    #[test]
    fn a_draft_replaces_only_the_text_it_was_made_from() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, "stack = 'a'\n").unwrap();
        let (first, second) = (EditorCopy::create(&path).unwrap(), EditorCopy::create(&path).unwrap());
        assert_eq!(first.text().unwrap(), None);
        fs::write(first.path(), "stack = 'b'\n").unwrap();
        assert_eq!(first.text().unwrap().as_deref(), Some("stack = 'b'\n"));
        first.replace_original("stack = 'b'\n").unwrap();
        let error = second.replace_original("stack = 'c'\n").unwrap_err();
        assert!(error.message().ends_with("was changed by another process"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "stack = 'b'\n");
        let kept = second.keep().unwrap();
        assert_eq!(fs::read_to_string(kept).unwrap(), "stack = 'a'\n");
    }

    #[cfg(unix)]
    #[test]
    fn a_copy_is_for_the_user_only_and_is_deleted() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let draft = EditorCopy::create(&folder.path().join("config.toml")).unwrap();
        let copy = draft.path().to_owned();
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(draft.as_file(&fs::read_to_string(&copy).unwrap()).is_ok());
        drop(draft);
        assert!(!copy.exists());
    }
}
