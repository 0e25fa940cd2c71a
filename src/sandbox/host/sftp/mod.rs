//! An SFTP server (version 3) for the folder of one server: paths begin at that folder, `..` does not leave it, and
//! symbolic links are neither made nor followed.

mod message;

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, ReadDir};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Component, Path, PathBuf};

use self::message::{
    CLOSE, EXTENDED, FSETSTAT, FSTAT, Fields, INIT, LSTAT, MKDIR, OPEN, OPENDIR, POSIX_RENAME, READ, READDIR, REALPATH,
    REMOVE, RENAME, RMDIR, Reply, SETSTAT, STAT, WRITE, handle, write_reply, write_version,
};

/// Longest request, in bytes; clients send up to 32 KiB of data in one.
const MAX_REQUEST: usize = 256 * 1024;
/// Most bytes of a file in one reply.
const MAX_DATA: u32 = 64 * 1024;
/// Files and folders that may be open at a time.
const MAX_OPEN: usize = 64;
/// Names of a folder in one reply.
const NAMES_AT_ONCE: usize = 100;
/// The folder that relative paths begin at.
const HOME: &str = "/root";

// Flags of an opened file.
const FOR_READING: u32 = 1;
const FOR_WRITING: u32 = 2;
const APPEND: u32 = 4;
const CREATE: u32 = 8;
const TRUNCATE: u32 = 16;
const EXCLUSIVE: u32 = 32;

/// Serves the folder until the client has ended.
pub(crate) fn serve(root: &Path, input: &mut dyn Read, output: &mut dyn Write) -> io::Result<()> {
    let mut server = Sftp { root: root.to_owned(), open: HashMap::new(), last_handle: 0 };
    loop {
        let mut length = [0; 4];
        match input.read_exact(&mut length) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        }
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length == 0 || length > MAX_REQUEST {
            return Err(ErrorKind::InvalidData.into());
        }
        let mut request = vec![0; length];
        input.read_exact(&mut request)?;
        let mut reply = vec![0; 4];
        server.answer(&request, &mut reply)?;
        let length = u32::try_from(reply.len() - 4).map_err(|_| ErrorKind::InvalidData)?;
        reply[..4].copy_from_slice(&length.to_be_bytes());
        output.write_all(&reply)?;
        output.flush()?;
    }
}

struct Sftp {
    root: PathBuf,
    open: HashMap<u32, Opened>,
    last_handle: u32,
}

enum Opened {
    File(File),
    Folder(ReadDir),
}

impl Sftp {
    fn answer(&mut self, request: &[u8], reply: &mut Vec<u8>) -> io::Result<()> {
        let mut fields = Fields(request);
        let kind = fields.take(1)?[0];
        if kind == INIT {
            write_version(reply);
            return Ok(());
        }
        let number = fields.u32()?;
        let outcome = self.perform(kind, &mut fields);
        write_reply(reply, number, outcome);
        Ok(())
    }

