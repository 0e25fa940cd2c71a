//! Sets and removes settings and tokens in the config file.

use toml_edit::Value;

use super::document::{remove_key, set_value};
use super::edit::{EditTarget, edit};
use super::keys::{Provider, SettingKey, ValueType};
use super::profiles::{DEFAULT_PROFILE_KEY, profile_or_new, use_profile};
use super::token::Secret;
use crate::error::{Error, Kind, Result};
use crate::text::parse::parse_bool;

/// Sets `key` in a profile, which is created if missing, or without one at the top level.
///
/// # Errors
/// A usage error if the setting is unknown, cannot be set this way, or the value is invalid; else as [`edit`].
pub(crate) fn set<'p>(target: impl Into<EditTarget<'p>>, profile: Option<&str>, key: &str, text: &str) -> Result<()> {
    let (name, new) = match (key.replace('-', "_").as_str(), profile) {
        ("token", _) => return Err(Error::usage("cannot set a token with config set").hint("use c66 auth login")),
        ("profile" | DEFAULT_PROFILE_KEY, _) => return use_profile(target, text),
        ("token_command", None) => {
            return Err(Error::usage("token_command belongs to a profile").hint("pass --profile NAME"));
        }
        ("token_command", Some(_)) => ("token_command", command_value(text)?),
        _ => {
            let key = SettingKey::from_name(key)?;
            (key.definition().name, typed_value(key, text)?)
        }
    };
    edit(target, |document| match profile {
        None => {
            set_value(document.as_table_mut(), name, new);
            Ok(())
        }
        Some(profile) => {
            let table = profile_or_new(document, profile)?;
            if name == "token_command" && table.contains_key("token") {
                return Err(Error::new(Kind::Config, format!("profile \"{profile}\" has a stored token"))
                    .hint("remove it first: c66 auth logout"));
            }
            set_value(table, name, new);
            Ok(())
        }
    })
}

/// Removes `key` from a profile or from the top level; returns whether it was there.
///
/// # Errors
/// A usage error if the setting is unknown or cannot be removed this way; else as [`edit`].
pub(crate) fn unset<'p>(target: impl Into<EditTarget<'p>>, profile: Option<&str>, key: &str) -> Result<bool> {
    let (profile, name) = match key.replace('-', "_").as_str() {
        "token" => return Err(Error::usage("cannot remove a token with config unset").hint("use c66 auth logout")),
        "token_command" => (profile, "token_command"),
        "profile" | DEFAULT_PROFILE_KEY => (None, DEFAULT_PROFILE_KEY),
        _ => (profile, SettingKey::from_name(key)?.definition().name),
    };
    let mut found = false;
    edit(target, |document| {
        found = remove_key(document, profile, name);
        Ok(())
    })?;
    Ok(found)
}

/// Stores a token in a profile, which is created if missing, instead of its token or `token_command`; with `api_url`,
/// stores that address too.
pub(crate) fn set_token<'p>(
    target: impl Into<EditTarget<'p>>,
    profile: &str,
    token: &Secret,
    api_url: Option<&str>,
) -> Result<()> {
    edit(target, |document| {
        remove_key(document, Some(profile), "token_command");
        let table = profile_or_new(document, profile)?;
        set_value(table, "token", token.expose().into());
        if let Some(api_url) = api_url {
            set_value(table, SettingKey::ApiUrl.definition().name, api_url.into());
        }
        Ok(())
    })
}

/// Stores the command that prints the token of a profile, which is created if missing, instead of its token; with
/// `api_url`, stores that address too.
pub(crate) fn set_token_command<'p>(
    target: impl Into<EditTarget<'p>>,
    profile: &str,
    words: &[String],
    api_url: Option<&str>,
) -> Result<()> {
    edit(target, |document| {
        for stale in ["token", "api_key"] {
            remove_key(document, Some(profile), stale);
        }
        let table = profile_or_new(document, profile)?;
        set_value(table, "token_command", words.iter().collect::<toml_edit::Array>().into());
        if let Some(api_url) = api_url {
            set_value(table, SettingKey::ApiUrl.definition().name, api_url.into());
        }
        Ok(())
    })
}

/// Removes the `token_command` of a profile if it consists of these words; returns whether it did.
pub(crate) fn remove_token_command<'p>(
    target: impl Into<EditTarget<'p>>,
    profile: &str,
    words: &[String],
) -> Result<bool> {
    let mut found = false;
    edit(target, |document| {
        let command = document.get("profiles").and_then(|profiles| profiles.get(profile)?.get("token_command"));
        let array = command.and_then(toml_edit::Item::as_array);
        found = array.is_some_and(|array| array.iter().map(Value::as_str).eq(words.iter().map(|word| Some(&**word))));
        if found {
            remove_key(document, Some(profile), "token_command");
        }
        Ok(())
    })?;
    Ok(found)
}

/// Stores the API key and address of a `CloudMC` in a profile, which is created if missing, and marks it as one for
/// that API.
pub(crate) fn set_cloudmc_key<'p>(
    target: impl Into<EditTarget<'p>>,
    profile: &str,
    key: &Secret,
    endpoint: &str,
) -> Result<()> {
    edit(target, |document| {
        for stale in ["token_command", "api_key", "endpoint"] {
            remove_key(document, Some(profile), stale);
        }
        let table = profile_or_new(document, profile)?;
        set_value(table, SettingKey::Provider.definition().name, Provider::CloudMc.name().into());
        set_value(table, SettingKey::ApiUrl.definition().name, endpoint.into());
        set_value(table, "token", key.expose().into());
        Ok(())
    })
}

