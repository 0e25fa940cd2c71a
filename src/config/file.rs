//! The configuration file: reading it, and changing it without losing a comment, a key or a change of somebody else.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::{Table, Value};
use toml_edit::DocumentMut;

use super::paths::create_private_folder;
use super::token::StoredToken;
use crate::error::{Error, Kind, Result};

/// What the configuration file says.
#[derive(Clone, Default)]
pub struct ConfigFile {
    path: PathBuf,
    table: Table,
}

// The values include tokens, so only names are shown.
impl fmt::Debug for ConfigFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let profiles: Vec<_> = self.profile_names().collect();
        formatter
            .debug_struct("ConfigFile")
            .field("path", &self.path)
            .field("profiles", &profiles)
            .finish_non_exhaustive()
    }
}

impl ConfigFile {
    /// Reads the file; one that does not exist says nothing.
    ///
    /// # Errors
    /// When it cannot be read, or is not TOML of the right structure: then with line and column.
    pub fn load(path: &Path) -> Result<Self> {
        let table = read_table(path)?.unwrap_or_default();
        let file = Self { path: path.to_owned(), table };
        match file.table.get("profiles") {
            None => {}
            Some(Value::Table(profiles)) => {
                if let Some((name, _)) = profiles.iter().find(|(_, profile)| !profile.is_table()) {
                    return Err(file.wrong(&format!("profiles.{name} is not a table")));
                }
            }
            Some(_) => return Err(file.wrong("profiles is not a table")),
        }
        Ok(file)
    }

    /// Where it is, or would be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of its profiles, sorted.
    pub fn profile_names(&self) -> impl Iterator<Item = &str> {
        self.table.get("profiles").and_then(Value::as_table).into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// What a profile, or without one the top level, says about `key`; an empty text says nothing.
    pub(super) fn text(&self, profile: Option<&str>, key: &str) -> Result<Option<String>> {
        let Some(value) = self.level(profile).and_then(|table| table.get(key)) else { return Ok(None) };
        let text = scalar(value).ok_or_else(|| self.wrong(&format!("{} is not a text", dotted(profile, key))))?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// What a profile says about its token.
    pub(super) fn token(&self, profile: &str) -> Result<StoredToken> {
        let level = self.level(Some(profile));
        let value = |key| level.and_then(|table| table.get(key));
        // A profile for a CloudMC may call it what that does.
        let stored = ["token", "api_key"].into_iter().find_map(|key| Some((key, value(key)?)));
        match (stored, value("token_command")) {
            (None, None) => Ok(StoredToken::None),
            (Some((_, Value::String(token))), None) => Ok(StoredToken::Text(token.clone())),
            (Some((key, _)), None) => Err(self.wrong(&format!("{} is not a text", dotted(Some(profile), key)))),
            (None, Some(Value::Array(words))) if !words.is_empty() && words.iter().all(Value::is_str) => {
                Ok(StoredToken::Command(words.iter().filter_map(Value::as_str).map(str::to_owned).collect()))
            }
            (None, Some(_)) => {
                let name = dotted(Some(profile), "token_command");
                Err(self
                    .wrong(&format!("{name} is not a list of texts"))
                    .hint("write it like [\"op\", \"read\", \"x\"]"))
            }
            (Some(_), Some(_)) => Err(self
                .wrong(&format!("profile \"{profile}\" has both token and token_command"))
                .hint("remove one of the two")),
        }
    }

    /// Whether a token stands where none is looked for: outside all profiles.
    pub(super) fn has_stray_token(&self) -> bool {
        self.table.contains_key("token") || self.table.contains_key("token_command")
    }

    fn level(&self, profile: Option<&str>) -> Option<&Table> {
        match profile {
            None => Some(&self.table),
            Some(name) => self.table.get("profiles")?.get(name)?.as_table(),
        }
    }

    fn wrong(&self, what: &str) -> Error {
        Error::new(Kind::Config, format!("{}: {what}", self.path.display()))
    }
}

fn dotted(profile: Option<&str>, key: &str) -> String {
    profile.map_or_else(|| key.to_owned(), |profile| format!("profiles.{profile}.{key}"))
}

/// The text of a string, number or truth value.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Boolean(flag) => Some(flag.to_string()),
        Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
    }
}

