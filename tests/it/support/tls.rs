//! Certificates made for a test, and TLS servers that use them.

use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedKey, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

/// The certificate of a server, and the file of its authority.
pub struct Identity {
    folder: TempDir,
    config: Arc<ServerConfig>,
}

impl Identity {
    /// A self-signed certificate for these names and addresses.
    pub fn self_signed(names: &[&str]) -> Self {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names).expect("a certificate");
        Self::new(cert.der().clone(), &signing_key, &cert.pem())
    }

    /// A certificate for these names and addresses, signed by an authority with that name.
    pub fn issued_by(authority: &str, names: &[&str]) -> Self {
        Self::issued(authority, names, |_| {})
    }

    /// The same, but expired.
    pub fn expired(authority: &str, names: &[&str]) -> Self {
        Self::issued(authority, names, |params| {
            params.not_before = rcgen::date_time_ymd(2019, 1, 1);
            params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        })
    }

    fn issued(authority: &str, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new([]).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, authority);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&authority_key).expect("a certificate").pem();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut leaf = CertificateParams::new(names).expect("parameters");
        change(&mut leaf);
        let key = KeyPair::generate().expect("a key");
        let issuer = Issuer::new(params, authority_key);
        let certificate = leaf.signed_by(&key, &issuer).expect("a certificate");
        Self::new(certificate.der().clone(), &key, &pem)
    }

    fn new(certificate: CertificateDer<'static>, key: &KeyPair, trusted: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("ca.pem"), trusted).expect("a file");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a key that fits");
        Self { folder, config: Arc::new(config) }
    }

    /// The file with the trusted authority, in PEM.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Accepts the TLS connections of clients.
    pub fn acceptor(&self) -> impl Fn(TcpStream) -> StreamOwned<ServerConnection, TcpStream> + Send + Sync + 'static {
        let config = Arc::clone(&self.config);
        move |stream| StreamOwned::new(ServerConnection::new(Arc::clone(&config)).expect("a connection"), stream)
    }
}
