//! `c66 api`: sends any request to the API, for operations without a command.

use std::fmt::Write as _;
use std::path::Path;

use clap::Args;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

use super::actions::{follow, print_verdict};
use super::context::Context;
use crate::args::{PollArgs, StackArgs, WriteArgs};
use crate::cloud66::actions::Action;
use crate::cloud66::endpoints::{ALL, ROOT};
use crate::cloud66::envelope::{Body, Document};
use crate::cloud66::ok_false_error;
use crate::commands::context::stack_match::StackRef;
use crate::commands::raw_rows;
use crate::error::{Error, Result};
use crate::files::input;
use crate::http::endpoint::Method;
use crate::http::error::bad_reply;
use crate::http::{Request, Response, trace};
use crate::resource::find::is_uid;
use crate::resource::verb::Verb;
use crate::resource::write::preview;
use crate::text::quote::shell_quote;

/// `c66 api`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 api GET /stacks --paginate --jq '.[].name'\n  c66 api POST /stacks/{stack}/actions -f command=restart --wait -s awesome-app\n  c66 api PUT /stacks/{stack}/environments/KEY -F value=@value.json --dry-run"
)]
#[command(add = Verb::any())]
pub(crate) struct ApiArgs {
    /// HTTP method
    #[arg(value_parser = ["GET", "POST", "PUT", "PATCH", "DELETE"], ignore_case = true, hide_possible_values = true)]
    pub(crate) method: String,
    /// Path below /api/3; {stack} is replaced by the UID of the stack
    pub(crate) path: String,
    /// Add a string field to the body, or for GET to the query
    #[arg(short = 'f', long = "field", value_name = "KEY=VALUE")]
    pub(crate) fields: Vec<String>,
    /// Add a JSON field; @FILE reads a file, - reads stdin
    #[arg(short = 'F', long = "json-field", value_name = "KEY=JSON")]
    pub(crate) json_fields: Vec<String>,
    /// Add a header
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Get every page of a list
    #[arg(long)]
    pub(crate) paginate: bool,
    /// Wait for the action in the reply
    #[arg(long)]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) poll_args: PollArgs,
}

/// The characters that must be escaped in a path.
pub(super) const PATH_ESCAPES: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}').add(b'\\').add(b'^').add(b'|');

/// Runs `c66 api`.
pub(crate) async fn run(context: &Context, args: &ApiArgs) -> Result<()> {
    let is_read = args.method.eq_ignore_ascii_case("GET");
    let ask = !is_read && !args.write.yes && !args.write.dry_run;
    let target = if args.path.contains("{stack}") {
        Some(context.stack(&args.stack, ask).await?)
    } else if let Some(uid) = uid_in(&args.path).filter(|_| ask) {
        // A full path to a production stack needs confirmation too.
        Some(context.stack(&StackArgs { stack: Some(uid.to_owned()), environment: None }, true).await?)
    } else {
        None
    };
    let request = request(context, args, target.as_ref())?;
    if args.write.dry_run {
        return dry_run(context, &request).await;
    }
    if !request.method.is_read() {
        self::ask(context, args, &request, target.as_ref())?;
    }
    let client = context.cloud66().await?;
    if args.paginate {
        let documents = client.fetch_all(request).await?;
        if raw_rows::wants_rows(context) {
            return raw_rows::print(context, documents);
        }
        context.printer.documents(&documents)?;
        return context.printer.flush();
    }
    let response = client.send(&request).await?;
    let inner = Body::parse(&response.body).ok().and_then(Body::document);
    if let Some(error) = inner.as_ref().and_then(|inner| ok_false_error(&request, response.status, inner)) {
        return Err(error);
    }
    if args.wait {
        return wait(context, args, target, &request, whole(&request, &response)?, inner.as_ref()).await;
    }
    let document = whole(&request, &response)?;
    if raw_rows::wants_rows(context) {
        return raw_rows::print(context, raw_rows::items(inner.unwrap_or(document)));
    }
    context.printer.document(&document)?;
    context.printer.flush()
}

/// The UID in a path below `/stacks/`.
fn uid_in(path: &str) -> Option<&str> {
    let below = path.split_once("stacks/")?.1;
    below.split(['/', '.', '?']).next().filter(|uid| is_uid(uid))
}

fn ask(context: &Context, args: &ApiArgs, request: &Request, target: Option<&StackRef>) -> Result<()> {
    if request.is_write {
        context.refuse_if_read_only(&request.describe())?;
    }
    let production =
        target.and_then(|target| target.stack.as_ref()).is_some_and(crate::cloud66::stacks::Stack::is_production);
    if !args.write.yes && (production || request.method == Method::Delete) {
        let place = target.map(|target| format!(" ({})", target.label())).unwrap_or_default();
        context.prompter()?.confirm(&format!("Send {}{place}?", request.describe()))?;
    }
    Ok(())
}

/// The body unchanged; `{"ok":true}` for an empty one.
fn whole(request: &Request, response: &Response) -> Result<Document> {
    if response.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Document::from_value(&serde_json::json!({ "ok": true })));
    }
    serde_json::from_slice(&response.body)
        .map(Document::new)
        .map_err(|error| bad_reply(request, response, format!("not JSON: {error}")))
}

/// The reply of newer servers to a redeployment.
#[derive(Deserialize)]
struct Started {
    async_action_id: Option<u64>,
}

