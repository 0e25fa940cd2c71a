//! Failover groups: an address that points to one of two stacks.

use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// One of the two stacks of a failover group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailoverSide {
    Primary,
    Secondary,
}

impl FailoverSide {
    /// Its word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }

    /// Its number in requests.
    pub(crate) fn code(self) -> u64 {
        match self {
            Self::Primary => 1,
            Self::Secondary => 2,
        }
    }

    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Primary => Self::Secondary,
            Self::Secondary => Self::Primary,
        }
    }

    /// A number, or a word of the newest documentation.
    fn parse(text: &str) -> Option<Self> {
        match text.trim().to_lowercase().as_str() {
            "1" | "primary" => Some(Self::Primary),
            "2" | "secondary" => Some(Self::Secondary),
            _ => None,
        }
    }
}

/// The fields of a failover group in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct FailoverGroup {
    /// Unique identifier.
    pub(crate) uid: Option<String>,
    /// Its address.
    pub(crate) address: Option<String>,
    /// The stack that the address points to.
    pub(crate) current: Option<FailoverSide>,
    /// UID of the primary stack.
    pub(crate) primary_uid: Option<String>,
    /// Name of the primary stack.
    pub(crate) primary_name: Option<String>,
    /// UID of the secondary stack.
    pub(crate) secondary_uid: Option<String>,
    /// Name of the secondary stack.
    pub(crate) secondary_name: Option<String>,
    /// Whether it is being switched.
    pub(crate) busy_toggling: Option<bool>,
    /// Whether it cannot be changed.
    pub(crate) readonly: Option<bool>,
    /// When it was created.
    pub(crate) created_at: Option<ApiTime>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for FailoverGroup {
    fn from(fields: Fields) -> Self {
        Self {
            uid: fields.text("uid"),
            address: fields.text("address"),
            current: fields.text("current_stack").as_deref().and_then(FailoverSide::parse),
            primary_uid: fields.text("primary_stack_uid"),
            primary_name: fields.text("primary_stack_name"),
            secondary_uid: fields.text("secondary_stack_uid"),
            secondary_name: fields.text("secondary_stack_name"),
            busy_toggling: fields.boolean("busy_toggling"),
            readonly: fields.boolean("readonly"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
            updated_at: fields.time(&["updated_at_iso", "updated_at"]),
        }
    }
}

impl FailoverGroup {
    /// UID and name of one of its stacks.
    pub(crate) fn stack(&self, side: FailoverSide) -> (Option<&str>, Option<&str>) {
        match side {
            FailoverSide::Primary => (self.primary_uid.as_deref(), self.primary_name.as_deref()),
            FailoverSide::Secondary => (self.secondary_uid.as_deref(), self.secondary_name.as_deref()),
        }
    }

    /// Its address, else its UID, for messages.
    pub(crate) fn label(&self) -> &str {
        self.address.as_deref().or(self.uid.as_deref()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_stack_is_a_number_or_a_word() {
        for (json, expected) in [
            ("1", Some(FailoverSide::Primary)),
            (r#""2""#, Some(FailoverSide::Secondary)),
            (r#""Secondary""#, Some(FailoverSide::Secondary)),
            ("3", None),
            ("null", None),
        ] {
            let group: Result<FailoverGroup, _> = serde_json::from_str(&format!(r#"{{"current_stack": {json}}}"#));
            assert_eq!(group.ok().and_then(|group| group.current), expected, "{json}");
        }
    }
}
