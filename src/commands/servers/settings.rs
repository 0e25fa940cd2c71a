//! `c66 servers settings`: the settings of a server, read and changed like those of a stack.

use clap::Subcommand;

use super::{Servers, find};
use crate::args::{ListArgs, StackArgs};
use crate::cloud66::endpoints::{SERVER_SETTINGS_LIST, SERVER_SETTINGS_SHOW, SERVER_SETTINGS_UPDATE};
use crate::cloud66::settings::Setting;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::list_with_request;
use crate::commands::settings::{self, COLUMNS, SettingChangeArgs, SettingScope};
use crate::error::Result;
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource};

/// `c66 servers settings …`
#[derive(Debug, Subcommand)]
pub(crate) enum ServerSettingsCommand {
    /// List the settings of a server
    #[command(
        visible_alias = "ls",
        after_help = "Example:\n  c66 servers settings list caribou -s awesome-app@production"
    )]
    #[command(add = Verb::list(ServerSettings::NOUN))]
    List {
        /// Name, UID or address of the server
        #[arg(add = Servers::NOUN.names())]
        server: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Print the value of one setting of a server
    #[command(
        alias = "show",
        after_help = "Example:\n  c66 servers settings get caribou server.name -s awesome-app@production"
    )]
    #[command(add = Verb::calls(&[&SERVER_SETTINGS_SHOW]))]
    Get {
        /// Name, UID or address of the server
        #[arg(add = Servers::NOUN.names())]
        server: String,
        /// Name of the setting
        #[arg(add = ServerSettings::NOUN.names())]
        key: String,
        #[command(flatten)]
        stack: StackArgs,
    },
    /// Change settings of a server
    #[command(
        after_help = "Examples:\n  c66 servers settings set caribou server.name gazelle -s awesome-app@production\n  c66 servers settings set caribou server.name=gazelle -s awesome-app@production"
    )]
    #[command(add = Verb::calls(&[&SERVER_SETTINGS_UPDATE]).prints(ServerSettings::NOUN).asks(Asks::OnProduction))]
    Set {
        /// Name, UID or address of the server
        #[arg(add = Servers::NOUN.names())]
        server: String,
        #[command(flatten)]
        change: SettingChangeArgs,
    },
}

/// Settings of a server.
struct ServerSettings;

impl Resource for ServerSettings {
    type View = Setting;
    const NOUN: &'static Noun =
        &Noun::new::<Self>("setting", "settings").listed_by(&SERVER_SETTINGS_LIST).named_by(&["key"]);
    const COLUMNS: &'static [Column<Setting>] = COLUMNS;

    fn id(view: &Setting) -> Option<String> {
        view.key.clone()
    }
}

/// Runs `c66 servers settings …`.
pub(super) async fn run(context: &Context, command: ServerSettingsCommand) -> Result<()> {
    match command {
        ServerSettingsCommand::List { server, stack, list } => {
            list_with_request::<ServerSettings>(context, &stack, &list, async |target| {
                SettingScope::server(target, &find(context, target, &server).await?).list_request()
            })
            .await
        }
        ServerSettingsCommand::Get { server, key, stack } => {
            let read = async |target: &StackRef| {
                let server = find(context, target, &server).await?;
                settings::get(context, &SettingScope::server(target, &server), &key).await
            };
            context.read_in_stack(&stack, read).await
        }
        ServerSettingsCommand::Set { server, change } => {
            let target = context.stack_for_write(&change.stack, &change.write).await?;
            let server = find(context, &target, &server).await?;
            settings::set(context, &SettingScope::server(&target, &server), &change).await
        }
    }
}
