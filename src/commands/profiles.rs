//! `c66 profiles`.

use serde::Deserialize;
use serde_json::json;

use super::context::Context;
use crate::cli::account::Profiles as Command;
use crate::cloud66::envelope::Document;
use crate::config::profiles::{TokenKind, use_profile};
use crate::config::{Provider, paths};
use crate::error::Result;
use crate::resource::change::acknowledge_local;
use crate::resource::list::Listing;
use crate::resource::{Column, Resource};

/// Profiles.
struct Profiles;

#[derive(Deserialize)]
struct Profile {
    name: String,
    current: bool,
    token: String,
    api_url: Option<String>,
    account: Option<String>,
    provider: Option<String>,
}

impl Resource for Profiles {
    type View = Profile;
    const SINGULAR: &'static str = "profile";
    const PLURAL: &'static str = "profiles";
    const COLUMNS: &'static [Column<Profile>] = &[
        Column::new("name", |profile| profile.name.as_str().into()),
        Column::new("current", |profile| profile.current.into()),
        Column::new("token", |profile| profile.token.as_str().into()),
        Column::new("account", |profile| profile.account.clone().into()),
        Column::new("api_url", |profile| profile.api_url.clone().into()),
        Column::wide("provider", |profile| profile.provider.clone().into()),
    ];

    fn id(view: &Profile) -> Option<String> {
        Some(view.name.clone())
    }
}

/// Carries out `c66 profiles …`.
///
/// # Errors
/// Whatever the command says.
pub async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::List(list) => {
            let Some(listing) = Listing::<Profiles>::new(&context.console, &context.plan, &list)? else {
                return Ok(());
            };
            let profiles = context.settings.profiles().into_iter().map(|profile| {
                Document::of(&json!({
                    "name": profile.name,
                    "current": profile.is_current,
                    "token": match profile.token {
                        TokenKind::None => "none",
                        TokenKind::Stored => "stored",
                        TokenKind::Command => "by command",
                        TokenKind::Broken => "broken",
                    },
                    "api_url": profile.api_url,
                    "account": profile.account,
                    "provider": profile.provider.as_deref().unwrap_or(Provider::default().name()),
                }))
            });
            listing.print_documents(profiles.collect()).await
        }
        Command::Use { name } => {
            use_profile(&paths::config_file(context.settings.variables())?, &name)?;
            let said = format!("{name} is the current profile");
            acknowledge_local(&context.console, &context.plan, Document::of(&json!({ "ok": true, "message": said })))
        }
    }
}
