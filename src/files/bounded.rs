//! Reads small text files from folders that others may have written, such as a cloned repository.
//!
//! Git stores symbolic links: an expected text file may lead to a device that never ends, and one in a shared folder
//! may be a pipe without a writer.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// Reads a regular file (or a link to one) of UTF-8 text, at most one mebibyte long.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    read_up_to(path, MAX_BYTES)
}

/// The same with another limit.
pub(crate) fn read_up_to(path: &Path, most: u64) -> io::Result<String> {
    // Check before opening: opening a pipe blocks until it has a writer.
    if !path.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let bytes = read_all(File::open(path)?, most)?;
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not valid UTF-8"))
}

/// Opens a file that the user names: a regular one, or one that is open already, such as `<(…)` in a shell;
/// and what is always empty.
pub(crate) fn open_named(path: &Path) -> io::Result<File> {
    let is_open = ["/dev/fd", "/dev/stdin", "/proc/self/fd"].iter().any(|names| path.starts_with(names));
    let is_empty = || path.canonicalize().is_ok_and(|found| found == Path::new("/dev/null"));
    if !is_open && !path.metadata()?.is_file() && !is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    File::open(path)
}

/// Reads all of a file that the user names.
pub(crate) fn read_named(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_all(open_named(path)?, most)
}

/// Reads to the end, at most so many bytes.
pub(crate) fn read_all(source: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let length = source.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if length as u64 > most {
        let message = format!("larger than {} MiB", most / (1024 * 1024));
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn only_a_small_regular_text_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text");
        assert_eq!(read(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
        let most = usize::try_from(MAX_BYTES).unwrap();
        for (bytes, expected) in [
            (b"stack = 'a'".to_vec(), None),
            (vec![b'#'; most], None),
            (vec![b'#'; most + 1], Some(io::ErrorKind::FileTooLarge)),
            (vec![0xff], Some(io::ErrorKind::InvalidData)),
        ] {
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(read(&path).err().map(|error| error.kind()), expected);
        }
        assert_eq!(read(folder.path()).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        #[cfg(unix)]
        assert_eq!(read_named(Path::new("/dev/zero"), MAX_BYTES).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert_eq!(read_all(io::repeat(0), MAX_BYTES).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        #[cfg(unix)]
        assert_eq!(read(Path::new("/dev/zero")).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
