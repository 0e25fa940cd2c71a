//! Sets environment variables.

use std::path::Path;
use std::time::Instant;

use super::bulk_update::{self, change_request};
use super::{StackVariables, name};
use crate::args::{StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::envelope::Document;
use crate::commands::actions::{print_actions, print_unchanged, send_all, send_all_and_print};
use crate::commands::bulk::{BulkWrite, NamedRequest, WriteResult};
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::error::{Error, Kind, Result};
use crate::files::input;
use crate::http::Request;
use crate::text::format::past_tense;

/// The variables to set, on one stack or several.
pub(super) struct SetVariables<'a> {
    pub(super) wanted: Vec<(String, String)>,
    pub(super) apply_strategy: Option<&'a str>,
    pub(super) wait: &'a WaitArgs,
}

impl SetVariables<'_> {
    /// Sets them on the chosen stack.
    pub(super) async fn run(&self, context: &Context, stack: &StackArgs, write: &WriteArgs) -> Result<()> {
        let target = context.stack_for_write(stack, write).await?;
        let changes = self.changes(context, &target).await?;
        let single = self.wanted.len() == 1;
        if changes.is_empty() {
            return print_unchanged(context, single, "Nothing to change.").await;
        }
        let keys: Vec<&str> = changes.iter().map(|(key, _)| key.as_str()).collect();
        let prompt = format!("Set {} on {}", keys.join(", "), target.label());
        let is_sent = |(key, _): &&(String, String)| keys.contains(&key.as_str());
        let sent: Vec<(String, String)> = self.wanted.iter().filter(is_sent).cloned().collect();
        let together = match sent.as_slice() {
            [_] => None,
            several => Some(bulk_update::request(&target, several, self.apply_strategy)?),
        };
        let requests: Vec<Request> = match &together {
            Some(request) => vec![request.clone()],
            None => changes.iter().map(|(_, request)| request.clone()).collect(),
        };
        if together.is_some() && write.dry_run {
            context.printer.note(bulk_update::WITHOUT_BULK);
        }
        if !context.confirm_write(&target, &prompt, &requests, write).await? {
            return Ok(());
        }
        let sentence = past_tense(&prompt);
        let began = Instant::now();
        if let Some(request) = together
            && let Some(done) = bulk_update::send(context, &target, &request, &sent, &[], self.wait).await?
        {
            let done = done.into_iter().collect();
            return print_actions(context, &target, done, single, &sentence, began).await;
        }
        send_all_and_print(context, &target, &changes, self.wait, single, &sentence).await
    }
}

impl BulkWrite for SetVariables<'_> {
    fn phrase(&self) -> String {
        let keys: Vec<&str> = self.wanted.iter().map(|(key, _)| key.as_str()).collect();
        format!("Set {} on", keys.join(", "))
    }

    async fn changes(&self, context: &Context, target: &StackRef) -> Result<Vec<NamedRequest>> {
        let all = StackVariables::fetch(context, target).await?;
        let mut changes = Vec::new();
        for (key, value) in &self.wanted {
            match all.get(key) {
                Some((variable, _)) if variable.readonly == Some(true) => {
                    return Err(Error::new(Kind::Refused, format!("{key} is read-only")).cause("nothing was changed"));
                }
                Some((variable, _)) if variable.value.as_deref() == Some(value) => {
                    context.printer.note(&format!("{key} already has this value on {}", target.label()));
                }
                existing => changes.push(change_request(target, key, value, existing.is_some(), self.apply_strategy)?),
            }
        }
        Ok(changes)
    }

    async fn carry_out(&self, context: &Context, target: &StackRef, changes: Vec<NamedRequest>) -> Result<WriteResult> {
        let keys: Vec<&str> = changes.iter().map(|(key, _)| key.as_str()).collect();
        let summary = format!("set {}", keys.join(", "));
        let mut done = send_all(context, target, &changes, self.wait).await?;
        // The same message as for one stack.
        let document = match done.pop() {
            Some(action) if self.wanted.len() == 1 => Some(action),
            last => {
                done.extend(last);
                Some(Document::from_serialize(&done.iter().map(Document::raw).collect::<Vec<_>>())?)
            }
        };
        Ok(WriteResult { document, verdict: Ok(()), summary })
    }
}

/// Parses `KEY=VALUE`, `KEY=@FILE`, `KEY=-` and plain `KEY`s; a duplicate key is an error.
pub(super) fn read_assignments(
    context: &Context,
    assignments: &[String],
    mut stdin_taken: bool,
) -> Result<Vec<(String, String)>> {
    let mut wanted: Vec<(String, String)> = Vec::new();
    for assignment in assignments {
        let (key, source) = match assignment.split_once('=') {
            Some((key, source)) => (key, Some(source)),
            None => (assignment.as_str(), None),
        };
        name::check(key).map_err(|error| if source.is_none() { error.hint("write KEY=VALUE") } else { error })?;
        if wanted.iter().any(|(given, _)| given == key) {
            return Err(Error::usage(format!("{key} is set twice")));
        }
        let value = match source {
            None => context
                .prompter()?
                .secret(&format!("Value of {key}"), &format!("pass {key}=VALUE, {key}=@FILE or {key}=-"))?,
            Some("-" | "@-") if stdin_taken => {
                return Err(Error::usage("stdin can be used only once"));
            }
            Some("-" | "@-") => {
                stdin_taken = true;
                read_stdin()?
            }
            Some(source) => match source.strip_prefix('@') {
                Some(path) => input::read(Path::new(path))
                    .map_err(|error| error.hint(format!("{key}=@FILE reads the value from a file")))?,
                None => source.to_owned(),
            },
        };
        name::check_value(key, &value)?;
        if is_likely_secret(key, &value, assignment) {
            context.printer.add_secret(&value);
        }
        wanted.push((key.to_owned(), value));
    }
    Ok(wanted)
}

/// Whether to redact a value everywhere. Not a plain short word: redacting `production` everywhere would hide which
/// stack is meant, and is not a secret.
fn is_likely_secret(key: &str, value: &str, assignment: &str) -> bool {
    const WORDS: [&str; 6] = ["PASS", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE"];
    let key = key.to_uppercase();
    let given_in_clear = assignment.ends_with(value) && !value.is_empty();
    let plain_word = value.bytes().all(|byte| byte.is_ascii_lowercase());
    !given_in_clear || (!plain_word && value.len() >= 6) || WORDS.iter().any(|word| key.contains(word))
}

/// stdin to its end, without the line break that `echo` and most password managers add.
fn read_stdin() -> Result<String> {
    let mut text = input::read(Path::new("-"))?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}
