//! The names that complete a word.

use std::ffi::OsStr;
use std::time::Instant;

use clap::{Command, CommandFactory};
use clap_complete::engine::CompletionCandidate;

use super::candidate::{Candidate, is_plain, unambiguous};
use super::cloudmc;
use super::columns::{ColumnHelp, columns};
use super::line::{Line, ParsedLine};
use super::lookup::{Lookup, settings_of, with_deadline};
use crate::cloud66::endpoints::{
    ACCOUNTS_LIST, BACKUP_FILES_LIST, BACKUPS_LIST, CLOUDS_LIST, CONTAINERS_LIST, DEPLOYMENTS_LIST, ENVIRONMENTS_LIST,
    FIREWALLS_LIST, NOTIFICATIONS_LIST, SERVER_GROUPS_LIST, SERVER_SETTINGS_LIST, SERVERS_LIST, SERVICES_LIST,
    SETTINGS_LIST, STACK_ACTIONS_LIST, USERS_LIST,
};
use crate::commands::Cli;
use crate::commands::context::stack_match::StackRef;
use crate::commands::help::topics;
use crate::completion::old_candidates::Candidates;
use crate::config::keys;
use crate::error::{Error, Result};
use crate::http::endpoint::Endpoint;
use crate::resource::find::folded;
use crate::text::sanitize::sanitize;

/// The commands that an action can be, as far as they are documented.
const ACTION_COMMANDS: [(&str, &str); 7] = [
    ("restart", "all components of the stack"),
    ("clear_caches", "the git caches"),
    ("maintenance_mode", "value=1 switches it on, value=0 off"),
    ("service_restart", "service_name=NAME"),
    ("service_pause", "service_name=NAME"),
    ("service_resume", "service_name=NAME"),
    ("container_restart", "container_id=UID"),
];

/// From how many letters on a UID is offered: fewer are the beginning of a name.
const UID_LETTERS: usize = 4;
/// How much of a container's UID is offered: it is as good as the whole.
const SHORT_UID: usize = 12;

/// Where names are listed, and in which fields.
struct NameSource {
    endpoint: &'static Endpoint,
    /// The fields that can name one, the best first.
    names: &'static [&'static str],
    /// The fields that say which one it is.
    notes: &'static [&'static str],
    /// Whether it may be typed in small letters and with `-` for a blank.
    folds: bool,
}

impl NameSource {
    const fn new(
        endpoint: &'static Endpoint,
        names: &'static [&'static str],
        notes: &'static [&'static str],
        folds: bool,
    ) -> Self {
        Self { endpoint, names, notes, folds }
    }

    fn of(wanted: Candidates) -> Option<Self> {
        use Candidates as C;
        Some(match wanted {
            C::Services | C::ServiceCounts => Self::new(&SERVICES_LIST, &["name"], &[], false),
            C::Containers => Self::new(&CONTAINERS_LIST, &["uid"], &["service_name", "server_name"], false),
            C::Servers => Self::new(&SERVERS_LIST, &["name", "uid"], &["name", "address"], true),
            C::ServerGroups => Self::new(&SERVER_GROUPS_LIST, &["type", "name", "id"], &["name"], true),
            C::ServerSettings => Self::new(&SERVER_SETTINGS_LIST, &["key"], &[], false),
            C::Variables | C::Assignments => Self::new(&ENVIRONMENTS_LIST, &["key"], &[], false),
            C::Settings => Self::new(&SETTINGS_LIST, &["key"], &[], false),
            C::Backups => Self::new(&BACKUPS_LIST, &["id"], &["db_type", "database_name", "backup_date_iso"], false),
            C::BackupFiles => Self::new(&BACKUP_FILES_LIST, &["id"], &["name"], false),
            C::Deployments => Self::new(&DEPLOYMENTS_LIST, &["id"], &["started_at", "triggered_by"], false),
            C::Actions => Self::new(&STACK_ACTIONS_LIST, &["id"], &["action", "started_at"], false),
            C::FirewallRules => Self::new(&FIREWALLS_LIST, &["id"], &["from_ip", "protocol", "port"], false),
            C::Notifications => Self::new(&NOTIFICATIONS_LIST, &["id"], &["alert_type"], false),
            C::Alerts => Self::new(&NOTIFICATIONS_LIST, &["alert_type"], &[], false),
            C::Clouds => Self::new(&CLOUDS_LIST, &["name"], &["display_name"], false),
            C::Accounts => Self::new(&ACCOUNTS_LIST, &["id"], &["owner"], false),
            C::Users => Self::new(&USERS_LIST, &["email", "id"], &[], false),
            _ => return None,
        })
    }

    /// The names of these rows, with what the other fields say of them.
    fn choose(&self, rows: &[Vec<String>]) -> Vec<Candidate> {
        let count = self.names.len();
        let whole = rows.iter().filter(|row| row.len() == count + self.notes.len());
        let typed = |text: &String| if self.folds { folded(text) } else { text.clone() };
        let described = |row: &Vec<String>| {
            let notes: Vec<&str> = row[count..].iter().map(String::as_str).filter(|note| !note.is_empty()).collect();
            (row[..count].iter().map(typed).collect(), notes.join(", "))
        };
        unambiguous(whole.map(described).collect())
    }
}

