//! A sandbox served by the program: `c66 sandbox serve`.

use std::process::Command;

use crate::support::process::Running;
use crate::support::test_env::TestEnv;

/// A running `c66 sandbox serve`; it ends when this value is dropped.
pub struct ServedSandbox {
    /// Ends when this value is dropped.
    _running: Running,
    /// Host and port.
    pub address: String,
    pub token: String,
    /// The address of its `CloudMC`, and the key for it.
    pub cloudmc: (String, String),
}

impl ServedSandbox {
    /// Starts one in memory, with these flags.
    pub fn start(test_env: &TestEnv, more: &[&str]) -> Self {
        Self::start_on(&["--ephemeral"], test_env, more)
    }

    /// Starts one whose state is in that file.
    pub fn start_on_file(file: &str, test_env: &TestEnv, more: &[&str]) -> Self {
        Self::start_on(&["--state", file], test_env, more)
    }

    fn start_on(place: &[&str], test_env: &TestEnv, more: &[&str]) -> Self {
        let mut command = test_env.command();
        let mut running = Running::start(command.args(["sandbox", "serve"]).args(place).args(more));
        let mut lines = running.first_lines(4).into_iter();
        let mut after = |word: &str| {
            let line = lines.next().expect("a line");
            line.strip_prefix(word).unwrap_or_else(|| panic!("`{line}` does not begin with `{word}`")).to_owned()
        };
        let (address, token) = (after("http://"), after("token "));
        let cloudmc = (after("cloudmc "), after("cloudmc-key "));
        Self { _running: running, address, token, cloudmc }
    }

    /// The program pointed at it.
    pub fn command(&self, test_env: &TestEnv, arguments: &[&str]) -> Command {
        let mut command = test_env.command();
        command.env("C66_API_URL", format!("http://{}", self.address)).env("C66_TOKEN", &self.token).args(arguments);
        command
    }
}
