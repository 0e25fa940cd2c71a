//! How to print, from flags, environment and settings.

use std::ffi::OsString;

use crate::commands::globals::Globals;
use crate::config::keys::{COLOR, CSV_SAFE, OUTPUT, SettingDef};
use crate::config::{ProcessEnv, Settings};
use crate::output::{ColorChoice, PrinterOptions, color_terminals};

/// The printer options; without settings (unreadable, or not read yet), flags and environment decide.
pub(super) fn printer_options(
    globals: &Globals,
    variables: &ProcessEnv,
    settings: Option<&Settings>,
) -> PrinterOptions {
    let text = |definition: &SettingDef, flag: Option<&String>| match (settings, definition.variable) {
        (Some(settings), _) => settings.get(definition.key).map(|value| value.text.to_owned()),
        (None, Some(variable)) => {
            flag.cloned().or_else(|| variables.get(variable.name).ok().flatten().map(str::to_owned))
        }
        (None, None) => flag.cloned(),
    };
    let json = "json".to_owned();
    let output = globals.output.as_ref().or(globals.json.then_some(&json));
    let format = text(&OUTPUT.def, output).and_then(|word| word.parse().ok()).unwrap_or_default();
    let choice = text(&COLOR.def, globals.color.as_ref()).and_then(|word| word.parse().ok());
    let (stdout, stderr) = color_terminals();
    let color = |terminal| has_color(choice.unwrap_or_default(), variables, terminal);
    let debug = match variables.get("C66_DEBUG").ok().flatten() {
        Some("0") | None => 0,
        Some(text) => text.parse().unwrap_or(1),
    };
    let dumb = variables.get("TERM").ok().flatten() == Some("dumb");
    PrinterOptions {
        format,
        color_stdout: color(stdout),
        color_stderr: color(stderr),
        animate: !dumb && variables.get_os("CI").is_none(),
        quiet: globals.quiet,
        unicode: has_unicode(variables),
        columns: variables.get("COLUMNS").ok().flatten().and_then(|text| text.parse().ok()).filter(|width| *width > 0),
        csv_safe: globals.csv_safe || text(&CSV_SAFE.def, None).is_some_and(|word| CSV_SAFE.parse(&word) == Ok(true)),
        ci: globals.ci.as_deref().or_else(|| variables.get("C66_CI").ok().flatten()).and_then(|word| word.parse().ok()),
        debug: globals.debug.max(debug),
    }
}

/// Whether the locale has more than ASCII; Windows has it everywhere.
fn has_unicode(variables: &ProcessEnv) -> bool {
    // The first that is set counts, as in the C library.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| variables.get(name).ok().flatten().filter(|locale| !locale.is_empty()));
    cfg!(windows) || locale.is_some_and(|locale| locale.to_lowercase().replace('-', "").contains("utf8"))
}

fn has_color(choice: ColorChoice, variables: &ProcessEnv, terminal: bool) -> bool {
    let set = |name| variables.get_os(name).is_some();
    let on = |name| variables.get_os(name).is_some_and(|value| value != "0");
    let off = |name| variables.get_os(name).is_some_and(|value| value == "0");
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if set("NO_COLOR") => false,
        ColorChoice::Auto if on("CLICOLOR_FORCE") || on("FORCE_COLOR") => true,
        ColorChoice::Auto => terminal && !off("CLICOLOR") && variables.get_os("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// The output format in the arguments, as far as unparsed arguments show it.
pub(super) fn output_flag(arguments: &[OsString]) -> Option<String> {
    let words: Vec<&str> = arguments.iter().filter_map(|word| word.to_str()).collect();
    words.iter().enumerate().find_map(|(at, word)| match *word {
        "--json" => Some("json".to_owned()),
        "-o" | "--output" => words.get(at + 1).map(|format| (*format).to_owned()),
        _ => word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o")).map(str::to_owned),
    })
}

/// The colour mode in the arguments, found in the same way.
pub(super) fn color_flag(arguments: &[OsString]) -> Option<String> {
    let words: Vec<&str> = arguments.iter().filter_map(|word| word.to_str()).collect();
    words.iter().enumerate().find_map(|(at, word)| match *word {
        "--color" => words.get(at + 1).map(|when| (*when).to_owned()),
        _ => word.strip_prefix("--color=").map(str::to_owned),
    })
}
