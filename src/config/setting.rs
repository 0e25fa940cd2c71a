//! What a setting is: its name, where it may be set, its type and its default.

use std::marker::PhantomData;
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::text::output_format::{ColorChoice, Format};
use crate::text::parse::{parse_bool, parse_duration};

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SettingKey {
    /// Which profile of the configuration file applies.
    Profile,
    /// The stack to act on.
    Stack,
    /// The environment of that stack.
    Environment,
    /// The account to act for.
    Account,
    /// The output format.
    Output,
    /// Whether output is coloured.
    Color,
    /// Whether questions are forbidden.
    NoInput,
    /// Whether writes are refused.
    ReadOnly,
    /// Whether CSV and TSV are made safe for spreadsheets.
    CsvSafe,
    /// Address of the API, without its path.
    ApiUrl,
    /// File with further root certificates.
    CaCert,
    /// Time limit for making a connection.
    ConnectTimeout,
    /// Time limit for a reply.
    HttpTimeout,
    /// How many requests may be in flight at once.
    Concurrency,
    /// How long to wait for remote work.
    Timeout,
    /// Fixed time between two polls of remote work.
    PollInterval,
    /// Which API the profile is for.
    Provider,
    /// The organization of a `CloudMC` to call for.
    Org,
    /// The service of a `CloudMC` to act in.
    Service,
}

/// The TOML type that a setting has in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueType {
    /// A string.
    Text,
    /// An integer that is not negative.
    Number,
    /// `true` or `false`.
    Bool,
}

/// What a setting can hold.
pub(crate) trait SettingType: Sized {
    /// Its type in files.
    const VALUE_TYPE: ValueType = ValueType::Text;

    /// Reads a value as it was typed.
    ///
    /// # Errors
    /// What it must be.
    fn parse(text: &str) -> Result<Self, String>;
}

impl SettingType for String {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

impl SettingType for PathBuf {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.into())
    }
}

impl SettingType for bool {
    const VALUE_TYPE: ValueType = ValueType::Bool;

    fn parse(text: &str) -> Result<Self, String> {
        parse_bool(text)
    }
}

impl SettingType for Duration {
    fn parse(text: &str) -> Result<Self, String> {
        parse_duration(text)
    }
}

impl SettingType for Format {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse()
    }
}

impl SettingType for ColorChoice {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse()
    }
}

/// How many things may happen at once.
impl SettingType for NonZero<usize> {
    const VALUE_TYPE: ValueType = ValueType::Number;

    fn parse(text: &str) -> Result<Self, String> {
        const MAX: usize = 64;
        let number = text.parse::<Self>().ok().filter(|number| number.get() <= MAX);
        number.ok_or_else(|| format!("use a whole number from 1 to {MAX}"))
    }
}

impl SettingType for Provider {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "cloud66" => Ok(Provider::Cloud66),
            "cloudmc" => Ok(Provider::CloudMc),
            _ => Err("use cloud66 or cloudmc".to_owned()),
        }
    }
}

/// What is different where the profile is for a `CloudMC`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CloudMcSetting {
    /// The environment variable that sets it there.
    pub(crate) variable: EnvVar,
    /// Its other name in files.
    pub(crate) name: &'static str,
}

/// An environment variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EnvVar {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it does, in one line.
    pub(crate) help: &'static str,
}

/// Everything about a setting but its type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SettingDef {
    /// The setting.
    pub(crate) key: SettingKey,
    /// Its name in files and in `c66 config`.
    pub(crate) name: &'static str,
    /// The flag that sets it.
    pub(crate) flag: Option<&'static str>,
    /// The environment variable that sets it.
    pub(crate) variable: Option<EnvVar>,
    /// Whether a project file may set it.
    pub(crate) in_project: bool,
    /// Whether a yes from anywhere counts, whatever a stronger level says: a setting that can only tighten.
    pub(crate) any_yes: bool,
    /// Its type in files.
    pub(crate) value_type: ValueType,
    /// What is different where the profile is for a `CloudMC`.
    pub(crate) cloudmc: Option<CloudMcSetting>,
    /// What holds when nothing sets it.
    default: Option<&'static str>,
    /// What holds instead where the profile is for a `CloudMC`.
    cloudmc_default: Option<&'static str>,
    /// What it does, in one line.
    pub(crate) help: &'static str,
    check: fn(&str) -> Result<(), String>,
}

