//! `c66 containers`.

use clap::{Args, Subcommand};

use super::actions::{WritePhrase, perform_as, run_action_request};
use super::context::Context;
use super::servers::on_server;
use crate::args::{ListArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::containers::{CONTAINER_DOWN, CONTAINER_UP, Container, redact};
use crate::cloud66::endpoints::{CONTAINERS_LIST, CONTAINERS_SHOW, CONTAINERS_STOP, STACK_ACTIONS_RUN};
use crate::cloud66::with_field;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{all_in_stack, list_with_request, request_in_stack, show_with_fetch};
use crate::commands::deferred::Deferred;
use crate::commands::servers::ServerArgs;
use crate::error::Result;
use crate::output::cell::{Cell, Tone};
use crate::resource::find::named::{self, ItemNames, LookupLabels};
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, minor, short, wide};

/// `c66 containers …`
#[derive(Debug, Subcommand)]
pub(crate) enum ContainersCommand {
    /// List the containers of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 containers list -s awesome-app@production\n  c66 containers list -s awesome-app@production --filter service=web --filter health~Down"
    )]
    #[command(add = Verb::list(Containers::NOUN))]
    List {
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one container with its runtime details
    #[command(
        alias = "info",
        after_help = "Examples:\n  c66 containers show cba44fa6 -s awesome-app@production\n  c66 containers show cba44fa6 -s awesome-app@production --jq .runtime.Config.Cmd"
    )]
    #[command(add = Verb::show(Containers::NOUN))]
    Show {
        /// UID of the container, or a unique prefix
        #[arg(add = Containers::NOUN.names())]
        uid: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Stop one container
    #[command(after_help = "Example:\n  c66 containers stop cba44fa6 -s awesome-app@production")]
    #[command(add = Verb::calls(&[&CONTAINERS_STOP]).asks(Asks::OnProduction))]
    Stop(Deferred<ContainerActionArgs>),
    /// Restart one container
    #[command(after_help = "Example:\n  c66 containers restart cba44fa6 -s awesome-app@production")]
    #[command(add = Verb::calls(&[&STACK_ACTIONS_RUN]).asks(Asks::OnProduction))]
    Restart(Deferred<ContainerActionArgs>),
}

/// An action on one container.
#[derive(Args, Debug)]
pub(crate) struct ContainerActionArgs {
    /// UID of the container, or a unique prefix
    #[arg(add = Containers::NOUN.names())]
    pub(crate) uid: String,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Containers.
pub(crate) struct Containers;

impl Resource for Containers {
    type View = Container;
    const NOUN: &'static Noun = &Noun::new::<Self>("container", "containers")
        .listed_by(&CONTAINERS_LIST)
        .shown_by(&CONTAINERS_SHOW)
        .named_by(&["uid"])
        .told_apart_by(&["service_name", "server_name"])
        .shortened(12)
        .concealed_by(redact);
    const COLUMNS: &'static [Column<Container>] = &[
        Column::text("service", "service", |container| container.service_name.clone().into()),
        minor(Column::text("server", "server", |container| container.server_name.clone().into())),
        short(
            |uid| uid.get(..12).unwrap_or(uid),
            Column::text("uid", "UID for other commands", |container| container.uid.clone().into()),
        ),
        minor(Column::text("image", "image", |container| container.image.clone().into())),
        Column::text("health", "health, and its source", health_cell),
        Column::time("started", "start time", |container| container.started_at.clone().into()),
        wide(Column::text("command", "command", |container| container.command.clone().into())),
        wide(Column::text("ports", "published ports", |container| Cell::Text(container.ports.join(", ")))),
        wide(Column::text("private_ip", "address in the container network", |container| {
            container.private_ip.clone().into()
        })),
        wide(Column::text("docker_ip", "address in the Docker network", |container| {
            container.docker_ip.clone().into()
        })),
        wide(Column::text("health_message", "message of the health check", |container| {
            container.health_message.clone().into()
        })),
        wide(Column::text("server_uid", "UID of the server", |container| container.server_uid.clone().into())),
        wide(Column::time("created", "when it was created", |container| container.created_at.clone().into())),
        wide(Column::time("updated", "when it was last changed", |container| container.updated_at.clone().into())),
    ];

