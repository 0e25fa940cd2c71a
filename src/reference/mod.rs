//! The reference, written by the program from what it is: the command tree, the table of operations, the examples.
//!
//! A test holds `docs/reference/` and `docs/man/` to it.

pub(crate) mod cloudmc;
pub(crate) mod endpoints;
pub(crate) mod manual;
pub(crate) mod openapi;

use std::fmt::Write;

use clap::{Arg, Command};

use crate::http::endpoint::Endpoint;

/// Which command makes which call of an API.
pub(crate) struct EndpointCommands {
    /// Every call.
    all: &'static [&'static Endpoint],
    /// The ids of calls, each with the commands that make it, the plainest first.
    commands: &'static [(&'static str, &'static [&'static str])],
}

impl EndpointCommands {
    /// The commands that make the call of that id.
    pub(crate) fn commands_of(&self, id: &str) -> &'static [&'static str] {
        self.commands.iter().find(|(known, _)| *known == id).map_or(&[], |(_, commands)| commands)
    }

    /// The calls that a command is there for.
    pub(crate) fn of_command(&self, command: &str) -> impl Iterator<Item = &'static Endpoint> {
        self.all.iter().copied().filter(move |endpoint| self.commands_of(endpoint.id).contains(&command))
    }
}

/// Every visible command with its whole path, the tree's root first.
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

/// All commands as a page of Markdown, each with its help as the program prints it.
///
/// `root` must have been built, so that inherited flags are known.
pub(crate) fn commands(root: &Command) -> String {
    let mut page = String::from(
        "# Commands\n\nWritten by the program; `BLESS=1 cargo test reference` writes it anew. The flags that every command \
         takes are shown once, at [c66](#c66).\n",
    );
    for (path, command) in walk(root) {
        let depth = if path.len() == 1 { "##" } else { "###" };
        let _ = write!(page, "\n{depth} {}\n\n", path.join(" "));
        if let Some(about) = command.get_about() {
            let _ = write!(page, "{about}.\n\n");
        }
        let _ = write!(page, "```text\n{}\n```\n", help(command, (path.len() > 1).then_some(root)));
        let operations: Vec<String> = endpoints::ENDPOINT_COMMANDS
            .of_command(&path.join(" "))
            .map(|endpoint| format!("[{}](endpoints.md#{}) (scope `{}`)", endpoint.id, endpoint.id, endpoint.scope))
            .chain(
                cloudmc::ENDPOINT_COMMANDS
                    .of_command(&path.join(" "))
                    .map(|endpoint| format!("[{id}](cloudmc.md#{id})", id = endpoint.id)),
            )
            .collect();
        if !operations.is_empty() {
            let _ = write!(page, "\nCalls: {}\n", operations.join(", "));
        }
    }
    page
}

/// The help of a command; below the root without the flags that every command has: those of the root.
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
