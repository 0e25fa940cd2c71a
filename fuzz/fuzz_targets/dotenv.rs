//! Files of variables: what is read is written and read again as the same.
#![no_main]

use c66::dotenv;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(variables) = dotenv::read(text) else { return };
    let written: String = variables.iter().map(|(key, value)| dotenv::line(key, value)).collect();
    assert_eq!(dotenv::read(&written).as_ref(), Ok(&variables));
    for (key, value) in &variables {
        assert!(dotenv::is_key(key));
        let _ = dotenv::shell_line(key, value);
    }
});
