//! The nouns that every installation has, but for environments.

use clap::{Args, Subcommand};

use super::super::context::Context;
use super::body::fill;
use super::entities::say_if_partial;
use super::find::{self, NamedItem, lookup_labels, with_organization_filter};
use super::resources::{Activities, Connections, Organizations, Quotas, Roles, Types, Usages, Users};
use crate::args::candidates::Candidates;
use crate::args::deferred::Deferred;
use crate::args::{ListArgs, ShowArgs};
use crate::cloudmc::endpoints::{
    ACTIVITY_LIST, CONNECTIONS_LIST, DESCRIPTORS_SHOW, ORGANIZATIONS_LIST, ORGANIZATIONS_SHOW, QUOTAS_LIST,
    QUOTAS_SHOW, ROLES_LIST, USAGE_SHOW, USERS_LIST, USERS_SHOW,
};
use crate::cloudmc::{CloudMc, is_uuid, list_items, request};
use crate::commands::cloudmc::args::{BodyArgs, CloudMcListArgs, OrgArgs, QueryArgs};
use crate::error::{Error, Result};
use crate::http::document::Document;
use crate::http::endpoint::Endpoint;
use crate::http::fields::Fields;
use crate::resource::Resource;
use crate::resource::find::named::NameMatch;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::verb::Verb;

