//! `c66 stacks create`.
//!
//! The reply has no UID, so the new stack is found by name and environment, and its action polled.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::args::candidates::Candidates;
use crate::args::{ShowArgs, WaitArgs, WriteArgs};
use crate::cloud66::actions::{Action, RunState};
use crate::cloud66::endpoints::{BUILD_TYPES, STACKS_CREATE, STACKS_LIST};
use crate::cloud66::envelope::Document;
use crate::cloud66::stacks::Stack;
use crate::cloud66::{Cloud66, request, with_field};
use crate::commands::actions::{self, show_request};
use crate::commands::cells::health_cell;
use crate::commands::clouds::Clouds;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::{Context, DEPLOYMENT_TIMEOUT};
use crate::commands::stacks::status_cell;
use crate::error::{Error, Kind, Result};
use crate::files::input;
use crate::http::Request;
use crate::output::cell::Cell;
use crate::resource::find::folded;
use crate::resource::noun::Noun;
use crate::resource::show::{print_verdict, show};
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key};
use crate::wait::{Operation, Poll};

/// `c66 stacks create`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&STACKS_CREATE]).asks(Asks::OnProduction))]
pub(crate) struct CreateStackArgs {
    /// Name of the new stack
    #[arg(long, short_alias = 'n')]
    pub(crate) name: String,
    /// Environment of the new stack
    #[arg(long, short)]
    #[arg(add = Candidates::Environments)]
    pub(crate) environment: String,
    /// Service definition (service.yml); - reads stdin
    #[arg(long, alias = "service_yaml", short_alias = 's', value_name = "FILE")]
    pub(crate) service_yaml: PathBuf,
    /// Manifest (manifest.yml) with the servers to build on; - reads stdin
    #[arg(long, alias = "manifest_yaml", short_alias = 'm', value_name = "FILE")]
    pub(crate) manifest_yaml: Option<PathBuf>,
    /// Cloud to create servers in, without a manifest
    #[arg(long, value_name = "NAME")]
    #[arg(add = Clouds::NOUN.names())]
    pub(crate) cloud: Option<String>,
    /// Region of that cloud
    #[arg(long, value_name = "ID")]
    pub(crate) region: Option<String>,
    /// Size of the servers
    #[arg(long, value_name = "ID")]
    pub(crate) size: Option<String>,
    /// All services on one server, or spread over several
    #[arg(long, value_name = "TYPE", value_parser = clap::builder::PossibleValuesParser::new(BUILD_TYPES))]
    pub(crate) build_type: Option<String>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// The new stack.
struct Creation;

#[derive(Deserialize)]
struct Created {
    action: Option<Action>,
    stack: Option<Stack>,
}

impl Created {
    fn of<T>(&self, field: impl Fn(&Stack) -> Option<T>) -> Cell
    where
        Cell: From<Option<T>>,
    {
        self.stack.as_ref().and_then(field).into()
    }
}

impl Resource for Creation {
    type View = Created;
    const NOUN: &'static Noun = &Noun::new::<Self>("new stack", "new stacks");
    const COLUMNS: &'static [Column<Created>] = &[
        key(Column::text("uid", "UID for other commands", |created| created.of(|stack| stack.uid.clone()))),
        key(Column::text("name", "name for other commands", |created| created.of(|stack| stack.name.clone()))),
        Column::text("environment", "environment, such as production", |created| {
            created.of(|stack| stack.environment.clone())
        }),
        Column::text("status", "state of the last deployment", |created| {
            created.stack.as_ref().map_or(Cell::Empty, |stack| status_cell(stack.status))
        }),
        Column::text("health", "health: Healthy, Impaired, Failed, Building or Unknown", |created| {
            created.stack.as_ref().map_or(Cell::Empty, |stack| health_cell(stack.health))
        }),
        Column::text("action", "id of the action", |created| {
            created.action.as_ref().and_then(|action| action.id).into()
        }),
    ];

    fn id(view: &Created) -> Option<String> {
        view.stack.as_ref()?.uid.clone()
    }
}

/// The result as JSON.
#[derive(Serialize)]
struct CreateStackJson<'d> {
    ok: bool,
    action: Option<&'d RawValue>,
    stack: Option<&'d RawValue>,
}

