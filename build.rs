//! Leaves the unwind tables out of a release on Linux, a tenth of the file.
//!
//! Nothing reads them: the hook in `run.rs` prints the place of a panic and ends the program, so nothing unwinds, and a
//! backtrace would need the symbols, which are stripped. The compiler's own flag for it (`force-unwind-tables=no`) changes
//! nothing where the program is optimized as one with a standard library that was built with them.
#![expect(clippy::expect_used, reason = "a build script has nobody else to tell")]

use std::env;
use std::fs;
use std::path::Path;

/// Added to the linker's own script, which goes on to place everything else.
const SCRIPT: &str =
    "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame_hdr) *(.gcc_except_table*) } } INSERT AFTER .text;\n";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let release = is("PROFILE", "release") && is("DEBUG", "false");
    let linux = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if release && linux && !chosen_linker() {
        let script = Path::new(&env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join("without-unwind-tables.ld");
        fs::write(&script, SCRIPT).expect("OUT_DIR can be written");
        println!("cargo::rustc-link-arg-bins=-T{}", script.display());
    }
}

/// Whether the builder has chosen a linker. GNU's and LLVM's, one of which is used otherwise, know such scripts; others
/// do not.
fn chosen_linker() -> bool {
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    env::var_os("RUSTC_LINKER").is_some()
        || ["linker", "fuse-ld", "link-self-contained"].iter().any(|word| flags.contains(word))
}
