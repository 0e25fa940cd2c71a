//! The exit codes: what a script may rely on, and the one place that says so.

/// How a run ended, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Done, and the remote work finished well.
    Ok = 0,
    /// A defect of this program.
    Internal = 1,
    /// A flag, value, file or configuration cannot be used as it is.
    Usage = 2,
    /// No token, or one that does not suffice.
    Auth = 3,
    /// There is no such thing.
    NotFound = 4,
    /// The remote work finished badly.
    RemoteFailed = 5,
    /// The remote work goes on; the time to wait for it is over.
    StillRunning = 6,
    /// The request budget is used up.
    Throttled = 7,
    /// The service cannot be reached, or does not make sense.
    Unavailable = 8,
    /// The server refused the request as made.
    Refused = 9,
    /// The person answered no.
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

/// What is worst where several things went badly at once.
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
    /// Every code with its name and meaning, as `c66 help exit-codes` and the reference print them.
    pub const TABLE: [(Exit, &'static str, &'static str); 15] = [
        (Exit::Ok, "ok", "done, and the remote work finished well"),
        (Exit::Internal, "internal", "a defect of c66; please report it"),
        (
            Exit::Usage,
            "usage",
            "bad flag, value, file or config; an ambiguous name; a confirmation is needed and nobody can be asked",
        ),
        (Exit::Auth, "auth", "no token, a token that is refused (401), a missing scope (403), an expired trial (402)"),
        (Exit::NotFound, "not_found", "404, or nothing of that name"),
        (
            Exit::RemoteFailed,
            "remote_failed",
            "the action or deployment finished unsuccessfully, or the API answered ok: false",
        ),
        (
            Exit::StillRunning,
            "still_running",
            "--timeout passed; the work goes on, and stderr names the command that attaches again",
        ),
        (
            Exit::Throttled,
            "throttled",
            "the request limit is used up (503 throttled, 429) and the retries allowed did not help",
        ),
        (
            Exit::Unavailable,
            "unavailable",
            "DNS, connect, TLS, time-out, 408, 5xx, not implemented, or a reply that is not what it should be",
        ),
        (Exit::Refused, "refused", "the server refused the request as made: 400, 409, 422 and other 4xx"),
        (Exit::Cancelled, "cancelled", "the person answered no"),
        (Exit::Differs, "differs", "a comparison found a difference"),
        (Exit::HungUp, "hung_up", "SIGHUP: the terminal was closed"),
        (Exit::Interrupted, "interrupted", "SIGINT (Ctrl-C)"),
        (Exit::Terminated, "terminated", "SIGTERM"),
    ];

    /// The number the process ends with.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// How bad it is beside others: the code of several things at once is that of the gravest.
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
