//! `c66 firewall` and `c66 lease`.

use std::ffi::OsString;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand, ValueHint};

use super::actions::{print_actions, send, verdict};
use super::context::Context;
use super::server_groups;
use super::servers::{self, Servers};
use super::ssh::reach::for_server;
use crate::args::{ListArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::child::{self, Terminal};
use crate::cloud66::endpoints::{FIREWALLS_CREATE, FIREWALLS_LIST, FIREWALLS_SHOW, SERVERS_LIST};
use crate::cloud66::envelope::Document;
use crate::cloud66::firewalls::{Firewall, PROTOCOLS};
use crate::cloud66::with_field;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{list_in_stack, request_in_stack, show_in_stack};
use crate::commands::deferred::Deferred;
use crate::commands::server_groups::ServerGroups;
use crate::config::program::find_program;
use crate::error::{Error, Result};
use crate::http::Request;
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
use crate::resource::{Column, Resource, key, wide};
use crate::text::format::past_tense;
use crate::text::parse::parse_duration;
use crate::text::sanitize::sanitize;

/// `c66 firewall …`
#[derive(Debug, Subcommand)]
pub(crate) enum FirewallCommand {
    /// List the firewall rules of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Example:\n  c66 firewall list -s awesome-app@production --filter port=22"
    )]
    #[command(add = Verb::list(Firewalls::NOUN))]
    List {
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one firewall rule
    #[command(after_help = "Example:\n  c66 firewall show 5027 -s awesome-app@production")]
    #[command(add = Verb::show(Firewalls::NOUN))]
    Show {
        /// ID of the rule
        #[arg(add = Firewalls::NOUN.names())]
        id: u64,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Add a firewall rule, permanent or (with --ttl) temporary
    #[command(
        after_help = "Examples:\n  c66 firewall add --from-ip 203.0.113.7 --port 5432 -s awesome-app@production\n  c66 firewall add --from-ip AUTO --ttl 30m --port 22 -s awesome-app@production"
    )]
    Add(Deferred<AddRuleArgs>),
}

/// `c66 firewall add`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&FIREWALLS_CREATE]).asks(Asks::OnProduction))]
pub(crate) struct AddRuleArgs {
    /// Source: address, range, or AUTO for your current IP (with --ttl)
    #[arg(long, value_name = "IP")]
    pub(crate) from_ip: Option<String>,
    /// Source: ID or name of a server group
    #[arg(long, value_name = "GROUP")]
    #[arg(add = ServerGroups::NOUN.names())]
    pub(crate) from_group: Option<String>,
    /// Source: ID of a server
    #[arg(long, value_name = "NUMBER")]
    pub(crate) from_server: Option<u64>,
    /// Target: an address or a range
    #[arg(long, value_name = "IP")]
    pub(crate) to_ip: Option<String>,
    /// Target: ID or name of a server group
    #[arg(long, value_name = "GROUP")]
    #[arg(add = ServerGroups::NOUN.names())]
    pub(crate) to_group: Option<String>,
    /// Target: ID of a server
    #[arg(long, value_name = "NUMBER")]
    pub(crate) to_server: Option<u64>,
    /// Protocol
    #[arg(long, default_value = "tcp", value_parser = ["tcp", "udp", "icmp"])]
    pub(crate) protocol: String,
    /// Port to open
    #[arg(long)]
    pub(crate) port: u16,
    /// Lifetime of the rule, such as 30m; a plain number is minutes
    #[arg(long, value_name = "DURATION")]
    pub(crate) ttl: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// `c66 lease`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 lease --port 22 --ttl 20m -s awesome-app@production\n  c66 lease --port 5432 --server caribou -s awesome-app@production -- psql -h 203.0.113.9"
)]
#[command(add = Verb::calls(&[&FIREWALLS_CREATE, &SERVERS_LIST]).asks(Asks::OnProduction))]
pub(crate) struct LeaseArgs {
    /// Port to open
    #[arg(short, long, default_value_t = 22)]
    pub(crate) port: u16,
    /// How long the port stays open; a plain number is minutes
    #[arg(short, long, alias = "tto", value_name = "DURATION", default_value = "20m")]
    pub(crate) ttl: String,
    /// Address to open it to; AUTO is your current IP
    #[arg(short, long, value_name = "IP", default_value = "AUTO")]
    pub(crate) from: String,
    /// Open it on this server only: its name, UID or address
    #[arg(long, value_name = "SERVER")]
    #[arg(add = Servers::NOUN.names())]
    pub(crate) server: Option<String>,
    /// Command to run here once the port is open; its exit code is the result
    #[arg(last = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Stands for the caller's own address.
const AUTO: &str = "AUTO";

/// Firewall rules.
struct Firewalls;

impl Resource for Firewalls {
    type View = Firewall;
    const NOUN: &'static Noun = &Noun::new::<Self>("firewall rule", "firewall rules")
        .listed_by(&FIREWALLS_LIST)
        .shown_by(&FIREWALLS_SHOW)
        .named_by(&["id"])
        .told_apart_by(&["from_ip", "protocol", "port"]);
    const COLUMNS: &'static [Column<Firewall>] = &[
        key(Column::number("id", "id for other commands", |rule| rule.id.into())),
        Column::text("from", "source: an address, a group or a server", |rule| rule.from.as_str().into()),
        Column::text("to", "target: an address, a group or a server", |rule| rule.to.as_str().into()),
        Column::text("protocol", "tcp, udp or icmp", |rule| rule.protocol.clone().into()),
        Column::number("port", "port", |rule| rule.port.into()),
        Column::text("type", "type", |rule| rule.rule_type.clone().into()),
        wide(Column::text("comments", "comment", |rule| rule.comments.clone().into())),
        wide(Column::time("created", "when it was created", |rule| rule.created_at.clone().into())),
        wide(Column::time("updated", "when it was last changed", |rule| rule.updated_at.clone().into())),
    ];

