//! Failures on demand: the kinds of faults, and when the next one happens.

pub(super) mod replies;

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use crate::error::Error;

/// A way in which the sandbox misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The request limit is said to be used up (503); the work is not done.
    Throttle,
    /// The connection is closed without a reply, that of a download in the middle; the work is not done.
    Drop,
    /// The reply takes three seconds longer.
    Slow,
    /// The reply is 200 with bytes that are not JSON; the work is not done.
    Garbage,
    /// The reply is 500 with a page of HTML; the work is not done.
    Error500,
    /// The work is done, and then the connection is closed without a reply.
    LostReply,
    /// The work is done, and the reply is cut off in the middle.
    Cut,
    /// The work is done, and the reply is shorter than it announces.
    WrongLength,
    /// The work is done, and the reply has no body.
    Empty,
    /// The reply is 200 with a page of HTML, as from a captive portal; the work is not done.
    Html,
    /// The request is redirected to another server; the work is not done.
    Redirect,
    /// The reply is JSON nested a thousand times; the work is not done.
    Deep,
    /// The reply is 300 MiB of spaces; the work is not done.
    Huge,
    /// Every page of a list has a next one.
    PageLoop,
    /// The server's clock is a year ahead.
    ClockSkew,
    /// The URL of a file is said to have expired (403).
    Expired,
    /// A file is sent whole, whatever range was asked for.
    NoRange,
    /// A file has another `ETag` than before.
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

    /// Whether it can happen to API calls.
    pub(in crate::sandbox) fn affects_api(self) -> bool {
        !matches!(self, FaultKind::Expired | FaultKind::NoRange | FaultKind::Changed)
    }

    /// Whether it can happen to downloads.
    pub(in crate::sandbox) fn affects_downloads(self) -> bool {
        matches!(self, FaultKind::Drop | FaultKind::Slow | FaultKind::Error500) || !self.affects_api()
    }
}

/// A fault and how often it happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// From 0 (never) to 1 (always).
    pub probability: f64,
}

impl FromStr for Fault {
    type Err = Error;

    /// Reads `KIND=PROBABILITY`, or `KIND` for always.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, probability) = text.split_once('=').unwrap_or((text, "1"));
        let Some((kind, _)) = FaultKind::ALL.into_iter().find(|(_, known)| *known == name) else {
            let known: Vec<&str> = FaultKind::ALL.iter().map(|(_, name)| *name).collect();
            // In the message, not in a hint: clap passes on only one line about an invalid value.
            return Err(Error::usage(format!("there is no fault `{name}`; the faults are {}", known.join(", "))));
        };
        match probability.parse() {
            Ok(probability) if (0.0..=1.0).contains(&probability) => Ok(Fault { kind, probability }),
            _ => Err(Error::usage(format!(
                "`{probability}` is not a probability from 0 to 1; write for example `{name}=0.2`"
            ))),
        }
    }
}

/// The faults of one server, and the dice.
pub(in crate::sandbox) struct FaultInjector {
    faults: Vec<Fault>,
    dice: Mutex<fastrand::Rng>,
}

impl FaultInjector {
    pub(in crate::sandbox) fn new(faults: Vec<Fault>, seed: u64) -> Self {
        Self { faults, dice: Mutex::new(fastrand::Rng::with_seed(seed)) }
    }

    /// The fault that happens this time, if one does, among those that `can_happen`.
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
    fn a_wrong_fault_is_explained() {
        let error = "explode".parse::<Fault>().unwrap_err();
        let known = "the faults are throttle, drop, slow, garbage, error500, lost-reply, cut, wrong-length, empty, html, \
                     redirect, deep, huge, page-loop, clock-skew, expired, no-range, changed";
        assert!(error.message().ends_with(known), "{error}");
        for wrong in ["drop=2", "drop=-0.1", "drop=often", "drop=NaN", "drop="] {
            assert!(wrong.parse::<Fault>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_same_seed_brings_the_same_faults() {
        let draws = |seed| {
            let faults = FaultInjector::new(vec![Fault { kind: FaultKind::Drop, probability: 0.5 }], seed);
            (0..32).map(|_| faults.next_fault(|_| true).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(draws(7), draws(7));
        assert_ne!(draws(7), draws(8));
        assert!(draws(7).contains(&true) && draws(7).contains(&false));
    }
}
