//! `c66 cloudmc tasks`.

use super::super::context::Context;
use super::perform::{conclude, wait};
use super::resources::Tasks;
use crate::cli::cloudmc::Tasks as Command;
use crate::error::Result;
use crate::resource::show::{asked_for_columns, show_revealing};

/// Carries out `c66 cloudmc tasks …`.
pub(super) async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Show { id, org, show, reveal } => {
            if asked_for_columns::<Tasks>(&context.console, &context.plan, &show)? {
                return Ok(());
            }
            let task = context.cloudmc(&org).await?.task(&id).await?;
            show_revealing::<Tasks>(&context.console, &context.plan, &show, task.document, reveal.reveal)
        }
        Command::Wait { id, org, reveal, patience } => {
            let client = context.cloudmc(&org).await?;
            let label = format!("task {id}");
            let ended = wait(context, client, &id, &label, &patience, true).await?;
            conclude(context, ended, &label, reveal.reveal)
        }
    }
}
