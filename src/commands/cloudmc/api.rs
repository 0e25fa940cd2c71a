//! `c66 cloudmc api`: sends any request to the API, for operations without a command.

use clap::Args;
use percent_encoding::{percent_decode_str, utf8_percent_encode};

use super::super::api::PATH_ESCAPES;
use super::super::context::Context;
use super::args::{BodyArgs, OrgArgs, QueryArgs};
use super::body::with_body;
use super::tasks::{follow, print_verdict};
use super::write::is_destructive;
use crate::args::{PollArgs, WriteArgs};
use crate::cloudmc::CloudMc;
use crate::cloudmc::envelope::ParsedReply;
use crate::cloudmc::raw::RawFields;
use crate::commands::raw_rows;
use crate::error::{Error, Result};
use crate::http::document::Document;
use crate::http::endpoint::Method;
use crate::http::error::bad_reply;
use crate::http::{Request, Response};
use crate::output::Format;
use crate::resource::verb::{Asks, Verb};

/// `c66 cloudmc api`
#[derive(Args, Debug)]
#[command(
    add = Verb::default().asks(Asks::Never).asks_also("for DELETE"),
    after_help = "Examples:\n  c66 cloudmc api GET /users --jq '.data[].userName'\n  c66 cloudmc api PUT /users/1bb8c286-45dc-4038-8958-d678e4115737 --data @user.json --dry-run\n  c66 cloudmc api GET /service/usage -H 'Accept: text/csv' --raw > usage.csv"
)]
pub(crate) struct ApiArgs {
    /// HTTP method
    #[arg(value_parser = ["GET", "POST", "PUT", "PATCH", "DELETE"], ignore_case = true, hide_possible_values = true)]
    pub(crate) method: String,
    /// Path below the endpoint
    pub(crate) path: String,
    #[command(flatten)]
    pub(crate) body: BodyArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
    /// Add a header
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Print the raw response body
    #[arg(long)]
    pub(crate) raw: bool,
    /// Wait for the task in the reply
    #[arg(long)]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) org: OrgArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) poll_args: PollArgs,
}

/// Runs `c66 cloudmc api`.
pub(super) async fn run(context: &Context, args: &ApiArgs) -> Result<()> {
    let client = context.cloudmc(&args.org).await?;
    let request = client.with_organization(request(context, client, args)?);
    let operation = request.query.iter().find(|(name, _)| name == "operation").map(|(_, operation)| operation.as_str());
    let destroys = request.method == Method::Delete || operation.is_some_and(is_destructive);
    let ask = context.must_ask(if destroys { Asks::Always } else { Asks::Never }, false);
    if !request.method.is_read() || args.write.dry_run {
        let prompt = format!("Send {}", request.describe());
        let requests = std::slice::from_ref(&request);
        if !context.confirm_write_over(client.transport(), &prompt, requests, &args.write, ask).await? {
            return Ok(());
        }
    }
    let hint = format!("check with: {}", context.cloudmc_command(client, "activity list --mine"));
    let (reply, response) = context.or_interrupted(&request, &[hint], client.call(&request)).await?;
    if args.wait {
        if let ParsedReply::Started(task) = reply {
            let label = request.describe();
            let ended = follow(context, client, task, &label, &args.poll_args).await?;
            return print_verdict(context, ended, &label, true);
        }
        context.printer.warn("the reply has no task to wait for");
    }
    print(context, args.raw, &request, &response, &reply)
}

/// Prints the body: formatted if it is JSON, unchanged otherwise or with `--raw`.
fn print(context: &Context, raw: bool, request: &Request, response: &Response, reply: &ParsedReply) -> Result<()> {
    if raw || (matches!(reply, ParsedReply::Raw) && context.printer.is_for_people()) {
        context.printer.write(|out| out.write_all(&response.body))?;
        return context.printer.flush();
    }
    let document = match reply {
        ParsedReply::Empty if context.printer.is_structured() || context.printer.format() == Format::Table => {
            Document::from_value(&serde_json::json!({ "ok": true }))
        }
        ParsedReply::Empty => return Ok(()),
        _ => serde_json::from_slice(&response.body)
            .map(Document::new)
            .map_err(|_| bad_reply(request, response, "not JSON").hint("pass --raw to print it unchanged"))?,
    };
    if raw_rows::wants_rows(context) {
        let fields: RawFields = serde_json::from_str(document.text()).unwrap_or_default();
        let data = fields.get("data").map(|data| Document::new(data.to_owned()));
        return raw_rows::print(context, raw_rows::items(data.unwrap_or(document)));
    }
    context.printer.document(&document)?;
    context.printer.flush()
}

fn request(context: &Context, client: &CloudMc, args: &ApiArgs) -> Result<Request> {
    let method = Method::ALL
        .into_iter()
        .find(|method| method.as_str().eq_ignore_ascii_case(&args.method))
        .ok_or_else(|| Error::usage(format!("invalid method `{}`", args.method)))?;
    let (path, query) = path(client, &args.path)?;
    let mut request = Request::new(method, path);
    request.query = query;
    // Some GET requests act too, such as the one that resends an e-mail: nothing is retried.
    request.never_retry = true;
    if request.path.starts_with("/tasks/") {
        request.secrets.push("result");
    }
    for header in &args.headers {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| Error::usage(format!("invalid header `{header}`: expected `Name: value`")))?;
        request.headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    with_body(&context.printer, request, &args.body, &args.query)
}

/// The path below the root, and its query.
fn path(client: &CloudMc, given: &str) -> Result<(String, Vec<(String, String)>)> {
    let root = client.transport().root();
    let below = given.strip_prefix(root.as_str().trim_end_matches('/')).unwrap_or(given);
    if below.contains("://") || below.starts_with("//") {
        return Err(
            Error::usage("refusing to send the API key to another host").hint("give the path, such as /organizations")
        );
    }
    let (path, query) = below.split_once('?').unwrap_or((below, ""));
    let path = format!("/{}", path.trim_start_matches('/'));
    let root_path = root.path().trim_end_matches('/');
    let path = path.strip_prefix(root_path).filter(|rest| rest.starts_with('/')).unwrap_or(&path);
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    if decoded.split('/').any(|part| matches!(part, "." | "..")) || decoded.contains(char::is_control) {
        return Err(Error::usage(format!("invalid path `{given}`")));
    }
    let query = form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned()));
    Ok((utf8_percent_encode(path, PATH_ESCAPES).to_string(), query.collect()))
}
