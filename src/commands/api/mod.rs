//! `c66 api`: sends any request to the API, for operations without a command.

mod cached;
pub(super) mod fields;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;

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
use crate::resource::verb::{Asks, Verb};
use crate::resource::write::preview;
use crate::text::parse::parse_duration;
use crate::text::quote::shell_quote;

/// `c66 api`
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(
    allow_missing_positional = true,
    after_help = "Examples:\n  c66 api /stacks --paginate --jq '.[].name'\n  c66 api POST /stacks/{stack}/actions -f command=restart --wait -s awesome-app@production\n  c66 api PUT /stacks/{stack}/environments/KEY -F value=@value.json --dry-run"
)]
#[command(add = Verb::any().asks(Asks::OnProduction).asks_also("for DELETE"))]
pub(crate) struct ApiArgs {
    /// HTTP method [default: GET]
    #[arg(value_parser = ["GET", "POST", "PUT", "PATCH", "DELETE"], ignore_case = true, hide_possible_values = true)]
    pub(crate) method: Option<String>,
    /// Path below /api/3; {stack} is replaced by the UID of the stack
    pub(crate) path: String,
    /// Add a string field to the body, or for GET to the query; a[b]=V and a[]=V nest
    #[arg(short = 'f', long = "field", value_name = "KEY=VALUE")]
    pub(crate) fields: Vec<String>,
    /// Add a JSON field; @FILE reads a file, - reads stdin
    #[arg(short = 'F', long = "json-field", value_name = "KEY=JSON")]
    pub(crate) json_fields: Vec<String>,
    /// Send this JSON file as the body, - for stdin; fields go to the query
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// Add a header
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Print the status and headers of the reply too
    #[arg(short, long, conflicts_with_all = ["paginate", "wait"])]
    pub(crate) include: bool,
    /// Get every page of a list
    #[arg(long)]
    pub(crate) paginate: bool,
    /// Print an array with an array for each page
    #[arg(long, requires = "paginate")]
    pub(crate) slurp: bool,
    /// Use the reply to the same request for this long, such as 60s; at most a day, only for GET
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, conflicts_with_all = ["include", "wait"])]
    pub(crate) cache: Option<Duration>,
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

impl ApiArgs {
    /// The method: GET unless another is given.
    fn method(&self) -> Result<Method> {
        let Some(word) = &self.method else {
            return match method_of(&self.path) {
                Some(method) => Err(Error::usage("missing the path")
                    .hint(format!("c66 api {} /stacks, or another path of the API", method.as_str()))),
                None => Ok(Method::Get),
            };
        };
        method_of(word).ok_or_else(|| Error::usage(format!("invalid method `{word}`")))
    }
}

fn method_of(word: &str) -> Option<Method> {
    Method::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(word))
}

/// Runs `c66 api`.
pub(crate) async fn run(context: &Context, args: &ApiArgs) -> Result<()> {
    let method = args.method()?;
    if !method.is_read() && args.cache.is_some() {
        return Err(Error::usage("--cache is only for GET"));
    }
    let ask = !method.is_read() && !args.write.yes && !args.write.dry_run;
    let target = if args.path.contains("{stack}") {
        Some(context.stack(&args.stack, ask).await?)
    } else if let Some(uid) = uid_in(&args.path).filter(|_| ask) {
        // A full path to a production stack needs confirmation too.
        Some(context.stack(&StackArgs { stack: Some(uid.to_owned()), environment: None }, true).await?)
    } else {
        None
    };
    let request = request(context, args, method, target.as_ref())?;
    if args.write.dry_run {
        return dry_run(context, &request).await;
    }
    if !request.method.is_read() {
        self::ask(context, args, &request, target.as_ref())?;
    }
    let client = context.cloud66().await?;
    if args.paginate {
        return paginate(context, args, request).await;
    }
    let response = match args.cache {
        Some(age) => cached::send(context, &request, age).await?,
        None => client.send(&request).await?,
    };
    if args.include {
        include(context, &response)?;
    }
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

/// Prints the items of every page, as one array or one for each page.
async fn paginate(context: &Context, args: &ApiArgs, request: Request) -> Result<()> {
    let pages = match args.cache {
        Some(age) => cached::pages(context, &request, age).await?,
        None => cached::fetch_pages(context, &request).await?,
    };
    if args.slurp {
        let pages: Vec<Vec<&RawValue>> = pages.iter().map(|page| page.iter().map(Document::raw).collect()).collect();
        context.printer.document(Document::from_serialize(&pages)?)?;
        return context.printer.flush();
    }
    let documents: Vec<Document> = pages.into_iter().flatten().collect();
    if raw_rows::wants_rows(context) {
        return raw_rows::print(context, documents);
    }
    context.printer.documents(&documents)?;
    context.printer.flush()
}

/// Prints the status and the headers, without cookies.
fn include(context: &Context, response: &Response) -> Result<()> {
    let name = reqwest::StatusCode::from_u16(response.status).ok().and_then(|status| status.canonical_reason());
    context.printer.write(|out| {
        writeln!(out, "HTTP/1.1 {} {}", response.status, name.unwrap_or_default())?;
        for header in trace::headers(&response.headers) {
            writeln!(out, "{header}")?;
        }
        writeln!(out)
    })
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
    let asks = if request.method == Method::Delete { Asks::Always } else { Asks::Never };
    if !args.write.yes && context.must_ask(asks, production) {
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

fn request(context: &Context, args: &ApiArgs, method: Method, target: Option<&StackRef>) -> Result<Request> {
    let (path, query) = path(context, &args.path, target)?;
    let mut request = Request::new(method, path);
    request.query = query;
    let plain = request.path.strip_suffix(".json").unwrap_or(&request.path).to_owned();
    if let Some(endpoint) = ALL.iter().find(|row| row.method == method && row.match_path(&plain).is_some()) {
        request.scope = Some(endpoint.scope);
        request.secrets = endpoint.params.iter().filter(|param| param.secret).map(|param| param.name).collect();
    }
    if let Some(path) = &args.input {
        if method.is_read() {
            return Err(Error::usage("GET has no body").hint("pass a method: c66 api POST PATH --input FILE"));
        }
        let body = serde_json::from_str(&input::read(path)?)
            .map_err(|error| Error::usage("the input is not JSON").cause(error.to_string()))?;
        request.body = Some(body);
    }
    let text_fields = args.fields.iter().map(|field| fields::text(field));
    let json_fields = args.json_fields.iter().map(|field| fields::json(field));
    for field in text_fields.chain(json_fields) {
        let (key, value) = field?;
        let name = fields::last_name(key);
        if let Some(secret) = value.as_str().filter(|_| trace::is_secret(name, &request.secrets)) {
            context.printer.add_secret(secret);
        }
        if method.is_read() || args.input.is_some() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            request.query.push((key.to_owned(), text));
        } else {
            fields::insert(request.body.get_or_insert_with(|| serde_json::json!({})), key, value)?;
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
