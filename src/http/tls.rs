//! TLS of the client: rustls with ring; root certificates are read only when a certificate is checked.
//!
//! Reading the system's bundle costs more than the rest of a request, so a command without https requests never does.
//! The bundle file comes first; the folder of single certificates, which has the same ones, is read only without a
//! bundle.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use rustls::{ClientConfig, DigitallySignedStruct, Error as TlsError, OtherError, RootCertStore, SignatureScheme};

use super::certificate;
use crate::error::{Error, Kind, Result};

/// Where common systems have the bundle.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
];

/// The issuer of the certificate that a server presented last, trusted or not.
#[derive(Debug, Default)]
pub(crate) struct LastIssuer(Mutex<Option<String>>);

impl LastIssuer {
    /// The issuer; `None` before the first certificate.
    pub(crate) fn issuer(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn record(&self, certificate: &[u8]) {
        let issuer = certificate::issuer(certificate).unwrap_or_else(|| "an unnamed issuer".to_owned());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(issuer);
    }
}

/// A client configuration that trusts the system's roots and those of `extra`, and records `last_issuer`.
///
/// `roots_from_env` means that the user sets the roots in `SSL_CERT_FILE` or `SSL_CERT_DIR`.
pub(crate) fn tls_config(
    extra: Option<&Path>,
    roots_from_env: bool,
    last_issuer: Arc<LastIssuer>,
) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let extra = match extra {
        Some(path) => certificates(path)?,
        None => Vec::new(),
    };
    let verifier =
        LazyVerifier { provider: Arc::clone(&provider), extra, roots_from_env, last_issuer, inner: OnceLock::new() };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::internal(format!("cannot set up TLS: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let unusable = |cause: String| {
        Error::new(Kind::Usage, format!("no certificate found in {}", path.display()))
            .cause(cause)
            .hint("--ca-cert expects a PEM file")
    };
    let found: Vec<_> =
        CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(|error| unusable(error.to_string()))?;
    if found.is_empty() { Err(unusable("the file contains no certificate".to_owned())) } else { Ok(found) }
}

/// Checks certificates with roots that are read on first use.
#[derive(Debug)]
struct LazyVerifier {
    provider: Arc<CryptoProvider>,
    extra: Vec<CertificateDer<'static>>,
    roots_from_env: bool,
    last_issuer: Arc<LastIssuer>,
    inner: OnceLock<Result<Arc<WebPkiServerVerifier>, TlsError>>,
}

impl LazyVerifier {
    fn inner(&self) -> Result<&WebPkiServerVerifier, TlsError> {
        let inner = self.inner.get_or_init(|| {
            let mut roots = RootCertStore::empty();
            // Skip certificates that do not parse.
            roots.add_parsable_certificates(system_roots(self.roots_from_env));
            roots.add_parsable_certificates(self.extra.iter().cloned());
            if roots.is_empty() {
                return Err(TlsError::Other(OtherError(Arc::new(NoRoots))));
            }
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
                .build()
                .map_err(|error| TlsError::General(error.to_string()))
        });
        inner.as_deref().map_err(Clone::clone)
    }
}

/// Prefix of the error on a machine without root certificates.
pub(super) const NO_ROOTS: &str = "no trusted root certificates";

/// The system has no root certificates.
#[derive(Debug, thiserror::Error)]
#[error("{NO_ROOTS} were found on this system")]
struct NoRoots;

fn system_roots(chosen: bool) -> Vec<CertificateDer<'static>> {
    // rustls-native-certs handles the user's variables and systems without a bundle file.
    let bundle = BUNDLES.iter().map(PathBuf::from).find(|path| path.is_file());
    match bundle {
        Some(path) if !chosen && cfg!(target_os = "linux") => {
            CertificateDer::pem_file_iter(path).map(|all| all.flatten().collect()).unwrap_or_default()
        }
        _ => rustls_native_certs::load_native_certs().certs,
    }
}

impl ServerCertVerifier for LazyVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        self.last_issuer.record(end_entity);
        self.inner()?.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