/// Removes the stored token of a profile; returns whether there was one. A `token_command` stays.
pub(crate) fn remove_token<'p>(target: impl Into<EditTarget<'p>>, profile: &str) -> Result<bool> {
    let mut found = false;
    edit(target, |document| {
        let removed = ["token", "api_key"].map(|key| remove_key(document, Some(profile), key));
        found = removed.contains(&true);
        Ok(())
    })?;
    Ok(found)
}

fn typed_value(key: SettingKey, text: &str) -> Result<Value> {
    let definition = key.definition();
    definition.check(text)?;
    let unreadable = |why: &dyn std::fmt::Display| Error::internal(format!("{} {text}: {why}", definition.name));
    match definition.value_type {
        ValueType::Text => Ok(text.into()),
        ValueType::Bool => Ok(parse_bool(text).map_err(|why| unreadable(&why))?.into()),
        ValueType::Number => Ok(text.parse::<i64>().map_err(|why| unreadable(&why))?.into()),
    }
}

fn command_value(text: &str) -> Result<Value> {
    let parsed = text.trim().parse::<Value>().ok();
    let words = parsed
        .filter(|value| value.as_array().is_some_and(|words| !words.is_empty() && words.iter().all(Value::is_str)));
    words.ok_or_else(|| {
        Error::usage("token_command is not a list of strings").hint("use a form such as '[\"op\", \"read\", \"x\"]'")
    })
}

#[cfg(test)]
pub(super) mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::config::file::ConfigFile;

    pub(in crate::config) const SAMPLE: &str = "\
# My own notes.

default_profile = \"work\" # for now

# The company's.
[profiles.work] # first
token = \"s3cret\"
# Where the shop runs.
stack = \"Shop\" # in Europe
mystery = [1, 2]

[profiles.home]
account = 12
";

    pub(in crate::config) fn sample() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, SAMPLE).unwrap();
        (folder, path)
    }

    pub(in crate::config) fn after(change: impl FnOnce(&Path)) -> String {
        let (_folder, path) = sample();
        change(&path);
        ConfigFile::load(&path).unwrap();
        fs::read_to_string(&path).unwrap()
    }

    #[test]
    fn setting_a_value_keeps_everything_else() {
        let text = after(|path| {
            set(path, Some("work"), "stack", "Other").unwrap();
            set(path, Some("work"), "no-input", "yes").unwrap();
            set(path, Some("home"), "concurrency", "4").unwrap();
            set(path, None, "timeout", "45m").unwrap();
        });
        let expected = SAMPLE
            .replace("\"Shop\"", "\"Other\"")
            .replace("mystery = [1, 2]\n", "mystery = [1, 2]\nno_input = true\n")
            .replace("account = 12\n", "account = 12\nconcurrency = 4\n")
            .replace("# for now\n", "# for now\ntimeout = \"45m\"\n");
        assert_eq!(text, expected);
    }

    #[test]
    fn unsetting_keeps_the_comments_above() {
        let text = after(|path| assert!(unset(path, Some("work"), "stack").unwrap()));
        assert_eq!(text, SAMPLE.replace("stack = \"Shop\" # in Europe\n", ""));
        let text = after(|path| assert!(unset(path, None, "default_profile").unwrap()));
        assert_eq!(text, SAMPLE.replace("\ndefault_profile = \"work\" # for now\n", ""));
        let text = after(|path| {
            assert!(remove_token(path, "work").unwrap());
            assert!(unset(path, Some("work"), "stack").unwrap());
        });
        assert_eq!(text, SAMPLE.replace("token = \"s3cret\"\n", "").replace("stack = \"Shop\" # in Europe\n", ""));
        assert_eq!(after(|path| assert!(!unset(path, Some("gone"), "stack").unwrap())), SAMPLE);
    }

    #[test]
    fn a_profile_is_created_when_first_needed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let token = Secret::new("abc", &"from stdin").unwrap();
        set_token(&path, "default", &token, Some("https://c66.test")).unwrap();
        set(&path, Some("ci"), "token_command", r#"["op", "read", "x"]"#).unwrap();
        let expected = "[profiles.default]\ntoken = \"abc\"\napi_url = \"https://c66.test\"\n\n\
            [profiles.ci]\ntoken_command = [\"op\", \"read\", \"x\"]\n";
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        set_token(&path, "ci", &token, None).unwrap();
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            expected.replace("token_command = [\"op\", \"read\", \"x\"]", "token = \"abc\"")
        );
    }

    #[test]
    fn invalid_settings_are_refused_and_nothing_is_written() {
        let text = after(|path| {
            let refused = |profile, key, value| set(path, profile, key, value).unwrap_err();
            assert_eq!(refused(Some("work"), "token", "x").hints(), ["use c66 auth login"]);
            assert_eq!(refused(None, "stakc", "x").hints()[0], "did you mean stack?");
            assert_eq!(refused(None, "concurrency", "-1").message(), "invalid value `-1` for concurrency");
            assert_eq!(refused(None, "no_input", "maybe").message(), "invalid value `maybe` for no_input");
            assert_eq!(refused(None, "provider", "aws").cause_text(), Some("use cloud66 or cloudmc"));
            assert_eq!(refused(Some("a b"), "stack", "x").message(), "invalid profile name \"a b\"");
            for command in ["op read x", "[]", "[1]", "[\"op\", 1]", "\"op\""] {
                let error = refused(Some("home"), "token_command", command);
                assert_eq!(error.message(), "token_command is not a list of strings");
            }
            assert!(refused(None, "token_command", "[\"op\"]").message().contains("belongs to a profile"));
            assert!(refused(Some("work"), "token_command", "[\"op\"]").message().contains("has a stored token"));
            assert!(refused(None, "profile", "wrok").hints()[0].contains("work"));
            assert!(unset(path, Some("work"), "token").is_err());
        });
        assert_eq!(text, SAMPLE);
    }
}
