//! Logging in to servers with the system's OpenSSH: the program and its arguments, host keys by server, and the private
//! key for as long as it is used. Nothing here talks to the API.

pub(crate) mod arguments;
pub(crate) mod first_contact;
pub(crate) mod host_keys;
pub(crate) mod keys;
pub(crate) mod program;

use std::net::IpAddr;

use crate::error::{Error, Kind, Result};

/// The exit code of ssh for its own failures.
pub(crate) const SSH_FAILED: u8 = 255;

/// The standard port.
pub(crate) const SSH_PORT: u16 = 22;

/// A server to log in to. Nothing in it can be taken for an option by a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    /// UID of the server, under which its host keys are kept.
    pub(crate) uid: String,
    /// Name, for messages.
    pub(crate) name: String,
    /// Its stack, for messages.
    pub(crate) stack: String,
    /// Host name or address.
    pub(crate) address: String,
    /// Port of its SSH server.
    pub(crate) port: u16,
    /// User to log in as.
    pub(crate) user: String,
    /// The bastion in front of it.
    pub(crate) bastion: Option<Bastion>,
}

/// A server that forwards connections to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bastion {
    /// Host name or address.
    pub(crate) address: String,
    /// User to log in as; without one, ssh decides.
    pub(crate) user: Option<String>,
}

impl Destination {
    /// Checks what the API sent: these texts become arguments and file names.
    ///
    /// # Errors
    /// If one of them is not what it should be.
    pub(crate) fn checked(self) -> Result<Self> {
        let bastion = self.bastion.as_ref();
        let good = is_uid(&self.uid)
            && is_host(&self.address)
            && is_user(&self.user)
            && bastion.is_none_or(|bastion| is_host(&bastion.address) && bastion.user.as_deref().is_none_or(is_user));
        if good {
            return Ok(self);
        }
        Err(Error::new(Kind::BadReply, format!("the API returned an invalid address, user or UID for {}", self.name))
            .hint("see them with: c66 servers show SERVER -o json"))
    }

    /// The name in the lists of host keys: it stays the same if the address changes.
    pub(crate) fn alias(&self) -> String {
        alias(&self.uid)
    }
}

/// The name in the lists of host keys of the server with that UID.
pub(crate) fn alias(uid: &str) -> String {
    format!("c66-{uid}")
}

fn is_uid(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether it is an address or a host name.
pub(crate) fn is_host(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    text.parse::<IpAddr>().is_ok()
        || ((1..=253).contains(&text.len()) && !text.starts_with(['-', '.']) && text.bytes().all(plain))
}

/// Whether it is the name of a user.
pub(crate) fn is_user(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (1..=64).contains(&text.len()) && !text.starts_with('-') && text.bytes().all(plain)
}

/// Whether the host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_texts_become_arguments() {
        for good in ["1.2.3.4", "::1", "2001:db8::7", "db-1.example.com", "a_b"] {
            assert!(is_host(good), "{good}");
        }
        for bad in ["", "-oProxyCommand=x", ".a", "a b", "a;b", "a`b`", "$(x)", "a@b", "a/b", "a:22", "a\nb"] {
            assert!(!is_host(bad), "{bad}");
            assert!(!is_user(bad) || bad == ".a", "{bad}");
        }
        for bad in ["", "../x", "a/b", "a b", "a-b"] {
            assert!(!is_uid(bad), "{bad}");
        }
    }

    #[test]
    fn this_machine_has_several_names() {
        for host in ["127.0.0.1", "127.9.8.7", "::1", "[::1]", "localhost", "LOCALHOST"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["0.0.0.0", "10.0.0.1", "localhost.example.com", "146.185.133.183", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
