//! Settings: flags, environment, project file, profile, config file, default.

pub(crate) mod aliases;
pub(crate) mod change;
pub(crate) mod cx;
mod cx_project;
mod document;
pub(crate) mod draft;
pub(crate) mod edit;
pub(crate) mod exposure;
pub(crate) mod file;
pub(crate) mod keys;
pub(crate) mod levels;
pub(crate) mod paths;
pub(crate) mod profiles;
pub(crate) mod program;
pub(crate) mod project;
mod resolve;
pub(crate) mod setting;
pub(crate) mod settings;
pub(crate) mod token;
mod token_command;
pub(crate) mod variables;

pub(crate) use keys::{Provider, SettingKey};
pub(crate) use levels::{MissingProfile, Origin, Overrides};
pub(crate) use settings::{SettingValue, Settings};
pub(crate) use token::{Secret, TokenSource};
pub(crate) use variables::ProcessEnv;
