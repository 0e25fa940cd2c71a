//! `c66 auth login --oauth`: the page in the browser, the code that comes back, and the token it is good for.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::pin::pin;

use super::super::context::Context;
use super::callback::CallbackListener;
use crate::cli::account::OAuth;
use crate::cloud66::endpoints;
use crate::cloud66::oauth::{Authorization, Granted, OUT_OF_BAND, split_scopes};
use crate::config::Secret;
use crate::error::{Error, Result};
use crate::signals::let_terminal_settle;

/// More than any secret needs.
const SECRET_LIMIT: u64 = 64 * 1024;

/// Comes by a token through the browser.
pub(super) async fn ask(context: &Context, args: &OAuth) -> Result<Secret> {
    let scopes = match &args.scope {
        Some(text) => split_scopes(text),
        None => endpoints::scopes().into_iter().map(str::to_owned).collect(),
    };
    let site = context.oauth_transport()?;
    let client_id = args.client_id.as_deref().unwrap_or_default();
    let client_secret = client_secret(context, args.client_secret_file.as_deref())?;
    context.printer.hide(&client_secret);

    let callback = if args.oob { None } else { Some(CallbackListener::bind(args.redirect_port.unwrap_or(0)).await?) };
    let redirect_uri = callback.as_ref().map_or_else(|| OUT_OF_BAND.to_owned(), CallbackListener::address);
    let authorization = Authorization::new(client_id, &redirect_uri, &scopes)?;
    context.printer.hide(&authorization.verifier);

    let page = authorization.url(site.root().as_str())?;
    // Not a note: nothing goes on without it, in whatever format and however quiet.
    context.printer.warn_plain(&format!("Agree on this page, as the user whose token it is to be:\n\n  {page}\n"));
    if !args.no_browser && !args.oob && open::that_detached(page.as_str()).is_err() {
        context
            .printer
            .note("No browser could be opened: open the page yourself on this machine, or begin again with --oob.");
    }
    let code = match callback {
        None => context.prompter()?.line("Code that the page shows")?,
        Some(callback) => {
            let guard = context.signals.guard()?;
            let mut answer = pin!(callback.code(&context.printer, &authorization.state, args.timeout));
            tokio::select! {
                biased;
                signal = guard.signal() => {
                    let_terminal_settle().await;
                    return Err(signal.error("interrupted before an answer came from the browser"));
                }
                code = &mut answer => code?,
            }
        }
    };
    context.printer.hide(&code);

    let granted = authorization.exchange(&site, &code, &client_secret).await?;
    context.printer.hide(&granted.token);
    warn_of_missing(context, &scopes, &granted);
    Secret::new(&granted.token, &"that the server gave")
}

fn client_secret(context: &Context, file: Option<&Path>) -> Result<String> {
    let line = match file {
        None => context
            .prompter()?
            .secret("Client secret", "--client-secret-file FILE reads it from a file, - from stdin")?,
        Some(path) if path == Path::new("-") => first_line(&mut std::io::stdin().lock(), "stdin")?,
        Some(path) => {
            let file =
                File::open(path).map_err(|error| Error::local_file(format!("read {}", path.display()), &error))?;
            first_line(&mut BufReader::new(file), &path.display().to_string())?
        }
    };
    match line.trim() {
        "" => Err(Error::usage("the client secret is empty")),
        secret => Ok(secret.to_owned()),
    }
}

/// No more than the first line is taken: the code may come after it on the same stdin.
fn first_line(reader: &mut impl BufRead, name: &str) -> Result<String> {
    let mut line = String::new();
    reader
        .take(SECRET_LIMIT)
        .read_line(&mut line)
        .map_err(|error| Error::local_file(format!("read the client secret from {name}"), &error))?;
    Ok(line)
}

fn warn_of_missing(context: &Context, asked: &[String], granted: &Granted) {
    let Some(scopes) = &granted.scopes else { return };
    let missing: Vec<&str> = asked.iter().filter(|scope| !scopes.contains(scope)).map(String::as_str).collect();
    if !missing.is_empty() {
        context.printer.warn(&format!("the server gave a token without the scopes {}", missing.join(" ")));
    }
}
