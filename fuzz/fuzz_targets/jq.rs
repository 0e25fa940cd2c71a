//! Expressions for `--jq`, which are only compiled: a program may run for ever.
#![no_main]

libfuzzer_sys::fuzz_target!(|expression: &str| c66::testing::fuzz_jq(expression));
