//! `c66 cloudmc envs`.

use clap::Subcommand;
use serde_json::json;

use super::super::context::Context;
use super::admin::list;
use super::entities::unless_gone;
use super::find;
use super::perform::{WriteLabels, perform};
use super::resources::{Environments, Members};
use crate::args::ShowArgs;
use crate::args::candidates::Candidates;
use crate::cloud66::with_field;
use crate::cloudmc::endpoints::{
    ENVIRONMENTS_CREATE, ENVIRONMENTS_DELETE, ENVIRONMENTS_LIST, ENVIRONMENTS_SHOW, MEMBERS_LIST, MEMBERSHIPS,
};
use crate::cloudmc::request;
use crate::commands::cloudmc::args::{CloudMcListArgs, CloudMcWriteArgs, OrgArgs};
use crate::error::{Error, Result};
use crate::http::fields::Fields;
use crate::resource::Resource;
use crate::resource::find::folded;
use crate::resource::find::named::NameMatch;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::verb::Verb;

/// `c66 cloudmc envs …`
#[derive(Debug, Subcommand)]
pub(crate) enum EnvsCommand {
    /// List the environments you may see
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc envs list --service compute")]
    #[command(add = Verb::list(Environments::NOUN))]
    List {
        /// Only those of this service, by its code
        #[arg(long, value_name = "CODE")]
        #[arg(add = Candidates::CloudMcConnections)]
        service: Option<String>,
        #[command(flatten)]
        listed: CloudMcListArgs,
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
    #[command(add = Verb::calls(&[&MEMBERS_LIST]).prints(Members::NOUN))]
    Members {
        /// UUID, name or SERVICE/NAME
        #[arg(add = Candidates::CloudMcEnvironments)]
        env: String,
        #[command(flatten)]
        listed: CloudMcListArgs,
    },
    /// Create an environment and wait for it
    #[command(after_help = "Example:\n  c66 cloudmc envs create dev --service compute --description 'For trying'")]
    #[command(add = Verb::calls(&[&ENVIRONMENTS_CREATE]))]
    Create {
        /// Name: lower-case letters, digits, - and _
        name: String,
        /// Service it belongs to: code, UUID or name of the connection
        #[arg(long, value_name = "CODE")]
        #[arg(add = Candidates::CloudMcConnections)]
        service: String,
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
        /// Who is a member of it
        #[arg(long, value_name = "WHO", value_parser = clap::builder::PossibleValuesParser::new(MEMBERSHIPS.iter().copied()))]
        membership: Option<String>,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        write_args: CloudMcWriteArgs,
    },
    /// Delete an environment with everything in it
    #[command(
        after_help = "Deleting again what could not be deleted is a forced delete: it is forgotten, whatever is left behind.\n\nExample:\n  c66 cloudmc envs delete compute/dev"
    )]
    #[command(add = Verb::calls(&[&ENVIRONMENTS_DELETE]))]
    Delete {
        /// UUID, whole name or SERVICE/NAME
        #[arg(add = Candidates::CloudMcEnvironments)]
        env: String,
        /// Be content when it is not there
        #[arg(long)]
        if_exists: bool,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        write_args: CloudMcWriteArgs,
    },
}

/// Carries out `c66 cloudmc envs …`.
pub(super) async fn run(context: &Context, command: EnvsCommand) -> Result<()> {
    match command {
        EnvsCommand::List { service, listed } => {
            let of_service = |env: &Fields| {
                let connection = env.object("serviceConnection");
                let names = ["serviceCode", "name", "id"].into_iter().filter_map(|name| connection.text(name));
                service.as_ref().is_none_or(|wanted| names.map(|name| folded(&name)).any(|name| name == folded(wanted)))
            };
            list(Environments::NOUN, context, &listed, &ENVIRONMENTS_LIST, &[], Vec::new(), Some(&of_service)).await
        }
        EnvsCommand::Show { env, org, show: args } => {
            if print_column_help_if_asked::<Environments>(&context.printer, &args)? {
                return Ok(());
            }
            let client = context.cloudmc(&org).await?;
            let found = find::environment(client, &env, NameMatch::Folded).await?;
            let document = client.fetch(&request(&ENVIRONMENTS_SHOW, &[("id", &found.id)])?).await?;
            show::<Environments>(&context.printer, &args, document)
        }
        EnvsCommand::Members { env, listed } => {
            if listed.list.columns == ["help"] {
                return list(Members::NOUN, context, &listed, &MEMBERS_LIST, &[], Vec::new(), None).await;
            }
            let found = find::environment(context.cloudmc(&listed.org).await?, &env, NameMatch::Folded).await?;
            list(Members::NOUN, context, &listed, &MEMBERS_LIST, &[("id", &found.id)], Vec::new(), None).await
        }
        EnvsCommand::Create { name, service, description, membership, org, write_args } => {
            let client = context.cloudmc(&org).await?;
            let connection: Fields = find::connection(client, &service).await?.view()?;
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
                is_destructive: false,
            };
            perform(context, client, request, &labels, &write_args).await
        }
        EnvsCommand::Delete { env, if_exists, org, write_args } => {
            let client = context.cloudmc(&org).await?;
            let outcome = async {
                let found = find::environment(client, &env, NameMatch::Exact).await?;
                // The first try has failed or goes on: this one has another meaning.
                if let Some(state) = found.state.as_deref().filter(|state| state.ends_with("PURGING")) {
                    context.printer.warn(&format!(
                        "{} is {state}: deleting it again is a forced delete, which forgets it whatever is left behind",
                        found.label
                    ));
                }
                let request = request(&ENVIRONMENTS_DELETE, &[("id", &found.id)])?;
                let labels = WriteLabels {
                    prompt: format!("Delete environment {} ({}) with everything in it", found.label, found.id),
                    label: format!("deletion of environment {}", found.label),
                    is_destructive: true,
                };
                perform(context, client, request, &labels, &write_args).await
            };
            unless_gone(context, client, if_exists, outcome.await)
        }
    }
}
