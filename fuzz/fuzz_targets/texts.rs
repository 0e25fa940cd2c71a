//! Times, durations, addresses, words for a shell, and texts made harmless.
#![no_main]

use c66::http::client::parse_root;
use c66::output::clean::{clean, excerpt};
use c66::output::words::{ago, elapsed, parse_duration, parse_time, rfc3339};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let (Some(time), Some(other)) = (parse_time(text), parse_time("2026-01-01T00:00:00Z")) {
        let _ = (rfc3339(time), ago(time, other), ago(other, time));
    }
    if let Ok(duration) = parse_duration(text) {
        let _ = elapsed(duration);
    }
    if let Ok(url) = parse_root(text) {
        assert!(url.username().is_empty() && url.password().is_none());
    }
    let harmless = clean(text);
    assert!(!harmless.contains(char::is_control) && clean(&harmless) == harmless);
    assert!(excerpt(text, 40).chars().count() <= 40);
});
