//! The host key of a server before anybody logs in to it: ssh itself fetches it, in every version and through every
//! bastion, by a connection without authentication.

use std::process::Stdio;
use std::time::Duration;

use super::SSH_FAILED;
use super::arguments::{Login, UnknownHostKeys};
use super::host_keys::{self, HostKey, HostKeyStore};
use super::program::Programs;
use crate::child::exit_code;
use crate::error::{Error, Result};

/// Limit for a server that accepts connections and stays silent; old versions of ssh would wait forever.
const LIMIT: Duration = Duration::from_secs(30);
/// The types of host keys, for a fingerprint that belongs to another type than ssh prefers.
const ALGORITHMS: [&str; 4] =
    ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512,rsa-sha2-256", "ecdsa-sha2-nistp384,ecdsa-sha2-nistp521"];

/// Why nobody may log in.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// ssh could not get a host key: its words and its exit code.
    NoKey(String, u8),
    /// The server has other host keys than the expected fingerprint: those that are known, or that it showed.
    Pinned(Vec<HostKey>),
}

/// What is known of a server by now.
#[derive(Debug)]
pub(crate) enum Contact {
    /// Its key was known.
    Known,
    /// Its keys were met now, and remembered.
    First(Vec<HostKey>),
    /// Nobody may log in.
    Refused(Refusal),
}

/// Makes sure that the host key of the server is known, and that it is the one with the fingerprint `pin`.
pub(crate) async fn ensure_known(
    programs: &Programs,
    login: &Login,
    store: &HostKeyStore,
    pin: Option<&str>,
) -> Result<Contact> {
    let uid = &login.destination.uid;
    let check = |keys: &[HostKey]| pin.is_none_or(|pin| keys.iter().any(|key| key.fingerprint() == pin));
    let known = |keys: Vec<HostKey>| {
        if check(&keys) { Contact::Known } else { Contact::Refused(Refusal::Pinned(keys)) }
    };
    let keys = store.keys(uid)?;
    if !keys.is_empty() {
        return Ok(known(keys));
    }
    let _lock = store.lock().await?;
    let keys = store.keys(uid)?;
    if !keys.is_empty() {
        return Ok(known(keys));
    }
    let shown = match shown_keys(programs, login, None).await? {
        Shown::Keys(keys) => keys,
        Shown::Nothing(words, code) => return Ok(Contact::Refused(Refusal::NoKey(words, code))),
    };
    let mut keys = shown.clone();
    if !check(&keys) {
        for algorithms in ALGORITHMS {
            if let Shown::Keys(others) = shown_keys(programs, login, Some(algorithms)).await?
                && check(&others)
            {
                keys = others;
                break;
            }
        }
    }
    if !check(&keys) {
        return Ok(Contact::Refused(Refusal::Pinned(shown)));
    }
    store.remember(&login.destination, &keys)?;
    Ok(Contact::First(keys))
}

/// The key that the server shows now, if that is none of the known ones.
pub(crate) async fn changed_key(programs: &Programs, login: &Login, known: &[HostKey]) -> Result<Option<HostKey>> {
    // For the same type of key as the known one, which ssh asks for too.
    let kinds: Vec<&str> = known.iter().map(|key| key.kind.as_str()).collect();
    let algorithms = if kinds.contains(&"ssh-rsa") { "rsa-sha2-512,rsa-sha2-256".to_owned() } else { kinds.join(",") };
    let same_type = shown_keys(programs, login, Some(&algorithms)).await?;
    let shown = match same_type {
        Shown::Keys(keys) => keys,
        // A server that was installed anew may have no key of that type.
        Shown::Nothing(..) => match shown_keys(programs, login, None).await? {
            Shown::Keys(keys) => keys,
            Shown::Nothing(..) => return Ok(None),
        },
    };
    Ok(shown.into_iter().find(|key| known.iter().all(|known| known.blob != key.blob)))
}

enum Shown {
    Keys(Vec<HostKey>),
    Nothing(String, u8),
}

/// Connects without authentication and returns the host keys that ssh wrote down.
async fn shown_keys(programs: &Programs, login: &Login, algorithms: Option<&str>) -> Result<Shown> {
    let folder = tempfile::tempdir().map_err(|error| Error::local_file("create a temporary folder", &error))?;
    let collected = folder.path().join("known_hosts");
    let anonymous = Login { known_hosts: collected.clone(), identity: None, may_ask: false, ..login.clone() };
    let mut command = tokio::process::Command::new(&programs.ssh);
    if let Some(algorithms) = algorithms {
        command.arg("-o").arg(format!("HostKeyAlgorithms={algorithms}"));
    }
    command
        .args(["-o", "PreferredAuthentications=none", "-o", "PubkeyAuthentication=no", "-a", "-x", "-T"])
        .args(anonymous.options(UnknownHostKeys::Collect))
        .args([&login.destination.address, "--", "exit"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let failed = |error| Error::local_file(format!("run {}", programs.ssh.display()), &error);
    let running = command.spawn().map_err(failed)?;
    let (words, code) = match tokio::time::timeout(LIMIT, running.wait_with_output()).await {
        Ok(output) => {
            let output = output.map_err(failed)?;
            (String::from_utf8_lossy(&output.stderr).into_owned(), exit_code(output.status))
        }
        Err(_) => ("ssh: timed out waiting for the server\n".to_owned(), SSH_FAILED),
    };
    let keys = host_keys::read(&collected);
    Ok(if keys.is_empty() { Shown::Nothing(words, code) } else { Shown::Keys(keys) })
}
