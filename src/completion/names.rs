//! The names that complete a word.

use std::ffi::OsStr;
use std::time::Instant;

use clap::{Arg, Command, CommandFactory};
use clap_complete::engine::CompletionCandidate;

use super::candidate::{Candidate, is_plain, unambiguous};
use super::cloudmc;
use super::line::{Line, ParsedLine};
use super::lookup::{Lookup, settings_of, silent_context, with_deadline};
use crate::args::candidates::Candidates;
use crate::cloud66::config_store::NAMESPACE;
use crate::cloud66::endpoints::{ACCOUNTS_LIST, NOTIFICATIONS_LIST, SERVERS_LIST, STACKS_LIST};
use crate::commands::Cli;
use crate::commands::accounts::Accounts;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::help::topics;
use crate::commands::servers::Servers;
use crate::commands::ssh::known::host_keys;
use crate::commands::wait;
use crate::config::keys;
use crate::error::{Error, Result};
use crate::http::endpoint::Endpoint;
use crate::resource::Resource;
use crate::resource::find::folded;
use crate::resource::noun::{NamesOf, Noun};
use crate::text::sanitize::sanitize;

/// The documented commands of an action.
const ACTION_COMMANDS: [(&str, &str); 7] = [
    ("restart", "all components of the stack"),
    ("clear_caches", "the git caches"),
    ("maintenance_mode", "value=1 switches it on, value=0 off"),
    ("service_restart", "service_name=NAME"),
    ("service_pause", "service_name=NAME"),
    ("service_resume", "service_name=NAME"),
    ("container_restart", "container_id=UID"),
];

/// UIDs are offered from this many letters on: fewer are the prefix of a name.
const UID_LETTERS: usize = 4;

/// What completes an argument.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    /// The names of a noun's items.
    Items(NamesOf),
    /// The columns of a noun, each with a suffix.
    Columns(&'static Noun, &'static str),
    /// Anything else.
    Other(Candidates),
}

impl Wanted {
    /// What completes an argument of a command about `noun`; `None` if only the user knows.
    pub(super) fn of(argument: &Arg, noun: Option<&'static Noun>) -> Option<Self> {
        if let Some(names) = argument.get::<NamesOf>() {
            return Some(Self::Items(*names));
        }
        Some(match *argument.get::<Candidates>()? {
            Candidates::OwnItems => Self::Items(noun?.names()),
            Candidates::Accounts => Self::Items(Accounts::NOUN.names()),
            Candidates::Columns => Self::Columns(noun?, ""),
            Candidates::ColumnFilters => Self::Columns(noun?, "="),
            other => Self::Other(other),
        })
    }

    /// The suffix of each name.
    fn suffix(self) -> &'static str {
        match self {
            Self::Items(names) => names.suffix,
            Self::Columns(_, suffix) => suffix,
            Self::Other(Candidates::CopyPlaces) => ":",
            Self::Other(_) => "",
        }
    }
}

/// The names in these rows, which have a noun's names and then its notes.
fn names_in(noun: &Noun, rows: &[Vec<String>]) -> Vec<Candidate> {
    let count = noun.names.len();
    let whole = rows.iter().filter(|row| row.len() == count + noun.notes.len());
    let is_hexadecimal = |text: &String| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let offered = |text: &String| match noun.short {
        // The pods of a service differ in their last characters.
        Some(characters) if is_hexadecimal(text) => text.chars().take(characters).collect(),
        None if noun.folds => folded(text),
        _ => text.clone(),
    };
    let described = |row: &Vec<String>| {
        let notes: Vec<&str> = row[count..].iter().map(String::as_str).filter(|note| !note.is_empty()).collect();
        (row[..count].iter().map(offered).collect(), notes.join(", "))
    };
    unambiguous(whole.map(described).collect())
}

/// A word to complete.
pub(super) struct Completer<'q> {
    /// Its argument.
    pub(super) wanted: Wanted,
    /// Its line.
    pub(super) line: &'q Line,
    /// The parser of that line.
    pub(super) command: &'q Command,
    /// Its typed part.
    pub(super) current: &'q str,
    /// When the shell began to wait.
    pub(super) began: Instant,
}

