//! `c66 cloudmc list`.

use clap::Args;

use super::Entities;
use super::print::{print_entities, print_entity};
use crate::args::candidates::Candidates;
use crate::args::{ListArgs, ShowArgs};
use crate::cloudmc::endpoints::ENTITIES_LIST;
use crate::cloudmc::request;
use crate::commands::cloudmc::args::RevealArgs;
use crate::commands::cloudmc::body::with_query;
use crate::commands::cloudmc::location::{LocationArgs, find_location};
use crate::commands::cloudmc::requests::warn_if_partial;
use crate::commands::context::Context;
use crate::error::Result;
use crate::resource::Resource;
use crate::resource::column_help::print_column_help;
use crate::resource::find::named::NameMatch;
use crate::resource::verb::Verb;

/// `c66 cloudmc list`
#[derive(Args, Debug)]
#[command(add = Verb::list(Entities::NOUN))]
pub(crate) struct ListEntitiesArgs {
    /// Service and environment (default: from the profile), then the type
    #[arg(required = true, num_args = 1..=3, value_name = "WORD")]
    #[arg(add = Candidates::CloudMcWords)]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
    #[command(flatten)]
    pub(crate) reveal: RevealArgs,
}

/// Runs `c66 cloudmc list`.
pub(crate) async fn run(context: &Context, args: &ListEntitiesArgs) -> Result<()> {
    if print_column_help(Entities::NOUN, &context.printer, &args.list.columns)? {
        return Ok(());
    }
    let client = context.cloudmc(&args.location.org).await?;
    let location = find_location(context, client, &args.words, 1, &args.location, NameMatch::Folded).await?;
    let kind = &location.rest[0];
    let request = with_query(request(&ENTITIES_LIST, &location.path_params(kind))?, &args.location.query)?;
    let data = client.data(&request).await?;
    warn_if_partial(context, &data);
    match data.items() {
        Some(rows) => print_entities(context, kind, rows, &args.list, args.reveal.reveal).await,
        None => print_entity(context, data.payload, &ShowArgs::default(), args.reveal.reveal),
    }
}
