//! `c66 env`: the environment variables of a stack.

mod bulk_update;
mod diff;
pub(crate) mod dotenv;
mod edit;
mod file;
pub(crate) mod name;
mod push;
mod rollback;
mod run;
mod set;
mod unset;

use std::collections::HashMap;
use std::path::Path;

use clap::Subcommand;

use super::bulk;
use super::context::Context;
use crate::args::{BulkArgs, ListArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{
    APPLY_STRATEGIES, ENVIRONMENTS_BULK_UPDATE, ENVIRONMENTS_CREATE, ENVIRONMENTS_DELETE, ENVIRONMENTS_LIST,
    ENVIRONMENTS_SHOW, ENVIRONMENTS_UPDATE,
};
use crate::cloud66::envelope::Document;
use crate::cloud66::environments::{HistoryEntry, Variable, redact, redact_value};
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::commands::deferred::Deferred;
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::output::Format;
use crate::output::cell::Cell;
use crate::resource::find::suggestions;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::show::show;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 env …`
#[derive(Debug, Subcommand)]
pub(crate) enum EnvCommand {
    /// List the environment variables of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 env list -s awesome-app@production\n  c66 env list POSTGRESQL_PASSWORD --reveal -s awesome-app@production"
    )]
    #[command(add = Verb::list(EnvVariables::NOUN))]
    List {
        /// Only these variables
        #[arg(value_name = "KEY")]
        #[arg(add = EnvVariables::NOUN.names())]
        keys: Vec<String>,
        /// Show passwords
        #[arg(long)]
        reveal: bool,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Print the value of one variable
    #[command(after_help = "Example:\n  c66 env get STACK_GIT_BRANCH -s awesome-app@production")]
    #[command(add = Verb::calls(&[&ENVIRONMENTS_LIST]))]
    Get {
        /// Name of the variable
        #[arg(add = EnvVariables::NOUN.names())]
        key: String,
        #[command(flatten)]
        stack: StackArgs,
    },
    /// Create or change variables
    #[command(
        after_help = "Examples:\n  c66 env set RAILS_ENV=staging -s awesome-app@production\n  c66 env set CERT=@cert.pem -s awesome-app@production\n  pass show db | c66 env set DB_PASSWORD=- -s awesome-app@production --yes"
    )]
    #[command(add = Verb::calls(&[&ENVIRONMENTS_CREATE, &ENVIRONMENTS_UPDATE, &ENVIRONMENTS_BULK_UPDATE]).asks(Asks::OnProduction))]
    Set {
        /// KEY=VALUE, KEY=@FILE, or KEY=- for stdin; a plain KEY prompts
        #[arg(required = true, value_name = "KEY=VALUE")]
        #[arg(add = EnvVariables::NOUN.names_before("="))]
        assignments: Vec<String>,
        /// When to apply the change on the servers
        #[arg(long, value_name = "WHEN", value_parser = clap::builder::PossibleValuesParser::new(APPLY_STRATEGIES))]
        apply_strategy: Option<String>,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        bulk: BulkArgs,
        #[command(flatten)]
        write: WriteArgs,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Delete variables
    #[command(after_help = "Example:\n  c66 env unset OLD_KEY -s awesome-app@production --yes")]
    #[command(add = Verb::calls(&[&ENVIRONMENTS_DELETE]).asks(Asks::Always))]
    Unset {
        /// Names of the variables
        #[arg(required = true, value_name = "KEY")]
        #[arg(add = EnvVariables::NOUN.names())]
        keys: Vec<String>,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        bulk: BulkArgs,
        #[command(flatten)]
        write: WriteArgs,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Write the variables of a stack to a file
    #[command(
        after_help = "Examples:\n  c66 env pull .env -s awesome-app@production\n  eval \"$(c66 env pull --format shell -s awesome-app@production)\""
    )]
    Pull(Deferred<file::PullArgs>),
    /// Push the variables of a file to a stack
    #[command(
        after_help = "Examples:\n  c66 env push .env -s awesome-app@production --dry-run\n  c66 env push .env -s awesome-app@production --prune --yes"
    )]
    Push(Deferred<push::PushArgs>),
    /// Compare a file with the variables of a stack; exits with 11 if they differ
    #[command(after_help = "Example:\n  c66 env diff .env -s awesome-app@production")]
    Diff(Deferred<diff::DiffArgs>),
    /// Change the variables of a stack in your editor
    #[command(after_help = "Example:\n  c66 env edit -s awesome-app@production")]
    Edit(Deferred<edit::EditArgs>),
    /// Run a command with the variables of a stack in its environment
    #[command(after_help = "Example:\n  c66 env run -s awesome-app@production -- rails console")]
    Run(Deferred<run::RunArgs>),
    /// Restore an earlier value of a variable
    #[command(after_help = "Example:\n  c66 env rollback POSTGRESQL_USERNAME -s awesome-app@production")]
    Rollback(Deferred<rollback::RollbackArgs>),
    /// List the earlier values of a variable
    #[command(after_help = "Example:\n  c66 env history POSTGRESQL_USERNAME -s awesome-app@production")]
    #[command(add = Verb::calls(&[&ENVIRONMENTS_SHOW]).prints(PlainHistory::NOUN))]
    History {
        /// Name of the variable
        #[arg(add = EnvVariables::NOUN.names())]
        key: String,
        /// Show passwords
        #[arg(long)]
        reveal: bool,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
}

/// Environment variables.
struct EnvVariables;

impl Resource for EnvVariables {
    type View = Variable;
    const NOUN: &'static Noun = &Noun::new::<Self>("environment variable", "environment variables")
        .listed_by(&ENVIRONMENTS_LIST)
        .named_by(&["key"])
        .concealed_by(redact);
    const COLUMNS: &'static [Column<Variable>] = &[
        key(Column::text("key", "name for other commands", |variable| variable.key.clone().into())),
        Column::text("value", "value", |variable| variable.value.clone().into()),
        minor(Column::flag("readonly", "whether it cannot be changed", |variable| variable.readonly.into())),
        minor(Column::flag("generated", "whether Cloud 66 generated it", |variable| variable.is_generated.into())),
        minor(Column::time("updated", "when it was last changed", |variable| variable.updated_at.clone().into())),
        wide(Column::flag("password", "whether the value is a password (masked in tables)", |variable| {
            variable.is_password.into()
        })),
        wide(Column::time("created", "when it was created", |variable| variable.created_at.clone().into())),
        wide(Column::number("id", "its number", |variable| variable.id.into())),
    ];

    fn id(view: &Variable) -> Option<String> {
        view.key.clone()
    }
}

/// Earlier values of a variable that is not a password.
struct PlainHistory;

/// Earlier values of a password.
struct SecretHistory;

const HISTORY_COLUMNS: &[Column<HistoryEntry>] = &[
    Column::text("value", "value", |earlier| earlier.value.clone().into()),
    Column::time("created", "when it was created", |earlier| earlier.created_at.clone().into()),
    minor(Column::time("updated", "when it was last changed", |earlier| earlier.updated_at.clone().into())),
    wide(Column::number("entry", "id of the entry", |earlier| earlier.key.map_or(Cell::Empty, Cell::from))),
];

impl Resource for PlainHistory {
    type View = HistoryEntry;
    const NOUN: &'static Noun = &Noun::new::<Self>("earlier value", "earlier values");
    const COLUMNS: &'static [Column<HistoryEntry>] = HISTORY_COLUMNS;

    fn id(view: &HistoryEntry) -> Option<String> {
        view.key.map(|key| key.to_string())
    }
}

impl Resource for SecretHistory {
    type View = HistoryEntry;
    const NOUN: &'static Noun =
        &Noun::new::<Self>(PlainHistory::NOUN.singular, PlainHistory::NOUN.plural).concealed_by(redact_value);
    const COLUMNS: &'static [Column<HistoryEntry>] = HISTORY_COLUMNS;

    fn id(view: &HistoryEntry) -> Option<String> {
        PlainHistory::id(view)
    }
}

/// Runs `c66 env …`; returns the exit code.
pub(crate) async fn run(context: &Context, command: EnvCommand) -> Result<u8> {
    match command {
        EnvCommand::Run(Deferred(args)) => return run::run(context, &args).await,
        EnvCommand::Diff(Deferred(args)) => return diff::diff(context, &args).await,
        EnvCommand::Pull(Deferred(args)) => file::pull(context, &args).await?,
        EnvCommand::Push(Deferred(args)) => push::push(context, &args).await?,
        EnvCommand::Edit(Deferred(args)) => edit::edit(context, &args).await?,
        EnvCommand::Rollback(Deferred(args)) => rollback::rollback(context, &args).await?,
        EnvCommand::List { keys, reveal, stack, list } => {
            let Some(listing) = Listing::of::<EnvVariables>(&context.printer, &list)? else {
                return Ok(0);
            };
            let listing = listing.revealing(reveal);
            let read = async |target: &StackRef| {
                if keys.is_empty() {
                    let pages = context.cloud66().await?.pages(list_request(target)?, listing.max_items());
                    return listing.print(pages, None).await;
                }
                let all = StackVariables::fetch(context, target).await?;
                let named = keys.iter().map(|key| all.require(key).map(|(_, document)| document.clone()));
                listing.print_documents(named.collect::<Result<_>>()?).await
            };
            context.read_in_stack(&stack, read).await?;
        }
        EnvCommand::Get { key, stack } => get(context, &key, &stack).await?,
        EnvCommand::Set { assignments, apply_strategy, stack, bulk, write, wait } => {
            let takes_stdin = bulk.stacks_from.as_deref() == Some(Path::new("-"));
            let wanted = set::read_assignments(context, &assignments, takes_stdin)?;
            let set_variables = set::SetVariables { wanted, apply_strategy: apply_strategy.as_deref(), wait: &wait };
            match bulk.stacks_from {
                Some(_) => bulk::run(context, &set_variables, &stack, &bulk, &write).await?,
                None => set_variables.run(context, &stack, &write).await?,
            }
        }
        EnvCommand::Unset { keys, stack, bulk, write, wait } => {
            let unset_variables = unset::UnsetVariables { keys: &keys, wait: &wait };
            match bulk.stacks_from {
                Some(_) => bulk::run(context, &unset_variables, &stack, &bulk, &write).await?,
                None => unset_variables.run(context, &stack, &write).await?,
            }
        }
        EnvCommand::History { key, reveal, stack, list } => history(context, &key, reveal, &stack, &list).await?,
    }
    Ok(0)
}

async fn get(context: &Context, key: &str, stack: &StackArgs) -> Result<()> {
    let all =
        context.read_in_stack(stack, async |target: &StackRef| StackVariables::fetch(context, target).await).await?;
    let (variable, document) = all.require(key)?;
    if context.printer.is_structured() {
        context.printer.document(document)?;
    } else if matches!(context.printer.format(), Format::Table | Format::Wide | Format::Name) {
        // A value requested by name is printed unchanged: a pipe needs every byte and no other.
        let value = variable.value.clone().unwrap_or_default();
        context.printer.write_value(&value)?;
    } else {
        return show::<EnvVariables>(&context.printer, &ShowArgs::default(), document.clone());
    }
    context.printer.flush()
}

/// A variable as the API shows it by id.
#[derive(serde::Deserialize)]
struct VariableHistory {
    #[serde(default)]
    history: Vec<Box<serde_json::value::RawValue>>,
}

async fn history(context: &Context, key: &str, reveal: bool, stack: &StackArgs, list: &ListArgs) -> Result<()> {
    // Whether it is a password decides what may be shown, which is known only later.
    let Some(plain) = Listing::of::<PlainHistory>(&context.printer, list)? else { return Ok(()) };
    let read = async |target: &StackRef| {
        let all = StackVariables::fetch(context, target).await?;
        let (variable, _) = all.require(key)?;
        Ok((variable.is_password == Some(false), history_of(context, target, variable).await?))
    };
    let (is_plain, entries) = context.read_in_stack(stack, read).await?;
    if is_plain {
        return plain.print_documents(entries).await;
    }
    match Listing::of::<SecretHistory>(&context.printer, list)? {
        Some(listing) => listing.revealing(reveal).print_documents(entries).await,
        None => Ok(()),
    }
}

async fn history_of(context: &Context, target: &StackRef, variable: &Variable) -> Result<Vec<Document>> {
    let key = variable.key();
    let id =
        variable.id.ok_or_else(|| Error::new(Kind::BadReply, format!("the API returned no id for {key}")))?.to_string();
    let mut request = request_in_stack(target, &ENVIRONMENTS_SHOW, &[("environment_id", &id)])?;
    request.secrets.push("value");
    let shown = context.cloud66().await?.fetch(&request).await?;
    Ok(shown.view::<VariableHistory>()?.history.into_iter().map(Document::new).collect())
}

/// The earlier values of a variable.
async fn earlier_values(context: &Context, target: &StackRef, variable: &Variable) -> Result<Vec<HistoryEntry>> {
    history_of(context, target, variable).await?.iter().map(Document::view).collect()
}

/// The current variables of a stack.
struct StackVariables {
    label: String,
    /// The names, in the API's order.
    keys: Vec<String>,
    by_key: HashMap<String, (Variable, Document)>,
}

impl StackVariables {
    async fn fetch(context: &Context, target: &StackRef) -> Result<Self> {
        let all = context.cloud66().await?.fetch_all(list_request(target)?).await?;
        let mut by_key = HashMap::new();
        let mut keys = Vec::new();
        for document in all {
            let variable: Variable = document.view()?;
            if variable.is_password == Some(true)
                && let Some(value) = &variable.value
            {
                context.printer.add_secret(value);
            }
            keys.push(variable.key().to_owned());
            by_key.insert(variable.key().to_owned(), (variable, document));
        }
        Ok(Self { label: target.label(), keys, by_key })
    }

    /// The names, in the API's order.
    fn keys(&self) -> impl Iterator<Item = &String> {
        self.keys.iter()
    }

    /// Names and values, in the API's order.
    fn to_pairs(&self) -> Vec<(String, String)> {
        let values = self.keys.iter().filter_map(|key| Some((key, &self.by_key.get(key)?.0)));
        values.map(|(key, variable)| (key.clone(), variable.value.clone().unwrap_or_default())).collect()
    }

    /// Whether the user created the variable, and may delete it: neither generated nor readonly.
    fn is_own(&self, key: &str) -> bool {
        self.get(key)
            .is_some_and(|(variable, _)| variable.readonly != Some(true) && variable.is_generated != Some(true))
    }

    fn get(&self, key: &str) -> Option<&(Variable, Document)> {
        self.by_key.get(key)
    }

    fn require(&self, key: &str) -> Result<&(Variable, Document)> {
        self.get(key).ok_or_else(|| {
            let mut error = Error::not_found(format!("{} has no environment variable `{key}`", self.label));
            for near in suggestions(key, self.by_key.keys().map(String::as_str)) {
                error = error.hint(format!("did you mean `{near}`?"));
            }
            error
        })
    }
}

fn list_request(target: &StackRef) -> Result<Request> {
    let mut request = request_in_stack(target, &ENVIRONMENTS_LIST, &[])?;
    // Traces are shared with others, and not every secret is marked as a password.
    request.secrets.push("value");
    Ok(request)
}
