//! One reply.

use std::time::Duration;

use reqwest::header::{self, HeaderMap};

/// Longest wait; a server that asks for more is retried earlier or not at all.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// One complete reply.
#[derive(Debug)]
pub(crate) struct Response {
    /// HTTP status.
    pub(crate) status: u16,
    /// Headers.
    pub(crate) headers: HeaderMap,
    /// Body.
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// Whether the status is 2xx.
    pub(crate) fn is_success(&self) -> bool {
        (200..=299).contains(&self.status)
    }

    /// The target of a redirect.
    pub(crate) fn location(&self) -> Option<String> {
        self.headers.get(header::LOCATION)?.to_str().ok().map(str::to_owned)
    }

    /// How long the API asks to wait before the next attempt.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER));
        }
        let then = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Some(then.duration_since(jiff::Timestamp::now()).try_into().unwrap_or_default())
            .map(|pause: Duration| pause.min(MAX_RETRY_AFTER))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    use super::*;
    use crate::test_text::text_from;

    proptest! {
        #[test]
        fn no_header_asks_for_a_longer_wait_than_there_is(
            text in text_from(&["Thu, ", "14 Aug ", "2014 ", "9999 ", "01:46:52", "23:59:60", " GMT", " +9999", "-", "0", "18446744073709551615", "1e9"])
        ) {
            let Ok(value) = HeaderValue::from_str(&text) else { return Ok(()) };
            let mut headers = HeaderMap::new();
            for name in ["retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "location"] {
                headers.insert(name, value.clone());
            }
            let budget = crate::http::rate_limit::RateLimiter::default().observe(&headers);
            prop_assert!(budget.is_none_or(|budget| (1.0..=6.0).contains(&budget.poll_slowdown())));
            let response = Response { status: 503, headers, body: text.into_bytes() };
            prop_assert!(response.retry_after().is_none_or(|pause| pause <= MAX_RETRY_AFTER));
            let _ = response.location();
        }
    }
}
