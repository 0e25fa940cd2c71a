//! Caches names for a minute, and replies for `c66 api --cache`, in files that only the user can read.
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
/// The same for a reply, which is how long one can be used at most.
const SWEEP_REPLIES_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// The most replies that are kept, and the size of the largest, in bytes.
const MAX_REPLIES: usize = 100;
const MAX_REPLY_BYTES: usize = 8 * 1024 * 1024;
/// Number of bytes of the digest in the name of a file.
const NAME_BYTES: usize = 16;

/// Rows of strings.
pub(crate) type NameRows = Vec<Vec<String>>;

/// The cached names of one API, account and token.
pub(crate) struct NameCache {
    /// `None` without a cache folder.
    cache: Option<CacheDir>,
    replies: Option<CacheDir>,
    scope: [String; 3],
}

impl NameCache {
    /// Opens the cache of these settings for `scope`: API address, account and token. Besides the key, an entry may
    /// depend on nothing else.
    pub(crate) fn new(settings: &Settings, scope: [String; 3]) -> Self {
        let folder = paths::cache_dir(settings.variables()).ok();
        let cache = folder.as_deref().map(CacheDir::new);
        Self { cache, replies: folder.as_deref().map(CacheDir::of_replies), scope }
    }

    /// Returns the reply of a key if it is younger than `age`.
    pub(crate) fn reply(&self, key: &[&str], age: Duration) -> Option<String> {
        self.replies.as_ref()?.read(&self.full_key(key), age)
    }

    /// Stores a reply, unless it is very large; failures are ignored.
    pub(crate) fn insert_reply(&self, key: &[&str], text: &str) {
        if let Some(replies) = self.replies.as_ref().filter(|_| text.len() <= MAX_REPLY_BYTES) {
            replies.write(&self.full_key(key), text);
        }
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
    /// The age at which an entry is deleted, and the most entries.
    sweep_after: Duration,
    max_entries: usize,
}

impl CacheDir {
    /// Opens the entries below that folder.
    fn new(folder: &Path) -> Self {
        Self { folder: folder.join("names"), sweep_after: SWEEP_AFTER, max_entries: usize::MAX }
    }

    /// Opens the replies below that folder.
    fn of_replies(folder: &Path) -> Self {
        Self { folder: folder.join("replies"), sweep_after: SWEEP_REPLIES_AFTER, max_entries: MAX_REPLIES }
    }

    /// Returns the entry of a key while it is valid.
    fn get(&self, key: &[&str]) -> Option<NameRows> {
        serde_json::from_str(&self.read(key, TTL)?).ok()
    }

    /// Returns the text of an entry if it is younger than `age`.
    fn read(&self, key: &[&str], age: Duration) -> Option<String> {
        let path = self.path(key);
        if age_of(&fs::metadata(&path).ok()?)? > age.min(self.sweep_after) {
            return None;
        }
        fs::read_to_string(path).ok()
    }

    /// Stores an entry and deletes old ones; failures are ignored.
    fn insert(&self, key: &[&str], rows: &NameRows) {
        if let Ok(text) = serde_json::to_string(rows) {
            self.write(key, &text);
        }
    }

    fn write(&self, key: &[&str], text: &str) {
        self.sweep();
        if create_dir(&self.folder).is_err() {
            return;
        }
        let path = self.path(key);
        // A temporary file is readable by its owner only, and replaces the old one atomically.
        let Ok(mut file) = crate::files::temporary::create(&path) else { return };
        if file.write_all(text.as_bytes()).is_ok() {
            // What cannot be stored is looked up again.
            let _ = crate::files::replace::persist(file, &path);
        }
    }

    /// Deletes old entries, and the oldest of too many.
    fn sweep(&self) {
        let mut kept = Vec::new();
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            match entry.metadata().ok().as_ref().and_then(age_of).filter(|age| *age <= self.sweep_after) {
                Some(age) => kept.push((age, entry.path())),
                None => drop(fs::remove_file(entry.path())),
            }
        }
        kept.sort();
        for (_, path) in kept.iter().skip(self.max_entries.saturating_sub(1)) {
            let _ = fs::remove_file(path);
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

    #[test]
    fn what_a_killed_run_left_goes() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CacheDir::of_replies(folder.path());
        cache.write(&["a"], "old");
        fs::write(cache.path(&["a"]).with_extension("json.c66-new"), "half").unwrap();
        cache.write(&["a"], "new");
        assert_eq!(cache.read(&["a"], TTL).unwrap(), "new");
        assert_eq!(fs::read_dir(&cache.folder).unwrap().count(), 1);
    }

    #[test]
    fn only_so_many_replies_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CacheDir { max_entries: 3, ..CacheDir::of_replies(folder.path()) };
        for name in ["a", "b", "c", "d", "e"] {
            cache.write(&[name], name);
            let file = fs::File::options().write(true).open(cache.path(&[name])).unwrap();
            let age = Duration::from_secs(100 - u64::from(name.as_bytes()[0] - b'a'));
            file.set_modified(SystemTime::now() - age).unwrap();
        }
        let kept = |name| cache.read(&[name], SWEEP_REPLIES_AFTER);
        assert_eq!(["a", "b", "c", "d", "e"].map(|name| kept(name).is_some()), [false, false, true, true, true]);
        assert_eq!(cache.read(&["e"], Duration::from_secs(10)), None);
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
