//! `c66 cloudmc do`.

use clap::Args;

use super::{Target, parse_method, too_few_words, write_labels};
use crate::args::candidates::Candidates;
use crate::cloudmc::endpoints::{ENTITIES_OPERATE, TYPES_OPERATE};
use crate::cloudmc::request;
use crate::commands::cloudmc::args::{BodyArgs, CloudMcWriteArgs};
use crate::commands::cloudmc::body::with_body;
use crate::commands::cloudmc::location::{LocationArgs, find_location};
use crate::commands::cloudmc::write::{is_destructive, perform_as};
use crate::commands::context::Context;
use crate::error::Result;
use crate::http::endpoint::Method;
use crate::resource::find::named::NameMatch;
use crate::resource::verb::{Asks, Verb};

/// Stands for the type itself instead of an id.
const WHOLE_TYPE: &str = "-";

/// `c66 cloudmc do`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENTITIES_OPERATE, &TYPES_OPERATE]).asks(Asks::Never).asks_also("before a deletion"))]
pub(crate) struct OperateArgs {
    /// Service and environment (default: from the profile), then the type, the id and the operation
    #[arg(required = true, num_args = 3..=5, value_name = "WORD")]
    #[arg(add = Candidates::CloudMcWords)]
    pub(crate) words: Vec<String>,
    /// HTTP method
    #[arg(long, default_value = "POST", value_parser = ["POST", "PUT", "PATCH", "DELETE"], ignore_case = true)]
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

/// Runs `c66 cloudmc do`.
pub(crate) async fn run(context: &Context, args: &OperateArgs) -> Result<()> {
    let client = context.cloudmc(&args.location.org).await?;
    let location = find_location(context, client, &args.words, 3, &args.location, NameMatch::Exact).await?;
    let [kind, named, operation] = location.rest else { return Err(too_few_words()) };
    let target = match named.as_str() {
        WHOLE_TYPE => None,
        named => Some(Target::find(client, &location, &args.location, (kind, named), args.by_name).await?),
    };
    let mut request = match &target {
        None => request(&TYPES_OPERATE, &location.path_params(kind))?,
        Some(target) => request(&ENTITIES_OPERATE, &target.path_params(&location))?,
    };
    request.method = parse_method(&args.method)?;
    request.query.push(("operation".to_owned(), operation.clone()));
    let request = with_body(&context.printer, request, &args.body, &args.location.query)?;
    let destroys = is_destructive(operation) || request.method == Method::Delete;
    let object = target.as_ref().map_or_else(|| kind.clone(), Target::label);
    let labels = write_labels(&format!("Run {operation} on"), operation, &object, &location);
    let outcome = perform_as(
        context,
        if destroys { Asks::Always } else { Asks::Never },
        client,
        request,
        &labels,
        &args.write_args,
    )
    .await;
    match target {
        None => outcome,
        Some(target) => target.with_name_hint(outcome),
    }
}
