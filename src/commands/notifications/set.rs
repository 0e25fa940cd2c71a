//! `c66 notifications set`: the alerts of 2024, which are set by name and several at once.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::{Map, Value, json};

use super::Notifications;
use crate::args::{StackArgs, WriteArgs};
use crate::cloud66::endpoints::{ALERT_CHANNELS, NOTIFICATIONS_UPDATE_GROUP, NOTIFICATIONS_UPDATE_STACK};
use crate::cloud66::envelope::Document;
use crate::cloud66::notifications::AlertsSet;
use crate::cloud66::{request, with_field};
use crate::commands::account_write::send_as;
use crate::commands::context::Context;
use crate::commands::context::stack_requests::request_in_stack;
use crate::error::{Error, Kind, Result};
use crate::files::input;
use crate::output::cell::Cell;
use crate::resource::noun::Noun;
use crate::resource::show::print_verdict;
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
use crate::resource::{Column, Resource};

/// `c66 notifications set`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&NOTIFICATIONS_UPDATE_STACK, &NOTIFICATIONS_UPDATE_GROUP]).asks(Asks::OnProduction).asks_also("with --application-group"))]
pub(crate) struct SetAlertsArgs {
    /// Names of alerts
    #[arg(required = true, value_name = "ALERT")]
    #[arg(add = Notifications::NOUN.names())]
    pub(crate) alerts: Vec<String>,
    /// Channels to notify
    #[arg(long, required = true, value_delimiter = ',', value_name = "CHANNEL,…")]
    #[arg(value_parser = PossibleValuesParser::new(ALERT_CHANNELS))]
    pub(crate) channels: Vec<String>,
    /// File with the URL of the Slack webhook; - reads stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) slack_url_file: Option<PathBuf>,
    /// File with the URL of the webhook; - reads stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) webhook_url_file: Option<PathBuf>,
    /// Every stack of this application group, instead of one stack
    #[arg(short = 'a', long, value_name = "NAME", conflicts_with = "stack")]
    pub(crate) application_group: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// What became of the alerts.
struct AlertResults;

impl Resource for AlertResults {
    type View = AlertsSet;
    const NOUN: &'static Noun = &Noun::new::<Self>("result", "results");
    const COLUMNS: &'static [Column<AlertsSet>] = &[
        Column::text("set", "alerts that were set", |result| Cell::Text(result.successes.join(" "))),
        Column::text("not_applicable", "alerts that do not apply", |result| {
            Cell::Text(result.not_applicable.join(" "))
        }),
        Column::text("failed", "alerts that could not be set", |result| Cell::Text(result.failures.join(" "))),
    ];

    fn id(_: &AlertsSet) -> Option<String> {
        None
    }
}

/// Runs `c66 notifications set`.
pub(super) async fn run(context: &Context, args: &SetAlertsArgs) -> Result<()> {
    let alerts = alerts(context, args)?;
    let (names, channels) = (args.alerts.join(", "), args.channels.join(", "));
    let reply = if let Some(group) = &args.application_group {
        let request = with_field(request(&NOTIFICATIONS_UPDATE_GROUP, &[])?, "application_group_name", group.as_str());
        let request = with_field(request, "alerts", alerts);
        let prompt = format!("Send {names} of every stack of {group} to {channels}");
        match send_as(context, Asks::Always, &request, &prompt, &args.write).await? {
            None => return Ok(()),
            Some(reply) => reply,
        }
    } else {
        let target = context.stack_for_write(&args.stack, &args.write).await?;
        let request = with_field(request_in_stack(&target, &NOTIFICATIONS_UPDATE_STACK, &[])?, "alerts", alerts);
        let prompt = format!("Send {names} of {} to {channels}", target.label());
        if !context.confirm_write(&target, &prompt, std::slice::from_ref(&request), &args.write).await? {
            return Ok(());
        }
        context.send(&target, &request).await?
    };
    match reply {
        Some(reply) => report(context, reply),
        None => acknowledge(context.cloud66().await?.transport(), None, "Alerts set."),
    }
}

fn report(context: &Context, reply: Document) -> Result<()> {
    let set: AlertsSet = reply.view()?;
    let verdict = match set.failures.as_slice() {
        [] => Ok(()),
        failures => Err(Error::new(Kind::RemoteFailed, format!("{} of the alerts could not be set", failures.len()))
            .cause(failures.join("\n"))),
    };
    print_verdict::<AlertResults>(&context.printer, reply, verdict)
}

/// The alerts with their subscriptions. URLs of webhooks let anyone post there, so they come from files.
fn alerts(context: &Context, args: &SetAlertsArgs) -> Result<Vec<Value>> {
    let mut urls = Map::new();
    for (channel, name, flag, file) in [
        ("slack", "slack_url", "--slack-url-file", &args.slack_url_file),
        ("webhook", "webhook_url", "--webhook-url-file", &args.webhook_url_file),
    ] {
        let is_wanted = args.channels.iter().any(|wanted| wanted == channel);
        let Some(path) = file else {
            if is_wanted {
                return Err(Error::usage(format!("the channel {channel} needs a URL")).hint(format!("{flag} FILE")));
            }
            continue;
        };
        if !is_wanted {
            return Err(Error::usage(format!("{flag} is for the channel {channel}")).hint("--channels CHANNEL,…"));
        }
        let url = input::read(path)?.trim().to_owned();
        context.printer.add_secret(&url);
        urls.insert(name.to_owned(), Value::from(url));
    }
    let subscription = |channel: &String| {
        let mut subscription = json!({ "channel": channel });
        let name = format!("{channel}_url");
        if let Some(url) = urls.get(&name) {
            subscription[name] = url.clone();
        }
        subscription
    };
    let subscriptions: Vec<Value> = args.channels.iter().map(subscription).collect();
    Ok(args.alerts.iter().map(|name| json!({ "alert_name": name, "subscriptions": subscriptions })).collect())
}
