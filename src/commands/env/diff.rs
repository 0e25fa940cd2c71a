//! `c66 env diff`.

use clap::Args;
use serde_json::{Map, Value, json};

use super::StackVariables;
use super::file::read;
use super::push::EnvDiff;
use crate::args::StackArgs;
use crate::cloud66::endpoints::ENVIRONMENTS_LIST;
use crate::cloud66::envelope::Document;
use crate::commands::context::Context;
use crate::commands::env::file::EnvFileArgs;
use crate::error::{Kind, Result};
use crate::output::cell::{Cell, Tone};
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key};

/// `c66 env diff`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENVIRONMENTS_LIST]))]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    pub(crate) source: EnvFileArgs,
    /// Show the values, including passwords
    #[arg(long)]
    pub(crate) reveal: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}

/// Runs `c66 env diff`; returns the exit code.
pub(super) async fn diff(context: &Context, args: &DiffArgs) -> Result<u8> {
    let wanted = read(context, &args.source)?;
    let target = context.stack(&args.stack, false).await?;
    let stack_variables = StackVariables::fetch(context, &target).await?;
    let changes = EnvDiff::between(&stack_variables, &wanted);
    let documents = changes.signs().into_iter().map(|(sign, key)| {
        let mut difference = Map::from_iter([("change".to_owned(), json!(word(sign))), ("key".to_owned(), json!(key))]);
        if args.reveal {
            let file = wanted.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
            let stack = stack_variables.get(key).and_then(|(variable, _)| variable.value.as_deref());
            difference.insert("file".to_owned(), json!(file));
            difference.insert("stack".to_owned(), json!(stack));
        }
        Document::from_value(&Value::Object(difference))
    });
    let documents: Vec<Document> = documents.collect();
    if context.printer.is_for_people() && !args.reveal {
        for (sign, key) in changes.signs() {
            context.printer.write(|out| writeln!(out, "{sign} {}", crate::text::sanitize::sanitize(key)))?;
        }
        context.printer.flush()?;
    } else if let Some(listing) = Listing::of::<Differences>(&context.printer, &crate::args::ListArgs::default())? {
        listing.print_documents(documents).await?;
    }
    if changes.is_empty() {
        context.printer.note(&format!("no differences between the file and {}", target.label()));
        return Ok(0);
    }
    Ok(Kind::Differs.exit().code())
}

fn word(sign: char) -> &'static str {
    match sign {
        '+' => "add",
        '-' => "remove",
        _ => "change",
    }
}

/// The differences.
struct Differences;

#[derive(serde::Deserialize)]
struct Difference {
    change: String,
    key: String,
    file: Option<String>,
    stack: Option<String>,
}

impl Resource for Differences {
    type View = Difference;
    const NOUN: &'static Noun = &Noun::new::<Self>("difference", "differences");
    const COLUMNS: &'static [Column<Difference>] = &[
        Column::text("change", "effect of the file: add, change or remove", |difference| {
            let tone = match difference.change.as_str() {
                "add" => Tone::Good,
                "remove" => Tone::Bad,
                _ => Tone::Busy,
            };
            Cell::State(difference.change.clone(), tone)
        }),
        key(Column::text("key", "name for other commands", |difference| Cell::from(difference.key.as_str()))),
        Column::text("file", "path of the file", |difference| difference.file.clone().into()),
        Column::text("stack", "value on the stack", |difference| difference.stack.clone().into()),
    ];

    fn id(view: &Difference) -> Option<String> {
        Some(view.key.clone())
    }
}
