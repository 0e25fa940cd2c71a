//! A connection to a server of the sandbox: the system's sshd serves it on the standard streams, as the proxy of ssh,
//! and runs `enter` for whatever was asked for.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[cfg(not(unix))]
use crate::commands::context::Context;
use crate::config::ProcessEnv;
use crate::config::program::find_program;
use crate::error::{Error, Kind, Result};
use crate::text::quote::local_path;

/// Where systems have it, beside the folders of `PATH`.
const FOLDERS: [&str; 4] = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/local/libexec"];

#[cfg(target_os = "macos")]
const INSTALL: &str = "macOS has it in /usr/sbin; name another in C66_SSHD";
#[cfg(not(target_os = "macos"))]
const INSTALL: &str = "install the package openssh-server (Debian, Ubuntu, Fedora, Alpine) or openssh (Arch)";
const DRY_RUN: &str = "pass --dry-run to see what would be sent and run";

/// Finds `sshd`: the one that `C66_SSHD` names, else the system's. It is started with its whole path, which it needs.
pub(crate) fn find_sshd(variables: &ProcessEnv) -> Result<PathBuf> {
    if cfg!(not(unix)) {
        let error = Error::new(Kind::NotImplemented, "the servers of the sandbox can be entered on Unix only");
        return Err(error.hint(DRY_RUN));
    }
    let chosen = variables.get_os("C66_SSHD");
    let found = if let Some(name) = chosen {
        find_program(name).ok()
    } else {
        let named = FOLDERS.iter().map(|folder| Path::new(folder).join("sshd").into_os_string());
        std::iter::once(OsString::from("sshd")).chain(named).find_map(|name| find_program(&name).ok())
    };
    let found = found.and_then(|path| std::path::absolute(path).ok());
    found.ok_or_else(|| {
        let error = Error::new(Kind::NotImplemented, "sshd not found: the servers of the sandbox need it");
        match chosen {
            Some(name) => error.cause(format!("C66_SSHD names {}", name.display())),
            None => error.hint(INSTALL),
        }
        .hint(DRY_RUN)
    })
}

/// The name of the user of this process, which sshd lets in; `None` where no `id` tells it.
pub(crate) fn own_user() -> Option<String> {
    let id = find_program("id".as_ref()).ok()?;
    let output = std::process::Command::new(id).arg("-un").output().ok()?;
    let name = String::from_utf8(output.stdout).ok()?;
    Some(name.trim().to_owned()).filter(|name| output.status.success() && crate::ssh::is_user(name))
}

/// The line that ssh runs to reach a server, which may then forward these ports of this machine.
pub(crate) fn proxy_command(uid: &str, ports: &[u16]) -> Result<String> {
    let mut line = format!("{} sandbox sshd {uid}", this_program()?);
    for port in ports {
        let _ = write!(line, " --forward {port}");
    }
    // ssh expands it.
    Ok(line.replace('%', "%%"))
}

fn this_program() -> Result<String> {
    let program = std::env::current_exe().map_err(|error| Error::local_file("find this program", &error))?;
    Ok(local_path(&program))
}

#[cfg(unix)]
pub(crate) use self::unix::{enter, serve};

#[cfg(not(unix))]
#[expect(clippy::unused_async, reason = "its counterpart waits")]
pub(crate) async fn serve(context: &Context, _uid: &str, _forwarded: &[u16]) -> Result<u8> {
    find_sshd(context.settings.variables()).map(|_| 0)
}

#[cfg(not(unix))]
#[expect(clippy::unused_async, reason = "its counterpart waits")]
pub(crate) async fn enter(context: &Context, _folder: &Path) -> Result<u8> {
    find_sshd(context.settings.variables()).map(|_| 0)
}

#[cfg(unix)]
mod unix {
    use std::convert::Infallible;
    use std::path::Path;
    use std::time::Duration;

    use tokio::process::Command;

    use super::{find_sshd, own_user, this_program};
    use crate::child::{self, Terminal};
    use crate::commands::context::Context;
    use crate::config::paths;
    use crate::error::{Error, Kind, Result};
    use crate::output::relay::on_standard_streams;
    use crate::sandbox::host::{Host, SFTP, confine, mapped, serve_sftp};

