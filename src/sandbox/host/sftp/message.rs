//! The messages of SFTP: the fields of requests, and replies as bytes.

use std::fs::{self, File, FileTimes, Metadata};
use std::io::{self, Error, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::time::{Duration, SystemTime};

// Types of requests.
pub(super) const INIT: u8 = 1;
pub(super) const OPEN: u8 = 3;
pub(super) const CLOSE: u8 = 4;
pub(super) const READ: u8 = 5;
pub(super) const WRITE: u8 = 6;
pub(super) const LSTAT: u8 = 7;
pub(super) const FSTAT: u8 = 8;
pub(super) const SETSTAT: u8 = 9;
pub(super) const FSETSTAT: u8 = 10;
pub(super) const OPENDIR: u8 = 11;
pub(super) const READDIR: u8 = 12;
pub(super) const REMOVE: u8 = 13;
pub(super) const MKDIR: u8 = 14;
pub(super) const RMDIR: u8 = 15;
pub(super) const REALPATH: u8 = 16;
pub(super) const STAT: u8 = 17;
pub(super) const RENAME: u8 = 18;
pub(super) const EXTENDED: u8 = 200;
// Types of replies.
const VERSION: u8 = 2;
const STATUS: u8 = 101;
const HANDLE: u8 = 102;
const DATA: u8 = 103;
const NAME: u8 = 104;
const ATTRS: u8 = 105;
/// A rename that replaces what has the new name.
pub(super) const POSIX_RENAME: &[u8] = b"posix-rename@openssh.com";
// Which attributes are given.
const HAS_SIZE: u32 = 1;
const HAS_OWNER: u32 = 2;
const HAS_MODE: u32 = 4;
const HAS_TIMES: u32 = 8;

/// A reply after its number.
pub(super) enum Reply {
    Done,
    Handle(u32),
    Data(Vec<u8>),
    Names(Vec<(Vec<u8>, Option<Metadata>)>),
    Attributes(Metadata),
}

/// The rest of a request.
pub(super) struct Fields<'r>(pub(super) &'r [u8]);

impl<'r> Fields<'r> {
    pub(super) fn take(&mut self, length: usize) -> io::Result<&'r [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(ErrorKind::InvalidData)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn u32(&mut self) -> io::Result<u32> {
        self.take(4)?.try_into().map(u32::from_be_bytes).map_err(Error::other)
    }

    pub(super) fn u64(&mut self) -> io::Result<u64> {
        self.take(8)?.try_into().map(u64::from_be_bytes).map_err(Error::other)
    }

    pub(super) fn bytes(&mut self) -> io::Result<&'r [u8]> {
        let length = self.u32()?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }

    pub(super) fn attributes(&mut self) -> io::Result<Attributes> {
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
pub(super) struct Attributes {
    pub(super) size: Option<u64>,
    pub(super) mode: Option<u32>,
    times: Option<FileTimes>,
}

impl Attributes {
    pub(super) fn apply(&self, file: &File) -> io::Result<()> {
        if let Some(size) = self.size {
            file.set_len(size)?;
        }
        if let Some(mode) = self.mode {
            file.set_permissions(fs::Permissions::from_mode(mode))?;
        }
        self.times.map_or(Ok(()), |times| file.set_times(times))
    }
}

/// The number of an opened file or folder.
pub(super) fn handle(fields: &mut Fields<'_>) -> io::Result<u32> {
    fields.bytes()?.try_into().map(u32::from_be_bytes).map_err(|_| ErrorKind::InvalidData.into())
}

/// Writes what this server can do.
pub(super) fn write_version(to: &mut Vec<u8>) {
    to.push(VERSION);
    to.extend(3_u32.to_be_bytes());
    put(to, POSIX_RENAME);
    put(to, b"1");
}

/// Writes the reply to the request with that number.
pub(super) fn write_reply(reply: &mut Vec<u8>, number: u32, outcome: io::Result<Reply>) {
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
