//! `c66 ssh proxy`: the `ProxyCommand` of ssh, so that every tool that uses ssh reaches the servers.
//!
//! ssh reads its private key only after the server has shown its host key. By then the bytes of the server have passed
//! through here, so the key is on disk in time; it is removed when the connection ends.

use clap::Args;
use tokio::net::TcpStream;

use super::connect::{Attempt, Connected, Connector};
use super::dry_run::{self, Runs};
use super::known::host_keys;
use super::login::{LoginArgs, check, destination};
use super::pick::{Picked, pick};
use crate::args::StackArgs;
use crate::cloud66::endpoints::{FIREWALLS_CREATE, SERVERS_LIST, SERVERS_SHOW};
use crate::commands::context::Context;
use crate::commands::sandbox::sshd;
use crate::commands::servers::Servers;
use crate::error::{Error, Kind, Result};
use crate::output::relay::relay;
use crate::resource::Resource;
use crate::resource::verb::Verb;
use crate::ssh::SSH_FAILED;

/// `c66 ssh proxy`
#[derive(Args, Debug)]
#[command(
    after_help = "The hosts of c66 ssh config use it.\n\nExample:\n  c66 ssh proxy caribou -s awesome-app@production --dry-run"
)]
#[command(add = Verb::calls(&[&SERVERS_LIST, &SERVERS_SHOW, &FIREWALLS_CREATE]))]
pub(crate) struct ProxyArgs {
    /// Server: name, UID, address or unique prefix
    #[arg(add = Servers::NOUN.names())]
    pub(crate) server: String,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) login: LoginArgs,
}

/// Runs `c66 ssh proxy`; returns the exit code.
pub(super) async fn run(context: &Context, args: &ProxyArgs) -> Result<u8> {
    check(context, &args.login)?;
    let stack = context.stack(&args.stack, false).await?;
    let servers = pick(context, &stack, &args.server, Picked::One).await?;
    let server = servers.first().ok_or_else(|| Error::internal("no server was picked"))?;
    if args.login.dry_run {
        return dry_run::show(context, &stack, std::slice::from_ref(server), &args.login, Runs::of_ssh(Vec::new()))
            .await;
    }
    // Its name is remembered with the host key; later connections do without.
    let uid = destination(context, &stack, server, &args.login)?.uid;
    let is_known = !host_keys(context)?.keys(&uid)?.is_empty();
    let stack = if is_known { stack } else { context.stack(&args.stack, true).await? };
    let connector = Connector::new(context, &stack, &args.login)?.silent();
    match connector.connect(server).await? {
        Attempt::Ended(code) => Ok(code),
        // The key stays on disk until sshd has ended.
        Attempt::Connected(connected) if context.sandboxed => {
            sshd::serve(context, &connected.login.destination.uid, &[]).await
        }
        Attempt::Connected(connected) if connected.login.destination.bastion.is_some() => {
            let ssh = connected.through_bastion();
            connected.run(context, ssh).await
        }
        Attempt::Connected(connected) => pass_through(context, &connected).await,
    }
}

/// Connects the standard streams to the server until one side ends, or ssh ends this process.
async fn pass_through(context: &Context, connected: &Connected<'_>) -> Result<u8> {
    let destination = &connected.login.destination;
    let guard = context.signals.guard()?;
    let passed = async {
        let connection =
            TcpStream::connect((destination.address.as_str(), destination.port)).await.map_err(|error| {
                let at = format!("{} at {} on port {}", destination.name, destination.address, destination.port);
                Error::new(Kind::Unavailable, format!("cannot connect to {at}")).cause(error.to_string())
            })?;
        Ok(relay(connection).await)
    };
    tokio::select! {
        passed = passed => match passed? {
            Ok(()) => Ok(0),
            // ssh has the reason, and says it.
            Err(_) => Ok(SSH_FAILED),
        },
        signal = guard.signal() => Ok(signal.kind().exit().code()),
    }
}
