//! Commands about stacks and what belongs to them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::env;
use crate::args::deferred::Deferred;
use crate::args::{BulkArgs, ListArgs, PollArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{APPLY_STRATEGIES, BUILD_TYPES};

/// `c66 stacks …`
#[derive(Debug, Subcommand)]
pub(crate) enum Stacks {
    /// List the stacks you can see
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 stacks list\n  c66 stacks list --filter environment=staging --sort last_activity:desc\n  c66 stacks list -o name"
    )]
    List {
        /// Only stacks of these names
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// Only stacks of this environment
        #[arg(short, long, value_name = "NAME")]
        environment: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one stack
    #[command(after_help = "Examples:\n  c66 stacks show awesome-app\n  c66 stacks show -s awesome-app --jq .fqdn")]
    Show {
        #[command(flatten)]
        target: StackTargetArgs,
        /// Show it again every two seconds
        #[arg(long)]
        watch: bool,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Open the page of a stack, or its site, in the browser
    #[command(
        after_help = "Examples:\n  c66 stacks open awesome-app\n  c66 stacks open awesome-app --site\n  c66 stacks open awesome-app --site --print\n\nIt prints the address, and opens nothing, where stdout is no terminal, in the formats for programs and in the sandbox."
    )]
    Open {
        #[command(flatten)]
        target: StackTargetArgs,
        /// The site that the stack serves, not its page at Cloud 66
        #[arg(long)]
        site: bool,
        /// Print the address and open nothing
        #[arg(long)]
        print: bool,
    },
    /// Create a Docker stack and wait until it is deployed
    #[command(
        after_help = "Examples:\n  c66 stacks create --name shop --environment staging --service-yaml service.yml --manifest-yaml manifest.yml\n  c66 stacks create --name shop --environment staging --service-yaml service.yml --cloud aws --region us-east-1 --size t2.micro --build-type single"
    )]
    Create(Deferred<CreateStack>),
    /// Restart all components of a stack
    #[command(
        after_help = "Examples:\n  c66 stacks restart awesome-app --yes\n  c66 stacks restart --stacks-from stacks.txt --concurrency 4"
    )]
    Restart(Deferred<StackAction>),
    /// Clear the git caches of a stack
    #[command(alias = "clear_caches", after_help = "Example:\n  c66 stacks clear-caches awesome-app@staging")]
    ClearCaches(Deferred<StackAction>),
    /// Switch maintenance mode on or off
    #[command(after_help = "Example:\n  c66 stacks maintenance on -s awesome-app")]
    Maintenance(Deferred<Maintenance>),
    /// Deploy a stack again and wait for the verdict
    #[command(hide = true)]
    Redeploy(Deferred<Redeploy>),
}

