//! SSL certificates: from Let's Encrypt, or with files from the user.
//!
//! Neither the certificate nor the key is stored: no reply has them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::Call;
use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult, Payload, object};
use super::servers::dns_label;
use super::{Stack, State, take_id};
use crate::sandbox::clock::{Clock, date_time, iso};
use crate::sandbox::pseudorandom;

const MANUAL: &str = "manual";
const LETS_ENCRYPT: &str = "lets_encrypt";
/// The name of the certificate authority in replies.
const LETS_ENCRYPT_NAME: &str = "Let's Encrypt";
/// How long an installation takes, in seconds.
const INSTALLATION: f64 = 20.0;
const HOURS_A_DAY: i64 = 24;
/// Validity in days of a certificate from Let's Encrypt, and of one from another authority.
const VALID_DAYS: (i64, i64) = (90, 365);

const INSTALLING: i8 = 1;
const FAILED: i8 = 2;
const INSTALLED: i8 = 3;

/// An SSL certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Certificate {
    uuid: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    /// Comma-separated.
    server_names: String,
    wildcard: bool,
    dns_provider_uuid: Option<String>,
    ssl_termination: bool,
    has_intermediate_cert: bool,
    status: i8,
    sha256_fingerprint: Option<String>,
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// When its installation ends, while it is running.
    installed_at: Option<Timestamp>,
}

impl Certificate {
    /// A certificate before it is issued or uploaded.
    fn new(stack: &Stack, identity: &str, now: Timestamp) -> Self {
        let [uuid, suffix] = [(identity, 32), ("suffix", 5)].map(|(text, length)| {
            pseudorandom::hex(&format!("{text} of a certificate of {} {identity}", stack.uid), length)
        });
        Self {
            uuid: format!("ssl-{uuid}"),
            name: format!("{}-{}-{suffix}", dns_label(&stack.name), dns_label(&stack.environment)),
            kind: LETS_ENCRYPT.into(),
            server_names: stack.fqdn.clone(),
            wildcard: false,
            dns_provider_uuid: None,
            ssl_termination: false,
            has_intermediate_cert: false,
            status: INSTALLING,
            sha256_fingerprint: None,
            expires_at: None,
            created_at: now,
            updated_at: now,
            installed_at: None,
        }
    }

    /// The same, issued or uploaded, with `days` left.
    fn ending_in(mut self, days: i64, today: Timestamp) -> Self {
        self.issue(days_after(today, days - self.valid_days()));
        self.created_at = self.updated_at;
        self
    }

    fn is_manual(&self) -> bool {
        self.kind == MANUAL
    }

    fn valid_days(&self) -> i64 {
        if self.is_manual() { VALID_DAYS.1 } else { VALID_DAYS.0 }
    }

    /// Completes its installation.
    fn issue(&mut self, now: Timestamp) {
        self.status = INSTALLED;
        self.sha256_fingerprint = Some(pseudorandom::hex(&format!("{} {}", self.uuid, iso(now)), 64));
        self.expires_at = Some(days_after(now, self.valid_days()));
        self.has_intermediate_cert |= !self.is_manual();
        self.updated_at = now;
    }

    /// Applies the parameters of a call, if they are consistent; `replaces` resets those that are missing.
    fn set(&mut self, parameters: &Parameters, replaces: bool) -> Result<(), ApiError> {
        let flag = |name: &str| parameters.text(name).map(|text| text == "true");
        let was_manual = self.is_manual();
        if let Some(kind) = parameters.text("type") {
            self.kind = kind;
        }
        if parameters.contains("server_names") {
            self.server_names = parameters.list("server_names").join(",");
        }
        if let Some(ssl_termination) = flag("ssl_termination") {
            self.ssl_termination = ssl_termination;
        }
        if replaces || was_manual != self.is_manual() {
            self.wildcard = false;
            self.dns_provider_uuid = None;
        }
        if let Some(wildcard) = flag("wildcard") {
            self.wildcard = wildcard;
        }
        self.dns_provider_uuid = parameters.text("dns_provider_uuid").or(self.dns_provider_uuid.take());
        self.check(parameters, was_manual)?;
        if !self.is_manual() || parameters.contains("certificate") {
            self.has_intermediate_cert = parameters.contains("intermediate_certificate");
        }
        Ok(())
    }