/// What completes a word.
pub(super) struct Completer<'q> {
    /// What it stands for.
    pub(super) wanted: Candidates,
    /// The line it stands in.
    pub(super) line: &'q Line,
    /// What reads that line.
    pub(super) command: &'q Command,
    /// As much of it as was typed.
    pub(super) current: &'q str,
    /// When the shell began to wait.
    pub(super) began: Instant,
}

impl Completer<'_> {
    /// The candidates; none when they cannot be had in time.
    pub(super) fn candidates(&self) -> Vec<CompletionCandidate> {
        let names = match self.wanted {
            Candidates::ActionCommands => ACTION_COMMANDS.map(|(name, note)| Candidate::new(name, note)).into(),
            Candidates::Commands | Candidates::CommandsAndTopics => self.commands(),
            Candidates::ConfigKeys => keys::SETTINGS.iter().map(|key| Candidate::new(key.name, key.help)).collect(),
            _ => self.lookup_names().unwrap_or_default(),
        };
        let typed = folded(self.current);
        let fits = |name: &&Candidate| name.value.starts_with(self.current) || folded(&name.value).starts_with(&typed);
        let candidate = |(at, name): (usize, &Candidate)| {
            let note = sanitize(&name.note).into_owned();
            let sign = match self.wanted {
                Candidates::ServiceCounts | Candidates::Assignments | Candidates::ColumnFilters => "=",
                _ => "",
            };
            CompletionCandidate::new(format!("{}{sign}", name.value))
                .help(Some(note).filter(|note| !note.is_empty() && *note != name.value).map(Into::into))
                .display_order(Some(at))
        };
        names.iter().filter(|name| is_plain(&name.value)).filter(fits).enumerate().map(candidate).collect()
    }

    fn lookup_names(&self) -> Option<Vec<Candidate>> {
        let typed = self.line.read(self.command.clone())?;
        let (settings, sandboxed) = settings_of(&typed)?;
        if self.wanted == Candidates::Profiles {
            return Some(settings.profiles().into_iter().map(|profile| Candidate::new(profile.name, "")).collect());
        }
        if matches!(self.wanted, Candidates::Columns | Candidates::ColumnFilters) {
            let mut tree = self.command.clone();
            tree.build();
            return with_deadline(self.began, &settings, async {
                let columns = columns(&tree, &typed.path(), settings.clone()).await?;
                let name =
                    |described: ColumnHelp| Candidate::new(described.column, described.meaning.unwrap_or_default());
                Ok(columns.into_iter().map(name).collect())
            });
        }
        if let Some(asked) = cloudmc::NameQuery::of(self.wanted) {
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
        let source = match self.wanted {
            Candidates::Stacks => {
                return Ok(stack_names(&lookup.stacks().await?, args.environment.as_deref(), self.current));
            }
            Candidates::StackNames => return Ok(shared_names(&lookup.stacks().await?)),
            Candidates::Environments => return Ok(environments(&lookup.stacks().await?, args.stack.as_deref())),
            wanted => NameSource::of(wanted).ok_or_else(|| Error::internal("nothing lists these names"))?,
        };
        let mut parts: Vec<(&str, String)> = Vec::new();
        if source.endpoint.path.contains("{stack_id}") {
            parts.push(("stack_id", lookup.stack(&args).await?));
        }
        match self.wanted {
            Candidates::ServerSettings => {
                let server = typed.text("server").unwrap_or_default();
                let stack: Vec<_> = parts.iter().map(|(name, part)| (*name, part.as_str())).collect();
                let servers = lookup.rows(&SERVERS_LIST, &stack, &["uid", "name", "address"]).await?;
                let is_meant = |row: &&Vec<String>| row.iter().any(|name| folded(name) == folded(&server));
                let found = servers.iter().find(is_meant).and_then(|row| row.first());
                parts.push(("server_id", found.cloned().unwrap_or(server)));
            }
            Candidates::BackupFiles => parts.push(("backup_id", typed.text("id").unwrap_or_default())),
            _ => {}
        }
        let parts: Vec<_> = parts.iter().map(|(name, part)| (*name, part.as_str())).collect();
        let fields: Vec<&str> = source.names.iter().chain(source.notes).copied().collect();
        let mut rows = lookup.rows(source.endpoint, &parts, &fields).await?;
        if self.wanted == Candidates::Containers {
            for uid in rows.iter_mut().filter_map(|row| row.first_mut()) {
                *uid = uid.chars().take(SHORT_UID).collect();
            }
        }
        if self.wanted == Candidates::Alerts {
            rows.sort();
            rows.dedup();
        }
        Ok(source.choose(&rows))
    }

    /// The commands below those that the words before name.
    fn commands(&self) -> Vec<Candidate> {
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
        if self.wanted == Candidates::CommandsAndTopics && words.len() == 1 {
            names.extend(topics::ALL.iter().map(|(name, about)| Candidate::new(*name, *about)));
        }
        names
    }
}

