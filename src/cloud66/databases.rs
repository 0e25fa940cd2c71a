//! Databases of a server group, and the users who log in to them.

use serde::Deserialize;
use serde_json::Value;

use super::environments::MASK;
use super::fields::{ApiTime, Fields};

/// The field with the password of a user, if the API was asked for it.
const PASSWORD: &str = "password";

/// The fields of a database in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Database {
    /// Unique identifier.
    pub(crate) uid: Option<String>,
    /// Name.
    pub(crate) name: Option<String>,
    /// Character set.
    pub(crate) charset: Option<String>,
    /// Collation.
    pub(crate) collation: Option<String>,
    /// Size in bytes.
    pub(crate) size: Option<u64>,
    /// Names of its users.
    pub(crate) users: Vec<String>,
    /// When it was created.
    pub(crate) created_at: Option<ApiTime>,
}

impl From<Fields> for Database {
    fn from(fields: Fields) -> Self {
        Self {
            uid: fields.text("uid"),
            name: fields.text("name"),
            charset: fields.text("charset"),
            collation: fields.text("collation"),
            size: fields.unsigned("size_bytes"),
            users: names(&fields, "users"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
        }
    }
}

/// The fields of a database user in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct DatabaseUser {
    /// Unique identifier.
    pub(crate) uid: Option<String>,
    /// Login name.
    pub(crate) username: Option<String>,
    /// Its type, such as `application` or `readonly`.
    pub(crate) user_type: Option<String>,
    /// Names of its databases.
    pub(crate) databases: Vec<String>,
    /// Password, if the API was asked for it.
    pub(crate) password: Option<String>,
    /// When it was created.
    pub(crate) created_at: Option<ApiTime>,
}

impl From<Fields> for DatabaseUser {
    fn from(fields: Fields) -> Self {
        Self {
            uid: fields.text("uid"),
            username: fields.text("username"),
            user_type: fields.text("user_type"),
            databases: names(&fields, "databases"),
            password: fields.text(PASSWORD),
            created_at: fields.time(&["created_at_iso", "created_at"]),
        }
    }
}

/// Masks the password of a user.
pub(crate) fn redact(user: &mut Value) {
    if let Some(password) = user.get_mut(PASSWORD).filter(|password| !password.is_null()) {
        *password = Value::from(MASK);
    }
}

/// The name of an item within another.
struct Named(String);

impl From<Fields> for Named {
    fn from(fields: Fields) -> Self {
        let name = ["username", "name", "uid"].iter().find_map(|field| fields.text(field));
        Self(name.unwrap_or_default())
    }
}

/// The names in a list, which has objects or strings: no source shows its items.
fn names(fields: &Fields, list: &str) -> Vec<String> {
    let objects: Vec<Named> = fields.objects(list);
    if objects.is_empty() { fields.texts(list) } else { objects.into_iter().map(|Named(name)| name).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_objects_or_names() {
        for users in [r#"["app", "report"]"#, r#"[{"uid": "u1", "username": "app"}, {"name": "report"}]"#] {
            let database: Database = serde_json::from_str(&format!(r#"{{"users": {users}}}"#)).unwrap_or_default();
            assert_eq!(database.users, ["app", "report"], "{users}");
        }
        let database: Database = serde_json::from_str(r#"{"users": null, "size_bytes": "5"}"#).unwrap_or_default();
        assert_eq!((database.users.len(), database.size), (0, Some(5)));
    }
}
