//! Follows a redeployment: the action, if one is known, and our deployment.

use std::cell::{Cell as Slot, RefCell};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::cloud66::Cloud66;
use crate::cloud66::actions::{Action, RunState};
use crate::cloud66::deployments::Deployment;
use crate::cloud66::envelope::Document;
use crate::commands::actions;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::deployments::user_reference::UserReference;
use crate::commands::deployments::{self, cancel_request, progress_label, show_request};
use crate::error::{Error, Result};
use crate::http::fields::Fields;
use crate::signals::Signal;
use crate::text::quote::shell_words;
use crate::wait::{Operation, Poll, WaitError};

/// The reply to the request.
#[derive(Default, Deserialize)]
#[serde(from = "Fields")]
pub(super) struct DeployReply {
    pub(super) message: Option<String>,
    pub(super) queued: Option<bool>,
    pub(super) async_action_id: Option<u64>,
}

impl DeployReply {
    /// The missing parts of a lost reply.
    pub(super) fn of_action(id: u64) -> Self {
        Self { async_action_id: Some(id), ..Self::default() }
    }
}

impl From<Fields> for DeployReply {
    fn from(fields: Fields) -> Self {
        Self {
            message: fields.text("message"),
            queued: fields.boolean("queued"),
            async_action_id: fields.unsigned("async_action_id"),
        }
    }
}

/// How long a deployment with the API as its trigger is preferred over another newer one.
const API_ORIGIN_WINDOW: Duration = Duration::from_secs(10);
/// How many polls after the end of the action the deployment may take to appear in the list.
const POLLS_AFTER_ACTION: u32 = 3;

/// The final state.
pub(super) struct FollowResult {
    pub(super) action: Option<Document>,
    pub(super) deployment: Option<Document>,
}

/// Follows the action, if there is one, and the deployment.
pub(super) struct Follower<'f> {
    client: &'f Cloud66,
    target: &'f StackRef,
    before: Option<u64>,
    queued: bool,
    reference: &'f UserReference,
    action_id: Slot<Option<u64>>,
    began: Instant,
    polls_after_action: Slot<u32>,
    action: RefCell<Option<Document>>,
    deployment: Slot<Option<u64>>,
}

impl<'f> Follower<'f> {
    pub(super) fn new(
        client: &'f Cloud66,
        target: &'f StackRef,
        before: Option<u64>,
        reply: &DeployReply,
        reference: &'f UserReference,
    ) -> Self {
        Self {
            client,
            target,
            before,
            queued: reply.queued.unwrap_or(false),
            reference,
            action_id: Slot::new(reply.async_action_id),
            began: Instant::now(),
            polls_after_action: Slot::new(0),
            action: RefCell::new(None),
            deployment: Slot::new(None),
        }
    }

    pub(super) fn operation(&self, context: &Context) -> Operation {
        let (globals, flag) = (&context.global_flags, self.target.flag());
        match (self.deployment.get(), self.action_id.get()) {
            (Some(id), action_id) => {
                Operation { action_id, follows_write: true, ..deployments::operation(context, self.target, id) }
            }
            (None, Some(id)) => Operation {
                label: format!("redeployment of {}", self.target.label()),
                attach: format!("c66{globals} actions wait {id} {flag}"),
                cancel: None,
                action_id: Some(id),
                deployment_id: None,
                follows_write: true,
            },
            (None, None) => Operation {
                label: format!("redeployment of {}", self.target.label()),
                attach: deployments::wait_command(context, self.target, self.reference.text()),
                cancel: None,
                action_id: None,
                deployment_id: None,
                follows_write: true,
            },
        }
    }

    pub(super) async fn poll(&self) -> Result<Poll<FollowResult>> {
        if let Some(id) = self.action_id.get()
            && self.action.borrow().is_none()
        {
            let document = self.client.fetch(&actions::show_request(self.target, id)?).await?;
            let action: Action = document.view()?;
            if action.state() == RunState::Running {
                return Ok(Poll::Running(if self.queued { "queued" } else { "deploying" }.to_owned()));
            }
            self.action.replace(Some(document));
        }
        match self.poll_deployment().await? {
            Some((deployment, _)) if deployment.state() == RunState::Running => {
                let id = deployment.id.unwrap_or_default();
                Ok(Poll::Running(format!("deployment {id} {}", progress_label(&deployment))))
            }
            Some((deployment, document)) => Ok(self.ended(Some(document), deployment.state())),
            // The action has given the outcome; a list that lags behind must not block the result forever.
            None if self.action.borrow().is_some() => {
                self.polls_after_action.set(self.polls_after_action.get() + 1);
                if self.polls_after_action.get() < POLLS_AFTER_ACTION {
                    return Ok(Poll::Running("looking for the deployment".to_owned()));
                }
                Ok(self.ended(None, RunState::Succeeded))
            }
            None => Ok(Poll::Running("queued".to_owned())),
        }
    }

