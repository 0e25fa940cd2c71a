//! `c66 server-groups`.

mod scale;

use clap::Subcommand;

use super::context::Context;
use super::deferred::Deferred;
use crate::args::{ListArgs, ShowArgs, StackArgs};
use crate::cloud66::endpoints::{SERVER_GROUPS_LIST, SERVER_GROUPS_SHOW};
use crate::cloud66::servers::ServerGroup;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{all_in_stack, list_in_stack, request_in_stack, show_with_fetch};
use crate::error::{Error, Kind, Result};
use crate::resource::find::named::{self, ItemNames, LookupLabels};
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 server-groups …`
#[derive(Debug, Subcommand)]
pub(crate) enum ServerGroupsCommand {
    /// List the server groups of a stack
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 server-groups list -s awesome-app@production")]
    #[command(add = Verb::list(ServerGroups::NOUN))]
    List {
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one server group
    #[command(after_help = "Example:\n  c66 server-groups show 128 -s awesome-app@production")]
    #[command(add = Verb::show(ServerGroups::NOUN))]
    Show {
        /// ID, name or type of the group
        #[arg(add = ServerGroups::NOUN.names())]
        group: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Add servers to a group, or delete servers from it
    #[command(
        after_help = "Examples:\n  c66 server-groups scale docker --add 1 --size t2.small -s shop\n  c66 server-groups scale docker --to 1 -s shop\n\n--to deletes servers, and asks first."
    )]
    Scale(Deferred<scale::ScaleGroupArgs>),
}

/// Server groups.
pub(crate) struct ServerGroups;

impl Resource for ServerGroups {
    type View = ServerGroup;
    const NOUN: &'static Noun = &Noun::new::<Self>("server group", "server groups")
        .listed_by(&SERVER_GROUPS_LIST)
        .shown_by(&SERVER_GROUPS_SHOW)
        .named_by(&["type", "name", "id"])
        .told_apart_by(&["name"])
        .folded();
    const COLUMNS: &'static [Column<ServerGroup>] = &[
        key(Column::number("id", "id for other commands", |group| group.id.into())),
        key(Column::text("name", "name for other commands", |group| group.name.clone().into())),
        Column::text("type", "role of its servers", |group| group.kind.clone().into()),
        minor(Column::time("created", "when it was created", |group| group.created_at.clone().into())),
        wide(Column::time("updated", "when it was last changed", |group| group.updated_at.clone().into())),
    ];

    fn id(view: &ServerGroup) -> Option<String> {
        view.id.map(|id| id.to_string())
    }
}

/// Runs `c66 server-groups …`.
pub(crate) async fn run(context: &Context, command: ServerGroupsCommand) -> Result<()> {
    match command {
        ServerGroupsCommand::List { stack, list } => list_in_stack::<ServerGroups>(context, &stack, &list, &[]).await,
        ServerGroupsCommand::Show { group, stack, show } => {
            show_with_fetch::<ServerGroups>(context, &stack, &show, async |target| {
                let id = group_id(context, target, &group).await?.to_string();
                let request = request_in_stack(target, &SERVER_GROUPS_SHOW, &[("server_group_id", &id)])?;
                context.cloud66().await?.fetch(&request).await
            })
            .await
        }
        ServerGroupsCommand::Scale(Deferred(args)) => scale::scale(context, &args).await,
    }
}

/// The id of the chosen group; an id is used unchanged, a name or type is looked up.
pub(crate) async fn group_id(context: &Context, target: &StackRef, wanted: &str) -> Result<u64> {
    if let Ok(id) = wanted.parse() {
        return Ok(id);
    }
    let group = choose(&groups(context, target).await?, target, wanted)?;
    group.id.ok_or_else(|| Error::new(Kind::BadReply, "the API returned a server group without an id"))
}

/// Finds a group by id, name or type.
pub(crate) fn choose(groups: &[ServerGroup], target: &StackRef, wanted: &str) -> Result<ServerGroup> {
    let id = |group: &ServerGroup| group.id.map(|id| id.to_string()).unwrap_or_default();
    let numbered: Vec<(String, &ServerGroup)> = groups.iter().map(|group| (id(group), group)).collect();
    let owner = target.label();
    let lookup_labels = LookupLabels::of(ServerGroups::NOUN, &owner);
    let (_, group) = named::choose(lookup_labels, &numbered, wanted, |(id, group)| {
        let mut names = ItemNames::of(id, group.name.as_deref().unwrap_or_default());
        names.others.extend(group.kind.as_deref());
        names
    })?;
    Ok((*group).clone())
}

/// The server groups of a stack.
pub(crate) async fn groups(context: &Context, target: &StackRef) -> Result<Vec<ServerGroup>> {
    all_in_stack::<ServerGroups>(context, target).await
}
