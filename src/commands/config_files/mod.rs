//! `c66 config-files`: configuration files of a stack, and the versions of service.yml and manifest.yml.

mod versions;
mod write;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use self::versions::VersionsArgs;
use self::write::{ApplyArgs, EditArgs, PushArgs};
use super::context::Context;
use crate::args::{ListArgs, ShowArgs, StackArgs};
use crate::cloud66::config_files::ConfigFile;
use crate::cloud66::endpoints::{CONFIGURATION_LIST, CONFIGURATION_SHOW};
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{list_in_stack, request_in_stack, show_in_stack};
use crate::commands::deferred::Deferred;
use crate::error::{Error, Kind, Result};
use crate::files::input;
use crate::files::private_file::PrivateFile;
use crate::output::cell::Cell;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 config-files …`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigFilesCommand {
    /// List the configuration files of a stack
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 config-files list -s awesome-app@production")]
    #[command(add = Verb::list(ConfigFiles::NOUN))]
    List {
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one configuration file
    #[command(after_help = "Example:\n  c66 config-files show nginx -s awesome-app@production")]
    #[command(add = Verb::show(ConfigFiles::NOUN))]
    Show {
        /// Type of the file
        #[arg(value_name = "TYPE")]
        #[arg(add = ConfigFiles::NOUN.names())]
        kind: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Print a configuration file, or save it to a file
    #[command(
        alias = "download",
        after_help = "Examples:\n  c66 config-files pull nginx -s awesome-app@production\n  c66 config-files pull nginx nginx.conf -s awesome-app@production"
    )]
    #[command(add = Verb::calls(&[&CONFIGURATION_SHOW]))]
    Pull(Deferred<PullArgs>),
    /// Send a configuration file
    #[command(
        alias = "upload",
        after_help = "Example:\n  c66 config-files push nginx nginx.conf -s awesome-app@production -m 'Longer timeouts' --apply"
    )]
    Push(Deferred<PushArgs>),
    /// Compare a file with the configuration file of the stack
    #[command(
        after_help = "Example:\n  c66 config-files diff nginx nginx.conf -s awesome-app@production\n\nExits with 11 if they differ."
    )]
    #[command(add = Verb::calls(&[&CONFIGURATION_SHOW]))]
    Diff(Deferred<DiffArgs>),
    /// Change a configuration file in your editor
    #[command(after_help = "Example:\n  c66 config-files edit nginx -s awesome-app@production --apply")]
    Edit(Deferred<EditArgs>),
    /// Apply a configuration file to the servers
    #[command(after_help = "Example:\n  c66 config-files apply nginx -s awesome-app@production")]
    Apply(Deferred<ApplyArgs>),
    /// List, show and add versions of service.yml and manifest.yml
    #[command(
        after_help = "Examples:\n  c66 config-files versions service -s voting-app\n  c66 config-files versions service --show latest -s voting-app\n  c66 config-files versions manifest --add manifest.yml -m 'Larger servers' -s voting-app"
    )]
    Versions(Deferred<VersionsArgs>),
}

/// `c66 config-files pull`
#[derive(Args, Debug)]
pub(crate) struct PullArgs {
    /// Type of the file
    #[arg(value_name = "TYPE")]
    #[arg(add = ConfigFiles::NOUN.names())]
    pub(crate) kind: String,
    /// File to write [default: stdout]
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}

/// `c66 config-files diff`
#[derive(Args, Debug)]
pub(crate) struct DiffArgs {
    /// Type of the file
    #[arg(value_name = "TYPE")]
    #[arg(add = ConfigFiles::NOUN.names())]
    pub(crate) kind: String,
    /// File to compare with; - reads stdin
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}

/// Configuration files.
pub(crate) struct ConfigFiles;

impl Resource for ConfigFiles {
    type View = ConfigFile;
    const NOUN: &'static Noun = &Noun::new::<Self>("configuration file", "configuration files")
        .listed_by(&CONFIGURATION_LIST)
        .shown_by(&CONFIGURATION_SHOW)
        .named_by(&["type"])
        .told_apart_by(&["name"]);
    const COLUMNS: &'static [Column<ConfigFile>] = &[
        key(Column::text("type", "type, for other commands", |file| file.kind.clone().into())),
        Column::text("name", "file name", |file| file.name.clone().into()),
        minor(Column::size("size", "size of its content", |file| {
            file.body.as_ref().map_or(Cell::Empty, |body| Cell::Size(body.len() as u64))
        })),
        Column::flag("can_apply", "whether it can be applied without a deployment", |file| file.can_apply.into()),
        minor(Column::time("updated", "when it was last changed", |file| file.updated_at.clone().into())),
        minor(Column::text("changed_by", "who changed it last", |file| file.changed_by.clone().into())),
        wide(Column::text("comments", "comments of the last change", |file| file.comments.clone().into())),
    ];

    fn id(view: &ConfigFile) -> Option<String> {
        view.kind.clone()
    }
}

/// Runs `c66 config-files …`; returns the exit code.
pub(crate) async fn run(context: &Context, command: ConfigFilesCommand) -> Result<u8> {
    match command {
        ConfigFilesCommand::List { stack, list } => {
            list_in_stack::<ConfigFiles>(context, &stack, &list, &[]).await?;
        }
        ConfigFilesCommand::Show { kind, stack, show } => {
            let parts = [("configuration_type", &*kind)];
            show_in_stack::<ConfigFiles>(context, &stack, &show, &parts).await?;
        }
        ConfigFilesCommand::Pull(Deferred(args)) => pull(context, &args).await?,
        ConfigFilesCommand::Push(Deferred(args)) => write::push(context, &args).await?,
        ConfigFilesCommand::Diff(Deferred(args)) => return diff(context, &args).await,
        ConfigFilesCommand::Edit(Deferred(args)) => write::edit(context, &args).await?,
        ConfigFilesCommand::Apply(Deferred(args)) => write::apply(context, &args).await?,
        ConfigFilesCommand::Versions(Deferred(args)) => versions::run(context, &args).await?,
    }
    Ok(0)
}

/// One configuration file with its content.
async fn fetch(context: &Context, target: &StackRef, kind: &str) -> Result<ConfigFile> {
    let request = request_in_stack(target, &CONFIGURATION_SHOW, &[("configuration_type", kind)])?;
    context.cloud66().await?.fetch(&request).await?.view()
}

async fn pull(context: &Context, args: &PullArgs) -> Result<()> {
    // Before the first request: a file that cannot be written is not needed.
    let file = match &args.file {
        Some(path) if !input::is_stdin(path) => Some((path, PrivateFile::create(path, args.force)?)),
        _ => None,
    };
    let target = context.stack(&args.stack, false).await?;
    let body = fetch(context, &target, &args.kind).await?.body.unwrap_or_default();
    print_or_save(context, &body, file.map(|(path, file)| (path.as_path(), file)))
}

/// Prints a content as it is, or saves it.
fn print_or_save(context: &Context, body: &str, file: Option<(&std::path::Path, PrivateFile)>) -> Result<()> {
    if let Some((path, file)) = file {
        file.finish(body.as_bytes())?;
        context.printer.note(&format!("Saved to {}", path.display()));
        return Ok(());
    }
    context.printer.write(|out| out.write_all(body.as_bytes()))?;
    context.printer.flush()
}

async fn diff(context: &Context, args: &DiffArgs) -> Result<u8> {
    let wanted = input::read(&args.file)?;
    let target = context.stack(&args.stack, false).await?;
    let current = fetch(context, &target, &args.kind).await?.body.unwrap_or_default();
    let lines = difference(&current, &wanted);
    if lines.is_empty() {
        return Ok(0);
    }
    context.printer.write(|out| out.write_all(lines.as_bytes()))?;
    context.printer.flush()?;
    Ok(Kind::Differs.exit().code())
}

/// Maximum number of lines that are compared one by one.
const MAX_LINES: usize = 2_000;

/// The lines that differ, with `-` for those of the stack and `+` for those of the file; empty if there are none.
fn difference(current: &str, wanted: &str) -> String {
    if current == wanted {
        return String::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (current.lines().collect(), wanted.lines().collect());
    let start = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    if old.is_empty() && new.is_empty() {
        return "~ the line break at the end\n".to_owned();
    }
    let line = |sign: char, text: &str| format!("{sign} {}\n", crate::text::sanitize::sanitize(text));
    if old.len().max(new.len()) > MAX_LINES {
        let removed = old.iter().map(|text| line('-', text));
        return removed.chain(new.iter().map(|text| line('+', text))).collect();
    }
    let common = longest_common(old, new);
    let (mut lines, mut at_old, mut at_new) = (String::new(), 0, 0);
    for (in_old, in_new) in common.into_iter().chain([(old.len(), new.len())]) {
        old[at_old..in_old].iter().for_each(|text| lines.push_str(&line('-', text)));
        new[at_new..in_new].iter().for_each(|text| lines.push_str(&line('+', text)));
        (at_old, at_new) = (in_old + 1, in_new + 1);
    }
    lines
}

/// The places of the longest common subsequence.
fn longest_common(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    let mut lengths = vec![0_u16; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i * width + j] = if old[i] == new[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            found.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}

/// The error for a file that the API cannot apply without a deployment.
fn cannot_apply(kind: &str, target: &StackRef) -> Error {
    Error::usage(format!("{kind} of {} cannot be applied without a deployment", target.label()))
        .hint(format!("c66 redeploy {}", target.flag()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_shown_line_by_line() {
        for (current, wanted, expected) in [
            ("a\nb\nc\n", "a\nb\nc\n", ""),
            ("a\nb\nc\n", "a\nx\nc\n", "- b\n+ x\n"),
            ("a\nb\nc\nd\n", "a\nc\nd\ne\n", "- b\n+ e\n"),
            ("", "a\n", "+ a\n"),
            ("a\n", "", "- a\n"),
            ("a\n", "a", "~ the line break at the end\n"),
            ("1\n2\n3\n4\n5\n", "1\nx\n3\ny\n5\n", "- 2\n+ x\n- 4\n+ y\n"),
        ] {
            assert_eq!(difference(current, wanted), expected, "{current:?} {wanted:?}");
        }
    }
}
