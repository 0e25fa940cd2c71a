//! `c66 upload`, `c66 download` and `c66 cp`: scp over SFTP, so that no shell on the server sees a name.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use tokio::process::Command;

use super::connect::{Attempt, Connector};
use super::dry_run::{self, Runs};
use super::login::{LoginArgs, check};
use super::pick::{Picked, pick};
use crate::args::StackArgs;
use crate::args::candidates::Candidates;
use crate::cloud66::endpoints::{FIREWALLS_CREATE, SERVERS_LIST, SERVERS_SHOW};
use crate::commands::context::Context;
use crate::commands::servers::Servers;
use crate::error::{Error, Kind, Result};
use crate::files::private::parent_dir;
use crate::files::replace::rename;
use crate::resource::Resource;
use crate::resource::verb::Verb;
use crate::ssh::arguments::{Login, UnknownHostKeys};
use crate::ssh::program::{Programs, find_openssh};

/// Options of every copy.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct CopyArgs {
    /// Copy folders with all they contain
    #[arg(short, long)]
    pub(crate) recursive: bool,
    /// Replace an existing file on this machine
    #[arg(long)]
    pub(crate) force: bool,
    /// Take the first server if several match
    #[arg(long)]
    pub(crate) first: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) login: LoginArgs,
}

/// `c66 upload`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 upload caribou Gemfile.lock /tmp -s awesome-app@production --dry-run\n  c66 upload caribou site/ /tmp -r -s awesome-app@production"
)]
#[command(add = Verb::calls(&[&SERVERS_LIST, &SERVERS_SHOW, &FIREWALLS_CREATE]))]
pub(crate) struct UploadArgs {
    /// Server: name, UID, address, unique prefix or role
    #[arg(add = Servers::NOUN.names())]
    pub(crate) server: String,
    /// File to copy
    #[arg(value_hint = ValueHint::AnyPath)]
    #[arg(add = Candidates::Paths)]
    pub(crate) file: PathBuf,
    /// Where to put it on the server [default: the home folder there]
    pub(crate) remote: Option<String>,
    #[command(flatten)]
    pub(crate) copy: CopyArgs,
}

/// `c66 download`
#[derive(Args, Debug)]
#[command(
    after_help = "An existing file is replaced only with --force, and only once the new one is complete.\n\nExamples:\n  c66 download caribou /var/log/syslog -s awesome-app@production --dry-run\n  c66 download caribou /etc/nginx -r -s awesome-app@production"
)]
#[command(add = Verb::calls(&[&SERVERS_LIST, &SERVERS_SHOW, &FIREWALLS_CREATE]))]
pub(crate) struct DownloadArgs {
    /// Server: name, UID, address, unique prefix or role
    #[arg(add = Servers::NOUN.names())]
    pub(crate) server: String,
    /// File to copy from the server
    pub(crate) remote: String,
    /// Where to put it [default: this folder]
    #[arg(value_hint = ValueHint::AnyPath)]
    #[arg(add = Candidates::Paths)]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) copy: CopyArgs,
}

/// `c66 cp`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 cp caribou:/var/log/syslog . -s awesome-app@production --dry-run\n  c66 cp Gemfile.lock caribou:/tmp -s awesome-app@production"
)]
#[command(add = Verb::calls(&[&SERVERS_LIST, &SERVERS_SHOW, &FIREWALLS_CREATE]))]
pub(crate) struct CpArgs {
    /// What to copy: a file, or SERVER:PATH
    #[arg(value_hint = ValueHint::AnyPath)]
    #[arg(add = Candidates::CopyPlaces)]
    pub(crate) source: String,
    /// Where to: a file or folder, or SERVER:PATH
    #[arg(value_hint = ValueHint::AnyPath)]
    #[arg(add = Candidates::CopyPlaces)]
    pub(crate) destination: String,
    #[command(flatten)]
    pub(crate) copy: CopyArgs,
}

/// Runs `c66 upload`; returns the exit code.
pub(crate) async fn upload(context: &Context, args: UploadArgs) -> Result<u8> {
    let remote = args.remote.unwrap_or_else(|| ".".to_owned());
    copy(context, &args.server, &Copy::Upload { file: args.file, remote }, &args.copy).await
}

/// Runs `c66 download`; returns the exit code.
pub(crate) async fn download(context: &Context, args: DownloadArgs) -> Result<u8> {
    let file = args.file.unwrap_or_else(|| ".".into());
    copy(context, &args.server, &Copy::Download { remote: args.remote, file }, &args.copy).await
}

