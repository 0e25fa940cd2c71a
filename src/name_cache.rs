//! Caches names for a minute, in files that only the user can read.
//!
//! A file holds names and ids, and the repository and branch of each stack; never values of variables or settings. Its
//! name is a digest of its key and scope, so that profiles, accounts and tokens never share entries.
//!
//! Completion and reads use cached names; a read notices a stale one. Writes always look names up.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ring::digest::{SHA256, digest};

use crate::config::{Settings, paths};
use crate::error::Result;
use crate::files::private::create_dir;

/// How long an entry is valid.
const TTL: Duration = Duration::from_secs(60);
/// The age at which a file is deleted.
const SWEEP_AFTER: Duration = Duration::from_secs(60 * 60);
/// Number of bytes of the digest in the name of a file.
const NAME_BYTES: usize = 16;

/// Rows of strings.
pub(crate) type NameRows = Vec<Vec<String>>;

/// The cached names of one API, account and token.
pub(crate) struct NameCache {
    /// `None` without a cache folder.
    cache: Option<CacheDir>,
    scope: [String; 3],
}

impl NameCache {
    /// Opens the cache of these settings for `scope`: API address, account and token. Besides the key, an entry may
    /// depend on nothing else.
    pub(crate) fn new(settings: &Settings, scope: [String; 3]) -> Self {
        let cache = paths::cache_dir(settings.variables()).ok().map(|folder| CacheDir::new(&folder));
        Self { cache, scope }
    }

    /// Returns the entry of a key, if there is a valid one.
    pub(crate) fn get(&self, key: &[&str]) -> Option<NameRows> {
        self.cache.as_ref()?.get(&self.full_key(key))
    }

    /// Stores an entry; failures are ignored.
    pub(crate) fn insert(&self, key: &[&str], rows: &NameRows) {
        if let Some(cache) = &self.cache {
            cache.insert(&self.full_key(key), rows);
        }
    }

    /// Removes an entry.
    pub(crate) fn remove(&self, key: &[&str]) {
        if let Some(cache) = &self.cache {
            // A missing file is fine.
            let _ = fs::remove_file(cache.path(&self.full_key(key)));
        }
    }

    /// Returns the cached entry, or else the result of `fetch`.
    pub(crate) async fn get_or_fetch(
        &self,
        key: &[&str],
        fetch: impl Future<Output = Result<NameRows>>,
    ) -> Result<NameRows> {
        if let Some(rows) = self.get(key) {
            return Ok(rows);
        }
        let rows = fetch.await?;
        self.insert(key, &rows);
        Ok(rows)
    }

    fn full_key<'q>(&'q self, key: &[&'q str]) -> Vec<&'q str> {
        self.scope.iter().map(String::as_str).chain(key.iter().copied()).collect()
    }
}

/// The entries in one folder.
struct CacheDir {
    folder: PathBuf,
}

impl CacheDir {
    /// Opens the entries below that folder.
    fn new(folder: &Path) -> Self {
        Self { folder: folder.join("names") }
    }

    /// Returns the entry of a key while it is valid.
    fn get(&self, key: &[&str]) -> Option<NameRows> {
        let path = self.path(key);
        let age = age_of(&fs::metadata(&path).ok()?)?;
        if age > TTL {
            return None;
        }
        serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
    }

    /// Stores an entry and deletes old ones; failures are ignored.
    fn insert(&self, key: &[&str], rows: &NameRows) {
        self.sweep();
        let Ok(text) = serde_json::to_string(rows) else { return };
        if create_dir(&self.folder).is_err() {
            return;
        }
        // A temporary file is readable by its owner only, and replaces the old one atomically.
        let Ok(mut file) = tempfile::NamedTempFile::new_in(&self.folder) else { return };
        if file.write_all(text.as_bytes()).is_ok() {
            // What cannot be stored is looked up again.
            let _ = crate::files::replace::persist(file, &self.path(key));
        }
    }

    fn sweep(&self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let age = entry.metadata().ok().as_ref().and_then(age_of);
            if age.is_none_or(|age| age > SWEEP_AFTER) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn path(&self, key: &[&str]) -> PathBuf {
        // Each part is preceded by its length, so that different keys never give the same text.
        let text = key.iter().fold(String::new(), |text, part| format!("{text}{}:{part}", part.len()));
        let digest = digest(&SHA256, text.as_bytes());
        let mut name = String::new();
        for byte in &digest.as_ref()[..NAME_BYTES] {
            let _ = write!(name, "{byte:02x}");
        }
        self.folder.join(format!("{name}.json"))
    }
}

/// `None` for a file from the future: its clock cannot be trusted.
fn age_of(metadata: &fs::Metadata) -> Option<Duration> {
    SystemTime::now().duration_since(metadata.modified().ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn rows(name: &str) -> NameRows {
        vec![vec![name.to_owned()]]
    }

    #[test]
    fn an_entry_is_valid_for_its_key_only_and_for_a_minute() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CacheDir::new(folder.path());
        assert_eq!(cache.get(&["a", "bc"]), None);
        cache.insert(&["a", "bc"], &rows("one"));
        assert_eq!(cache.get(&["a", "bc"]), Some(rows("one")));
        assert_eq!(cache.get(&["ab", "c"]), None);
        let file = fs::File::options().write(true).open(cache.path(&["a", "bc"])).unwrap();
        for (shift, good) in [(-59, true), (-61, false), (30, false)] {
            let now = SystemTime::now();
            let seconds = Duration::from_secs(i64::unsigned_abs(shift));
            file.set_modified(if shift < 0 { now - seconds } else { now + seconds }).unwrap();
            assert_eq!(cache.get(&["a", "bc"]).is_some(), good, "{shift}");
        }
    }

    #[test]
    fn old_files_are_deleted_and_broken_ones_are_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CacheDir::new(folder.path());
        cache.insert(&["old"], &rows("old"));
        let open = |name| fs::File::options().write(true).open(cache.path(&[name])).unwrap();
        open("old").set_modified(SystemTime::now() - SWEEP_AFTER - TTL).unwrap();
        cache.insert(&["new"], &rows("new"));
        assert!(!cache.path(&["old"]).exists());
        fs::write(cache.path(&["new"]), "{").unwrap();
        assert_eq!(cache.get(&["new"]), None);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let cache = CacheDir::new(folder.path());
        cache.insert(&["q"], &rows("a"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&cache.path(&["q"])), mode(&cache.folder)), (0o600, 0o700));
    }
}
