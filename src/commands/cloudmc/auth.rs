//! `c66 cloudmc login`, `logout` and `status`.

use std::io::Read;

use clap::Args;
use serde_json::json;

use super::super::context::Context;
use super::args::OrgArgs;
use crate::args::ShowArgs;
use crate::cloudmc::endpoints::{ORGANIZATIONS_LIST, USERS_LIST};
use crate::cloudmc::{CloudMc, request};
use crate::config::{Secret, change, paths};
use crate::error::{Error, Result};
use crate::http::client::parse_root;
use crate::http::document::Document;
use crate::http::fields::Fields;
use crate::output::cell::{Cell, Tone};
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::verb::Verb;
use crate::resource::write::acknowledge_local;
use crate::resource::{Column, Resource};

/// `c66 cloudmc login`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ORGANIZATIONS_LIST]))]
pub(crate) struct LoginArgs {
    /// Address of the API, or its host
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// Read the API key from stdin
    #[arg(long, visible_alias = "with-token")]
    pub(crate) api_key_stdin: bool,
}

/// The variable that overrides a stored key.
const KEY_VARIABLE: &str = "CLOUDMC_API_KEY";

/// Runs `c66 cloudmc login`.
pub(super) async fn login(context: &Context, args: &LoginArgs) -> Result<()> {
    if context.sandboxed {
        return Err(Error::usage("the sandbox needs no login").hint("c66 --sandbox cloudmc orgs list"));
    }
    let endpoint = context.cloudmc_endpoint(args.endpoint.as_deref())?;
    // Report an invalid address before asking for the key.
    parse_root(&endpoint)?;
    let key = if args.api_key_stdin {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Error::local_file("read the API key from stdin", &error))?;
        Secret::new(text.trim_end_matches(['\r', '\n']), &"from stdin")?
    } else {
        context.printer.note("Create an API key in the portal, on the page \"API Credentials\"");
        let text = context.prompter()?.secret("API key", "pass it on stdin with c66 cloudmc login --api-key-stdin")?;
        Secret::new(text.trim(), &"that was typed")?
    };
    let client = context.cloudmc_for(&endpoint, &key)?;
    let organizations = organization_names(&client).await?;
    let user = user_name(&client).await;
    let path = paths::config_file(context.settings.variables())?;
    let profile = context.settings.profile_name();
    change::set_cloudmc_key(context.for_editing(&path)?, profile, &key, &endpoint)?;
    warn_of_variable(context, "is set and overrides the stored key");
    let who = user.or_else(|| organizations.first().cloned()).map(|who| format!(" as {who}")).unwrap_or_default();
    let said = format!("Logged in{who}. The API key is stored in profile {profile} of {}.", path.display());
    let document = Document::from_value(&json!({
        "ok": true, "profile": profile, "config": path, "endpoint": endpoint, "organizations": organizations, "message": said,
    }));
    acknowledge_local(&context.printer, document)
}

/// Runs `c66 cloudmc logout`.
pub(super) fn logout(context: &Context) -> Result<()> {
    let path = paths::config_file(context.settings.variables())?;
    let profile = context.settings.profile_name();
    let removed = path.exists() && change::remove_token(context.for_editing(&path)?, profile)?;
    warn_of_variable(context, "is still set and still logs you in");
    let said = if removed {
        format!("Logged out. Removed the API key from profile {profile}.")
    } else {
        format!("Profile {profile} had no API key.")
    };
    let document = Document::from_value(&json!({ "ok": true, "profile": profile, "message": said }));
    acknowledge_local(&context.printer, document)
}

fn warn_of_variable(context: &Context, what: &str) {
    if context.settings.variables().get_os(KEY_VARIABLE).is_some() {
        context.printer.warn(&format!("{KEY_VARIABLE} {what}"));
    }
}

/// The names of the organizations that the key can access.
async fn organization_names(client: &CloudMc) -> Result<Vec<String>> {
    let rows = client.fetch_all(&request(&ORGANIZATIONS_LIST, &[])?).await?;
    Ok(rows.iter().filter_map(|row| row.view::<Fields>().ok()?.text("name")).collect())
}

/// The name of the key's user, if the key can access no other user; otherwise it is unknown.
async fn user_name(client: &CloudMc) -> Option<String> {
    let rows = client.fetch_all(&request(&USERS_LIST, &[]).ok()?).await.ok()?;
    match rows.as_slice() {
        [one] => one.view::<Fields>().ok()?.text("userName"),
        _ => None,
    }
}

/// The user and organization of the key.
pub(crate) struct Status;

impl Resource for Status {
    type View = Fields;
    const NOUN: &'static Noun = &Noun::new::<Self>("status", "fields of the status");
    const COLUMNS: &'static [Column<Fields>] = &[
        Column::text("profile", "current profile", |status| status.text("profile").into()),
        Column::text("endpoint", "address of the CloudMC", |status| status.text("endpoint").into()),
        Column::text("api_key", "whether the API key is valid, and its source", |status| {
            Cell::State(format!("valid ({})", status.text("api_key_source").unwrap_or_default()), Tone::Good)
        }),
        Column::text("user", "user of the key", |status| status.text("user").into()),
        Column::text("organizations", "organizations that the key can access", |status| {
            Cell::Text(status.texts("organizations").join(", "))
        }),
        Column::text("acts_for", "organization of the requests", |status| status.text("org_id").into()),
    ];

    fn id(status: &Fields) -> Option<String> {
        status.text("endpoint")
    }
}

/// Runs `c66 cloudmc status`.
pub(super) async fn status(context: &Context, args: &ShowArgs) -> Result<()> {
    if print_column_help_if_asked::<Status>(&context.printer, args)? {
        return Ok(());
    }
    let client = context.cloudmc(&OrgArgs::default()).await?;
    let organizations = organization_names(client).await?;
    let document = Document::from_value(&json!({
        "profile": context.settings.profile_name(),
        "endpoint": client.transport().root().as_str(),
        "api_key_source": context.cloudmc_key_source().map(ToString::to_string),
        "user": user_name(client).await,
        "organizations": organizations,
        "org_id": client.organization(),
    }));
    show::<Status>(&context.printer, args, document)
}
