//! Servers, server groups, and their secrets.

use serde::Deserialize;
use serde_json::Value;

use super::environments::MASK;
use super::fields::{ApiTime, Fields};

/// The fields of a server in use.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Server {
    /// Unique identifier.
    pub(crate) uid: Option<String>,
    /// Identifier at the cloud.
    pub(crate) vendor_uid: Option<String>,
    /// Name, usually unique in its stack.
    pub(crate) name: Option<String>,
    /// Address.
    pub(crate) address: Option<String>,
    /// Internal address.
    pub(crate) int_ipv4: Option<String>,
    /// External address.
    pub(crate) ext_ipv4: Option<String>,
    /// Distribution, such as `ubuntu`.
    pub(crate) distro: Option<String>,
    /// Version of the distribution.
    pub(crate) distro_version: Option<String>,
    /// Host name.
    pub(crate) dns_record: Option<String>,
    /// User to log in as.
    pub(crate) user_name: Option<String>,
    /// Its kind, such as `Cloud (DigitalOcean)`.
    pub(crate) server_type: Option<String>,
    /// Its roles, such as `rails` and `db`.
    pub(crate) server_roles: Vec<String>,
    /// Id of its group.
    pub(crate) server_group_id: Option<u64>,
    /// Name of its group; a request of its own tells.
    pub(crate) group_name: Option<String>,
    /// Health, with the codes of a stack's health.
    pub(crate) health_state: Option<i64>,
    /// Region, in the cloud's words.
    pub(crate) region: Option<String>,
    /// Whether the Cloud 66 agent is installed.
    pub(crate) has_agent: Option<bool>,
    /// Whether it is reached through a bastion.
    pub(crate) has_gateway: Option<bool>,
    /// Address of the bastion.
    pub(crate) gateway_address: Option<String>,
    /// User to log in to the bastion as.
    pub(crate) gateway_user: Option<String>,
    /// Whether it is the master of a Kubernetes cluster.
    pub(crate) is_kubernetes_master: Option<bool>,
    /// When it was created.
    pub(crate) created_at: Option<ApiTime>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
    /// The private key, only if requested: under the documented name, or that of the official client.
    pub(crate) private_key: Option<String>,
}

impl From<Fields> for Server {
    fn from(fields: Fields) -> Self {
        Self {
            uid: fields.text("uid"),
            vendor_uid: fields.text("vendor_uid"),
            name: fields.text("name"),
            address: fields.text("address"),
            int_ipv4: fields.text("int_ipv4"),
            ext_ipv4: fields.text("ext_ipv4"),
            distro: fields.text("distro"),
            distro_version: fields.text("distro_version"),
            dns_record: fields.text("dns_record"),
            user_name: fields.text("user_name"),
            // The documented example ends in a space.
            server_type: fields.text("server_type").map(|text| text.trim().to_owned()),
            server_roles: fields.texts("server_roles"),
            server_group_id: fields.unsigned("server_group_id"),
            group_name: None,
            health_state: fields.integer("health_state"),
            region: fields.text("region"),
            has_agent: fields.boolean("has_agent"),
            has_gateway: fields.boolean("has_deploy_gateway"),
            gateway_address: fields.text("deploy_gateway_address").filter(|address| !address.is_empty()),
            gateway_user: fields.text("deploy_gateway_user_name").filter(|user| !user.is_empty()),
            is_kubernetes_master: fields.boolean("is_kubernetes_master"),
            created_at: fields.time(&["created_at", "created_at_iso"]),
            updated_at: fields.time(&["updated_at", "updated_at_iso"]),
            private_key: PRIVATE_KEY_FIELDS.iter().find_map(|name| fields.text(name).filter(|key| !key.is_empty())),
        }
    }
}

/// The fields that hold the private key.
const PRIVATE_KEY_FIELDS: [&str; 2] = ["private_key", "ssh_private_key"];

impl Server {
    /// Its UID, for requests.
    pub(crate) fn uid(&self) -> &str {
        self.uid.as_deref().unwrap_or_default()
    }

    /// Its name, for messages.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.uid())
    }

    /// Distribution and version.
    pub(crate) fn system(&self) -> Option<String> {
        let distro = self.distro.as_deref()?;
        Some(match self.distro_version.as_deref() {
            Some(version) => format!("{distro} {version}"),
            None => distro.to_owned(),
        })
    }
}

/// Masks the private key.
pub(crate) fn redact(server: &mut Value) {
    for name in PRIVATE_KEY_FIELDS {
        if let Some(key) = server.get_mut(name).filter(|key| !key.is_null()) {
            *key = Value::from(MASK);
        }
    }
}

/// The fields of a server group in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct ServerGroup {
    /// Id.
    pub(crate) id: Option<u64>,
    /// Name.
    pub(crate) name: Option<String>,
    /// Role of its servers, such as `rails`.
    pub(crate) kind: Option<String>,
    /// When it was created.
    pub(crate) created_at: Option<ApiTime>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for ServerGroup {
    fn from(fields: Fields) -> Self {
        Self {
            id: fields.unsigned("id"),
            name: fields.text("name"),
            kind: fields.text("type"),
            created_at: fields.time(&["created_at", "created_at_iso"]),
            updated_at: fields.time(&["updated_at", "updated_at_iso"]),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    #[test]
    fn the_key_is_read_and_masked_under_both_names() {
        for (fields, expected) in [
            (json!({ "private_key": "one" }), Some("one")),
            (json!({ "private_key": null, "ssh_private_key": "two" }), Some("two")),
            (json!({ "private_key": "", "ssh_private_key": null }), None),
            (json!({}), None),
        ] {
            let server: Server = serde_json::from_value(fields.clone()).unwrap();
            assert_eq!(server.private_key.as_deref(), expected, "{fields}");
        }
        let mut server = json!({ "name": "Caribou", "private_key": "one", "ssh_private_key": null });
        redact(&mut server);
        assert_eq!(server, json!({ "name": "Caribou", "private_key": MASK, "ssh_private_key": null }));
    }
}
