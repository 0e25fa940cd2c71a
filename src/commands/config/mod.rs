//! `c66 config`.
pub(crate) mod edit;

use std::time::Duration;

use clap::Subcommand;
use serde::Deserialize;
use serde_json::json;

use crate::args::ListArgs;
use crate::args::candidates::Candidates;
use crate::cloud66::envelope::Document;
use crate::commands::context::{ACTION_TIMEOUT, Context, DEPLOYMENT_TIMEOUT};
use crate::config::{Origin, SettingKey, SettingValue, change, paths};
use crate::error::{Error, Result};
use crate::http::client::parse_root;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::write::acknowledge_local;
use crate::resource::{Column, Resource, key, wide};
use crate::text::format::format_duration;

/// `c66 config …`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// List every setting with its value
    #[command(after_help = "Example:\n  c66 config list --show-origin")]
    #[command(add = Verb::default().prints(ConfigSettings::NOUN))]
    List {
        /// Show where each value comes from
        #[arg(long)]
        show_origin: bool,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Print the value of a setting
    #[command(after_help = "Example:\n  c66 config get output")]
    Get {
        /// Name of the setting
        #[arg(add = Candidates::ConfigKeys)]
        key: String,
    },
    /// Set a setting in the current profile
    #[command(
        after_help = "Examples:\n  c66 config set output json\n  c66 config set stack awesome-app@staging --profile work"
    )]
    Set {
        /// Name of the setting
        #[arg(add = Candidates::ConfigKeys)]
        key: String,
        /// New value
        value: String,
    },
    /// Unset a setting in the current profile
    #[command(after_help = "Example:\n  c66 config unset output")]
    Unset {
        /// Name of the setting
        #[arg(add = Candidates::ConfigKeys)]
        key: String,
    },
    /// Edit the config file; invalid changes are not saved
    #[command(after_help = "Example:\n  EDITOR=nano c66 config edit")]
    Edit,
    /// Print the path of the config file
    #[command(after_help = "Example:\n  cat \"$(c66 config path)\"")]
    Path,
}

/// Settings.
struct ConfigSettings;

#[derive(Deserialize)]
struct ConfigSetting {
    key: String,
    value: Option<String>,
    origin: String,
}

impl Resource for ConfigSettings {
    type View = ConfigSetting;
    const NOUN: &'static Noun = &Noun::new::<Self>("setting", "settings");
    const COLUMNS: &'static [Column<ConfigSetting>] = &[
        key(Column::text("key", "name for other commands", |entry| entry.key.as_str().into())),
        Column::text("value", "value", |entry| entry.value.clone().into()),
        wide(Column::text("origin", "source of the value", |entry| entry.origin.as_str().into())),
    ];

    fn id(view: &ConfigSetting) -> Option<String> {
        Some(view.key.clone())
    }
}

/// Runs `c66 config …`.
pub(crate) async fn run(context: &Context, command: ConfigCommand) -> Result<()> {
    match command {
        ConfigCommand::List { show_origin, list } => {
            let columns = match (list.columns.is_empty(), show_origin) {
                (true, true) => ["key", "value", "origin"].map(str::to_owned).to_vec(),
                _ => list.columns.clone(),
            };
            let list = ListArgs { columns, ..list };
            match Listing::of::<ConfigSettings>(&context.printer, &list)? {
                Some(listing) => listing.print_documents(entries(context)).await,
                None => Ok(()),
            }
        }
        ConfigCommand::Get { key } => get(context, &key),
        ConfigCommand::Set { key, value } => {
            // The other keys are checked where they are set.
            if let Ok(known) = SettingKey::from_name(&key) {
                check_setting(known, &value)?;
            }
            let path = paths::config_file(context.settings.variables())?;
            change::set(context.for_editing(&path)?, Some(context.settings.profile_name()), &key, &value)?;
            done(context, &format!("Set {key} in profile {}.", context.settings.profile_name()))
        }
        ConfigCommand::Unset { key } => {
            let path = paths::config_file(context.settings.variables())?;
            let profile = context.settings.profile_name();
            if path.exists() && change::unset(context.for_editing(&path)?, Some(profile), &key)? {
                done(context, &format!("Unset {key} in profile {profile}."))
            } else {
                let known = SettingKey::from_name(&key)?;
                if let Some(SettingValue { origin: Origin::File(path), .. }) = context.settings.get(known) {
                    let place = path.display();
                    context
                        .printer
                        .note(&format!("{place} sets it outside all profiles; to change that, run c66 config edit"));
                }
                done(context, &format!("{key} is not set in profile {profile}"))
            }
        }
        ConfigCommand::Edit => edit::run(context),
        ConfigCommand::Path => {
            let path = paths::config_file(context.settings.variables())?;
            if context.printer.is_structured() {
                context.printer.document(Document::from_value(&json!({ "path": path.display().to_string() })))?;
            } else {
                context.printer.texts("path", &[path.display().to_string()])?;
            }
            context.printer.flush()
        }
    }
}

fn entries(context: &Context) -> Vec<Document> {
    let all = context.settings.all().into_iter();
    let row = |(key, value, origin): (&str, Option<String>, Origin)| {
        let value = value.or_else(|| live_default(key));
        Document::from_value(&json!({ "key": key, "value": value, "origin": origin.to_string() }))
    };
    all.map(row).collect()
}

/// The default of a setting whose default depends on the command.
fn live_default(name: &str) -> Option<String> {
    let in_words = |limit: Duration| format_duration(limit).replace(" 00m", "").replace(" 00s", "");
    (name == SettingKey::Timeout.definition().name)
        .then(|| format!("{}; deployments {}", in_words(ACTION_TIMEOUT), in_words(DEPLOYMENT_TIMEOUT)))
}

fn get(context: &Context, key: &str) -> Result<()> {
    let wanted = SettingKey::from_name(key)?;
    let name = wanted.definition().name;
    let (value, origin) = match (context.settings.get(wanted), live_default(name)) {
        (Some(found), _) => (found.text.to_owned(), found.origin.to_string()),
        (None, Some(text)) => (text, Origin::Default.to_string()),
        (None, None) => {
            return Err(Error::not_found(format!("{name} is not set")).hint(format!("c66 config set {name} VALUE")));
        }
    };
    if context.printer.is_structured() {
        let document = json!({ "key": name, "value": value, "origin": origin });
        context.printer.document(Document::from_value(&document))?;
    } else {
        context.printer.texts("value", &[value])?;
    }
    context.printer.flush()
}

/// Checks a value before it is stored and breaks every later command.
///
/// # Errors
/// A usage error that says what is allowed.
pub(super) fn check_setting(key: SettingKey, value: &str) -> Result<()> {
    key.definition().check(value)?;
    // This one is not checked by its row, since its error must not quote a password.
    if key == SettingKey::ApiUrl {
        parse_root(value)?;
    }
    Ok(())
}

fn done(context: &Context, said: &str) -> Result<()> {
    acknowledge_local(&context.printer, Document::from_value(&json!({ "ok": true, "message": said })))
}