/// Runs `c66 cp`; returns the exit code.
pub(crate) async fn cp(context: &Context, args: CpArgs) -> Result<u8> {
    match (on_server(&args.source), on_server(&args.destination)) {
        (Some((server, remote)), None) => {
            let (server, remote) = (server.to_owned(), remote.to_owned());
            copy(context, &server, &Copy::Download { remote, file: args.destination.into() }, &args.copy).await
        }
        (None, Some((server, remote))) => {
            let (server, remote) = (server.to_owned(), remote.to_owned());
            copy(context, &server, &Copy::Upload { file: args.source.into(), remote }, &args.copy).await
        }
        (Some(_), Some(_)) => {
            Err(Error::usage("cannot copy from one server to another").hint("copy to this machine first"))
        }
        (None, None) => Err(Error::usage("none of the two is on a server").hint("such as caribou:/var/log/syslog")),
    }
}

/// Server and path of a word such as `caribou:/tmp`; a name with a slash before its colon is a file, as for scp.
fn on_server(word: &str) -> Option<(&str, &str)> {
    let (server, path) = word.split_once(':')?;
    // On Windows, one letter is a drive.
    let is_file = server.is_empty() || server.contains(['/', '\\']) || (cfg!(windows) && server.len() == 1);
    if is_file { None } else { Some((server, if path.is_empty() { "." } else { path })) }
}

/// What is copied.
#[derive(Debug)]
enum Copy {
    Upload { file: PathBuf, remote: String },
    Download { remote: String, file: PathBuf },
}

async fn copy(context: &Context, wanted: &str, what: &Copy, args: &CopyArgs) -> Result<u8> {
    check(context, &args.login)?;
    let place = match what {
        Copy::Upload { file, .. } => {
            check_upload(file, args.recursive)?;
            None
        }
        Copy::Download { remote, file } => Some(local_target(remote, file, args.force)?),
    };
    let stack = context.stack(&args.stack, true).await?;
    let servers = pick(context, &stack, wanted, Picked::first(args.first)).await?;
    let server = servers.first().ok_or_else(|| Error::internal("no server was picked"))?;
    let target = place.clone().unwrap_or_default();
    if args.login.dry_run {
        let login = dry_run::login(context, &stack, server, &args.login, false)?;
        let words = arguments(&login, None, what, &target, args, context.printer.options().quiet);
        return dry_run::show(
            context,
            &stack,
            std::slice::from_ref(server),
            &args.login,
            Runs { program: "scp", ..Runs::of_ssh(vec![words]) },
        )
        .await;
    }
    let scp = find_openssh("scp")?;
    let connector = Connector::new(context, &stack, &args.login)?;
    check_version(connector.programs()).await?;
    let connected = match connector.connect(server).await? {
        Attempt::Ended(code) => return Ok(code),
        Attempt::Connected(connected) => connected,
    };
    let run = async |target: &Path| {
        let ssh = Some(&connector.programs().ssh).filter(|_| connector.programs().is_chosen);
        let mut command = Command::new(&scp);
        command.args(arguments(&connected.login, ssh, what, target, args, context.printer.options().quiet));
        connected.run(context, command).await
    };
    let Some(place) = place else { return run(&target).await };
    let failed = |error: std::io::Error| Error::local_file(format!("write {}", place.display()), &error);
    // Beside the target, so that it can be renamed; only this user can open it.
    let folder =
        tempfile::Builder::new().prefix(".c66-").suffix(".part").tempdir_in(parent_dir(&place)).map_err(failed)?;
    let part = folder.path().join(place.file_name().unwrap_or_default());
    let code = run(&part).await?;
    if code != 0 {
        return Ok(code);
    }
    if !args.force && place.symlink_metadata().is_ok() {
        return Err(already_exists(&place));
    }
    rename(&part, &place).map_err(failed)?;
    Ok(0)
}

/// Older ones let a shell on the server expand names.
async fn check_version(programs: &Programs) -> Result<()> {
    const FIRST: (u32, u32) = (8, 7);
    match programs.version().await {
        Some(version) if version < FIRST => {
            let (major, minor) = version;
            Err(Error::usage(format!("OpenSSH {major}.{minor} is too old to copy files safely"))
                .cause("before 8.7, scp has a shell on the server interpret the names of files")
                .hint("install a newer one, or use sftp: see c66 ssh config --help"))
        }
        _ => Ok(()),
    }
}

