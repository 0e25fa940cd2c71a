//! `c66 auth login`: gets a token, checks it, and stores it.

use std::io::Read;

use clap::Args;
use serde_json::json;

use super::super::context::Context;
use super::status::probe;
use super::{oauth, warn_of_variables};
use crate::cloud66::endpoints::STACKS_LIST;
use crate::cloud66::envelope::Document;
use crate::cloud66::{api_root, request};
use crate::commands::auth::oauth::OAuthArgs;
use crate::config::{Origin, Secret, SettingKey, change, cx, keyring, paths};
use crate::error::{Error, Result};
use crate::resource::write::acknowledge_local;

/// `c66 auth login`
#[derive(Args, Debug)]
pub(crate) struct LoginArgs {
    /// Read the token from stdin
    #[arg(long, conflicts_with_all = ["from_cx", "oauth"])]
    pub(crate) with_token: bool,
    /// Use the token of a CX profile in ~/.cloud66
    #[arg(long, value_name = "PROFILE", num_args = 0..=1, default_missing_value = "default", conflicts_with = "oauth")]
    pub(crate) from_cx: Option<String>,
    /// Store the token in the keyring of the system (macOS: security; Linux: secret-tool)
    #[arg(long)]
    pub(crate) keyring: bool,
    #[command(flatten)]
    pub(crate) oauth: OAuthArgs,
}

/// The page on which tokens are created.
const TOKEN_PAGE: &str = "https://app.cloud66.com/personal_tokens/new";

pub(super) async fn login(context: &Context, args: &LoginArgs) -> Result<()> {
    if context.sandboxed {
        return Err(Error::usage("the sandbox needs no login")
            .hint("c66 --sandbox stacks list")
            .hint("to try logging in, run c66 sandbox serve and set C66_API_URL to its address"));
    }
    let mut api_url = chosen_api_url(context);
    let (token, source) = if args.with_token {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Error::local_file("read the token from stdin", &error))?;
        (Secret::new(text.trim_end_matches(['\r', '\n']), &"from stdin")?, "from stdin".to_owned())
    } else if let Some(profile) = &args.from_cx {
        let found = cx::login(context.settings.variables(), profile)?;
        if let Some(organization) = found.organization {
            context.printer.note(&format!(
                "CX acts for the organization {organization} with this profile; c66 accounts list has its number, \
                 which c66 config set account NUMBER keeps"
            ));
        }
        // The token must reach only CX's host.
        let is_other = |url: &String| api_root(url) != api_root(&context.api_url());
        api_url = api_url.or(found.base_url.filter(is_other));
        (found.token, format!("from {}", found.path.display()))
    } else if args.oauth.oauth {
        (oauth::ask(context, &args.oauth).await?, "from the API".to_owned())
    } else {
        context.printer.note(&format!("Create an API token at {TOKEN_PAGE}"));
        let text = context.prompter()?.secret("API token", "pass it on stdin with c66 auth login --with-token")?;
        (Secret::new(text.trim(), &"that was typed")?, "from the keyboard".to_owned())
    };
    check(context, &token, api_url.as_deref())
        .await
        .map_err(|error| Context::with_credential_origin(error, "token", &source))?;
    keep(context, &token, api_url.as_deref(), args.keyring)
}

/// The API address, if it was given for this command.
fn chosen_api_url(context: &Context) -> Option<String> {
    let api_url = context.settings.get(SettingKey::ApiUrl);
    let chosen = api_url.filter(|url| matches!(url.origin, Origin::Flag(_) | Origin::Variable(_)));
    chosen.map(|url| url.text.to_owned())
}

async fn check(context: &Context, token: &Secret, api_url: Option<&str>) -> Result<()> {
    let configured = context.api_url();
    let client = context.client_for(api_url.unwrap_or(&configured), token)?;
    if probe(&client, request(&STACKS_LIST, &[])?).await?.works() == Some(false) {
        context.printer.warn("the token lacks the `public` scope: most commands will not work");
    }
    Ok(())
}

/// Stores a token. It belongs to the host it was checked with; that address is stored too unless it is the configured
/// one.
fn keep(context: &Context, token: &Secret, api_url: Option<&str>, in_keyring: bool) -> Result<()> {
    let path = paths::config_file(context.settings.variables())?;
    let profile = context.settings.profile_name();
    let said = if in_keyring {
        keyring::store(profile, token)?;
        change::set_token_command(context.for_editing(&path)?, profile, &keyring::lookup_command(profile), api_url)?;
        format!("Logged in. The token is stored in the keyring; profile {profile} of {} reads it.", path.display())
    } else {
        change::set_token(context.for_editing(&path)?, profile, token, api_url)?;
        format!("Logged in. The token is stored in profile {profile} of {}.", path.display())
    };
    warn_of_variables(context, "set and overrides the stored token");
    let document = Document::from_value(
        &json!({ "ok": true, "profile": profile, "config": path.display().to_string(), "message": said }),
    );
    acknowledge_local(&context.printer, document)
}
