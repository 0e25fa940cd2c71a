//! `c66 stacks`.
pub(crate) mod create;
pub(crate) mod open;
mod reboot;

use clap::{Args, Subcommand};

use crate::args::candidates::Candidates;
use crate::args::{BulkArgs, ListArgs, ShowArgs, StackArgs, StackTargetArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{STACK_ACTIONS_RUN, STACKS_LIST, STACKS_REBOOT, STACKS_SHOW};
use crate::cloud66::request;
use crate::cloud66::stacks::{Stack, status_name};
use crate::commands::actions::RunAction;
use crate::commands::cells::{code_cell, health_cell};
use crate::commands::context::Context;
use crate::commands::context::stack_match::{self, StackRef};
use crate::commands::deferred::Deferred;
use crate::commands::deployments::redeploy::{self, RedeployArgs};
use crate::commands::stacks::create::CreateStackArgs;
use crate::error::{Error, Result};
use crate::output::cell::{Cell, Tone};
use crate::resource::columns::Item;
use crate::resource::find::folded;
use crate::resource::list::{ItemPredicate, Listing};
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor, short, wide};

/// `c66 stacks …`
#[derive(Debug, Subcommand)]
pub(crate) enum StacksCommand {
    /// List the stacks you can access
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 stacks list\n  c66 stacks list --filter environment=staging --sort last_activity:desc\n  c66 stacks list -o name"
    )]
    #[command(add = Verb::list(Stacks::NOUN))]
    List {
        /// Only stacks with these names, as in --stack
        #[arg(value_name = "NAME")]
        #[arg(add = Candidates::StackNames)]
        names: Vec<String>,
        /// Only stacks in this environment
        #[arg(short, long, value_name = "NAME")]
        #[arg(add = Candidates::Environments)]
        environment: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one stack
    #[command(
        after_help = "Examples:\n  c66 stacks show awesome-app@production\n  c66 stacks show -s awesome-app@production --jq .fqdn"
    )]
    #[command(add = Verb::show(Stacks::NOUN))]
    Show {
        #[command(flatten)]
        target: StackTargetArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Open the page of a stack, or its site, in the browser
    #[command(
        after_help = "Examples:\n  c66 stacks open awesome-app@production\n  c66 stacks open awesome-app@production --site\n  c66 stacks open awesome-app@production --site --print\n\nPrints the address instead of opening it if stdout is not a terminal, in structured formats and in the sandbox."
    )]
    #[command(add = Verb::calls(&[&STACKS_SHOW]))]
    Open {
        #[command(flatten)]
        target: StackTargetArgs,
        /// Open the stack's site instead of its Cloud 66 page
        #[arg(long)]
        site: bool,
        /// Print the address without opening it
        #[arg(long)]
        print: bool,
    },
    /// Create a Docker stack and wait until it is deployed
    #[command(
        after_help = "Examples:\n  c66 stacks create --name shop --environment staging --service-yaml service.yml --manifest-yaml manifest.yml\n  c66 stacks create --name shop --environment staging --service-yaml service.yml --cloud aws --region us-east-1 --size t2.micro --build-type single"
    )]
    Create(Deferred<CreateStackArgs>),
    /// Restart all components of a stack
    #[command(
        after_help = "Examples:\n  c66 stacks restart awesome-app@production --yes\n  c66 stacks restart --stacks-from stacks.txt --concurrency 4"
    )]
    #[command(add = Verb::calls(&[&STACK_ACTIONS_RUN]).asks(Asks::OnProduction))]
    Restart(Deferred<StackActionArgs>),
    /// Clear the git caches of a stack
    #[command(alias = "clear_caches", after_help = "Example:\n  c66 stacks clear-caches awesome-app@staging")]
    #[command(add = Verb::calls(&[&STACK_ACTIONS_RUN]).asks(Asks::OnProduction))]
    ClearCaches(Deferred<StackActionArgs>),
    /// Switch maintenance mode on or off
    #[command(after_help = "Example:\n  c66 stacks maintenance on -s awesome-app@production")]
    Maintenance(Deferred<MaintenanceArgs>),
    /// Reboot the servers of a stack, or of one group
    #[command(
        after_help = "Examples:\n  c66 stacks reboot awesome-app@production --group web --yes\n  c66 stacks reboot awesome-app@production --group all --strategy parallel"
    )]
    #[command(add = Verb::calls(&[&STACKS_REBOOT]).asks(Asks::Always))]
    Reboot(Deferred<reboot::RebootStackArgs>),
    /// Redeploy a stack and wait for the outcome
    #[command(hide = true)]
    Redeploy(Deferred<RedeployArgs>),
}

