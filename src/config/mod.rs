//! Where settings come from: flags, environment, project file, profile, configuration file, default.

pub mod change;
pub mod cx;
mod cx_project;
mod document;
pub mod draft;
pub mod edit;
pub mod exposure;
pub mod file;
pub mod keys;
pub mod levels;
pub mod paths;
pub mod profiles;
pub mod program;
pub mod project;
mod resolve;
pub mod settings;
pub mod token;
mod token_command;
pub mod variables;

pub use keys::{Key, Provider};
pub use levels::{MissingProfile, Origin, Overrides};
pub use settings::{Settings, Value};
pub use token::{Secret, TokenSource};
pub use variables::Variables;
