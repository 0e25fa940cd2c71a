//! The one error type, from the socket to the exit code.
//!
//! An error has a kind, which alone decides its `code` word and exit code; a one-line message; an optional cause; and
//! hints, which are data so that each output format can place them.

use std::time::Duration;

use crate::exit::Exit;

/// The result of fallible functions.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Kinds of failure: the closed list of machine-readable codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bug in this program.
    Internal,
    /// An invalid flag, argument or combination.
    Usage,
    /// An invalid configuration or project file.
    Config,
    /// A local file or folder that cannot be read or written.
    LocalFile,
    /// A name that matches several stacks.
    AmbiguousStack,
    /// Confirmation is needed and prompts are not possible.
    ConfirmationNeeded,
    /// A write in read-only mode.
    ReadOnly,
    /// No token, or a rejected one.
    Auth,
    /// The token lacks the scope that the request needs.
    ScopeMissing,
    /// The trial has expired.
    TrialExpired,
    /// Not found: an unknown name, number or address.
    NotFound,
    /// The remote work failed.
    RemoteFailed,
    /// The wait timed out; the remote work is still running.
    StillRunning,
    /// The request limit is reached.
    Throttled,
    /// The API cannot be reached, or failed.
    Unavailable,
    /// The API timed out.
    TimedOut,
    /// The reply is not of the documented form.
    BadReply,
    /// The API does not implement the operation.
    NotImplemented,
    /// The API refused the request.
    Refused,
    /// Conflict with another operation (409).
    Conflict,
    /// The user answered no.
    Cancelled,
    /// A comparison found a difference.
    Differs,
    /// Ended by SIGHUP.
    HungUp,
    /// Ended by SIGINT.
    Interrupted,
    /// Ended by SIGTERM.
    Terminated,
    /// stdout was closed: the silent end of a pipe, never reported.
    ClosedPipe,
}

impl Kind {
    /// Returns the exit code of this kind.
    pub(crate) fn exit(self) -> Exit {
        match self {
            Kind::Internal => Exit::Internal,
            Kind::Usage
            | Kind::Config
            | Kind::LocalFile
            | Kind::AmbiguousStack
            | Kind::ConfirmationNeeded
            | Kind::ReadOnly => Exit::Usage,
            Kind::Auth | Kind::ScopeMissing | Kind::TrialExpired => Exit::Auth,
            Kind::NotFound => Exit::NotFound,
            Kind::RemoteFailed => Exit::RemoteFailed,
            Kind::StillRunning => Exit::StillRunning,
            Kind::Throttled => Exit::Throttled,
            Kind::Unavailable | Kind::TimedOut | Kind::BadReply | Kind::NotImplemented => Exit::Unavailable,
            Kind::Refused | Kind::Conflict => Exit::Refused,
            Kind::Cancelled => Exit::Cancelled,
            Kind::Differs => Exit::Differs,
            Kind::HungUp => Exit::HungUp,
            Kind::Interrupted => Exit::Interrupted,
            Kind::Terminated => Exit::Terminated,
            Kind::ClosedPipe => Exit::Ok,
        }
    }

    /// Returns the `code` of the JSON error object.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Kind::Internal => "internal",
            Kind::Usage => "usage",
            Kind::Config => "config",
            Kind::LocalFile => "local_file",
            Kind::AmbiguousStack => "ambiguous_stack",
            Kind::ConfirmationNeeded => "confirmation_needed",
            Kind::ReadOnly => "read_only",
            Kind::Auth => "auth",
            Kind::ScopeMissing => "scope_missing",
            Kind::TrialExpired => "trial_expired",
            Kind::NotFound => "not_found",
            Kind::RemoteFailed => "remote_failed",
            Kind::StillRunning => "still_running",
            Kind::Throttled => "throttled",
            Kind::Unavailable => "unavailable",
            Kind::TimedOut => "timed_out",
            Kind::BadReply => "bad_reply",
            Kind::NotImplemented => "not_implemented",
            Kind::Refused => "refused",
            Kind::Conflict => "conflict",
            Kind::Cancelled => "cancelled",
            Kind::Differs => "differs",
            Kind::HungUp => "hung_up",
            Kind::Interrupted => "interrupted",
            Kind::Terminated => "terminated",
            Kind::ClosedPipe => "closed_pipe",
        }
    }

    /// Whether the same command may succeed a little later.
    pub(crate) fn retryable(self) -> bool {
        matches!(self, Kind::Throttled | Kind::Unavailable | Kind::TimedOut | Kind::Conflict | Kind::StillRunning)
    }
}

/// The request that failed, as far as known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FailedRequest {
    /// Method and path, such as `GET /stacks/5999`.
    pub(crate) request: String,
    /// Status of the reply, if there was one.
    pub(crate) status: Option<u16>,
    /// The `Request-Id` that was sent.
    pub(crate) request_id: Option<String>,
}

/// A failure with everything a user or script needs to act on it.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    message: String,
    cause: Option<String>,
    hints: Vec<String>,
    request: Option<FailedRequest>,
    stack: Option<String>,
    action_id: Option<u64>,
    deployment_id: Option<u64>,
    attach: Vec<String>,
    maybe_done: bool,
    details: Option<serde_json::Value>,
    refusal: Option<String>,
    retry_after: Option<Duration>,
}