    /// A certificate that was manual already has its files.
    fn check(&self, parameters: &Parameters, was_manual: bool) -> Result<(), ApiError> {
        let refuse = |name: &str, fault: &str| Err(ApiError::bad_request(format!("The parameter `{name}` {fault}.")));
        if self.server_names.is_empty() {
            return refuse("server_names", "must name a domain");
        }
        for (name, label) in [
            ("certificate", "CERTIFICATE-----"),
            ("key", "PRIVATE KEY-----"),
            ("intermediate_certificate", "CERTIFICATE-----"),
        ] {
            match parameters.text(name) {
                Some(_) if !self.is_manual() => return refuse(name, "goes with the type manual"),
                Some(pem) if !(pem.contains("-----BEGIN ") && pem.contains(label)) => {
                    return refuse(name, "must be in PEM");
                }
                None if self.is_manual() && !was_manual && name != "intermediate_certificate" => {
                    return refuse(name, "is needed for the type manual");
                }
                _ => {}
            }
        }
        if self.wildcard && self.is_manual() {
            return refuse("wildcard", "goes with the type lets_encrypt");
        }
        if self.wildcard && self.dns_provider_uuid.is_none() {
            return refuse("dns_provider_uuid", "is needed for a wildcard name");
        }
        Ok(())
    }

    /// Starts its installation.
    fn install(&mut self, clock: &Clock) {
        self.status = INSTALLING;
        self.updated_at = clock.now;
        self.installed_at = Some(clock.in_seconds(INSTALLATION));
    }

    fn render(&self) -> Value {
        let ca_name = self.sha256_fingerprint.as_ref().filter(|_| !self.is_manual()).map(|_| LETS_ENCRYPT_NAME);
        json!({
            "uuid": self.uuid,
            "name": self.name,
            "server_group_id": null,
            "server_names": self.server_names,
            "sha256_fingerprint": self.sha256_fingerprint,
            "ca_name": ca_name,
            "type": self.kind,
            "wildcard": self.wildcard,
            "dns_provider_uuid": self.dns_provider_uuid,
            "ssl_termination": self.ssl_termination,
            "has_intermediate_cert": self.has_intermediate_cert,
            "status": self.status,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "expires_at": self.expires_at.map(iso),
            "certificate": null,
            "key": null,
            "intermediate_certificate": null,
        })
    }
}

fn days_after(time: Timestamp, days: i64) -> Timestamp {
    time.checked_add(SignedDuration::from_hours(days * HOURS_A_DAY)).unwrap_or(time)
}

/// Completes the installations that are due.
pub(super) fn advance(stack: &mut Stack, clock: &Clock) {
    let fails = stack.always_fails;
    for certificate in stack.parts.certificates.iter_mut().flatten() {
        if let Some(due) = certificate.installed_at.filter(|due| *due <= clock.now) {
            certificate.installed_at = None;
            if fails {
                certificate.status = FAILED;
            } else {
                certificate.issue(due);
            }
        }
    }
}

/// The certificates of a stack; initially of only three stacks, with dates relative to the current day.
fn certificates(stack: &Stack, now: Timestamp) -> Vec<Certificate> {
    if let Some(certificates) = &stack.parts.certificates {
        return certificates.clone();
    }
    if stack.is_documented() {
        return vec![documented(stack)];
    }
    let second = now.as_second();
    let today = Timestamp::from_second(second - second.rem_euclid(HOURS_A_DAY * 60 * 60)).unwrap_or(now);
    let first = Certificate { ssl_termination: true, ..Certificate::new(stack, "the first", today) };
    match (stack.name.as_str(), stack.environment.as_str()) {
        ("Awesome App", "staging") => {
            let own = Certificate::new(stack, "the second", today);
            let own = Certificate { kind: MANUAL.into(), server_names: "intern.awesome-app.example".into(), ..own };
            vec![first.ending_in(20, today), own.ending_in(300, today)]
        }
        ("Book Shop", _) => {
            let server_names = format!("*.{}", stack.fqdn);
            let dns_provider_uuid = Some("dp-fbe3dd78cdc600b187b38c4d4b6b016b".into());
            vec![Certificate { server_names, wildcard: true, dns_provider_uuid, ..first }.ending_in(70, today)]
        }
        _ => Vec::new(),
    }
}

