//! Faults on demand: their kinds, and when the next one happens.

pub(super) mod replies;

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use crate::error::Error;

/// A way in which the sandbox misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Reports that the request limit is reached (503); nothing is done.
    Throttle,
    /// Closes the connection without a reply, or in the middle of a download; nothing is done.
    Drop,
    /// Delays the reply by three seconds.
    Slow,
    /// Replies 200 with bytes that are not JSON; nothing is done.
    Garbage,
    /// Replies 500 with an HTML page; nothing is done.
    Error500,
    /// Does the work, then closes the connection without a reply.
    LostReply,
    /// Does the work, then cuts the reply off in the middle.
    Cut,
    /// Does the work, then sends a shorter reply than announced.
    WrongLength,
    /// Does the work, then replies without a body.
    Empty,
    /// Replies 200 with an HTML page, like a captive portal; nothing is done.
    Html,
    /// Redirects the request to another server; nothing is done.
    Redirect,
    /// Replies with JSON nested a thousand times; nothing is done.
    Deep,
    /// Replies with 300 MiB of spaces; nothing is done.
    Huge,
    /// Gives every page of a list a next one.
    PageLoop,
    /// Sets the server's clock a year ahead.
    ClockSkew,
    /// Reports that the URL of a file has expired (403).
    Expired,
    /// Sends whole files, whatever range was requested.
    NoRange,
    /// Changes the `ETag` of a file.
    Changed,
}

impl FaultKind {
    /// Every kind with its name.
    pub(crate) const ALL: [(FaultKind, &'static str); 18] = [
        (FaultKind::Throttle, "throttle"),
        (FaultKind::Drop, "drop"),
        (FaultKind::Slow, "slow"),
        (FaultKind::Garbage, "garbage"),
        (FaultKind::Error500, "error500"),
        (FaultKind::LostReply, "lost-reply"),
        (FaultKind::Cut, "cut"),
        (FaultKind::WrongLength, "wrong-length"),
        (FaultKind::Empty, "empty"),
        (FaultKind::Html, "html"),
        (FaultKind::Redirect, "redirect"),
        (FaultKind::Deep, "deep"),
        (FaultKind::Huge, "huge"),
        (FaultKind::PageLoop, "page-loop"),
        (FaultKind::ClockSkew, "clock-skew"),
        (FaultKind::Expired, "expired"),
        (FaultKind::NoRange, "no-range"),
        (FaultKind::Changed, "changed"),
    ];

    /// Whether it applies to API requests.
    pub(in crate::sandbox) fn affects_api(self) -> bool {
        !matches!(self, FaultKind::Expired | FaultKind::NoRange | FaultKind::Changed)
    }

    /// Whether it applies to downloads.
    pub(in crate::sandbox) fn affects_downloads(self) -> bool {
        matches!(self, FaultKind::Drop | FaultKind::Slow | FaultKind::Error500) || !self.affects_api()
    }
}

/// A fault and its probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// The kind of fault.
    pub kind: FaultKind,
    /// From 0 (never) to 1 (always).
    pub probability: f64,
}

impl FromStr for Fault {
    type Err = Error;

    /// Parses `KIND=PROBABILITY`, or `KIND` for always.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, probability) = text.split_once('=').unwrap_or((text, "1"));
        let Some((kind, _)) = FaultKind::ALL.into_iter().find(|(_, known)| *known == name) else {
            let known: Vec<&str> = FaultKind::ALL.iter().map(|(_, name)| *name).collect();
            // In the message, not in a hint: clap passes on only one line about an invalid value.
            return Err(Error::usage(format!("unknown fault `{name}`: use one of {}", known.join(", "))));
        };
        match probability.parse() {
            Ok(probability) if (0.0..=1.0).contains(&probability) => Ok(Fault { kind, probability }),
            _ => {
                Err(Error::usage(format!("invalid probability `{probability}`: expected 0 to 1, such as `{name}=0.2`")))
            }
        }
    }
}

/// The faults of one server, and the random generator.
pub(in crate::sandbox) struct FaultInjector {
    faults: Vec<Fault>,
    dice: Mutex<fastrand::Rng>,
}

impl FaultInjector {
    pub(in crate::sandbox) fn new(faults: Vec<Fault>, seed: u64) -> Self {
        Self { faults, dice: Mutex::new(fastrand::Rng::with_seed(seed)) }
    }

    /// The next fault, if any, among those that `can_happen`.
    pub(in crate::sandbox) fn next_fault(&self, can_happen: fn(FaultKind) -> bool) -> Option<FaultKind> {
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        let mut possible = self.faults.iter().filter(|fault| can_happen(fault.kind));
        possible.find(|fault| dice.f64() < fault.probability).map(|fault| fault.kind)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_fault_is_read_with_and_without_probability() {
        let fault: Fault = "throttle=0.25".parse().unwrap();
        assert_eq!(fault, Fault { kind: FaultKind::Throttle, probability: 0.25 });
        let fault: Fault = "lost-reply".parse().unwrap();
        assert_eq!(fault, Fault { kind: FaultKind::LostReply, probability: 1.0 });
    }

    #[test]
    fn an_invalid_fault_is_explained() {
        let error = "explode".parse::<Fault>().unwrap_err();
        let known = "use one of throttle, drop, slow, garbage, error500, lost-reply, cut, wrong-length, empty, html, \
                     redirect, deep, huge, page-loop, clock-skew, expired, no-range, changed";
        assert!(error.message().ends_with(known), "{error}");
        for wrong in ["drop=2", "drop=-0.1", "drop=often", "drop=NaN", "drop="] {
            assert!(wrong.parse::<Fault>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_faults() {
        let draws = |seed| {
            let faults = FaultInjector::new(vec![Fault { kind: FaultKind::Drop, probability: 0.5 }], seed);
            (0..32).map(|_| faults.next_fault(|_| true).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(draws(7), draws(7));
        assert_ne!(draws(7), draws(8));
        assert!(draws(7).contains(&true) && draws(7).contains(&false));
    }
}
