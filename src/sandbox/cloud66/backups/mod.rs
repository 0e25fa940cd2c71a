//! Backups of databases.

pub(in crate::sandbox) mod files;
pub(super) mod schedules;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::Call;
use super::reply::{ApiError, ApiResult, object};
use super::servers::BACKED_UP_SERVER;
use super::{NextIds, Stack, State, take_id};
use crate::sandbox::archive::Archive;
use crate::sandbox::clock::{date_time, iso};

const MEBIBYTE: u64 = 1024 * 1024;
/// How long a backup takes, in the documented examples.
const DURATION: SignedDuration = SignedDuration::from_secs(2);

/// A backup of a database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Backup {
    id: u64,
    /// The group of its schedule.
    group: i64,
    server_uid: String,
    db_type: String,
    database_name: String,
    made_at: Timestamp,
    storage_path: String,
    /// Name of the archive without its extension.
    file_name: String,
    /// Why it failed; then it has no files.
    failure: Option<String>,
    /// The excluded tables.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    skip_tables: String,
    /// Size of the file in the archive, in bytes.
    dump_size: u64,
    /// Size of the segments of the archive, in bytes; `None` if it is one file.
    segment_size: Option<u64>,
}

/// A file of a backup: a part of its archive.
#[derive(Debug, PartialEq, Eq)]
struct BackupFile {
    /// The extension, which is its ID in the API.
    id: String,
    name: String,
    /// Its bytes within the archive.
    start: u64,
    end: u64,
}

impl Backup {
    /// A successful backup in one small file.
    fn new(id: u64, group: i64, db_type: &str, database: &str, file_name: &str, made_at: Timestamp) -> Self {
        let folder = "2aad2bb5a70e621ecf251fbd85af6927/backups/3c656a1bcc160769762763c6276c18b9";
        // The last folder is named after the start of the backup.
        let started_at = made_at.checked_sub(DURATION).unwrap_or(made_at).strftime("%Y.%m.%d.%H.%M.%S");
        Self {
            id,
            group,
            server_uid: BACKED_UP_SERVER.into(),
            db_type: db_type.into(),
            database_name: database.into(),
            made_at,
            storage_path: format!("{folder}/{db_type}/{file_name}/{started_at}"),
            file_name: file_name.into(),
            failure: None,
            skip_tables: String::new(),
            dump_size: 50_000 + 640 * id,
            segment_size: None,
        }
    }

    /// The content of the backup.
    fn archive(&self) -> Archive {
        Archive::new(self.dump_size, self.made_at.as_second())
    }

    /// The files in the order in which they are joined.
    fn files(&self) -> Vec<BackupFile> {
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

    /// Whether it has the text of statements, not files of the database.
    fn is_logical(&self) -> bool {
        self.db_type != "redis"
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
            // Only the official client knows these two.
            "file_name": format!("{}.tar", self.file_name),
            "logical_backup": self.is_logical(),
        })
    }
}

/// The documented backups, and two more to try downloads: one in segments, and one that failed.
pub(super) fn documented() -> Vec<Backup> {
    let documented = |id, made_at, dump_size| Backup {
        dump_size,
        ..Backup::new(id, 15, "mysql", "test-db", "test_db_11", date_time(made_at))
    };
    let postgresql =
        |id, made_at| Backup::new(id, 16, "postgresql", "awesome", "awesome_production", date_time(made_at));
    vec![
        documented(1, "2014-09-01T18:16:16Z", 90_000),
        documented(4, "2014-09-01T19:00:33Z", 120_000),
        Backup {
            dump_size: 3 * MEBIBYTE + 400_000,
            segment_size: Some(MEBIBYTE),
            ..postgresql(5, "2014-09-02T03:00:20Z")
        },
        Backup {
            failure: Some("pg_dump: connection to database \"awesome\" failed: FATAL: too many connections".into()),
            dump_size: 0,
            ..postgresql(6, "2014-09-03T03:00:04Z")
        },
    ]
}

/// Three days of backups of three databases on a server, those of the documented curl call.
pub(super) fn three_days(ids: &mut NextIds, server_uid: &str) -> Vec<Backup> {
    let mut backups = Vec::new();
    for day in ["2018-12-07T02:00:11Z", "2018-12-08T02:00:12Z", "2018-12-09T02:00:10Z"] {
        for (group, db_type, database) in
            [(1345, "mysql", "ledger"), (1345, "redis", "cache"), (1346, "mysql", "audit")]
        {
            let id = take_id(&mut ids.backup);
            let file_name = format!("{database}_production");
            let made = Backup::new(id, group, db_type, database, &file_name, date_time(day));
            backups.push(Backup { server_uid: server_uid.to_owned(), ..made });
        }
    }
    backups
}

/// `backups_list`
pub(super) fn backups_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
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
    call.list(&newest_first, |backup| backup.render())
}

/// `backups_show`
pub(super) fn backups_show(state: &mut State, call: &Call) -> ApiResult {
    Ok(object(find(state.stack(call)?, call)?.render()))
}

/// The backup in the path.
fn find<'s>(stack: &'s Stack, call: &Call) -> Result<&'s Backup, ApiError> {
    call.find("backup_id", "backup", &stack.backups, |backup| backup.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_cover_the_archive_without_gap() {
        let backup = Backup {
            dump_size: 5000,
            segment_size: Some(2048),
            ..Backup::new(1, 1, "", "", "x", Timestamp::UNIX_EPOCH)
        };
        let files = backup.files();
        let ids: Vec<&str> = files.iter().map(|file| file.id.as_str()).collect();
        assert_eq!(ids, ["tar-aa", "tar-ab", "tar-ac", "tar-ad"]);
        assert_eq!(files[0].name, "x.tar-aa");
        assert!(files.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!(files[3].end, backup.archive().size());
        assert!(files[3].end - files[3].start < 2048);
    }

    #[test]
    fn the_newest_backup_has_failed_and_the_one_before_is_in_segments() {
        let backups = documented();
        assert!(backups.windows(2).all(|pair| pair[0].made_at < pair[1].made_at));
        let files: Vec<usize> = backups.iter().map(|backup| backup.files().len()).collect();
        assert_eq!(files, [1, 1, 4, 0]);
    }
}
