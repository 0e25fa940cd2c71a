//! From the command line to the exit code.

mod alias;
mod defaults;
mod output_options;
mod rewrite;
mod usage_error;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::time::Duration;

use clap::{ArgMatches, CommandFactory, FromArgMatches};

use crate::args::WatchArgs;
use crate::commands::alias::AliasCommand;
use crate::commands::auth::AuthCommand as Auth;
use crate::commands::cloudmc::CloudMcCommand;
use crate::commands::config::ConfigCommand as Config;
use crate::commands::context::Context;
use crate::commands::deferred::Subcommands;
use crate::commands::globals::Globals;
use crate::commands::help::page;
use crate::commands::{Cli, Command, pager};
use crate::config::keys::{COLOR, OUTPUT};
use crate::config::{MissingProfile, Origin, ProcessEnv, SettingKey, Settings};
use crate::error::{Error, Kind, Result};
use crate::output::ci::Ci;
use crate::output::jq::{JqProgram, JqVariables};
use crate::output::{Printer, PrinterOptions};
use crate::resource::verb::{Asks, Verb};
use crate::signals::Signals;
use crate::text::quote::shell_quote;

use self::output_options::{color_flag, output_flag, printer_options};
use self::rewrite::Refusal;

/// Runs the program with these arguments (the first is the program name) and returns its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    install_panic_hook(output_flag(&arguments));
    let variables = ProcessEnv::from_process();
    // Of clap's page of all commands, only the usage is read: the page is ours. The process ends with the tree; freeing
    // it would cost as much as building it.
    let mut tree = ManuallyDrop::new(Cli::command().help_template(page::USAGE));
    let parsed = parse(&mut tree, &arguments);
    let parsed = parsed.or_else(|error| rewrite::parse_again(&mut tree, &arguments, error, parse));
    let parsed = parsed.or_else(|refusal| alias::parse_again(&mut tree, &arguments, refusal, &variables, parse));
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(refusal) => return report_refusal(&refusal, &tree, &variables),
    };
    let cli = &parsed.cli;
    if cli.globals.json
        && let Some(error) = rewrite::columns_after_json(&tree, &arguments)
    {
        return report_refusal(&Refusal::Ours(error, arguments), &tree, &variables);
    }
    if let Command::Alias(Subcommands(AliasCommand::Set { name, .. })) = &cli.command
        && let Some(error) = alias::taken(&tree, name)
    {
        return report_refusal(&Refusal::Ours(error, arguments), &tree, &variables);
    }
    let first = Printer::stdio(printer_options(&cli.globals, &variables, None));
    let settings = settings(&cli.globals, &cli.command, variables);
    let ready = settings.and_then(|settings| {
        // Their own command must be able to repair them.
        let with_defaults = if repairs_settings(&parsed.cli.command) {
            None
        } else {
            defaults::apply(&mut tree, &parsed.arguments, &settings, parse)?
        };
        let Some(parsed) = with_defaults else { return Ok((parsed, settings)) };
        let settings = self::settings(&parsed.cli.globals, &parsed.cli.command, settings.variables().clone())?;
        Ok((parsed, settings))
    });
    let ready = ready.and_then(|(Parsed { cli, watched, asks, .. }, settings)| {
        let (context, debug) = build_context(&cli.globals, &cli.command, settings)?;
        Ok((cli.command, watched, context.asking(asks), debug))
    });
    match ready {
        Ok((command, watched, context, debug)) => {
            if debug > 0 {
                for warning in context.settings.warnings() {
                    context.printer.trace(&format!("* {warning}"));
                }
            }
            run_command(&context, command, watched)
        }
        Err(error) => fail_with(&first, &error),
    }
}

/// The interval of `--watch`, and the matches of each round.
type Watched = Option<(Duration, ArgMatches)>;

/// A command line that clap accepts.
struct Parsed {
    cli: Cli,
    watched: Watched,
    /// How the command asks before a write.
    asks: Asks,
    arguments: Vec<OsString>,
}

fn parse(tree: &mut clap::Command, arguments: &[OsString]) -> std::result::Result<Parsed, clap::Error> {
    let mut matches = tree.try_get_matches_from_mut(arguments)?;
    let watched = WatchArgs::interval(&matches).map(|interval| (interval, matches.clone()));
    let asks = declared(tree, &matches).and_then(|verb| verb.asks).unwrap_or_default();
    Ok(Parsed { cli: Cli::from_arg_matches_mut(&mut matches)?, watched, asks, arguments: arguments.to_vec() })
}

