//! `c66 cloudmc activity`.

use clap::Subcommand;

use super::super::context::Context;
use super::args::CloudMcListArgs;
use super::cells::{self, noun, state, time};
use super::envs;
use super::requests::{ListOptions, Query, list_with};
use crate::args::candidates::Candidates;
use crate::cloudmc::endpoints::ACTIVITY_LIST;
use crate::error::Result;
use crate::http::fields::Fields;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, minor, wide};

/// `c66 cloudmc activity …`
#[derive(Debug, Subcommand)]
pub(crate) enum ActivityCommand {
    /// List the activity log
    #[command(
        visible_alias = "ls",
        after_help = "Example:\n  c66 cloudmc activity list --mine --since 2026-11-01T00:00:00Z --limit 20"
    )]
    #[command(add = Verb::list(ActivityEntries::NOUN))]
    List {
        /// Only your own entries
        #[arg(long)]
        mine: bool,
        /// Only entries of this environment
        #[arg(long, value_name = "ENV")]
        #[arg(add = Candidates::CloudMcEnvironments)]
        env: Option<String>,
        /// Only entries with this result, such as FAILURE
        #[arg(long, value_name = "STATUS")]
        status: Option<String>,
        /// Only entries from this time on (RFC 3339)
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
        /// Only entries before this time (RFC 3339)
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        #[command(flatten)]
        list: CloudMcListArgs,
    },
}

/// Entries of the activity log.
struct ActivityEntries;

impl Resource for ActivityEntries {
    type View = Fields;
    const NOUN: &'static Noun = &noun::<Self>("entry", "entries").listed_by(&ACTIVITY_LIST);
    const COLUMNS: &'static [Column<Fields>] = &[
        Column::time("time", "time of the event", |entry| time(entry, "created")),
        Column::text("event", "what happened", |entry| entry.text("eventCode").into()),
        Column::text("status", "result, such as SUCCESS", |entry| state(entry, "status")),
        Column::text("user", "user", |entry| entry.text("username").into()),
        minor(Column::text("env", "environment", |entry| entry.text("environmentName").into())),
        minor(Column::text("org", "organization", |entry| entry.text("organizationName").into())),
        wide(Column::text("ip", "IP address of the user", |entry| entry.text("requesterIp").into())),
        wide(Column::text("id", "id of the entry", |entry| entry.text("id").into())),
    ];

    fn id(entry: &Fields) -> Option<String> {
        cells::id(entry)
    }
}

/// Runs `c66 cloudmc activity …`.
pub(super) async fn run(context: &Context, command: ActivityCommand) -> Result<()> {
    let ActivityCommand::List { mine, env, status, since, until, list } = command;
    let mut query: Query = Vec::new();
    if mine {
        query.push(("only_mine", "true".to_owned()));
    }
    if let Some(env) = env {
        query.push(("environmentId", envs::environment_id(context, &list.org, &env).await?));
    }
    for (name, value) in [("status", status), ("start", since), ("end", until)] {
        query.extend(value.map(|value| (name, value)));
    }
    list_with(context, ActivityEntries::NOUN, &list, ListOptions { query, ..ListOptions::default() }).await
}
