//! `c66 sessions`: sessions in the containers of a service.

use clap::{Args, Subcommand};

use super::actions::perform;
use super::context::Context;
use super::services::Services;
use crate::args::{ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{SESSIONS_CREATE, SESSIONS_FETCH};
use crate::cloud66::sessions::Session;
use crate::cloud66::with_field;
use crate::commands::context::stack_requests::{request_in_stack, show_with_fetch};
use crate::commands::deferred::Deferred;
use crate::error::Result;
use crate::resource::noun::Noun;
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource};

/// `c66 sessions …`
#[derive(Debug, Subcommand)]
pub(crate) enum SessionsCommand {
    /// Open a session in a container of a service
    #[command(
        alias = "open",
        after_help = "Example:\n  c66 sessions create web -s voting-app\n\nThis prepares a pod. To enter it, pass its name to run: c66 run --container POD -i. sessions show has the name; run --new does both."
    )]
    Create(Deferred<CreateSessionArgs>),
    /// Show a session: its pod and its container
    #[command(
        alias = "get",
        after_help = "Examples:\n  c66 sessions show web -s awesome-app@production\n  c66 sessions show web -s voting-app --jq .pod_name\n\nWith a service, the API shows the newest session of it; it lists none. To enter it, pass the name of its pod to run: c66 run --container POD -i."
    )]
    #[command(add = Verb::show(Sessions::NOUN))]
    Show(Deferred<ShowSessionArgs>),
}

/// `c66 sessions create`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&SESSIONS_CREATE]).asks(Asks::OnProduction))]
pub(crate) struct CreateSessionArgs {
    /// Name of the service
    #[arg(add = Services::NOUN.names())]
    pub(crate) service: String,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// `c66 sessions show`
#[derive(Args, Debug)]
pub(crate) struct ShowSessionArgs {
    /// Name of the service
    #[arg(required_unless_present = "uid", conflicts_with = "uid")]
    #[arg(add = Services::NOUN.names())]
    pub(crate) service: Option<String>,
    /// UID of the session
    #[arg(long)]
    pub(crate) uid: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// Sessions.
struct Sessions;

impl Resource for Sessions {
    type View = Session;
    const NOUN: &'static Noun = &Noun::new::<Self>("session", "sessions").shown_by(&SESSIONS_FETCH);
    const COLUMNS: &'static [Column<Session>] = &[
        Column::text("uid", "UID for other commands", |session| session.uid.clone().into()),
        Column::text("service", "service", |session| session.service_name.clone().into()),
        Column::text("title", "title", |session| session.title.clone().into()),
        Column::text("namespace", "Kubernetes namespace", |session| session.namespace.clone().into()),
        Column::text("deployment", "Kubernetes deployment", |session| session.deployment_name.clone().into()),
        Column::text("pod", "pod", |session| session.pod_name.clone().into()),
        Column::text("container", "container in the pod", |session| session.container_name.clone().into()),
        Column::text("command", "command of the service", |session| session.command.clone().into()),
    ];

    fn id(view: &Session) -> Option<String> {
        view.uid.clone()
    }
}

/// Runs `c66 sessions …`.
pub(crate) async fn run(context: &Context, command: SessionsCommand) -> Result<()> {
    match command {
        SessionsCommand::Create(Deferred(args)) => {
            let target = context.stack_for_write(&args.stack, &args.write).await?;
            let request = request_in_stack(&target, &SESSIONS_CREATE, &[])?;
            let request = with_field(request, "service_name", args.service.as_str());
            let prompt = format!("Open a session in {} of {}", args.service, target.label());
            perform(context, &target, request, &prompt, &args.write, &args.wait).await
        }
        SessionsCommand::Show(Deferred(args)) => {
            show_with_fetch::<Sessions>(context, &args.stack, &args.show, async |target| {
                let mut request = request_in_stack(target, &SESSIONS_FETCH, &[])?;
                for (name, value) in [("service_name", &args.service), ("session_id", &args.uid)] {
                    request.query.extend(value.as_ref().map(|value| (name.to_owned(), value.clone())));
                }
                context.cloud66().await?.fetch(&request).await
            })
            .await
        }
    }
}
