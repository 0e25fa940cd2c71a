//! `c66 alias`: short words for long command lines, in the user's own config file.

use clap::Subcommand;
use serde::Deserialize;
use serde_json::json;

use crate::args::ListArgs;
use crate::cloud66::envelope::Document;
use crate::commands::context::Context;
use crate::config::{aliases, paths};
use crate::error::{Error, Result};
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::write::acknowledge_local;
use crate::resource::{Column, Resource};
use crate::text::sanitize::sanitize;

/// `c66 alias …`
#[derive(Debug, Subcommand)]
pub(crate) enum AliasCommand {
    /// List the aliases
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 alias list")]
    #[command(add = Verb::default().prints(Aliases::NOUN))]
    List {
        #[command(flatten)]
        list: ListArgs,
    },
    /// Set an alias
    #[command(
        after_help = "Examples:\n  c66 alias set recent 'deployments list --limit 5'\n  c66 alias set ship 'redeploy --timeout 1h -s awesome-app@staging'\n\nThe words after an alias are added to its own. No shell is involved, and an alias cannot use another."
    )]
    Set {
        /// New word
        name: String,
        /// Words of the command line that it stands for, as one argument
        #[arg(value_name = "ARGS", allow_hyphen_values = true)]
        line: String,
    },
    /// Remove an alias
    #[command(alias = "rm", after_help = "Example:\n  c66 alias remove recent")]
    Remove {
        /// Word to remove
        name: String,
    },
}

/// Aliases.
struct Aliases;

#[derive(Deserialize)]
struct Alias {
    name: String,
    line: String,
}

impl Resource for Aliases {
    type View = Alias;
    const NOUN: &'static Noun = &Noun::new::<Self>("alias", "aliases");
    const COLUMNS: &'static [Column<Alias>] = &[
        Column::text("name", "word", |alias| alias.name.as_str().into()),
        Column::text("line", "words that it stands for", |alias| alias.line.as_str().into()),
    ];

    fn id(alias: &Alias) -> Option<String> {
        Some(alias.name.clone())
    }
}

/// Runs `c66 alias …`.
pub(crate) async fn run(context: &Context, command: AliasCommand) -> Result<()> {
    match command {
        AliasCommand::List { list } => {
            let Some(listing) = Listing::of::<Aliases>(&context.printer, &list)? else { return Ok(()) };
            let all = context.settings.aliases()?;
            let row = |(name, line): (String, String)| Document::from_value(&json!({ "name": name, "line": line }));
            listing.print_documents(all.into_iter().map(row).collect()).await
        }
        AliasCommand::Set { name, line } => {
            aliases::check(&name, &line)?;
            let path = paths::config_file(context.settings.variables())?;
            aliases::set(context.for_editing(&path)?, &name, &line)?;
            done(context, &format!("Set alias {name}."))
        }
        AliasCommand::Remove { name } => {
            let path = paths::config_file(context.settings.variables())?;
            if path.exists() && aliases::remove(context.for_editing(&path)?, &name)? {
                return done(context, &format!("Removed alias {name}."));
            }
            Err(Error::not_found(format!("alias `{}` not found", sanitize(&name))).hint("c66 alias list"))
        }
    }
}

fn done(context: &Context, said: &str) -> Result<()> {
    acknowledge_local(&context.printer, Document::from_value(&json!({ "ok": true, "message": said })))
}
