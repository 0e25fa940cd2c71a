//! Gateways: servers through which Cloud 66 reaches the servers of a private network.

use jiff::Timestamp;
use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The fields of a gateway in use. Its key is never in a reply.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Gateway {
    /// Id.
    pub(crate) id: Option<u64>,
    /// Name.
    pub(crate) name: Option<String>,
    /// Login user.
    pub(crate) username: Option<String>,
    /// Public address.
    pub(crate) address: Option<String>,
    /// Private address.
    pub(crate) private_ip: Option<String>,
    /// Until when it is open; another text, such as `N/A`, if it is closed.
    pub(crate) open_until: Option<ApiTime>,
    /// Who created it.
    pub(crate) created_by: Option<String>,
    /// Who changed it last.
    pub(crate) updated_by: Option<String>,
    /// When it was created.
    pub(crate) created_at: Option<ApiTime>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for Gateway {
    fn from(fields: Fields) -> Self {
        Self {
            id: fields.unsigned("id"),
            name: fields.text("name"),
            username: fields.text("username"),
            address: fields.text("address"),
            private_ip: fields.text("private_ip"),
            open_until: fields.time(&["ttl"]),
            created_by: fields.text("created_by"),
            updated_by: fields.text("updated_by"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
            updated_at: fields.time(&["updated_at_iso", "updated_at"]),
        }
    }
}

impl Gateway {
    /// Whether it is open at `now`.
    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        self.open_until.as_ref().and_then(ApiTime::known).is_some_and(|until| until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_is_open_until_its_time() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap_or_default();
        for (ttl, open) in [
            (r#""2026-01-01T00:00:01Z""#, true),
            (r#""2025-12-31T23:59:59Z""#, false),
            (r#""N/A""#, false),
            ("null", false),
        ] {
            let gateway: Gateway = serde_json::from_str(&format!(r#"{{"ttl": {ttl}}}"#)).unwrap_or_default();
            assert_eq!(gateway.is_open(now), open, "{ttl}");
        }
    }
}
