//! Lists and shows the items of any noun that needs no special requests.

use super::super::context::Context;
use super::args::{CloudMcListArgs, OrgArgs};
use super::body::with_query;
use super::find;
use crate::args::ShowArgs;
use crate::cloudmc::envelope::Data;
use crate::cloudmc::{is_uuid, list_items, request};
use crate::error::Result;
use crate::http::fields::Fields;
use crate::resource::column_help::print_column_help;
use crate::resource::find::named::NameMatch;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::show::show_described;

/// Query parameters.
pub(super) type Query = Vec<(&'static str, String)>;

/// Restricts a list.
#[derive(Default)]
pub(super) struct ListOptions<'o> {
    /// Path segments.
    pub(super) path_params: &'o [(&'o str, &'o str)],
    /// Query parameters.
    pub(super) query: Query,
    /// Selects items; `None` keeps all.
    pub(super) keep: Option<&'o dyn Fn(&Fields) -> bool>,
}

/// Lists a noun.
pub(super) async fn list(context: &Context, noun: &'static Noun, args: &CloudMcListArgs) -> Result<()> {
    list_with(context, noun, args, ListOptions::default()).await
}

/// Lists a noun, restricted.
pub(super) async fn list_with(
    context: &Context,
    noun: &'static Noun,
    args: &CloudMcListArgs,
    options: ListOptions<'_>,
) -> Result<()> {
    let Some(listing) = Listing::new(noun, &context.printer, &args.list)? else { return Ok(()) };
    let client = context.cloudmc(&args.org).await?;
    let endpoint = noun.list_endpoint()?;
    let mut request = client.with_organization_filter(request(endpoint, options.path_params)?, endpoint);
    request.query.extend(options.query.into_iter().map(|(name, value)| (name.to_owned(), value)));
    let request = with_query(request, &args.query)?;
    let data = client.data(&request).await?;
    warn_if_partial(context, &data);
    let mut rows = list_items(&request, &data)?;
    if let Some(keep) = options.keep {
        // A row that is not an object cannot be tested, and stays.
        rows.retain(|row| row.view::<Fields>().map_or(true, |fields| keep(&fields)));
    }
    listing.print_documents(rows).await
}

/// Shows the item `wanted`: by its UUID, or by a name from the list.
pub(super) async fn show(
    context: &Context,
    noun: &'static Noun,
    org: &OrgArgs,
    args: &ShowArgs,
    wanted: &str,
) -> Result<()> {
    if print_column_help(noun, &context.printer, &args.columns)? {
        return Ok(());
    }
    let client = context.cloudmc(org).await?;
    let id =
        if is_uuid(wanted) { wanted.to_owned() } else { find::item(client, noun, wanted, NameMatch::Folded).await?.id };
    let document = client.fetch(&request(noun.show_endpoint()?, &[("id", &id)])?).await?;
    show_described(noun, &context.printer, args, document, false)
}

/// Warns if the API has more items than it sent.
pub(super) fn warn_if_partial(context: &Context, data: &Data) {
    let sent = data.items().map_or(0, |rows| rows.len() as u64);
    if let Some(total) = data.total.filter(|total| *total > sent && sent > 0) {
        context.printer.warn(&format!("incomplete list: {sent} of {total}; try --query page_size={total}"));
    }
}
