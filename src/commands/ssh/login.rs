//! The flags that say how to log in, and what follows from them: where to, as whom, and with which key.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::reach::Lease;
use crate::cloud66::servers::Server;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::sandbox::sshd;
use crate::commands::servers::show_request;
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::ssh::program::Programs;
use crate::ssh::{Bastion, Destination, SSH_PORT, is_user};
use crate::text::sanitize::sanitize;

/// The address of every server of the sandbox, which only its proxy reaches.
const LOOPBACK: &str = "127.0.0.1";

/// How to log in.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Login")]
pub(crate) struct LoginArgs {
    /// User to log in as [default: that of the server]
    #[arg(short = 'l', long, value_name = "USER")]
    pub(crate) user: Option<String>,
    /// Port of the SSH server
    #[arg(short, long, value_name = "PORT", default_value_t = SSH_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: u16,
    /// Your own private key instead of the server's
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) identity: Option<PathBuf>,
    /// Open the port to you: auto (if shut), always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub(crate) lease: Lease,
    /// Required host key, such as SHA256:…
    #[arg(long, value_name = "FINGERPRINT", value_parser = parse_fingerprint)]
    pub(crate) host_key: Option<String>,
    /// Private key for the bastion [default: your ssh's]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) gateway_key: Option<PathBuf>,
    /// Show the requests and the ssh command only
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Parses a fingerprint.
fn parse_fingerprint(text: &str) -> Result<String, String> {
    let hash = text.strip_prefix("SHA256:").unwrap_or_default().trim_end_matches('=');
    let is_base64 = hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte));
    if hash.len() == 43 && is_base64 {
        return Ok(format!("SHA256:{hash}"));
    }
    Err("expected SHA256: and 43 characters, as in the output of ssh-keygen -l".to_owned())
}

/// Refuses what may not be done at all, before the first request.
pub(crate) fn check(context: &Context, args: &LoginArgs) -> Result<()> {
    if !args.dry_run {
        context.refuse_if_read_only("a connection to a server")?;
    }
    if !args.dry_run {
        Programs::find(context.settings.variables())?;
        if context.sandboxed {
            sshd::find_sshd(context.settings.variables())?;
        }
    }
    if let Some(user) = args.user.as_deref().filter(|user| !is_user(user)) {
        return Err(Error::usage(format!("invalid user `{user}`")));
    }
    for file in [&args.identity, &args.gateway_key].into_iter().flatten() {
        std::fs::File::open(file).map_err(|error| Error::local_file(format!("read {}", file.display()), &error))?;
    }
    Ok(())
}

/// The request for the private key of a server.
pub(crate) fn key_request(stack: &StackRef, server: &Server) -> Result<Request> {
    let mut request = show_request(stack, server)?;
    request.query.push(("include_private_key".to_owned(), "1".to_owned()));
    Ok(request)
}

/// What ssh runs to reach a server of the sandbox, and must run: the addresses of those servers are made up.
pub(crate) fn sandbox_proxy(context: &Context, destination: &Destination, ports: &[u16]) -> Result<Option<String>> {
    if context.sandboxed { sshd::proxy_command(&destination.uid, ports).map(Some) } else { Ok(None) }
}

/// Where to log in, checked.
pub(crate) fn destination(
    context: &Context,
    stack: &StackRef,
    server: &Server,
    args: &LoginArgs,
) -> Result<Destination> {
    let name = sanitize(server.name()).into_owned();
    let address = server.address.clone().or_else(|| server.ext_ipv4.clone()).ok_or_else(|| {
        Error::new(Kind::Refused, format!("{name} of {} has no address yet", stack.label())).hint(format!(
            "c66{} servers list {}",
            context.global_flags,
            stack.flag()
        ))
    })?;
    let bastion = server.gateway_address.clone().filter(|_| server.has_gateway == Some(true) && !context.sandboxed);
    let mut user = args.user.clone().or_else(|| server.user_name.clone()).unwrap_or_else(|| "root".to_owned());
    let mut address = address;
    if context.sandboxed {
        // Whatever the API says: nothing else is dialled, and sshd accepts only this user.
        LOOPBACK.clone_into(&mut address);
        user = sshd::own_user().unwrap_or(user);
    }
    Destination {
        uid: server.uid().to_owned(),
        name,
        stack: stack.label(),
        address,
        port: args.port,
        user,
        bastion: bastion.map(|address| Bastion { address, user: server.gateway_user.clone() }),
    }
    .checked()
}

impl ValueEnum for Lease {
    fn value_variants<'a>() -> &'a [Self] {
        &[Lease::Auto, Lease::Always, Lease::Never]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(match self {
            Lease::Auto => "auto",
            Lease::Always => "always",
            Lease::Never => "never",
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::parse_fingerprint;

    #[test]
    fn a_fingerprint_is_that_of_ssh_keygen() {
        let good = format!("SHA256:{}", "a/B+".repeat(11).split_at(43).0);
        assert_eq!(parse_fingerprint(&good), Ok(good.clone()));
        assert_eq!(parse_fingerprint(&format!("{good}=")), Ok(good.clone()));
        for bad in ["", "SHA256:", "MD5:00:11", "SHA256:abc", &good[7..], &format!("{good}a"), "SHA256:\u{e9}"] {
            assert!(parse_fingerprint(bad).is_err(), "{bad}");
        }
    }
}
