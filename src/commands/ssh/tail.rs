//! `c66 tail`: log files of servers and logs of containers, followed through rotation and lost connections.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use clap::Args;
use regex_bites::Regex;

use super::connect::{Attempt, Connector};
use super::dry_run::{self, Runs};
use super::lines::{self, LineFilter, Prefix, ended_by, or_signal, worst_of};
use super::login::{LoginArgs, check};
use super::places::{LogLines, Place, TargetArgs, places};
use crate::args::StackArgs;
use crate::args::candidates::Candidates;
use crate::cloud66::endpoints::{CONTAINERS_LIST, FIREWALLS_CREATE, SERVERS_LIST, SERVERS_SHOW, STACKS_SHOW};
use crate::cloud66::request;
use crate::cloud66::servers::Server;
use crate::cloud66::stacks::Stack;
use crate::commands::containers::Containers;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::servers::Servers;
use crate::commands::services::Services;
use crate::error::{Error, Kind, Result};
use crate::resource::Resource;
use crate::resource::verb::Verb;
use crate::ssh::SSH_FAILED;
use crate::text::quote::remote_word;

/// `c66 tail`
#[derive(Args, Debug)]
#[command(
    after_help = "A log without a leading slash is in the log folder of the application.\n\nExamples:\n  c66 tail caribou production.log -s awesome-app@production --dry-run\n  c66 tail caribou production.log /var/log/syslog -s awesome-app@production --grep ERROR\n  c66 tail --service web --since 10m -s awesome-app@production"
)]
#[command(add = Verb::calls(&[&SERVERS_LIST, &STACKS_SHOW, &CONTAINERS_LIST, &SERVERS_SHOW, &FIREWALLS_CREATE]))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct TailArgs {
    /// Server: name, UID, address, unique prefix or role
    #[arg(required_unless_present_any = ["service", "container"], conflicts_with_all = ["service", "container"])]
    #[arg(add = Servers::NOUN.names())]
    pub(crate) server: Option<String>,
    /// Log files
    #[arg(value_name = "LOG", required_unless_present_any = ["service", "container"])]
    #[arg(add = Candidates::Logs)]
    pub(crate) logs: Vec<String>,
    /// Logs of the containers of this service
    #[arg(long, value_name = "SERVICE", conflicts_with = "container")]
    #[arg(add = Services::NOUN.names())]
    pub(crate) service: Option<String>,
    /// Logs of this container: its UID, or a unique prefix
    #[arg(long, value_name = "UID")]
    #[arg(add = Containers::NOUN.names())]
    pub(crate) container: Option<String>,
    /// Number of lines to begin with
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    pub(crate) lines: u32,
    /// Print the lines and end
    #[arg(long)]
    pub(crate) no_follow: bool,
    /// Follow the logs, as without this flag
    #[arg(short, long, short_alias = 'F', hide = true, conflicts_with = "no_follow")]
    pub(crate) follow: bool,
    /// Print only the lines that match this regular expression
    #[arg(long, value_name = "REGEX")]
    pub(crate) grep: Option<String>,
    /// Only lines since then, such as 10m or 2026-01-31T10:00:00 (containers)
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Every server that matches
    #[arg(long)]
    pub(crate) all: bool,
    /// The first server that matches
    #[arg(long, conflicts_with = "all")]
    pub(crate) first: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) login: LoginArgs,
}

/// A connection that lasted longer was not refused.
const ESTABLISHED: Duration = Duration::from_secs(30);
/// How long to reconnect without success.
const MAX_OUTAGE: Duration = Duration::from_secs(10 * 60);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// Runs `c66 tail`; returns the exit code.
pub(crate) async fn run(context: &Context, args: &TailArgs) -> Result<u8> {
    check(context, &args.login)?;
    let filter = args.grep.as_deref().map(regex).transpose()?;
    if let Some(since) = &args.since {
        check_since(since, args.server.is_some())?;
    }
    let stack = context.stack(&args.stack, true).await?;
    let target = TargetArgs {
        server: args.server.clone(),
        service: args.service.clone(),
        container: args.container.clone(),
        all: args.all || args.service.is_some(),
        first: args.first,
    };
    let places = places(context, &stack, &target).await?;
    let paths = if args.logs.iter().all(|log| log.starts_with('/')) {
        args.logs.clone()
    } else {
        log_paths(&args.logs, &log_folder(context, &stack).await?)
    };
    let options: &[OsString] = &["-T".into()];
    if args.login.dry_run {
        let servers: Vec<Server> = places.iter().map(|place| place.server.clone()).collect();
        let plans = places.iter().map(|place| {
            let command = remote_command(args, place, &paths, args.lines);
            Ok(dry_run::login(context, &stack, &place.server, &args.login, false)?.ssh(options, Some(&command)))
        });
        return dry_run::show(context, &stack, &servers, &args.login, Runs::of_ssh(plans.collect::<Result<_>>()?))
            .await;
    }
    let connector = Connector::new(context, &stack, &args.login)?;
    let names: Vec<String> = places.iter().map(|place| place.name.clone()).collect();
    let matches = |line: &[u8]| {
        let line = String::from_utf8_lossy(line);
        filter.as_ref().is_none_or(|filter| filter.is_match(line.trim_end_matches('\n')))
    };
    let follower = Follower { context, connector: &connector, args, paths: &paths, filter: Some(&matches) };
    let runs = places.iter().zip(Prefix::of(&names)).map(|(place, prefix)| {
        let follower = &follower;
        async move { follower.follow(place, &prefix).await }
    });
    or_signal(context, worst_of(&context.printer, runs)).await
}

