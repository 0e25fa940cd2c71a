//! The dry run of the commands that log in: which requests would be sent, and what would be run.

use std::ffi::OsString;

use serde_json::json;

use super::known::host_keys;
use super::login::{LoginArgs, destination, key_request, sandbox_proxy};
use super::reach::{Lease, lease_request};
use crate::args::ShowArgs;
use crate::cloud66::envelope::Document;
use crate::cloud66::servers::Server;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::error::Result;
use crate::http::Request;
use crate::output::cell::Cell;
use crate::resource::noun::Noun;
use crate::resource::show::show as show_item;
use crate::resource::write::unsent;
use crate::resource::{Column, Resource};
use crate::ssh::arguments::{BASTION, Login};
use crate::ssh::keys::KeyStore;
use crate::ssh::program::Programs;
use crate::text::quote::shell_quote;
use crate::text::sanitize::sanitize;

/// What would be sent and run.
struct Plan;

#[derive(serde::Deserialize)]
struct Planned {
    requests: Vec<PlannedRequest>,
    commands: Vec<Vec<String>>,
}

#[derive(serde::Deserialize)]
struct PlannedRequest {
    method: String,
    path: String,
    body: Option<serde_json::Value>,
}

impl PlannedRequest {
    fn line(&self) -> String {
        let body = self.body.as_ref().map(|body| format!(" {body}")).unwrap_or_default();
        format!("{} {}{body}", self.method, self.path)
    }
}

impl Resource for Plan {
    type View = Planned;
    const NOUN: &'static Noun = &Noun::new::<Self>("plan", "plans");
    const COLUMNS: &'static [Column<Planned>] = &[
        Column::text("requests", "requests, the private key and a lease among them", |plan| {
            Cell::Text(plan.requests.iter().map(PlannedRequest::line).collect::<Vec<_>>().join("; "))
        }),
        Column::text("commands", "what would be run", |plan| {
            Cell::Text(plan.commands.iter().map(|words| quoted(words)).collect::<Vec<_>>().join("; "))
        }),
    ];

    fn id(plan: &Planned) -> Option<String> {
        plan.commands.first().map(|words| quoted(words))
    }
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|word| shell_quote(word)).collect::<Vec<_>>().join(" ")
}

/// How the command would log in; nothing is dialled, and no file is written.
pub(crate) fn login(
    context: &Context,
    stack: &StackRef,
    server: &Server,
    args: &LoginArgs,
    forward_agent: bool,
) -> Result<Login> {
    let variables = context.settings.variables();
    let destination = destination(context, stack, server, args)?;
    let key = KeyStore::of(variables).path(&destination.uid);
    Ok(Login {
        known_hosts: host_keys(context)?.path(&destination.uid),
        identity: args.identity.clone().or(Some(key)),
        bastion_config: args.gateway_key.as_ref().map(|_| BASTION.into()),
        proxy: sandbox_proxy(context, &destination, &[])?,
        forward_agent,
        may_ask: context.printer.can_ask(),
        verbosity: context.printer.options().debug,
        destination,
    })
}

/// The runs that a dry run shows.
pub(crate) struct Runs<'p> {
    /// `ssh`, or another program of OpenSSH.
    pub(crate) program: &'p str,
    /// The arguments of each run.
    pub(crate) arguments: Vec<Vec<OsString>>,
    /// What is sent between the login and the runs.
    pub(crate) after: Option<Request>,
}

impl Runs<'_> {
    /// Runs of ssh.
    pub(crate) fn of_ssh(arguments: Vec<Vec<OsString>>) -> Self {
        Self { program: "ssh", arguments, after: None }
    }
}

/// Shows the requests for these servers and the runs; returns the exit code.
pub(crate) async fn show(
    context: &Context,
    stack: &StackRef,
    servers: &[Server],
    args: &LoginArgs,
    runs: Runs<'_>,
) -> Result<u8> {
    let mut requests: Vec<Request> = Vec::new();
    for server in servers {
        if args.lease != Lease::Never {
            requests.push(lease_request(stack, server, args.port)?);
        }
        if args.identity.is_none() {
            requests.push(key_request(stack, server)?);
        }
    }
    requests.extend(runs.after);
    let transport = context.cloud66().await?.transport();
    let unsent: Vec<serde_json::Value> = requests
        .iter()
        .map(|request| unsent(transport, request)?.view::<serde_json::Value>())
        .collect::<Result<_>>()?;
    let variables = context.settings.variables();
    let called = if runs.program == "ssh" { Programs::named(variables) } else { runs.program.into() };
    let words = |argv: &Vec<OsString>| -> Vec<String> {
        std::iter::once(&called).chain(argv).map(|word| word.to_string_lossy().into_owned()).collect()
    };
    let commands: Vec<Vec<String>> = runs.arguments.iter().map(words).collect();
    let document = Document::from_value(&json!({ "dry_run": true, "requests": unsent, "commands": commands }));
    context.printer.note("dry run: nothing was sent or run");
    if args.lease == Lease::Auto {
        context.printer.note("the firewall rule is added only if the port is closed");
    }
    if !context.printer.is_for_people() {
        return show_item::<Plan>(&context.printer, &ShowArgs::default(), document).map(|()| 0);
    }
    let plan: Planned = document.view()?;
    let lines = plan.requests.iter().map(PlannedRequest::line).chain(plan.commands.iter().map(|words| quoted(words)));
    for line in lines {
        context.printer.write_lines(&format!("{}\n", sanitize(&line)))?;
    }
    context.printer.flush()?;
    Ok(0)
}
