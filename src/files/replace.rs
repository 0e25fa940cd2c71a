//! Giving a file that is whole its name, in the place of whatever had that name before.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

/// How long somebody else may read the old file: Windows does not let go of one that is open, be it for a moment in
/// another run of this program or in a scanner for viruses.
const MAX_WAIT: Duration = Duration::from_secs(2);
const RETRY_INTERVAL: Duration = Duration::from_millis(10);

/// Gives a temporary file its name.
///
/// # Errors
/// The system refuses; the temporary file is gone then, and the old one stays.
pub(crate) fn persist(mut file: NamedTempFile, name: &Path) -> io::Result<()> {
    let began = Instant::now();
    // There a lock keeps others from reading, and it would last a moment longer than the old name.
    #[cfg(windows)]
    let _ = file.as_file().unlock();
    loop {
        match file.persist(name) {
            Ok(_) => return Ok(()),
            Err(refused) if is_transient(&refused.error, began) => file = refused.file,
            Err(refused) => return Err(refused.error),
        }
        std::thread::sleep(RETRY_INTERVAL);
    }
}

/// Gives the file `from` another name.
///
/// # Errors
/// The system refuses; both stay as they were.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let began = Instant::now();
    loop {
        match std::fs::rename(from, to) {
            Err(refused) if is_transient(&refused, began) => std::thread::sleep(RETRY_INTERVAL),
            outcome => return outcome,
        }
    }
}

fn is_transient(error: &io::Error, began: Instant) -> bool {
    cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied && began.elapsed() < MAX_WAIT
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn what_others_look_at_is_replaced_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("file");
        std::fs::write(&name, "old").unwrap();
        let looked_at = std::fs::File::open(&name).unwrap();
        let other = std::thread::spawn(move || {
            std::thread::sleep(RETRY_INTERVAL * 5);
            drop(looked_at);
        });
        let mut file = NamedTempFile::new_in(folder.path()).unwrap();
        io::Write::write_all(&mut file, b"new").unwrap();
        persist(file, &name).unwrap();
        assert_eq!(std::fs::read(&name).unwrap(), b"new");
        other.join().unwrap();
        std::fs::write(folder.path().join("next"), "newer").unwrap();
        rename(&folder.path().join("next"), &name).unwrap();
        assert_eq!(std::fs::read(&name).unwrap(), b"newer");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
