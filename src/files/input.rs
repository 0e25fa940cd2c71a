//! Reads input that the user names: a file of any kind, or `-` for stdin.

use std::io::Read;
use std::path::Path;

use crate::error::{Error, Result};

/// Whether the path means stdin.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads all of it.
pub(crate) fn read(path: &Path) -> Result<String> {
    if !is_stdin(path) {
        return std::fs::read_to_string(path)
            .map_err(|error| Error::local_file(format!("read {}", path.display()), &error));
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| Error::local_file("read stdin", &error))?;
    Ok(text)
}
