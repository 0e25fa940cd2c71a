//! The environment variables of the program, and the only code that reads them. Those of settings are with their
//! settings.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use super::keys::{EnvVar, SETTINGS, SettingDef};
use crate::error::{Error, Result};
use crate::text::parse::parse_bool;

const fn variable(name: &'static str, help: &'static str) -> EnvVar {
    EnvVar { name, help }
}

/// The variables of the token.
const TOKENS: [EnvVar; 3] = [
    variable("C66_TOKEN", "API token; overrides every stored token"),
    variable(
        "CLOUD66_TOKEN",
        "CX's token variable, read when C66_TOKEN is not set: base64 of its token file, or a token",
    ),
    variable("CLOUDMC_API_KEY", "API key of a CloudMC; overrides every stored key"),
];

/// The variables that are neither settings nor tokens.
const OTHERS: &[EnvVar] = &[
    variable("C66_DEBUG", "1: trace requests on stderr, as --debug; 2: headers and bodies too"),
    variable("C66_CONFIG", "config file to use"),
    variable("C66_CONFIG_DIR", "folder of the config file config.toml"),
    variable("VISUAL", "editor of c66 config edit and c66 env edit"),
    variable("EDITOR", "editor, if VISUAL is not set"),
    variable("SHELL", "your shell, whose completion c66 doctor looks for"),
    variable("C66_SANDBOX", "1: run against the built-in sandbox, as --sandbox"),
    variable("C66_SANDBOX_STATE", "file that keeps the sandbox between commands"),
    variable("C66_SANDBOX_SPEED", "how many times faster than real time the sandbox works"),
    variable("C66_SSH", "ssh program to use instead of the one in PATH"),
    variable("C66_SSHD", "sshd program to use for the servers of the sandbox"),
    variable("SSH_ORIGINAL_COMMAND", "set by sshd on a server of the sandbox: what was asked for"),
    variable("C66_COMPLETION_TIMEOUT", "time limit for completing names [250ms]"),
    variable("C66_ASKED_BY_INSTALL", "set for the zsh that c66 completions --install asks for its folders"),
    variable("NO_COLOR", "any value: no colour"),
    variable("CLICOLOR_FORCE", "any value but 0: colour even off a terminal"),
    variable("FORCE_COLOR", "any value but 0: colour even off a terminal"),
    variable("CLICOLOR", "0: no colour"),
    variable("TERM", "dumb: no colour and no animation"),
    variable("COLUMNS", "width of tables on a terminal"),
    variable("LC_ALL", "a UTF-8 locale: marks such as ✓ on a terminal"),
    variable("LC_CTYPE", "the same, if LC_ALL is not set"),
    variable("LANG", "the same, if LC_CTYPE is not set either"),
    variable("PAGER", "pager for long output on a terminal, if C66_PAGER is not set"),
    variable("LESS", "options of less; FRX if not set"),
    variable("C66_CI", "github: groups and annotations in the log, as --ci"),
    variable("CI", "any value: no animation"),
    variable("XDG_CONFIG_HOME", "base folder of the config file (c66/config.toml)"),
    variable("XDG_STATE_HOME", "base folder for state (c66/)"),
    variable("XDG_RUNTIME_DIR", "base folder for the keys of servers while they are in use (c66/)"),
    variable("XDG_CACHE_HOME", "base folder for the cache (c66/)"),
    variable("SSL_CERT_FILE", "file of root certificates to trust instead of the system's"),
    variable("SSL_CERT_DIR", "folder of root certificates to trust instead of the system's"),
    variable("HTTPS_PROXY", "proxy for https addresses; https_proxy too"),
    variable("HTTP_PROXY", "proxy for http addresses; http_proxy too"),
    variable("ALL_PROXY", "proxy for all addresses; all_proxy too"),
    variable("NO_PROXY", "hosts that are reached without a proxy; no_proxy too"),
];

/// Every environment variable that the program reads, with its description, for `c66 help environment`.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, String)> {
    let as_flag = |definition: &'static SettingDef| {
        let variable = definition.variable?;
        let flag = definition.flag.map(|flag| format!(", as {flag}")).unwrap_or_default();
        Some((variable.name, format!("{}{flag}", variable.help)))
    };
    let of_cloudmc = |definition: &'static SettingDef| definition.cloudmc.map(|cloudmc| plain(cloudmc.variable));
    let settings = SETTINGS.iter().filter_map(as_flag).chain(SETTINGS.iter().filter_map(of_cloudmc));
    let others = OTHERS.iter().copied().map(plain);
    TOKENS.into_iter().map(plain).chain(settings).chain(others)
}

fn plain(variable: EnvVar) -> (&'static str, String) {
    (variable.name, variable.help.to_owned())
}

fn names() -> impl Iterator<Item = &'static str> {
    let of_setting = |definition: &'static SettingDef| {
        [definition.variable, definition.cloudmc.map(|cloudmc| cloudmc.variable)].into_iter().flatten()
    };
    let settings = SETTINGS.iter().flat_map(of_setting);
    TOKENS.iter().copied().chain(settings).chain(OTHERS.iter().copied()).map(|variable| variable.name)
}

