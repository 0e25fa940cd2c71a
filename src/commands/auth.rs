//! `c66 auth`: logging in and out, and who one is.

use std::io::Read;

use serde::Deserialize;
use serde_json::{Value, json};

use super::context::Context;
use crate::cli::account::{Auth as Command, Login};
use crate::cli::args::ShowArgs;
use crate::cloud66::endpoints::{ACCOUNTS_LIST, CLOUDS_LIST, STACKS_LIST};
use crate::cloud66::envelope::Document;
use crate::cloud66::{Cloud66, request};
use crate::config::{Key, Origin, Secret, change, paths};
use crate::error::{Error, Kind, Result};
use crate::http::endpoint::Endpoint;
use crate::output::cell::{Cell, Tone};
use crate::resource::change::acknowledge_local;
use crate::resource::show::{asked_for_columns, show};
use crate::resource::{Column, Resource};

/// Where a token is made.
const TOKEN_PAGE: &str = "https://app.cloud66.com/personal_tokens/new";

/// Carries out `c66 auth …`.
///
/// # Errors
/// Whatever the command says.
pub async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Login(args) => login(context, &args).await,
        Command::Logout => logout(context),
        Command::Status(args) => status(context, &args).await,
        Command::Token => token(context),
    }
}

async fn login(context: &Context, args: &Login) -> Result<()> {
    if context.sandboxed {
        return Err(Error::usage("the sandbox needs no login").hint("c66 --sandbox stacks list"));
    }
    let token = if args.with_token {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Error::local_file("read the token from stdin", &error))?;
        Secret::new(text.trim_end_matches(['\r', '\n']), &"from stdin")?
    } else {
        context.console.note(&format!("An API token is made at {TOKEN_PAGE}"));
        let text = context.asker()?.secret("API token", "c66 auth login --with-token reads it from stdin")?;
        Secret::new(text.trim(), &"that was typed")?
    };
    let client = context.client_for(&context.api_url(), &token)?;
    let known = check(&client, &STACKS_LIST).await?;
    if known == Some(false) {
        context.console.warn("the token is accepted, but it has not the scope `public`: most commands will not work");
    }
    let path = paths::config_file(context.settings.variables())?;
    let profile = context.settings.profile_name();
    // The token belongs to the host it was checked with: a host named just for this command goes along.
    let api_url = context.settings.get(Key::ApiUrl);
    let api_url = api_url.as_ref().filter(|url| matches!(url.origin, Origin::Flag(_) | Origin::Variable(_)));
    change::set_token(&path, profile, &token, api_url.map(|url| url.text))?;
    if let Some(name) =
        ["C66_TOKEN", "CLOUD66_TOKEN"].into_iter().find(|name| context.settings.variables().get_os(name).is_some())
    {
        context.console.warn(&format!("{name} is set and wins over the stored token"));
    }
    let said = format!("logged in; the token is in profile {profile} of {}", path.display());
    let document = Document::of(&json!({ "ok": true, "profile": profile, "config": path, "message": said }));
    acknowledge_local(&context.console, &context.plan, document)
}

fn logout(context: &Context) -> Result<()> {
    let path = paths::config_file(context.settings.variables())?;
    let profile = context.settings.profile_name();
    let removed = path.exists() && change::remove_token(&path, profile)?;
    if let Some(name) =
        ["C66_TOKEN", "CLOUD66_TOKEN"].into_iter().find(|name| context.settings.variables().get_os(name).is_some())
    {
        context.console.warn(&format!("{name} is still set and still logs you in"));
    }
    let said = if removed {
        format!("logged out; profile {profile} has no token any more")
    } else {
        format!("profile {profile} had no token")
    };
    let document = Document::of(&json!({ "ok": true, "profile": profile, "message": said }));
    acknowledge_local(&context.console, &context.plan, document)
}

fn token(context: &Context) -> Result<()> {
    if context.sandboxed {
        return print_token(context, crate::sandbox::TOKEN);
    }
    let (token, _) = context.settings.token()?;
    print_token(context, token.expose())
}

