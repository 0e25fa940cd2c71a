//! The program `c66`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A shell that asks for completions sets COMPLETE.
    let code = c66::complete_for_shell(std::env::args_os()).unwrap_or_else(|| c66::run(std::env::args_os()));
    ExitCode::from(code)
}
