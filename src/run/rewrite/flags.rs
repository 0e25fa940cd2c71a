//! Flags that people know from CX and other tools, and what they are here.

use std::ffi::OsString;

use clap::Command;

use super::Step;
use super::place::{Place, is_flag, long};
use crate::error::Error;
use crate::output::Format;

/// What a flag is here.
#[derive(Clone, Copy, Debug)]
enum Meaning {
    /// Another flag, with the same value.
    Rename(&'static str),
    /// Other arguments, if it was given without a value.
    Become(&'static [&'static str]),
    /// An output format, if its value is one.
    Format,
    /// Nothing to run without being told: the flag to use.
    Hint(&'static str),
}

use Meaning::{Become, Format as AsFormat, Hint, Rename};

/// Flags, the flag that a command must have for it (none: any command), and what they are.
type Row = (&'static [&'static str], Option<&'static str>, Meaning);

const ROWS: &[Row] = &[
    (
        &["-a", "--app", "--application", "--project", "--stack-name", "--stack-uid", "-s"],
        Some("stack"),
        Rename("stack"),
    ),
    (&["--env"], Some("environment"), Rename("environment")),
    (
        &["-d", "--detach", "--async", "--background", "--no-follow", "--nowait", "--no-watch"],
        Some("no-wait"),
        Become(&["--no-wait"]),
    ),
    (&["--wait", "--follow", "--sync"], Some("no-wait"), Become(&[])),
    (&["-w"], Some("no-wait"), Hint("c66 waits by default; --no-wait returns immediately")),
    (&["-f"], Some("no-wait"), Hint("c66 waits by default; --yes skips the confirmation")),
    (&["--wait-timeout", "--max-wait"], Some("timeout"), Rename("timeout")),
    (&["--interval", "--poll"], Some("poll-interval"), Rename("poll-interval")),
    (
        &["--ref", "--branch", "-b", "--commit", "--sha", "--git-branch", "--revision", "--tag"],
        Some("git-ref"),
        Hint("--git-ref REF"),
    ),
    (&["--image", "--only"], Some("service"), Hint("--service NAME[:REF]")),
    (
        &["-n", "--max", "--count", "-L", "--top", "--head", "--lines", "--per-page", "--page-size", "--page"],
        Some("limit"),
        Hint("--limit N"),
    ),
    (&["-A", "-a", "--all", "--paginate"], Some("limit"), Become(&[])),
    (&["--column", "--cols", "--fields", "--field"], Some("columns"), Rename("columns")),
    (&["-c"], Some("columns"), Hint("--columns A,B")),
    (&["-w"], Some("watch"), Hint("--watch")),
    (&["--show-values", "--values", "--unmask", "--plain", "--show-secrets"], Some("reveal"), Hint("--reveal")),
    (&["--file", "--env-file", "--from-file"], Some("apply-strategy"), Hint("c66 env push FILE")),
    (&["--web", "--browser"], Some("columns"), Hint("c66 stacks open opens the page of a stack")),
    (
        &["--no-header", "--noheaders", "--noheader", "--no-heading", "--no-headings", "-H"],
        Some("no-headers"),
        Become(&["--no-headers"]),
    ),
    (&["--sort-by", "--order", "--order-by", "--sortby"], Some("sort"), Rename("sort")),
    (&["--reverse", "-r", "--desc"], Some("sort"), Hint("--sort COLUMN:desc")),
    (
        &["--where", "--search", "--query", "-l", "--selector", "--status", "--name", "--match", "--grep"],
        Some("filter"),
        Hint("--filter COLUMN=VALUE"),
    ),
    (&["--dryrun"], Some("dry-run"), Become(&["--dry-run"])),
    (
        &["--plan", "--what-if", "--noop", "--check", "--diff", "--simulate"],
        Some("dry-run"),
        Hint("--dry-run shows the request without sending it"),
    ),
    (
        &["--force", "-f", "--assume-yes", "--auto-approve", "--approve", "--no-confirm", "--yes-i-am-sure"],
        Some("yes"),
        Hint("--yes skips the confirmation"),
    ),
    (&["--type"], Some("db-type"), Rename("db-type")),
    (&["-X", "--method", "--request"], Some("paginate"), Hint("the method is the first word: c66 api POST PATH")),
    (&["-d", "--data", "--body"], Some("paginate"), Hint("--input FILE, or -f KEY=VALUE for each field")),
    (&["--file-type"], Some("format"), Rename("format")),
    (&["--directory"], Some("dir"), Rename("dir")),
    (&["--format", "--template", "-t", "--output-format", "--out"], None, AsFormat),
    (&["--yaml"], None, Become(&["--output", "yaml"])),
    (&["--jsonl"], None, Become(&["--output", "jsonl"])),
    (&["--csv"], None, Become(&["--output", "csv"])),
    (&["--tsv"], None, Become(&["--output", "tsv"])),
    (&["--table"], None, Become(&["--output", "table"])),
    (&["--wide", "--long"], None, Become(&["--output", "wide"])),
    (&["-l"], None, Hint("-o wide")),
    (&["-j"], None, Become(&["--json"])),
    (&["--silent"], None, Become(&["--quiet"])),
    (
        &["-v", "--verbose", "--trace", "-vv", "-vvv", "--log-level"],
        None,
        Hint("to trace requests, pass --debug; for more columns, pass -o wide"),
    ),
    (&["--no-color", "--no-colour", "--nocolor", "--monochrome"], None, Become(&["--color", "never"])),
    (&["--colour"], None, Rename("color")),
    (&["--non-interactive", "--batch", "--no-prompt", "--noninteractive", "--no-tty"], None, Become(&["--no-input"])),
    (&["--context"], None, Rename("profile")),
    (&["-p"], None, Hint("--profile NAME")),
    (
        &["--org", "--organization", "--organisation", "--team", "--owner"],
        None,
        Hint("--account NUMBER; c66 accounts list shows the numbers"),
    ),
    (
        &["--token", "--api-key", "--access-token", "--auth-token", "--password"],
        None,
        Hint("a token is never a flag: c66 auth login asks for it, with --with-token it reads stdin; or set C66_TOKEN"),
    ),
    (&["--url", "--host", "--endpoint", "--server-url", "--api"], None, Hint("--api-url URL")),
    (&["--config"], None, Hint("the environment variable C66_CONFIG names the file")),
    (
        &["-k", "--insecure", "--no-verify", "--skip-tls-verify"],
        None,
        Hint("--ca-cert FILE trusts another certificate authority"),
    ),
    (&["-?"], None, Become(&["--help"])),
    (&["--app", "-a", "--stack", "-s"], None, Hint("this command acts on no stack")),
];

/// Flags of c66 itself that stand alone.
const ALONE: &[(&[&str], &str)] = &[(&["-v"], "--version"), (&["-?"], "--help")];

/// Flags of CX for what is a word here: the flag, and the word's place.
const THINGS: &[(&[&str], &[&str])] = &[
    (&["--server", "--svr"], &["server"]),
    (&["--service", "--svc", "--name"], &["name", "counts"]),
    (&["--container", "--cnt"], &["uid"]),
    (&["--id", "--uid", "--uuid"], &["id", "uid", "uuid"]),
    (&["--key"], &["key", "keys"]),
    (&["--file"], &["file"]),
    (&["--user", "--email"], &["user"]),
];

/// The same for lists: the list, the flag, and the column.
const FILTERS: &[(&str, &[&str], &str)] = &[
    ("services list", &["--service", "--svc"], "name"),
    ("containers list", &["--service", "--svc"], "service"),
    ("servers list", &["--server", "--svr"], "name"),
];

/// What to do with an unknown flag of a command without subcommands.
pub(super) fn unknown(place: &Place<'_>, arguments: &[OsString]) -> Step {
    let (command, at) = (place.command(), place.refused);
    let Some(raw) = arguments.get(at).and_then(|raw| raw.to_str()) else { return Step::Unchanged };
    if let Some(step) = single_dash(command, raw, arguments, at) {
        return step;
    }
    let (flag, value) = raw.split_once('=').map_or((raw, None), |(flag, value)| (flag, Some(value)));
    let next = arguments.get(at + 1).and_then(|next| next.to_str()).filter(|next| !is_flag(next));
    if let Some(step) = thing(place, arguments, flag, value.or(next), value.is_some()) {
        return step;
    }
    // docker's `-a` has no value.
    let is_all = raw == "-a" && next.is_none();
    let fits = |needs: Option<&str>| {
        needs.is_none_or(|needs| long(command, needs).is_some()) && !(is_all && needs == Some("stack"))
    };
    // A short flag may have its value attached.
    let is_it =
        |typed: &&&str| **typed == flag || (typed.len() == 2 && !flag.starts_with("--") && flag.starts_with(**typed));
    let Some((typed, meaning)) = ROWS
        .iter()
        .find_map(|(typed, needs, meaning)| Some((*typed.iter().find(is_it)?, meaning)).filter(|_| fits(*needs)))
    else {
        return Step::Unchanged;
    };
    let attached = value.or_else(|| raw.strip_prefix(typed).filter(|rest| !rest.is_empty()));
    match meaning {
        Rename(name) => {
            let renamed = match attached {
                Some(value) => format!("--{name}={value}"),
                None => format!("--{name}"),
            };
            Step::Again(replaced(arguments, at, 1, &[&renamed]))
        }
        Become(words) if attached.is_none() => Step::Again(replaced(arguments, at, 1, words)),
        Become(_) => Step::Unchanged,
        AsFormat => as_format(command, arguments, at, attached, next, flag),
        Hint(use_this) => Step::Refused(refusal(flag, use_this)),
    }
}

/// What to do with an unknown flag of c66 itself.
pub(super) fn alone(flag: &str, arguments: &[OsString], at: usize) -> Step {
    match ALONE.iter().find(|(typed, _)| typed.contains(&flag)) {
        Some((_, ours)) => Step::Again(replaced(arguments, at, 1, &[ours])),
        None => Step::Unchanged,
    }
}

/// Go's flags, and so those of CX, may have one dash: `-limit 5`.
fn single_dash(command: &Command, raw: &str, arguments: &[OsString], at: usize) -> Option<Step> {
    let name = raw.strip_prefix('-').filter(|name| name.len() > 1 && !name.starts_with('-'))?;
    long(command, name.split('=').next().unwrap_or_default())?;
    Some(Step::Again(replaced(arguments, at, 1, &[&format!("-{raw}")])))
}

/// Moves the value of a flag to the place of the word; in a list it is a filter.
fn thing(
    place: &Place<'_>,
    arguments: &[OsString],
    flag: &str,
    value: Option<&str>,
    is_attached: bool,
) -> Option<Step> {
    let at = place.refused;
    let count = if is_attached { 1 } else { 2 };
    let path = place.path();
    if let Some((_, _, column)) = FILTERS.iter().find(|(list, flags, _)| *list == path && flags.contains(&flag)) {
        return Some(Step::Again(replaced(arguments, at, count, &["--filter", &format!("{column}={}", value?)])));
    }
    let (_, places) = THINGS.iter().find(|(flags, _)| flags.contains(&flag))?;
    place.command().get_positionals().next().filter(|first| places.contains(&first.get_id().as_str()))?;
    let value = value?.to_owned();
    let mut rewritten = replaced(arguments, at, count, &[]);
    rewritten.insert(place.last() + 1, value.into());
    Some(Step::Again(rewritten))
}

fn as_format(
    command: &Command,
    arguments: &[OsString],
    at: usize,
    attached: Option<&str>,
    next: Option<&str>,
    flag: &str,
) -> Step {
    match attached.or(next).filter(|word| word.parse::<Format>().is_ok()) {
        Some(word) => Step::Again(replaced(arguments, at, if attached.is_some() { 1 } else { 2 }, &["--output", word])),
        None if long(command, "columns").is_some() => {
            Step::Refused(refusal(flag, "-o FORMAT, --columns A,B for some columns, or --jq EXPR for anything else"))
        }
        None => Step::Refused(refusal(flag, "-o FORMAT, or --jq EXPR for anything else")),
    }
}

pub(super) fn refusal(flag: &str, use_this: &str) -> Error {
    let can_be_typed = use_this.starts_with('-') || use_this.starts_with("c66 ");
    let hint = if can_be_typed { format!("use: {use_this}") } else { use_this.to_owned() };
    Error::usage(format!("unexpected argument `{flag}`")).hint(hint)
}

/// The arguments with `count` of them replaced.
pub(super) fn replaced(arguments: &[OsString], at: usize, count: usize, by: &[&str]) -> Vec<OsString> {
    let end = (at + count).min(arguments.len());
    let by = by.iter().map(OsString::from);
    arguments[..at].iter().cloned().chain(by).chain(arguments[end..].iter().cloned()).collect()
}