/// `c66 cloudmc orgs …`
#[derive(Debug, Subcommand)]
pub(crate) enum OrgsCommand {
    /// List the organizations you may see
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc orgs list -o name")]
    #[command(add = Verb::list(Organizations::NOUN))]
    List(Deferred<CloudMcListArgs>),
    /// Show one organization
    #[command(after_help = "Example:\n  c66 cloudmc orgs show northgate")]
    #[command(add = Verb::show(Organizations::NOUN))]
    Show {
        /// UUID, entry point or name
        #[arg(add = Candidates::CloudMcOrganizations)]
        org: String,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// `c66 cloudmc users …`
#[derive(Debug, Subcommand)]
pub(crate) enum UsersCommand {
    /// List the users you may see
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc users list --filter status=ACTIVE")]
    #[command(add = Verb::list(Users::NOUN))]
    List(Deferred<CloudMcListArgs>),
    /// Show one user
    #[command(after_help = "Example:\n  c66 cloudmc users show mira@northgate.example")]
    #[command(add = Verb::show(Users::NOUN))]
    Show {
        /// UUID, user name or e-mail address
        #[arg(add = Candidates::CloudMcUsers)]
        user: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// `c66 cloudmc connections …`
#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionsCommand {
    /// List the service connections
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc connections list")]
    #[command(add = Verb::list(Connections::NOUN))]
    List(Deferred<CloudMcListArgs>),
    /// Show one service connection
    #[command(after_help = "Example:\n  c66 cloudmc connections show compute")]
    #[command(add = Verb::show(Connections::NOUN))]
    Show {
        /// UUID, service code or name
        #[arg(add = Candidates::CloudMcConnections)]
        connection: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// `c66 cloudmc services …`
#[derive(Debug, Subcommand)]
pub(crate) enum ServicesCommand {
    /// List the types of a service and their operations
    #[command(after_help = "Example:\n  c66 cloudmc services types compute")]
    #[command(add = Verb::calls(&[&DESCRIPTORS_SHOW]).prints(Types::NOUN))]
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

/// `c66 cloudmc roles …`
#[derive(Debug, Subcommand)]
pub(crate) enum RolesCommand {
    /// List the roles that can be given
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc roles list --scope ENV")]
    #[command(add = Verb::list(Roles::NOUN))]
    List {
        /// Environment in which they can be given
        #[arg(long, value_name = "ENV")]
        #[arg(add = Candidates::CloudMcEnvironments)]
        env: Option<String>,
        /// Scope, such as ENV or ORG_BASE
        #[arg(long, value_name = "SCOPE")]
        scope: Option<String>,
        #[command(flatten)]
        listed: CloudMcListArgs,
    },
}

/// `c66 cloudmc quotas …`
#[derive(Debug, Subcommand)]
pub(crate) enum QuotasCommand {
    /// List the quotas
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc quotas list")]
    #[command(add = Verb::list(Quotas::NOUN))]
    List(Deferred<CloudMcListArgs>),
    /// Show one quota
    #[command(after_help = "Example:\n  c66 cloudmc quotas show 4bf5c8ec-f187-484d-abb7-a66e2ec943d6")]
    #[command(add = Verb::show(Quotas::NOUN))]
    Show {
        /// UUID or name
        #[arg(add = Candidates::CloudMcQuotas)]
        quota: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// `c66 cloudmc activity …`
#[derive(Debug, Subcommand)]
pub(crate) enum ActivityCommand {
    /// List what was done, by whom
    #[command(
        visible_alias = "ls",
        after_help = "Example:\n  c66 cloudmc activity list --mine --since 2026-11-01T00:00:00Z --limit 20"
    )]
    #[command(add = Verb::list(Activities::NOUN))]
    List {
        /// Only what you did
        #[arg(long)]
        mine: bool,
        /// Only what concerns this environment
        #[arg(long, value_name = "ENV")]
        #[arg(add = Candidates::CloudMcEnvironments)]
        env: Option<String>,
        /// Only what ended like this, such as FAILURE
        #[arg(long, value_name = "STATUS")]
        status: Option<String>,
        /// Only what began at or after this time (RFC 3339)
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
        /// Only what began before this time (RFC 3339)
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        #[command(flatten)]
        listed: CloudMcListArgs,
    },
}

/// `c66 cloudmc usage`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&USAGE_SHOW]).prints(Usages::NOUN))]
pub(crate) struct UsageArgs {
    /// Organization: UUID, entry point or name [default: your own]
    #[arg(add = Candidates::CloudMcOrganizations)]
    pub(crate) org: Option<String>,
    /// First day, such as 2026-11-01
    #[arg(long, value_name = "DATE")]
    pub(crate) from: String,
    /// Day after the last
    #[arg(long, value_name = "DATE")]
    pub(crate) to: String,
    /// Over what to sum up
    #[arg(long, value_name = "PERIOD", value_parser = ["hour", "day", "period"], ignore_case = true)]
    pub(crate) period: Option<String>,
    /// Print the table of the server as CSV, as it came
    #[arg(long)]
    pub(crate) csv: bool,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// Parameters of the query.
pub(super) type Query = Vec<(&'static str, String)>;

/// Prints what `endpoint` lists, of it only what `keep` keeps.
pub(super) async fn list(
    resource: &'static Noun,
    context: &Context,
    listed: &CloudMcListArgs,
    endpoint: &'static Endpoint,
    parts: &[(&str, &str)],
    query: Query,
    keep: Option<&dyn Fn(&Fields) -> bool>,
) -> Result<()> {
    let listing = Listing::new(resource, &context.printer, &listed.list)?;
    let Some(listing) = listing else { return Ok(()) };
    let client = context.cloudmc(&listed.org).await?;
    let mut request = with_organization_filter(client, request(endpoint, parts)?, endpoint);
    request.query.extend(query.into_iter().map(|(name, value)| (name.to_owned(), value)));
    let request = fill(&context.printer, request, &BodyArgs::default(), &listed.query)?;
    let data = client.data(&request).await?;
    say_if_partial(context, &data);
    let mut rows = list_items(&request, &data)?;
    if let Some(keep) = keep {
        // What is no object cannot be judged, and is kept.
        rows.retain(|row| !row.view::<Fields>().is_ok_and(|fields| !keep(&fields)));
    }
    listing.print_documents(rows).await
}

async fn plain(
    resource: &'static Noun,
    context: &Context,
    listed: &CloudMcListArgs,
    endpoint: &'static Endpoint,
) -> Result<()> {
    list(resource, context, listed, endpoint, &[], Vec::new(), None).await
}

/// Prints the one thing that `wanted` names: asked for by its UUID, which the list tells where a name was given.
async fn show_one<R: Resource>(
    context: &Context,
    org: &OrgArgs,
    args: &ShowArgs,
    wanted: &str,
    endpoints: (&'static Endpoint, &'static Endpoint),
    names: &[&str],
) -> Result<()> {
    if print_column_help_if_asked::<R>(&context.printer, args)? {
        return Ok(());
    }
    let client = context.cloudmc(org).await?;
    let id = if is_uuid(wanted) {
        wanted.to_owned()
    } else {
        let known = find::all(client, endpoints.0, names).await?;
        find::choose(lookup_labels(R::NOUN.singular, R::NOUN.plural), &known, wanted, NameMatch::Folded)?.id
    };
    let document = client.fetch(&request(endpoints.1, &[("id", &id)])?).await?;
    show::<R>(&context.printer, args, document)
}

/// `c66 cloudmc orgs …`
pub(super) async fn orgs(context: &Context, command: OrgsCommand) -> Result<()> {
    match command {
        OrgsCommand::List(Deferred(listed)) => plain(Organizations::NOUN, context, &listed, &ORGANIZATIONS_LIST).await,
        OrgsCommand::Show { org, show } => {
            let endpoints = (&ORGANIZATIONS_LIST, &ORGANIZATIONS_SHOW);
            let names = ["entryPoint", "name"];
            show_one::<Organizations>(context, &OrgArgs::default(), &show, &org, endpoints, &names).await
        }
    }
}

/// `c66 cloudmc users …`
pub(super) async fn users(context: &Context, command: UsersCommand) -> Result<()> {
    match command {
        UsersCommand::List(Deferred(listed)) => plain(Users::NOUN, context, &listed, &USERS_LIST).await,
        UsersCommand::Show { user, org, show } => {
            show_one::<Users>(context, &org, &show, &user, (&USERS_LIST, &USERS_SHOW), &["userName", "email"]).await
        }
    }
}

/// `c66 cloudmc connections …`
pub(super) async fn connections(context: &Context, command: ConnectionsCommand) -> Result<()> {
    match command {
        ConnectionsCommand::List(Deferred(listed)) => {
            plain(Connections::NOUN, context, &listed, &CONNECTIONS_LIST).await
        }
        ConnectionsCommand::Show { connection, org, show: args } => {
            if print_column_help_if_asked::<Connections>(&context.printer, &args)? {
                return Ok(());
            }
            let document = find::connection(context.cloudmc(&org).await?, &connection).await?;
            show::<Connections>(&context.printer, &args, document)
        }
    }
}

/// `c66 cloudmc services …`
pub(super) async fn services(context: &Context, command: ServicesCommand) -> Result<()> {
    let ServicesCommand::Types { connection, org, list } = command;
    let Some(listing) = Listing::of::<Types>(&context.printer, &list)? else { return Ok(()) };
    let client = context.cloudmc(&org).await?;
    let fields: Fields = find::connection(client, &connection).await?.view()?;
    let kind = fields
        .text("type")
        .ok_or_else(|| Error::not_found(format!("connection {connection} does not say of which type it is")))?;
    let descriptor = client.fetch(&request(&DESCRIPTORS_SHOW, &[("type", &kind)])?).await?;
    listing.print_documents(descriptor.list("entityDescriptors")?).await
}

/// `c66 cloudmc roles …`
pub(super) async fn roles(context: &Context, command: RolesCommand) -> Result<()> {
    let RolesCommand::List { env, scope, listed } = command;
    let mut query: Query = scope.into_iter().map(|scope| ("filter_scope", scope)).collect();
    if let Some(env) = env {
        query.push(("environment_id", environment_id(context, &listed.org, &env).await?));
    }
    list(Roles::NOUN, context, &listed, &ROLES_LIST, &[], query, None).await
}

async fn environment_id(context: &Context, org: &OrgArgs, env: &str) -> Result<String> {
    if is_uuid(env) {
        return Ok(env.to_owned());
    }
    Ok(find::environment(context.cloudmc(org).await?, env, NameMatch::Folded).await?.id)
}

/// `c66 cloudmc quotas …`
pub(super) async fn quotas(context: &Context, command: QuotasCommand) -> Result<()> {
    match command {
        QuotasCommand::List(Deferred(listed)) => plain(Quotas::NOUN, context, &listed, &QUOTAS_LIST).await,
        QuotasCommand::Show { quota, org, show } => {
            show_one::<Quotas>(context, &org, &show, &quota, (&QUOTAS_LIST, &QUOTAS_SHOW), &["name"]).await
        }
    }
}

/// `c66 cloudmc activity …`
pub(super) async fn activity(context: &Context, command: ActivityCommand) -> Result<()> {
    let ActivityCommand::List { mine, env, status, since, until, listed } = command;
    let mut query: Query = Vec::new();
    if mine {
        query.push(("only_mine", "true".to_owned()));
    }
    if let Some(env) = env {
        query.push(("environmentId", environment_id(context, &listed.org, &env).await?));
    }
    for (name, value) in [("status", status), ("start", since), ("end", until)] {
        query.extend(value.map(|value| (name, value)));
    }
    list(Activities::NOUN, context, &listed, &ACTIVITY_LIST, &[], query, None).await
}

/// `c66 cloudmc usage`
pub(super) async fn usage(context: &Context, args: UsageArgs) -> Result<()> {
    let listing = Listing::of::<Usages>(&context.printer, &args.list)?;
    let Some(listing) = listing else { return Ok(()) };
    let client = context.cloudmc(&OrgArgs { org: args.org.clone() }).await?;
    let id = match client.organization() {
        Some(id) => id.to_owned(),
        None => own_organization(client).await?,
    };
    let mut request = request(&USAGE_SHOW, &[("id", &id)])?;
    let dates = [("start_date", &args.from), ("end_date", &args.to)];
    request.query.extend(dates.map(|(name, value)| (name.to_owned(), value.clone())));
    if let Some(period) = &args.period {
        request.query.push(("period".to_owned(), period.to_uppercase()));
    }
    let mut request = fill(&context.printer, request, &BodyArgs::default(), &args.query)?;
    if args.csv {
        request.query.push(("format".to_owned(), "csv".to_owned()));
        request.headers.push(("Accept".to_owned(), "text/csv".to_owned()));
        let (_, response) = client.call(&request).await?;
        context.printer.write(|out| out.write_all(&response.body))?;
        return context.printer.flush();
    }
    listing.print_documents(client.fetch_all(&request).await?).await
}

/// The organization that the key belongs to: the only one that may be seen, or the one above all others.
async fn own_organization(client: &CloudMc) -> Result<String> {
    let known = find::all(client, &ORGANIZATIONS_LIST, &["entryPoint", "name"]).await?;
    let parent = |document: &Document| document.view::<Fields>().ok()?.object("parent").text("id");
    let is_below =
        |one: &&NamedItem| parent(&one.document).is_some_and(|parent| known.iter().any(|other| other.id == parent));
    let above: Vec<&NamedItem> = known.iter().filter(|one| !is_below(one)).collect();
    match above.as_slice() {
        [own] => Ok(own.id.clone()),
        _ => Err(Error::usage("which organization?").hint("c66 cloudmc orgs list names them")),
    }
}