    fn id(view: &Container) -> Option<String> {
        view.uid.clone()
    }
}

fn health_cell(container: &Container) -> Cell {
    let tone = match container.health_state {
        Some(CONTAINER_UP) => Tone::Good,
        Some(CONTAINER_DOWN) => Tone::Bad,
        _ => Tone::Dim,
    };
    container.health().map_or(Cell::Empty, |health| Cell::State(health, tone))
}

/// Runs `c66 containers …`.
pub(crate) async fn run(context: &Context, command: ContainersCommand) -> Result<()> {
    match command {
        ContainersCommand::List { server, stack, list } => {
            list_with_request::<Containers>(context, &stack, &list, async |target| {
                on_server(context, target, request_in_stack(target, &CONTAINERS_LIST, &[])?, &server).await
            })
            .await
        }
        ContainersCommand::Show { uid, stack, show } => {
            show_with_fetch::<Containers>(context, &stack, &show, async |target| {
                let container = find(context, target, &uid).await?;
                let request = request_in_stack(target, &CONTAINERS_SHOW, &[("container_id", container.uid())])?;
                context.cloud66().await?.fetch(&request).await
            })
            .await
        }
        ContainersCommand::Stop(Deferred(args)) => {
            let (target, container) = find_container(context, &args).await?;
            let request = request_in_stack(&target, &CONTAINERS_STOP, &[("container_id", container.uid())])?;
            let phrase = phrase("Stop", &container, &target);
            perform_as(context, &target, request, &phrase, &args.write, &args.wait).await
        }
        ContainersCommand::Restart(Deferred(args)) => {
            let (target, container) = find_container(context, &args).await?;
            // The documentation and the official client use different names for the parameter.
            let request = ["container", "container_id"]
                .iter()
                .fold(run_action_request(&target, "container_restart")?, |request, name| {
                    with_field(request, name, container.uid())
                });
            let phrase = phrase("Restart", &container, &target);
            perform_as(context, &target, request, &phrase, &args.write, &args.wait).await
        }
    }
}

async fn find_container(context: &Context, args: &ContainerActionArgs) -> Result<(StackRef, Container)> {
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let container = find(context, &target, &args.uid).await?;
    Ok((target, container))
}

fn phrase(verb: &str, container: &Container, target: &StackRef) -> WritePhrase {
    let uid = container.uid();
    WritePhrase::new(match &container.service_name {
        Some(_) => format!("{verb} container {uid} ({}) of {}", container.label(), target.label()),
        None => format!("{verb} container {uid} of {}", target.label()),
    })
}

/// Finds the container: a full UID is used unchanged, a prefix is looked up.
async fn find(context: &Context, target: &StackRef, wanted: &str) -> Result<Container> {
    if wanted.len() == 64 && wanted.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Container { uid: Some(wanted.to_owned()), ..Container::default() });
    }
    choose_container(&containers(context, target).await?, target, wanted).cloned()
}

/// The containers of a stack.
pub(crate) async fn containers(context: &Context, target: &StackRef) -> Result<Vec<Container>> {
    all_in_stack::<Containers>(context, target).await
}

/// Finds the container among `containers`.
pub(crate) fn choose_container<'c>(
    containers: &'c [Container],
    target: &StackRef,
    wanted: &str,
) -> Result<&'c Container> {
    let owner = target.label();
    let lookup_labels = LookupLabels::of(Containers::NOUN, &owner);
    let names =
        |container| ItemNames { id: Container::uid(container), label: Container::label(container), others: Vec::new() };
    named::choose(lookup_labels, containers, wanted, names)
}
