//! `c66`: a command line for the Cloud 66 API v3.
//!
//! `cli` says what may be typed, `commands` what each command does, `completion` what a shell may offer; `resource`,
//! `wait` and `transfer` do what many commands have in common; `cloud66` speaks the API over `http`; `sandbox` plays the
//! API; `output` alone prints.

pub mod cli;
pub mod cloud66;
pub mod cloudmc;
pub mod commands;
pub mod completion;
pub mod config;
pub mod dotenv;
pub mod error;
pub mod exit;
pub mod http;
pub mod in_place;
pub mod memory;
pub mod nearest;
pub mod output;
pub mod private_file;
pub mod prompt;
pub mod reference;
pub mod resource;
pub mod sandbox;
pub mod small_file;
#[cfg(test)]
mod soup;
mod start;
pub mod transfer;
pub mod wait;

pub use completion::answer as answer_shell;
pub use start::run;
