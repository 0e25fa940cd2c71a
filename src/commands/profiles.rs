//! `c66 profiles`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Subcommand;
use serde::Deserialize;
use serde_json::{Value, json};

use super::context::Context;
use crate::args::candidates::Candidates;
use crate::args::{ListArgs, ShowArgs};
use crate::cloud66::envelope::Document;
use crate::commands::deferred::Deferred;
use crate::config::profiles::{ProfileInfo, TokenKind, remove, rename, use_profile};
use crate::config::{Origin, Provider, SettingKey, paths};
use crate::error::Result;
use crate::output::cell::Cell;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::verb::Verb;
use crate::resource::write::acknowledge_local;
use crate::resource::{Column, Resource, key, wide};
use crate::text::quote::shell_quote;

/// `c66 profiles …`
#[derive(Debug, Subcommand)]
pub(crate) enum ProfilesCommand {
    /// List the profiles of the config file
    #[command(after_help = "Example:\n  c66 profiles list")]
    #[command(add = Verb::default().prints(Profiles::NOUN))]
    List(Deferred<ListArgs>),
    /// Switch to a profile
    #[command(after_help = "Example:\n  c66 profiles use work")]
    Use {
        /// Name of the profile
        #[arg(add = Candidates::Profiles)]
        name: String,
    },
    /// Show the settings of a profile
    #[command(after_help = "Examples:\n  c66 profiles show\n  c66 profiles show work -o json")]
    #[command(add = Verb::default().prints(Profiles::NOUN))]
    Show {
        /// Name of the profile [default: the one that applies]
        #[arg(add = Candidates::Profiles)]
        name: Option<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Rename a profile
    #[command(after_help = "Example:\n  c66 profiles rename default work")]
    Rename {
        /// Name of the profile
        #[arg(add = Candidates::Profiles)]
        from: String,
        /// New name
        to: String,
    },
    /// Remove a profile with its token and settings
    #[command(alias = "delete", after_help = "Example:\n  c66 profiles remove work")]
    Remove {
        /// Name of the profile
        #[arg(add = Candidates::Profiles)]
        name: String,
    },
}

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
    settings: BTreeMap<String, String>,
}

impl Profile {
    fn other_settings(&self) -> Cell {
        let shown = [SettingKey::ApiUrl, SettingKey::Account, SettingKey::Provider].map(|key| key.definition().name);
        let others = self.settings.iter().filter(|(name, _)| !shown.contains(&name.as_str()));
        let others: Vec<String> = others.map(|(name, value)| format!("{name}={}", shell_quote(value))).collect();
        if others.is_empty() { Cell::Empty } else { Cell::Text(others.join(", ")) }
    }
}

impl Resource for Profiles {
    type View = Profile;
    const NOUN: &'static Noun = &Noun::new::<Self>("profile", "profiles");
    const COLUMNS: &'static [Column<Profile>] = &[
        key(Column::text("name", "name for other commands", |profile| profile.name.as_str().into())),
        Column::flag("current", "whether it is the current profile", |profile| profile.current.into()),
        Column::text("token", "source of the API token", |profile| profile.token.as_str().into()),
        Column::text("account", "account number", |profile| profile.account.clone().into()),
        Column::text("api_url", "address of the API", |profile| profile.api_url.clone().into()),
        wide(Column::text("provider", "API of the profile", |profile| profile.provider.clone().into())),
        wide(Column::text("settings", "other settings", Profile::other_settings)),
    ];

    fn id(view: &Profile) -> Option<String> {
        Some(view.name.clone())
    }
}

/// Runs `c66 profiles …`.
pub(crate) async fn run(context: &Context, command: ProfilesCommand) -> Result<()> {
    match command {
        ProfilesCommand::List(Deferred(list)) => {
            let Some(listing) = Listing::of::<Profiles>(&context.printer, &list)? else {
                return Ok(());
            };
            listing.print_documents(context.settings.profiles().iter().map(document).collect()).await
        }
        ProfilesCommand::Use { name } => {
            use_profile(context.for_editing(&file(context)?)?, &name)?;
            done(context, &format!("Switched to profile {name}."))
        }
        ProfilesCommand::Show { name, show: args } => {
            if print_column_help_if_asked::<Profiles>(&context.printer, &args)? {
                return Ok(());
            }
            let name = name.as_deref().unwrap_or(context.settings.profile_name());
            show::<Profiles>(&context.printer, &args, document(&context.settings.profile_named(name)?))
        }
        ProfilesCommand::Rename { from, to } => {
            rename(context.for_editing(&file(context)?)?, &from, &to)?;
            tell_of_mentions(context, &from);
            done(context, &format!("Renamed profile {from} to {to}."))
        }
        ProfilesCommand::Remove { name } => {
            let profile = context.settings.profile_named(&name)?;
            // A script may remove its own profile; a person may have mistyped the name of another.
            let prompter = context.prompter()?;
            if profile.token == TokenKind::Stored && prompter.can_ask() {
                prompter.confirm(&format!("Delete profile {name} with its token?"))?;
            }
            remove(context.for_editing(&file(context)?)?, &name)?;
            tell_of_mentions(context, &name);
            let others: Vec<_> = context.settings.profiles().into_iter().filter(|other| other.name != name).collect();
            if context.settings.profile_name() == name && !others.is_empty() {
                let names: Vec<&str> = others.iter().map(|other| other.name.as_str()).collect();
                context.printer.note(&format!(
                    "it was the current profile; choose another with c66 profiles use NAME ({})",
                    names.join(", ")
                ));
            }
            done(context, &format!("Deleted profile {name}."))
        }
    }
}

fn file(context: &Context) -> Result<PathBuf> {
    paths::config_file(context.settings.variables())
}

/// Warns if the old name of a profile is still requested, because commands will then fail.
fn tell_of_mentions(context: &Context, name: &str) {
    if let Some(value) = context.settings.get(SettingKey::Profile).filter(|value| value.text == name)
        && matches!(value.origin, Origin::Variable(_) | Origin::Project(_))
    {
        context.printer.warn(&format!("{} still names profile {name}", value.origin));
    }
}

fn document(profile: &ProfileInfo) -> Document {
    let settings: serde_json::Map<_, _> = profile
        .settings
        .iter()
        .map(|(key, text)| (key.definition().name.to_owned(), Value::from(text.as_str())))
        .collect();
    Document::from_value(&json!({
        "name": profile.name,
        "current": profile.is_current,
        "token": match profile.token {
            TokenKind::None => "none",
            TokenKind::Stored => "stored",
            TokenKind::Command => "by command",
            TokenKind::Invalid => "broken",
        },
        "api_url": profile.get(SettingKey::ApiUrl),
        "account": profile.get(SettingKey::Account),
        "provider": profile.get(SettingKey::Provider).unwrap_or(Provider::default().name()),
        "settings": settings,
    }))
}

fn done(context: &Context, said: &str) -> Result<()> {
    acknowledge_local(&context.printer, Document::from_value(&json!({ "ok": true, "message": said })))
}
