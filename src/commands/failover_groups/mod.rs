//! `c66 failover-groups`: an address that points to one of two stacks.

mod switch;
mod write;

use clap::{Args, Subcommand, ValueEnum};

use self::switch::SwitchArgs;
use self::write::{AddGroupArgs, UpdateGroupArgs};
use super::account_write::{list_all, send_and_acknowledge};
use super::context::Context;
use crate::args::{ListArgs, PollArgs, WriteArgs};
use crate::cloud66::endpoints::{FAILOVER_GROUPS_DELETE, FAILOVER_GROUPS_LIST};
use crate::cloud66::envelope::Document;
use crate::cloud66::failover_groups::{FailoverGroup, FailoverSide};
use crate::cloud66::request;
use crate::commands::deferred::Deferred;
use crate::error::Result;
use crate::output::cell::{Cell, Tone};
use crate::resource::find::named::{self, ItemNames, LookupLabels};
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 failover-groups …`
#[derive(Debug, Subcommand)]
pub(crate) enum FailoverGroupsCommand {
    /// List the failover groups of the account
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 failover-groups list")]
    #[command(add = Verb::list(FailoverGroups::NOUN))]
    List(Deferred<ListArgs>),
    /// Add a failover group
    #[command(
        after_help = "Example:\n  c66 failover-groups add --primary awesome-app@production --secondary awesome-app@staging --current primary"
    )]
    Add(Deferred<AddGroupArgs>),
    /// Change the stacks of a failover group
    #[command(
        after_help = "Examples:\n  c66 failover-groups update 958-797-516.cloud66.net --primary awesome-app@production\n  c66 failover-groups update 958-797-516.cloud66.net --no-secondary\n\nTo point the address to the other stack, use c66 failover-groups switch."
    )]
    Update(Deferred<UpdateGroupArgs>),
    /// Point the address of a failover group to its other stack
    #[command(
        after_help = "Examples:\n  c66 failover-groups switch shop.cloud66.net --confirm shop.cloud66.net\n  c66 failover-groups switch shop.cloud66.net --to primary --confirm shop.cloud66.net\n\nAll visitors of the address get the other stack. Waits until the switch is done."
    )]
    Switch(Deferred<SwitchArgs>),
    /// Wait until a failover group is not being switched
    #[command(after_help = "Example:\n  c66 failover-groups wait shop.cloud66.net --timeout 10m")]
    #[command(add = Verb::calls(&[&FAILOVER_GROUPS_LIST]).prints(FailoverGroups::NOUN))]
    Wait {
        /// Address or UID of the group
        #[arg(add = FailoverGroups::NOUN.names())]
        group: String,
        #[command(flatten)]
        poll_args: PollArgs,
    },
    /// Remove a failover group
    #[command(alias = "delete", after_help = "Example:\n  c66 failover-groups remove 958-797-516.cloud66.net --yes")]
    #[command(add = Verb::calls(&[&FAILOVER_GROUPS_DELETE, &FAILOVER_GROUPS_LIST]).asks(Asks::Always))]
    Remove {
        /// Address or UID of the group
        #[arg(add = FailoverGroups::NOUN.names())]
        group: String,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// One of the two stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SideArg {
    Primary,
    Secondary,
}

impl SideArg {
    fn side(self) -> FailoverSide {
        match self {
            Self::Primary => FailoverSide::Primary,
            Self::Secondary => FailoverSide::Secondary,
        }
    }
}

/// A failover group.
#[derive(Args, Debug)]
pub(crate) struct GroupArgs {
    /// Address or UID of the group
    #[arg(add = FailoverGroups::NOUN.names())]
    pub(crate) group: String,
}

/// Failover groups.
pub(crate) struct FailoverGroups;

impl Resource for FailoverGroups {
    type View = FailoverGroup;
    const NOUN: &'static Noun = &Noun::new::<Self>("failover group", "failover groups")
        .listed_by(&FAILOVER_GROUPS_LIST)
        .named_by(&["address", "uid"])
        .told_apart_by(&["primary_stack_name", "secondary_stack_name"]);
    const COLUMNS: &'static [Column<FailoverGroup>] = &[
        key(Column::text("address", "address, for other commands", |group| group.address.clone().into())),
        Column::text("current", "the stack it points to: primary or secondary", |group| {
            group.current.map(|side| side.as_str().to_owned()).into()
        }),
        minor(Column::text("primary", "name of the primary stack", |group| group.primary_name.clone().into())),
        minor(Column::text("secondary", "name of the secondary stack", |group| group.secondary_name.clone().into())),
        Column::text("state", "ready, or switching", state_cell),
        Column::uid("uid", "UID for other commands", |group| group.uid.clone().into()),
        wide(Column::flag("readonly", "whether it cannot be changed", |group| group.readonly.into())),
        wide(Column::text("primary_uid", "UID of the primary stack", |group| group.primary_uid.clone().into())),
        wide(Column::text("secondary_uid", "UID of the secondary stack", |group| group.secondary_uid.clone().into())),
        wide(Column::time("created", "when it was created", |group| group.created_at.clone().into())),
        wide(Column::time("updated", "when it was last changed", |group| group.updated_at.clone().into())),
    ];

    fn id(view: &FailoverGroup) -> Option<String> {
        view.uid.clone()
    }
}

fn state_cell(group: &FailoverGroup) -> Cell {
    match group.busy_toggling {
        Some(true) => Cell::State("switching".to_owned(), Tone::Busy),
        Some(false) => Cell::State("ready".to_owned(), Tone::Good),
        None => Cell::Empty,
    }
}

/// Runs `c66 failover-groups …`.
pub(crate) async fn run(context: &Context, command: FailoverGroupsCommand) -> Result<()> {
    match command {
        FailoverGroupsCommand::List(Deferred(list)) => list_all::<FailoverGroups>(context, &list).await,
        FailoverGroupsCommand::Add(Deferred(args)) => write::add(context, &args).await,
        FailoverGroupsCommand::Update(Deferred(args)) => write::update(context, &args).await,
        FailoverGroupsCommand::Switch(Deferred(args)) => switch::run(context, &args).await,
        FailoverGroupsCommand::Wait { group, poll_args } => switch::wait(context, &group, &poll_args).await,
        FailoverGroupsCommand::Remove { group, write } => {
            let group = find(context, &group).await?;
            let request = request(&FAILOVER_GROUPS_DELETE, &[("failover_group_uid", uid(&group))])?;
            let prompt = format!("Remove failover group {}", group.label());
            send_and_acknowledge(context, &request, &prompt, &write, "Failover group removed.").await
        }
    }
}

/// Every failover group of the account, as the API sent it.
async fn documents(context: &Context) -> Result<Vec<Document>> {
    context.cloud66().await?.fetch_all(request(&FAILOVER_GROUPS_LIST, &[])?).await
}

/// Finds a group by its address or UID.
async fn find(context: &Context, wanted: &str) -> Result<FailoverGroup> {
    let groups: Vec<FailoverGroup> = documents(context).await?.iter().map(Document::view).collect::<Result<_>>()?;
    let found = named::choose(LookupLabels::of(FailoverGroups::NOUN, "this account"), &groups, wanted, |group| {
        ItemNames::of(uid(group), group.address.as_deref().unwrap_or_default())
    })?;
    Ok(found.clone())
}

fn uid(group: &FailoverGroup) -> &str {
    group.uid.as_deref().unwrap_or_default()
}