impl Error {
    /// Creates an error of `kind`; the message is one line without a full stop.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            cause: None,
            hints: Vec::new(),
            request: None,
            stack: None,
            action_id: None,
            deployment_id: None,
            attach: Vec::new(),
            maybe_done: false,
            details: None,
            refusal: None,
            retry_after: None,
        }))
    }

    /// Creates a usage error: an invalid flag, argument or combination.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Creates the error for a bug in this program.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, message).hint("this is a bug in c66; please report it with the command you ran")
    }

    /// Creates an error for an unknown name, number or address.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, message)
    }

    /// An operation that read-only mode refuses; `origin` is where the mode is set.
    pub(crate) fn read_only(what: &str, origin: &str) -> Self {
        Self::new(Kind::ReadOnly, format!("read-only mode: {what} is refused"))
            .cause(format!("read_only is set by {origin}"))
            .hint("pass --dry-run to see what a command would send")
    }

    /// Creates the error for a local file; `doing` is the operation, such as `read /etc/x`.
    pub(crate) fn local_file(doing: impl std::fmt::Display, cause: &std::io::Error) -> Self {
        Self::new(Kind::LocalFile, format!("cannot {doing}")).cause(cause.to_string())
    }

    /// Adds a hint: the next thing to type or to look at.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// Sets the cause.
    pub(crate) fn cause(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Sets the request that failed.
    pub(crate) fn with_request(mut self, request: FailedRequest) -> Self {
        self.0.request = Some(request);
        self
    }

    /// Sets the stack action that the failure is about.
    pub(crate) fn with_action(mut self, id: u64) -> Self {
        self.0.action_id = Some(id);
        self
    }

    /// Sets the deployment that the failure is about.
    pub(crate) fn with_deployment(mut self, id: Option<u64>) -> Self {
        self.0.deployment_id = id.or(self.0.deployment_id);
        self
    }

    /// Sets the UID of the stack that the failure is about.
    pub(crate) fn with_stack(mut self, uid: &str) -> Self {
        self.0.stack = Some(uid.to_owned());
        self
    }

    /// Sets the arguments, the program included, of the command that resumes the wait.
    pub(crate) fn with_attach(mut self, arguments: Vec<String>) -> Self {
        self.0.attach = arguments;
        self
    }

    /// Replaces the message.
    pub(crate) fn with_message(mut self, message: String) -> Self {
        self.0.message = message;
        self
    }

    /// Replaces each hint.
    pub(crate) fn map_hints(mut self, mut replace: impl FnMut(&str) -> String) -> Self {
        self.0.hints.iter_mut().for_each(|hint| *hint = replace(hint));
        self
    }

    /// Marks the request as possibly done, so that it is not retried.
    pub(crate) fn maybe_done(mut self) -> Self {
        self.0.maybe_done = true;
        self
    }

    /// Whether the request may have been done although it failed.
    pub(crate) fn may_have_been_done(&self) -> bool {
        self.0.maybe_done
    }

    /// Adds details of the API, for scripts.
    pub(crate) fn with_details(mut self, details: serde_json::Value) -> Self {
        self.0.details = Some(details);
        self
    }

    /// The details of the API, if it sent any in a machine-readable form.
    pub(crate) fn details(&self) -> Option<&serde_json::Value> {
        self.0.details.as_ref()
    }

    /// Sets the API's own words against the request.
    pub(crate) fn with_refusal(mut self, words: Option<String>) -> Self {
        self.0.refusal = words;
        self
    }

    /// The API's own words against the request; `None` if it also said that it accepted it.
    pub(crate) fn refusal(&self) -> Option<&str> {
        self.0.refusal.as_deref()
    }

    /// Sets how long the API asks to wait.
    pub(crate) fn with_retry_after(mut self, pause: Option<Duration>) -> Self {
        self.0.retry_after = pause;
        self
    }

    /// How long the API asks to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Turns the failure of a later step into that of a command whose write was accepted.
    ///
    /// The status of a later step must not be reported as that of the write: a script must not read it as "not found"
    /// or "refused" and send the write again. The hints of the step are dropped, and its message becomes the cause.
    pub(crate) fn after_write(self, message: impl Into<String>) -> Self {
        let mut error = self.reworded(message);
        error.0.maybe_done = true;
        error
    }

    /// Replaces the message; the original message becomes the cause.
    pub(crate) fn reworded(self, message: impl Into<String>) -> Self {
        let kind = match self.0.kind {
            Kind::NotFound | Kind::Refused | Kind::Conflict | Kind::TrialExpired | Kind::RemoteFailed => {
                Kind::Unavailable
            }
            kind => kind,
        };
        let words = [Some(self.0.message.as_str()), self.0.cause.as_deref()];
        let cause = words.into_iter().flatten().collect::<Vec<_>>().join("\n");
        let error = Self::new(kind, message).cause(cause);
        Self(Box::new(Inner {
            request: self.0.request,
            stack: self.0.stack,
            action_id: self.0.action_id,
            deployment_id: self.0.deployment_id,
            attach: self.0.attach,
            details: self.0.details,
            ..*error.0
        }))
    }

    /// Whether the same command may succeed a little later, and is safe to repeat.
    pub(crate) fn retryable(&self) -> bool {
        self.0.kind.retryable() && !self.0.maybe_done
    }

    /// The kind of failure.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The message, in one line.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// The cause.
    pub(crate) fn cause_text(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// The hints.
    pub(crate) fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// The request that failed.
    pub(crate) fn failed_request(&self) -> Option<&FailedRequest> {
        self.0.request.as_ref()
    }

    /// The stack action that the failure is about.
    pub(crate) fn action_id(&self) -> Option<u64> {
        self.0.action_id
    }

    /// The deployment that the failure is about.
    pub(crate) fn deployment_id(&self) -> Option<u64> {
        self.0.deployment_id
    }

    /// The UID of the stack that the failure is about.
    pub(crate) fn stack(&self) -> Option<&str> {
        self.0.stack.as_deref()
    }

    /// The arguments of the command that resumes the wait; empty if there is nothing to wait for.
    pub(crate) fn attach(&self) -> &[String] {
        &self.0.attach
    }
}
