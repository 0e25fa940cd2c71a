//! Background processes of a stack without containers.

use serde::Deserialize;

use super::fields::Fields;

/// The fields of a process in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Process {
    /// Name.
    pub(crate) name: Option<String>,
    /// Command that it runs.
    pub(crate) command: Option<String>,
    /// Checksum of its definition.
    pub(crate) md5: Option<String>,
    /// How many of it run on each server, by the name of the server.
    pub(crate) servers: Vec<(String, u64)>,
    /// How many of it are paused on each server. Only newer servers send them.
    pub(crate) paused: Vec<(String, u64)>,
}

impl From<Fields> for Process {
    fn from(fields: Fields) -> Self {
        Self {
            name: fields.text("name"),
            command: fields.text("command"),
            md5: fields.text("md5"),
            servers: counts(&fields.object("servers")),
            paused: counts(&fields.object("servers_pauses")),
        }
    }
}

/// Each name with its number, the last one of duplicates.
fn counts(fields: &Fields) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = Vec::new();
    for name in fields.names() {
        if let Some(count) = fields.unsigned(name).filter(|_| counts.iter().all(|(known, _)| known != name)) {
            counts.push((name.to_owned(), count));
        }
    }
    counts
}

impl Process {
    /// Its name; empty if the API sent none.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// How many of it run in all.
    pub(crate) fn total(&self) -> u64 {
        self.servers.iter().fold(0, |total, (_, count)| total.saturating_add(*count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_by_server() {
        for (json, servers, total) in [
            (r#"{"servers": {"a": 1, "b": "2", "c": null, "a": 3}}"#, &[("a", 3_u64), ("b", 2)][..], 5),
            (r#"{"servers": null}"#, &[], 0),
            (r#"{"servers": {"a": 18446744073709551615, "b": 1}}"#, &[("a", u64::MAX), ("b", 1)], u64::MAX),
        ] {
            let process: Process = serde_json::from_str(json).unwrap_or_default();
            let found: Vec<(&str, u64)> = process.servers.iter().map(|(name, count)| (name.as_str(), *count)).collect();
            assert_eq!((found.as_slice(), process.total()), (servers, total), "{json}");
        }
    }
}
