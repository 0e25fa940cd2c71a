//! The table of settings: each is declared once, with its type, its default and its sources.

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use super::setting::{EnvVar, Provider, Setting, SettingDef, SettingKey, SettingType, ValueType};
use crate::error::{Error, Result};
use crate::text::output_format::{ColorChoice, Format};
use crate::text::similar::closest;

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
pub(crate) const READ_ONLY: Setting<bool> =
    Setting::new(SettingKey::ReadOnly, "read_only", "refuse writes; any level can switch it on")
        .variable("C66_READ_ONLY", "1: refuse writes")
        .in_project()
        .any_yes()
        .default("false");
pub(crate) const CSV_SAFE: Setting<bool> =
    Setting::new(SettingKey::CsvSafe, "csv_safe", "in csv and tsv, put an apostrophe before formulas")
        .flag("--csv-safe")
        .variable("C66_CSV_SAFE", "1: put an apostrophe before formulas in csv and tsv")
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

pub(crate) const PAGER: Setting<String> =
    Setting::new(SettingKey::Pager, "pager", "pager for long output on a terminal; cat for none")
        .flag("--no-pager")
        .variable("C66_PAGER", "pager for long output on a terminal; cat for none");

/// Every setting, in the order of [`SettingKey`].
pub(crate) static SETTINGS: [SettingDef; 20] = [
    PROFILE.def,
    STACK.def,
    ENVIRONMENT.def,
    ACCOUNT.def,
    OUTPUT.def,
    COLOR.def,
    NO_INPUT.def,
    READ_ONLY.def,
    CSV_SAFE.def,
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
    PAGER.def,
];

impl SettingKey {
    /// Everything about this setting that does not change.
    pub(crate) fn definition(self) -> &'static SettingDef {
        &SETTINGS[self as usize]
    }

    /// Finds a setting by name; words may be separated by `-` or `_`.
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_keys_and_every_default_can_be_read() {
        for definition in &SETTINGS {
            assert_eq!(definition.key.definition().name, definition.name);
            for default in
                [definition.default(Provider::Cloud66), definition.default(Provider::CloudMc)].into_iter().flatten()
            {
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