/// Reads a TOML file; nothing when it does not exist.
pub(super) fn read_table(path: &Path) -> Result<Option<Table>> {
    let Some(text) = read_text(path)? else { return Ok(None) };
    text.parse().map(Some).map_err(|error: toml::de::Error| broken(path, &text, error.span(), error.message()))
}

fn read_text(path: &Path) -> Result<Option<String>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(Error::local_file(format!("read {}", path.display()), &error)),
    };
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| Error::new(Kind::Config, format!("{} is not a text in UTF-8", path.display())))
}

/// The error for a file that is not TOML. The line itself is not quoted: it may hold a token.
fn broken(path: &Path, text: &str, span: Option<Range<usize>>, message: &str) -> Error {
    let before = span.and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&character| character != '\n').count() + 1;
    Error::new(Kind::Config, format!("{} is not valid TOML (line {line}, column {column})", path.display()))
        .cause(message.lines().collect::<Vec<_>>().join(", "))
}

/// Changes the configuration file, creating it and its folder for the user alone when they are missing.
///
/// Of several programs that do this at once each sees the change of the one before. A symbolic link stays: the file
/// it leads to is replaced.
///
/// # Errors
/// When `change` refuses, the file is not valid TOML, or it cannot be written; in each case it stays as it was.
pub fn edit(path: &Path, change: impl FnOnce(&mut DocumentMut) -> Result<()>) -> Result<()> {
    let file = follow(path);
    let failed = |error: io::Error| Error::local_file(format!("write {}", file.display()), &error);
    let folder = file.parent().unwrap_or(Path::new("."));
    create_private_folder(folder)?;
    if fs::metadata(&file).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(Error::new(Kind::Config, format!("{} is not a regular file", file.display())));
    }
    let lock = open_lock(&file).map_err(failed)?;
    lock.lock().map_err(failed)?;
    let text = read_text(&file)?.unwrap_or_default();
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| broken(&file, &text, error.span(), error.message()))?;
    change(&mut document)?;
    let changed = document.to_string();
    if changed == text {
        return Ok(());
    }
    if let Err(error) = changed.parse::<Table>() {
        return Err(Error::internal(format!("the change would break {}", file.display())).cause(error.message()));
    }
    replace(&file, folder, &changed).map_err(failed)
}

/// Writes the whole text to a new file, which is the user's alone from its first moment, and puts it in place.
fn replace(file: &Path, folder: &Path, text: &str) -> io::Result<()> {
    let mut temporary = tempfile::Builder::new().prefix(".config-").suffix(".toml").tempfile_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    temporary.as_file().sync_all()?;
    temporary.persist(file)?;
    Ok(())
}

/// The lock lies beside the file, since the file itself is replaced while the lock is held.
fn open_lock(file: &Path) -> io::Result<fs::File> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file.with_file_name(name))
}

/// The file that a symbolic link leads to, or the path itself.
fn follow(path: &Path) -> PathBuf {
    match fs::read_link(path) {
        // The target may be missing still, and then has no canonical path.
        Ok(target) => fs::canonicalize(path).unwrap_or_else(|_| path.with_file_name(target)),
        Err(_) => path.to_owned(),
    }
}

/// What to tell the user when others can read or write the file, with the command that ends it.
#[cfg(unix)]
#[must_use]
pub fn loose_permissions(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    (metadata.permissions().mode() & 0o066 != 0)
        .then(|| format!("other users can get at {}; type: chmod 600 {}", path.display(), quoted(path)))
}

/// Nothing: below the user's profile a file is the user's own.
#[cfg(not(unix))]
#[must_use]
pub fn loose_permissions(_path: &Path) -> Option<String> {
    None
}

