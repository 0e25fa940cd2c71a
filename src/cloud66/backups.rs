//! Backups and the words for their states.

use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The `backup_status` of a successful backup.
pub(crate) const BACKUP_OK: i64 = 0;

/// The fields of a backup in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Backup {
    /// Id.
    pub(crate) id: Option<u64>,
    /// Server it was made on.
    pub(crate) server_uid: Option<String>,
    /// Type of the database.
    pub(crate) db_type: Option<String>,
    /// Name of the database.
    pub(crate) database_name: Option<String>,
    /// When it was created.
    pub(crate) backup_date_iso: Option<ApiTime>,
    /// Its status, see [`backup_status_name`].
    pub(crate) backup_status: Option<i64>,
    /// Details of the status.
    pub(crate) backup_result: Option<String>,
    /// Whether it was restored, see [`restore_status_name`].
    pub(crate) restore_status: Option<i64>,
    /// Whether it was verified, see [`verify_status_name`].
    pub(crate) verify_status: Option<i64>,
    /// Where it is stored.
    pub(crate) storage_path: Option<String>,
    /// Excluded tables.
    pub(crate) skip_tables: Option<String>,
    /// Total size of its files, in bytes; 0 if unknown.
    pub(crate) backup_size: Option<u64>,
    /// Whether it is a text dump. Only newer servers send it.
    pub(crate) logical_backup: Option<bool>,
}

impl From<Fields> for Backup {
    fn from(fields: Fields) -> Self {
        Self {
            id: fields.unsigned("id"),
            server_uid: fields.text("server_uid"),
            db_type: fields.text("db_type"),
            database_name: fields.text("database_name"),
            backup_date_iso: fields.time(&["backup_date_iso"]),
            backup_status: fields.integer("backup_status"),
            backup_result: fields.text("backup_result"),
            restore_status: fields.integer("restore_status"),
            verify_status: fields.integer("verify_status"),
            storage_path: fields.text("storage_path"),
            skip_tables: fields.text("skip_tables"),
            backup_size: fields.unsigned("backup_size"),
            logical_backup: fields.boolean("logical_backup"),
        }
    }
}

/// A file of a backup. Its id is its extension, such as `tar` or `tar-aa`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct BackupFile {
    /// Id within its backup.
    pub(crate) id: Option<String>,
    /// Name.
    pub(crate) name: Option<String>,
}

impl From<Fields> for BackupFile {
    fn from(fields: Fields) -> Self {
        Self { id: fields.text("id"), name: fields.text("name") }
    }
}

/// The signed URL of a backup file; anyone who has it can download the file.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct BackupFileUrl {
    /// The URL, valid for a limited time.
    pub(crate) public_url: Option<String>,
}

impl From<Fields> for BackupFileUrl {
    fn from(fields: Fields) -> Self {
        Self { public_url: fields.text("public_url") }
    }
}

impl BackupFileUrl {
    /// The URL to request.
    ///
    /// The documented example is percent-encoded twice (`%252F`), and the official client replaces each `%25` by `%`. A
    /// signed URL needs no percent sign of its own, so only what looks like a doubly escaped character is decoded.
    pub(crate) fn decoded_url(&self) -> Option<String> {
        let url = self.public_url.as_deref()?;
        let mut address = String::with_capacity(url.len());
        let mut rest = url;
        while let Some(at) = rest.find("%25") {
            let (before, after) = rest.split_at(at);
            let after = &after[3..];
            let doubled = after.len() >= 2 && after.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit);
            address.push_str(before);
            address.push_str(if doubled { "%" } else { "%25" });
            rest = after;
        }
        address.push_str(rest);
        Some(address)
    }
}

/// The word for a `backup_status` code.
pub(crate) fn backup_status_name(code: i64) -> Option<&'static str> {
    Some(match code {
        BACKUP_OK => "Ok",
        1 => "Failed",
        _ => return None,
    })
}

/// The word for a `restore_status` code.
pub(crate) fn restore_status_name(code: i64) -> Option<&'static str> {
    Some(match code {
        0 => "Not Restored",
        1 => "Restoring",
        2 => "Restored",
        3 => "Restore Failed",
        _ => return None,
    })
}

/// The word for a `verify_status` code.
pub(crate) fn verify_status_name(code: i64) -> Option<&'static str> {
    Some(match code {
        0 => "Not Verified",
        1 => "Verifying",
        2 => "Verified",
        3 => "Verification Failed",
        4 => "Unable to Verify",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_was_escaped_twice_is_decoded() {
        for (given, expected) in [
            ("https://h/f.tar?Signature=a%252Fb%253D", "https://h/f.tar?Signature=a%2Fb%3D"),
            ("https://h/f.tar?Signature=a%2Fb", "https://h/f.tar?Signature=a%2Fb"),
            ("https://h/100%25?x=%25", "https://h/100%25?x=%25"),
        ] {
            let url = BackupFileUrl { public_url: Some(given.to_owned()) };
            assert_eq!(url.decoded_url().as_deref(), Some(expected));
        }
    }
}
