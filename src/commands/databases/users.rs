//! `c66 databases users`: who may log in to the databases of a server group.

use clap::{Args, Subcommand};

use super::deletion::{DeletionArgs, finish, perform_deletion};
use super::group::GroupArgs;
use super::{Databases, names};
use crate::args::{ListArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::databases::{DatabaseUser, redact};
use crate::cloud66::endpoints::{
    DATABASE_USERS_CREATE, DATABASE_USERS_DELETE, DATABASE_USERS_LIST, DATABASE_USERS_REGENERATE_PASSWORD,
    DATABASES_LIST, SERVER_GROUPS_LIST,
};
use crate::cloud66::with_field;
use crate::commands::actions::perform;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::deferred::Deferred;
use crate::error::Result;
use crate::output::cell::Cell;
use crate::resource::find::named::ItemNames;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 databases users …`
#[derive(Debug, Subcommand)]
pub(crate) enum DatabaseUsersCommand {
    /// List the database users of a server group
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 databases users list -s awesome-app@production\n  c66 databases users list --reveal -s awesome-app@production\n\nThe API asks the servers each time, which takes a while."
    )]
    #[command(add = Verb::list(DatabaseUsers::NOUN).after(&[&SERVER_GROUPS_LIST]))]
    List {
        /// Ask the API for the passwords, and show them
        #[arg(long)]
        reveal: bool,
        #[command(flatten)]
        group: GroupArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Create a database user, with a random password
    #[command(
        after_help = "Example:\n  c66 databases users create reader --type readonly --database awesome_app -s awesome-app@production --yes\n\nSee the password with: c66 databases users list --reveal"
    )]
    Create(Deferred<CreateUserArgs>),
    /// Delete a database user
    #[command(
        after_help = "Example:\n  c66 databases users delete awesome_app -s awesome-app@production --confirm awesome_app\n\nWhat logs in as this user cannot any more."
    )]
    #[command(add = Verb::calls(&[&DATABASE_USERS_DELETE, &SERVER_GROUPS_LIST, &DATABASE_USERS_LIST]).asks(Asks::ByName))]
    Delete {
        /// Name or UID of the user
        user: String,
        #[command(flatten)]
        deletion: DeletionArgs,
    },
    /// Give a database user a new random password
    #[command(
        after_help = "Example:\n  c66 databases users regenerate-password awesome_app -s awesome-app@production --yes\n\nWhat logs in as this user needs the new password. See it with: c66 databases users list --reveal"
    )]
    RegeneratePassword(Deferred<RegeneratePasswordArgs>),
}

/// `c66 databases users create`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&DATABASE_USERS_CREATE, &SERVER_GROUPS_LIST, &DATABASES_LIST]).asks(Asks::OnProduction))]
pub(crate) struct CreateUserArgs {
    /// Login name
    pub(crate) username: String,
    /// Type of the user, such as application or readonly
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) user_type: String,
    /// Database that the user may log in to: name or UID; may be repeated
    #[arg(long = "database", value_name = "DATABASE")]
    pub(crate) databases: Vec<String>,
    #[command(flatten)]
    pub(crate) group: GroupArgs,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// `c66 databases users regenerate-password`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&DATABASE_USERS_REGENERATE_PASSWORD, &SERVER_GROUPS_LIST, &DATABASE_USERS_LIST]).asks(Asks::Always))]
pub(crate) struct RegeneratePasswordArgs {
    /// Name or UID of the user
    pub(crate) user: String,
    #[command(flatten)]
    pub(crate) group: GroupArgs,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Database users. Their names do not complete: each list makes the API ask the servers.
pub(super) struct DatabaseUsers;

impl Resource for DatabaseUsers {
    type View = DatabaseUser;
    const NOUN: &'static Noun = &Noun::new::<Self>("database user", "database users")
        .listed_by(&DATABASE_USERS_LIST)
        .named_by(&["username", "uid"])
        .concealed_by(redact);
    const COLUMNS: &'static [Column<DatabaseUser>] = &[
        key(Column::text("username", "name for other commands", |user| user.username.clone().into())),
        Column::text("type", "type, such as application or readonly", |user| user.user_type.clone().into()),
        Column::text("databases", "databases that the user may log in to", |user| {
            Cell::Text(user.databases.join(", "))
        }),
        Column::text("password", "password, with --reveal", |user| user.password.clone().into()),
        minor(Column::time("created", "when it was created", |user| user.created_at.clone().into())),
        wide(Column::text("uid", "UID for other commands", |user| user.uid.clone().into())),
    ];

    fn id(view: &DatabaseUser) -> Option<String> {
        view.uid.clone()
    }
}

/// The names of a user.
pub(super) fn user_names(user: &DatabaseUser) -> ItemNames<'_> {
    ItemNames::of(user.uid.as_deref().unwrap_or_default(), user.username.as_deref().unwrap_or_default())
}

/// Runs `c66 databases users …`.
pub(super) async fn run(context: &Context, command: DatabaseUsersCommand) -> Result<()> {
    match command {
        DatabaseUsersCommand::List { reveal, group, stack, list } => {
            let Some(listing) = Listing::of::<DatabaseUsers>(&context.printer, &list)? else { return Ok(()) };
            let listing = listing.revealing(reveal);
            let read = async |target: &StackRef| {
                let mut request = group.request(context, target, &DATABASE_USERS_LIST).await?;
                if reveal {
                    request.query.push(("show_password".to_owned(), "true".to_owned()));
                    request.secrets.push("password");
                }
                let pages = context.cloud66().await?.pages(request, listing.max_items());
                listing.print(pages, None).await
            };
            context.read_in_stack(&stack, read).await
        }
        DatabaseUsersCommand::Create(Deferred(args)) => create(context, &args).await,
        DatabaseUsersCommand::Delete { user, deletion } => delete(context, &user, &deletion).await,
        DatabaseUsersCommand::RegeneratePassword(Deferred(args)) => regenerate_password(context, &args).await,
    }
}

async fn create(context: &Context, args: &CreateUserArgs) -> Result<()> {
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let group = args.group.choose(context, &target).await?;
    let databases = group.uids::<Databases>(context, &args.databases, names).await?;
    let mut request = with_field(group.request(&DATABASE_USERS_CREATE, &[])?, "username", args.username.as_str());
    request = with_field(request, "user_type", args.user_type.as_str());
    if !databases.is_empty() {
        request = with_field(request, "database_ids", databases);
    }
    let prompt = format!("Create database user {} on {}", args.username, target.label());
    perform(context, &target, request, &prompt, &args.write, &args.wait).await
}

async fn delete(context: &Context, wanted: &str, deletion: &DeletionArgs) -> Result<()> {
    let target = context.stack_for_write(&deletion.stack, &deletion.write).await?;
    let group = deletion.group.choose(context, &target).await?;
    let (uid, user) = group.find::<DatabaseUsers>(context, wanted, user_names).await?;
    let request = group.request(&DATABASE_USERS_DELETE, &[("database_user_uid", &uid)])?;
    let name = user.username.unwrap_or(uid);
    let why = format!("this deletes database user {name} of {}: nothing can log in as {name} any more", target.label());
    let what = ("database user", name.as_str(), why.as_str());
    perform_deletion(context, &target, &request, what, deletion, "Database user deleted.").await
}

async fn regenerate_password(context: &Context, args: &RegeneratePasswordArgs) -> Result<()> {
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let group = args.group.choose(context, &target).await?;
    let (uid, user) = group.find::<DatabaseUsers>(context, &args.user, user_names).await?;
    let mut request = group.request(&DATABASE_USERS_REGENERATE_PASSWORD, &[("database_user_uid", &uid)])?;
    // The reply may have the new one.
    request.secrets.push("password");
    let name = user.username.unwrap_or(uid);
    let prompt = format!("Replace the password of database user {name} on {}", target.label());
    if context.confirm_write(&target, &prompt, std::slice::from_ref(&request), &args.write).await? {
        finish(context, &target, &request, &args.wait, "Password replaced.").await?;
    }
    Ok(())
}
