//! The help page of a command: what people look for first stands first, and the options of every command are one line.

use std::fmt::Write;

use clap::builder::StyledStr;
use clap::{Args, Command};

use super::scopes::needed_scopes;
use crate::commands::globals::Globals;
use crate::text::wrap::wrap_columns;

/// Commands by what they are for, in the order of the help page: those with a line of their own (several on one line
/// share the summary of the first), and those that are only named.
const GROUPS: [(&str, &[&str], &[&str]); 6] = [
    ("Deploy", &["redeploy", "deployments", "actions", "wait", "jobs", "env", "settings"], &[]),
    (
        "Inspect",
        &["status", "stacks", "services", "servers", "backups"],
        &["containers", "limits", "processes", "server-groups", "sessions"],
    ),
    ("Log in", &["ssh", "run", "tail", "tunnel", "upload, download, cp"], &[]),
    (
        "Configure",
        &["firewall", "lease", "notifications", "ssl"],
        &[
            "clouds",
            "clusters",
            "config-files",
            "config-store",
            "databases",
            "dns-providers",
            "failover-groups",
            "gateways",
            "image-repositories",
            "tags",
            "variants",
        ],
    ),
    ("Account", &["auth", "config", "link, unlink"], &["accounts", "devices", "profiles", "users"]),
    ("Tool", &["api", "cloudmc", "doctor", "sandbox", "help, man"], &["alias", "completions", "operations", "ping"]),
];

/// Width of the lines that only name commands.
const WIDTH: usize = 80;
/// The template of a page that [`of_rendered`] reads.
pub(crate) const USAGE: &str = "{usage-heading} {usage}";
const OPTIONS_LINE: &str = "Options of every command: c66 help options";
/// The style of a heading, as clap writes it.
const HEADING: (&str, &str) = ("\u{1b}[1m\u{1b}[4m", "\u{1b}[0m");
const NAME: (&str, &str) = ("\u{1b}[1m", "\u{1b}[0m");

/// The help page of a built command, with styles.
pub(crate) fn page(command: &Command) -> StyledStr {
    let is_top = command.get_name() == "c66";
    let after: String = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let mut template = String::from("{about-with-newline}\n{usage-heading} {usage}\n");
    if is_top {
        let _ = write!(template, "\n{}\n{after}\n", groups(command));
    } else {
        if !after.is_empty() {
            let _ = write!(template, "\n{}", with_heading(&prose(&after)));
        }
        let _ = write!(template, "\n{{all-args}}\n\n{OPTIONS_LINE}\n");
    }
    if let Some(scopes) = needed_scopes(command) {
        let _ = write!(template, "\n{}", prose(&scopes));
    }
    let command = command.clone();
    // The page of all commands has no options that could be hidden.
    let command = if is_top { command.override_usage("c66 <COMMAND>") } else { without_globals(command) };
    command.after_help(StyledStr::new()).help_template(template).render_help()
}

/// The page of the command whose rendered help page that is; its usage line tells the command.
pub(crate) fn of_rendered(tree: &Command, rendered: &str) -> StyledStr {
    let usage = rendered.lines().find_map(|line| line.strip_prefix("Usage: c66 ")).unwrap_or_default();
    // The words of the command end at its first flag or argument.
    let words = usage.split_whitespace().take_while(|word| word.starts_with(char::is_lowercase));
    let command = words.fold(tree, |command, word| command.find_subcommand(word).unwrap_or(command));
    page(command)
}

/// The page of the options of every command.
pub(crate) fn options() -> StyledStr {
    let command = Globals::augment_args(Command::new("c66").disable_help_flag(true));
    command.help_template("Options of every command\n\n{all-args}\n").render_help()
}

/// Hides the options of every command.
fn without_globals(command: Command) -> Command {
    let globals = Globals::augment_args(Command::new("c66"));
    let globals: Vec<_> = globals.get_arguments().map(|argument| argument.get_id().clone()).collect();
    command.mut_args(|argument| if globals.contains(argument.get_id()) { argument.hide(true) } else { argument })
}

