//! `c66 cloudmc delete`.

use clap::Args;

use super::{Target, too_few_words, write_labels};
use crate::args::candidates::Candidates;
use crate::cloudmc::endpoints::ENTITIES_DELETE;
use crate::cloudmc::{CloudMc, request};
use crate::commands::cloudmc::args::{BodyArgs, CloudMcWriteArgs};
use crate::commands::cloudmc::body::with_body;
use crate::commands::cloudmc::location::{Location, LocationArgs, find_location};
use crate::commands::cloudmc::write::{accept_missing, perform};
use crate::commands::context::Context;
use crate::error::Result;
use crate::resource::find::named::NameMatch;
use crate::resource::verb::{Asks, Verb};

/// `c66 cloudmc delete`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENTITIES_DELETE]).asks(Asks::Always))]
pub(crate) struct DeleteArgs {
    /// Service and environment (default: from the profile), then the type and the id
    #[arg(required = true, num_args = 2..=4, value_name = "WORD")]
    #[arg(add = Candidates::CloudMcWords)]
    pub(crate) words: Vec<String>,
    /// Treat ID as a name, which must be unique
    #[arg(long)]
    pub(crate) by_name: bool,
    /// Succeed if it does not exist
    #[arg(long)]
    pub(crate) if_exists: bool,
    #[command(flatten)]
    pub(crate) body: BodyArgs,
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    #[command(flatten)]
    pub(crate) write_args: CloudMcWriteArgs,
}

/// Runs `c66 cloudmc delete`.
pub(crate) async fn run(context: &Context, args: &DeleteArgs) -> Result<()> {
    let client = context.cloudmc(&args.location.org).await?;
    // An environment that does not exist is an error even with `--if-exists`.
    let location = find_location(context, client, &args.words, 2, &args.location, NameMatch::Exact).await?;
    let outcome = delete(context, client, &location, args).await;
    accept_missing(context, client, args.if_exists, outcome)
}

async fn delete(context: &Context, client: &CloudMc, location: &Location<'_>, args: &DeleteArgs) -> Result<()> {
    let [kind, named] = location.rest else { return Err(too_few_words()) };
    let target = Target::find(client, location, &args.location, (kind, named), args.by_name).await?;
    let request = request(&ENTITIES_DELETE, &target.path_params(location))?;
    let request = with_body(&context.printer, request, &args.body, &args.location.query)?;
    let labels = write_labels("Delete", "deletion", &target.label(), location);
    target.with_name_hint(perform(context, client, request, &labels, &args.write_args).await)
}
