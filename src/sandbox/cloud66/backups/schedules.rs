//! The sources of backups: schedules, and imports of external backups.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Backup;
use crate::sandbox::clock::Clock;
use crate::sandbox::cloud66::call::Call;
use crate::sandbox::cloud66::parameters::Parameters;
use crate::sandbox::cloud66::reply::{ApiError, ApiResult, acknowledgement};
use crate::sandbox::cloud66::{NextIds, Stack, State, cron, take_id};

/// How soon a new schedule creates its first backup, in seconds at normal speed.
const FIRST_DELAY: f64 = 4.0;
/// How long an import takes, in seconds at normal speed.
const IMPORT_DURATION: f64 = 4.0;
const DEFAULT_FREQUENCY: &str = "0 0 * * *";
const DEFAULT_KEEP_COUNT: u32 = 10;
/// How many missed backups are caught up on at most.
const MAX_MISSED: usize = 100;

/// A schedule by which backups are made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::sandbox::cloud66) struct Schedule {
    /// The group of its backups.
    group: i64,
    db_types: Vec<String>,
    /// Five cron fields.
    frequency: String,
    /// How many backups of each database are kept.
    keep_count: u32,
    excluded_tables: String,
    /// When the next backup is created; `None` if never.
    due: Option<Timestamp>,
}

/// A backup that is being imported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::sandbox::cloud66) struct Import {
    id: u64,
    group: i64,
    db_type: String,
    file_name: String,
    due: Timestamp,
}

/// Creates the backups that are due.
pub(in crate::sandbox::cloud66) fn advance(stack: &mut Stack, ids: &mut NextIds, clock: &Clock) {
    let is_due = |due: Timestamp| due <= clock.now;
    if stack.parts.imports.iter().any(|import| is_due(import.due)) {
        let (finished, running): (Vec<_>, Vec<_>) =
            stack.parts.imports.drain(..).partition(|import| is_due(import.due));
        stack.parts.imports = running;
        for Import { id, group, db_type, file_name, due } in finished {
            add(stack, Backup::new(id, group, &db_type, &file_name, &file_name, due));
        }
    }
    if stack.parts.schedules.iter().any(|schedule| schedule.due.is_some_and(is_due)) {
        let mut schedules = std::mem::take(&mut stack.parts.schedules);
        for schedule in &mut schedules {
            schedule.run(stack, ids, clock);
        }
        stack.parts.schedules = schedules;
    }
}

impl Schedule {
    /// Creates the backups that are due.
    fn run(&mut self, stack: &mut Stack, ids: &mut NextIds, clock: &Clock) {
        for _ in 0..MAX_MISSED {
            let Some(due) = self.due.filter(|due| *due <= clock.now) else { return };
            for db_type in &self.db_types {
                let id = take_id(&mut ids.backup);
                let made = Backup::new(id, self.group, db_type, &database(stack), &file_name(stack), due);
                let failure = stack.failure();
                add(stack, Backup { skip_tables: self.excluded_tables.clone(), failure, ..made });
                self.delete_surplus(stack, db_type);
            }
            self.due = self.next_after(due, clock);
        }
        self.due = self.next_after(clock.now, clock);
    }

    /// Deletes the oldest backups of a database beyond the number to keep.
    fn delete_surplus(&self, stack: &mut Stack, db_type: &str) {
        let is_ours = |backup: &Backup| backup.group == self.group && backup.db_type == db_type;
        let count = stack.backups.iter().filter(|backup| is_ours(backup)).count();
        let mut surplus = count.saturating_sub(self.keep_count as usize);
        stack.backups.retain(|backup| {
            let goes = surplus > 0 && is_ours(backup);
            surplus -= usize::from(goes);
            !goes
        });
    }

    /// When the next backup after `start` is due, in a sandbox that may run faster than normal.
    fn next_after(&self, start: Timestamp, clock: &Clock) -> Option<Timestamp> {
        let next = cron::next_after(&cron::parse(&self.frequency)?, start)?;
        Some(clock.after(start, next.duration_since(start).as_secs_f64()))
    }
}

/// Adds a backup that was just created, on a server of the stack.
fn add(stack: &mut Stack, made: Backup) {
    let server_uid =
        stack.infrastructure().servers.last().map_or_else(|| made.server_uid.clone(), |server| server.uid.clone());
    stack.touch(made.made_at);
    stack.backups.push(Backup { server_uid, ..made });
}

/// `backups_create`
pub(in crate::sandbox::cloud66) fn backups_create(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let parameters = call.parameters()?;
    let group = ids.backup_group;
    let schedule = Schedule {
        group,
        db_types: db_types(stack, &parameters),
        frequency: parameters.text("frequency").unwrap_or_else(|| DEFAULT_FREQUENCY.into()),
        keep_count: keep_count(&parameters)?,
        excluded_tables: parameters.text("excluded_tables").unwrap_or_default(),
        due: Some(call.clock.in_seconds(FIRST_DELAY)),
    };
    ids.backup_group += 1;
    stack.parts.schedules.push(schedule);
    stack.touch(call.clock.now);
    Ok(acknowledgement("queued for creation"))
}

/// `backups_import`
pub(in crate::sandbox::cloud66) fn backups_import(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let parameters = call.parameters()?;
    let url = parameters.text("remote_url").unwrap_or_default();
    let address = url.split_once("://").map(|(_, rest)| rest.split(['?', '#']).next().unwrap_or_default());
    let path = address.and_then(|address| address.split_once('/')).map(|(_, path)| path);
    let file = path.map(|path| path.rsplit('/').next().unwrap_or(path));
    let Some(file) = file.filter(|file| !file.is_empty()) else {
        return Err(ApiError::bad_request(
            "The parameter `remote_url` must be the URL of a file, such as https://example.com/backup.tar.",
        ));
    };
    stack.parts.imports.push(Import {
        id: take_id(&mut ids.backup),
        group: parameters.integer("group").unwrap_or_default(),
        db_type: parameters.text("db_type").unwrap_or_default(),
        file_name: file.split_once('.').map_or(file, |(name, _)| name).to_owned(),
        due: call.clock.in_seconds(IMPORT_DURATION),
    });
    stack.touch(call.clock.now);
    Ok(acknowledgement("Your external backup queued for upload"))
}

/// The types of the databases to back up; for `all`, those that were backed up before.
fn db_types(stack: &Stack, parameters: &Parameters) -> Vec<String> {
    let mut wanted = parameters.list("db_type");
    if wanted.is_empty() || wanted.iter().any(|word| word == "all") {
        wanted = stack.backups.iter().map(|backup| backup.db_type.clone()).collect();
    }
    if wanted.is_empty() {
        wanted = vec!["mysql".to_owned()];
    }
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

fn keep_count(parameters: &Parameters) -> Result<u32, ApiError> {
    let Some(count) = parameters.integer("keep_count") else { return Ok(DEFAULT_KEEP_COUNT) };
    let count = u32::try_from(count).ok().filter(|count| *count > 0);
    count.ok_or_else(|| ApiError::bad_request("The parameter `keep_count` must be a number from 1."))
}

fn database(stack: &Stack) -> String {
    stack.deploy_directory.rsplit('/').next().unwrap_or_default().to_owned()
}

fn file_name(stack: &Stack) -> String {
    format!("{}_{}", database(stack), stack.environment)
}
