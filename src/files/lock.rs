//! The lock beside a file that several runs change; waits for it with a timeout and a message.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Error, Kind, Result};
use crate::files::private::open_private;

/// How long to wait without a message.
const SILENCE: Duration = Duration::from_secs(1);
const RETRY_INTERVAL: Duration = Duration::from_millis(10);
/// Maximum length of a process id.
const MAX_PID_LENGTH: u64 = 20;

/// How long to wait for a lock, and who is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LockWait {
    /// The timeout.
    pub(crate) limit: Duration,
    /// Receives one message about the wait.
    pub(crate) notice: fn(&str),
}

impl Default for LockWait {
    fn default() -> Self {
        Self { limit: Duration::from_secs(60), notice: |_| {} }
    }
}

/// Takes the lock in the file `path`, which is created if missing and has the id of the process with the lock.
pub(crate) fn lock_file(path: &Path, wait: LockWait) -> Result<File> {
    let mut file = open(path)?;
    wait_for(&mut file, path, wait)?;
    write_id(&mut file);
    Ok(file)
}

/// The same, but does not wait: `None` if the lock is held.
pub(crate) fn try_lock_file(path: &Path) -> Result<Option<File>> {
    let mut file = open(path)?;
    match file.try_lock() {
        Ok(()) => {
            write_id(&mut file);
            Ok(Some(file))
        }
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(Error::local_file(format!("lock {}", path.display()), &error)),
    }
}

fn open(path: &Path) -> Result<File> {
    let failed = |error: io::Error| Error::local_file(format!("lock {}", path.display()), &error);
    // Check before opening: opening a pipe blocks until it has a writer.
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
    }
    let mut options = OpenOptions::new();
    open_private(options.read(true).write(true).create(true).truncate(false), path).map_err(failed)
}

fn write_id(file: &mut File) {
    // Without the id, those who wait know less.
    let _ = file.rewind().and_then(|()| file.set_len(0)).and_then(|()| writeln!(file, "{}", std::process::id()));
}

/// Takes the lock of a folder.
#[cfg(unix)]
pub(crate) fn lock_folder(path: &Path, wait: LockWait) -> Result<File> {
    let failed = |error: io::Error| Error::local_file(format!("lock {}", path.display()), &error);
    let mut folder = File::open(path).map_err(failed)?;
    wait_for(&mut folder, path, wait)?;
    Ok(folder)
}

fn wait_for(file: &mut File, path: &Path, wait: LockWait) -> Result<()> {
    let began = Instant::now();
    let mut was_told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => {
                return Err(Error::local_file(format!("lock {}", path.display()), &error));
            }
        }
        if began.elapsed() >= wait.limit {
            let message = format!("{} has been locked for {} s", path.display(), wait.limit.as_secs_f64());
            return Err(Error::new(Kind::LocalFile, message)
                .cause(format!("{} holds it", holder(file)))
                .hint("end that program, or pass a longer --http-timeout"));
        }
        if !was_told && began.elapsed() >= SILENCE {
            was_told = true;
            (wait.notice)(&format!("waiting for {}, which holds {}", holder(file), path.display()));
        }
        std::thread::sleep(RETRY_INTERVAL);
    }
}

/// The process with the lock, as far as the system or the file says.
fn holder(file: &mut File) -> String {
    #[cfg(target_os = "linux")]
    if let Some(process) = holder_by_system(file) {
        let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        // A process that shares the lock may live longer than the one that took it.
        let name = Some(name.trim()).filter(|name| !name.is_empty()).map(|name| format!(" ({name})"));
        return format!("process {process}{}", name.unwrap_or_default());
    }
    let mut text = String::new();
    let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.take(MAX_PID_LENGTH).read_to_string(&mut text));
    match text.trim().parse::<u32>() {
        Ok(process) if read.is_ok() => format!("process {process}"),
        _ => "another program".to_owned(),
    }
}

/// Linux has a line such as `3: FLOCK  ADVISORY  WRITE 4711 08:02:1234567 0 EOF`; waiting processes begin with `->`.
#[cfg(target_os = "linux")]
fn holder_by_system(file: &File) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let suffix = format!(":{}", file.metadata().ok()?.ino());
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let is_it = words.get(1) == Some(&"FLOCK") && words.get(5)?.ends_with(&suffix);
        // A process in another container has no id here.
        if is_it { words.get(4)?.parse().ok().filter(|process| *process > 0) } else { None }
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_lock_that_is_held_is_given_up_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml.lock");
        let wait = LockWait { limit: Duration::from_millis(50), ..LockWait::default() };
        let held = lock_file(&path, wait).unwrap();
        let error = lock_file(&path, wait).unwrap_err();
        assert!(error.message().ends_with("config.toml.lock has been locked for 0.05 s"), "{error}");
        #[cfg(unix)]
        assert!(error.cause_text().unwrap().starts_with(&format!("process {}", std::process::id())), "{error:?}");
        let waiting = std::thread::spawn({
            let path = path.clone();
            move || lock_file(&path, LockWait { limit: SILENCE * 60, ..wait }).unwrap()
        });
        // Long enough to have read which process has the lock.
        std::thread::sleep(SILENCE + RETRY_INTERVAL * 5);
        drop(held);
        let held = waiting.join().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{}\n", std::process::id()));
        drop(held);
    }

    #[test]
    fn what_is_no_file_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        assert!(lock_file(folder.path(), LockWait::default()).is_err());
        #[cfg(unix)]
        assert!(lock_file(Path::new("/dev/zero"), LockWait::default()).is_err());
    }
}
