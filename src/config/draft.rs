//! A copy of the configuration file for an editor, which takes the file's place only when it is asked to.

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::edit::{EditTarget, replace_if_unchanged, resolve_symlink};
use super::file::{ConfigFile, read_text};
use crate::error::{Error, Result};
use crate::files::lock::LockWait;
use crate::files::private::{create_dir, parent_dir};

/// What an editor shows where there is no file yet.
const TEMPLATE: &str = "\
# Settings of c66; `c66 config list` shows every one with its value.
#
# [profiles.default]
# stack = \"shop@staging\"
# token_command = [\"pass\", \"show\", \"cloud66\"]
";

/// A copy that is being edited; it goes when this value is dropped.
pub(crate) struct EditorCopy {
    file: PathBuf,
    wait: LockWait,
    before: String,
    given: String,
    copy: TempPath,
}

impl EditorCopy {
    /// Makes a copy of the configuration file, for the user alone, in the same folder.
    pub(crate) fn create<'p>(target: impl Into<EditTarget<'p>>) -> Result<Self> {
        let EditTarget { path, wait } = target.into();
        let target = resolve_symlink(path);
        let folder = parent_dir(&target);
        create_dir(folder).map_err(|error| error.hint("C66_CONFIG names a file elsewhere"))?;
        let before = read_text(path)?.unwrap_or_default();
        let given = if before.trim().is_empty() { TEMPLATE.to_owned() } else { before.clone() };
        let copied =
            tempfile::Builder::new().prefix(".edit-").suffix(".toml").tempfile_in(folder).and_then(|mut copy| {
                copy.write_all(given.as_bytes())?;
                Ok(copy.into_temp_path())
            });
        let copy = copied.map_err(|error| Error::local_file(format!("copy {}", path.display()), &error))?;
        Ok(Self { file: path.to_owned(), wait, before, given, copy })
    }

    /// Where the copy is.
    pub(crate) fn path(&self) -> &Path {
        &self.copy
    }

    /// What the copy says now; nothing when that is what was given, and when it is empty or gone, as in git.
    pub(crate) fn text(&self) -> Result<Option<String>> {
        let text = read_text(&self.copy)?.unwrap_or_default();
        Ok(Some(text).filter(|text| *text != self.given && !text.trim().is_empty()))
    }

    /// What the configuration file would say with that text.
    pub(crate) fn as_file(&self, text: &str) -> Result<ConfigFile> {
        ConfigFile::parse(&self.file, text)
    }

    /// Puts the text in the place of what the configuration file said when the copy was made.
    pub(crate) fn replace_original(&self, text: &str) -> Result<()> {
        replace_if_unchanged(EditTarget { path: &self.file, wait: self.wait }, &self.before, text)
    }

    /// Leaves the copy where it is, so that no work is lost, and says where.
    pub(crate) fn keep(self) -> Result<PathBuf> {
        self.copy.keep().map_err(|error| Error::local_file("keep the edited text", &error.error))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;

    use super::*;

    #[test]
    fn a_draft_takes_the_place_only_of_what_it_was_made_of() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, "stack = 'a'\n").unwrap();
        let (first, second) = (EditorCopy::create(&path).unwrap(), EditorCopy::create(&path).unwrap());
        assert_eq!(first.text().unwrap(), None);
        fs::write(first.path(), "stack = 'b'\n").unwrap();
        assert_eq!(first.text().unwrap().as_deref(), Some("stack = 'b'\n"));
        first.replace_original("stack = 'b'\n").unwrap();
        let error = second.replace_original("stack = 'c'\n").unwrap_err();
        assert!(error.message().ends_with("was changed by somebody else meanwhile"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "stack = 'b'\n");
        let kept = second.keep().unwrap();
        assert_eq!(fs::read_to_string(kept).unwrap(), "stack = 'a'\n");
    }

    #[cfg(unix)]
    #[test]
    fn a_copy_is_for_the_user_alone_and_goes() {
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
