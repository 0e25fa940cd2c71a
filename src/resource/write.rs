//! What all writes share: the preview, and the acknowledgement of a write without remote work.

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

/// `{ok, message}`: the request was accepted.
pub(crate) struct Acknowledgement;

/// The fields of an acknowledgement.
#[derive(serde::Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Acknowledged {
    ok: Option<bool>,
    message: Option<String>,
}

// A field of another type must not turn an accepted write into an error.
impl From<Fields> for Acknowledged {
    fn from(fields: Fields) -> Self {
        Self { ok: fields.boolean("ok"), message: fields.text("message") }
    }
}

impl Resource for Acknowledgement {
    type View = Acknowledged;
    const NOUN: &'static Noun = &Noun::new::<Self>("reply", "replies");
    const COLUMNS: &'static [Column<Acknowledged>] = &[
        Column::flag("ok", "whether the API accepted it", |reply| reply.ok.into()),
        Column::text("message", "message about the outcome", |reply| reply.message.clone().into()),
    ];

    fn id(_: &Acknowledged) -> Option<String> {
        None
    }
}

/// Prints the reply to a write without remote work; `said` is used if the reply has no message.
pub(crate) fn acknowledge(transport: &Transport, reply: Option<Document>, said: &str) -> Result<()> {
    let document = match reply {
        Some(document) => document,
        None if transport.printer().is_structured() => Document::from_value(&json!({ "ok": true })),
        None => Document::from_value(&json!({ "ok": true, "message": said })),
    };
    print_acknowledgement(transport.printer(), document, said)
}

/// Prints a local `{ok, message}`: what was done on this machine.
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
        Column::text("body", "request body, secrets redacted", |request| {
            request.body.as_ref().map(ToString::to_string).into()
        }),
    ];

    fn id(request: &Previewed) -> Option<String> {
        Some(format!("{} {}", request.method, request.path))
    }
}

/// Shows the request of `--dry-run`: method, path and redacted body.
pub(crate) fn preview(transport: &Transport, request: &Request) -> Result<()> {
    let document = unsent(transport, request)?;
    transport.printer().note("dry run: nothing was sent");
    show::<Preview>(transport.printer(), &ShowArgs::default(), document)
}

/// The same for a command that may send several requests: still one result, so a list if there are several.
pub(crate) async fn preview_all(transport: &Transport, requests: &[Request]) -> Result<()> {
    if let [request] = requests {
        return preview(transport, request);
    }
    preview_list(transport, requests).await
}

/// The same as a list, however many there are.
pub(crate) async fn preview_list(transport: &Transport, requests: &[Request]) -> Result<()> {
    let documents = requests.iter().map(|request| unsent(transport, request)).collect::<Result<_>>()?;
    transport.printer().note("dry run: nothing was sent");
    match Listing::of::<Preview>(transport.printer(), &ListArgs::default())? {
        Some(listing) => listing.print_documents(documents).await,
        None => Ok(()),
    }
}

/// A request of a dry run, as a document.
pub(crate) fn unsent(transport: &Transport, request: &Request) -> Result<Document> {
    let url = transport.url(request)?;
    let mut path = url.path().to_owned();
    if let Some(query) = url.query() {
        path = format!("{path}?{query}");
    }
    Ok(Document::from_value(&json!({
        "dry_run": true, "method": request.method.as_str(), "path": path, "body": request.masked_body(),
    })))
}
