//! Services of a Docker stack and their containers.

use jiff::Timestamp;
use serde::Deserialize;

use super::containers::Container;
use super::fields::ApiTime;
use super::fields::Fields;

/// The fields of a service in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Service {
    /// Name, unique in its stack.
    pub(crate) name: Option<String>,
    /// Its containers.
    pub(crate) containers: Vec<Container>,
    /// The wanted number of containers; only newer servers send it.
    pub(crate) desired_count: Option<u64>,
    /// Branch, tag or commit it is built from; only newer servers send it.
    pub(crate) git_ref: Option<String>,
    /// Image, also without containers; only newer servers send it.
    pub(crate) image_name: Option<String>,
    /// The line that runs a command in a new container, if one was given.
    pub(crate) wrap_command: Option<String>,
}

impl From<Fields> for Service {
    fn from(fields: Fields) -> Self {
        Self {
            name: fields.text("name"),
            containers: fields.objects("containers"),
            desired_count: fields.unsigned("desired_count"),
            git_ref: fields.text("git_ref"),
            image_name: fields.text("image_name"),
            wrap_command: fields.text("wrap_command"),
        }
    }
}

impl Service {
    /// Its name, for messages.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// The distinct values of a field of its containers, in their order.
    pub(crate) fn distinct(&self, of: impl Fn(&Container) -> Option<String>) -> Vec<String> {
        let mut each: Vec<String> = Vec::new();
        for value in self.containers.iter().filter_map(of) {
            if !value.is_empty() && !each.contains(&value) {
                each.push(value);
            }
        }
        each
    }

    /// Number of its containers on the servers with the UIDs `on`.
    pub(crate) fn count_on(&self, on: impl Fn(&str) -> bool) -> u64 {
        self.containers.iter().filter(|container| container.server_uid.as_deref().is_some_and(&on)).count() as u64
    }

    /// When the oldest of its containers was started.
    pub(crate) fn started_at(&self) -> Option<Timestamp> {
        self.containers.iter().filter_map(|container| container.started_at.as_ref().and_then(ApiTime::known)).min()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_value_that_containers_share_is_shown_once() {
        let service: Service = serde_json::from_value(serde_json::json!({
            "name": "web",
            "containers": [
                { "server_uid": "a", "server_name": "Gazelle", "image": "shop", "started_at": "2014-09-30T09:59:45Z" },
                { "server_uid": "b", "server_name": "Caribou", "image": "shop", "started_at": "2014-09-29T09:59:45Z" },
                { "server_uid": "a", "server_name": "Gazelle", "image": null },
            ],
        }))
        .unwrap();
        assert_eq!(service.distinct(|container| container.server_name.clone()), ["Gazelle", "Caribou"]);
        assert_eq!(service.distinct(|container| container.image.clone()), ["shop"]);
        assert_eq!(service.count_on(|uid| uid == "a"), 2);
        assert_eq!(service.started_at().unwrap().to_string(), "2014-09-29T09:59:45Z");
    }
}
