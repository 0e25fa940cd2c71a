//! Clouds, their regions and their server sizes.

use serde::Deserialize;

use super::fields::Fields;

/// The fields of a cloud that are used.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Cloud {
    /// Name, as other calls take it.
    pub(crate) name: Option<String>,
    /// Name, as people know it.
    pub(crate) display_name: Option<String>,
    /// Its regions.
    pub(crate) regions: Vec<RegionOrSize>,
    /// Its server sizes.
    pub(crate) server_sizes: Vec<RegionOrSize>,
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
pub(crate) struct RegionOrSize {
    /// Id, as other calls take it.
    pub(crate) id: Option<String>,
    /// What it is called.
    pub(crate) name: Option<String>,
}

impl From<Fields> for RegionOrSize {
    fn from(fields: Fields) -> Self {
        Self { id: fields.text("id"), name: fields.text("name") }
    }
}
