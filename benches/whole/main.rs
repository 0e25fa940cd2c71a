//! What whole commands cost, as ratios to a peer measured in the same run: `cargo bench --bench whole [-- [--program FILE] WORD…]`.
//!
//! Each row alternates the program and its peer, so that a busy machine disturbs both alike; what counts is the ratio.
//! Words choose rows by a part of their name. A peer that is not on this machine is left out, aloud. With
//! `--program` another build is measured than that of the bench.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints its rows and ends where it cannot go on")]
#![expect(unreachable_pub, clippy::cast_precision_loss, reason = "a program of its own, of rough figures")]

mod floor;
mod measure;
mod rows;
mod servers;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|word| word == "--floor") {
        floor::run(&arguments[at + 1]);
        return;
    }
    // `cargo bench` adds this one.
    arguments.retain(|word| word != "--bench");
    let program = match arguments.iter().position(|word| word == "--program") {
        Some(at) => arguments.drain(at..=at + 1).next_back(),
        None => None,
    };
    rows::run(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_c66").to_owned()), &arguments);
}