/// The variables of [`all`] that were set when the program started; an empty value counts as unset.
#[derive(Clone, Default)]
pub(crate) struct ProcessEnv {
    values: BTreeMap<&'static str, OsString>,
    has_home: bool,
}

impl ProcessEnv {
    /// Reads the environment of this process.
    pub(crate) fn from_process() -> Self {
        let values = names().filter_map(|name| Some((name, std::env::var_os(name)?)));
        Self { values: values.filter(|(_, value)| !value.is_empty()).collect(), has_home: true }
    }

    /// An environment of only these `pairs`, for tests: names outside [`all`] are ignored, and there is no home folder,
    /// so that no test reads one by accident.
    #[cfg(test)]
    pub(crate) fn from_pairs<N: AsRef<str>, V: Into<OsString>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let values = pairs.into_iter().filter_map(|(name, value)| Some((known(name.as_ref())?, value.into())));
        Self { values: values.filter(|(_, value)| !value.is_empty()).collect(), has_home: false }
    }

    /// The value of a variable.
    ///
    /// # Errors
    /// A usage error with the name of the variable if its value is not UTF-8.
    pub(crate) fn get(&self, name: &str) -> Result<Option<&str>> {
        let Some(value) = self.get_os(name) else { return Ok(None) };
        let text = value.to_str().ok_or_else(|| Error::usage(format!("the value of {name} is not valid UTF-8")))?;
        Ok(Some(text))
    }

    /// The raw value of a variable, for paths and to test whether it is set.
    pub(crate) fn get_os(&self, name: &str) -> Option<&OsStr> {
        debug_assert!(known(name).is_some(), "{name} is missing among the variables");
        self.values.get(name).map(OsString::as_os_str)
    }

    /// The value of a variable as a path.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get_os(name).map(PathBuf::from)
    }

    /// The value of a boolean variable; unset is `false`.
    ///
    /// # Errors
    /// A usage error if the value is not a boolean.
    pub(crate) fn flag(&self, name: &str) -> Result<bool> {
        let Some(text) = self.get(name)? else { return Ok(false) };
        parse_bool(text).map_err(|why| Error::usage(format!("{name} cannot be {text:?}")).cause(why))
    }

    /// A folder of the user, from a function of `dirs`.
    pub(super) fn user_folder(&self, find: fn() -> Option<PathBuf>) -> Option<PathBuf> {
        // A relative path would depend on the current folder, whose content may come from others.
        if self.has_home { find().filter(|folder| folder.is_absolute()) } else { None }
    }
}

// Values may be secret, so only names are shown.
impl fmt::Debug for ProcessEnv {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.values.keys()).finish()
    }
}

/// The folders in which programs are searched. On Windows relative ones are ignored, as the system does.
pub(super) fn search_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).filter(|folder| cfg!(unix) || folder.is_absolute()).collect()
}

/// The shell that requests completions, and the index of the word at the cursor; `None` if no shell does. The scripts
/// of `c66 completions` set both variables, so they are in no table.
pub(crate) fn completion_request() -> Option<(String, Option<usize>)> {
    let shell = std::env::var_os("COMPLETE")?.into_string().ok()?;
    // Another program's variable of that name must not break this one.
    let is_known = ["bash", "zsh", "fish", "powershell", "elvish"].contains(&shell.as_str());
    let index = std::env::var("COMPLETE_INDEX").ok().and_then(|index| index.parse().ok());
    is_known.then_some((shell, index))
}

fn known(name: &str) -> Option<&'static str> {
    names().find(|known| *known == name)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn an_empty_value_is_not_set() {
        let variables = ProcessEnv::from_pairs([("C66_STACK", ""), ("C66_OUTPUT", "json")]);
        assert_eq!(variables.get("C66_STACK").unwrap(), None);
        assert_eq!(variables.get("C66_OUTPUT").unwrap(), Some("json"));
    }

    #[test]
    fn booleans_have_several_words() {
        let variables = ProcessEnv::from_pairs([("C66_NO_INPUT", "Yes"), ("C66_SANDBOX", "0"), ("C66_DEBUG", "2")]);
        assert!(variables.flag("C66_NO_INPUT").unwrap());
        assert!(!variables.flag("C66_SANDBOX").unwrap());
        assert!(!variables.flag("CI").unwrap());
        assert_eq!(variables.flag("C66_DEBUG").unwrap_err().message(), "C66_DEBUG cannot be \"2\"");
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_utf8_is_an_error_when_it_is_used() {
        use std::os::unix::ffi::OsStringExt;
        let variables = ProcessEnv::from_pairs([("C66_STACK", OsString::from_vec(vec![b'a', 0xff]))]);
        assert_eq!(variables.get("C66_STACK").unwrap_err().message(), "the value of C66_STACK is not valid UTF-8");
        assert!(variables.path("C66_STACK").is_some());
    }

    #[test]
    fn debug_shows_names_and_no_values() {
        let variables = ProcessEnv::from_pairs([("C66_TOKEN", "secret-value")]);
        assert_eq!(format!("{variables:?}"), "{\"C66_TOKEN\"}");
    }

    #[test]
    fn no_name_is_declared_twice() {
        let distinct: std::collections::BTreeSet<_> = all().map(|(name, _)| name).collect();
        assert_eq!(distinct.len(), all().count());
        assert!(names().all(|name| distinct.contains(name)));
    }
}
