//! Firewall rules of a stack.

use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The protocols a rule can be for, with the number that a new rule is given.
pub(crate) const PROTOCOLS: [(&str, u64); 3] = [("tcp", 1), ("udp", 2), ("icmp", 3)];

/// The fields of a firewall rule that are used.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Firewall {
    /// Number.
    pub(crate) id: Option<u64>,
    /// Where it lets traffic come from, in words.
    pub(crate) from: String,
    /// Where it lets traffic go to, in words.
    pub(crate) to: String,
    /// Protocol, as a word.
    pub(crate) protocol: Option<String>,
    /// Port it opens.
    pub(crate) port: Option<u64>,
    /// How it came to be, such as `dynamic`.
    pub(crate) rule_type: Option<String>,
    /// Remarks.
    pub(crate) comments: Option<String>,
    /// When it was made.
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
            // Later documents send the number that a new rule is given.
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
