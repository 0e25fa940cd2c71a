//! The servers of the sandbox as one can enter them: each is a private folder of this machine, with keys, files and
//! logs of its own. The system's sshd serves it on standard streams; nothing listens on a port.

mod confine;
mod paths;
mod port;
mod sftp;
mod stand_ins;

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;

use super::cloud66::HostFacts;
use super::server_key::{Key, Purpose};
use super::servers_folder;
use super::store::StateStore;
use crate::error::{Error, Result};
use crate::files::lock::LockWait;
use crate::files::private::{create_dir, open_private};
use crate::files::{bounded, replace, temporary};
use crate::text::quote::remote_word;

pub(crate) use confine::confine;
pub(crate) use paths::mapped;
pub(crate) use port::answer;
pub(crate) use sftp::serve as serve_sftp;

/// What the configuration of sshd calls its SFTP server, and therefore what it says was asked for.
pub(crate) const SFTP: &str = "internal-sftp";
/// The configuration of sshd.
const CONFIG: &str = "sshd_config";
/// What describes the server.
const NAME: &str = "name";
const VARIABLES: &str = "variables";
const LOGS: &str = "logs";
/// The file system of the server.
const ROOT: &str = "root";
/// The folder of the user in it.
const HOME: &str = "root";
const PROGRAMS: &str = "usr/local/bin";
/// Where the machine has programs.
const PROGRAM_FOLDERS: [&str; 5] = ["/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin"];
/// A log that is longer begins anew, in bytes.
const MAX_LOG: u64 = 1024 * 1024;

/// A server that one can enter.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    folder: PathBuf,
    name: String,
    /// The variables of its stack, for a shell.
    variables: String,
    /// Its logs, one a line, relative to its file system.
    logs: String,
}

impl Host {
    /// Writes down what `at` and sshd read, beside the file system of the server, where no command on it can write. `user`
    /// may log in and gets what `enter` runs, a line for a shell without the folder as its last word.
    pub(crate) fn prepare(state: &Path, wait: LockWait, uid: &str, user: &str, enter: &str) -> Result<Self> {
        let facts = StateStore::File(state.to_owned(), wait).with(|state| state.cloud66.host(uid))?;
        let facts = facts.ok_or_else(|| Error::not_found(format!("the sandbox has no server `{uid}`")))?;
        let host = Self {
            folder: servers_folder(state).join(uid),
            variables: variables(&facts),
            logs: logs(&facts),
            name: facts.name,
        };
        create_dir(&host.root())?;
        let [login, own] = [Purpose::Login, Purpose::Host].map(|purpose| Key::of(uid, purpose));
        let (Some(login), Some(own)) = (login, own) else { return Err(Error::internal("no key was made")) };
        for (name, text) in [
            (NAME, &host.name),
            (VARIABLES, &host.variables),
            (LOGS, &host.logs),
            ("host_key", &own.private),
            ("authorized_keys", &login.public),
            (CONFIG, &host.config(user, enter)),
        ] {
            let path = host.folder.join(name);
            write(&path, text.as_bytes(), 0o600)
                .map_err(|error| Error::local_file(format!("write {}", path.display()), &error))?;
        }
        Ok(host)
    }

    /// The server in that folder.
    pub(crate) fn at(folder: &Path) -> Result<Self> {
        if !folder.join(CONFIG).is_file() {
            return Err(Error::usage(format!("{} is not the folder of a server of the sandbox", folder.display())));
        }
        let read = |name: &str| {
            let path = folder.join(name);
            bounded::read(&path).map_err(|error| Error::local_file(format!("read {}", path.display()), &error))
        };
        Ok(Self { folder: folder.to_owned(), name: read(NAME)?, variables: read(VARIABLES)?, logs: read(LOGS)? })
    }

    /// Creates what is missing in its file system; files that a user changed stay, except those that describe the server.
    /// What cannot be written is what a user has made of its place.
    ///
    /// Confined, it cannot write outside even if a command changes folders into links meanwhile.
    pub(crate) fn furnish(&self) {
        let application = self.logs.lines().last().map(parent_of).unwrap_or_default();
        for folder in ["tmp", HOME, PROGRAMS, "bin", "usr/bin", "etc/nginx", "var/log", application] {
            if let Some(path) = self.inside(folder) {
                let _ = create_dir(&path);
            }
        }
        let put = |path: &str, text: &str, mode: u32| {
            if let Some(path) = self.inside(path) {
                let _ = write(&path, text.as_bytes(), mode);
            }
        };
        put("etc/hostname", &format!("{}\n", self.name), 0o600);
        put("var/.cloud66_env", &self.variables, 0o600);
        for (path, text) in [
            ("etc/passwd", "root:x:0:0:root of the sandbox:/root:/bin/sh\n"),
            ("etc/nginx/nginx.conf", "worker_processes 4;\nerror_log /var/deploy/nginx_error.log;\n"),
        ] {
            if !self.root().join(path).exists() {
                put(path, text, 0o600);
            }
        }
        for (path, text) in stand_ins::scripts() {
            put(&path, &text, 0o700);
        }
        self.grow_logs();
    }

