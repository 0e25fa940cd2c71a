//! `c66 ssl`: the SSL certificates of a stack.

mod write;

use std::time::Duration;

use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};

use self::write::{AddCertificateArgs, UpdateCertificateArgs};
use super::context::Context;
use crate::args::{ListArgs, ShowArgs, StackArgs, WriteArgs};
use crate::cloud66::endpoints::{SSL_CERTIFICATES_DELETE, SSL_CERTIFICATES_LIST, SSL_CERTIFICATES_SHOW};
use crate::cloud66::ssl_certificates::{SslCertificate, status_name};
use crate::commands::cells::code_cell;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{request_in_stack, show_in_stack};
use crate::commands::deferred::Deferred;
use crate::error::{Kind, Result};
use crate::http::fields::ApiTime;
use crate::output::cell::{Cell, Tone};
use crate::resource::columns::Item;
use crate::resource::list::{ItemPredicate, Listing};
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor, wide};
use crate::text::parse::parse_duration;

/// `c66 ssl …`
#[derive(Debug, Subcommand)]
pub(crate) enum SslCommand {
    /// List the SSL certificates of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 ssl list -s awesome-app@production\n  c66 ssl list -s awesome-app@production --expiring 30d --check"
    )]
    #[command(add = Verb::list(SslCertificates::NOUN))]
    List {
        /// Only certificates that expire within this time, such as 30d, or have expired
        #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
        expiring: Option<Duration>,
        /// Exit with 11 if there are any
        #[arg(long, requires = "expiring")]
        check: bool,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one SSL certificate
    #[command(after_help = "Example:\n  c66 ssl show ssl-9ad095613rrr4e0b8f718302bab8709e -s awesome-app@production")]
    #[command(add = Verb::show(SslCertificates::NOUN))]
    Show {
        /// UUID of the certificate
        #[arg(add = SslCertificates::NOUN.names())]
        uuid: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Add an SSL certificate
    #[command(
        after_help = "Examples:\n  c66 ssl add --type lets-encrypt --server-names www.example.com,example.com --ssl-termination -s awesome-app@production\n  pass show key | c66 ssl add --type manual --server-names example.com --certificate cert.pem --key - -s awesome-app@production"
    )]
    Add(Deferred<AddCertificateArgs>),
    /// Change an SSL certificate
    #[command(
        after_help = "Examples:\n  c66 ssl update ssl-9ad095613rrr4e0b8f718302bab8709e --server-names www.example.com -s awesome-app@production\n  c66 ssl update ssl-9ad095613rrr4e0b8f718302bab8709e --certificate cert.pem --key key.pem -s awesome-app@production\n\nOmitted options keep their values."
    )]
    Update(Deferred<UpdateCertificateArgs>),
    /// Remove an SSL certificate
    #[command(
        after_help = "Example:\n  c66 ssl remove ssl-9ad095613rrr4e0b8f718302bab8709e -s awesome-app@production --yes"
    )]
    #[command(add = Verb::calls(&[&SSL_CERTIFICATES_DELETE]).asks(Asks::Always))]
    Remove {
        /// UUID of the certificate
        #[arg(add = SslCertificates::NOUN.names())]
        uuid: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// SSL certificates.
struct SslCertificates;

impl Resource for SslCertificates {
    type View = SslCertificate;
    const NOUN: &'static Noun = &Noun::new::<Self>("SSL certificate", "SSL certificates")
        .listed_by(&SSL_CERTIFICATES_LIST)
        .shown_by(&SSL_CERTIFICATES_SHOW)
        .named_by(&["uuid"])
        .told_apart_by(&["server_names", "type"]);
    const COLUMNS: &'static [Column<SslCertificate>] = &[
        key(Column::text("uuid", "UUID for other commands", |certificate| certificate.uuid.clone().into())),
        minor(Column::text("type", "manual or lets_encrypt", |certificate| certificate.kind.clone().into())),
        Column::text("server_names", "domains", |certificate| Cell::Text(certificate.server_names.join(", "))),
        Column::text("status", "whether it is installed", status_cell),
        Column::time("expires", "expiry time", |certificate| certificate.expires_at.clone().into()),
        wide(Column::text("name", "name from the API", |certificate| certificate.name.clone().into())),
        wide(Column::text("issuer", "issuer", |certificate| certificate.ca_name.clone().into())),
        wide(Column::flag("termination", "whether TLS ends at the load balancer", |certificate| {
            certificate.ssl_termination.into()
        })),
        wide(Column::flag("wildcard", "whether it covers a wildcard name", |certificate| certificate.wildcard.into())),
        wide(Column::text("dns_provider", "UUID of the DNS provider for a wildcard name", |certificate| {
            certificate.dns_provider_uuid.clone().into()
        })),
        wide(Column::flag("intermediate", "whether it has intermediate certificates", |certificate| {
            certificate.has_intermediate_cert.into()
        })),
        wide(Column::number("group", "id of the server group", |certificate| certificate.server_group_id.into())),
        wide(Column::text("fingerprint", "SHA-256 fingerprint", |certificate| {
            certificate.sha256_fingerprint.clone().into()
        })),
        wide(Column::time("created", "when it was added", |certificate| certificate.created_at.clone().into())),
        wide(Column::time("updated", "when it was last changed", |certificate| certificate.updated_at.clone().into())),
    ];

    fn id(view: &SslCertificate) -> Option<String> {
        view.uuid.clone()
    }
}

