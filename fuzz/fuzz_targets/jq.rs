//! Expressions for `--jq`, which are only read: a program may run for ever.
#![no_main]

use c66::output::jq::Program;

libfuzzer_sys::fuzz_target!(|expression: &str| {
    let _ = Program::compile(expression);
});