/// An action on a whole stack.
#[derive(Args, Debug)]
pub(crate) struct StackActionArgs {
    #[command(flatten)]
    pub(crate) target: StackTargetArgs,
    #[command(flatten)]
    pub(crate) bulk: BulkArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// `c66 stacks maintenance`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&STACK_ACTIONS_RUN]).asks(Asks::OnProduction))]
pub(crate) struct MaintenanceArgs {
    /// On or off
    #[arg(value_parser = ["on", "off"])]
    pub(crate) switch: String,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) bulk: BulkArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Stacks.
pub(crate) struct Stacks;

impl Resource for Stacks {
    type View = Stack;
    const NOUN: &'static Noun = &Noun::new::<Self>("stack", "stacks").listed_by(&STACKS_LIST).shown_by(&STACKS_SHOW);
    const COLUMNS: &'static [Column<Stack>] = &[
        key(Column::text("name", "name for other commands", |stack| stack.name.clone().into())),
        Column::text("environment", "environment, such as production", |stack| stack.environment.clone().into()),
        short(short_status, Column::text("status", "state of the last deployment", |stack| status_cell(stack.status))),
        Column::text("health", "health: Healthy, Impaired, Failed, Building or Unknown", |stack| {
            health_cell(stack.health)
        }),
        minor(Column::text("cloud", "cloud", |stack| stack.cloud.clone().into())),
        minor(Column::time("last_activity", "last activity", |stack| stack.last_activity.clone().into())),
        Column::uid("uid", "UID for other commands", |stack| stack.uid.clone().into()),
        wide(Column::text("framework", "framework of the application", |stack| stack.framework.clone().into())),
        wide(Column::text("language", "programming language", |stack| stack.language.clone().into())),
        wide(Column::text("git", "URL of the git repository", |stack| stack.git.clone().into())),
        wide(Column::text("branch", "git branch", |stack| stack.git_branch.clone().into())),
        wide(Column::text("fqdn", "host name of the application", |stack| stack.fqdn.clone().into())),
        wide(Column::flag("maintenance", "whether maintenance mode is on", |stack| stack.maintenance_mode.into())),
        wide(Column::flag("busy", "whether something is changing it", |stack| stack.is_busy.into())),
        wide(Column::flag("load_balancer", "whether there is a load balancer", |stack| stack.has_loadbalancer.into())),
        wide(Column::text("cloud_status", "state of its servers at the cloud", |stack| {
            stack.cloud_status.clone().into()
        })),
        wide(Column::text("deploy_directory", "folder of the application on its servers", |stack| {
            stack.deploy_directory.clone().into()
        })),
        wide(Column::time("created", "when it was created", |stack| stack.created_at.clone().into())),
        wide(Column::time("updated", "when it was last changed", |stack| stack.updated_at.clone().into())),
    ];

    fn id(view: &Stack) -> Option<String> {
        view.uid.clone()
    }
}

/// A status in one word, for a narrow terminal.
fn short_status(status: &str) -> &str {
    match status {
        "Pending analysis" => "Pending",
        "Deployed successfully" => "Deployed",
        "Deployment failed" => "Failed",
        "Queued for deployment" => "Queued",
        _ => status,
    }
}

/// A `status` code as a cell.
pub(crate) fn status_cell(code: Option<i64>) -> Cell {
    code_cell(code, status_name, |code| match code {
        1 => Tone::Good,
        2 | 7 => Tone::Bad,
        _ => Tone::Busy,
    })
}

