//! SSL certificates of a stack.

use serde::Deserialize;

use super::fields::{ApiTime, Coded, Fields};

/// The type of a certificate with files from the user.
pub(crate) const MANUAL: &str = "manual";
/// The type of a certificate from Let's Encrypt.
pub(crate) const LETS_ENCRYPT: &str = "lets_encrypt";

/// The fields of an SSL certificate in use. Those of the certificate itself and of its key are null in replies.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct SslCertificate {
    /// Unique identifier.
    pub(crate) uuid: Option<String>,
    /// Name, chosen by the API.
    pub(crate) name: Option<String>,
    /// `manual` or `lets_encrypt`.
    pub(crate) kind: Option<String>,
    /// Its domains.
    pub(crate) server_names: Vec<String>,
    /// State of its installation, as a code or a word.
    pub(crate) status: Coded,
    /// When it expires, if known.
    pub(crate) expires_at: Option<ApiTime>,
    /// Its issuer.
    pub(crate) ca_name: Option<String>,
    /// Whether TLS ends at the load balancer.
    pub(crate) ssl_termination: Option<bool>,
    /// Whether it covers a wildcard name.
    pub(crate) wildcard: Option<bool>,
    /// The DNS provider that answers the challenge for a wildcard name.
    pub(crate) dns_provider_uuid: Option<String>,
    /// Whether it has intermediate certificates.
    pub(crate) has_intermediate_cert: Option<bool>,
    /// Id of its server group.
    pub(crate) server_group_id: Option<u64>,
    /// SHA-256 fingerprint.
    pub(crate) sha256_fingerprint: Option<String>,
    /// When it was added.
    pub(crate) created_at: Option<ApiTime>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for SslCertificate {
    fn from(fields: Fields) -> Self {
        let names = fields.text("server_names").unwrap_or_default();
        let names = names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        Self {
            uuid: fields.text("uuid"),
            name: fields.text("name"),
            kind: fields.text("type"),
            server_names: names.collect(),
            // A number in the documentation of 2024, a string in later ones.
            status: Coded { code: fields.integer("status"), meaning: fields.text("status") },
            expires_at: fields.time(&["expires_at"]),
            ca_name: fields.text("ca_name"),
            ssl_termination: fields.boolean("ssl_termination"),
            wildcard: fields.boolean("wildcard"),
            dns_provider_uuid: fields.text("dns_provider_uuid"),
            has_intermediate_cert: fields.boolean("has_intermediate_cert"),
            server_group_id: fields.unsigned("server_group_id"),
            sha256_fingerprint: fields.text("sha256_fingerprint"),
            created_at: fields.time(&["created_at"]),
            updated_at: fields.time(&["updated_at"]),
        }
    }
}

/// The word for a status.
pub(crate) fn status_name(code: i64) -> Option<&'static str> {
    Some(match code {
        -1 => "Not Applicable",
        0 => "Not Installed",
        1 => "Installing",
        2 => "Failed",
        3 => "Installed",
        4 => "Removing",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_a_code_in_a_number_or_a_text_or_a_word() {
        for (json, code, word) in [
            (r#"{"status": 3}"#, Some(3), Some("3")),
            (r#"{"status": "-1"}"#, Some(-1), Some("-1")),
            (r#"{"status": "installed"}"#, None, Some("installed")),
            (r#"{"status": null}"#, None, None),
        ] {
            let status = serde_json::from_str(json).map(|certificate: SslCertificate| certificate.status).ok();
            assert_eq!(status, Some(Coded { code, meaning: word.map(str::to_owned) }), "{json}");
        }
    }

    #[test]
    fn server_names_are_split() {
        for (json, names) in [
            (r#"{"server_names": "a.example, b.example,"}"#, &["a.example", "b.example"] as &[&str]),
            (r#"{"server_names": null}"#, &[]),
        ] {
            let found = serde_json::from_str(json).map(|certificate: SslCertificate| certificate.server_names);
            assert_eq!(found.unwrap_or_default(), names, "{json}");
        }
    }
}
