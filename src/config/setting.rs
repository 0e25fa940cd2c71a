//! Describes a setting: its name, its sources, its type and its default.

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
    /// The profile of the config file.
    Profile,
    /// The stack.
    Stack,
    /// The environment of the stack.
    Environment,
    /// The account.
    Account,
    /// The output format.
    Output,
    /// Whether output is coloured.
    Color,
    /// Whether prompts are disabled.
    NoInput,
    /// Whether writes are refused.
    ReadOnly,
    /// Whether formulas in CSV and TSV get an apostrophe.
    CsvSafe,
    /// Address of the API, without its path.
    ApiUrl,
    /// File with additional root certificates.
    CaCert,
    /// Connection timeout.
    ConnectTimeout,
    /// Timeout for a reply.
    HttpTimeout,
    /// Maximum number of parallel requests.
    Concurrency,
    /// Maximum time to wait for remote work.
    Timeout,
    /// Fixed time between two polls.
    PollInterval,
    /// The API of the profile.
    Provider,
    /// The organization of a `CloudMC`.
    Org,
    /// The service of a `CloudMC`.
    Service,
    /// The pager.
    Pager,
}

/// The TOML type of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueType {
    /// A string.
    Text,
    /// A non-negative integer.
    Number,
    /// `true` or `false`.
    Bool,
}

/// What a setting can hold.
pub(crate) trait SettingType: Sized {
    /// Its type in files.
    const VALUE_TYPE: ValueType = ValueType::Text;

    /// Parses a value.
    ///
    /// # Errors
    /// What is allowed.
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

/// A number of parallel operations.
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

/// Differences in a profile for a `CloudMC`.
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
    /// Summary in one line.
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
    /// Whether any level can switch it on, whatever a higher level says: a setting that can only restrict.
    pub(crate) any_yes: bool,
    /// Its type in files.
    pub(crate) value_type: ValueType,
    /// Differences in a profile for a `CloudMC`.
    pub(crate) cloudmc: Option<CloudMcSetting>,
    /// The default.
    default: Option<&'static str>,
    /// The default in a profile for a `CloudMC`.
    cloudmc_default: Option<&'static str>,
    /// Summary in one line.
    pub(crate) help: &'static str,
    check: fn(&str) -> Result<(), String>,
}

impl SettingDef {
    /// Its name at the top level of the configuration file.
    pub(crate) fn top_level_name(&self) -> &'static str {
        if self.key == SettingKey::Profile { "default_profile" } else { self.name }
    }

    /// The default.
    pub(crate) fn default(&self, provider: Provider) -> Option<&'static str> {
        match provider {
            Provider::Cloud66 => self.default,
            Provider::CloudMc => self.cloudmc_default,
        }
    }

    /// Checks a value.
    ///
    /// # Errors
    /// A usage error that says what is allowed.
    pub(crate) fn check(&self, text: &str) -> Result<()> {
        (self.check)(text).map_err(|why| Error::usage(format!("invalid value `{text}` for {}", self.name)).cause(why))
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

    /// Sets the default for all profiles.
    pub(super) const fn default(mut self, text: &'static str) -> Self {
        self.def.default = Some(text);
        self.def.cloudmc_default = Some(text);
        self
    }

    /// The default in a profile for a `CloudMC`.
    pub(super) const fn cloudmc_default(mut self, text: Option<&'static str>) -> Self {
        self.def.cloudmc_default = text;
        self
    }

    /// Parses a value.
    ///
    /// # Errors
    /// What is allowed.
    #[expect(clippy::unused_self, reason = "it says what is read")]
    pub(crate) fn parse(&self, text: &str) -> Result<T, String> {
        T::parse(text)
    }

    /// The help of its flag, with the default.
    pub(crate) fn with_default(&self, help: &str) -> String {
        let default = self.def.default.map(|default| format!(" [default: {default}]"));
        help.to_owned() + &default.unwrap_or_default()
    }

    /// Checks the value of a flag and returns it unchanged.
    ///
    /// # Errors
    /// What is allowed.
    pub(crate) fn check_flag(text: &str) -> Result<String, String> {
        T::parse(text).map(|_| text.to_owned())
    }
}

/// The API of a profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Provider {
    /// Cloud 66.
    #[default]
    Cloud66,
    /// A `CloudMC` installation.
    CloudMc,
}

impl Provider {
    /// Its word in files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Provider::Cloud66 => "cloud66",
            Provider::CloudMc => "cloudmc",
        }
    }
}
