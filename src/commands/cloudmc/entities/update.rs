//! `c66 cloudmc update`.

use clap::Args;

use super::{Target, parse_method, too_few_words, write_labels};
use crate::args::candidates::Candidates;
use crate::cloudmc::endpoints::ENTITIES_UPDATE;
use crate::cloudmc::request;
use crate::commands::cloudmc::args::{BodyArgs, CloudMcWriteArgs};
use crate::commands::cloudmc::body::with_body;
use crate::commands::cloudmc::location::{LocationArgs, find_location};
use crate::commands::cloudmc::write::perform;
use crate::commands::context::Context;
use crate::error::Result;
use crate::resource::find::named::NameMatch;
use crate::resource::verb::{Asks, Verb};

/// `c66 cloudmc update`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENTITIES_UPDATE]).asks(Asks::Never))]
pub(crate) struct UpdateArgs {
    /// Service and environment (default: from the profile), then the type and the id
    #[arg(required = true, num_args = 2..=4, value_name = "WORD")]
    #[arg(add = Candidates::CloudMcWords)]
    pub(crate) words: Vec<String>,
    /// HTTP method
    #[arg(long, default_value = "PUT", value_parser = ["PUT", "POST", "PATCH"], ignore_case = true)]
    pub(crate) method: String,
    /// Treat ID as a name, which must be unique
    #[arg(long)]
    pub(crate) by_name: bool,
    #[command(flatten)]
    pub(crate) body: BodyArgs,
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    #[command(flatten)]
    pub(crate) write_args: CloudMcWriteArgs,
}

/// Runs `c66 cloudmc update`.
pub(crate) async fn run(context: &Context, args: &UpdateArgs) -> Result<()> {
    let client = context.cloudmc(&args.location.org).await?;
    let location = find_location(context, client, &args.words, 2, &args.location, NameMatch::Exact).await?;
    let [kind, named] = location.rest else { return Err(too_few_words()) };
    let target = Target::find(client, &location, &args.location, (kind, named), args.by_name).await?;
    let mut request = request(&ENTITIES_UPDATE, &target.path_params(&location))?;
    request.method = parse_method(&args.method)?;
    let request = with_body(&context.printer, request, &args.body, &args.location.query)?;
    let labels = write_labels("Update", "update", &target.label(), &location);
    target.with_name_hint(perform(context, client, request, &labels, &args.write_args).await)
}
