//! `c66 users`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::Value;

use super::account_write::send;
use super::context::Context;
use crate::args::{ListArgs, ShowArgs, WriteArgs};
use crate::cloud66::endpoints::{USERS_LIST, USERS_SHOW, USERS_UPDATE};
use crate::cloud66::envelope::Document;
use crate::cloud66::users::User;
use crate::cloud66::{request, with_field};
use crate::commands::deferred::Deferred;
use crate::error::{Error, Kind, Result};
use crate::files::input;
use crate::resource::find::suggestions;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
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
    /// Change what a user may do
    #[command(
        alias = "apply-profile",
        after_help = "Example:\n  c66 users show test@cloud66.com --jq .access_profile > profile.json\n  c66 users update test@cloud66.com --access-profile profile.json"
    )]
    Update(Deferred<UpdateUserArgs>),
}

/// `c66 users update`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&USERS_UPDATE]).asks(Asks::Always))]
pub(crate) struct UpdateUserArgs {
    /// ID or e-mail address
    #[arg(add = Users::NOUN.names())]
    pub(crate) user: String,
    /// File with the access profile in JSON, or the whole user; - reads stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) access_profile: PathBuf,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
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
        UsersCommand::Update(Deferred(args)) => update(context, &args).await,
    }
}

/// Runs `c66 users update`, which always asks: it changes what somebody may do.
async fn update(context: &Context, args: &UpdateUserArgs) -> Result<()> {
    let profile = access_profile(&args.access_profile)?;
    let id = user_id(context, &args.user).await?;
    let request = with_field(request(&USERS_UPDATE, &[("user_id", &id)])?, "access_profile", profile);
    let prompt = format!("Change the access profile of user {}", args.user);
    match send(context, &request, &prompt, &args.write).await? {
        None => Ok(()),
        Some(Some(user)) => show::<Users>(&context.printer, &ShowArgs::default(), user),
        Some(None) => acknowledge(context.cloud66().await?.transport(), None, "User changed."),
    }
}

/// Reads an access profile: the object itself, or a user that has one.
fn access_profile(path: &Path) -> Result<Value> {
    let invalid = |why: &str| {
        let name = if input::is_stdin(path) { "stdin".to_owned() } else { path.display().to_string() };
        Error::new(Kind::LocalFile, format!("invalid access profile: {name}")).cause(why.to_owned())
    };
    let mut given: Value = serde_json::from_str(&input::read(path)?).map_err(|error| invalid(&error.to_string()))?;
    let profile = if given.get("access_profile").is_some() { given["access_profile"].take() } else { given };
    if !profile.is_object() {
        return Err(invalid("expected a JSON object"));
    }
    if profile.get("account_profile").is_none() && profile.get("stack_profiles").is_none() {
        return Err(invalid("it has neither account_profile nor stack_profiles"));
    }
    Ok(profile)
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
