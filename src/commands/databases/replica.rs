//! `c66 databases promote`, `resync` and `disable-replica`: commands for the server of a replica.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::args::{ConfirmArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::DATABASE_TYPES;
use crate::cloud66::with_field;
use crate::commands::actions::{WritePhrase, perform, perform_by_name, run_action_request};
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::servers::{Servers, choose, servers};
use crate::error::Result;
use crate::http::Request;
use crate::resource::Resource;

/// A replica.
#[derive(Args, Debug)]
pub(crate) struct ReplicaArgs {
    /// Server of the replica: its name, UID or address
    #[arg(add = Servers::NOUN.names())]
    pub(crate) server: String,
    /// Type of the database, if the server has several
    #[arg(long, alias = "dbtype", value_name = "TYPE", value_parser = PossibleValuesParser::new(DATABASE_TYPES))]
    pub(crate) db_type: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Runs `c66 databases promote`.
pub(super) async fn promote(context: &Context, args: &ReplicaArgs) -> Result<()> {
    let (target, request, what) = prepare(context, args, "promote_slave_db").await?;
    let prompt = format!("Promote {what} to a master of {}", target.label());
    perform(context, &target, request, &prompt, &args.write, &args.wait).await
}

/// Runs `c66 databases resync`.
pub(super) async fn resync(context: &Context, args: &ReplicaArgs, confirm: &ConfirmArgs) -> Result<()> {
    let (target, request, what) = prepare(context, args, "resync_slave_db").await?;
    let phrase = WritePhrase::new(format!("Resync {what} of {}", target.label()));
    let why = format!("this destroys the data of {what} of {} before it copies that of the master", target.label());
    perform_by_name(context, &target, &request, (&phrase, &why), (&args.write, confirm), &args.wait).await
}

/// Runs `c66 databases disable-replica`.
pub(super) async fn disable(context: &Context, args: &ReplicaArgs) -> Result<()> {
    let (target, request, what) = prepare(context, args, "disable_replication_slave_db").await?;
    let prompt = format!("Stop the replication to {what} of {}", target.label());
    perform(context, &target, request, &prompt, &args.write, &args.wait).await
}

/// The stack, the request and the words for the replica. The server is looked up, since a UID alone says little at a
/// prompt.
async fn prepare(context: &Context, args: &ReplicaArgs, command: &str) -> Result<(StackRef, Request, String)> {
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let server = choose(&servers(context, &target).await?, &target, &args.server)?;
    let mut request = run_action_request(&target, command)?;
    // The documentation and the official client use different names for both parameters.
    for parameter in ["server", "server_uid"] {
        request = with_field(request, parameter, server.uid());
    }
    for parameter in ["server_group", "db_type"] {
        if let Some(db_type) = &args.db_type {
            request = with_field(request, parameter, db_type.as_str());
        }
    }
    let database =
        args.db_type.as_deref().map_or_else(|| "the replica".to_owned(), |kind| format!("the {kind} replica"));
    Ok((target, request, format!("{database} on {}", server.name())))
}
