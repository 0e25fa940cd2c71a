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
use crate::resource::write::{acknowledge, preview};

/// How a write asks before it is sent.
pub(super) enum Asks<'a> {
    /// Not at all: it can be undone.
    No,
    /// For a yes.
    Yes,
    /// For the name of the item, since the write cannot be undone.
    ByName {
        /// The item, such as `gateway`.
        what: &'a str,
        /// Its name.
        name: &'a str,
        confirm: &'a ConfirmArgs,
    },
}

/// Sends a write after confirmation; `None` if it was only previewed. `prompt` is an imperative with its object, or for
/// [`Asks::ByName`] what it does, such as `this removes gateway bastion`.
pub(super) async fn send(
    context: &Context,
    request: &Request,
    prompt: &str,
    write: &WriteArgs,
    asks: Asks<'_>,
) -> Result<Option<Option<Document>>> {
    let client = context.cloud66().await?;
    let transport = client.transport();
    let requests = std::slice::from_ref(request);
    match asks {
        Asks::ByName { .. } if write.dry_run => {
            preview(transport, request)?;
            return Ok(None);
        }
        Asks::ByName { what, name, confirm } => {
            transport.refuse_if_read_only(request)?;
            context.confirm_by_name(prompt, what, name, confirm, |typed| typed.eq_ignore_ascii_case(name))?;
        }
        Asks::Yes | Asks::No => {
            let asks = matches!(asks, Asks::Yes);
            if !context.confirm_write_over(transport, prompt, requests, write, asks).await? {
                return Ok(None);
            }
        }
    }
    if let Some(signal) = context.signals.received() {
        return Err(signal.error(format!("interrupted; {} was not sent", request.describe())));
    }
    context.or_interrupted(request, &[], client.call(request)).await.map(Some)
}

/// The same for a write that answers with an acknowledgement; `said` is used if it has no message.
pub(super) async fn send_and_acknowledge(
    context: &Context,
    request: &Request,
    prompt: &str,
    write: &WriteArgs,
    asks: Asks<'_>,
    said: &str,
) -> Result<()> {
    match send(context, request, prompt, write, asks).await? {
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
