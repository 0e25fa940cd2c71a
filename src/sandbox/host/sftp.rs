//! An SFTP server (version 3) for the folder of one server: paths begin at that folder, `..` does not leave it, and
//! symbolic links are neither made nor followed.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File, FileTimes, Metadata, OpenOptions, ReadDir};
use std::io::{self, Error, ErrorKind, Read, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

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

// Types of requests.
const INIT: u8 = 1;
const OPEN: u8 = 3;
const CLOSE: u8 = 4;
const READ: u8 = 5;
const WRITE: u8 = 6;
const LSTAT: u8 = 7;
const FSTAT: u8 = 8;
const SETSTAT: u8 = 9;
const FSETSTAT: u8 = 10;
const OPENDIR: u8 = 11;
const READDIR: u8 = 12;
const REMOVE: u8 = 13;
const MKDIR: u8 = 14;
const RMDIR: u8 = 15;
const REALPATH: u8 = 16;
const STAT: u8 = 17;
const RENAME: u8 = 18;
const EXTENDED: u8 = 200;
// Types of replies.
const VERSION: u8 = 2;
const STATUS: u8 = 101;
const HANDLE: u8 = 102;
const DATA: u8 = 103;
const NAME: u8 = 104;
const ATTRS: u8 = 105;
/// A rename that replaces what has the new name.
const POSIX_RENAME: &[u8] = b"posix-rename@openssh.com";
// Flags of an opened file.
const FOR_READING: u32 = 1;
const FOR_WRITING: u32 = 2;
const APPEND: u32 = 4;
const CREATE: u32 = 8;
const TRUNCATE: u32 = 16;
const EXCLUSIVE: u32 = 32;
// Which attributes are given.
const HAS_SIZE: u32 = 1;
const HAS_OWNER: u32 = 2;
const HAS_MODE: u32 = 4;
const HAS_TIMES: u32 = 8;

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

/// A reply after its number.
enum Reply {
    Done,
    Handle(u32),
    Data(Vec<u8>),
    Names(Vec<(Vec<u8>, Option<Metadata>)>),
    Attributes(Metadata),
}

/// The rest of a request.
struct Fields<'r>(&'r [u8]);

impl<'r> Fields<'r> {
    fn take(&mut self, length: usize) -> io::Result<&'r [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(ErrorKind::InvalidData)?;
        self.0 = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> io::Result<u32> {
        self.take(4)?.try_into().map(u32::from_be_bytes).map_err(Error::other)
    }

    fn u64(&mut self) -> io::Result<u64> {
        self.take(8)?.try_into().map(u64::from_be_bytes).map_err(Error::other)
    }

    fn bytes(&mut self) -> io::Result<&'r [u8]> {
        let length = self.u32()?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }

    fn attributes(&mut self) -> io::Result<Attributes> {
        let flags = self.u32()?;
        let mut given = Attributes::default();
        if flags & HAS_SIZE != 0 {
            given.size = Some(self.u64()?);
        }
        if flags & HAS_OWNER != 0 {
            // Everything belongs to the user.
            self.take(8)?;
        }
        if flags & HAS_MODE != 0 {
            given.mode = Some(self.u32()? & 0o777);
        }
        if flags & HAS_TIMES != 0 {
            let time = |seconds: u32| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.into());
            let (accessed, modified) = (time(self.u32()?), time(self.u32()?));
            given.times = Some(FileTimes::new().set_accessed(accessed).set_modified(modified));
        }
        Ok(given)
    }
}

/// Attributes to set.
#[derive(Default)]
struct Attributes {
    size: Option<u64>,
    mode: Option<u32>,
    times: Option<FileTimes>,
}

impl Attributes {
    fn apply(&self, file: &File) -> io::Result<()> {
        if let Some(size) = self.size {
            file.set_len(size)?;
        }
        if let Some(mode) = self.mode {
            file.set_permissions(fs::Permissions::from_mode(mode))?;
        }
        self.times.map_or(Ok(()), |times| file.set_times(times))
    }
}

