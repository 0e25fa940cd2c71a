//! Generates the reference from the command tree, the endpoint tables and the examples.
//!
//! A test compares it with `docs/reference/` and `docs/man/`.

pub(crate) mod cloudmc;
pub(crate) mod endpoints;
pub(crate) mod openapi;

use std::fmt::Write;

use clap::{Arg, Command};

use crate::commands::help::manual;
use crate::http::endpoint::Endpoint;
use crate::resource::verb::Verb;

/// Which command calls which operation of an API.
pub(crate) struct CommandOperations {
    /// Each command with the operations that it calls.
    commands: Vec<(String, Vec<&'static Endpoint>)>,
    /// The commands that call any operation they are given.
    calls_any: Vec<String>,
}

impl CommandOperations {
    /// Those of the Cloud 66 API. `root` must have been built, as for all pages.
    pub(crate) fn of_cloud66(root: &Command) -> Self {
        Self::of(root, |path| path.get(1).is_none_or(|noun| noun != "cloudmc"))
    }

    /// Those of a CloudMC.
    pub(crate) fn of_cloudmc(root: &Command) -> Self {
        Self::of(root, |path| path.get(1).is_some_and(|noun| noun == "cloudmc"))
    }

    fn of(root: &Command, is_wanted: impl Fn(&[String]) -> bool) -> Self {
        let (mut commands, mut calls_any) = (Vec::new(), Vec::new());
        for (path, command) in walk(root).into_iter().filter(|(path, _)| is_wanted(path)) {
            let Some(verb) = command.get::<Verb>() else { continue };
            if verb.calls_any() {
                calls_any.push(path.join(" "));
            }
            commands.push((path.join(" "), verb.operations().collect()));
        }
        Self { commands, calls_any }
    }

    /// The commands that call an operation, in the order of the tree; those that call any if it has none of its own.
    pub(crate) fn commands_of(&self, endpoint: &Endpoint) -> Vec<&str> {
        let calls = |operations: &[&Endpoint]| operations.iter().any(|operation| operation.id == endpoint.id);
        let own = self.commands.iter().filter(|(_, operations)| calls(operations));
        let own: Vec<&str> = own.map(|(command, _)| command.as_str()).collect();
        if own.is_empty() { self.calls_any.iter().map(String::as_str).collect() } else { own }
    }

    /// The operations that a command calls.
    pub(crate) fn of_command(&self, command: &str) -> &[&'static Endpoint] {
        self.commands.iter().find(|(known, _)| known == command).map_or(&[], |(_, operations)| operations)
    }
}

/// Every man page, as file name and text.
pub(crate) fn man_pages(root: &Command) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let page =
        |(path, command): (Vec<String>, &Command)| Ok((format!("{}.1", path.join("-")), manual::page(&path, command)?));
    walk(root).into_iter().map(page).collect()
}

/// Every visible command with its full path, the root first.
pub(crate) fn walk(root: &Command) -> Vec<(Vec<String>, &Command)> {
    let mut found = Vec::new();
    let mut left = vec![(vec![root.get_name().to_owned()], root)];
    while let Some((path, command)) = left.pop() {
        let children: Vec<_> = command.get_subcommands().filter(|child| !child.is_hide_set()).collect();
        for child in children.into_iter().rev() {
            let mut below = path.clone();
            below.push(child.get_name().to_owned());
            left.push((below, child));
        }
        found.push((path, command));
    }
    found
}

/// All commands as a page of Markdown, each with its help.
///
/// `root` must have been built, so that inherited flags are known.
pub(crate) fn commands(root: &Command) -> String {
    let mut page = String::from(
        "# Commands\n\nGenerated. Regenerate with `BLESS=1 cargo test reference`. The flags that every command \
         takes are shown once, at [c66](#c66).\n",
    );
    let (cloud66, cloudmc) = (CommandOperations::of_cloud66(root), CommandOperations::of_cloudmc(root));
    for (path, command) in walk(root) {
        let depth = if path.len() == 1 { "##" } else { "###" };
        let _ = write!(page, "\n{depth} {}\n\n", path.join(" "));
        if let Some(about) = command.get_about() {
            let _ = write!(page, "{about}.\n\n");
        }
        let _ = write!(page, "```text\n{}\n```\n", help(command, (path.len() > 1).then_some(root)));
        let words = path.join(" ");
        let operations = cloud66.of_command(&words).iter();
        let operations = operations.map(|one| format!("[{}](endpoints.md#{}) (scope `{}`)", one.id, one.id, one.scope));
        let others = cloudmc.of_command(&words).iter().map(|one| format!("[{id}](cloudmc.md#{id})", id = one.id));
        let operations: Vec<String> = operations.chain(others).collect();
        if !operations.is_empty() {
            let _ = write!(page, "\nCalls: {}\n", operations.join(", "));
        }
    }
    page
}

/// The help of a command; below the root without the flags of every command.
fn help(command: &Command, below: Option<&Command>) -> String {
    let short = below.is_some();
    let mut command = command.clone().disable_help_flag(short);
    if let Some(root) = below {
        let is_global = |argument: &Arg| {
            argument.get_id() != "help" && root.get_arguments().any(|global| global.get_id() == argument.get_id())
        };
        command = command.mut_args(|argument| if is_global(&argument) { argument.hide(true) } else { argument });
    }
    let text = command.term_width(100).render_help().to_string();
    text.lines().skip(usize::from(short) * 2).map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}
