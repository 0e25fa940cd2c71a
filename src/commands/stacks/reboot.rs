//! `c66 stacks reboot`.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::args::{StackTargetArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{REBOOT_STRATEGIES, STACKS_REBOOT};
use crate::cloud66::with_field;
use crate::commands::actions::perform;
use crate::commands::context::Context;
use crate::commands::context::stack_requests::request_in_stack;
use crate::error::Result;

/// `c66 stacks reboot`
#[derive(Args, Debug)]
pub(crate) struct RebootStackArgs {
    #[command(flatten)]
    pub(crate) target: StackTargetArgs,
    /// Servers to reboot: all, or a group such as web, db or redis
    // Without it the API reboots the group web, and its documentation says all.
    #[arg(long)]
    pub(crate) group: String,
    /// One after the other, or all at once
    #[arg(long, default_value = "serial", value_parser = PossibleValuesParser::new(REBOOT_STRATEGIES))]
    pub(crate) strategy: String,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Runs `c66 stacks reboot`.
pub(super) async fn run(context: &Context, args: &RebootStackArgs) -> Result<()> {
    let target = context.stack_for_write(&args.target.args(), &args.write).await?;
    let request = request_in_stack(&target, &STACKS_REBOOT, &[])?;
    let request = with_field(request, "strategy", args.strategy.as_str());
    let request = with_field(request, "group", args.group.as_str());
    let servers = if args.group == "all" { "all servers".to_owned() } else { format!("the {} servers", args.group) };
    let order = if args.strategy == "serial" { "one after the other" } else { "all at once" };
    let prompt = format!("Reboot {servers} of {} {order}", target.label());
    perform(context, &target, request, &prompt, &args.write, &args.wait).await
}
