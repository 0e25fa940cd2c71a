//! The configuration, the project file, and the token files of CX.
#![no_main]

use std::path::Path;

use c66::config::file::ConfigFile;
use c66::config::project::Project;
use c66::config::token::from_cx;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let path = Path::new("config.toml");
    if let Ok(file) = ConfigFile::parse(path, text) {
        let _ = file.values();
    }
    let _ = Project::of_text(path, text);
    if let Ok(secret) = from_cx(text, &"of a fuzzer") {
        assert!(secret.expose().bytes().all(|byte| byte.is_ascii_graphic()));
    }
});
