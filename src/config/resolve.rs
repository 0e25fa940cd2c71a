//! Resolves the settings of this run from flags, environment, project file, profile, config file and defaults.

use std::path::Path;

use super::cx_project::CxProject;
use super::exposure::PermissionProblem;
use super::file::ConfigFile;
use super::keys::{PROVIDER, Provider, SETTINGS, SettingKey};
use super::levels::{MissingProfile, Origin, Overrides, RawSetting, SettingSources};
use super::paths;
use super::profiles::{DEFAULT_PROFILE, unknown_profile};
use super::project::Project;
use super::settings::{Settings, refused};
use super::variables::ProcessEnv;
use crate::error::{Error, Kind, Result};

/// The profile of `CloudMC` commands if none is named and the current one is for another API.
const CLOUDMC_PROFILE: &str = "cloudmc";

impl Settings {
    /// Resolves the settings. Reads only the config file and the project file of `start_dir` or the nearest folder
    /// above it.
    pub(crate) fn resolve(overrides: &Overrides, variables: ProcessEnv, start_dir: Option<&Path>) -> Result<Self> {
        let project = match start_dir {
            Some(folder) => Project::find(folder)?,
            None => None,
        };
        let cx = start_dir.and_then(CxProject::find);
        // Without a home folder there is no config file; only the commands that write it need one.
        let config_path = paths::config_file(&variables).ok();
        let file = config_path.as_deref().map(ConfigFile::load).transpose();
        // An editor helps only against what is in the file.
        let with_hint = |error: Error| if error.kind() == Kind::Config { error.hint("c66 config edit") } else { error };
        let file = file.map_err(with_hint)?.unwrap_or_default();
        Self::assemble(overrides, variables, (project.as_ref(), cx.as_ref()), file, config_path.as_deref())
    }

    /// Resolves the settings from flags and environment only: for what must work despite broken files.
    pub(crate) fn without_files(overrides: &Overrides, variables: ProcessEnv) -> Result<Self> {
        let mut overrides = overrides.clone();
        overrides.on_missing_profile(MissingProfile::Create);
        Self::assemble(&overrides, variables, (None, None), ConfigFile::default(), None)
    }

    fn assemble(
        overrides: &Overrides,
        variables: ProcessEnv,
        (project, cx): (Option<&Project>, Option<&CxProject>),
        file: ConfigFile,
        config_path: Option<&Path>,
    ) -> Result<Self> {
        let mut warnings = config_path
            .and_then(PermissionProblem::find)
            .map(|problem| problem.warning())
            .into_iter()
            .collect::<Vec<_>>();
        warnings.extend(project.iter().flat_map(|project| project.warnings.clone()));
        if file.has_stray_token() {
            let path = file.path().display();
            warnings
                .push(format!("{path}: the token outside all profiles is ignored; move it under [profiles.default]"));
        }
        let provider = Provider::default();
        let mut levels =
            SettingSources { overrides, variables: &variables, project, cx, file: &file, profile: "", provider };
        let mut profile = levels.find(SettingKey::Profile.definition())?;
        let mut name = profile.as_ref().map_or(DEFAULT_PROFILE, |setting| &setting.text).to_owned();
        if overrides.is_for_cloudmc() && !is_cloudmc_profile(&file, &name)? {
            if !profile.as_ref().is_some_and(|setting| setting.origin.is_explicit()) {
                // The profile was not requested; it is for the other API.
                CLOUDMC_PROFILE.clone_into(&mut name);
                profile = None;
            } else if file.profile_names().any(|candidate| candidate == name) {
                return Err(wrong_provider(&name));
            }
        }
        let on_missing = overrides.missing_profile();
        if on_missing != MissingProfile::Create
            && name != DEFAULT_PROFILE
            && !file.profile_names().any(|candidate| candidate == name)
            && let Some(RawSetting { origin, .. }) = &profile
        {
            match origin {
                Origin::File(path) => {
                    warnings.push(format!("{}: default_profile is \"{name}\", which does not exist", path.display()));
                }
                Origin::Variable(_) | Origin::Project(_) if on_missing == MissingProfile::Warn => {
                    warnings.push(format!("profile \"{name}\" (from {origin}) not found"));
                }
                _ => {
                    let error = unknown_profile(&name, file.profile_names()).cause(format!("from {origin}"));
                    let is_first = file.profile_names().next().is_none();
                    return Err(if is_first {
                        error.hint(format!("c66 auth login --profile {name} creates it"))
                    } else {
                        error
                    });
                }
            }
        }
        levels.profile = &name;
        if overrides.is_for_cloudmc() || is_cloudmc_profile(&file, &name)? {
            levels.provider = Provider::CloudMc;
        }
        let values = SETTINGS.iter().map(|definition| levels.find(definition)).collect::<Result<Vec<_>>>()?;
        let provider = match &values[SettingKey::Provider as usize] {
            _ if overrides.is_for_cloudmc() => Provider::CloudMc,
            None => Provider::default(),
            Some(setting) => PROVIDER.parse(&setting.text).map_err(|why| refused(&PROVIDER.def, setting, why))?,
        };
        Ok(Self { values, profile: name, provider, warnings, variables, file })
    }
}

