//! The arguments of ssh: always a list, never a line for a shell. Ours come first, and the first value of an option is
//! the one that counts.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{Destination, SSH_PORT};

/// How ssh answers for keys of servers it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnknownHostKeys {
    /// Refuse them.
    Refuse,
    /// Accept them into the file, to look at them; nobody has logged in by then.
    Collect,
}

/// How to log in to a server.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    /// The server.
    pub(crate) destination: Destination,
    /// The file with its host keys.
    pub(crate) known_hosts: PathBuf,
    /// The private key; without one, ssh has only those of the user's own configuration.
    pub(crate) identity: Option<PathBuf>,
    /// The configuration file with the host [`BASTION`], if the bastion needs a key of its own.
    pub(crate) bastion_config: Option<PathBuf>,
    /// The line that ssh runs instead of dialling.
    pub(crate) proxy: Option<String>,
    /// Whether the agent is forwarded.
    pub(crate) forward_agent: bool,
    /// Whether ssh may ask for the passphrase of a key.
    pub(crate) may_ask: bool,
    /// How much ssh says about the connection: 1 for `--debug`, 2 for `ssh -v`.
    pub(crate) verbosity: u8,
}

/// The name of the bastion in its own configuration file.
pub(crate) const BASTION: &str = "c66-bastion";

impl Login {
    /// The options that every program of OpenSSH takes, with `-o` before each.
    pub(crate) fn options(&self, unknown: UnknownHostKeys) -> Vec<OsString> {
        let mut arguments = Vec::new();
        if let Some(config) = &self.bastion_config {
            arguments.extend([OsString::from("-F"), config.clone().into_os_string()]);
        }
        for option in self.option_lines(unknown) {
            arguments.extend([OsString::from("-o"), option]);
        }
        arguments
    }

    fn option_lines(&self, unknown: UnknownHostKeys) -> Vec<OsString> {
        let destination = &self.destination;
        let mut lines: Vec<OsString> = Vec::new();
        let mut set = |name: &str, value: &OsStr| {
            let mut line = OsString::from(format!("{name}="));
            line.push(value);
            lines.push(line);
        };
        let port = destination.port.to_string();
        set("User", destination.user.as_ref());
        set("Port", port.as_ref());
        set("HostKeyAlias", destination.alias().as_ref());
        set("UserKnownHostsFile", &path_value(&self.known_hosts));
        set("GlobalKnownHostsFile", "none".as_ref());
        if let Some(identity) = &self.identity {
            set("IdentityFile", &path_value(identity));
        }
        set("ForwardAgent", if self.forward_agent { "yes" } else { "no" }.as_ref());
        let level = match self.verbosity {
            0 => "ERROR",
            1 => "VERBOSE",
            2 => "DEBUG1",
            3 => "DEBUG2",
            _ => "DEBUG3",
        };
        set("LogLevel", level.as_ref());
        for (name, value) in COMMON {
            set(name, value.as_ref());
        }
        let strict = match unknown {
            UnknownHostKeys::Refuse => "yes",
            UnknownHostKeys::Collect => "accept-new",
        };
        set("StrictHostKeyChecking", strict.as_ref());
        if !self.may_ask {
            set("BatchMode", "yes".as_ref());
        }
        if let Some(proxy) = &self.proxy {
            set("ProxyCommand", proxy.as_ref());
        }
        if let Some(jump) = self.jump() {
            set("ProxyJump", jump.as_ref());
        }
        lines
    }

    /// The bastion as ssh names it.
    fn jump(&self) -> Option<String> {
        let bastion = self.destination.bastion.as_ref()?;
        if self.bastion_config.is_some() {
            return Some(BASTION.to_owned());
        }
        let host =
            if bastion.address.contains(':') { format!("[{}]", bastion.address) } else { bastion.address.clone() };
        Some(match &bastion.user {
            Some(user) => format!("{user}@{host}"),
            None => host,
        })
    }

    /// The arguments of an ssh to the bastion that forwards its standard streams to the server.
    pub(crate) fn forward(&self) -> Vec<OsString> {
        let Destination { address, port, .. } = &self.destination;
        let host = if address.contains(':') { format!("[{address}]") } else { address.clone() };
        let mut arguments: Vec<OsString> = Vec::new();
        if let Some(config) = &self.bastion_config {
            arguments.extend([OsString::from("-F"), config.clone().into_os_string()]);
        }
        arguments.extend(["-a", "-x", "-o", "BatchMode=yes", "-W"].map(OsString::from));
        arguments.push(format!("{host}:{port}").into());
        let bastion = self.destination.bastion.as_ref();
        if self.bastion_config.is_some() {
            arguments.extend(["--", BASTION].map(OsString::from));
        } else if let Some(bastion) = bastion {
            let user = bastion.user.iter().flat_map(|user| ["-l", user]);
            arguments.extend(user.chain(["--", &bastion.address]).map(OsString::from));
        }
        arguments
    }

