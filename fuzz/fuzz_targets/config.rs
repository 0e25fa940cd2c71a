//! The configuration, the project file, and the token files of CX.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| c66::testing::fuzz_config(text));