impl SettingDef {
    /// Its name at the top level of the configuration file.
    pub(crate) fn top_level_name(&self) -> &'static str {
        if self.key == SettingKey::Profile { "default_profile" } else { self.name }
    }

    /// What holds when nothing sets it.
    pub(crate) fn default(&self, provider: Provider) -> Option<&'static str> {
        match provider {
            Provider::Cloud66 => self.default,
            Provider::CloudMc => self.cloudmc_default,
        }
    }

    /// Checks that a text can be its value.
    ///
    /// # Errors
    /// A usage error that says what it must be.
    pub(crate) fn check(&self, text: &str) -> Result<()> {
        (self.check)(text).map_err(|why| Error::usage(format!("{} cannot be `{text}`", self.name)).cause(why))
    }
}

/// A setting that holds a `T`.
pub(crate) struct Setting<T> {
    /// Everything about it but its type.
    pub(crate) def: SettingDef,
    holds: PhantomData<fn() -> T>,
}

impl<T: SettingType> Setting<T> {
    pub(super) const fn new(key: SettingKey, name: &'static str, help: &'static str) -> Self {
        let def = SettingDef {
            key,
            name,
            flag: None,
            variable: None,
            in_project: false,
            any_yes: false,
            value_type: T::VALUE_TYPE,
            cloudmc: None,
            default: None,
            cloudmc_default: None,
            help,
            check: |text| T::parse(text).map(drop),
        };
        Self { def, holds: PhantomData }
    }

    pub(super) const fn flag(mut self, flag: &'static str) -> Self {
        self.def.flag = Some(flag);
        self
    }

    pub(super) const fn variable(mut self, name: &'static str, help: &'static str) -> Self {
        self.def.variable = Some(EnvVar { name, help });
        self
    }

    pub(super) const fn in_project(mut self) -> Self {
        self.def.in_project = true;
        self
    }

    pub(super) const fn any_yes(mut self) -> Self {
        self.def.any_yes = true;
        self
    }

    pub(super) const fn cloudmc(mut self, variable: &'static str, help: &'static str, name: &'static str) -> Self {
        self.def.cloudmc = Some(CloudMcSetting { variable: EnvVar { name: variable, help }, name });
        self
    }

    /// What holds when nothing sets it, whatever the profile is for.
    pub(super) const fn default(mut self, text: &'static str) -> Self {
        self.def.default = Some(text);
        self.def.cloudmc_default = Some(text);
        self
    }

    /// What holds instead where the profile is for a `CloudMC`.
    pub(super) const fn cloudmc_default(mut self, text: Option<&'static str>) -> Self {
        self.def.cloudmc_default = text;
        self
    }

    /// Reads a value as it was typed.
    ///
    /// # Errors
    /// What it must be.
    #[expect(clippy::unused_self, reason = "it says what is read")]
    pub(crate) fn parse(&self, text: &str) -> Result<T, String> {
        T::parse(text)
    }

    /// The help of its flag, with the default behind it.
    pub(crate) fn with_default(&self, help: &str) -> String {
        let default = self.def.default.map(|default| format!(" [default: {default}]"));
        help.to_owned() + &default.unwrap_or_default()
    }

    /// Checks the value of a flag and keeps it as it was typed.
    ///
    /// # Errors
    /// What it must be.
    pub(crate) fn check_flag(text: &str) -> Result<String, String> {
        T::parse(text).map(|_| text.to_owned())
    }
}

/// Which API a profile is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Provider {
    /// Cloud 66.
    #[default]
    Cloud66,
    /// A `CloudMC` installation.
    CloudMc,
}

impl Provider {
    /// The word that stands for it in files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Provider::Cloud66 => "cloud66",
            Provider::CloudMc => "cloudmc",
        }
    }
}