impl Completer<'_> {
    /// The candidates; empty after the time limit.
    pub(super) fn candidates(&self) -> Vec<CompletionCandidate> {
        let names = match self.wanted {
            Wanted::Columns(noun, _) => {
                noun.columns().map(|column| Candidate::new(column.name, column.meaning)).collect()
            }
            Wanted::Other(Candidates::ActionCommands) => {
                ACTION_COMMANDS.map(|(name, note)| Candidate::new(name, note)).into()
            }
            Wanted::Other(Candidates::Commands) => self.commands(false),
            Wanted::Other(Candidates::CommandsAndTopics) => self.commands(true),
            Wanted::Other(Candidates::ConfigKeys) => {
                keys::SETTINGS.iter().map(|key| Candidate::new(key.name, key.help)).collect()
            }
            Wanted::Other(Candidates::WaitTargets) if !self.current.contains('/') => wait_kinds(),
            Wanted::Other(Candidates::WaitConditions) => self.wait_conditions().unwrap_or_default(),
            _ => self.lookup_names().unwrap_or_default(),
        };
        let typed = folded(self.current);
        let fits = |name: &&Candidate| name.value.starts_with(self.current) || folded(&name.value).starts_with(&typed);
        let candidate = |(at, name): (usize, &Candidate)| {
            let note = sanitize(&name.note).into_owned();
            CompletionCandidate::new(format!("{}{}", name.value, self.wanted.suffix()))
                .help(Some(note).filter(|note| !note.is_empty() && *note != name.value).map(Into::into))
                .display_order(Some(at))
        };
        names.iter().filter(|name| is_plain(&name.value)).filter(fits).enumerate().map(candidate).collect()
    }

    /// The columns of the kind that `c66 wait` is given; without one, those of a stack.
    fn wait_conditions(&self) -> Option<Vec<Candidate>> {
        let what = self.line.read(self.command.clone())?.text("what");
        let noun = wait::noun_of(what.as_deref()?.split('/').next()?)?;
        Some(noun.columns().map(|column| Candidate::new(format!("{}=", column.name), column.meaning)).collect())
    }

    fn lookup_names(&self) -> Option<Vec<Candidate>> {
        let typed = self.line.read(self.command.clone())?;
        let (settings, sandboxed) = settings_of(&typed)?;
        if let Wanted::Other(Candidates::Profiles) = self.wanted {
            return Some(settings.profiles().into_iter().map(|profile| Candidate::new(profile.name, "")).collect());
        }
        if let Wanted::Other(Candidates::KnownServers) = self.wanted {
            return known_servers(&silent_context(settings, sandboxed)).ok();
        }
        if let Wanted::Other(other) = self.wanted
            && let Some(asked) = cloudmc::NameQuery::of(other)
        {
            let lookup = cloudmc::CloudMcLookup::new(settings.clone(), sandboxed, typed.text("org")).ok()?;
            let before = self.line.read_before(cloudmc::with_any_words(self.command.clone(), &typed))?;
            let words = cloudmc::TypedWords { parsed: &typed, before: before.texts("words"), current: self.current };
            return with_deadline(self.began, &settings, lookup.names(asked, &words));
        }
        let lookup = Lookup::new(settings.clone(), sandboxed).ok()?;
        with_deadline(self.began, &settings, self.names(&lookup, &typed))
    }

    async fn names(&self, lookup: &Lookup, typed: &ParsedLine) -> Result<Vec<Candidate>> {
        let args = typed.stack();
        match self.wanted {
            Wanted::Other(Candidates::Stacks) => {
                Ok(stack_names(&lookup.stacks().await?, args.environment.as_deref(), self.current))
            }
            Wanted::Other(Candidates::StackNames) => Ok(shared_names(&lookup.stacks().await?)),
            Wanted::Other(Candidates::Environments) => Ok(environments(&lookup.stacks().await?, args.stack.as_deref())),
            Wanted::Other(Candidates::AlertTypes) => {
                let mut rows = rows_of(lookup, typed, &NOTIFICATIONS_LIST, &["alert_type"]).await?;
                rows.sort();
                rows.dedup();
                Ok(rows.into_iter().flatten().map(|alert| Candidate::new(alert, "")).collect())
            }
            Wanted::Items(NamesOf { noun, .. }) => items(lookup, typed, noun).await,
            Wanted::Other(Candidates::CopyPlaces) => items(lookup, typed, Servers::NOUN).await,
            Wanted::Other(Candidates::Logs) => Ok(logs(lookup.environment(&args).await.ok().flatten())),
            Wanted::Other(Candidates::WaitTargets) => {
                let (kind, typed_name) = self.current.split_once('/').unwrap_or_default();
                let named = self.names_of_kind(lookup, typed, kind, typed_name).await?;
                Ok(named.into_iter().map(|name| Candidate::new(format!("{kind}/{}", name.value), name.note)).collect())
            }
            Wanted::Other(Candidates::WaitNames) => {
                let kind = typed.text("what").unwrap_or_default();
                self.names_of_kind(lookup, typed, &kind, self.current).await
            }
            _ => Err(Error::internal("nothing lists these names")),
        }
    }

    /// The names of things that `c66 wait` can wait for.
    async fn names_of_kind(
        &self,
        lookup: &Lookup,
        typed: &ParsedLine,
        kind: &str,
        current: &str,
    ) -> Result<Vec<Candidate>> {
        let noun = wait::noun_of(kind).ok_or_else(|| Error::internal("an unknown kind"))?;
        if noun.singular == "stack" {
            return Ok(stack_names(&lookup.stacks().await?, typed.stack().environment.as_deref(), current));
        }
        items(lookup, typed, noun).await
    }

    /// The commands below those that the words before name.
    fn commands(&self, with_topics: bool) -> Vec<Candidate> {
        let mut command = Cli::command();
        command.build();
        let words: Vec<&OsStr> = self.line.before().skip_while(|word| *word != "help" && *word != "man").collect();
        let mut found = &command;
        for word in words.iter().skip(1).filter(|word| !word.as_encoded_bytes().starts_with(b"-")) {
            let Some(inner) = found.find_subcommand(word) else { return Vec::new() };
            found = inner;
        }
        let about = |command: &Command| command.get_about().map(ToString::to_string).unwrap_or_default();
        let visible = found.get_subcommands().filter(|command| !command.is_hide_set());
        let mut names: Vec<Candidate> =
            visible.map(|command| Candidate::new(command.get_name(), about(command))).collect();
        if with_topics && words.len() == 1 {
            names.extend(topics::ALL.iter().map(|(name, about)| Candidate::new(*name, *about)));
        }
        names
    }
}

