//! `c66 variants`: the active variant of a stack, those of a rollout, and previews.

use clap::{Args, Subcommand};

use super::context::Context;
use crate::args::{ListArgs, StackArgs, WriteArgs};
use crate::cloud66::application_variants::Variant;
use crate::cloud66::endpoints::{APPLICATION_VARIANTS_DELETE, APPLICATION_VARIANTS_LIST, APPLICATION_VARIANTS_UPDATE};
use crate::cloud66::with_field;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{all_in_stack, list_in_stack, request_in_stack};
use crate::commands::deferred::Deferred;
use crate::error::{Error, Result};
use crate::http::Request;
use crate::resource::find::named::{self, ItemNames, LookupLabels};
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 variants …`
#[derive(Debug, Subcommand)]
pub(crate) enum VariantsCommand {
    /// List the variants of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 variants list -s voting-app\n  c66 variants list -s voting-app --filter type=preview"
    )]
    #[command(add = Verb::list(Variants::NOUN))]
    List {
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Give all visitors the variant of a rollout
    #[command(after_help = "Example:\n  c66 variants commit canary -s voting-app --yes")]
    #[command(add = Verb::calls(&[&APPLICATION_VARIANTS_UPDATE, &APPLICATION_VARIANTS_LIST]).asks(Asks::Always))]
    Commit(Deferred<VariantArgs>),
    /// Change the percentage of the visitors who get a canary
    #[command(
        alias = "update-percentage",
        after_help = "Example:\n  c66 variants percentage canary 25 -s voting-app --yes"
    )]
    #[command(add = Verb::calls(&[&APPLICATION_VARIANTS_UPDATE, &APPLICATION_VARIANTS_LIST]).asks(Asks::Always))]
    Percentage {
        #[command(flatten)]
        variant: VariantArgs,
        /// Percentage
        #[arg(value_parser = clap::value_parser!(u64).range(0..=100))]
        percentage: u64,
    },
    /// Delete a preview
    #[command(after_help = "Example:\n  c66 variants delete preview -s voting-app --yes")]
    #[command(add = Verb::calls(&[&APPLICATION_VARIANTS_DELETE, &APPLICATION_VARIANTS_LIST]).asks(Asks::Always))]
    Delete(Deferred<VariantArgs>),
}

/// A variant.
#[derive(Args, Debug)]
pub(crate) struct VariantArgs {
    /// UID of the variant, or its type if only one has it
    #[arg(add = Variants::NOUN.names())]
    pub(crate) variant: String,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// Variants.
pub(crate) struct Variants;

impl Resource for Variants {
    type View = Variant;
    const NOUN: &'static Noun = &Noun::new::<Self>("variant", "variants")
        .listed_by(&APPLICATION_VARIANTS_LIST)
        .named_by(&["uid"])
        .told_apart_by(&["type", "git_ref"]);
    const COLUMNS: &'static [Column<Variant>] = &[
        Column::uid("uid", "UID for other commands", |variant| variant.uid.clone().into()),
        key(Column::text("type", "type, such as canary or preview", |variant| variant.kind.clone().into())),
        Column::number("percentage", "percentage of the visitors who get it", |variant| variant.percentage.into()),
        Column::text("git_ref", "branch or tag", |variant| variant.git_ref.clone().into()),
        Column::uid("git_hash", "commit", |variant| variant.git_hash.clone().into()),
        minor(Column::time("created", "when it was created", |variant| variant.created_at.clone().into())),
        wide(Column::text("sub_type", "type within that one", |variant| variant.sub_type.clone().into())),
        wide(Column::text("tag", "tag of its images", |variant| variant.tag.clone().into())),
        wide(Column::time("updated", "when it was last changed", |variant| variant.updated_at.clone().into())),
    ];

    fn id(view: &Variant) -> Option<String> {
        view.uid.clone()
    }
}

/// The official client sends this word for both changes.
const COMMIT: &str = "commit";

/// Runs `c66 variants …`.
pub(crate) async fn run(context: &Context, command: VariantsCommand) -> Result<()> {
    match command {
        VariantsCommand::List { stack, list } => list_in_stack::<Variants>(context, &stack, &list, &[]).await,
        VariantsCommand::Commit(Deferred(args)) => {
            let (target, variant) = find(context, &args).await?;
            let request = with_field(update(&target, &variant)?, "operation", COMMIT);
            let prompt = format!("Give all visitors of {} the {}", target.label(), label(&variant));
            change(context, &target, &request, &prompt, &args.write, "Rollout committed.").await
        }
        VariantsCommand::Percentage { variant: args, percentage } => {
            let (target, variant) = find(context, &args).await?;
            let request = with_field(update(&target, &variant)?, "operation", COMMIT);
            let request = with_field(request, "canary_percentage", percentage);
            let prompt = format!("Give {percentage} % of the visitors of {} the {}", target.label(), label(&variant));
            change(context, &target, &request, &prompt, &args.write, "Percentage changed.").await
        }
        VariantsCommand::Delete(Deferred(args)) => {
            let (target, variant) = find(context, &args).await?;
            let uid = variant.uid.as_deref().unwrap_or_default();
            let request = request_in_stack(&target, &APPLICATION_VARIANTS_DELETE, &[("variant_uid", uid)])?;
            let prompt = format!("Delete the {} of {}", label(&variant), target.label());
            change(context, &target, &request, &prompt, &args.write, "Variant deleted.").await
        }
    }
}

fn update(target: &StackRef, variant: &Variant) -> Result<Request> {
    let uid = variant.uid.as_deref().unwrap_or_default();
    request_in_stack(target, &APPLICATION_VARIANTS_UPDATE, &[("variant_uid", uid)])
}

fn label(variant: &Variant) -> String {
    let kind = variant.kind.as_deref().unwrap_or("variant");
    format!("{kind} {}", variant.git_ref.as_deref().or(variant.uid.as_deref()).unwrap_or_default())
}

/// Finds a variant by its UID, or by a type that only one has.
async fn find(context: &Context, args: &VariantArgs) -> Result<(StackRef, Variant)> {
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let variants = all_in_stack::<Variants>(context, &target).await?;
    let owner = target.label();
    let found = named::choose(LookupLabels::of(Variants::NOUN, &owner), &variants, &args.variant, |variant| {
        ItemNames::of(variant.uid.as_deref().unwrap_or_default(), variant.kind.as_deref().unwrap_or_default())
    })?;
    if found.uid.is_none() {
        return Err(Error::usage(format!("the {} has no UID and cannot be changed", label(found))));
    }
    Ok((target, found.clone()))
}

/// Sends a change, which always asks: it decides what visitors get.
async fn change(
    context: &Context,
    target: &StackRef,
    request: &Request,
    prompt: &str,
    write: &WriteArgs,
    said: &str,
) -> Result<()> {
    if !context.confirm_write(target, prompt, std::slice::from_ref(request), write).await? {
        return Ok(());
    }
    let reply = context.send(target, request).await?;
    acknowledge(context.cloud66().await?.transport(), reply, said)
}
