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
    after_help = "Examples:\n  c66 link shop@staging\n  c66 link\n\nWithout a name, links the stack of this git remote and branch, or prompts for one."
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

/// Runs `c66 link`.
pub(crate) async fn link(context: &Context, args: &LinkArgs) -> Result<()> {
    let project_file = project_file(context)?;
    let (target, stacks) = context.stack_to_link(&args.target.args()).await?;
    let (name, environment) = written(&target, &stacks);
    project::link(context.for_editing(&project_file)?, name, environment)?;
    let said = format!("Linked this folder to {} ({}).", target.label(), project_file.display());
    let document =
        json!({ "ok": true, "stack": target.uid, "file": project_file.display().to_string(), "message": said });
    acknowledge_local(&context.printer, Document::from_value(&document))
}

/// Runs `c66 unlink`.
pub(crate) fn unlink(context: &Context) -> Result<()> {
    let project_file = project_file(context)?;
    let said = if project::unlink(context.for_editing(&project_file)?)? {
        let file = project_file.display();
        if project_file.exists() {
            format!("Unlinked this folder ({file}).")
        } else {
            format!("Unlinked this folder. Removed {file}.")
        }
    } else {
        "This folder is not linked to a stack.".to_owned()
    };
    if let Some(other) = context.folder.as_deref().map(Project::find).transpose()?.flatten()
        && other.get(crate::config::SettingKey::Stack).is_some()
    {
        context.printer.warn(&format!("{} also links this folder to a stack", other.path.display()));
    }
    acknowledge_local(&context.printer, Document::from_value(&json!({ "ok": true, "message": said })))
}

/// The project file of this folder: the nearest one within the checkout, else the one to create here. Files above the
/// checkout are for other projects too.
fn project_file(context: &Context) -> Result<PathBuf> {
    let folder =
        context.folder.as_deref().ok_or_else(|| Error::new(Kind::LocalFile, "the current folder no longer exists"))?;
    let top = checkout::root(folder).unwrap_or(folder);
    let within = folder.ancestors().take_while(|above| above.starts_with(top));
    let there = within.map(|folder| folder.join(FILE_NAME)).find(|path| path.exists());
    Ok(there.unwrap_or_else(|| Path::new(folder).join(FILE_NAME)))
}

/// The stack in a project file: its name and environment, or its UID if these are not unique.
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
