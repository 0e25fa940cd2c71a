//! `c66 services`.

pub(crate) mod scale;

use clap::{Args, Subcommand};

use super::actions::{WritePhrase, perform_as, run_action_request};
use super::context::Context;
use super::servers::{find, narrowed, on_server};
use crate::args::{ListArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{SERVICES_LIST, SERVICES_SCALE, SERVICES_SHOW, SERVICES_STOP, STACK_ACTIONS_RUN};
use crate::cloud66::envelope::Document;
use crate::cloud66::servers::Server;
use crate::cloud66::services::Service;
use crate::cloud66::with_field;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::{all_in_stack, list_with_request, request_in_stack, show_with_fetch};
use crate::commands::deferred::Deferred;
use crate::commands::server_groups::ServerGroups;
use crate::commands::servers::ServerArgs;
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::output::cell::Cell;
use crate::resource::find::named::{ItemNames, LookupLabels, not_found_error};
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 services …`
#[derive(Debug, Subcommand)]
pub(crate) enum ServicesCommand {
    /// List the services of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 services list -s awesome-app@production\n  c66 services list -s awesome-app@production --server gazelle -o wide"
    )]
    #[command(add = Verb::list(Services::NOUN))]
    List {
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one service
    #[command(alias = "info", after_help = "Example:\n  c66 services show web -s awesome-app@production")]
    #[command(add = Verb::show(Services::NOUN))]
    Show {
        /// Name of the service
        #[arg(add = Services::NOUN.names())]
        name: String,
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Set how many containers of a service run
    #[command(
        after_help = "Examples:\n  c66 services scale web=3 worker=+1 --group web -s shop\n  c66 services scale web=-1 --server gazelle -s shop"
    )]
    #[command(add = Verb::calls(&[&SERVICES_SCALE]).asks(Asks::OnProduction))]
    Scale {
        /// NAME=3 sets the count; NAME=+1 and NAME=-1 change it [also: NAME 3, NAME+1]
        #[arg(required = true, value_name = "NAME=N")]
        #[arg(add = Services::NOUN.names_before("="))]
        counts: Vec<String>,
        /// Scale over the servers of this group or role
        #[arg(long, value_name = "GROUP", conflicts_with = "server")]
        #[arg(add = ServerGroups::NOUN.names())]
        group: Option<String>,
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        write: WriteArgs,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Stop every container of a service
    #[command(after_help = "Example:\n  c66 services stop worker --server gazelle -s shop")]
    #[command(add = Verb::calls(&[&SERVICES_STOP]).asks(Asks::OnProduction))]
    Stop(Deferred<ServiceActionArgs>),
    /// Restart a service, or all of them
    #[command(after_help = "Examples:\n  c66 services restart -s shop\n  c66 services restart web -s shop")]
    #[command(add = Verb::calls(&[&STACK_ACTIONS_RUN]).asks(Asks::OnProduction))]
    Restart {
        /// Name of the service [default: all]
        #[arg(add = Services::NOUN.names())]
        name: Option<String>,
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        write: WriteArgs,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Pause the containers of a service
    #[command(after_help = "Example:\n  c66 services pause worker -s shop")]
    #[command(add = Verb::calls(&[&STACK_ACTIONS_RUN]).asks(Asks::OnProduction))]
    Pause(Deferred<ServiceActionArgs>),
    /// Resume the containers of a paused service
    #[command(after_help = "Example:\n  c66 services resume worker -s shop")]
    #[command(add = Verb::calls(&[&STACK_ACTIONS_RUN]).asks(Asks::OnProduction))]
    Resume(Deferred<ServiceActionArgs>),
}

/// An action on one service.
#[derive(Args, Debug)]
pub(crate) struct ServiceActionArgs {
    /// Name of the service
    #[arg(add = Services::NOUN.names())]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Services.
pub(crate) struct Services;

impl Resource for Services {
    type View = Service;
    const NOUN: &'static Noun = &Noun::new::<Self>("service", "services")
        .listed_by(&SERVICES_LIST)
        .shown_by(&SERVICES_SHOW)
        .named_by(&["name"]);
    const COLUMNS: &'static [Column<Service>] = &[
        key(Column::text("name", "name for other commands", |service| service.name.clone().into())),
        Column::number("containers", "number of running containers", |service| {
            Cell::from(service.containers.len() as u64)
        }),
        Column::text("servers", "servers", |service| {
            joined(&service.distinct(|container| container.server_name.clone()))
        }),
        minor(Column::text("image", "image", |service| {
            let images = service.distinct(|container| container.image.clone());
            if images.is_empty() { service.image_name.clone().into() } else { joined(&images) }
        })),
        wide(Column::text("command", "command", |service| {
            joined(&service.distinct(|container| container.command.clone()))
        })),
        wide(Column::text("ports", "published ports", |service| {
            joined(&service.distinct(|container| Some(container.ports.join(", "))))
        })),
        wide(Column::time("started", "start time", |service| service.started_at().into())),
        wide(Column::number("wanted", "wanted number of containers", |service| service.desired_count.into())),
        wide(Column::text("git_ref", "branch, tag or commit of the build", |service| service.git_ref.clone().into())),
    ];

    fn id(view: &Service) -> Option<String> {
        view.name.clone()
    }
}

fn joined(texts: &[String]) -> Cell {
    if texts.is_empty() { Cell::Empty } else { Cell::Text(texts.join(", ")) }
}

/// Runs `c66 services …`.
pub(crate) async fn run(context: &Context, command: ServicesCommand) -> Result<()> {
    match command {
        ServicesCommand::List { server, stack, list } => {
            list_with_request::<Services>(context, &stack, &list, async |target| {
                on_server(context, target, request_in_stack(target, &SERVICES_LIST, &[])?, &server).await
            })
            .await
        }
        ServicesCommand::Show { name, server, stack, show } => {
            show_with_fetch::<Services>(context, &stack, &show, async |target| {
                let server = server_of(context, target, &server).await?;
                fetch(context, target, &name, server.as_ref()).await
            })
            .await
        }
        ServicesCommand::Scale { counts, group, server, stack, write, wait } => {
            let scale_request = scale::ScaleRequest::parse(&counts, group, server.server)?;
            scale::scale(context, &scale_request, &stack, &write, &wait).await
        }
        ServicesCommand::Stop(Deferred(ServiceActionArgs { name, server, stack, write, wait })) => {
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
        ServicesCommand::Restart { name, server, stack, write, wait } => {
            let service_write = ServiceWrite { verb: "Restart", name: name.as_deref(), server: &server };
            let request = to_run("service_restart", name.as_deref());
            act(context, &service_write, request, &stack, &write, &wait).await
        }
        ServicesCommand::Pause(Deferred(ServiceActionArgs { name, server, stack, write, wait })) => {
            let service_write = ServiceWrite { verb: "Pause", name: Some(&name), server: &server };
            act(context, &service_write, to_run("service_pause", Some(&name)), &stack, &write, &wait).await
        }
        ServicesCommand::Resume(Deferred(ServiceActionArgs { name, server, stack, write, wait })) => {
            let service_write = ServiceWrite { verb: "Resume", name: Some(&name), server: &server };
            act(context, &service_write, to_run("service_resume", Some(&name)), &stack, &write, &wait).await
        }
    }
}

/// The action and its service for messages; all services without a name.
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
            // The documentation and the official client use different names for the parameter.
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
        // The API accepts a command for a missing service, and does nothing.
        fetch(context, &target, name, None).await?;
    }
    let phrase = WritePhrase::new(service_write.prompt(&target, server.as_ref()));
    perform_as(context, &target, request(&target, server.as_ref())?, &phrase, write, wait).await
}

async fn server_of(context: &Context, target: &StackRef, server: &ServerArgs) -> Result<Option<Server>> {
    match &server.server {
        Some(wanted) => find(context, target, wanted).await.map(Some),
        None => Ok(None),
    }
}

/// Finds the service of that name, on all servers or on one.
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
            let services: Vec<Service> = all_in_stack::<Services>(context, target).await?;
            let is_there = services.iter().any(|service| service.name() == name);
            Err(if is_there { error } else { no_service(target, &services, name) })
        }
        reply => reply,
    }
}

/// The error for an unknown service, with the existing ones.
fn no_service(target: &StackRef, services: &[Service], name: &str) -> Error {
    let names: Vec<ItemNames<'_>> = services.iter().map(|service| ItemNames::only(service.name())).collect();
    let owner = target.label();
    let lookup_labels = LookupLabels::of(Services::NOUN, &owner);
    not_found_error(lookup_labels, name, &names)
}
