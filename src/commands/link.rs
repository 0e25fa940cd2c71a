//! `c66 link` and `c66 unlink`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::context::Context;
use crate::args::StackTargetArgs;
use crate::cloud66::endpoints::STACKS_LIST;
use crate::cloud66::envelope::Document;
use crate::commands::context::checkout;
use crate::commands::context::stack_match::{self, StackRef};
use crate::config::project::{self, FILE_NAME, Project};
use crate::error::{Error, Kind, Result};
use crate::resource::verb::Verb;
use crate::resource::write::acknowledge_local;

/// `c66 link`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 link shop@staging\n  c66 link\n\nWithout a name it takes the stack of this git remote and branch, or lets you pick."
)]
#[command(add = Verb::calls(&[&STACKS_LIST]))]
pub(crate) struct LinkArgs {
    #[command(flatten)]
    pub(crate) target: StackTargetArgs,
}

/// `c66 unlink`
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  c66 unlink")]
pub(crate) struct UnlinkArgs;

/// Carries out `c66 link`.
pub(crate) async fn link(context: &Context, args: &LinkArgs) -> Result<()> {
    let project_file = project_file(context)?;
    let (target, stacks) = context.stack_to_link(&args.target.args()).await?;
    let (name, environment) = written(&target, &stacks);
    project::link(context.for_editing(&project_file)?, name, environment)?;
    let said = format!("{} is the stack of this folder now, by {}", target.label(), project_file.display());
    let document =
        json!({ "ok": true, "stack": target.uid, "file": project_file.display().to_string(), "message": said });
    acknowledge_local(&context.printer, Document::from_value(&document))
}

/// Carries out `c66 unlink`.
pub(crate) fn unlink(context: &Context) -> Result<()> {
    let project_file = project_file(context)?;
    let said = if project::unlink(context.for_editing(&project_file)?)? {
        let gone = if project_file.exists() { "" } else { ", which had nothing else and is gone" };
        format!("no stack is named any more by {}{gone}", project_file.display())
    } else {
        "no stack was named here".to_owned()
    };
    if let Some(other) = context.folder.as_deref().map(Project::find).transpose()?.flatten()
        && other.get(crate::config::SettingKey::Stack).is_some()
    {
        context.printer.warn(&format!("{} still names a stack for this folder too", other.path.display()));
    }
    acknowledge_local(&context.printer, Document::from_value(&json!({ "ok": true, "message": said })))
}

/// The project file of this folder: the nearest one within the checkout, else the one that would be here. What lies
/// above the checkout is for other projects too.
fn project_file(context: &Context) -> Result<PathBuf> {
    let folder = context
        .folder
        .as_deref()
        .ok_or_else(|| Error::new(Kind::LocalFile, "the folder this was started in is not there any more"))?;
    let top = checkout::root(folder).unwrap_or(folder);
    let within = folder.ancestors().take_while(|above| above.starts_with(top));
    let there = within.map(|folder| folder.join(FILE_NAME)).find(|path| path.exists());
    Ok(there.unwrap_or_else(|| Path::new(folder).join(FILE_NAME)))
}

/// What a project file calls that stack: its name and environment, or its UID where these are not its alone.
fn written<'t>(target: &'t StackRef, all: &[StackRef]) -> (&'t str, Option<&'t str>) {
    let stack = target.stack.as_ref();
    let named = stack.and_then(|stack| Some((stack.name.as_deref()?, stack.environment.as_deref())));
    match named {
        Some((name, environment))
            if stack_match::choose(all, name, environment).is_ok_and(|one| one.uid == target.uid) =>
        {
            (name, environment)
        }
        _ => (&target.uid, None),
    }
}