fn print_token(context: &Context, token: &str) -> Result<()> {
    if context.plan.is_text_faithful() {
        context.plan.document(&context.console, &Document::of(&json!({ "token": token })))?;
    } else {
        context.plan.texts(&context.console, "token", &[token.to_owned()])?;
    }
    context.console.flush()
}

/// Who one is.
struct Status;

#[derive(Deserialize)]
struct Standing {
    profile: String,
    api_url: String,
    token_source: String,
    owners: Vec<String>,
    scopes: serde_json::Map<String, Value>,
    rate_limit: Option<u64>,
    rate_remaining: Option<u64>,
}

impl Standing {
    fn scopes_that(&self, wanted: &Value) -> Cell {
        let names: Vec<&str> =
            self.scopes.iter().filter(|(_, known)| *known == wanted).map(|(name, _)| name.as_str()).collect();
        if names.is_empty() { Cell::Empty } else { Cell::Text(names.join(" ")) }
    }
}

impl Resource for Status {
    type View = Standing;
    const SINGULAR: &'static str = "status";
    const PLURAL: &'static str = "fields of the status";
    const COLUMNS: &'static [Column<Standing>] = &[
        Column::new("profile", |standing| standing.profile.as_str().into()),
        Column::new("api_url", |standing| standing.api_url.as_str().into()),
        Column::new("token", |standing| Cell::Word(format!("accepted, {}", standing.token_source), Tone::Good)),
        Column::new("accounts", |standing| Cell::Text(standing.owners.join(" "))),
        Column::new("scopes", |standing| standing.scopes_that(&Value::Bool(true))),
        Column::new("missing_scopes", |standing| standing.scopes_that(&Value::Bool(false))),
        Column::new("unknown_scopes", |standing| standing.scopes_that(&Value::Null)),
        Column::new("rate", |standing| match (standing.rate_remaining, standing.rate_limit) {
            (Some(remaining), Some(limit)) => Cell::Text(format!("{remaining} of {limit} requests left in this hour")),
            _ => Cell::Empty,
        }),
    ];

    fn id(view: &Standing) -> Option<String> {
        view.owners.first().cloned()
    }
}

async fn status(context: &Context, args: &ShowArgs) -> Result<()> {
    if asked_for_columns::<Status>(&context.console, args)? {
        return Ok(());
    }
    let client = context.cloud66().await?;
    let source = context.token_source().await?;
    // One read for each scope that a read can show; side by side, since none needs the others.
    let (public, redeploy, accounts) = tokio::join!(
        check(client, &STACKS_LIST),
        check(client, &CLOUDS_LIST),
        client.all(request(&ACCOUNTS_LIST, &[])?),
    );
    let (owners, users) = match accounts {
        Ok(accounts) => (owners(&accounts), Some(true)),
        Err(error) if error.kind() == Kind::ScopeMissing => (Vec::new(), Some(false)),
        Err(error) => return Err(error),
    };
    let budget = client.transport().rate().budget();
    let document = Document::of(&json!({
        "profile": context.settings.profile_name(),
        "api_url": client.transport().root().as_str(),
        "token_source": source.to_string(),
        "owners": owners,
        // `admin` shows only on a stack, and `jobs` in no documented call.
        "scopes": { "public": public?, "redeploy": redeploy?, "users": users, "admin": null },
        "rate_limit": budget.map(|budget| budget.limit),
        "rate_remaining": budget.map(|budget| budget.remaining),
    }));
    show::<Status>(&context.console, &context.plan, args, document)
}

/// Whether the token may read that list: `None` when the answer does not tell.
async fn check(client: &Cloud66, endpoint: &'static Endpoint) -> Result<Option<bool>> {
    match client.pages(request(endpoint, &[])?, Some(1)).next().await {
        Ok(_) => Ok(Some(true)),
        Err(error) if error.kind() == Kind::ScopeMissing => Ok(Some(false)),
        Err(error) if error.kind() == Kind::NotImplemented => Ok(None),
        Err(error) => Err(error),
    }
}

fn owners(accounts: &[Document]) -> Vec<String> {
    #[derive(Deserialize)]
    struct Account {
        owner: Option<String>,
    }
    accounts.iter().filter_map(|account| account.view::<Account>().ok()?.owner).collect()
}
