//! `c66 wait`.

use clap::Args;

use crate::args::{PollArgs, ShowArgs, StackArgs};

/// What can be waited for, each with the other words for it.
pub(crate) const KINDS: [(&str, &[&str]); 4] =
    [("stack", &["stacks"]), ("server", &["servers"]), ("service", &["services"]), ("deployment", &["deployments"])];

/// `c66 wait`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 wait stack/awesome-app@staging --for status=deployed --for health=healthy\n  c66 wait server/caribou --for health=healthy -s awesome-app --timeout 10m\n  c66 wait service web --for '.containers | length >= 3' -s shop\n  c66 wait deployment --for outcome=success -s shop"
)]
pub(crate) struct Wait {
    /// stack, server, service or deployment; with /NAME, or the name as the next word
    #[arg(value_name = "KIND[/NAME]", default_value = "stack")]
    pub(crate) what: String,
    /// Which one [default: the stack of --stack; the newest deployment]
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Until COL=V, COL!=V, COL~REGEX or a jq expression is true; repeat it until all are
    #[arg(long = "for", value_name = "CONDITION", required = true)]
    pub(crate) conditions: Vec<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) poll_args: PollArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}
