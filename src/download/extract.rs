//! Unpacks a download while it arrives: tar, gzip, or both, into one folder and never outside it.
//!
//! The files are written to a temporary folder and moved when the last byte has arrived.

use std::fs::OpenOptions;
use std::io::{BufReader, Cursor, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use flate2::bufread::MultiGzDecoder;
use hyper::body::Bytes;
use tar::EntryType;
use tokio::sync::{mpsc, oneshot};

use crate::download::staging::StagingFolder;
use crate::error::{Error, Kind, Result};
use crate::files::private::{create_dir, open_private};

/// How many chunks may wait for the disk.
const WAITING_CHUNKS: usize = 16;
/// Block size of a tar archive, in bytes.
const BLOCK: usize = 512;

/// Unpacks chunks on its own thread: unpacking needs the processor, and writing files is slow.
pub(crate) struct Unpacker {
    chunks: Option<mpsc::Sender<Bytes>>,
    abandoned: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    outcome: oneshot::Receiver<Result<Vec<PathBuf>>>,
    /// Paths of the unpacked files below the folder.
    files: Option<Vec<PathBuf>>,
    folder: PathBuf,
    /// The temporary folder. It is dropped after the thread that writes there.
    staging: StagingFolder,
}

impl Unpacker {
    /// Starts to unpack into `folder`, which is created if missing; a file that is only compressed becomes `name`.
    pub(crate) fn start(folder: &Path, name: &str) -> Result<Self> {
        let staging = StagingFolder::create(folder, name)?;
        let (chunks, waiting) = mpsc::channel(WAITING_CHUNKS);
        let (report, outcome) = oneshot::channel();
        let abandoned = Arc::new(AtomicBool::new(false));
        let reader = ChunkReader { waiting, current: Bytes::new(), abandoned: Arc::clone(&abandoned) };
        let (into, name) = (staging.files(), name.to_owned());
        let work = move || drop(report.send(unpack(reader, &into, &name)));
        let thread = std::thread::Builder::new().name("unpack".to_owned()).spawn(work);
        let thread = thread.map_err(|error| Error::local_file("start to unpack", &error))?;
        Ok(Self {
            chunks: Some(chunks),
            abandoned,
            thread: Some(thread),
            outcome,
            files: None,
            folder: folder.to_owned(),
            staging,
        })
    }

    /// Passes the next bytes.
    pub(crate) async fn push(&mut self, bytes: Bytes) -> Result<()> {
        let taken = match &self.chunks {
            Some(chunks) => chunks.send(bytes).await.is_ok(),
            None => false,
        };
        if taken { Ok(()) } else { self.wait().await }
    }

    /// Waits for the last file; all bytes must have been passed.
    pub(crate) async fn wait(&mut self) -> Result<()> {
        self.chunks = None;
        if self.files.is_none() {
            let stopped = |_| Err(Error::internal("unpacking failed"));
            self.files = Some((&mut self.outcome).await.unwrap_or_else(stopped)?);
        }
        Ok(())
    }

    /// Waits for the last file, moves all of them to the folder, and returns their paths. An existing file is replaced
    /// only with `replace`, a folder never.
    pub(crate) async fn finish(mut self, replace: bool) -> Result<Vec<PathBuf>> {
        self.wait().await?;
        let failed = |error: std::io::Error| Error::local_file(format!("write into {}", self.folder.display()), &error);
        let tops: std::result::Result<Vec<_>, _> = std::fs::read_dir(self.staging.files()).map_err(failed)?.collect();
        let tops = tops.map_err(failed)?;
        for top in &tops {
            let name = self.folder.join(top.file_name());
            let taken = name.symlink_metadata().is_ok_and(|found| !replace || found.is_dir());
            if taken {
                return Err(Error::new(Kind::LocalFile, format!("{} already exists", name.display()))
                    .hint("pass --dir DIR to unpack elsewhere, or --force to replace files"));
            }
        }
        for top in tops {
            crate::files::replace::rename(&top.path(), &self.folder.join(top.file_name())).map_err(failed)?;
        }
        let files = self.files.take().unwrap_or_default();
        Ok(files.into_iter().map(|file| self.folder.join(file)).collect())
    }
}

impl Drop for Unpacker {
    /// Ends the thread, so that it no longer writes when the folder is removed.
    fn drop(&mut self) {
        self.abandoned.store(true, Ordering::Relaxed);
        self.chunks = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The chunks as one stream for reading.
struct ChunkReader {
    waiting: mpsc::Receiver<Bytes>,
    current: Bytes,
    /// Whether the rest is no longer needed.
    abandoned: Arc<AtomicBool>,
}

impl Read for ChunkReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.current.is_empty() {
            match self.waiting.blocking_recv() {
                Some(chunk) => self.current = chunk,
                None => break,
            }
        }
        if self.abandoned.load(Ordering::Relaxed) {
            return Err(std::io::Error::other("the download has ended"));
        }
        let length = buffer.len().min(self.current.len());
        buffer[..length].copy_from_slice(&self.current.split_to(length));
        Ok(length)
    }
}

/// Unpacks `stream` into the folder `into`, and returns the paths below it.
fn unpack(mut stream: impl Read, into: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let head = first_block(&mut stream).map_err(|error| unreadable(&error))?;
    let is_gzip = head.starts_with(&[0x1f, 0x8b]);
    let stream = Cursor::new(head.clone()).chain(stream);
    if !is_gzip {
        if !is_tar(&head) {
            return Err(Error::new(Kind::BadReply, "the backup is neither tar nor gzip")
                .hint("omit --extract to save the archive"));
        }
        return unpack_tar(stream, into);
    }
    let mut plain = MultiGzDecoder::new(BufReader::new(stream));
    let head = first_block(&mut plain).map_err(|error| unreadable(&error))?;
    let mut plain = Cursor::new(head.clone()).chain(plain);
    if is_tar(&head) {
        return unpack_tar(plain, into);
    }
    write(&mut plain, &into.join(name))?;
    Ok(vec![PathBuf::from(name)])
}

/// The first block, or as much as there is.
fn first_block(stream: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(BLOCK);
    stream.take(BLOCK as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether this is the first block of a tar archive: its checksum is right, in any dialect.
fn is_tar(head: &[u8]) -> bool {
    let Some(stated) = head.get(148..156).filter(|_| head.len() == BLOCK) else { return false };
    let stated = String::from_utf8_lossy(stated);
    let blanked = head.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { b' ' } else { *byte });
    let counted: u32 = blanked.map(u32::from).sum();
    u32::from_str_radix(stated.trim_matches([' ', '\0']), 8) == Ok(counted)
}

fn unpack_tar(mut stream: impl Read, into: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut archive = tar::Archive::new(&mut stream);
    for entry in archive.entries().map_err(|error| unreadable(&error))? {
        let mut entry = entry.map_err(|error| unreadable(&error))?;
        let path = entry.path().map_err(|error| unreadable(&error))?;
        let inner = relative_path(&path)?;
        match entry.header().entry_type() {
            EntryType::Directory => create_dir(&into.join(inner))?,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                let target = into.join(&inner);
                if let Some(folder) = target.parent() {
                    create_dir(folder)?;
                }
                write(&mut entry, &target)?;
                files.push(inner);
            }
            // A link can lead anywhere, and a backup needs none.
            _ => {}
        }
    }
    // The blocks after the end: unread bytes would look like a truncated download to the sender.
    std::io::copy(&mut stream, &mut std::io::sink()).map_err(|error| unreadable(&error))?;
    Ok(files)
}

/// The path as one below a folder.
fn relative_path(path: &Path) -> Result<PathBuf> {
    let mut inner = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) if !(cfg!(windows) && is_device(&name.to_string_lossy())) => inner.push(name),
            Component::CurDir => {}
            Component::Normal(_) | Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                let name = crate::text::sanitize::excerpt(&path.to_string_lossy(), 100);
                return Err(Error::new(
                    Kind::BadReply,
                    format!("the backup contains a path outside the folder: {name}"),
                )
                .hint("omit --extract to save the archive"));
            }
        }
    }
    Ok(inner)
}

