//! Requests for a stack's resources; lists and shows them.
//!
//! What needs no types takes the noun, so that it is in the program once.

use crate::args::{ListArgs, ShowArgs, StackArgs};
use crate::cloud66::envelope::Document;
use crate::cloud66::request;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::error::Result;
use crate::http::Request;
use crate::http::endpoint::Endpoint;
use crate::resource::Resource;
use crate::resource::column_help::print_column_help;
use crate::resource::columns::Item;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::show::show_described;

/// Lists a noun of the stack; `parts` are the other path segments.
pub(crate) async fn list_in_stack<R: Resource>(
    context: &Context,
    stack: &StackArgs,
    list: &ListArgs,
    parts: &[(&str, &str)],
) -> Result<()> {
    list_noun(context, R::NOUN, stack, list, parts).await
}

async fn list_noun(
    context: &Context,
    noun: &'static Noun,
    stack: &StackArgs,
    list: &ListArgs,
    parts: &[(&str, &str)],
) -> Result<()> {
    let endpoint = noun.list_endpoint()?;
    list_requested(context, noun, stack, list, async |target| request_in_stack(target, endpoint, parts)).await
}

/// Lists the items of `request`, which may need a look-up in the stack first.
pub(crate) async fn list_with_request<R: Resource>(
    context: &Context,
    stack: &StackArgs,
    list: &ListArgs,
    request: impl AsyncFn(&StackRef) -> Result<Request>,
) -> Result<()> {
    list_requested(context, R::NOUN, stack, list, request).await
}

async fn list_requested(
    context: &Context,
    noun: &'static Noun,
    stack: &StackArgs,
    list: &ListArgs,
    request: impl AsyncFn(&StackRef) -> Result<Request>,
) -> Result<()> {
    let Some(listing) = Listing::new(noun, &context.printer, list)? else { return Ok(()) };
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
    show_noun(context, R::NOUN, stack, args, parts).await
}

async fn show_noun(
    context: &Context,
    noun: &'static Noun,
    stack: &StackArgs,
    args: &ShowArgs,
    parts: &[(&str, &str)],
) -> Result<()> {
    let endpoint = noun.show_endpoint()?;
    show_fetched(context, noun, stack, args, async |target| {
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
    show_fetched(context, R::NOUN, stack, args, fetch).await
}

async fn show_fetched(
    context: &Context,
    noun: &'static Noun,
    stack: &StackArgs,
    args: &ShowArgs,
    fetch: impl AsyncFn(&StackRef) -> Result<Document>,
) -> Result<()> {
    if print_column_help(noun, &context.printer, &args.columns)? {
        return Ok(());
    }
    show_described(noun, &context.printer, args, context.read_in_stack(stack, fetch).await?, false)
}

/// All items of a noun of the stack, typed.
pub(crate) async fn all_in_stack<R: Resource>(context: &Context, target: &StackRef) -> Result<Vec<R::View>> {
    documents_in_stack(context, target, R::NOUN).await?.iter().map(Document::view).collect()
}

/// The same as the API sent them.
pub(crate) async fn documents_in_stack(
    context: &Context,
    target: &StackRef,
    noun: &'static Noun,
) -> Result<Vec<Document>> {
    context.cloud66().await?.fetch_all(request_in_stack(target, noun.list_endpoint()?, &[])?).await
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
