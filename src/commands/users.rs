//! `c66 users`.

use clap::Subcommand;

use super::context::Context;
use crate::args::{ListArgs, ShowArgs};
use crate::cloud66::endpoints::{USERS_LIST, USERS_SHOW};
use crate::cloud66::envelope::Document;
use crate::cloud66::request;
use crate::cloud66::users::User;
use crate::commands::deferred::Deferred;
use crate::error::{Error, Kind, Result};
use crate::resource::find::suggestions;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 users …`
#[derive(Debug, Subcommand)]
pub(crate) enum UsersCommand {
    /// List the users you can access
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 users list --filter locked=no")]
    #[command(add = Verb::list(Users::NOUN))]
    List(Deferred<ListArgs>),
    /// Show one user
    #[command(after_help = "Example:\n  c66 users show test@cloud66.com")]
    #[command(add = Verb::show(Users::NOUN))]
    Show {
        /// ID or e-mail address
        #[arg(add = Users::NOUN.names())]
        user: String,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// Users.
pub(crate) struct Users;

impl Resource for Users {
    type View = User;
    const NOUN: &'static Noun =
        &Noun::new::<Self>("user", "users").listed_by(&USERS_LIST).shown_by(&USERS_SHOW).named_by(&["email", "id"]);
    const COLUMNS: &'static [Column<User>] = &[
        key(Column::number("id", "id for other commands", |user| user.id.into())),
        key(Column::text("email", "e-mail address", |user| user.email.clone().into())),
        minor(Column::text("timezone", "time zone", |user| user.timezone.clone().into())),
        Column::flag("2fa", "whether two-factor authentication is on", |user| user.uses_tfa.into()),
        minor(Column::flag("locked", "whether the login is locked", |user| user.locked.into())),
        minor(Column::time("last_login", "time of the last login", |user| user.last_login.clone().into())),
        wide(Column::time("created", "when it was created", |user| user.created_at.clone().into())),
    ];

    fn id(view: &User) -> Option<String> {
        view.id.map(|id| id.to_string())
    }
}

/// Runs `c66 users …`.
pub(crate) async fn run(context: &Context, command: UsersCommand) -> Result<()> {
    match command {
        UsersCommand::List(Deferred(list)) => {
            let Some(listing) = Listing::of::<Users>(&context.printer, &list)? else { return Ok(()) };
            let pages = context.cloud66().await?.pages(request(&USERS_LIST, &[])?, listing.max_items());
            listing.print(pages, None).await
        }
        UsersCommand::Show { user, show: args } => {
            if print_column_help_if_asked::<Users>(&context.printer, &args)? {
                return Ok(());
            }
            let id = user_id(context, &user).await?;
            show::<Users>(&context.printer, &args, fetch(context, &id).await?)
        }
    }
}

/// A user, by id.
pub(crate) async fn fetch(context: &Context, id: &str) -> Result<Document> {
    context.cloud66().await?.fetch(&request(&USERS_SHOW, &[("user_id", id)])?).await
}

/// The id of the chosen user: an id is used unchanged, an e-mail address is looked up.
pub(crate) async fn user_id(context: &Context, wanted: &str) -> Result<String> {
    if wanted.parse::<u64>().is_ok() {
        return Ok(wanted.to_owned());
    }
    let mut addresses = Vec::new();
    for document in context.cloud66().await?.fetch_all(request(&USERS_LIST, &[])?).await? {
        let user: User = document.view()?;
        let Some(email) = user.email else { continue };
        if email.eq_ignore_ascii_case(wanted) {
            let id = user.id.ok_or_else(|| Error::new(Kind::BadReply, "the API returned a user without an id"))?;
            return Ok(id.to_string());
        }
        addresses.push(email);
    }
    let mut error = Error::not_found(format!("user `{wanted}` not found"));
    for near in suggestions(wanted, addresses.iter().map(String::as_str)) {
        error = error.hint(format!("did you mean `{near}`?"));
    }
    Err(error.hint("c66 users list"))
}
