//! `c66 cloudmc envs`, and how an environment is found by name.

use std::collections::HashMap;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use serde_json::json;

use super::super::context::Context;
use super::args::{CloudMcListArgs, CloudMcWriteArgs, OrgArgs};
use super::cells::{self, named, noun, service, state, time};
use super::connections::{find_connection, service_codes};
use super::find::lookup_labels;
use super::requests::{ListOptions, list_with};
use super::write::{WriteLabels, accept_missing, perform};
use crate::args::ShowArgs;
use crate::args::candidates::Candidates;
use crate::cloud66::with_field;
use crate::cloudmc::endpoints::{
    ENVIRONMENTS_CREATE, ENVIRONMENTS_DELETE, ENVIRONMENTS_LIST, ENVIRONMENTS_SHOW, MEMBERS_LIST, MEMBERSHIPS,
};
use crate::cloudmc::{CloudMc, is_uuid, request};
use crate::error::{Error, Result};
use crate::http::document::Document;
use crate::http::fields::Fields;
use crate::resource::column_help::print_column_help;
use crate::resource::find::folded;
use crate::resource::find::named::{ItemNames, NameMatch, choose_matching};
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 cloudmc envs …`
#[derive(Debug, Subcommand)]
pub(crate) enum EnvsCommand {
    /// List the environments you can access
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc envs list --service compute")]
    #[command(add = Verb::list(Environments::NOUN))]
    List {
        /// Only those of this service, by its code
        #[arg(long, value_name = "CODE")]
        #[arg(add = Candidates::CloudMcConnections)]
        service: Option<String>,
        #[command(flatten)]
        list: CloudMcListArgs,
    },
    /// Show one environment
    #[command(after_help = "Example:\n  c66 cloudmc envs show compute/prod")]
    #[command(add = Verb::show(Environments::NOUN))]
    Show {
        /// UUID, name or SERVICE/NAME
        #[arg(add = Candidates::CloudMcEnvironments)]
        env: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// List the members of an environment
    #[command(after_help = "Example:\n  c66 cloudmc envs members compute/prod")]
    #[command(add = Verb::list(Members::NOUN))]
    Members {
        /// UUID, name or SERVICE/NAME
        #[arg(add = Candidates::CloudMcEnvironments)]
        env: String,
        #[command(flatten)]
        list: CloudMcListArgs,
    },
    /// Create an environment and wait for it
    #[command(after_help = "Example:\n  c66 cloudmc envs create dev --service compute --description 'For trying'")]
    #[command(add = Verb::calls(&[&ENVIRONMENTS_CREATE]).asks(Asks::Never))]
    Create {
        /// Name: lower-case letters, digits, - and _
        name: String,
        /// Service: code, UUID or name of the connection
        #[arg(long, value_name = "CODE")]
        #[arg(add = Candidates::CloudMcConnections)]
        service: String,
        /// Description
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
        /// Members
        #[arg(long, value_name = "WHO", value_parser = PossibleValuesParser::new(MEMBERSHIPS.iter().copied()))]
        membership: Option<String>,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        write_args: CloudMcWriteArgs,
    },
    /// Delete an environment with everything in it
    #[command(
        after_help = "A second delete after a failure is forced: the API forgets the environment, even if parts of it remain.\n\nExample:\n  c66 cloudmc envs delete compute/dev"
    )]
    #[command(add = Verb::calls(&[&ENVIRONMENTS_DELETE]).asks(Asks::Always))]
    Delete {
        /// UUID, full name or SERVICE/NAME
        #[arg(add = Candidates::CloudMcEnvironments)]
        env: String,
        /// Succeed if it does not exist
        #[arg(long)]
        if_exists: bool,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        write_args: CloudMcWriteArgs,
    },
}

/// Environments.
struct Environments;

impl Resource for Environments {
    type View = Fields;
    const NOUN: &'static Noun =
        &noun::<Self>("environment", "environments").listed_by(&ENVIRONMENTS_LIST).shown_by(&ENVIRONMENTS_SHOW);
    const COLUMNS: &'static [Column<Fields>] = &[
        key(Column::text("id", "id for other commands", |env| env.text("id").into())),
        key(Column::text("name", "name for other commands", |env| env.text("name").into())),
        Column::text("service", "service", service),
        Column::text("state", "such as PROVISIONED or PENDING", |env| state(env, "state")),
        minor(Column::text("org", "organization", |env| named(env, "organization"))),
        minor(Column::text("membership", "members", |env| env.text("membership").into())),
        wide(Column::text("description", "description", |env| env.text("description").into())),
        wide(Column::text("default_role", "role of members without another role", |env| named(env, "defaultRole"))),
        wide(Column::time("created", "when it was created", |env| time(env, "creationDate"))),
    ];

    fn id(env: &Fields) -> Option<String> {
        cells::id(env)
    }
}

/// Members of an environment.
struct Members;

impl Resource for Members {
    type View = Fields;
    const NOUN: &'static Noun = &noun::<Self>("member", "members").listed_by(&MEMBERS_LIST);
    const COLUMNS: &'static [Column<Fields>] = &[
        key(Column::text("user", "user name", |member| member.object("user").text("userName").into())),
        Column::text("email", "e-mail address", |member| member.object("user").text("email").into()),
        Column::text("role", "role in the environment", |member| named(member, "role")),
        Column::text("state", "state of the membership", |member| state(member, "state")),
        minor(Column::text("membership", "members of the environment", |member| {
            member.object("metadata").text("membership").into()
        })),
        wide(Column::text("user_id", "id of the user", |member| member.object("user").text("id").into())),
        wide(Column::text("id", "id of the membership", |member| member.text("id").into())),
        wide(Column::time("created", "when it was created", |member| time(member, "creationDate"))),
    ];

    fn id(member: &Fields) -> Option<String> {
        cells::id(member)
    }
}

/// Runs `c66 cloudmc envs …`.
pub(super) async fn run(context: &Context, command: EnvsCommand) -> Result<()> {
    match command {
        EnvsCommand::List { service, list } => {
            let is_of_service = |env: &Fields| {
                let connection = env.object("serviceConnection");
                let names = ["serviceCode", "name", "id"].into_iter().filter_map(|name| connection.text(name));
                service.as_ref().is_none_or(|wanted| names.map(|name| folded(&name)).any(|name| name == folded(wanted)))
            };
            let options = ListOptions { keep: Some(&is_of_service), ..ListOptions::default() };
            list_with(context, Environments::NOUN, &list, options).await
        }
        EnvsCommand::Show { env, org, show: args } => {
            if print_column_help_if_asked::<Environments>(&context.printer, &args)? {
                return Ok(());
            }
            let client = context.cloudmc(&org).await?;
            let found = find_environment(client, &env, NameMatch::Folded).await?;
            let document = client.fetch(&request(&ENVIRONMENTS_SHOW, &[("id", &found.id)])?).await?;
            show::<Environments>(&context.printer, &args, document)
        }
        EnvsCommand::Members { env, list } => {
            if print_column_help(Members::NOUN, &context.printer, &list.list.columns)? {
                return Ok(());
            }
            let found = find_environment(context.cloudmc(&list.org).await?, &env, NameMatch::Folded).await?;
            let options = ListOptions { path_params: &[("id", &found.id)], ..ListOptions::default() };
            list_with(context, Members::NOUN, &list, options).await
        }
        EnvsCommand::Create { name, service, description, membership, org, write_args } => {
            let client = context.cloudmc(&org).await?;
            let connection: Fields = find_connection(client, &service).await?.view()?;
            let id = connection.text("id").ok_or_else(|| Error::not_found(format!("{service} has no id")))?;
            let mut request = with_field(request(&ENVIRONMENTS_CREATE, &[])?, "name", name.as_str());
            request = with_field(request, "serviceConnection", json!({ "id": id }));
            for (field, value) in [("description", description), ("membership", membership)] {
                if let Some(value) = value {
                    request = with_field(request, field, value);
                }
            }
            if let Some(organization) = client.organization() {
                request = with_field(request, "organization", json!({ "id": organization }));
            }
            let label = format!("{}/{name}", connection.text("serviceCode").unwrap_or(service));
            let labels = WriteLabels {
                prompt: format!("Create environment {label}"),
                label: format!("creation of environment {label}"),
            };
            perform(context, client, request, &labels, &write_args).await
        }
        EnvsCommand::Delete { env, if_exists, org, write_args } => {
            let client = context.cloudmc(&org).await?;
            let outcome = delete(context, client, &env, &write_args).await;
            accept_missing(context, client, if_exists, outcome)
        }
    }
}

async fn delete(context: &Context, client: &CloudMc, env: &str, write_args: &CloudMcWriteArgs) -> Result<()> {
    let found = find_environment(client, env, NameMatch::Exact).await?;
    // An earlier delete is running or has failed, which changes the meaning of this one.
    if let Some(state) = found.state.as_deref().filter(|state| state.ends_with("PURGING")) {
        context
            .printer
            .warn(&format!("{} is {state}: a second delete is forced, and parts of it may remain", found.label));
    }
    let request = request(&ENVIRONMENTS_DELETE, &[("id", &found.id)])?;
    let labels = WriteLabels {
        prompt: format!("Delete environment {} ({}) with everything in it", found.label, found.id),
        label: format!("deletion of environment {}", found.label),
    };
    perform(context, client, request, &labels, write_args).await
}

/// An environment with its service.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Service code; empty if unknown.
    pub(crate) service: String,
    /// UUID of the connection to that service, if known.
    pub(crate) connection: Option<String>,
    /// Type of that service, if known.
    pub(crate) kind: Option<String>,
    /// Its name in messages: `SERVICE/NAME`.
    pub(crate) label: String,
    state: Option<String>,
}

impl Environment {
    /// The environment of a document. Some documents have no service code; the connections have it.
    fn new(env: &Fields, service_codes: &HashMap<String, String>) -> Self {
        let connection = env.object("serviceConnection");
        let code = connection.text("serviceCode");
        let code = code.or_else(|| service_codes.get(&connection.text("id")?).cloned());
        let service = code.unwrap_or_default();
        let name = env.text("name").unwrap_or_default();
        Self {
            id: env.text("id").unwrap_or_default(),
            label: format!("{service}/{name}"),
            name,
            service,
            connection: connection.text("id"),
            kind: connection.text("type"),
            state: env.text("state"),
        }
    }
}

/// Every environment that the key can access.
pub(crate) async fn environments(client: &CloudMc) -> Result<Vec<Environment>> {
    with_services(client, &client.fetch_all(&request(&ENVIRONMENTS_LIST, &[])?).await?).await
}

/// Finds an environment by UUID, name or `SERVICE/NAME`.
pub(super) async fn find_environment(client: &CloudMc, wanted: &str, name_match: NameMatch) -> Result<Environment> {
    if is_uuid(wanted) {
        let document = client.fetch(&request(&ENVIRONMENTS_SHOW, &[("id", wanted)])?).await?;
        let mut found = with_services(client, &[document]).await?;
        return found.pop().ok_or_else(|| Error::internal("an environment was lost"));
    }
    let environments = environments(client).await?;
    choose_matching(name_match, lookup_labels(Environments::NOUN), &environments, wanted, |env| ItemNames {
        id: &env.id,
        label: env.label.clone(),
        others: vec![&env.name, &env.label],
    })
    .cloned()
}

/// The UUID of the environment with that UUID, name or `SERVICE/NAME`; a UUID is not looked up.
pub(super) async fn environment_id(context: &Context, org: &OrgArgs, wanted: &str) -> Result<String> {
    if is_uuid(wanted) {
        return Ok(wanted.to_owned());
    }
    Ok(find_environment(context.cloudmc(org).await?, wanted, NameMatch::Folded).await?.id)
}

/// The environments of these documents. The connections are requested only if a document has no service.
async fn with_services(client: &CloudMc, documents: &[Document]) -> Result<Vec<Environment>> {
    let fields = documents.iter().map(Document::view).collect::<Result<Vec<Fields>>>()?;
    let is_incomplete = |env: &Fields| env.object("serviceConnection").text("serviceCode").is_none();
    let codes = if fields.iter().any(is_incomplete) { service_codes(client).await? } else { HashMap::new() };
    Ok(fields.iter().map(|env| Environment::new(env, &codes)).collect())
}
