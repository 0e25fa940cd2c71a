//! Renames a finished file over an existing one.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

/// How long to retry while another program has the file open (Windows): another run of c66, or a virus scanner.
const MAX_WAIT: Duration = Duration::from_secs(2);
const RETRY_INTERVAL: Duration = Duration::from_millis(10);

/// Renames a temporary file.
///
/// # Errors
/// If the system refuses; the temporary file is removed, and the old one stays.
pub(crate) fn persist(mut file: NamedTempFile, name: &Path) -> io::Result<()> {
    let began = Instant::now();
    // There a lock keeps others from reading, and would outlast the old name for a moment.
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

/// Renames the file `from`.
///
/// # Errors
/// If the system refuses; both files stay as they were.
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
    fn a_file_that_another_program_reads_is_replaced() {
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
