//! `c66 cloudmc roles`.

use clap::Subcommand;

use super::super::context::Context;
use super::args::CloudMcListArgs;
use super::cells::{self, noun};
use super::envs;
use super::requests::{ListOptions, Query, list_with};
use crate::args::candidates::Candidates;
use crate::cloudmc::endpoints::ROLES_LIST;
use crate::error::Result;
use crate::http::fields::Fields;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key, minor};

/// `c66 cloudmc roles …`
#[derive(Debug, Subcommand)]
pub(crate) enum RolesCommand {
    /// List the roles that can be assigned
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc roles list --scope ENV")]
    #[command(add = Verb::list(Roles::NOUN))]
    List {
        /// Only roles that can be assigned in this environment
        #[arg(long, value_name = "ENV")]
        #[arg(add = Candidates::CloudMcEnvironments)]
        env: Option<String>,
        /// Scope, such as ENV or ORG_BASE
        #[arg(long, value_name = "SCOPE")]
        scope: Option<String>,
        #[command(flatten)]
        list: CloudMcListArgs,
    },
}

/// Roles.
struct Roles;

impl Resource for Roles {
    type View = Fields;
    const NOUN: &'static Noun = &noun::<Self>("role", "roles").listed_by(&ROLES_LIST);
    const COLUMNS: &'static [Column<Fields>] = &[
        key(Column::text("id", "id of the role", |role| role.text("id").into())),
        key(Column::text("name", "name of the role", |role| role.text("name").into())),
        Column::text("scope", "scope", |role| role.text("defaultScope").into()),
        minor(Column::flag("system", "whether it is built in", |role| role.boolean("isSystem").into())),
        minor(Column::text("plugin", "type of connection", |role| role.text("pluginName").into())),
    ];

    fn id(role: &Fields) -> Option<String> {
        cells::id(role)
    }
}

/// Runs `c66 cloudmc roles …`.
pub(super) async fn run(context: &Context, command: RolesCommand) -> Result<()> {
    let RolesCommand::List { env, scope, list } = command;
    let mut query: Query = scope.into_iter().map(|scope| ("filter_scope", scope)).collect();
    if let Some(env) = env {
        query.push(("environment_id", envs::environment_id(context, &list.org, &env).await?));
    }
    list_with(context, Roles::NOUN, &list, ListOptions { query, ..ListOptions::default() }).await
}
