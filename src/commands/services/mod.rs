//! `c66 services`.

mod scale;

use super::actions::{perform, run_action_request};
use super::context::Context;
use super::servers::{find, narrowed, on_server};
use crate::args::deferred::Deferred;
use crate::args::{StackArgs, WaitArgs, WriteArgs};
use crate::cli::runtime::{ServerArgs, ServiceAction, Services as Command};
use crate::cloud66::endpoints::{SERVICES_LIST, SERVICES_SHOW, SERVICES_STOP};
use crate::cloud66::envelope::Document;
use crate::cloud66::servers::Server;
use crate::cloud66::services::Service;
use crate::cloud66::with_field;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{all_in_stack, list_with_request, request_in_stack, show_with_fetch};
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::output::cell::Cell;
use crate::resource::find::named::{ItemNames, LookupLabels, not_found_error};
use crate::resource::noun::Noun;
use crate::resource::{Column, Resource, wide};

/// Services.
pub(super) struct Services;

impl Resource for Services {
    type View = Service;
    const NOUN: &'static Noun = &Noun::new::<Self>("service", "services")
        .command("services")
        .listed_by(&SERVICES_LIST)
        .shown_by(&SERVICES_SHOW)
        .named_by(&["name"]);
    const COLUMNS: &'static [Column<Service>] = &[
        Column::text("name", "name that other commands take", |service| service.name.clone().into()),
        Column::number("containers", "how many containers run", |service| Cell::from(service.containers.len() as u64)),
        Column::text("servers", "servers it runs on", |service| {
            joined(&service.each(|container| container.server_name.clone()))
        }),
        Column::text("image", "image it was started from", |service| {
            let images = service.each(|container| container.image.clone());
            if images.is_empty() { service.image_name.clone().into() } else { joined(&images) }
        }),
        wide(Column::text("command", "what runs in it", |service| {
            joined(&service.each(|container| container.command.clone()))
        })),
        wide(Column::text("ports", "ports, each with that on the server", |service| {
            joined(&service.each(|container| Some(container.ports.join(" "))))
        })),
        wide(Column::time("started", "when it began", |service| service.started_at().into())),
        wide(Column::number("wanted", "how many containers should run", |service| service.desired_count.into())),
        wide(Column::text("git_ref", "branch, tag or commit it was built from", |service| {
            service.git_ref.clone().into()
        })),
    ];

    fn id(view: &Service) -> Option<String> {
        view.name.clone()
    }
}

fn joined(texts: &[String]) -> Cell {
    if texts.is_empty() { Cell::Empty } else { Cell::Text(texts.join(", ")) }
}

/// Carries out `c66 services …`.
pub(crate) async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::List { server, stack, list } => {
            list_with_request::<Services>(context, &stack, &list, async |target| {
                on_server(context, target, request_in_stack(target, &SERVICES_LIST, &[])?, &server).await
            })
            .await
        }
        Command::Show { name, server, stack, show } => {
            show_with_fetch::<Services>(context, &stack, &show, async |target| {
                let server = server_of(context, target, &server).await?;
                fetch(context, target, &name, server.as_ref()).await
            })
            .await
        }
        Command::Scale { counts, group, server, stack, write, wait } => {
            let scale_request = scale::ScaleRequest::parse(&counts, group, server.server)?;
            scale::scale(context, &scale_request, &stack, &write, &wait).await
        }
        Command::Stop(Deferred(ServiceAction { name, server, stack, write, wait })) => {
            let request = |target: &StackRef, on: Option<&Server>| {
                let request = request_in_stack(target, &SERVICES_STOP, &[("service_name", &name)])?;
                Ok(on.map_or(request.clone(), |server| narrowed(request, server)))
            };
            act(
                context,
                &ServiceWrite { verb: "Stop", name: Some(&name), server: &server },
                request,
                &stack,
                &write,
                &wait,
            )
            .await
        }
        Command::Restart { name, server, stack, write, wait } => {
            let service_write = ServiceWrite { verb: "Restart", name: name.as_deref(), server: &server };
            let request = to_run("service_restart", name.as_deref());
            act(context, &service_write, request, &stack, &write, &wait).await
        }
        Command::Pause(Deferred(ServiceAction { name, server, stack, write, wait })) => {
            let service_write = ServiceWrite { verb: "Pause", name: Some(&name), server: &server };
            act(context, &service_write, to_run("service_pause", Some(&name)), &stack, &write, &wait).await
        }
        Command::Resume(Deferred(ServiceAction { name, server, stack, write, wait })) => {
            let service_write = ServiceWrite { verb: "Resume", name: Some(&name), server: &server };
            act(context, &service_write, to_run("service_resume", Some(&name)), &stack, &write, &wait).await
        }
    }
}