/// What names each stack: its name where no other has it, else with its environment, else its UID.
fn stack_names(stacks: &[StackRef], environment: Option<&str>, current: &str) -> Vec<Candidate> {
    let eligible = stacks.iter().filter(|target| environment.is_none_or(|environment| target.is_in(environment)));
    let described = |target: &StackRef| {
        let name = target.stack.as_ref().and_then(|stack| stack.name.as_deref()).unwrap_or_default();
        // What was typed so far rules out the shorter forms.
        let is_uid = current.len() >= UID_LETTERS && target.uid.starts_with(current);
        let name = if is_uid || current.contains('@') { String::new() } else { folded(name) };
        let label = if is_uid { String::new() } else { folded(&target.label()) };
        (vec![name, label, target.uid.clone()], target.label())
    };
    unambiguous(eligible.map(described).collect())
}

/// The names that stacks have, each once.
fn shared_names(stacks: &[StackRef]) -> Vec<Candidate> {
    let of = |target: &StackRef| target.stack.as_ref().and_then(|stack| stack.name.as_deref()).map(folded);
    let mut found: Vec<String> = stacks.iter().filter_map(of).collect();
    found.sort();
    found.dedup();
    found.into_iter().map(|name| Candidate::new(name, "")).collect()
}

/// The environments there are, of stacks of that name where one is named.
fn environments(stacks: &[StackRef], name: Option<&str>) -> Vec<Candidate> {
    let named = |target: &&StackRef| name.is_none_or(|name| folded(&target.label()).starts_with(&folded(name)));
    let of = |target: &StackRef| target.stack.as_ref().and_then(|stack| stack.environment.clone());
    let mut found: Vec<String> = stacks.iter().filter(named).filter_map(of).collect();
    found.sort();
    found.dedup();
    found.into_iter().map(|environment| Candidate::new(environment, "")).collect()
}
