//! `c66 cloudmc envs`.

use serde_json::json;

use super::super::context::Context;
use super::admin::list;
use super::entities::unless_gone;
use super::find;
use super::perform::{WriteLabels, perform};
use super::resources::{Environments, Members};
use crate::cli::cloudmc::admin::Envs as Command;
use crate::cloud66::with_field;
use crate::cloudmc::endpoints::{
    ENVIRONMENTS_CREATE, ENVIRONMENTS_DELETE, ENVIRONMENTS_LIST, ENVIRONMENTS_SHOW, MEMBERS_LIST,
};
use crate::cloudmc::request;
use crate::error::{Error, Result};
use crate::http::fields::Fields;
use crate::resource::Resource;
use crate::resource::find::folded;
use crate::resource::find::named::NameMatch;
use crate::resource::show::{print_column_help_if_asked, show};

/// Carries out `c66 cloudmc envs …`.
pub(super) async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::List { service, listed } => {
            let of_service = |env: &Fields| {
                let connection = env.within("serviceConnection");
                let names = ["serviceCode", "name", "id"].into_iter().filter_map(|name| connection.text(name));
                service.as_ref().is_none_or(|wanted| names.map(|name| folded(&name)).any(|name| name == folded(wanted)))
            };
            list(Environments::NOUN, context, &listed, &ENVIRONMENTS_LIST, &[], Vec::new(), Some(&of_service)).await
        }
        Command::Show { env, org, show: args } => {
            if print_column_help_if_asked::<Environments>(&context.printer, &args)? {
                return Ok(());
            }
            let client = context.cloudmc(&org).await?;
            let found = find::environment(client, &env, NameMatch::Folded).await?;
            let document = client.fetch(&request(&ENVIRONMENTS_SHOW, &[("id", &found.id)])?).await?;
            show::<Environments>(&context.printer, &args, document)
        }
        Command::Members { env, listed } => {
            if listed.list.columns == ["help"] {
                return list(Members::NOUN, context, &listed, &MEMBERS_LIST, &[], Vec::new(), None).await;
            }
            let found = find::environment(context.cloudmc(&listed.org).await?, &env, NameMatch::Folded).await?;
            list(Members::NOUN, context, &listed, &MEMBERS_LIST, &[("id", &found.id)], Vec::new(), None).await
        }
        Command::Create { name, service, description, membership, org, write_args } => {
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
        Command::Delete { env, if_exists, org, write_args } => {
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
