//! Containers, the words for their health, and their secrets.

use serde::Deserialize;
use serde_json::Value;

use super::environments::MASK;
use super::fields::{ApiTime, Fields};

/// The `health_state` of a healthy container.
pub(crate) const CONTAINER_UP: i64 = 1;
/// The `health_state` of an unhealthy container.
pub(crate) const CONTAINER_DOWN: i64 = 2;

/// The fields of a container in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Container {
    /// Unique identifier: 64 hexadecimal digits.
    pub(crate) uid: Option<String>,
    /// Server it runs on.
    pub(crate) server_uid: Option<String>,
    /// Name of that server.
    pub(crate) server_name: Option<String>,
    /// Service it belongs to.
    pub(crate) service_name: Option<String>,
    /// Image it runs.
    pub(crate) image: Option<String>,
    /// Command it runs.
    pub(crate) command: Option<String>,
    /// Published ports, such as `80->3000`.
    pub(crate) ports: Vec<String>,
    /// Address in the network of the stack.
    pub(crate) private_ip: Option<String>,
    /// Address in the Docker network.
    pub(crate) docker_ip: Option<String>,
    /// Health, see [`container_health_name`].
    pub(crate) health_state: Option<i64>,
    /// Details of the health.
    pub(crate) health_message: Option<String>,
    /// Source of the health.
    pub(crate) health_source: Option<String>,
    /// When it was started.
    pub(crate) started_at: Option<ApiTime>,
    /// When it was created.
    pub(crate) created_at: Option<ApiTime>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for Container {
    fn from(fields: Fields) -> Self {
        Self {
            uid: fields.text("uid"),
            server_uid: fields.text("server_uid"),
            server_name: fields.text("server_name"),
            service_name: fields.text("service_name"),
            image: fields.text("image"),
            command: fields.text("command"),
            ports: ports(&fields),
            private_ip: fields.text("private_ip"),
            docker_ip: fields.text("docker_ip"),
            health_state: fields.integer("health_state"),
            health_message: fields.text("health_message"),
            health_source: fields.text("health_source"),
            started_at: fields.time(&["started_at"]),
            created_at: fields.time(&["created_at", "created_at_iso"]),
            updated_at: fields.time(&["updated_at", "updated_at_iso"]),
        }
    }
}

impl Container {
    /// Its UID, for messages and requests.
    pub(crate) fn uid(&self) -> &str {
        self.uid.as_deref().unwrap_or_default()
    }

    /// Its name in messages.
    pub(crate) fn label(&self) -> String {
        let part = |part: &Option<String>, unknown: &str| part.clone().unwrap_or_else(|| unknown.to_owned());
        format!("{} on {}", part(&self.service_name, "(no service)"), part(&self.server_name, "(no server)"))
    }

    /// Its health, with the source in brackets; an unknown code stays a number.
    pub(crate) fn health(&self) -> Option<String> {
        let code = self.health_state?;
        let word = container_health_name(code).map_or_else(|| code.to_string(), str::to_owned);
        Some(match &self.health_source {
            Some(source) if matches!(code, CONTAINER_UP | CONTAINER_DOWN) && !source.is_empty() => {
                format!("{word} ({source})")
            }
            _ => word,
        })
    }
}

/// The word for the `health_state` of a container.
pub(crate) fn container_health_name(code: i64) -> Option<&'static str> {
    Some(match code {
        0 => "Unverified",
        CONTAINER_UP => "Up",
        CONTAINER_DOWN => "Down",
        3 => "N/A",
        _ => return None,
    })
}

/// Ports as `outside->inside`: a list of objects, or (in containers of services) a string with a JSON list.
fn ports(fields: &Fields) -> Vec<String> {
    let listed: Vec<Port> = fields.objects("ports");
    if !listed.is_empty() {
        return listed.iter().flat_map(Port::pairs).collect();
    }
    let Some(text) = fields.text("port_list") else { return Vec::new() };
    let pairs: Vec<String> = serde_json::from_str(&text).unwrap_or_else(|_| vec![text]);
    pairs.iter().filter(|pair| !pair.is_empty()).map(|pair| pair.replacen(':', "->", 1)).collect()
}

struct Port {
    container: Option<u64>,
    outside: [Option<u64>; 2],
}

impl From<Fields> for Port {
    fn from(fields: Fields) -> Self {
        let port = |name| fields.unsigned(name).filter(|port| *port > 0);
        Self { container: port("container"), outside: [port("http"), port("https")] }
    }
}

impl Port {
    fn pairs(&self) -> Vec<String> {
        let Some(inside) = self.container else { return Vec::new() };
        let pairs: Vec<String> = self.outside.iter().flatten().map(|outside| format!("{outside}->{inside}")).collect();
        if pairs.is_empty() { vec![inside.to_string()] } else { pairs }
    }
}

/// Masks the environment of a container; the names stay.
pub(crate) fn redact(container: &mut Value) {
    let environment = container.pointer_mut("/runtime/Config/Env").and_then(Value::as_array_mut);
    for entry in environment.into_iter().flatten() {
        let name = entry.as_str().and_then(|text| text.split_once('=')).map_or("", |(name, _)| name);
        *entry = Value::from(format!("{name}={MASK}"));
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    fn container(fields: Value) -> Container {
        serde_json::from_value(fields).unwrap()
    }

    #[test]
    fn ports_read_the_same_in_both_documented_forms() {
        for (fields, expected) in [
            (json!({ "ports": [{ "container": 3000, "http": 80, "https": 443 }] }), "80->3000 443->3000"),
            (json!({ "ports": [{ "container": 3000, "http": null, "https": 0 }] }), "3000"),
            (json!({ "port_list": "[\"5128:3000\",\"81:90\"]" }), "5128->3000 81->90"),
            (json!({ "port_list": "5128:3000" }), "5128->3000"),
            (json!({ "port_list": "", "ports": null }), ""),
        ] {
            assert_eq!(container(fields.clone()).ports.join(" "), expected, "{fields}");
        }
    }

    #[test]
    fn health_has_its_source_if_it_is_known() {
        for (fields, expected) in [
            (json!({ "health_state": 1, "health_source": "system" }), Some("Up (system)")),
            (json!({ "health_state": 2, "health_source": null }), Some("Down")),
            (json!({ "health_state": 0, "health_source": "system" }), Some("Unverified")),
            (json!({ "health_state": 9 }), Some("9")),
            (json!({}), None),
        ] {
            assert_eq!(container(fields.clone()).health().as_deref(), expected, "{fields}");
        }
    }

    #[test]
    fn only_the_names_of_the_environment_are_shown() {
        let mut shown = json!({ "runtime": { "Config": { "Env": ["A=b=c", "PLAIN"], "Cmd": ["x=y"] } } });
        redact(&mut shown);
        assert_eq!(shown, json!({ "runtime": { "Config": { "Env": ["A=********", "=********"], "Cmd": ["x=y"] } } }));
    }
}
