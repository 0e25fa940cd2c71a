//! `c66 ssl add`, `update` and `remove`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::SslCertificates;
use crate::args::{ShowArgs, StackArgs, WriteArgs};
use crate::cloud66::endpoints::{
    SSL_CERTIFICATES_CREATE, SSL_CERTIFICATES_DELETE, SSL_CERTIFICATES_SHOW, SSL_CERTIFICATES_UPDATE,
};
use crate::cloud66::envelope::Document;
use crate::cloud66::ssl_certificates::{LETS_ENCRYPT, MANUAL, SslCertificate};
use crate::cloud66::with_field;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::commands::dns_providers::DnsProviders;
use crate::error::{Error, Kind, Result};
use crate::files::input;
use crate::http::Request;
use crate::resource::Resource;
use crate::resource::show::show;
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
use crate::text::quote::shell_quote;

/// The source of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CertificateType {
    Manual,
    #[value(alias = LETS_ENCRYPT)]
    LetsEncrypt,
}

/// `c66 ssl add`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&SSL_CERTIFICATES_CREATE]).asks(Asks::OnProduction))]
pub(crate) struct AddCertificateArgs {
    /// Your own certificate, or one from Let's Encrypt
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) kind: CertificateType,
    /// Domains
    #[arg(long, alias = "domain", required = true, value_name = "NAME,…", value_delimiter = ',')]
    pub(crate) server_names: Vec<String>,
    #[command(flatten)]
    pub(crate) certificate: CertificateArgs,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// `c66 ssl update`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&SSL_CERTIFICATES_UPDATE, &SSL_CERTIFICATES_SHOW]).asks(Asks::OnProduction))]
pub(crate) struct UpdateCertificateArgs {
    /// UUID of the certificate
    #[arg(add = SslCertificates::NOUN.names())]
    pub(crate) uuid: String,
    /// Your own certificate, or one from Let's Encrypt
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) kind: Option<CertificateType>,
    /// Domains
    #[arg(long, alias = "domain", value_name = "NAME,…", value_delimiter = ',')]
    pub(crate) server_names: Vec<String>,
    #[command(flatten)]
    pub(crate) certificate: CertificateArgs,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// The options of adding and changing a certificate.
#[derive(Args, Debug)]
pub(crate) struct CertificateArgs {
    /// End TLS at the load balancer
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) ssl_termination: Option<bool>,
    /// Cover a wildcard name (lets-encrypt)
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) wildcard: Option<bool>,
    /// UUID of the DNS provider, for a wildcard name
    #[arg(long, value_name = "UUID")]
    #[arg(add = DnsProviders::NOUN.names())]
    pub(crate) dns_provider: Option<String>,
    /// Certificate in PEM (manual); - reads stdin
    #[arg(long, alias = "cert", value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,
    /// Private key in PEM (manual); - reads stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Intermediate certificates in PEM (manual); - reads stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) intermediate: Option<PathBuf>,
}

/// Runs `c66 ssl add`.
pub(super) async fn add(context: &Context, args: AddCertificateArgs) -> Result<()> {
    let files = PemFile::read_all(context, &args.certificate)?;
    let new = SslCertificate { ssl_termination: Some(false), ..SslCertificate::default() };
    let wanted = Wanted::new(new, Some(args.kind), args.server_names, args.certificate);
    wanted.check(&files, false)?;
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let request = wanted.fill(request_in_stack(&target, &SSL_CERTIFICATES_CREATE, &[])?, files);
    let prompt = format!("Add an SSL certificate for {} to {}", wanted.server_names, target.label());
    if !context.confirm_write(&target, &prompt, std::slice::from_ref(&request), &args.write).await? {
        return Ok(());
    }
    let reply = context.send(&target, &request).await?;
    print_certificate(context, &target, reply).await
}

