//! `c66 cloudmc tasks`.

use super::super::context::Context;
use super::perform::{print_verdict, wait};
use super::resources::Tasks;
use crate::cli::cloudmc::Tasks as Command;
use crate::error::Result;
use crate::resource::show::{print_column_help_if_asked, show_revealing};

/// Carries out `c66 cloudmc tasks …`.
pub(super) async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Show { id, org, show, reveal } => {
            if print_column_help_if_asked::<Tasks>(&context.printer, &show)? {
                return Ok(());
            }
            let task = context.cloudmc(&org).await?.task(&id).await?;
            show_revealing::<Tasks>(&context.printer, &show, task.document, reveal.reveal)
        }
        Command::Wait { id, org, reveal, poll_args } => {
            let client = context.cloudmc(&org).await?;
            let label = format!("task {id}");
            let ended = wait(context, client, &id, &label, &poll_args, true).await?;
            print_verdict(context, ended, &label, reveal.reveal)
        }
    }
}
