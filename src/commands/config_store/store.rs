//! The namespace of a command: that of a stack, of the account, or a named one.

use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::args::{StackArgs, WriteArgs};
use crate::cloud66::config_store::NAMESPACE;
use crate::cloud66::endpoints::{ACCOUNTS_SHOW, STACKS_SHOW};
use crate::cloud66::fields::Fields;
use crate::cloud66::request;
use crate::commands::account_write::account_id;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::error::{Error, Result};
use crate::text::sanitize::sanitize;

/// Whose records.
#[derive(Args, Debug)]
pub(crate) struct StoreArgs {
    /// Whose records
    #[arg(long, value_enum, default_value_t = StoreScope::Stack, conflicts_with = "namespace")]
    pub(crate) scope: StoreScope,
    /// Namespace of the records, instead of a stack or the account
    #[arg(long, value_name = "NAME", conflicts_with = "stack")]
    pub(crate) namespace: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}

/// Who has records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StoreScope {
    /// A stack
    Stack,
    /// The account
    Account,
}

/// A namespace.
pub(super) struct Store {
    pub(super) namespace: String,
    /// Its owner, for messages.
    pub(super) label: String,
    /// The stack that it belongs to.
    pub(super) target: Option<StackRef>,
}

/// The namespace of a stack or an account.
#[derive(Deserialize)]
#[serde(from = "Fields")]
struct Namespace(Option<String>);

impl From<Fields> for Namespace {
    fn from(fields: Fields) -> Self {
        Self(fields.text(NAMESPACE).filter(|name| !name.is_empty()))
    }
}

impl StoreArgs {
    /// The namespace to read.
    pub(super) async fn find(&self, context: &Context) -> Result<Store> {
        self.find_for(context, None).await
    }

    /// The namespace to change.
    pub(super) async fn find_for_write(&self, context: &Context, write: &WriteArgs) -> Result<Store> {
        if !write.dry_run {
            context.refuse_if_read_only("a write")?;
        }
        self.find_for(context, Some(write)).await
    }

    async fn find_for(&self, context: &Context, write: Option<&WriteArgs>) -> Result<Store> {
        if let Some(namespace) = &self.namespace {
            let label = format!("namespace {}", sanitize(namespace));
            return Ok(Store { namespace: namespace.clone(), label, target: None });
        }
        if self.scope == StoreScope::Account {
            return of_account(context).await;
        }
        let target = match write {
            Some(write) => context.stack_for_write(&self.stack, write).await?,
            None => context.stack(&self.stack, false).await?,
        };
        let shown = context.cloud66().await?.fetch(&request_in_stack(&target, &STACKS_SHOW, &[])?).await?;
        let label = target.label();
        let Namespace(namespace) = shown.view()?;
        Ok(Store { namespace: namespace.ok_or_else(|| without_namespace(&label))?, label, target: Some(target) })
    }
}

async fn of_account(context: &Context) -> Result<Store> {
    let id = account_id(context).await?;
    let label = format!("account {id}");
    let Namespace(namespace) =
        context.cloud66().await?.fetch(&request(&ACCOUNTS_SHOW, &[("account_id", &id)])?).await?.view()?;
    Ok(Store { namespace: namespace.ok_or_else(|| without_namespace(&label))?, label, target: None })
}

fn without_namespace(label: &str) -> Error {
    Error::not_found(format!("the API returned no config store namespace for {label}")).hint("pass --namespace NAME")
}
