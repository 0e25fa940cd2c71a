//! `c66 settings` and `c66 servers settings`: the settings of a stack or of a server.

use clap::{Args, Subcommand};

use super::actions::{perform, print_unchanged, send_all_and_print};
use super::context::Context;
use crate::args::candidates::Candidates;
use crate::args::{ListArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{
    SERVER_SETTINGS_LIST, SERVER_SETTINGS_SHOW, SERVER_SETTINGS_UPDATE, SETTINGS_LIST, SETTINGS_SHOW, SETTINGS_UPDATE,
};
use crate::cloud66::envelope::Document;
use crate::cloud66::servers::Server;
use crate::cloud66::settings::{Setting, path_id};
use crate::cloud66::with_field;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{list_in_stack, request_in_stack};
use crate::commands::deferred::Deferred;
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::http::endpoint::Endpoint;
use crate::output::Format;
use crate::resource::find::folded;
use crate::resource::find::named::{ItemNames, LookupLabels, not_found_error};
use crate::resource::noun::Noun;
use crate::resource::show::show;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor, wide};
use crate::text::format::past_tense;
use crate::text::sanitize::sanitize;

/// `c66 settings …`
#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// List the settings of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Example:\n  c66 settings list -s awesome-app@production --filter readonly=no"
    )]
    #[command(add = Verb::list(Settings::NOUN))]
    List {
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Print the value of one setting
    #[command(alias = "show", after_help = "Example:\n  c66 settings get git.branch -s awesome-app@production")]
    #[command(add = Verb::calls(&[&SETTINGS_SHOW]))]
    Get {
        /// Name of the setting
        #[arg(add = Settings::NOUN.names())]
        key: String,
        #[command(flatten)]
        stack: StackArgs,
    },
    /// Change settings
    #[command(
        after_help = "Examples:\n  c66 settings set git.branch staging -s awesome-app@production\n  c66 settings set git.branch=staging allowed.web.source=any -s awesome-app@production"
    )]
    #[command(add = Verb::calls(&[&SETTINGS_UPDATE]).prints(Settings::NOUN).asks(Asks::OnProduction))]
    Set(Deferred<SettingChangeArgs>),
}

/// New values of settings.
#[derive(Args, Debug)]
pub(crate) struct SettingChangeArgs {
    /// Settings with their new values; for one also KEY VALUE
    #[arg(required = true, value_name = "KEY=VALUE", allow_negative_numbers = true)]
    #[arg(add = Candidates::OwnItems)]
    pub(crate) assignments: Vec<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Settings of a stack.
struct Settings;

pub(crate) const COLUMNS: &[Column<Setting>] = &[
    key(Column::text("key", "name for other commands", |setting| setting.key.clone().into())),
    Column::text("value", "value", |setting| setting.value.clone().into()),
    minor(Column::flag("readonly", "whether it cannot be changed", |setting| setting.readonly.into())),
    wide(Column::text("id", "id in API paths", |setting| setting.path_id().into())),
    wide(Column::text("warning", "what to know before changing it", |setting| setting.warning_text.clone().into())),
];

impl Resource for Settings {
    type View = Setting;
    const NOUN: &'static Noun = &Noun::new::<Self>("setting", "settings").listed_by(&SETTINGS_LIST).named_by(&["key"]);
    const COLUMNS: &'static [Column<Setting>] = COLUMNS;

    fn id(view: &Setting) -> Option<String> {
        view.key.clone()
    }
}

/// The owner of the settings: a stack, or one of its servers.
pub(crate) struct SettingScope<'t> {
    target: &'t StackRef,
    server: Option<&'t Server>,
}

impl<'t> SettingScope<'t> {
    /// The stack itself.
    pub(crate) fn stack(target: &'t StackRef) -> Self {
        Self { target, server: None }
    }

    /// A server of the stack.
    pub(crate) fn server(target: &'t StackRef, server: &'t Server) -> Self {
        Self { target, server: Some(server) }
    }

    fn label(&self) -> String {
        let stack = self.target.label();
        self.server.map_or(stack.clone(), |server| format!("{} of {stack}", server.name()))
    }

    /// A request for one of two endpoints: that of stacks, or that of servers.
    fn request(
        &self,
        of_stack: &'static Endpoint,
        of_server: &'static Endpoint,
        setting: Option<&str>,
    ) -> Result<Request> {
        let mut parts: Vec<(&str, &str)> = setting.map(|id| ("setting_id", id)).into_iter().collect();
        let endpoint = match self.server {
            None => of_stack,
            Some(server) => {
                parts.push(("server_id", server.uid()));
                of_server
            }
        };
        request_in_stack(self.target, endpoint, &parts)
    }

    pub(crate) fn list_request(&self) -> Result<Request> {
        self.request(&SETTINGS_LIST, &SERVER_SETTINGS_LIST, None)
    }

    fn show_request(&self, id: &str) -> Result<Request> {
        self.request(&SETTINGS_SHOW, &SERVER_SETTINGS_SHOW, Some(id))
    }

