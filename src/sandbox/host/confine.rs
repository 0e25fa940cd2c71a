//! Confines this process, and what it starts, to the folder of a server.

use std::path::Path;

/// What commands need of the machine, to read and to run.
#[cfg(target_os = "linux")]
const READABLE: [&str; 26] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix/store",
    "/etc/alternatives",
    "/etc/bash.bashrc",
    "/etc/inputrc",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/profile",
    "/etc/profile.d",
    "/etc/ssl/openssl.cnf",
    "/etc/terminfo",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/uptime",
    "/dev/random",
    "/dev/urandom",
];
/// Files that hold nothing.
#[cfg(target_os = "linux")]
const WRITABLE: [&str; 6] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/pts", "/dev/ptmx"];

/// Lets this thread and its children read and run the system's programs, write below `folder`, reach nothing over TCP,
/// and signal nobody outside; returns whether the kernel enforces that for files.
#[cfg(target_os = "linux")]
pub(crate) fn confine(folder: &Path) -> bool {
    drop_capabilities();
    restrict(folder).unwrap_or(false)
}

/// Other systems have no such call.
#[cfg(not(target_os = "linux"))]
pub(crate) fn confine(_: &Path) -> bool {
    false
}

#[cfg(target_os = "linux")]
fn restrict(folder: &Path) -> Result<bool, landlock::RulesetError> {
    use landlock::{
        ABI, Access as _, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _,
        RulesetStatus, Scope, path_beneath_rules,
    };
    /// The newest that this knows; an older kernel enforces what it can.
    const KNOWN: ABI = ABI::V6;
    let files = AccessFs::from_all(KNOWN);
    let read = AccessFs::from_read(KNOWN);
    let rules = Ruleset::default()
        .handle_access(files)?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .add_rules(path_beneath_rules(READABLE, read))?
        .add_rules(path_beneath_rules(WRITABLE, AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev))?;
    let Ok(folder) = PathFd::new(folder) else { return Ok(false) };
    let status = rules.add_rule(PathBeneath::new(folder, files))?.restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

/// Takes from what root starts here all that root may do beyond its own files.
#[cfg(target_os = "linux")]
fn drop_capabilities() {
    use rustix::thread::{CapabilitySet, remove_capability_from_bounding_set};
    for capability in CapabilitySet::all() {
        // Only root can, and nobody else has any.
        let _ = remove_capability_from_bounding_set(capability);
    }
}
