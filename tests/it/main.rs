//! Everything that is tested from outside: one binary, a module per subject.
#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]
#![expect(unreachable_pub, reason = "a test binary has no outside")]

mod dependencies;
#[cfg(unix)]
mod readme;
mod sandbox;
mod seeds;
mod stacks;
mod world;
