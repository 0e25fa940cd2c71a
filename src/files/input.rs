//! Reads input that the user names: a file, or `-` for stdin.

use std::path::Path;

use crate::error::{Error, Result};
use crate::files::bounded;

/// Maximum size, in bytes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Whether the path means stdin.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads UTF-8 text from a regular file or one that the shell has opened.
pub(crate) fn read(path: &Path) -> Result<String> {
    let (name, bytes) = if is_stdin(path) {
        ("stdin".into(), bounded::read_all(std::io::stdin().lock(), MAX_BYTES))
    } else {
        (path.display().to_string(), bounded::read_named(path, MAX_BYTES))
    };
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).map_err(std::io::Error::other));
    text.map_err(|error| Error::local_file(format!("read {name}"), &error))
}
