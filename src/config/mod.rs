//! Where settings come from: flags, environment, project file, profile, configuration file, default.

pub mod change;
mod cx;
mod document;
pub mod file;
pub mod keys;
pub mod levels;
pub mod paths;
pub mod profiles;
pub mod project;
pub mod settings;
pub mod token;
mod token_command;
pub mod variables;

pub use keys::{Key, Provider};
pub use levels::{Origin, Overrides};
pub use settings::{Settings, Value};
pub use token::{Secret, TokenSource};
pub use variables::Variables;
