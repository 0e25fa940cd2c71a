//! Makes sure that the SSH server of a server can be reached: directly, or after a lease. This is the only place that
//! decides what is dialled.

use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::args::WaitArgs;
use crate::cloud66::actions::Action;
use crate::cloud66::endpoints::{FIREWALLS_CREATE, SERVERS_LIST};
use crate::cloud66::servers::Server;
use crate::cloud66::with_field;
use crate::commands::actions;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::ssh::{Destination, is_loopback};

/// When the port is opened before connecting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lease {
    /// Only if it is closed.
    #[default]
    Auto,
    /// Without trying first.
    Always,
    /// Not at all.
    Never,
}

/// Lifetime of a lease, in minutes.
pub(crate) const LEASE_MINUTES: u64 = 20;
/// How long a connection may take before the port counts as closed.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// How long the port may take to open after a lease.
const OPENING_LIMIT: Duration = Duration::from_secs(30);
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

/// Makes sure that the port of the server is open.
pub(crate) async fn reach(
    context: &Context,
    stack: &StackRef,
    server: &Server,
    destination: &Destination,
    lease: Lease,
) -> Result<()> {
    if context.sandboxed {
        // Its servers have no port; nothing is dialled.
        return if lease == Lease::Always { open(context, stack, server, destination).await } else { Ok(()) };
    }
    check_dialled(context, stack, destination).await?;
    if lease == Lease::Never {
        return Ok(());
    }
    // A bastion is dialled instead, and is behind no firewall of the stack.
    let dialled = destination.bastion.as_ref().map_or(destination.address.as_str(), |bastion| &bastion.address);
    let port = if destination.bastion.is_some() { crate::ssh::SSH_PORT } else { destination.port };
    if lease == Lease::Auto && (destination.bastion.is_some() || is_open(dialled, port).await) {
        return Ok(());
    }
    open(context, stack, server, destination).await?;
    let began = Instant::now();
    while !is_open(dialled, port).await {
        if began.elapsed() >= OPENING_LIMIT {
            return Err(still_closed(context, stack, destination));
        }
        tokio::time::sleep(RETRY_INTERVAL).await;
    }
    Ok(())
}

/// Leases the port of the server, and waits for the action.
async fn open(context: &Context, stack: &StackRef, server: &Server, destination: &Destination) -> Result<()> {
    let Destination { name, port, .. } = destination;
    context.printer.note(&format!("Opening port {port} of {name} to your IP for {LEASE_MINUTES} minutes"));
    let request = lease_request(stack, server, destination.port)?;
    let opened = actions::send(context, stack, &request, &WaitArgs::default()).await.map_err(|error| {
        if error.kind() == Kind::ScopeMissing {
            return error.hint("pass --lease never if the port is open to you already");
        }
        error
    })?;
    if let Some(document) = opened {
        actions::verdict(&document.view::<Action>()?)?;
    }
    Ok(())
}

/// Refuses to dial anything outside this machine if the API is on this machine: its servers are made up.
async fn check_dialled(context: &Context, stack: &StackRef, destination: &Destination) -> Result<()> {
    let url = context.cloud66().await?.transport().url(&request_in_stack(stack, &SERVERS_LIST, &[])?)?;
    let api = url.host_str().unwrap_or_default();
    let bastion = destination.bastion.as_ref().map(|bastion| bastion.address.as_str());
    let outside = [Some(destination.address.as_str()), bastion].into_iter().flatten().find(|host| !is_loopback(host));
    match outside {
        Some(host) if is_loopback(api) => {
            Err(Error::new(Kind::Refused, format!("refusing to connect to {host}: the API is on this machine"))
                .cause("an API on this machine is a simulator, and the addresses of its servers may belong to others"))
        }
        _ => Ok(()),
    }
}

/// Whether the port accepts connections.
async fn is_open(host: &str, port: u16) -> bool {
    matches!(tokio::time::timeout(CONNECT_LIMIT, TcpStream::connect((host, port))).await, Ok(Ok(_)))
}

/// Opens the port of one server to the caller.
pub(crate) fn lease_request(stack: &StackRef, server: &Server, port: u16) -> Result<Request> {
    let request = request_in_stack(stack, &FIREWALLS_CREATE, &[])?;
    let request = with_field(with_field(request, "from_ip", "AUTO"), "ttl", LEASE_MINUTES);
    let request = with_field(with_field(request, "protocol", 1), "port", port);
    Ok(for_server(request, server))
}

/// The request for a lease, narrowed to one server. The field is the official client's: the documented `to_server_id`
/// is a number that no reply shows.
pub(crate) fn for_server(request: Request, server: &Server) -> Request {
    with_field(request, "server_id", server.uid())
}

fn still_closed(context: &Context, stack: &StackRef, destination: &Destination) -> Error {
    let (globals, flag) = (&context.global_flags, stack.flag());
    let Destination { name, address, port, uid, .. } = destination;
    Error::new(Kind::Unavailable, format!("cannot reach {name} at {address} on port {port}"))
        .cause(format!(
            "the port is still closed {} s after it was opened to your IP; the API may see another address of yours \
             than the server does",
            OPENING_LIMIT.as_secs()
        ))
        .hint(format!("see which address it was opened to: c66{globals} firewall list {flag} --filter port={port}"))
        .hint(format!("open it to another: c66{globals} lease --from IP --port {port} --server {uid} {flag}"))
}
