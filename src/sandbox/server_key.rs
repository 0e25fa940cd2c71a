//! The keys of the sandbox's servers: Ed25519 in the format of OpenSSH, the same in every run.
//!
//! They open nothing but the sandbox: no server of it listens on a port.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{Context, SHA256};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

const KIND: &str = "ssh-ed25519";
const MAGIC: &[u8] = b"openssh-key-v1\0";
/// Characters of base64 in a line.
const WIDTH: usize = 70;
/// What the private part is padded to without a cipher, in bytes.
const BLOCK: usize = 8;

/// What a key is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// Logging in to the server.
    Login,
    /// Proving that it is the server.
    #[cfg(unix)]
    Host,
}

/// A key pair, as files of OpenSSH.
pub(super) struct Key {
    /// The private key.
    pub(super) private: String,
    /// The public key, one line.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only sshd reads it"))]
    pub(super) public: String,
}

impl Key {
    /// The key of a server; `None` only if the library rejects its own arithmetic.
    pub(super) fn of(uid: &str, purpose: Purpose) -> Option<Self> {
        let mut hash = Context::new(&SHA256);
        hash.update(match purpose {
            Purpose::Login => b"c66 sandbox login key\0",
            #[cfg(unix)]
            Purpose::Host => b"c66 sandbox host key\0\0",
        });
        hash.update(uid.as_bytes());
        let seed = hash.finish();
        let seed = seed.as_ref();
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        let point = pair.public_key().as_ref();
        let comment = format!("sandbox-{}", uid.get(..8).unwrap_or(uid));

        let mut public = Vec::new();
        put(&mut public, KIND.as_bytes());
        put(&mut public, point);

        // Twice the same number, by which a reader knows that it has deciphered the rest.
        let mut secret = [seed.get(..4)?, seed.get(..4)?].concat();
        put(&mut secret, KIND.as_bytes());
        put(&mut secret, point);
        put(&mut secret, &[seed, point].concat());
        put(&mut secret, comment.as_bytes());
        secret.extend((1..=u8::MAX).take(secret.len().next_multiple_of(BLOCK) - secret.len()));

        let mut whole = MAGIC.to_vec();
        // No cipher, no derivation of a key from a passphrase, no options of that, one key.
        for text in ["none", "none", ""] {
            put(&mut whole, text.as_bytes());
        }
        whole.extend(1_u32.to_be_bytes());
        put(&mut whole, &public);
        put(&mut whole, &secret);

        let text = STANDARD.encode(whole);
        let mut private = "-----BEGIN OPENSSH PRIVATE KEY-----\n".to_owned();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(WIDTH));
            private.push_str(line);
            private.push('\n');
            rest = after;
        }
        private.push_str("-----END OPENSSH PRIVATE KEY-----\n");
        Some(Self { private, public: format!("{KIND} {} {comment}\n", STANDARD.encode(public)) })
    }
}

/// Adds bytes with their number before them.
fn put(to: &mut Vec<u8>, bytes: &[u8]) {
    to.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    to.extend(bytes);
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn every_server_has_two_keys_of_its_own_that_stay_the_same() {
        let keys = [("a1", Purpose::Login), ("a1", Purpose::Host), ("b2", Purpose::Login)];
        let private = keys.map(|(uid, purpose)| Key::of(uid, purpose).unwrap().private);
        assert!(private[0] != private[1] && private[0] != private[2] && private[1] != private[2]);
        assert_eq!(Key::of("a1", Purpose::Login).unwrap().private, private[0]);
        assert!(private[0].lines().all(|line| line.len() <= WIDTH));
    }
}
