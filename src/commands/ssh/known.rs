//! `c66 ssh known` and `c66 ssh forget`.

use jiff::Timestamp;
use serde_json::json;

use crate::args::ListArgs;
use crate::cloud66::envelope::Document;
use crate::cloud66::fields::{ApiTime, Fields};
use crate::commands::context::Context;
use crate::config::paths;
use crate::error::{Error, Result};
use crate::resource::find::named::{ItemNames, LookupLabels, choose};
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::write::acknowledge_local;
use crate::resource::{Column, Resource};
use crate::sandbox::servers_folder;
use crate::ssh::host_keys::{HostKeyStore, KnownServer};

/// Host keys that the user has accepted.
pub(crate) struct HostKeys;

/// A row of the list.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct KnownHostKey {
    server: Option<String>,
    stack: Option<String>,
    key_type: Option<String>,
    fingerprint: Option<String>,
    added: Option<ApiTime>,
    uid: Option<String>,
}

impl From<Fields> for KnownHostKey {
    fn from(fields: Fields) -> Self {
        Self {
            server: fields.text("server"),
            stack: fields.text("stack"),
            key_type: fields.text("type"),
            fingerprint: fields.text("fingerprint"),
            added: fields.time(&["added"]),
            uid: fields.text("uid"),
        }
    }
}

impl Resource for HostKeys {
    type View = KnownHostKey;
    const NOUN: &'static Noun = &Noun::new::<Self>("host key", "host keys");
    const COLUMNS: &'static [Column<KnownHostKey>] = &[
        Column::text("server", "name of the server at the first contact", |key| key.server.clone().into()),
        Column::text("stack", "its stack", |key| key.stack.clone().into()),
        Column::text("type", "type of the key", |key| key.key_type.clone().into()),
        Column::text("fingerprint", "fingerprint, for --host-key", |key| key.fingerprint.clone().into()),
        Column::time("added", "when it was accepted", |key| key.added.clone().into()),
        Column::text("uid", "UID for other commands", |key| key.uid.clone().into()),
    ];

    fn id(key: &KnownHostKey) -> Option<String> {
        key.uid.clone()
    }
}

/// The host keys that are known: those of the sandbox are apart, as anybody can compute them.
pub(crate) fn host_keys(context: &Context) -> Result<HostKeyStore> {
    let variables = context.settings.variables();
    if context.sandboxed {
        let folder = servers_folder(&paths::sandbox_state(variables)?);
        return Ok(HostKeyStore::in_folder(folder.join("known_hosts")));
    }
    HostKeyStore::of(variables)
}

/// Lists the known host keys.
pub(crate) async fn list(context: &Context, list: &ListArgs) -> Result<()> {
    let Some(listing) = Listing::of::<HostKeys>(&context.printer, list)? else { return Ok(()) };
    let known = host_keys(context)?.all()?;
    listing.print_documents(known.iter().flat_map(documents).collect()).await
}

fn documents(server: &KnownServer) -> Vec<Document> {
    let added = server.added.and_then(|time| Timestamp::try_from(time).ok());
    let added = added.and_then(|time| time.round(jiff::Unit::Second).ok()).map(|time| time.to_string());
    let document = |key: &crate::ssh::host_keys::HostKey| {
        Document::from_value(&json!({
            "uid": server.uid,
            "server": server.name(),
            "stack": server.stack(),
            "type": key.kind,
            "fingerprint": key.fingerprint(),
            "added": added,
        }))
    };
    server.keys.iter().map(document).collect()
}

/// Forgets the host keys of a server.
pub(crate) fn forget(context: &Context, wanted: &str) -> Result<()> {
    let store = host_keys(context)?;
    let known = store.all()?;
    if known.is_empty() {
        return Err(Error::not_found("no host key is known"));
    }
    let labels = LookupLabels { singular: "server", plural: "known servers", owner: "this machine" };
    let server = choose(labels, &known, wanted, |server| {
        let mut names = ItemNames::of(&server.uid, server.name());
        names.label = format!("{} of {}", server.name(), server.stack());
        names
    })?;
    store.forget(&server.uid)?;
    let said = format!("Forgot the host key of {} of {}.", server.name(), server.stack());
    acknowledge_local(&context.printer, Document::from_value(&json!({ "ok": true, "message": said })))
}
