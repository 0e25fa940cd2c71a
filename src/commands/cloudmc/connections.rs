//! `c66 cloudmc connections`, and how a connection is found by name.

use std::collections::HashMap;

use clap::Subcommand;

use super::super::context::Context;
use super::args::{CloudMcListArgs, OrgArgs};
use super::cells::{self, named, noun, time};
use super::{find, requests};
use crate::args::ShowArgs;
use crate::args::candidates::Candidates;
use crate::cloudmc::endpoints::{CONNECTIONS_LIST, CONNECTIONS_SHOW};
use crate::cloudmc::{CloudMc, is_uuid, request};
use crate::commands::deferred::Deferred;
use crate::error::{Kind, Result};
use crate::http::document::Document;
use crate::http::fields::Fields;
use crate::resource::find::named::NameMatch;
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 cloudmc connections …`
#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionsCommand {
    /// List the service connections
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc connections list")]
    #[command(add = Verb::list(Connections::NOUN))]
    List(Deferred<CloudMcListArgs>),
    /// Show one service connection
    #[command(after_help = "Example:\n  c66 cloudmc connections show compute")]
    #[command(add = Verb::show(Connections::NOUN))]
    Show {
        /// UUID, service code or name
        #[arg(add = Candidates::CloudMcConnections)]
        connection: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// Service connections.
pub(crate) struct Connections;

impl Resource for Connections {
    type View = Fields;
    const NOUN: &'static Noun = &noun::<Self>("connection", "connections")
        .listed_by(&CONNECTIONS_LIST)
        .shown_by(&CONNECTIONS_SHOW)
        .named_by(&["serviceCode", "name", "id"])
        .told_apart_by(&["name"]);
    const COLUMNS: &'static [Column<Fields>] = &[
        key(Column::text("id", "id for other commands", |connection| connection.text("id").into())),
        Column::text("code", "code of the service, in commands and paths", |connection| {
            connection.text("serviceCode").into()
        }),
        key(Column::text("name", "name for other commands", |connection| connection.text("name").into())),
        minor(Column::text("type", "type of the service", |connection| connection.text("type").into())),
        Column::flag("reachable", "whether the cloud is reachable", |connection| {
            connection.object("status").boolean("reachable").into()
        }),
        wide(Column::text("org", "organization", |connection| named(connection, "organization"))),
        wide(Column::time("checked", "time of the last check", |connection| {
            time(&connection.object("status"), "lastUpdated")
        })),
    ];

    fn id(connection: &Fields) -> Option<String> {
        cells::id(connection)
    }
}

/// Runs `c66 cloudmc connections …`.
pub(super) async fn run(context: &Context, command: ConnectionsCommand) -> Result<()> {
    match command {
        ConnectionsCommand::List(Deferred(list)) => requests::list(context, Connections::NOUN, &list).await,
        ConnectionsCommand::Show { connection, org, show: args } => {
            if print_column_help_if_asked::<Connections>(&context.printer, &args)? {
                return Ok(());
            }
            let document = find_connection(context.cloudmc(&org).await?, &connection).await?;
            show::<Connections>(&context.printer, &args, document)
        }
    }
}

/// Finds a connection by UUID, service code or name.
pub(crate) async fn find_connection(client: &CloudMc, wanted: &str) -> Result<Document> {
    if is_uuid(wanted) {
        return client.fetch(&request(&CONNECTIONS_SHOW, &[("id", wanted)])?).await;
    }
    // The list has the same fields: no second request is needed.
    Ok(find::item(client, Connections::NOUN, wanted, NameMatch::Folded).await?.document)
}

/// The service codes by connection id; empty if the key cannot access connections.
pub(super) async fn service_codes(client: &CloudMc) -> Result<HashMap<String, String>> {
    let rows = match find::all(client, Connections::NOUN).await {
        Err(error) if error.kind() == Kind::ScopeMissing => Vec::new(),
        rows => rows?,
    };
    let mut codes = HashMap::new();
    for row in rows {
        if let Some(code) = row.document.view::<Fields>()?.text("serviceCode") {
            codes.insert(row.id, code);
        }
    }
    Ok(codes)
}
