//! `c66 dns-providers`: what answers the challenge for the certificate of a wildcard name.

use clap::Subcommand;

use super::account_write::list_all;
use super::context::Context;
use crate::args::ListArgs;
use crate::cloud66::dns_providers::DnsProvider;
use crate::cloud66::endpoints::DNS_PROVIDERS_LIST;
use crate::commands::deferred::Deferred;
use crate::error::Result;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 dns-providers …`
#[derive(Debug, Subcommand)]
pub(crate) enum DnsProvidersCommand {
    /// List the DNS providers of the account
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 dns-providers list")]
    #[command(add = Verb::list(DnsProviders::NOUN))]
    List(Deferred<ListArgs>),
}

/// DNS providers.
pub(crate) struct DnsProviders;

impl Resource for DnsProviders {
    type View = DnsProvider;
    const NOUN: &'static Noun = &Noun::new::<Self>("DNS provider", "DNS providers")
        .listed_by(&DNS_PROVIDERS_LIST)
        .named_by(&["uuid"])
        .told_apart_by(&["display_name"]);
    const COLUMNS: &'static [Column<DnsProvider>] = &[
        key(Column::text("uuid", "UUID, for ssl add --dns-provider", |provider| provider.uuid.clone().into())),
        Column::text("name", "name, with the company", |provider| provider.display_name.clone().into()),
        minor(Column::text("type", "company", |provider| provider.kind.clone().into())),
        minor(Column::time("created", "when it was added", |provider| provider.created_at.clone().into())),
        wide(Column::text("key", "name of its credentials", |provider| provider.key.clone().into())),
        wide(Column::time("updated", "when it was last changed", |provider| provider.updated_at.clone().into())),
    ];

    fn id(view: &DnsProvider) -> Option<String> {
        view.uuid.clone()
    }
}

/// Runs `c66 dns-providers …`.
pub(crate) async fn run(context: &Context, command: DnsProvidersCommand) -> Result<()> {
    let DnsProvidersCommand::List(Deferred(list)) = command;
    list_all::<DnsProviders>(context, &list).await
}
