//! The profiles of the config file: listing, switching, renaming and removing them.

use toml_edit::{DocumentMut, Item, Table, TableLike};

use super::document::{remove_key, remove_profile_table, set_value};
use super::edit::{EditTarget, edit};
use super::file::ConfigFile;
use super::keys::{SETTINGS, SettingDef, SettingKey};
use super::token::StoredToken;
use crate::error::{Error, Kind, Result};
use crate::text::similar::{by_similarity, closest};

/// The key of the default profile.
pub(super) const DEFAULT_PROFILE_KEY: &str = "default_profile";

/// The profile that is used if none is named.
pub(super) const DEFAULT_PROFILE: &str = "default";

/// The source of a profile's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// None.
    None,
    /// The config file.
    Stored,
    /// A command prints it.
    Command,
    /// An invalid entry.
    Invalid,
}

/// A profile, without its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProfileInfo {
    /// Its name.
    pub(crate) name: String,
    /// Whether it is the current one.
    pub(crate) is_current: bool,
    /// The source of its token.
    pub(crate) token: TokenKind,
    /// Its settings, in the order of their table.
    pub(crate) settings: Vec<(SettingKey, String)>,
}

impl ProfileInfo {
    /// The value of a setting.
    pub(crate) fn get(&self, key: SettingKey) -> Option<&str> {
        self.settings.iter().find(|(candidate, _)| *candidate == key).map(|(_, text)| text.as_str())
    }
}

/// Every profile of the file by name; `current` is the current one.
pub(super) fn profiles(file: &ConfigFile, current: &str) -> Vec<ProfileInfo> {
    file.profile_names().map(|name| profile(file, name, current)).collect()
}

/// A profile of the file; a missing one is empty.
pub(super) fn profile(file: &ConfigFile, name: &str, current: &str) -> ProfileInfo {
    let setting = |definition: &SettingDef| {
        let own = definition.cloudmc.and_then(|own| file.text(Some(name), own.name).ok().flatten());
        let text = file.text(Some(name), definition.name).ok().flatten().or(own)?;
        Some((definition.key, text))
    };
    ProfileInfo {
        name: name.to_owned(),
        is_current: name == current,
        token: match file.token(name) {
            Ok(StoredToken::None) => TokenKind::None,
            Ok(StoredToken::Text(_)) => TokenKind::Stored,
            Ok(StoredToken::Command(_)) => TokenKind::Command,
            Err(_) => TokenKind::Invalid,
        },
        settings: SETTINGS
            .iter()
            .filter(|definition| definition.key != SettingKey::Profile)
            .filter_map(setting)
            .collect(),
    }
}

/// The error for a missing profile, with the existing ones, the most similar first.
pub(super) fn unknown_profile<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Error {
    let names = by_similarity(name, names);
    let error = Error::usage(format!("profile \"{name}\" not found"));
    let error = match closest(name, names.iter().copied()) {
        Some(closest) => error.hint(format!("did you mean {closest}?")),
        None => error,
    };
    if names.is_empty() {
        error.cause("there are no profiles")
    } else {
        error.hint(format!("available: {}", names.join(", ")))
    }
}

/// Makes a profile the default.
///
/// # Errors
/// A usage error if it does not exist; else as [`edit`].
pub(crate) fn use_profile<'p>(target: impl Into<EditTarget<'p>>, name: &str) -> Result<()> {
    edit(target, |document| {
        require_profile(document, name)?;
        set_value(document.as_table_mut(), DEFAULT_PROFILE_KEY, name.into());
        Ok(())
    })
}

/// Renames a profile; if it is the default, it stays so.
///
/// # Errors
/// A usage error if it does not exist, or the new name exists or is invalid; else as [`edit`].
pub(crate) fn rename<'p>(target: impl Into<EditTarget<'p>>, from: &str, to: &str) -> Result<()> {
    check_name(to)?;
    edit(target, |document| {
        require_profile(document, from)?;
        let profiles = profiles_table(document)?;
        if profiles.contains_key(to) {
            return Err(Error::usage(format!("profile \"{to}\" already exists")));
        }
        if let Some(profile) = profiles.remove(from) {
            profiles.insert(to, profile);
        }
        if is_default(document, from) {
            set_value(document.as_table_mut(), DEFAULT_PROFILE_KEY, to.into());
        }
        Ok(())
    })
}

/// Removes a profile; if it was the default, there is none afterwards.
///
/// # Errors
/// A usage error if it does not exist; else as [`edit`].
pub(crate) fn remove<'p>(target: impl Into<EditTarget<'p>>, name: &str) -> Result<()> {
    edit(target, |document| {
        require_profile(document, name)?;
        remove_profile_table(document, name);
        if is_default(document, name) {
            remove_key(document, None, DEFAULT_PROFILE_KEY);
        }
        Ok(())
    })
}

fn check_name(name: &str) -> Result<()> {
    let fits = |character: char| character.is_alphanumeric() || "-_.@".contains(character);
    if name.starts_with(char::is_alphanumeric) && name.chars().all(fits) {
        return Ok(());
    }
    Err(Error::usage(format!("invalid profile name {name:?}"))
        .hint("use letters, digits, -, _, . and @; start with a letter or digit"))
}

