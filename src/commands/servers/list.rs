//! `c66 servers list` and `c66 servers show`: a server tells the id of its group; the list of groups has its name.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join;
use tokio::time::timeout;

use super::{Servers, find, show_request};
use crate::args::{ListArgs, ShowArgs, StackArgs};
use crate::cloud66::endpoints::SERVERS_LIST;
use crate::cloud66::envelope::Document;
use crate::cloud66::servers::ServerGroup;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{documents_in_stack, request_in_stack};
use crate::commands::server_groups::ServerGroups;
use crate::error::Result;
use crate::resource::Resource as _;
use crate::resource::columns::{ColumnRef, Item};
use crate::resource::list::Listing;
use crate::resource::show::{print_column_help_if_asked, show_completed};

/// The column with the name of the group.
const GROUP: &str = "group";
/// How long to wait for the names of groups, which are not worth a longer wait.
const NAMES_TIMEOUT: Duration = Duration::from_secs(5);
/// How long names stay in the memory of `--watch`.
const KEPT: Duration = Duration::from_secs(5 * 60);

/// Names of server groups by id.
type GroupNames = HashMap<u64, String>;

/// Runs `c66 servers list`.
pub(super) async fn list(context: &Context, stack: &StackArgs, list: &ListArgs) -> Result<()> {
    let Some(listing) = Listing::of::<Servers>(&context.printer, list)? else { return Ok(()) };
    let read = async |target: &StackRef| {
        let request = request_in_stack(target, &SERVERS_LIST, &[])?;
        let mut pages = context.cloud66().await?.pages(request, listing.max_items());
        if !listing.uses(GROUP) {
            return listing.print(pages, None).await;
        }
        let (loaded, names) = join(pages.load_first(), group_names(context, target)).await;
        loaded?;
        listing.print_completed(pages, &|item| name_group(item, &names)).await
    };
    context.read_in_stack(stack, read).await
}

/// Runs `c66 servers show`.
pub(super) async fn show(context: &Context, wanted: &str, stack: &StackArgs, args: &ShowArgs) -> Result<()> {
    let printer = &context.printer;
    if print_column_help_if_asked::<Servers>(printer, args)? {
        return Ok(());
    }
    let is_whole = printer.is_structured() && args.columns.is_empty();
    let is_shown =
        !is_whole && ColumnRef::all(Servers::NOUN, &args.columns, true).iter().any(|column| column.name() == GROUP);
    let read = async |target: &StackRef| {
        let document = async {
            let server = find(context, target, wanted).await?;
            context.cloud66().await?.fetch(&show_request(target, &server)?).await
        };
        if !is_shown {
            return Ok((document.await?, GroupNames::new()));
        }
        let (document, names) = join(document, group_names(context, target)).await;
        Ok((document?, names))
    };
    let (document, names) = context.read_in_stack(stack, read).await?;
    show_completed::<Servers>(printer, args, document, &|item| name_group(item, &names))
}

/// The names of the stack's groups. They are an extra: without them, servers are shown with the id.
async fn group_names(context: &Context, target: &StackRef) -> GroupNames {
    let groups = timeout(NAMES_TIMEOUT, groups(context, target)).await;
    let groups = groups.ok().and_then(Result::ok).unwrap_or_default();
    groups.into_iter().filter_map(|group| Some((group.id?, group.name.filter(|name| !name.is_empty())?))).collect()
}

/// The stack's groups; with `--watch`, they are read again only now and then.
async fn groups(context: &Context, target: &StackRef) -> Result<Vec<ServerGroup>> {
    let key = [target.uid.as_str(), "server groups"];
    if let Some(kept) = context.watching.kept(key, KEPT) {
        return kept.iter().map(Document::view).collect();
    }
    let documents = documents_in_stack(context, target, ServerGroups::NOUN).await?;
    context.watching.keep(key, &documents);
    documents.iter().map(Document::view).collect()
}

fn name_group(item: &mut Item, names: &GroupNames) {
    if let Some(server) = item.view_mut::<Servers>() {
        server.group_name = server.server_group_id.and_then(|id| names.get(&id).cloned());
    }
}