    fn id(view: &Firewall) -> Option<String> {
        view.id.map(|id| id.to_string())
    }
}

/// Runs `c66 firewall …`.
pub(crate) async fn run(context: &Context, command: FirewallCommand) -> Result<()> {
    match command {
        FirewallCommand::List { stack, list } => list_in_stack::<Firewalls>(context, &stack, &list, &[]).await,
        FirewallCommand::Show { id, stack, show } => {
            let parts = [("firewall_id", &*id.to_string())];
            show_in_stack::<Firewalls>(context, &stack, &show, &parts).await
        }
        FirewallCommand::Add(Deferred(rule)) => add(context, &rule, None).await,
    }
}

/// Runs `c66 lease`; returns the exit code.
pub(crate) async fn lease(context: &Context, lease: LeaseArgs) -> Result<u8> {
    let rule = AddRuleArgs {
        from_ip: Some(lease.from),
        from_group: None,
        from_server: None,
        to_ip: None,
        to_group: None,
        to_server: None,
        protocol: "tcp".to_owned(),
        port: lease.port,
        ttl: Some(lease.ttl),
        stack: lease.stack,
        write: lease.write,
        wait: lease.wait,
    };
    let Some((program, arguments)) = lease.command.split_first() else {
        return add(context, &rule, lease.server.as_deref()).await.map(|()| 0);
    };
    let failed = |error| Error::local_file(format!("run {}", program.display()), &error);
    // Before a port is opened for nothing.
    let path = find_program(program).map_err(failed)?;
    if rule.wait.no_wait {
        return Err(Error::usage("--no-wait has no meaning with a command").hint("omit one of them"));
    }
    let Some(opened) = open(context, &rule, lease.server.as_deref()).await? else { return Ok(0) };
    if let Some(document) = opened.document {
        verdict(&document.view()?)?;
    }
    let mut command = tokio::process::Command::new(path);
    command.args(arguments);
    let terminal = if context.printer.stdin_is_terminal() { Terminal::Shared } else { Terminal::None };
    child::run(&context.signals, terminal, &mut command).await.map_err(failed)
}

async fn add(context: &Context, rule: &AddRuleArgs, server: Option<&str>) -> Result<()> {
    let Some(Opened { target, document, prompt, began }) = open(context, rule, server).await? else { return Ok(()) };
    if let Some(document) = document {
        verdict(&document.view()?)?;
        return print_actions(context, &target, vec![document], true, &past_tense(&prompt), began).await;
    }
    let (globals, flag) = (&context.global_flags, target.flag());
    context.printer.note(&format!("View it with: c66{globals} firewall list {flag}"));
    acknowledge(context.cloud66().await?.transport(), None, "Firewall rule added.")
}

/// A rule that was added.
struct Opened {
    target: StackRef,
    /// The action, if the reply has one.
    document: Option<Document>,
    /// What was done, as an imperative.
    prompt: String,
    began: Instant,
}

/// Adds the rule, on one server or on all; returns `None` if nothing was sent.
async fn open(context: &Context, rule: &AddRuleArgs, server: Option<&str>) -> Result<Option<Opened>> {
    let minutes = rule.ttl.as_deref().map(minutes).transpose()?;
    check(rule, minutes)?;
    let target = context.stack_for_write(&rule.stack, &rule.write).await?;
    let mut request = request(context, &target, rule, minutes).await?;
    let mut place = target.label();
    if let Some(wanted) = server {
        let server = servers::find(context, &target, wanted).await?;
        request = for_server(request, &server);
        place = format!("{} of {place}", sanitize(server.name()));
    }
    let from = match rule.from_ip.as_deref() {
        Some(from) if from.eq_ignore_ascii_case(AUTO) => "your current IP",
        from => from.unwrap_or("the given source"),
    };
    let time = minutes.map(|minutes| format!(" for {minutes} minutes")).unwrap_or_default();
    let prompt = format!("Open port {} ({}) to {from}{time} on {place}", rule.port, rule.protocol);
    if !context.confirm_write(&target, &prompt, std::slice::from_ref(&request), &rule.write).await? {
        return Ok(None);
    }
    let began = Instant::now();
    let document = send(context, &target, &request, &rule.wait).await?;
    Ok(Some(Opened { target, document, prompt, began }))
}

