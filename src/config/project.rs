//! The project file `.c66.toml`: settings of a repository for everyone who works in it.
//!
//! It is committed, and comes with any cloned repository. So it never has a token, runs a program or changes the API
//! address.

use std::io;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::document::{remove_key, set_value};
use super::edit::{EditTarget, edit_shared};
use super::file::{parse_table, scalar};
use super::keys::{SETTINGS, SettingKey};
use crate::error::{Error, Kind, Result};
use crate::files::bounded;

/// The name of the file.
pub(crate) const FILE_NAME: &str = ".c66.toml";

const FORBIDDEN: [(&str, &str); 6] = [
    ("token", "a project file is committed and must not contain a token"),
    ("refresh_token", "a project file is committed and must not contain a token"),
    ("client_secret", "a project file is committed and must not contain a secret"),
    ("token_command", "a cloned repository must never run anything"),
    ("pager", "a cloned repository must never run anything"),
    ("api_url", "a cloned repository must not say where your token is sent"),
];

/// The content of a project file.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its settings.
    pub(crate) values: Vec<(SettingKey, String)>,
    /// Warnings for the user.
    pub(crate) warnings: Vec<String>,
}

impl Project {
    /// Reads the project file of `start` or of the nearest folder above.
    pub(crate) fn find(start: &Path) -> Result<Option<Self>> {
        for folder in start.ancestors() {
            let path = folder.join(FILE_NAME);
            // Folders above may be unreadable for this user: their files are not meant for this user.
            if path.symlink_metadata().is_err() {
                continue;
            }
            match bounded::read(&path) {
                Ok(text) => return Self::of_text(&path, &text).map(Some),
                // A broken link counts as missing.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::local_file(format!("read {}", path.display()), &error)),
            }
        }
        Ok(None)
    }

    /// Parses a text as the project file at `path`.
    pub(crate) fn of_text(path: &Path, text: &str) -> Result<Self> {
        Self::from_table(path.to_owned(), &parse_table(path, text)?)
    }

    fn from_table(path: PathBuf, table: &Table) -> Result<Self> {
        refuse_forbidden(&path, table)?;
        let mut values = Vec::new();
        let mut warnings = Vec::new();
        for (name, value) in table {
            match SETTINGS.iter().find(|definition| definition.in_project && definition.name == name) {
                Some(definition) => {
                    let text = scalar(value).ok_or_else(|| {
                        Error::new(Kind::Config, format!("{}: {name} is not a string", path.display()))
                    })?;
                    if !text.is_empty() {
                        values.push((definition.key, text));
                    }
                }
                None => warnings.push(format!(
                    "{}: {name} is ignored; a project file may have {}",
                    path.display(),
                    allowed().join(", ")
                )),
            }
        }
        Ok(Self { path, values, warnings })
    }

    /// The value of a setting.
    pub(crate) fn get(&self, key: SettingKey) -> Option<&str> {
        self.values.iter().find(|(candidate, _)| *candidate == key).map(|(_, text)| text.as_str())
    }
}

/// Sets the stack in the project file at `path`, which is created if missing; the rest stays.
pub(crate) fn link<'p>(target: impl Into<EditTarget<'p>>, stack: &str, environment: Option<&str>) -> Result<()> {
    let target = target.into();
    let path = target.path;
    refuse_link(path)?;
    edit_shared(target, |document| {
        refuse_forbidden(path, &parse_table(path, &document.to_string())?)?;
        set_value(document.as_table_mut(), SettingKey::Stack.definition().name, stack.into());
        match environment {
            Some(environment) => {
                set_value(document.as_table_mut(), SettingKey::Environment.definition().name, environment.into());
            }
            None => drop(remove_key(document, None, SettingKey::Environment.definition().name)),
        }
        Ok(())
    })
}

/// Removes the stack from the project file at `path`; returns whether there was one. An empty file is removed.
pub(crate) fn unlink<'p>(target: impl Into<EditTarget<'p>>) -> Result<bool> {
    let target = target.into();
    refuse_link(target.path)?;
    let mut found = false;
    edit_shared(target, |document| {
        found = remove_key(document, None, SettingKey::Stack.definition().name)
            | remove_key(document, None, SettingKey::Environment.definition().name);
        Ok(())
    })?;
    Ok(found)
}

/// A cloned repository must not choose which file is written: its link may lead anywhere.
fn refuse_link(path: &Path) -> Result<()> {
    if path.is_symlink() {
        return Err(Error::new(Kind::Config, format!("{} is a symbolic link and is not written", path.display()))
            .hint("remove it, or change the file it leads to by hand"));
    }
    Ok(())
}

