//! The location of resources: the service and the environment, from the arguments, the profile or a UUID.

use clap::Args;

use super::super::context::Context;
use super::args::{OrgArgs, QueryArgs};
use super::connections::find_connection;
use super::envs::find_environment;
use crate::args::candidates::Candidates;
use crate::cloudmc::{CloudMc, is_uuid};
use crate::config::SettingKey;
use crate::error::{Error, Result};
use crate::http::fields::Fields;
use crate::resource::find::named::NameMatch;

/// The location of resources.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct LocationArgs {
    /// UUID of the environment; the arguments then start with the type
    #[arg(long, value_name = "UUID")]
    #[arg(add = Candidates::CloudMcEnvironmentIds)]
    pub(crate) env_id: Option<String>,
    #[command(flatten)]
    pub(crate) org: OrgArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

/// An environment of a service, as in paths, and the other arguments.
pub(super) struct Location<'w> {
    /// Service code.
    pub(super) service: String,
    /// Name of the environment.
    pub(super) environment: String,
    /// The type and the remaining arguments.
    pub(super) rest: &'w [String],
}

impl Location<'_> {
    /// Its name in messages.
    pub(super) fn label(&self) -> String {
        format!("{}/{}", self.service, self.environment)
    }

    /// The path segments of the resources of type `kind`.
    pub(super) fn path_params<'p>(&'p self, kind: &'p str) -> [(&'static str, &'p str); 3] {
        [("service_code", &self.service), ("environment_name", &self.environment), ("entity_type", kind)]
    }
}

/// The location that all arguments but the last `rest` name.
///
/// A name is used unchanged if possible; otherwise it is looked up, with `name_match`.
pub(super) async fn find_location<'w>(
    context: &Context,
    client: &CloudMc,
    words: &'w [String],
    rest: usize,
    args: &LocationArgs,
    name_match: NameMatch,
) -> Result<Location<'w>> {
    let (named, rest) = words.split_at(words.len().saturating_sub(rest));
    if let Some(id) = &args.env_id {
        if !named.is_empty() || !is_uuid(id) {
            let problem =
                if named.is_empty() { "--env-id expects a UUID" } else { "--env-id already specifies the environment" };
            return Err(Error::usage(problem).hint("see c66 cloudmc envs list"));
        }
        return of_environment(client, id, name_match, rest).await;
    }
    let setting = |key| context.settings.get(key).map(|setting| setting.text.to_owned());
    let (service, environment) = match named {
        [service, environment] => (Some(service.clone()), environment.clone()),
        [both] => match both.split_once('/') {
            Some((service, environment)) => (Some(service.to_owned()), environment.to_owned()),
            None => (setting(SettingKey::Service), both.clone()),
        },
        _ => {
            let environment = setting(SettingKey::Environment).ok_or_else(|| {
                Error::usage("no environment specified")
                    .hint("pass SERVICE ENV or SERVICE/ENV; see c66 cloudmc envs list")
                    .hint("or set CLOUDMC_SERVICE and CLOUDMC_ENVIRONMENT, or both in the profile")
            })?;
            (setting(SettingKey::Service), environment)
        }
    };
    match service {
        Some(service) if !is_uuid(&environment) => {
            Ok(Location { service: service_code(client, service).await?, environment, rest })
        }
        Some(service) => {
            let service = service_code(client, service).await?;
            let location = of_environment(client, &environment, name_match, rest).await?;
            if location.service != service {
                return Err(Error::usage(format!(
                    "environment {} is in {} and not in {service}",
                    location.environment, location.service
                )));
            }
            Ok(location)
        }
        None => of_environment(client, &environment, name_match, rest).await,
    }
}

/// The location of an environment without its service.
async fn of_environment<'w>(
    client: &CloudMc,
    wanted: &str,
    name_match: NameMatch,
    rest: &'w [String],
) -> Result<Location<'w>> {
    let found = find_environment(client, wanted, name_match).await?;
    if found.service.is_empty() {
        return Err(Error::usage(format!("the API does not report the service of environment {}", found.name))
            .hint("pass it too: SERVICE ENV or SERVICE/ENV"));
    }
    Ok(Location { service: found.service, environment: found.name, rest })
}

/// The service code, from a code or the UUID of a connection.
async fn service_code(client: &CloudMc, service: String) -> Result<String> {
    if !is_uuid(&service) {
        return Ok(service);
    }
    let fields: Fields = find_connection(client, &service).await?.view()?;
    fields.text("serviceCode").ok_or_else(|| Error::not_found(format!("connection {service} has no service code")))
}
