//! The deletion of a database or a user: its name must be given.

use clap::Args;

use super::group::GroupArgs;
use crate::args::{ConfirmArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::actions::Action;
use crate::commands::actions::{print_verdict, send};
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::error::Result;
use crate::http::Request;
use crate::resource::write::{acknowledge, preview};
use crate::text::sanitize::sanitize;

/// The options of a deletion.
#[derive(Args, Debug)]
pub(crate) struct DeletionArgs {
    #[command(flatten)]
    pub(crate) group: GroupArgs,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    /// Name of what is deleted, to confirm
    #[arg(long, value_name = "NAME")]
    pub(crate) confirm: Option<String>,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Sends a deletion after its name was given, and waits for it if the reply has an action.
///
/// `what` is the kind of the item, its name, and the damage.
pub(super) async fn perform_deletion(
    context: &Context,
    target: &StackRef,
    request: &Request,
    (kind, name, why): (&str, &str, &str),
    deletion: &DeletionArgs,
    said: &str,
) -> Result<()> {
    let client = context.cloud66().await?;
    let transport = client.transport();
    if deletion.write.dry_run {
        return preview(transport, request);
    }
    transport.refuse_if_read_only(request)?;
    let confirm = ConfirmArgs { confirm: deletion.confirm.clone() };
    context.confirm_by_name(why, kind, name, &confirm, |typed| typed == name || typed == sanitize(name))?;
    finish(context, target, request, &deletion.wait, said).await
}

/// Sends a write whose reply is not documented, and waits for its action if it has one.
pub(super) async fn finish(
    context: &Context,
    target: &StackRef,
    request: &Request,
    wait: &WaitArgs,
    said: &str,
) -> Result<()> {
    match send(context, target, request, wait).await? {
        // Without an id, the reply is not an action.
        Some(document) if document.view::<Action>()?.id.is_some() => print_verdict(context, document),
        reply => acknowledge(context.cloud66().await?.transport(), reply, said),
    }
}
