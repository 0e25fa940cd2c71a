//! `c66 cloudmc users`.

use clap::Subcommand;

use super::super::context::Context;
use super::args::{CloudMcListArgs, OrgArgs};
use super::cells::{self, named, noun, state, time};
use super::requests;
use crate::args::ShowArgs;
use crate::args::candidates::Candidates;
use crate::cloudmc::endpoints::{USERS_LIST, USERS_SHOW};
use crate::commands::deferred::Deferred;
use crate::error::Result;
use crate::http::fields::Fields;
use crate::output::cell::Cell;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 cloudmc users …`
#[derive(Debug, Subcommand)]
pub(crate) enum UsersCommand {
    /// List the users you can access
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc users list --filter status=ACTIVE")]
    #[command(add = Verb::list(Users::NOUN))]
    List(Deferred<CloudMcListArgs>),
    /// Show one user
    #[command(after_help = "Example:\n  c66 cloudmc users show mira@northgate.example")]
    #[command(add = Verb::show(Users::NOUN))]
    Show {
        /// UUID, user name or e-mail address
        #[arg(add = Candidates::CloudMcUsers)]
        user: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// Users.
pub(crate) struct Users;

impl Resource for Users {
    type View = Fields;
    const NOUN: &'static Noun = &noun::<Self>("user", "users")
        .listed_by(&USERS_LIST)
        .shown_by(&USERS_SHOW)
        .named_by(&["userName", "email", "id"])
        .told_apart_by(&["email"]);
    const COLUMNS: &'static [Column<Fields>] = &[
        key(Column::text("id", "id for other commands", |user| user.text("id").into())),
        key(Column::text("username", "login name", |user| user.text("userName").into())),
        minor(Column::text("name", "first and last name", |user| {
            let names: Vec<String> = ["firstName", "lastName"].iter().filter_map(|name| user.text(name)).collect();
            Cell::Text(names.join(" "))
        })),
        Column::text("email", "e-mail address", |user| user.text("email").into()),
        minor(Column::text("role", "primary role", |user| named(&user.object("primaryRoleBinding"), "role"))),
        Column::text("status", "state of the account, such as ACTIVE", |user| state(user, "status")),
        minor(Column::text("org", "organization", |user| named(user, "organization"))),
        wide(Column::flag("2fa", "whether two-factor authentication is on", |user| user.boolean("tfaEnabled").into())),
        wide(Column::time("last_login", "time of the last login", |user| time(user, "lastLogin"))),
        wide(Column::time("created", "when the account was created", |user| time(user, "creationDate"))),
    ];

    fn id(user: &Fields) -> Option<String> {
        cells::id(user)
    }
}

/// Runs `c66 cloudmc users …`.
pub(super) async fn run(context: &Context, command: UsersCommand) -> Result<()> {
    match command {
        UsersCommand::List(Deferred(list)) => requests::list(context, Users::NOUN, &list).await,
        UsersCommand::Show { user, org, show } => requests::show(context, Users::NOUN, &org, &show, &user).await,
    }
}
