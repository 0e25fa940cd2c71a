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
    // Check before opening: opening a pipe blocks until it has a writer.
    if !path.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut text = String::new();
    let length = File::open(path)?.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if length as u64 > MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 1 MiB"));
    }
    Ok(text)
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
        assert_eq!(read(Path::new("/dev/zero")).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
