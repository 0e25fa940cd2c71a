//! Where backups come from: tasks that make one again and again, and imports of those that were made elsewhere.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Backup, backup};
use crate::sandbox::clock::Clock;
use crate::sandbox::cloud66::cron;
use crate::sandbox::cloud66::parameters::Parameters;
use crate::sandbox::cloud66::reply::{ApiError, ApiResult, acknowledgement};
use crate::sandbox::cloud66::router::Call;
use crate::sandbox::cloud66::{NextIds, Stack, State, take_id};

/// How soon a new task makes its first backup, in seconds of life.
const FIRST_DELAY: f64 = 4.0;
/// How long an import takes, in seconds of life.
const IMPORT_DURATION: f64 = 4.0;
/// What is done when the call does not say.
const DAILY: &str = "0 0 * * *";
const KEEP_COUNT: u32 = 10;
/// After a long time unwatched, no more backups than this are made up for.
const MOST_MISSED: usize = 100;

/// A task that makes backups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Schedule {
    /// The group of its backups.
    group: i64,
    db_types: Vec<String>,
    /// In the five fields of cron.
    frequency: String,
    /// How many backups are kept of each database.
    keep_count: u32,
    excluded_tables: String,
    /// When the next one is made; nothing when its time never comes.
    due: Option<Timestamp>,
}

/// A backup on its way here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Import {
    id: u64,
    group: i64,
    db_type: String,
    file_name: String,
    due: Timestamp,
}

/// Makes the backups that are due.
pub(in crate::sandbox) fn advance(stack: &mut Stack, ids: &mut NextIds, clock: &Clock) {
    let is_due = |due: Timestamp| due <= clock.now;
    if stack.parts.imports.iter().any(|import| is_due(import.due)) {
        let (arrived, awaited) = stack.parts.imports.drain(..).partition(|import| is_due(import.due));
        stack.parts.imports = awaited;
        let arrived: Vec<Import> = arrived;
        for import in arrived {
            let made =
                backup(import.id, import.group, &import.db_type, &import.file_name, &import.file_name, import.due);
            enter(stack, made);
        }
    }
    if stack.parts.schedules.iter().any(|schedule| schedule.due.is_some_and(is_due)) {
        let mut schedules = std::mem::take(&mut stack.parts.schedules);
        for schedule in &mut schedules {
            run(schedule, stack, ids, clock);
        }
        stack.parts.schedules = schedules;
    }
}

fn run(schedule: &mut Schedule, stack: &mut Stack, ids: &mut NextIds, clock: &Clock) {
    for _ in 0..MOST_MISSED {
        let Some(due) = schedule.due.filter(|due| *due <= clock.now) else { return };
        for db_type in &schedule.db_types {
            let id = take_id(&mut ids.backup);
            let mut made = backup(id, schedule.group, db_type, &database(stack), &file_name(stack), due);
            made.skip_tables.clone_from(&schedule.excluded_tables);
            if stack.always_fails {
                made.failure = Some(format!("no server of {} can be reached over SSH", stack.name));
            }
            enter(stack, made);
            let is_kin = |backup: &Backup| backup.group == schedule.group && backup.db_type == *db_type;
            let mut surplus = stack
                .backups
                .iter()
                .filter(|backup| is_kin(backup))
                .count()
                .saturating_sub(schedule.keep_count as usize);
            stack.backups.retain(|backup| {
                let goes = surplus > 0 && is_kin(backup);
                surplus -= usize::from(goes);
                !goes
            });
        }
        schedule.due = after(schedule, due, clock);
    }
    schedule.due = after(schedule, clock.now, clock);
}

/// When the time of a schedule comes after `start`, in a sandbox that may be faster than life.
fn after(schedule: &Schedule, start: Timestamp, clock: &Clock) -> Option<Timestamp> {
    let following = cron::next_after(&cron::parse(&schedule.frequency)?, start)?;
    Some(clock.after(start, following.duration_since(start).as_secs_f64()))
}

/// Puts a backup that has just been made behind the others, on a server that the stack has.
fn enter(stack: &mut Stack, made: Backup) {
    let server_uid =
        stack.infrastructure().servers.last().map_or_else(|| made.server_uid.clone(), |server| server.uid.clone());
    stack.touch(made.made_at);
    stack.backups.push(Backup { server_uid, ..made });
}

/// `backups_create`
pub(in crate::sandbox) fn backups_create(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call.path_param("stack_id"))?;
    let parameters = call.parameters()?;
    let group = ids.backup_group;
    let schedule = Schedule {
        group,
        db_types: db_types(stack, &parameters),
        frequency: parameters.text("frequency").unwrap_or_else(|| DAILY.into()),
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
pub(in crate::sandbox) fn backups_import(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call.path_param("stack_id"))?;
    let parameters = call.parameters()?;
    let url = parameters.text("remote_url").unwrap_or_default();
    let place = url.split_once("://").map(|(_, place)| place.split(['?', '#']).next().unwrap_or_default());
    let file = place.and_then(|place| place.split_once('/')).map(|(_, path)| path.rsplit('/').next().unwrap_or(path));
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

/// The databases of a task; all of them are those that were backed up before.
fn db_types(stack: &Stack, parameters: &Parameters) -> Vec<String> {
    let mut wanted = parameters.words("db_type");
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
    let Some(count) = parameters.integer("keep_count") else { return Ok(KEEP_COUNT) };
    let count = u32::try_from(count).ok().filter(|count| *count > 0);
    count.ok_or_else(|| ApiError::bad_request("The parameter `keep_count` must be a number from 1."))
}

fn database(stack: &Stack) -> String {
    stack.deploy_directory.rsplit('/').next().unwrap_or_default().to_owned()
}

fn file_name(stack: &Stack) -> String {
    format!("{}_{}", database(stack), stack.environment)
}
