//! Finds the programs of OpenSSH.

use std::ffi::{OsStr, OsString};
use std::process::Stdio;

use crate::config::ProcessEnv;
use crate::config::program::find_program;
use crate::error::{Error, Kind, Result};

/// The programs of OpenSSH.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    /// Path of ssh.
    pub(crate) ssh: OsString,
    /// Whether the user chose it.
    pub(crate) is_chosen: bool,
}

impl Programs {
    /// Finds `ssh`: the one that `C66_SSH` names, else the one in `PATH`.
    pub(crate) fn find(variables: &ProcessEnv) -> Result<Self> {
        let chosen = variables.get_os("C66_SSH");
        let ssh = match chosen {
            Some(name) => find_program(name).map_err(|_| {
                Error::new(Kind::LocalFile, format!("{} not found", name.display())).cause("C66_SSH names it")
            })?,
            None => find_openssh("ssh")?,
        };
        Ok(Self { ssh, is_chosen: chosen.is_some() })
    }

    /// The name of ssh for a dry run, which needs no program.
    pub(crate) fn named(variables: &ProcessEnv) -> OsString {
        variables.get_os("C66_SSH").map_or_else(|| OsString::from("ssh"), OsStr::to_owned)
    }

    /// Version of OpenSSH, such as (9, 2), if it says so.
    pub(crate) async fn version(&self) -> Option<(u32, u32)> {
        let mut command = tokio::process::Command::new(&self.ssh);
        let output = command.arg("-V").stdin(Stdio::null()).output().await.ok()?;
        version_in(&String::from_utf8_lossy(&output.stderr))
    }
}

/// Finds a program of OpenSSH in `PATH`.
pub(crate) fn find_openssh(name: &str) -> Result<OsString> {
    if let Ok(path) = find_program(OsStr::new(name)) {
        return Ok(path);
    }
    // Where Windows has it, also if PATH does not.
    #[cfg(windows)]
    {
        let file = std::path::Path::new(r"C:\Windows\System32\OpenSSH").join(format!("{name}.exe"));
        if file.is_file() {
            return Ok(file.into_os_string());
        }
    }
    Err(Error::new(Kind::LocalFile, format!("{name} not found: OpenSSH is not installed")).hint(INSTALL))
}

#[cfg(windows)]
const INSTALL: &str = "install it with: Add-WindowsCapability -Online -Name OpenSSH.Client~~~~0.0.1.0";
#[cfg(target_os = "macos")]
const INSTALL: &str = "macOS has it in /usr/bin; check PATH, or name it in C66_SSH";
#[cfg(not(any(windows, target_os = "macos")))]
const INSTALL: &str =
    "install the package openssh-client (Debian, Ubuntu), openssh-clients (Fedora) or openssh (Alpine, Arch)";

/// The version in a text such as `OpenSSH_9.2p1 Debian-2` or `OpenSSH_for_Windows_8.6p1`.
fn version_in(text: &str) -> Option<(u32, u32)> {
    let (_, rest) = text.split_once("OpenSSH_")?;
    let rest = rest.trim_start_matches("for_Windows_");
    let (major, rest) = rest.split_once('.')?;
    let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn versions_are_read_from_what_ssh_says() {
        for (text, expected) in [
            ("OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026\n", Some((9, 2))),
            ("OpenSSH_for_Windows_8.6p1, LibreSSL 3.4.3", Some((8, 6))),
            ("OpenSSH_10.0", Some((10, 0))),
            ("dropbear 2022.83", None),
        ] {
            assert_eq!(version_in(text), expected, "{text}");
        }
    }
}