/// `c66 stacks create`
#[derive(Args, Debug)]
pub(crate) struct CreateStack {
    /// Name of the new stack
    #[arg(long, short_alias = 'n')]
    pub(crate) name: String,
    /// Environment of the new stack
    #[arg(long, short)]
    pub(crate) environment: String,
    /// Service definition (service.yml); - reads stdin
    #[arg(long, alias = "service_yaml", short_alias = 's', value_name = "FILE")]
    pub(crate) service_yaml: PathBuf,
    /// Manifest (manifest.yml) that says where to build; - reads stdin
    #[arg(long, alias = "manifest_yaml", short_alias = 'm', value_name = "FILE")]
    pub(crate) manifest_yaml: Option<PathBuf>,
    /// Cloud to create servers in, where there is no manifest
    #[arg(long, value_name = "NAME")]
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

/// A stack that may also be named without a flag.
#[derive(Args, Debug)]
pub(crate) struct StackTargetArgs {
    /// Stack, as with --stack
    #[arg(value_name = "STACK", conflicts_with = "stack")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}

impl StackTargetArgs {
    /// The stack, however it was named.
    pub(crate) fn args(&self) -> StackArgs {
        StackArgs {
            stack: self.name.clone().or_else(|| self.stack.stack.clone()),
            environment: self.stack.environment.clone(),
        }
    }
}

/// An action on a whole stack.
#[derive(Args, Debug)]
pub(crate) struct StackAction {
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
pub(crate) struct Maintenance {
    /// on or off
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

/// `c66 redeploy`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 redeploy -s awesome-app --yes\n  c66 redeploy -s awesome-app@staging --git-ref v1.4.2\n  c66 redeploy -s shop --service web --service worker:v2 --timeout 1h -o json\n  c66 stacks list -o name --filter environment=staging | c66 redeploy --stacks-from - --continue-on-error"
)]
pub(crate) struct Redeploy {
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    /// Branch, tag or commit to deploy (not for Docker stacks)
    #[arg(long, value_name = "REF")]
    pub(crate) git_ref: Option<String>,
    /// Deploy only this service, on request at a tag (Docker stacks); may be repeated
    #[arg(long = "service", value_name = "NAME[:REF]")]
    pub(crate) services: Vec<String>,
    /// Text of your own to find the deployment by
    #[arg(long, value_name = "TEXT")]
    pub(crate) reference: Option<String>,
    /// Cancel the deployment on Ctrl-C
    #[arg(long)]
    pub(crate) cancel_on_interrupt: bool,
    /// Waiting is what c66 does anyway; CX needed to be told
    #[arg(long, hide = true, conflicts_with = "no_wait")]
    pub(crate) listen: bool,
    #[command(flatten)]
    pub(crate) bulk: BulkArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// `c66 deployments …`
#[derive(Debug, Subcommand)]
pub(crate) enum Deployments {
    /// List the deployments of a stack
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 deployments list -s awesome-app --limit 10")]
    List {
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one deployment
    #[command(after_help = "Example:\n  c66 deployments show 107 -s awesome-app")]
    Show {
        /// Number of the deployment
        id: u64,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Ask for a running deployment to be cancelled
    #[command(after_help = "Example:\n  c66 deployments cancel 112 -s awesome-app --yes")]
    Cancel {
        /// Number of the deployment
        id: u64,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Wait for a deployment and give its verdict
    #[command(after_help = "Example:\n  c66 deployments wait --latest -s awesome-app")]
    Wait {
        #[command(flatten)]
        which: IdOrLatest,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        poll_args: PollArgs,
    },
    /// Deploy a stack again and wait for the verdict
    #[command(hide = true)]
    Create(Deferred<Redeploy>),
}

/// One by number, or the newest.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct IdOrLatest {
    /// Number
    pub(crate) id: Option<u64>,
    /// The newest one
    #[arg(long)]
    pub(crate) latest: bool,
}

/// `c66 actions …`
#[derive(Debug, Subcommand)]
pub(crate) enum Actions {
    /// List the actions of a stack
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 actions list -s awesome-app --filter state=failed")]
    List {
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one action
    #[command(after_help = "Example:\n  c66 actions show 10 -s awesome-app")]
    Show {
        /// Number of the action
        id: u64,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Run any command the server knows
    #[command(
        after_help = "Examples:\n  c66 actions run service_restart service_name=web -s shop\n  c66 actions run maintenance_mode value=1 -s awesome-app"
    )]
    Run {
        /// Command, such as restart
        command: String,
        /// Its parameters
        #[arg(value_name = "KEY=VALUE")]
        parameters: Vec<String>,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        bulk: BulkArgs,
        #[command(flatten)]
        write: WriteArgs,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Wait for an action and give its verdict
    #[command(after_help = "Example:\n  c66 actions wait 10 -s awesome-app --timeout 10m")]
    Wait {
        #[command(flatten)]
        which: IdOrLatest,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        poll_args: PollArgs,
    },
}

/// `c66 env …`
#[derive(Debug, Subcommand)]
pub(crate) enum Env {
    /// List the environment variables of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 env list -s awesome-app\n  c66 env list POSTGRESQL_PASSWORD --reveal -s awesome-app"
    )]
    List {
        /// Only these variables
        #[arg(value_name = "KEY")]
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
    #[command(after_help = "Example:\n  c66 env get STACK_GIT_BRANCH -s awesome-app")]
    Get {
        /// Name of the variable
        key: String,
        #[command(flatten)]
        stack: StackArgs,
    },
    /// Create or change variables
    #[command(
        after_help = "Examples:\n  c66 env set RAILS_ENV=staging -s awesome-app\n  c66 env set CERT=@cert.pem -s awesome-app\n  pass show db | c66 env set DB_PASSWORD=- -s awesome-app --yes"
    )]
    Set {
        /// KEY=VALUE, KEY=@FILE, or KEY=- for stdin; a bare KEY asks
        #[arg(required = true, value_name = "KEY=VALUE")]
        assignments: Vec<String>,
        /// When the servers get it
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
    #[command(after_help = "Example:\n  c66 env unset OLD_KEY -s awesome-app --yes")]
    Unset {
        /// Names of the variables
        #[arg(required = true, value_name = "KEY")]
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
        after_help = "Examples:\n  c66 env pull .env -s awesome-app\n  eval \"$(c66 env pull --format shell -s awesome-app)\""
    )]
    Pull(Deferred<env::Pull>),
    /// Make the variables of a stack those of a file
    #[command(
        after_help = "Examples:\n  c66 env push .env -s awesome-app --dry-run\n  c66 env push .env -s awesome-app --prune --yes"
    )]
    Push(Deferred<env::Push>),
    /// Compare a file with the variables of a stack: exit 0 the same, 11 different
    #[command(after_help = "Example:\n  c66 env diff .env -s awesome-app")]
    Diff(Deferred<env::Diff>),
    /// Change the variables of a stack in your editor
    #[command(after_help = "Example:\n  c66 env edit -s awesome-app")]
    Edit(Deferred<env::Edit>),
    /// Run a command with the variables of a stack in its environment
    #[command(after_help = "Example:\n  c66 env run -s awesome-app -- rails console")]
    Run(Deferred<env::Run>),
    /// Give a variable an earlier value again
    #[command(after_help = "Example:\n  c66 env rollback POSTGRESQL_USERNAME -s awesome-app")]
    Rollback(Deferred<env::Rollback>),
    /// List the earlier values of a variable
    #[command(after_help = "Example:\n  c66 env history POSTGRESQL_USERNAME -s awesome-app")]
    History {
        /// Name of the variable
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
