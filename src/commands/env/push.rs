//! `c66 env push`: compares a file with a stack, and applies the differences.

use std::time::Instant;

use clap::{Args, ValueEnum};

use super::StackVariables;
use super::bulk_update::change_request;
use super::file::read;
use crate::args::{ConfirmArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{
    APPLY_STRATEGIES, ENVIRONMENTS_BULK_UPDATE, ENVIRONMENTS_CREATE, ENVIRONMENTS_DELETE, ENVIRONMENTS_LIST,
    ENVIRONMENTS_UPDATE,
};
use crate::commands::actions::{print_actions, print_unchanged, send_all};
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::commands::env::bulk_update;
use crate::commands::env::file::EnvFileArgs;
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::resource::verb::{Asks, Verb};

/// `c66 env push`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENVIRONMENTS_LIST, &ENVIRONMENTS_CREATE, &ENVIRONMENTS_UPDATE, &ENVIRONMENTS_BULK_UPDATE, &ENVIRONMENTS_DELETE]).asks(Asks::OnProduction).asks_also("before a deletion"))]
pub(crate) struct PushArgs {
    #[command(flatten)]
    pub(crate) source: EnvFileArgs,
    /// Delete your own variables that are not in the file; needs --confirm or --prune=all to delete more than half
    #[arg(long, alias = "delete", value_name = "all", num_args = 0..=1, require_equals = true, default_missing_value = "some", hide_possible_values = true)]
    pub(crate) prune: Option<Prune>,
    /// When to apply the change on the servers
    #[arg(long, value_name = "WHEN", value_parser = clap::builder::PossibleValuesParser::new(APPLY_STRATEGIES))]
    pub(crate) apply_strategy: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) confirm: ConfirmArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Runs `c66 env push`.
pub(super) async fn push(context: &Context, args: &PushArgs) -> Result<()> {
    let wanted = read(context, &args.source)?;
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let stack_variables = StackVariables::fetch(context, &target).await?;
    let options = PushOptions {
        prune: args.prune,
        apply_strategy: args.apply_strategy.as_deref(),
        write: &args.write,
        confirm: &args.confirm,
        wait: &args.wait,
    };
    apply(context, &target, &EnvDiff::between(&stack_variables, &wanted), &options).await
}

/// Which variables that are not in a file are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Prune {
    /// All of them, but deleting more than half of the user's variables needs confirmation by name: the file may be the
    /// wrong one.
    Some,
    /// All of them.
    All,
}

/// Options of the changes.
pub(super) struct PushOptions<'h> {
    /// Whether variables that are not in the file are deleted.
    pub(super) prune: Option<Prune>,
    pub(super) apply_strategy: Option<&'h str>,
    pub(super) write: &'h WriteArgs,
    pub(super) confirm: &'h ConfirmArgs,
    pub(super) wait: &'h WaitArgs,
}

/// The differences between the variables of a file and those of a stack.
#[derive(Default)]
pub(super) struct EnvDiff {
    /// In the file and not on the stack.
    pub(super) added: Vec<(String, String)>,
    /// With another value in the file.
    pub(super) changed: Vec<(String, String)>,
    /// Variables to delete: on the stack, not in the file, neither readonly nor generated.
    pub(super) removed: Vec<String>,
    /// With another value in the file, and readonly.
    readonly: Vec<String>,
    same: usize,
    /// How many variables of the stack the user created.
    own: usize,
}

impl EnvDiff {
    /// Compares the variables of the stack with the wanted ones.
    pub(super) fn between(stack_variables: &StackVariables, wanted: &[(String, String)]) -> Self {
        let mut changes = Self::default();
        for (key, value) in wanted {
            match stack_variables.get(key) {
                None => changes.added.push((key.clone(), value.clone())),
                Some((variable, _)) if variable.value.as_deref().unwrap_or_default() == value => changes.same += 1,
                // The API changes neither.
                Some((variable, _)) if variable.readonly == Some(true) || variable.is_generated == Some(true) => {
                    changes.readonly.push(key.clone());
                }
                Some(_) => changes.changed.push((key.clone(), value.clone())),
            }
        }
        let missing = |key: &String| !wanted.iter().any(|(known, _)| known == key);
        changes.removed =
            stack_variables.keys().filter(|key| missing(key) && stack_variables.is_own(key)).cloned().collect();
        changes.own = stack_variables.keys().filter(|key| stack_variables.is_own(key)).count();
        changes
    }

