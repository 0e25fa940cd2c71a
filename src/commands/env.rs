//! `c66 env`: the environment variables of a stack.

use std::collections::HashMap;
use std::io::Read;

use serde_json::Value;

use super::actions::{Actions, send, verdict};
use super::context::Context;
use crate::cli::args::{ListArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cli::stack::Env as Command;
use crate::cloud66::actions::Action;
use crate::cloud66::endpoints::{
    ENVIRONMENTS_CREATE, ENVIRONMENTS_DELETE, ENVIRONMENTS_LIST, ENVIRONMENTS_SHOW, ENVIRONMENTS_UPDATE,
};
use crate::cloud66::envelope::Document;
use crate::cloud66::environments::{Earlier, Variable, conceal, conceal_value};
use crate::cloud66::{request, with_field};
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::output::Format;
use crate::output::cell::Cell;
use crate::resource::change::acknowledge;
use crate::resource::find::{Target, nearest};
use crate::resource::list::Listing;
use crate::resource::show::show;
use crate::resource::{Column, Resource};

/// Environment variables.
struct Variables;

impl Resource for Variables {
    type View = Variable;
    const SINGULAR: &'static str = "environment variable";
    const PLURAL: &'static str = "environment variables";
    const SECRET: bool = true;
    const COLUMNS: &'static [Column<Variable>] = &[
        Column::new("key", |variable| variable.key.clone().into()),
        Column::new("value", |variable| variable.value.clone().into()),
        Column::new("readonly", |variable| variable.readonly.into()),
        Column::new("generated", |variable| variable.is_generated.into()),
        Column::new("updated", |variable| variable.updated_at().into()),
        Column::wide("password", |variable| variable.is_password.into()),
        Column::wide("created", |variable| variable.created_at().into()),
        Column::wide("id", |variable| variable.id.into()),
    ];

    fn id(view: &Variable) -> Option<String> {
        view.key.clone()
    }

    fn conceal(item: &mut Value) {
        conceal(item);
    }
}

/// Earlier values of a variable that is no password.
struct PlainHistory;

/// Earlier values of a password.
struct SecretHistory;

const HISTORY_COLUMNS: &[Column<Earlier>] = &[
    Column::new("value", |earlier| earlier.value.clone().into()),
    Column::new("created", |earlier| earlier.created_at.into()),
    Column::new("updated", |earlier| earlier.updated_at.into()),
    Column::wide("entry", |earlier| earlier.key.map_or(Cell::Empty, Cell::from)),
];

impl Resource for PlainHistory {
    type View = Earlier;
    const SINGULAR: &'static str = "earlier value";
    const PLURAL: &'static str = "earlier values";
    const COLUMNS: &'static [Column<Earlier>] = HISTORY_COLUMNS;

    fn id(view: &Earlier) -> Option<String> {
        view.key.map(|key| key.to_string())
    }
}

impl Resource for SecretHistory {
    type View = Earlier;
    const SINGULAR: &'static str = PlainHistory::SINGULAR;
    const PLURAL: &'static str = PlainHistory::PLURAL;
    const SECRET: bool = true;
    const COLUMNS: &'static [Column<Earlier>] = HISTORY_COLUMNS;

    fn id(view: &Earlier) -> Option<String> {
        PlainHistory::id(view)
    }

    fn conceal(item: &mut Value) {
        conceal_value(item);
    }
}

/// Carries out `c66 env …`.
///
/// # Errors
/// Whatever the command says.
pub async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::List { keys, reveal, stack, list } => {
            let Some(listing) = Listing::<Variables>::new(&context.console, &context.plan, &list)? else {
                return Ok(());
            };
            let target = context.stack(&stack, false).await?;
            let most = listing.most_items().filter(|_| keys.is_empty());
            if keys.is_empty() {
                let pages = context.cloud66().await?.pages(list_request(&target)?, most);
                return listing.revealing(reveal).print(pages, |_| true).await;
            }
            let all = Existing::fetch(context, &target).await?;
            let named = keys.iter().map(|key| all.require(key).map(|(_, document)| document.clone()));
            let named = named.collect::<Result<Vec<_>>>()?;
            listing.revealing(reveal).print_documents(named).await
        }
        Command::Get { key, stack } => get(context, &key, &stack).await,
        Command::Set { assignments, apply_strategy, stack, write, wait } => {
            set(context, &assignments, apply_strategy.as_deref(), &stack, &write, &wait).await
        }
        Command::Unset { keys, stack, write } => unset(context, &keys, &stack, &write).await,
        Command::History { key, reveal, stack, list } => history(context, &key, reveal, &stack, &list).await,
    }
}

