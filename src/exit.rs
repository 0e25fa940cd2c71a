//! The exit codes: the promise to scripts, and its only definition.

/// How a run ended, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Success.
    Ok = 0,
    /// A bug in this program.
    Internal = 1,
    /// An invalid flag, value, file or configuration.
    Usage = 2,
    /// No token, or one without the required access.
    Auth = 3,
    /// Not found.
    NotFound = 4,
    /// The remote work failed.
    RemoteFailed = 5,
    /// The wait timed out; the remote work is still running.
    StillRunning = 6,
    /// The request limit is reached.
    Throttled = 7,
    /// The API cannot be reached, or its reply is invalid.
    Unavailable = 8,
    /// The API refused the request.
    Refused = 9,
    /// The user answered no.
    Cancelled = 10,
    /// A comparison found a difference.
    Differs = 11,
    /// Ended by SIGHUP.
    HungUp = 129,
    /// Ended by SIGINT.
    Interrupted = 130,
    /// Ended by SIGTERM.
    Terminated = 143,
}

/// The exit codes by severity, worst first, for when several things fail.
const WORST_FIRST: [Exit; 14] = [
    Exit::Interrupted,
    Exit::Terminated,
    Exit::HungUp,
    Exit::Internal,
    Exit::RemoteFailed,
    Exit::Auth,
    Exit::Refused,
    Exit::NotFound,
    Exit::Usage,
    Exit::Unavailable,
    Exit::Throttled,
    Exit::StillRunning,
    Exit::Cancelled,
    Exit::Differs,
];

impl Exit {
    /// Every code with its name and meaning, for `c66 help exit-codes` and the reference.
    pub const TABLE: [(Exit, &'static str, &'static str); 15] = [
        (Exit::Ok, "ok", "success"),
        (Exit::Internal, "internal", "a bug in c66; please report it"),
        (
            Exit::Usage,
            "usage",
            "invalid flag, value, file or config; an ambiguous name; confirmation needed but not in a terminal",
        ),
        (Exit::Auth, "auth", "no token, a rejected token (401), a missing scope (403), an expired trial (402)"),
        (Exit::NotFound, "not_found", "not found: 404, or an unknown name"),
        (Exit::RemoteFailed, "remote_failed", "the action or deployment failed, or the API replied ok: false"),
        (
            Exit::StillRunning,
            "still_running",
            "timed out: the work is still running; stderr has the command that resumes waiting",
        ),
        (Exit::Throttled, "throttled", "the request limit is reached (503 throttled, 429), also after retries"),
        (
            Exit::Unavailable,
            "unavailable",
            "DNS, connection, TLS, timeout, 408, 5xx, not implemented, or an invalid reply",
        ),
        (Exit::Refused, "refused", "the API refused the request: 400, 409, 422 and other 4xx"),
        (Exit::Cancelled, "cancelled", "the user answered no"),
        (Exit::Differs, "differs", "a comparison or a --check found something"),
        (Exit::HungUp, "hung_up", "SIGHUP: the terminal was closed"),
        (Exit::Interrupted, "interrupted", "SIGINT (Ctrl-C)"),
        (Exit::Terminated, "terminated", "SIGTERM"),
    ];

    /// The number the process exits with.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The severity: if several things fail, the most severe decides the code.
    pub(crate) fn severity(self) -> usize {
        WORST_FIRST.iter().rev().position(|exit| *exit == self).map_or(0, |rank| rank + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_code_has_its_rank() {
        for (exit, _, _) in Exit::TABLE {
            assert_eq!(exit.severity() > 0, exit != Exit::Ok, "{exit:?}");
        }
        assert!(Exit::RemoteFailed.severity() > Exit::Auth.severity());
    }
}
