//! The verbs for the things of every type of every service.

use clap::Args;

use super::super::context::Context;
use super::body::fill;
use super::find;
use super::location::{self, Location};
use super::perform::{WriteLabels, perform};
use super::resources::{Entities, print_entities, print_entity};
use crate::args::candidates::Candidates;
use crate::args::{ListArgs, ShowArgs};
use crate::cloudmc::endpoints::{
    ENTITIES_CREATE, ENTITIES_DELETE, ENTITIES_LIST, ENTITIES_OPERATE, ENTITIES_SHOW, ENTITIES_UPDATE, TYPES_OPERATE,
};
use crate::cloudmc::envelope::Data;
use crate::cloudmc::{CloudMc, is_uuid, request};
use crate::commands::cloudmc::args::{BodyArgs, CloudMcWriteArgs, QueryArgs, RevealArgs};
use crate::commands::cloudmc::location::LocationArgs;
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::http::document::Document;
use crate::http::endpoint::{Endpoint, Method};
use crate::resource::Resource;
use crate::resource::find::named::NameMatch;
use crate::resource::show::print_column_help_if_asked;
use crate::resource::verb::Verb;
use crate::resource::write::acknowledge;
use crate::text::format::snake_case;

/// `c66 cloudmc list`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENTITIES_LIST]).prints(Entities::NOUN))]
pub(crate) struct ListEntitiesArgs {
    /// Service and environment (from the profile where left out), and the type
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

/// `c66 cloudmc get`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENTITIES_SHOW]).prints(Entities::NOUN))]
pub(crate) struct GetArgs {
    /// Service and environment (from the profile where left out), the type, and the id or name
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

/// `c66 cloudmc create`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENTITIES_CREATE]))]
pub(crate) struct CreateArgs {
    /// Service and environment (from the profile where left out), and the type
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

/// `c66 cloudmc update`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENTITIES_UPDATE]))]
pub(crate) struct UpdateArgs {
    /// Service and environment (from the profile where left out), the type, and the id
    #[arg(required = true, num_args = 2..=4, value_name = "WORD")]
    #[arg(add = Candidates::CloudMcWords)]
    pub(crate) words: Vec<String>,
    /// Method to send it with
    #[arg(long, default_value = "PUT", value_parser = ["PUT", "POST", "PATCH"], ignore_case = true)]
    pub(crate) method: String,
    /// Take the id for a name, which must be that of one thing
    #[arg(long)]
    pub(crate) by_name: bool,
    #[command(flatten)]
    pub(crate) body: BodyArgs,
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    #[command(flatten)]
    pub(crate) write_args: CloudMcWriteArgs,
}

/// `c66 cloudmc delete`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENTITIES_DELETE]))]
pub(crate) struct DeleteArgs {
    /// Service and environment (from the profile where left out), the type, and the id
    #[arg(required = true, num_args = 2..=4, value_name = "WORD")]
    #[arg(add = Candidates::CloudMcWords)]
    pub(crate) words: Vec<String>,
    /// Take the id for a name, which must be that of one thing
    #[arg(long)]
    pub(crate) by_name: bool,
    /// Be content when it is not there
    #[arg(long)]
    pub(crate) if_exists: bool,
    #[command(flatten)]
    pub(crate) body: BodyArgs,
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    #[command(flatten)]
    pub(crate) write_args: CloudMcWriteArgs,
}

/// `c66 cloudmc do`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENTITIES_OPERATE, &TYPES_OPERATE]))]
pub(crate) struct OperateArgs {
    /// Service and environment (from the profile where left out), the type, the id, and the operation
    #[arg(required = true, num_args = 3..=5, value_name = "WORD")]
    #[arg(add = Candidates::CloudMcWords)]
    pub(crate) words: Vec<String>,
    /// Method to send it with
    #[arg(long, default_value = "POST", value_parser = ["POST", "PUT", "PATCH", "DELETE"], ignore_case = true)]
    pub(crate) method: String,
    /// Take the id for a name, which must be that of one thing
    #[arg(long)]
    pub(crate) by_name: bool,
    #[command(flatten)]
    pub(crate) body: BodyArgs,
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    #[command(flatten)]
    pub(crate) write_args: CloudMcWriteArgs,
}

/// Words in the names of operations after which something is gone.
const DESTROYING: [&str; 10] =
    ["delete", "destroy", "expunge", "purge", "release", "remove", "terminate", "uninstall", "wipe", "erase"];

/// Whether something is gone after an operation of that name.
pub(super) fn is_destructive(operation: &str) -> bool {
    snake_case(operation).split(['_', '-']).any(|word| DESTROYING.contains(&word))
}

/// `c66 cloudmc list`
pub(super) async fn list(context: &Context, args: &ListEntitiesArgs) -> Result<()> {
    if args.list.columns == ["help"] {
        return print_entities(context, "", Vec::new(), &args.list, false).await;
    }
    let client = context.cloudmc(&args.location.org).await?;
    let location = location::find(context, client, &args.words, 1, &args.location, NameMatch::Folded).await?;
    let kind = &location.rest[0];
    let request = with_query(context, request(&ENTITIES_LIST, &location.parts(kind))?, &args.location)?;
    let data = client.data(&request).await?;
    say_if_partial(context, &data);
    match data.items() {
        Some(rows) => print_entities(context, kind, rows, &args.list, args.reveal.reveal).await,
        None => print_entity(context, data.payload, &crate::args::ShowArgs::default(), args.reveal.reveal),
    }
}

/// Warns where the server says that there is more than it sent.
pub(super) fn say_if_partial(context: &Context, data: &Data) {
    let came = data.items().map_or(0, |rows| rows.len() as u64);
    if let Some(total) = data.total.filter(|total| *total > came && came > 0) {
        context
            .printer
            .warn(&format!("the list is partial: {came} of {total}; --query page_size={total} may bring all"));
    }
}

/// `c66 cloudmc get`
pub(super) async fn get(context: &Context, args: &GetArgs) -> Result<()> {
    if print_column_help_if_asked::<Entities>(&context.printer, &args.show)? {
        return Ok(());
    }
    let client = context.cloudmc(&args.location.org).await?;
    let location = location::find(context, client, &args.words, 2, &args.location, NameMatch::Folded).await?;
    let [kind, id] = location.rest else { return Err(too_few()) };
    let request = with_query(context, request(&ENTITIES_SHOW, &with_id(&location, kind, id))?, &args.location)?;
    let document = match client.fetch(&request).await {
        Err(error) if error.kind() == Kind::NotFound && !is_uuid(id) => {
            // Where the environment itself is not there, the first error says it better.
            let rows = fetch_all(context, client, &location, kind, &args.location).await;
            let rows =
                rows.map_err(|list_error| if list_error.kind() == Kind::NotFound { error } else { list_error })?;
            let found = find::row(rows, kind, &location.label(), id)?;
            match request_again(context, &location, kind, &found.id, &args.location) {
                Ok(request) if found.id != *id => client.fetch(&request).await?,
                _ => found.document,
            }
        }
        shown => shown?,
    };
    print_entity(context, document, &args.show, args.reveal.reveal)
}

fn request_again(
    context: &Context,
    location: &Location<'_>,
    kind: &str,
    id: &str,
    args: &LocationArgs,
) -> Result<Request> {
    with_query(context, request(&ENTITIES_SHOW, &with_id(location, kind, id))?, args)
}

/// `c66 cloudmc create`
pub(super) async fn create(context: &Context, args: &CreateArgs) -> Result<()> {
    let client = context.cloudmc(&args.location.org).await?;
    let location = location::find(context, client, &args.words, 1, &args.location, NameMatch::Exact).await?;
    let kind = &location.rest[0];
    let request = request(&ENTITIES_CREATE, &location.parts(kind))?;
    let request = fill(&context.printer, request, &args.body, &args.location.query)?;
    let name = request.body.as_ref().and_then(|body| body.get("name")?.as_str()).unwrap_or("something").to_owned();
    let labels = labels("Create", "creation", &format!("{kind} {name}"), &location, false);
    perform(context, client, request, &labels, &args.write_args).await
}

/// `c66 cloudmc update`
pub(super) async fn update(context: &Context, args: &UpdateArgs) -> Result<()> {
    let client = context.cloudmc(&args.location.org).await?;
    let location = location::find(context, client, &args.words, 2, &args.location, NameMatch::Exact).await?;
    let [kind, named] = location.rest else { return Err(too_few()) };
    let id = id_of(context, client, &location, kind, named, args.by_name, &args.location).await?;
    let mut request = request(&ENTITIES_UPDATE, &with_id(&location, kind, &id))?;
    request.method = method(&args.method)?;
    let request = fill(&context.printer, request, &args.body, &args.location.query)?;
    let labels = labels("Update", "update", &object(kind, named, &id), &location, false);
    let outcome = perform(context, client, request, &labels, &args.write_args).await;
    outcome.map_err(|error| perhaps_a_name(error, named, args.by_name))
}

/// `c66 cloudmc delete`
pub(super) async fn delete(context: &Context, args: &DeleteArgs) -> Result<()> {
    let client = context.cloudmc(&args.location.org).await?;
    let location = location::find(context, client, &args.words, 2, &args.location, NameMatch::Exact).await?;
    let [kind, named] = location.rest else { return Err(too_few()) };
    let outcome = async {
        let id = id_of(context, client, &location, kind, named, args.by_name, &args.location).await?;
        let request = request(&ENTITIES_DELETE, &with_id(&location, kind, &id))?;
        let request = fill(&context.printer, request, &args.body, &args.location.query)?;
        let labels = labels("Delete", "deletion", &object(kind, named, &id), &location, true);
        let outcome = perform(context, client, request, &labels, &args.write_args).await;
        outcome.map_err(|error| perhaps_a_name(error, named, args.by_name))
    };
    unless_gone(context, client, args.if_exists, outcome.await)
}

/// The outcome of a delete; with `--if-exists` it is no error that there was nothing.
pub(super) fn unless_gone(context: &Context, client: &CloudMc, if_exists: bool, outcome: Result<()>) -> Result<()> {
    match outcome {
        Err(error) if if_exists && error.kind() == Kind::NotFound => {
            context.printer.progress(error.message());
            acknowledge(client.transport(), None, "there was nothing to delete")
        }
        outcome => outcome,
    }
}

/// `c66 cloudmc do`
pub(super) async fn operate(context: &Context, args: &OperateArgs) -> Result<()> {
    let client = context.cloudmc(&args.location.org).await?;
    let location = location::find(context, client, &args.words, 3, &args.location, NameMatch::Exact).await?;
    let [kind, named, operation] = location.rest else { return Err(too_few()) };
    let (mut request, object) = if named == "-" {
        (request(&TYPES_OPERATE, &location.parts(kind))?, kind.clone())
    } else {
        let id = id_of(context, client, &location, kind, named, args.by_name, &args.location).await?;
        (request(&ENTITIES_OPERATE, &with_id(&location, kind, &id))?, object(kind, named, &id))
    };
    request.method = method(&args.method)?;
    request.query.push(("operation".to_owned(), operation.clone()));
    let request = fill(&context.printer, request, &args.body, &args.location.query)?;
    let is_destructive = is_destructive(operation) || request.method == Method::Delete;
    let labels = labels(&format!("Run {operation} on"), operation, &object, &location, is_destructive);
    let outcome = perform(context, client, request, &labels, &args.write_args).await;
    outcome.map_err(|error| perhaps_a_name(error, named, args.by_name))
}

/// The error for who gave a name where an id is taken.
fn perhaps_a_name(error: Error, named: &str, by_name: bool) -> Error {
    if by_name || error.kind() != Kind::NotFound {
        return error;
    }
    error.hint(format!("`{named}` was taken for an id; --by-name takes a name"))
}

/// How messages call a thing; where a name was given, with the id that it stands for.
fn object(kind: &str, named: &str, id: &str) -> String {
    if id == named { format!("{kind} {named}") } else { format!("{kind} {named} ({id})") }
}

fn labels(verb: &str, noun: &str, object: &str, location: &Location<'_>, is_destructive: bool) -> WriteLabels {
    let location = location.label();
    WriteLabels {
        prompt: format!("{verb} {object} in {location}"),
        label: format!("{noun} of {object} in {location}"),
        is_destructive,
    }
}

/// The id of what is meant. Only with `--by-name` is anything looked up: what changes things must not guess.
async fn id_of(
    context: &Context,
    client: &CloudMc,
    location: &Location<'_>,
    kind: &str,
    named: &str,
    by_name: bool,
    args: &LocationArgs,
) -> Result<String> {
    if !by_name {
        return Ok(named.to_owned());
    }
    find::row(fetch_all(context, client, location, kind, args).await?, kind, &location.label(), named)
        .map(|found| found.id)
}

async fn fetch_all(
    context: &Context,
    client: &CloudMc,
    location: &Location<'_>,
    kind: &str,
    args: &LocationArgs,
) -> Result<Vec<Document>> {
    let listed: &'static Endpoint = &ENTITIES_LIST;
    client.fetch_all(&with_query(context, request(listed, &location.parts(kind))?, args)?).await
}

fn with_id<'p>(location: &'p Location<'_>, kind: &'p str, id: &'p str) -> [(&'static str, &'p str); 4] {
    let [service, environment, kind] = location.parts(kind);
    [service, environment, kind, ("id", id)]
}

fn with_query(context: &Context, request: Request, args: &LocationArgs) -> Result<Request> {
    let query = QueryArgs { query: args.query.query.clone() };
    fill(&context.printer, request, &BodyArgs::default(), &query)
}

fn method(word: &str) -> Result<Method> {
    Method::ALL
        .into_iter()
        .find(|method| method.as_str().eq_ignore_ascii_case(word))
        .ok_or_else(|| Error::usage(format!("`{word}` is no method")))
}

fn too_few() -> Error {
    Error::internal("a command was given fewer words than it takes")
}
