//! What holds for this run: every setting with where it came from, and the token when one is asked for.

use std::path::Path;
use std::time::Duration;

use super::file::{ConfigFile, loose_permissions};
use super::keys::{Definition, Key, Provider, TABLE};
use super::levels::{Levels, Origin, Overrides, Setting};
use super::paths;
use super::profiles::{ProfileInfo, profiles, unknown_profile};
use super::project::Project;
use super::token::{self, COMMAND_LIMIT, Secret, StoredToken, TokenSource};
use super::variables::{Variables, parse_flag};
use crate::error::{Error, Kind, Result};

/// What stands for a token wherever settings are shown.
pub const MASK: &str = "********";

const DEFAULT_PROFILE: &str = "default";
/// The profile of commands for a `CloudMC` where none is named and the current one is for another API.
const CLOUDMC_PROFILE: &str = "cloudmc";
/// What is read through a `CloudMC` comes from the cloud behind it, which takes its time.
const CLOUDMC_HTTP_TIMEOUT: &str = "180s";

/// A value that is set, and where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'s> {
    /// The value as it was written.
    pub text: &'s str,
    /// Where it came from.
    pub origin: &'s Origin,
}

/// What holds for this run.
#[derive(Clone, Debug)]
pub struct Settings {
    values: Vec<Option<Setting>>,
    variables: Variables,
    file: ConfigFile,
    has_place: bool,
    profile: String,
    provider: Provider,
    warnings: Vec<String>,
}

impl Settings {
    /// Finds out what holds. Reads the project file of `start_dir` or the nearest folder above it, and the
    /// configuration file; nothing else is touched.
    ///
    /// # Errors
    /// When a file cannot be used, a variable is not UTF-8, or a profile was asked for that does not exist.
    pub fn resolve(overrides: &Overrides, variables: Variables, start_dir: Option<&Path>) -> Result<Self> {
        let project = match start_dir {
            Some(folder) => Project::find(folder)?,
            None => None,
        };
        // Without a home there is no file, which only matters to the commands that write it.
        let place = paths::config_file(&variables).ok();
        let file = place.as_deref().map(ConfigFile::load).transpose()?.unwrap_or_default();
        Self::assemble(overrides, variables, project.as_ref(), file, place.as_deref())
    }

    /// The settings that flags and environment alone give: for what must work whatever lies in the files.
    ///
    /// # Errors
    /// A variable or flag cannot be used.
    pub fn without_files(overrides: &Overrides, variables: Variables) -> Result<Self> {
        let mut overrides = overrides.clone();
        overrides.allow_new_profile();
        Self::assemble(&overrides, variables, None, ConfigFile::default(), None)
    }