async fn request(context: &Context, target: &StackRef, rule: &AddRuleArgs, minutes: Option<u64>) -> Result<Request> {
    let protocol = PROTOCOLS.iter().find(|(word, _)| *word == rule.protocol).map_or(1, |(_, number)| *number);
    let mut request = request_in_stack(target, &FIREWALLS_CREATE, &[])?;
    request = with_field(with_field(request, "protocol", protocol), "port", rule.port);
    for (name, value) in [("from_ip", &rule.from_ip), ("to_ip", &rule.to_ip)] {
        if let Some(value) = value {
            let auto = value.eq_ignore_ascii_case(AUTO);
            request = with_field(request, name, if auto { AUTO } else { value.as_str() });
        }
    }
    for (name, value) in [("from_group_id", &rule.from_group), ("to_group_id", &rule.to_group)] {
        if let Some(wanted) = value {
            request = with_field(request, name, server_groups::group_id(context, target, wanted).await?);
        }
    }
    for (name, value) in [("from_server_id", rule.from_server), ("to_server_id", rule.to_server), ("ttl", minutes)] {
        if let Some(number) = value {
            request = with_field(request, name, number);
        }
    }
    Ok(request)
}

fn check(rule: &AddRuleArgs, minutes: Option<u64>) -> Result<()> {
    let named = rule.from_ip.is_some()
        || rule.from_group.is_some()
        || rule.from_server.is_some()
        || rule.to_ip.is_some()
        || rule.to_group.is_some()
        || rule.to_server.is_some();
    if !named {
        return Err(Error::usage("missing the source or target of the rule")
            .hint("pass --from-ip, --from-group, --from-server, --to-ip, --to-group or --to-server"));
    }
    if rule.port == 0 && rule.protocol != "icmp" {
        return Err(Error::usage("invalid port 0").hint("use a port from 1 to 65535"));
    }
    match &rule.from_ip {
        Some(from) if from.eq_ignore_ascii_case(AUTO) && minutes.is_none() => {
            return Err(Error::usage("AUTO needs --ttl").hint("such as --ttl 20m"));
        }
        Some(from) if !from.eq_ignore_ascii_case(AUTO) => check_address(from)?,
        _ => {}
    }
    rule.to_ip.as_deref().map_or(Ok(()), check_address)
}

/// Checks an address, or a range such as `ADDRESS/BITS`.
fn check_address(text: &str) -> Result<()> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let most = match address.parse() {
        Ok(IpAddr::V4(_)) => Some(32),
        Ok(IpAddr::V6(_)) => Some(128),
        Err(_) => None,
    };
    let good = most.is_some_and(|most| bits.is_none_or(|bits| bits.parse::<u8>().is_ok_and(|bits| bits <= most)));
    if good {
        return Ok(());
    }
    Err(Error::usage(format!("invalid address `{text}`"))
        .hint("such as 203.0.113.7, 203.0.113.0/24, 2001:db8::/32, or AUTO"))
}

/// The API counts in minutes, and so does a plain number.
fn minutes(text: &str) -> Result<u64> {
    if let Ok(minutes) = text.parse::<u64>() {
        return if minutes > 0 { Ok(minutes) } else { Err(Error::usage("--ttl must be at least a minute")) };
    }
    let duration = parse_duration(text).map_err(|why| Error::usage(format!("invalid --ttl `{text}`")).cause(why))?;
    if duration < Duration::from_secs(60) || duration.as_secs() % 60 != 0 {
        return Err(
            Error::usage(format!("invalid --ttl `{text}`")).hint("the API counts in whole minutes, such as 20m")
        );
    }
    Ok(duration.as_secs() / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_ranges_are_recognized() {
        for good in ["203.0.113.7", "203.0.113.0/24", "::1", "2001:db8::/32", "0.0.0.0/0"] {
            assert!(check_address(good).is_ok(), "{good}");
        }
        for bad in ["", "host", "203.0.113", "203.0.113.7/33", "::1/129", "1.2.3.4/", "1.2.3.4/x"] {
            assert!(check_address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_lifetime_is_whole_minutes() {
        for (text, expected) in
            [("20", Some(20)), ("20m", Some(20)), ("1h", Some(60)), ("90s", None), ("0", None), ("x", None)]
        {
            assert_eq!(minutes(text).ok(), expected, "{text}");
        }
    }
}
