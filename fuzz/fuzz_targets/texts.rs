//! Times, durations, addresses, and texts made harmless.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| c66::testing::fuzz_texts(text));
