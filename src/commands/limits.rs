//! `c66 limits`.

use clap::Args;
use serde::Deserialize;
use serde_json::json;

use super::context::Context;
use crate::args::ShowArgs;
use crate::cloud66::endpoints::STACKS_LIST;
use crate::cloud66::envelope::Document;
use crate::cloud66::request;
use crate::error::{Error, Kind, Result};
use crate::output::cell::{Cell, Tone};
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource};

/// `c66 limits`
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  c66 limits\n  c66 limits --jq .remaining")]
#[command(add = Verb::calls(&[&STACKS_LIST]).prints(Limits::NOUN))]
pub(crate) struct LimitsArgs {
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

const HOUR: u32 = 60 * 60;

/// The request limit.
struct Limits;

#[derive(Deserialize)]
struct LimitStatus {
    limit: u32,
    remaining: u32,
    used: u32,
    low: bool,
    next_hour: u32,
    seconds_between: f64,
}

impl Resource for Limits {
    type View = LimitStatus;
    const NOUN: &'static Noun = &Noun::new::<Self>("limit", "limits");
    const COLUMNS: &'static [Column<LimitStatus>] = &[
        Column::number("limit", "hourly limit", |limits| Cell::Number(limits.limit.into())),
        Column::text("remaining", "requests left in this hour", |limits| {
            let tone = if limits.low { Tone::Bad } else { Tone::Good };
            Cell::State(limits.remaining.to_string(), tone)
        }),
        Column::number("used", "requests sent in this hour", |limits| Cell::Number(limits.used.into())),
        Column::text("next_hour", "pace that lasts for the next hour", |limits| {
            Cell::Text(format!("{} requests, one each {} s", limits.next_hour, limits.seconds_between))
        }),
    ];

    fn id(_: &LimitStatus) -> Option<String> {
        None
    }
}

/// Runs `c66 limits`: requests one page of stacks for the headers of its reply.
pub(crate) async fn run(context: &Context, args: &LimitsArgs) -> Result<()> {
    if print_column_help_if_asked::<Limits>(&context.printer, &args.show)? {
        return Ok(());
    }
    let client = context.cloud66().await?;
    let request = request(&STACKS_LIST, &[])?;
    let reply = client.send(&request).await;
    let Some(budget) = client.transport().rate_limiter().budget() else {
        reply?;
        return Err(Error::new(Kind::BadReply, "the API does not report a request limit")
            .cause("X-RateLimit-Limit and X-RateLimit-Remaining are missing in its reply")
            .hint("check api_url: c66 config list --show-origin"));
    };
    // An error reply has the limit too, above all the one at the limit.
    match reply {
        Err(error) if !matches!(error.kind(), Kind::Throttled | Kind::ScopeMissing) => return Err(error),
        _ => {}
    }
    let document = json!({
        "limit": budget.limit,
        "remaining": budget.remaining,
        "used": budget.limit.saturating_sub(budget.remaining),
        "low": budget.is_low(),
        "next_hour": budget.limit,
        // To a hundredth of a second: more would be noise.
        "seconds_between": (f64::from(HOUR) * 100.0 / f64::from(budget.limit.max(1))).round() / 100.0,
    });
    show::<Limits>(&context.printer, &args.show, Document::from_value(&document))
}
