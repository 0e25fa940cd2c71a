//! The table of settings: each is declared once, with its type, its default and its sources.

use std::marker::PhantomData;
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::text::output_format::{ColorChoice, Format};
use crate::text::parse::{parse_bool, parse_duration};
use crate::text::similar::closest;

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
    const fn new(key: SettingKey, name: &'static str, help: &'static str) -> Self {
        let def = SettingDef {
            key,
            name,
            flag: None,
            variable: None,
            in_project: false,
            value_type: T::VALUE_TYPE,
            cloudmc: None,
            default: None,
            cloudmc_default: None,
            help,
            check: |text| T::parse(text).map(drop),
        };
        Self { def, holds: PhantomData }
    }

    const fn flag(mut self, flag: &'static str) -> Self {
        self.def.flag = Some(flag);
        self
    }

    const fn variable(mut self, name: &'static str, help: &'static str) -> Self {
        self.def.variable = Some(EnvVar { name, help });
        self
    }

    const fn in_project(mut self) -> Self {
        self.def.in_project = true;
        self
    }

    const fn cloudmc(mut self, variable: &'static str, help: &'static str, name: &'static str) -> Self {
        self.def.cloudmc = Some(CloudMcSetting { variable: EnvVar { name: variable, help }, name });
        self
    }

    /// What holds when nothing sets it, whatever the profile is for.
    const fn default(mut self, text: &'static str) -> Self {
        self.def.default = Some(text);
        self.def.cloudmc_default = Some(text);
        self
    }

    /// What holds instead where the profile is for a `CloudMC`.
    const fn cloudmc_default(mut self, text: Option<&'static str>) -> Self {
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

pub(crate) const PROFILE: Setting<String> =
    Setting::new(SettingKey::Profile, "profile", "profile of the configuration file to use")
        .flag("--profile")
        .variable("C66_PROFILE", "profile to use")
        .in_project()
        .default("default");
pub(crate) const STACK: Setting<String> =
    Setting::new(SettingKey::Stack, "stack", "stack to act on: UID, name or name@environment")
        .flag("--stack")
        .variable("C66_STACK", "stack to act on")
        .in_project();
pub(crate) const ENVIRONMENT: Setting<String> =
    Setting::new(SettingKey::Environment, "environment", "environment of the stack, or of a CloudMC")
        .flag("--environment")
        .variable("C66_ENVIRONMENT", "environment of the stack")
        .cloudmc("CLOUDMC_ENVIRONMENT", "environment of the CloudMC, where a command names none", "environment")
        .in_project();
pub(crate) const ACCOUNT: Setting<String> = Setting::new(SettingKey::Account, "account", "account to act for")
    .flag("--account")
    .variable("C66_ACCOUNT", "account to act for");
pub(crate) const OUTPUT: Setting<Format> = Setting::new(SettingKey::Output, "output", "output format")
    .flag("--output")
    .variable("C66_OUTPUT", "output format")
    .in_project()
    .default("table");
pub(crate) const COLOR: Setting<ColorChoice> = Setting::new(SettingKey::Color, "color", "auto, always or never")
    .flag("--color")
    .variable("C66_COLOR", "auto, always or never")
    .default("auto");
pub(crate) const NO_INPUT: Setting<bool> = Setting::new(SettingKey::NoInput, "no_input", "never prompt; fail instead")
    .flag("--no-input")
    .variable("C66_NO_INPUT", "1: never prompt")
    .default("false");
/// The parser of this one stands in [`http::client`](crate::http::client): its error must not quote a password.
pub(crate) const API_URL: Setting<String> =
    Setting::new(SettingKey::ApiUrl, "api_url", "address of the API, without its path")
        .flag("--api-url")
        .variable("C66_API_URL", "address of the API without its path")
        .cloudmc("CLOUDMC_ENDPOINT", "address of the CloudMC", "endpoint")
        .default("https://app.cloud66.com")
        // An installation of CloudMC has no address that could be guessed.
        .cloudmc_default(None);
pub(crate) const CA_CERT: Setting<PathBuf> =
    Setting::new(SettingKey::CaCert, "ca_cert", "file with further root certificates (PEM)")
        .flag("--ca-cert")
        .variable("C66_CA_CERT", "file with further root certificates (PEM)");
pub(crate) const CONNECT_TIMEOUT: Setting<Duration> =
    Setting::new(SettingKey::ConnectTimeout, "connect_timeout", "time limit for making a connection")
        .flag("--connect-timeout")
        .variable("C66_CONNECT_TIMEOUT", "time limit for making a connection")
        .default("10s");
pub(crate) const HTTP_TIMEOUT: Setting<Duration> =
    Setting::new(SettingKey::HttpTimeout, "http_timeout", "time limit for a reply")
        .flag("--http-timeout")
        .variable("C66_HTTP_TIMEOUT", "time limit for a reply")
        .default("60s")
        // What is read through a CloudMC comes from the cloud behind it, which takes its time.
        .cloudmc_default(Some("180s"));
pub(crate) const CONCURRENCY: Setting<NonZero<usize>> =
    Setting::new(SettingKey::Concurrency, "concurrency", "requests in flight at once")
        .flag("--concurrency")
        .variable("C66_CONCURRENCY", "requests in flight at once")
        .default("8");
pub(crate) const TIMEOUT: Setting<Duration> = Setting::new(
    SettingKey::Timeout,
    "timeout",
    "how long to wait for remote work; without it, each command has its own limit",
)
.flag("--timeout")
.variable("C66_TIMEOUT", "how long to wait for remote work");
pub(crate) const POLL_INTERVAL: Setting<Duration> =
    Setting::new(SettingKey::PollInterval, "poll_interval", "fixed time between two polls of remote work")
        .flag("--poll-interval")
        .variable("C66_POLL_INTERVAL", "fixed time between two polls of remote work");
pub(crate) const PROVIDER: Setting<Provider> =
    Setting::new(SettingKey::Provider, "provider", "which API the profile is for: cloud66 or cloudmc")
        .default("cloud66");
pub(crate) const ORG: Setting<String> = Setting::new(
    SettingKey::Org,
    "org",
    "organization of a CloudMC to call for: UUID, entry point or name",
)
.cloudmc("CLOUDMC_ORG_ID", "organization of the CloudMC to call for, as --org", "org");
pub(crate) const SERVICE: Setting<String> = Setting::new(
    SettingKey::Service,
    "service",
    "service of a CloudMC to act in, by its code",
)
.cloudmc("CLOUDMC_SERVICE", "service of the CloudMC, where a command names none", "service");

/// Every setting, in the order of [`SettingKey`].
pub(crate) static SETTINGS: [SettingDef; 17] = [
    PROFILE.def,
    STACK.def,
    ENVIRONMENT.def,
    ACCOUNT.def,
    OUTPUT.def,
    COLOR.def,
    NO_INPUT.def,
    API_URL.def,
    CA_CERT.def,
    CONNECT_TIMEOUT.def,
    HTTP_TIMEOUT.def,
    CONCURRENCY.def,
    TIMEOUT.def,
    POLL_INTERVAL.def,
    PROVIDER.def,
    ORG.def,
    SERVICE.def,
];

impl SettingKey {
    /// Everything about this setting that does not change.
    pub(crate) fn definition(self) -> &'static SettingDef {
        &SETTINGS[self as usize]
    }

    /// The setting of that name; blanks between words may be `-` or `_`.
    ///
    /// # Errors
    /// A usage error that suggests the nearest name.
    pub(crate) fn from_name(name: &str) -> Result<Self> {
        let wanted = name.replace('-', "_");
        let called = |definition: &&SettingDef| {
            definition.name == wanted || definition.cloudmc.is_some_and(|cloudmc| cloudmc.name == wanted)
        };
        if let Some(definition) = SETTINGS.iter().find(called) {
            return Ok(definition.key);
        }
        let names = || SETTINGS.iter().map(|definition| definition.name);
        let error = Error::usage(format!("unknown setting `{name}`"));
        let error = match closest(&wanted, names()) {
            Some(closest) => error.hint(format!("did you mean {closest}?")),
            None => error,
        };
        Err(error.hint(format!("available: {}", names().collect::<Vec<_>>().join(", "))))
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_keys_and_every_default_can_be_read() {
        for definition in &SETTINGS {
            assert_eq!(definition.key.definition().name, definition.name);
            for default in [definition.default, definition.cloudmc_default].into_iter().flatten() {
                definition.check(default).unwrap();
            }
        }
    }

    #[test]
    fn at_least_one_request_and_at_most_64_are_in_flight() {
        for (text, good) in [("1", true), ("64", true), ("0", false), ("65", false), ("-1", false), ("many", false)] {
            assert_eq!(CONCURRENCY.parse(text).is_ok(), good, "{text}");
        }
        assert_eq!(CONCURRENCY.def.check("0").unwrap_err().cause_text(), Some("use a whole number from 1 to 64"));
    }

    #[test]
    fn a_mistyped_name_gets_a_suggestion() {
        assert_eq!(SettingKey::from_name("api-url").unwrap(), SettingKey::ApiUrl);
        let error = SettingKey::from_name("api_ulr").unwrap_err();
        assert_eq!(error.message(), "unknown setting `api_ulr`");
        assert_eq!(error.hints()[0], "did you mean api_url?");
        assert!(error.hints()[1].contains("poll_interval"));
    }
}