/// Whether that profile is for a `CloudMC`.
fn is_cloudmc_profile(file: &ConfigFile, profile: &str) -> Result<bool> {
    let name = SettingKey::Provider.definition().name;
    let text = match file.text(Some(profile), name)? {
        None => file.text(None, name)?,
        own => own,
    };
    Ok(text.as_deref() == Some(Provider::CloudMc.name()))
}

fn wrong_provider(profile: &str) -> Error {
    Error::usage(format!("profile {profile} is for Cloud 66, not for CloudMC"))
        .hint("choose another with --profile NAME; see c66 profiles list -o wide")
        .hint("or create one with c66 cloudmc login --profile NAME")
}

#[cfg(test)]
pub(super) mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;
    use std::path::PathBuf;

    use super::*;
    use crate::config::keys::{CONCURRENCY, NO_INPUT};
    use crate::error::Kind;

    /// A home with a config file and a project.
    pub(in crate::config) struct Home(pub(in crate::config) tempfile::TempDir);

    impl Home {
        pub(in crate::config) fn new(config: &str, project: &str) -> Self {
            let home = Self(tempfile::tempdir().unwrap());
            fs::create_dir(home.project()).unwrap();
            fs::write(home.config(), config).unwrap();
            fs::write(home.project().join(".c66.toml"), project).unwrap();
            #[cfg(unix)]
            fs::set_permissions(home.config(), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            home
        }

        pub(in crate::config) fn config(&self) -> PathBuf {
            self.0.path().join("config.toml")
        }

        pub(in crate::config) fn project(&self) -> PathBuf {
            self.0.path().join("project")
        }

        pub(in crate::config) fn resolve(
            &self,
            flags: &[(SettingKey, &str)],
            variables: &[(&str, &str)],
        ) -> Result<Settings> {
            let mut overrides = Overrides::default();
            for &(key, text) in flags {
                overrides.set(key, text);
            }
            let config = self.config();
            let pairs = variables.iter().copied().chain([("C66_CONFIG", config.to_str().unwrap())]);
            Settings::resolve(&overrides, ProcessEnv::from_pairs(pairs), Some(&self.project()))
        }
    }

    fn shown(settings: &Settings, key: SettingKey) -> (String, String) {
        let value = settings.get(key).unwrap();
        (value.text.to_owned(), value.origin.to_string())
    }

    #[test]
    fn each_level_overrides_the_one_below() {
        let config = "output = 'yaml'\n[profiles.default]\noutput = 'csv'\n";
        let levels = Home::new(config, "output = 'tsv'");
        let variable = [("C66_OUTPUT", "wide")];
        let output = |home: &Home, flags: &[(SettingKey, &str)], variables: &[(&str, &str)]| {
            shown(&home.resolve(flags, variables).unwrap(), SettingKey::Output)
        };
        let pair = |text: &str, origin: &str| (text.to_owned(), origin.to_owned());
        assert_eq!(output(&levels, &[(SettingKey::Output, "json")], &variable), pair("json", "--output"));
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
        let stack = |home: &Home, variables: &[(&str, &str)]| {
            shown(&home.resolve(&[], variables).unwrap(), SettingKey::Stack).0
        };
        assert_eq!(stack(&home, &[]), "B");
        assert_eq!(stack(&home, &[("C66_PROFILE", "c")]), "C");
        assert_eq!(stack(&Home::new(config, ""), &[]), "A");
    }

    #[test]
    fn a_named_profile_must_exist() {
        let home = Home::new("[profiles.alpha]\n[profiles.work]\n", "");
        let error = home.resolve(&[], &[("C66_PROFILE", "wrok")]).unwrap_err();
        assert_eq!((error.kind(), error.message()), (Kind::Usage, "profile \"wrok\" not found"));
        assert_eq!(error.cause_text(), Some("from C66_PROFILE"));
        assert_eq!(error.hints(), ["did you mean work?", "available: work, alpha"]);
        assert_eq!(home.resolve(&[], &[]).unwrap().profile_name(), "default");
        assert_eq!(home.resolve(&[(SettingKey::Profile, "default")], &[]).unwrap().profile_name(), "default");
        let dangling = Home::new("default_profile = 'gone'", "").resolve(&[], &[]).unwrap();
        assert!(dangling.warnings()[0].ends_with("default_profile is \"gone\", which does not exist"));
        let mut overrides = Overrides::default();
        overrides.on_missing_profile(MissingProfile::Warn);
        let gone = Settings::resolve(&overrides, ProcessEnv::from_pairs([("C66_PROFILE", "gone")]), None).unwrap();
        assert_eq!(gone.warnings(), ["profile \"gone\" (from C66_PROFILE) not found"]);
        overrides.set(SettingKey::Profile, "gone");
        assert!(Settings::resolve(&overrides, ProcessEnv::default(), None).is_err());
        let mut overrides = Overrides::default();
        overrides.set(SettingKey::Profile, "new");
        overrides.on_missing_profile(MissingProfile::Create);
        let settings = Settings::resolve(&overrides, ProcessEnv::default(), None).unwrap();
        assert_eq!(settings.profile_name(), "new");
    }

    #[test]
    fn without_a_home_the_defaults_apply() {
        let settings = Settings::resolve(&Overrides::default(), ProcessEnv::default(), None).unwrap();
        assert_eq!(shown(&settings, SettingKey::ApiUrl).0, "https://app.cloud66.com");
        assert_eq!(settings.required(&CONCURRENCY).unwrap().get(), 8);
        assert!(!settings.required(&NO_INPUT).unwrap());
        assert!(settings.get(SettingKey::Timeout).is_none());
        let error = settings.token().unwrap_err();
        assert_eq!((error.kind(), error.message()), (Kind::Auth, "no API token"));
        assert_eq!(error.hints(), ["c66 auth login", "set C66_TOKEN", "c66 --sandbox … needs none"]);
    }

    #[test]
    fn an_invalid_value_is_reported_with_its_origin() {
        let settings = Home::new("[profiles.default]\nconcurrency = 'many'", "").resolve(&[], &[]).unwrap();
        let error = settings.value(&CONCURRENCY).unwrap_err();
        assert_eq!(error.message(), "invalid value \"many\" for concurrency (from profile default)");
        assert_eq!((error.kind(), error.cause_text()), (Kind::Usage, Some("use a whole number from 1 to 64")));
        let error = Home::new("[profiles.default]\nprovider = 'aws'", "").resolve(&[], &[]).unwrap_err();
        assert_eq!(error.message(), "invalid value \"aws\" for provider (from profile default)");
    }

    #[test]
    fn warnings_are_collected() {
        let home = Home::new("token = 's3cret'", "region = 'eu'");
        let warnings = home.resolve(&[], &[]).unwrap().warnings().to_vec();
        assert!(warnings[0].contains("region is ignored"));
        assert!(warnings[1].contains("the token outside all profiles is ignored"));
        assert_eq!(warnings.len(), 2);
        assert!(!format!("{warnings:?}").contains("s3cret"));
    }
}
