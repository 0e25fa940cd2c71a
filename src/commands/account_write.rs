//! Writes on what belongs to an account and to no stack.

use super::context::Context;
use crate::args::{ConfirmArgs, ListArgs, WriteArgs};
use crate::cloud66::endpoints::ACCOUNTS_LIST;
use crate::cloud66::envelope::Document;
use crate::cloud66::request;
use crate::cloud66::users::Account;
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::http::endpoint::Endpoint;
use crate::resource::Resource;
use crate::resource::list::Listing;
use crate::resource::verb::Asks;
use crate::resource::write::{acknowledge, preview};

/// What a write asks for by name, see [`Asks::ByName`].
pub(super) struct ByName<'a> {
    /// The kind of item, such as `gateway`.
    pub(super) what: &'a str,
    /// Its name.
    pub(super) name: &'a str,
    /// What it does, such as `this removes gateway bastion`.
    pub(super) why: &'a str,
    pub(super) confirm: &'a ConfirmArgs,
}

/// Sends a write after asking as the command declares; `None` if it was only previewed. `prompt` is an imperative with
/// its object.
pub(super) async fn send(
    context: &Context,
    request: &Request,
    prompt: &str,
    write: &WriteArgs,
) -> Result<Option<Option<Document>>> {
    send_as(context, Asks::Never, request, prompt, write).await
}

/// The same for a case in which the command asks more than it declares.
pub(super) async fn send_as(
    context: &Context,
    asks: Asks,
    request: &Request,
    prompt: &str,
    write: &WriteArgs,
) -> Result<Option<Option<Document>>> {
    let transport = context.cloud66().await?.transport();
    let ask = context.must_ask(asks, false);
    if context.confirm_write_over(transport, prompt, std::slice::from_ref(request), write, ask).await? {
        send_confirmed(context, request).await.map(Some)
    } else {
        Ok(None)
    }
}

/// The same for a write that asks for a name.
pub(super) async fn send_by_name(
    context: &Context,
    request: &Request,
    by_name: &ByName<'_>,
    write: &WriteArgs,
) -> Result<Option<Option<Document>>> {
    let transport = context.cloud66().await?.transport();
    if write.dry_run {
        preview(transport, request)?;
        return Ok(None);
    }
    transport.refuse_if_read_only(request)?;
    let ByName { what, name, why, confirm } = *by_name;
    context.confirm_by_name(why, what, name, confirm, |typed| typed.eq_ignore_ascii_case(name))?;
    send_confirmed(context, request).await.map(Some)
}

/// Sends a write that needs no further question. An interruption says whether it may have been done.
pub(super) async fn send_confirmed(context: &Context, request: &Request) -> Result<Option<Document>> {
    if let Some(signal) = context.signals.received() {
        return Err(signal.error(format!("interrupted; {} was not sent", request.describe())));
    }
    context.or_interrupted(request, &[], context.cloud66().await?.call(request)).await
}

/// Sends a write that answers with an acknowledgement; `said` is used if it has no message.
pub(super) async fn send_and_acknowledge(
    context: &Context,
    request: &Request,
    prompt: &str,
    write: &WriteArgs,
    said: &str,
) -> Result<()> {
    match send(context, request, prompt, write).await? {
        Some(reply) => acknowledge(context.cloud66().await?.transport(), reply, said),
        None => Ok(()),
    }
}

/// Lists a noun of the account.
pub(super) async fn list_all<R: Resource>(context: &Context, list: &ListArgs) -> Result<()> {
    list_by::<R>(context, list, R::NOUN.list_endpoint()?, async || Ok(Vec::new())).await
}

/// Lists a noun of the account by an operation whose path needs these parts.
pub(super) async fn list_by<R: Resource>(
    context: &Context,
    list: &ListArgs,
    endpoint: &'static Endpoint,
    parts: impl AsyncFnOnce() -> Result<Vec<(&'static str, String)>>,
) -> Result<()> {
    let Some(listing) = Listing::of::<R>(&context.printer, list)? else { return Ok(()) };
    let parts = parts().await?;
    let parts: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let pages = context.cloud66().await?.pages(request(endpoint, &parts)?, listing.max_items());
    listing.print(pages, None).await
}

/// The account of `--account`, else the current or the only one.
pub(super) async fn account_id(context: &Context) -> Result<String> {
    let client = context.cloud66().await?;
    if let Some(account) = context.chosen_account() {
        return Ok(account);
    }
    let documents = client.fetch_all(request(&ACCOUNTS_LIST, &[])?).await?;
    let accounts: Vec<Account> = documents.iter().map(Document::view).collect::<Result<_>>()?;
    let current: Vec<&Account> = accounts.iter().filter(|account| account.is_current == Some(true)).collect();
    let found = match (current.as_slice(), accounts.as_slice()) {
        ([account], _) => account,
        (_, [account]) => account,
        (_, []) => return Err(Error::not_found("the token has no account")),
        (_, several) => {
            let names = several.iter().filter_map(|account| Some(format!("{}  {}", account.id?, account.label())));
            return Err(Error::usage(format!("choose one of {} accounts", several.len()))
                .cause(names.collect::<Vec<_>>().join("\n"))
                .hint("pass --account ID"));
        }
    };
    let id = found.id.ok_or_else(|| Error::new(Kind::BadReply, "the API returned an account without an id"))?;
    Ok(id.to_string())
}
