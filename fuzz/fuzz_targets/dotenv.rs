//! Files of variables: what is read is written and read again as the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| c66::testing::fuzz_dotenv(text));
