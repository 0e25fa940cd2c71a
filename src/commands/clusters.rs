//! `c66 clusters`: Kubernetes clusters of the account.

use clap::Subcommand;

use super::account_write::list_all;
use super::context::Context;
use crate::args::{ListArgs, ShowArgs};
use crate::cloud66::clusters::Cluster;
use crate::cloud66::endpoints::{CLUSTERS_LIST, CLUSTERS_SHOW};
use crate::cloud66::request;
use crate::commands::deferred::Deferred;
use crate::error::Result;
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 clusters …`
#[derive(Debug, Subcommand)]
pub(crate) enum ClustersCommand {
    /// List the Kubernetes clusters of the account
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 clusters list")]
    #[command(add = Verb::list(Clusters::NOUN))]
    List(Deferred<ListArgs>),
    /// Show one Kubernetes cluster
    #[command(after_help = "Example:\n  c66 clusters show 1")]
    #[command(add = Verb::show(Clusters::NOUN))]
    Show {
        /// ID of the cluster
        #[arg(add = Clusters::NOUN.names())]
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// Kubernetes clusters.
struct Clusters;

impl Resource for Clusters {
    type View = Cluster;
    const NOUN: &'static Noun = &Noun::new::<Self>("cluster", "clusters")
        .listed_by(&CLUSTERS_LIST)
        .shown_by(&CLUSTERS_SHOW)
        .named_by(&["id"])
        .told_apart_by(&["name"]);
    const COLUMNS: &'static [Column<Cluster>] = &[
        key(Column::text("id", "id for other commands", |cluster| cluster.id.clone().into())),
        Column::text("name", "name", |cluster| cluster.name.clone().into()),
        Column::text("environment", "environment", |cluster| cluster.environment.clone().into()),
        Column::text("status", "state", |cluster| cluster.status.clone().into()),
        minor(Column::text("health", "health", |cluster| cluster.health.clone().into())),
        minor(Column::text("version", "version of Kubernetes", |cluster| cluster.kubernetes_version.clone().into())),
        minor(Column::number("nodes", "number of nodes", |cluster| cluster.node_count.into())),
        minor(Column::text("cloud", "cloud", |cluster| cluster.cloud.clone().into())),
        wide(Column::text("region", "region of the cloud", |cluster| cluster.region.clone().into())),
        wide(Column::text("uid", "UID", |cluster| cluster.uid.clone().into())),
        wide(Column::time("created", "when it was created", |cluster| cluster.created_at.clone().into())),
    ];

    fn id(view: &Cluster) -> Option<String> {
        view.id.clone()
    }
}

/// Runs `c66 clusters …`.
pub(crate) async fn run(context: &Context, command: ClustersCommand) -> Result<()> {
    match command {
        ClustersCommand::List(Deferred(list)) => list_all::<Clusters>(context, &list).await,
        ClustersCommand::Show { id, show: args } => {
            if print_column_help_if_asked::<Clusters>(&context.printer, &args)? {
                return Ok(());
            }
            let request = request(&CLUSTERS_SHOW, &[("cluster_id", &id)])?;
            show::<Clusters>(&context.printer, &args, context.cloud66().await?.fetch(&request).await?)
        }
    }
}
