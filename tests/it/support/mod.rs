//! What the tests share: a home of its own for each test, programs that cannot run for ever, and servers.

pub mod command_lines;
pub mod process;
pub mod proxy;
#[cfg(unix)]
pub mod pty;
pub mod replies;
pub mod sandbox;
pub mod scripted_server;
pub mod served_sandbox;
pub mod test_env;
pub mod tls;
