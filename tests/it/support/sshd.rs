//! A real SSH server on this machine, for as long as a test lasts.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::process::{Running, command, wait_until};
use crate::support::scripted_server::free_port;

/// Where systems have it; it must be started with its whole path.
const PROGRAMS: [&str; 3] = ["/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd"];

/// A running sshd that lets in the user of this process, with one key.
pub struct Sshd {
    pub port: u16,
    pub user: String,
    folder: TempDir,
    running: Running,
}

impl Sshd {
    /// Whether OpenSSH is installed; that it is not is said aloud.
    pub fn is_there() -> bool {
        Self::program().is_some()
    }

    #[expect(clippy::print_stdout, reason = "what is skipped is said aloud")]
    fn program() -> Option<&'static str> {
        let program = PROGRAMS.into_iter().find(|path| std::path::Path::new(path).is_file());
        let has_client = ["ssh", "ssh-keygen"].iter().all(|name| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
        });
        let (Some(program), true) = (program, has_client) else {
            println!("SKIPPED: no OpenSSH server and client on this machine");
            return None;
        };
        Some(program)
    }

    /// Starts one; `None` where OpenSSH is not installed.
    pub fn start() -> Option<Self> {
        let program = Self::program()?;
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["host", "user", "other"] {
            let mut keygen = command("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(folder.path().join(name));
            assert!(Running::start(&mut keygen).output().status.success(), "ssh-keygen");
        }
        if rustix::process::geteuid().is_root() {
            // It changes to this folder, which an installation creates at the start of the system.
            let _ = std::fs::create_dir_all("/run/sshd");
        }
        let port = free_port();
        let text = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {host}\nAuthorizedKeysFile {user}.pub\nStrictModes no\n\
             UsePAM no\nPidFile none\nPasswordAuthentication no\nPermitRootLogin yes\nMaxStartups 100\n\
             Subsystem sftp internal-sftp\nAllowAgentForwarding yes\n",
            host = folder.path().join("host").display(),
            user = folder.path().join("user").display(),
        );
        std::fs::write(folder.path().join("config"), text).expect("a file");
        let user = Running::start(command("id").arg("-un")).end().code(0).stdout.trim().to_owned();
        let running = Self::run(program, &folder);
        let sshd = Self { port, user, folder, running };
        wait_until("sshd listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        Some(sshd)
    }

    fn run(program: &str, folder: &TempDir) -> Running {
        let mut sshd: Command = command(program);
        sshd.args(["-D", "-e", "-f"]).arg(folder.path().join("config"));
        sshd.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("sshd runs").into()
    }

    /// Starts it anew with another host key, as a rebuilt server has.
    pub fn rebuild(&mut self) {
        self.running.kill();
        wait_until("sshd has ended", || !self.running.runs());
        for end in ["", ".pub"] {
            let file = |name: &str| self.folder.path().join(format!("{name}{end}"));
            std::fs::rename(file("other"), file("host")).expect("a file");
        }
        let program = PROGRAMS.into_iter().find(|path| std::path::Path::new(path).is_file()).expect("sshd");
        self.running = Self::run(program, &self.folder);
        let port = self.port;
        wait_until("sshd listens again", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    }

    /// The private key that it lets in.
    pub fn key(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("user")).expect("the key")
    }

    /// Another key, which it does not.
    pub fn other_key(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("other")).expect("the key")
    }

    /// The fingerprint of its host key, as ssh-keygen shows it.
    pub fn fingerprint(&self) -> String {
        let mut keygen = command("ssh-keygen");
        let text = Running::start(keygen.arg("-lf").arg(self.folder.path().join("host.pub"))).end().code(0).stdout;
        text.split_whitespace().nth(1).expect("a fingerprint").to_owned()
    }

    /// A folder that lasts as long as the server.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}