/// What the command that was typed declares.
fn declared<'t>(tree: &'t clap::Command, matches: &ArgMatches) -> Option<&'t Verb> {
    let (mut command, mut matches) = (tree, matches);
    while let Some((name, inner)) = matches.subcommand() {
        (command, matches) = (command.find_subcommand(name)?, inner);
    }
    command.get::<Verb>()
}

/// The settings of this run.
fn settings(globals: &Globals, command: &Command, variables: ProcessEnv) -> Result<Settings> {
    let folder = std::env::current_dir().ok();
    let mut overrides = globals.overrides();
    overrides.on_missing_profile(match command {
        Command::Auth(Subcommands(Auth::Login(_)))
        | Command::Config(Subcommands(Config::Set { .. }))
        | Command::CloudMc(Subcommands(CloudMcCommand::Login(_))) => MissingProfile::Create,
        command if repairs_settings(command) => MissingProfile::Warn,
        _ => MissingProfile::Fail,
    });
    if let Command::CloudMc(_) = command {
        overrides.for_cloudmc();
    }
    match Settings::resolve(&overrides, variables.clone(), folder.as_deref()) {
        // A broken config file must not prevent help, or the commands that repair it.
        Err(_) if !needs_config(command) => Settings::without_files(&overrides, variables),
        settings => settings,
    }
}

fn build_context(globals: &Globals, command: &Command, settings: Settings) -> Result<(Context, u8)> {
    let sandboxed = globals.sandbox || settings.variables().flag("C66_SANDBOX")?;
    let printer_options = printer_options(globals, settings.variables(), Some(&settings));
    // A broken file must not stop the commands that repair it.
    let may_be_invalid = |key| !needs_config(command) || (repairs_settings(command) && comes_from_file(&settings, key));
    let format = match settings.value(&OUTPUT) {
        Err(_) if may_be_invalid(SettingKey::Output) => None,
        format => format?,
    }
    .unwrap_or_default();
    match settings.value(&COLOR) {
        Err(_) if may_be_invalid(SettingKey::Color) => {}
        color => drop(color?),
    }
    if let Some(word) = settings.variables().get("C66_CI")? {
        word.parse::<Ci>().map_err(|why| Error::usage("invalid value in C66_CI").cause(why))?;
    }
    let jq = jq_program(globals)?;
    let debug = printer_options.debug;
    let signals = Rc::new(Signals::listen()?);
    let printer = Printer::stdio(PrinterOptions { format, ..printer_options }).with_jq(jq);
    let pager = if printer.stdout_is_terminal() { pager::pager(&settings, &signals)? } else { None };
    let printer = Rc::new(printer.with_pager(pager));
    // `doctor` reports them itself.
    if !matches!(command, Command::Doctor(_)) {
        settings.warnings().iter().for_each(|warning| printer.warn(warning));
    }
    let global_flags = global_flags(globals, sandboxed);
    Ok((Context::new(printer, settings, sandboxed, globals.network.wait_if_throttled, global_flags, signals), debug))
}

/// Whether the command can repair the configuration.
fn repairs_settings(command: &Command) -> bool {
    matches!(command, Command::Config(_) | Command::Profiles(_) | Command::Doctor(_))
}

fn comes_from_file(settings: &Settings, key: SettingKey) -> bool {
    settings.get(key).is_some_and(|value| !matches!(value.origin, Origin::Flag(_) | Origin::Variable(_)))
}

/// Whether the command uses the config files.
fn needs_config(command: &Command) -> bool {
    !matches!(
        command,
        Command::Help(_)
            | Command::Completions(_)
            | Command::Sandbox(_)
            | Command::Doctor(_)
            | Command::Config(Subcommands(Config::Path | Config::Edit))
    )
}

fn run_command(context: &Context, command: Command, watched: Option<(Duration, ArgMatches)>) -> u8 {
    let runtime = check_open_files()
        .and_then(|()| tokio::runtime::Builder::new_current_thread().enable_all().build())
        .map_err(|error| Error::local_file("start", &error).hint("allow more open files, such as with: ulimit -n 256"));
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail_with(&context.printer, &error),
    };
    let code = runtime.block_on(async {
        let outcome = match watched {
            None => crate::commands::run(context, command).await,
            Some((interval, matches)) => {
                let again =
                    || Cli::from_arg_matches(&matches).map(|cli| cli.command).map_err(|error| unparsable(&error));
                crate::commands::watch::run(context, interval, again).await
            }
        };
        outcome.unwrap_or_else(|error| {
            // A signal must not end the program before it says that the write may have been done.
            let _guard = error.may_have_been_done().then(|| context.signals.guard());
            fail_with(&context.printer, &context.with_origin_hint(error))
        })
    });
    // Do not wait for background work (DNS look-ups, the sandbox).
    runtime.shutdown_background();
    code
}

