//! Firewall rules of a stack.

use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The protocols of a rule, with their numbers in a request.
pub(crate) const PROTOCOLS: [(&str, u64); 3] = [("tcp", 1), ("udp", 2), ("icmp", 3)];

/// The fields of a firewall rule in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Firewall {
    /// Id.
    pub(crate) id: Option<u64>,
    /// Source of the traffic.
    pub(crate) from: String,
    /// Target of the traffic.
    pub(crate) to: String,
    /// Protocol.
    pub(crate) protocol: Option<String>,
    /// Port.
    pub(crate) port: Option<u64>,
    /// How it was added, such as `dynamic`.
    pub(crate) rule_type: Option<String>,
    /// Comment.
    pub(crate) comments: Option<String>,
    /// When it was created.
    pub(crate) created_at: Option<ApiTime>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for Firewall {
    fn from(fields: Fields) -> Self {
        let end = |side: &str| {
            let group = fields.text(&format!("{side}_group_id")).map(|id| format!("group {id}"));
            let server = fields.text(&format!("{side}_server_id")).map(|id| format!("server {id}"));
            let ends: Vec<String> = [fields.text(&format!("{side}_ip")), group, server].into_iter().flatten().collect();
            ends.join(", ")
        };
        Self {
            id: fields.unsigned("id"),
            from: end("from"),
            to: end("to"),
            // Later documentation sends the number.
            protocol: fields.text("protocol").map(|given| {
                let word = PROTOCOLS.iter().find(|(_, number)| number.to_string() == given);
                word.map_or(given.clone(), |(word, _)| (*word).to_owned())
            }),
            port: fields.unsigned("port"),
            rule_type: fields.text("rule_type"),
            comments: fields.text("comments"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
            updated_at: fields.time(&["updated_at_iso", "updated_at"]),
        }
    }
}
