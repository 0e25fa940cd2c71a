//! `c66 accounts`.

use clap::Subcommand;

use super::context::Context;
use crate::args::{ListArgs, ShowArgs};
use crate::cloud66::endpoints::{ACCOUNTS_LIST, ACCOUNTS_SHOW};
use crate::cloud66::request;
use crate::cloud66::users::{Account, redact_account};
use crate::commands::deferred::Deferred;
use crate::error::Result;
use crate::output::cell::Cell;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 accounts …`
#[derive(Debug, Subcommand)]
pub(crate) enum AccountsCommand {
    /// List your accounts
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 accounts list")]
    #[command(add = Verb::list(Accounts::NOUN))]
    List(Deferred<ListArgs>),
    /// Show one account
    #[command(after_help = "Example:\n  c66 accounts show 139")]
    #[command(add = Verb::show(Accounts::NOUN))]
    Show {
        /// ID of the account
        #[arg(add = Accounts::NOUN.names())]
        id: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// Accounts.
pub(crate) struct Accounts;

impl Resource for Accounts {
    type View = Account;
    const NOUN: &'static Noun = &Noun::new::<Self>("account", "accounts")
        .listed_by(&ACCOUNTS_LIST)
        .shown_by(&ACCOUNTS_SHOW)
        .named_by(&["id"])
        .told_apart_by(&["owner"])
        .concealed_by(redact_account);
    const COLUMNS: &'static [Column<Account>] = &[
        key(Column::number("id", "id for other commands", |account| account.id.into())),
        Column::text("owner", "owner", |account| account.owner.clone().into()),
        Column::text("name", "name, chosen by the owner", |account| account.friendly_name.clone().into()),
        Column::number("stacks", "number of stacks", |account| account.stack_count.into()),
        Column::text("clouds", "clouds of its stacks", |account| Cell::Text(account.used_clouds.join(", "))),
        minor(Column::time("created", "when it was created", |account| account.created_at.clone().into())),
        wide(Column::text("namespace", "namespace of its config store", |account| account.namespace.clone().into())),
        wide(Column::flag("current", "whether requests are for this account", |account| account.is_current.into())),
    ];

    fn id(view: &Account) -> Option<String> {
        view.id.map(|id| id.to_string())
    }
}

/// Runs `c66 accounts …`.
pub(crate) async fn run(context: &Context, command: AccountsCommand) -> Result<()> {
    match command {
        AccountsCommand::List(Deferred(list)) => {
            let Some(listing) = Listing::of::<Accounts>(&context.printer, &list)? else {
                return Ok(());
            };
            let pages = context.cloud66().await?.pages(request(&ACCOUNTS_LIST, &[])?, listing.max_items());
            listing.print(pages, None).await
        }
        AccountsCommand::Show { id, show: args } => {
            if print_column_help_if_asked::<Accounts>(&context.printer, &args)? {
                return Ok(());
            }
            let request = request(&ACCOUNTS_SHOW, &[("account_id", &id.to_string())])?;
            let document = context.cloud66().await?.fetch(&request).await?;
            show::<Accounts>(&context.printer, &args, document)
        }
    }
}
