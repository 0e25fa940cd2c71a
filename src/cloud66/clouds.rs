//! Clouds, their regions and their server sizes.

use serde::Deserialize;

use super::fields::Fields;

/// The fields of a cloud that are used.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub struct Cloud {
    /// Name, as other calls take it.
    pub name: Option<String>,
    /// Name, as people know it.
    pub display_name: Option<String>,
    /// Its regions.
    pub regions: Vec<Part>,
    /// Its server sizes.
    pub server_sizes: Vec<Part>,
}

impl From<Fields> for Cloud {
    fn from(fields: Fields) -> Self {
        Self {
            name: fields.text("name"),
            display_name: fields.text("display_name"),
            regions: fields.objects("regions"),
            server_sizes: fields.objects("server_sizes"),
        }
    }
}

/// A region or a size.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub struct Part {
    /// Id, as other calls take it.
    pub id: Option<String>,
    /// What it is called.
    pub name: Option<String>,
}

impl From<Fields> for Part {
    fn from(fields: Fields) -> Self {
        Self { id: fields.text("id"), name: fields.text("name") }
    }
}
