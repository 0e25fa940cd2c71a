//! `c66 cloudmc services`: the types of a service.

use clap::Subcommand;
use serde_json::Value;

use super::super::context::Context;
use super::args::OrgArgs;
use super::cells::{first_text, noun};
use super::connections::find_connection;
use crate::args::ListArgs;
use crate::args::candidates::Candidates;
use crate::cloudmc::endpoints::DESCRIPTORS_SHOW;
use crate::cloudmc::request;
use crate::error::{Error, Result};
use crate::http::fields::Fields;
use crate::output::cell::Cell;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key};

/// `c66 cloudmc services …`
#[derive(Debug, Subcommand)]
pub(crate) enum ServicesCommand {
    /// List the types of a service and their operations
    #[command(after_help = "Example:\n  c66 cloudmc services types compute")]
    #[command(add = Verb::list(Types::NOUN))]
    Types {
        /// UUID, service code or name of the connection
        #[arg(add = Candidates::CloudMcConnections)]
        connection: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        list: ListArgs,
    },
}

/// The types in the descriptor of a service.
struct Types;

impl Resource for Types {
    type View = Fields;
    const NOUN: &'static Noun = &noun::<Self>("type", "types").listed_by(&DESCRIPTORS_SHOW);
    const COLUMNS: &'static [Column<Fields>] = &[
        key(Column::text("type", "name of the type", |kind| kind.text("type").into())),
        Column::text("operations", "operations; in brackets those with their own command", |kind| {
            Cell::Text(operations(kind).join(", "))
        }),
    ];

    fn id(kind: &Fields) -> Option<String> {
        first_text(kind, &["type", "name"])
    }
}

/// The operations of a type; those with their own command in brackets.
fn operations(kind: &Fields) -> Vec<String> {
    let operations = kind.value("operations").unwrap_or_default();
    let verb_of =
        |operation: &Value| operation.get("defaultOperationType").and_then(Value::as_str).map(str::to_lowercase);
    operations
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, operation)| match verb_of(operation) {
            Some(verb) if verb == *name => format!("({name})"),
            Some(verb) => format!("({name}: {verb})"),
            None => name.clone(),
        })
        .collect()
}

/// Runs `c66 cloudmc services …`.
pub(super) async fn run(context: &Context, command: ServicesCommand) -> Result<()> {
    let ServicesCommand::Types { connection, org, list } = command;
    let Some(listing) = Listing::of::<Types>(&context.printer, &list)? else { return Ok(()) };
    let client = context.cloudmc(&org).await?;
    let fields: Fields = find_connection(client, &connection).await?.view()?;
    let kind = fields.text("type").ok_or_else(|| Error::not_found(format!("connection {connection} has no type")))?;
    let descriptor = client.fetch(&request(&DESCRIPTORS_SHOW, &[("type", &kind)])?).await?;
    listing.print_documents(descriptor.list("entityDescriptors")?).await
}
