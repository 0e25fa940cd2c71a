//! `c66 env run`.

use std::ffi::OsString;

use clap::{Args, ValueHint};

use super::StackVariables;
use crate::args::StackArgs;
#[cfg(not(unix))]
use crate::child;
use crate::cloud66::endpoints::ENVIRONMENTS_LIST;
use crate::commands::context::Context;
use crate::config::program::find_program;
use crate::error::{Error, Kind, Result};
use crate::resource::verb::Verb;

/// `c66 env run`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENVIRONMENTS_LIST]))]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
}

/// Runs `c66 env run`: without a shell, so that no value is interpreted. On Unix the command replaces this process;
/// elsewhere its exit code is returned.
pub(super) async fn run(context: &Context, args: &RunArgs) -> Result<u8> {
    let (program, arguments) = args.command.split_first().ok_or_else(|| Error::usage("no command specified"))?;
    let target = context.stack(&args.stack, false).await?;
    let variables = StackVariables::fetch(context, &target).await?.to_pairs();
    for (key, value) in &variables {
        if key.is_empty() || key.contains(['=', '\0']) || value.contains('\0') {
            return Err(Error::new(Kind::Refused, format!("`{key}` is not a valid environment variable name")));
        }
    }
    let failed = |error| Error::local_file(format!("run {}", program.to_string_lossy()), &error);
    // From our own PATH: the variables of a stack say nothing about this machine.
    let program_path = find_program(program).map_err(failed)?;
    let steering: Vec<&str> =
        variables.iter().map(|(key, _)| key.as_str()).filter(|key| steers_programs(key)).collect();
    if !steering.is_empty() {
        context.printer.note(&format!(
            "{} of {} can change the code that programs load",
            steering.join(", "),
            target.label()
        ));
    }
    let mut command = std::process::Command::new(program_path);
    command.args(arguments).envs(variables);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::arg0(&mut command, program);
    #[cfg(unix)]
    return Err(failed(std::os::unix::process::CommandExt::exec(&mut command)));
    #[cfg(not(unix))]
    {
        let mut command = tokio::process::Command::from(command);
        child::run(&context.signals, child::Terminal::Shared, &mut command).await.map_err(failed)
    }
}

/// Whether a variable makes programs, or script interpreters, load other code.
fn steers_programs(key: &str) -> bool {
    const KEYS: [&str; 20] = [
        "PATH",
        "SHELL",
        "IFS",
        "ENV",
        "BASH_ENV",
        "ZDOTDIR",
        "NODE_OPTIONS",
        "NODE_PATH",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONSTARTUP",
        "RUBYOPT",
        "RUBYLIB",
        "PERL5OPT",
        "PERL5LIB",
        "JAVA_TOOL_OPTIONS",
        "JDK_JAVA_OPTIONS",
        "_JAVA_OPTIONS",
        "GCONV_PATH",
        "OPENSSL_CONF",
    ];
    KEYS.contains(&key) || key.starts_with("LD_") || key.starts_with("DYLD_")
}
