//! `c66 databases`.

mod replica;

use clap::Subcommand;

use self::replica::ReplicaArgs;
use super::context::Context;
use crate::args::ConfirmArgs;
use crate::cloud66::endpoints::{SERVERS_LIST, STACK_ACTIONS_RUN};
use crate::commands::deferred::Deferred;
use crate::error::Result;
use crate::resource::verb::{Asks, Verb};

/// `c66 databases …`
#[derive(Debug, Subcommand)]
pub(crate) enum DatabasesCommand {
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

/// Runs `c66 databases …`.
pub(crate) async fn run(context: &Context, command: DatabasesCommand) -> Result<()> {
    match command {
        DatabasesCommand::Promote(Deferred(args)) => replica::promote(context, &args).await,
        DatabasesCommand::Resync { replica, confirm } => replica::resync(context, &replica, &confirm).await,
        DatabasesCommand::DisableReplica(Deferred(args)) => replica::disable(context, &args).await,
    }
}
