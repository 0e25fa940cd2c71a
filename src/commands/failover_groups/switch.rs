//! `c66 failover-groups switch` and `wait`.

use std::cell::Cell;

use clap::Args;

use super::{FailoverGroups, GroupArgs, SideArg, documents, find, uid};
use crate::args::ConfirmArgs;
use crate::args::{PollArgs, ShowArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{FAILOVER_GROUPS_LIST, FAILOVER_GROUPS_UPDATE};
use crate::cloud66::envelope::Document;
use crate::cloud66::failover_groups::{FailoverGroup, FailoverSide};
use crate::cloud66::{request, with_field};
use crate::commands::account_write::{ByName, send_by_name};
use crate::commands::context::{ACTION_TIMEOUT, Context};
use crate::error::{Error, Kind, Result};
use crate::resource::show::{print_verdict, show};
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
use crate::text::quote::shell_quote;
use crate::wait::{Operation, Poll};

/// `c66 failover-groups switch`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&FAILOVER_GROUPS_UPDATE, &FAILOVER_GROUPS_LIST]).asks(Asks::ByName))]
pub(crate) struct SwitchArgs {
    #[command(flatten)]
    pub(crate) group: GroupArgs,
    /// The stack to point to [default: the other one]
    #[arg(long)]
    pub(crate) to: Option<SideArg>,
    /// Address of the group, to confirm
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) confirm: Option<String>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Runs `c66 failover-groups switch`.
pub(super) async fn run(context: &Context, args: &SwitchArgs) -> Result<()> {
    let group = find(context, &args.group.group).await?;
    let to = target(&group, args.to.map(SideArg::side))?;
    let (_, name) = group.stack(to);
    let why = format!(
        "this points {} to its {} stack{}: all its visitors get that one",
        group.label(),
        to.as_str(),
        name.map(|name| format!(", {name}")).unwrap_or_default()
    );
    let change = request(&FAILOVER_GROUPS_UPDATE, &[("failover_group_uid", uid(&group))])?;
    let change = with_field(change, "current_stack", to.code());
    // Report invalid wait settings before anything is sent.
    context.waiter(&args.wait.poll_args, ACTION_TIMEOUT).await?;
    // The guard must be held from here to the end of the wait.
    let _guard = context.signals.guard()?;
    let confirm = ConfirmArgs { confirm: args.confirm.clone() };
    let by_name = ByName { what: "failover group", name: group.label(), why: &why, confirm: &confirm };
    let Some(reply) = send_by_name(context, &change, &by_name, &args.write).await? else { return Ok(()) };
    if args.wait.no_wait {
        return acknowledge(context.cloud66().await?.transport(), reply, "Switch started.");
    }
    let done = follow(context, &group, Some(to), &args.wait.poll_args).await?;
    let verdict = match done.view::<FailoverGroup>()?.current {
        Some(current) if current != to => {
            let message =
                format!("the switch failed: {} still points to its {} stack", group.label(), current.as_str());
            Err(Error::new(Kind::RemoteFailed, message))
        }
        _ => Ok(()),
    };
    print_verdict::<FailoverGroups>(&context.printer, done, verdict)
}

/// After so many polls without a switch, it has failed or was never begun.
const MAX_IDLE_POLLS: u32 = 5;

/// The stack to point to, if the group can be switched there.
fn target(group: &FailoverGroup, wanted: Option<FailoverSide>) -> Result<FailoverSide> {
    let label = group.label();
    if group.readonly == Some(true) {
        return Err(Error::usage(format!("{label} is read-only and cannot be switched")));
    }
    let to = match (wanted, group.current) {
        (Some(side), _) => side,
        (None, Some(current)) => current.other(),
        (None, None) => {
            let error = Error::new(Kind::BadReply, format!("the API does not say where {label} points to"));
            return Err(error.hint("pass --to primary or --to secondary"));
        }
    };
    if group.current == Some(to) {
        return Err(Error::usage(format!("{label} already points to its {} stack", to.as_str())));
    }
    if group.stack(to) == (None, None) {
        return Err(Error::usage(format!("{label} has no {} stack", to.as_str())));
    }
    Ok(to)
}

/// Runs `c66 failover-groups wait`.
pub(super) async fn wait(context: &Context, wanted: &str, poll_args: &PollArgs) -> Result<()> {
    let group = find(context, wanted).await?;
    let done = follow(context, &group, None, poll_args).await?;
    show::<FailoverGroups>(&context.printer, &ShowArgs::default(), done)
}

/// Waits until a group is not being switched, and after a switch of ours until it points to `to`, or was switched in
/// vain.
async fn follow(
    context: &Context,
    group: &FailoverGroup,
    to: Option<FailoverSide>,
    poll_args: &PollArgs,
) -> Result<Document> {
    let operation = Operation {
        label: format!("switch of {}", group.label()),
        attach: format!("c66{} failover-groups wait {}", context.global_flags, shell_quote(uid(group))),
        cancel: None,
        action_id: None,
        deployment_id: None,
        follows_write: to.is_some(),
    };
    let waiter = context.waiter(poll_args, ACTION_TIMEOUT).await?;
    let (was_busy, idle_polls) = (Cell::new(false), Cell::new(0));
    let poll = || async {
        for document in documents(context).await? {
            let found: FailoverGroup = document.view()?;
            if found.uid != group.uid {
                continue;
            }
            if found.busy_toggling == Some(true) {
                was_busy.set(true);
                return Ok(Poll::Running("switching".to_owned()));
            }
            let is_there = to.is_none() || found.current == to;
            idle_polls.set(idle_polls.get() + 1);
            return Ok(if is_there || was_busy.get() || idle_polls.get() >= MAX_IDLE_POLLS {
                let state = found.current.map_or("ready", FailoverSide::as_str);
                Poll::Done(document, state.to_owned())
            } else {
                Poll::Running("not yet begun".to_owned())
            });
        }
        Err(Error::not_found(format!("failover group {} not found", group.label())))
    };
    waiter.wait_for(&operation, to.is_none(), poll).await
}
