//! Setting and deleting environment variables.

use std::io::Read;

use super::Existing;
use crate::cli::args::{ListArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::actions::Action;
use crate::cloud66::endpoints::{ENVIRONMENTS_CREATE, ENVIRONMENTS_DELETE, ENVIRONMENTS_UPDATE};
use crate::cloud66::envelope::Document;
use crate::cloud66::with_field;
use crate::commands::actions::{Actions, send, verdict};
use crate::commands::context::Context;
use crate::commands::verbs::request_in_stack;
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::resource::change::acknowledge;
use crate::resource::find::Target;
use crate::resource::list::Listing;
use crate::resource::show::show;

/// Carries out `c66 env set`.
///
/// # Errors
/// A value cannot be read, a variable is readonly, or a change is not taken or fails.
pub(super) async fn set(
    context: &Context,
    assignments: &[String],
    apply_strategy: Option<&str>,
    stack: &StackArgs,
    write: &WriteArgs,
    wait: &WaitArgs,
) -> Result<()> {
    let wanted = read_assignments(context, assignments)?;
    let target = context.stack_to_change(stack, write).await?;
    let all = Existing::fetch(context, &target).await?;
    let mut changes = Vec::new();
    for (key, value) in &wanted {
        match all.get(key) {
            Some((variable, _)) if variable.readonly == Some(true) => {
                return Err(Error::new(Kind::Refused, format!("{key} is readonly")).cause("nothing was changed"));
            }
            Some((variable, _)) if variable.value.as_deref() == Some(value) => {
                context.console.note(&format!("{key} has that value already"));
            }
            existing => changes.push(change_request(&target, key, value, existing.is_some(), apply_strategy)?),
        }
    }
    let single = assignments.len() == 1;
    if changes.is_empty() {
        return print_actions(context, Vec::new(), single, "nothing to change").await;
    }
    let keys: Vec<&str> = changes.iter().map(|(key, _)| key.as_str()).collect();
    let deed = format!("Set {} on {}", keys.join(", "), target.label());
    let requests: Vec<Request> = changes.iter().map(|(_, request)| request.clone()).collect();
    if !context.may_send(&target, &deed, &requests, write, false).await? {
        return Ok(());
    }
    apply(context, &target, &changes, wait, single).await
}

/// Sends the changes one after the other (two at once would be in each other's way on the stack), and prints what
/// became of them. One that fails ends it: what was done before and what was not is said.
async fn apply(
    context: &Context,
    target: &Target,
    changes: &[(String, Request)],
    wait: &WaitArgs,
    single: bool,
) -> Result<()> {
    let mut done = Vec::new();
    for (index, (key, request)) in changes.iter().enumerate() {
        let outcome = send(context, target, request, wait).await;
        let failed = match outcome {
            Ok(Some(document)) => {
                let verdict = document.view::<Action>().and_then(|action| self::verdict(&action));
                done.push(document);
                verdict.err()
            }
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if let Some(error) = failed {
            let name = |(key, _): &(String, Request)| key.clone();
            let before: Vec<String> = changes[..index].iter().map(name).collect();
            let after: Vec<String> = changes[index + 1..].iter().map(name).collect();
            let mut error = error;
            if changes.len() > 1 {
                let said = |keys: &[String]| if keys.is_empty() { "nothing".to_owned() } else { keys.join(", ") };
                error = error.hint(format!(
                    "done before {key}: {}; not sent after it: {}; the same command does the rest",
                    said(&before),
                    said(&after)
                ));
            }
            return Err(error);
        }
    }
    print_actions(context, done, single, "done").await
}

/// Prints the actions that were started: one object for one variable, a list for several, whatever had to be changed.
async fn print_actions(context: &Context, mut done: Vec<Document>, single: bool, said: &str) -> Result<()> {
    match (done.pop(), single) {
        (Some(document), true) => show::<Actions>(&context.console, &context.plan, &ShowArgs::default(), document),
        (None, true) => acknowledge(context.cloud66().await?.transport(), &context.plan, None, said),
        (None, false) if context.plan.is_for_people() => {
            acknowledge(context.cloud66().await?.transport(), &context.plan, None, said)
        }
        (last, false) => {
            done.extend(last);
            match Listing::<Actions>::new(&context.console, &context.plan, &ListArgs::default())? {
                Some(listing) => listing.print_documents(done).await,
                None => Ok(()),
            }
        }
    }
}

/// Carries out `c66 env unset`.
///
/// # Errors
/// A variable is not there or cannot be deleted, or the answer is no.
pub(super) async fn unset(
    context: &Context,
    keys: &[String],
    stack: &StackArgs,
    write: &WriteArgs,
    wait: &WaitArgs,
) -> Result<()> {
    let target = context.stack_to_change(stack, write).await?;
    let all = Existing::fetch(context, &target).await?;
    let mut requests = Vec::new();
    for key in keys {
        let (variable, _) = all.require(key)?;
        let why = match (variable.readonly, variable.is_generated) {
            (Some(true), _) => "is readonly",
            (_, Some(true)) => "was generated by Cloud 66",
            _ => {
                requests.push(request_in_stack(&target, &ENVIRONMENTS_DELETE, &[("key", key)])?);
                continue;
            }
        };
        return Err(
            Error::new(Kind::Refused, format!("{key} {why} and cannot be deleted")).cause("nothing was changed")
        );
    }
    let deed = format!("Delete {} from {}", keys.join(", "), target.label());
    if !context.may_send(&target, &deed, &requests, write, true).await? {
        return Ok(());
    }
    let mut last = None;
    for (index, request) in requests.iter().enumerate() {
        let ended = send(context, &target, request, wait).await;
        let ended = ended.and_then(|document| {
            // Documented is an empty reply; a server that answers with an action is believed what that says.
            let action = document.as_ref().and_then(|document| document.view::<Action>().ok());
            action.map_or(Ok(()), |action| verdict(&action)).map(|()| document)
        });
        last = ended.map_err(|error| match index {
            0 => error,
            _ => error.hint(format!("deleted before that: {}", keys[..index].join(", "))),
        })?;
    }
    let said = format!("deleted {}", keys.join(", "));
    acknowledge(context.cloud66().await?.transport(), &context.plan, last.filter(|_| keys.len() == 1), &said)
}

fn change_request(
    target: &Target,
    key: &str,
    value: &str,
    exists: bool,
    apply_strategy: Option<&str>,
) -> Result<(String, Request)> {
    let mut request = if exists {
        request_in_stack(target, &ENVIRONMENTS_UPDATE, &[("key", key)])?
    } else {
        with_field(request_in_stack(target, &ENVIRONMENTS_CREATE, &[])?, "key", key)
    };
    request = with_field(request, "value", value);
    if let Some(strategy) = apply_strategy {
        request = with_field(request, "apply_strategy", strategy);
    }
    Ok((key.to_owned(), request))
}

/// Reads `KEY=VALUE`, `KEY=@FILE`, `KEY=-` and bare `KEY`s; the last of a key that is named twice is an error.
fn read_assignments(context: &Context, assignments: &[String]) -> Result<Vec<(String, String)>> {
    let mut wanted: Vec<(String, String)> = Vec::new();
    let mut stdin_taken = false;
    for assignment in assignments {
        let (key, source) = match assignment.split_once('=') {
            Some((key, source)) => (key, Some(source)),
            None => (assignment.as_str(), None),
        };
        if key.is_empty() || key.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
            return Err(Error::usage(format!("`{key}` cannot be the name of a variable")).hint("write KEY=VALUE"));
        }
        if wanted.iter().any(|(given, _)| given == key) {
            return Err(Error::usage(format!("{key} is set twice")));
        }
        let value = match source {
            None => context
                .asker()?
                .secret(&format!("Value of {key}"), &format!("{key}=VALUE, {key}=@FILE or {key}=- gives it"))?,
            Some("-") if stdin_taken => return Err(Error::usage("stdin can be the value of one variable only")),
            Some("-") => {
                stdin_taken = true;
                read_stdin()?
            }
            Some(source) => match source.strip_prefix('@') {
                Some(path) => std::fs::read_to_string(path)
                    .map_err(|error| Error::local_file(format!("read the value of {key} from {path}"), &error))?,
                None => source.to_owned(),
            },
        };
        if is_likely_secret(key, &value, assignment) {
            context.console.hide(&value);
        }
        wanted.push((key.to_owned(), value));
    }
    Ok(wanted)
}

/// Whether a value is to be struck out of everything that is said. One that is a plain short word is not: striking out
/// `production` wherever it stands would hide which stack is meant, and no secret.
fn is_likely_secret(key: &str, value: &str, assignment: &str) -> bool {
    const WORDS: [&str; 6] = ["PASS", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE"];
    let key = key.to_uppercase();
    let given_in_clear = assignment.ends_with(value) && !value.is_empty();
    let plain_word = value.bytes().all(|byte| byte.is_ascii_lowercase());
    !given_in_clear || (!plain_word && value.len() >= 6) || WORDS.iter().any(|word| key.contains(word))
}

/// stdin to its end, without the line break that `echo` and most password managers put there.
fn read_stdin() -> Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Error::local_file("read the value from stdin", &error))?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}