    /// How often a line is added to the logs.
    const LOG_INTERVAL: Duration = Duration::from_secs(1);
    /// The folder that sshd changes to when root starts it.
    const PRIVILEGE_SEPARATION: &str = "/run/sshd";

    /// Serves a connection to a server of the sandbox on the standard streams, with these ports of this machine open to
    /// it; returns the exit code of sshd.
    pub(crate) async fn serve(context: &Context, uid: &str, forwarded: &[u16]) -> Result<u8> {
        let variables = context.settings.variables();
        let sshd = find_sshd(variables)?;
        let user =
            own_user().ok_or_else(|| Error::new(Kind::LocalFile, "cannot find the name of your user: run id -un"))?;
        let enter = format!("{} sandbox enter", this_program()?);
        let host = Host::prepare(&paths::sandbox_state(variables)?, context.lock_wait()?, uid, &user, &enter)?;
        if cfg!(target_os = "linux") && rustix::process::geteuid().is_root() {
            // sshd says it if this fails.
            let _ = crate::files::private::create_dirs(Path::new(PRIVILEGE_SEPARATION), 0o755);
        }
        let ports: Vec<String> = forwarded.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        let open = if ports.is_empty() { "none".to_owned() } else { ports.join(" ") };
        let mut command = Command::new(&sshd);
        // Its words go to stderr; the level is an option, so that it counts while the file is read.
        command.args(["-i", "-e", "-o", "LogLevel=ERROR", "-o", &format!("PermitOpen={open}"), "-f"]);
        command.arg(host.config_file());
        let failed = |error| Error::local_file(format!("run {}", sshd.display()), &error);
        child::run(&context.signals, Terminal::None, &mut command).await.map_err(failed)
    }

    /// Runs on a server of the sandbox what sshd was asked for; returns the exit code.
    pub(crate) async fn enter(context: &Context, folder: &Path) -> Result<u8> {
        let host = Host::at(folder)?;
        let variables = context.settings.variables();
        let asked = variables.get("SSH_ORIGINAL_COMMAND")?;
        let root = host.root();
        if asked.is_none() && context.printer.stdin_is_terminal() {
            let folder = root.display();
            host.furnish();
            context.printer.note(&format!("this is a shell of this machine, in the sandbox's folder {folder}"));
            let shell = variables.get_os("SHELL").unwrap_or("/bin/sh".as_ref());
            return run(context, &host, Command::new(shell)).await;
        }
        let is_confined = confine(&root);
        host.furnish();
        match asked {
            Some(SFTP) => {
                on_standard_streams(|input, output| serve_sftp(&root, input, output))
                    .map_err(|error| Error::local_file("serve SFTP", &error))?;
                Ok(0)
            }
            Some(line) => {
                let mut shell = Command::new("/bin/sh");
                // Where the kernel keeps them from being changed, programs of the machine also run by their paths.
                let stays = |path: &str| is_confined && host.is_borrowed(path);
                shell.arg("-c").arg(mapped(line, &root.to_string_lossy(), &stays));
                run(context, &host, shell).await
            }
            // Nobody reads beforehand what comes on stdin.
            None if is_confined => run(context, &host, Command::new("/bin/sh")).await,
            None => Err(Error::new(Kind::NotImplemented, "this system cannot confine a shell to the sandbox's folder")
                .hint("pass the command as words after --")),
        }
    }

    /// Runs a shell in the folder of the user, while the logs grow.
    async fn run(context: &Context, host: &Host, mut shell: Command) -> Result<u8> {
        shell
            .env("HOME", host.home())
            .env("TMPDIR", host.temporary())
            .env("PATH", host.search_path())
            .env_remove("SSH_ORIGINAL_COMMAND")
            .current_dir(host.home());
        let grow = async {
            loop {
                tokio::time::sleep(LOG_INTERVAL).await;
                host.grow_logs();
            }
        };
        let code: Result<_, Infallible> = tokio::select! {
            code = child::run(&context.signals, Terminal::Shared, &mut shell) => Ok(code),
            never = grow => Err(never),
        };
        let Ok(code) = code;
        code.map_err(|error| Error::local_file("run a shell", &error))
    }
}
