//! `c66 cloudmc quotas`.

use clap::Subcommand;

use super::super::context::Context;
use super::args::{CloudMcListArgs, OrgArgs};
use super::cells::{self, noun, service};
use super::requests;
use crate::args::ShowArgs;
use crate::args::candidates::Candidates;
use crate::cloudmc::endpoints::{QUOTAS_LIST, QUOTAS_SHOW};
use crate::commands::deferred::Deferred;
use crate::error::Result;
use crate::http::fields::Fields;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key};

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

/// Quotas.
pub(crate) struct Quotas;

impl Resource for Quotas {
    type View = Fields;
    const NOUN: &'static Noun = &noun::<Self>("quota", "quotas")
        .listed_by(&QUOTAS_LIST)
        .shown_by(&QUOTAS_SHOW)
        .named_by(&["name", "id"])
        .told_apart_by(&["name"]);
    const COLUMNS: &'static [Column<Fields>] = &[
        key(Column::text("id", "id for other commands", |quota| quota.text("id").into())),
        key(Column::text("name", "name for other commands", |quota| quota.text("name").into())),
        Column::text("service", "service", service),
        Column::flag("default", "whether it applies by default", |quota| quota.boolean("defaultForService").into()),
        Column::text("orgs", "number of its organizations", |quota| {
            quota.text("numberOfOrganizationsAppliedTo").into()
        }),
    ];

    fn id(quota: &Fields) -> Option<String> {
        cells::id(quota)
    }
}

/// Runs `c66 cloudmc quotas …`.
pub(super) async fn run(context: &Context, command: QuotasCommand) -> Result<()> {
    match command {
        QuotasCommand::List(Deferred(list)) => requests::list(context, Quotas::NOUN, &list).await,
        QuotasCommand::Show { quota, org, show } => requests::show(context, Quotas::NOUN, &org, &show, &quota).await,
    }
}
