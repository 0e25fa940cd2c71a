//! What the tests share: a fresh home per test, programs with a time limit, and servers.

pub mod command_lines;
pub mod process;
pub mod proxy;
#[cfg(unix)]
pub mod pty;
pub mod replies;
pub mod sandbox;
pub mod scripted_server;
pub mod served_sandbox;
#[cfg(unix)]
pub mod sshd;
pub mod test_env;
pub mod tls;
