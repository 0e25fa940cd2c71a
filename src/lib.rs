//! `c66`: a command line for the Cloud 66 API v3.
//!
//! `cli` says what may be typed, `commands` what each command does, `completion` what a shell may offer; `resource`,
//! `wait` and `transfer` do what many commands have in common; `cloud66` speaks the API over `http`; `sandbox` plays the
//! API; `output` alone prints.

mod cli;
mod cloud66;
mod cloudmc;
mod commands;
mod completion;
mod config;
mod dotenv;
mod error;
mod exit;
mod http;
mod in_place;
mod memory;
mod nearest;
mod output;
mod private_file;
mod prompt;
mod reference;
mod resource;
mod sandbox;
mod small_file;
#[cfg(test)]
mod soup;
mod start;
pub mod testing;
mod transfer;
mod wait;

pub use completion::answer as answer_shell;
pub use start::run;