/// Runs `c66 ssl update`. `PUT` replaces the whole certificate, so omitted options keep their current values.
pub(super) async fn update(context: &Context, args: UpdateCertificateArgs) -> Result<()> {
    let values = &args.certificate;
    let files = PemFile::read_all(context, values)?;
    if args.kind.is_none()
        && args.server_names.is_empty()
        && values.ssl_termination.is_none()
        && values.wildcard.is_none()
        && values.dns_provider.is_none()
        && files.is_empty()
    {
        return Err(Error::usage("nothing to change").hint("see c66 ssl update --help"));
    }
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let parts = [("ssl_certificate_id", &*args.uuid)];
    let client = context.cloud66().await?;
    let current = client.fetch(&request_in_stack(&target, &SSL_CERTIFICATES_SHOW, &parts)?).await?;
    let current: SslCertificate = current.view()?;
    let has_files = current.kind.as_deref() == Some(MANUAL);
    let wanted = Wanted::new(current, args.kind, args.server_names, args.certificate);
    wanted.check(&files, has_files)?;
    let request = wanted.fill(request_in_stack(&target, &SSL_CERTIFICATES_UPDATE, &parts)?, files);
    let prompt = format!("Change SSL certificate {} of {}", args.uuid, target.label());
    if !context.confirm_write(&target, &prompt, std::slice::from_ref(&request), &args.write).await? {
        return Ok(());
    }
    let reply = context.send(&target, &request).await?;
    print_certificate(context, &target, reply).await
}

/// Runs `c66 ssl remove`.
pub(super) async fn remove(context: &Context, uuid: &str, stack: &StackArgs, write: &WriteArgs) -> Result<()> {
    let target = context.stack_for_write(stack, write).await?;
    let request = request_in_stack(&target, &SSL_CERTIFICATES_DELETE, &[("ssl_certificate_id", uuid)])?;
    let prompt = format!("Remove SSL certificate {uuid} of {}", target.label());
    if !context.confirm_write(&target, &prompt, std::slice::from_ref(&request), write).await? {
        return Ok(());
    }
    context.send(&target, &request).await?;
    acknowledge(context.cloud66().await?.transport(), None, "Certificate removed.")
}

/// Prints the certificate in the reply to a write; the reply is not documented, so it may be anything else.
async fn print_certificate(context: &Context, target: &StackRef, reply: Option<Document>) -> Result<()> {
    let uuid = reply.as_ref().map(Document::view::<SslCertificate>).transpose()?.and_then(|shown| shown.uuid);
    let (globals, flag) = (&context.global_flags, target.flag());
    let look = uuid.as_ref().map_or_else(|| "list".to_owned(), |uuid| format!("show {}", shell_quote(uuid)));
    context.printer.note(&format!("View it with: c66{globals} ssl {look} {flag}"));
    match reply.filter(|_| uuid.is_some()) {
        Some(certificate) => show::<SslCertificates>(&context.printer, &ShowArgs::default(), certificate),
        None => acknowledge(context.cloud66().await?.transport(), None, "Certificate saved."),
    }
}

/// A PEM file, which is never shown.
struct PemFile {
    /// Its parameter.
    param: &'static str,
    text: String,
}

impl PemFile {
    /// Reads the given files.
    fn read_all(context: &Context, args: &CertificateArgs) -> Result<Vec<Self>> {
        let named =
            [("certificate", &args.certificate), ("key", &args.key), ("intermediate_certificate", &args.intermediate)];
        let named = named.into_iter().filter_map(|(param, path)| Some((param, path.as_deref()?)));
        if named.clone().filter(|(_, path)| input::is_stdin(path)).count() > 1 {
            return Err(Error::usage("stdin can be used for one file only"));
        }
        let read = |(param, path)| {
            let text = input::read(path)?;
            context.printer.add_secret(&text);
            check_pem(param, &text).map_err(|why| {
                let name = if input::is_stdin(path) { "stdin".to_owned() } else { path.display().to_string() };
                Error::new(Kind::LocalFile, format!("invalid {}: {name}", param.replace('_', " "))).cause(why)
            })?;
            Ok(Self { param, text })
        };
        named.map(read).collect()
    }
}

