//! Reads the config file.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::keys::{SETTINGS, SettingKey};
use super::token::StoredToken;
use crate::error::{Error, Kind, Result};
use crate::files::bounded;

/// Maximum size, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The content of the config file.
#[derive(Clone, Default)]
pub(crate) struct ConfigFile {
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
    /// Reads the file; a missing file is empty.
    ///
    /// # Errors
    /// If it cannot be read, or is not TOML of the right structure: then with line and column.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        Self::of_table(path, read_table(path)?.unwrap_or_default())
    }

    /// Parses a text as the file.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self> {
        Self::of_table(path, parse_table(path, text)?)
    }

    fn of_table(path: &Path, table: Table) -> Result<Self> {
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

    /// The texts of a table of the top level.
    pub(super) fn texts_of(&self, name: &str) -> Result<Vec<(String, String)>> {
        let Some(value) = self.table.get(name) else { return Ok(Vec::new()) };
        let table = value.as_table().ok_or_else(|| self.wrong(&format!("{name} is not a table")))?;
        let text = |(key, value): (&String, &Value)| match scalar(value) {
            Some(text) => Ok((key.clone(), text)),
            None => Err(self.wrong(&format!("{name}.{key} is not a string"))),
        };
        table.iter().map(text).collect()
    }

    /// Its path; the file may not exist.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The names of its profiles, sorted.
    pub(crate) fn profile_names(&self) -> impl Iterator<Item = &str> {
        self.table.get("profiles").and_then(Value::as_table).into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// Every setting of the file: its profile, if any, its key and its text.
    pub(crate) fn values(&self) -> Result<Vec<(Option<&str>, SettingKey, String)>> {
        let mut values = Vec::new();
        for profile in std::iter::once(None).chain(self.profile_names().map(Some)) {
            for definition in &SETTINGS {
                let name = if profile.is_none() { definition.top_level_name() } else { definition.name };
                values.extend(self.text(profile, name)?.map(|text| (profile, definition.key, text)));
            }
            if let Some(profile) = profile {
                self.token(profile)?;
            }
        }
        Ok(values)
    }

    /// The value of `key` in a profile or at the top level; an empty string counts as unset.
    pub(super) fn text(&self, profile: Option<&str>, key: &str) -> Result<Option<String>> {
        let Some(value) = self.level(profile).and_then(|table| table.get(key)) else { return Ok(None) };
        let text = scalar(value).ok_or_else(|| self.wrong(&format!("{} is not a string", dotted(profile, key))))?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// The token entry of a profile.
    pub(super) fn token(&self, profile: &str) -> Result<StoredToken> {
        let level = self.level(Some(profile));
        let value = |key| level.and_then(|table| table.get(key));
        // A profile for a CloudMC may use CloudMC's own name for it.
        let stored = ["token", "api_key"].into_iter().find_map(|key| Some((key, value(key)?)));
        match (stored, value("token_command")) {
            (None, None) => Ok(StoredToken::None),
            (Some((_, Value::String(token))), None) => Ok(StoredToken::Text(token.clone())),
            (Some((key, _)), None) => Err(self.wrong(&format!("{} is not a string", dotted(Some(profile), key)))),
            (None, Some(Value::Array(words))) if !words.is_empty() && words.iter().all(Value::is_str) => {
                Ok(StoredToken::Command(words.iter().filter_map(Value::as_str).map(str::to_owned).collect()))
            }
            (None, Some(_)) => {
                let name = dotted(Some(profile), "token_command");
                Err(self
                    .wrong(&format!("{name} is not a list of strings"))
                    .hint("use a form such as [\"op\", \"read\", \"x\"]"))
            }
            (Some(_), Some(_)) => Err(self
                .wrong(&format!("profile \"{profile}\" has both token and token_command"))
                .hint("remove one of the two")),
        }
    }

    /// Whether there is a token outside all profiles, where it is ignored.
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

/// The text of a string, number or boolean.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Boolean(flag) => Some(flag.to_string()),
        Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
    }
}

/// Reads a TOML file; `None` if it does not exist.
pub(super) fn read_table(path: &Path) -> Result<Option<Table>> {
    read_text(path)?.map(|text| parse_table(path, &text)).transpose()
}

pub(super) fn parse_table(path: &Path, text: &str) -> Result<Table> {
    text.parse().map_err(|error: toml::de::Error| toml_error(path, text, error.span(), error.message()))
}

/// Reads a text file; `None` if it does not exist.
pub(super) fn read_text(path: &Path) -> Result<Option<String>> {
    // It may be a pipe from a program that manages tokens.
    let bytes = match bounded::read_named(path, MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            return Err(Error::new(Kind::Config, format!("{} is larger than 16 MiB", path.display())));
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(Error::local_file(format!("read {}", path.display()), &error)),
    };
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| Error::new(Kind::Config, format!("{} is not valid UTF-8", path.display())))
}

/// The error for invalid TOML. The line is not quoted: it may have a token.
pub(super) fn toml_error(path: &Path, text: &str, span: Option<Range<usize>>, message: &str) -> Error {
    let before = span.and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&character| character != '\n').count() + 1;
    Error::new(Kind::Config, format!("{} is not valid TOML (line {line}, column {column})", path.display()))
        .cause(message.lines().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::config::edit::tests::{add, folder};
    use crate::test_text::text_from;

    #[test]
    fn a_missing_file_is_empty() {
        let (_folder, path) = folder();
        let file = ConfigFile::load(&path).unwrap();
        assert_eq!(file.profile_names().count(), 0);
        assert_eq!(file.text(None, "stack").unwrap(), None);
        assert!(!path.parent().unwrap().exists());
    }

    #[test]
    fn a_broken_file_is_reported_with_its_position_and_not_changed() {
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
                assert!(error.cause_text().is_some());
                assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_wrong_structure_is_reported() {
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
        assert_eq!(message("[profiles.a]\nstack = [1]"), "profiles.a.stack is not a string");
        assert_eq!(message("[profiles.a]\ntoken = ['s3cret']"), "profiles.a.token is not a string");
        assert_eq!(
            message("[profiles.a]\ntoken_command = 's3cret'"),
            "profiles.a.token_command is not a list of strings"
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

    const FRAGMENTS: &[&str] = &[
        "[profiles.a]",
        "[profiles]",
        "[[profiles]]",
        "profiles",
        "token",
        "token_command",
        "stack",
        "timeout",
        "=",
        "\n",
        "\"",
        "'",
        "\"\"\"",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        "1",
        "1979-05-27",
        "true",
        "\\u",
        "#",
        "\u{feff}",
        "\r\n",
        " ",
        "s3cret",
    ];

    proptest! {
        #[test]
        fn no_text_upsets_it_or_is_quoted(text in text_from(FRAGMENTS)) {
            let path = Path::new("config.toml");
            let read = ConfigFile::parse(path, &text).and_then(|file| {
                file.values()?;
                file.token("a").map(drop)
            });
            if let Err(error) = read {
                prop_assert_eq!(error.kind(), Kind::Config);
                prop_assert!(error.message().starts_with("config.toml"), "{}", error);
            }
            if let Ok(table) = parse_table(path, &text) {
                // What is valid TOML here is valid for the editor of the file, or it is refused.
                let _ = crate::config::project::Project::of_text(path, &text).map(|project| project.values.len() <= table.len());
            }
        }
    }
}