/// The servers whose host keys are known.
fn known_servers(context: &Context) -> Result<Vec<Candidate>> {
    let known = host_keys(context)?.all()?;
    Ok(unambiguous(
        known.iter().map(|one| (vec![folded(one.name()), one.uid.clone()], one.stack().to_owned())).collect(),
    ))
}

/// The logs that the official toolbelt names, and that of the system. Only the server knows the others.
fn logs(environment: Option<String>) -> Vec<Candidate> {
    let of_framework = environment.map(|environment| Candidate::new(format!("{environment}.log"), "the application"));
    let others = [Candidate::new("nginx_error.log", "nginx"), Candidate::new("/var/log/syslog", "the system")];
    of_framework.into_iter().chain(others).collect()
}

/// The kinds of things that `c66 wait` can wait for.
fn wait_kinds() -> Vec<Candidate> {
    let kind = |(kind, _): (&str, &[&str])| match kind {
        "deployment" => Candidate::new(kind, "the newest, or deployment/ID"),
        _ => Candidate::new(format!("{kind}/"), format!("a {kind} by its name")),
    };
    wait::KINDS.into_iter().map(kind).collect()
}

/// The names of a noun's items.
async fn items(lookup: &Lookup, typed: &ParsedLine, noun: &'static Noun) -> Result<Vec<Candidate>> {
    let endpoint = noun.list.ok_or_else(|| Error::internal(format!("nothing lists {}", noun.plural)))?;
    let fields: Vec<&str> = noun.names.iter().chain(noun.notes).copied().collect();
    Ok(names_in(noun, &rows_of(lookup, typed, endpoint, &fields).await?))
}

