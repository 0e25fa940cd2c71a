//! One firewall rule.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::sandbox::clock::iso;

/// A firewall rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FirewallRule {
    pub(super) id: u64,
    pub(super) from: RuleEnd,
    pub(super) to: RuleEnd,
    pub(super) protocol: String,
    pub(super) port: u16,
    /// The API's rule type: `dynamic` when it follows from a server group, `user` when a user added it.
    #[serde(rename = "origin")]
    pub(super) rule_type: String,
    pub(super) created_at: Timestamp,
    /// When it expires, if it does.
    #[serde(rename = "ends_at")]
    pub(super) expires_at: Option<Timestamp>,
}

/// The source or target of a rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct RuleEnd {
    pub(super) ip: Option<String>,
    pub(super) group: Option<u64>,
    pub(super) server: Option<u64>,
}

impl FirewallRule {
    /// A rule of a server group: TCP, never expires.
    pub(super) fn of_group(id: u64, from: RuleEnd, group: u64, port: u16, created_at: Timestamp) -> Self {
        Self {
            id,
            from,
            to: RuleEnd { group: Some(group), ..RuleEnd::default() },
            protocol: "tcp".into(),
            port,
            rule_type: "dynamic".into(),
            created_at,
            expires_at: None,
        }
    }

    pub(super) fn render(&self) -> Value {
        json!({
            "id": self.id,
            "from_ip": self.from.ip,
            "from_group_id": self.from.group,
            "from_server_id": self.from.server,
            "to_ip": self.to.ip,
            "to_group_id": self.to.group,
            "to_server_id": self.to.server,
            "protocol": self.protocol,
            "port": self.port,
            "rule_type": self.rule_type,
            "comments": null,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.created_at),
        })
    }
}

impl RuleEnd {
    pub(super) fn everywhere() -> Self {
        Self { ip: Some("0.0.0.0/0".into()), ..Self::default() }
    }
}
