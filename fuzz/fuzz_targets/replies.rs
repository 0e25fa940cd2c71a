//! The envelopes of both APIs and the typed views of what they hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| c66::testing::fuzz_replies(body));
