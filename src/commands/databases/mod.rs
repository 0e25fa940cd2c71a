//! `c66 databases`: the databases of a server group, their users, and replicas.

mod deletion;
mod group;
mod replica;
mod users;
mod write;

use clap::Subcommand;

use self::group::GroupArgs;
use self::replica::ReplicaArgs;
use self::users::DatabaseUsersCommand;
use self::write::{CreateDatabaseArgs, DeleteDatabaseArgs};
use super::context::Context;
use crate::args::{ConfirmArgs, ListArgs, ShowArgs, StackArgs};
use crate::cloud66::databases::Database;
use crate::cloud66::endpoints::{DATABASES_LIST, SERVER_GROUPS_LIST, SERVERS_LIST, STACK_ACTIONS_RUN};
use crate::cloud66::envelope::Document;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{list_with_request, show_with_fetch};
use crate::commands::deferred::{Deferred, Subcommands};
use crate::error::Result;
use crate::output::cell::Cell;
use crate::resource::find::named::{self, ItemNames, LookupLabels};
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 databases …`
#[derive(Debug, Subcommand)]
pub(crate) enum DatabasesCommand {
    /// List the databases of a server group
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 databases list -s awesome-app@production\n  c66 databases list --group postgresql -s awesome-app@production\n\nThe API asks the servers each time, which takes a while."
    )]
    #[command(add = Verb::list(Databases::NOUN).after(&[&SERVER_GROUPS_LIST]))]
    List {
        #[command(flatten)]
        group: GroupArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one database
    #[command(after_help = "Example:\n  c66 databases show awesome_app -s awesome-app@production")]
    #[command(add = Verb::calls(&[&DATABASES_LIST, &SERVER_GROUPS_LIST]).prints(Databases::NOUN))]
    Show {
        /// Name or UID of the database
        database: String,
        #[command(flatten)]
        group: GroupArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Create a database
    #[command(
        after_help = "Example:\n  c66 databases create reports --user awesome_app -s awesome-app@production --yes"
    )]
    Create(Deferred<CreateDatabaseArgs>),
    /// Delete a database with its data
    #[command(
        after_help = "Example:\n  c66 databases delete awesome_app -s awesome-app@production --confirm awesome_app\n\nThe data is lost."
    )]
    Delete(Deferred<DeleteDatabaseArgs>),
    /// List, create and delete the users of databases
    #[command(alias = "user")]
    Users(Subcommands<DatabaseUsersCommand>),
    /// Make a replica a master of its own
    #[command(
        aliases = ["promote-replica", "promote-slave"],
        after_help = "Example:\n  c66 databases promote caribou -s awesome-app@production --db-type postgresql\n\nAfterwards the replica is the master, and the old master is no longer replicated. Expect downtime."
    )]
    #[command(add = Verb::calls(&[&STACK_ACTIONS_RUN, &SERVERS_LIST]).asks(Asks::Always))]
    Promote(Deferred<ReplicaArgs>),
    /// Replace the data of a replica with that of its master
    #[command(
        aliases = ["resync-replica", "resync-slave"],
        after_help = "Example:\n  c66 databases resync caribou -s awesome-app@production --confirm awesome-app@production\n\nThe replica loses its data and copies it anew, which can take hours."
    )]
    #[command(add = Verb::calls(&[&STACK_ACTIONS_RUN, &SERVERS_LIST]).asks(Asks::ByName))]
    Resync {
        #[command(flatten)]
        replica: ReplicaArgs,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Stop the replication to a replica
    #[command(after_help = "Example:\n  c66 databases disable-replica caribou -s awesome-app@production")]
    #[command(add = Verb::calls(&[&STACK_ACTIONS_RUN, &SERVERS_LIST]).asks(Asks::Always))]
    DisableReplica(Deferred<ReplicaArgs>),
}

/// Databases. Their names do not complete: each list makes the API ask the servers.
pub(super) struct Databases;

impl Resource for Databases {
    type View = Database;
    const NOUN: &'static Noun =
        &Noun::new::<Self>("database", "databases").listed_by(&DATABASES_LIST).named_by(&["name", "uid"]);
    const COLUMNS: &'static [Column<Database>] = &[
        key(Column::text("name", "name for other commands", |database| database.name.clone().into())),
        Column::text("users", "users who may log in to it", |database| Cell::Text(database.users.join(", "))),
        Column::size("size", "size", |database| database.size.map_or(Cell::Empty, Cell::Size)),
        minor(Column::text("charset", "character set", |database| database.charset.clone().into())),
        minor(Column::time("created", "when it was created", |database| database.created_at.clone().into())),
        wide(Column::text("collation", "collation", |database| database.collation.clone().into())),
        wide(Column::text("uid", "UID for other commands", |database| database.uid.clone().into())),
    ];

    fn id(view: &Database) -> Option<String> {
        view.uid.clone()
    }
}

/// Runs `c66 databases …`.
pub(crate) async fn run(context: &Context, command: DatabasesCommand) -> Result<()> {
    match command {
        DatabasesCommand::List { group, stack, list } => {
            let request = async |target: &StackRef| group.request(context, target, &DATABASES_LIST).await;
            list_with_request::<Databases>(context, &stack, &list, request).await
        }
        DatabasesCommand::Show { database, group, stack, show } => {
            show_with_fetch::<Databases>(context, &stack, &show, async |target| {
                let request = group.request(context, target, &DATABASES_LIST).await?;
                let documents = context.cloud66().await?.fetch_all(request).await?;
                let databases = documents.iter().map(Document::view).collect::<Result<Vec<Database>>>()?;
                let both: Vec<(&Database, &Document)> = databases.iter().zip(&documents).collect();
                let owner = target.label();
                let labels = LookupLabels::of(Databases::NOUN, &owner);
                named::choose(labels, &both, &database, |(database, _)| names(database))
                    .map(|(_, document)| (*document).clone())
            })
            .await
        }
        DatabasesCommand::Create(Deferred(args)) => write::create(context, &args).await,
        DatabasesCommand::Delete(Deferred(args)) => write::delete(context, &args).await,
        DatabasesCommand::Users(Subcommands(command)) => users::run(context, command).await,
        DatabasesCommand::Promote(Deferred(args)) => replica::promote(context, &args).await,
        DatabasesCommand::Resync { replica, confirm } => replica::resync(context, &replica, &confirm).await,
        DatabasesCommand::DisableReplica(Deferred(args)) => replica::disable(context, &args).await,
    }
}

/// The names of a database.
fn names(database: &Database) -> ItemNames<'_> {
    ItemNames::of(database.uid.as_deref().unwrap_or_default(), database.name.as_deref().unwrap_or_default())
}