/// Runs `c66 stacks create`.
pub(crate) async fn run(context: &Context, args: &CreateStackArgs) -> Result<()> {
    let request = create_request(args)?;
    let client = context.cloud66().await?;
    let label = format!("{}@{}", args.name, args.environment);
    // A dry run is not sent, so an existing stack does not matter.
    if !args.write.dry_run && find(client, args).await?.is_some() {
        return Err(Error::new(Kind::Refused, format!("stack {label} already exists"))
            .hint("choose another --name or --environment"));
    }
    let stack =
        Stack { environment: Some(args.environment.clone()), name: Some(args.name.clone()), ..Stack::default() };
    let target = StackRef { uid: String::new(), stack: Some(stack), name: None };
    let prompt = format!("Create {label}");
    if !context.confirm_write(&target, &prompt, std::slice::from_ref(&request), &args.write).await? {
        return Ok(());
    }
    // The guard must be held from here to the end of the wait: a signal in between must not end the program silently.
    let _guard = context.signals.guard()?;
    context.clear_stack_cache().await?;
    // Report invalid wait settings before anything is sent.
    let waiter = context.waiter(&args.wait.poll_args, DEPLOYMENT_TIMEOUT).await?;
    let started = context.send(&target, &request).await?;
    let action: Option<Action> = started.as_ref().map(Document::view).transpose()?;
    let id = action.and_then(|action| action.id);
    if args.wait.no_wait {
        // The stack is being created, so a failure to show it does not matter.
        let stack = find(client, args).await.unwrap_or_else(|error| {
            context.printer.warn(&format!("cannot show the stack: {}", error.message()));
            None
        });
        let document = compose(true, started.as_ref(), stack.as_ref())?;
        return show::<Creation>(&context.printer, &ShowArgs::default(), document);
    }
    let operation = Operation {
        label: format!("creation of {label}"),
        attach: format!("c66{} actions wait --latest --stack {}", context.global_flags, shell_label(args)),
        cancel: None,
        action_id: id,
        deployment_id: None,
        follows_write: true,
    };
    let (action, stack) = waiter.wait_for(&operation, false, || poll(client, args, id)).await?;
    let verdict = match &action {
        Some(action) => actions::verdict(&action.view()?),
        None => Ok(()),
    };
    let document = compose(verdict.is_ok(), action.as_ref(), Some(&stack))?;
    print_verdict::<Creation>(&context.printer, document, verdict)
}

type Ended = (Option<Document>, Document);

async fn poll(client: &Cloud66, args: &CreateStackArgs, id: Option<u64>) -> Result<Poll<Ended>> {
    let Some(stack) = find(client, args).await? else {
        return Ok(Poll::Running("waiting for the stack to appear".to_owned()));
    };
    let target = StackRef::try_from(&stack)?;
    let Some(id) = id else { return Ok(Poll::Done((None, stack), "created".to_owned())) };
    let action = client.fetch(&show_request(&target, id)?).await?;
    let state = action.view::<Action>()?.state();
    if state == RunState::Running {
        let status = target.stack.and_then(|stack| stack.status).and_then(crate::cloud66::stacks::status_name);
        return Ok(Poll::Running(status.unwrap_or("running").to_lowercase()));
    }
    // Fetched again: the earlier reply may be older than the end.
    let stack = find(client, args).await?.unwrap_or(stack);
    Ok(Poll::Done((Some(action), stack), state.as_str().to_owned()))
}

async fn find(client: &Cloud66, args: &CreateStackArgs) -> Result<Option<Document>> {
    for document in client.fetch_all(request(&STACKS_LIST, &[])?).await? {
        let stack: Stack = document.view()?;
        let is = |given: &Option<String>, wanted: &str| {
            given.as_deref().is_some_and(|given| folded(given) == folded(wanted))
        };
        if is(&stack.name, &args.name) && is(&stack.environment, &args.environment) {
            return Ok(Some(document));
        }
    }
    Ok(None)
}

fn compose(ok: bool, action: Option<&Document>, stack: Option<&Document>) -> Result<Document> {
    Document::from_serialize(&CreateStackJson {
        ok,
        action: action.map(Document::raw),
        stack: stack.map(Document::raw),
    })
}

fn shell_label(args: &CreateStackArgs) -> String {
    crate::text::quote::shell_quote(&format!("{}@{}", args.name, args.environment))
}

fn create_request(args: &CreateStackArgs) -> Result<Request> {
    for (flag, value) in [("--name", &args.name), ("--environment", &args.environment)] {
        if value.trim().is_empty() {
            return Err(Error::usage(format!("{flag} cannot be empty")));
        }
    }
    let places =
        [("cloud", &args.cloud), ("region", &args.region), ("size", &args.size), ("build_type", &args.build_type)];
    let missing: Vec<String> = places
        .iter()
        .filter(|(_, value)| value.is_none())
        .map(|(name, _)| format!("--{}", name.replace('_', "-")))
        .collect();
    if args.manifest_yaml.is_none() && !missing.is_empty() {
        return Err(Error::usage(format!("missing {} (required unless --manifest-yaml is given)", missing.join(", ")))
            .hint("see c66 clouds list, c66 clouds regions NAME and c66 clouds sizes NAME"));
    }
    if input::is_stdin(&args.service_yaml) && args.manifest_yaml.as_deref().is_some_and(input::is_stdin) {
        return Err(Error::usage("stdin can be used for one file only"));
    }
    let mut request = request(&STACKS_CREATE, &[])?;
    request = with_field(with_field(request, "name", args.name.as_str()), "environment", args.environment.as_str());
    request = with_field(request, "service_yaml", input::read(&args.service_yaml)?);
    if let Some(path) = &args.manifest_yaml {
        request = with_field(request, "manifest_yaml", input::read(path)?);
    }
    for (name, value) in places {
        if let Some(value) = value {
            request = with_field(request, name, value.as_str());
        }
    }
    Ok(request)
}