/// Distinguishes keys from certificates, so that neither is sent instead of the other.
fn check_pem(param: &str, text: &str) -> Result<(), &'static str> {
    match (param == "key", text.contains("PRIVATE KEY-----")) {
        (true, false) => Err("it contains no PEM private key"),
        (false, true) => Err("it contains a private key; pass keys with --key only"),
        (false, false) if !text.contains("-----BEGIN CERTIFICATE-----") => Err("it contains no PEM certificate"),
        _ => Ok(()),
    }
}

/// The wanted certificate.
struct Wanted {
    kind: String,
    server_names: String,
    ssl_termination: Option<bool>,
    wildcard: Option<bool>,
    dns_provider: Option<String>,
}

impl Wanted {
    /// The given options, else the current values.
    fn new(
        current: SslCertificate,
        kind: Option<CertificateType>,
        server_names: Vec<String>,
        args: CertificateArgs,
    ) -> Self {
        let kind = kind.map(|kind| if kind == CertificateType::Manual { MANUAL } else { LETS_ENCRYPT }.to_owned());
        let kind = kind.or(current.kind).unwrap_or_default();
        let names = if server_names.is_empty() { current.server_names } else { server_names };
        let names: Vec<&str> = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
        // Wildcard settings of the current certificate are dropped if the new type does not support them.
        let keeps = kind != MANUAL;
        let wildcard = args.wildcard.or(current.wildcard.filter(|_| keeps));
        let keeps = keeps && wildcard == Some(true);
        Self {
            kind,
            server_names: names.join(","),
            ssl_termination: args.ssl_termination.or(current.ssl_termination),
            wildcard,
            dns_provider: args.dns_provider.or(current.dns_provider_uuid.filter(|_| keeps)),
        }
    }

    /// Refuses invalid combinations before anything is sent; `has_files` means that the API has a certificate and its
    /// key.
    fn check(&self, files: &[PemFile], has_files: bool) -> Result<()> {
        let given = |param: &str| files.iter().any(|file| file.param == param);
        if self.kind.is_empty() || self.ssl_termination.is_none() {
            return Err(Error::new(Kind::BadReply, "the API does not return the current type of the certificate")
                .hint("pass --type, and --ssl-termination or --ssl-termination=false"));
        }
        if self.server_names.is_empty() {
            return Err(Error::usage("missing --server-names").hint("--server-names NAME,…"));
        }
        if self.kind != MANUAL && !files.is_empty() {
            return Err(Error::usage("Let's Encrypt issues the certificate: it takes no files").hint("--type manual"));
        }
        if self.kind == MANUAL && !has_files && !(given("certificate") && given("key")) {
            return Err(Error::usage("a manual certificate needs --certificate FILE and --key FILE"));
        }
        if self.kind == MANUAL && (self.wildcard == Some(true) || self.dns_provider.is_some()) {
            return Err(Error::usage("--wildcard and --dns-provider are for --type lets-encrypt"));
        }
        if self.wildcard == Some(true) && self.dns_provider.is_none() {
            return Err(Error::usage("a wildcard name needs --dns-provider UUID").hint("c66 dns-providers list"));
        }
        Ok(())
    }

    fn fill(&self, request: Request, files: Vec<PemFile>) -> Request {
        let mut request = with_field(request, "type", self.kind.as_str());
        request = with_field(request, "server_names", self.server_names.as_str());
        for (name, value) in [("ssl_termination", self.ssl_termination), ("wildcard", self.wildcard)] {
            if let Some(value) = value {
                request = with_field(request, name, value);
            }
        }
        if let Some(dns_provider) = &self.dns_provider {
            request = with_field(request, "dns_provider_uuid", dns_provider.as_str());
        }
        files.into_iter().fold(request, |request, file| with_field(request, file.param, file.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_certificates_are_distinguished() {
        let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
            let key = format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
            assert_eq!(check_pem("key", &key), Ok(()));
            assert!(check_pem("certificate", &key).is_err());
            assert!(check_pem("intermediate_certificate", &format!("{certificate}{key}")).is_err());
        }
        assert_eq!(check_pem("certificate", certificate), Ok(()));
        assert!(check_pem("key", certificate).is_err() && check_pem("certificate", "AAAA").is_err());
    }
}