fn check_upload(file: &Path, recursive: bool) -> Result<()> {
    let found = file.metadata().map_err(|error| Error::local_file(format!("read {}", file.display()), &error))?;
    if found.is_dir() && !recursive {
        return Err(Error::usage(format!("{} is a folder", file.display())).hint("pass --recursive to copy it"));
    }
    Ok(())
}

/// The path that a download gets.
fn local_target(remote: &str, file: &Path, force: bool) -> Result<PathBuf> {
    let name = remote.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let is_name = !matches!(name, "" | "." | "..") && (cfg!(unix) || !name.contains(['\\', ':']));
    let place = match (file.is_dir(), is_name) {
        (true, true) => file.join(name),
        (true, false) => {
            return Err(Error::usage(format!("`{remote}` does not say how to call the copy"))
                .hint("name a file or folder that does not exist yet"));
        }
        (false, _) => file.to_owned(),
    };
    if place.is_dir() || (!force && place.symlink_metadata().is_ok()) {
        return Err(already_exists(&place));
    }
    if place.file_name().is_none() {
        return Err(Error::usage(format!("{} is not a file name", place.display())));
    }
    Ok(place)
}

fn already_exists(place: &Path) -> Error {
    let hint =
        if place.is_dir() { "choose another name" } else { "pass --force to replace it, or choose another name" };
    Error::new(Kind::LocalFile, format!("{} already exists", place.display())).hint(hint)
}

/// The arguments of scp.
fn arguments(
    login: &Login,
    ssh: Option<&OsString>,
    what: &Copy,
    target: &Path,
    args: &CopyArgs,
    quiet: bool,
) -> Vec<OsString> {
    // SFTP, also where scp would still use its old protocol.
    let mut arguments: Vec<OsString> = vec!["-s".into()];
    if let Some(ssh) = ssh {
        arguments.extend([OsString::from("-S"), ssh.clone()]);
    }
    arguments.extend(login.options(UnknownHostKeys::Refuse));
    arguments.extend(args.recursive.then(|| "-r".into()));
    arguments.extend(quiet.then(|| "-q".into()));
    arguments.push("--".into());
    let host = &login.destination.address;
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    match what {
        Copy::Upload { file, remote } => {
            arguments.extend([local_name(file), format!("{host}:{remote}").into()]);
        }
        Copy::Download { remote, .. } => {
            arguments.extend([format!("{host}:{}", literal(remote)).into(), local_name(target)]);
        }
    }
    arguments
}

/// A local file that scp takes for nothing else.
fn local_name(path: &Path) -> OsString {
    if path.is_absolute() || path.starts_with(".") {
        path.as_os_str().to_owned()
    } else {
        Path::new(".").join(path).into_os_string()
    }
}

/// A remote name in which scp finds no pattern.
fn literal(path: &str) -> String {
    let mut text = String::new();
    for letter in path.chars() {
        if "*?[]{}\\".contains(letter) {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_colon_after_a_slash_is_part_of_a_file_name() {
        assert_eq!(on_server("caribou:/tmp"), Some(("caribou", "/tmp")));
        assert_eq!(on_server("caribou:"), Some(("caribou", ".")));
        for file in ["file", "./a:b", "/tmp/a:b", ":x"] {
            assert_eq!(on_server(file), None, "{file}");
        }
    }

    #[test]
    fn a_download_is_named_as_on_the_server_and_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let target = |remote: &str, file: &Path, force| local_target(remote, file, force).map_err(|error| error.kind());
        assert_eq!(target("/var/log/a b.log", folder.path(), false), Ok(folder.path().join("a b.log")));
        assert_eq!(target("/etc/nginx/", folder.path(), false), Ok(folder.path().join("nginx")));
        for unnamed in ["/", "..", "/var/.."] {
            assert_eq!(target(unnamed, folder.path(), false), Err(Kind::Usage), "{unnamed}");
        }
        let file = folder.path().join("x");
        std::fs::write(&file, "mine").unwrap();
        assert_eq!(target("/tmp/x", folder.path(), false), Err(Kind::LocalFile));
        assert_eq!(target("/tmp/x", folder.path(), true), Ok(file));
        std::fs::create_dir(folder.path().join("d")).unwrap();
        assert_eq!(target("/tmp/d", folder.path(), true), Err(Kind::LocalFile));
    }

    #[test]
    fn patterns_in_remote_names_are_literal() {
        assert_eq!(literal("/a/*[x]?{b}\\"), "/a/\\*\\[x\\]\\?\\{b\\}\\\\");
    }
}