/// Runs `c66 stacks …`.
pub(crate) async fn run(context: &Context, command: StacksCommand) -> Result<()> {
    match command {
        StacksCommand::List { names, environment, list } => {
            list_stacks(context, &names, environment.as_deref(), &list).await
        }
        StacksCommand::Show { target, show: args } => {
            if print_column_help_if_asked::<Stacks>(&context.printer, &args)? {
                return Ok(());
            }
            show_stack(context, &target.args(), &args).await
        }
        StacksCommand::Open { target, site, print } => open::run(context, &target.args(), site, print).await,
        StacksCommand::Create(Deferred(args)) => create::run(context, &args).await,
        StacksCommand::Restart(Deferred(args)) => act(context, &args, "restart", "Restart").await,
        StacksCommand::ClearCaches(Deferred(args)) => act(context, &args, "clear_caches", "Clear the caches of").await,
        StacksCommand::Maintenance(Deferred(args)) => {
            let value = i64::from(args.switch == "on");
            let fields = vec![("command".to_owned(), "maintenance_mode".into()), ("value".to_owned(), value.into())];
            let phrase = format!("Switch maintenance mode {} for", args.switch);
            let done = Some(format!("Maintenance mode is {} for", args.switch));
            let run_action = RunAction { phrase, done, fields, wait: &args.wait };
            run_action.run(context, &args.stack, &args.bulk, &args.write).await
        }
        StacksCommand::Reboot(Deferred(args)) => reboot::run(context, &args).await,
        StacksCommand::Redeploy(Deferred(args)) => redeploy::run(context, &args).await,
    }
}

/// Lists all stacks, or those with these names in this environment.
async fn list_stacks(context: &Context, names: &[String], environment: Option<&str>, list: &ListArgs) -> Result<()> {
    let Some(listing) = Listing::of::<Stacks>(&context.printer, list)? else { return Ok(()) };
    let client = context.cloud66().await?;
    if !names.is_empty() {
        let documents = client.fetch_all(request(&STACKS_LIST, &[])?).await?;
        let stacks: Vec<StackRef> = documents.iter().map(StackRef::try_from).collect::<Result<_>>()?;
        let mut chosen = Vec::new();
        for name in names {
            chosen.extend(stack_match::all_matching(&stacks, name, environment)?);
        }
        let is_chosen = |target: &StackRef| chosen.iter().any(|uid| *uid == target.uid);
        let kept = documents.into_iter().zip(&stacks).filter(|(_, target)| is_chosen(target));
        return listing.print_documents(kept.map(|(document, _)| document).collect()).await;
    }
    let environment = environment.map(folded);
    let most = listing.max_items().filter(|_| environment.is_none());
    let pages = client.pages(request(&STACKS_LIST, &[])?, most);
    let is_meant = |stack: &Stack| stack.environment.as_deref().map(folded) == environment;
    let keep = |item: &Item| item.view::<Stacks>().is_some_and(is_meant);
    let keep: ItemPredicate<'_> = if environment.is_none() { None } else { Some(&keep) };
    listing.print(pages, keep).await
}

async fn show_stack(context: &Context, stack: &StackArgs, args: &ShowArgs) -> Result<()> {
    let fetch = async |target: &StackRef| {
        let request = request(&STACKS_SHOW, &[("stack_id", &target.uid)])?;
        let document = context.cloud66().await?.fetch(&request).await?;
        // A stack that was renamed since the look-up is not the one that was named.
        let name = |stack: &Stack| stack.name.as_deref().map(folded);
        let known = target.stack.as_ref().and_then(name);
        if known.is_some() && name(&document.view()?).is_some_and(|shown| Some(shown) != known) {
            return Err(Error::not_found(format!("{} has been renamed", target.label())));
        }
        Ok(document)
    };
    show::<Stacks>(&context.printer, args, context.read_in_stack(stack, fetch).await?)
}

async fn act(context: &Context, args: &StackActionArgs, command: &str, phrase: &str) -> Result<()> {
    let fields = vec![("command".to_owned(), command.into())];
    let run_action = RunAction { phrase: phrase.to_owned(), done: None, fields, wait: &args.wait };
    run_action.run(context, &args.target.args(), &args.bulk, &args.write).await
}
