//! The settings of this run, each with its source, and the token on request. [`resolve`](super::resolve) finds them.

use std::time::Duration;

use super::file::ConfigFile;
use super::keys::{Provider, SETTINGS, Setting, SettingDef, SettingKey, SettingType};
use super::levels::{Origin, RawSetting};
use super::profiles::{ProfileInfo, profile, profiles, unknown_profile};
use super::token::{self, Secret, StoredToken, TOKEN_COMMAND_TIMEOUT, TokenSource};
use super::variables::ProcessEnv;
use crate::error::{Error, Kind, Result};

/// Shown instead of a token.
pub(crate) const MASK: &str = "********";

/// A value and its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SettingValue<'s> {
    /// The value as it was written.
    pub(crate) text: &'s str,
    /// Its source.
    pub(crate) origin: &'s Origin,
}

/// The settings of this run.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(super) values: Vec<Option<RawSetting>>,
    pub(super) variables: ProcessEnv,
    pub(super) file: ConfigFile,
    pub(super) profile: String,
    pub(super) provider: Provider,
    pub(super) warnings: Vec<String>,
}

impl Settings {
    /// A value and its source; `None` if it is unset and has no default.
    pub(crate) fn get(&self, key: SettingKey) -> Option<SettingValue<'_>> {
        let setting = self.values[key as usize].as_ref()?;
        Some(SettingValue { text: &setting.text, origin: &setting.origin })
    }

    /// The aliases of the config file: word and line.
    pub(crate) fn aliases(&self) -> Result<Vec<(String, String)>> {
        self.file.aliases()
    }

    /// The typed value.
    ///
    /// # Errors
    /// A usage error with the setting, the source of the value, and what is allowed.
    pub(crate) fn value<T: SettingType>(&self, setting: &Setting<T>) -> Result<Option<T>> {
        let Some(raw) = &self.values[setting.def.key as usize] else { return Ok(None) };
        setting.parse(&raw.text).map(Some).map_err(|why| refused(&setting.def, raw, why))
    }

    /// The typed value of a setting with a default.
    ///
    /// # Errors
    /// As [`Settings::value`].
    pub(crate) fn required<T: SettingType>(&self, setting: &Setting<T>) -> Result<T> {
        self.value(setting)?.ok_or_else(|| Error::internal(format!("{} has no default", setting.def.name)))
    }

    /// The current profile; `default` may not exist.
    pub(crate) fn profile_name(&self) -> &str {
        &self.profile
    }

    /// Every profile of the config file.
    pub(crate) fn profiles(&self) -> Vec<ProfileInfo> {
        profiles(&self.file, &self.profile)
    }

    /// A profile of the config file, or the current one, which may not exist.
    ///
    /// # Errors
    /// A usage error if it does not exist.
    pub(crate) fn profile_named(&self, name: &str) -> Result<ProfileInfo> {
        if name == self.profile || self.file.profile_names().any(|candidate| candidate == name) {
            Ok(profile(&self.file, name, &self.profile))
        } else {
            Err(unknown_profile(name, self.file.profile_names()))
        }
    }

    /// The API of the profile.
    pub(crate) fn provider(&self) -> Provider {
        self.provider
    }

    /// The environment of this process.
    pub(crate) fn variables(&self) -> &ProcessEnv {
        &self.variables
    }

    /// Warnings about the files.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The API token and its source. May run the `token_command` of the profile, so call it once, and only when a token
    /// is needed.
    ///
    /// # Errors
    /// An auth error if there is no token, it is malformed, or its command fails; a config error if the entries of the
    /// profile are invalid.
    pub(crate) fn token(&self) -> Result<(Secret, TokenSource)> {
        self.token_within(TOKEN_COMMAND_TIMEOUT)
    }

    /// The API token, unless it needs a `token_command`.
    ///
    /// # Errors
    /// An auth error if there is none.
    pub(crate) fn token_without_command(&self) -> Result<Secret> {
        match token::from_variables(&self.variables, self.provider)? {
            None if matches!(self.file.token(&self.profile)?, StoredToken::Command(_)) => {
                Err(Error::new(Kind::Auth, "the token comes from a command"))
            }
            Some((secret, _)) => Ok(secret),
            None => self.token().map(|(secret, _)| secret),
        }
    }

    fn token_within(&self, limit: Duration) -> Result<(Secret, TokenSource)> {
        if let Some(found) = token::from_variables(&self.variables, self.provider)? {
            return Ok(found);
        }
        let stored = self.file.token(&self.profile)?;
        token::from_profile(stored, &self.profile, self.file.path(), limit)?.ok_or_else(|| {
            let (missing, login, variable) = match self.provider {
                Provider::Cloud66 => ("no API token", "c66 auth login", "C66_TOKEN"),
                Provider::CloudMc => ("no API key", "c66 cloudmc login", "CLOUDMC_API_KEY"),
            };
            Error::new(Kind::Auth, missing)
                .hint(login)
                .hint(format!("set {variable}"))
                .hint("c66 --sandbox … needs none")
        })
    }

    /// Every setting by name, and the token as [`MASK`], with their sources, for `c66 config list`.
    pub(crate) fn all(&self) -> Vec<(&'static str, Option<String>, Origin)> {
        let row = |definition: &SettingDef| match &self.values[definition.key as usize] {
            Some(setting) => (definition.name, Some(setting.text.clone()), setting.origin.clone()),
            None => (definition.name, None, Origin::Default),
        };
        let mut rows: Vec<_> = SETTINGS.iter().map(row).collect();
        let token = self.token_origin();
        rows.push(("token", token.is_some().then(|| MASK.to_owned()), token.unwrap_or(Origin::Default)));
        rows
    }

    fn token_origin(&self) -> Option<Origin> {
        let mut names = token::variables(self.provider).iter().copied();
        if let Some(name) = names.find(|name| self.variables.get_os(name).is_some()) {
            Some(Origin::Variable(name))
        } else if matches!(self.file.token(&self.profile), Ok(StoredToken::None)) {
            None
        } else {
            Some(Origin::Profile { name: self.profile.clone(), path: self.file.path().to_owned() })
        }
    }
}

