//! Backups: what was saved, in which files, and where a file can be had.

pub(in crate::sandbox) mod files;
pub(super) mod schedules;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::reply::{ApiError, ApiResult, list, object};
use super::router::Call;
use super::{Stack, State};
use crate::sandbox::archive::Archive;
use crate::sandbox::clock::iso;

/// How long before it is there a backup was begun, in the documented examples.
const LEAD: SignedDuration = SignedDuration::from_secs(2);

/// A backup of a database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sandbox) struct Backup {
    pub(in crate::sandbox) id: u64,
    /// The schedule it belongs to; lists can be limited to one.
    pub(in crate::sandbox) group: i64,
    pub(in crate::sandbox) server_uid: String,
    pub(in crate::sandbox) db_type: String,
    pub(in crate::sandbox) database_name: String,
    pub(in crate::sandbox) made_at: Timestamp,
    pub(in crate::sandbox) storage_path: String,
    /// Name of the archive without its extension.
    pub(in crate::sandbox) file_name: String,
    /// Why it could not be made; then it has no files.
    pub(in crate::sandbox) failure: Option<String>,
    /// The tables that were left out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(in crate::sandbox) skip_tables: String,
    /// Size of the file in the archive, in bytes.
    pub(in crate::sandbox) dump_size: u64,
    /// Size that the archive is cut into, in bytes; nothing when it is whole.
    pub(in crate::sandbox) segment_size: Option<u64>,
}

/// A whole and modest backup.
pub(in crate::sandbox) fn backup(
    id: u64,
    group: i64,
    db_type: &str,
    database: &str,
    file_name: &str,
    made_at: Timestamp,
) -> Backup {
    let place = "2aad2bb5a70e621ecf251fbd85af6927/backups/3c656a1bcc160769762763c6276c18b9";
    // Its folder is named after when it was begun.
    let begun = made_at.checked_sub(LEAD).unwrap_or(made_at).strftime("%Y.%m.%d.%H.%M.%S");
    Backup {
        id,
        group,
        server_uid: "e63e859d5ab72b0bcf14321f0ffb013d".into(),
        db_type: db_type.into(),
        database_name: database.into(),
        made_at,
        storage_path: format!("{place}/{db_type}/{file_name}/{begun}"),
        file_name: file_name.into(),
        failure: None,
        skip_tables: String::new(),
        dump_size: 50_000 + 640 * id,
        segment_size: None,
    }
}

/// A file of a backup: a part of its archive.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sandbox) struct BackupFile {
    /// The extension, which is how the API calls it.
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) name: String,
    /// The bytes of the archive that it has.
    pub(in crate::sandbox) start: u64,
    pub(in crate::sandbox) end: u64,
}

impl Backup {
    /// The content of the backup.
    pub(in crate::sandbox) fn archive(&self) -> Archive {
        Archive::new(self.dump_size, self.made_at.as_second())
    }

    /// The files in the order in which they are joined.
    pub(in crate::sandbox) fn files(&self) -> Vec<BackupFile> {
        if self.failure.is_some() {
            return Vec::new();
        }
        let size = self.archive().size();
        let file = |id: String, start, end| BackupFile { name: format!("{}.{id}", self.file_name), id, start, end };
        match self.segment_size {
            None => vec![file("tar".into(), 0, size)],
            Some(segment) => {
                let extensions = ('a'..='z').flat_map(|one| ('a'..='z').map(move |two| format!("tar-{one}{two}")));
                let starts = (0..size).step_by(usize::try_from(segment).unwrap_or(usize::MAX));
                extensions.zip(starts).map(|(id, start)| file(id, start, size.min(start + segment))).collect()
            }
        }
    }

    fn render(&self) -> Value {
        json!({
            "id": self.id,
            "server_uid": self.server_uid,
            "db_type": self.db_type,
            "database_name": self.database_name,
            "file_base": "",
            "backup_date_iso": iso(self.made_at),
            "backup_status": u8::from(self.failure.is_some()),
            "backup_result": self.failure.as_deref().unwrap_or_default(),
            "restore_status": 0,
            "restore_result": null,
            "created_at_iso": iso(self.made_at),
            "updated_at_iso": iso(self.made_at),
            "verify_status": 0,
            "verify_result": null,
            "storage_path": self.storage_path,
            "skip_tables": self.skip_tables,
            "backup_size": self.files().last().map_or(0, |last| last.end),
        })
    }
}

/// `backups_list`
pub(in crate::sandbox) fn backups_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let parameters = call.parameters()?;
    let group = parameters.integer("group");
    let db_type = parameters.text("db_type");
    let newest_first: Vec<&Backup> = stack
        .backups
        .iter()
        .rev()
        .filter(|backup| group.is_none_or(|group| group == backup.group))
        .filter(|backup| db_type.as_ref().is_none_or(|db_type| *db_type == backup.db_type))
        .collect();
    Ok(list(&newest_first, parameters.page()?, |backup| backup.render()))
}

/// `backups_show`
pub(in crate::sandbox) fn backups_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    Ok(object(find(stack, call)?.render()))
}

/// `backup_files_list`
pub(in crate::sandbox) fn backup_files_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let files = find(stack, call)?.files();
    Ok(list(&files, call.parameters()?.page()?, |file| json!({ "id": file.id, "name": file.name })))
}

/// `backup_files_show`
pub(in crate::sandbox) fn backup_files_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let backup = find(stack, call)?;
    let id = call.path_param("file_id");
    let files = backup.files();
    let file = files
        .iter()
        .find(|file| file.id == id)
        .ok_or_else(|| ApiError::not_found(format!("Backup {} has no file `{id}`.", backup.id)))?;
    let public_url = files::public_url(call.request.base_url, &stack.uid, backup.id, &file.name, call.clock);
    Ok(object(json!({ "ok": true, "public_url": public_url })))
}

fn find<'s>(stack: &'s Stack, call: &Call) -> Result<&'s Backup, ApiError> {
    let number = call.number("backup_id", "backup")?;
    let backup = stack.backups.iter().find(|backup| backup.id == number);
    backup.ok_or_else(|| ApiError::not_found(format!("The stack has no backup {number}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_cover_the_archive_without_gap() {
        let backup = Backup {
            id: 1,
            group: 1,
            server_uid: String::new(),
            db_type: String::new(),
            database_name: String::new(),
            made_at: Timestamp::UNIX_EPOCH,
            storage_path: String::new(),
            file_name: "x".into(),
            failure: None,
            skip_tables: String::new(),
            dump_size: 5000,
            segment_size: Some(2048),
        };
        let files = backup.files();
        let ids: Vec<&str> = files.iter().map(|file| file.id.as_str()).collect();
        assert_eq!(ids, ["tar-aa", "tar-ab", "tar-ac", "tar-ad"]);
        assert_eq!(files[0].name, "x.tar-aa");
        assert!(files.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!(files[3].end, backup.archive().size());
        assert!(files[3].end - files[3].start < 2048);
    }
}
