//! The request budget, as the server tells it with every reply.

use std::cell::Cell;

use reqwest::header::HeaderMap;

/// How many requests the hour allows, and how many are left of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// `X-RateLimit-Limit`: requests an hour.
    pub limit: u32,
    /// `X-RateLimit-Remaining`: requests left in this hour.
    pub remaining: u32,
}

impl Budget {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let number = |name| headers.get(name)?.to_str().ok()?.trim().parse().ok();
        Some(Self { limit: number("x-ratelimit-limit")?, remaining: number("x-ratelimit-remaining")? })
    }

    /// Whether less than a tenth is left.
    #[must_use]
    pub fn is_low(self) -> bool {
        u64::from(self.remaining) * 10 < u64::from(self.limit)
    }

    /// By how much pauses between polls are to be stretched: 1 while there is plenty, up to 6 near the end.
    #[must_use]
    pub fn stretch(self) -> f64 {
        if self.limit == 0 {
            return 1.0;
        }
        let left = f64::from(self.remaining) / f64::from(self.limit);
        match left {
            left if left >= 0.25 => 1.0,
            left if left >= 0.10 => 2.0,
            left if left >= 0.03 => 4.0,
            _ => 6.0,
        }
    }
}

/// The newest budget seen.
#[derive(Debug, Default)]
pub struct Rate(Cell<Option<Budget>>);

impl Rate {
    /// Takes note of a reply's headers; gives the budget when they name one.
    pub fn observe(&self, headers: &HeaderMap) -> Option<Budget> {
        let budget = Budget::of(headers)?;
        self.0.set(Some(budget));
        Some(budget)
    }

    /// The newest budget seen, if any reply named one.
    #[must_use]
    pub fn budget(&self) -> Option<Budget> {
        self.0.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_a_tenth_is_low_and_slow() {
        assert!(!Budget { limit: 3600, remaining: 360 }.is_low());
        assert!(Budget { limit: 3600, remaining: 359 }.is_low());
        assert!((Budget { limit: 3600, remaining: 3597 }.stretch() - 1.0).abs() < f64::EPSILON);
        assert!(Budget { limit: 3600, remaining: 10 }.stretch() > 5.0);
    }

    #[test]
    fn headers_that_are_no_numbers_are_no_budget() {
        let mut headers = HeaderMap::new();
        assert_eq!(Budget::of(&headers), None);
        for (name, value) in [("x-ratelimit-limit", "3600"), ("x-ratelimit-remaining", "3597")] {
            headers.insert(name, value.parse().unwrap_or(reqwest::header::HeaderValue::from_static("")));
        }
        assert_eq!(Budget::of(&headers), Some(Budget { limit: 3600, remaining: 3597 }));
    }
}