async fn get(context: &Context, key: &str, stack: &StackArgs) -> Result<()> {
    let target = context.stack(stack, false).await?;
    let all = Existing::fetch(context, &target).await?;
    let (variable, document) = all.require(key)?;
    if context.plan.is_text_faithful() {
        context.plan.document(&context.console, document)?;
    } else if matches!(context.plan.format, Format::Table | Format::Wide | Format::Name) {
        // Asked for by name, a value is given as it is: whoever pipes it on wants every byte and no other.
        let value = variable.value.clone().unwrap_or_default();
        context.console.write(|out| writeln!(out, "{value}"))?;
    } else {
        return show::<Variables>(&context.console, &context.plan, &ShowArgs::default(), document.clone());
    }
    context.console.flush()
}

/// A variable as it is shown by number.
#[derive(serde::Deserialize)]
struct Shown {
    #[serde(default)]
    history: Vec<Box<serde_json::value::RawValue>>,
}

async fn history(context: &Context, key: &str, reveal: bool, stack: &StackArgs, list: &ListArgs) -> Result<()> {
    // Which of the two it is decides what may be shown; that is known only later.
    let Some(plain) = Listing::<PlainHistory>::new(&context.console, &context.plan, list)? else { return Ok(()) };
    let target = context.stack(stack, false).await?;
    let all = Existing::fetch(context, &target).await?;
    let (variable, _) = all.require(key)?;
    let id =
        variable.id.ok_or_else(|| Error::new(Kind::BadReply, format!("the API sent no number for {key}")))?.to_string();
    let request = request(&ENVIRONMENTS_SHOW, &[("stack_id", &target.uid), ("environment_id", &id)])?;
    let shown = context.cloud66().await?.fetch(&request).await?;
    let entries = shown.view::<Shown>()?.history.into_iter().map(Document::new).collect();
    if variable.is_password == Some(false) {
        return plain.print_documents(entries).await;
    }
    match Listing::<SecretHistory>::new(&context.console, &context.plan, list)? {
        Some(listing) => listing.revealing(reveal).print_documents(entries).await,
        None => Ok(()),
    }
}

async fn set(
    context: &Context,
    assignments: &[String],
    apply_strategy: Option<&str>,
    stack: &StackArgs,
    write: &WriteArgs,
    wait: &WaitArgs,
) -> Result<()> {
    let wanted = read_assignments(context, assignments)?;
    let target = context.stack_to_change(stack, write).await?;
    let all = Existing::fetch(context, &target).await?;
    let mut changes = Vec::new();
    for (key, value) in &wanted {
        match all.get(key) {
            Some((variable, _)) if variable.readonly == Some(true) => {
                return Err(Error::new(Kind::Refused, format!("{key} is readonly")).cause("nothing was changed"));
            }
            Some((variable, _)) if variable.value.as_deref() == Some(value) => {
                context.console.note(&format!("{key} has that value already"));
            }
            existing => changes.push(change_request(&target, key, value, existing.is_some(), apply_strategy)?),
        }
    }
    if changes.is_empty() {
        return acknowledge(context.cloud66().await?.transport(), &context.plan, None, "nothing to change");
    }
    let keys: Vec<&str> = changes.iter().map(|(key, _)| key.as_str()).collect();
    let deed = format!("set {}", keys.join(", "));
    let requests: Vec<Request> = changes.iter().map(|(_, request)| request.clone()).collect();
    if !context.may_send(&target, &deed, &requests, write, false).await? {
        return Ok(());
    }
    apply(context, &target, &changes, wait, assignments.len() == 1).await
}