    fn assemble(
        overrides: &Overrides,
        variables: Variables,
        project: Option<&Project>,
        file: ConfigFile,
        place: Option<&Path>,
    ) -> Result<Self> {
        let mut warnings = place.and_then(loose_permissions).into_iter().collect::<Vec<_>>();
        warnings.extend(project.iter().flat_map(|project| project.warnings.clone()));
        if file.has_stray_token() {
            let path = file.path().display();
            warnings
                .push(format!("{path}: the token outside all profiles is ignored; move it under [profiles.default]"));
        }
        let provider = Provider::default();
        let mut levels = Levels { overrides, variables: &variables, project, file: &file, profile: "", provider };
        let mut profile = levels.find(Key::Profile.definition())?;
        let mut name = profile.as_ref().map_or(DEFAULT_PROFILE, |setting| &setting.text).to_owned();
        if overrides.is_for_cloudmc() && !is_of_cloudmc(&file, &name)? {
            let origin = profile.as_ref().map(|setting| &setting.origin);
            if !matches!(origin, Some(Origin::Flag(_) | Origin::Variable(_))) {
                // Nobody asked for the profile that applies to the other API.
                CLOUDMC_PROFILE.clone_into(&mut name);
                profile = None;
            } else if file.profile_names().any(|candidate| candidate == name) {
                return Err(other_provider(&name));
            }
        }
        if !overrides.allows_new_profile()
            && name != DEFAULT_PROFILE
            && !file.profile_names().any(|candidate| candidate == name)
            && let Some(Setting { origin, .. }) = &profile
        {
            match origin {
                Origin::File(path) => {
                    warnings.push(format!("{}: default_profile is \"{name}\", which does not exist", path.display()));
                }
                _ => return Err(unknown_profile(&name, file.profile_names()).cause(format!("named by {origin}"))),
            }
        }
        levels.profile = &name;
        if overrides.is_for_cloudmc() || is_of_cloudmc(&file, &name)? {
            levels.provider = Provider::CloudMc;
        }
        let mut values = TABLE.iter().map(|definition| levels.find(definition)).collect::<Result<Vec<_>>>()?;
        let provider = match &values[Key::Provider as usize] {
            _ if overrides.is_for_cloudmc() => Provider::CloudMc,
            None => Provider::default(),
            Some(setting) => Provider::parse(&setting.text).map_err(|why| refused(Key::Provider, setting, why))?,
        };
        // A CloudMC installation has no address that could be guessed.
        let address = &mut values[Key::ApiUrl as usize];
        if provider == Provider::CloudMc && address.as_ref().is_some_and(|setting| setting.origin == Origin::Default) {
            *address = None;
        }
        if let Some(setting) = &mut values[Key::HttpTimeout as usize]
            && provider == Provider::CloudMc
            && setting.origin == Origin::Default
        {
            CLOUDMC_HTTP_TIMEOUT.clone_into(&mut setting.text);
        }
        Ok(Self { values, profile: name, provider, warnings, has_place: place.is_some(), variables, file })
    }

