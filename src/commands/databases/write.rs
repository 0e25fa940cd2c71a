//! `c66 databases create` and `delete`.

use clap::Args;

use super::deletion::{DeletionArgs, perform_deletion};
use super::group::GroupArgs;
use super::users::{DatabaseUsers, user_names};
use super::{Databases, names};
use crate::args::{StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{
    DATABASE_USERS_LIST, DATABASES_CREATE, DATABASES_DELETE, DATABASES_LIST, SERVER_GROUPS_LIST,
};
use crate::cloud66::with_field;
use crate::commands::actions::perform;
use crate::commands::context::Context;
use crate::error::Result;
use crate::resource::verb::{Asks, Verb};

/// `c66 databases create`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&DATABASES_CREATE, &SERVER_GROUPS_LIST, &DATABASE_USERS_LIST]).asks(Asks::OnProduction))]
pub(crate) struct CreateDatabaseArgs {
    /// Name of the database
    pub(crate) name: String,
    /// User who may log in to it: name or UID; may be repeated
    #[arg(long = "user", value_name = "USER")]
    pub(crate) users: Vec<String>,
    #[command(flatten)]
    pub(crate) group: GroupArgs,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// `c66 databases delete`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&DATABASES_DELETE, &SERVER_GROUPS_LIST, &DATABASES_LIST]).asks(Asks::ByName))]
pub(crate) struct DeleteDatabaseArgs {
    /// Name or UID of the database
    pub(crate) database: String,
    #[command(flatten)]
    pub(crate) deletion: DeletionArgs,
}

/// Runs `c66 databases create`.
pub(super) async fn create(context: &Context, args: &CreateDatabaseArgs) -> Result<()> {
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let group = args.group.choose(context, &target).await?;
    let users = group.uids::<DatabaseUsers>(context, &args.users, user_names).await?;
    let mut request = with_field(group.request(&DATABASES_CREATE, &[])?, "database_name", args.name.as_str());
    if !users.is_empty() {
        request = with_field(request, "database_user_ids", users);
    }
    let prompt = format!("Create database {} on {}", args.name, target.label());
    perform(context, &target, request, &prompt, &args.write, &args.wait).await
}

/// Runs `c66 databases delete`.
pub(super) async fn delete(context: &Context, args: &DeleteDatabaseArgs) -> Result<()> {
    let deletion = &args.deletion;
    let target = context.stack_for_write(&deletion.stack, &deletion.write).await?;
    let group = deletion.group.choose(context, &target).await?;
    let (uid, database) = group.find::<Databases>(context, &args.database, names).await?;
    let request = group.request(&DATABASES_DELETE, &[("database_uid", &uid)])?;
    let name = database.name.unwrap_or(uid);
    let why = format!("this deletes database {name} of {} with its data", target.label());
    perform_deletion(context, &target, &request, ("database", &name, &why), deletion, "Database deleted.").await
}
