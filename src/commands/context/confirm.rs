//! Decides whether a write is sent: dry run, confirmation, and interruption.

use std::future::Future;

use super::Context;
use super::stack_match::StackRef;
use crate::args::{ConfirmArgs, StackArgs, WriteArgs};
use crate::config::keys::NO_INPUT;
use crate::error::{Error, Result};
use crate::http::document::Document;
use crate::http::error::failed_request;
use crate::http::{Request, Transport};
use crate::prompt::Prompter;
use crate::resource::verb::Asks;
use crate::resource::write::preview_all;
use crate::text::sanitize::sanitize;

impl Context {
    /// The prompter.
    pub(crate) fn prompter(&self) -> Result<Prompter<'_>> {
        Ok(Prompter::new(&self.printer, &self.signals, self.settings.required(&NO_INPUT)?))
    }

    /// The stack of a write, with what is needed to ask for confirmation.
    pub(crate) async fn stack_for_write(&self, args: &StackArgs, write: &WriteArgs) -> Result<StackRef> {
        if !write.dry_run {
            self.refuse_if_read_only("a write")?;
        }
        self.stack(args, !write.yes && !write.dry_run).await
    }

    /// Decides whether a write to a stack may be sent: previews it (`false`), or asks as the command declares and prints
    /// what it does.
    ///
    /// `prompt` is an imperative with its object, such as `Restart Awesome App@production`.
    pub(crate) async fn confirm_write(
        &self,
        target: &StackRef,
        prompt: &str,
        requests: &[Request],
        write: &WriteArgs,
    ) -> Result<bool> {
        self.confirm_write_as(Asks::Never, target, prompt, requests, write).await
    }

    /// The same for a case in which the command asks more than it declares.
    pub(crate) async fn confirm_write_as(
        &self,
        asks: Asks,
        target: &StackRef,
        prompt: &str,
        requests: &[Request],
        write: &WriteArgs,
    ) -> Result<bool> {
        let production = target.stack.as_ref().is_some_and(crate::cloud66::stacks::Stack::is_production);
        let transport = self.cloud66().await?.transport();
        self.confirm_write_over(transport, prompt, requests, write, self.must_ask(asks, production)).await
    }

    /// Whether a command asks: it asks as it declares, and at least so.
    pub(crate) fn must_ask(&self, at_least: Asks, production: bool) -> bool {
        match self.asks.max(at_least) {
            Asks::Never => false,
            Asks::OnProduction => production,
            Asks::Always | Asks::ByName => true,
        }
    }

    /// The same for what belongs to no stack; `ask` decides, see [`Self::must_ask`].
    pub(crate) async fn confirm_write_over(
        &self,
        transport: &Transport,
        prompt: &str,
        requests: &[Request],
        write: &WriteArgs,
        ask: bool,
    ) -> Result<bool> {
        if write.dry_run {
            preview_all(transport, requests).await?;
            return Ok(false);
        }
        requests.iter().try_for_each(|request| transport.refuse_if_read_only(request))?;
        if ask && !write.yes {
            self.prompter()?.confirm(&format!("{prompt}?"))?;
        } else {
            self.printer.progress(&sanitize(prompt));
        }
        Ok(true)
    }

    /// The same for [`Asks::ByName`]: the name of the stack must be given, with `--confirm` or at a prompt. `why` describes the damage, such as `this deletes 4 of your 5 variables`.
    pub(crate) async fn confirm_write_by_name(
        &self,
        target: &StackRef,
        why: &str,
        requests: &[Request],
        write: &WriteArgs,
        confirm: &ConfirmArgs,
    ) -> Result<bool> {
        let transport = self.cloud66().await?.transport();
        if write.dry_run {
            preview_all(transport, requests).await?;
            return Ok(false);
        }
        requests.iter().try_for_each(|request| transport.refuse_if_read_only(request))?;
        self.confirm_by_name(why, "stack", &target.label(), confirm, |typed| target.is_called(typed))?;
        Ok(true)
    }

    /// Requires the name of what a write destroys, with `--confirm` or at a prompt; `what` is its kind, such as `stack`.
    pub(crate) fn confirm_by_name(
        &self,
        why: &str,
        what: &str,
        label: &str,
        confirm: &ConfirmArgs,
        is_right: impl Fn(&str) -> bool,
    ) -> Result<()> {
        match &confirm.confirm {
            Some(name) if is_right(name) => self.printer.progress(&sanitize(why)),
            Some(name) => {
                let message = format!("--confirm {} does not match the {what} {}", sanitize(name), sanitize(label));
                return Err(Error::usage(message).hint("nothing was sent"));
            }
            None => self.prompter()?.confirm_by_name(why, label, is_right)?,
        }
        Ok(())
    }

    /// Sends a write; if a signal comes before the reply, the error says that the request may have been done.
    pub(crate) async fn send(&self, target: &StackRef, request: &Request) -> Result<Option<Document>> {
        if let Some(signal) = self.signals.received() {
            return Err(signal.error(format!("interrupted; {} was not sent", request.describe())));
        }
        let client = self.cloud66().await?;
        let (globals, flag) = (&self.global_flags, target.flag());
        let hints = [
            format!("check with: c66{globals} actions list {flag}"),
            format!("or: c66{globals} deployments list {flag}"),
        ];
        let reply = self.or_interrupted(request, &hints, client.call(request)).await?;
        // The reply to a write is an object, unless it is empty.
        if let Some(error) = reply.as_ref().and_then(|document| document.check_object().err()) {
            let message = format!("invalid reply to {}; the request may have been done", request.describe());
            return Err(error.after_write(message).with_request(failed_request(request, None)));
        }
        Ok(reply)
    }

    /// The reply to a write, unless a signal comes first; the hints then say how to check.
    pub(crate) async fn or_interrupted<T>(
        &self,
        request: &Request,
        hints: &[String],
        reply: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let guard = self.signals.guard()?;
        tokio::select! {
            biased;
            signal = guard.signal() => {
                let error = signal
                    .error(format!("interrupted during {}; the request may have been done", request.describe()));
                Err(hints.iter().fold(error, Error::hint))
            }
            reply = reply => reply,
        }
    }
}
