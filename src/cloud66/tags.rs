//! Tags of servers and load balancers.

use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The fields of a tagged entity in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct TaggedEntity {
    /// Its type: `server` or `loadbalancer`.
    pub(crate) entity_type: Option<String>,
    /// Its id.
    pub(crate) entity_id: Option<String>,
    /// Its tags.
    pub(crate) tags: Vec<Tag>,
    /// When it was first tagged.
    pub(crate) created_at: Option<ApiTime>,
    /// When its tags were last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

/// A tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) value: String,
    /// Whether Cloud 66 keeps it for itself.
    pub(crate) reserved: bool,
}

impl From<Fields> for Tag {
    fn from(fields: Fields) -> Self {
        Self {
            value: fields.text("value").unwrap_or_default(),
            reserved: fields.boolean("reserved").unwrap_or_default(),
        }
    }
}

impl From<Fields> for TaggedEntity {
    fn from(fields: Fields) -> Self {
        // Objects in newer replies, strings in the documentation of 2024.
        let mut tags: Vec<Tag> = fields.objects("tags");
        if tags.is_empty() {
            let texts = fields.texts("tags").into_iter().filter(|text| !text.starts_with('{'));
            tags = texts.map(|value| Tag { value, reserved: false }).collect();
        }
        Self {
            entity_type: fields.text("entity_type"),
            entity_id: fields.text("entity_id"),
            tags,
            created_at: fields.time(&["created_at_iso", "created_at"]),
            updated_at: fields.time(&["updated_at_iso", "updated_at"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_strings_or_objects() {
        for (json, expected) in [
            (r#"["a", "b"]"#, vec![("a", false), ("b", false)]),
            (r#"[{"value": "a", "reserved": true}, {"value": "b"}]"#, vec![("a", true), ("b", false)]),
            ("[]", vec![]),
            ("null", vec![]),
        ] {
            let entity: TaggedEntity = serde_json::from_str(&format!(r#"{{"tags": {json}}}"#)).unwrap_or_default();
            let found: Vec<(&str, bool)> = entity.tags.iter().map(|tag| (tag.value.as_str(), tag.reserved)).collect();
            assert_eq!(found, expected, "{json}");
        }
    }
}
