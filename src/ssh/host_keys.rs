//! The host keys of servers: a file per server, named after its UID, in the format of OpenSSH.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ring::digest::{SHA256, digest};

use super::{Destination, alias};
use crate::config::{ProcessEnv, paths};
use crate::error::{Error, Kind, Result};
use crate::files::bounded;
use crate::files::lock::try_lock_file;
use crate::files::private::create_dir;
use crate::files::private_file::PrivateFile;

/// Where the lock of the store is; no UID has a dot.
const LOCK: &str = "first-contact.lock";
/// How long to wait for other runs that meet a new server.
const LOCK_LIMIT: Duration = Duration::from_secs(120);
const RETRY_INTERVAL: Duration = Duration::from_millis(20);

/// The public key of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostKey {
    /// Type, such as `ssh-ed25519`.
    pub(crate) kind: String,
    /// The key in base64.
    pub(crate) blob: String,
    /// What the file says about the server: its name and stack.
    pub(crate) comment: String,
}

impl HostKey {
    /// The fingerprint as ssh shows it, such as `SHA256:…`.
    pub(crate) fn fingerprint(&self) -> String {
        let key = STANDARD.decode(&self.blob).unwrap_or_default();
        format!("SHA256:{}", STANDARD_NO_PAD.encode(digest(&SHA256, &key)))
    }

    /// The type as ssh shows it, such as `ED25519`.
    pub(crate) fn short_kind(&self) -> &str {
        match self.kind.as_str() {
            "ssh-ed25519" => "ED25519",
            "ssh-rsa" => "RSA",
            kind if kind.starts_with("ecdsa-") => "ECDSA",
            kind => kind,
        }
    }
}

/// The keys of one server, as known.
#[derive(Clone, Debug)]
pub(crate) struct KnownServer {
    /// UID of the server.
    pub(crate) uid: String,
    /// Its keys; at least one.
    pub(crate) keys: Vec<HostKey>,
    /// When they were last written.
    pub(crate) added: Option<SystemTime>,
}

impl KnownServer {
    /// Name of the server, as it was at the first contact.
    pub(crate) fn name(&self) -> &str {
        self.about().0
    }

    /// Its stack.
    pub(crate) fn stack(&self) -> &str {
        self.about().1
    }

    fn about(&self) -> (&str, &str) {
        let comment = self.keys.first().map_or("", |key| key.comment.as_str());
        comment.split_once(" of ").unwrap_or((comment, ""))
    }
}

/// The host keys that this user has accepted.
#[derive(Clone, Debug)]
pub(crate) struct HostKeyStore {
    folder: PathBuf,
}

impl HostKeyStore {
    /// The store of this user.
    pub(crate) fn of(variables: &ProcessEnv) -> Result<Self> {
        Ok(Self { folder: paths::state_dir(variables)?.join("known_hosts") })
    }

    /// The store in a folder of its own, such as for the sandbox.
    pub(crate) fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The file for a server.
    pub(crate) fn path(&self, uid: &str) -> PathBuf {
        self.folder.join(uid)
    }