/// Whether Windows treats the name as a device, in any folder and with any extension, or as a stream of another file.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ').to_uppercase();
    let numbered = |device: &str| {
        let number = stem.strip_prefix(device);
        number.is_some_and(|number| {
            matches!(number, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        })
    };
    let named = matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$");
    named || numbered("COM") || numbered("LPT") || name.contains(':')
}

/// Only the owner may read the content of a backup.
fn write(stream: &mut impl Read, path: &Path) -> Result<()> {
    let failed = |error: &std::io::Error| Error::local_file(format!("write {}", path.display()), error);
    let file = open_private(OpenOptions::new().write(true).create(true).truncate(true), path);
    let mut file = file.map_err(|error| failed(&error))?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return file.sync_data().map_err(|error| failed(&error)),
            Ok(length) => std::io::Write::write_all(&mut file, &buffer[..length]).map_err(|error| failed(&error))?,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(&error)),
        }
    }
}

fn unreadable(error: &std::io::Error) -> Error {
    Error::new(Kind::BadReply, "cannot unpack the backup")
        .cause(error.to_string())
        .hint("omit --extract to save the archive")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn entry(builder: &mut tar::Builder<Vec<u8>>, name: &str, kind: EntryType, content: &[u8]) {
        let mut header = tar::Header::new_gnu();
        // The crate itself would refuse the names of interest.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o777);
        header.set_link_name("/etc/passwd").unwrap();
        header.set_cksum();
        builder.append(&header, content).unwrap();
    }

    fn archive(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, kind, content) in entries {
            entry(&mut builder, name, *kind, content);
        }
        builder.into_inner().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn device_names_are_recognized() {
        for name in
            ["NUL", "nul.txt", "Con", "com1", "COM9.tar.gz", "LPT\u{b9}", "aux .c", "CONIN$", "C:", "dump:hidden"]
        {
            assert!(is_device(name), "{name}");
        }
        for name in ["null", "console", "COM", "COM0", "com10", "nul-1", "lpt", "auxiliary.sql", "dump.nul"] {
            assert!(!is_device(name), "{name}");
        }
    }

    #[test]
    fn tar_and_gzip_are_recognized_by_their_bytes() {
        let plain = archive(&[("db/", EntryType::Directory, b""), ("./db/dump.sql", EntryType::Regular, b"select 1;")]);
        for bytes in [plain.clone(), gzip(&plain)] {
            let folder = tempfile::tempdir().unwrap();
            let files = unpack(bytes.as_slice(), folder.path(), "backup-1").unwrap();
            assert_eq!(files, [PathBuf::from("db/dump.sql")]);
            assert_eq!(std::fs::read(folder.path().join("db/dump.sql")).unwrap(), b"select 1;");
            #[cfg(unix)]
            {
                let mode = std::fs::metadata(folder.path().join("db/dump.sql")).unwrap().permissions();
                assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let files = unpack(gzip(b"select 1;").as_slice(), folder.path(), "backup-1").unwrap();
        assert_eq!(files, [PathBuf::from("backup-1")]);
        assert_eq!(std::fs::read(folder.path().join("backup-1")).unwrap(), b"select 1;");
        for nothing in [b"select 1;".as_slice(), b"", &[7; 5000]] {
            assert_eq!(unpack(nothing, folder.path(), "x").unwrap_err().kind(), Kind::BadReply);
        }
    }

    #[test]
    fn nothing_is_written_outside_the_folder() {
        for name in ["../x", "/tmp/x", "a/../../x", "a/../x"] {
            let folder = tempfile::tempdir().unwrap();
            let bytes = archive(&[(name, EntryType::Regular, b"evil")]);
            let error = unpack(bytes.as_slice(), folder.path(), "x").unwrap_err();
            assert!(error.message().contains("outside the folder"), "{name}: {error}");
        }
        let folder = tempfile::tempdir().unwrap();
        let bytes = archive(&[
            ("way", EntryType::Symlink, b""),
            ("hard", EntryType::Link, b""),
            ("pipe", EntryType::Fifo, b""),
            ("way", EntryType::Regular, b"mine"),
        ]);
        assert_eq!(unpack(bytes.as_slice(), folder.path(), "x").unwrap(), [PathBuf::from("way")]);
        assert!(folder.path().join("way").symlink_metadata().unwrap().is_file());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_truncated_archive_is_an_error() {
        let bytes = archive(&[("dump.sql", EntryType::Regular, &[b'x'; 5000])]);
        let folder = tempfile::tempdir().unwrap();
        assert!(unpack(&bytes[..3000], folder.path(), "x").is_err());
        let bytes = gzip(&bytes);
        assert!(unpack(&bytes[..bytes.len() / 2], folder.path(), "x").is_err());
    }

    #[tokio::test]
    async fn existing_files_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = archive(&[("dump.sql", EntryType::Regular, b"new")]);
        let path = folder.path().join("dump.sql");
        for (replace, content) in [(false, "old"), (true, "new")] {
            std::fs::write(&path, "old").unwrap();
            let mut unpacker = Unpacker::start(folder.path(), "x").unwrap();
            for chunk in bytes.chunks(100) {
                unpacker.push(Bytes::copy_from_slice(chunk)).await.unwrap();
            }
            assert_eq!(unpacker.finish(replace).await.is_ok(), replace);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }
}
