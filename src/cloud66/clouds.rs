//! Clouds, their regions and their server sizes.

use serde::Deserialize;

use super::fields::Fields;

/// The fields of a cloud in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Cloud {
    /// Name for other requests.
    pub(crate) name: Option<String>,
    /// Display name.
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
    /// Id for other requests.
    pub(crate) id: Option<String>,
    /// Display name.
    pub(crate) name: Option<String>,
}

impl From<Fields> for RegionOrSize {
    fn from(fields: Fields) -> Self {
        Self { id: fields.text("id"), name: fields.text("name") }
    }
}