#[cfg(unix)]
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |character: char| character.is_alphanumeric() || "/._-+@%,:".contains(character);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/c66/config.toml");
        (folder, path)
    }

    fn add(path: &Path, key: &str) -> Result<()> {
        edit(path, |document| {
            document[key] = toml_edit::value(1);
            Ok(())
        })
    }

    #[test]
    fn a_missing_file_says_nothing() {
        let (_folder, path) = folder();
        let file = ConfigFile::load(&path).unwrap();
        assert_eq!(file.profile_names().count(), 0);
        assert_eq!(file.text(None, "stack").unwrap(), None);
        assert!(!path.parent().unwrap().exists());
    }

    #[test]
    fn a_broken_file_is_told_with_its_place_and_never_touched() {
        let (_folder, path) = folder();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        for (text, place) in [
            ("[profiles.a]\ntoken = \"s3cret\nstack = 'x'\n", "(line 2, column 16)"),
            ("a = 1\na = 2\n", "(line 2, column 1)"),
            ("\n\n  token = s3cret\n", "(line 3, column 11)"),
        ] {
            fs::write(&path, text).unwrap();
            for error in [ConfigFile::load(&path).unwrap_err(), add(&path, "b").unwrap_err()] {
                assert_eq!(error.kind(), Kind::Config);
                assert!(error.message().ends_with(&format!("config.toml is not valid TOML {place}")), "{error}");
                assert!(error.why().is_some());
                assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_wrong_structure_is_told() {
        let (_folder, path) = folder();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let message = |text: &str| {
            fs::write(&path, text).unwrap();
            let error = ConfigFile::load(&path).and_then(|file| {
                file.text(Some("a"), "stack")?;
                file.token("a").map(drop)
            });
            let error = error.unwrap_err();
            assert!(!format!("{error:?}").contains("s3cret"));
            error.message().split_once("config.toml: ").unwrap().1.to_owned()
        };
        assert_eq!(message("profiles = 1"), "profiles is not a table");
        assert_eq!(message("[profiles]\na = 1"), "profiles.a is not a table");
        assert_eq!(message("[profiles.a]\nstack = [1]"), "profiles.a.stack is not a text");
        assert_eq!(message("[profiles.a]\ntoken = ['s3cret']"), "profiles.a.token is not a text");
        assert_eq!(
            message("[profiles.a]\ntoken_command = 's3cret'"),
            "profiles.a.token_command is not a list of texts"
        );
        assert_eq!(
            message("[profiles.a]\ntoken = 's3cret'\ntoken_command = ['x']"),
            "profile \"a\" has both token and token_command"
        );
    }

    #[test]
    fn a_byte_order_mark_and_windows_line_ends_are_read() {
        let (_folder, path) = folder();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "\u{feff}stack = 'a'\r\ntimeout = 90\r\n").unwrap();
        add(&path, "b").unwrap();
        let file = ConfigFile::load(&path).unwrap();
        assert_eq!(file.text(None, "stack").unwrap().as_deref(), Some("a"));
        assert_eq!(file.text(None, "timeout").unwrap().as_deref(), Some("90"));
    }

    #[test]
    fn two_that_edit_at_once_lose_nothing() {
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
    fn what_is_no_regular_file_is_not_replaced() {
        let (folder, _) = folder();
        let error = add(folder.path(), "a").unwrap_err();
        assert!(error.message().ends_with("is not a regular file"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn file_and_folder_are_for_the_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, path) = folder();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        add(&path, "a").unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(loose_permissions(&path), None);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let warning = loose_permissions(&path).unwrap();
        assert!(warning.ends_with(&format!("type: chmod 600 {}", path.display())), "{warning}");
        add(&path, "b").unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(loose_permissions(Path::new("/dev/null")), None);
        assert_eq!(quoted(Path::new("/a b/it's")), "'/a b/it'\\''s'");
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
