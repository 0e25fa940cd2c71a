//! `c66 cloudmc create`.

use clap::Args;

use super::write_labels;
use crate::args::candidates::Candidates;
use crate::cloudmc::endpoints::ENTITIES_CREATE;
use crate::cloudmc::request;
use crate::commands::cloudmc::args::{BodyArgs, CloudMcWriteArgs};
use crate::commands::cloudmc::body::with_body;
use crate::commands::cloudmc::location::{LocationArgs, find_location};
use crate::commands::cloudmc::write::perform;
use crate::commands::context::Context;
use crate::error::Result;
use crate::resource::find::named::NameMatch;
use crate::resource::verb::{Asks, Verb};

/// `c66 cloudmc create`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENTITIES_CREATE]).asks(Asks::Never))]
pub(crate) struct CreateArgs {
    /// Service and environment (default: from the profile), then the type
    #[arg(required = true, num_args = 1..=3, value_name = "WORD")]
    #[arg(add = Candidates::CloudMcWords)]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) body: BodyArgs,
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    #[command(flatten)]
    pub(crate) write_args: CloudMcWriteArgs,
}

/// Runs `c66 cloudmc create`.
pub(crate) async fn run(context: &Context, args: &CreateArgs) -> Result<()> {
    let client = context.cloudmc(&args.location.org).await?;
    let location = find_location(context, client, &args.words, 1, &args.location, NameMatch::Exact).await?;
    let kind = &location.rest[0];
    let request = request(&ENTITIES_CREATE, &location.path_params(kind))?;
    let request = with_body(&context.printer, request, &args.body, &args.location.query)?;
    let name = request.body.as_ref().and_then(|body| body.get("name")?.as_str()).unwrap_or("something");
    let labels = write_labels("Create", "creation", &format!("{kind} {name}"), &location);
    perform(context, client, request, &labels, &args.write_args).await
}