/// The names of each stack: its name if unique, else with its environment, else its UID.
fn stack_names(stacks: &[StackRef], environment: Option<&str>, current: &str) -> Vec<Candidate> {
    let eligible = stacks.iter().filter(|target| environment.is_none_or(|environment| target.is_in(environment)));
    let described = |target: &StackRef| {
        let name = target.stack.as_ref().and_then(|stack| stack.name.as_deref()).unwrap_or_default();
        // The typed part may rule out the shorter forms.
        let is_uid = current.len() >= UID_LETTERS && target.uid.starts_with(current);
        let name = if is_uid || current.contains('@') { String::new() } else { folded(name) };
        let label = if is_uid { String::new() } else { folded(&target.label()) };
        (vec![name, label, target.uid.clone()], target.label())
    };
    unambiguous(eligible.map(described).collect())
}

/// The distinct names of stacks.
fn shared_names(stacks: &[StackRef]) -> Vec<Candidate> {
    let of = |target: &StackRef| target.stack.as_ref().and_then(|stack| stack.name.as_deref()).map(folded);
    let mut found: Vec<String> = stacks.iter().filter_map(of).collect();
    found.sort();
    found.dedup();
    found.into_iter().map(|name| Candidate::new(name, "")).collect()
}

/// The environments, of stacks with that name if one is given.
fn environments(stacks: &[StackRef], name: Option<&str>) -> Vec<Candidate> {
    let named = |target: &&StackRef| name.is_none_or(|name| folded(&target.label()).starts_with(&folded(name)));
    let of = |target: &StackRef| target.stack.as_ref().and_then(|stack| stack.environment.clone());
    let mut found: Vec<String> = stacks.iter().filter(named).filter_map(of).collect();
    found.sort();
    found.dedup();
    found.into_iter().map(|environment| Candidate::new(environment, "")).collect()
}

/// These fields of every item of `endpoint`; the words of the line select the stack, server or backup.
async fn rows_of(
    lookup: &Lookup,
    typed: &ParsedLine,
    endpoint: &'static Endpoint,
    fields: &[&str],
) -> Result<Vec<Vec<String>>> {
    let mut parts: Vec<(&str, String)> = Vec::new();
    if endpoint.path.contains("{stack_id}") {
        parts.push(("stack_id", lookup.stack(&typed.stack()).await?));
    }
    if endpoint.path.contains("{server_id}") {
        let server = typed.text("server").unwrap_or_default();
        let stack: Vec<_> = parts.iter().map(|(name, part)| (*name, part.as_str())).collect();
        let servers = lookup.rows(&SERVERS_LIST, &stack, &["uid", "name", "address"]).await?;
        let is_meant = |row: &&Vec<String>| row.iter().any(|name| folded(name) == folded(&server));
        let found = servers.iter().find(is_meant).and_then(|row| row.first());
        parts.push(("server_id", found.cloned().unwrap_or(server)));
    }
    if endpoint.path.contains("{backup_id}") {
        parts.push(("backup_id", typed.text("id").unwrap_or_default()));
    }
    if endpoint.path.contains("{account_id}") {
        parts.push(("account_id", lookup.account().await?));
    }
    if endpoint.path.contains("{namespace}") {
        parts.push(("namespace", namespace(lookup, typed).await?));
    }
    let parts: Vec<_> = parts.iter().map(|(name, part)| (*name, part.as_str())).collect();
    lookup.rows(endpoint, &parts, fields).await
}

/// The namespace of the config store that the line means.
async fn namespace(lookup: &Lookup, typed: &ParsedLine) -> Result<String> {
    if let Some(namespace) = typed.text("namespace") {
        return Ok(namespace);
    }
    let (endpoint, field, wanted) = match typed.text("scope").as_deref() {
        Some("account") => (&ACCOUNTS_LIST, "current_account", "true".to_owned()),
        _ => (&STACKS_LIST, "uid", lookup.stack(&typed.stack()).await?),
    };
    let rows = lookup.rows(endpoint, &[], &[field, NAMESPACE]).await?;
    let found = rows.into_iter().find(|row| row.first() == Some(&wanted)).and_then(|row| row.into_iter().nth(1));
    found.filter(|namespace| !namespace.is_empty()).ok_or_else(|| Error::not_found("no namespace"))
}
