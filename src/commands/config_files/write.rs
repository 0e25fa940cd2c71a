//! `c66 config-files push`, `edit` and `apply`.

use std::path::PathBuf;

use clap::Args;

use super::{ConfigFiles, cannot_apply, difference, fetch};
use crate::args::{StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::config_files::ConfigFile;
use crate::cloud66::endpoints::{CONFIGURATION_APPLY, CONFIGURATION_SHOW, CONFIGURATION_UPDATE};
use crate::cloud66::with_field;
use crate::commands::actions::perform;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::commands::editor::Editor;
use crate::error::{Error, Result};
use crate::files::draft::Draft;
use crate::files::input;
use crate::resource::Resource;
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;

/// `c66 config-files push`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&CONFIGURATION_UPDATE, &CONFIGURATION_SHOW]).asks(Asks::OnProduction))]
pub(crate) struct PushArgs {
    /// Type of the file
    #[arg(value_name = "TYPE")]
    #[arg(add = ConfigFiles::NOUN.names())]
    pub(crate) kind: String,
    /// File to send; - reads stdin
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// `c66 config-files edit`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&CONFIGURATION_UPDATE, &CONFIGURATION_SHOW]).asks(Asks::OnProduction))]
pub(crate) struct EditArgs {
    /// Type of the file
    #[arg(value_name = "TYPE")]
    #[arg(add = ConfigFiles::NOUN.names())]
    pub(crate) kind: String,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// A change of a configuration file.
#[derive(Args, Debug)]
pub(crate) struct ChangeArgs {
    /// Comment on the change
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) message: Option<String>,
    /// Apply it to the servers too
    #[arg(long)]
    pub(crate) apply: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// `c66 config-files apply`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&CONFIGURATION_APPLY, &CONFIGURATION_SHOW]).asks(Asks::Always))]
pub(crate) struct ApplyArgs {
    /// Type of the file
    #[arg(value_name = "TYPE")]
    #[arg(add = ConfigFiles::NOUN.names())]
    pub(crate) kind: String,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Runs `c66 config-files push`.
pub(super) async fn push(context: &Context, args: &PushArgs) -> Result<()> {
    let body = input::read(&args.file)?;
    let target = context.stack_for_write(&args.change.stack, &args.change.write).await?;
    let current = fetch(context, &target, &args.kind).await?;
    change(context, &target, &args.kind, &current, body, &args.change).await
}

/// Runs `c66 config-files edit`.
pub(super) async fn edit(context: &Context, args: &EditArgs) -> Result<()> {
    let editor = Editor::of_user(context, "use c66 config-files pull and c66 config-files push")?;
    let target = context.stack_for_write(&args.change.stack, &args.change.write).await?;
    let current = fetch(context, &target, &args.kind).await?;
    let failed = |error: std::io::Error| Error::local_file("create a file for the editor", &error);
    // Deleted afterwards, unless the change is not accepted.
    let text = current.body.as_deref().unwrap_or_default();
    let draft = Draft::create(&std::env::temp_dir(), "configuration", text).map_err(failed)?;
    editor.open(context, draft.path())?;
    let body = match std::fs::read_to_string(draft.path()) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        body => body.map_err(failed)?,
    };
    // As in git: an empty file changes nothing.
    if body.trim().is_empty() {
        let sentence = "The file is empty; nothing was changed.";
        return acknowledge(context.cloud66().await?.transport(), None, sentence);
    }
    let outcome = change(context, &target, &args.kind, &current, body, &args.change).await;
    if outcome.is_ok() {
        return outcome;
    }
    let kept = draft.keep("c66-config-", "").map_err(failed)?;
    outcome.map_err(|error| error.hint(format!("your edit is in {}", kept.display())))
}

/// Sends a new content, unless it is the same.
async fn change(
    context: &Context,
    target: &StackRef,
    kind: &str,
    current: &ConfigFile,
    body: String,
    args: &ChangeArgs,
) -> Result<()> {
    let lines = difference(current.body.as_deref().unwrap_or_default(), &body);
    if lines.is_empty() {
        return acknowledge(context.cloud66().await?.transport(), None, "nothing to change");
    }
    if args.apply && current.can_apply == Some(false) {
        return Err(cannot_apply(kind, target));
    }
    let mut request = request_in_stack(target, &CONFIGURATION_UPDATE, &[("configuration_type", kind)])?;
    if let Some(message) = &args.message {
        request = with_field(request, "commit_message", message.as_str());
    }
    request = with_field(with_field(request, "body", body), "must_apply", args.apply);
    let applied = if args.apply { " and apply it" } else { "" };
    let count = |sign| lines.lines().filter(|line| line.starts_with(sign)).count();
    let changes = format!("+{} -{} lines", count('+'), count('-'));
    let prompt = format!("Change {kind} of {}{applied} ({changes})", target.label());
    perform(context, target, request, &prompt, &args.write, &args.wait).await
}

/// Runs `c66 config-files apply`, which always asks: it changes running servers.
pub(super) async fn apply(context: &Context, args: &ApplyArgs) -> Result<()> {
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    if fetch(context, &target, &args.kind).await?.can_apply == Some(false) {
        return Err(cannot_apply(&args.kind, &target));
    }
    let request = request_in_stack(&target, &CONFIGURATION_APPLY, &[("configuration_type", &args.kind)])?;
    let prompt = format!("Apply {} to the servers of {}", args.kind, target.label());
    perform(context, &target, request, &prompt, &args.write, &args.wait).await
}