    /// Whether there are no differences.
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty() && self.readonly.is_empty()
    }

    /// Each difference with its sign: `+` in the file only, `~` another value, `-` on the stack only.
    pub(super) fn signs(&self) -> Vec<(char, &str)> {
        let added = self.added.iter().map(|(key, _)| ('+', key.as_str()));
        let changed = self.changed.iter().map(|(key, _)| ('~', key.as_str()));
        let readonly = self.readonly.iter().map(|key| ('~', key.as_str()));
        let removed = self.removed.iter().map(|key| ('-', key.as_str()));
        added.chain(changed).chain(readonly).chain(removed).collect()
    }
}

/// Shows the plan, asks for confirmation, and applies the changes.
pub(super) async fn apply(
    context: &Context,
    target: &StackRef,
    changes: &EnvDiff,
    options: &PushOptions<'_>,
) -> Result<()> {
    if !changes.readonly.is_empty() {
        let keys = changes.readonly.join(", ");
        return Err(Error::new(Kind::Refused, format!("readonly on {}: {keys}", target.label()))
            .cause("the file has another value; nothing was changed")
            .hint("remove the line from the file, or use the value that env pull shows"));
    }
    let removed: &[String] = if options.prune.is_some() { &changes.removed } else { &[] };
    for (sign, key) in changes.signs().iter().filter(|(sign, _)| *sign != '-' || options.prune.is_some()) {
        context.printer.progress(&format!("{sign} {key}"));
    }
    let stay = changes.same + if options.prune.is_some() { 0 } else { changes.removed.len() };
    let counts = [
        (changes.added.len(), "to add"),
        (changes.changed.len(), "to change"),
        (removed.len(), "to delete"),
        (stay, "stay as they are"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    context.printer.progress(&counts.collect::<Vec<_>>().join(", "));

    let mut writes = Vec::new();
    for (exists, pairs) in [(false, &changes.added), (true, &changes.changed)] {
        for (key, value) in pairs {
            writes.push(change_request(target, key, value, exists, options.apply_strategy)?);
        }
    }
    let deletions = removed
        .iter()
        .map(|key| Ok((key.clone(), request_in_stack(target, &ENVIRONMENTS_DELETE, &[("key", key)])?)))
        .collect::<Result<Vec<_>>>()?;
    if writes.is_empty() && deletions.is_empty() {
        return print_unchanged(context, false, "Nothing to change.").await;
    }
    let pairs: Vec<_> = changes.added.iter().chain(&changes.changed).cloned().collect();
    let bulk = if pairs.len() > 1 { Some(bulk_update::request(target, &pairs, options.apply_strategy)?) } else { None };
    let single = writes.iter().filter(|_| bulk.is_none()).chain(&deletions).map(|(_, request)| request);
    let requests: Vec<Request> = bulk.iter().chain(single).cloned().collect();
    if bulk.is_some() && options.write.dry_run {
        context.printer.note(bulk_update::WITHOUT_BULK);
    }
    let most = options.prune == Some(Prune::Some) && removed.len() * 2 > changes.own;
    let confirmed = if most {
        let why = format!("this deletes {} of your {} variables on {}", removed.len(), changes.own, target.label());
        let confirmed = context.confirm_write_by_name(target, &why, &requests, options.write, options.confirm).await;
        confirmed.map_err(|error| match error.kind() {
            Kind::ConfirmationNeeded => error.hint("or pass --prune=all"),
            _ => error,
        })?
    } else {
        let prompt = format!("Apply these changes to the variables of {}", target.label());
        let asks = if deletions.is_empty() { Asks::Never } else { Asks::Always };
        context.confirm_write_as(asks, target, &prompt, &requests, options.write).await?
    };
    if !confirmed {
        return Ok(());
    }
    let began = Instant::now();
    let mut all = Vec::new();
    if let Some(request) = bulk
        && let Some(done) = bulk_update::send(context, target, &request, &pairs, removed, options.wait).await?
    {
        writes.clear();
        all.extend(done);
    }
    writes.extend(deletions);
    all.extend(send_all(context, target, &writes, options.wait).await?);
    let sentence = format!("Updated the variables of {}", target.label());
    print_actions(context, target, all, false, &sentence, began).await
}
