//! The one error type, from the socket to the exit code.
//!
//! An error has a kind, which alone decides the machine-readable code and the exit code; a message of one line; where
//! it helps a cause; and hints, which are data so that each output format can place them.

use std::time::Duration;

use crate::exit::Exit;

/// What any fallible part of the program returns.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it was: the closed list of machine-readable codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A defect of this program.
    Internal,
    /// A flag, argument or combination that cannot be.
    Usage,
    /// A configuration or project file that cannot be used.
    Config,
    /// A local file or directory that cannot be read or written.
    LocalFile,
    /// A name that stands for several stacks.
    AmbiguousStack,
    /// A confirmation is needed and nobody can be asked.
    ConfirmationNeeded,
    /// A write in read-only mode.
    ReadOnly,
    /// No token, or one the server refuses.
    Auth,
    /// The token lacks the scope that the call needs.
    ScopeMissing,
    /// The trial period of the account is over.
    TrialExpired,
    /// Nothing of that name, number or address.
    NotFound,
    /// The remote work finished badly.
    RemoteFailed,
    /// The remote work goes on; the time to wait for it is over.
    StillRunning,
    /// The request limit is used up.
    Throttled,
    /// The service could not be reached or failed.
    Unavailable,
    /// The service did not answer in time.
    TimedOut,
    /// The service answered something that is not of the documented form.
    BadReply,
    /// The service does not implement this call.
    NotImplemented,
    /// The server refused the request as made.
    Refused,
    /// Something else on the server is in the way (409).
    Conflict,
    /// The person answered no.
    Cancelled,
    /// A comparison found a difference.
    Differs,
    /// Ended by SIGHUP.
    HungUp,
    /// Ended by SIGINT.
    Interrupted,
    /// Ended by SIGTERM.
    Terminated,
    /// The reader of stdout has gone: the quiet end of a pipe, never reported.
    ClosedPipe,
}

impl Kind {
    /// The exit code of this kind of failure.
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

    /// The machine-readable code in the JSON error object.
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

    /// Whether the same command may well succeed a little later.
    pub(crate) fn retryable(self) -> bool {
        matches!(self, Kind::Throttled | Kind::Unavailable | Kind::TimedOut | Kind::Conflict | Kind::StillRunning)
    }
}

/// The request that failed, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FailedRequest {
    /// Method and path, such as `GET /stacks/5999`.
    pub(crate) request: String,
    /// Status of the reply, when there was one.
    pub(crate) status: Option<u16>,
    /// The `Request-Id` that was sent.
    pub(crate) request_id: Option<String>,
}

/// A failure with everything a person or script needs to act on it.
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
    action_id: Option<u64>,
    maybe_done: bool,
    details: Option<serde_json::Value>,
    refusal: Option<String>,
    retry_after: Option<Duration>,
}

impl Error {
    /// An error of `kind`; the message is one line without a full stop.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            cause: None,
            hints: Vec::new(),
            request: None,
            action_id: None,
            maybe_done: false,
            details: None,
            refusal: None,
            retry_after: None,
        }))
    }

    /// A flag, argument or combination that cannot be.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// A defect of this program.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, message).hint("this is a defect of c66; please report it with the command you typed")
    }

    /// Nothing of that name, number or address.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, message)
    }

    /// Something that read-only mode refuses; `origin` names what sets the mode.
    pub(crate) fn read_only(what: &str, origin: &str) -> Self {
        Self::new(Kind::ReadOnly, format!("read-only mode: {what} is refused"))
            .cause(format!("read_only is set by {origin}"))
            .hint("--dry-run shows what a command would send")
    }

    /// A local file that could not be read or written; `doing` is what was tried, such as `read /etc/x`.
    pub(crate) fn local_file(doing: impl std::fmt::Display, cause: &std::io::Error) -> Self {
        Self::new(Kind::LocalFile, format!("cannot {doing}")).cause(cause.to_string())
    }

    /// Adds the next thing to type or to look at.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// Adds what lies behind the failure.
    pub(crate) fn cause(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Names the request that failed.
    pub(crate) fn with_request(mut self, request: FailedRequest) -> Self {
        self.0.request = Some(request);
        self
    }

    /// Names the stack action the failure is about.
    pub(crate) fn with_action(mut self, id: u64) -> Self {
        self.0.action_id = Some(id);
        self
    }

    /// Says that what was asked for may have been done all the same, so that nobody tries again blindly.
    pub(crate) fn maybe_done(mut self) -> Self {
        self.0.maybe_done = true;
        self
    }

    /// Whether what was asked for may have been done although it failed.
    pub(crate) fn may_have_been_done(&self) -> bool {
        self.0.maybe_done
    }

    /// Adds what else the server said, for scripts to take apart.
    pub(crate) fn with_details(mut self, details: serde_json::Value) -> Self {
        self.0.details = Some(details);
        self
    }

    /// What else the server said, as far as it said it in a form for scripts.
    pub(crate) fn details(&self) -> Option<&serde_json::Value> {
        self.0.details.as_ref()
    }

    /// Keeps what the server said against the request, in its own words.
    pub(crate) fn with_refusal(mut self, words: Option<String>) -> Self {
        self.0.refusal = words;
        self
    }

    /// What the server said against the request; nothing where it also said that it took it.
    pub(crate) fn refusal(&self) -> Option<&str> {
        self.0.refusal.as_deref()
    }

    /// Keeps how long the server asks to wait.
    pub(crate) fn with_retry_after(mut self, pause: Option<Duration>) -> Self {
        self.0.retry_after = pause;
        self
    }

    /// How long the server asks to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// This failure of a later step, told as that of a command whose write was taken.
    ///
    /// What the step was answered is no answer to the write: a script must not take it for "not found" or "refused", nor
    /// do it all again. The hints of the step are left out, and its words are the cause.
    pub(crate) fn after_write(self, message: impl Into<String>) -> Self {
        let mut error = self.reworded(message);
        error.0.maybe_done = true;
        error
    }

    /// This failure to see how things stand, with words that say more; what it was answered is its cause.
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
            action_id: self.0.action_id,
            details: self.0.details,
            ..*error.0
        }))
    }

    /// Whether the same command may well succeed a little later, and does no harm if it does.
    pub(crate) fn retryable(&self) -> bool {
        self.0.kind.retryable() && !self.0.maybe_done
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What failed, in one line.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// What lies behind the failure.
    pub(crate) fn cause_text(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// The next things to type or to look at.
    pub(crate) fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// The request that failed.
    pub(crate) fn failed_request(&self) -> Option<&FailedRequest> {
        self.0.request.as_ref()
    }

    /// The stack action the failure is about.
    pub(crate) fn action_id(&self) -> Option<u64> {
        self.0.action_id
    }
}
