//! What all writes have in common: the preview, and the answer of a call that gives nothing to wait for.

use serde_json::json;

use super::list::Listing;
use super::noun::Noun;
use super::show::show;
use super::{Column, Resource};
use crate::args::{ListArgs, ShowArgs};
use crate::cloud66::envelope::Document;
use crate::error::Result;
use crate::http::fields::Fields;
use crate::http::{Request, Transport};
use crate::output::Printer;
use crate::output::cell::Cell;
use crate::text::sanitize::sanitize;

/// `{ok, message}`: the request was taken.
pub(crate) struct Acknowledgement;

/// The fields of an acknowledgement.
#[derive(serde::Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Acknowledged {
    ok: Option<bool>,
    message: Option<String>,
}

// What was taken is not reported as an error because a field is not of the documented type.
impl From<Fields> for Acknowledged {
    fn from(fields: Fields) -> Self {
        Self { ok: fields.boolean("ok"), message: fields.text("message") }
    }
}

impl Resource for Acknowledgement {
    type View = Acknowledged;
    const NOUN: &'static Noun = &Noun::new::<Self>("reply", "replies");
    const COLUMNS: &'static [Column<Acknowledged>] = &[
        Column::flag("ok", "whether it was taken", |reply| reply.ok.into()),
        Column::text("message", "what the server said about the end", |reply| reply.message.clone().into()),
    ];

    fn id(_: &Acknowledged) -> Option<String> {
        None
    }
}

/// Prints the answer of a call that gives nothing to wait for; `said` stands in where the answer has no words.
pub(crate) fn acknowledge(transport: &Transport, reply: Option<Document>, said: &str) -> Result<()> {
    let document = match reply {
        Some(document) => document,
        None if transport.printer().is_structured() => Document::from_value(&json!({ "ok": true })),
        None => Document::from_value(&json!({ "ok": true, "message": said })),
    };
    print_acknowledgement(transport.printer(), document, said)
}

/// Prints an `{ok, message}` of our own: what was done on this machine.
pub(crate) fn acknowledge_local(printer: &Printer, document: Document) -> Result<()> {
    print_acknowledgement(printer, document, "done")
}

fn print_acknowledgement(printer: &Printer, document: Document, said: &str) -> Result<()> {
    if printer.is_for_people() {
        let message = document.view::<Acknowledged>()?.message;
        let message = message.as_deref().unwrap_or(said);
        printer.write_lines(&format!("{}\n", printer.redact(&sanitize(message))))?;
        return printer.flush();
    }
    show::<Acknowledgement>(printer, &ShowArgs::default(), document)
}

/// A request that is shown and not sent.
struct Preview;

#[derive(serde::Deserialize)]
struct Previewed {
    method: String,
    path: String,
    body: Option<serde_json::Value>,
}

impl Resource for Preview {
    type View = Previewed;
    const NOUN: &'static Noun = &Noun::new::<Self>("request", "requests");
    const COLUMNS: &'static [Column<Previewed>] = &[
        Column::text("method", "HTTP method", |request| Cell::Text(request.method.clone())),
        Column::text("path", "path of the request", |request| Cell::Text(request.path.clone())),
        Column::text("body", "what is sent, secrets struck out", |request| {
            request.body.as_ref().map(ToString::to_string).into()
        }),
    ];

    fn id(request: &Previewed) -> Option<String> {
        Some(format!("{} {}", request.method, request.path))
    }
}

/// Shows what `--dry-run` does not send: method, path and masked body.
pub(crate) fn preview(transport: &Transport, request: &Request) -> Result<()> {
    let document = unsent(transport, request)?;
    transport.printer().note("dry run: nothing is sent");
    show::<Preview>(transport.printer(), &ShowArgs::default(), document)
}

/// The same for a command that may send several requests: still one result, so a list where they are several.
pub(crate) async fn preview_all(transport: &Transport, requests: &[Request]) -> Result<()> {
    if let [request] = requests {
        return preview(transport, request);
    }
    preview_list(transport, requests).await
}

/// The same as a list, however many there are.
pub(crate) async fn preview_list(transport: &Transport, requests: &[Request]) -> Result<()> {
    let documents = requests.iter().map(|request| unsent(transport, request)).collect::<Result<_>>()?;
    transport.printer().note("dry run: nothing is sent");
    match Listing::of::<Preview>(transport.printer(), &ListArgs::default())? {
        Some(listing) => listing.print_documents(documents).await,
        None => Ok(()),
    }
}

fn unsent(transport: &Transport, request: &Request) -> Result<Document> {
    let url = transport.url(request)?;
    let mut path = url.path().to_owned();
    if let Some(query) = url.query() {
        path = format!("{path}?{query}");
    }
    Ok(Document::from_value(&json!({
        "dry_run": true, "method": request.method.as_str(), "path": path, "body": request.masked_body(),
    })))
}
