//! `c66`: a command line for the Cloud 66 API v3.
//!
//! `commands` has what may be typed and what it does, a file or folder per noun; `completion` what a shell offers;
//! `resource`, `wait` and `download` what many commands have in common; `cloud66` and `cloudmc` speak the APIs over
//! `http`; `sandbox` simulates them; `output` alone prints.

mod args;
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
#[cfg(test)]
mod test_text;
pub mod testing;
mod text;
mod wait;

pub use completion::complete_for_shell;
pub use run::run;