fn is_default(document: &DocumentMut, name: &str) -> bool {
    document.get(DEFAULT_PROFILE_KEY).and_then(Item::as_str).unwrap_or(DEFAULT_PROFILE) == name
}

fn require_profile(document: &DocumentMut, name: &str) -> Result<()> {
    let profiles = document.get("profiles").and_then(Item::as_table_like);
    if profiles.is_some_and(|profiles| profiles.contains_key(name)) {
        return Ok(());
    }
    Err(unknown_profile(name, profiles.into_iter().flat_map(TableLike::iter).map(|(name, _)| name)))
}

fn profiles_table(document: &mut DocumentMut) -> Result<&mut dyn TableLike> {
    let empty = || {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    };
    let profiles = document.entry("profiles").or_insert_with(empty);
    profiles.as_table_like_mut().ok_or_else(|| Error::new(Kind::Config, "profiles is not a table"))
}

/// The table of a profile, created if missing.
pub(super) fn profile_or_new<'d>(document: &'d mut DocumentMut, name: &str) -> Result<&'d mut dyn TableLike> {
    check_name(name)?;
    let profile = profiles_table(document)?.entry(name).or_insert_with(toml_edit::table);
    profile.as_table_like_mut().ok_or_else(|| Error::new(Kind::Config, format!("profiles.{name} is not a table")))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;

    use super::*;
    use crate::config::change::tests::{SAMPLE, after, sample};
    use crate::config::change::{set, unset};

    #[test]
    fn other_ways_to_write_a_profile_are_read() {
        for text in
            ["profiles = { a = { stack = \"x\" } }\n", "profiles.a.stack = \"x\"\n", "[profiles]\na.stack = \"x\"\n"]
        {
            let (_folder, path) = sample();
            fs::write(&path, text).unwrap();
            set(&path, Some("a"), "output", "json").unwrap();
            set(&path, Some("b"), "output", "yaml").unwrap();
            assert!(unset(&path, Some("a"), "stack").unwrap());
            rename(&path, "a", "c").unwrap();
            let file = ConfigFile::load(&path).unwrap();
            assert_eq!(file.text(Some("c"), "output").unwrap().as_deref(), Some("json"), "{text}");
            assert_eq!(file.text(Some("b"), "output").unwrap().as_deref(), Some("yaml"), "{text}");
            remove(&path, "b").unwrap();
            remove(&path, "c").unwrap();
        }
    }

    #[test]
    fn profiles_are_chosen_renamed_and_removed() {
        let text = after(|path| use_profile(path, "home").unwrap());
        assert_eq!(text, SAMPLE.replace("= \"work\" #", "= \"home\" #"));
        let text = after(|path| rename(path, "work", "shop").unwrap());
        assert_eq!(text, SAMPLE.replace("= \"work\" #", "= \"shop\" #").replace("profiles.work", "profiles.shop"));
        let text = after(|path| remove(path, "work").unwrap());
        assert_eq!(text, "# My own notes.\n\n[profiles.home]\naccount = 12\n");
        let text = after(|path| {
            assert!(rename(path, "work", "home").unwrap_err().message().contains("already exists"));
            assert_eq!(remove(path, "hmoe").unwrap_err().hints(), ["did you mean home?", "available: home, work"]);
        });
        assert_eq!(text, SAMPLE);
    }

    #[test]
    fn a_renamed_default_profile_stays_the_default() {
        let (_folder, path) = sample();
        fs::write(&path, "[profiles.default]\nstack = 'x'\n").unwrap();
        rename(&path, "default", "work").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "default_profile = \"work\"\n[profiles.work]\nstack = 'x'\n");
        remove(&path, "work").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap().trim(), "");
    }

    #[test]
    fn the_head_of_the_file_stays_without_the_first_profile() {
        let (_folder, path) = sample();
        fs::write(&path, "# Notes.\n\n# Mine.\n[profiles.a]\nstack = 'x'\n\n[profiles.b]\n").unwrap();
        remove(&path, "a").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap().trim_end(), "# Notes.\n\n\n[profiles.b]");
        fs::write(&path, "# Notes.\n\n[profiles.a]\nstack = 'x'\n").unwrap();
        remove(&path, "a").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "# Notes.\n");
    }

    #[test]
    fn profiles_are_listed_without_their_tokens() {
        let (_folder, path) = sample();
        let infos = profiles(&ConfigFile::load(&path).unwrap(), "work");
        assert_eq!(infos.iter().map(|info| info.name.as_str()).collect::<Vec<_>>(), ["home", "work"]);
        assert_eq!((infos[0].token, infos[1].token), (TokenKind::None, TokenKind::Stored));
        assert_eq!(infos[0].get(SettingKey::Account), Some("12"));
        assert_eq!(infos[1].settings, [(SettingKey::Stack, "Shop".to_owned())]);
        assert!(infos[1].is_current && !infos[0].is_current);
        assert!(!format!("{infos:?}").contains("s3cret"));
    }
}
