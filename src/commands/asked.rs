//! Writes that ask before every stack action, on production or not.

use super::actions::{WritePhrase, carry_out, print_verdict, send};
use super::context::Context;
use crate::args::{ConfirmArgs, WaitArgs, WriteArgs};
use crate::commands::context::stack_match::StackRef;
use crate::error::Result;
use crate::http::Request;
use crate::resource::write::acknowledge;

/// Sends a write that starts a stack action after confirmation (or `--yes`), waits for it unless told otherwise, and
/// prints it.
pub(crate) async fn perform_asked(
    context: &Context,
    target: &StackRef,
    request: &Request,
    prompt: &str,
    write: &WriteArgs,
    wait: &WaitArgs,
) -> Result<()> {
    if context.confirm_write(target, prompt, std::slice::from_ref(request), write, true).await? {
        carry_out(context, target, request, &WritePhrase::new(prompt.to_owned()), wait).await?;
    }
    Ok(())
}

/// The same for a write that destroys data: the name of the stack must be given.
pub(crate) async fn perform_typed(
    context: &Context,
    target: &StackRef,
    request: &Request,
    why: &str,
    (write, confirm): (&WriteArgs, &ConfirmArgs),
    wait: &WaitArgs,
) -> Result<()> {
    let requests = std::slice::from_ref(request);
    if context.confirm_write_by_name(target, why, requests, write, confirm).await? {
        finish(context, target, request, wait).await?;
    }
    Ok(())
}

async fn finish(context: &Context, target: &StackRef, request: &Request, wait: &WaitArgs) -> Result<()> {
    match send(context, target, request, wait).await? {
        Some(document) => print_verdict(context, document),
        None => {
            acknowledge(context.cloud66().await?.transport(), None, "Accepted; the reply has no action to wait for.")
        }
    }
}
