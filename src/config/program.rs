//! Finds programs in `PATH`.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use super::variables::search_path;

/// Finds a program in `PATH` of this process, whatever `PATH` it is started with. A name with a folder is a path
/// already.
pub(crate) fn find_program(name: &OsStr) -> io::Result<OsString> {
    if name.is_empty() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let is_path = Path::new(name).components().count() > 1 || name.as_encoded_bytes().contains(&b'/');
    let folders = if is_path { vec![PathBuf::new()] } else { search_path() };
    find(name, &folders).map(OsString::from).ok_or_else(|| io::ErrorKind::NotFound.into())
}

#[cfg(unix)]
fn find(name: &OsStr, folders: &[PathBuf]) -> Option<PathBuf> {
    use rustix::fs::{Access, access};
    // An empty entry of `PATH` is the current folder, and a file found there needs a slash to be a path.
    let here = Path::new(".");
    let folder = |entry: &'_ PathBuf| {
        if entry.as_os_str().is_empty() && !name.as_encoded_bytes().contains(&b'/') {
            here.join(name)
        } else {
            entry.join(name)
        }
    };
    let mut candidates = folders.iter().map(folder);
    candidates.find(|file| file.is_file() && access(file, Access::EXEC_OK).is_ok())
}

/// The system finds only `NAME.exe`, but many tools are a `NAME.cmd`, which a shell would find. Unlike a shell, this
/// ignores the current folder, whose files may come from others.
#[cfg(windows)]
fn find(name: &OsStr, folders: &[PathBuf]) -> Option<PathBuf> {
    // In the order of a shell; a name may have its extension already.
    const ENDINGS: [&str; 5] = ["", ".com", ".exe", ".bat", ".cmd"];
    let has_ending = ENDINGS[1..].iter().any(|ending| name.to_string_lossy().to_lowercase().ends_with(ending));
    let endings = if has_ending { &ENDINGS[..] } else { &ENDINGS[1..] };
    let mut candidates = folders.iter().flat_map(|folder| {
        endings.iter().map(move |ending| {
            let mut file = folder.join(name).into_os_string();
            file.push(ending);
            PathBuf::from(file)
        })
    });
    candidates.find(|file| file.is_file())
}

#[cfg(all(test, windows))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_script_is_found_by_its_name_alone() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folders = [first.path().to_owned(), second.path().to_owned()];
        for file in [first.path().join("npm"), first.path().join("npm.cmd"), second.path().join("npm.exe")] {
            std::fs::write(file, "").unwrap();
        }
        let found = |name: &str| find(OsStr::new(name), &folders);
        assert_eq!(found("npm"), Some(first.path().join("npm.cmd")), "a script for another system is skipped");
        assert_eq!(found("npm.exe"), Some(second.path().join("npm.exe")));
        assert_eq!(found("NPM.CMD").map(|file| file.is_file()), Some(true));
        assert_eq!(found("yarn"), None);
        assert_eq!(find(first.path().join("npm").as_os_str(), &[PathBuf::new()]), found("npm"));
    }
}