fn status_cell(certificate: &SslCertificate) -> Cell {
    let status = &certificate.status;
    if status.code.is_none() {
        return status.meaning.clone().into();
    }
    code_cell(status.code, status_name, |code| match code {
        2 => Tone::Bad,
        3 => Tone::Good,
        1 | 4 => Tone::Busy,
        _ => Tone::Dim,
    })
}

/// Runs `c66 ssl …`; returns the exit code.
pub(crate) async fn run(context: &Context, command: SslCommand) -> Result<u8> {
    match command {
        SslCommand::List { expiring, check, stack, list } => {
            let found = print_list(context, &stack, &list, expiring).await?;
            return Ok(if check && found > 0 { Kind::Differs.exit().code() } else { 0 });
        }
        SslCommand::Show { uuid, stack, show } => {
            let parts = [("ssl_certificate_id", &*uuid)];
            show_in_stack::<SslCertificates>(context, &stack, &show, &parts).await?;
        }
        SslCommand::Add(Deferred(args)) => write::add(context, args).await?,
        SslCommand::Update(Deferred(args)) => write::update(context, args).await?,
        SslCommand::Remove { uuid, stack, write } => write::remove(context, &uuid, &stack, &write).await?,
    }
    Ok(0)
}

/// Lists the certificates, or only those that expire within a time; returns their number.
async fn print_list(
    context: &Context,
    stack: &StackArgs,
    list: &ListArgs,
    expiring: Option<Duration>,
) -> Result<usize> {
    let Some(listing) = Listing::of::<SslCertificates>(&context.printer, list)? else { return Ok(0) };
    let deadline = expiring.map(|within| {
        let within = SignedDuration::try_from(within).unwrap_or(SignedDuration::MAX);
        Timestamp::now().checked_add(within).unwrap_or(Timestamp::MAX)
    });
    let ends = |certificate: &SslCertificate| {
        certificate.expires_at.as_ref().and_then(ApiTime::known).is_some_and(|end| Some(end) <= deadline)
    };
    let keep = |item: &Item| item.view::<SslCertificates>().is_some_and(ends);
    let keep: ItemPredicate<'_> = if deadline.is_some() { Some(&keep) } else { None };
    let read = async |target: &StackRef| {
        let request = request_in_stack(target, &SSL_CERTIFICATES_LIST, &[])?;
        let most = listing.max_items().filter(|_| deadline.is_none());
        listing.print_and_count(context.cloud66().await?.pages(request, most), keep).await
    };
    context.read_in_stack(stack, read).await
}