/// What is done to which service, for messages; without a name, to all.
struct ServiceWrite<'c> {
    verb: &'c str,
    name: Option<&'c str>,
    server: &'c ServerArgs,
}

impl ServiceWrite<'_> {
    fn prompt(&self, target: &StackRef, server: Option<&Server>) -> String {
        let what = self.name.map_or_else(|| "all services".to_owned(), |name| format!("service {name}"));
        let place = server.map(|server| format!(" on {}", server.name())).unwrap_or_default();
        format!("{} {what}{place} of {}", self.verb, target.label())
    }
}

/// The request that runs `command` on a service, on all servers or on one.
fn to_run(command: &str, name: Option<&str>) -> impl Fn(&StackRef, Option<&Server>) -> Result<Request> {
    move |target, server| {
        let mut request = run_action_request(target, command)?;
        if let Some(name) = name {
            request = with_field(request, "service_name", name);
        }
        if let Some(server) = server {
            // The documents call the parameter by the one name, the official client by the other.
            request = with_field(request, "server_id_filter", server.uid());
            request = with_field(request, "server_uid", server.uid());
        }
        Ok(request)
    }
}

async fn act(
    context: &Context,
    service_write: &ServiceWrite<'_>,
    request: impl Fn(&StackRef, Option<&Server>) -> Result<Request>,
    stack: &StackArgs,
    write: &WriteArgs,
    wait: &WaitArgs,
) -> Result<()> {
    let target = context.stack_for_write(stack, write).await?;
    let server = server_of(context, &target, service_write.server).await?;
    if let Some(name) = service_write.name {
        // A command for a service that is not there is taken, and does nothing.
        fetch(context, &target, name, None).await?;
    }
    let prompt = service_write.prompt(&target, server.as_ref());
    perform(context, &target, request(&target, server.as_ref())?, &prompt, write, wait).await
}

async fn server_of(context: &Context, target: &StackRef, server: &ServerArgs) -> Result<Option<Server>> {
    match &server.server {
        Some(wanted) => find(context, target, wanted).await.map(Some),
        None => Ok(None),
    }
}

/// The service of that name, on all servers or on one.
pub(super) async fn fetch(
    context: &Context,
    target: &StackRef,
    name: &str,
    server: Option<&Server>,
) -> Result<Document> {
    let request = request_in_stack(target, &SERVICES_SHOW, &[("service_name", name)])?;
    let request = server.map_or(request.clone(), |server| narrowed(request, server));
    match context.cloud66().await?.fetch(&request).await {
        Err(error) if error.kind() == Kind::NotFound => {
            let services: Vec<Service> = all_in_stack(context, target, &SERVICES_LIST, &[]).await?;
            let is_there = services.iter().any(|service| service.name() == name);
            Err(if is_there { error } else { no_service(target, &services, name) })
        }
        reply => reply,
    }
}

/// That a stack has no service of that name, with those it has.
fn no_service(target: &StackRef, services: &[Service], name: &str) -> Error {
    let names: Vec<ItemNames<'_>> = services.iter().map(|service| ItemNames::only(service.name())).collect();
    let lookup_labels =
        LookupLabels { singular: Services::NOUN.singular, plural: Services::NOUN.plural, owner: &target.label() };
    not_found_error(lookup_labels, name, &names)
}
