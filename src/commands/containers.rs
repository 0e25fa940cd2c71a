//! `c66 containers`.

use serde_json::Value;

use super::actions::{command_request, perform};
use super::context::Context;
use super::servers::on_server;
use crate::args::deferred::Deferred;
use crate::cli::runtime::{ContainerAction, Containers as Command};
use crate::cloud66::containers::{CONTAINER_DOWN, CONTAINER_UP, Container, conceal};
use crate::cloud66::endpoints::{CONTAINERS_LIST, CONTAINERS_SHOW, CONTAINERS_STOP};
use crate::cloud66::with_field;
use crate::commands::context::stack_match::Target;
use crate::commands::context::stack_requests::{all_in_stack, list_found, request_in_stack, show_found};
use crate::error::Result;
use crate::output::cell::{Cell, Tone};
use crate::resource::find::named::{self, Names, Noun};
use crate::resource::{Column, Resource};

/// Containers.
struct Containers;

impl Resource for Containers {
    type View = Container;
    const SINGULAR: &'static str = "container";
    const PLURAL: &'static str = "containers";
    const SECRET: bool = true;
    const COLUMNS: &'static [Column<Container>] = &[
        Column::new("service", |container| container.service_name.clone().into()),
        Column::new("server", |container| container.server_name.clone().into()),
        Column::new("uid", |container| container.uid.clone().into()),
        Column::new("image", |container| container.image.clone().into()),
        Column::new("health", health_cell),
        Column::new("started", |container| container.started_at.into()),
        Column::wide("command", |container| container.command.clone().into()),
        Column::wide("ports", |container| Cell::Text(container.ports.join(" "))),
        Column::wide("private_ip", |container| container.private_ip.clone().into()),
        Column::wide("docker_ip", |container| container.docker_ip.clone().into()),
        Column::wide("health_message", |container| container.health_message.clone().into()),
        Column::wide("server_uid", |container| container.server_uid.clone().into()),
        Column::wide("created", |container| container.created_at.into()),
        Column::wide("updated", |container| container.updated_at.into()),
    ];

    fn id(view: &Container) -> Option<String> {
        view.uid.clone()
    }

    fn conceal(item: &mut Value) {
        conceal(item);
    }
}

fn health_cell(container: &Container) -> Cell {
    let tone = match container.health_state {
        Some(CONTAINER_UP) => Tone::Good,
        Some(CONTAINER_DOWN) => Tone::Bad,
        _ => Tone::Dim,
    };
    container.health().map_or(Cell::Empty, |health| Cell::Word(health, tone))
}

/// Carries out `c66 containers …`.
pub(crate) async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::List { server, stack, list } => {
            list_found::<Containers>(context, &stack, &list, async |target| {
                on_server(context, target, request_in_stack(target, &CONTAINERS_LIST, &[])?, &server).await
            })
            .await
        }
        Command::Show { uid, stack, show } => {
            show_found::<Containers>(context, &stack, &show, async |target| {
                let container = find(context, target, &uid).await?;
                let request = request_in_stack(target, &CONTAINERS_SHOW, &[("container_id", container.uid())])?;
                context.cloud66().await?.fetch(&request).await
            })
            .await
        }
        Command::Stop(Deferred(args)) => {
            let (target, container) = wanted(context, &args).await?;
            let request = request_in_stack(&target, &CONTAINERS_STOP, &[("container_id", container.uid())])?;
            let deed = deed("Stop", &container, &target);
            perform(context, &target, request, &deed, &args.write, &args.wait).await
        }
        Command::Restart(Deferred(args)) => {
            let (target, container) = wanted(context, &args).await?;
            // The documents call the parameter by the one name, the official client by the other.
            let request = ["container", "container_id"]
                .iter()
                .fold(command_request(&target, "container_restart")?, |request, name| {
                    with_field(request, name, container.uid())
                });
            let deed = deed("Restart", &container, &target);
            perform(context, &target, request, &deed, &args.write, &args.wait).await
        }
    }
}

async fn wanted(context: &Context, args: &ContainerAction) -> Result<(Target, Container)> {
    let target = context.stack_to_change(&args.stack, &args.write).await?;
    let container = find(context, &target, &args.uid).await?;
    Ok((target, container))
}

fn deed(verb: &str, container: &Container, target: &Target) -> String {
    let uid = container.uid();
    match &container.service_name {
        Some(_) => format!("{verb} container {uid} ({}) of {}", container.label(), target.label()),
        None => format!("{verb} container {uid} of {}", target.label()),
    }
}

/// The container that is meant: a whole UID is taken as it is, the beginning of one is looked up.
async fn find(context: &Context, target: &Target, wanted: &str) -> Result<Container> {
    if wanted.len() == 64 && wanted.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Container { uid: Some(wanted.to_owned()), ..Container::default() });
    }
    let containers: Vec<Container> = all_in_stack(context, target, &CONTAINERS_LIST, &[]).await?;
    let noun = Noun { singular: Containers::SINGULAR, plural: Containers::PLURAL, place: &target.label() };
    let names =
        |container| Names { id: Container::uid(container), label: Container::label(container), others: Vec::new() };
    named::choose(noun, &containers, wanted, names).cloned()
}
