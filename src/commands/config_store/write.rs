//! `c66 config-store set` and `delete`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value};

use super::fetch;
use super::store::{Store, StoreArgs};
use crate::args::WriteArgs;
use crate::cloud66::config_store::{RAW_VALUE, StoreRecord, encoded, record_request};
use crate::cloud66::endpoints::{
    ACCOUNTS_LIST, ACCOUNTS_SHOW, CONFIG_STORE_CREATE, CONFIG_STORE_DELETE, CONFIG_STORE_SHOW, CONFIG_STORE_UPDATE,
    STACKS_SHOW,
};
use crate::cloud66::{request, with_field};
use crate::commands::account_write::send_confirmed;
use crate::commands::context::Context;
use crate::error::{Error, Kind, Result};
use crate::files::input;
use crate::http::Request;
use crate::resource::Resource;
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::acknowledge;
use crate::text::sanitize::sanitize;

/// `c66 config-store set`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&CONFIG_STORE_CREATE, &CONFIG_STORE_UPDATE, &CONFIG_STORE_SHOW, &STACKS_SHOW, &ACCOUNTS_LIST, &ACCOUNTS_SHOW]).asks(Asks::OnProduction).asks_also("outside a stack"))]
pub(crate) struct SetRecordArgs {
    /// Key of the record
    #[arg(add = super::StoreRecords::NOUN.names())]
    pub(crate) key: String,
    /// File with the value, - for stdin [default: asks for it]
    #[arg(long, value_name = "FILE")]
    pub(crate) value_file: Option<PathBuf>,
    /// The value is in base64 already
    #[arg(long)]
    pub(crate) raw: bool,
    /// Time to live, a number in the unit of the API
    #[arg(long, value_name = "N")]
    pub(crate) ttl: Option<u32>,
    /// Metadata, instead of all that the record has; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
    pub(crate) metadata: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

fn parse_pair(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}

/// Runs `c66 config-store set`.
pub(super) async fn set(context: &Context, args: &SetRecordArgs) -> Result<()> {
    let value = read_value(context, args.value_file.as_deref())?;
    let value = if args.raw { value.trim().to_owned() } else { encoded(&value) };
    context.printer.add_secret(&value);
    let store = args.store.find_for_write(context, &args.write).await?;
    let current = match fetch(context, &store.namespace, &args.key).await {
        Ok(document) => Some(document.view::<StoreRecord>()?),
        Err(error) if error.kind() == Kind::NotFound => None,
        Err(error) => return Err(error),
    };
    let is_new = current.is_none();
    let metadata: Map<String, Value> =
        args.metadata.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    let mut request = if is_new {
        request(&CONFIG_STORE_CREATE, &[("namespace", &store.namespace)])?
    } else {
        record_request(&CONFIG_STORE_UPDATE, &store.namespace, &args.key)?
    };
    request = with_field(with_field(request, "key", args.key.as_str()), RAW_VALUE, value);
    request.secrets.push(RAW_VALUE);
    // The API replaces the whole record.
    let current = current.unwrap_or_default();
    let metadata = if metadata.is_empty() { current.metadata } else { Some(Value::Object(metadata)) };
    if let Some(metadata) = metadata {
        request = with_field(request, "metadata", metadata);
    }
    if let Some(ttl) = args.ttl.map(i64::from).or(current.ttl) {
        request = with_field(request, "ttl", ttl);
    }
    let (verb, said) = if is_new { ("Add", "Record added.") } else { ("Change", "Record changed.") };
    let prompt = format!("{verb} record {} of {}", sanitize(&args.key), store.label);
    if confirm(context, &store, &prompt, &request, &args.write).await? {
        send_confirmed(context, &request).await?;
        // The reply repeats the value.
        acknowledge(context.cloud66().await?.transport(), None, said)?;
    }
    Ok(())
}

/// Runs `c66 config-store delete`.
pub(super) async fn delete(context: &Context, key: &str, store: &StoreArgs, write: &WriteArgs) -> Result<()> {
    let store = store.find_for_write(context, write).await?;
    let mut request = record_request(&CONFIG_STORE_DELETE, &store.namespace, key)?;
    // The reply may repeat the value.
    request.secrets.push(RAW_VALUE);
    let prompt = format!("Delete record {} of {}", sanitize(key), store.label);
    if confirm(context, &store, &prompt, &request, write).await? {
        send_confirmed(context, &request).await?;
        acknowledge(context.cloud66().await?.transport(), None, "Record deleted.")?;
    }
    Ok(())
}

/// Asks as the command declares, and if other stacks may read the record.
async fn confirm(context: &Context, store: &Store, prompt: &str, request: &Request, write: &WriteArgs) -> Result<bool> {
    let requests = std::slice::from_ref(request);
    if let Some(target) = &store.target {
        return context.confirm_write(target, prompt, requests, write).await;
    }
    let client = context.cloud66().await?;
    context.confirm_write_over(client.transport(), prompt, requests, write, true).await
}

/// The value, from a file or stdin, else typed. A line break at the end of stdin is not part of it.
fn read_value(context: &Context, file: Option<&Path>) -> Result<String> {
    let instead = "pass --value-file FILE (- reads stdin)";
    let value = match file {
        Some(path) => {
            let text = input::read(path)?;
            match text.strip_suffix('\n').filter(|_| input::is_stdin(path)) {
                Some(line) => line.strip_suffix('\r').unwrap_or(line).to_owned(),
                None => text,
            }
        }
        None => context.prompter()?.secret("Value", instead)?,
    };
    if value.is_empty() {
        return Err(Error::usage("the value is empty").hint(instead));
    }
    context.printer.add_secret(&value);
    Ok(value)
}
