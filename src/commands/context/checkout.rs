//! The current git checkout: its remotes and its branch, read from its files without running git.

use std::path::{Path, PathBuf};

use crate::files::bounded;

/// A checkout.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Checkout {
    /// URLs of its remotes.
    pub(crate) remotes: Vec<String>,
    /// Its branch.
    pub(crate) branch: String,
}

impl Checkout {
    /// The checkout of `folder`, if there is one on a branch.
    pub(crate) fn around(folder: &Path) -> Option<Self> {
        let git = root(folder)?.join(".git");
        let own = if git.is_dir() { git } else { pointed_to(&git)? };
        // A linked work tree has its own HEAD, and shares the configuration.
        let common =
            bounded::read(&own.join("commondir")).map_or_else(|_| own.clone(), |relative| own.join(relative.trim()));
        let head = bounded::read(&own.join("HEAD")).ok()?;
        let branch = head.trim().strip_prefix("ref: refs/heads/")?.to_owned();
        let remotes = remotes(&bounded::read(&common.join("config")).ok()?);
        Some(Self { remotes, branch })
    }
}

/// The top folder of the checkout of `folder`, if there is one.
pub(crate) fn root(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.join(".git").exists())
}

fn pointed_to(file: &Path) -> Option<PathBuf> {
    let text = bounded::read(file).ok()?;
    let target = text.trim().strip_prefix("gitdir:")?.trim();
    Some(file.parent()?.join(target))
}

fn remotes(config: &str) -> Vec<String> {
    let mut in_remote = false;
    let mut found = Vec::new();
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            in_remote = line.starts_with("[remote ");
        } else if in_remote
            && let Some((key, value)) = line.split_once('=')
            && key.trim() == "url"
        {
            found.push(value.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;

    use super::*;

    #[test]
    fn a_folder_below_a_checkout_is_in_it() {
        let root = tempfile::tempdir().unwrap();
        let git = root.path().join(".git");
        let below = root.path().join("a/b");
        fs::create_dir_all(&git).unwrap();
        fs::create_dir_all(&below).unwrap();
        fs::write(git.join("HEAD"), "ref: refs/heads/feature/x\n").unwrap();
        fs::write(git.join("config"), "[core]\n\turl = no\n[remote \"origin\"]\n\turl = git@h:o/r.git\n\tfetch = +x\n")
            .unwrap();
        let expected = Checkout { remotes: vec!["git@h:o/r.git".to_owned()], branch: "feature/x".to_owned() };
        assert_eq!(Checkout::around(&below), Some(expected));
        fs::write(git.join("HEAD"), "5675fcd8f9e6dc534ecf1410c0661c066097e310\n").unwrap();
        assert_eq!(Checkout::around(&below), None);
    }
}