impl Sftp {
    fn answer(&mut self, request: &[u8], reply: &mut Vec<u8>) -> io::Result<()> {
        let mut fields = Fields(request);
        let kind = fields.take(1)?[0];
        if kind == INIT {
            reply.push(VERSION);
            reply.extend(3_u32.to_be_bytes());
            put(reply, POSIX_RENAME);
            put(reply, b"1");
            return Ok(());
        }
        let number = fields.u32()?;
        let outcome = self.perform(kind, &mut fields);
        let mut begin = |kind: u8| {
            reply.push(kind);
            reply.extend(number.to_be_bytes());
        };
        match outcome {
            Ok(Reply::Done) => {
                begin(STATUS);
                put_status(reply, 0, "");
            }
            Ok(Reply::Handle(handle)) => {
                begin(HANDLE);
                put(reply, &handle.to_be_bytes());
            }
            Ok(Reply::Data(data)) => {
                begin(DATA);
                put(reply, &data);
            }
            Ok(Reply::Names(names)) => {
                begin(NAME);
                reply.extend(u32::try_from(names.len()).unwrap_or_default().to_be_bytes());
                for (name, found) in names {
                    put(reply, &name);
                    put(reply, long_name(&name, found.as_ref()).as_bytes());
                    put_attributes(reply, found.as_ref());
                }
            }
            Ok(Reply::Attributes(found)) => {
                begin(ATTRS);
                put_attributes(reply, Some(&found));
            }
            Err(error) => {
                begin(STATUS);
                let code = match error.kind() {
                    ErrorKind::UnexpectedEof => 1,
                    ErrorKind::NotFound => 2,
                    ErrorKind::PermissionDenied => 3,
                    ErrorKind::InvalidData => 5,
                    ErrorKind::Unsupported => 8,
                    _ => 4,
                };
                put_status(reply, code, &error.kind().to_string());
            }
        }
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
            REALPATH => Ok(Reply::Names(vec![(named(&lexical(fields.bytes()?)), None)])),
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
        for name in lexical(fields.bytes()?) {
            path.push(name);
            if path.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
                return Err(ErrorKind::PermissionDenied.into());
            }
        }
        Ok(path)
    }
}

fn handle(fields: &mut Fields<'_>) -> io::Result<u32> {
    fields.bytes()?.try_into().map(u32::from_be_bytes).map_err(|_| ErrorKind::InvalidData.into())
}

/// The names of a path from the folder of the server; `..` at its top stays there.
fn lexical(path: &[u8]) -> Vec<&OsStr> {
    let path = Path::new(OsStr::from_bytes(path));
    let mut names: Vec<&OsStr> = Vec::new();
    if path.is_relative() {
        names.extend(Path::new(HOME).components().filter_map(name_of));
    }
    for component in path.components() {
        match component {
            Component::ParentDir => drop(names.pop()),
            component => names.extend(name_of(component)),
        }
    }
    names
}

fn name_of(component: Component<'_>) -> Option<&OsStr> {
    if let Component::Normal(name) = component { Some(name) } else { None }
}

fn named(names: &[&OsStr]) -> Vec<u8> {
    let path: Vec<u8> = names.iter().flat_map(|name| [b"/", name.as_bytes()].concat()).collect();
    if path.is_empty() { b"/".to_vec() } else { path }
}

/// The name as a line of a list, which some clients show.
fn long_name(name: &[u8], found: Option<&Metadata>) -> String {
    let name = String::from_utf8_lossy(name);
    let Some(found) = found else { return name.into_owned() };
    let kind = if found.is_dir() { 'd' } else { '-' };
    let mode: String =
        (0..9).map(|bit| if found.mode() & (0o400 >> bit) == 0 { '-' } else { ['r', 'w', 'x'][bit % 3] }).collect();
    let time = jiff::Timestamp::from_second(found.mtime()).unwrap_or_default();
    format!("{kind}{mode} {:3} root root {:10} {} {name}", found.nlink(), found.len(), time.strftime("%b %d %Y"))
}

fn put(to: &mut Vec<u8>, bytes: &[u8]) {
    to.extend(u32::try_from(bytes.len()).unwrap_or_default().to_be_bytes());
    to.extend(bytes);
}

fn put_status(to: &mut Vec<u8>, code: u32, message: &str) {
    to.extend(code.to_be_bytes());
    put(to, message.as_bytes());
    put(to, b"");
}

fn put_attributes(to: &mut Vec<u8>, found: Option<&Metadata>) {
    let Some(found) = found else {
        to.extend(0_u32.to_be_bytes());
        return;
    };
    to.extend((HAS_SIZE | HAS_OWNER | HAS_MODE | HAS_TIMES).to_be_bytes());
    to.extend(found.len().to_be_bytes());
    let seconds = |time: i64| u32::try_from(time).unwrap_or_default();
    for value in [0, 0, found.mode(), seconds(found.atime()), seconds(found.mtime())] {
        to.extend(value.to_be_bytes());
    }
}