fn allowed() -> Vec<&'static str> {
    SETTINGS.iter().filter(|definition| definition.in_project).map(|definition| definition.name).collect()
}

// A copy of a config file has its tokens further down, so every level is checked.
fn refuse_forbidden(path: &Path, table: &Table) -> Result<()> {
    for (name, value) in table {
        if let Some((_, why)) = FORBIDDEN.iter().find(|(forbidden, _)| forbidden == name) {
            return Err(Error::new(Kind::Config, format!("{} must not have {name}", path.display()))
                .cause(*why)
                .hint("keep it in a profile of the configuration file: c66 config path"));
        }
        refuse_within(path, value)?;
    }
    Ok(())
}

fn refuse_within(path: &Path, value: &Value) -> Result<()> {
    match value {
        Value::Table(inner) => refuse_forbidden(path, inner),
        Value::Array(items) => items.iter().try_for_each(|item| refuse_within(path, item)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;

    use super::*;

    fn find(text: &str) -> Result<Option<Project>> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE_NAME), text).unwrap();
        let below = folder.path().join("src/deep");
        fs::create_dir_all(&below).unwrap();
        Project::find(&below)
    }

    #[test]
    fn the_nearest_file_above_applies() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        assert!(Project::find(&inner).unwrap().is_none());
        fs::write(folder.path().join(FILE_NAME), "stack = 'outer'").unwrap();
        assert_eq!(Project::find(&inner).unwrap().unwrap().get(SettingKey::Stack), Some("outer"));
        fs::write(inner.join(FILE_NAME), "environment = 'production'").unwrap();
        let project = Project::find(&inner).unwrap().unwrap();
        assert_eq!((project.get(SettingKey::Stack), project.get(SettingKey::Environment)), (None, Some("production")));
        assert_eq!(project.path, inner.join(FILE_NAME));
    }

    #[test]
    fn setting_and_removing_the_stack_keeps_everything_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let text = || fs::read_to_string(&path).unwrap();
        link(&path, "Shop", Some("staging")).unwrap();
        assert_eq!(text(), "stack = \"Shop\"\nenvironment = \"staging\"\n");
        assert!(unlink(&path).unwrap());
        assert!(!path.exists());
        assert!(!unlink(&path).unwrap());
        let before = "# Ours.\noutput = 'json' # for scripts\n\n# The shop.\nstack = 'a' # at home\n";
        fs::write(&path, before).unwrap();
        link(&path, "b", None).unwrap();
        assert_eq!(text(), before.replace("'a'", "\"b\""));
        assert!(unlink(&path).unwrap());
        assert!(text().contains("# Ours.\noutput = 'json' # for scripts\n") && !text().contains("stack ="));
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [FILE_NAME], "nothing lies beside what is committed");
        fs::write(&path, "[x]\ntoken = 's3cret'\n").unwrap();
        assert_eq!(link(&path, "b", None).unwrap_err().kind(), Kind::Config);
        assert!(!text().contains('b'));
    }

    #[cfg(unix)]
    #[test]
    fn a_project_file_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        link(&path, "a", None).unwrap();
        // The umask of the test process decides about the rest.
        assert_eq!(mode() & 0o600, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        link(&path, "b", None).unwrap();
        assert_eq!(mode(), 0o640);
    }

    #[test]
    fn a_forbidden_key_is_an_error_with_a_reason_and_without_the_value() {
        for (name, why) in FORBIDDEN {
            for text in [
                format!("{name} = 's3cret'"),
                format!("[profiles.default]\n{name} = ['s3cret']"),
                format!("[[a.b]]\n{name} = 's3cret'"),
            ] {
                let error = find(&text).unwrap_err();
                assert_eq!(error.kind(), Kind::Config);
                assert!(error.message().ends_with(&format!("{FILE_NAME} must not have {name}")), "{error}");
                assert_eq!(error.cause_text(), Some(why));
                assert!(!format!("{error:?}").contains("s3cret"));
            }
        }
    }

    #[test]
    fn an_unknown_key_is_ignored_with_a_warning() {
        let project = find("stack = 'a'\naccount = '12'\n").unwrap().unwrap();
        assert_eq!(project.values, [(SettingKey::Stack, "a".to_owned())]);
        assert_eq!(project.warnings.len(), 1);
        assert!(
            project.warnings[0].ends_with(
                "account is ignored; a project file may have profile, stack, environment, output, read_only"
            )
        );
    }

    #[test]
    fn a_broken_file_is_reported_with_line_and_column() {
        let error = find("stack = 'a'\n  output = = 'json'\n").unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.message().ends_with("is not valid TOML (line 2, column 12)"), "{error}");
        assert!(find("stack = ['a']").unwrap_err().message().ends_with("stack is not a string"));
    }
}