    fn ended(&self, deployment: Option<Document>, state: RunState) -> Poll<FollowResult> {
        let action = self.action.borrow().clone();
        let failed = action
            .as_ref()
            .is_some_and(|action| action.view::<Action>().is_ok_and(|action| action.state() == RunState::Failed));
        let state = if failed { RunState::Failed } else { state };
        Poll::Done(FollowResult { action, deployment }, state.as_str().to_owned())
    }

    async fn poll_deployment(&self) -> Result<Option<(Deployment, Document)>> {
        if let Some(id) = self.deployment.get() {
            let document = self.client.fetch(&show_request(self.target, id)?).await?;
            return Ok(Some((document.view()?, document)));
        }
        let mut newer = deployments::newer(self.client, self.target, self.before).await?;
        let found = self.ours(&newer).await?.map(|index| newer.swap_remove(index));
        self.deployment.set(found.as_ref().and_then(|(deployment, _)| deployment.id));
        Ok(found)
    }

    /// Which of the newer deployments (oldest first) is ours; `None` while that is unknown.
    async fn ours(&self, newer: &[(Deployment, Document)]) -> Result<Option<usize>> {
        // A deployment may start from the dashboard at the same time; ours has `api` as its trigger. Other values are
        // not documented, so after a while the first newer one is taken.
        let by_api: Vec<usize> = (0..newer.len()).filter(|index| is_by_api(&newer[*index].0)).collect();
        if by_api.len() > 1 {
            return self.ours_of_several(newer, &by_api).await;
        }
        let ours = by_api.first().copied();
        let ours = ours.or_else(|| (!newer.is_empty() && self.began.elapsed() >= API_ORIGIN_WINDOW).then_some(0));
        Ok(ours.or_else(|| newer.first().filter(|(first, _)| !is_by_web(first)).map(|_| 0)))
    }

    /// Another deployment came through the API at the same time. Only the action with our reference tells which is
    /// ours: a stack deploys one at a time, so their ends lie apart, and ours ends with that action. Without references
    /// the first is taken.
    async fn ours_of_several(&self, newer: &[(Deployment, Document)], by_api: &[usize]) -> Result<Option<usize>> {
        if self.action_id.get().is_none() {
            let found = self.reference.find_action(self.client, self.target).await?;
            // If none was known before, the list may have been incomplete: an old one is not ours.
            let likely = if self.before.is_some() { by_api.first() } else { by_api.last() };
            let Some(id) = found else { return Ok(likely.copied()) };
            self.action_id.set(Some(id));
        }
        let action = self.action.borrow().as_ref().map(Document::view::<Action>).transpose()?;
        let Some(action) = action else { return Ok(None) };
        let Some(end) = action.finished_at() else { return Ok(by_api.first().copied()) };
        let unlikeness = |index: &usize| {
            let deployment = &newer[*index].0;
            let distance = deployment.finished_at()?.duration_since(end).abs();
            Some((deployment.state() != action.state(), distance))
        };
        Ok(by_api.iter().copied().filter_map(|index| Some((unlikeness(&index)?, index))).min().map(|(_, index)| index))
    }

    /// Cancels the deployment and returns the error to end with.
    pub(super) async fn cancel(&self, context: &Context, signal: Signal) -> Error {
        if self.deployment.get().is_none()
            && let Err(error) = self.poll_deployment().await
        {
            context.printer.warn(error.message());
        }
        let Some(id) = self.deployment.get() else {
            return WaitError::Signal(signal).error(&self.operation(context)).cause("no deployment to cancel yet");
        };
        let cancelled = match cancel_request(self.target, id) {
            Ok(request) => self.client.call(&request).await.map(|_| ()),
            Err(error) => Err(error),
        };
        match cancelled {
            Ok(()) => {
                let attach = self.operation(context).attach;
                signal
                    .error(format!("interrupted; deployment {id} is being cancelled"))
                    .hint(format!("follow it with: {attach}"))
                    .with_attach(shell_words(&attach))
                    .with_deployment(Some(id))
            }
            Err(error) => WaitError::Signal(signal)
                .error(&self.operation(context))
                .cause(format!("cannot cancel it: {}", error.message())),
        }
    }
}

fn is_by_api(deployment: &Deployment) -> bool {
    deployment.triggered_via.meaning.as_deref().is_some_and(|meaning| meaning.eq_ignore_ascii_case("api"))
}

fn is_by_web(deployment: &Deployment) -> bool {
    deployment.triggered_via.meaning.as_deref().is_some_and(|meaning| meaning.eq_ignore_ascii_case("web"))
}
