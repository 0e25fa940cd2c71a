//! The documented tables of server sizes and regions, for use without the API.
//!
//! Source: the API documentation of 10 December 2018, kept as text in `vendors.txt` and parsed on use.

use serde_json::{Value, json};

use super::envelope::Document;

const TABLES: &str = include_str!("vendors.txt");

/// Every vendor in the form of a cloud of the API.
pub(crate) fn documented_clouds() -> Vec<Document> {
    let mut clouds: Vec<Value> = Vec::new();
    let mut kind = "regions";
    for line in TABLES.lines().filter(|line| !line.starts_with('#')) {
        if let Some((id, name)) = line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            clouds.push(json!({ "name": id, "display_name": name, "regions": [], "server_sizes": [] }));
        } else if line == "regions:" {
            kind = "regions";
        } else if line == "sizes:" {
            kind = "server_sizes";
        } else if let Some((id, name)) = line.split_once('\t')
            && let Some(list) = clouds.last_mut().and_then(|cloud| cloud[kind].as_array_mut())
        {
            list.push(json!({ "id": id, "name": name }));
        }
    }
    clouds.iter().map(Document::from_value).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::cloud66::clouds::Cloud;

    #[test]
    fn the_seven_vendors_have_all_their_sizes_and_regions() {
        let counts: Vec<(String, usize, usize)> = documented_clouds()
            .iter()
            .map(|document| document.view::<Cloud>().unwrap())
            .map(|cloud| (cloud.name.unwrap(), cloud.server_sizes.len(), cloud.regions.len()))
            .collect();
        let counts: Vec<_> = counts.iter().map(|(name, sizes, regions)| (name.as_str(), *sizes, *regions)).collect();
        let expected = [
            ("aws", 93, 15),
            ("azure", 18, 15),
            ("digitalocean", 29, 10),
            ("gce", 25, 22),
            ("linode", 9, 6),
            ("rackspace", 35, 6),
            ("clouda", 13, 1),
        ];
        assert_eq!(counts, expected);
    }
}
