//! `c66 cloudmc tasks`.

use clap::Subcommand;

use super::super::context::Context;
use super::perform::{print_verdict, wait};
use super::resources::Tasks;
use crate::args::{PollArgs, ShowArgs};
use crate::cloudmc::endpoints::TASKS_SHOW;
use crate::commands::cloudmc::args::{OrgArgs, RevealArgs};
use crate::error::Result;
use crate::resource::Resource;
use crate::resource::show::{print_column_help_if_asked, show_revealing};
use crate::resource::verb::Verb;

/// `c66 cloudmc tasks …`
#[derive(Debug, Subcommand)]
pub(crate) enum TasksCommand {
    /// Show a task as it stands
    #[command(after_help = "Example:\n  c66 cloudmc tasks show fbc5d4f6-c099-4868-92b0-52e3ad35b5e3")]
    #[command(add = Verb::calls(&[&TASKS_SHOW]).prints(Tasks::NOUN))]
    Show {
        /// Id of the task
        id: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        show: ShowArgs,
        #[command(flatten)]
        reveal: RevealArgs,
    },
    /// Wait until a task has ended, and print what came of it
    #[command(after_help = "Example:\n  c66 cloudmc tasks wait fbc5d4f6-c099-4868-92b0-52e3ad35b5e3 --timeout 10m")]
    #[command(add = Verb::calls(&[&TASKS_SHOW]))]
    Wait {
        /// Id of the task
        id: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        reveal: RevealArgs,
        #[command(flatten)]
        poll_args: PollArgs,
    },
}

/// Carries out `c66 cloudmc tasks …`.
pub(super) async fn run(context: &Context, command: TasksCommand) -> Result<()> {
    match command {
        TasksCommand::Show { id, org, show, reveal } => {
            if print_column_help_if_asked::<Tasks>(&context.printer, &show)? {
                return Ok(());
            }
            let task = context.cloudmc(&org).await?.task(&id).await?;
            show_revealing::<Tasks>(&context.printer, &show, task.document, reveal.reveal)
        }
        TasksCommand::Wait { id, org, reveal, poll_args } => {
            let client = context.cloudmc(&org).await?;
            let label = format!("task {id}");
            let ended = wait(context, client, &id, &label, &poll_args, true).await?;
            print_verdict(context, ended, &label, reveal.reveal)
        }
    }
}