/// The commands, group by group.
fn groups(command: &Command) -> String {
    let visible = || command.get_subcommands().filter(|below| !below.is_hide_set());
    let width =
        GROUPS.iter().flat_map(|(_, labels, _)| labels.iter().map(|label| label.len())).max().unwrap_or_default();
    let mut text = String::new();
    let mut group = |heading: &str, names: &[&str], others: &[&str]| {
        let mut lines = String::new();
        let first = |label: &str| visible().find(|below| label.split(", ").next() == Some(below.get_name()));
        for (label, below) in names.iter().filter_map(|label| Some((label, first(label)?))) {
            let about = below.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(lines, "  {}{:width$}{}  {about}", NAME.0, label, NAME.1);
        }
        if !others.is_empty() {
            lines.push_str(&wrap_columns(&format!("  also: {}", others.join(", ")), WIDTH));
        }
        if !lines.is_empty() {
            let _ = write!(text, "{}{heading}:{}\n{lines}", HEADING.0, HEADING.1);
        }
    };
    for (heading, names, others) in &GROUPS {
        group(heading, names, others);
    }
    let grouped: Vec<&str> = grouped().collect();
    let others: Vec<&str> = visible().map(Command::get_name).filter(|name| !grouped.contains(name)).collect();
    group("Other", &others, &[]);
    text
}

/// The names of all commands in groups.
fn grouped() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().flat_map(|(_, labels, others)| labels.iter().chain(*others).flat_map(|label| label.split(", ")))
}

/// A text with its prose wrapped; examples, which are indented, keep their lines.
fn prose(text: &str) -> String {
    let line = |line: &str| if line.starts_with(' ') { format!("{line}\n") } else { wrap_columns(line, WIDTH) };
    text.lines().map(|text| if text.is_empty() { "\n".to_owned() } else { line(text) }).collect()
}

/// A text whose first line is styled as a heading, if it is one.
fn with_heading(text: &str) -> String {
    match text.split_once('\n') {
        Some((first, rest)) if first.ends_with(':') => format!("{}{first}{}\n{rest}", HEADING.0, HEADING.1),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::commands::Cli;

    /// Two screens of a terminal of 80 columns.
    const MOST: usize = 48;
    fn check(command: &Command, path: &str) {
        let text = page(&command.clone().term_width(80)).to_string();
        assert!(text.lines().count() <= MOST, "{path} has {} lines:\n{text}", text.lines().count());
        for line in text.lines().filter(|line| !line.contains("c66 ")) {
            assert!(line.chars().count() <= 80, "{path}: {line}");
        }
        for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
            check(below, &format!("{path} {}", below.get_name()));
        }
    }

    #[test]
    fn a_page_has_at_most_two_screens() {
        let mut tree = Cli::command();
        tree.build();
        check(&tree, "c66");
    }

    #[test]
    fn every_command_is_in_one_group() {
        let mut tree = Cli::command();
        tree.build();
        let text = page(&tree).to_string();
        assert!(!text.contains("Other:"), "{text}");
        for below in tree.get_subcommands().filter(|below| !below.is_hide_set()) {
            let name = below.get_name();
            assert_eq!(grouped().filter(|grouped| *grouped == name).count(), 1, "{name}");
        }
    }

    #[test]
    fn examples_come_before_the_options_and_keep_their_lines() {
        let mut tree = Cli::command();
        tree.build();
        let redeploy = tree.find_subcommand("redeploy").cloned().unwrap_or_default().term_width(80);
        let text = page(&redeploy).to_string();
        let place = |words: &str| text.find(words).unwrap_or(usize::MAX);
        assert!(place("Usage:") < place("Examples:") && place("Examples:") < place("--git-ref <REF>"), "{text}");
        assert!(text.contains("c66 redeploy --stacks-from - --continue-on-error\n"), "{text}");
        assert!(text.contains(OPTIONS_LINE) && !text.contains("--argjson"), "{text}");
        assert!(options().to_string().contains("--argjson"));
    }
}
