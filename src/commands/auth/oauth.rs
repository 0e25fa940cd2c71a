//! `c66 auth login --oauth`: the page in the browser, the code, and the token for it.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use clap::Args;

use super::super::context::Context;
use super::callback::CallbackListener;
use crate::cloud66::endpoints;
use crate::cloud66::oauth::{AuthorizationRequest, OUT_OF_BAND, TokenGrant, split_scopes};
use crate::config::Secret;
use crate::error::{Error, Result};
use crate::files::bounded::open_named;
use crate::signals::let_terminal_settle;
use crate::text::parse::parse_duration;

/// How to get a token through your own application.
#[derive(Args, Debug)]
#[command(next_help_heading = "OAuth")]
pub(crate) struct OAuthArgs {
    /// Log in through the browser with your OAuth application
    #[arg(long, requires = "client_id")]
    pub(crate) oauth: bool,
    /// Client ID of the application
    #[arg(long, value_name = "ID", requires = "oauth")]
    pub(crate) client_id: Option<String>,
    /// Read the client secret from the first line of a file; - reads stdin
    #[arg(long, value_name = "FILE", requires = "oauth")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Scopes to request, comma-separated [default: all that commands need]
    #[arg(long, value_name = "A,B", requires = "oauth")]
    pub(crate) scope: Option<String>,
    /// Paste the code from the page (for machines without a browser)
    #[arg(long, requires = "oauth")]
    pub(crate) oob: bool,
    /// Print the address of the page without opening it
    #[arg(long, requires = "oauth")]
    pub(crate) no_browser: bool,
    /// Port of http://127.0.0.1:PORT/callback, the redirect URI [default: a free one]
    #[arg(long, value_name = "PORT", requires = "oauth", conflicts_with = "oob")]
    pub(crate) redirect_port: Option<u16>,
    /// Maximum time to wait for the browser; 0 for no limit
    #[arg(long, value_name = "DURATION", requires = "oauth", conflicts_with = "oob", value_parser = parse_duration, default_value = "5m")]
    pub(crate) timeout: Duration,
}

/// Maximum length of a secret.
const SECRET_LIMIT: u64 = 64 * 1024;

/// Gets a token through the browser.
pub(super) async fn ask(context: &Context, args: &OAuthArgs) -> Result<Secret> {
    let scopes = match &args.scope {
        Some(text) => split_scopes(text),
        None => endpoints::scopes().into_iter().map(str::to_owned).collect(),
    };
    let site = context.oauth_transport()?;
    let client_id = args.client_id.as_deref().unwrap_or_default();
    let client_secret = client_secret(context, args.client_secret_file.as_deref())?;
    context.printer.add_credential(&client_secret);

    let callback = if args.oob { None } else { Some(CallbackListener::bind(args.redirect_port.unwrap_or(0)).await?) };
    let redirect_uri = callback.as_ref().map_or_else(|| OUT_OF_BAND.to_owned(), CallbackListener::address);
    let authorization = AuthorizationRequest::new(client_id, &redirect_uri, &scopes)?;
    context.printer.add_credential(&authorization.verifier);

    let page = authorization.url(site.root().as_str())?;
    // Not a note: the user must see it in every format, even with --quiet.
    context
        .printer
        .print_to_stderr(&format!("Grant access on this page, logged in as the user of the token:\n\n  {page}\n"));
    if !args.no_browser && !args.oob && open::that_detached(page.as_str()).is_err() {
        context.printer.note("Cannot open a browser. Open the page on this machine, or start again with --oob.");
    }
    let code = match callback {
        None => context.prompter()?.line("Code from the page")?,
        Some(callback) => {
            let guard = context.signals.guard()?;
            let mut answer = pin!(callback.code(&context.printer, &authorization.state, args.timeout));
            tokio::select! {
                biased;
                signal = guard.signal() => {
                    let_terminal_settle().await;
                    return Err(signal.error("interrupted while waiting for the browser"));
                }
                code = &mut answer => code?,
            }
        }
    };
    context.printer.add_credential(&code);

    let granted = authorization.exchange(&site, &code, &client_secret).await?;
    context.printer.add_credential(&granted.token);
    warn_of_missing(context, &scopes, &granted);
    Secret::new(&granted.token, &"from the API")
}

fn client_secret(context: &Context, file: Option<&Path>) -> Result<String> {
    let line = match file {
        None => context.prompter()?.secret("Client secret", "pass --client-secret-file FILE (- reads stdin)")?,
        Some(path) if path == Path::new("-") => first_line(&mut std::io::stdin().lock(), "stdin")?,
        Some(path) => {
            let file =
                open_named(path).map_err(|error| Error::local_file(format!("read {}", path.display()), &error))?;
            first_line(&mut BufReader::new(file), &path.display().to_string())?
        }
    };
    match line.trim() {
        "" => Err(Error::usage("the client secret is empty")),
        secret => Ok(secret.to_owned()),
    }
}

/// Read only the first line: the code may follow on the same stdin.
fn first_line(reader: &mut impl BufRead, name: &str) -> Result<String> {
    let mut line = String::new();
    reader
        .take(SECRET_LIMIT)
        .read_line(&mut line)
        .map_err(|error| Error::local_file(format!("read the client secret from {name}"), &error))?;
    Ok(line)
}

fn warn_of_missing(context: &Context, asked: &[String], granted: &TokenGrant) {
    let Some(scopes) = &granted.scopes else { return };
    let missing: Vec<&str> = asked.iter().filter(|scope| !scopes.contains(scope)).map(String::as_str).collect();
    if !missing.is_empty() {
        context.printer.warn(&format!("the token lacks the scopes {}", missing.join(" ")));
    }
}