async fn wait(
    context: &Context,
    args: &ApiArgs,
    target: Option<StackRef>,
    request: &Request,
    whole: Document,
    inner: Option<&Document>,
) -> Result<()> {
    let action = inner.and_then(|document| document.view::<Action>().ok());
    let started = inner.and_then(|document| document.view::<Started>().ok()?.async_action_id);
    let is_action = action.as_ref().is_some_and(|action| action.action.is_some());
    let id = started.or_else(|| action.filter(|_| is_action)?.id);
    let uid = request.path.strip_prefix("/stacks/").and_then(|rest| rest.split(['/', '.']).next());
    let (Some(id), Some(uid)) = (id, uid) else {
        context.printer.warn("the reply has no action to wait for");
        context.printer.document(&whole)?;
        return context.printer.flush();
    };
    let target = target.unwrap_or_else(|| StackRef { uid: uid.to_owned(), stack: None, name: None });
    let ended = follow(context, &target, id, None, &args.poll_args, !request.method.is_read()).await?;
    print_verdict(context, ended)
}

fn request(context: &Context, args: &ApiArgs, target: Option<&StackRef>) -> Result<Request> {
    let method = Method::ALL
        .into_iter()
        .find(|method| method.as_str().eq_ignore_ascii_case(&args.method))
        .ok_or_else(|| Error::usage(format!("invalid method `{}`", args.method)))?;
    let (path, query) = path(context, &args.path, target)?;
    let mut request = Request::new(method, path);
    request.query = query;
    let plain = request.path.strip_suffix(".json").unwrap_or(&request.path).to_owned();
    if let Some(endpoint) = ALL.iter().find(|row| row.method == method && row.match_path(&plain).is_some()) {
        request.scope = Some(endpoint.scope);
        request.secrets = endpoint.params.iter().filter(|param| param.secret).map(|param| param.name).collect();
    }
    let text_fields = args.fields.iter().map(|field| pair(field).map(|(key, value)| (key, Value::from(value))));
    let json_fields = args.json_fields.iter().map(|field| json_field(field));
    for field in text_fields.chain(json_fields) {
        let (key, value) = field?;
        if let Some(secret) = value.as_str().filter(|_| trace::is_secret(key, &request.secrets)) {
            context.printer.add_secret(secret);
        }
        if method.is_read() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            request.query.push((key.to_owned(), text));
        } else {
            request = crate::cloud66::with_field(request, key, value);
        }
    }
    for header in &args.headers {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| Error::usage(format!("invalid header `{header}`: expected `Name: value`")))?;
        request.headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(request)
}

/// The path below the API root, and its query.
fn path(context: &Context, given: &str, target: Option<&StackRef>) -> Result<(String, Vec<(String, String)>)> {
    let given = given.replace("{stack}", target.map_or("", |target| target.uid.as_str()));
    let root = crate::cloud66::api_root(&context.api_url());
    let below = given.strip_prefix(&root).unwrap_or(&given);
    if below.contains("://") {
        return Err(Error::usage("refusing to send the token to another host").hint("give the path, such as /stacks"));
    }
    let below = below.strip_prefix(ROOT).unwrap_or(below);
    let (path, query) = below.split_once('?').unwrap_or((below, ""));
    let path = format!("/{}", path.trim_start_matches('/'));
    let query = form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned()));
    Ok((utf8_percent_encode(&path, PATH_ESCAPES).to_string(), query.collect()))
}

pub(super) fn pair(field: &str) -> Result<(&str, &str)> {
    field
        .split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| Error::usage(format!("invalid field `{field}`: expected KEY=VALUE")))
}

pub(super) fn json_field(field: &str) -> Result<(&str, Value)> {
    let (key, source) = pair(field)?;
    if source == "-" {
        return Ok((key, parsed_or_text(&input::read(Path::new("-"))?)));
    }
    if let Some(path) = source.strip_prefix('@') {
        return Ok((key, parsed_or_text(&input::read(Path::new(path))?)));
    }
    let value = serde_json::from_str(source).map_err(|error| {
        Error::usage(format!("the value of `{key}` is not JSON"))
            .cause(error.to_string())
            .hint(format!("-f {key}=… sends text"))
    })?;
    Ok((key, value))
}

/// The content of a file as JSON if it parses, else as a string.
pub(super) fn parsed_or_text(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// The request as a curl command, redacted.
async fn dry_run(context: &Context, request: &Request) -> Result<()> {
    let transport = context.cloud66().await?.transport();
    if !context.printer.is_for_people() {
        return preview(transport, request);
    }
    let mut line = format!(
        "curl -X {} {} -H 'Authorization: Bearer [redacted]'",
        request.method,
        shell_quote(&context.printer.redact(transport.url(request)?.as_str()))
    );
    for (name, value) in &request.headers {
        let known = ["accept", "content-type", "x-account"].contains(&name.to_ascii_lowercase().as_str());
        let _ =
            write!(line, " -H {}", shell_quote(&format!("{name}: {}", if known { value } else { trace::REDACTED })));
    }
    if let Some(body) = request.masked_body() {
        let _ = write!(line, " -H 'Content-Type: application/json' -d {}", shell_quote(&body.to_string()));
    }
    context.printer.note("dry run: nothing was sent");
    context.printer.write(|out| writeln!(out, "{line}"))?;
    context.printer.flush()
}