    /// A path of its file system on this machine; `None` if a link on the way could lead out.
    fn inside(&self, path: &str) -> Option<PathBuf> {
        let mut whole = self.root();
        for part in Path::new(path).components() {
            whole.push(part);
            if whole.is_symlink() {
                return None;
            }
        }
        Some(whole)
    }

    /// The configuration of its sshd.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.folder.join(CONFIG)
    }

    /// Its file system.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.join(ROOT)
    }

    /// The folder of its user.
    pub(crate) fn home(&self) -> PathBuf {
        self.root().join(HOME)
    }

    /// The folder for its temporary files.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.root().join("tmp")
    }

    /// Where its programs are: its own, then those of the machine.
    pub(crate) fn search_path(&self) -> std::ffi::OsString {
        let mut path = self.root().join(PROGRAMS).into_os_string();
        path.push(":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        path
    }

    /// Whether the path is that of a program of the machine which the server lacks, and nothing stands for.
    pub(crate) fn is_borrowed(&self, path: &str) -> bool {
        let path = Path::new(path);
        let folder = path.parent().filter(|folder| PROGRAM_FOLDERS.iter().any(|known| folder.as_os_str() == *known));
        let name = path.file_name().and_then(|name| name.to_str());
        let (Some(_), Some(name)) = (folder, name) else { return false };
        let inside = path.strip_prefix("/").map(|path| self.root().join(path));
        !stand_ins::has(name) && path.is_file() && !inside.is_ok_and(|inside| inside.symlink_metadata().is_ok())
    }

    /// Adds a line to each log.
    pub(crate) fn grow_logs(&self) {
        let now = Timestamp::now();
        for path in self.logs.lines().filter_map(|log| self.inside(log)) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let text = match name {
                "nginx_error.log" => "[notice] 4242#0: signal process started",
                "nginx_access.log" => "203.0.113.7 \"GET / HTTP/1.1\" 200 612",
                "syslog" => "cron[871]: (root) CMD (test -x /usr/sbin/anacron)",
                _ => "INFO -- : Completed 200 OK in 12ms (Views: 8.1ms | ActiveRecord: 1.9ms)",
            };
            let is_full = path.metadata().is_ok_and(|found| found.len() >= MAX_LOG);
            if is_full {
                let _ = fs::rename(&path, path.with_extension("log.1"));
            }
            // A folder or a link of that name is the user's, and so is a log that cannot be written.
            let _ = open_private(OpenOptions::new().append(true).create(true), &path)
                .and_then(|mut log| log.write_all(format!("{now:.0} {text}\n").as_bytes()));
        }
    }

    fn config(&self, user: &str, enter: &str) -> String {
        let file = |name: &str| format!("\"{}\"", self.folder.join(name).display());
        let mut text = format!("HostKey {}\n", file("host_key"));
        // It expands percent signs in this one.
        let _ = writeln!(text, "AuthorizedKeysFile {}", file("authorized_keys").replace('%', "%%"));
        let _ =
            writeln!(text, "AllowUsers {user}\nForceCommand {enter} {}", remote_word(&self.folder.to_string_lossy()));
        text + OPTIONS
    }
}

/// Replaces a file unless it is like that already.
fn write(path: &Path, content: &[u8], mode: u32) -> std::io::Result<()> {
    if fs::read(path).is_ok_and(|known| known == content) {
        return Ok(());
    }
    let mut file = temporary::create(path)?;
    file.write_all(content)?;
    file.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    replace::persist(file, path)
}

/// The folder of a log.
fn parent_of(log: &str) -> &str {
    log.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The logs of a server, those of the application last; nothing in their paths leads out.
fn logs(facts: &HostFacts) -> String {
    let deployed: PathBuf =
        Path::new(&facts.deploy_directory).components().filter(|part| matches!(part, Component::Normal(_))).collect();
    let folder = deployed.join("web_head/current/log");
    let folder = folder.display();
    format!("var/log/syslog\n{folder}/nginx_error.log\n{folder}/nginx_access.log\n{folder}/{}.log\n", facts.environment)
}

/// The variables of the stack for a shell.
fn variables(facts: &HostFacts) -> String {
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let mut text = String::new();
    for (name, value) in facts.variables.iter().filter(|(name, _)| is_name(name)) {
        let _ = writeln!(text, "export {name}={}", remote_word(value));
    }
    text
}

/// Keys only, nothing forwarded but the agent and the ports that the command line of sshd allows.
const OPTIONS: &str = "StrictModes no
UsePAM no
PidFile none
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
X11Forwarding no
AllowAgentForwarding yes
AllowTcpForwarding local
AllowStreamLocalForwarding no
PermitListen none
PermitTunnel no
PermitUserRC no
PermitUserEnvironment no
PrintMotd no
PrintLastLog no
LogLevel ERROR
Subsystem sftp internal-sftp
";
