//! `c66 cloudmc get`.

use clap::Args;

use super::print::print_entity;
use super::{Entities, fetch_all, path_params, too_few_words};
use crate::args::ShowArgs;
use crate::args::candidates::Candidates;
use crate::cloudmc::endpoints::ENTITIES_SHOW;
use crate::cloudmc::{is_uuid, request};
use crate::commands::cloudmc::args::RevealArgs;
use crate::commands::cloudmc::body::with_query;
use crate::commands::cloudmc::find;
use crate::commands::cloudmc::location::{LocationArgs, find_location};
use crate::commands::context::Context;
use crate::error::{Kind, Result};
use crate::resource::Resource;
use crate::resource::find::named::NameMatch;
use crate::resource::show::print_column_help_if_asked;
use crate::resource::verb::Verb;

/// `c66 cloudmc get`
#[derive(Args, Debug)]
#[command(add = Verb::show(Entities::NOUN))]
pub(crate) struct GetArgs {
    /// Service and environment (default: from the profile), then the type and the id or name
    #[arg(required = true, num_args = 2..=4, value_name = "WORD")]
    #[arg(add = Candidates::CloudMcWords)]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    #[command(flatten)]
    pub(crate) reveal: RevealArgs,
}

/// Runs `c66 cloudmc get`.
pub(crate) async fn run(context: &Context, args: &GetArgs) -> Result<()> {
    if print_column_help_if_asked::<Entities>(&context.printer, &args.show)? {
        return Ok(());
    }
    let client = context.cloudmc(&args.location.org).await?;
    let location = find_location(context, client, &args.words, 2, &args.location, NameMatch::Folded).await?;
    let [kind, id] = location.rest else { return Err(too_few_words()) };
    let request_for =
        |id: &str| with_query(request(&ENTITIES_SHOW, &path_params(&location, kind, id))?, &args.location.query);
    let document = match client.fetch(&request_for(id)?).await {
        Err(error) if error.kind() == Kind::NotFound && !is_uuid(id) => {
            // If even the list is not found, the first error is clearer.
            let rows = fetch_all(client, &location, kind, &args.location).await;
            let rows =
                rows.map_err(|list_error| if list_error.kind() == Kind::NotFound { error } else { list_error })?;
            let found = find::row(rows, kind, &location.label(), id)?;
            match request_for(&found.id) {
                Ok(request) if found.id != *id => client.fetch(&request).await?,
                _ => found.document,
            }
        }
        shown => shown?,
    };
    print_entity(context, document, &args.show, args.reveal.reveal)
}
