//! What remains of a killed download: how far it had come.
//!
//! The journal says twice what is there. What is on disk is true whatever happens. What has been written is true as long
//! as the system runs, where it tells one of its starts from the next: a killed run costs no more than what came since
//! the last entry, and the disk need not be waited for at each of them.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::download::plan::SavedPlan;
use crate::error::{Error, Result};
use crate::files::private::open_private;

/// Form of the journal that this program writes.
const VERSION: u32 = 2;

/// The journal of one download.
pub(crate) struct Journal {
    path: PathBuf,
    /// Where the next entry is written until it is whole. The same for every run, of which there is one at a time: what
    /// remains of a killed one goes with the next entry.
    next: PathBuf,
    download_id: String,
    on_disk: SavedPlan,
    /// Which start of the system this is.
    boot: Option<String>,
}

/// The journal as it lies on disk.
#[derive(Deserialize, Serialize)]
struct JournalEntry {
    /// Form of the journal.
    version: u32,
    /// What is downloaded: the API, the stack and the backup.
    #[serde(rename = "origin")]
    download_id: String,
    /// What is on disk.
    on_disk: SavedPlan,
    /// What has been written, and may be on disk or not.
    written: SavedPlan,
    /// The start of the system in which `written` is true.
    boot: Option<String>,
}

/// How far an earlier run came.
pub(crate) struct EarlierProgress {
    /// What is on disk.
    pub(crate) on_disk: SavedPlan,
    /// What is there: on disk, or written since the system was started.
    pub(crate) usable: SavedPlan,
}

impl Journal {
    /// The journal at `path` of the download `download_id`; nothing is read or written yet.
    pub(crate) fn new(path: PathBuf, download_id: &str) -> Self {
        let next = path.with_extension("journal.new");
        Self { path, next, download_id: download_id.to_owned(), on_disk: SavedPlan::default(), boot: boot() }
    }

    /// How far an earlier run of the same download came.
    pub(crate) fn earlier_progress(&self) -> Result<EarlierProgress, String> {
        // What is no regular file is no journal, and must not be read: it could be a pipe.
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
            _ => Err("nothing says what it is a part of".to_owned()),
        }
    }

    /// Whether what has been written can be told from what is on disk, so that not every entry needs a sync.
    pub(crate) fn knows_boot(&self) -> bool {
        self.boot.is_some()
    }

    /// Takes note of what is on disk by now, for the entries to come.
    pub(crate) fn set_on_disk(&mut self, on_disk: SavedPlan) {
        self.on_disk = on_disk;
    }

    /// Enters what is on disk and what has been written; the entry itself is on disk afterwards.
    ///
    /// # Errors
    /// It cannot be written; the entry before stays.
    pub(crate) fn write_synced(&self, written: &SavedPlan) -> Result<()> {
        self.write(&self.entry(written)?, true)
    }

    /// The same for an entry that need not be on disk itself: after a loss of power, an earlier one is true as well.
    pub(crate) fn write_unsynced(&self, written: &SavedPlan) -> Result<()> {
        self.write(&self.entry(written)?, false)
    }

    fn write(&self, entry: &[u8], sync: bool) -> Result<()> {
        let replace = || {
            // Whatever lies there, a link too, is not written through.
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

    /// Removes it, if it is there.
    ///
    /// # Errors
    /// It is there and stays.
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

/// A name for this start of the system: what was written and not yet synced is there until the next one. Only Linux
/// has one.
fn boot() -> Option<String> {
    // Elsewhere a file of that name would be anybody's.
    let file = cfg!(target_os = "linux").then_some("/proc/sys/kernel/random/boot_id")?;
    let name = std::fs::read_to_string(file).ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::download::plan::{ContentVersion, NextStep, Plan};

    /// Records of the same plan, the first after two bytes and the second after five.
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
    fn after_a_loss_of_power_only_what_was_synced_counts() {
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
    fn a_strange_journal_is_nothing_to_go_on_with() {
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
