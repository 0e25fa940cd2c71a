//! `c66 config-store`: secrets and settings that the services of a stack, or all of an account, read.

mod store;
mod write;

use clap::Subcommand;

use self::store::StoreArgs;
use self::write::SetRecordArgs;
use super::context::Context;
use crate::args::{ListArgs, ShowArgs, WriteArgs};
use crate::cloud66::config_store::{RAW_VALUE, StoreRecord, record_request, redact};
use crate::cloud66::endpoints::{
    ACCOUNTS_LIST, ACCOUNTS_SHOW, CONFIG_STORE_DELETE, CONFIG_STORE_LIST, CONFIG_STORE_SHOW, STACKS_SHOW,
};
use crate::cloud66::envelope::Document;
use crate::cloud66::request;
use crate::commands::deferred::Deferred;
use crate::error::Result;
use crate::output::Format;
use crate::output::cell::Cell;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show_revealing};
use crate::resource::verb::{Asks, Verb};
use crate::resource::{Column, Resource, key, minor};

/// `c66 config-store …`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigStoreCommand {
    /// List the records of a stack or of the account
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 config-store list -s awesome-app@production\n  c66 config-store list --scope account --reveal"
    )]
    #[command(add = Verb::list(StoreRecords::NOUN).after(&[&STACKS_SHOW, &ACCOUNTS_LIST, &ACCOUNTS_SHOW]))]
    List {
        /// Show values
        #[arg(long)]
        reveal: bool,
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one record
    #[command(after_help = "Example:\n  c66 config-store show smtp.password -s awesome-app@production")]
    #[command(add = Verb::show(StoreRecords::NOUN).after(&[&STACKS_SHOW, &ACCOUNTS_LIST, &ACCOUNTS_SHOW]))]
    Show {
        /// Key of the record
        #[arg(add = StoreRecords::NOUN.names())]
        key: String,
        /// Show the value
        #[arg(long)]
        reveal: bool,
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Print the value of one record
    #[command(after_help = "Example:\n  c66 config-store get smtp.password -s awesome-app@production")]
    #[command(add = Verb::calls(&[&CONFIG_STORE_SHOW, &STACKS_SHOW, &ACCOUNTS_LIST, &ACCOUNTS_SHOW]))]
    Get {
        /// Key of the record
        #[arg(add = StoreRecords::NOUN.names())]
        key: String,
        /// Print the value as the API sends it, in base64
        #[arg(long)]
        raw: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Create or change a record
    #[command(
        after_help = "Examples:\n  pass show smtp | c66 config-store set smtp.password --value-file - -s awesome-app@production --yes\n  c66 config-store set smtp.password -s awesome-app@production\n\nThe value is sent in base64, as Cloud 66's own tools send it. Options that are not given keep what the record has."
    )]
    Set(Deferred<SetRecordArgs>),
    /// Delete a record
    #[command(after_help = "Example:\n  c66 config-store delete smtp.password -s awesome-app@production --yes")]
    #[command(add = Verb::calls(&[&CONFIG_STORE_DELETE, &STACKS_SHOW, &ACCOUNTS_LIST, &ACCOUNTS_SHOW]).asks(Asks::Always))]
    Delete {
        /// Key of the record
        #[arg(add = StoreRecords::NOUN.names())]
        key: String,
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// Records of the config store.
struct StoreRecords;

impl Resource for StoreRecords {
    type View = StoreRecord;
    const NOUN: &'static Noun = &Noun::new::<Self>("record", "records")
        .listed_by(&CONFIG_STORE_LIST)
        .shown_by(&CONFIG_STORE_SHOW)
        .named_by(&["key"])
        .concealed_by(redact);
    const COLUMNS: &'static [Column<StoreRecord>] = &[
        key(Column::text("key", "key for other commands", |record| record.key.clone().into())),
        Column::text("value", "value, decoded", |record| record.value().into()),
        minor(Column::number("ttl", "time to live, in the unit of the API", |record| record.ttl.into())),
        minor(Column::text("metadata", "metadata, as KEY=VALUE", metadata_cell)),
    ];

    fn id(view: &StoreRecord) -> Option<String> {
        view.key.clone()
    }
}

fn metadata_cell(record: &StoreRecord) -> Cell {
    let pairs = record.metadata.as_ref().and_then(serde_json::Value::as_object).into_iter().flatten();
    let text = |(name, value): (&String, &serde_json::Value)| match value.as_str() {
        Some(text) => format!("{name}={text}"),
        None => format!("{name}={value}"),
    };
    Cell::Text(pairs.map(text).collect::<Vec<_>>().join(", "))
}

/// Runs `c66 config-store …`.
pub(crate) async fn run(context: &Context, command: ConfigStoreCommand) -> Result<()> {
    match command {
        ConfigStoreCommand::List { reveal, store, list } => {
            let Some(listing) = Listing::of::<StoreRecords>(&context.printer, &list)? else { return Ok(()) };
            let listing = listing.revealing(reveal);
            let store = store.find(context).await?;
            let mut request = request(&CONFIG_STORE_LIST, &[("namespace", &store.namespace)])?;
            request.secrets.push(RAW_VALUE);
            listing.print(context.cloud66().await?.pages(request, listing.max_items()), None).await
        }
        ConfigStoreCommand::Show { key, reveal, store, show } => {
            if print_column_help_if_asked::<StoreRecords>(&context.printer, &show)? {
                return Ok(());
            }
            let store = store.find(context).await?;
            show_revealing::<StoreRecords>(
                &context.printer,
                &show,
                fetch(context, &store.namespace, &key).await?,
                reveal,
            )
        }
        ConfigStoreCommand::Get { key, raw, store } => {
            let store = store.find(context).await?;
            get(context, fetch(context, &store.namespace, &key).await?, raw)
        }
        ConfigStoreCommand::Set(Deferred(args)) => write::set(context, &args).await,
        ConfigStoreCommand::Delete { key, store, write } => write::delete(context, &key, &store, &write).await,
    }
}

/// One record.
async fn fetch(context: &Context, namespace: &str, key: &str) -> Result<Document> {
    let mut request = record_request(&CONFIG_STORE_SHOW, namespace, key)?;
    request.secrets.push(RAW_VALUE);
    context.cloud66().await?.fetch(&request).await
}

fn get(context: &Context, document: Document, raw: bool) -> Result<()> {
    let printer = &context.printer;
    if printer.is_structured() {
        printer.document(&document)?;
    } else if matches!(printer.format(), Format::Table | Format::Wide | Format::Name) {
        // A value requested by its key is printed unchanged: a pipe needs every byte and no other.
        let record: StoreRecord = document.view()?;
        let value = if raw { record.raw_value } else { record.value() };
        printer.write_value(&value.unwrap_or_default())?;
    } else {
        return show_revealing::<StoreRecords>(printer, &ShowArgs::default(), document, true);
    }
    printer.flush()
}