pub(super) fn refused(definition: &SettingDef, setting: &RawSetting, why: String) -> Error {
    let RawSetting { text, origin } = setting;
    Error::usage(format!("invalid value {text:?} for {} (from {origin})", definition.name)).cause(why)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::config::resolve::tests::Home;

    #[test]
    fn a_cloudmc_profile_has_no_default_address_and_no_token_of_cx() {
        let home = Home::new("[profiles.default]\nprovider = 'cloudmc'", "");
        let settings = home.resolve(&[], &[("CLOUD66_TOKEN", "s3cret")]).unwrap();
        assert_eq!(settings.provider(), Provider::CloudMc);
        assert!(settings.get(SettingKey::ApiUrl).is_none());
        assert!(settings.token().is_err());
        assert_eq!(settings.all().last().unwrap().1, None);
    }

    #[test]
    fn the_environment_overrides_a_stored_token_and_says_so() {
        let home = Home::new("[profiles.default]\ntoken = 'stored-s3cret'", "");
        let (token, source) = home.resolve(&[], &[("C66_TOKEN", "s3cret")]).unwrap().token().unwrap();
        assert_eq!((token.expose(), source.to_string().as_str()), ("s3cret", "from C66_TOKEN"));
        let (token, source) = home.resolve(&[], &[]).unwrap().token().unwrap();
        let expected = format!("from profile \"default\" in {}", home.config().display());
        assert_eq!((token.expose(), source.to_string()), ("stored-s3cret", expected));
    }

    #[test]
    fn no_view_of_the_settings_shows_a_token() {
        let home = Home::new("[profiles.default]\ntoken = 's3cret'\nstack = 'x'", "");
        let settings = home.resolve(&[], &[("CLOUD66_TOKEN", "s3cret")]).unwrap();
        assert!(!format!("{settings:?} {:?} {:#?}", settings.token(), settings.all()).contains("s3cret"));
        let row = settings.all().pop().unwrap();
        assert_eq!(row, ("token", Some(MASK.to_owned()), Origin::Variable("CLOUD66_TOKEN")));
        assert_eq!(home.resolve(&[], &[]).unwrap().all().pop().unwrap().2.to_string(), "profile default");
    }

    #[cfg(unix)]
    #[test]
    fn a_token_command_runs_only_when_a_token_is_needed() {
        let home = Home::new("", "");
        let trace = home.0.path().join("ran");
        let script = format!("touch '{}'; echo abc", trace.display());
        std::fs::write(home.config(), format!("[profiles.default]\ntoken_command = ['sh', '-c', \"{script}\"]"))
            .unwrap();
        let settings = home.resolve(&[], &[]).unwrap();
        assert_eq!(settings.all().last().unwrap().1.as_deref(), Some(MASK));
        assert!(!trace.exists());
        let (token, source) = settings.token().unwrap();
        assert_eq!((token.expose(), source), ("abc", TokenSource::Command { profile: "default".to_owned() }));
        assert!(trace.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_token_command_that_hangs_is_ended() {
        let home = Home::new("[profiles.default]\ntoken_command = ['sleep', '60']", "");
        let error = home.resolve(&[], &[]).unwrap().token_within(Duration::from_millis(20)).unwrap_err();
        assert_eq!(error.kind(), Kind::Auth);
    }
}
