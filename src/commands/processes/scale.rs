//! `c66 processes scale`.

use clap::Args;
use serde_json::{Map, Value};

use super::{Processes, choose};
use crate::args::{StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{PROCESSES_LIST, PROCESSES_SCALE, SERVERS_LIST};
use crate::cloud66::processes::Process;
use crate::cloud66::servers::Server;
use crate::cloud66::with_field;
use crate::commands::actions::send_all_and_print;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{all_in_stack, request_in_stack};
use crate::commands::servers::{self, Servers, servers};
use crate::commands::services::scale::{Wanted, parse_counts};
use crate::error::{Error, Result};
use crate::http::Request;
use crate::resource::Resource;
use crate::resource::verb::{Asks, Verb};
use crate::text::format::past_tense;
use crate::text::sanitize::sanitize;

/// `c66 processes scale`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&PROCESSES_SCALE, &PROCESSES_LIST, &SERVERS_LIST]).asks(Asks::OnProduction))]
pub(crate) struct ScaleProcessesArgs {
    /// NAME=3 sets the count on each server; NAME=+1 and NAME=-1 change it
    #[arg(required = true, value_name = "NAME=N")]
    #[arg(add = Processes::NOUN.names_before("="))]
    pub(crate) counts: Vec<String>,
    /// Only on this server: its name, UID or address
    #[arg(long, value_name = "SERVER")]
    #[arg(add = Servers::NOUN.names())]
    pub(crate) server: Option<String>,
    /// On every server that the process is listed for
    #[arg(long, conflicts_with = "server")]
    pub(crate) all_servers: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Runs `c66 processes scale`.
pub(super) async fn scale(context: &Context, args: &ScaleProcessesArgs) -> Result<()> {
    let wanted = parse_counts(&args.counts)?;
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let processes: Vec<Process> = all_in_stack::<Processes>(context, &target).await?;
    let chosen: Vec<(&Process, Wanted)> =
        wanted.iter().map(|(name, wanted)| Ok((choose(&target, &processes, name)?, *wanted))).collect::<Result<_>>()?;
    let servers = servers(context, &target).await?;
    let (mut words, mut changes) = (Vec::new(), Vec::new());
    for (process, wanted) in chosen {
        let places = places(&target, process, &servers, args)?;
        let mut counts = Map::new();
        for server in &places {
            let now = count_on(process, server);
            let count = wanted.of(now).ok_or_else(|| {
                let (name, server) = (process.name(), server.name());
                Error::usage(format!("cannot scale {name} below 0: {now} run on {}", sanitize(server)))
            })?;
            words.push(format!("{} from {now} to {count} on {}", process.name(), sanitize(server.name())));
            counts.insert(server.uid().to_owned(), Value::from(count));
        }
        changes.push((process.name().to_owned(), request(&target, process, counts)?));
    }
    let prompt = format!("Scale {} of {}", words.join(", "), target.label());
    let requests: Vec<Request> = changes.iter().map(|(_, request)| request.clone()).collect();
    if !context.confirm_write(&target, &prompt, &requests, &args.write).await? {
        return Ok(());
    }
    send_all_and_print(context, &target, &changes, &args.wait, changes.len() == 1, &past_tense(&prompt)).await
}

fn request(target: &StackRef, process: &Process, counts: Map<String, Value>) -> Result<Request> {
    let request = with_field(request_in_stack(target, &PROCESSES_SCALE, &[])?, "process_name", process.name());
    Ok(with_field(request, "server_count", counts))
}

/// The servers to scale a process on: the given one, all that the process is listed for, or the only one it runs on.
fn places(target: &StackRef, process: &Process, servers: &[Server], args: &ScaleProcessesArgs) -> Result<Vec<Server>> {
    if let Some(wanted) = &args.server {
        return Ok(vec![servers::choose(servers, target, wanted)?]);
    }
    let listed = |server: &&Server| process.servers.iter().any(|(name, _)| is_called(server, name));
    let listed: Vec<&Server> = servers.iter().filter(listed).collect();
    let running: Vec<&Server> = listed.iter().copied().filter(|server| count_on(process, server) > 0).collect();
    match (running.as_slice(), servers) {
        _ if args.all_servers && !listed.is_empty() => Ok(listed.into_iter().cloned().collect()),
        ([only], _) if !args.all_servers => Ok(vec![(*only).clone()]),
        ([], [only]) => Ok(vec![only.clone()]),
        _ => {
            let how = match running.len() {
                0 => "on no server".to_owned(),
                count => format!("on {count} servers"),
            };
            let names: Vec<_> = servers.iter().map(|server| sanitize(server.name())).collect();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            Err(Error::usage(format!("choose where to scale {}: it runs {how}", process.name()))
                .cause(format!("servers: {names}"))
                .hint("pass --server SERVER, or --all-servers"))
        }
    }
}

fn count_on(process: &Process, server: &Server) -> u64 {
    process.servers.iter().find(|(name, _)| is_called(server, name)).map_or(0, |(_, count)| *count)
}

/// Whether a process means this server: the reply names servers by name.
fn is_called(server: &Server, name: &str) -> bool {
    server.name().eq_ignore_ascii_case(name) || server.uid() == name
}