    /// All settings, from the list: only the list says what is read-only.
    async fn all(&self, context: &Context) -> Result<Vec<Setting>> {
        let all = context.cloud66().await?.fetch_all(self.list_request()?).await?;
        all.iter().map(Document::view).collect()
    }

    /// The setting of that name.
    fn find<'s>(&self, all: &'s [Setting], key: &str) -> Result<&'s Setting> {
        let same = |setting: &&Setting| name(setting.key()) == name(key) || name(&setting.path_id()) == name(key);
        all.iter().find(same).ok_or_else(|| {
            let names: Vec<ItemNames<'_>> = all.iter().map(|setting| ItemNames::only(setting.key())).collect();
            let owner = self.label();
            not_found_error(LookupLabels::of(Settings::NOUN, &owner), key, &names)
        })
    }
}

/// Normalizes names of settings: `git.branch`, `git-branch` and `GIT_BRANCH` are the same.
fn name(key: &str) -> String {
    folded(&path_id(key))
}

/// Runs `c66 settings …`.
pub(crate) async fn run(context: &Context, command: SettingsCommand) -> Result<()> {
    match command {
        SettingsCommand::List { stack, list } => list_in_stack::<Settings>(context, &stack, &list, &[]).await,
        SettingsCommand::Get { key, stack } => {
            let read = async |target: &StackRef| get(context, &SettingScope::stack(target), &key).await;
            context.read_in_stack(&stack, read).await
        }
        SettingsCommand::Set(Deferred(change)) => {
            let target = context.stack_for_write(&change.stack, &change.write).await?;
            set(context, &SettingScope::stack(&target), &change).await
        }
    }
}

/// Prints the value of one setting.
pub(crate) async fn get(context: &Context, scope: &SettingScope<'_>, key: &str) -> Result<()> {
    let client = context.cloud66().await?;
    let document = match client.fetch(&scope.show_request(&path_id(key))?).await {
        Err(error) if error.kind() == Kind::NotFound => {
            let all = scope.all(context).await?;
            let setting = scope.find(&all, key)?;
            client.fetch(&scope.show_request(&setting.path_id())?).await?
        }
        reply => reply?,
    };
    if context.printer.is_structured()
        || !matches!(context.printer.format(), Format::Table | Format::Wide | Format::Name)
    {
        return show::<Settings>(&context.printer, &ShowArgs::default(), document);
    }
    // A value requested by name is printed unchanged, for a pipe.
    let value = document.view::<Setting>()?.value.unwrap_or_default();
    context.printer.write_value(&value)?;
    context.printer.flush()
}

/// Parses `KEY=VALUE …` and `KEY VALUE`. The words are not repeated in errors: a value may be a secret.
fn pairs(assignments: &[String]) -> Result<Vec<(&str, &str)>> {
    if let [key, value] = assignments
        && !key.contains('=')
    {
        return Ok(vec![(key, value)]);
    }
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for assignment in assignments {
        let (key, value) = assignment.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(|| {
            Error::usage("a setting has no value").hint("write KEY=VALUE for each setting, or KEY VALUE for one")
        })?;
        if pairs.iter().any(|(given, _)| name(given) == name(key)) {
            return Err(Error::usage(format!("{key} is set twice")));
        }
        pairs.push((key, value));
    }
    Ok(pairs)
}

/// Changes settings, except those that already have the value.
pub(crate) async fn set(context: &Context, scope: &SettingScope<'_>, change: &SettingChangeArgs) -> Result<()> {
    let wanted = pairs(&change.assignments)?;
    let all = scope.all(context).await?;
    let (mut words, mut changes) = (Vec::new(), Vec::new());
    for (key, value) in &wanted {
        let setting = scope.find(&all, key)?;
        let key = setting.key();
        if setting.is_readonly() {
            return Err(Error::new(Kind::Refused, format!("{key} of {} is read-only", scope.label()))
                .cause("nothing was changed"));
        }
        if setting.value.as_deref().unwrap_or_default() == *value {
            context.printer.note(&format!("{key} already has this value"));
            continue;
        }
        if let Some(warning) = &setting.warning_text {
            context.printer.warn(&sanitize(warning.trim_start_matches("Warning! ")));
        }
        let request = scope.request(&SETTINGS_UPDATE, &SERVER_SETTINGS_UPDATE, Some(&setting.path_id()))?;
        words.push(format!("{key} of {} to `{value}`", scope.label()));
        changes.push((key.to_owned(), with_field(request, "value", *value)));
    }
    let single = wanted.len() == 1;
    if changes.is_empty() {
        return print_unchanged(context, single, "Nothing to change.").await;
    }
    let prompt = format!("Set {}", words.join(", "));
    if single && let Some((_, request)) = changes.pop() {
        return perform(context, scope.target, request, &prompt, &change.write, &change.wait).await;
    }
    let requests: Vec<Request> = changes.iter().map(|(_, request)| request.clone()).collect();
    if !context.confirm_write(scope.target, &prompt, &requests, &change.write).await? {
        return Ok(());
    }
    send_all_and_print(context, scope.target, &changes, &change.wait, false, &past_tense(&prompt)).await
}