/// Sends the changes one after the other (two at once would be in each other's way on the stack), and prints what
/// became of them. One that fails ends it: what was done before and what was not is said.
async fn apply(
    context: &Context,
    target: &Target,
    changes: &[(String, Request)],
    wait: &WaitArgs,
    single: bool,
) -> Result<()> {
    let mut done = Vec::new();
    for (index, (key, request)) in changes.iter().enumerate() {
        let outcome = send(context, target, request, wait).await;
        let failed = match outcome {
            Ok(Some(document)) => {
                let verdict = document.view::<Action>().and_then(|action| self::verdict(&action));
                done.push(document);
                verdict.err()
            }
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if let Some(error) = failed {
            let name = |(key, _): &(String, Request)| key.clone();
            let before: Vec<String> = changes[..index].iter().map(name).collect();
            let after: Vec<String> = changes[index + 1..].iter().map(name).collect();
            let mut error = error;
            if changes.len() > 1 {
                let said = |keys: &[String]| if keys.is_empty() { "nothing".to_owned() } else { keys.join(", ") };
                error = error.hint(format!(
                    "done before {key}: {}; not sent after it: {}; the same command does the rest",
                    said(&before),
                    said(&after)
                ));
            }
            return Err(error);
        }
    }
    if single && let Some(document) = done.pop() {
        return show::<Actions>(&context.console, &context.plan, &ShowArgs::default(), document);
    }
    if done.is_empty() {
        return acknowledge(context.cloud66().await?.transport(), &context.plan, None, "done");
    }
    match Listing::<Actions>::new(&context.console, &context.plan, &ListArgs::default())? {
        Some(listing) => listing.print_documents(done).await,
        None => Ok(()),
    }
}

async fn unset(context: &Context, keys: &[String], stack: &StackArgs, write: &WriteArgs) -> Result<()> {
    let target = context.stack_to_change(stack, write).await?;
    let all = Existing::fetch(context, &target).await?;
    let mut requests = Vec::new();
    for key in keys {
        let (variable, _) = all.require(key)?;
        let why = match (variable.readonly, variable.is_generated) {
            (Some(true), _) => "is readonly",
            (_, Some(true)) => "was generated by Cloud 66",
            _ => {
                requests.push(request(&ENVIRONMENTS_DELETE, &[("stack_id", &target.uid), ("key", key)])?);
                continue;
            }
        };
        return Err(
            Error::new(Kind::Refused, format!("{key} {why} and cannot be deleted")).cause("nothing was changed")
        );
    }
    if !context.may_send(&target, &format!("delete {}", keys.join(", ")), &requests, write, true).await? {
        return Ok(());
    }
    let client = context.cloud66().await?;
    let mut last = None;
    for (index, request) in requests.iter().enumerate() {
        last = client.call(request).await.map_err(|error| match index {
            0 => error,
            _ => error.hint(format!("deleted before that: {}", keys[..index].join(", "))),
        })?;
    }
    acknowledge(
        client.transport(),
        &context.plan,
        last.filter(|_| keys.len() == 1),
        &format!("deleted {}", keys.join(", ")),
    )
}

fn change_request(
    target: &Target,
    key: &str,
    value: &str,
    exists: bool,
    apply_strategy: Option<&str>,
) -> Result<(String, Request)> {
    let mut request = if exists {
        request(&ENVIRONMENTS_UPDATE, &[("stack_id", &target.uid), ("key", key)])?
    } else {
        with_field(request(&ENVIRONMENTS_CREATE, &[("stack_id", &target.uid)])?, "key", key)
    };
    request = with_field(request, "value", value);
    if let Some(strategy) = apply_strategy {
        request = with_field(request, "apply_strategy", strategy);
    }
    Ok((key.to_owned(), request))
}

/// Reads `KEY=VALUE`, `KEY=@FILE`, `KEY=-` and bare `KEY`s; the last of a key that is named twice is an error.
fn read_assignments(context: &Context, assignments: &[String]) -> Result<Vec<(String, String)>> {
    let mut wanted: Vec<(String, String)> = Vec::new();
    let mut stdin_taken = false;
    for assignment in assignments {
        let (key, source) = match assignment.split_once('=') {
            Some((key, source)) => (key, Some(source)),
            None => (assignment.as_str(), None),
        };
        if key.is_empty() || key.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
            return Err(Error::usage(format!("`{key}` cannot be the name of a variable")).hint("write KEY=VALUE"));
        }
        if wanted.iter().any(|(given, _)| given == key) {
            return Err(Error::usage(format!("{key} is set twice")));
        }
        let value = match source {
            None => context
                .asker()?
                .secret(&format!("Value of {key}"), &format!("{key}=VALUE, {key}=@FILE or {key}=- gives it"))?,
            Some("-") if stdin_taken => return Err(Error::usage("stdin can be the value of one variable only")),
            Some("-") => {
                stdin_taken = true;
                read_stdin()?
            }
            Some(source) => match source.strip_prefix('@') {
                Some(path) => std::fs::read_to_string(path)
                    .map_err(|error| Error::local_file(format!("read the value of {key} from {path}"), &error))?,
                None => source.to_owned(),
            },
        };
        context.console.hide(&value);
        wanted.push((key.to_owned(), value));
    }
    Ok(wanted)
}

/// stdin to its end, without the line break that `echo` and most password managers put there.
fn read_stdin() -> Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Error::local_file("read the value from stdin", &error))?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

/// The variables that a stack has now.
struct Existing {
    label: String,
    by_key: HashMap<String, (Variable, Document)>,
}

impl Existing {
    async fn fetch(context: &Context, target: &Target) -> Result<Self> {
        let all = context.cloud66().await?.all(list_request(target)?).await?;
        let mut by_key = HashMap::new();
        for document in all {
            let variable: Variable = document.view()?;
            if variable.is_password == Some(true)
                && let Some(value) = &variable.value
            {
                context.console.hide(value);
            }
            by_key.insert(variable.key().to_owned(), (variable, document));
        }
        Ok(Self { label: target.label(), by_key })
    }

    fn get(&self, key: &str) -> Option<&(Variable, Document)> {
        self.by_key.get(key)
    }

    fn require(&self, key: &str) -> Result<&(Variable, Document)> {
        self.get(key).ok_or_else(|| {
            let mut error = Error::not_found(format!("{} has no environment variable `{key}`", self.label));
            for near in nearest(key, self.by_key.keys().map(String::as_str)) {
                error = error.hint(format!("did you mean `{near}`?"));
            }
            error
        })
    }
}

fn list_request(target: &Target) -> Result<Request> {
    request(&ENVIRONMENTS_LIST, &[("stack_id", &target.uid)])
}
