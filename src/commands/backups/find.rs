//! Finds a backup and its files.

use jiff::Timestamp;

use crate::args::IdOrLatest;
use crate::cloud66::Cloud66;
use crate::cloud66::backups::{BACKUP_OK, Backup, BackupFileUrl};
use crate::cloud66::endpoints::{BACKUP_FILES_LIST, BACKUP_FILES_SHOW, BACKUPS_LIST, BACKUPS_SHOW};
use crate::cloud66::envelope::Document;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::http::fields::ApiTime;

pub(super) async fn find_backup(
    client: &Cloud66,
    target: &StackRef,
    which: &IdOrLatest,
    db_type: Option<&str>,
) -> Result<Backup> {
    match (which.id, which.latest) {
        (Some(id), _) => client.fetch(&show_request(target, id)?).await?.view(),
        (None, true) => newest_good(client, target, None, db_type).await?.view(),
        (None, false) => {
            Err(Error::usage("no backup specified").hint("pass its id or --latest").hint("c66 backups list"))
        }
    }
}

/// The newest successful backup.
pub(super) async fn newest_good(
    client: &Cloud66,
    target: &StackRef,
    group: Option<u64>,
    db_type: Option<&str>,
) -> Result<Document> {
    let mut newest: Option<((Timestamp, Option<u64>), Document)> = None;
    let all = client.fetch_all(list_request(target, group, db_type)?).await?;
    let count = all.len();
    for document in all {
        let backup: Backup = document.view()?;
        let age = (backup.backup_date_iso.as_ref().and_then(ApiTime::known).unwrap_or(Timestamp::MIN), backup.id);
        let is_good = backup.backup_status == Some(BACKUP_OK) && backup.id.is_some();
        if is_good && newest.as_ref().is_none_or(|(newest, _)| *newest < age) {
            newest = Some((age, document));
        }
    }
    newest.map(|(_, document)| document).ok_or_else(|| {
        let what = db_type.map(|db_type| format!("{db_type} ")).unwrap_or_default();
        let error = Error::not_found(format!("no successful {what}backup of {}", target.label()));
        if count > 0 { error.cause("all backups have failed").hint("c66 backups list") } else { error }
    })
}

pub(super) fn address_of(document: &Document) -> Result<String> {
    document
        .view::<BackupFileUrl>()?
        .decoded_url()
        .ok_or_else(|| Error::new(Kind::BadReply, "the API returned no URL for the backup file"))
}

pub(super) fn list_request(target: &StackRef, group: Option<u64>, db_type: Option<&str>) -> Result<Request> {
    let mut request = request_in_stack(target, &BACKUPS_LIST, &[])?;
    request.query.extend(group.map(|group| ("group".to_owned(), group.to_string())));
    request.query.extend(db_type.map(|db_type| ("db_type".to_owned(), db_type.to_owned())));
    Ok(request)
}

fn show_request(target: &StackRef, id: u64) -> Result<Request> {
    request_in_stack(target, &BACKUPS_SHOW, &[("backup_id", &id.to_string())])
}

pub(super) fn files_request(target: &StackRef, id: u64) -> Result<Request> {
    request_in_stack(target, &BACKUP_FILES_LIST, &[("backup_id", &id.to_string())])
}

pub(super) fn url_request(target: &StackRef, id: u64, file: &str) -> Result<Request> {
    request_in_stack(target, &BACKUP_FILES_SHOW, &[("backup_id", &id.to_string()), ("file_id", file)])
}