    /// A value and where it came from; nothing when neither a person nor a default sets it.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<Value<'_>> {
        let setting = self.values[key as usize].as_ref()?;
        Some(Value { text: &setting.text, origin: &setting.origin })
    }

    /// A value as `parse` reads it.
    ///
    /// # Errors
    /// A usage error that names the setting and where the value came from, with what `parse` says about it.
    pub fn parsed<T>(&self, key: Key, parse: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>> {
        let Some(setting) = &self.values[key as usize] else { return Ok(None) };
        parse(&setting.text).map(Some).map_err(|why| refused(key, setting, why))
    }

    /// A value as a whole number that is not negative.
    ///
    /// # Errors
    /// A usage error when it is none.
    pub fn number(&self, key: Key) -> Result<Option<u64>> {
        self.parsed(key, |text| text.parse().map_err(|_| "use a whole number".to_owned()))
    }

    /// A value as a yes or no; one that is not set says no.
    ///
    /// # Errors
    /// A usage error when it is neither.
    pub fn flag(&self, key: Key) -> Result<bool> {
        self.parsed(key, parse_flag).map(Option::unwrap_or_default)
    }

    /// The profile that applies; it need not exist when it is `default`.
    #[must_use]
    pub fn profile_name(&self) -> &str {
        &self.profile
    }

    /// Every profile of the configuration file.
    #[must_use]
    pub fn profiles(&self) -> Vec<ProfileInfo> {
        profiles(&self.file, &self.profile)
    }

    /// Which API the profile is for.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// Where the configuration file is or would be; nothing without a home directory.
    #[must_use]
    pub fn config_path(&self) -> Option<&Path> {
        self.has_place.then(|| self.file.path())
    }

    /// The environment the program was started in.
    #[must_use]
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// What the user should know about the files that were read.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The API token and where it came from. Runs the `token_command` of the profile when it comes to that, so it is
    /// to be called once, and only when a token is needed.
    ///
    /// # Errors
    /// An auth error when there is none or it is malformed or its command fails; a config error when the profile's
    /// entries are.
    pub fn token(&self) -> Result<(Secret, TokenSource)> {
        self.token_within(COMMAND_LIMIT)
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

    /// Every setting by name, and the token as [`MASK`], with where each came from, for `c66 config list`.
    #[must_use]
    pub fn all(&self) -> Vec<(&'static str, Option<String>, Origin)> {
        let row = |definition: &Definition| match &self.values[definition.key as usize] {
            Some(setting) => (definition.name, Some(setting.text.clone()), setting.origin.clone()),
            None => (definition.name, None, Origin::Default),
        };
        let mut rows: Vec<_> = TABLE.iter().map(row).collect();
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

/// Whether that profile is for a `CloudMC`.
fn is_of_cloudmc(file: &ConfigFile, profile: &str) -> Result<bool> {
    let name = Key::Provider.definition().name;
    let text = match file.text(Some(profile), name)? {
        None => file.text(None, name)?,
        own => own,
    };
    Ok(text.as_deref() == Some(Provider::CloudMc.name()))
}

fn other_provider(profile: &str) -> Error {
    Error::usage(format!("profile {profile} is for Cloud 66 and not for CloudMC"))
        .hint("--profile NAME chooses another; c66 profiles list -o wide")
        .hint("c66 cloudmc login --profile NAME makes one")
}

fn refused(key: Key, setting: &Setting, why: String) -> Error {
    let Setting { text, origin } = setting;
    Error::usage(format!("{} cannot be {text:?} (from {origin})", key.definition().name)).cause(why)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;
    use std::path::PathBuf;

    use super::*;

    /// A home with a configuration file and a project.
    struct Home(tempfile::TempDir);

    impl Home {
        fn new(config: &str, project: &str) -> Self {
            let home = Self(tempfile::tempdir().unwrap());
            fs::create_dir(home.project()).unwrap();
            fs::write(home.config(), config).unwrap();
            fs::write(home.project().join(".c66.toml"), project).unwrap();
            #[cfg(unix)]
            fs::set_permissions(home.config(), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            home
        }

        fn config(&self) -> PathBuf {
            self.0.path().join("config.toml")
        }

        fn project(&self) -> PathBuf {
            self.0.path().join("project")
        }

        fn resolve(&self, flags: &[(Key, &str)], variables: &[(&str, &str)]) -> Result<Settings> {
            let mut overrides = Overrides::default();
            for &(key, text) in flags {
                overrides.set(key, text);
            }
            let config = self.config();
            let pairs = variables.iter().copied().chain([("C66_CONFIG", config.to_str().unwrap())]);
            Settings::resolve(&overrides, Variables::from_pairs(pairs), Some(&self.project()))
        }
    }

    fn shown(settings: &Settings, key: Key) -> (String, String) {
        let value = settings.get(key).unwrap();
        (value.text.to_owned(), value.origin.to_string())
    }

    #[test]
    fn each_level_beats_the_one_below() {
        let config = "output = 'yaml'\n[profiles.default]\noutput = 'csv'\n";
        let levels = Home::new(config, "output = 'tsv'");
        let variable = [("C66_OUTPUT", "wide")];
        let output = |home: &Home, flags: &[(Key, &str)], variables: &[(&str, &str)]| {
            shown(&home.resolve(flags, variables).unwrap(), Key::Output)
        };
        let pair = |text: &str, origin: &str| (text.to_owned(), origin.to_owned());
        assert_eq!(output(&levels, &[(Key::Output, "json")], &variable), pair("json", "--output"));
        assert_eq!(output(&levels, &[], &variable), pair("wide", "C66_OUTPUT"));
        let project = levels.project().join(".c66.toml");
        assert_eq!(output(&levels, &[], &[("C66_OUTPUT", "")]), pair("tsv", project.to_str().unwrap()));
        assert_eq!(output(&Home::new(config, ""), &[], &[]), pair("csv", "profile default"));
        let top = Home::new("output = 'yaml'\n[profiles.default]\n", "");
        assert_eq!(output(&top, &[], &[]), pair("yaml", top.config().to_str().unwrap()));
        assert_eq!(output(&Home::new("", ""), &[], &[]), pair("table", "default"));
    }

    #[test]
    fn the_profile_is_chosen_before_its_values() {
        let config =
            "default_profile = 'a'\n[profiles.a]\nstack = 'A'\n[profiles.b]\nstack = 'B'\n[profiles.c]\nstack = 'C'\n";
        let home = Home::new(config, "profile = 'b'");
        let stack =
            |home: &Home, variables: &[(&str, &str)]| shown(&home.resolve(&[], variables).unwrap(), Key::Stack).0;
        assert_eq!(stack(&home, &[]), "B");
        assert_eq!(stack(&home, &[("C66_PROFILE", "c")]), "C");
        assert_eq!(stack(&Home::new(config, ""), &[]), "A");
    }

    #[test]
    fn a_profile_that_was_named_must_exist() {
        let home = Home::new("[profiles.alpha]\n[profiles.work]\n", "");
        let error = home.resolve(&[], &[("C66_PROFILE", "wrok")]).unwrap_err();
        assert_eq!((error.kind(), error.message()), (Kind::Usage, "no profile is named \"wrok\""));
        assert_eq!(error.why(), Some("named by C66_PROFILE"));
        assert_eq!(error.hints(), ["did you mean work?", "the profiles are work, alpha"]);
        assert_eq!(home.resolve(&[], &[]).unwrap().profile_name(), "default");
        assert_eq!(home.resolve(&[(Key::Profile, "default")], &[]).unwrap().profile_name(), "default");
        let dangling = Home::new("default_profile = 'gone'", "").resolve(&[], &[]).unwrap();
        assert!(dangling.warnings()[0].ends_with("default_profile is \"gone\", which does not exist"));
        let mut overrides = Overrides::default();
        overrides.set(Key::Profile, "new");
        overrides.allow_new_profile();
        let settings = Settings::resolve(&overrides, Variables::default(), None).unwrap();
        assert_eq!(settings.profile_name(), "new");
    }

    #[test]
    fn without_a_home_the_defaults_hold() {
        let settings = Settings::resolve(&Overrides::default(), Variables::default(), None).unwrap();
        assert_eq!(settings.config_path(), None);
        assert_eq!(shown(&settings, Key::ApiUrl).0, "https://app.cloud66.com");
        assert_eq!(settings.number(Key::Concurrency).unwrap(), Some(8));
        assert!(!settings.flag(Key::NoInput).unwrap());
        assert!(settings.get(Key::Timeout).is_none());
        let error = settings.token().unwrap_err();
        assert_eq!((error.kind(), error.message()), (Kind::Auth, "no API token"));
        assert_eq!(error.hints(), ["c66 auth login", "set C66_TOKEN", "c66 --sandbox … needs none"]);
    }

    #[test]
    fn a_value_that_cannot_be_read_is_named_with_its_origin() {
        let settings = Home::new("[profiles.default]\nconcurrency = 'many'", "").resolve(&[], &[]).unwrap();
        let error = settings.number(Key::Concurrency).unwrap_err();
        assert_eq!(error.message(), "concurrency cannot be \"many\" (from profile default)");
        assert_eq!((error.kind(), error.why()), (Kind::Usage, Some("use a whole number")));
        let error = Home::new("[profiles.default]\nprovider = 'aws'", "").resolve(&[], &[]).unwrap_err();
        assert_eq!(error.message(), "provider cannot be \"aws\" (from profile default)");
    }

    #[test]
    fn a_cloudmc_profile_has_no_default_address_and_no_token_of_cx() {
        let home = Home::new("[profiles.default]\nprovider = 'cloudmc'", "");
        let settings = home.resolve(&[], &[("CLOUD66_TOKEN", "s3cret")]).unwrap();
        assert_eq!(settings.provider(), Provider::CloudMc);
        assert!(settings.get(Key::ApiUrl).is_none());
        assert!(settings.token().is_err());
        assert_eq!(settings.all().last().unwrap().1, None);
    }

    #[test]
    fn the_environment_beats_a_stored_token_and_says_so() {
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
        fs::write(home.config(), format!("[profiles.default]\ntoken_command = ['sh', '-c', \"{script}\"]")).unwrap();
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

    #[test]
    fn what_the_user_should_know_is_collected() {
        let home = Home::new("token = 's3cret'", "region = 'eu'");
        let warnings = home.resolve(&[], &[]).unwrap().warnings().to_vec();
        assert!(warnings[0].contains("region is ignored"));
        assert!(warnings[1].contains("the token outside all profiles is ignored"));
        assert_eq!(warnings.len(), 2);
        assert!(!format!("{warnings:?}").contains("s3cret"));
    }
}
