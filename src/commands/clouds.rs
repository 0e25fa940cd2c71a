//! `c66 clouds`.

use clap::{Args, Subcommand};

use super::context::Context;
use crate::args::{ListArgs, ShowArgs};
use crate::cloud66::clouds::{Cloud, RegionOrSize};
use crate::cloud66::endpoints::{CLOUDS_LIST, CLOUDS_SHOW};
use crate::cloud66::envelope::Document;
use crate::cloud66::{request, vendors};
use crate::commands::deferred::Deferred;
use crate::error::{Error, Kind, Result};
use crate::resource::find::{folded, suggestions};
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key, wide};

/// `c66 clouds …`
#[derive(Debug, Subcommand)]
pub(crate) enum CloudsCommand {
    /// List the clouds of the account
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 clouds list")]
    #[command(add = Verb::list(Clouds::NOUN))]
    List {
        #[command(flatten)]
        offline: OfflineArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one cloud
    #[command(after_help = "Example:\n  c66 clouds show digitalocean -o json")]
    #[command(add = Verb::show(Clouds::NOUN))]
    Show {
        /// Name of the cloud
        #[arg(add = Clouds::NOUN.names())]
        name: String,
        #[command(flatten)]
        offline: OfflineArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// List the regions of a cloud
    #[command(after_help = "Example:\n  c66 clouds regions aws --offline")]
    Regions(Deferred<CloudPartArgs>),
    /// List the server sizes of a cloud
    #[command(after_help = "Example:\n  c66 clouds sizes digitalocean -o name")]
    Sizes(Deferred<CloudPartArgs>),
}

/// The source of the data.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct OfflineArgs {
    /// Use the built-in tables instead of the API
    #[arg(long)]
    pub(crate) offline: bool,
}

/// A part of one cloud.
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&CLOUDS_SHOW]).prints(RegionsOrSizes::NOUN))]
pub(crate) struct CloudPartArgs {
    /// Name of the cloud
    #[arg(add = Clouds::NOUN.names())]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) offline: OfflineArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// Clouds.
pub(crate) struct Clouds;

impl Resource for Clouds {
    type View = Cloud;
    const NOUN: &'static Noun = &Noun::new::<Self>("cloud", "clouds")
        .listed_by(&CLOUDS_LIST)
        .shown_by(&CLOUDS_SHOW)
        .named_by(&["name"])
        .told_apart_by(&["display_name"]);
    const COLUMNS: &'static [Column<Cloud>] = &[
        key(Column::text("name", "name for other commands", |cloud| cloud.name.clone().into())),
        Column::number("regions", "number of regions", |cloud| (cloud.regions.len() as u64).into()),
        Column::number("sizes", "number of server sizes", |cloud| (cloud.server_sizes.len() as u64).into()),
        wide(Column::text("title", "display name", |cloud| cloud.display_name.clone().into())),
    ];

    fn id(view: &Cloud) -> Option<String> {
        view.name.clone()
    }
}

/// Regions or sizes.
struct RegionsOrSizes;

impl Resource for RegionsOrSizes {
    type View = RegionOrSize;
    const NOUN: &'static Noun = &Noun::new::<Self>("entry", "entries");
    const COLUMNS: &'static [Column<RegionOrSize>] = &[
        key(Column::text("id", "id for `stacks create`", |part| part.id.clone().into())),
        key(Column::text("name", "display name", |part| part.name.clone().into())),
    ];

    fn id(view: &RegionOrSize) -> Option<String> {
        view.id.clone()
    }
}

/// Runs `c66 clouds …`.
pub(crate) async fn run(context: &Context, command: CloudsCommand) -> Result<()> {
    match command {
        CloudsCommand::List { offline, list } => {
            let Some(listing) = Listing::of::<Clouds>(&context.printer, &list)? else { return Ok(()) };
            if offline.offline {
                return listing.print_documents(vendors::documented_clouds()).await;
            }
            let pages = context.cloud66().await?.pages(request(&CLOUDS_LIST, &[])?, listing.max_items());
            listing.print(pages, None).await
        }
        CloudsCommand::Show { name, offline, show: args } => {
            if print_column_help_if_asked::<Clouds>(&context.printer, &args)? {
                return Ok(());
            }
            let document = cloud(context, &name, offline.offline).await?;
            show::<Clouds>(&context.printer, &args, document)
        }
        CloudsCommand::Regions(Deferred(part)) => regions_or_sizes(context, &part, "regions").await,
        CloudsCommand::Sizes(Deferred(part)) => regions_or_sizes(context, &part, "server_sizes").await,
    }
}

async fn regions_or_sizes(context: &Context, part: &CloudPartArgs, key: &str) -> Result<()> {
    let Some(listing) = Listing::of::<RegionsOrSizes>(&context.printer, &part.list)? else {
        return Ok(());
    };
    let cloud = cloud(context, &part.name, part.offline.offline).await?;
    listing.print_documents(cloud.list(key)?).await
}

/// Finds a cloud by its name or display name.
async fn cloud(context: &Context, name: &str, offline: bool) -> Result<Document> {
    if offline {
        return choose(vendors::documented_clouds(), name);
    }
    let client = context.cloud66().await?;
    match client.fetch(&request(&CLOUDS_SHOW, &[("cloud_id", name)])?).await {
        Err(error) if error.kind() == Kind::NotFound => {
            choose(client.fetch_all(request(&CLOUDS_LIST, &[])?).await?, name)
        }
        shown => shown,
    }
}

fn choose(clouds: Vec<Document>, wanted: &str) -> Result<Document> {
    let mut names = Vec::new();
    for document in clouds {
        let cloud: Cloud = document.view()?;
        let own = [cloud.name, cloud.display_name].into_iter().flatten();
        let own: Vec<String> = own.collect();
        if own.iter().any(|name| folded(name).replace('-', "") == folded(wanted).replace('-', "")) {
            return Ok(document);
        }
        names.extend(own);
    }
    let mut error = Error::not_found(format!("cloud `{wanted}` not found"));
    for near in suggestions(wanted, names.iter().map(String::as_str)) {
        error = error.hint(format!("did you mean `{near}`?"));
    }
    Err(error.hint("see c66 clouds list (with --offline for the built-in tables)"))
}