/// The documented certificate.
fn documented(stack: &Stack) -> Certificate {
    Certificate {
        uuid: "ssl-9ad095613rrr4e0b8f718302bab8709e".into(),
        name: "pp-ticker-prod-cllaz".into(),
        server_names: "www.fyp111.co".into(),
        ssl_termination: true,
        has_intermediate_cert: true,
        status: INSTALLED,
        sha256_fingerprint: Some("481f22f00e117e209dbde4c2ae3831401109fc824784943e39a194a3adb64082".into()),
        expires_at: Some(date_time("2023-04-26T09:24:32Z")),
        created_at: date_time("2023-01-26T10:23:34Z"),
        updated_at: date_time("2023-01-26T10:26:29Z"),
        ..Certificate::new(stack, "the documented one", stack.created_at)
    }
}

/// `ssl_certificates_list`
pub(super) fn ssl_certificates_list(state: &mut State, call: &Call) -> ApiResult {
    call.list(&certificates(state.stack(call)?, call.clock.now), Certificate::render)
}

/// `ssl_certificates_show`, by UUID
pub(super) fn ssl_certificates_show(state: &mut State, call: &Call) -> ApiResult {
    let certificates = certificates(state.stack(call)?, call.clock.now);
    Ok(object(certificates[position(&certificates, call)?].render()))
}

/// `ssl_certificates_create`
pub(super) fn ssl_certificates_create(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let id = take_id(&mut ids.certificate);
    let mut certificate = Certificate::new(stack, &id.to_string(), call.clock.now);
    certificate.set(&call.parameters()?, true)?;
    certificate.install(call.clock);
    let mut certificates = certificates(stack, call.clock.now);
    let reply = object(certificate.render());
    certificates.push(certificate);
    keep(stack, certificates, call);
    Ok(reply)
}

/// `ssl_certificates_update`
pub(super) fn ssl_certificates_update(state: &mut State, call: &Call) -> ApiResult {
    change(state, call, true)
}

/// `ssl_certificates_patch`, which is documented without a body in its reply
pub(super) fn ssl_certificates_patch(state: &mut State, call: &Call) -> ApiResult {
    change(state, call, false).map(|_| Payload::Empty)
}

fn change(state: &mut State, call: &Call, replaces: bool) -> ApiResult {
    let (stack, _) = state.stack_mut(call)?;
    let mut certificates = certificates(stack, call.clock.now);
    let position = position(&certificates, call)?;
    let changed = &mut certificates[position];
    changed.set(&call.parameters()?, replaces)?;
    changed.install(call.clock);
    let reply = object(changed.render());
    keep(stack, certificates, call);
    Ok(reply)
}

/// `ssl_certificates_delete`. No reply is documented; the official client reads the certificate.
pub(super) fn ssl_certificates_delete(state: &mut State, call: &Call) -> ApiResult {
    let (stack, _) = state.stack_mut(call)?;
    let mut certificates = certificates(stack, call.clock.now);
    let removed = certificates.remove(position(&certificates, call)?);
    keep(stack, certificates, call);
    Ok(object(removed.render()))
}

fn position(certificates: &[Certificate], call: &Call) -> Result<usize, ApiError> {
    let uuid = call.path_param("ssl_certificate_id");
    let position = certificates.iter().position(|certificate| certificate.uuid == uuid);
    position.ok_or_else(|| ApiError::not_found(format!("The stack has no SSL certificate `{uuid}`.")))
}

fn keep(stack: &mut Stack, certificates: Vec<Certificate>, call: &Call) {
    stack.parts.certificates = Some(certificates);
    stack.touch(call.clock.now);
}
