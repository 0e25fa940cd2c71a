//! The verbs for the things of every type of every service.

use super::super::context::Context;
use super::body::fill;
use super::find;
use super::location::{self, Location};
use super::perform::{WriteLabels, perform};
use super::resources::{Entities, print_entities, print_entity};
use crate::cli::cloudmc::entities::{Create, Delete, Get, List, LocationArgs, Operate, Update};
use crate::cli::cloudmc::{BodyArgs, QueryArgs};
use crate::cloudmc::endpoints::{
    ENTITIES_CREATE, ENTITIES_DELETE, ENTITIES_LIST, ENTITIES_OPERATE, ENTITIES_SHOW, ENTITIES_UPDATE, TYPES_OPERATE,
};
use crate::cloudmc::envelope::Data;
use crate::cloudmc::{CloudMc, is_uuid, request};
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::http::document::Document;
use crate::http::endpoint::{Endpoint, Method};
use crate::resource::find::named::NameMatch;
use crate::resource::show::print_column_help_if_asked;
use crate::resource::write::acknowledge;
use crate::text::format::snake_case;

/// Words in the names of operations after which something is gone.
const DESTROYING: [&str; 10] =
    ["delete", "destroy", "expunge", "purge", "release", "remove", "terminate", "uninstall", "wipe", "erase"];

/// Whether something is gone after an operation of that name.
pub(super) fn is_destructive(operation: &str) -> bool {
    snake_case(operation).split(['_', '-']).any(|word| DESTROYING.contains(&word))
}

/// `c66 cloudmc list`
pub(super) async fn list(context: &Context, args: &List) -> Result<()> {
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
pub(super) async fn get(context: &Context, args: &Get) -> Result<()> {
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
pub(super) async fn create(context: &Context, args: &Create) -> Result<()> {
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
pub(super) async fn update(context: &Context, args: &Update) -> Result<()> {
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
pub(super) async fn delete(context: &Context, args: &Delete) -> Result<()> {
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
pub(super) async fn operate(context: &Context, args: &Operate) -> Result<()> {
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
