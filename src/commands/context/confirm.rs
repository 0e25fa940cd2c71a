//! Whether a write goes out: shown instead, asked about, or sent, and what is said when the person leaves meanwhile.

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
use crate::resource::write::preview_all;
use crate::text::sanitize::sanitize;

impl Context {
    /// Who may be asked.
    pub(crate) fn prompter(&self) -> Result<Prompter<'_>> {
        Ok(Prompter::new(&self.printer, &self.signals, self.settings.required(&NO_INPUT)?))
    }

    /// The stack that a write is to act on, with what is needed to ask about it.
    pub(crate) async fn stack_for_write(&self, args: &StackArgs, write: &WriteArgs) -> Result<StackRef> {
        if !write.dry_run {
            self.refuse_if_read_only("a command that changes something")?;
        }
        self.stack(args, !write.yes && !write.dry_run).await
    }

    /// Settles whether a write may go out: shows it instead (`false`), or asks where that is due and says what it
    /// acts on.
    ///
    /// `prompt` is an imperative with its object, such as `Restart Awesome App@production`; what `is_destructive` is always
    /// asked about.
    pub(crate) async fn confirm_write(
        &self,
        target: &StackRef,
        prompt: &str,
        requests: &[Request],
        write: &WriteArgs,
        is_destructive: bool,
    ) -> Result<bool> {
        let production = target.stack.as_ref().is_some_and(crate::cloud66::stacks::Stack::is_production);
        let transport = self.cloud66().await?.transport();
        self.confirm_write_over(transport, prompt, requests, write, is_destructive || production).await
    }

    /// The same for a write that destroys data: the name of the stack has to be typed, in `--confirm` or at a terminal;
    /// `--yes` is not enough. `why` says what is at stake, such as `this deletes 4 of your 5 variables`.
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
        match &confirm.confirm {
            Some(name) if target.is_called(name) => self.printer.progress(&sanitize(why)),
            Some(name) => {
                let message = format!("--confirm says {}, and the stack is {}", sanitize(name), target.label());
                return Err(Error::usage(message).hint("nothing was sent"));
            }
            None => self.prompter()?.confirm_by_name(why, &target.label(), |typed| target.is_called(typed))?,
        }
        Ok(true)
    }

    /// The same for whatever API; what is to be asked about is asked about.
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

    /// Sends a write, and says so when the person goes away while it is under way: it may have been done.
    pub(crate) async fn send(&self, target: &StackRef, request: &Request) -> Result<Option<Document>> {
        if let Some(signal) = self.signals.received() {
            return Err(signal.error(format!("interrupted; {} was not sent", request.describe())));
        }
        let client = self.cloud66().await?;
        let (globals, flag) = (&self.global_flags, target.flag());
        let hints = [
            format!("look with: c66{globals} actions list {flag}"),
            format!("or: c66{globals} deployments list {flag}"),
        ];
        let reply = self.or_interrupted(request, &hints, client.call(request)).await?;
        // Every write is answered by an object, where it is answered by anything.
        if let Some(error) = reply.as_ref().and_then(|document| document.check_object().err()) {
            let message =
                format!("the reply to {} is not what it should be; the server may have done it", request.describe());
            return Err(error.after_write(message).with_request(failed_request(request, None)));
        }
        Ok(reply)
    }

    /// What a write that is under way is answered with, unless the person goes away first; the hints say where to look then.
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
                    .error(format!("interrupted while {} was under way: the server may have done it", request.describe()));
                Err(hints.iter().fold(error, Error::hint))
            }
            reply = reply => reply,
        }
    }
}
