//! The program `c66`.

use std::process::ExitCode;

use clap::CommandFactory;

fn main() -> ExitCode {
    // A shell that asks for completions sets COMPLETE; then this answers and ends.
    clap_complete::CompleteEnv::with_factory(c66::cli::Cli::command).complete();
    ExitCode::from(c66::run(std::env::args_os()))
}