    fn perform(&mut self, kind: u8, fields: &mut Fields<'_>) -> io::Result<Reply> {
        match kind {
            OPEN => {
                let (path, flags, given) = (self.path(fields)?, fields.u32()?, fields.attributes()?);
                self.open_file(&path, flags, given.mode)
            }
            CLOSE => self.open.remove(&handle(fields)?).map(|_| Reply::Done).ok_or(ErrorKind::InvalidInput.into()),
            READ => {
                let (handle, offset, length) = (handle(fields)?, fields.u64()?, fields.u32()?);
                let mut data = vec![0; usize::try_from(length.min(MAX_DATA)).unwrap_or_default()];
                let length = self.file(handle)?.read_at(&mut data, offset)?;
                data.truncate(length);
                if data.is_empty() { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(Reply::Data(data)) }
            }
            WRITE => {
                let (handle, offset) = (handle(fields)?, fields.u64()?);
                self.file(handle)?.write_all_at(fields.bytes()?, offset).map(|()| Reply::Done)
            }
            FSTAT => self.file(handle(fields)?)?.metadata().map(Reply::Attributes),
            FSETSTAT => {
                let handle = handle(fields)?;
                let given = fields.attributes()?;
                given.apply(self.file(handle)?).map(|()| Reply::Done)
            }
            LSTAT | STAT => self.path(fields)?.symlink_metadata().map(Reply::Attributes),
            SETSTAT => {
                let path = self.path(fields)?;
                let given = fields.attributes()?;
                let file = OpenOptions::new().read(true).write(given.size.is_some()).open(path)?;
                given.apply(&file).map(|()| Reply::Done)
            }
            OPENDIR => {
                let folder = self.path(fields)?.read_dir()?;
                self.keep(Opened::Folder(folder))
            }
            READDIR => match self.open.get_mut(&handle(fields)?) {
                Some(Opened::Folder(entries)) => {
                    let shown = |entry: fs::DirEntry| (entry.file_name().as_bytes().to_vec(), entry.metadata().ok());
                    let names: Vec<_> = entries.by_ref().take(NAMES_AT_ONCE).flatten().map(shown).collect();
                    if names.is_empty() { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(Reply::Names(names)) }
                }
                _ => Err(ErrorKind::InvalidInput.into()),
            },
            REMOVE => fs::remove_file(self.path(fields)?).map(|()| Reply::Done),
            MKDIR => {
                let (path, given) = (self.path(fields)?, fields.attributes()?);
                fs::DirBuilder::new().mode(given.mode.unwrap_or(0o755) | 0o700).create(path).map(|()| Reply::Done)
            }
            RMDIR => fs::remove_dir(self.path(fields)?).map(|()| Reply::Done),
            REALPATH => Ok(Reply::Names(vec![(named(&self.names(fields.bytes()?)), None)])),
            RENAME => {
                let (old, new) = (self.path(fields)?, self.path(fields)?);
                if new.symlink_metadata().is_ok() {
                    return Err(ErrorKind::AlreadyExists.into());
                }
                fs::rename(old, new).map(|()| Reply::Done)
            }
            EXTENDED if fields.bytes()? == POSIX_RENAME => {
                fs::rename(self.path(fields)?, self.path(fields)?).map(|()| Reply::Done)
            }
            _ => Err(ErrorKind::Unsupported.into()),
        }
    }

    fn open_file(&mut self, path: &Path, flags: u32, mode: Option<u32>) -> io::Result<Reply> {
        // Opening a pipe would wait for its other end.
        if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let has = |flag: u32| flags & flag != 0;
        let mut options = OpenOptions::new();
        options.read(has(FOR_READING)).write(has(FOR_WRITING)).append(has(APPEND)).mode(mode.unwrap_or(0o644));
        options.create(has(CREATE)).truncate(has(TRUNCATE)).create_new(has(CREATE) && has(EXCLUSIVE));
        let file = options.open(path)?;
        self.keep(Opened::File(file))
    }

    fn keep(&mut self, opened: Opened) -> io::Result<Reply> {
        if self.open.len() >= MAX_OPEN {
            return Err(ErrorKind::QuotaExceeded.into());
        }
        self.last_handle = self.last_handle.wrapping_add(1);
        self.open.insert(self.last_handle, opened);
        Ok(Reply::Handle(self.last_handle))
    }

    fn file(&self, handle: u32) -> io::Result<&File> {
        match self.open.get(&handle) {
            Some(Opened::File(file)) => Ok(file),
            _ => Err(ErrorKind::InvalidInput.into()),
        }
    }

    /// The path of a request on this machine.
    fn path(&self, fields: &mut Fields<'_>) -> io::Result<PathBuf> {
        let mut path = self.root.clone();
        for name in self.names(fields.bytes()?) {
            path.push(name);
            if path.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
                return Err(ErrorKind::PermissionDenied.into());
            }
        }
        Ok(path)
    }

    /// The names of a path from the folder of the server; `..` at its top stays there. Programs also have paths from a
    /// shell of the server, where that folder has its name on this machine.
    fn names<'p>(&self, path: &'p [u8]) -> Vec<&'p OsStr> {
        let path = Path::new(OsStr::from_bytes(path));
        let inside = path.strip_prefix(&self.root);
        let mut names: Vec<&OsStr> = Vec::new();
        if path.is_relative() {
            names.extend(Path::new(HOME).components().filter_map(name_of));
        }
        for component in inside.unwrap_or(path).components() {
            match component {
                Component::ParentDir => drop(names.pop()),
                component => names.extend(name_of(component)),
            }
        }
        names
    }
}

fn name_of(component: Component<'_>) -> Option<&OsStr> {
    if let Component::Normal(name) = component { Some(name) } else { None }
}

fn named(names: &[&OsStr]) -> Vec<u8> {
    let path: Vec<u8> = names.iter().flat_map(|name| [b"/", name.as_bytes()].concat()).collect();
    if path.is_empty() { b"/".to_vec() } else { path }
}
