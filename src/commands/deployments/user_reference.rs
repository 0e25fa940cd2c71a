//! The reference by which a redeployment is found again: it is sent with the request, and servers that support it store
//! it with the action.

use std::cell::Cell;
use std::time::Duration;

use crate::args::PollArgs;
use crate::cloud66::Cloud66;
use crate::cloud66::actions::Action;
use crate::cloud66::envelope::Document;
use crate::commands::by_reference;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::deployments;
use crate::commands::newest::Thoroughness;
use crate::error::{Error, Result};
use crate::wait::{Operation, Poll, WaitError};

/// Maximum length on the server, in characters.
const MAX_LENGTH: usize = 255;
/// How many polls may look for a redeployment whose reply was lost.
const MAX_POLLS: u32 = 5;
/// How many polls may fail, each with its retries.
const MAX_FAILED_POLLS: u32 = 3;
/// How long the search may take if the API is unavailable or allows few requests: as long as the command may wait for
/// the deployment, but no less and no more than this.
const MIN_SEARCH: Duration = Duration::from_secs(10);
const MAX_SEARCH: Duration = Duration::from_secs(5 * 60);

/// The reference of a redeployment.
#[derive(Clone)]
pub(super) struct UserReference {
    text: String,
    /// Whether `--reference` set it (so it may not be unique).
    chosen: bool,
    /// The newest action with it before the request was sent.
    before: Option<u64>,
}

impl UserReference {
    /// The given reference, or a unique one.
    pub(super) fn of(chosen: Option<&str>) -> Result<Self> {
        let text = match chosen {
            Some(text) if text.trim().is_empty() || text.chars().count() > MAX_LENGTH => {
                return Err(Error::usage(format!("--reference must have 1 to {MAX_LENGTH} characters")));
            }
            Some(text) => text.to_owned(),
            None => format!("c66-{:032x}", fastrand::u128(..)),
        };
        Ok(Self { text, chosen: chosen.is_some(), before: None })
    }

    /// The text of the reference.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Records which action has the reference already: a given one may have been used before.
    pub(super) async fn with_last_action(&self, client: &Cloud66, target: &StackRef) -> Result<Self> {
        let before = if self.chosen { self.find_action(client, target).await? } else { None };
        Ok(Self { before, ..self.clone() })
    }

    /// The newest action that was started with it since; `None` if the API keeps no references.
    pub(super) async fn find_action(&self, client: &Cloud66, target: &StackRef) -> Result<Option<u64>> {
        let mut pages = client.pages(by_reference::request(target, &self.text)?, None);
        let mut found = None;
        while let Some(page) = pages.next().await? {
            let actions = page.items.into_iter().filter_map(|item| Document::new(item).view::<Action>().ok());
            let ours = actions.filter(|action| by_reference::has(action, &self.text));
            found = found.max(ours.filter_map(|action| action.id).filter(|id| Some(*id) > self.before).max());
            // A generated reference is unique.
            if found.is_some() && !self.chosen {
                break;
            }
        }
        Ok(found)
    }

    /// The same with a single request, which may be too early: returns the action as it was sent.
    pub(super) async fn look_once(&self, client: &Cloud66, target: &StackRef) -> Result<Option<Document>> {
        by_reference::look_once(client, target, &self.text, self.before).await
    }

    /// Finds out what happened to a request whose reply was lost: returns the id of the action that it started. Nothing
    /// is sent again.
    ///
    /// # Errors
    /// If it does not appear, so that the outcome is unknown: `lost` with hints; or if a signal comes.
    pub(super) async fn after_lost_reply(
        &self,
        context: &Context,
        target: &StackRef,
        before: Option<u64>,
        lost: Error,
        time_limit: Option<Duration>,
    ) -> Result<u64> {
        let client = context.cloud66().await?;
        context.printer.progress(&format!("{}; checking whether it was done", lost.message()));
        let operation = Operation {
            label: format!("redeployment of {} with reference {}", target.label(), self.text),
            attach: super::wait_command(context, target, &self.text),
            cancel: None,
            action_id: None,
            deployment_id: None,
            follows_write: false,
        };
        let time_limit = time_limit.unwrap_or(MAX_SEARCH).clamp(MIN_SEARCH, MAX_SEARCH);
        let poll_args = PollArgs { timeout: Some(time_limit), poll_interval: None };
        let waiter = context.waiter(&poll_args, time_limit).await?;
        let (looks, failed) = (Cell::new(0), Cell::new(0));
        let poll = || async {
            match self.find_action(client, target).await {
                Ok(Some(id)) => return Ok(Poll::Done(Some(id), format!("found as action {id}"))),
                Ok(None) => looks.set(looks.get() + 1),
                Err(_) => failed.set(failed.get() + 1),
            }
            let in_vain = looks.get() == MAX_POLLS || failed.get() == MAX_FAILED_POLLS;
            Ok(if in_vain {
                Poll::Done(None, "not found".to_owned())
            } else {
                Poll::Running("not found yet".to_owned())
            })
        };
        match waiter.until_ended_or_wait_error(&operation, true, poll).await {
            Ok(Some(id)) => Ok(id),
            Err(wait_error @ WaitError::Signal(_)) => Err(wait_error.error(&operation).maybe_done()),
            Ok(None) | Err(_) => Err(self.unknown(context, target, before, lost).await),
        }
    }

    /// The error for an unknown outcome, with the deployment that may be ours.
    async fn unknown(&self, context: &Context, target: &StackRef, before: Option<u64>, lost: Error) -> Error {
        let newest = match context.cloud66().await {
            Ok(client) => deployments::newest(client, target, Thoroughness::Often).await.ok().flatten(),
            Err(_) => None,
        };
        let newer = newest.filter(|id| before.is_some() && Some(*id) > before);
        let (globals, flag) = (&context.global_flags, target.flag());
        match newer {
            Some(id) => lost.hint(format!(
                "deployment {id} has started since then; if it is yours, follow it with: c66{globals} deployments wait {id} {flag}"
            )),
            None => lost,
        }
        .hint("the request is not sent again; redeploy only after checking that it was not done")
    }
}
