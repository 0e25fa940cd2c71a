//! The sources of a value, and their precedence.

use std::fmt;
use std::path::PathBuf;

use super::cx_project::CxProject;
use super::file::ConfigFile;
use super::keys::{Provider, SettingDef, SettingKey};
use super::project::Project;
use super::variables::ProcessEnv;
use crate::error::Result;
use crate::text::parse::parse_bool;

/// What to do if the chosen profile does not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MissingProfile {
    /// Fail: another profile may belong to another account.
    #[default]
    Fail,
    /// Warn, or fail if a flag named it: for the commands that repair it.
    Warn,
    /// Ignore it: it will be created.
    Create,
}

/// The flags of the command line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    values: Vec<(SettingKey, String)>,
    missing_profile: MissingProfile,
    provider: Option<Provider>,
}

impl Overrides {
    /// Records that a flag set `key`; a later one wins.
    pub(crate) fn set(&mut self, key: SettingKey, text: impl Into<String>) {
        self.values.push((key, text.into()));
    }

    /// Sets what to do if the chosen profile does not exist.
    pub(crate) fn on_missing_profile(&mut self, missing: MissingProfile) {
        self.missing_profile = missing;
    }

    /// What to do if the chosen profile does not exist.
    pub(crate) fn missing_profile(&self) -> MissingProfile {
        self.missing_profile
    }

    /// Marks the command as one for a `CloudMC`, whatever the current profile is.
    pub(crate) fn for_cloudmc(&mut self) {
        self.provider = Some(Provider::CloudMc);
    }

    /// Whether [`Overrides::for_cloudmc`] was called.
    pub(crate) fn is_for_cloudmc(&self) -> bool {
        self.provider == Some(Provider::CloudMc)
    }

    fn get(&self, key: SettingKey) -> Option<&str> {
        self.values.iter().rev().find(|(candidate, _)| *candidate == key).map(|(_, text)| text.as_str())
    }
}

/// The source of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A flag of the command line.
    Flag(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// The project file.
    Project(PathBuf),
    /// A profile of the config file.
    Profile {
        /// Name of the profile.
        name: String,
        /// The config file.
        path: PathBuf,
    },
    /// The top level of the config file, for all profiles.
    File(PathBuf),
    /// The default.
    Default,
}

impl Origin {
    /// Whether it was given for this command or shell, not by a file.
    pub(crate) fn is_explicit(&self) -> bool {
        matches!(self, Self::Flag(_) | Self::Variable(_))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(name) | Origin::Variable(name) => formatter.write_str(name),
            Origin::Project(path) | Origin::File(path) => write!(formatter, "{}", path.display()),
            Origin::Profile { name, .. } => write!(formatter, "profile {name}"),
            Origin::Default => formatter.write_str("default"),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct RawSetting {
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// Everything that can set a value, in order of precedence.
pub(super) struct SettingSources<'l> {
    pub(super) overrides: &'l Overrides,
    pub(super) variables: &'l ProcessEnv,
    pub(super) project: Option<&'l Project>,
    pub(super) cx: Option<&'l CxProject>,
    pub(super) file: &'l ConfigFile,
    pub(super) profile: &'l str,
    pub(super) provider: Provider,
}

impl SettingSources<'_> {
    /// The value with the highest precedence; of a setting that can only restrict, the highest level that is on.
    pub(super) fn find(&self, definition: &SettingDef) -> Result<Option<RawSetting>> {
        if definition.any_yes
            && let Some(yes) = self.find_yes(definition)?
        {
            return Ok(Some(yes));
        }
        self.find_strongest(definition)
    }

    /// The highest level that is not off; an invalid value is reported later.
    fn find_yes(&self, definition: &SettingDef) -> Result<Option<RawSetting>> {
        let (file, name) = (self.file, definition.name);
        let profile = Origin::Profile { name: self.profile.to_owned(), path: file.path().to_owned() };
        let variable = definition.variable.map(|variable| variable.name);
        let levels = [
            variable.map(|name| Ok((self.variables.get(name)?.map(str::to_owned), Origin::Variable(name)))),
            self.project.map(|project| {
                Ok((project.get(definition.key).map(str::to_owned), Origin::Project(project.path.clone())))
            }),
            Some(file.text(Some(self.profile), name).map(|text| (text, profile))),
            Some(file.text(None, name).map(|text| (text, Origin::File(file.path().to_owned())))),
        ];
        for level in levels.into_iter().flatten() {
            if let (Some(text), origin) = level?
                && parse_bool(&text) != Ok(false)
            {
                return Ok(Some(RawSetting { text, origin }));
            }
        }
        Ok(None)
    }

    fn find_strongest(&self, definition: &SettingDef) -> Result<Option<RawSetting>> {
        let setting = |text: &str, origin| Ok(Some(RawSetting { text: text.to_owned(), origin }));
        if let Some(text) = self.overrides.get(definition.key) {
            return setting(text, Origin::Flag(definition.flag.unwrap_or_default()));
        }
        // A value for one API must not reach the other.
        let own = definition.cloudmc.filter(|_| self.provider == Provider::CloudMc);
        if let Some(variable) = own.map(|own| own.variable).or(definition.variable)
            && let Some(text) = self.variables.get(variable.name)?
        {
            return setting(text, Origin::Variable(variable.name));
        }
        if own.is_none()
            && let Some(project) = self.project
            && let Some(text) = project.get(definition.key)
        {
            return setting(text, Origin::Project(project.path.clone()));
        }
        // Lowest in the project: our own file takes precedence.
        if definition.key == SettingKey::Stack
            && let Some(cx) = self.cx
        {
            return setting(&cx.stack, Origin::Project(cx.path.clone()));
        }
        if definition.key != SettingKey::Profile {
            for name in own.iter().map(|own| own.name).chain([definition.name]) {
                if let Some(text) = self.file.text(Some(self.profile), name)? {
                    let origin = Origin::Profile { name: self.profile.to_owned(), path: self.file.path().to_owned() };
                    return setting(&text, origin);
                }
            }
        }
        if own.is_none()
            && let Some(text) = self.file.text(None, definition.top_level_name())?
        {
            return setting(&text, Origin::File(self.file.path().to_owned()));
        }
        match definition.default(self.provider) {
            Some(text) => setting(text, Origin::Default),
            None => Ok(None),
        }
    }
}