/// What is the same for every server.
struct Follower<'f> {
    context: &'f Context,
    connector: &'f Connector<'f>,
    args: &'f TailArgs,
    paths: &'f [String],
    filter: LineFilter<'f>,
}

impl Follower<'_> {
    /// Follows the logs of one server; after a lost connection, from the end.
    async fn follow(&self, place: &Place, prefix: &Prefix) -> Result<u8> {
        let printer = &self.context.printer;
        let (mut lines, mut pause) = (self.args.lines, FIRST_PAUSE);
        let mut outage: Option<Instant> = None;
        loop {
            let began = Instant::now();
            let (code, was_up) = match self.connector.connect(&place.server).await {
                Ok(Attempt::Connected(connected)) => {
                    let command = remote_command(self.args, place, self.paths, lines);
                    let mut ssh = connected.command(&["-T".into()], Some(&command));
                    let ended = lines::run(printer, &mut ssh, prefix, self.filter).await?;
                    let was_up = ended.has_spoken || began.elapsed() >= ESTABLISHED;
                    if ended.code == SSH_FAILED && !was_up {
                        connected.explain_failure(self.context).await?;
                    }
                    (ended.code, was_up)
                }
                Ok(Attempt::Ended(code)) => (code, false),
                Err(error) if outage.is_some() && error.kind() == Kind::Unavailable => (SSH_FAILED, false),
                Err(error) => return Err(error),
            };
            // Ctrl-C ends ssh too; the connection is not lost.
            if let Some(signal) = self.context.signals.received() {
                return Ok(ended_by(self.context, signal).await);
            }
            if was_up {
                (outage, pause) = (None, FIRST_PAUSE);
            }
            let is_over = outage.is_none_or(|since| since.elapsed() >= MAX_OUTAGE) && !was_up;
            if code != SSH_FAILED || self.args.no_follow || is_over {
                return Ok(code);
            }
            outage.get_or_insert_with(Instant::now);
            printer.note(&format!("lost the connection to {}; reconnecting", place.server.name()));
            tokio::time::sleep(pause).await;
            (lines, pause) = (0, (pause * 2).min(MAX_PAUSE));
        }
    }
}

fn remote_command(args: &TailArgs, place: &Place, paths: &[String], lines: u32) -> String {
    let follow = !args.no_follow;
    if let Some(container) = &place.container {
        return container.logs(&LogLines { count: lines, since: args.since.as_deref(), follow });
    }
    let follow = if follow { " -F" } else { "" };
    let paths: Vec<String> = paths.iter().map(|path| remote_word(path)).collect();
    format!("tail -n {lines}{follow} -- {}", paths.join(" "))
}

/// The folder with the logs of the application.
async fn log_folder(context: &Context, stack: &StackRef) -> Result<String> {
    let known = stack.stack.as_ref().and_then(|fields| fields.deploy_directory.clone());
    let folder = if let Some(folder) = known.filter(|folder| !folder.is_empty()) {
        folder
    } else {
        let request = request(&STACKS_SHOW, &[("stack_id", &stack.uid)])?;
        let shown: Stack = context.cloud66().await?.fetch(&request).await?.view()?;
        shown.deploy_directory.filter(|folder| !folder.is_empty()).ok_or_else(|| {
            Error::new(Kind::Refused, format!("the API does not say where the logs of {} are", stack.label()))
                .hint("name the log with its whole path, such as /var/log/syslog")
        })?
    };
    Ok(format!("{}/web_head/current/log", folder.trim_end_matches('/')))
}

fn log_paths(logs: &[String], folder: &str) -> Vec<String> {
    logs.iter().map(|log| if log.starts_with('/') { log.clone() } else { format!("{folder}/{log}") }).collect()
}

fn regex(text: &str) -> Result<Regex> {
    Regex::new(text).map_err(|why| Error::usage(format!("invalid regular expression `{text}`")).cause(why.to_string()))
}

fn check_since(since: &str, is_file: bool) -> Result<()> {
    if is_file {
        return Err(Error::usage("--since is for containers: log files have no time for each line")
            .hint("pass --lines N, or --service or --container"));
    }
    let is_plain = !since.is_empty()
        && !since.starts_with('-')
        && since.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-:.+".contains(&byte));
    if is_plain {
        Ok(())
    } else {
        Err(Error::usage(format!("invalid time `{since}`")).hint("such as 10m, 2h or 2026-01-31T10:00:00"))
    }
}
