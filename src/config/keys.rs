//! The table of settings: the name of each, its flag, its variable and its default.

use crate::error::{Error, Result};
use crate::text::similar::closest;

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
    /// Fixed time between two looks at remote work.
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

/// Everything about a setting that does not change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SettingDef {
    /// The setting.
    pub(crate) key: SettingKey,
    /// Its name in files and in `c66 config`.
    pub(crate) name: &'static str,
    /// The flag that sets it.
    pub(crate) flag: Option<&'static str>,
    /// The environment variable that sets it.
    pub(crate) variable: Option<&'static str>,
    /// Whether a project file may set it.
    pub(crate) in_project: bool,
    /// Its type in files.
    pub(crate) value_type: ValueType,
    /// The environment variable that sets it instead, and its other name in files, where the profile is for a `CloudMC`.
    pub(crate) cloudmc: Option<(&'static str, &'static str)>,
    /// What holds when nothing sets it.
    pub(crate) default: Option<&'static str>,
    /// What it does, in one line.
    pub(crate) help: &'static str,
}

impl SettingDef {
    /// Its name at the top level of the configuration file.
    pub(crate) fn top_level_name(&self) -> &'static str {
        if self.key == SettingKey::Profile { "default_profile" } else { self.name }
    }

    const fn new(key: SettingKey, name: &'static str, help: &'static str) -> Self {
        Self {
            key,
            name,
            flag: None,
            variable: None,
            in_project: false,
            value_type: ValueType::Text,
            cloudmc: None,
            default: None,
            help,
        }
    }

    const fn from(mut self, flag: &'static str, variable: &'static str) -> Self {
        self.flag = Some(flag);
        self.variable = Some(variable);
        self
    }

    const fn in_project(mut self) -> Self {
        self.in_project = true;
        self
    }

    const fn cloudmc(mut self, variable: &'static str, name: &'static str) -> Self {
        self.cloudmc = Some((variable, name));
        self
    }

    const fn value_type(mut self, value_type: ValueType) -> Self {
        self.value_type = value_type;
        self
    }

    const fn default(mut self, text: &'static str) -> Self {
        self.default = Some(text);
        self
    }
}

/// Every setting, in the order of [`SettingKey`].
#[rustfmt::skip]
pub(crate) static SETTINGS: [SettingDef; 17] = [
    SettingDef::new(SettingKey::Profile, "profile", "profile of the configuration file to use")
        .from("--profile", "C66_PROFILE").in_project().default("default"),
    SettingDef::new(SettingKey::Stack, "stack", "stack to act on: UID, name or name@environment")
        .from("--stack", "C66_STACK").in_project(),
    SettingDef::new(SettingKey::Environment, "environment", "environment of the stack, or of a CloudMC")
        .from("--environment", "C66_ENVIRONMENT").in_project().cloudmc("CLOUDMC_ENVIRONMENT", "environment"),
    SettingDef::new(SettingKey::Account, "account", "account to act for")
        .from("--account", "C66_ACCOUNT"),
    SettingDef::new(SettingKey::Output, "output", "output format")
        .from("--output", "C66_OUTPUT").in_project().default("table"),
    SettingDef::new(SettingKey::Color, "color", "auto, always or never")
        .from("--color", "C66_COLOR").default("auto"),
    SettingDef::new(SettingKey::NoInput, "no_input", "never ask; fail instead")
        .from("--no-input", "C66_NO_INPUT").value_type(ValueType::Bool).default("false"),
    SettingDef::new(SettingKey::ApiUrl, "api_url", "address of the API, without its path")
        .from("--api-url", "C66_API_URL").cloudmc("CLOUDMC_ENDPOINT", "endpoint").default(CLOUD66_URL),
    SettingDef::new(SettingKey::CaCert, "ca_cert", "file with further root certificates (PEM)")
        .from("--ca-cert", "C66_CA_CERT"),
    SettingDef::new(SettingKey::ConnectTimeout, "connect_timeout", "time limit for making a connection")
        .from("--connect-timeout", "C66_CONNECT_TIMEOUT").default("10s"),
    SettingDef::new(SettingKey::HttpTimeout, "http_timeout", "time limit for a reply")
        .from("--http-timeout", "C66_HTTP_TIMEOUT").default("60s"),
    SettingDef::new(SettingKey::Concurrency, "concurrency", "requests in flight at once")
        .from("--concurrency", "C66_CONCURRENCY").value_type(ValueType::Number).default("8"),
    SettingDef::new(SettingKey::Timeout, "timeout", "how long to wait for remote work; without it, each command has its own limit")
        .from("--timeout", "C66_TIMEOUT"),
    SettingDef::new(SettingKey::PollInterval, "poll_interval", "fixed time between two looks at remote work")
        .from("--poll-interval", "C66_POLL_INTERVAL"),
    SettingDef::new(SettingKey::Provider, "provider", "which API the profile is for: cloud66 or cloudmc")
        .default("cloud66"),
    SettingDef::new(SettingKey::Org, "org", "organization of a CloudMC to call for: UUID, entry point or name")
        .cloudmc("CLOUDMC_ORG_ID", "org"),
    SettingDef::new(SettingKey::Service, "service", "service of a CloudMC to act in, by its code")
        .cloudmc("CLOUDMC_SERVICE", "service"),
];

/// Where Cloud 66 lives.
pub(crate) const CLOUD66_URL: &str = "https://app.cloud66.com";

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
            definition.name == wanted || definition.cloudmc.is_some_and(|(_, name)| name == wanted)
        };
        if let Some(definition) = SETTINGS.iter().find(called) {
            return Ok(definition.key);
        }
        let names = || SETTINGS.iter().map(|definition| definition.name);
        let error = Error::usage(format!("no setting is named \"{name}\""));
        let error = match closest(&wanted, names()) {
            Some(closest) => error.hint(format!("did you mean {closest}?")),
            None => error,
        };
        Err(error.hint(format!("the settings are {}", names().collect::<Vec<_>>().join(", "))))
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
    /// Reads the word of a file.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "cloud66" => Ok(Provider::Cloud66),
            "cloudmc" => Ok(Provider::CloudMc),
            _ => Err("use cloud66 or cloudmc".to_owned()),
        }
    }

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
    use crate::config::variables;

    #[test]
    fn the_table_is_in_the_order_of_the_keys_and_every_variable_is_documented() {
        for definition in &SETTINGS {
            assert_eq!(definition.key.definition().name, definition.name);
            let documented = |name| variables::VARIABLES.iter().any(|variable| variable.name == name);
            assert!(definition.variable.is_none_or(documented), "{}", definition.name);
            assert!(definition.cloudmc.is_none_or(|(variable, _)| documented(variable)), "{}", definition.name);
        }
    }

    #[test]
    fn a_mistyped_name_gets_a_suggestion() {
        assert_eq!(SettingKey::from_name("api-url").unwrap(), SettingKey::ApiUrl);
        let error = SettingKey::from_name("api_ulr").unwrap_err();
        assert_eq!(error.message(), "no setting is named \"api_ulr\"");
        assert_eq!(error.hints()[0], "did you mean api_url?");
        assert!(error.hints()[1].contains("poll_interval"));
    }
}
