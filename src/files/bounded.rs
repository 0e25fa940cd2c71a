//! A small text file from a place that others may have filled, such as a cloned repository.
//!
//! Git carries symbolic links: a name that should be a few lines of text may lead to a device that never ends, and one
//! in a shared folder may be a pipe that never begins.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// More than any such file has, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// Reads the file, if it is a regular one (or a link to one) of text in UTF-8 and at most a mebibyte long.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    // Before it is opened: opening a pipe waits for somebody at its other end.
    if !path.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut text = String::new();
    let length = File::open(path)?.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if length as u64 > MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn only_a_small_regular_text_is_read() {
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
