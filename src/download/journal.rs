//! The journal: what is left of an interrupted download.
//!
//! It records progress twice. What is synced is true in any case. What is written is true until the system restarts, if
//! restarts can be detected: a killed run loses only the bytes since the last entry, without a sync for every entry.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::download::plan::SavedPlan;
use crate::error::{Error, Result};
use crate::files::private::open_private;

/// Version of the journal's format.
const VERSION: u32 = 2;

/// The journal of a download.
pub(crate) struct Journal {
    path: PathBuf,
    /// The path of the next entry while it is written. It is the same for every run, of which there is one at a time:
    /// the leftovers of a killed one are replaced by the next entry.
    next: PathBuf,
    download_id: String,
    on_disk: SavedPlan,
    /// The id of this boot of the system.
    boot: Option<String>,
}

/// The journal on disk.
#[derive(Deserialize, Serialize)]
struct JournalEntry {
    /// Version of the format.
    version: u32,
    /// What is downloaded: the API, the stack and the backup.
    #[serde(rename = "origin")]
    download_id: String,
    /// What is synced.
    on_disk: SavedPlan,
    /// What is written, synced or not.
    written: SavedPlan,
    /// The boot during which `written` is true.
    boot: Option<String>,
}

/// The progress of an earlier run.
pub(crate) struct EarlierProgress {
    /// What is synced.
    pub(crate) on_disk: SavedPlan,
    /// What can be used: synced, or written since the system was started.
    pub(crate) usable: SavedPlan,
}

impl Journal {
    /// Creates the journal at `path` of the download `download_id`; nothing is read or written yet.
    pub(crate) fn new(path: PathBuf, download_id: &str) -> Self {
        let next = path.with_extension("journal.new");
        Self { path, next, download_id: download_id.to_owned(), on_disk: SavedPlan::default(), boot: boot() }
    }

    /// The progress of an earlier run of the same download.
    pub(crate) fn earlier_progress(&self) -> Result<EarlierProgress, String> {
        // Do not read anything but a regular file: it could be a pipe.
        let is_file = self.path.symlink_metadata().is_ok_and(|found| found.is_file());
        let text = if is_file { std::fs::read(&self.path).ok() } else { None };
        let entry = text.and_then(|text| serde_json::from_slice::<JournalEntry>(&text).ok());
        match entry {
            Some(entry) if entry.download_id != self.download_id => Err(format!("it belongs to {}", entry.download_id)),
            Some(entry) if entry.version == VERSION => {
                let same_boot = entry.boot.is_some() && entry.boot == self.boot;
                let usable = if same_boot { entry.written } else { entry.on_disk.clone() };
                Ok(EarlierProgress { on_disk: entry.on_disk, usable })
            }
            _ => Err("the journal is missing".to_owned()),
        }
    }

    /// Whether written and synced data can be distinguished, so that not every entry needs a sync.
    pub(crate) fn knows_boot(&self) -> bool {
        self.boot.is_some()
    }

    /// Records what is synced, for later entries.
    pub(crate) fn set_on_disk(&mut self, on_disk: SavedPlan) {
        self.on_disk = on_disk;
    }

    /// Writes an entry and syncs it.
    ///
    /// # Errors
    /// If it cannot be written; the entry before stays.
    pub(crate) fn write_synced(&self, written: &SavedPlan) -> Result<()> {
        self.write(&self.entry(written)?, true)
    }

    /// Writes an entry without a sync: after a power failure, an earlier one is valid too.
    pub(crate) fn write_unsynced(&self, written: &SavedPlan) -> Result<()> {
        self.write(&self.entry(written)?, false)
    }

    fn write(&self, entry: &[u8], sync: bool) -> Result<()> {
        let replace = || {
            // Whatever is there, even a link, is not followed.
            remove(&self.next)?;
            let mut file = open_private(OpenOptions::new().write(true).create_new(true), &self.next)?;
            file.write_all(entry)?;
            if sync {
                file.sync_all()?;
            }
            crate::files::replace::rename(&self.next, &self.path)
        };
        replace().map_err(|error| Error::local_file(format!("write {}", self.path.display()), &error))
    }

    fn entry(&self, written: &SavedPlan) -> Result<Vec<u8>> {
        let entry = JournalEntry {
            version: VERSION,
            download_id: self.download_id.clone(),
            on_disk: self.on_disk.clone(),
            written: written.clone(),
            boot: self.boot.clone(),
        };
        serde_json::to_vec(&entry).map_err(|error| Error::internal(error.to_string()))
    }

    /// Removes it, if it exists.
    ///
    /// # Errors
    /// If it exists and cannot be removed.
    pub(crate) fn remove(&self) -> std::io::Result<()> {
        remove(&self.next)?;
        remove(&self.path)
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The id of this boot: what is written and not synced exists until the next one. Only Linux has one.
fn boot() -> Option<String> {
    // On other systems anyone could create a file of that name.
    let file = cfg!(target_os = "linux").then_some("/proc/sys/kernel/random/boot_id")?;
    let name = std::fs::read_to_string(file).ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::download::plan::{ContentVersion, NextStep, Plan};

    /// Two records of the same plan: after two bytes and after five.
    fn records() -> (SavedPlan, SavedPlan) {
        let mut plan = Plan::new(&["tar".to_owned()]);
        let NextStep::Fetch(piece) = plan.take_next() else { unreachable!("there is something to do") };
        plan.set_version(0, ContentVersion { length: Some(10), tag: None }, true);
        plan.add_bytes(piece, 2);
        let early = plan.to_saved();
        plan.add_bytes(piece, 3);
        (early, plan.to_saved())
    }

    #[test]
    fn after_a_power_failure_only_synced_data_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("backup.tar.part.journal");
        let (early, late) = records();
        let mut journal = Journal { boot: Some("this start".to_owned()), ..Journal::new(path.clone(), "backup 3") };
        journal.set_on_disk(early.clone());
        journal.write_synced(&early).unwrap();
        journal.write_unsynced(&late).unwrap();
        for (boot, usable) in [(Some("this start"), &late), (Some("another"), &early), (None, &early)] {
            let next = Journal { boot: boot.map(str::to_owned), ..Journal::new(path.clone(), "backup 3") };
            let earlier = next.earlier_progress().unwrap();
            assert_eq!((&earlier.usable, &earlier.on_disk), (usable, &early), "{boot:?}");
        }
    }

    #[test]
    fn an_invalid_journal_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("backup.tar.part.journal");
        Journal::new(path.clone(), "backup 4").write_synced(&records().0).unwrap();
        let ours = Journal::new(path.clone(), "backup 3");
        assert_eq!(ours.earlier_progress().err().unwrap(), "it belongs to backup 4");
        for text in ["", "{}", "null", r#"{"version":1,"origin":"backup 3","segments":[]}"#] {
            std::fs::write(&path, text).unwrap();
            assert!(ours.earlier_progress().is_err(), "{text}");
        }
        std::fs::write(&ours.next, "half an ent").unwrap();
        ours.write_synced(&records().0).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        std::fs::write(&ours.next, "half an ent").unwrap();
        ours.remove().unwrap();
        ours.remove().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