/// Arguments that were parsed before.
fn unparsable(error: &clap::Error) -> Error {
    Error::internal(error.to_string())
}

/// Checks that the runtime can open enough files: it panics otherwise.
#[cfg(unix)]
fn check_open_files() -> std::io::Result<()> {
    /// The smallest sufficient limit.
    const AMPLE: u64 = 64;
    const NEEDED: usize = 6;
    if rustix::process::getrlimit(rustix::process::Resource::Nofile).current.is_some_and(|limit| limit < AMPLE) {
        let files: std::io::Result<Vec<_>> = (0..NEEDED).map(|_| std::fs::File::open("/dev/null")).collect();
        files?;
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "its counterpart can fail")]
fn check_open_files() -> std::io::Result<()> {
    Ok(())
}

fn fail_with(printer: &Printer, error: &Error) -> u8 {
    if error.kind() != Kind::ClosedPipe {
        printer.error(error);
    }
    error.kind().exit().code()
}

/// The expression of `--jq` with its variables.
fn jq_program(globals: &Globals) -> Result<Option<JqProgram>> {
    let Some(expression) = &globals.jq else { return Ok(None) };
    let mut variables = JqVariables::default();
    for pair in globals.arg.chunks_exact(2) {
        variables.add_text(&pair[0], &pair[1])?;
    }
    for pair in globals.argjson.chunks_exact(2) {
        variables.add_json(&pair[0], &pair[1])?;
    }
    JqProgram::with_variables(expression, &variables).map(|program| Some(program.quoted(globals.jq_json)))
}

/// The flags that a hinted command needs to reach the same API and account.
fn global_flags(globals: &Globals, sandboxed: bool) -> String {
    let mut flags = String::new();
    if sandboxed {
        flags.push_str(" --sandbox");
    }
    let ca_cert = globals.network.ca_cert.as_ref().map(|path| path.display().to_string());
    let named = [
        ("--profile", &globals.profile),
        ("--account", &globals.account),
        ("--api-url", &globals.network.api_url),
        ("--ca-cert", &ca_cert),
    ];
    for (flag, value) in named {
        if let Some(value) = value {
            let _ = write!(flags, " {flag} {}", shell_quote(value));
        }
    }
    flags
}

/// Reports a panic like any other error: on stderr, in the chosen format, with its own exit code.
fn install_panic_hook(format: Option<String>) {
    std::panic::set_hook(Box::new(move |panic| {
        let globals = Globals { output: format.clone(), ..Globals::default() };
        let printer = Printer::stdio(printer_options(&globals, &ProcessEnv::from_process(), None));
        printer.error(&Error::internal("this is a bug in c66").cause(panic.to_string()));
        #[expect(clippy::exit, reason = "a panic has nothing to return to")]
        std::process::exit(i32::from(crate::exit::Exit::Internal.code()));
    }));
}

/// Reports why a command line was not run.
fn report_refusal(refusal: &Refusal, tree: &clap::Command, variables: &ProcessEnv) -> u8 {
    let (Refusal::Clap(_, arguments) | Refusal::Ours(_, arguments)) = refusal;
    let globals = Globals { output: output_flag(arguments), color: color_flag(arguments), ..Globals::default() };
    let printer = Printer::stdio(printer_options(&globals, variables, None));
    match refusal {
        Refusal::Clap(error, arguments) => report_clap_error(&printer, error, tree, arguments),
        Refusal::Ours(error, _) => fail_with(&printer, error),
    }
}

/// Reports clap's outcome: help and version are results, the rest are errors in our format.
fn report_clap_error(printer: &Printer, error: &clap::Error, tree: &clap::Command, arguments: &[OsString]) -> u8 {
    use clap::error::ErrorKind;
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = error.render();
            let text = match error.kind() {
                ErrorKind::DisplayHelp => page::of_rendered(tree, &text.to_string()),
                _ => text,
            };
            let text = if printer.options().color_stdout { text.ansi().to_string() } else { text.to_string() };
            match printer.write(|out| out.write_all(text.as_bytes())).and_then(|()| printer.flush()) {
                Ok(()) => 0,
                Err(error) => fail_with(printer, &error),
            }
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if !printer.format().is_json() => {
            let page = page::of_rendered(tree, &error.render().to_string());
            printer.print_to_stderr(page.to_string().trim_end());
            crate::exit::Exit::Usage.code()
        }
        _ => fail_with(printer, &usage_error::usage(error, tree, arguments)),
    }
}