    /// The arguments of ssh, with more of its options, and with the command for the server as one text.
    pub(crate) fn ssh(&self, options: &[OsString], command: Option<&str>) -> Vec<OsString> {
        let mut arguments = self.options(UnknownHostKeys::Refuse);
        arguments.extend(options.iter().cloned());
        // It cannot be taken for an option, and before it the end of the options would also be that after it.
        arguments.push(self.destination.address.clone().into());
        if let Some(command) = command {
            // Without it, a command that begins with a dash is an option.
            arguments.extend(["--".into(), command.into()]);
        }
        arguments
    }
}

/// The options that are the same for every server: keys only, nothing of ours left to the user's configuration that
/// could weaken the check of the host key or share the connection, and an end for connections that are dead.
pub(crate) const COMMON: [(&str, &str); 17] = [
    ("CheckHostIP", "no"),
    ("HashKnownHosts", "no"),
    ("UpdateHostKeys", "no"),
    ("VerifyHostKeyDNS", "no"),
    ("NoHostAuthenticationForLocalhost", "no"),
    ("IdentitiesOnly", "yes"),
    ("AddKeysToAgent", "no"),
    ("PasswordAuthentication", "no"),
    ("KbdInteractiveAuthentication", "no"),
    ("ForwardX11", "no"),
    ("PermitLocalCommand", "no"),
    ("ControlMaster", "no"),
    ("ControlPath", "none"),
    ("ConnectTimeout", "10"),
    ("ConnectionAttempts", "1"),
    ("ServerAliveInterval", "15"),
    ("ServerAliveCountMax", "3"),
];

/// A path as the value of an option: in quotes, so that a space does not end it, and without expansion.
pub(crate) fn path_value(path: &Path) -> OsString {
    let Some(text) = path.to_str() else { return path.as_os_str().to_owned() };
    let text = text.replace('%', "%%");
    if text.contains([' ', '\t', '#']) { format!("\"{text}\"").into() } else { text.into() }
}

/// The configuration of a bastion with a key of its own; the user's configuration follows.
pub(crate) fn bastion_config(destination: &Destination, key: &Path, user_config: Option<&Path>) -> Option<String> {
    let bastion = destination.bastion.as_ref()?;
    let key = path_value(key);
    let user = bastion.user.as_ref().map(|user| format!("  User {user}\n")).unwrap_or_default();
    let system_config = cfg!(unix).then_some(Path::new("/etc/ssh/ssh_config"));
    let mut includes = String::new();
    for path in [user_config, system_config].into_iter().flatten() {
        let _ = writeln!(includes, "Include {}", path_value(path).display());
    }
    Some(format!(
        "Host {BASTION}\n  HostName {}\n{user}  Port {SSH_PORT}\n  IdentityFile {}\n  IdentitiesOnly yes\n\
         Host *\n{includes}",
        bastion.address,
        key.display()
    ))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::ssh::Bastion;

    fn login() -> Login {
        Login {
            destination: Destination {
                uid: "a1".to_owned(),
                name: "Web".to_owned(),
                stack: "Shop@production".to_owned(),
                address: "10.0.0.1".to_owned(),
                port: 2222,
                user: "deploy".to_owned(),
                bastion: None,
            },
            known_hosts: PathBuf::from("/home/a b/100%/known"),
            identity: Some(PathBuf::from("/run/key")),
            bastion_config: None,
            proxy: None,
            forward_agent: false,
            may_ask: false,
            verbosity: 0,
        }
    }

    fn words(arguments: &[OsString]) -> Vec<&str> {
        arguments.iter().map(|word| word.to_str().unwrap()).collect()
    }

    #[test]
    fn the_command_is_one_argument_and_never_an_option() {
        let arguments = login().ssh(&["-tt".into()], Some("-V; echo"));
        assert!(words(&arguments).ends_with(&["-tt", "10.0.0.1", "--", "-V; echo"]), "{arguments:?}");
    }

    #[test]
    fn the_host_key_is_always_checked_and_paths_stay_whole() {
        let arguments = login().ssh(&[], None);
        let words = words(&arguments);
        assert!(words.contains(&"StrictHostKeyChecking=yes"), "{words:?}");
        assert!(words.contains(&"UserKnownHostsFile=\"/home/a b/100%%/known\""), "{words:?}");
        assert!(words.contains(&"ForwardAgent=no") && words.contains(&"HostKeyAlias=c66-a1"), "{words:?}");
    }

    #[test]
    fn a_bastion_is_a_jump_with_or_without_a_key_of_its_own() {
        let mut login = login();
        login.destination.bastion = Some(Bastion { address: "2001:db8::1".to_owned(), user: Some("gate".to_owned()) });
        assert!(words(&login.ssh(&[], None)).contains(&"ProxyJump=gate@[2001:db8::1]"));
        let config = bastion_config(&login.destination, Path::new("/k"), Some(Path::new("/home/u/.ssh/config")));
        let config = config.unwrap();
        assert!(config.starts_with("Host c66-bastion\n  HostName 2001:db8::1\n  User gate\n"), "{config}");
        assert!(config.contains("Host *\nInclude /home/u/.ssh/config\n"), "{config}");
        login.bastion_config = Some(PathBuf::from("/run/config"));
        assert!(words(&login.ssh(&[], None)).contains(&"ProxyJump=c66-bastion"));
    }
}