    /// The known keys of a server.
    ///
    /// # Errors
    /// If its file cannot be read: it must not count as missing, since then any key would be accepted.
    pub(crate) fn keys(&self, uid: &str) -> Result<Vec<HostKey>> {
        let path = self.path(uid);
        match bounded::read(&path) {
            Ok(text) => Ok(parse(&text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(Error::local_file(format!("read {}", path.display()), &error)),
        }
    }

    /// Remembers the keys of a server.
    pub(crate) fn remember(&self, destination: &Destination, keys: &[HostKey]) -> Result<()> {
        create_dir(&self.folder)?;
        let comment = one_line(&format!("{} of {}", destination.name, destination.stack));
        let line = |key: &HostKey| format!("{} {} {} {comment}\n", destination.alias(), key.kind, key.blob);
        let text: String = keys.iter().map(line).collect();
        PrivateFile::create(&self.path(&destination.uid), true)?.finish(text.as_bytes())
    }

    /// Forgets a server.
    pub(crate) fn forget(&self, uid: &str) -> Result<()> {
        let path = self.path(uid);
        std::fs::remove_file(&path).map_err(|error| Error::local_file(format!("remove {}", path.display()), &error))
    }

    /// Every known server, by name.
    pub(crate) fn all(&self) -> Result<Vec<KnownServer>> {
        let Ok(entries) = self.folder.read_dir() else { return Ok(Vec::new()) };
        let mut known = Vec::new();
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let Some(uid) = path.file_name().and_then(|name| name.to_str()).filter(|name| super::is_uid(name)) else {
                continue;
            };
            let keys = self.keys(uid)?;
            if !keys.is_empty() {
                let added = path.metadata().and_then(|found| found.modified()).ok();
                known.push(KnownServer { uid: uid.to_owned(), keys, added });
            }
        }
        known.sort_by(|one, other| (one.stack(), one.name()).cmp(&(other.stack(), other.name())));
        Ok(known)
    }

    /// Takes the lock for a first contact: of several runs at once, one meets the server and the others find its key.
    ///
    /// It may also be held by this run, which then meets another of its servers; so it waits without blocking.
    pub(crate) async fn lock(&self) -> Result<std::fs::File> {
        create_dir(&self.folder)?;
        let path = self.folder.join(LOCK);
        let began = Instant::now();
        loop {
            if let Some(lock) = try_lock_file(&path)? {
                return Ok(lock);
            }
            if began.elapsed() >= LOCK_LIMIT {
                let seconds = LOCK_LIMIT.as_secs();
                return Err(Error::new(Kind::LocalFile, format!("{} has been locked for {seconds} s", path.display()))
                    .cause("another run of c66 holds it while it connects to a server for the first time"));
            }
            tokio::time::sleep(RETRY_INTERVAL).await;
        }
    }
}

/// Reads the keys that ssh wrote to a file.
pub(crate) fn read(path: &Path) -> Vec<HostKey> {
    bounded::read(path).map(|text| parse(&text)).unwrap_or_default()
}

/// Lines such as `c66-UID ssh-ed25519 AAAA… Caribou of Awesome App@production`.
fn parse(text: &str) -> Vec<HostKey> {
    let line = |line: &str| {
        let mut words = line.splitn(4, ' ');
        let (host, kind, blob) = (words.next()?, words.next()?, words.next()?);
        let is_key = host.starts_with(&alias("")) && STANDARD.decode(blob).is_ok_and(|key| !key.is_empty());
        let comment = words.next().unwrap_or_default().trim().to_owned();
        is_key.then(|| HostKey { kind: kind.to_owned(), blob: blob.to_owned(), comment })
    };
    text.lines().filter_map(line).collect()
}

/// The text without control characters, which would start a line of its own.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const BLOB: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIJ8Fj0Uq3WV4r8h4zj0Jz7y0v9kq1k2l3m4n5o6p7q8r";

    fn destination(name: &str) -> Destination {
        Destination {
            uid: "a1".to_owned(),
            name: name.to_owned(),
            stack: "Shop@production".to_owned(),
            address: "10.0.0.1".to_owned(),
            port: 22,
            user: "root".to_owned(),
            bastion: None,
        }
    }

    #[test]
    fn a_key_is_remembered_by_server_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = HostKeyStore { folder: folder.path().join("known_hosts") };
        assert_eq!(store.keys("a1").unwrap(), []);
        let key = HostKey { kind: "ssh-ed25519".to_owned(), blob: BLOB.to_owned(), comment: String::new() };
        store.remember(&destination("Web of\nlies"), std::slice::from_ref(&key)).unwrap();
        let known = store.all().unwrap();
        assert_eq!(known.len(), 1);
        assert_eq!(known[0].keys[0].fingerprint(), key.fingerprint());
        assert_eq!(known[0].keys[0].short_kind(), "ED25519");
        assert_eq!(std::fs::read_to_string(store.path("a1")).unwrap().lines().count(), 1);
        store.forget("a1").unwrap();
        assert_eq!(store.all().unwrap().len(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_cannot_be_read_is_not_a_first_contact() {
        let folder = tempfile::tempdir().unwrap();
        let store = HostKeyStore { folder: folder.path().to_owned() };
        std::fs::create_dir(store.path("a1")).unwrap();
        assert!(store.keys("a1").is_err());
    }
}
