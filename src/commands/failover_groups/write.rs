//! `c66 failover-groups add` and `update`.

use clap::Args;

use super::{GroupArgs, SideArg, find, uid};
use crate::args::candidates::Candidates;
use crate::args::{StackArgs, WriteArgs};
use crate::cloud66::endpoints::{FAILOVER_GROUPS_CREATE, FAILOVER_GROUPS_LIST, FAILOVER_GROUPS_UPDATE};
use crate::cloud66::{request, with_field};
use crate::commands::account_write::send_and_acknowledge;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::error::{Error, Result};
use crate::http::Request;
use crate::resource::verb::{Asks, Verb};

/// `c66 failover-groups add`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&FAILOVER_GROUPS_CREATE]).asks(Asks::Never))]
pub(crate) struct AddGroupArgs {
    /// Primary stack: UID, name, or name@environment
    #[arg(short, long, value_name = "STACK")]
    #[arg(add = Candidates::Stacks)]
    pub(crate) primary: Option<String>,
    /// Secondary stack: UID, name, or name@environment
    #[arg(long, value_name = "STACK")]
    #[arg(add = Candidates::Stacks)]
    pub(crate) secondary: Option<String>,
    /// The stack that the address points to
    #[arg(long)]
    pub(crate) current: Option<SideArg>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// `c66 failover-groups update`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&FAILOVER_GROUPS_UPDATE, &FAILOVER_GROUPS_LIST]).asks(Asks::Always))]
pub(crate) struct UpdateGroupArgs {
    #[command(flatten)]
    pub(crate) group: GroupArgs,
    /// New primary stack: UID, name, or name@environment
    #[arg(short, long, value_name = "STACK", conflicts_with = "no_primary")]
    #[arg(add = Candidates::Stacks)]
    pub(crate) primary: Option<String>,
    /// New secondary stack: UID, name, or name@environment
    #[arg(long, value_name = "STACK", conflicts_with = "no_secondary")]
    #[arg(add = Candidates::Stacks)]
    pub(crate) secondary: Option<String>,
    /// Take the primary stack out of the group
    #[arg(long)]
    pub(crate) no_primary: bool,
    /// Take the secondary stack out of the group
    #[arg(long)]
    pub(crate) no_secondary: bool,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// Runs `c66 failover-groups add`.
pub(super) async fn add(context: &Context, args: &AddGroupArgs) -> Result<()> {
    let [primary, secondary] = stacks(context, [&args.primary, &args.secondary]).await?;
    let mut request = request(&FAILOVER_GROUPS_CREATE, &[])?;
    let mut words = Vec::new();
    for (name, stack) in [("primary", &primary), ("secondary", &secondary)] {
        if let Some(stack) = stack {
            request = with_stack(request, name, &stack.uid);
            words.push(format!("{} as {name}", stack.label()));
        }
    }
    if let Some(current) = args.current {
        request = with_field(request, "current_stack", current.side().code());
    }
    let stacks = if words.is_empty() { "no stacks".to_owned() } else { words.join(", ") };
    let prompt = format!("Add a failover group with {stacks}");
    send_and_acknowledge(context, &request, &prompt, &args.write, "Failover group added.").await
}

/// Runs `c66 failover-groups update`. An omitted stack stays, an empty UID takes it out.
pub(super) async fn update(context: &Context, args: &UpdateGroupArgs) -> Result<()> {
    if args.primary.is_none() && args.secondary.is_none() && !args.no_primary && !args.no_secondary {
        return Err(Error::usage("nothing to change").hint("see c66 failover-groups update --help"));
    }
    let [primary, secondary] = stacks(context, [&args.primary, &args.secondary]).await?;
    let group = find(context, &args.group.group).await?;
    let mut request = request(&FAILOVER_GROUPS_UPDATE, &[("failover_group_uid", uid(&group))])?;
    let mut words = Vec::new();
    for (name, stack, taken_out) in
        [("primary", &primary, args.no_primary), ("secondary", &secondary, args.no_secondary)]
    {
        if let Some(stack) = stack {
            request = with_stack(request, name, &stack.uid);
            words.push(format!("make {} its {name} stack", stack.label()));
        } else if taken_out {
            request = with_stack(request, name, "");
            words.push(format!("take its {name} stack out"));
        }
    }
    // Its visitors may get another stack.
    let prompt = format!("Change failover group {}: {}", group.label(), words.join(", "));
    send_and_acknowledge(context, &request, &prompt, &args.write, "Failover group changed.").await
}

fn with_stack(request: Request, name: &str, uid: &str) -> Request {
    with_field(request, &format!("{name}_stack_uid"), uid)
}

/// The chosen stacks, which must differ.
async fn stacks(context: &Context, wanted: [&Option<String>; 2]) -> Result<[Option<StackRef>; 2]> {
    let mut found = [None, None];
    for (found, wanted) in found.iter_mut().zip(wanted) {
        if wanted.is_some() {
            let args = StackArgs { stack: wanted.clone(), environment: None };
            *found = Some(context.stack(&args, true).await?);
        }
    }
    match &found {
        [Some(primary), Some(secondary)] if primary.uid == secondary.uid => {
            Err(Error::usage(format!("{} is both the primary and the secondary stack", primary.label())))
        }
        _ => Ok(found),
    }
}
