//! `c66 gateways`: servers through which Cloud 66 reaches the servers of a private network.

mod write;

use clap::Subcommand;
use jiff::Timestamp;

use self::write::{AddGatewayArgs, OpenGatewayArgs, UpdateGatewayArgs};
use super::account_write::{account_id, list_by};
use super::context::Context;
use crate::args::{ConfirmArgs, ListArgs, WriteArgs};
use crate::cloud66::endpoints::{GATEWAYS_DELETE, GATEWAYS_LIST, GATEWAYS_UPDATE};
use crate::cloud66::gateways::Gateway;
use crate::commands::deferred::Deferred;
use crate::error::Result;
use crate::output::cell::{Cell, Tone};
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 gateways …`
#[derive(Debug, Subcommand)]
pub(crate) enum GatewaysCommand {
    /// List the gateways of an account
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 gateways list\n  c66 gateways list --filter state=open"
    )]
    #[command(add = Verb::list(Gateways::NOUN))]
    List(Deferred<ListArgs>),
    /// Add a gateway
    #[command(
        after_help = "Example:\n  c66 gateways add bastion --address 203.0.113.7 --private-ip 10.0.0.5 --username ubuntu"
    )]
    Add(Deferred<AddGatewayArgs>),
    /// Change the name, the addresses or the user of a gateway
    #[command(after_help = "Example:\n  c66 gateways update aws_bastion --address 203.0.113.8")]
    Update(Deferred<UpdateGatewayArgs>),
    /// Open a gateway for a limited time, with its private key
    #[command(
        after_help = "Examples:\n  c66 gateways open aws_bastion --key bastion.pem --ttl 1h\n  pass show bastion | c66 gateways open aws_bastion --key - --ttl 30m\n\nThe key is sent to Cloud 66, which forgets it when the time is up."
    )]
    Open(Deferred<OpenGatewayArgs>),
    /// Close a gateway
    #[command(after_help = "Example:\n  c66 gateways close aws_bastion")]
    #[command(add = Verb::calls(&[&GATEWAYS_UPDATE, &GATEWAYS_LIST]).asks(Asks::Never))]
    Close {
        /// Name or ID of the gateway
        #[arg(add = Gateways::NOUN.names())]
        gateway: String,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Remove a gateway
    #[command(after_help = "Example:\n  c66 gateways remove aws_bastion --confirm aws_bastion")]
    #[command(add = Verb::calls(&[&GATEWAYS_DELETE, &GATEWAYS_LIST]).asks(Asks::ByName))]
    Remove {
        /// Name or ID of the gateway
        #[arg(add = Gateways::NOUN.names())]
        gateway: String,
        #[command(flatten)]
        write: WriteArgs,
        /// Name of the gateway, to confirm
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
    },
}

/// Gateways.
pub(crate) struct Gateways;

impl Resource for Gateways {
    type View = Gateway;
    const NOUN: &'static Noun = &Noun::new::<Self>("gateway", "gateways")
        .listed_by(&GATEWAYS_LIST)
        .named_by(&["name", "id"])
        .told_apart_by(&["address"]);
    const COLUMNS: &'static [Column<Gateway>] = &[
        minor(Column::number("id", "id for other commands", |gateway| gateway.id.into())),
        key(Column::text("name", "name for other commands", |gateway| gateway.name.clone().into())),
        minor(Column::text("username", "login user", |gateway| gateway.username.clone().into())),
        Column::text("address", "public address", |gateway| gateway.address.clone().into()),
        minor(Column::text("private_ip", "private address", |gateway| gateway.private_ip.clone().into())),
        Column::text("state", "open or closed", state_cell),
        minor(Column::time("until", "when it closes or closed", |gateway| gateway.open_until.clone().into())),
        wide(Column::time("created", "when it was added", |gateway| gateway.created_at.clone().into())),
        wide(Column::text("created_by", "who added it", |gateway| gateway.created_by.clone().into())),
        wide(Column::time("updated", "when it was last changed", |gateway| gateway.updated_at.clone().into())),
        wide(Column::text("updated_by", "who changed it last", |gateway| gateway.updated_by.clone().into())),
    ];

    fn id(view: &Gateway) -> Option<String> {
        view.id.map(|id| id.to_string())
    }
}

fn state_cell(gateway: &Gateway) -> Cell {
    let (word, tone) = if gateway.is_open(Timestamp::now()) { ("open", Tone::Good) } else { ("closed", Tone::Dim) };
    Cell::State(word.to_owned(), tone)
}

/// Runs `c66 gateways …`.
pub(crate) async fn run(context: &Context, command: GatewaysCommand) -> Result<()> {
    match command {
        GatewaysCommand::List(Deferred(list)) => {
            list_by::<Gateways>(context, &list, &GATEWAYS_LIST, async || {
                Ok(vec![("account_id", account_id(context).await?)])
            })
            .await
        }
        GatewaysCommand::Add(Deferred(args)) => write::add(context, &args).await,
        GatewaysCommand::Update(Deferred(args)) => write::update(context, &args).await,
        GatewaysCommand::Open(Deferred(args)) => write::open(context, &args).await,
        GatewaysCommand::Close { gateway, write } => write::close(context, &gateway, &write).await,
        GatewaysCommand::Remove { gateway, write, confirm } => {
            write::remove(context, &gateway, &write, &ConfirmArgs { confirm }).await
        }
    }
}
