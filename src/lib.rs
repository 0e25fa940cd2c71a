//! `c66`: a command line for the Cloud 66 API v3.
//!
//! `commands` has the commands, a file or folder per noun; `completion` answers shells; `resource`, `wait`,
//! `download` and `ssh` have what many commands share; `cloud66` and `cloudmc` speak the APIs over `http`; `sandbox` simulates
//! them; only `output` prints.

mod args;
mod child;
mod cloud66;
mod cloudmc;
mod commands;
mod completion;
mod config;
mod download;
mod error;
mod exit;
mod files;
mod http;
mod jq;
mod name_cache;
mod output;
mod prompt;
mod reference;
mod resource;
mod run;
mod sandbox;
mod signals;
mod ssh;
#[cfg(test)]
mod test_text;
pub mod testing;
mod text;
mod wait;

pub use completion::complete_for_shell;
pub use run::run;
