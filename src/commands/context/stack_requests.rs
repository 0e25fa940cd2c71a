//! Requests for a stack's resources; lists and shows them.

use crate::args::{ListArgs, ShowArgs, StackArgs};
use crate::cloud66::envelope::Document;
use crate::cloud66::request;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::error::Result;
use crate::http::Request;
use crate::http::endpoint::Endpoint;
use crate::resource::Resource;
use crate::resource::columns::Item;
use crate::resource::list::Listing;
use crate::resource::show::{print_column_help_if_asked, show};

/// Lists a noun of the stack; `parts` are the other path segments.
pub(crate) async fn list_in_stack<R: Resource>(
    context: &Context,
    stack: &StackArgs,
    list: &ListArgs,
    parts: &[(&str, &str)],
) -> Result<()> {
    let endpoint = R::NOUN.list_endpoint()?;
    list_with_request::<R>(context, stack, list, async |target| request_in_stack(target, endpoint, parts)).await
}

/// Lists the items of `request`, which may need a look-up in the stack first.
pub(crate) async fn list_with_request<R: Resource>(
    context: &Context,
    stack: &StackArgs,
    list: &ListArgs,
    request: impl AsyncFn(&StackRef) -> Result<Request>,
) -> Result<()> {
    let Some(listing) = Listing::of::<R>(&context.printer, list)? else { return Ok(()) };
    let read = async |target: &StackRef| {
        let pages = context.cloud66().await?.pages(request(target).await?, listing.max_items());
        listing.print(pages, None).await
    };
    context.read_in_stack(stack, read).await
}

/// Lists the items of a request that `keep` keeps.
pub(crate) async fn list_kept_in_stack<R: Resource>(
    context: &Context,
    stack: &StackArgs,
    list: &ListArgs,
    request: impl AsyncFn(&StackRef) -> Result<Request>,
    keep: impl Fn(&R::View) -> bool,
) -> Result<()> {
    let Some(listing) = Listing::of::<R>(&context.printer, list)? else { return Ok(()) };
    let keep = |item: &Item| item.view::<R>().is_some_and(&keep);
    let read = async |target: &StackRef| {
        let pages = context.cloud66().await?.pages(request(target).await?, None);
        listing.print(pages, Some(&keep)).await
    };
    context.read_in_stack(stack, read).await
}

/// Shows an item of a noun of the stack; `parts` identify it in the path.
pub(crate) async fn show_in_stack<R: Resource>(
    context: &Context,
    stack: &StackArgs,
    args: &ShowArgs,
    parts: &[(&str, &str)],
) -> Result<()> {
    let endpoint = R::NOUN.show_endpoint()?;
    show_with_fetch::<R>(context, stack, args, async |target| {
        context.cloud66().await?.fetch(&request_in_stack(target, endpoint, parts)?).await
    })
    .await
}

/// Shows what `fetch` returns.
pub(crate) async fn show_with_fetch<R: Resource>(
    context: &Context,
    stack: &StackArgs,
    args: &ShowArgs,
    fetch: impl AsyncFn(&StackRef) -> Result<Document>,
) -> Result<()> {
    if print_column_help_if_asked::<R>(&context.printer, args)? {
        return Ok(());
    }
    show::<R>(&context.printer, args, context.read_in_stack(stack, fetch).await?)
}

/// All items of a noun of the stack, typed.
pub(crate) async fn all_in_stack<R: Resource>(context: &Context, target: &StackRef) -> Result<Vec<R::View>> {
    let request = request_in_stack(target, R::NOUN.list_endpoint()?, &[])?;
    context.cloud66().await?.fetch_all(request).await?.iter().map(Document::view).collect()
}

/// A request for something of a stack.
pub(crate) fn request_in_stack(
    target: &StackRef,
    endpoint: &'static Endpoint,
    parts: &[(&str, &str)],
) -> Result<Request> {
    let mut all = vec![("stack_id", target.uid.as_str())];
    all.extend_from_slice(parts);
    request(endpoint, &all)
}
