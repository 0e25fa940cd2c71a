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
use crate::files::private::{create_dir, open_private, parent_dir};
use crate::files::{replace, temporary};
use crate::text::quote::remote_word;

pub(crate) use confine::confine;
pub(crate) use paths::mapped;
pub(crate) use port::answer;
pub(crate) use sftp::serve as serve_sftp;

/// What the configuration of sshd calls its SFTP server, and therefore what it says was asked for.
pub(crate) const SFTP: &str = "internal-sftp";
/// The configuration of sshd.
const CONFIG: &str = "sshd_config";
/// The list of the logs, relative to the file system.
const LOGS: &str = "logs";
/// The file system of the server.
const ROOT: &str = "root";
/// The folder of the user in it.
const HOME: &str = "root";
const PROGRAMS: &str = "usr/local/bin";
/// A log that is longer begins anew, in bytes.
const MAX_LOG: u64 = 1024 * 1024;

/// A server that one can enter.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    folder: PathBuf,
    /// Its logs, relative to its file system.
    logs: Vec<PathBuf>,
}

impl Host {
    /// Creates what is missing in the folder of a server; the files on it that a user changed stay. `user` may log in
    /// and gets what `enter` runs, a line for a shell without the folder as its last word.
    pub(crate) fn prepare(state: &Path, wait: LockWait, uid: &str, user: &str, enter: &str) -> Result<Self> {
        let facts = StateStore::File(state.to_owned(), wait).with(|state| state.cloud66.host(uid))?;
        let facts = facts.ok_or_else(|| Error::not_found(format!("the sandbox has no server `{uid}`")))?;
        let application = log_folder(&facts);
        let names = [&format!("{}.log", facts.environment), "nginx_error.log", "nginx_access.log"];
        let mut logs = vec![PathBuf::from("var/log/syslog")];
        logs.extend(names.iter().map(|name| application.join(name)));
        let host = Self { folder: servers_folder(state).join(uid), logs };
        let failed =
            |error: std::io::Error| Error::local_file(format!("write the files of {}", host.folder.display()), &error);
        for folder in ["", "tmp", HOME, PROGRAMS, "bin", "usr/bin", "etc/nginx", "var/log"] {
            create_dir(&host.root().join(folder))?;
        }
        create_dir(&host.root().join(&application))?;
        let [login, own] = [Purpose::Login, Purpose::Host].map(|purpose| Key::of(uid, purpose));
        let (Some(login), Some(own)) = (login, own) else { return Err(Error::internal("no key was made")) };
        host.write("host_key", own.private.as_bytes(), 0o600).map_err(failed)?;
        host.write("authorized_keys", login.public.as_bytes(), 0o600).map_err(failed)?;
        host.write(CONFIG, host.config(user, enter).as_bytes(), 0o600).map_err(failed)?;
        host.write_system(&facts).map_err(failed)?;
        let list: Vec<String> = host.logs.iter().map(|log| log.display().to_string()).collect();
        host.write(LOGS, list.join("\n").as_bytes(), 0o600).map_err(failed)?;
        host.grow_logs();
        Ok(host)
    }

    /// The server in that folder.
    pub(crate) fn at(folder: &Path) -> Result<Self> {
        if folder.join(CONFIG).is_file() {
            // Now, as a confined process cannot read the list.
            let logs = fs::read_to_string(folder.join(LOGS)).unwrap_or_default();
            return Ok(Self { folder: folder.to_owned(), logs: logs.lines().map(PathBuf::from).collect() });
        }
        Err(Error::usage(format!("{} is not the folder of a server of the sandbox", folder.display())))
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

    /// Adds a line to each log.
    pub(crate) fn grow_logs(&self) {
        let now = Timestamp::now();
        for path in self.logs.iter().map(|log| self.root().join(log)) {
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

    /// The files of the system: those that describe the server are always current.
    fn write_system(&self, facts: &HostFacts) -> std::io::Result<()> {
        let root = |path: &str| format!("{ROOT}/{path}");
        self.write(&root("etc/hostname"), format!("{}\n", facts.name).as_bytes(), 0o600)?;
        self.write(&root("var/.cloud66_env"), variables(facts).as_bytes(), 0o600)?;
        for (path, text) in [
            ("etc/passwd", "root:x:0:0:root of the sandbox:/root:/bin/sh\n"),
            ("etc/nginx/nginx.conf", "worker_processes 4;\nerror_log /var/deploy/nginx_error.log;\n"),
        ] {
            if !self.root().join(path).exists() {
                self.write(&root(path), text.as_bytes(), 0o600)?;
            }
        }
        for (path, text) in stand_ins::scripts() {
            self.write(&root(&path), text.as_bytes(), 0o700)?;
        }
        Ok(())
    }

    /// Replaces a file of the folder unless it is like that already.
    fn write(&self, name: &str, content: &[u8], mode: u32) -> std::io::Result<()> {
        let path = self.folder.join(name);
        if fs::read(&path).is_ok_and(|known| known == content) {
            return Ok(());
        }
        create_dir(parent_dir(&path)).map_err(std::io::Error::other)?;
        let mut file = temporary::create(&path)?;
        file.write_all(content)?;
        file.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
        replace::persist(file, &path)
    }
}

/// The folder of the application's logs, relative to the file system; nothing in it leads out.
fn log_folder(facts: &HostFacts) -> PathBuf {
    let deployed: PathBuf =
        Path::new(&facts.deploy_directory).components().filter(|part| matches!(part, Component::Normal(_))).collect();
    deployed.join("web_head/current/log")
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
