//! `c66 env rollback`.

use clap::Args;

use super::bulk_update::change_request;
use super::{StackVariables, earlier_values};
use crate::args::{StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{APPLY_STRATEGIES, ENVIRONMENTS_SHOW, ENVIRONMENTS_UPDATE};
use crate::commands::actions::{print_unchanged, send_all_and_print};
use crate::commands::context::Context;
use crate::commands::env::EnvVariables;
use crate::error::{Error, Kind, Result};
use crate::http::fields::ApiTime;
use crate::resource::Resource;
use crate::resource::verb::{Asks, Verb};
use crate::text::format::past_tense;

/// `c66 env rollback`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENVIRONMENTS_SHOW, &ENVIRONMENTS_UPDATE]).asks(Asks::OnProduction))]
pub(crate) struct RollbackArgs {
    /// Name of the variable
    #[arg(add = EnvVariables::NOUN.names())]
    pub(crate) key: String,
    /// ID of the entry to restore, see env history --columns entry [default: the newest]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) entry: Option<u64>,
    /// When to apply the change on the servers
    #[arg(long, value_name = "WHEN", value_parser = clap::builder::PossibleValuesParser::new(APPLY_STRATEGIES))]
    pub(crate) apply_strategy: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Runs `c66 env rollback`: restores an earlier value of a variable, by default the newest of its history.
pub(super) async fn rollback(context: &Context, args: &RollbackArgs) -> Result<()> {
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let stack_variables = StackVariables::fetch(context, &target).await?;
    let (variable, _) = stack_variables.require(&args.key)?;
    if variable.readonly == Some(true) {
        return Err(Error::new(Kind::Refused, format!("{} is read-only", args.key)).cause("nothing was changed"));
    }
    let earlier = earlier_values(context, &target, variable).await?;
    let found = if let Some(entry) = args.entry {
        earlier.into_iter().find(|earlier| earlier.key == Some(entry))
    } else {
        let others = earlier.into_iter().filter(|earlier| earlier.value != variable.value);
        others.max_by_key(|earlier| (earlier.created_at.as_ref().and_then(ApiTime::known), earlier.key))
    };
    let value = found.and_then(|earlier| earlier.value).ok_or_else(|| {
        let error = match args.entry {
            Some(entry) => Error::not_found(format!("earlier value {entry} not found for {}", args.key)),
            None => Error::not_found(format!("{} has no earlier value", args.key)),
        };
        error.hint(format!("c66 env history {} {}", args.key, target.flag()))
    })?;
    if variable.is_password != Some(false) {
        context.printer.add_secret(&value);
    }
    if variable.value.as_deref() == Some(value.as_str()) {
        return print_unchanged(context, true, "Nothing to change.").await;
    }
    let change = change_request(&target, &args.key, &value, true, args.apply_strategy.as_deref())?;
    let prompt = format!("Restore an earlier value of {} on {}", args.key, target.label());
    if !context.confirm_write(&target, &prompt, std::slice::from_ref(&change.1), &args.write).await? {
        return Ok(());
    }
    send_all_and_print(context, &target, &[change], &args.wait, true, &past_tense(&prompt)).await
}
