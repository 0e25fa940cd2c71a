//! `c66 env edit`.

use clap::Args;

use super::StackVariables;
use super::file::{parse, write};
use super::push::{EnvDiff, Prune, PushOptions, apply};
use crate::args::{ConfirmArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::{
    APPLY_STRATEGIES, ENVIRONMENTS_BULK_UPDATE, ENVIRONMENTS_CREATE, ENVIRONMENTS_DELETE, ENVIRONMENTS_LIST,
    ENVIRONMENTS_UPDATE,
};
use crate::commands::actions::print_unchanged;
use crate::commands::context::Context;
use crate::commands::editor::Editor;
use crate::commands::env::file::FileFormat;
use crate::error::{Error, Result};
use crate::files::draft::Draft;
use crate::resource::verb::{Asks, Verb};

/// `c66 env edit`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENVIRONMENTS_LIST, &ENVIRONMENTS_CREATE, &ENVIRONMENTS_UPDATE, &ENVIRONMENTS_BULK_UPDATE, &ENVIRONMENTS_DELETE]).asks(Asks::OnProduction).asks_also("before a deletion"))]
pub(crate) struct EditArgs {
    /// When to apply the change on the servers
    #[arg(long, value_name = "WHEN", value_parser = clap::builder::PossibleValuesParser::new(APPLY_STRATEGIES))]
    pub(crate) apply_strategy: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) confirm: ConfirmArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// Runs `c66 env edit`: opens the variables in the user's editor, and then sends what was changed there.
pub(super) async fn edit(context: &Context, args: &EditArgs) -> Result<()> {
    let editor = Editor::of_user(context, "use c66 env pull and c66 env push")?;
    let target = context.stack_for_write(&args.stack, &args.write).await?;
    let stack_variables = StackVariables::fetch(context, &target).await?;
    let failed = |error: std::io::Error| Error::local_file("create a file for the editor", &error);
    // Deleted afterwards, unless the edit is invalid.
    let text = write(&stack_variables.to_pairs(), FileFormat::Dotenv)?;
    let draft = Draft::create(&std::env::temp_dir(), "variables.env", &text).map_err(failed)?;
    loop {
        editor.open(context, draft.path())?;
        let text = match std::fs::read_to_string(draft.path()) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            text => text.map_err(failed)?,
        };
        // As in git: an empty file changes nothing.
        if text.trim().is_empty() {
            return print_unchanged(context, false, "The file is empty; nothing was changed.").await;
        }
        let outcome = match parse(&text, FileFormat::Dotenv, "your edit") {
            Ok(wanted) => {
                let options = PushOptions {
                    prune: Some(Prune::Some),
                    apply_strategy: args.apply_strategy.as_deref(),
                    write: &args.write,
                    confirm: &args.confirm,
                    wait: &args.wait,
                };
                let outcome = apply(context, &target, &EnvDiff::between(&stack_variables, &wanted), &options).await;
                if outcome.is_ok() {
                    return outcome;
                }
                outcome
            }
            Err(error) => {
                context.printer.warn(error.message());
                if context.prompter()?.confirm("Edit it again?").is_ok() {
                    continue;
                }
                Err(error)
            }
        };
        let kept = draft.keep("c66-env-", ".env").map_err(failed)?;
        return outcome.map_err(|error| error.hint(format!("your edit is in {}", kept.display())));
    }
}
