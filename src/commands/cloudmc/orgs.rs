//! `c66 cloudmc orgs`.

use clap::Subcommand;

use super::super::context::Context;
use super::args::{CloudMcListArgs, OrgArgs};
use super::cells::{self, named, noun, time};
use super::requests;
use crate::args::ShowArgs;
use crate::args::candidates::Candidates;
use crate::cloudmc::endpoints::{ORGANIZATIONS_LIST, ORGANIZATIONS_SHOW};
use crate::commands::deferred::Deferred;
use crate::error::Result;
use crate::http::fields::Fields;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 cloudmc orgs …`
#[derive(Debug, Subcommand)]
pub(crate) enum OrgsCommand {
    /// List the organizations you can access
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

/// Organizations.
pub(crate) struct Organizations;

impl Resource for Organizations {
    type View = Fields;
    const NOUN: &'static Noun = &noun::<Self>("organization", "organizations")
        .listed_by(&ORGANIZATIONS_LIST)
        .shown_by(&ORGANIZATIONS_SHOW)
        .named_by(&["entryPoint", "name", "id"])
        .told_apart_by(&["name"]);
    const COLUMNS: &'static [Column<Fields>] = &[
        key(Column::text("id", "id for other commands", |org| org.text("id").into())),
        key(Column::text("name", "name for other commands", |org| org.text("name").into())),
        Column::text("entry_point", "subdomain of its pages", |org| org.text("entryPoint").into()),
        minor(Column::text("parent", "parent organization", |org| named(org, "parent"))),
        minor(Column::flag("reseller", "whether it is a reseller", |org| org.boolean("isReseller").into())),
        wide(Column::flag("billable", "whether it is billed", |org| org.boolean("isBillable").into())),
        wide(Column::flag("trial", "whether it is on trial", |org| org.boolean("isTrial").into())),
        wide(Column::time("created", "when it was created", |org| time(org, "creationDate"))),
    ];

    fn id(org: &Fields) -> Option<String> {
        cells::id(org)
    }
}

/// Runs `c66 cloudmc orgs …`.
pub(super) async fn run(context: &Context, command: OrgsCommand) -> Result<()> {
    match command {
        OrgsCommand::List(Deferred(list)) => requests::list(context, Organizations::NOUN, &list).await,
        OrgsCommand::Show { org, show } => {
            requests::show(context, Organizations::NOUN, &OrgArgs::default(), &show, &org).await
        }
    }
}
