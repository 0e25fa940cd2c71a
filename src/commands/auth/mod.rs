//! `c66 auth`: logging in and out, and the status of the token.

mod callback;
mod login;
mod oauth;
mod status;

use clap::Subcommand;
use serde_json::json;

use super::context::Context;
use crate::args::ShowArgs;
use crate::cloud66::envelope::Document;
use crate::commands::auth::login::LoginArgs;
use crate::commands::auth::status::Status;
use crate::commands::deferred::Deferred;
use crate::config::{change, keyring, paths};
use crate::error::Result;
use crate::resource::Resource;
use crate::resource::verb::Verb;
use crate::resource::write::acknowledge_local;

/// `c66 auth …`
#[derive(Debug, Subcommand)]
pub(crate) enum AuthCommand {
    /// Check an API token and store it
    #[command(
        after_help = "Examples:\n  c66 auth login\n  op read op://ops/cloud66/token | c66 auth login --with-token\n  c66 auth login --keyring\n  c66 auth login --from-cx\n  c66 auth login --oauth --client-id 5262d64b892e --scope public,redeploy"
    )]
    Login(Deferred<LoginArgs>),
    /// Delete the stored token
    #[command(after_help = "Example:\n  c66 auth logout --profile work")]
    Logout,
    /// Show your accounts and the scopes of the token
    #[command(after_help = "Example:\n  c66 auth status -o json")]
    #[command(add = Verb::default().prints(Status::NOUN))]
    Status(Deferred<ShowArgs>),
    /// Print the token
    #[command(
        after_help = "Example:\n  curl -H \"Authorization: Bearer $(c66 auth token)\" https://app.cloud66.com/api/3/stacks.json"
    )]
    Token,
}

/// Runs `c66 auth …`.
pub(crate) async fn run(context: &Context, command: AuthCommand) -> Result<()> {
    match command {
        AuthCommand::Login(Deferred(args)) => login::login(context, &args).await,
        AuthCommand::Logout => logout(context),
        AuthCommand::Status(Deferred(args)) => status::status(context, &args).await,
        AuthCommand::Token => token(context),
    }
}

/// Warns about a token in a variable; `so` is its effect.
fn warn_of_variables(context: &Context, so: &str) {
    let is_set = |name: &&str| context.settings.variables().get_os(name).is_some();
    if let Some(name) = ["C66_TOKEN", "CLOUD66_TOKEN"].into_iter().find(is_set) {
        context.printer.warn(&format!("{name} is {so}"));
    }
}

fn logout(context: &Context) -> Result<()> {
    let path = paths::config_file(context.settings.variables())?;
    let profile = context.settings.profile_name();
    let mut removed = path.exists() && change::remove_token(context.for_editing(&path)?, profile)?;
    let lookup = keyring::lookup_command(profile);
    if path.exists() && change::remove_token_command(context.for_editing(&path)?, profile, &lookup)? {
        keyring::remove(profile)?;
        removed = true;
    }
    warn_of_variables(context, "still set and still logs you in");
    let said = if removed {
        format!("Logged out. Removed the token from profile {profile}.")
    } else {
        format!("Profile {profile} had no token.")
    };
    let document = Document::from_value(&json!({ "ok": true, "profile": profile, "message": said }));
    acknowledge_local(&context.printer, document)
}

fn token(context: &Context) -> Result<()> {
    if context.sandboxed {
        return print_token(context, crate::sandbox::TOKEN);
    }
    let (token, _) = context.settings.token()?;
    print_token(context, token.expose())
}

fn print_token(context: &Context, token: &str) -> Result<()> {
    if context.printer.is_structured() {
        context.printer.document(Document::from_value(&json!({ "token": token })))?;
    } else {
        context.printer.texts("token", &[token.to_owned()])?;
    }
    context.printer.flush()
}
