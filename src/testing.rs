//! What tests and fuzz targets use of the library: functions and types, at most thirty.

use std::collections::BTreeMap;

use clap::{Command, CommandFactory};
use serde_json::Value;

pub use crate::error::Kind as ErrorKind;
pub use crate::exit::Exit;
pub use crate::http::endpoint::{Endpoint, ReplyShape};
pub use crate::output::Format as OutputFormat;
pub use crate::sandbox::{
    Fault, FaultKind, Options as SandboxOptions, Server as SandboxServer, Store as SandboxStore, reset as reset_sandbox,
};

use crate::args::candidates::Candidates;
use crate::commands::Cli;
use crate::commands::help::{cx, topics};
use crate::reference;
use crate::resource::noun::NamesOf;
use crate::resource::verb::Verb;

/// The whole command tree, not yet built.
pub fn command() -> Command {
    Cli::command()
}

/// Every operation of the Cloud 66 API in the table.
pub fn cloud66_operations() -> &'static [&'static Endpoint] {
    crate::cloud66::endpoints::ALL
}

/// Every operation of CloudMC in the table.
pub fn cloudmc_operations() -> &'static [&'static Endpoint] {
    crate::cloudmc::endpoints::ALL
}

/// Each command with the operations of either API that it calls; a command is its words, such as `c66 stacks list`.
pub fn command_operations() -> BTreeMap<String, Vec<&'static Endpoint>> {
    let mut root = Cli::command();
    root.build();
    let operations = |command: &Command| command.get::<Verb>().map(|verb| verb.operations().collect());
    reference::walk(&root)
        .into_iter()
        .map(|(path, command)| (path.join(" "), operations(command).unwrap_or_default()))
        .collect()
}

/// Every generated page with its path below `docs/`. `examples` holds the documented replies by operation.
///
/// # Errors
/// A man page cannot be rendered.
pub fn reference_pages(examples: &BTreeMap<String, Value>) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut root = Cli::command();
    root.build();
    let mut openapi = serde_json::to_vec_pretty(&reference::openapi::describe(examples))?;
    openapi.push(b'\n');
    let mut pages = vec![
        ("reference/commands.md".to_owned(), reference::commands(&root).into_bytes()),
        ("reference/endpoints.md".to_owned(), reference::endpoints::page(&root).into_bytes()),
        ("reference/cloudmc.md".to_owned(), reference::cloudmc::page(&root).into_bytes()),
        ("reference/openapi.json".to_owned(), openapi),
    ];
    pages.extend(reference::man_pages(&root)?.into_iter().map(|(name, text)| (format!("man/{name}"), text)));
    Ok(pages)
}

/// The help topics, each with its text.
pub fn help_topics() -> Vec<(&'static str, String)> {
    topics::ALL.iter().filter_map(|(name, _)| Some((*name, topics::text(name)?))).collect()
}

/// CX commands without a counterpart: words, reason, and what to type instead.
pub fn missing_cx_commands() -> Vec<(&'static str, &'static str, &'static str)> {
    cx::CX_COMMANDS.iter().map(|missing| (missing.words, missing.why, missing.instead)).collect()
}

/// CX flags without a counterpart: command, flag, and what to type instead.
pub fn missing_cx_flags() -> &'static [(&'static str, &'static str, &'static str)] {
    cx::CX_FLAGS
}

/// Every argument with completion: the words of its command below `c66`, and its id.
pub fn completed_arguments() -> Vec<(String, String)> {
    fn walk(command: &Command, path: &str, found: &mut Vec<(String, String)>) {
        for argument in command.get_arguments() {
            if argument.get::<Candidates>().is_some() || argument.get::<NamesOf>().is_some() {
                found.push((path.to_owned(), argument.get_id().to_string()));
            }
        }
        for inner in command.get_subcommands() {
            let below = format!("{path} {}", inner.get_name());
            walk(inner, below.trim_start(), found);
        }
    }
    let (mut tree, mut found) = (Cli::command(), Vec::new());
    tree.build();
    walk(&tree, "", &mut found);
    found
}

/// Parses a text as each kind of configuration file.
///
/// # Panics
/// If a token is not visible ASCII.
pub fn fuzz_config(text: &str) {
    let path = std::path::Path::new("config.toml");
    if let Ok(file) = crate::config::file::ConfigFile::parse(path, text) {
        let _ = file.values();
    }
    let _ = crate::config::project::Project::of_text(path, text);
    if let Ok(secret) = crate::config::token::from_cx(text, &"of a fuzzer") {
        assert!(secret.expose().bytes().all(|byte| byte.is_ascii_graphic()));
    }
}

/// Parses a text as variables, writes them and parses them again.
///
/// # Panics
/// If a variable changes.
pub fn fuzz_dotenv(text: &str) {
    let Ok(variables) = crate::commands::env::dotenv::read(text) else { return };
    let written: String =
        variables.iter().map(|(key, value)| crate::commands::env::dotenv::format_line(key, value)).collect();
    assert_eq!(crate::commands::env::dotenv::read(&written).as_ref(), Ok(&variables));
    for (key, value) in &variables {
        assert!(crate::commands::env::name::check(key).is_ok());
        let _ = crate::commands::env::dotenv::format_shell_line(key, value);
    }
}

/// Compiles a `--jq` expression without running it, since it may never end.
pub fn fuzz_jq(expression: &str) {
    let _ = crate::output::jq::JqProgram::compile(expression);
}

/// Parses bytes as replies of both APIs, with the typed views of their items.
///
/// # Panics
/// If an error has more than one line.
pub fn fuzz_replies(body: &[u8]) {
    use crate::cloud66::deployments::Deployment;
    use crate::cloud66::envelope::Body;
    use crate::cloud66::environments::Variable;
    use crate::cloud66::stacks::Stack;
    use crate::cloudmc::envelope::{ParsedReply, parse};

    if let Ok(parsed) = Body::parse(body) {
        let _ = parsed.into_page();
    }
    if let Some(document) = Body::parse(body).ok().and_then(Body::document) {
        let _ = document.view::<Stack>().map(|stack| stack.label());
        let _ = (document.view::<Deployment>(), document.view::<Variable>());
        let _ = (document.value(), document.list("errors"));
        let _ = crate::output::json::pretty(document.text(), &mut Vec::new());
    }
    for (status, expects_task) in [(200, false), (200, true), (500, false)] {
        match parse(status, body, expects_task) {
            ParsedReply::Errors(errors) => errors.iter().for_each(|error| assert!(!error.line().contains('\n'))),
            ParsedReply::Data(data) => drop((data.items(), data.one())),
            _ => {}
        }
    }
}

/// Parses a text as a time, a duration and an address, and sanitizes it.
///
/// # Panics
/// If the text breaks a promise.
pub fn fuzz_texts(text: &str) {
    use crate::text::format::{format_duration, format_rfc3339, relative_time};
    use crate::text::parse::{parse_duration, parse_time};
    use crate::text::sanitize::{excerpt, sanitize};

    if let (Some(time), Some(other)) = (parse_time(text), parse_time("2026-01-01T00:00:00Z")) {
        let _ = (format_rfc3339(time), relative_time(time, other), relative_time(other, time));
    }
    if let Ok(duration) = parse_duration(text) {
        let _ = format_duration(duration);
    }
    if let Ok(url) = crate::http::client::parse_root(text) {
        assert!(url.username().is_empty() && url.password().is_none());
    }
    let harmless = sanitize(text);
    assert!(!harmless.contains(char::is_control) && sanitize(&harmless) == harmless);
    assert!(excerpt(text, 40).chars().count() <= 40);
}
